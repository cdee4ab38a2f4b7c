"""When alarms began, as bars along time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from viewers.widgets.common.appearance import TYPE_SCALE, Appearance


class StartBars(QWidget):
    """A small histogram: equal steps of time, one bar each, the greatest count at the left, the span below."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._counts: Sequence[int] = ()
        self._first = self._last = ""
        self.setFixedHeight(84)
        self.hide()

    def show_counts(self, counts: Sequence[int], first: str, last: str) -> None:
        """Show counts between two moments; nothing where there are none."""
        self._counts, self._first, self._last = tuple(counts), first, last
        self.setVisible(bool(counts))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the bars."""
        painter = QPainter(self)
        font = painter.font()
        font.setPixelSize(TYPE_SCALE["tiny"])
        painter.setFont(font)
        most = max(self._counts, default=0)
        room = QRectF(34, 6, self.width() - 40, self.height() - 26)
        painter.setPen(self._appearance.colour("line_strong"))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        painter.setPen(self._appearance.colour("text_faint"))
        painter.drawText(QRectF(0, 0, 30, 16), Qt.AlignmentFlag.AlignRight, f"{most:,}")
        foot = QRectF(room.x(), room.bottom() + 3, room.width(), 16)
        painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, self._first)
        painter.drawText(foot, Qt.AlignmentFlag.AlignRight, self._last)
        step = room.width() / max(len(self._counts), 1)
        for at, count in enumerate(self._counts):
            if count:
                height = max(room.height() * count / most, 2.0)
                bar = QRectF(room.x() + at * step, room.bottom() - height, max(step - 1.0, 1.0), height)
                painter.fillRect(bar, self._appearance.colour("accent"))
