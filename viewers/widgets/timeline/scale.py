"""The scale of the time line: ticks of time, rain, runs, alarms and cases, the moment, and the range that is played."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from models.readings.batch import MINUTE_US
from models.timeline.events import Line, Mark, marks
from models.timeline.ticks import time_ticks
from models.timeline.zone import DEFAULT_ZONE
from viewers.render.symbology.moment_colours import alarm_colour
from viewers.texts.moment_texts import moment_phrase
from viewers.texts.timeline_texts import mark_text, rain_text
from viewers.widgets.common.appearance import TYPE_SCALE, Appearance
from viewers.widgets.common.plain import plain_tip

#: Lanes from the top, pixels: rain hangs, alarms stand on the track, cases lie under it, words below.
RAIN_PX, TRACK_Y, HEIGHT_PX = 16, 31, 58
#: Columns of marks are so wide; a hand reaches so far, pixels.
COLUMN_PX, REACH_PX = 3, 6
EDGE_PX = 8
#: A label of time has so much room.
LABEL_PX = 62
LEAST_SPAN_US = 10 * MINUTE_US


@dataclass(slots=True)
class _Grip:
    """What a hand holds: the moment, an end of the range, or the line itself."""

    what: str
    at_x: float
    span_us: tuple[int, int]


class TimeScale(QWidget):
    """The line itself.

    Signals
    -------
    moment_chosen : (int µs)
    range_chosen : (int, int) what is to be played
    """

    moment_chosen = Signal(object)
    range_chosen = Signal(object, object)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._line, self._zone = Line(), DEFAULT_ZONE
        self._span_us: tuple[int, int] | None = None
        self._moment_us: int | None = None
        self._range_us: tuple[int, int] | None = None
        self._grip: _Grip | None = None
        self._marks: list[Mark] = []
        self._marked_for: object = None
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        appearance.say(self.setAccessibleName, "timeline.scale")
        appearance.look_changed.connect(self.update)
        appearance.lang_changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a size that shows some days."""
        return QSize(480, HEIGHT_PX)

    # --- what is shown ---------------------------------------------------------------------------------------------
    def show_line(self, line: Line, zone: str = DEFAULT_ZONE) -> None:
        """Show what happened; a part that was chosen to be seen stays as far as there is something."""
        was_whole = self._span_us is None or self._span_us == self._line.whole_us
        self._line, self._zone, self._marked_for = line, zone, None
        whole = line.whole_us
        if whole is None or was_whole or self._span_us is None:
            self._span_us = whole
        else:
            self._span_us = _moved_into(self._span_us, whole)
        self.update()

    def show_moment(self, moment_us: int | None) -> None:
        """Show which moment it is; one that lies outside of what is seen is brought into view."""
        self._moment_us = moment_us
        span, whole = self._span_us, self._line.whole_us
        if moment_us is not None and span is not None and whole is not None and self._grip is None:
            length = span[1] - span[0]
            if not span[0] <= moment_us <= span[1]:
                first = moment_us - length // 10
                self._span_us = _moved_into((first, first + length), whole)
        self.update()

    def show_range(self, range_us: tuple[int, int] | None) -> None:
        """Show what is played, None for all."""
        self._range_us = range_us
        self.update()

    @property
    def span_us(self) -> tuple[int, int] | None:
        """Return first and last moment in view."""
        return self._span_us

    def x_of(self, moment_us: int) -> float:
        """Return where a moment lies, pixels from the left."""
        if self._span_us is None:
            return 0.0
        first, last = self._span_us
        return EDGE_PX + (moment_us - first) / max(last - first, 1) * self._room()

    def moment_at(self, x: float) -> int:
        """Return the moment of a place, to the minute."""
        if self._span_us is None:
            return 0
        first, last = self._span_us
        moment = first + (x - EDGE_PX) / self._room() * (last - first)
        rounded = round(moment / MINUTE_US) * MINUTE_US
        return int(min(max(rounded, first), last))

    def zoom(self, factor: float, x: float) -> None:
        """Show more (above 1) or less time around a place."""
        whole = self._line.whole_us
        if self._span_us is None or whole is None:
            return
        first, last = self._span_us
        share = min(max((x - EDGE_PX) / self._room(), 0.0), 1.0)
        length = min(max((last - first) * factor, LEAST_SPAN_US), whole[1] - whole[0])
        start = first + share * (last - first) - share * length
        self._span_us = _moved_into((round(start), round(start + length)), whole)
        self.update()

    def _room(self) -> float:
        return max(self.width() - 2 * EDGE_PX, 1)

    # --- the hand --------------------------------------------------------------------------------------------------
    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of the moment, of an end of the range, or (middle button) of the line."""
        if self._span_us is None:
            return
        x = event.position().x()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._grip = _Grip("line", x, self._span_us)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._grip = _Grip(self._held_at(x, event.position().y()), x, self._span_us)
            self._drag(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag what is held; else say what lies under the hand."""
        x, y = event.position().x(), event.position().y()
        if self._grip is not None:
            self._drag(x)
            return
        held = self._held_at(x, y)
        self.setCursor(Qt.CursorShape.SizeHorCursor if held != "moment" else Qt.CursorShape.PointingHandCursor)
        if self._span_us is not None:
            self._tell(x)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go."""
        self._grip = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Show all of the line again."""
        self._span_us, self._grip = self._line.whole_us, None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Show more or less time."""
        turns = event.angleDelta().y() / 120
        self.zoom(0.8**turns, event.position().x())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Answer the asking for a tool tip by what happened there."""
        if isinstance(event, QHelpEvent) and self._span_us is not None:
            self._tell(event.pos().x())
            return True
        return super().event(event)

    def _tell(self, x: float) -> None:
        """Say above the line what lies under the hand, so that nothing of the line is hidden."""
        text = self.told_at(x)
        tall = self.fontMetrics().height() * (text.count("<br>") + 1) + 70
        QToolTip.showText(self.mapToGlobal(QPoint(round(x) - 20, -tall)), plain_tip(text), self)

    def _held_at(self, x: float, y: float) -> str:
        line = self._range_us or self._line.whole_us
        if line is not None and y <= TRACK_Y + REACH_PX:
            for what, moment_us in (("first", line[0]), ("last", line[1])):
                near = abs(self.x_of(moment_us) - x) <= REACH_PX
                on_moment = self._moment_us is not None and abs(self.x_of(self._moment_us) - x) <= 2
                if near and not on_moment:
                    return what
        return "moment"

    def _drag(self, x: float) -> None:
        grip, whole = self._grip, self._line.whole_us
        if grip is None or whole is None:
            return
        if grip.what == "line":
            moved = round((grip.at_x - x) / self._room() * (grip.span_us[1] - grip.span_us[0]))
            self._span_us = _moved_into((grip.span_us[0] + moved, grip.span_us[1] + moved), whole)
            self.update()
        elif grip.what == "moment":
            self.moment_chosen.emit(self.moment_at(x))
        elif abs(x - grip.at_x) > 1:
            first, last = self._range_us or whole
            at = self.moment_at(x)
            first, last = (
                (min(at, last - MINUTE_US), last) if grip.what == "first" else (first, max(at, first + MINUTE_US))
            )
            self.range_chosen.emit(first, last)

    def told_at(self, x: float) -> str:
        """Return what is said of a place: the moment, and what happened there."""
        lang = self._appearance.lang
        lines = [f"<b>{moment_phrase(self.moment_at(x), lang, self._zone)}</b>"]
        rain = rain_text(self._line, self.moment_at(x), lang)
        lines += [rain] if rain else []
        for one in self._all_marks():
            if abs(EDGE_PX + (one.at + 0.5) * COLUMN_PX - x) <= COLUMN_PX:
                lines.append(mark_text(one, lang))
        at = self.moment_at(x)
        lines += [html.escape(band.name) for band in self._line.bands if band.start_us <= at <= band.end_us]
        return "<br>".join(f"<nobr>{line}</nobr>" for line in lines)

    # --- painting --------------------------------------------------------------------------------------------------
    def _all_marks(self) -> list[Mark]:
        span = self._span_us
        wanted = (span, self.width())
        if span is not None and self._marked_for != wanted:
            columns = max(int(self._room() // COLUMN_PX), 1)
            self._marks = [one for found in self._line.events for one in marks(found, span, columns)]
            self._marked_for = wanted
        return self._marks if span is not None else []

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the line."""
        if self._span_us is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_track(painter)
        self._paint_rain(painter)
        self._paint_marks(painter)
        self._paint_words(painter)
        self._paint_range(painter)
        self._paint_moment(painter)

    def _paint_track(self, painter: QPainter) -> None:
        colour = self._appearance.colour
        track = QRectF(EDGE_PX, TRACK_Y - 1.5, self._room(), 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("line_strong"))
        painter.drawRoundedRect(track, 1.5, 1.5)
        painter.setClipRect(QRectF(EDGE_PX, 0, self._room(), self.height()))
        for band in self._line.bands:
            left, right = self.x_of(band.start_us), self.x_of(band.end_us)
            painter.setBrush(colour("accent"))
            painter.drawRoundedRect(QRectF(left, TRACK_Y - 2.5, max(right - left, 3), 5), 2.5, 2.5)
        painter.setClipping(False)

    def _paint_rain(self, painter: QPainter) -> None:
        times, depths = self._line.rain_us, self._line.rain_mm
        if len(times) < 2 or self._span_us is None:
            return
        step = int(times[1] - times[0])
        seen = np.flatnonzero((times + step >= self._span_us[0]) & (times <= self._span_us[1]) & (depths > 0))
        if not len(seen):
            return
        most = float(np.nanmax(depths))
        per_column: dict[int, float] = {}
        for at in seen.tolist():
            column = int(self.x_of(int(times[at])))
            per_column[column] = max(per_column.get(column, 0.0), float(depths[at]))
        wide = max(step / (self._span_us[1] - self._span_us[0]) * self._room(), 1.5)
        shade = QColor("#4f9bd0" if not self._appearance.dark else "#6fb2e0")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        for column, depth in per_column.items():
            painter.drawRect(QRectF(column, 0, wide, max(RAIN_PX * depth / most, 1.0)))

    def _paint_marks(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for one in sorted(self._all_marks(), key=lambda mark: -(mark.severity or 9)):
            x = EDGE_PX + (one.at + 0.5) * COLUMN_PX
            if one.kind == "case":
                painter.setBrush(self._appearance.colour("text_faint"))
                size = 2.4 + min(np.log2(one.count), 3) * 0.4
                y = TRACK_Y + 6.5
                painter.drawPolygon(
                    QPolygonF([QPointF(x, y - size), QPointF(x + size, y), QPointF(x, y + size), QPointF(x - size, y)])
                )
            else:
                painter.setBrush(QColor(alarm_colour(one.severity or 3)))
                tall = min(5.0 + 2.2 * np.log2(1 + one.count), TRACK_Y - RAIN_PX - 1)
                painter.drawRoundedRect(QRectF(x - 1, TRACK_Y - 2 - tall, 2, tall), 1, 1)

    def _paint_words(self, painter: QPainter) -> None:
        assert self._span_us is not None  # noqa: S101 - paintEvent looked
        font = QFont(self.font())
        font.setPixelSize(TYPE_SCALE["tiny"])
        metrics = QFontMetrics(font)
        painter.setFont(font)
        colour = self._appearance.colour
        for tick in time_ticks(self._span_us, max(int(self._room() // LABEL_PX), 1), self._zone):
            x = self.x_of(tick.moment_us)
            painter.setPen(QPen(colour("line_strong"), 1))
            painter.drawLine(QPointF(x, TRACK_Y + 2), QPointF(x, TRACK_Y + (14 if tick.strong else 11)))
            painter.setPen(colour("text_soft" if tick.strong else "text_faint"))
            wide = metrics.horizontalAdvance(tick.text)
            left = min(max(x - wide / 2, 0.0), self.width() - wide)
            painter.drawText(QPointF(left, self.height() - 4), tick.text)

    def _paint_range(self, painter: QPainter) -> None:
        whole = self._line.whole_us
        if whole is None:
            return
        first, last = self._range_us or whole
        left, right = self.x_of(first), self.x_of(last)
        colour = self._appearance.colour
        if self._range_us is not None:
            veil = QColor(colour("surface"))
            veil.setAlpha(150)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(veil)
            painter.drawRect(QRectF(0, 0, max(left, 0), TRACK_Y + 12))
            painter.drawRect(QRectF(right, 0, max(self.width() - right, 0), TRACK_Y + 12))
        painter.setPen(QPen(colour("accent" if self._range_us is not None else "text_faint"), 1.6))
        for x, way in ((left, 1), (right, -1)):
            top, low = TRACK_Y - 8, TRACK_Y + 8
            painter.drawPolyline(
                QPolygonF([QPointF(x + way * 4, top), QPointF(x, top), QPointF(x, low), QPointF(x + way * 4, low)])
            )

    def _paint_moment(self, painter: QPainter) -> None:
        if self._moment_us is None:
            return
        x = self.x_of(self._moment_us)
        tint = self._appearance.colour("warn")
        painter.setPen(QPen(tint, 1.6))
        painter.drawLine(QPointF(x, 1), QPointF(x, TRACK_Y + 12))
        painter.setPen(QPen(self._appearance.colour("surface"), 1.5))
        painter.setBrush(tint)
        painter.drawEllipse(QPointF(x, TRACK_Y), 5.5, 5.5)


def _moved_into(span_us: tuple[int, int], whole_us: Sequence[int]) -> tuple[int, int]:
    """Return a span of the same length that lies in the whole, the whole where it is longer."""
    length = span_us[1] - span_us[0]
    if length >= whole_us[1] - whole_us[0]:
        return whole_us[0], whole_us[1]
    first = min(max(span_us[0], whole_us[0]), whole_us[1] - length)
    return first, first + length
