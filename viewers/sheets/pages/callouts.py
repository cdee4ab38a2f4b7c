"""Numbers and names at objects in a picture: beside them, with a leader, over no other and not over the objects.

Places are tried in a fixed order, so that the same page is drawn the same each time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPen

from viewers.sheets.pages.content import Mark
from viewers.sheets.pages.page_pen import LEFT, PagePen

NUMBER = "#17242e"
#: How far labels stand from what they name, units; tried one after the other.
_AWAY = (20.0, 34.0, 52.0, 76.0, 108.0, 150.0, 200.0, 270.0, 350.0)
_DIRECTIONS = (-60, -120, -30, -150, 0, 180, -90, 30, 150, 60, 120, 90)


@dataclass(frozen=True, slots=True)
class Label:
    """A label and where it stands."""

    mark: Mark
    at: QPointF
    box: QRectF


def placed(pen: PagePen, room: QRectF, marks: Sequence[Mark], keep_out: Sequence[QRectF] = ()) -> list[Label]:
    """Return where labels stand; those for which there is no free place stand where they cover least.

    Parameters
    ----------
    pen : PagePen
    room : QRectF
        The picture.
    marks : sequence of Mark
        In the order of their weight.
    keep_out : sequence of QRectF
        What lies over the picture.
    """
    u = pen.u
    inside = room.adjusted(5 * u, 5 * u, -5 * u, -5 * u)
    points = [QPointF(room.x() + one.x * room.width(), room.y() + one.y * room.height()) for one in marks]
    bodies = [_on_page(one.box, room) for one in marks]
    labels: list[Label] = []
    for mark, at in zip(marks, points, strict=True):
        size = _size(pen, mark)
        best: tuple[float, QRectF] | None = None
        for box in _candidates(at, size, u):
            if not inside.contains(box):
                continue
            own = [label.box.adjusted(-3 * u, -3 * u, 3 * u, 3 * u) for label in labels]
            cost = 60 * _covered(box, own) + 20 * _covered(box, keep_out) + _covered(box, bodies)
            cost += sum(8.0 for point in points if box.adjusted(-4 * u, -4 * u, 4 * u, 4 * u).contains(point))
            cost += sum(3.0 for label in labels if _crosses(at, box.center(), label))
            if best is None or cost < best[0] - 1e-9:
                best = cost, box
            if cost == 0:
                break
        if best is not None:
            labels.append(Label(mark, at, best[1]))
    return labels


def draw_marks(pen: PagePen, room: QRectF, marks: Sequence[Mark], keep_out: Sequence[QRectF] = ()) -> None:
    """Draw leaders, then points, then labels."""
    u, painter = pen.u, pen.painter
    labels = placed(pen, room, marks, keep_out)
    for label in labels:
        near = _edge(label.box, label.at)
        for colour, thick in (("#e6ffffff", 3.6), (NUMBER, 1.3)):
            painter.setPen(QPen(QColor(colour), thick * u))
            painter.drawLine(label.at, near)
    for label in labels:
        painter.setPen(QPen(QColor("#ffffff"), 1.2 * u))
        painter.setBrush(QColor(NUMBER))
        painter.drawEllipse(label.at, 3.2 * u, 3.2 * u)
    for label in labels:
        _label(pen, label)


def _label(pen: PagePen, label: Label) -> None:
    u, painter, box, mark = pen.u, pen.painter, label.box, label.mark
    side = _disc(pen, mark)
    painter.setPen(QPen(QColor("#ffffff"), 1.4 * u))
    if mark.text:
        painter.setBrush(QColor(pen.ink.card))
        painter.setPen(QPen(QColor(pen.ink.faint), 0.8 * u))
        painter.drawRoundedRect(box, 4 * u, 4 * u)
        text = box.adjusted(side.width() + 6 * u if mark.number else 8 * u, 0, -4 * u, 0)
        pen.write(mark.text, pen.font(13, bold=True), pen.ink.strong, text, LEFT)
        if not mark.number:
            return
        disc = QRectF(box.x() + 3 * u, box.center().y() - side.height() / 2, side.width(), side.height())
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        disc = box
    painter.setBrush(QColor(NUMBER))
    radius = disc.height() / 2
    painter.drawRoundedRect(disc, radius, radius)
    pen.write(mark.number, pen.font(13, bold=True), "#ffffff", disc, int(Qt.AlignmentFlag.AlignCenter))


def _disc(pen: PagePen, mark: Mark) -> QRectF:
    tall = 22 * pen.u
    need = pen.size_of(mark.number or "0", pen.font(13, bold=True), 1e6)
    return QRectF(0, 0, max(tall, need.width() + 11 * pen.u), tall)


def _size(pen: PagePen, mark: Mark) -> tuple[float, float]:
    disc = _disc(pen, mark)
    if not mark.text:
        return disc.width(), disc.height()
    need = pen.size_of(mark.text, pen.font(13, bold=True), 210 * pen.u)
    beside = disc.width() + 6 * pen.u if mark.number else 8 * pen.u
    return need.width() + beside + 9 * pen.u, max(need.height() + 8 * pen.u, disc.height() + 6 * pen.u)


def _candidates(at: QPointF, size: tuple[float, float], u: float) -> Iterator[QRectF]:
    wide, tall = size
    for away in _AWAY:
        for angle in _DIRECTIONS:
            x, y = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            middle = QPointF(at.x() + x * (away * u + wide / 2), at.y() + y * (away * u + tall / 2))
            yield QRectF(middle.x() - wide / 2, middle.y() - tall / 2, wide, tall)


def _covered(box: QRectF, others: Sequence[QRectF]) -> float:
    """Return how much of a box lies under others, in shares of it."""
    area = box.width() * box.height() or 1.0
    parts = (box.intersected(other) for other in others)
    return sum(part.width() * part.height() for part in parts if not part.isEmpty()) / area


def _crosses(start: QPointF, end: QPointF, label: Label) -> bool:
    """Whether a leader would cross that of another label."""
    other = label.box.center()

    def side(a: QPointF, b: QPointF, c: QPointF) -> float:
        return (b.x() - a.x()) * (c.y() - a.y()) - (b.y() - a.y()) * (c.x() - a.x())

    return (
        side(start, end, label.at) * side(start, end, other) < 0
        and side(label.at, other, start) * side(label.at, other, end) < 0
    )


def _edge(box: QRectF, at: QPointF) -> QPointF:
    """Return where a leader from a point meets a box."""
    return QPointF(min(max(at.x(), box.left()), box.right()), min(max(at.y(), box.top()), box.bottom()))


def _on_page(box: tuple[float, float, float, float], room: QRectF) -> QRectF:
    return QRectF(room.x() + box[0] * room.width(), room.y() + box[1] * room.height(), box[2] * room.width(),
                  box[3] * room.height())  # fmt: skip
