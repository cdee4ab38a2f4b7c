"""Rulers in millimetres along a page, with marks where the cursor is and where the chosen items begin and end."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from models.sheets.layout import bounds
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.sheets.page_view import PageView

THICK_PX = 20
#: Millimetres from one figure to the next, and the fewest pixels between two.
STEPS_MM = (1, 2, 5, 10, 20, 50, 100, 200)
LEAST_PX = 46


class Ruler(QWidget):
    """One ruler beside a page.

    Parameters
    ----------
    appearance : Appearance
    view : PageView
    level : bool
        Whether it lies along the top; else it stands at the left.
    """

    def __init__(self, appearance: Appearance, view: PageView, *, level: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance, self._view, self._level = appearance, view, level
        self._at: float | None = None
        (self.setFixedHeight if level else self.setFixedWidth)(THICK_PX)
        grows, stays = QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
        self.setSizePolicy(grows if level else stays, stays if level else grows)
        view.view_changed.connect(self.update)
        view.chosen_changed.connect(self.update)
        view.pointed.connect(self._on_pointed)
        appearance.look_changed.connect(self.update)

    def _on_pointed(self, place: QPointF | None) -> None:
        self._at = None if place is None else (place.x() if self._level else place.y())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw ticks, figures and marks."""
        painter, view = QPainter(self), self._view
        look = self._appearance
        painter.fillRect(self.rect(), look.colour("surface"))
        length, thick = (self.width(), THICK_PX) if self._level else (self.height(), THICK_PX)
        start = view.viewportTransform().map(QPointF(0, 0))
        origin, zoom = (start.x() if self._level else start.y()), view.zoom
        if view.chosen:
            boxes = view.boxes
            around = bounds(boxes[name] for name in view.chosen)
            low, wide = (around[0], around[2]) if self._level else (around[1], around[3])
            band = look.colour("accent_soft")
            self._fill(painter, origin + low * zoom, wide * zoom, band)
        step = next((step for step in STEPS_MM if step * zoom >= LEAST_PX), STEPS_MM[-1])
        small = step / (5 if step in (5, 50) else 10 if step * zoom >= 90 else 2)
        painter.setPen(QPen(look.colour("line_strong"), 1))
        first, last = math.floor(-origin / zoom / small), math.ceil((length - origin) / zoom / small)
        for tick in range(first, last + 1):
            at = origin + tick * small * zoom
            high = 10 if math.isclose(tick * small % step, 0, abs_tol=1e-6) else 4
            self._line(painter, at, thick - high, thick)
        self._figures(painter, origin, zoom, step, length)
        painter.setPen(QPen(look.colour("line"), 1))
        edge = thick - 0.5
        if self._level:
            painter.drawLine(QPointF(0, edge), QPointF(length, edge))
        else:
            painter.drawLine(QPointF(edge, 0), QPointF(edge, length))
        if self._at is not None:
            painter.setPen(QPen(look.colour("accent"), 1))
            self._line(painter, origin + self._at * zoom, 0, thick)

    def _figures(self, painter: QPainter, origin: float, zoom: float, step: int, length: float) -> None:
        font = QFont(self.font())
        font.setPixelSize(9)
        painter.setFont(font)
        painter.setPen(self._appearance.colour("text_faint"))
        for number in range(math.floor(-origin / zoom / step), math.ceil((length - origin) / zoom / step) + 1):
            at = origin + number * step * zoom
            if self._level:
                painter.drawText(QRectF(at + 3, 0, 40, 12), Qt.AlignmentFlag.AlignVCenter, str(number * step))
            else:
                painter.save()
                painter.translate(1, at - 3)
                painter.rotate(-90)
                painter.drawText(QRectF(0, 0, 40, 12), Qt.AlignmentFlag.AlignVCenter, str(number * step))
                painter.restore()

    def _line(self, painter: QPainter, at: float, low: float, high: float) -> None:
        at = round(at) + 0.5
        if self._level:
            painter.drawLine(QPointF(at, low), QPointF(at, high))
        else:
            painter.drawLine(QPointF(low, at), QPointF(high, at))

    def _fill(self, painter: QPainter, start: float, length: float, colour: QColor) -> None:
        box = QRectF(start, 0, length, THICK_PX) if self._level else QRectF(0, start, THICK_PX, length)
        painter.fillRect(box, colour)
