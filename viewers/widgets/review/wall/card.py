"""The base of what stands over the city on the wall: a quiet ground, and type that grows with the picture.

Sizes are in hundredths of the picture's height. On a picture 1.5 m high the smallest type (2.7) has capitals of 28 mm
and Chinese characters of 37 mm: 16 and 21 minutes of arc at six metres, where ISO 9241-303 asks for 16 at least.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance

#: Sizes of type, hundredths of the picture's height.
SIZES = {"small": 2.7, "body": 3.0, "strong": 3.3, "title": 4.2, "value": 8.4}
#: Whatever the screen, type is not smaller than so many pixels.
LEAST_PX = 14
#: How far the ground covers the city, 0…255.
GROUND = 238


class WallCard(QWidget):
    """One piece over the city.

    Parameters
    ----------
    appearance : Appearance
    parent : QWidget
        The canvas.
    """

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self.appearance = appearance
        self.unit = 10.8
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        appearance.look_changed.connect(self.update)
        self.hide()

    def set_unit(self, unit: float) -> None:
        """Say how many pixels a hundredth of the picture's height is."""
        if unit != self.unit:
            self.unit = unit
            self.update()

    def px(self, units: float) -> int:
        """Return so many hundredths of the picture's height in pixels."""
        return round(units * self.unit)

    def type(self, size: str, *, bold: bool = False) -> QFont:
        """Return a font of a size of :data:`SIZES`."""
        font = QFont(self.font())
        font.setPixelSize(max(round(SIZES[size] * self.unit), LEAST_PX))
        font.setBold(bold)
        return font

    def wanted(self, widest: int) -> QSize:
        """Return the room that it needs, at most so wide; empty where it has nothing to say."""
        return QSize()

    def paint(self, painter: QPainter) -> None:
        """Paint what it says."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the ground, and what stands on it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QColor(self.appearance.colour("raised"))
        ground.setAlpha(GROUND)
        painter.setPen(QPen(self.appearance.colour("line"), 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), self.px(0.9), self.px(0.9))
        self.paint(painter)

    # --- pieces ----------------------------------------------------------------------------------------------------
    def width_of(self, text: str, size: str, *, bold: bool = False) -> int:
        """Return how wide a text is, with the little that shortening a text leaves free."""
        return QFontMetrics(self.type(size, bold=bold)).horizontalAdvance(visible_text(text)) + 4

    def height_of(self, size: str, *, bold: bool = False) -> int:
        """Return how high a line is."""
        return QFontMetrics(self.type(size, bold=bold)).height()

    def wrapped_height(self, text: str, size: str, width: int, *, bold: bool = False, lines: int = 9) -> int:
        """Return how high a text is when it is broken into lines of a width."""
        metrics = QFontMetrics(self.type(size, bold=bold))
        room = QRect(0, 0, width, 99_999)
        high = metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), visible_text(text)).height()
        return min(high, lines * metrics.lineSpacing())

    def say(
        self, painter: QPainter, room: QRect, text: str, size: str, tint: str = "text", *, bold: bool = False,
        wraps: bool = False, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:  # fmt: skip
        """Write a text into a room: broken into lines, or shortened to one."""
        font = self.type(size, bold=bold)
        painter.setFont(font)
        painter.setPen(self.appearance.colour(tint))
        text = visible_text(text)
        if wraps:
            painter.drawText(room, int(Qt.TextFlag.TextWordWrap | align | Qt.AlignmentFlag.AlignTop), text)
            return
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(align | Qt.AlignmentFlag.AlignVCenter), shown)

    def chip(self, painter: QPainter, at: QPointF, side: float, colour: str, pattern: str = "") -> None:
        """Paint a patch of colour."""
        box = QRectF(at.x(), at.y(), side, side)
        painter.setPen(QPen(self.appearance.colour("line_strong"), 1))
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(box, side / 6, side / 6)
        if pattern == "hatch":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(Qt.BrushStyle.BDiagPattern)
            painter.drawRoundedRect(box, side / 6, side / 6)
