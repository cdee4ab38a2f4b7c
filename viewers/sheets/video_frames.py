"""Frames of a video: the city, and under it a band with what is shown; a title; one picture dissolving into another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from viewers.sheets.fonts import ensure_qt
from viewers.sheets.pen import BADGE, BADGE_TEXT, DARK, LIGHT, Ink, SheetPen

Pixels = NDArray[np.uint8]
_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine)
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight | Qt.TextFlag.TextSingleLine)
_CENTRE = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)


def band(size: tuple[int, int], title: str, told: str, *, dark: bool) -> Pixels:
    """Return the band of a caption, (h, w, 3): the title, and at its right what is told; what is too long is elided."""
    image, pen = _begun(size, DARK if dark else LIGHT)
    u, (width, height) = pen.u, size
    side, room = 0.022 * width, 0.956 * width
    right = pen.font(0.3 * height / u)
    strong = pen.font(0.4 * height / u, bold=True)
    wide = min(QFontMetricsF(right).horizontalAdvance(told), room * (0.62 if title else 1.0)) + 2
    shown = QFontMetricsF(right).elidedText(told, Qt.TextElideMode.ElideRight, wide)
    rest = room - (wide + 0.02 * width if told else 0.0)
    head = QFontMetricsF(strong).elidedText(title, Qt.TextElideMode.ElideRight, rest)
    pen.write(head, strong, pen.ink.strong, QRectF(side, 0, rest, height), _MIDDLE)
    pen.write(shown, right, pen.ink.text, QRectF(side + room - wide, 0, wide, height), _RIGHT)
    pen.rule(0.0, float(width), 0.5)
    return _ended(image, pen)


def title_card(size: tuple[int, int], lines: Sequence[str], label: str, *, dark: bool) -> Pixels:
    """Return a title, (h, w, 3); ``label`` says that the data is synthetic, empty for nothing."""
    image, pen = _begun(size, DARK if dark else LIGHT)
    width, height = size
    large, small = pen.font(0.085 * height / pen.u, bold=True), pen.font(0.042 * height / pen.u)
    pen.write(
        lines[0], large, pen.ink.strong, QRectF(0.08 * width, 0.28 * height, 0.84 * width, 0.26 * height), _CENTRE
    )
    below = QRectF(0.1 * width, 0.55 * height, 0.8 * width, 0.12 * height)
    pen.write(" ".join(lines[1:]), small, pen.ink.text, below, _CENTRE)
    if label:
        badge = pen.font(0.03 * height / pen.u, bold=True)
        wide, tall = QFontMetricsF(badge).horizontalAdvance(label) + 0.04 * width, 0.06 * height
        box = QRectF((width - wide) / 2, 0.72 * height, wide, tall)
        pen.painter.setPen(Qt.PenStyle.NoPen)
        pen.painter.setBrush(QColor(BADGE))
        pen.painter.drawRoundedRect(box, tall / 4, tall / 4)
        pen.write(label, badge, BADGE_TEXT, box, int(Qt.AlignmentFlag.AlignCenter))
    return _ended(image, pen)


def mixed(first: Pixels, second: Pixels, share: float) -> Pixels:
    """Return a picture between two, 0…1 of the way."""
    part = round(min(max(share, 0.0), 1.0) * 256)
    blend = (first.astype(np.uint16) * (256 - part) + second.astype(np.uint16) * part) >> 8
    return blend.astype(np.uint8)


def pixels_of(image: QImage) -> Pixels:
    """Return an image as (h, w, 3)."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(bytes(plain.constBits()), dtype=np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : plain.width() * 3].reshape(plain.height(), plain.width(), 3).copy()


def _begun(size: tuple[int, int], ink: Ink) -> tuple[QImage, SheetPen]:
    ensure_qt()
    image = QImage(size[0], size[1], QImage.Format.Format_RGB888)
    image.fill(QColor(ink.card))
    painter = QPainter(image)
    painter.translate(QPointF(0.0, 0.0))
    return image, SheetPen(painter, ink, max(size[1] / 1080.0, 0.05))


def _ended(image: QImage, pen: SheetPen) -> Pixels:
    pen.painter.end()
    return pixels_of(image)
