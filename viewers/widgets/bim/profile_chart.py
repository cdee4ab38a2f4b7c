"""The ground along a measured line as a chart: distance to the right, height upwards, gaps where nothing is known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QWidget

from models.terrain.relief import Profile
from viewers.widgets.common.appearance import TYPE_SCALE, Appearance
from viewers.widgets.common.controls import column

Floats = NDArray[np.float64]
HEIGHT_PX = 150


class ProfileChart(QWidget):
    """A profile, with a line that follows the cursor.

    Signals
    -------
    pointed : (float) metres from the start under the cursor; -1 when it leaves
    """

    pointed = Signal(float)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.profile: Profile | None = None
        #: The chart, made when it is first needed: its library takes a moment to load.
        self.plot: Any = None
        self.setLayout(column(gap=0))
        appearance.look_changed.connect(self._paint)
        appearance.lang_changed.connect(self._paint)
        self.hide()

    def _build(self) -> None:
        import pyqtgraph as pg

        self.plot = pg.PlotWidget()
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.setFixedHeight(HEIGHT_PX)
        self._line = self.plot.plot([], [], connect="finite")
        self._here = pg.InfiniteLine(angle=90, movable=False)
        self._words = pg.TextItem(anchor=(0.0, 0.0))
        for item in (self._here, self._words):
            self.plot.addItem(item, ignoreBounds=True)
            item.hide()
        self.plot.scene().sigMouseMoved.connect(self._on_moved)
        layout = self.layout()
        assert layout is not None  # noqa: S101 - it was just given
        layout.addWidget(self.plot)
        self._paint()

    def show_profile(self, profile: Profile | None) -> None:
        """Show a profile, or nothing."""
        self.profile = profile
        self.setVisible(profile is not None)
        if profile is not None:
            if self.plot is None:
                self._build()
            known = profile.height_m[np.isfinite(profile.height_m)]
            self._line.setData(profile.along_m, profile.height_m)
            if len(known):
                room = max(0.08 * float(np.ptp(known)), 0.5)
                self._line.setFillLevel(float(known.min()) - room)
                self.plot.setYRange(float(known.min()) - room, float(known.max()) + room, padding=0)
            self.plot.setXRange(0.0, profile.plan_m, padding=0.01)

    def _paint(self) -> None:
        if self.plot is None:
            return
        import pyqtgraph as pg

        appearance = self._appearance
        faint, accent = QColor(appearance.colour("text_faint")), QColor(appearance.colour("accent"))
        self.plot.setBackground(appearance.colour("surface"))
        font = QFont(self.font())
        font.setPixelSize(TYPE_SCALE["small"])
        for side, key in (("bottom", "profile.along"), ("left", "profile.height")):
            axis = self.plot.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setPen(pg.mkPen(faint, width=1))
            axis.setTextPen(faint)
            axis.setTickFont(font)
            axis.setLabel(appearance.word(key), color=faint.name(), **{"font-size": f"{TYPE_SCALE['small']}px"})
        self.plot.getAxis("left").setWidth(56)
        self.plot.showGrid(x=False, y=True, alpha=0.15)
        self._line.setPen(pg.mkPen(accent, width=2))
        wash = QColor(accent)
        wash.setAlpha(40)
        self._line.setBrush(wash)
        self._here.setPen(pg.mkPen(faint, width=1))
        self._words.setColor(QColor(appearance.colour("text")))

    def _on_moved(self, at: object) -> None:
        box, profile = self.plot.getPlotItem().vb, self.profile
        if profile is None or not box.sceneBoundingRect().contains(at):
            self._here.hide()
            self._words.hide()
            self.pointed.emit(-1.0)
            return
        along = float(np.clip(box.mapSceneToView(at).x(), 0.0, profile.plan_m))
        height = float(np.interp(along, profile.along_m, profile.height_m))
        self._here.setPos(along)
        reading = f"{along:,.1f} m · {height:,.2f} m" if np.isfinite(height) else f"{along:,.1f} m · —"
        self._words.setText(reading)
        right = along > 0.6 * profile.plan_m
        self._words.setAnchor((1.05 if right else -0.05, 0.0))
        self._words.setPos(along, box.viewRange()[1][1])
        self._here.show()
        self._words.show()
        self.pointed.emit(along)


def as_csv(profile: Profile) -> str:
    """Return a profile as a table: distance, easting, northing, height; an unknown height is empty."""
    rows = ["distance_m,easting_m,northing_m,height_m"]
    for along, (east, north, height) in zip(profile.along_m.tolist(), profile.points.tolist(), strict=True):
        rows.append(f"{along:.3f},{east:.3f},{north:.3f},{'' if np.isnan(height) else f'{height:.3f}'}")
    return "\n".join(rows) + "\n"
