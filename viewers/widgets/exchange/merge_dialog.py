"""The dialog of a merge: where from, what would change, and the conflicts, which a person decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QLineEdit, QMenu, QTableWidget, QTableWidgetItem, QWidget

from models.exchange.deciding import WAYS
from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, label, row, tool
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.grids import dress_grid
from viewers.widgets.common.plain import PlainCombo, plain_entry
from viewers.widgets.exchange.conflict_table import conflict_table
from viewers.widgets.exchange.party_row import PartyRow

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent

#: Which conflicts a decision is about.
CHOSEN, KIND, ALL = SCOPES = ("chosen", "kind", "all")
COUNTS = ("class", "new", "changed", "deleted", "same", "conflicting")
_ROW_PX = 26
#: Of the dialog; so high it becomes where there are conflicts.
_WIDTH_PX, _HEIGHT_PX = 1010, 600


class MergeDialog(Ask):
    """Reads, compares and merges what other levels handed out; stays open beside the city.

    Signals
    -------
    files_requested, folder_requested : ()
    read_requested : ()
    decide_requested : (str way, str scope)
    side_requested : (int row, str version)
    row_chosen : (int row)
    report_requested, merge_requested : ()

    Parameters
    ----------
    appearance : Appearance
    sides_of : callable
        Row of a conflict → (version, text) of each side that can be taken.
    parent : QWidget, optional
    """

    files_requested = Signal()
    folder_requested = Signal()
    read_requested = Signal()
    decide_requested = Signal(str, str)
    side_requested = Signal(int, str)
    row_chosen = Signal(int)
    report_requested = Signal()
    merge_requested = Signal()

    def __init__(
        self, appearance: Appearance, sides_of: Callable[[int], Sequence[tuple[str, str]]],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "exchange.merge.title", parent)
        self.setModal(False)
        self._sides_of = sides_of
        self.party = PartyRow(appearance)
        self.place = QLineEdit()
        self.place.setClearButtonEnabled(True)
        appearance.say(self.place.setPlaceholderText, "exchange.merge.place.hint")
        appearance.say(self.place.setAccessibleName, "exchange.merge.place")
        self.read = button(appearance, "exchange.merge.read", "primary")
        self._add_source()
        self.told = label("strong", wrap=True)
        self.warned = label("small", wrap=True)
        self.counts = QTableWidget(0, len(COUNTS))
        dress_grid(self.counts, _ROW_PX)
        self.counts.verticalHeader().hide()
        self.counts.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.counts.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.counts.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table, self.model = conflict_table(appearance, self)
        self.table.setMinimumHeight(150)
        self.detail = label("small", wrap=True, select=True)
        self.detail.setMinimumHeight(34)
        self.detail.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.conflicts_told = label("strong")
        for part in (self.told, self.warned, self.counts, self.conflicts_told, self.table):
            self.body.addWidget(part)
        self.body.setStretchFactor(self.table, 1)
        self._decide_row = self._decisions()
        self.body.addWidget(self.detail)
        self.body.addWidget(self._decide_row)
        self.body.addStretch(0)
        self.table.selectionModel().currentRowChanged.connect(lambda now, _: self._on_row(now.row()))
        self.table.clicked.connect(lambda index: self._on_row(index.row()))
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._offer_sides)
        self.report = self.add_button("exchange.merge.report", "")
        self.cancel = self.add_button("window.close", "")
        self.merge = self.add_button("exchange.merge.apply", "", "primary")
        for press, signal in ((self.report, self.report_requested), (self.merge, self.merge_requested)):
            press.clicked.disconnect()
            press.clicked.connect(signal)
        self.show_nothing()
        self.resize(_WIDTH_PX, self.sizeHint().height())

    def _add_source(self) -> None:
        appearance = self.appearance
        self.files = tool(appearance, "file", "exchange.merge.files")
        self.folder = tool(appearance, "folder-open", "exchange.merge.folder")
        self.files.clicked.connect(self.files_requested)
        self.folder.clicked.connect(self.folder_requested)
        self.read.clicked.connect(self.read_requested)
        self.place.returnPressed.connect(self.read.click)
        for field in (self.place, self.party.code):
            field.textChanged.connect(lambda *_: self._on_source())
        who, where = caption(appearance, "exchange.party"), caption(appearance, "exchange.merge.place")
        for head in (who, where):
            head.setMinimumWidth(96)
        source = row(where, self.place, self.files, self.folder, self.read, gap=8)
        source.setStretch(1, 1)
        mine = row(who, self.party.layout, gap=8)
        self.body.addLayout(mine)
        self.body.addLayout(source)
        self._on_source()

    def _decisions(self) -> QWidget:
        bar = QWidget()
        self.scope = PlainCombo()
        self.appearance.say(self.scope.setAccessibleName, "exchange.decide.scope")
        for name in SCOPES:
            self.scope.addItem(name, name)
        self.ways = {way: button(self.appearance, f"exchange.decide.{way}") for way in WAYS}
        for way, press in self.ways.items():
            press.setAutoDefault(False)
            self.appearance.say(press.setToolTip, f"exchange.decide.{way}.tip")
            press.clicked.connect(
                lambda _=False, way=way: self.decide_requested.emit(way, str(self.scope.currentData()))
            )
        said = caption(self.appearance, "exchange.decide", "soft")
        bar.setLayout(row(said, self.scope, *self.ways.values(), 1, gap=8))
        self.appearance.lang_changed.connect(self._say_scopes)
        self._say_scopes()
        return bar

    def _say_scopes(self) -> None:
        for at, name in enumerate(SCOPES):
            self.scope.setItemText(at, self.appearance.word(f"exchange.decide.{name}"))

    # --- what it shows ------------------------------------------------------------------------------------------------
    @property
    def places(self) -> list[str]:
        """Return the files, folders or addresses that are written in the field."""
        return [one for one in (part.strip() for part in self.place.text().split(";")) if one]

    @property
    def chosen_rows(self) -> list[int]:
        """Return the conflicts that are chosen."""
        return sorted(index.row() for index in self.table.selectionModel().selectedRows())

    def show_nothing(self) -> None:
        """Show that nothing was read yet."""
        for part in (self.told, self.warned, self.counts, self.conflicts_told, self.table, self.detail,
                     self._decide_row):  # fmt: skip
            part.hide()
        self.merge.setEnabled(False)
        self.report.setEnabled(False)

    def show_meeting(
        self, told: str, warned: str, counts: Sequence[tuple[str, Sequence[int]]], conflicts: int,
        cells_of: Callable[[int], Sequence[str]], is_decided: Callable[[int], bool],
    ) -> None:  # fmt: skip
        """Show what a merge would change.

        Parameters
        ----------
        told, warned : str
            What was read; what could not be, and what else is to be known.
        counts : sequence of (str, sequence of int)
            By class, in the order of :data:`COUNTS`.
        conflicts : int
        cells_of : callable
            Row → its cells.
        is_decided : callable
        """
        self.told.setText(told)
        self.told.show()
        self.warned.setText(warned)
        self.warned.setVisible(bool(warned))
        for place, name in enumerate(COUNTS):
            head = QTableWidgetItem(self.appearance.word(f"exchange.count.{name}"))
            side = Qt.AlignmentFlag.AlignRight if place else Qt.AlignmentFlag.AlignLeft
            head.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self.counts.setHorizontalHeaderItem(place, head)
        self.counts.setRowCount(len(counts))
        for at, (title, numbers) in enumerate(counts):
            for place, text in enumerate([title, *(f"{number:,}" for number in numbers)]):
                item = QTableWidgetItem(visible_text(text))
                if place:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.counts.setItem(at, place, item)
        self.counts.setFixedHeight(len(counts) * _ROW_PX + self.counts.horizontalHeader().sizeHint().height() + 4)
        self.counts.setVisible(bool(counts))
        self.model.show_rows(conflicts, cells_of, is_decided)
        for part in (self.conflicts_told, self.table, self.detail, self._decide_row):
            part.setVisible(conflicts > 0)
        self.detail.setText("")
        self.report.setEnabled(conflicts > 0)
        self.merge.setEnabled(bool(counts))
        if conflicts:
            self._grow()

    def show_decided(self, told: str) -> None:
        """Show anew what counts; ``told`` says how many conflicts are decided."""
        self.conflicts_told.setText(told)
        self.model.follow()

    def set_stale(self, told: str) -> None:
        """Say that what is shown no longer holds, so that nothing can be merged before it is read again."""
        self.warned.setText(told)
        self.warned.show()
        self.merge.setEnabled(False)

    # --- what is done -------------------------------------------------------------------------------------------------
    def _on_source(self) -> None:
        self.read.setEnabled(bool(self.places) and self.party.is_complete)

    def _on_row(self, at: int) -> None:
        if at >= 0:
            self.detail.setText("\n".join(text for _, text in self._sides_of(at)))
            self.row_chosen.emit(at)

    def _offer_sides(self, place: QPoint) -> None:
        """Offer each side of a conflict, for there may be more than two."""
        at = self.table.rowAt(place.y())
        if at < 0:
            return
        menu = QMenu(self)
        for version, text in self._sides_of(at):
            act = menu.addAction(plain_entry(text))
            act.triggered.connect(lambda _=False, version=version: self.side_requested.emit(at, version))
        menu.popup(self.table.viewport().mapToGlobal(place))

    def _grow(self) -> None:
        """Make room for the conflicts without leaving the screen."""
        room = self.screen().availableGeometry()
        self.resize(max(self.width(), _WIDTH_PX), min(max(self.height(), _HEIGHT_PX), room.height() - 40))
        frame = self.frameGeometry()
        top = max(min(frame.top(), room.bottom() - frame.height()), room.top())
        self.move(frame.left(), top)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Close, as by its button."""
        self.rejected.emit()
        super().closeEvent(event)
