"""The card of the measuring tool: what is measured, what to do next, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from viewers.widgets.bim.profile_chart import ProfileChart
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, card_number, clear, column, label, row, tool
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.common.tool_bar_card import ToolCard, choices

#: Kinds of measurement with their icons.
KINDS = {
    "point": "map-pin", "distance": "line-segment", "polyline": "line-segments", "area": "polygon",
    "angle": "triangle", "volume": "cube", "profile": "chart-line", "ground_area": "polygon", "earthwork": "waves",
}  # fmt: skip
#: Those that measure the terrain.
ON_GROUND = ("profile", "ground_area", "earthwork")
#: As many results are seen without scrolling.
SEEN = 4
ROW_PX = 46


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A measurement in words."""

    kind: str
    title: str
    detail: str


class MeasureBar(ToolCard):
    """Kinds, a hint, and results.

    Signals
    -------
    kind_chosen : (str)
    copy_requested, delete_requested : (int) a result; -1 for all
    go_requested : (int) show where a result was measured
    level_changed : (float) earth is counted to another level
    table_requested : () copy the profile as a table
    """

    kind_chosen = Signal(str)
    copy_requested = Signal(int)
    delete_requested = Signal(int)
    go_requested = Signal(int)
    level_changed = Signal(float)
    table_requested = Signal()
    hint_folds = False

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "ruler", "tools.measure", parent)
        self.kinds = choices(appearance, self, KINDS, lambda one: f"tools.kind.{one}", self.kind_chosen.emit)
        self.fill_head(press for kind, press in self.kinds.items() if kind not in ON_GROUND)
        self.level = card_number(appearance, "tools.level", -1000.0, 9000.0)
        self.level.valueChanged.connect(self.level_changed)
        self._level_words = caption(appearance, "tools.level", "small")
        ground = row(
            caption(appearance, "tools.ground", "small"), *(self.kinds[kind] for kind in KINDS if kind in ON_GROUND), 1,
            self._level_words, self.level, gap=4,
        )  # fmt: skip
        self.live = label("strong")
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 4, 0)
        self._rows.setSpacing(0)
        body = QWidget()
        body.setLayout(self._rows)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(body)
        self._scroll.setStyleSheet("background: transparent;")
        self.copy_all = button(appearance, "tools.copy_all", "quiet", "copy")
        self.copy_all.clicked.connect(lambda: self.copy_requested.emit(-1))
        self.clear_all = button(appearance, "tools.clear_all", "quiet", "trash")
        self.clear_all.clicked.connect(lambda: self.delete_requested.emit(-1))
        self.chart = ProfileChart(appearance)
        self.table = button(appearance, "tools.profile_table", "quiet", "table")
        self.table.clicked.connect(self.table_requested)
        self._foot = QWidget()
        self._foot.setLayout(row(self.table, 1, self.copy_all, self.clear_all, gap=2))
        said_row = row(self.hint, self.live, gap=12)
        said_row.setStretch(0, 1)
        self.lay_out(ground, said_row, self.chart, self._scroll, self._foot)
        self.show_results([])

    def show_kind(self, kind: str) -> None:
        """Show which kind is measured now."""
        self.kinds[kind].setChecked(True)
        for piece in (self.level, self._level_words):
            piece.setVisible(kind == "earthwork")

    def show_level(self, level_m: float) -> None:
        """Show to which level earth was counted, without saying that it changed."""
        self.level.blockSignals(True)
        self.level.setValue(level_m)
        self.level.blockSignals(False)

    def say(self, hint: str, live: str = "") -> None:
        """Show what to do next, and what the figure would be."""
        self.live.setText(live)
        super().say(hint)

    def show_results(self, results: Sequence[ResultRow]) -> None:
        """Show what was measured, the latest first."""
        clear(self._rows)
        for number in range(len(results) - 1, -1, -1):
            self._rows.addWidget(self._row(results[number], number))
        self._rows.addStretch(1)
        self._scroll.setVisible(bool(results))
        self._scroll.setFixedHeight(min(len(results), SEEN) * ROW_PX + 2)
        self._foot.setVisible(bool(results))
        self.table.setVisible(any(one.kind == "profile" for one in results))
        self.resized.emit()

    def _row(self, result: ResultRow, number: int) -> QFrame:
        frame = QFrame()
        frame.setFixedHeight(ROW_PX)
        picture = label()
        picture.setPixmap(self.appearance.icon(KINDS[result.kind], "text_faint").pixmap(16, 16))
        title, detail = label("strong", select=True), label("small", select=True)
        title.setText(result.title)
        detail.setText(result.detail)
        detail.setToolTip(plain_tip(result.detail))
        detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # the buttons keep their room
        go = tool(self.appearance, "crosshair-simple", "tools.result.go", size=14, tint="text_faint")
        copy = tool(self.appearance, "copy", "tools.result.copy", size=14, tint="text_faint")
        gone = tool(self.appearance, "x", "tools.result.delete", size=14, tint="text_faint")
        go.clicked.connect(lambda: self.go_requested.emit(number))
        copy.clicked.connect(lambda: self.copy_requested.emit(number))
        gone.clicked.connect(lambda: self.delete_requested.emit(number))
        frame.setLayout(row(picture, column(title, detail, gap=0), 1, go, copy, gone, margins=(2, 3, 0, 3), gap=4))
        return frame
