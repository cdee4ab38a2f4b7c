"""Year on year below the map: which year is compared with, four tables, and what is done with them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, line, row, tool
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.health.list_table import ListTable, TableColumn, TableRows

KINDS = ("indicators", "units", "problems", "layers")


class YearsPanel(QWidget):
    """Base year, tabs, filters, the table, and a line with the counts.

    Signals
    -------
    base_chosen : (id)
    list_requested : () another tab is to be shown
    close_requested, take_requested, export_requested, forget_requested : ()
    change_requested, swipe_requested : () show the indicator of the current row on the map
    """

    base_chosen = Signal(str)
    list_requested = Signal()
    close_requested = Signal()
    take_requested = Signal()
    export_requested = Signal()
    forget_requested = Signal()
    change_requested = Signal()
    swipe_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._kind = KINDS[0]
        self._narrowed_by = ""
        self.tabs: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        for kind in KINDS:
            press = button(appearance, f"year.tab.{kind}", "tab")
            press.setCheckable(True)
            press.setChecked(kind == self._kind)
            press.clicked.connect(lambda _=False, kind=kind: self.choose(kind))
            group.addButton(press)
            self.tabs[kind] = press
        self.base = PlainCombo()
        self.base.setMinimumContentsLength(12)
        appearance.say(self.base.setAccessibleName, "year.base")
        self.base.activated.connect(lambda _: self.base_chosen.emit(str(self.base.currentData() or "")))
        self.table = ListTable(appearance, "year.empty")
        self.only = PlainCombo()
        self.only.setMinimumContentsLength(8)
        appearance.say(self.only.setAccessibleName, "year.column.verdict")
        self.only.activated.connect(lambda _: self._filter())
        self.change = tool(appearance, "map-trifold", "year.show_change", size=17)
        self.change.clicked.connect(self.change_requested)
        self.swipe = tool(appearance, "circle-half", "year.swipe", size=17)
        self.swipe.clicked.connect(self.swipe_requested)
        self.close_year = button(appearance, "year.close", "primary", "archive")
        self.close_year.clicked.connect(self.close_requested)
        self.take = tool(appearance, "upload-simple", "year.take", size=17)
        self.take.clicked.connect(self.take_requested)
        self.forget = tool(appearance, "trash", "year.forget", size=17)
        self.forget.clicked.connect(self.forget_requested)
        self.export = tool(appearance, "download-simple", "year.export", size=17)
        self.export.clicked.connect(self.export_requested)
        self.total = label("small")
        tools = (self.change, self.swipe, self.take, self.forget, self.export)
        head = row(*self.tabs.values(), 1, *tools, margins=(8, 6, 8, 4), gap=2)
        against = caption(appearance, "year.base")
        filters = row(self.close_year, against, self.base, self.only, self.table.search, margins=(10, 2, 10, 6), gap=6)
        filters.setStretch(4, 1)
        foot = row(self.total, 1, margins=(12, 4, 12, 5))
        self.setLayout(column(head, filters, line(), self.table, line(), foot, gap=0))
        self.setMinimumHeight(180)

    @property
    def kind(self) -> str:
        """Return which table is shown."""
        return self._kind

    def choose(self, kind: str) -> None:
        """Show another table."""
        self._kind = kind
        self.tabs[kind].setChecked(True)
        self.table.search.clear()
        self.list_requested.emit()

    def show_bases(self, named: Sequence[tuple[str, str]], chosen: str) -> None:
        """Offer records to compare with: id and name."""
        self.base.clear()
        for name, text in named:
            self.base.addItem(text, name)
        if not named:
            self.base.addItem(self._appearance.word("year.no_base"), "")
        self.base.setCurrentIndex(max(self.base.findData(chosen), 0))
        self.base.setEnabled(bool(named))
        for one in (self.change, self.swipe, self.forget, self.export):
            one.setEnabled(bool(named))

    def show_rows(
        self, held: TableRows, columns: Sequence[TableColumn], total: str, narrowed_by: str, narrowed: Sequence[str]
    ) -> None:
        """Show rows.

        Parameters
        ----------
        held : TableRows
        columns : sequence of TableColumn
        total : str
            Below the table.
        narrowed_by : str
            Column by whose values the rows can be narrowed.
        narrowed : sequence of str
            Those values.
        """
        self._narrowed_by = narrowed_by
        self.only.offer([("", self._appearance.word("year.all")), *((text, text) for text in narrowed)])
        self.table.show_rows(held, columns)
        self._filter()
        self.total.setText(total)

    def _filter(self) -> None:
        self.table.filter_by({self._narrowed_by: str(self.only.currentData() or "")})
