"""Draw the index of an atlas, on a picture and on paper by the same code."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from resources.words import word
from viewers.sheets.atlas.index_content import HEAD_MM, LINE_MM, MAP_SHARE, IndexLine, IndexPage, KeyMap
from viewers.sheets.fonts import ensure_qt
from viewers.sheets.pages.content import Heading, PageContent
from viewers.sheets.pages.furniture import draw_heading
from viewers.sheets.pages.page_pen import DARK_PAPER, UNIT_MM, WHITE_PAPER, PagePen, square_pen

_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def paint_index(painter: QPainter, page: IndexPage, margin_mm: float) -> None:
    """Draw a page of the index over the whole of what a painter paints on."""
    ensure_qt()
    device = painter.viewport()
    painter.save()
    painter.scale(device.width() * UNIT_MM / page.size_mm[0], device.height() * UNIT_MM / page.size_mm[1])
    pen = PagePen(painter, PageContent(page.size_mm, page.letters, margin_mm, (), page.lang, page.dark))
    paper = QRectF(0, 0, page.size_mm[0] / UNIT_MM, page.size_mm[1] / UNIT_MM)
    painter.fillRect(paper, QColor(DARK_PAPER if page.dark else WHITE_PAPER))
    margin, mm = margin_mm / UNIT_MM, page.letters / UNIT_MM
    frame = paper.adjusted(margin, margin, -margin, -margin)
    room = frame.adjusted(4 * mm, 4 * mm, -4 * mm, -4 * mm)
    draw_heading(pen, QRectF(room.x(), room.y(), room.width(), (HEAD_MM - 6) * mm),
                 Heading(page.title, page.subtitle, page.badge))  # fmt: skip
    foot = QRectF(room.x(), room.bottom() - 5 * mm, room.width(), 5 * mm)
    pen.write(page.foot, pen.font(12), pen.ink.faint, foot, _RIGHT)
    body = QRectF(room.x(), room.y() + HEAD_MM * mm, room.width(), foot.top() - room.y() - HEAD_MM * mm)
    lists = QRectF(body)
    if page.key_map is not None:
        wide = body.width() * MAP_SHARE
        lists.setWidth(body.width() - wide - 6 * mm)
        _draw_map(pen, QRectF(body.right() - wide, body.y(), wide, body.height()), page.key_map)
    gap = 8 * mm
    column = (lists.width() - gap * (len(page.columns) - 1)) / len(page.columns)
    for k, lines in enumerate(page.columns):
        y = lists.y()
        for line in lines:
            _draw_line(pen, QRectF(lists.x() + k * (column + gap), y, column, LINE_MM * mm), line)
            y += LINE_MM * mm
    painter.setPen(square_pen(pen.ink.strong, 2.2 * pen.u))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(frame)
    painter.restore()


def _draw_line(pen: PagePen, box: QRectF, line: IndexLine) -> None:
    u = pen.u
    if line.is_chapter:
        pen.write(
            _elided(pen, line.name, 15, box.width(), bold=True), pen.font(15, bold=True), pen.ink.strong, box, _LEFT
        )
        pen.rule(box.left(), box.right(), box.bottom() - 2 * u)
        return
    number, place = 62 * u, 44 * u
    value = min(pen.size_of(line.value, pen.font(13), 1e6).width() + 8 * u, box.width() * 0.36) if line.value else 0.0
    name = box.width() - number - place - value
    pen.write(
        line.number, pen.font(13, bold=True), pen.ink.strong, QRectF(box.x(), box.y(), number, box.height()), _LEFT
    )
    pen.write(_elided(pen, line.name, 13, name - 8 * u), pen.font(13), pen.ink.text,
              QRectF(box.x() + number, box.y(), name, box.height()), _LEFT)  # fmt: skip
    if line.value:
        pen.write_fitted(line.value, 13, pen.ink.text,
                         QRectF(box.x() + number + name, box.y(), value, box.height()), _RIGHT)  # fmt: skip
    pen.write(
        line.place, pen.font(13), pen.ink.faint, QRectF(box.right() - place, box.y(), place, box.height()), _RIGHT
    )


def _elided(pen: PagePen, text: str, size: float, width: float, *, bold: bool = False) -> str:
    """Return a text, or as much of it as one line takes: the page has it whole."""
    font = pen.font(size, bold=bold)
    if pen.size_of(text, font, 1e6).width() <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if pen.size_of(text[:middle].rstrip() + "…", font, 1e6).width() <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


def _draw_map(pen: PagePen, box: QRectF, key_map: KeyMap) -> None:
    """Draw where the pages are, as large as it goes; a number where there is room for it."""
    room = pen.heading(word("atlas.index.map", pen.lang), box)
    wide = min(room.width(), room.height() * key_map.aspect)
    tall = wide / key_map.aspect
    area = QRectF(room.x() + (room.width() - wide) / 2, room.y(), wide, tall)
    painter, u = pen.painter, pen.u
    line = QPen(QColor(pen.ink.faint), 1.0 * u)
    fill = QColor(pen.ink.strong)
    fill.setAlpha(14)
    for mark in key_map.marks:
        path = QPainterPath()
        for ring in mark.rings:
            path.addPolygon(QPolygonF([QPointF(area.x() + x * wide, area.y() + y * tall) for x, y in ring]))
            path.closeSubpath()
        painter.setPen(line)
        painter.setBrush(fill)
        painter.drawPath(path)
    taken: list[QRectF] = []
    for mark in key_map.marks:
        at = QPointF(area.x() + mark.at[0] * wide, area.y() + mark.at[1] * tall)
        if not mark.rings:
            painter.setPen(QPen(QColor(pen.ink.card), 1.2 * u))
            painter.setBrush(QColor(pen.ink.strong))
            painter.drawEllipse(at, 3.2 * u, 3.2 * u)
            at = QPointF(at.x(), at.y() - 11 * u)
        if not mark.text:
            continue
        font = pen.font(12 if len(key_map.marks) < 60 else 9, bold=True)
        need = pen.size_of(mark.text, font, 1e6)
        label = QRectF(at.x() - need.width() / 2, at.y() - need.height() / 2, need.width(), need.height())
        if any(label.intersects(other) for other in taken):
            continue
        taken.append(label)
        pen.write(mark.text, font, pen.ink.strong, label, int(Qt.AlignmentFlag.AlignCenter))
