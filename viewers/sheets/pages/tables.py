"""Tables on a page: as many rows as there is room for, and how many there are besides."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor

from resources.visible_text import visible_lines
from viewers.sheets.pages.content import Table
from viewers.sheets.pages.page_pen import PagePen
from viewers.sheets.pen import WRAP

_BODY, _HEAD = 12.5, 11.5
#: Room above and below the words of a row, units.
_PAD = 3.2
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)


def draw_table(pen: PagePen, box: QRectF, table: Table) -> None:
    """Draw a table."""
    u, room = pen.u, pen.heading(table.heading, box)
    if table.note:
        font = pen.font(_HEAD)
        tall = pen.size_of(table.note, font, room.width()).height()
        pen.write(table.note, font, pen.ink.faint, QRectF(room.x(), room.bottom() - tall, room.width(), tall + 2), WRAP)
        room = room.adjusted(0, 0, 0, -tall - 4 * u)
    count = len(table.is_right)
    if not count or not table.rows:
        return
    wides = _widths(pen, table, room.width())
    y = room.y()
    if any(table.heads):
        y = _row(pen, room.x(), y, wides, table.heads, table.is_right, pen.ink.faint, _HEAD)
        pen.rule(room.left(), room.right(), y - 1 * u)
        y += 2 * u
    line = pen.size_of("0", pen.font(_HEAD), 1e6).height() + 2 * _PAD * u
    for k, row in enumerate(table.rows):
        tall = _height(pen, wides, row, _BODY)
        is_last = k == len(table.rows) - 1
        if y + tall + (0 if is_last else line) > room.bottom() + 1 and not (is_last and y + tall <= room.bottom() + 1):
            left = table.more.replace("{count}", str(len(table.rows) - k))
            pen.write(left, pen.font(_HEAD), pen.ink.faint, QRectF(room.x(), y + _PAD * u, room.width(), line))
            return
        if k == table.marked:
            ground = QColor(pen.ink.faint)
            ground.setAlpha(38)
            pen.painter.fillRect(QRectF(room.x() - 3 * u, y, room.width() + 6 * u, tall), ground)
        y = _row(pen, room.x(), y, wides, row, table.is_right, pen.ink.text, _BODY, bold=k == table.marked)
        if not is_last:
            pen.rule(room.left(), room.right(), y)


def _widths(pen: PagePen, table: Table, room: float) -> list[float]:
    """Return the widths of columns: figures as they need, the rest is for words, the widest of which wrap."""
    gap = 9 * pen.u
    font = pen.font(_BODY, bold=True)
    needs = []
    for k in range(len(table.is_right)):
        cells = [row[k] for row in table.rows[:200]]
        need = max((pen.size_of(visible_lines(cell), font, 1e6).width() for cell in cells), default=0.0)
        head = pen.size_of(table.heads[k], pen.font(_HEAD), 1e6).width() if any(table.heads) else 0.0
        needs.append(max(need, head) + gap)
    fixed = [need for need, right in zip(needs, table.is_right, strict=True) if right]
    free = room - sum(fixed)
    words = [need for need, right in zip(needs, table.is_right, strict=True) if not right]
    if free < 0.35 * room or not words:
        scale = room / sum(needs)
        return [need * scale for need in needs]
    spare = max(free - sum(words), 0.0) / len(words)
    if sum(words) > free:
        words = _cut_down(words, free)
    taken = iter([wide + spare for wide in words])
    return [need if right else next(taken) for need, right in zip(needs, table.is_right, strict=True)]


def _cut_down(needs: list[float], room: float) -> list[float]:
    """Return widths that fill a room: what needs less than an even share keeps it, the others share the rest."""
    wides = [0.0] * len(needs)
    order = sorted(range(len(needs)), key=lambda k: needs[k])
    for done, k in enumerate(order):
        wides[k] = min(needs[k], room / (len(needs) - done))
        room -= wides[k]
    return wides


def _height(pen: PagePen, wides: list[float], row: tuple[str, ...], size: float) -> float:
    font = pen.font(size)
    return max(
        pen.size_of(visible_lines(cell) or "0", font, wide - 9 * pen.u).height()
        for cell, wide in zip(row, wides, strict=True)
    ) + 2 * _PAD * pen.u  # fmt: skip


def _row(
    pen: PagePen, x: float, y: float, wides: list[float], row: tuple[str, ...], is_right: tuple[bool, ...], ink: str,
    size: float, *, bold: bool = False,
) -> float:  # fmt: skip
    u, tall = pen.u, _height(pen, wides, row, size)
    for k, (cell, wide, right) in enumerate(zip(row, wides, is_right, strict=True)):
        room = QRectF(x, y + _PAD * u, wide - (0 if k == len(row) - 1 else 9 * u), tall - _PAD * u)
        pen.write(cell, pen.font(size, bold), ink, room, _RIGHT if right else _LEFT)
        x += wide
    return y + tall
