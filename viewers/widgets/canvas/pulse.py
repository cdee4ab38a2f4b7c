"""A short, quiet ring around what a flight has come to."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QElapsedTimer, QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from viewers.widgets.canvas.view3d import View3D

#: How long it lasts, and how often it is drawn, milliseconds.
PULSE_MS, FRAME_MS = 900, 30
#: Least radius of the ring and how far it runs out, pixels.
LEAST_PX, OUT_PX = 16.0, 26.0


class Pulse(QWidget):
    """Two rings that run out from an object and fade; drawn over the view, it renders no scene.

    Parameters
    ----------
    view : View3D
    colour : str
        That of the selection.
    parent : QWidget
    """

    def __init__(self, view: View3D, colour: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._view, self._colour = view, colour
        self._box: NDArray[np.float64] | None = None
        self._since = QElapsedTimer()
        self._timer = QTimer(self, interval=FRAME_MS)
        self._timer.timeout.connect(self._go_on)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.hide()

    def show_at(self, box: NDArray[np.float64]) -> None:
        """Play once around a *world* box (2, 3); nothing moves where the view does not animate."""
        if not self._view.animate:
            return
        self._box = box
        self.setGeometry(self._view.geometry())
        self._since.start()
        self._timer.start()
        self.show()
        self.raise_()

    def stop(self) -> None:
        """End it at once."""
        self._timer.stop()
        self._box = None
        self.hide()

    def _go_on(self) -> None:
        if self._since.elapsed() >= PULSE_MS:
            self.stop()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the rings as they stand."""
        if self._box is None:
            return
        corners = np.array(np.meshgrid(*self._box.T, indexing="ij")).reshape(3, -1).T
        places, ahead = self._view.on_screen(corners)
        if not ahead.all():
            return
        middle = places.mean(axis=0)
        reach = max(float(np.hypot(*(places - middle).T).max()), LEAST_PX)
        if reach > math.hypot(self.width(), self.height()) / 2:  # all that is seen is the object
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for late in (0.0, 0.28):
            share = (self._since.elapsed() / PULSE_MS - late) / (1.0 - 0.28)
            if 0.0 <= share < 1.0:
                eased = 1.0 - (1.0 - share) ** 2
                colour = QColor(self._colour)
                colour.setAlphaF(0.7 * (1.0 - share))
                painter.setPen(QPen(colour, 2.2))
                painter.drawEllipse(QPointF(*middle.tolist()), reach + OUT_PX * eased, reach + OUT_PX * eased)
