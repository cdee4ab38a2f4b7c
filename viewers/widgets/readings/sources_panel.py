"""The list of live sources: how each stands, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, row, tool
from viewers.widgets.common.rows import rows_item, rows_list


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source.

    Parameters
    ----------
    id, name : str
    detail : str
        How it stands, in one line.
    more : str
        What is wrong, line by line.
    is_on : bool
    tint : str
        Colour of its icon.
    """

    id: str
    name: str
    detail: str
    more: str
    is_on: bool
    tint: str


class SourcesPanel(QWidget):
    """Live sources.

    Signals
    -------
    add_requested : ()
    edit_requested, remove_requested, start_requested, stop_requested : (str) id of a source
    """

    add_requested = Signal()
    edit_requested = Signal(str)
    remove_requested = Signal(str)
    start_requested = Signal(str)
    stop_requested = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._rows: dict[str, SourceRow] = {}
        self.hint = caption(appearance, "live.panel.hint", "soft", wrap=True)
        self.list = rows_list(appearance)
        self.more = label("small", wrap=True, select=True)
        self.add = button(appearance, "live.panel.add", "", "plus")
        self.switch = button(appearance, "live.panel.start", "primary")
        self.edit = tool(appearance, "pencil-simple", "live.panel.edit")
        self.remove = tool(appearance, "trash", "live.panel.remove")
        self.setLayout(
            column(
                self.hint, self.list, self.more, row(self.add, 1, self.edit, self.remove, self.switch, gap=8),
                margins=(14, 12, 14, 14), gap=10,
            )
        )  # fmt: skip
        self.add.clicked.connect(self.add_requested)
        self.edit.clicked.connect(lambda: self.edit_requested.emit(self.chosen))
        self.remove.clicked.connect(lambda: self.remove_requested.emit(self.chosen))
        self.switch.clicked.connect(self._on_switch)
        self.list.currentItemChanged.connect(lambda *_: self._follow())
        self.list.itemDoubleClicked.connect(lambda *_: self.edit_requested.emit(self.chosen))
        self._follow()

    @property
    def chosen(self) -> str:
        """Return the id of the chosen source, empty for none."""
        item = self.list.currentItem()
        return "" if item is None else str(item.data(Qt.ItemDataRole.UserRole))

    def show_rows(self, rows: Sequence[SourceRow]) -> None:
        """Show the sources; what is chosen stays so."""
        known = {one.id: one for one in rows}
        if known == self._rows:
            return
        chosen = self.chosen
        self._rows = known
        self.list.blockSignals(True)
        self.list.clear()
        for one in rows:
            icon = self._appearance.icon("broadcast", one.tint)
            self.list.addItem(rows_item(icon, one.name, one.detail, one.id))
            if one.id == chosen or not chosen:
                self.list.setCurrentRow(self.list.count() - 1)
                chosen = chosen or one.id
        self.list.blockSignals(False)
        self._follow()

    def _follow(self) -> None:
        row_of = self._rows.get(self.chosen)
        self.hint.setVisible(not self._rows)
        self.list.setVisible(bool(self._rows))
        self.more.setVisible(row_of is not None and bool(row_of.more))
        self.more.setText(row_of.more if row_of else "")
        for press in (self.edit, self.remove, self.switch):
            press.setEnabled(row_of is not None)
        key = "live.panel.stop" if row_of is not None and row_of.is_on else "live.panel.start"
        self._appearance.say(self.switch.setText, key)

    def _on_switch(self) -> None:
        row_of = self._rows.get(self.chosen)
        if row_of is not None:
            (self.stop_requested if row_of.is_on else self.start_requested).emit(row_of.id)
