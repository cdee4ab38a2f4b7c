"""The list of a project's sheets, and what can be done with one or several."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QListWidget, QStackedLayout, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, button, column, line, row, tool
from viewers.widgets.common.menus import Entry, menu_of
from viewers.widgets.common.ordered import order_by_hand
from viewers.widgets.common.rows import rows_item, rows_list

ID = Qt.ItemDataRole.UserRole


class SheetsPanel(QWidget):
    """Sheets, each with its kind and paper.

    Signals
    -------
    new_requested : ()
    open_requested, duplicate_requested, rename_requested : (sheet id)
    remove_requested, export_requested, print_requested : (list of sheet ids)
    moved : (sheet id, position)
    """

    new_requested = Signal()
    open_requested = Signal(str)
    duplicate_requested = Signal(str)
    rename_requested = Signal(str)
    remove_requested = Signal(list)
    export_requested = Signal(list)
    print_requested = Signal(list)
    title_block_requested = Signal()
    moved = Signal(str, int)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._rows: list[tuple[str, str, str, bool]] = []
        self.list = rows_list(appearance)
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.itemActivated.connect(lambda item: self.open_requested.emit(str(item.data(ID))))
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.itemSelectionChanged.connect(self._show_tools)
        order_by_hand(self.list, lambda: self.all, self.moved.emit)
        appearance.say(self.list.setAccessibleName, "panel.sheets")
        self.new = button(appearance, "sheets.new", "primary", "plus")
        self.new.clicked.connect(self.new_requested)
        self.edit = tool(appearance, "pencil-simple", "sheets.open", size=16)
        self.edit.clicked.connect(lambda: self._one(self.open_requested.emit))
        self.duplicate = tool(appearance, "copy", "sheets.duplicate", size=16)
        self.duplicate.clicked.connect(lambda: self._one(self.duplicate_requested.emit))
        self.rename = tool(appearance, "text-aa", "sheets.rename", size=16)
        self.rename.clicked.connect(lambda: self._one(self.rename_requested.emit))
        self.up = tool(appearance, "arrow-up", "sheets.up", size=16)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down = tool(appearance, "arrow-down", "sheets.down", size=16)
        self.down.clicked.connect(lambda: self._move(1))
        self.remove = tool(appearance, "trash", "sheets.remove", size=16)
        self.remove.clicked.connect(lambda: self.remove_requested.emit(self.chosen))
        self.export = tool(appearance, "export", "sheets.export", size=16)
        self.export.clicked.connect(lambda: self.export_requested.emit(self.chosen or self.all))
        self.print_ = tool(appearance, "printer", "sheets.print", size=16)
        self.print_.clicked.connect(lambda: self.print_requested.emit(self.chosen or self.all))
        self.block = tool(appearance, "identification-card", "sheets.title_block.open", size=16)
        self.block.clicked.connect(self.title_block_requested)
        self.hint = EmptyHint(appearance, "file-text", "sheets.empty", "sheets.new")
        self.hint.pressed.connect(self.new_requested)
        head = row(self.new, 1, self.block, self.print_, self.export, margins=(10, 8, 8, 8), gap=2)
        tools = (self.edit, self.duplicate, self.rename, self.up, self.down, self.remove)
        foot = row(*tools, 1, margins=(8, 2, 8, 4), gap=2)
        body = QWidget()
        body.setLayout(column(head, line(), self.list, line(), foot, gap=0))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(body)
        appearance.look_changed.connect(self._draw)
        self._show_tools()

    @property
    def chosen(self) -> list[str]:
        """Return the ids of the chosen sheets, in the order of the list."""
        rows = range(self.list.count())
        return [str(self.list.item(at).data(ID)) for at in rows if self.list.item(at).isSelected()]

    @property
    def all(self) -> list[str]:
        """Return the ids of all sheets."""
        return [sheet for sheet, *_ in self._rows]

    def set_sheets(self, rows: Sequence[tuple[str, str, str, bool]]) -> None:
        """Show (id, name, what it is, whether it is in portrait)."""
        if list(rows) != self._rows:
            self._rows = list(rows)
            self._draw()

    def choose(self, sheet_id: str) -> None:
        """Choose one sheet."""
        for at, (held, *_) in enumerate(self._rows):
            if held == sheet_id:
                self.list.setCurrentRow(at)

    def _draw(self) -> None:
        chosen = set(self.chosen)
        self.list.clear()
        for sheet, name, detail, upright in self._rows:
            item = rows_item(
                self._appearance.icon("file" if upright else "presentation", "accent"), name, detail, sheet
            )
            self.list.addItem(item)
            item.setSelected(sheet in chosen)
        self._stack.setCurrentIndex(1 if self._rows else 0)
        self._show_tools()

    def _show_tools(self) -> None:
        count = len(self.list.selectedItems())
        for press in (self.edit, self.duplicate, self.rename, self.up, self.down):
            press.setEnabled(count == 1)
        self.remove.setEnabled(count > 0)

    def _one(self, act: object) -> None:
        if len(self.chosen) == 1:
            act(self.chosen[0])  # type: ignore[operator]

    def _move(self, step: int) -> None:
        if len(self.chosen) == 1:
            self.moved.emit(self.chosen[0], max(self.all.index(self.chosen[0]) + step, 0))

    def _menu(self, at: QPoint) -> None:
        chosen = self.chosen
        if not chosen:
            return
        one = len(chosen) == 1
        menu = menu_of(
            self._appearance, self,
            (
                Entry("sheets.open", lambda: self.open_requested.emit(chosen[0]), "pencil-simple", one),
                Entry("sheets.duplicate", lambda: self.duplicate_requested.emit(chosen[0]), "copy", one),
                Entry("sheets.rename", lambda: self.rename_requested.emit(chosen[0]), "text-aa", one),
                None,
                Entry("sheets.export", lambda: self.export_requested.emit(chosen), "export"),
                Entry("sheets.print", lambda: self.print_requested.emit(chosen), "printer"),
                None,
                Entry("sheets.remove", lambda: self.remove_requested.emit(chosen), "trash"),
            ),
        )  # fmt: skip
        menu.exec(self.list.viewport().mapToGlobal(at))
        menu.deleteLater()
