"""Readings of any sensors over one time: a plot for each unit, one below the other, and values under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QWidget

from models.readings.batch import Quality
from models.readings.curves import Curve, thinned
from models.style.ramps import ramp
from models.timeline.ticks import time_ticks
from models.timeline.zone import DEFAULT_ZONE, moment_text
from viewers.render.symbology.moment_colours import alarm_colour
from viewers.widgets.common.appearance import TYPE_SCALE, Appearance
from viewers.widgets.common.controls import column
from viewers.widgets.timeline.shown_curves import ShownCurve, ShownThreshold

#: Colours that are told apart; further curves have the same again, dashed.
COLOURS = 8
#: Points that are drawn of one curve.
MOST_POINTS = 4000
#: Least height of a plot, and width of its axis, pixels.
PLOT_PX, AXIS_PX = 90, 54
LABEL_PX = 78
_S = 1e-6  # the axis counts seconds since 1970: µs are too long for the single precision of some drivers


class _TimeAxis(pg.AxisItem):
    """Round local times."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__("bottom")
        self.zone = DEFAULT_ZONE
        self._appearance = appearance

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802
        """Return where ticks stand."""
        ticks = time_ticks((round(low / _S), round(high / _S)), max(int(size // LABEL_PX), 1), self.zone)
        self._texts = {tick.moment_us * _S: tick.text for tick in ticks}
        return [(1.0, list(self._texts))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Return what stands at them."""
        return [self._texts.get(value, "") for value in values]


class _Brush(pg.ViewBox):
    """A plot's room in which the left button brushes a span and the wheel zooms time.

    Signals
    -------
    brushed : (float, float) seconds
    pressed : (float) seconds
    reset : ()
    """

    brushed = Signal(float, float)
    pressed = Signal(float)
    reset = Signal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.setMouseEnabled(x=True, y=False)
        self._band: pg.LinearRegionItem | None = None
        self.tint = QColor("#888888")

    def mouseDragEvent(self, event: Any, axis: Any = None) -> None:  # noqa: N802
        """Brush with the left button; move with the others."""
        if event.button() != Qt.MouseButton.LeftButton:
            super().mouseDragEvent(event, axis=0)
            return
        event.accept()
        low, high = sorted((self.mapToView(event.buttonDownPos()).x(), self.mapToView(event.pos()).x()))
        if self._band is None:
            fill = QColor(self.tint)
            fill.setAlpha(50)
            self._band = pg.LinearRegionItem(movable=False, brush=fill, pen=pg.mkPen(self.tint))
            self.addItem(self._band, ignoreBounds=True)
        self._band.setRegion((low, high))
        if event.isFinish():
            self.removeItem(self._band)
            self._band = None
            if high > low:
                self.brushed.emit(low, high)

    def mouseClickEvent(self, event: Any) -> None:  # noqa: N802
        """Go to a moment; show all again by a double click."""
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            if event.double():
                self.reset.emit()
            else:
                self.pressed.emit(self.mapToView(event.pos()).x())


class SensorChart(QWidget):
    """The plots.

    Signals
    -------
    span_chosen : (int, int) µs: what was brushed, or is in view after the wheel
    whole_requested : () show all again
    moment_chosen : (int µs) a click
    cursor_moved : (int µs or None)
    """

    span_chosen = Signal(object, object)
    whole_requested = Signal()
    moment_chosen = Signal(object)
    cursor_moved = Signal(object)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._curves: tuple[ShownCurve, ...] = ()
        self._thresholds: tuple[ShownThreshold, ...] = ()
        self._hidden: set[int] = set()
        self._span_us: tuple[int, int] | None = None
        self._moment_us: int | None = None
        self._zone = DEFAULT_ZONE
        self._plots: dict[str, Any] = {}
        self._cursors: list[Any] = []
        self._moments: list[Any] = []
        self.field = pg.GraphicsLayoutWidget()
        self.field.setBackground(None)
        self.field.ci.setContentsMargins(0, 0, 4, 0)
        self.field.ci.setSpacing(2)
        self.setLayout(column(self.field, gap=0))
        self.field.scene().sigMouseMoved.connect(self._on_mouse)
        self._quiet = False
        appearance.look_changed.connect(self._draw)
        appearance.lang_changed.connect(self._draw)

    # --- what is shown ---------------------------------------------------------------------------------------------
    def show_curves(
        self, curves: Sequence[ShownCurve], thresholds: Sequence[ShownThreshold], span_us: tuple[int, int],
        zone: str = DEFAULT_ZONE,
    ) -> None:  # fmt: skip
        """Show curves over a span, those of one unit in one plot."""
        self._curves, self._thresholds = tuple(curves), tuple(thresholds)
        self._span_us, self._zone = span_us, zone
        self._draw()

    def show_moment(self, moment_us: int | None) -> None:
        """Mark the moment of the clock."""
        self._moment_us = moment_us
        for line in self._moments:
            line.setVisible(moment_us is not None)
            if moment_us is not None:
                line.setPos(moment_us * _S)

    def set_hidden(self, channels: set[int]) -> None:
        """Leave out some channels."""
        self._hidden = set(channels)
        self._draw()

    def colour_of(self, at: int) -> QColor:
        """Return the colour of a curve by its place."""
        shade = QColor(ramp("atlas").classes(COLOURS)[at % COLOURS])
        return shade if self._appearance.dark else shade.darker(125)

    def is_dashed(self, at: int) -> bool:
        """Whether a curve is dashed, its colour being that of another."""
        return at // COLOURS % 2 == 1

    @property
    def units(self) -> list[str]:
        """Return the units that are shown, top to bottom."""
        return list(self._plots)

    def _draw(self) -> None:
        self.field.ci.clear()
        self.field.setBackground(self._appearance.colour("surface"))
        self._plots, self._cursors, self._moments = {}, [], []
        span = self._span_us
        if span is None:
            return
        shown = [(at, one) for at, one in enumerate(self._curves) if one.curve.channel.id not in self._hidden]
        units = list(dict.fromkeys(one.unit for _, one in shown))
        for unit in units:
            self._plots[unit] = self._plot(unit, is_last=unit == units[-1])
        self.field.setMinimumHeight(PLOT_PX * len(units) + 26)
        first = next(iter(self._plots.values()), None)
        for plot in self._plots.values():
            if plot is not first:
                plot.setXLink(first)
        for at, one in shown:
            self._draw_curve(self._plots[one.unit], at, one)
        for line in self._thresholds:
            if line.unit in self._plots:
                self._draw_threshold(self._plots[line.unit], line)
        if first is not None:
            self._quiet = True
            first.setXRange(span[0] * _S, span[1] * _S, padding=0)
            self._quiet = False
            first.vb.sigRangeChangedManually.connect(lambda *_: self._on_zoomed(first.vb))
        self.show_moment(self._moment_us)

    def _plot(self, unit: str, *, is_last: bool) -> Any:
        appearance = self._appearance
        box, axis = _Brush(), _TimeAxis(appearance)
        axis.zone = self._zone
        box.tint = appearance.colour("accent")
        plot = self.field.ci.addPlot(row=len(self._plots), col=0, viewBox=box, axisItems={"bottom": axis})
        plot.hideButtons()
        faint, soft = appearance.colour("line_strong"), appearance.colour("text_soft")
        font = QFont(self.font())
        font.setPixelSize(TYPE_SCALE["tiny"])
        for side in ("bottom", "left"):
            edge = plot.getAxis(side)
            edge.setPen(pg.mkPen(faint, width=1))
            edge.setTextPen(soft)
            edge.setTickFont(font)
            edge.enableAutoSIPrefix(False)
        plot.getAxis("left").setWidth(AXIS_PX)
        plot.getAxis("left").setLabel(unit or "–", color=soft.name(), **{"font-size": f"{TYPE_SCALE['tiny']}px"})
        plot.getAxis("bottom").setStyle(showValues=is_last)
        plot.showGrid(x=True, y=True, alpha=0.18)
        box.brushed.connect(lambda low, high: self.span_chosen.emit(round(low / _S), round(high / _S)))
        box.pressed.connect(lambda at: self.moment_chosen.emit(round(at / _S)))
        box.reset.connect(self.whole_requested)
        cursor = pg.InfiniteLine(angle=90, pen=pg.mkPen(appearance.colour("text_faint"), width=1))
        moment = pg.InfiniteLine(angle=90, pen=pg.mkPen(appearance.colour("warn"), width=1.6))
        cursor.hide()
        for line in (cursor, moment):
            plot.addItem(line, ignoreBounds=True)
        self._cursors.append(cursor)
        self._moments.append(moment)
        return plot

    def _draw_curve(self, plot: Any, at: int, one: ShownCurve) -> None:
        times, values = one.curve.line()
        times, values = thinned(times, values, MOST_POINTS)
        shade = self.colour_of(at)
        style = Qt.PenStyle.DashLine if self.is_dashed(at) else Qt.PenStyle.SolidLine
        pen = pg.mkPen(shade, width=1.6, style=style)
        plot.addItem(pg.PlotDataItem(times * _S, values, pen=pen, connect="finite", antialias=True))
        curve = one.curve
        lonely = curve.lonely()
        if lonely.any():
            self._points(plot, curve, lonely, "o", shade, 4, is_filled=True)
        bad = (curve.quality & int(Quality.BAD)) != 0
        if bad.any():
            self._points(plot, curve, bad, "x", self._appearance.colour("bad"), 8, is_filled=False)
        doubted = curve.marked() & ~bad
        if doubted.any():
            self._points(plot, curve, doubted, "o", self._appearance.colour("warn"), 7, is_filled=False)

    @staticmethod
    def _points(plot: Any, curve: Curve, which: Any, symbol: str, tint: QColor, size: int, *, is_filled: bool) -> None:
        rows = np.flatnonzero(which)[:MOST_POINTS]
        brush = pg.mkBrush(tint) if is_filled else None
        item = pg.ScatterPlotItem(
            curve.time_us[rows] * _S, curve.value[rows], symbol=symbol, size=size, brush=brush,
            pen=pg.mkPen(tint, width=1.4),
        )  # fmt: skip
        plot.addItem(item, ignoreBounds=False)

    def _draw_threshold(self, plot: Any, line: ShownThreshold) -> None:
        tint = QColor(alarm_colour(line.level))
        item = pg.InfiniteLine(
            pos=line.value, angle=0, pen=pg.mkPen(tint, width=1.2, style=Qt.PenStyle.DashLine), label=line.text,
            labelOpts={"position": 0.02, "color": tint, "anchors": [(0, 1), (0, 1)]},
        )  # fmt: skip
        font = QFont(self.font())
        font.setPixelSize(TYPE_SCALE["tiny"])
        item.label.setFont(font)
        plot.addItem(item, ignoreBounds=True)

    # --- the hand --------------------------------------------------------------------------------------------------
    def _on_zoomed(self, box: Any) -> None:
        if not self._quiet:
            low, high = box.viewRange()[0]
            self.span_chosen.emit(round(low / _S), round(high / _S))

    def _on_mouse(self, at: QPointF) -> None:
        """Follow the cursor with a line through all plots."""
        inside = next((plot for plot in self._plots.values() if QRectF(plot.sceneBoundingRect()).contains(at)), None)
        for cursor in self._cursors:
            cursor.setVisible(inside is not None)
        if inside is None:
            self.cursor_moved.emit(None)
            return
        seconds = inside.vb.mapSceneToView(at).x()
        for cursor in self._cursors:
            cursor.setPos(seconds)
        self.cursor_moved.emit(round(seconds / _S))

    def leaveEvent(self, event: Any) -> None:  # noqa: N802
        """Let the cursor's line go."""
        for cursor in self._cursors:
            cursor.hide()
        self.cursor_moved.emit(None)
        super().leaveEvent(event)

    def span_text(self) -> str:
        """Return the span in view in words."""
        if self._span_us is None:
            return ""
        return " – ".join(moment_text(one, self._zone) for one in self._span_us)
