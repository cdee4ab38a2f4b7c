"""Two screens: the window with the city goes to the wall, the presenter's own window comes where it was.

The scene is drawn once, on the wall. What the presenter sees of it is the last frame, copied while the picture rests
and now and then while it moves: a mirror that costs some hundredths of a frame.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication, QImage, QScreen

from viewers.widgets.review.presenter_window import PresenterWindow

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

#: While the picture moves the mirror follows so often, milliseconds.
MOVING_MS = 400
#: Screens that come and go settle for so long.
SETTLE_MS = 600


class SecondScreen(QObject):
    """The presenter's window, while there are two screens.

    Parameters
    ----------
    context : WindowContext
    laid_out : callable
        Called when the number of screens in use has changed.
    paint_over : callable
        ``paint_over(image)`` paints on a frame of the city what stands over it on the wall.
    parent : QObject
    """

    def __init__(
        self, context: WindowContext, laid_out: Callable[[], object], paint_over: Callable[[QImage], object],
        parent: QObject,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._context, self._laid_out, self._paint_over = context, laid_out, paint_over
        self.window: PresenterWindow | None = None
        self._is_on = False
        self._desk: QScreen | None = None
        self._copied_s = 0.0
        self._late = QTimer(self, singleShot=True)
        self._late.timeout.connect(self._copy)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.lay_out)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenAdded.connect(lambda _: self._settle.start() if self._is_on else None)
            application.screenRemoved.connect(lambda _: self._settle.start() if self._is_on else None)
        context.canvas.view.drawn.connect(lambda _: self._on_drawn())

    def begin(self) -> None:
        """Use the screens that there are."""
        self._is_on, self._desk = True, self._context.window.screen()
        self.lay_out()

    def end(self) -> None:
        """Use one screen again."""
        self._is_on = False
        self._settle.stop()
        self._late.stop()
        self._close()

    def swap(self) -> None:
        """Let wall and desk change places."""
        wall = self._wall()
        if wall is not None:
            self._desk = wall
            self.lay_out()

    def lay_out(self) -> None:
        """Put the city on the wall and the presenter's window on the desk; with one screen only the city."""
        screens = QGuiApplication.screens()
        if self._desk not in screens:
            self._desk = QGuiApplication.primaryScreen()
        wall = self._wall()
        if wall is None:
            self._close()
            self._context.requests.picture_alone(None)
        else:
            self._context.requests.picture_alone(wall)
            if self.window is None:
                self.window = PresenterWindow(self._context.appearance, self._context.window)
            self.window.setGeometry(self._desk.availableGeometry())
            self.window.showMaximized()
            self.window.setGeometry(self._desk.availableGeometry())  # where nobody manages windows
            self.window.activateWindow()
            self.window.setFocus()
            self._late.start(MOVING_MS)
        self._laid_out()

    def _wall(self) -> QScreen | None:
        return next((screen for screen in QGuiApplication.screens() if screen is not self._desk), None)

    def _close(self) -> None:
        if self.window is not None:
            self.window.hide()
            self.window.deleteLater()
            self.window = None

    def copy_soon(self) -> None:
        """Show the wall as it is in a moment; something over the city is said otherwise."""
        if self.window is not None:
            self._late.start(MOVING_MS)

    # --- the mirror ------------------------------------------------------------------------------------------------
    def _on_drawn(self) -> None:
        if self.window is None:
            return
        view = self._context.canvas.view
        if view.is_moving and 1000 * (time.monotonic() - self._copied_s) < MOVING_MS:
            self._late.start(MOVING_MS)
        elif not self._late.isActive():
            self._late.start(0)

    def _copy(self) -> None:
        if self.window is not None:
            self._copied_s = time.monotonic()
            image = self._context.canvas.view.grabFramebuffer()
            self._paint_over(image)
            self.window.mirror.show_frame(image)
