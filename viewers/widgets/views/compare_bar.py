"""The card of comparisons and the divider of a curtain."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.tool_bar_card import ToolCard, choices, word_button

#: Ways of comparing with their icons.
MODES = {"curtain": "circle-half", "blind": "square-half", "two": "columns", "four": "grid-four"}
GRIP_PX = 14


class CompareBar(ToolCard):
    """Ways of comparing.

    Signals
    -------
    mode_chosen : (str) of :data:`MODES`
    snapshot_requested : ()
    """

    mode_chosen = Signal(str)
    snapshot_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "columns", "compare.title", parent)
        self.modes = choices(appearance, self, MODES, lambda one: f"compare.mode.{one}", self.mode_chosen.emit)
        self.picture = word_button(appearance, "camera", "compare.snapshot")
        self.picture.clicked.connect(self.snapshot_requested)
        self.fill_head([*self.modes.values(), self.picture])
        appearance.say(self.hint.setText, "compare.hint")
        self.lay_out(self.hint)

    def show_mode(self, mode: str) -> None:
        """Show which way is on."""
        if mode in self.modes:
            self.modes[mode].setChecked(True)


class Divider(QWidget):
    """The line between two pictures, that is dragged.

    Signals
    -------
    dragged : (QPoint) where it is wanted, in the parent's coordinates
    """

    dragged = Signal(QPoint)

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.upright = True
        self.setMouseTracking(True)
        appearance.say(self.setAccessibleName, "compare.divider")
        appearance.look_changed.connect(self.update)

    def lie(self, at: int, length: int, *, upright: bool) -> None:
        """Lie at a place across the parent."""
        self.upright = upright
        self.setCursor(Qt.CursorShape.SplitHCursor if upright else Qt.CursorShape.SplitVCursor)
        half = GRIP_PX // 2
        if upright:
            self.setGeometry(at - half, 0, GRIP_PX, length)
        else:
            self.setGeometry(0, at - half, length, GRIP_PX)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.dragged.emit(self.mapToParent(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold."""
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint line and grip."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.rect().center()
        if self.upright:
            start, stop = QPoint(middle.x(), 0), QPoint(middle.x(), self.height())
        else:
            start, stop = QPoint(0, middle.y()), QPoint(self.width(), middle.y())
        painter.setPen(QPen(QColor(0, 0, 0, 70), 4))
        painter.drawLine(start, stop)
        painter.setPen(QPen(QColor("#ffffff"), 2))
        painter.drawLine(start, stop)
        painter.setPen(QPen(self._appearance.colour("accent"), 2))
        painter.setBrush(QColor("#ffffff"))
        wide, tall = (8, 34) if self.upright else (34, 8)
        painter.drawRoundedRect(middle.x() - wide // 2, middle.y() - tall // 2, wide, tall, 4, 4)
