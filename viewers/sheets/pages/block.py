"""The block of title, unit and approval: a table of cells over the whole width of its box."""

from __future__ import annotations

from itertools import combinations, pairwise

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPen

from resources.visible_text import visible_lines
from viewers.sheets.pages import content as parts
from viewers.sheets.pages.page_pen import LEFT, PagePen

#: A row of the block is at least as high as this, units.
_ROW = 40.0
#: More rows are not made: what does not fit is written smaller.
_MOST_ROWS = 5
#: No cell is narrower than this share of an even one.
_NARROWEST = 0.55


def draw_block(pen: PagePen, box: QRectF, block: parts.Block) -> None:
    """Draw the cells in rows, each as wide as its words ask for."""
    u = pen.u
    most = max(min(int(box.height() / (_ROW * u) + 0.15), len(block.cells), _MOST_ROWS), 1)
    dealt = _rows(pen, block.cells, most, box.width())
    rows = len(dealt)
    tall = box.height() / rows
    for number, cells in enumerate(dealt):
        y = box.y() + number * tall
        wides = _widths([_need(pen, cell) for cell in cells], box.width())
        x = box.x()
        for at, ((label, value), wide) in enumerate(zip(cells, wides, strict=True)):
            cell = QRectF(x, y, wide, tall)
            if at:
                _line(pen, QPointF(x, y), QPointF(x, y + tall))
            inner = cell.adjusted(7 * u, 3 * u, -5 * u, -3 * u)
            head = pen.font(10.5)
            label_tall = pen.size_of(label, head, inner.width()).height()
            pen.write(label, head, pen.ink.faint, QRectF(inner.x(), inner.y(), inner.width(), label_tall + 2))
            below = QRectF(inner.x(), inner.y() + label_tall, inner.width(), inner.height() - label_tall)
            pen.write_fitted(value, 13.5, pen.ink.strong, below, LEFT)
            x += wide
        if number:
            _line(pen, QPointF(box.left(), y), QPointF(box.right(), y))
    pen.painter.setPen(QPen(QColor(pen.ink.strong), 1.4 * u))
    pen.painter.setBrush(QColor(0, 0, 0, 0))
    pen.painter.drawRect(box)


def _need(pen: PagePen, cell: tuple[str, str]) -> float:
    """Return the width that a cell would like, units of the painter."""
    label, value = cell
    return max(
        pen.size_of(label, pen.font(10.5), 1e6).width(), pen.size_of(visible_lines(value), pen.font(13.5), 1e6).width()
    ) + 14 * pen.u  # fmt: skip


def _rows(pen: PagePen, cells: tuple[tuple[str, str], ...], most: int, room: float) -> list[list[tuple[str, str]]]:
    """Deal cells out to as few rows as have room for them, in their order, the fullest as little full as can be."""
    needs = [_need(pen, cell) for cell in cells]
    best: tuple[int, ...] = (0, len(cells))
    for rows in range(1, most + 1):
        ways = ((0, *cuts, len(cells)) for cuts in combinations(range(1, len(cells)), rows - 1))
        best = min(ways, key=lambda cuts: max(sum(needs[a:b]) for a, b in pairwise(cuts)))
        if max(sum(needs[a:b]) for a, b in pairwise(best)) <= room:
            break
    return [list(cells[a:b]) for a, b in pairwise(best)]


def _widths(needs: list[float], room: float) -> list[float]:
    """Return widths that fill a row: what is to spare goes to all, what is missing is taken from the widest."""
    least = room / len(needs) * _NARROWEST
    wides = [max(need, least) for need in needs]
    for _ in range(8):
        over = sum(wides) - room
        if over <= 0.5:
            break
        large = [k for k, wide in enumerate(wides) if wide > least + 0.5]
        if not large:
            break
        most = max(wides[k] for k in large)
        step = min(over / max(sum(1 for k in large if wides[k] > most * 0.8), 1), most * 0.3)
        wides = [max(wide - step, least) if wide > most * 0.8 else wide for wide in wides]
    scale = room / sum(wides)
    return [wide * scale for wide in wides]


def _line(pen: PagePen, start: QPointF, end: QPointF) -> None:
    pen.painter.setPen(QPen(QColor(pen.ink.faint), 0.8 * pen.u))
    pen.painter.drawLine(start, end)
