"""The lists of the health check below the map: five tabs, a table that is edited in place, and what is done with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, column, label, line, restyle, row, tool
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.health.list_table import ListTable, TableColumn, TableRows

KINDS = ("survey", "ledger", "problems", "suggestions", "projects")


class ListsPanel(QWidget):
    """Tabs, filters, the table, and a line with the counts.

    Signals
    -------
    list_requested : () another tab or dimension is to be shown
    make_requested, export_requested, import_requested, notices_requested, area_requested : ()
    project_requested : (list of ids) make a project of problems
    remove_requested : (list of ids)
    """

    list_requested = Signal()
    make_requested = Signal()
    export_requested = Signal()
    import_requested = Signal()
    notices_requested = Signal()
    area_requested = Signal()
    project_requested = Signal(list)
    remove_requested = Signal(list)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._kind = "problems"
        self.tabs: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        for kind in KINDS:
            press = button(appearance, f"lists.tab.{kind}", "tab")
            press.setCheckable(True)
            press.setChecked(kind == self._kind)
            press.clicked.connect(lambda _=False, kind=kind: self.choose(kind))
            group.addButton(press)
            self.tabs[kind] = press
        self.dimension = PlainCombo()
        self.dimension.setSizeAdjustPolicy(PlainCombo.SizeAdjustPolicy.AdjustToContents)
        appearance.say(self.dimension.setAccessibleName, "lists.dimension")
        self.dimension.activated.connect(lambda _: self.list_requested.emit())
        self.table = ListTable(appearance, "lists.empty")
        self.only = PlainCombo()
        self.only.setSizeAdjustPolicy(PlainCombo.SizeAdjustPolicy.AdjustToContents)
        appearance.say(self.only.setAccessibleName, "lists.only")
        self.only.activated.connect(lambda _: self._filter())
        self.make = button(appearance, "lists.make", "primary", "arrows-clockwise")
        self.make.clicked.connect(self.make_requested)
        self.make_project = tool(appearance, "folder-plus", "lists.make_project", size=17)
        self.make_project.clicked.connect(lambda: self.project_requested.emit(self._of_problems()))
        self.remove = tool(appearance, "trash", "lists.remove_project", size=17)
        self.remove.clicked.connect(lambda: self.remove_requested.emit(self.table.chosen_ids()))
        self.area = tool(appearance, "polygon", "lists.area", size=17)
        self.area.clicked.connect(self.area_requested)
        self.notices = tool(appearance, "warning", "lists.notices", size=17)
        self.notices.clicked.connect(self.notices_requested)
        self.bring = tool(appearance, "upload-simple", "lists.import", size=17)
        self.bring.clicked.connect(self.import_requested)
        self.export = tool(appearance, "download-simple", "lists.export", size=17)
        self.export.clicked.connect(self.export_requested)
        self.total = label("small")
        tools = (self.make_project, self.remove, self.area, self.notices, self.bring, self.export)
        head = row(*self.tabs.values(), 1, *tools, margins=(8, 6, 8, 4), gap=2)
        filters = row(self.make, self.dimension, self.only, self.table.search, margins=(10, 2, 10, 6), gap=6)
        filters.setStretch(3, 1)
        foot = row(self.total, 1, margins=(12, 4, 12, 5))
        self.setLayout(column(head, filters, line(), self.table, line(), foot, gap=0))
        self.setMinimumHeight(180)
        self._show_tools()

    @property
    def kind(self) -> str:
        """Return which list is shown."""
        return self._kind

    @property
    def chosen_dimension(self) -> str:
        """Return the id of the dimension that is shown, empty for all."""
        return str(self.dimension.currentData() or "") if self._kind != "projects" else ""

    def choose(self, kind: str) -> None:
        """Show another list."""
        self._kind = kind
        self.tabs[kind].setChecked(True)
        empty = "lists.empty_projects" if kind == "projects" else "lists.empty"
        self._appearance.say(self.table.nothing.setText, empty)
        self._show_tools()
        self.list_requested.emit()

    def set_dimensions(self, named: Sequence[tuple[str, str]]) -> None:
        """Offer dimensions: id and name."""
        self.dimension.offer([("", self._appearance.word("lists.all_dimensions")), *named])

    def set_only(self, column_name: str, values: Sequence[str], everything: str) -> None:
        """Offer to show only rows with one value of a column.

        Parameters
        ----------
        column_name : str
        values : sequence of str
            As the cells say them.
        everything : str
            What the choice of all is called.
        """
        self.only.offer([("", everything), *((value, value) for value in values)])
        self.only.setVisible(len(values) > 0)
        restyle(self.only, "column", column_name)

    def show_rows(self, held: TableRows, columns: Sequence[TableColumn], total: str) -> None:
        """Show the rows of the list."""
        self.table.show_rows(held, columns)
        self._filter()
        self.total.setText(total)

    def _filter(self) -> None:
        self.table.filter_by({str(self.only.property("column") or ""): str(self.only.currentData() or "")})

    def _of_problems(self) -> list[str]:
        return self.table.chosen_ids() if self._kind in ("problems", "suggestions") else []

    def _show_tools(self) -> None:
        of_problems = self._kind in ("problems", "suggestions")
        self.make_project.setVisible(of_problems or self._kind == "projects")
        self.remove.setVisible(self._kind == "projects")
        self.notices.setVisible(of_problems)
        self.dimension.setVisible(self._kind != "projects")
        self.bring.setEnabled(self._kind != "survey")
