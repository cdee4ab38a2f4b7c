"""Says over the city that not everything is seen as it is, and takes it back with one click."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, label, row
from viewers.widgets.common.tool_bar_card import OverlayCard

EDGE = 14


class VisibilityNotice(OverlayCard):
    """What is hidden, faded and coloured, as one short line in the upper left corner.

    Signals
    -------
    show_all_requested, clear_requested : ()

    Parameters
    ----------
    appearance : Appearance
    canvas : QWidget
        Over which it floats.
    badge, notice : QWidget
        What stands in the corner already: it goes beside the one, below the other.
    """

    show_all_requested = Signal()
    clear_requested = Signal()

    def __init__(self, appearance: Appearance, canvas: QWidget, badge: QWidget, notice: QWidget) -> None:
        super().__init__(appearance, canvas)
        self._badge, self._notice = badge, notice
        self._state = (0, 0, "")
        self.words = label("small")
        self.back = button(appearance, "browser.show_all", "quiet", "eye")
        self.clear = button(appearance, "browser.colour.clear", "quiet", "eraser")
        self.back.clicked.connect(self.show_all_requested)
        self.clear.clicked.connect(self.clear_requested)
        self.setLayout(row(self.words, self.back, self.clear, margins=(12, 2, 4, 2), gap=6))
        for watched in (canvas, badge, notice):
            watched.installEventFilter(self)
        appearance.lang_changed.connect(self._say)

    def set_state(self, hidden: int, ghost: int, coloured_by: str) -> None:
        """Say how many elements are hidden and faded, and by what the models are coloured."""
        self._state = (hidden, ghost, coloured_by)
        self._say()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Stay in the corner."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Move):
            self.arrange()
        return super().eventFilter(watched, event)

    def arrange(self) -> None:
        """Go to the corner."""
        self.adjustSize()
        left, top = EDGE, EDGE
        if self._notice.isVisible():
            left, top = self._notice.x(), self._notice.y() + self._notice.height() + 8
        elif self._badge.isVisible():
            left = self._badge.x() + self._badge.width() + 8
            top = max(self._badge.y() + (self._badge.height() - self.height()) // 2, 4)
        self.move(left, top)
        self.raise_()

    def _say(self) -> None:
        hidden, ghost, coloured_by = self._state
        word = self.appearance.word
        parts = []
        if hidden:
            parts.append(word("browser.state.hidden", count=f"{hidden:,}"))
        if ghost:
            parts.append(word("browser.state.ghost", count=f"{ghost:,}"))
        if coloured_by:
            parts.append(word("browser.state.coloured", field=coloured_by))
        self.words.setText("  ·  ".join(parts))
        self.back.setVisible(bool(hidden or ghost))
        self.clear.setVisible(bool(coloured_by))
        self.setVisible(bool(parts))
        if parts:
            self.arrange()
