"""The pieces on the wall: title, figure, legend, what fails, one object of it, notes and keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from viewers.legend import Legend, LegendEntry
from viewers.widgets.common.appearance import Appearance, facility_pixmap
from viewers.widgets.review.wall.card import WallCard

MIDDLE = Qt.AlignmentFlag.AlignVCenter
#: A slim legend has so many lines; what does not fit is counted.
MOST_LINES = 2
#: Rows of the list of what fails; how wide it and what stands above it are, hundredths of the picture's height.
ROWS, COLUMN = 7, 44.0


class Head(WallCard):
    """What this is: title, which of how many, date; and that the data is synthetic, where it is."""

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(appearance, parent)
        self._title = self._place = self._about = ""

    def set_head(self, title: str, place: str, about: str) -> None:
        """Show a title, ``"3 / 12"``, and a line below."""
        self._title, self._place, self._about = title, place, about
        self.update()

    def wanted(self, widest: int) -> QSize:
        """Return the room of both lines."""
        edge = self.px(1.8)
        first = self.width_of(self._title, "title", bold=True)
        below = self.width_of(self._below, "small")
        width = min(max(first, below) + 2 * edge, widest)
        lines = 2 if first > width - 2 * edge else 1
        self._lines = lines
        height = lines * self.height_of("title", bold=True) + (self.height_of("small") if self._below else 0)
        return QSize(width, height + self.px(1.8)) if self._title or self._below else QSize()

    _lines = 1

    @property
    def _below(self) -> str:
        return "   ".join(filter(None, (self._place, self._about)))

    def paint(self, painter: QPainter) -> None:
        """Write both lines."""
        edge, high = self.px(1.8), self._lines * self.height_of("title", bold=True)
        room = QRect(edge, self.px(0.9), self.width() - 2 * edge, high)
        self.say(painter, room, self._title, "title", bold=True, wraps=self._lines > 1)
        below = QRect(edge, room.bottom() + 1, room.width(), self.height_of("small"))
        self.say(painter, below, self._below, "small", "text_soft")


@dataclass(frozen=True, slots=True)
class FigureView:
    """An indicator as the wall shows it.

    Parameters
    ----------
    name, value, target, verdict : str
        In words; ``target`` with its sign.
    tint : str
        Name of the colour of the verdict.
    failing : int or None
        How many objects make it bad, None where that is not known.
    """

    name: str
    value: str
    target: str = ""
    verdict: str = ""
    tint: str = "accent"
    failing: int | None = None


class Figure(WallCard):
    """The indicator, its value in large type, and how many objects fail it; a press asks which they are.

    Signals
    -------
    asked : ()
    """

    asked = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(appearance, parent)
        self._view: FigureView | None = None
        self.setMouseTracking(True)
        appearance.say(self.setAccessibleName, "wall.figure")
        appearance.say(self.setToolTip, "wall.which")

    def set_figure(self, view: FigureView | None) -> None:
        """Show an indicator, or none."""
        self._view = view
        has = view is not None and bool(view.failing)
        self.setCursor(Qt.CursorShape.PointingHandCursor if has else Qt.CursorShape.ArrowCursor)
        self.update()

    def wanted(self, widest: int) -> QSize:
        """Return the room of name, value, target and number."""
        view, edge = self._view, self.px(1.8)
        if view is None:
            return QSize()
        inner = min(widest, max(self.px(COLUMN), self.width_of(view.value, "value", bold=True) + 2 * edge)) - 2 * edge
        self._name_px = self.wrapped_height(view.name, "body", inner, lines=2) if view.name else 0
        height = self._name_px + self.height_of("value", bold=True) + self.px(1.4)
        self._said_px = self.wrapped_height(self._said, "small", inner, lines=2) if self._said else 0
        height += self._said_px
        height += self.px(5.6) if view.failing is not None else self.px(0.8)
        return QSize(inner + 2 * edge, height)

    _name_px = _said_px = 0

    @property
    def _said(self) -> str:
        return "   ".join(filter(None, (self._view.verdict, self._view.target))) if self._view is not None else ""

    def paint(self, painter: QPainter) -> None:
        """Write them below each other, the number on a ground of its own."""
        view, edge = self._view, self.px(1.8)
        if view is None:
            return
        wide, top = self.width() - 2 * edge, self.px(1.1)
        self.say(painter, QRect(edge, top, wide, self._name_px), view.name, "body", "text_soft", wraps=True)
        top += self._name_px
        high = self.height_of("value", bold=True)
        self.say(painter, QRect(edge, top, wide, high), view.value, "value", view.tint, bold=True)
        top += high
        self.say(painter, QRect(edge, top, wide, self._said_px), self._said, "small", "text_soft", wraps=True)
        top += self._said_px
        if view.failing is not None:
            box = QRectF(edge * 0.6, top + self.px(0.7), self.width() - edge * 1.2, self.px(4.4))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.appearance.colour("warn_soft" if view.failing else "hover"))
            painter.drawRoundedRect(box, self.px(0.7), self.px(0.7))
            key = "wall.failing" if view.failing else "wall.failing.none"
            text = self.appearance.word(key, count=f"{view.failing:,}")
            inner = box.toRect().adjusted(self.px(1.2), 0, -self.px(1.2), 0)
            self.say(painter, inner, text, "body", "warn" if view.failing else "text_soft", bold=bool(view.failing))
            if view.failing:
                arrow = QRect(inner.right() - self.px(2), inner.top(), self.px(2), inner.height())
                self.say(painter, arrow, "›", "strong", "warn", bold=True, align=Qt.AlignmentFlag.AlignRight)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Ask which objects they are."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.asked.emit()


class WallLegend(WallCard):
    """A slim legend: patches and words beside each other, in two lines at most, at the lower edge."""

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(appearance, parent)
        self._legend: Legend | None = None
        self._places: list[tuple[QPointF, LegendEntry, str]] = []

    def set_legend(self, legend: Legend | None) -> None:
        """Show a legend, or none."""
        self._legend = legend
        self.update()

    @property
    def texts(self) -> list[str]:
        """Return what is written beside the patches."""
        return [text for _, _, text in self._places]

    def wanted(self, widest: int) -> QSize:
        """Lay the entries out, and return the room that they take."""
        self._places = []
        entries = [] if self._legend is None else [one for one in self._legend.entries if one.symbol != "none"]
        if not entries:
            return QSize()
        edge, high, gap = self.px(1.4), self.height_of("small") + self.px(0.6), self.px(2.2)
        x, y, right, line = float(edge), float(self.px(0.6)), 0.0, 1
        for at, entry in enumerate(entries):
            text = entry.text if entry.symbol != "ramp" else ""
            wide = self._width(entry, text)
            spare = 0 if line < MOST_LINES or at == len(entries) - 1 else self.width_of("+99", "small") + gap
            if x > edge and x + wide + spare > widest - edge:
                if line == MOST_LINES:
                    more = f"+{len(entries) - at}"
                    self._places.append((QPointF(x, y), LegendEntry(more, "", symbol="head"), more))
                    right = max(right, x + self.width_of(more, "small", bold=True))
                    break
                x, y, line = float(edge), y + high, line + 1
            self._places.append((QPointF(x, y), entry, text))
            right = max(right, x + wide)
            x += wide + gap
        return QSize(min(round(right) + edge, widest), round(y + high + self.px(0.5)))

    def _width(self, entry: LegendEntry, text: str) -> int:
        if entry.symbol == "ramp":
            ends = [self.width_of(one, "small") for one in (entry.ends[0], entry.ends[-1])] if entry.ends else [0]
            return sum(ends) + self.px(26)
        mark = 0 if entry.symbol == "head" else self.px(2.8)
        return mark + self.width_of(text, "small", bold=entry.symbol == "head")

    def paint(self, painter: QPainter) -> None:
        """Paint patches and words."""
        high = self.height_of("small") + self.px(0.6)
        for at, entry, text in self._places:
            room = QRect(round(at.x()), round(at.y()), round(self.width() - at.x() - self.px(1)), high)
            if entry.symbol == "ramp":
                self._paint_ramp(painter, room, entry)
                continue
            if entry.symbol == "head":
                self.say(painter, room, text, "small", bold=True)
                continue
            side = self.px(1.9)
            self._paint_mark(painter, QPointF(at.x(), at.y() + (high - side) / 2), side, entry)
            self.say(painter, room.adjusted(self.px(2.8), 0, 0, 0), text, "small")

    def _paint_mark(self, painter: QPainter, at: QPointF, side: float, entry: LegendEntry) -> None:
        colour = entry.colour or self.appearance.colours["none"]
        if entry.icon is not None:
            painter.drawPixmap(QRectF(at.x(), at.y(), side, side).toRect(), facility_pixmap(entry.icon, round(side)))
        elif entry.symbol in ("line", "arrow"):
            pen = QPen(QColor(colour), max(side / 5, 3.0))
            if entry.pattern == "dash":
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawLine(at + QPointF(0, side / 2), at + QPointF(side, side / 2))
        elif entry.symbol == "dot":
            painter.setPen(QPen(self.appearance.colour("line_strong"), 1))
            painter.setBrush(QColor(colour))
            painter.drawEllipse(QRectF(at.x(), at.y(), side, side))
        else:
            self.chip(painter, at, side, colour, entry.pattern)

    def _paint_ramp(self, painter: QPainter, room: QRect, entry: LegendEntry) -> None:
        first, last = (entry.ends[0], entry.ends[-1]) if entry.ends else ("", "")
        self.say(painter, room, first, "small")
        left, wide = room.left() + self.width_of(first, "small") + self.px(1), self.px(24)
        step = wide / max(len(entry.colours), 1)
        top, high = room.top() + room.height() * 0.25, room.height() * 0.5
        for at, colour in enumerate(entry.colours):
            painter.fillRect(QRectF(left + at * step, top, step + 0.6, high), QColor(colour))
        self.say(painter, room.adjusted(left + wide + self.px(1) - room.left(), 0, 0, 0), last, "small")


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One object that fails: its name, where it lies, what of the whole it explains."""

    name: str
    place: str = ""
    share: str = ""


class Problems(WallCard):
    """What fails, the worst first; only the rows in sight are asked for.

    Signals
    -------
    chosen : (int) a row was pressed
    left : () the cross was pressed
    """

    chosen = Signal(int)
    left = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(appearance, parent)
        self._rows: Sequence[ProblemRow] = ()
        #: Of what the rows were made, for who fills it.
        self.rows_of: object = None
        self._current, self._first = -1, 0
        self._hover = -1
        self.setMouseTracking(True)

    def set_rows(self, rows: Sequence[ProblemRow], current: int) -> None:
        """Show rows; ``current`` is the one that is looked at, -1 for all of them."""
        self._rows = rows
        self.set_current(current)

    def set_current(self, current: int) -> None:
        """Look at another row."""
        self._current = current
        last = max(len(self._rows) - ROWS, 0)
        if current < 0:
            self._first = 0
        elif not self._first <= current < self._first + ROWS:
            self._first = current - ROWS // 2
        self._first = min(max(self._first, 0), last)
        self.update()

    def wanted(self, widest: int) -> QSize:
        """Return the room of the rows in sight."""
        count = min(len(self._rows), ROWS)
        return (
            QSize(min(self.px(COLUMN), widest), self.px(5) + count * self._row_px + self.px(0.8)) if count else QSize()
        )

    @property
    def _row_px(self) -> int:
        return self.px(4.3)

    def paint(self, painter: QPainter) -> None:
        """Write head and rows."""
        edge, total = self.px(1.4), len(self._rows)
        head = QRect(edge, 0, self.width() - 2 * edge, self.px(5))
        key = "wall.row" if self._current >= 0 else "wall.rows"
        told = self.appearance.word(key, at=f"{self._current + 1:,}", count=f"{total:,}")
        self.say(painter, head, told, "body", bold=True)
        self.say(painter, head, "×", "strong", "text_soft", align=Qt.AlignmentFlag.AlignRight)
        if any(self._rows[self._first + place].share for place in range(min(ROWS, total - self._first))):
            column = head.adjusted(self.width_of(told, "body", bold=True), 0, -self.px(5), 0)
            said = self.appearance.word("ranked.share")
            self.say(painter, column, said, "small", "text_faint", align=Qt.AlignmentFlag.AlignRight)
        for place in range(min(ROWS, total - self._first)):
            at = self._first + place
            box = QRect(self.px(0.6), self.px(5) + place * self._row_px, self.width() - self.px(1.2), self._row_px)
            if at in (self._current, self._hover):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self.appearance.colour("accent_soft" if at == self._current else "hover"))
                painter.drawRoundedRect(box, self.px(0.6), self.px(0.6))
            self._paint_row(painter, box.adjusted(self.px(0.8), 0, -self.px(0.8), 0), at)

    def _columns(self, width: int) -> tuple[int, int, int]:
        """Return how wide rank, place and share are: alike in all rows in sight."""
        seen = [self._rows[at] for at in range(self._first, min(self._first + ROWS, len(self._rows)))]
        rank = self.width_of(f"{self._first + len(seen)}", "small") + self.px(1.2)
        share = max((self.width_of(one.share, "small") for one in seen), default=0)
        place = max((self.width_of(one.place, "small") for one in seen), default=0)
        return rank, min(place, (width - rank - share) // 3), share

    def _paint_row(self, painter: QPainter, box: QRect, at: int) -> None:
        one, gap = self._rows[at], self.px(1)
        rank, place, share = self._columns(box.width())
        self.say(painter, QRect(box.left(), box.top(), rank, box.height()), f"{at + 1}", "small", "text_faint")
        right = box.right() - (share + gap if share else 0)
        where = QRect(right - place, box.top(), place, box.height())
        name = QRect(box.left() + rank, box.top(), where.left() - gap - box.left() - rank, box.height())
        self.say(painter, name, one.name, "body", bold=at == self._current)
        self.say(painter, where, one.place, "small", "text_soft")
        self.say(painter, box, one.share, "small", "text_soft", align=Qt.AlignmentFlag.AlignRight)

    def row_rect(self, at: int) -> QRect:
        """Return where a row is drawn, empty for one out of sight."""
        place = at - self._first
        if not 0 <= place < ROWS or at >= len(self._rows):
            return QRect()
        return QRect(0, self.px(5) + place * self._row_px, self.width(), self._row_px)

    def _row_at(self, y: float) -> int:
        place = int((y - self.px(5)) // max(self._row_px, 1))
        return self._first + place if 0 <= place < min(ROWS, len(self._rows) - self._first) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Mark the row under the cursor."""
        row = self._row_at(event.position().y())
        if row != self._hover:
            self._hover = row
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose a row, or leave by the cross."""
        at = event.position()
        if at.y() < self.px(5) and at.x() > self.width() - self.px(5):
            self.left.emit()
        elif (row := self._row_at(at.y())) >= 0:
            self.chosen.emit(row)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Run through the rows."""
        step = -1 if event.angleDelta().y() > 0 else 1
        self._first = min(max(self._first + step, 0), max(len(self._rows) - ROWS, 0))
        self.update()
        event.accept()


class Lines(WallCard):
    """A heading and lines of text: one object and what is known of it, the presenter's notes, the keys."""

    def __init__(self, appearance: Appearance, parent: QWidget, *, widest: float = 60.0, fills: bool = False) -> None:
        super().__init__(appearance, parent)
        self._head, self._lines = "", tuple[str, ...]()
        self._widest, self._fills = widest, fills

    def set_lines(self, head: str, lines: Sequence[str]) -> None:
        """Show a heading and lines."""
        self._head, self._lines = head, tuple(lines)
        self.update()

    def wanted(self, widest: int) -> QSize:
        """Return the room of heading and lines."""
        if not self._head and not self._lines:
            return QSize()
        edge, widest = self.px(1.6), min(self.px(self._widest), widest)
        needs = [self.width_of(self._head, "strong", bold=True), *(self.width_of(one, "small") for one in self._lines)]
        width = widest if self._fills else min(max(needs) + 2 * edge + 4, widest)
        high = self.wrapped_height(self._head, "strong", width - 2 * edge, bold=True, lines=2) if self._head else 0
        high += sum(self.wrapped_height(one or " ", "small", width - 2 * edge) for one in self._lines)
        return QSize(width, high + self.px(1.8))

    def paint(self, painter: QPainter) -> None:
        """Write them."""
        edge, top = self.px(1.6), self.px(0.9)
        wide = self.width() - 2 * edge
        painter.setClipRect(QRect(edge, 0, wide, self.height() - self.px(0.5)))
        if self._head:
            high = self.wrapped_height(self._head, "strong", wide, bold=True, lines=2)
            self.say(painter, QRect(edge, top, wide, high), self._head, "strong", bold=True, wraps=True)
            top += high
        for one in self._lines:
            high = self.wrapped_height(one or " ", "small", wide)
            self.say(painter, QRect(edge, top, wide, high), one, "small", "text_soft", wraps=True)
            top += high
        painter.setClipping(False)
