"""The picture alone on a screen: no menus, bars or panels; and the window as it was again."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QByteArray, QRect, Qt
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QMainWindow

from app.window.feature import Feature
from app.window.shell.layout import LAYOUT_VERSION
from app.window.window_context import WindowContext


class PictureAlone(Feature):
    """Shows nothing but the picture, over a whole screen.

    The window itself goes to the screen, with the graphics that it has: nothing is drawn twice, and nothing anew.
    """

    name = "picture_alone"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self._window = cast("QMainWindow", context.window)
        self._before: tuple[QByteArray, QRect, Qt.WindowState] | None = None
        context.requests.picture_alone.answer_with(self.show_alone)
        context.requests.window_again.answer_with(self.show_window)

    def show_alone(self, screen: QScreen | None = None) -> None:
        """Show the picture alone, on a screen or on the one where it is; once more moves it there."""
        window = self._window
        if self._before is None:
            self._before = (window.saveState(LAYOUT_VERSION), window.geometry(), window.windowState())
            for piece in (window.menuBar(), window.statusBar(), self.context.commands.tool_bar):
                piece.hide()
            for dock in self.context.docks.values():
                dock.hide()
        screen = screen or window.screen()
        if screen is not window.screen():
            window.setWindowState(Qt.WindowState.WindowNoState)  # else the full screen stays where it is
        window.setGeometry(screen.geometry())
        window.setWindowState(Qt.WindowState.WindowFullScreen)

    def show_window(self) -> None:
        """Show menus, bars and panels again, where they were."""
        if self._before is None:
            return
        (state, place, states), self._before = self._before, None
        window = self._window
        for piece in (window.menuBar(), window.statusBar(), self.context.commands.tool_bar):
            piece.show()
        window.setWindowState(Qt.WindowState.WindowNoState)
        window.setGeometry(place)
        window.setWindowState(states)
        window.restoreState(state, LAYOUT_VERSION)
