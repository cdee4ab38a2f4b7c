"""Check units: the list of one level with people, area, fitness and reason, and what can be done with those chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QItemSelectionModel, QRect, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QToolButton,
    QWidget,
)

from models.project.selection import ObjectKey
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, button, column, label, line, row, tool
from viewers.widgets.common.menus import Entry, menu_of
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.rows import DETAIL, Index, RowDelegate, RowPainter

LEVELS = ("community", "block", "estate")
#: Tint of a unit by its size.
TINTS = {"yes": "good", "no": "warn", "unknown": "none"}
_CODE, _FIGURES, _FITS, _WHY = (Qt.ItemDataRole.UserRole + at for at in range(20, 24))


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit as shown.

    Parameters
    ----------
    code, title : str
    people, area : str
    fits : str
        ``"yes"``, ``"no"`` or ``"unknown"``.
    reason, why : str
        How it was made; what is wrong with it, empty where nothing is.
    tip : str
        Members, and how its people are known.
    key : ObjectKey or None
        Of what is seen of it on the map.
    """

    code: str
    title: str
    people: str
    area: str
    fits: str
    reason: str
    why: str
    tip: str
    key: ObjectKey | None


@dataclass(frozen=True, slots=True)
class UnitsView:
    """All that the panel shows.

    Parameters
    ----------
    level : str
    status : str
        Whose units these are: administrative, a proposal, a version.
    total : str
    rows : tuple of UnitRow
    is_draft : bool
        Whether they can be edited and accepted.
    next_version : int
    has_versions, is_replaced : bool
        Whether there are versions; whether check units stand in the place of administrative ones.
    may_cross : bool
        Whether communities of two sub-districts may be joined.
    """

    level: str
    status: str
    total: str
    rows: tuple[UnitRow, ...]
    is_draft: bool = False
    next_version: int = 1
    has_versions: bool = False
    is_replaced: bool = False
    may_cross: bool = False


class UnitDelegate(RowDelegate):
    """Draws a unit: a dot by its size, name, people and area, how it was made, and what is wrong with it."""

    def height_of(self, index: Index) -> int:
        """Return how high a row is, pixels."""
        return 64 if index.data(_WHY) else 46

    def draw(self, row: RowPainter, index: Index) -> None:
        """Draw what a row holds."""
        people, area = index.data(_FIGURES)
        box = row.box
        row.dot(TINTS[index.data(_FITS)], box.left() + 14, box.top() + 11, 8)
        figures = max(row.width_of(people, "body", bold=True), row.width_of(area, "small"))
        top = QRect(box.left() + 32, box.top() + 5, box.width() - 32 - figures - 26, 20)
        right = QRect(box.right() - figures - 12, top.top(), figures, 20)
        row.text(top, str(index.data()), bold=True)
        row.text(right, people, align=Qt.AlignmentFlag.AlignRight)
        row.text(top.translated(0, 19), str(index.data(DETAIL)), "small", "text_soft")
        row.text(right.translated(0, 19), area, "small", "text_faint", align=Qt.AlignmentFlag.AlignRight)
        if why := index.data(_WHY):
            below = QRect(top.left(), top.top() + 37, box.width() - 44, 18)
            row.text(below, str(why), "small", "warn" if index.data(_FITS) == "no" else "text_faint")


class UnitsPanel(QWidget):
    """Units of one level.

    Signals
    -------
    level_chosen : (level)
    propose_requested : (level, whether sub-districts may be crossed)
    accept_requested, drop_requested, versions_requested, back_requested, export_requested : ()
    merge_requested : (codes)
    split_requested : (code, ranks of roads; 0: along what is selected)
    rename_requested : (code)
    area_requested : ()
    units_chosen : (keys)
    go_requested : (ObjectKey)
    """

    level_chosen = Signal(str)
    propose_requested = Signal(str, bool)
    accept_requested = Signal()
    drop_requested = Signal()
    versions_requested = Signal()
    back_requested = Signal()
    export_requested = Signal()
    merge_requested = Signal(object)
    split_requested = Signal(str, int)
    rename_requested = Signal(str)
    area_requested = Signal()
    units_chosen = Signal(object)
    go_requested = Signal(object)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._view = UnitsView("community", "", "", ())
        self._rows: dict[str, UnitRow] = {}
        self._cross = False
        self.tabs = QButtonGroup(self)
        self.tabs.setExclusive(True)
        presses: list[QPushButton] = []
        for at, level in enumerate(LEVELS):
            press = button(appearance, f"units.level.{level}", "tab")
            press.setCheckable(True)
            self.tabs.addButton(press, at)
            presses.append(press)
        self.tabs.idClicked.connect(lambda at: self.level_chosen.emit(LEVELS[at]))
        self.status, self.total = label("strong", wrap=True), label("small", wrap=True)
        self.merge = self._tool("git-merge", "units.merge", self._merge)
        self.split = self._tool("scissors", "units.split", self._show_split)
        self.rename = self._tool("pencil-simple", "units.rename", self._rename)
        self.area = self._tool("selection-plus", "units.area", self.area_requested.emit)
        self.drop = self._tool("trash", "units.drop", self.drop_requested.emit)
        self.versions = self._tool("clock-counter-clockwise", "units.versions", self.versions_requested.emit)
        self.more = self._tool("dots-three", "units.more", self._show_more)
        self.list = QListWidget()
        self.list.setItemDelegate(UnitDelegate(appearance, self.list))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemSelectionChanged.connect(self._on_selected)
        self.list.itemDoubleClicked.connect(self._on_double_clicked)
        self.hint = EmptyHint(appearance, "polygon", "units.empty")
        self.propose = button(appearance, "units.propose", "", "magic-wand")
        self.propose.clicked.connect(lambda: self.propose_requested.emit(self._view.level, self._cross))
        self.accept = button(appearance, "units.accept", "primary", "check", version=1)
        self.accept.clicked.connect(self.accept_requested)
        appearance.look_changed.connect(self.list.viewport().update)
        appearance.lang_changed.connect(self._say)
        head = column(self.status, self.total, margins=(14, 8, 12, 6), gap=2)
        tools = row(self.merge, self.split, self.rename, self.area, self.drop, 1, self.versions, self.more,
                    margins=(10, 0, 8, 4), gap=2)  # fmt: skip
        foot = row(self.propose, self.accept, margins=(12, 8, 12, 10), gap=8)
        foot.setStretch(0, 1)
        foot.setStretch(1, 1)
        segments = row(*presses, 1, margins=(10, 6, 10, 0), gap=2)
        self.setLayout(column(segments, line(), head, tools, line(), self.hint, self.list, line(), foot, gap=0))
        self.show_units(self._view)

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the codes of the units that are chosen, in the order of the list."""
        return tuple(item.data(_CODE) for item in sorted(self.list.selectedItems(), key=self.list.row))

    def show_units(self, view: UnitsView) -> None:
        """Show the units of a level; those that were chosen and are still there stay chosen."""
        chosen = set(self.chosen)
        self._view, self._rows = view, {one.code: one for one in view.rows}
        self.tabs.button(LEVELS.index(view.level)).setChecked(True)
        scroll = self.list.verticalScrollBar().value()
        self.list.blockSignals(True)
        self.list.clear()
        for one in view.rows:
            item = QListWidgetItem(one.title)
            for role, value in ((DETAIL, one.reason), (_CODE, one.code), (_FIGURES, (one.people, one.area)),
                                (_FITS, one.fits), (_WHY, one.why)):  # fmt: skip
                item.setData(role, value)
            item.setToolTip(plain_tip(one.tip))
            self.list.addItem(item)
            item.setSelected(one.code in chosen)
        self.list.blockSignals(False)
        self.list.verticalScrollBar().setValue(scroll)
        self.hint.setVisible(not view.rows)
        self.list.setVisible(bool(view.rows))
        self._say()
        self._enable()

    def choose(self, keys: Sequence[ObjectKey]) -> None:
        """Choose the units that are selected on the map."""
        wanted = {one.code for one in self._rows.values() if one.key in set(keys)}
        if wanted == set(self.chosen):
            return
        self.list.blockSignals(True)
        self.list.clearSelection()
        for at in range(self.list.count()):
            item = self.list.item(at)
            if item.data(_CODE) in wanted:
                item.setSelected(True)
                self.list.setCurrentItem(item, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.list.blockSignals(False)
        self._enable()

    def _say(self) -> None:
        word, view = self._appearance.word, self._view
        self.status.setText(view.status)
        self.total.setText(view.total)
        self.total.setVisible(bool(view.total))
        self.accept.setText(word("units.accept", version=view.next_version))
        self.propose.setText(word("units.propose_again" if view.is_draft else "units.propose"))

    def _enable(self) -> None:
        count, view = len(self.chosen), self._view
        self.merge.setEnabled(view.is_draft and count > 1)
        for one in (self.split, self.rename):
            one.setEnabled(view.is_draft and count == 1)
        self.area.setEnabled(view.is_draft)
        self.drop.setEnabled(view.is_draft)
        self.accept.setVisible(view.is_draft)
        self.versions.setEnabled(view.has_versions)

    def _tool(self, icon: str, key: str, act: Callable[[], object]) -> QToolButton:
        made = tool(self._appearance, icon, key, size=17)
        made.clicked.connect(lambda _checked: act())
        return made

    def _on_selected(self) -> None:
        self._enable()
        self.units_chosen.emit([self._rows[code].key for code in self.chosen if self._rows[code].key is not None])

    def _on_double_clicked(self, item: QListWidgetItem) -> None:
        key = self._rows[item.data(_CODE)].key
        if key is not None:
            self.go_requested.emit(key)

    def _merge(self) -> None:
        self.merge_requested.emit(self.chosen)

    def _rename(self) -> None:
        self.rename_requested.emit(self.chosen[0])

    def _show_split(self) -> None:
        def entry(key: str, ranks: int) -> Entry:
            return Entry(key, lambda: self.split_requested.emit(self.chosen[0], ranks))

        entries = [entry("units.split.main", 1), entry("units.split.secondary", 2), entry("units.split.branch", 3),
                   None, entry("units.split.selected", 0)]  # fmt: skip
        self._pop(self.split, entries)

    def _show_more(self) -> None:
        view = self._view

        def toggle() -> None:
            self._cross = not self._cross

        self._pop(self.more, [
            Entry("units.cross", toggle, on=view.level == "community", checked=self._cross),
            None,
            Entry("units.export", self.export_requested.emit, "download-simple", view.is_draft or view.has_versions),
            Entry("units.back", self.back_requested.emit, "arrow-counter-clockwise", view.is_replaced),
        ])  # fmt: skip

    def _pop(self, below: QToolButton, entries: Sequence[Entry | None]) -> None:
        menu = menu_of(self._appearance, self, entries)
        menu.popup(below.mapToGlobal(below.rect().bottomLeft()))
