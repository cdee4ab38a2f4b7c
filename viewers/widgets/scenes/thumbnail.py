"""Small pictures of scenes, drawn from what a preset shows: a quarter of a town with its lines, dots and discs."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from viewers.widgets.common.appearance import Appearance

SIZE = QSize(92, 64)
FINER = 2
#: Most of a kind that is drawn: a thumbnail is read at a glance.
MOST = 5


def thumbnail(appearance: Appearance, marks: tuple[tuple[str, str], ...], *, underground: bool, faint: bool) -> QPixmap:
    """Return the small picture of a scene.

    Parameters
    ----------
    appearance : Appearance
        For the colours of ground and houses.
    marks : tuple of (form, colour)
    underground : bool
        Ground and houses step back.
    faint : bool
        Its data is missing.
    """
    pixmap = QPixmap(SIZE * FINER)
    pixmap.setDevicePixelRatio(FINER)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    frame = QPainterPath()
    frame.addRoundedRect(QRectF(0, 0, SIZE.width(), SIZE.height()), 7, 7)
    painter.setClipPath(frame)
    _town(painter, appearance, underground)
    if faint:
        painter.setOpacity(0.35)
    by_form: dict[str, list[str]] = {}
    for form, colour in marks:
        by_form.setdefault(form, []).append(colour)
    for form, draw in (("area", _areas), ("disc", _discs), ("line", _lines), ("dot", _dots)):
        if colours := by_form.get(form):
            draw(painter, colours[:MOST])
    painter.end()
    return pixmap


def _at(east: float, north: float) -> QPointF:
    """Return where a place of the town (0…1 each way) stands in the picture: seen from the south-west, aslant."""
    return QPointF(46 + (east - north) * 46, 4 + (east + north) * 30)


def _town(painter: QPainter, appearance: Appearance, underground: bool) -> None:
    dark = appearance.dark
    ground = QColor("#2a343b" if dark else "#e6ebe6") if not underground else QColor("#343c42" if dark else "#d3d6d4")
    painter.fillRect(QRectF(0, 0, SIZE.width(), SIZE.height()), ground)
    road = QColor("#3c4951" if dark else "#c9d0d3")
    painter.setPen(QPen(road, 5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
    for place in (0.28, 0.68):
        painter.drawLine(_at(place, -0.3), _at(place, 1.3))
        painter.drawLine(_at(-0.3, place), _at(1.3, place))
    house = QColor("#55636c" if dark else "#fbfbf9")
    side = house.darker(112)
    house.setAlphaF(0.35 if underground else 1.0)
    side.setAlphaF(0.35 if underground else 1.0)
    painter.setPen(Qt.PenStyle.NoPen)
    for east, north, tall in ((0.06, 0.42, 7), (0.42, 0.05, 9), (0.44, 0.42, 13), (0.8, 0.4, 8), (0.4, 0.82, 6)):
        _house(painter, east, north, tall, house, side)


def _house(painter: QPainter, east: float, north: float, tall: float, top: QColor, side: QColor) -> None:
    corner = [_at(east + x * 0.14, north + y * 0.14) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]
    up = QPointF(0, -tall)
    painter.setBrush(side)
    painter.drawPolygon(QPolygonF([corner[1], corner[2], corner[3], corner[3] + up, corner[2] + up, corner[1] + up]))
    painter.setBrush(top)
    painter.drawPolygon(QPolygonF([one + up for one in corner]))


def _areas(painter: QPainter, colours: list[str]) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    for at, colour in enumerate(colours):
        fill = QColor(colour)
        fill.setAlphaF(0.45)
        painter.setBrush(fill)
        east = 0.34 + 0.4 * (at % 2)
        painter.drawPolygon(
            QPolygonF([_at(east, 0.72), _at(east + 0.26, 0.72), _at(east + 0.26, 0.98), _at(east, 0.98)])
        )


def _lines(painter: QPainter, colours: list[str]) -> None:
    """Draw lines side by side along two streets, as mains lie."""
    for at, colour in enumerate(colours):
        shift = (at - (len(colours) - 1) / 2) * 0.055
        painter.setPen(QPen(QColor(colour), 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        if at % 2 == 0 or len(colours) < 3:
            painter.drawLine(_at(-0.2, 0.68 + shift), _at(1.2, 0.68 + shift))
        painter.drawLine(_at(0.28 + shift, -0.2), _at(0.28 + shift, 1.2))


def _discs(painter: QPainter, colours: list[str]) -> None:
    for at, colour in enumerate(colours[:3]):
        fill = QColor(colour)
        painter.setPen(QPen(fill, 1.2))
        fill.setAlphaF(0.22)
        painter.setBrush(fill)
        centre = _at((0.28, 0.68, 0.68)[at], (0.28, 0.68, 0.2)[at])
        painter.drawEllipse(centre, 19, 12)


def _dots(painter: QPainter, colours: list[str]) -> None:
    for at, colour in enumerate(colours * 2):
        turn = at * 2.399963
        away = 0.10 + 0.34 * math.sqrt((at + 0.5) / (2 * len(colours)))
        painter.setPen(QPen(QColor(colour).darker(125), 0.8))
        painter.setBrush(QColor(colour))
        spot = _at(0.48 + away * math.cos(turn), 0.48 + away * math.sin(turn))
        painter.drawEllipse(spot, 3.1, 3.1)
