"""Small charts: bars with names for a few units, columns without them for many, columns with names for years.

No data is no column: a hatched stub and the words for it, so that nobody takes it for a zero.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPen

from resources.words import word
from viewers.sheets.pages.content import Chart, Column
from viewers.sheets.pages.page_pen import PagePen
from viewers.sheets.pen import RIGHT, WRAP

#: Of a chart whose columns have no colours of their own.
PLAIN = "#4f86a8"
_LINE = 20.0
#: A bar is not higher than this, units.
_THICKEST = 15.0
_VCENTRE_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_VCENTRE_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def draw_chart(pen: PagePen, box: QRectF, chart: Chart) -> None:
    """Draw a chart as its room allows."""
    room = pen.heading(chart.heading, box)
    if chart.note:
        font = pen.font(11.5)
        tall = pen.size_of(chart.note, font, room.width()).height()
        pen.write(chart.note, font, pen.ink.faint, QRectF(room.x(), room.bottom() - tall, room.width(), tall + 2), WRAP)
        room = room.adjusted(0, 0, 0, -tall - 5 * pen.u)
    if not chart.columns:
        pen.write(word("value.none", pen.lang), pen.font(14), pen.ink.faint, room)
        return
    head = 17 * pen.u if chart.limit_text else 0.0
    if chart.is_ranking:
        fitting = max(int((room.height() - head) / (_LINE * pen.u)), 1)
        chart = replace(chart, columns=chart.columns[:fitting])
    if chart.is_upright:
        _named_columns(pen, room, chart)
    elif len(chart.columns) * _LINE * pen.u + head <= room.height():
        _bars(pen, room, chart)
    else:
        _many(pen, room, chart)


def _span(chart: Chart) -> tuple[float, float]:
    """Return the least and the most that the axis shows: zero is always in it."""
    values = [one.value for one in chart.columns if one.value is not None]
    values += [] if chart.limit is None else [chart.limit]
    return min([0.0, *values]), max([0.0, *values]) or 1.0


def _bars(pen: PagePen, room: QRectF, chart: Chart) -> None:
    u, font, bold = pen.u, pen.font(12.5), pen.font(12.5, bold=True)
    names = max(pen.size_of(one.name, bold, 1e6).width() for one in chart.columns)
    names = min(names, room.width() * 0.42)
    figures = max(pen.size_of(one.text, bold, 1e6).width() for one in chart.columns)
    low, high = _span(chart)
    left, wide = room.x() + names + 9 * u, room.width() - names - figures - 21 * u
    head = 17 * u if chart.limit_text else 0.0
    step = min((room.height() - head) / len(chart.columns), 27 * u)
    thick = min(step * 0.6, _THICKEST * u)
    zero = left - low / (high - low) * wide
    end = room.y() + head + step * len(chart.columns)
    for k, one in enumerate(chart.columns):
        y = room.y() + head + step * (k + 0.5)
        own = bold if one.is_subject else font
        ink = pen.ink.strong if one.is_subject else pen.ink.text
        line = QRectF(room.x(), y - step / 2, names, step)
        pen.write_fitted(one.name, 12.5, ink, line, _VCENTRE_RIGHT, bold=one.is_subject)
        if one.value is None:
            bar = QRectF(zero, y - thick / 2, 26 * u, thick)
            _hatch(pen, bar)
        else:
            length = one.value / (high - low) * wide
            bar = QRectF(min(zero, zero + length), y - thick / 2, max(abs(length), u), thick)
            _fill(pen, bar, one)
        pen.write(one.text, own, ink, QRectF(room.x(), y - step / 2, room.width(), step), _VCENTRE_RIGHT)
    pen.painter.setPen(QPen(QColor(pen.ink.faint), 0.9 * u))
    pen.painter.drawLine(QPointF(zero, room.y() + head), QPointF(zero, end))
    if chart.limit is not None:
        x = zero + chart.limit / (high - low) * wide
        _dashed(pen, QPointF(x, room.y() + head - 2 * u), QPointF(x, end))
        _limit_text(pen, QRectF(room.x(), room.y(), room.width(), head), chart.limit_text, x)


def _many(pen: PagePen, room: QRectF, chart: Chart) -> None:
    """Draw a column for each unit in the order of their values, the page's own with its name."""
    u, small = pen.u, pen.font(11.5)
    known = sorted((one for one in chart.columns if one.value is not None), key=lambda one: one.value or 0.0)
    shown = [*known, *(one for one in chart.columns if one.value is None)]
    low, high = _span(chart)
    axis, head = 40 * u, 34 * u
    plot = QRectF(room.x() + axis, room.y() + head, room.width() - axis, max(room.height() - head - 18 * u, 20 * u))
    zero = plot.bottom() + low / (high - low) * plot.height()
    wide = plot.width() / len(shown)
    for k, one in enumerate(shown):
        x = plot.x() + k * wide
        gap = min(wide * 0.18, 2 * u)
        if one.value is None:
            _hatch(pen, QRectF(x, zero - 9 * u, wide, 9 * u))
            continue
        tall = one.value / (high - low) * plot.height()
        bar = QRectF(x + gap / 2, min(zero, zero - tall), max(wide - gap, 0.6 * u), max(abs(tall), 0.8 * u))
        _fill(pen, bar, replace(one, is_subject=False))
        if one.is_subject:
            pen.painter.setPen(QPen(QColor(pen.ink.strong), 1.6 * u))
            pen.painter.setBrush(Qt.BrushStyle.NoBrush)
            pen.painter.drawRect(bar)
            label = f"{one.name}  {one.text}"
            bold = pen.font(12.5, bold=True)
            need = pen.size_of(label, bold, plot.width()).width()
            at = min(max(bar.center().x() - need / 2, plot.x()), plot.right() - need)
            pen.painter.drawLine(QPointF(bar.center().x(), room.y() + 17 * u), QPointF(bar.center().x(), bar.top()))
            pen.write(label, bold, pen.ink.strong, QRectF(at, room.y(), need + 4 * u, 18 * u), _VCENTRE_LEFT)
    pen.painter.setPen(QPen(QColor(pen.ink.faint), 0.9 * u))
    pen.painter.drawLine(QPointF(plot.x(), zero), QPointF(plot.right(), zero))
    for value in (low, high) if low < 0 else (high,):
        y = zero - value / (high - low) * plot.height()
        pen.write(
            f"{value:,.3g}", small, pen.ink.faint, QRectF(room.x(), y - 9 * u, axis - 5 * u, 18 * u), _VCENTRE_RIGHT
        )
    pen.write("0", small, pen.ink.faint, QRectF(room.x(), zero - 9 * u, axis - 5 * u, 18 * u), _VCENTRE_RIGHT)
    if chart.limit is not None:
        y = zero - chart.limit / (high - low) * plot.height()
        _dashed(pen, QPointF(plot.x(), y), QPointF(plot.right(), y))
        pen.write(chart.limit_text, small, pen.ink.text, QRectF(plot.x() + 3 * u, y - 17 * u, plot.width(), 17 * u))
    text = word("sheets.chart.count", pen.lang, count=len(shown), none=len(shown) - len(known))
    pen.write(text, small, pen.ink.faint, QRectF(plot.x(), plot.bottom() + 2 * u, plot.width(), 16 * u), RIGHT)


def _named_columns(pen: PagePen, room: QRectF, chart: Chart) -> None:
    u = pen.u
    low, high = _span(chart)
    plot = QRectF(room.x(), room.y() + 20 * u, room.width(), max(room.height() - 40 * u, 20 * u))
    zero = plot.bottom() + low / (high - low) * plot.height()
    slot = min(plot.width() / len(chart.columns), 110 * u)
    for k, one in enumerate(chart.columns):
        x = plot.x() + (k + 0.5) * slot
        thick = min(slot * 0.55, 52 * u)
        if one.value is None:
            bar = QRectF(x - thick / 2, zero - 12 * u, thick, 12 * u)
            _hatch(pen, bar)
        else:
            tall = one.value / (high - low) * plot.height()
            bar = QRectF(x - thick / 2, min(zero, zero - tall), thick, max(abs(tall), u))
            _fill(pen, bar, one)
        ink = pen.ink.strong if one.is_subject else pen.ink.text
        above = QRectF(x - slot / 2, bar.top() - 19 * u, slot, 18 * u)
        pen.write_fitted(one.text, 12.5, ink, above, int(Qt.AlignmentFlag.AlignCenter), bold=one.is_subject)
        below = QRectF(x - slot / 2, plot.bottom() + 2 * u, slot, 18 * u)
        pen.write_fitted(one.name, 12.5, ink, below, int(Qt.AlignmentFlag.AlignCenter), bold=one.is_subject)
    pen.painter.setPen(QPen(QColor(pen.ink.faint), 0.9 * u))
    pen.painter.drawLine(QPointF(plot.x(), zero), QPointF(plot.x() + slot * len(chart.columns), zero))
    if chart.limit is not None:
        y = zero - chart.limit / (high - low) * plot.height()
        _dashed(pen, QPointF(plot.x(), y), QPointF(plot.right(), y))
        line = QRectF(plot.x(), y - 17 * u, plot.width(), 16 * u)
        pen.write(chart.limit_text, pen.font(11.5), pen.ink.text, line, _VCENTRE_RIGHT)


def _fill(pen: PagePen, bar: QRectF, one: Column) -> None:
    pen.painter.setPen(QPen(QColor(pen.ink.strong), 1.6 * pen.u) if one.is_subject else Qt.PenStyle.NoPen)
    pen.painter.setBrush(QColor(one.colour or PLAIN))
    pen.painter.drawRect(bar)


def _hatch(pen: PagePen, bar: QRectF) -> None:
    """Draw what stands for no data; lines of our own, for a pattern of Qt has the dots of the device."""
    painter = pen.painter
    painter.save()
    painter.setPen(QPen(QColor(pen.ink.faint), 0.8 * pen.u))
    painter.setBrush(QBrush(Qt.BrushStyle.NoBrush))
    painter.drawRect(bar)
    painter.setClipRect(bar, Qt.ClipOperation.IntersectClip)
    x = bar.left() - bar.height()
    while x < bar.right():
        painter.drawLine(QPointF(x, bar.bottom()), QPointF(x + bar.height(), bar.top()))
        x += 5 * pen.u
    painter.restore()


def _dashed(pen: PagePen, start: QPointF, end: QPointF) -> None:
    stroke = QPen(QColor(pen.ink.strong), 1.1 * pen.u)
    stroke.setDashPattern([4.0, 3.0])
    pen.painter.setPen(stroke)
    pen.painter.drawLine(start, end)


def _limit_text(pen: PagePen, line: QRectF, text: str, x: float) -> None:
    font = pen.font(11.5)
    need = pen.size_of(text, font, line.width()).width()
    at = min(max(x - need / 2, line.left()), line.right() - need)
    pen.write(text, font, pen.ink.text, QRectF(at, line.y(), need + 4 * pen.u, line.height()), _VCENTRE_LEFT)
