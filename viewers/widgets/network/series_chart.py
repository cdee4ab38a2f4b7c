"""Series of several objects over the time of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QWidget

from models.style.ramps import ramp
from viewers.widgets.common.appearance import TYPE_SCALE, Appearance
from viewers.widgets.common.controls import column

HEIGHT_PX = 190
#: As many curves are told apart.
MOST_CURVES = 8


@dataclass(frozen=True, slots=True)
class Curve:
    """One series: whose it is, hours since the start, values."""

    name: str
    hours: NDArray[np.float64]
    values: NDArray[np.float64]


class SeriesChart(QWidget):
    """Curves over hours, with a line at the step that is shown; its library is loaded when it is first needed."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.plot: Any = None
        self._legend: Any = None
        self._curves: list[Curve] = []
        self._unit = ""
        self.setLayout(column(gap=0))
        appearance.look_changed.connect(self._draw)
        appearance.lang_changed.connect(self._draw)

    def show_curves(self, curves: Sequence[Curve], unit: str) -> None:
        """Show series, at most :data:`MOST_CURVES`."""
        self._curves, self._unit = list(curves)[:MOST_CURVES], unit
        if self.plot is None:
            self._build()
        self._draw()

    def show_time(self, at_s: float) -> None:
        """Mark a moment, seconds since the start."""
        if self.plot is not None:
            self._here.setPos(at_s / 3600)

    def _build(self) -> None:
        import pyqtgraph as pg

        self.plot = pg.PlotWidget()
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(True, False)
        self.plot.setFixedHeight(HEIGHT_PX)
        self._legend = self.plot.addLegend(offset=(-6, 4), labelTextSize=f"{TYPE_SCALE['small']}px")
        self._here = pg.InfiniteLine(angle=90, movable=False)
        layout = self.layout()
        assert layout is not None  # noqa: S101 - it was just given
        layout.addWidget(self.plot)

    def _draw(self) -> None:
        if self.plot is None:
            return
        import pyqtgraph as pg

        appearance = self._appearance
        faint, soft = QColor(appearance.colour("text_faint")), QColor(appearance.colour("text_soft"))
        self.plot.clear()
        self._legend.clear()
        self._legend.setLabelTextColor(soft)
        self.plot.setBackground(appearance.colour("surface"))
        self.plot.addItem(self._here, ignoreBounds=True)
        self._here.setPen(pg.mkPen(QColor(appearance.colour("accent")), width=1.5))
        font = QFont(self.font())
        font.setPixelSize(TYPE_SCALE["small"])
        for side, text in (("bottom", appearance.word("simulation.hours")), ("left", self._unit)):
            axis = self.plot.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setPen(pg.mkPen(faint, width=1))
            axis.setTextPen(soft)
            axis.setTickFont(font)
            axis.setLabel(text, color=soft.name(), **{"font-size": f"{TYPE_SCALE['small']}px"})
        colours = ramp("atlas").classes(MOST_CURVES)
        for at, curve in enumerate(self._curves):
            shade = QColor(colours[at]) if appearance.dark else QColor(colours[at]).darker(135)
            self.plot.plot(curve.hours, curve.values, pen=pg.mkPen(shade, width=2), name=curve.name)
