"""The pen of a page: the pen of sheets in millimetres of paper, with headings and thin frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from viewers.sheets.pen import DARK, LIGHT, WRAP, SheetPen

if TYPE_CHECKING:
    from viewers.sheets.pages.content import PageContent

#: Millimetres of a painter's pixel. So small that letters have whole numbers of them in fine steps.
UNIT_MM = 0.05
#: Height of body text (14 units) on A3.
BODY_MM = 2.9
WHITE_PAPER, DARK_PAPER = "#ffffff", "#12191f"
#: Least share of its size to which text is made smaller to fit.
SMALLEST = 0.6
MIDDLE = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)


class PagePen(SheetPen):
    """A pen for one page."""

    def __init__(self, painter: QPainter, page: PageContent) -> None:
        super().__init__(painter, DARK if page.dark else LIGHT, BODY_MM * page.letters / UNIT_MM / 14)
        self.lang, self.is_dark = page.lang, page.dark

    def frame(self, box: QRectF, fill: str = "") -> None:
        """Draw a hairline around a box."""
        self.painter.setPen(square_pen(self.ink.faint, 0.8 * self.u))
        self.painter.setBrush(QColor(fill) if fill else Qt.BrushStyle.NoBrush)
        self.painter.drawRect(box)

    def heading(self, text: str, box: QRectF) -> QRectF:
        """Write a small bold heading over a thin rule and return the room below."""
        if not text:
            return box
        font = self.font(15, bold=True)
        need = self.size_of(text, font, box.width())
        self.write(text, font, self.ink.strong, QRectF(box.x(), box.y(), box.width(), need.height() + 2))
        y = box.y() + need.height() + 3 * self.u
        self.rule(box.left(), box.right(), y)
        return QRectF(box.x(), y + 7 * self.u, box.width(), max(box.bottom() - y - 7 * self.u, 0.0))

    def fitted(self, text: str, size: float, box: QRectF, bold: bool = False) -> QFont:
        """Return the font of a size, or the largest smaller one in which a text fits a box when it wraps."""
        least = size * SMALLEST
        while True:
            font = self.font(size, bold)
            need = self.size_of(text, font, box.width())
            widest = max((self.size_of(word, font, 1e6).width() for word in text.split()), default=0.0)
            if size <= least or (need.height() <= box.height() + 1 and min(need.width(), widest) <= box.width() + 1):
                return font
            size -= 0.5

    def write_fitted(
        self, text: str, size: float, colour: str, box: QRectF, flags: int = WRAP, *, bold: bool = False
    ) -> None:
        """Write a text as large as it fits."""
        self.write(text, self.fitted(text, size, box, bold), colour, box, flags)


def square_pen(colour: str, width: float) -> QPen:
    """Return a pen whose corners are square, as frames have them."""
    pen = QPen(QColor(colour), width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen
