"""Patterns of problems beside the map: density, hot spots, what comes together, where renewal should begin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QDoubleSpinBox, QGridLayout, QPushButton, QToolTip, QWidget

from models.query.ranking import Ranking, Rows
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, line, number_field, row, tool
from viewers.widgets.common.plain import PlainCombo, plain_tip
from viewers.widgets.common.ranked_list import RankedColumn, RankedList

KINDS = ("density", "hot", "together", "priority")
#: Side of a cell of the matrix, and room for the numbers beside it, pixels.
SIDE_PX, ROOM_PX = 12, 24
#: A lift so many times above or below one has the fullest colour.
FULL_LIFT = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class MatrixView:
    """Pairs of indicators as a picture.

    Parameters
    ----------
    names : sequence of str
        What stands beside rows and columns: a number.
    lift : ndarray, shape (n, n)
        NaN where nothing was looked at under both.
    few : ndarray of bool, shape (n, n)
    tips : callable
        Row and column → what is said of a pair.
    """

    names: Sequence[str]
    lift: NDArray[np.float64]
    few: NDArray[np.bool_]
    tips: Callable[[int, int], str]


@dataclass(frozen=True, slots=True, eq=False)
class PatternView:
    """What one tab shows.

    Parameters
    ----------
    method, limits, refusal : str
    ranking : Ranking
    columns : sequence of RankedColumn
    total_of : callable
        Ranking and rows → the line below the list.
    matrix : MatrixView or None
    """

    method: str
    limits: str
    refusal: str
    ranking: Ranking
    columns: Sequence[RankedColumn]
    total_of: Callable[[Ranking, Rows], str]
    matrix: MatrixView | None = None


_NO_PAIRS = MatrixView((), np.zeros((0, 0)), np.zeros((0, 0), dtype=np.bool_), lambda one, other: "")


class PairMatrix(QWidget):
    """The lift of each pair as a coloured cell: more together than by chance, or less; small numbers as dots.

    Signals
    -------
    pair_chosen : (row, column)
    """

    pair_chosen = Signal(int, int)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._view = _NO_PAIRS
        self.setMouseTracking(True)
        appearance.look_changed.connect(self.update)

    def show_matrix(self, view: MatrixView) -> None:
        """Show other pairs."""
        self._view = view
        self.setFixedHeight(ROOM_PX + SIDE_PX * len(view.names) + 8 if len(view.names) else 0)
        self.update()

    def pair_at(self, at: QPoint) -> tuple[int, int] | None:
        """Return the pair at a place, None beside the cells and on the diagonal."""
        side, count = SIDE_PX, len(self._view.names)
        found = (at.y() - ROOM_PX) // side, (at.x() - self._left()) // side
        inside = 0 <= found[0] < count and 0 <= found[1] < count and found[0] != found[1]
        return found if inside else None

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint cells and numbers."""
        view, side, left = self._view, SIDE_PX, self._left()
        painter = QPainter(self)
        ground, more, less = (self._appearance.colour(name) for name in ("line", "bad", "accent"))
        for one in range(len(view.names)):
            for other in range(len(view.names)):
                box = QRect(left + other * side, ROOM_PX + one * side, side - 1, side - 1)
                lift = float(view.lift[one, other])
                if one == other or lift != lift:
                    if one != other:
                        painter.setPen(ground)
                        painter.drawPoint(box.center())
                    continue
                colour = more if lift >= 1 else less
                strength = min(abs(np.log(max(lift, 1e-6))) / np.log(FULL_LIFT), 1.0)
                colour.setAlphaF(0.10 + 0.85 * strength)
                if view.few[one, other]:
                    box = box.adjusted(SIDE_PX // 3, SIDE_PX // 3, -SIDE_PX // 3, -SIDE_PX // 3)
                painter.fillRect(box, colour)
        font = self.font()
        font.setPixelSize(9)
        painter.setFont(font)
        painter.setPen(self._appearance.colour("text_soft"))
        for at, name in enumerate(view.names):
            middle = Qt.AlignmentFlag.AlignCenter
            painter.drawText(QRect(left + at * side, ROOM_PX - 14, side, 12), middle, name)
            painter.drawText(QRect(left - 18, ROOM_PX + at * side, 16, side), middle, name)
        painter.end()

    def event(self, event: Any) -> bool:
        """Say what stands in a cell."""
        if isinstance(event, QHelpEvent):
            pair = self.pair_at(event.pos())
            text = self._view.tips(*pair) if pair is not None else ""
            QToolTip.showText(event.globalPos(), plain_tip(text), self)
            return True
        return super().event(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose a pair."""
        pair = self.pair_at(event.position().toPoint())
        if pair is not None:
            self.pair_chosen.emit(*pair)

    def _left(self) -> int:
        return max((self.width() - SIDE_PX * len(self._view.names)) // 2, ROOM_PX - 2)


class PatternsPanel(QWidget):
    """Four tabs over one list, each with its method and its limits.

    Signals
    -------
    asked : () another tab, indicator, measure or base
    weight_changed : (component, weight)
    weights_reset : ()
    pair_chosen : (row, column) of the matrix
    export_requested : ()
    """

    asked = Signal()
    weight_changed = Signal(str, float)
    weights_reset = Signal()
    pair_chosen = Signal(int, int)
    export_requested = Signal()

    def __init__(self, appearance: Appearance, components: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.tabs = QButtonGroup(self)
        self.tabs.setExclusive(True)
        presses: list[QPushButton] = []
        for at, kind in enumerate(KINDS):
            press = button(appearance, f"patterns.tab.{kind}", "tab")
            press.setCheckable(True)
            self.tabs.addButton(press, at)
            presses.append(press)
        presses[0].setChecked(True)
        self.tabs.idClicked.connect(lambda _: self._choose_tab())
        self.indicator, self.measure, self.base = PlainCombo(), PlainCombo(), PlainCombo()
        for box, key in ((self.indicator, "indicator"), (self.measure, "measure"), (self.base, "base")):
            appearance.say(box.setAccessibleName, f"patterns.{key}")
            box.setMinimumContentsLength(8)
            box.activated.connect(lambda _: self.asked.emit())
        self.method, self.limits = label("small", wrap=True), label("faint", wrap=True)
        self.refusal = label("strong", wrap=True)
        self.matrix = PairMatrix(appearance)
        self.matrix.pair_chosen.connect(self.pair_chosen)
        self.weights: dict[str, QDoubleSpinBox] = {}
        self._weights = self._weight_fields(components)
        self.list = RankedList(appearance)
        self.save = tool(appearance, "download-simple", "patterns.export")
        self.save.clicked.connect(self.export_requested)
        self._choices = QWidget()
        choices = row(self.indicator, self.measure, self.base, margins=(12, 6, 12, 0), gap=8)
        for at in range(3):
            choices.setStretch(at, 1)
        self._choices.setLayout(choices)
        told = column(self.refusal, self.method, self.limits, margins=(12, 8, 12, 6), gap=4)
        segments = row(*presses, 1, self.save, margins=(10, 6, 8, 0), gap=2)
        self.setLayout(
            column(segments, line(), self._choices, told, self._weights, self.matrix, line(), self.list, gap=0)
        )
        self._choose_tab()

    @property
    def kind(self) -> str:
        """Return which tab is shown."""
        return KINDS[self.tabs.checkedId()]

    def set_choices(
        self, indicators: Sequence[tuple[str, str]], measures: Sequence[tuple[str, str]],
        bases: Sequence[tuple[str, str]],
    ) -> None:  # fmt: skip
        """Offer what can be chosen: id and name each."""
        for box, offered in ((self.indicator, indicators), (self.measure, measures), (self.base, bases)):
            with QSignalBlocker(box):
                box.offer(offered)

    def show_weights(self, weights: dict[str, float]) -> None:
        """Show the weight of each component, in hundredths."""
        for name, box in self.weights.items():
            box.blockSignals(True)
            box.setValue(100.0 * weights.get(name, 0.0))
            box.blockSignals(False)

    def show_view(self, view: PatternView) -> None:
        """Show one analysis."""
        self.method.setText(view.method)
        self.limits.setText(view.limits)
        self.refusal.setText(view.refusal)
        self.refusal.setVisible(bool(view.refusal))
        self.matrix.setVisible(view.matrix is not None)
        self.matrix.show_matrix(view.matrix or _NO_PAIRS)
        self.list.show_ranking(view.ranking, view.columns, "", view.total_of, "")

    def _weight_fields(self, components: Sequence[str]) -> QWidget:
        grid = QGridLayout()
        grid.setContentsMargins(12, 2, 8, 8)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        for at, name in enumerate(components):
            box = number_field(0.0, 100.0, decimals=0, step=5.0)
            box.setKeyboardTracking(False)
            self._appearance.say(box.setAccessibleName, f"patterns.component.{name}")
            box.valueChanged.connect(lambda value, name=name: self.weight_changed.emit(name, value / 100.0))
            self.weights[name] = box
            box.setMinimumWidth(56)
            head = caption(self._appearance, f"patterns.component.{name}", "small")
            head.setMinimumWidth(0)
            grid.addWidget(head, 0, at)
            grid.addWidget(box, 1, at)
        back = tool(self._appearance, "arrow-counter-clockwise", "patterns.weights.reset", size=16)
        back.clicked.connect(self.weights_reset)
        grid.addWidget(back, 1, len(components))
        made = QWidget()
        made.setLayout(grid)
        return made

    def _choose_tab(self) -> None:
        kind = self.kind
        self.indicator.setVisible(kind in ("density", "hot"))
        self.measure.setVisible(kind == "hot")
        self.base.setVisible(kind == "together")
        self._choices.setVisible(kind != "priority")
        self._weights.setVisible(kind == "priority")
        self.matrix.setVisible(kind == "together")
        self.asked.emit()
