"""One thing of a page by itself, painted by the code that paints pages: what the editor moves about."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from viewers.sheets.fonts import ensure_qt
from viewers.sheets.pages.content import Heading, PageContent, Piece, Words
from viewers.sheets.pages.page_pen import UNIT_MM, PagePen
from viewers.sheets.pages.painting import draw_piece

#: No picture of a piece has more pixels on a side.
MOST_PX = 4096
#: Sizes of free text and of titles, units of the pen, as pages have them.
WORDS_SIZE, TITLE_SIZE = 14.0, 36.0


def piece_image(page: PageContent, piece: Piece, px_a_mm: float) -> QImage:
    """Return a piece of a page on a clear ground.

    Parameters
    ----------
    page : PageContent
    piece : Piece
    px_a_mm : float
        Pixels a millimetre.
    """
    ensure_qt()
    left, top, width, height = piece.box
    scale = min(px_a_mm, MOST_PX / max(width, height, 1e-3))
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    image = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    try:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.scale(size[0] / width * UNIT_MM, size[1] / height * UNIT_MM)
        painter.translate(-left / UNIT_MM, -top / UNIT_MM)
        draw_piece(PagePen(painter, page), piece)
    finally:
        painter.end()
    return image


def is_misfit(page: PageContent, piece: Piece) -> bool:
    """Whether the words of a piece do not fit its box even as small as they may be."""
    content = piece.content
    if isinstance(content, Words):
        text, size, is_bold = content.text, WORDS_SIZE, False
    elif isinstance(content, Heading):
        text, size, is_bold = content.title, TITLE_SIZE, True
    else:
        return False
    ensure_qt()
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    try:
        pen = PagePen(painter, page)
        room = QRectF(0, 0, piece.box[2] / UNIT_MM, piece.box[3] / UNIT_MM)
        need = pen.size_of(text, pen.fitted(text, size, room, is_bold), room.width())
    finally:
        painter.end()
    return bool(text.strip()) and need.height() > room.height() + 1
