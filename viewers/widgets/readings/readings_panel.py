"""Channels by quantity: how many, since when, the last value and its age, how much of what was due came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, row

#: Columns, ``readings.list.<name>``; so many channels of a quantity are shown.
HEADS = ("name", "last", "age", "readings", "first", "until", "coverage")
MOST = 500


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """A channel as it is shown: its id, the title of its quantity, the device's code, and the texts of all columns."""

    channel: int
    quantity: str
    sensor: str
    texts: tuple[str, ...]


class ReadingsPanel(QWidget):
    """The channels of a project.

    Signals
    -------
    chosen : (int) a channel was clicked
    chart_requested : (int) its chart is wanted
    import_requested : ()
    """

    chosen = Signal(int)
    chart_requested = Signal(int)
    import_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._lines: tuple[ChannelLine, ...] = ()
        self._note = ""
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(230)
        appearance.say(self.search.setPlaceholderText, "readings.list.search")
        self.count = label("small")
        self.chart = button(appearance, "readings.list.chart", "", "chart-line")
        self.take = button(appearance, "readings.list.import", "", "download-simple")
        self.hint = caption(appearance, "readings.list.none", "soft", wrap=True)
        self.tree = QTreeWidget()
        self.tree.setColumnCount(len(HEADS))
        self.tree.setUniformRowHeights(True)
        self.tree.setAlternatingRowColors(True)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for number, width in enumerate((96, 66, 70, 126, 126, 76), 1):
            header.resizeSection(number, width)
        head = row(self.search, self.count, 1, self.chart, self.take, gap=8)
        self.setLayout(column(head, self.hint, self.tree, margins=(14, 8, 14, 10), gap=8))
        self._timer = QTimer(self, singleShot=True, interval=200)
        self._timer.timeout.connect(self._fill)
        self.search.textChanged.connect(lambda *_: self._timer.start())
        self.chart.clicked.connect(lambda: self.chart_requested.emit(self.channel))
        self.take.clicked.connect(self.import_requested)
        self.tree.currentItemChanged.connect(lambda *_: self.chart.setEnabled(self.channel >= 0))
        self.tree.itemClicked.connect(lambda *_: self.chosen.emit(self.channel) if self.channel >= 0 else None)
        self.tree.itemDoubleClicked.connect(
            lambda *_: self.chart_requested.emit(self.channel) if self.channel >= 0 else None
        )
        appearance.lang_changed.connect(self._fill)
        self._fill()

    @property
    def channel(self) -> int:
        """Return the chosen channel, −1 for none."""
        item = self.tree.currentItem()
        held = None if item is None else item.data(0, Qt.ItemDataRole.UserRole)
        return -1 if held is None else int(held)

    def show_lines(self, lines: Sequence[ChannelLine], note: str = "") -> None:
        """Show channels, those of one quantity after each other, and what is to be said of them all."""
        self._note = note
        self._lines = tuple(lines)
        self._fill()

    def _fill(self) -> None:
        word = self._appearance.word
        needle = self.search.text().strip().casefold()
        groups: dict[str, list[ChannelLine]] = {}
        for one in self._lines:
            if needle in one.sensor.casefold() or needle in one.quantity.casefold():
                groups.setdefault(one.quantity, []).append(one)
        opened = {item.data(1, Qt.ItemDataRole.UserRole) for item in self._tops() if item.isExpanded()}
        self.tree.clear()
        self.tree.setHeaderLabels([word(f"readings.list.{name}") for name in HEADS])
        for quantity, lines in groups.items():
            top = QTreeWidgetItem([word("readings.list.group", quantity=quantity, count=f"{len(lines):,}")])
            top.setData(1, Qt.ItemDataRole.UserRole, quantity)
            for one in lines[:MOST]:
                item = QTreeWidgetItem([visible_text(text) for text in one.texts])
                item.setData(0, Qt.ItemDataRole.UserRole, one.channel)
                for number in (1, 2, 3, 6):
                    item.setTextAlignment(number, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                top.addChild(item)
            if len(lines) > MOST:
                top.addChild(QTreeWidgetItem([word("readings.list.more", count=f"{len(lines) - MOST:,}")]))
            self.tree.addTopLevelItem(top)
            top.setFirstColumnSpanned(True)
            top.setExpanded(bool(needle) or quantity in opened or len(groups) == 1)
        count = word("readings.list.count", count=f"{sum(map(len, groups.values())):,}")
        self.count.setText(f"{count}  {self._note}".rstrip())
        self.hint.setVisible(not self._lines)
        self.tree.setVisible(bool(self._lines))
        self.chart.setEnabled(False)

    def _tops(self) -> list[QTreeWidgetItem]:
        found = (self.tree.topLevelItem(at) for at in range(self.tree.topLevelItemCount()))
        return [item for item in found if item is not None]
