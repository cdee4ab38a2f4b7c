"""Charts in the colours and the font of the window: bars that can be clicked, points, boxes."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPixmap, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from models.query.statistics import Bar, Box
from resources.visible_text import visible_text
from viewers.widgets.common.appearance import TYPE_SCALE, Appearance

Floats = NDArray[np.float64]
#: Names below bars that have less room than this, pixels, stand at the left of bars that lie.
LEAST_NAME_PX = 58
#: Height of a bar that lies, and what axis and edges take, pixels; the share of the width that its name may have.
LYING_PX, AXIS_PX, NAME_SHARE = 13, 46, 0.4
LEAST_HEIGHT_PX = 150
#: So many points of a scatter are drawn; more are thinned evenly.
MOST_POINTS = 20_000


class Chart(pg.PlotWidget):
    """One chart.

    Signals
    -------
    rows_chosen : (ndarray of row numbers, bool) what was clicked, and whether it joins the selection

    Parameters
    ----------
    appearance : Appearance
    """

    rows_chosen = Signal(object, bool)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self._appearance = appearance
        self._bars: list[tuple[float, float, Any]] = []
        self._points: tuple[Floats, Floats, NDArray[np.int64]] | None = None
        self._again: Any = None
        #: Whether the bars lie, their names at the left.
        self.is_lying = False
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setMinimumHeight(LEAST_HEIGHT_PX)
        self.scene().sigMouseClicked.connect(self._on_clicked)
        appearance.look_changed.connect(self._redraw)
        self._wear()

    def show_nothing(self) -> None:
        """Show an empty chart."""
        self._begin(None)

    def show_bars(self, bars: Sequence[Bar], across: str, up: str, *, numeric: bool) -> None:
        """Show a histogram (``numeric``) or one bar a category."""
        self._begin(lambda: self.show_bars(bars, across, up, numeric=numeric))
        if not bars:
            return
        heights = [bar.height for bar in bars]
        if not numeric and self._is_narrow([bar.name for bar in bars]):
            self._show_lying(bars, across, up)
            return
        if numeric:
            edges = [(bar.low, bar.high) for bar in bars]
        else:
            edges = [(at - 0.38, at + 0.38) for at in range(len(bars))]
            self._name_places([bar.name for bar in bars])
        colour = self._appearance.colour("accent")
        edge = pg.mkPen(self._appearance.colour("raised"), width=1)
        self.addItem(pg.BarGraphItem(
            x0=[low for low, _ in edges], x1=[high for _, high in edges], height=heights, y0=0, brush=colour, pen=edge
        ))  # fmt: skip
        self._bars = [(low, high, bar.rows) for (low, high), bar in zip(edges, bars, strict=True)]
        self._name(across, up)
        self.setXRange(edges[0][0], edges[-1][1], padding=0.02)
        low, high = min(0.0, *heights), max(0.0, *heights)
        self.setYRange(low, high if high > low else 1.0, padding=0.06)

    def _is_narrow(self, names: Sequence[str]) -> bool:
        """Whether most names would be cut to nothing below their bars, even in two lines."""
        measure = QFontMetrics(self._font())
        room = 2 * max(self.width() - 70, 120) / max(len(names), 1) - 6
        return room < LEAST_NAME_PX and any(measure.horizontalAdvance(name) > room for name in names)

    def _show_lying(self, bars: Sequence[Bar], across: str, up: str) -> None:
        """Show bars that lie, the first at the top, each with its name at the left."""
        self.is_lying = True
        self.setMinimumHeight(max(LEAST_HEIGHT_PX, LYING_PX * len(bars) + AXIS_PX))
        self.getViewBox().invertY(True)
        places, heights = list(range(len(bars))), [bar.height for bar in bars]
        self.addItem(pg.BarGraphItem(
            x0=0, x1=heights, y=places, height=0.76, brush=self._appearance.colour("accent"),
            pen=pg.mkPen(self._appearance.colour("raised"), width=1),
        ))  # fmt: skip
        self._bars = [(at - 0.5, at + 0.5, bar.rows) for at, bar in enumerate(bars)]
        measure, room = QFontMetrics(self._font()), int(NAME_SHARE * max(self.width(), 200))
        axis = self.getAxis("left")
        axis.setStyle(hideOverlappingLabels=False)
        axis.setTicks([
            [(at, measure.elidedText(bar.name, Qt.TextElideMode.ElideRight, room)) for at, bar in enumerate(bars)]
        ])  # fmt: skip
        self.showGrid(x=True, y=False, alpha=0.12)
        self._name(up, across)
        low, high = min(0.0, *heights), max(0.0, *heights)
        self.setXRange(low, high if high > low else 1.0, padding=0.04)
        self.setYRange(-0.6, len(bars) - 0.4, padding=0)

    def show_points(self, x: Floats, y: Floats, rows: NDArray[np.int64], across: str, up: str) -> None:
        """Show a scatter of two numbers."""
        self._begin(lambda: self.show_points(x, y, rows, across, up))
        if not len(x):
            return
        step = max(1, len(x) // MOST_POINTS)
        x, y, rows = x[::step], y[::step], rows[::step]
        dot = self._appearance.colour("accent")
        dot.setAlpha(150)
        self.addItem(pg.ScatterPlotItem(x=x, y=y, size=5, pen=None, brush=dot))
        self._points = (x, y, rows)
        self._name(across, up)
        self.autoRange(padding=0.04)

    def show_boxes(self, boxes: Sequence[Box], across: str, up: str) -> None:
        """Show one box a group: quartiles, whiskers, what lies beyond."""
        self._begin(lambda: self.show_boxes(boxes, across, up))
        if not boxes:
            return
        accent, text = self._appearance.colour("accent"), self._appearance.colour("text")
        fill = self._appearance.colour("accent_soft")
        for at, box in enumerate(boxes):
            pen = pg.mkPen(accent, width=1.4)
            for one, two in ((box.low, box.first), (box.third, box.high)):
                self.plot([at, at], [one, two], pen=pen)
            for end in (box.low, box.high):
                self.plot([at - 0.15, at + 0.15], [end, end], pen=pen)
            self.addItem(pg.BarGraphItem(
                x=[at], width=0.56, y0=[box.first], height=[box.third - box.first], brush=fill, pen=pen
            ))  # fmt: skip
            self.plot([at - 0.28, at + 0.28], [box.median, box.median], pen=pg.mkPen(text, width=2))
            if len(box.beyond):
                self.addItem(pg.ScatterPlotItem(
                    x=np.full(len(box.beyond), float(at)), y=box.beyond, size=4, pen=None, brush=accent
                ))  # fmt: skip
        self._name_places([box.name for box in boxes])
        self._bars = [(at - 0.4, at + 0.4, box.rows) for at, box in enumerate(boxes)]
        self._name(across, up)
        self.setXRange(-0.6, len(boxes) - 0.4, padding=0)
        self.enableAutoRange(axis="y")

    def picture(self) -> QPixmap:
        """Return the chart as it is shown."""
        picture: QPixmap = self.grab()
        return picture

    def choose_at(self, x: float, y: float, *, join: bool = False) -> None:
        """Choose what is drawn at a place of the chart, in its own units."""
        along = y if self.is_lying else x
        for low, high, rows in self._bars:
            if low <= along <= high:
                self.rows_chosen.emit(rows, join)
                return
        if self._points is not None:
            (left, right), (below, above) = self.viewRange()
            away = np.hypot(
                (self._points[0] - x) / max(right - left, 1e-12), (self._points[1] - y) / max(above - below, 1e-12)
            )
            best = int(np.argmin(away))
            if away[best] < 0.02:
                self.rows_chosen.emit(self._points[2][best : best + 1], join)

    def _on_clicked(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at: QPointF = self.getViewBox().mapSceneToView(event.scenePos())
        join = bool(event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier))
        self.choose_at(at.x(), at.y(), join=join)

    def _begin(self, again: Any) -> None:
        self._again, self._bars, self._points = again, [], None
        self.is_lying = False
        self.setMinimumHeight(LEAST_HEIGHT_PX)
        self.getViewBox().invertY(False)
        self.clear()
        for side in ("bottom", "left"):
            self.getAxis(side).setTicks(None)
            self.getAxis(side).setStyle(hideOverlappingLabels=True)
        self._wear()

    def _redraw(self) -> None:
        if self._again is not None:
            self._again()
        else:
            self._wear()

    def _wear(self) -> None:
        self.setBackground(self._appearance.colour("surface"))  # a transparent one keeps the look it was made in
        font = self._font()
        line, text = self._appearance.colour("line_strong"), self._appearance.colour("text_soft")
        for side in ("bottom", "left"):
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(line))
            axis.setTextPen(pg.mkPen(text))
            axis.setStyle(tickFont=font, tickLength=-4, autoExpandTextSpace=True)
            axis.enableAutoSIPrefix(False)
            axis.label.setFont(font)
        self.showGrid(x=False, y=True, alpha=0.12)

    def _name_places(self, names: Sequence[str]) -> None:
        """Write names below categories, in two lines in turn where one has no room, cut so that they do not touch."""
        room = max(self.width() - 70, 120) / max(len(names), 1) - 6
        measure = QFontMetrics(self._font())
        in_turn = len(names) > 1 and any(measure.horizontalAdvance(name) > room for name in names)
        room = 2 * room + 6 if in_turn else room
        cut = [measure.elidedText(name, Qt.TextElideMode.ElideRight, int(room)) for name in names]
        lines = [f"\n{text}" if in_turn and at % 2 else text for at, text in enumerate(cut)]
        axis = self.getAxis("bottom")
        axis.setStyle(hideOverlappingLabels=False)  # else the last name is left out where it is wider than its bar
        axis.setTicks([list(enumerate(lines))])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Cut the names of categories to the new width."""
        super().resizeEvent(event)
        if getattr(self, "_again", None) is not None and self._points is None:
            self._again()

    def _font(self) -> QFont:
        font = QFont(QApplication.font())
        font.setPixelSize(TYPE_SCALE["tiny"])
        return font

    def _name(self, across: str, up: str) -> None:
        style = {"color": self._appearance.colours["text_soft"], "font-size": f"{TYPE_SCALE['tiny']}px"}
        self.setLabel("bottom", escape(visible_text(across)), **style)  # it reads markup
        self.setLabel("left", escape(visible_text(up)), **style)
