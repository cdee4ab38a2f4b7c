"""The parts of a page that every map has: title, picture, legend, north arrow, scale bar, value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPen

from resources.words import word
from viewers.legend import Legend
from viewers.sheets.legend_lines import LegendLines, shortened
from viewers.sheets.pages import content as parts
from viewers.sheets.pages.callouts import draw_marks
from viewers.sheets.pages.page_pen import LEFT, UNIT_MM, PagePen
from viewers.sheets.pen import WRAP

#: Share of their size to which the lines of a legend shrink before lines are left out.
_SMALLEST_LEGEND = 0.68


def draw_heading(pen: PagePen, box: QRectF, heading: parts.Heading) -> None:
    """Draw title and subtitle, and the label of synthetic data at the right end of the line below."""
    u = pen.u
    badge = 0.0
    if heading.badge:
        need = pen.size_of(heading.badge, pen.font(14, bold=True), box.width() / 2)
        badge = need.width() + 20 * u
        pen.pill(heading.badge, box.right() - badge, box.top() + 2 * u, box.width() / 2, 14)
    below = 26 * u if heading.subtitle else 0.0
    room = QRectF(box.x(), box.y(), box.width() - badge - (14 * u if badge else 0), box.height() - below)
    pen.write_fitted(heading.title, 36, pen.ink.strong, room, LEFT, bold=True)
    if heading.subtitle:
        line = QRectF(box.x(), box.bottom() - below, box.width(), below)
        pen.write_fitted(heading.subtitle, 17, pen.ink.faint, line, LEFT)


def draw_picture(pen: PagePen, box: QRectF, picture: parts.Picture) -> None:
    """Draw a view in a hairline frame, its caption on a strip at its upper left."""
    pen.painter.drawImage(box, image_of(picture.pixels))
    covered = [QRectF(box.x() + x * box.width(), box.y() + y * box.height(), w * box.width(), h * box.height())
               for x, y, w, h in picture.keep_out]  # fmt: skip
    if picture.caption:
        font = pen.font(15, bold=True)
        need = pen.size_of(picture.caption, font, box.width() * 0.6)
        strip = QRectF(box.x(), box.y(), need.width() + 22 * pen.u, need.height() + 10 * pen.u)
        pen.painter.fillRect(strip, QColor(pen.ink.card))
        pen.write(picture.caption, font, pen.ink.strong, strip, int(Qt.AlignmentFlag.AlignCenter))
        pen.frame(strip)
        covered.append(strip)
    draw_marks(pen, box, picture.marks, covered)
    pen.frame(box)


def image_of(pixels: np.ndarray) -> QImage:
    """Return pixels (h, w, 3) as an image that holds its own memory."""
    plain = np.ascontiguousarray(pixels[..., :3])
    height, width = plain.shape[:2]
    return QImage(plain.data, width, height, width * 3, QImage.Format.Format_RGB888).copy()


def draw_legend(pen: PagePen, box: QRectF, legend: Legend) -> None:
    """Draw a legend: in more columns, then smaller, then with fewer lines, until it fits."""
    heading = word("sheets.legend", pen.lang)
    room = pen.heading(heading, box)
    if legend.title == heading:
        legend = replace(legend, title="")
    u = pen.u
    shown = legend
    while True:
        fitting = _laid_out(pen, shown, room)
        if fitting is not None:
            break
        if pen.u > _SMALLEST_LEGEND * u:
            pen.u *= 0.94
        elif len(shown.entries) > 1:
            fewer = len(shown.entries) - 2
            left = len(legend.entries) - fewer
            shown = shortened(legend, fewer + 1, word("sheets.legend.more", pen.lang, count=left))
        else:
            pen.u = u
            return
    lines, wide, runs = fitting
    if legend.title:
        pen.write(
            legend.title, lines.head, pen.ink.strong, QRectF(room.x(), room.y(), room.width(), lines.title_height)
        )
    y, end = room.y() + lines.title_height, room.y() + lines.title_height
    for k, run in enumerate(runs):
        end = max(end, lines.draw_rows(run, room.x() + k * (wide + 16 * pen.u), y, min(wide, lines.width + 40 * pen.u)))
    if legend.note:
        pen.write(legend.note, lines.small, pen.ink.faint, QRectF(room.x(), end, room.width(), room.bottom() - end + 2))
    pen.u = u


def _laid_out(pen: PagePen, legend: Legend, room: QRectF) -> tuple[LegendLines, float, list[range]] | None:
    """Return a legend in as few columns as it fits, the width of one and the lines of each; None if it does not fit.

    Columns stop where their words would wrap too often.
    """
    u = pen.u
    for columns in range(1, max(int(room.width() / (190 * u)), 1) + 1):
        wide = (room.width() - (columns - 1) * 16 * u) / columns
        lines = LegendLines(pen, legend, wide)
        lines.title = pen.size_of(legend.title, lines.head, room.width()) if legend.title else lines.title
        runs = _columns(lines.heights, columns, room.height() - lines.title_height - lines.note_height(room.width()))
        if runs is not None:
            return lines, wide, runs
    return None


def _columns(heights: list[float], columns: int, room: float) -> list[range] | None:
    """Return which lines stand in which column, as evenly as they go; None where they do not fit."""
    if not heights:
        return []
    for most in sorted({sum(heights) / columns * share for share in (1.0, 1.1, 1.25, 1.5)} | {room}):
        runs, start, filled = [], 0, 0.0
        for k, tall in enumerate(heights):
            if filled + tall > min(most, room) + 1 and filled:
                runs.append(range(start, k))
                start, filled = k, 0.0
            filled += tall
        runs.append(range(start, len(heights)))
        if len(runs) <= columns and max(sum(heights[k] for k in run) for run in runs) <= room + 1:
            return runs
    return None


def draw_needle(pen: PagePen, box: QRectF, needle: parts.Needle) -> None:
    """Draw a north arrow on a disc that is seen through a little."""
    radius = min(box.width(), box.height()) / 2
    ground = QColor(pen.ink.card)
    ground.setAlpha(225)
    pen.painter.setPen(Qt.PenStyle.NoPen)
    pen.painter.setBrush(ground)
    pen.painter.drawEllipse(box.center(), radius, radius)
    u, pen.u = pen.u, radius / 32
    pen.north_arrow(box.center(), radius * 0.72, needle.north_deg)
    pen.u = u


def draw_bar(pen: PagePen, box: QRectF, bar: parts.Bar) -> None:
    """Draw a scale bar on a light ground, as wide as it needs."""
    u, pad = pen.u, 10 * pen.u
    strong, small = pen.font(14, bold=True), pen.font(12)
    length = bar.length_mm / UNIT_MM
    text = pen.size_of(bar.text, strong, 1e6)
    note = pen.size_of(bar.note, small, max(box.width() - 2 * pad, length))
    width = max(length, text.width(), note.width()) + 2 * pad
    height = text.height() + note.height() + 13 * u + 1.4 * pad
    ground = QColor(pen.ink.card)
    ground.setAlpha(235)
    card = QRectF(box.left(), box.bottom() - height, width, height)
    pen.painter.setPen(Qt.PenStyle.NoPen)
    pen.painter.setBrush(ground)
    pen.painter.drawRoundedRect(card, 4 * u, 4 * u)
    x, y = card.x() + pad, card.y() + 0.7 * pad
    pen.write(bar.text, strong, pen.ink.strong, QRectF(x, y, text.width() + 2, text.height() + 2))
    y += text.height() + 2 * u
    pen.bar(x, y, length)
    pen.write(bar.note, small, pen.ink.text, QRectF(x, y + 10 * u, note.width() + 2, note.height() + 2))


def draw_value(pen: PagePen, box: QRectF, value: parts.Value) -> None:
    """Draw the value of the subject: large, with its verdict beside it and what it is held against below."""
    u = pen.u
    room = pen.heading(value.name, box)
    large = pen.fitted(value.value, 40, QRectF(0, 0, room.width() * (0.68 if value.verdict else 1.0), 60 * u), True)
    need = pen.size_of(value.value, large, room.width())
    pen.write(value.value, large, pen.ink.strong, QRectF(room.x(), room.y(), room.width(), need.height() + 2))
    if value.verdict:
        font = pen.font(14, bold=True)
        left = room.x() + need.width() + 14 * u
        wide = min(pen.size_of(value.verdict, font, 1e6).width() + 20 * u, room.right() - left)
        pill = QRectF(left, room.y() + need.height() / 2 - 12 * u, wide, 24 * u)
        pen.painter.setPen(QPen(QColor(value.verdict_colour), 1.6 * u))
        pen.painter.setBrush(Qt.BrushStyle.NoBrush)
        pen.painter.drawRoundedRect(pill, 12 * u, 12 * u)
        inner = pill.adjusted(6 * u, 0, -6 * u, 0)
        pen.write_fitted(value.verdict, 14, value.verdict_colour, inner, int(Qt.AlignmentFlag.AlignCenter), bold=True)
    rest = QRectF(room.x(), room.y() + need.height() + 4 * u, room.width(), room.bottom() - room.y() - need.height())
    pen.write_fitted("\n".join(value.lines), 13, pen.ink.text, rest)


def draw_logo(pen: PagePen, box: QRectF, logo: parts.Logo) -> None:
    """Draw a logo as large as it goes, at the right."""
    image = QImage.fromData(logo.content)
    if image.isNull():
        return
    share = min(box.width() / image.width(), box.height() / image.height())
    wide, tall = image.width() * share, image.height() * share
    pen.painter.drawImage(QRectF(box.right() - wide, box.center().y() - tall / 2, wide, tall), image)


def draw_words(pen: PagePen, box: QRectF, words: parts.Words) -> None:
    """Draw free text."""
    pen.write_fitted(words.text, 14, pen.ink.text, pen.heading(words.heading, box), WRAP)


def draw_photo(pen: PagePen, box: QRectF, photo: parts.Photo) -> None:
    """Draw a photograph as large as it goes, its caption below; where there is none, say so in its place."""
    room = box
    if photo.caption:
        font = pen.font(12)
        tall = pen.size_of(photo.caption, font, box.width()).height()
        line = QRectF(box.x(), box.bottom() - tall, box.width(), tall + 2)
        pen.write(photo.caption, font, pen.ink.faint, line)
        room = box.adjusted(0, 0, 0, -tall - 4 * pen.u)
    image = QImage.fromData(photo.content) if photo.content else QImage()
    if image.isNull():
        pen.frame(room)
        text = word("sheets.photo.none" if not photo.content else "sheets.photo.unreadable", pen.lang)
        pen.write(text, pen.font(13), pen.ink.faint, room, int(Qt.AlignmentFlag.AlignCenter))
        return
    share = min(room.width() / image.width(), room.height() / image.height())
    wide, tall = image.width() * share, image.height() * share
    placed = QRectF(room.center().x() - wide / 2, room.y(), wide, tall)
    pen.painter.drawImage(placed, image)
    pen.frame(placed)
