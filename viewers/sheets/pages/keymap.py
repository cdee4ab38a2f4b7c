"""The small map that says where the subject of a page lies: units outlined, this one marked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPen, QPolygonF

from viewers.sheets.pages.content import KeyMap
from viewers.sheets.pages.page_pen import PagePen

MARK = "#b4532a"
#: A unit that is smaller than this is ringed, units.
_SMALL = 14.0
_GROUND, _GROUND_DARK = "#e8ecef", "#2a353e"


def draw_keymap(pen: PagePen, box: QRectF, keymap: KeyMap) -> None:
    """Draw outlines as large as they go, north up."""
    u, room = pen.u, pen.heading(keymap.heading, box)
    points = [ring for ring in (*keymap.rings, *keymap.marked) if len(ring)]
    if not points:
        return
    low = np.min([ring.min(axis=0) for ring in points], axis=0)
    high = np.max([ring.max(axis=0) for ring in points], axis=0)
    label = 20 * u if keymap.name else 0.0
    plot = room.adjusted(2 * u, 2 * u, -2 * u, -2 * u - label)
    wide, tall = (max(float(side), 1e-6) for side in high - low)
    scale = min(plot.width() / wide, plot.height() / tall)
    left, bottom = plot.center().x() - wide * scale / 2, plot.center().y() + tall * scale / 2

    def on_page(ring: NDArray[np.float64]) -> QPolygonF:
        xs, ys = left + (ring[:, 0] - low[0]) * scale, bottom - (ring[:, 1] - low[1]) * scale
        return QPolygonF([QPointF(float(x), float(y)) for x, y in zip(xs, ys, strict=True)])

    painter = pen.painter
    ground = _GROUND_DARK if pen.is_dark else _GROUND
    colours = keymap.colours or ("",) * len(keymap.rings)
    painter.setPen(QPen(QColor(pen.ink.faint), 0.7 * u))
    for ring, colour in zip(keymap.rings, colours, strict=True):
        painter.setBrush(QColor(colour or ground))
        painter.drawPolygon(on_page(ring))
    painter.setPen(QPen(QColor(MARK), 2.4 * u))
    fill = QColor(MARK)
    fill.setAlpha(0 if keymap.colours else 90)
    painter.setBrush(fill)
    for ring in keymap.marked:
        painter.drawPolygon(on_page(ring))
    if keymap.marked:
        around = on_page(np.concatenate(keymap.marked)).boundingRect()
        if max(around.width(), around.height()) < _SMALL * u:  # else nobody would find it
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(around.center(), _SMALL * u, _SMALL * u)
    if keymap.point is not None:
        at = on_page(np.array([keymap.point])).value(0)
        painter.setPen(QPen(QColor("#ffffff"), 1.6 * u))
        painter.setBrush(QColor(MARK))
        painter.drawEllipse(at, 5 * u, 5 * u)
    if keymap.name:
        line = QRectF(room.x(), room.bottom() - label, room.width(), label)
        pen.write_fitted(keymap.name, 12.5, pen.ink.text, line, int(Qt.AlignmentFlag.AlignCenter))
