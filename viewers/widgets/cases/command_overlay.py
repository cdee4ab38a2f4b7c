"""Signs of what can be sent, drawn over the view: a disc with the icon of its kind, a tip where it is heading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from resources.visible_text import visible_text
from viewers.widgets.canvas.view3d import View3D
from viewers.widgets.common.appearance import TYPE_SCALE, Appearance

#: Radius of a sign; names stand beside where there are no more than so many, pixels and count.
RADIUS_PX, NAMED = 12.0, 40
#: A heading is shown as the place on the screen of a point so far ahead, metres.
AHEAD_M = 12.0


@dataclass(frozen=True, slots=True)
class SignView:
    """One sign: world place, icon, colour, name, heading (None: not known), whether its fix is old."""

    place: tuple[float, float, float]
    icon: str
    colour: str
    name: str
    heading_deg: float | None
    is_old: bool


class CommandOverlay(QWidget):
    """Signs at world places; it renders no scene and is hidden where there are none.

    Parameters
    ----------
    appearance : Appearance
    view : View3D
    parent : QWidget
    """

    def __init__(self, appearance: Appearance, view: View3D, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance, self._view = appearance, view
        self._signs: Sequence[SignView] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        view.turned.connect(self._on_turned)
        self.hide()

    def show_signs(self, signs: Sequence[SignView]) -> None:
        """Show other signs."""
        self._signs = tuple(signs)
        self.setVisible(bool(signs))
        self._on_turned()

    def paint_on(self, image: Any) -> None:
        """Draw the signs onto a frame of the view."""
        if not self._signs or self._view.width() < 1:
            return
        painter = QPainter(image)
        scale = image.width() / self._view.width() / image.devicePixelRatio()
        painter.scale(scale, scale)
        self._paint(painter)
        painter.end()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the signs."""
        painter = QPainter(self)
        self._paint(painter)
        painter.end()

    def _on_turned(self) -> None:
        if self._signs:
            self.setGeometry(self._view.geometry())
            self.update()

    def _paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(TYPE_SCALE["small"])
        painter.setFont(font)
        here = np.array([one.place for one in self._signs], np.float64)
        angle = np.radians([one.heading_deg or 0.0 for one in self._signs])
        ahead = here + AHEAD_M * np.column_stack([np.sin(angle), np.cos(angle), np.zeros(len(angle))])
        places, seen = self._view.on_screen(here)
        tips, _ = self._view.on_screen(ahead)
        room = self._view.rect()
        for one, (x, y), tip, is_seen in zip(self._signs, places.tolist(), tips.tolist(), seen.tolist(), strict=True):
            middle = QPointF(x, y)
            if not is_seen or not room.contains(middle.toPoint()):
                continue
            colour = QColor("#8d979c" if one.is_old else one.colour)
            if one.heading_deg is not None:
                self._draw_tip(painter, middle, QPointF(*tip), colour)
            painter.setPen(QPen(QColor("#ffffff"), 2.0))
            painter.setBrush(colour)
            painter.drawEllipse(middle, RADIUS_PX, RADIUS_PX)
            box = QRectF(x - 7.5, y - 7.5, 15, 15).toRect()
            self._appearance.icon(one.icon, "#ffffff").paint(painter, box)
            if len(self._signs) <= NAMED:
                self._draw_name(painter, middle, one.name)

    def _draw_tip(self, painter: QPainter, middle: QPointF, towards: QPointF, colour: QColor) -> None:
        way = towards - middle
        length = float(np.hypot(way.x(), way.y()))
        if length < 0.5:
            return
        along = way / length
        across = QPointF(-along.y(), along.x())
        root = middle + along * (RADIUS_PX - 1)
        painter.setPen(QPen(QColor("#ffffff"), 1.2))
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([root + along * 9, root + across * 6, root - across * 6]))

    def _draw_name(self, painter: QPainter, middle: QPointF, name: str) -> None:
        text = visible_text(name)
        at = middle + QPointF(RADIUS_PX + 5, 4)
        painter.setPen(QColor(255, 255, 255, 210))
        for x, y in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            painter.drawText(at + QPointF(x, y), text)
        painter.setPen(QColor("#1d2a31"))
        painter.drawText(at, text)
