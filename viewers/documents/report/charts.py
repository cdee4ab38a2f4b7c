"""The pictures of the report: bars by sub-district with the benchmark, beside the map where there is one."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QImageWriter, QPainter, QPen

from viewers.documents.report.composing import Bar, Chart
from viewers.sheets.fonts import ensure_qt, font_family

#: Pixels of a picture with a map and without, and what a line of bars is high.
WITH_MAP, ALONE, LINE = 1580, 1300, 58
#: Share of the picture that the map has.
MAP_SHARE = 0.66
_INK, _FAINT, _GRID, _BENCHMARK = "#1d2a31", "#6b7a85", "#dde4e7", "#b0402a"
_BARS = {"met": "#2c8c84", "not_met": "#cf7440"}
_PLAIN = "#5b87a6"


def draw_chart(chart: Chart) -> bytes:
    """Return a picture: PNG without a map, JPEG with one; the same chart gives the same bytes."""
    ensure_qt()
    picture = QImage.fromData(chart.map) if chart.map else QImage()
    has_map = not picture.isNull()
    wide = WITH_MAP if has_map else ALONE
    left = round(wide * (MAP_SHARE if chart.bars else 1.0)) if has_map else 0
    tall = round(left * picture.height() / picture.width()) if has_map else 0
    tall = max(tall, _height(chart)) if chart.bars else tall
    image = QImage(wide, max(tall, 40), QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    try:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if has_map:
            high = left * picture.height() / picture.width()
            painter.drawImage(QRectF(0, (image.height() - high) / 2, left, high), picture)
        if chart.bars:
            _bars(painter, chart, QRectF(left + 24, 0, wide - left - 24, image.height()))
    finally:
        painter.end()
    return encoded(image, b"JPG", 88) if has_map else encoded(image, b"PNG", 60)


def _height(chart: Chart) -> int:
    return LINE * len(chart.bars) + 120


def encoded(image: QImage, form: bytes, quality: int) -> bytes:
    """Return an image as the bytes of a file, ``b"JPG"`` or ``b"PNG"``."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(form))
    writer.setQuality(quality)
    writer.write(image)
    return bytes(buffer.data().data())


def _font(size: int, bold: bool = False) -> QFont:
    font = QFont(font_family())
    font.setPixelSize(size)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


def _bars(painter: QPainter, chart: Chart, box: QRectF) -> None:
    font, small = _font(27), _font(23)
    metrics = QFontMetricsF(font)
    most = box.width() * 0.36
    names = min(max(metrics.horizontalAdvance(bar.name) for bar in chart.bars), most) + 14
    texts = max(metrics.horizontalAdvance(bar.text) for bar in chart.bars) + 16
    room = max(box.width() - names - texts, 40.0)
    highest = max(
        [bar.value or 0.0 for bar in chart.bars] + ([chart.benchmark] if chart.benchmark is not None else []) + [1e-12]
    )
    line = min(LINE, (box.height() - 110) / len(chart.bars))
    top = box.top() + max((box.height() - line * len(chart.bars) - 60) / 2, 44)
    painter.setFont(small)
    painter.setPen(QColor(_FAINT))
    painter.drawText(QRectF(box.left(), top - 44, box.width(), 36), int(Qt.AlignmentFlag.AlignRight), chart.note)
    painter.setPen(QPen(QColor(_GRID), 2))
    painter.drawLine(QPointF(box.left() + names, top), QPointF(box.left() + names, top + line * len(chart.bars)))
    if chart.benchmark is not None and chart.benchmark_text:
        x = box.left() + names + room * chart.benchmark / highest
        painter.setPen(QPen(QColor(_BENCHMARK), 3, Qt.PenStyle.DashLine))
        bottom = top + line * len(chart.bars)
        painter.drawLine(QPointF(x, top - 2), QPointF(x, bottom + 6))
        painter.setFont(small)
        wide = QFontMetricsF(small).horizontalAdvance(chart.benchmark_text) + 4
        start = min(max(x - wide / 2, box.left()), box.right() - wide)
        painter.drawText(QRectF(start, bottom + 10, wide, 36), int(Qt.AlignmentFlag.AlignLeft), chart.benchmark_text)
    for at, bar in enumerate(chart.bars):
        _bar(
            painter,
            bar,
            QRectF(box.left(), top + at * line, box.width(), line),
            names,
            room * max(bar.value or 0.0, 0.0) / highest,
            font,
        )


def _bar(painter: QPainter, bar: Bar, box: QRectF, names: float, wide: float, font: QFont) -> None:
    painter.setFont(font)
    painter.setPen(QColor(_INK))
    name = QFontMetricsF(font).elidedText(bar.name, Qt.TextElideMode.ElideRight, names - 12)
    middle = int(Qt.AlignmentFlag.AlignVCenter)
    painter.drawText(
        QRectF(box.left(), box.top(), names - 12, box.height()), middle | int(Qt.AlignmentFlag.AlignRight), name
    )
    high = min(box.height() * 0.56, 30.0)
    start = box.left() + names
    if bar.value is not None:
        colour = QColor(_BARS.get(bar.grade, _PLAIN))
        painter.fillRect(QRectF(start, box.center().y() - high / 2, max(wide, 2.0), high), colour)
    metrics = QFontMetricsF(font)
    left, tall = start + wide + 10, metrics.height()
    behind = QRectF(left - 3, box.center().y() - tall / 2, metrics.horizontalAdvance(bar.text) + 6, tall)
    painter.fillRect(behind, QColor("white"))  # so that the line of the benchmark does not run through the number
    painter.setPen(QColor(_INK if bar.value is not None else _FAINT))
    painter.drawText(QRectF(left, box.top(), 400, box.height()), middle | int(Qt.AlignmentFlag.AlignLeft), bar.text)
