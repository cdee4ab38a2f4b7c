"""How the values of a field are spread, with the limits of the classes, which can be drawn with the mouse."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from viewers.widgets.common.appearance import TYPE_SCALE, Appearance

HEIGHT = 108


class Histogram(pg.PlotWidget):
    """Bars in the colours of their classes and a line a limit.

    Signals
    -------
    limits_moved : (tuple of float) once a line is let go
    """

    limits_moved = Signal(object)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._edges: tuple[float, ...] = ()
        self._heights: tuple[float, ...] = ()
        self._limits: tuple[float, ...] = ()
        self._colours: tuple[str, ...] = ()
        self._lines: list[pg.InfiniteLine] = []
        self._bars: pg.BarGraphItem | None = None
        self.setFixedHeight(HEIGHT)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseEnabled(x=False, y=False)
        self.getPlotItem().hideAxis("left")
        self.getPlotItem().setContentsMargins(0, 2, 6, 0)
        self.getAxis("bottom").setStyle(tickLength=-3, tickTextOffset=3)
        appearance.say(self.setAccessibleName, "style.histogram")
        appearance.say(self.setToolTip, "style.histogram.tip")
        appearance.look_changed.connect(self._draw)
        self._draw()

    def show_values(
        self, edges: Sequence[float], heights: Sequence[float], limits: Sequence[float], colours: Sequence[str]
    ) -> None:
        """Show bars between ``edges`` and the limits between the classes of these colours."""
        fresh = (tuple(edges), tuple(heights), tuple(limits), tuple(colours))
        if fresh != (self._edges, self._heights, self._limits, self._colours):
            self._edges, self._heights, self._limits, self._colours = fresh
            self._draw()

    def _draw(self) -> None:
        appearance = self._appearance
        self.setBackground(appearance.colour("surface"))
        axis = self.getAxis("bottom")
        axis.setPen(appearance.colour("line_strong"))
        axis.setTextPen(appearance.colour("text_soft"))
        font = self.font()
        font.setPixelSize(TYPE_SCALE["tiny"])
        axis.setTickFont(font)
        self.clear()
        self._lines = []
        if not self._heights:
            return
        edges, heights = np.array(self._edges), np.array(self._heights)
        middle = (edges[:-1] + edges[1:]) / 2
        rank = np.searchsorted(np.array(self._limits), middle, side="right")
        table = [QColor(colour) for colour in self._colours] or [appearance.colour("accent_line")]
        brushes = [table[min(int(k), len(table) - 1)] for k in rank]
        # The square root lets a bar of ten be seen beside one of ten thousand.
        self._bars = pg.BarGraphItem(
            x0=edges[:-1],
            x1=edges[1:],
            height=np.sqrt(heights),
            brushes=brushes,
            pen=pg.mkPen(appearance.colour("surface")),
        )
        self.addItem(self._bars)
        pen, hover = pg.mkPen(appearance.colour("text"), width=1.4), pg.mkPen(appearance.colour("accent"), width=3)
        for limit in self._limits:
            line = pg.InfiniteLine(limit, angle=90, movable=True, pen=pen, hoverPen=hover, bounds=(edges[0], edges[-1]))
            line.setCursor(Qt.CursorShape.SizeHorCursor)
            line.sigPositionChangeFinished.connect(self._on_moved)
            self.addItem(line)
            self._lines.append(line)
        self.setXRange(float(edges[0]), float(edges[-1]), padding=0.01)
        self.setYRange(0.0, float(np.sqrt(heights.max())) * 1.05, padding=0.0)

    def _on_moved(self) -> None:
        span = (self._edges[-1] - self._edges[0]) / 400
        digits = int(max(0, -np.floor(np.log10(span)))) if span > 0 else 0
        moved = sorted({round(float(line.value()), digits) for line in self._lines})
        self.limits_moved.emit(tuple(moved))

    def wheelEvent(self, event: QEvent) -> None:  # noqa: N802
        """Leave the wheel to the page."""
        event.ignore()
