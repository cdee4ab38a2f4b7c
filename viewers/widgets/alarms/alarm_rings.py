"""Rings around facilities in alarm: slow, few, drawn over the view; they render no scene."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer, QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from viewers.widgets.alarms.severity_marks import draw_mark, severity_colour
from viewers.widgets.canvas.view3d import View3D

#: One breath lasts so long, and is drawn so often: four frames a second tire no eye. Milliseconds.
BREATH_MS, FRAME_MS = 2800, 250
#: Radius at rest and how far a ring breathes, pixels; size of the mark; more rings than this say nothing.
REST_PX, BREATH_PX, MARK_PX, MOST = 15.0, 7.0, 7.0, 200


class AlarmRingsOverlay(QWidget):
    """Rings at world places; nothing is drawn, and no timer runs, where there is none.

    Parameters
    ----------
    view : View3D
    parent : QWidget
    """

    def __init__(self, view: View3D, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = view
        self._places: NDArray[np.float64] = np.empty((0, 3))
        self._severity = ""
        self._since = QElapsedTimer()
        self._timer = QTimer(self, interval=FRAME_MS)
        self._timer.timeout.connect(self.update)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        view.turned.connect(self._on_turned)
        self.hide()

    @property
    def is_moving(self) -> bool:
        """Whether frames are drawn again and again."""
        return self._timer.isActive()

    def show_at(self, places: NDArray[np.float64], severity: str) -> None:
        """Mark world places (n, 3) as in alarm of one severity; none takes all rings away."""
        self._places, self._severity = places[:MOST], severity
        if not len(self._places):
            self._timer.stop()
            self.hide()
            return
        self.setGeometry(self._view.geometry())
        if self._view.animate and not self._timer.isActive():
            self._since.start()
            self._timer.start()
        self.show()
        self.raise_()
        self.update()

    def _on_turned(self) -> None:
        if len(self._places):
            self.setGeometry(self._view.geometry())
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the rings as they breathe."""
        share = 0.0
        if self._timer.isActive():
            share = 0.5 - 0.5 * math.cos(2 * math.pi * (self._since.elapsed() % BREATH_MS) / BREATH_MS)
        painter = QPainter(self)
        self._paint(painter, share)
        painter.end()

    def paint_on(self, image: Any) -> None:
        """Draw the rings at rest onto a frame of the view."""
        if not len(self._places) or self._view.width() < 1:
            return
        painter = QPainter(image)
        scale = image.width() / self._view.width() / image.devicePixelRatio()
        painter.scale(scale, scale)
        self._paint(painter, 0.0)
        painter.end()

    def _paint(self, painter: QPainter, share: float) -> None:
        places, ahead = self._view.on_screen(self._places)
        room = self._view.rect().adjusted(-40, -40, 40, 40)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(severity_colour(self._severity))
        for x, y in places[ahead].tolist():
            middle = QPointF(x, y)
            if not room.contains(middle.toPoint()):
                continue
            painter.setBrush(Qt.BrushStyle.NoBrush)
            radius = REST_PX + BREATH_PX * share
            painter.setPen(QPen(QColor(255, 255, 255, 170), 4.6))  # legible on dark and on light ground
            painter.drawEllipse(middle, radius, radius)
            colour.setAlphaF(1.0 - 0.45 * share)
            painter.setPen(QPen(colour, 2.4))
            painter.drawEllipse(middle, radius, radius)
            draw_mark(painter, self._severity, middle + QPointF(REST_PX * 0.75, -REST_PX * 0.75), MARK_PX)
