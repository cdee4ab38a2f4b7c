"""The list of what was tested: findings as sentences, the surest first, and apart from them what was not tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTabBar, QTreeWidget, QTreeWidgetItem, QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, row
from viewers.widgets.common.plain import plain_tip

#: Lists of the panel; ``trends.list.<name>``.
LISTS = ("holds", "not", "refused")
_HEADS = ("finding", "test", "n", "p", "q")


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding as it is shown.

    Parameters
    ----------
    at : int
        Its place among the findings of the run.
    shown_in : str
        One of :data:`LISTS`.
    texts : tuple of str
        Sentence, test, n, p, q.
    """

    at: int
    shown_in: str
    texts: tuple[str, ...]


class TrendsPanel(QWidget):
    """Findings along time and over space.

    Signals
    -------
    run_requested : ()
    go_requested, chart_requested, case_requested : (int) place of a finding
    """

    run_requested = Signal()
    go_requested = Signal(int)
    chart_requested = Signal(int)
    case_requested = Signal(int)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._rows: tuple[FindingRow, ...] = ()
        self.lists = QTabBar()
        self.lists.setDrawBase(False)
        for _ in LISTS:
            self.lists.addTab("")
        self.run = button(appearance, "trends.run", "primary", "play")
        self.chart = button(appearance, "trends.chart", "", "chart-line")
        self.case = button(appearance, "trends.case", "", "plus")
        self.hint = caption(appearance, "trends.hint", "soft", wrap=True)
        self.note = label("small", wrap=True)
        self.whole = label(wrap=True, select=True)
        self.list = QTreeWidget()
        self.list.setColumnCount(len(_HEADS))
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAlternatingRowColors(True)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for number, width in enumerate((150, 60, 74, 110), 1):
            header.resizeSection(number, width)
        self.setLayout(
            column(
                row(self.lists, 1, self.chart, self.case, self.run, gap=8), self.hint, self.list, self.whole, self.note,
                margins=(14, 8, 14, 10), gap=8,
            )
        )  # fmt: skip
        self.run.clicked.connect(self.run_requested)
        self.chart.clicked.connect(lambda: self.chart_requested.emit(self.chosen))
        self.case.clicked.connect(lambda: self.case_requested.emit(self.chosen))
        self.lists.currentChanged.connect(lambda *_: self._fill())
        self.list.currentItemChanged.connect(lambda *_: self._follow())
        self.list.itemClicked.connect(lambda *_: self.go_requested.emit(self.chosen))
        appearance.lang_changed.connect(self._say)
        self._charted: frozenset[int] = frozenset()
        self._say()

    @property
    def chosen(self) -> int:
        """Return the place of the chosen finding, −1 for none."""
        item = self.list.currentItem()
        return -1 if item is None else int(item.data(0, Qt.ItemDataRole.UserRole))

    def show_rows(self, rows: Sequence[FindingRow], charted: frozenset[int], note: str) -> None:
        """Show findings, those with a chart, and what is to be said of them all."""
        self._rows, self._charted = tuple(rows), charted
        self.note.setText(note)
        self._say()

    def _say(self) -> None:
        word = self._appearance.word
        for number, name in enumerate(LISTS):
            count = sum(one.shown_in == name for one in self._rows)
            self.lists.setTabText(number, word(f"trends.list.{name}", count=f"{count:,}"))
        self.list.setHeaderLabels([word(f"trends.head.{name}") for name in _HEADS])
        self._fill()

    def _fill(self) -> None:
        name = LISTS[max(self.lists.currentIndex(), 0)]
        self.list.clear()
        items = []
        for one in self._rows:
            if one.shown_in != name:
                continue
            item = QTreeWidgetItem([visible_text(text) for text in one.texts])
            item.setData(0, Qt.ItemDataRole.UserRole, one.at)
            item.setToolTip(0, plain_tip(one.texts[0]))
            item.setToolTip(1, plain_tip(one.texts[1]))
            for number in range(2, len(_HEADS)):
                item.setTextAlignment(number, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            items.append(item)
        self.list.addTopLevelItems(items)
        for number in range(1, len(_HEADS)):
            self.list.setColumnHidden(number, name == "refused" and number > 2)
        self.hint.setVisible(not self._rows)
        self.list.setVisible(bool(self._rows))
        self.note.setVisible(bool(self.note.text()))
        self._follow()

    def _follow(self) -> None:
        chosen = next((one for one in self._rows if one.at == self.chosen), None)
        self.whole.setText("" if chosen is None else visible_text(chosen.texts[0]))
        self.whole.setVisible(chosen is not None)
        self.case.setEnabled(self.chosen >= 0 and LISTS[self.lists.currentIndex()] != "refused")
        self.chart.setEnabled(self.chosen in self._charted)
