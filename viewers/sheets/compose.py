"""Draw the sheet: the picture and, over it, what a map owes its reader. One drawing code for PNG and vector PDF.

Invariants
----------
1. All lengths are in units of ``u``, which grows with the picture: one of twice the size is the same picture.
2. Text is never cut: it wraps, and its card grows.
3. Synthetic data is labelled on every picture, also on one without furniture.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from models.project.project import ProjectState
from models.views.seen import Seen
from models.views.snapshot_spec import SnapshotSpec
from viewers.legend import Legend
from viewers.sheets.content import Sheet, heading_of, sheet_of, without_furniture
from viewers.sheets.fonts import ensure_qt
from viewers.sheets.legend_lines import LegendLines
from viewers.sheets.pages.pdf_file import write_painted
from viewers.sheets.pen import DARK, LIGHT, RIGHT, Ink, SheetPen
from viewers.sheets.record import record_text

#: The longer side of a page whose picture has no resolution of its own.
A3_MM = 420.0
#: Pixels of a unit below which a legend is not made smaller to find room.
SMALLEST_LEGEND = 0.55


def compose(
    picture: NDArray[np.uint8] | QImage,
    spec: SnapshotSpec,
    state: ProjectState,
    legend: Legend | None = None,
    *,
    result: Any = None,
) -> QImage:
    """Return the picture with its furniture.

    Parameters
    ----------
    picture : ndarray (h, w, 3) uint8, or QImage
        As rendered.
    spec : SnapshotSpec
    state : ProjectState
        With the visibility that was drawn.
    legend : Legend, optional
    result : IndicatorResult, optional
    """
    ensure_qt()
    image = _image_of(picture)
    painter = QPainter(image)
    try:
        _draw(painter, image.width(), image.height(), _sheet(spec, state, legend, result))
    finally:
        painter.end()
    return image


def sketch(
    picture: QImage, spec: SnapshotSpec, state: ProjectState, legend: Legend | None, width_px: int, *,
    result: Any = None,
) -> QImage:  # fmt: skip
    """Return a small picture of a sheet as it will be: its furniture in its places over a picture of another size.

    Parameters
    ----------
    picture : QImage
        What is in view; where the sheet is wider or higher its middle is shown, as large as it goes.
    spec : SnapshotSpec
        Of the sheet, in its full size.
    state, legend, result
        As for :func:`compose`.
    width_px : int
        Of the small picture; its height follows from the sheet's.
    """
    ensure_qt()
    scale = width_px / spec.width_px
    page = QImage(width_px, max(round(spec.height_px * scale), 1), QImage.Format.Format_RGB32)
    painter = QPainter(page)
    try:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        tall = picture.height() * max(page.height() / picture.height(), page.width() / picture.width())
        wide = tall * picture.width() / picture.height()
        painter.drawImage(QRectF((page.width() - wide) / 2, (page.height() - tall) / 2, wide, tall), picture)
        painter.scale(scale, scale)
        _draw(painter, spec.width_px, spec.height_px, _sheet(spec, state, legend, result))
    finally:
        painter.end()
    return page


def write_pdf(
    picture: NDArray[np.uint8],
    spec: SnapshotSpec,
    state: ProjectState,
    legend: Legend | None,
    path: Path,
    *,
    result: Any = None,
    content_hash: str = "",
    seen: Seen | None = None,
) -> None:
    """Write one page: the picture as an image, its furniture as vectors and text, and how it was made."""
    ensure_qt()
    image = _image_of(picture)
    width, height = image.width(), image.height()
    mm_a_px = 25.4 / spec.dpi if spec.dpi else A3_MM / max(width, height)

    def paint(painter: QPainter) -> None:
        page = painter.viewport()
        painter.scale(page.width() / width, page.height() / height)
        painter.drawImage(QRectF(0, 0, width, height), image)
        _draw(painter, width, height, _sheet(spec, state, legend, result))

    title = spec.title or heading_of(spec, state, result)
    write_painted(path, (((width * mm_a_px, height * mm_a_px), paint),), record_text(spec, content_hash, seen), title)


def covered(
    size: tuple[int, int], spec: SnapshotSpec, state: ProjectState, legend: Legend | None, result: Any = None
) -> tuple[tuple[float, float, float, float], ...]:
    """Return the boxes of a picture over which its furniture will lie: left, bottom, right, top in pixels from below.

    The furniture is drawn once on an empty page; what it covers, no label needs to be under.
    """
    ensure_qt()
    width, height = size
    page = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(page)
    try:
        cards = _draw(painter, width, height, _sheet(spec, state, legend, result))
    finally:
        painter.end()
    return tuple((box.left(), height - box.bottom(), box.right(), height - box.top()) for box in cards)


def unit_px(width: int, height: int) -> float:
    """Return the pixels of one unit of a sheet: 1 at 1600 × 900, by area; less where the sheet is narrow or flat.

    Small pictures get larger words than their size alone would give, as far as there is room.
    """
    room = min(math.sqrt(width * height / (1600 * 900)), width / 1000, height / 640)
    return max(room, min(0.6, height / 560, width / 560))


def _image_of(picture: NDArray[np.uint8] | QImage) -> QImage:
    if isinstance(picture, QImage):
        return picture.convertToFormat(QImage.Format.Format_RGB32)
    if picture.shape[2] == 4:
        clear = np.ascontiguousarray(picture)
        height, width = clear.shape[:2]
        return QImage(clear.data, width, height, width * 4, QImage.Format.Format_RGBA8888).convertToFormat(
            QImage.Format.Format_ARGB32_Premultiplied
        )
    pixels = np.ascontiguousarray(picture[..., :3])
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, width * 3, QImage.Format.Format_RGB888).convertToFormat(
        QImage.Format.Format_RGB32
    )


def _sheet(spec: SnapshotSpec, state: ProjectState, legend: Legend | None, result: Any) -> Sheet:
    sheet = sheet_of(spec, state, legend, result)
    return without_furniture(sheet, spec.without) if spec.furniture else without_furniture(sheet)


def _draw(painter: QPainter, width: int, height: int, sheet: Sheet) -> list[QRectF]:
    """Draw all furniture and return what it covers."""
    pen = _Pen(painter, width, height, DARK if sheet.dark else LIGHT)
    footer = pen.footer(sheet)
    top = pen.title_card(sheet)
    pen.compass_card(sheet, footer)
    pen.legend_card(sheet, top, footer)
    pen.callout_card(sheet, footer)
    foot = [QRectF(0, footer, width, height - footer)] if footer < height else []
    return [*pen.cards, *foot]


class _Pen(SheetPen):
    """Draws the cards of one sheet; every method returns or uses rectangles in pixels."""

    def __init__(self, painter: QPainter, width: int, height: int, ink: Ink) -> None:
        super().__init__(painter, ink, unit_px(width, height))
        self.width, self.height = float(width), float(height)
        self.margin = 24 * self.u
        self.cards: list[QRectF] = []

    # --- shapes -------------------------------------------------------------------------------------------------------

    def card(self, box: QRectF, radius: float = 8) -> None:
        """Draw the ground of a card with a soft shadow."""
        u, painter = self.u, self.painter
        self.cards.append(box)
        painter.setPen(Qt.PenStyle.NoPen)
        for spread, alpha in ((7, 5), (5, 7), (3, 9), (1.5, 12)):
            painter.setBrush(QColor(10, 20, 30, alpha))
            grown = box.adjusted(-spread * u, -spread * u + 2 * u, spread * u, spread * u + 2 * u)
            painter.drawRoundedRect(grown, (radius + spread) * u, (radius + spread) * u)
        painter.setBrush(QColor(self.ink.card))
        painter.drawRoundedRect(box, radius * u, radius * u)

    # --- the cards ----------------------------------------------------------------------------------------------------

    def footer(self, sheet: Sheet) -> float:
        """Draw the strip at the foot and return where it begins."""
        if not sheet.footer and not sheet.signature:
            return self.height
        u, font = self.u, self.font(13)
        signature = self.size_of(sheet.signature, self.font(13, bold=True), self.width / 2)
        room = self.width - 3 * self.margin - signature.width()
        text = "    ".join(sheet.footer)
        need = self.size_of(text, font, room)
        height = need.height() + 16 * u
        top = self.height - height
        self.painter.fillRect(QRectF(0, top, self.width, height), QColor(self.ink.card))
        self.rule(0, self.width, top)
        self.write(text, font, self.ink.text, QRectF(self.margin, top + 8 * u, room, need.height() + 2))
        right = QRectF(self.width - self.margin - signature.width(), top + 8 * u, signature.width(), need.height())
        self.write(sheet.signature, self.font(13, bold=True), self.ink.strong, right, RIGHT)
        return top

    def title_card(self, sheet: Sheet) -> float:
        """Draw title, what is shown, its formula, and the synthetic label; return where that ends."""
        u, pad = self.u, 18 * self.u
        most = min(max(self.width * 0.34, 480 * u), self.width - 2 * self.margin - 2 * pad)
        title, large = sheet.title, self.font(30, bold=True)
        if " · " in title and QFontMetricsF(large).horizontalAdvance(title) > most:
            title = title.replace(" · ", "\n")  # a line that begins with a dot reads badly
        parts = [
            (title, large, self.ink.strong, 0.0),
            (sheet.subtitle, self.font(17, bold=True), self.ink.text, 4 * u),
            (sheet.formula, self.font(13), self.ink.faint, 4 * u),
        ]
        parts = [part for part in parts if part[0]]
        sizes = [self.size_of(text, font, most) for text, font, _, _ in parts]
        badge_font = self.font(13, bold=True)
        badge = self.size_of(sheet.badge, badge_font, most) if sheet.badge else QSizeF(0, 0)
        badge_gap = 10 * u if sheet.badge and parts else 0.0
        badge_height = badge.height() + 8 * u if sheet.badge else 0.0
        width = max([size.width() for size in sizes] + [badge.width() + 20 * u if sheet.badge else 0.0])
        height = (
            sum(size.height() + part[3] for size, part in zip(sizes, parts, strict=True)) + badge_gap + badge_height
        )
        if not width:
            return 0.0
        x, y = self.margin, self.margin
        end = y + height + (2 * pad * 0.8 if parts else 0.0)
        if parts:
            self.card(QRectF(x, y, width + 2 * pad, height + 2 * pad * 0.8))
            x, y = x + pad, y + pad * 0.8
        for (text, font, colour, gap), size in zip(parts, sizes, strict=True):
            y += gap
            self.write(text, font, colour, QRectF(x, y, most, size.height() + 2))
            y += size.height()
        if sheet.badge:
            self.pill(sheet.badge, x, y + badge_gap, most)
        return end

    def legend_card(self, sheet: Sheet, top: float, footer: float) -> None:
        """Draw what the colours mean and, with an indicator, the value of each place; smaller where room is short."""
        u, pad = self.u, 16 * self.u
        if sheet.legend is None and not sheet.values:
            return
        body, strong = self.font(14), self.font(14, bold=True)
        gap, row_gap = 10 * u, 6 * u
        most = min(max(self.width * 0.24, 290 * u), self.width * 0.5)
        lines = LegendLines(self, sheet.legend or Legend(), most)
        values = [self.size_of(value, strong, most * 0.5) for _, value in sheet.values]
        wide_values = max([size.width() for size in values] + [0.0])
        places = [self.size_of(place, body, most - wide_values - 2 * gap) for place, _ in sheet.values]
        width = max([lines.width, 150 * u] + [size.width() + 3 * gap + wide_values for size in places])
        place_heights = [max(size.height(), lines.line) + row_gap for size in places]
        between = 12 * u if lines.heights and places else 0.0
        height = lines.height(width) + between + sum(place_heights)
        box = QRectF(
            self.margin, footer - self.margin - height - 2 * pad + row_gap, width + 2 * pad, height + 2 * pad - row_gap
        )
        if box.top() < top + 24 * u and self.u > SMALLEST_LEGEND:
            self.u *= 0.88
            self.legend_card(sheet, top, footer)
            self.u = u
            return
        self.card(box)
        x = box.x() + pad
        y = lines.draw(x, box.y() + pad, width)
        if between:
            self.rule(x, x + width, y + between / 2 - row_gap / 2)
            y += between
        for i, ((place, value), size, tall) in enumerate(zip(sheet.values, places, place_heights, strict=True)):
            last = i == len(sheet.values) - 1
            font = strong if last else body
            self.write(place, font, self.ink.text, QRectF(x, y, width - wide_values, size.height() + 2))
            self.write(value, strong, self.ink.strong, QRectF(x, y, width, lines.line + 2), RIGHT)
            y += tall

    def compass_card(self, sheet: Sheet, footer: float) -> None:
        """Draw north arrow and scale bar at the lower right."""
        bar = sheet.scale_bar
        if bar is None and not sheet.north:
            return
        u, pad = self.u, 14 * self.u
        if bar is None:
            side = 46 * u + 2 * pad * 0.8
            box = QRectF(self.width - self.margin - side, footer - self.margin - side, side, side)
            self.card(box)
            self.north_arrow(box.center(), 23 * u, sheet.north_deg)
            return
        font, small = self.font(14, bold=True), self.font(11.5)
        text = self.size_of(bar.text, font, self.width / 2)
        note = self.size_of(bar.note, small, max(bar.length_px, 150 * u))
        bar_width = max(bar.length_px, text.width(), note.width())
        arrow = 46 * u if sheet.north else 0.0
        beside = arrow + 18 * u if sheet.north else 0.0
        width = beside + bar_width
        height = max(arrow + 6 * u, text.height() + 10 * u + note.height() + 4 * u)
        box = QRectF(
            self.width - self.margin - width - 2 * pad, footer - self.margin - height - 2 * pad * 0.8,
            width + 2 * pad, height + 2 * pad * 0.8,
        )  # fmt: skip
        self.card(box)
        if sheet.north:
            self.north_arrow(QPointF(box.x() + pad + arrow / 2, box.center().y()), arrow / 2, sheet.north_deg)
        x = box.x() + pad + beside
        y = box.y() + (box.height() - (text.height() + 10 * u + note.height() + 4 * u)) / 2
        self.write(bar.text, font, self.ink.strong, QRectF(x, y, bar_width + 2, text.height() + 2))
        y += text.height() + 2 * u
        self.bar(x, y, bar.length_px)
        self.write(bar.note, small, self.ink.faint, QRectF(x, y + 10 * u, note.width() + 2, note.height() + 2))

    def callout_card(self, sheet: Sheet, footer: float) -> None:
        """Draw what is said of the object that is pointed at, beside it and clear of the other cards, with a leader."""
        if sheet.callout is None or sheet.callout_at is None:
            return
        u, pad, away = self.u, 13 * self.u, 56 * self.u
        head, body = self.font(15, bold=True), self.font(13)
        most = max(self.width * 0.2, 240 * u)
        parts = [(sheet.callout.title, head, self.ink.strong)]
        parts += [(line, body, self.ink.text) for line in sheet.callout.lines]
        sizes = [self.size_of(text, font, most) for text, font, _ in parts]
        width = max(size.width() for size in sizes) + 2 * pad
        height = sum(size.height() for size in sizes) + 3 * u * (len(parts) - 1) + 1.6 * pad
        at = QPointF(*sheet.callout_at)
        room = QRectF(self.margin, self.margin, self.width - 2 * self.margin, footer - 2 * self.margin)
        sides = [
            QRectF(at.x() + away * across - (width if across < 0 else 0), at.y() - away * 0.9 * above
                   - (height if above > 0 else 0), width, height)
            for above in (1, -1) for across in (1, -1)
        ]  # fmt: skip
        free = [box for box in sides if room.contains(box) and not any(box.intersects(card) for card in self.cards)]
        box = (free or sides)[0]
        if not free:  # better over another card than cut
            box.moveLeft(min(max(box.left(), room.left()), max(room.right() - width, room.left())))
            box.moveTop(min(max(box.top(), room.top()), max(room.bottom() - height, room.top())))
        near = QPointF(min(max(at.x(), box.left()), box.right()), min(max(at.y(), box.top()), box.bottom()))
        for colour, thick in (("#ccffffff", 4.5), (self.ink.strong, 1.8)):
            self.painter.setPen(QPen(QColor(colour), thick * u))
            self.painter.drawLine(at, near)
        self.painter.setPen(QPen(QColor("#ffffff"), 1.6 * u))
        self.painter.setBrush(QColor(self.ink.strong))
        self.painter.drawEllipse(at, 5 * u, 5 * u)
        self.cards.append(QRectF(at, near).normalized().adjusted(-8 * u, -8 * u, 8 * u, 8 * u))  # no label under it
        self.card(box)
        x, y = box.x() + pad, box.y() + 0.8 * pad
        for (text, font, colour), size in zip(parts, sizes, strict=True):
            self.write(text, font, colour, QRectF(x, y, width - 2 * pad + 2, size.height() + 2))
            y += size.height() + 3 * u
