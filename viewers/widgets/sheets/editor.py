"""The editor of one sheet: the page between rulers, tools above it, what is chosen at its side. It changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QCloseEvent, QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QGridLayout, QStackedLayout, QToolButton, QWidget

from models.sheets import editing, layout
from models.sheets.editing import Rank
from models.sheets.layout import Alignment, Axis, Box
from models.sheets.spec import Item, ItemKind, SheetSpec
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import Page, button, column, label, line, row, tool
from viewers.widgets.common.menus import Entry, menu_of
from viewers.widgets.sheets.item_form import ItemForm, PageForm, Sources
from viewers.widgets.sheets.page_view import ICONS, PageView
from viewers.widgets.sheets.rulers import THICK_PX, Ruler

WIDE_PX, HIGH_PX, SIDE_PX = 1240, 760, 292
#: What can be put on a page, in this order; a line before what is None.
KINDS: tuple[ItemKind | None, ...] = (
    "view", "keymap", None, "legend", "values", "chart", "table", None, "title", "text", "photo", None,
    "north", "scale", "block", "logo",
)  # fmt: skip
ALIGNMENTS: tuple[tuple[Alignment, str], ...] = (
    ("left", "align-left"), ("centre", "align-center-horizontal"), ("right", "align-right"),
    ("top", "align-top"), ("middle", "align-center-vertical"), ("bottom", "align-bottom"),
)  # fmt: skip
SPREADS: tuple[tuple[Axis, str], ...] = (("across", "columns"), ("down", "rows"))
RANKS: tuple[tuple[Rank, str, str], ...] = (
    ("front", "arrow-line-up", "Ctrl+Shift+]"), ("forward", "arrow-up", "Ctrl+]"),
    ("backward", "arrow-down", "Ctrl+["), ("back", "arrow-line-down", "Ctrl+Shift+["),
)  # fmt: skip


class SheetEditor(QWidget):
    """A window of its own in which a sheet is laid out.

    Signals
    -------
    sheet_wanted : (SheetSpec, str, str) the sheet as it is to be; word key of the step; equal words are one step
    view_wanted : (item id) its picture is to be the present view of the city
    file_wanted : (item id) a photo is to be chosen
    undo_wanted, redo_wanted, export_wanted, print_wanted, title_block_wanted : ()
    closed : ()

    Parameters
    ----------
    appearance : Appearance
    """

    sheet_wanted = Signal(object, str, str)
    view_wanted = Signal(str)
    file_wanted = Signal(str)
    undo_wanted = Signal()
    redo_wanted = Signal()
    export_wanted = Signal()
    print_wanted = Signal()
    title_block_wanted = Signal()
    closed = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.appearance = appearance
        self._sources = Sources({})
        self._misfits: dict[str, str] = {}
        self._waits = ""
        self._spec = SheetSpec("")
        self.page = PageView(appearance)
        self.item_form, self.page_form = ItemForm(appearance), PageForm(appearance)
        self.setLayout(column(self._head(), line(), self._middle(), line(), self._foot(), gap=0))
        self._connect()
        self.resize(WIDE_PX, HIGH_PX)
        appearance.lang_changed.connect(self._show_side)
        appearance.look_changed.connect(self.update)

    # --- parts ------------------------------------------------------------------------------------------------------

    def _head(self) -> QWidget:
        appearance = self.appearance
        self.add = button(appearance, "sheets.add", "", "plus")
        self.add.clicked.connect(self._ask_kind)
        self.undo = self._tool("arrow-counter-clockwise", "sheets.undo", self.undo_wanted.emit)
        self.redo = self._tool("arrow-clockwise", "sheets.redo", self.redo_wanted.emit)
        self.aligns = {
            how: self._tool(icon, f"sheets.align.{how}", partial(self._align, how)) for how, icon in ALIGNMENTS
        }
        self.spreads = {
            axis: self._tool(icon, f"sheets.distribute.{axis}", partial(self._distribute, axis))
            for axis, icon in SPREADS
        }
        self.ranks = {
            how: self._tool(icon, f"sheets.rank.{how}", partial(self._rank, how))
            for how, icon, _ in (RANKS[0], RANKS[3])
        }
        self.copy = self._tool("copy", "sheets.copy", self._copy)
        self.remove = self._tool("trash", "sheets.remove_items", self._remove)
        self.snap = self._tool("magnet", "sheets.snap", self._switch_snap)
        self.grid = self._tool("grid-four", "sheets.grid", self._switch_grid)
        for switch, on in ((self.snap, True), (self.grid, False)):
            switch.setCheckable(True)
            switch.setChecked(on)
        self.print_ = button(appearance, "sheets.print", icon="printer")
        self.print_.clicked.connect(self.print_wanted)
        self.export = button(appearance, "sheets.export", "primary", "export")
        self.export.clicked.connect(self.export_wanted)
        head = QWidget()
        head.setObjectName("panel")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        groups: list[QWidget | int] = [self.add, _gap(), self.undo, self.redo, _gap()]
        groups += [*self.aligns.values(), *self.spreads.values(), _gap(), *self.ranks.values(), _gap()]
        groups += [self.copy, self.remove, _gap(), self.snap, self.grid, 1, self.print_, self.export]
        head.setLayout(row(*groups, margins=(12, 7, 12, 7), gap=2))
        inner = head.layout()
        if inner is not None:
            inner.setSpacing(3)
        return head

    def _middle(self) -> QWidget:
        corner = QFrame()
        corner.setFixedSize(THICK_PX, THICK_PX)
        corner.setObjectName("panel")
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(corner, 0, 0)
        grid.addWidget(Ruler(self.appearance, self.page, level=True), 0, 1)
        grid.addWidget(Ruler(self.appearance, self.page, level=False), 1, 0)
        grid.addWidget(self.page, 1, 1)
        desk = QWidget()
        desk.setLayout(grid)
        self.many = label("soft", wrap=True)
        several = QWidget()
        several.setLayout(column(self.many, 1, gap=8))
        held = QWidget()
        self._side = QStackedLayout(held)
        self._side.setContentsMargins(0, 0, 0, 0)
        for part in (self.page_form, self.item_form, several):
            page = QWidget()
            page.setLayout(column(part, 1))
            self._side.addWidget(page)
        side = Page(margins=(14, 14, 14, 16))
        side.column.addWidget(held)
        held.setFixedWidth(SIDE_PX - 30)
        side.setFixedWidth(SIDE_PX)
        side.setObjectName("panel")
        upright = QFrame()
        upright.setProperty("role", "line")
        upright.setFixedWidth(1)
        middle = QWidget()
        inner = row(desk, upright, side, gap=0)
        inner.setStretch(0, 1)
        middle.setLayout(inner)
        return middle

    def _foot(self) -> QWidget:
        appearance = self.appearance
        self.says = label("small", wrap=True)
        self.warns = label("warn", wrap=True)
        self.zoom_out = self._tool("minus", "sheets.zoom.out", lambda: self.page.zoom_by(1 / 1.25))
        self.zoom_in = self._tool("plus", "sheets.zoom.in", lambda: self.page.zoom_by(1.25))
        self.zoom_says = label("small")
        self.zoom_says.setFixedWidth(44)
        self.zoom_says.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.whole = button(appearance, "sheets.zoom.page", "link")
        self.whole.clicked.connect(lambda: self.page.fit("page"))
        self.width_ = button(appearance, "sheets.zoom.width", "link")
        self.width_.clicked.connect(lambda: self.page.fit("width"))
        foot = QWidget()
        foot.setObjectName("panel")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        parts = (self.warns, self.says, self.whole, self.width_, self.zoom_out, self.zoom_says, self.zoom_in)
        inner = row(*parts, margins=(14, 3, 10, 3), gap=4)
        inner.setStretch(0, 1)
        foot.setLayout(inner)
        return foot

    def _tool(self, icon: str, key: str, act: Callable[[], object]) -> QToolButton:
        result = tool(self.appearance, icon, key, size=17)
        result.clicked.connect(lambda _=False: act())
        result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return result

    def _connect(self) -> None:
        page = self.page
        page.chosen_changed.connect(self._show_side)
        page.boxes_wanted.connect(lambda boxes, burst: self._want(editing.with_boxes(self._spec, boxes), "move", burst))
        page.remove_wanted.connect(self._remove)
        page.copy_wanted.connect(self._copy)
        page.menu_wanted.connect(self._menu)
        page.opened.connect(self._open)
        page.view_changed.connect(self._show_zoom)
        page.pointed.connect(self._show_place)
        form = self.item_form
        form.item_wanted.connect(
            lambda item, burst: self._want(editing.with_item(self._spec, item), "change_item", burst)
        )
        form.view_wanted.connect(lambda: self.view_wanted.emit(page.chosen[0]))
        form.subject_wanted.connect(self._frame_subject)
        form.file_wanted.connect(lambda: self.file_wanted.emit(page.chosen[0]))
        self.page_form.page_wanted.connect(lambda spec, burst: self._want(spec, "page", burst))
        self.page_form.paper_wanted.connect(
            lambda paper, lies: self._want(editing.on_paper(self._spec, paper, lies), "paper")
        )
        self.page_form.title_block_wanted.connect(self.title_block_wanted)
        keys: list[tuple[str, Callable[[], object]]] = [
            ("Ctrl+Z", self.undo_wanted.emit), ("Ctrl+Y", self.redo_wanted.emit), ("Ctrl+P", self.print_wanted.emit),
            ("Ctrl+Shift+Z", self.redo_wanted.emit), ("Ctrl+E", self.export_wanted.emit),
            ("Ctrl+0", lambda: page.fit("page")), ("Ctrl+1", lambda: page.fit("width")),
            ("Ctrl++", lambda: page.zoom_by(1.25)), ("Ctrl+=", lambda: page.zoom_by(1.25)),
            ("Ctrl+-", lambda: page.zoom_by(1 / 1.25)),
            *((sequence, partial(self._rank, how)) for how, _, sequence in RANKS),
        ]  # fmt: skip
        for sequence, act in keys:
            QShortcut(QKeySequence(sequence), self, act)

    # --- what is shown ----------------------------------------------------------------------------------------------

    @property
    def sheet_id(self) -> str:
        """Return the id of the sheet that is shown."""
        return self._spec.id

    def show_sheet(self, spec: SheetSpec, *, can_undo: bool, can_redo: bool) -> None:
        """Show a sheet."""
        self._spec = spec
        self.appearance.say(self.setWindowTitle, "sheets.editor.title", name=spec.name)
        self.undo.setEnabled(can_undo)
        self.redo.setEnabled(can_redo)
        self.page.show_page(spec)
        self._show_side()

    def show_pictures(self, pictures: Mapping[str, QImage], misfits: Mapping[str, str]) -> None:
        """Show what the items look like, and word keys of what is wrong with some."""
        self._misfits = dict(misfits)
        self.page.show_pictures(pictures)
        self._show_side()

    def set_sources(self, sources: Sources) -> None:
        """Offer what charts and tables can show."""
        self._sources = sources
        self._show_side()

    def say(self, key: str) -> None:
        """Say what the page waits for; empty for nothing."""
        self._waits = key
        self._show_place(None)

    def _show_side(self) -> None:
        spec, chosen = self._spec, self.page.chosen
        if len(chosen) == 1:
            item = next(one for one in spec.items if one.id == chosen[0])
            self.item_form.show_item(item, spec, self._sources, self._wrong_with(item))
            self._side.setCurrentIndex(1)
        elif chosen:
            self.appearance.say(self.many.setText, "sheets.many", count=len(chosen))
            self._side.setCurrentIndex(2)
        else:
            self.page_form.show_page(spec)
            self._side.setCurrentIndex(0)
        for press in (*self.aligns.values(), *self.ranks.values(), self.copy, self.remove):
            press.setEnabled(bool(chosen))
        for press in self.spreads.values():
            press.setEnabled(len(chosen) > 2)
        self._show_warnings()

    def _wrong_with(self, item: Item) -> str:
        if item.hidden:
            return ""
        if layout.is_outside(item.box, self._spec.size_mm):
            return self.appearance.word("sheets.warn.outside")
        key = self._misfits.get(item.id, "")
        return self.appearance.word(key) if key else ""

    def _show_warnings(self) -> None:
        word = self.appearance.word
        wrong = [(item, said) for item in self._spec.items if (said := self._wrong_with(item))]
        text = ""
        if len(wrong) == 1:
            text = word("sheets.warn.one", item=word(f"sheets.kind.{wrong[0][0].kind}"), what=wrong[0][1])
        elif wrong:
            comma = word("sheet.comma")
            names = comma.join(dict.fromkeys(word(f"sheets.kind.{item.kind}") for item, _ in wrong))
            text = word("sheets.warn.many", count=len(wrong), items=names)
        self.warns.setText(text)

    def _show_place(self, place: object) -> None:
        if isinstance(place, QPointF):
            self.appearance.say(self.says.setText, "sheets.at", x=f"{place.x():.1f}", y=f"{place.y():.1f}")
        elif self._waits:
            self.appearance.say(self.says.setText, self._waits)
        else:
            self.appearance.hush(self.says.setText)
            self.says.setText("")

    def _show_zoom(self) -> None:
        dots_mm = self.logicalDpiX() / 25.4
        self.zoom_says.setText(f"{self.page.zoom / dots_mm * 100:.0f}%")

    # --- what is asked for ------------------------------------------------------------------------------------------

    def _want(self, spec: SheetSpec, step: str, burst: str = "") -> None:
        if spec != self._spec:
            self.sheet_wanted.emit(spec, f"history.sheet.{step}", burst and f"{spec.id} {burst}")

    def _boxes(self) -> dict[str, Box]:
        boxes = self.page.boxes
        return {name: boxes[name] for name in self.page.chosen}

    def _align(self, how: Alignment) -> None:
        self._want(editing.with_boxes(self._spec, layout.aligned(self._boxes(), how, self._spec.size_mm)), "align")

    def _distribute(self, axis: Axis) -> None:
        self._want(editing.with_boxes(self._spec, layout.distributed(self._boxes(), axis)), "align")

    def _rank(self, how: Rank) -> None:
        self._want(editing.ranked(self._spec, self.page.chosen, how), "rank")

    def _remove(self) -> None:
        if self.page.chosen:
            self._want(editing.removed(self._spec, self.page.chosen), "remove_item")

    def _copy(self) -> None:
        if self.page.chosen:
            spec, ids = editing.copied(self._spec, self.page.chosen)
            self._want(spec, "add_item")
            self.page.choose(ids)

    def _frame_subject(self) -> None:
        item = self.item_form.item
        if item is not None:
            self._want(editing.with_item(self._spec, replace(item, view=None)), "change_item")

    def add_item(self, kind: ItemKind) -> None:
        """Put an item into the middle of what is seen of the page, and choose it."""
        view = self.page
        seen = view.mapToScene(view.viewport().rect()).boundingRect() & QRectF(0, 0, *self._spec.size_mm)
        at = seen.center() if not seen.isEmpty() else QRectF(0, 0, *self._spec.size_mm).center()
        item = editing.new_item(self._spec, kind, (at.x(), at.y()))
        if kind == "text":
            item = replace(item, text=self.appearance.word("sheets.new_text"))
        choices: Sequence[tuple[str, str]] = self._sources.of.get(kind, ())
        item = replace(item, source=choices[0][0]) if choices else item
        self._want(editing.added(self._spec, [item]), "add_item")
        view.choose([item.id])
        view.setFocus()
        if kind == "photo":
            self.file_wanted.emit(item.id)

    def _ask_kind(self) -> None:
        entries = [
            None if kind is None else Entry(f"sheets.kind.{kind}", partial(self.add_item, kind), ICONS[kind])
            for kind in KINDS
        ]
        menu = menu_of(self.appearance, self, entries)
        menu.exec(self.add.mapToGlobal(QPoint(0, self.add.height() + 2)))
        menu.deleteLater()

    def _menu(self, at: QPoint) -> None:
        chosen = bool(self.page.chosen)
        item = self.item_form.item if len(self.page.chosen) == 1 else None
        entries: list[Entry | None] = []
        if item is not None and item.kind == "view":
            entries += [Entry("sheets.item.take_view", lambda: self.view_wanted.emit(item.id), "camera"), None]
        entries += [
            *(Entry(f"sheets.rank.{how}", partial(self._rank, how), icon, chosen, keys)
              for how, icon, keys in RANKS),
            None,
            Entry("sheets.copy", self._copy, "copy", chosen, "Ctrl+D"),
            Entry("sheets.remove_items", self._remove, "trash", chosen, "Del"),
        ]  # fmt: skip
        menu = menu_of(self.appearance, self, entries)
        menu.exec(at)
        menu.deleteLater()

    def _open(self, item_id: str) -> None:
        """Go to what a double click means: the words of a text, the file of a photo, the view of a picture."""
        item = next(one for one in self._spec.items if one.id == item_id)
        if item.kind == "photo":
            self.file_wanted.emit(item_id)
        elif self.item_form.text.isVisible():
            self.item_form.text.setFocus()
            self.item_form.text.selectAll()
        elif item.kind in ("block", "logo"):
            self.title_block_wanted.emit()

    def _switch_snap(self) -> None:
        self.page.snaps = self.snap.isChecked()

    def _switch_grid(self) -> None:
        self.page.shows_grid = self.grid.isChecked()
        self.page.viewport().update()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Tell that nobody looks any more."""
        super().closeEvent(event)
        self.closed.emit()


def _gap() -> QWidget:
    """Return a hairline between groups of tools."""
    result = QFrame()
    result.setProperty("role", "line")
    result.setFixedSize(1, 20)
    held = QWidget()
    held.setLayout(row(result, margins=(6, 0, 6, 0)))
    return held
