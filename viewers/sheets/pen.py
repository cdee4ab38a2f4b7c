"""The pen of sheets: inks, fonts, text that wraps, and the signs of a legend, a scale bar and a north arrow.

All lengths are in units of ``u`` painter's pixels, in which body text is 14 high: whoever makes a pen says how large a
unit is, on a picture and on paper alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)

from resources.visible_text import visible_lines
from resources.words import word
from viewers.facility_icons import paint as paint_icon
from viewers.legend import LegendEntry
from viewers.sheets.fonts import font_family
from viewers.sheets.glyphs import stepping_in


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of a sheet."""

    card: str
    line: str
    strong: str
    text: str
    faint: str


LIGHT = Ink(card="#fffffe", line="#22344654", strong="#17242e", text="#33444f", faint="#6b7a85")
DARK = Ink(card="#1a232b", line="#33c8d6e2", strong="#f3f7fa", text="#cdd8e0", faint="#93a3af")
BADGE, BADGE_TEXT = "#f2a93b", "#3a2503"
#: Room above the name of a layer in a legend, units.
HEAD_GAP = 6.0
WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)


class SheetPen:
    """A painter with inks and a unit.

    Parameters
    ----------
    painter : QPainter
    ink : Ink
    u : float
        Painter's pixels of a unit.
    """

    def __init__(self, painter: QPainter, ink: Ink, u: float) -> None:
        self.painter, self.ink, self.u = painter, ink, u
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing
            | QPainter.RenderHint.TextAntialiasing
            | QPainter.RenderHint.SmoothPixmapTransform
        )

    def font(self, size: float, bold: bool = False) -> QFont:
        """Return the font of a size, units."""
        font = QFont()
        font.setFamilies([font_family(), *stepping_in()])
        font.setPixelSize(max(1, round(size * self.u)))
        font.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        font.setFeature(QFont.Tag("locl"), 0)  # it gives digits beside letters a glyph that no character has
        return font

    def size_of(self, text: str, font: QFont, width: float) -> QSizeF:
        """Return what ``text`` needs when wrapped at ``width``."""
        box = QFontMetricsF(font).boundingRect(QRectF(0, 0, width, 1e6), WRAP, visible_lines(text))
        return QSizeF(min(box.width() + 1, width), box.height())

    def write(self, text: str, font: QFont, colour: str, box: QRectF, flags: int | None = None) -> None:
        """Write a text in a box; without flags it wraps from the upper left."""
        self.painter.setFont(font)
        self.painter.setPen(QColor(colour))
        self.painter.drawText(box, WRAP if flags is None else flags, visible_lines(text))

    def rule(self, x0: float, x1: float, y: float) -> None:
        """Draw a thin line across."""
        self.painter.setPen(QPen(QColor(self.ink.line), max(1.0, self.u)))
        self.painter.drawLine(QPointF(x0, y), QPointF(x1, y))

    def ramp(self, entry: LegendEntry, box: QRectF) -> None:
        """Draw a bar of a ramp's colours and, below, what its ends are."""
        painter, font = self.painter, self.font(12)
        wide = box.width() / max(len(entry.colours), 1)
        for k, colour in enumerate(entry.colours):
            painter.fillRect(QRectF(box.x() + k * wide, box.y(), wide + 0.5, box.height()), QColor(colour))
        painter.setPen(QPen(QColor(self.ink.line), max(1.0, self.u)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        below = QRectF(box.x(), box.bottom() + 3 * self.u, box.width(), 18 * self.u)
        for text, side in zip(entry.ends, sides if len(entry.ends) == 3 else sides[::2], strict=False):
            self.write(text, font, self.ink.text, below, int(side | Qt.AlignmentFlag.AlignTop))

    def swatch(self, entry: LegendEntry, box: QRectF) -> None:
        """Draw the sign of one legend entry."""
        u, painter = self.u, self.painter
        colour = QColor(entry.colour or "#999999")
        painter.save()
        symbol = entry.symbol
        if entry.icon is not None:
            picture = paint_icon(entry.icon, max(round(2 * box.height()), 16))
            side = picture.shape[0]
            image = QImage(picture.tobytes(), side, side, 4 * side, QImage.Format.Format_RGBA8888)
            square = QRectF(box.center().x() - box.height() / 2, box.top(), box.height(), box.height())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(square, image)
        elif symbol == "arrow":
            painter.setPen(QPen(QColor("#26323a"), 1.4 * u))
            painter.setBrush(colour)
            left, right, middle = box.left() + 3 * u, box.right() - u, box.center().y()
            painter.drawPolygon([
                QPointF(right, middle), QPointF(left, box.top() + u), QPointF(left + 5 * u, middle),
                QPointF(left, box.bottom() - u),
            ])  # fmt: skip
        elif symbol == "line":
            dashed = entry.pattern in ("dash", "hatch")
            style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
            cap = Qt.PenCapStyle.FlatCap if dashed else Qt.PenCapStyle.RoundCap
            painter.setPen(QPen(colour, 3.5 * u, style, cap))
            painter.drawLine(
                QPointF(box.left() + 2 * u, box.center().y()), QPointF(box.right() - 2 * u, box.center().y())
            )
        elif symbol == "size":
            painter.setPen(QPen(QColor(self.ink.faint), 1.4 * u))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            radius = max(box.width() / 2 * entry.share, 1.5 * u)
            painter.drawEllipse(box.center(), radius, radius)
        elif symbol in ("dot", "circle", "point"):
            painter.setPen(QPen(QColor("#ffffff"), 1.5 * u))
            painter.setBrush(colour)
            painter.drawEllipse(box.center(), box.height() / 2, box.height() / 2)
        else:
            shape = QPainterPath()
            shape.addRoundedRect(box, 3 * u, 3 * u)
            painter.setPen(QPen(QColor(self.ink.line), max(1.0, u)))
            painter.setBrush(colour)
            painter.drawPath(shape)
            if entry.pattern == "hatch":
                painter.setClipPath(shape)
                painter.setPen(QPen(QColor(self.ink.faint), 1.4 * u))
                step, x = 5 * u, box.left() - box.height()
                while x < box.right():
                    painter.drawLine(QPointF(x, box.bottom()), QPointF(x + box.height(), box.top()))
                    x += step
        painter.restore()

    def bar(self, x: float, y: float, length: float) -> None:
        """Draw a bar of four fields, dark and light in turn."""
        tall = 6 * self.u
        self.painter.setPen(QPen(QColor(self.ink.strong), max(1.0, self.u)))
        for i in range(4):
            self.painter.setBrush(QColor(self.ink.strong) if i % 2 == 0 else QColor(self.ink.card))
            self.painter.drawRect(QRectF(x + length * i / 4, y, length / 4, tall))

    def north_arrow(self, centre: QPointF, radius: float, north_deg: float) -> None:
        """Draw a needle that points north, with N at its tip."""
        painter, u = self.painter, self.u
        painter.save()
        painter.translate(centre)
        painter.setPen(QPen(QColor(self.ink.line), 1.2 * u))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(0, 0), radius, radius)
        painter.rotate(north_deg)
        painter.setPen(Qt.PenStyle.NoPen)
        tip, tail, wing = -radius * 0.55, radius * 0.78, radius * 0.36
        painter.setBrush(QColor(self.ink.strong))
        painter.drawPolygon(QPolygonF([QPointF(0, tip), QPointF(-wing, tail), QPointF(0, tail * 0.62)]))
        painter.setBrush(QColor(self.ink.faint))
        painter.drawPolygon(QPolygonF([QPointF(0, tip), QPointF(wing, tail), QPointF(0, tail * 0.62)]))
        painter.translate(0, -radius)
        painter.rotate(-north_deg)
        letter = QRectF(-9 * u, -9 * u, 18 * u, 18 * u)
        painter.setBrush(QBrush(QColor(self.ink.strong)))
        painter.drawEllipse(letter)
        ground = QColor(self.ink.card)
        ground.setAlpha(255)
        self.write(
            word("sheet.north", "en"),
            self.font(12, bold=True),
            ground.name(),
            letter,
            int(Qt.AlignmentFlag.AlignCenter),
        )
        painter.restore()

    def pill(self, text: str, x: float, y: float, most: float, size: float = 13) -> QRectF:
        """Draw the label that says that data is synthetic, and return where it stands."""
        font = self.font(size, bold=True)
        need = self.size_of(text, font, most)
        box = QRectF(x, y, need.width() + 20 * self.u, need.height() + 8 * self.u)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(QColor(BADGE))
        self.painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        self.write(text, font, BADGE_TEXT, box, int(Qt.AlignmentFlag.AlignCenter))
        return box
