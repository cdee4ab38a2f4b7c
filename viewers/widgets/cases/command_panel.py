"""The panel of command: who is where and how far by road; orders and how long they took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStackedWidget,
    QTabBar,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, column, label, line, row, tool

_ID = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class CommandRow:
    """A row of either list: its id, icon with colour, its cells, and whether what it says is old."""

    id: str
    icon: str
    colour: str
    cells: Sequence[str]
    is_old: bool = False


class CommandPanel(QWidget):
    """Resources and orders.

    Signals
    -------
    nearest_requested, order_requested, resources_requested, tracks_requested, print_requested : ()
    step_requested : (str) ``"arrived"`` or ``"done"``
    row_chosen : (resource id)
    """

    nearest_requested = Signal()
    order_requested = Signal()
    resources_requested = Signal()
    tracks_requested = Signal()
    print_requested = Signal()
    step_requested = Signal(str)
    row_chosen = Signal(str)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.tabs = QTabBar()
        self.tabs.setExpanding(True)
        self.tabs.setDrawBase(False)
        for _ in range(2):
            self.tabs.addTab("")
        self.target, self.summary = label("soft", wrap=True), label("small", wrap=True)
        self.resources, self.orders = self._list(), self._list()
        self.resources.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.resources.itemClicked.connect(lambda item: self.row_chosen.emit(str(item.data(0, _ID))))
        self.nearest = button(appearance, "command.nearest", "primary", "path")
        self.nearest.clicked.connect(self.nearest_requested)
        self.order = button(appearance, "command.give", "", "paper-plane-tilt")
        self.order.clicked.connect(self.order_requested)
        read, tracks = tool(appearance, "users-three", "command.read"), tool(appearance, "map-pin", "command.tracks")
        read.clicked.connect(self.resources_requested)
        tracks.clicked.connect(self.tracks_requested)
        self.arrived = button(appearance, "command.arrived", "", "map-pin")
        self.done = button(appearance, "command.done", "", "check")
        self.paper = tool(appearance, "printer", "command.print")
        self.arrived.clicked.connect(lambda: self.step_requested.emit("arrived"))
        self.done.clicked.connect(lambda: self.step_requested.emit("done"))
        self.paper.clicked.connect(self.print_requested)
        first, second = QWidget(), QWidget()
        for said in (self.target, self.summary):
            said.setContentsMargins(14, 8, 12, 6)
        acts = row(self.nearest, self.order, 1, read, tracks, margins=(12, 8, 10, 8), gap=6)
        first.setLayout(column(self.target, self.resources, line(), acts, gap=0))
        acts = row(self.arrived, self.done, 1, self.paper, margins=(12, 8, 10, 8), gap=6)
        second.setLayout(column(self.summary, self.orders, line(), acts, gap=0))
        pages = QStackedWidget()
        pages.addWidget(first)
        pages.addWidget(second)
        self.tabs.currentChanged.connect(pages.setCurrentIndex)
        self.setLayout(column(self.tabs, line(), pages, gap=0))
        appearance.lang_changed.connect(self._say)
        self._say()

    def show_resources(self, rows: Sequence[CommandRow], target: str) -> None:
        """Show who is where, and how far from what."""
        self._fill(self.resources, rows)
        self.target.setText(target)

    def show_orders(self, rows: Sequence[CommandRow], summary: str) -> None:
        """Show orders and how punctual they were."""
        self._fill(self.orders, rows)
        self.summary.setText(summary)

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the resources that are chosen."""
        return tuple(str(item.data(0, _ID)) for item in self.resources.selectedItems())

    @property
    def chosen_order(self) -> str:
        """Return the order that is chosen, empty for none."""
        items = self.orders.selectedItems()
        return str(items[0].data(0, _ID)) if items else ""

    def _list(self) -> QTreeWidget:
        made = QTreeWidget()
        made.setRootIsDecorated(False)
        made.setUniformRowHeights(True)
        made.setAlternatingRowColors(True)
        made.setColumnCount(4)
        made.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        return made

    def _fill(self, view: QTreeWidget, rows: Sequence[CommandRow]) -> None:
        chosen = {str(item.data(0, _ID)) for item in view.selectedItems()}
        view.clear()
        for one in rows:
            item = QTreeWidgetItem([visible_text(cell) for cell in one.cells])
            item.setData(0, _ID, one.id)
            tint = "text_faint" if one.is_old else one.colour
            item.setIcon(0, QIcon(self._appearance.icon(one.icon, tint)))
            if one.is_old:
                for at in range(len(one.cells)):
                    item.setForeground(at, self._appearance.colour("text_faint"))
            view.addTopLevelItem(item)
            item.setSelected(one.id in chosen)

    def _say(self) -> None:
        word = self._appearance.word
        for at, name in enumerate(("resources", "orders")):
            self.tabs.setTabText(at, word(f"command.tab.{name}"))
        self.resources.setHeaderLabels([word(f"command.head.{one}") for one in ("name", "state", "road", "fix")])
        self.orders.setHeaderLabels([word(f"command.head.{one}") for one in ("order", "step", "times", "late")])
