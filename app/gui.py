"""Start the window."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from app.collector import Collector, keep_what_is_there
from app.session import Session
from app.usecases.project.own_files import tell
from app.window.main_window import MainWindow
from models.core.errors import UserError
from viewers.widgets.common.appearance import Appearance, app_icon, load_fonts, theme_name

#: The spare child is started once the window has had its first frames.
WARM_UP_MS = 1500


class Post(QObject):
    """Carries calls from any thread to the thread that made it.

    Signals
    -------
    called : (callable)
    """

    called = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.called.connect(self._on_called, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _on_called(self, call: Callable[[], None]) -> None:
        call()


def start(paths: Sequence[str | Path], session: Session) -> int:
    """Open the window on files, run it, and return the exit code.

    Raises
    ------
    UserError
        ``gui.no_display`` on Linux without a display.
    """
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise UserError("gui.no_display")
    app = make_application()
    post = Post(app)
    if not session.jobs.inline:
        session.jobs.post = post.called.emit
    window = make_window(session)
    window.show()
    keep_what_is_there()
    tell(session)
    if paths:
        window.context.requests.open_paths([str(path) for path in paths])
    _warm_up_in_time(session, window)
    signal.signal(signal.SIGINT, lambda *_: window.close())
    code = int(app.exec())
    session.close()
    return code


def _warm_up_in_time(session: Session, window: MainWindow) -> None:
    """Have a spare child once nothing is being opened or drawn: the city comes first."""
    sync = window.context.scene_sync

    def look() -> None:
        waits_for_frame = sync.scene is not None and sync.scene.dirty
        if session.jobs.active or sync.busy or waits_for_frame:
            QTimer.singleShot(WARM_UP_MS, look)
        else:
            session.workers.warm_up()

    QTimer.singleShot(WARM_UP_MS, look)


def make_application() -> QApplication:
    """Return the Qt application in our style, with our font and icon."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
        Collector(app)
    app.setApplicationName("chengjing")
    app.setDesktopFileName("chengjing")
    app.setStyle("Fusion")
    app.setFont(load_fonts())
    app.setWindowIcon(app_icon())
    return app


def make_window(session: Session) -> MainWindow:
    """Return the window of a session, dressed but not shown."""
    appearance = Appearance(session.word, lambda: session.lang)
    appearance.change_theme(theme_name(str(session.settings.get("theme"))))
    window = MainWindow(session, appearance)
    appearance.setParent(window)
    return window
