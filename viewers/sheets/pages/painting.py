"""Draw a page, on a picture and on paper by the same code.

Invariants
----------
1. The painter is scaled so that one of its pixels is :data:`UNIT_MM` of the page, whatever it paints on; from there on
   nothing knows dots or resolutions.
2. Words are never cut: they wrap, and what does not fit is written smaller.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from viewers.legend import Legend
from viewers.sheets.fonts import ensure_qt
from viewers.sheets.pages import content as parts
from viewers.sheets.pages.block import draw_block
from viewers.sheets.pages.charts import draw_chart
from viewers.sheets.pages.furniture import (
    draw_bar,
    draw_heading,
    draw_legend,
    draw_logo,
    draw_needle,
    draw_photo,
    draw_picture,
    draw_value,
    draw_words,
)
from viewers.sheets.pages.keymap import draw_keymap
from viewers.sheets.pages.page_pen import DARK_PAPER, UNIT_MM, WHITE_PAPER, PagePen, square_pen
from viewers.sheets.pages.tables import draw_table

_DRAW: dict[type, Callable[[PagePen, QRectF, Any], None]] = {
    parts.Heading: draw_heading,
    parts.Picture: draw_picture,
    parts.Needle: draw_needle,
    parts.Bar: draw_bar,
    parts.Value: draw_value,
    Legend: draw_legend,
    parts.Chart: draw_chart,
    parts.Table: draw_table,
    parts.KeyMap: draw_keymap,
    parts.Photo: draw_photo,
    parts.Block: draw_block,
    parts.Logo: draw_logo,
    parts.Words: draw_words,
}


def paint_page(painter: QPainter, page: parts.PageContent) -> None:
    """Draw a page over the whole of what a painter paints on.

    Parameters
    ----------
    painter : QPainter
        On a QImage, QPdfWriter or QPrinter, whose page has the proportions of the sheet.
    page : PageContent
    """
    ensure_qt()
    device = painter.viewport()
    width_mm, height_mm = page.size_mm
    painter.save()
    painter.scale(device.width() * UNIT_MM / width_mm, device.height() * UNIT_MM / height_mm)
    pen = PagePen(painter, page)
    paper = QRectF(0, 0, width_mm / UNIT_MM, height_mm / UNIT_MM)
    painter.fillRect(paper, QColor(DARK_PAPER if page.dark else WHITE_PAPER))
    for piece in page.pieces:
        draw_piece(pen, piece)
    if page.watermark:
        _watermark(pen, paper, page.watermark)
    margin = page.margin_mm / UNIT_MM
    painter.setPen(square_pen(pen.ink.strong, 2.2 * pen.u))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(paper.adjusted(margin, margin, -margin, -margin))
    painter.restore()


def draw_piece(pen: PagePen, piece: parts.Piece) -> None:
    """Draw one thing of a page in its box, by a pen that is scaled to the page."""
    x, y, width, height = (side / UNIT_MM for side in piece.box)
    pen.painter.save()
    _DRAW[type(piece.content)](pen, QRectF(x, y, width, height), piece.content)
    pen.painter.restore()


def _watermark(pen: PagePen, paper: QRectF, text: str) -> None:
    """Write a word across the page, so thin that all below it stays legible: as a shape, for nobody searches for it."""
    painter = pen.painter
    painter.save()
    painter.translate(paper.center())
    painter.rotate(-32)
    font = pen.font(150, bold=True)
    font.setLetterSpacing(font.SpacingType.PercentageSpacing, 118)
    shape = QPainterPath()
    shape.addText(QPointF(0, 0), font, text)
    painter.translate(-shape.boundingRect().center())
    edge, ink = QColor(pen.ink.strong), QColor(pen.ink.strong)
    edge.setAlpha(44)
    ink.setAlpha(18)
    painter.setPen(QPen(edge, 1.6 * pen.u))
    painter.setBrush(ink)
    painter.drawPath(shape)
    painter.restore()
