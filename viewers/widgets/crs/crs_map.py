"""A small map without a map: where a layer would lie among the others, in degrees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewers.widgets.common.appearance import TYPE_SCALE, Appearance

Array = NDArray[np.float64]

_EDGE_PX = 14.0
#: Steps of the grid, degrees.
_STEPS = (10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)


class CrsMap(QWidget):
    """Draws points of one layer over those of others, with a grid of degrees."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._own: Array = np.empty((0, 2))
        self._others: list[Array] = []
        self._note = ""
        self.setMinimumSize(QSize(280, 220))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        appearance.look_changed.connect(self.update)

    def set_others(self, others: list[Array]) -> None:
        """Show these layers, degrees (n, 2) each."""
        self._others = [one for one in others if len(one)]
        self.update()

    def set_own(self, own: Array, note: str = "") -> None:
        """Show the layer here, degrees (n, 2); ``note`` is shown where it has no place."""
        self._own = own[np.isfinite(own).all(axis=1)] if len(own) else own
        self._note = note
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the map."""
        painter, appearance = QPainter(self), self._appearance
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(appearance.colour("line"), 1))
        painter.setBrush(appearance.colour("sunken"))
        painter.drawRoundedRect(box, 6, 6)
        font = painter.font()
        font.setPixelSize(TYPE_SCALE["tiny"])
        painter.setFont(font)
        everything = [one for one in (self._own, *self._others) if len(one)]
        if not everything:
            self._say(painter, box)
            return
        points = np.concatenate(everything)
        low, high = points.min(axis=0), points.max(axis=0)
        middle = (low + high) / 2
        squeeze = max(float(np.cos(np.radians(middle[1]))), 0.2)
        span = np.maximum((high - low) * np.array([squeeze, 1.0]), 1e-5) * 1.12
        scale = min((box.width() - 2 * _EDGE_PX) / span[0], (box.height() - 2 * _EDGE_PX) / span[1])

        def place(lonlat: Array) -> Array:
            moved = (lonlat - middle) * np.array([squeeze * scale, -scale])
            return np.asarray(moved + np.array([box.center().x(), box.center().y()]))

        self._grid(painter, box, middle, squeeze, scale)
        for one in self._others:
            self._draw(painter, place(one), "line_strong", 2.0)
        if len(self._own):
            self._draw(painter, place(self._own), "accent", 2.6)
        else:
            self._say(painter, box)

    def _grid(self, painter: QPainter, box: QRectF, middle: Array, squeeze: float, scale: float) -> None:
        wide = box.width() / (squeeze * scale), box.height() / scale
        step = next((one for one in _STEPS if min(wide) / one >= 2.0), _STEPS[-1])
        decimals = max(0, int(np.ceil(-np.log10(step))))
        painter.setPen(QPen(self._appearance.colour("line"), 1, Qt.PenStyle.DotLine))
        for axis in (0, 1):
            first = np.ceil((middle[axis] - wide[axis] / 2) / step) * step
            for value in np.arange(first, middle[axis] + wide[axis] / 2, step)[:12]:
                painter.setPen(QPen(self._appearance.colour("line"), 1, Qt.PenStyle.DotLine))
                if axis == 0:
                    x = box.center().x() + (value - middle[0]) * squeeze * scale
                    painter.drawLine(QPointF(x, box.top() + 1), QPointF(x, box.bottom() - 1))
                    spot = QPointF(x + 3, box.bottom() - 5)
                else:
                    y = box.center().y() - (value - middle[1]) * scale
                    painter.drawLine(QPointF(box.left() + 1, y), QPointF(box.right() - 1, y))
                    spot = QPointF(box.left() + 5, y - 3)
                painter.setPen(self._appearance.colour("text_faint"))
                painter.drawText(spot, f"{value:.{decimals}f}°")

    def _draw(self, painter: QPainter, spots: Array, tint: str, size: float) -> None:
        colour = self._appearance.colour(tint)
        low, high = spots.min(axis=0), spots.max(axis=0)
        if (high - low).max() < 9.0:  # too small to be seen as what it is
            painter.setPen(QPen(colour, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(*((low + high) / 2)), 6.0, 6.0)
            return
        few = spots[:: max(1, len(spots) // 1500)]
        painter.setPen(QPen(colour, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in few.tolist()]))

    def _say(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(self._appearance.colour("text_soft"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._note)
