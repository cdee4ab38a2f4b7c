"""The mark of a severity: a shape, its grade as a number and a colour of its own, so that none is needed alone."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPixmap, QPolygonF

from models.alarms.severities import severities
from viewers.render.palette.status_colours import status

#: Corners of the shape of a severity, 0 for a disc; the graver, the more it points.
_CORNERS = {"critical": 3, "major": 4, "minor": 5, "warning": 6, "indeterminate": 0}


def severity_colour(severity: str) -> str:
    """Return the colour of a severity, that of no data where nobody knows it."""
    return str(status()["severities"].get(severity, status()["general"]["no_data"]))


@lru_cache(maxsize=64)
def severity_mark(severity: str, size: int = 18) -> QPixmap:
    """Return the mark of a severity, sharp on a dense screen."""
    pixmap = QPixmap(QSize(size, size) * 2)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_mark(painter, severity, QPointF(size / 2, size / 2), size / 2 - 0.5)
    painter.end()
    return pixmap


def draw_mark(painter: QPainter, severity: str, middle: QPointF, radius: float) -> None:
    """Draw the mark of a severity around a point."""
    colour = QColor(severity_colour(severity))
    painter.setPen(QPen(colour.darker(125), 1))
    painter.setBrush(colour)
    corners = _CORNERS.get(severity, 0)
    if corners:
        turns = [-math.pi / 2 + 2 * math.pi * at / corners for at in range(corners)]
        low = radius * (0.16 if corners == 3 else 0.0)  # a triangle's middle lies low
        painter.drawPolygon(
            QPolygonF([middle + QPointF(radius * math.cos(turn), low + radius * math.sin(turn)) for turn in turns])
        )
    else:
        painter.drawEllipse(middle, radius, radius)
    known = severities().get(severity)
    if known is None or severity == "indeterminate":
        return
    font = QFont(painter.font())
    font.setPixelSize(max(round(radius * 1.05), 7))
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(QColor("#ffffff") if colour.lightnessF() < 0.6 else QColor("#1d2a31"))
    text = str(known.grade) if known.rank > 2 else "·"
    drop = radius * (0.24 if corners == 3 else 0.0)
    painter.drawText(QRectF(middle.x() - radius, middle.y() - radius + drop, 2 * radius, 2 * radius),
                     Qt.AlignmentFlag.AlignCenter, text)  # fmt: skip
