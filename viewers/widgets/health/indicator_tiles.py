"""Indicators as tiles by dimension: painted, not made of widgets, so that any number of them is there at once.

On a wide screen many stand beside each other, in a panel one below the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import TYPE_SCALE, Appearance
from viewers.widgets.common.controls import asks_for
from viewers.widgets.common.plain import plain_tip

#: A tile is at least so wide, and so high; what is between tiles; a heading's height; the edge around all, pixels.
LEAST_PX, HIGH_PX, GAP_PX, HEAD_PX, EDGE_PX = 212, 88, 8, 36, 12
#: Where only one stands in a row, it is lower: name and value in a line each.
LOW_PX = 62
#: Width of the bar of a heading, and of the stripe that tells how a tile stands.
ROLL_UP_PX, STRIPE_PX = 150, 4
#: Size of the mark of units that are not to be judged alone, pixels.
FLAG_PX = 14


@dataclass(frozen=True, slots=True)
class Tile:
    """One indicator as shown.

    Parameters
    ----------
    code, number, name : str
    value, unit : str
        As written; a dash where there is none.
    verdict : str
        In words: met, not met, no benchmark …
    tint : str
        Name of the verdict's colour in the theme.
    is_hatched : bool
        Whether there is no data.
    target : str
        What it is held against.
    note : str
        Coverage and where the value comes from.
    change : str
        Against last year, with its sign; empty for none.
    change_tint : str
    mark : str
        What has to be known before anything else: out of date.
    tip : str
    is_flagged : bool
        Whether some of its units may not be judged alone.
    """

    code: str
    number: str
    name: str
    value: str
    unit: str
    verdict: str
    tint: str
    is_hatched: bool = False
    target: str = ""
    note: str = ""
    change: str = ""
    change_tint: str = "text_faint"
    mark: str = ""
    tip: str = ""
    is_flagged: bool = False


@dataclass(frozen=True, slots=True)
class TileGroup:
    """The indicators of one dimension, and how it stands.

    Parameters
    ----------
    title, summary : str
    parts : tuple of (float, str)
        Shares of the bar, 0…1, with the names of their colours; that of what has no data is hatched.
    tiles : tuple of Tile
    """

    title: str
    summary: str
    parts: tuple[tuple[float, str], ...]
    tiles: tuple[Tile, ...]


class IndicatorTiles(QAbstractScrollArea):
    """Tiles under the headings of their dimensions, gone through with the arrow keys.

    Signals
    -------
    opened : (code) Enter, or a click
    current_changed : (code)
    left : () Esc
    typed : (text) letters, which belong to a search
    """

    opened = Signal(str)
    current_changed = Signal(str)
    left = Signal()
    typed = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._groups: tuple[TileGroup, ...] = ()
        self._places: list[tuple[Tile, QRect]] = []
        self._heads: list[tuple[TileGroup, QRect]] = []
        self._current = self._marked = self._hovered = ""
        self._nothing, self._high = "", HIGH_PX
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        self.verticalScrollBar().setSingleStep(HIGH_PX // 2)
        appearance.look_changed.connect(self.viewport().update)

    # --- what is shown -------------------------------------------------------------------------------------------
    def show_groups(self, groups: Sequence[TileGroup], marked: str = "", nothing: str = "") -> None:
        """Show other tiles; the current one stays current, and in its place, where it is still there.

        Parameters
        ----------
        groups : sequence of TileGroup
        marked : str
            Code of the indicator that colours the city.
        nothing : str
            What is said where there are none.
        """
        self._groups, self._marked, self._nothing = tuple(groups), marked, nothing
        scroll = self.verticalScrollBar().value()
        self._lay_out()
        codes = [tile.code for tile, _ in self._places]
        if self._current not in codes:
            self._current = codes[0] if codes else ""
        self.verticalScrollBar().setValue(scroll)
        self._tell_reader()
        self.viewport().update()

    @property
    def current(self) -> str:
        """Return the code of the tile on which the keys stand."""
        return self._current

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes of the tiles in their order."""
        return tuple(tile.code for tile, _ in self._places)

    def tile(self, code: str) -> Tile:
        """Return a tile."""
        return next(tile for tile, _ in self._places if tile.code == code)

    def place_of(self, code: str) -> QRect:
        """Return where a tile is, in the viewport, scrolled there."""
        self.set_current(code)
        box = next(box for tile, box in self._places if tile.code == code)
        return box.translated(0, -self.verticalScrollBar().value())

    def set_current(self, code: str) -> None:
        """Let the keys stand on a tile, and scroll to it."""
        for tile, box in self._places:
            if tile.code == code:
                self._current = code
                self._scroll_to(box)
                self._tell_reader()
                self.viewport().update()
                self.current_changed.emit(code)
                return

    def _tell_reader(self) -> None:
        tile = next((tile for tile, _ in self._places if tile.code == self._current), None)
        parts = () if tile is None else (tile.number, tile.name, tile.value, tile.unit, tile.verdict)
        self.setAccessibleName(visible_text(" ".join(part for part in parts if part)))

    def _scroll_to(self, box: QRect) -> None:
        bar, view = self.verticalScrollBar(), self.viewport().height()
        first = self._places and box.top() <= self._places[0][1].top()
        if box.top() - HEAD_PX < bar.value():
            bar.setValue(0 if first else box.top() - HEAD_PX)
        elif box.bottom() + GAP_PX > bar.value() + view:
            bar.setValue(box.bottom() + GAP_PX - view)

    def _lay_out(self) -> None:
        width = self.viewport().width() - 2 * EDGE_PX
        across = max(1, (width + GAP_PX) // (LEAST_PX + GAP_PX))
        wide = (width - (across - 1) * GAP_PX) // across
        high = self._high = LOW_PX if across == 1 else HIGH_PX
        self._places, self._heads, top = [], [], 4
        for group in self._groups:
            self._heads.append((group, QRect(EDGE_PX, top, width, HEAD_PX)))
            top += HEAD_PX
            for at, tile in enumerate(group.tiles):
                down, right = divmod(at, across)
                left = EDGE_PX + right * (wide + GAP_PX)
                self._places.append((tile, QRect(left, top + down * (high + GAP_PX), wide, high)))
            top += -(-len(group.tiles) // across) * (high + GAP_PX)
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setRange(0, max(0, top + 4 - self.viewport().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Lay out again."""
        super().resizeEvent(event)
        self._lay_out()
        self.viewport().update()

    # --- hands -----------------------------------------------------------------------------------------------------
    def _at(self, point: QPoint) -> Tile | None:
        down = point + QPoint(0, self.verticalScrollBar().value())
        return next((tile for tile, box in self._places if box.contains(down)), None)

    def event(self, event: QEvent) -> bool:
        """Keep Esc and letters to itself, which elsewhere belong to the picture of the city."""
        is_asked = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if asks_for(event, Qt.Key.Key_Escape, Qt.Key.Key_Home, Qt.Key.Key_End) or (is_asked and _letters(event)):
            event.accept()
            return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        """Tell the whole of a tile under the cursor."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            tile = self._at(event.pos())
            QToolTip.showText(event.globalPos(), plain_tip(tile.tip if tile is not None else ""), self)
            return True
        if event.type() == QEvent.Type.Leave:
            self._hovered = ""
            self.viewport().update()
        return super().viewportEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Mark the tile under the cursor."""
        tile = self._at(event.position().toPoint())
        hovered = tile.code if tile is not None else ""
        if hovered != self._hovered:
            self._hovered = hovered
            shape = Qt.CursorShape.PointingHandCursor if hovered else Qt.CursorShape.ArrowCursor
            self.viewport().setCursor(shape)
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open the tile that was clicked."""
        tile = self._at(event.position().toPoint())
        if tile is not None and event.button() == Qt.MouseButton.LeftButton:
            self.set_current(tile.code)
            self.opened.emit(tile.code)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Go through the tiles, open one, leave, or search."""
        key, text = event.key(), _letters(event)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._current:
                self.opened.emit(self._current)
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif key in _STEPS or key in _JUMPS:
            self._go(key)
        elif text:
            self.typed.emit(text)
        else:
            super().keyPressEvent(event)

    def _go(self, key: int) -> None:
        """Go one tile further, or to that above or below."""
        codes = self.codes
        if not codes:
            return
        at = max(codes.index(self._current) if self._current in codes else 0, 0)
        if key in _STEPS:
            self.set_current(codes[min(max(at + _STEPS[key], 0), len(codes) - 1)])
            return
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.set_current(codes[0 if key == Qt.Key.Key_Home else -1])
            return
        here, sign = self._places[at][1], _JUMPS[key]
        least = self.viewport().height() - self._high if key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp) else 1
        rows = [(tile, box) for tile, box in self._places if sign * (box.top() - here.top()) >= least]
        if not rows:
            rows = [(tile, box) for tile, box in self._places if sign * (box.top() - here.top()) > 0]
            rows = rows[-1:] if sign > 0 else rows[:1]
        if rows:
            nearest = min(rows, key=lambda row: (abs(row[1].top() - here.top()), abs(row[1].left() - here.left())))
            self.set_current(nearest[0].code)

    # --- painting --------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint what is in sight."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._places:
            painter.setPen(self._appearance.colour("text_faint"))
            room = self.viewport().rect().adjusted(24, 24, -24, -24)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, visible_text(self._nothing))
            return
        scroll = self.verticalScrollBar().value()
        painter.translate(0, -scroll)
        seen = event.rect().translated(0, scroll)
        for group, box in self._heads:
            if box.intersects(seen):
                self._paint_head(painter, group, box)
        for tile, box in self._places:
            if box.intersects(seen):
                self._paint_tile(painter, tile, box)

    def _paint_head(self, painter: QPainter, group: TileGroup, box: QRect) -> None:
        room = box.adjusted(2, 8, -2, -4)
        roll_up = QRect(room.right() - ROLL_UP_PX, room.center().y() - 3, ROLL_UP_PX, 7)
        if box.width() < 2 * ROLL_UP_PX:
            roll_up.setLeft(room.right() - box.width() // 4)
        self._font(painter, "heading", bold=True)
        painter.setPen(self._appearance.colour("text"))
        title = visible_text(group.title)
        width = painter.fontMetrics().horizontalAdvance(title)
        painter.drawText(room, _LEFT, title)
        self._font(painter, "small")
        painter.setPen(self._appearance.colour("text_faint"))
        rest = QRect(room.left() + width + 12, room.top(), roll_up.left() - room.left() - width - 22, room.height())
        painter.drawText(
            rest, _LEFT, painter.fontMetrics().elidedText(visible_text(group.summary), _ELIDE, rest.width())
        )
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(roll_up), 3.5, 3.5)
        painter.save()
        painter.setClipPath(outline)
        painter.fillRect(roll_up, self._appearance.colour("line"))
        left = float(roll_up.left())
        for share, tint in group.parts:
            wide = share * roll_up.width()
            piece = QRectF(left, roll_up.top(), wide, roll_up.height())
            if tint == "none":
                painter.fillRect(piece, QBrush(self._appearance.colour("none"), Qt.BrushStyle.BDiagPattern))
            else:
                painter.fillRect(piece, self._appearance.colour(tint))
            left += wide
        painter.restore()

    def _paint_tile(self, painter: QPainter, tile: Tile, box: QRect) -> None:
        colour = self._appearance.colour
        is_current = tile.code == self._current and self.hasFocus()
        edge = (
            "accent"
            if is_current or tile.code == self._marked
            else "accent_line"
            if tile.code == self._hovered
            else "line"
        )
        frame = QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5)
        outline = QPainterPath()
        outline.addRoundedRect(frame, 7, 7)
        painter.fillPath(outline, colour("info_soft" if tile.code == self._marked else "surface"))
        painter.save()
        painter.setClipPath(outline)
        stripe = QRect(box.left(), box.top(), STRIPE_PX, box.height())
        if tile.is_hatched:
            painter.fillRect(stripe.adjusted(0, 0, 2, 0), QBrush(colour("none"), Qt.BrushStyle.BDiagPattern))
        else:
            painter.fillRect(stripe, colour(tile.tint))
        painter.restore()
        painter.setPen(QPen(colour(edge), 2.0 if is_current else 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(outline)
        room = box.adjusted(STRIPE_PX + 8, 6, -10, -5)
        is_low = box.height() < HIGH_PX
        self._paint_name(painter, tile, QRect(room.left(), room.top(), room.width(), 17 if is_low else 34))
        top = room.top() + (20 if is_low else 33)
        told = self._paint_value(painter, tile, QRect(room.left(), top, room.width(), 26))
        if is_low:
            self._paint_note(painter, tile, told)
        else:
            self._paint_note(painter, tile, QRect(room.left(), room.bottom() - 17, room.width(), 18))

    def _paint_name(self, painter: QPainter, tile: Tile, room: QRect) -> None:
        self._font(painter, "small")
        painter.setPen(self._appearance.colour("text_faint"))
        width = painter.fontMetrics().horizontalAdvance(tile.number) + 7
        painter.drawText(QRect(room.left(), room.top(), width, 17), _LEFT, tile.number)
        self._font(painter, "body", bold=True)
        painter.setPen(self._appearance.colour("text"))
        name, wide = visible_text(tile.name), room.width() - width
        if room.height() < 34:
            lines = [painter.fontMetrics().elidedText(name, _ELIDE, wide)]
        else:
            lines = two_lines(name, painter.font(), wide)
        for at, text in enumerate(lines):
            painter.drawText(
                QRect(room.left() + width, room.top() + 17 * at, room.width() - width + 2, 17), _LEFT, text
            )

    def _paint_value(self, painter: QPainter, tile: Tile, room: QRect) -> QRect:
        """Paint value and verdict; return the room that is left between them."""
        self._font(painter, "small", bold=True)
        verdict = visible_text(tile.verdict)
        wide = min(painter.fontMetrics().horizontalAdvance(verdict), room.width() * 3 // 5)
        painter.setPen(self._appearance.colour("text_faint" if tile.is_hatched else tile.tint))
        place = QRect(room.right() - wide, room.top(), wide + 1, room.height())
        painter.drawText(place, _RIGHT, painter.fontMetrics().elidedText(verdict, _ELIDE, wide + 1))
        left = room.adjusted(0, 0, -wide - 8, 0)
        self._font(painter, "title", bold=True)
        painter.setPen(self._appearance.colour("text_faint" if tile.is_hatched else "text"))
        value = visible_text(tile.value)
        width = painter.fontMetrics().horizontalAdvance(value)
        painter.drawText(left, _LEFT, value)
        self._font(painter, "small")
        painter.setPen(self._appearance.colour("text_soft"))
        unit = painter.fontMetrics().elidedText(visible_text(tile.unit), _ELIDE, max(left.width() - width - 4, 0))
        painter.drawText(left.adjusted(width + 4, 4, 0, 0), _LEFT, unit)
        return left.adjusted(width + 14 + painter.fontMetrics().horizontalAdvance(unit), 4, -4, 0)

    def _paint_note(self, painter: QPainter, tile: Tile, room: QRect) -> None:
        self._font(painter, "small")
        metrics = painter.fontMetrics()
        if tile.is_flagged:
            flag = QRect(room.right() - FLAG_PX + 1, room.center().y() - FLAG_PX // 2, FLAG_PX, FLAG_PX)
            self._appearance.icon("users-three", "warn").paint(painter, flag)
            room = room.adjusted(0, 0, -FLAG_PX - 6, 0)
        if tile.change:
            wide = metrics.horizontalAdvance(tile.change)
            painter.setPen(self._appearance.colour(tile.change_tint))
            painter.drawText(QRect(room.right() - wide, room.top(), wide + 1, room.height()), _RIGHT, tile.change)
            room = room.adjusted(0, 0, -wide - 8, 0)
        if tile.mark:
            text = metrics.elidedText(visible_text(tile.mark), _ELIDE, room.width())
            painter.setPen(self._appearance.colour("warn"))
            painter.drawText(room, _LEFT, text)
            room = room.adjusted(metrics.horizontalAdvance(text) + 8, 0, 0, 0)
        told = "  ·  ".join(part for part in (tile.target, tile.note) if part)
        painter.setPen(self._appearance.colour("text_faint"))
        painter.drawText(room, _LEFT, metrics.elidedText(visible_text(told), _ELIDE, max(room.width(), 0)))

    def _font(self, painter: QPainter, size: str, *, bold: bool = False) -> None:
        font = QFont(self.font())
        font.setPixelSize(TYPE_SCALE[size])
        font.setBold(bold)
        painter.setFont(font)


def _letters(event: QEvent) -> str:
    """Return what a key writes; empty for one that writes nothing, or with Ctrl or Alt."""
    if not isinstance(event, QKeyEvent) or event.modifiers() & _COMMANDS:
        return ""
    return event.text() if event.text().isprintable() and event.text().strip() else ""


def two_lines(text: str, font: QFont, width: int) -> list[str]:
    """Return a text in at most two lines of a width, the second shortened where it is longer."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    first = layout.createLine()
    if not first.isValid():
        layout.endLayout()
        return []
    first.setLineWidth(max(width, 20))
    size = first.textLength()
    layout.endLayout()
    rest = text[size:].strip()
    return [text[:size].rstrip()] + ([QFontMetrics(font).elidedText(rest, _ELIDE, width)] if rest else [])


_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_ELIDE = Qt.TextElideMode.ElideRight
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_STEPS = {int(Qt.Key.Key_Left): -1, int(Qt.Key.Key_Right): 1}
_JUMPS = {
    int(Qt.Key.Key_Up): -1, int(Qt.Key.Key_Down): 1, int(Qt.Key.Key_PageUp): -1, int(Qt.Key.Key_PageDown): 1,
    int(Qt.Key.Key_Home): -1, int(Qt.Key.Key_End): 1,
}  # fmt: skip
