"""Where things stand in the window, and the memory of it from one run to the next."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow, QSizePolicy, QStackedWidget

from app.settings import Settings
from app.window.shell.commands import Commands
from app.window.shell.docks import Docks

#: Raise when panels or their areas change: an old layout would fit badly.
LAYOUT_VERSION = 2
#: The size that a first window takes where the screen has it, without its frame.
SIZE_PX = QSize(1600, 1000)
#: What window managers put around a window, at most: borders at the sides, title bar and border.
FRAME_PX = QSize(16, 48)
#: So much of a window must be seen, or it is brought back.
SEEN_PX = QSize(200, 100)


class Layout(QObject):
    """The page in the middle of the window (welcome or city), and which panels are shown.

    Parameters
    ----------
    window : QMainWindow
    pages : QStackedWidget
        The welcome page, then the city.
    docks : Docks
    commands : Commands
    """

    def __init__(self, window: QMainWindow, pages: QStackedWidget, docks: Docks, commands: Commands) -> None:
        super().__init__(window)
        self._window, self._pages, self._docks, self._commands = window, pages, docks, commands
        self._hidden_state: QByteArray | None = None

    def show_city(self, city: bool) -> None:
        """Show the city among its panels, or the welcome page alone; panels come back as they were."""
        self._pages.setCurrentIndex(1 if city else 0)
        for page in (self._pages.widget(at) for at in range(self._pages.count())):
            if page is not None:  # the one behind must not keep the window high
                seen = page is self._pages.currentWidget()
                policy = QSizePolicy.Policy.Preferred if seen else QSizePolicy.Policy.Ignored
                page.setSizePolicy(policy, policy)
        if city and self._hidden_state is not None:
            self._window.restoreState(self._hidden_state, LAYOUT_VERSION)
            self._hidden_state = None
        elif not city and self._hidden_state is None:
            self._hidden_state = self._window.saveState(LAYOUT_VERSION)
            for dock in self._docks.values():
                dock.hide()
        self._commands.menus["view.panels"].setEnabled(city)
        for toggle in self._commands.panel_actions.values():
            toggle.setEnabled(city)

    def save(self, settings: Settings) -> None:
        """Keep size and panels in the settings."""

        def text(data: QByteArray) -> str:
            return base64.b64encode(data.data()).decode()

        state = self._hidden_state or self._window.saveState(LAYOUT_VERSION)
        geometry = self._window.saveGeometry()
        self._docks.note_bottom()
        kept = {"version": LAYOUT_VERSION, "geometry": text(geometry), "state": text(state)}
        settings.set("window", kept | {"bottom_px": self._docks.bottom_px})

    def restore(self, settings: Settings) -> None:
        """Bring size and panels back as an earlier run left them, the window as a whole inside a screen."""
        self._place_first()
        self._restore_kept(settings)
        screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
        if not self._window.windowState() & (Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen):
            self._window.setGeometry(brought_back(self._window.geometry(), screens))

    def _place_first(self) -> None:
        """Take the usual size in the middle of the screen, or all of a screen that is smaller."""
        screen = QGuiApplication.primaryScreen().availableGeometry()
        place = QRect(screen.topLeft(), SIZE_PX.boundedTo(screen.size() - FRAME_PX))
        place.moveCenter(screen.center())
        self._window.setGeometry(brought_back(place, [screen]))
        if place.size() != SIZE_PX:
            self._window.setWindowState(Qt.WindowState.WindowMaximized)

    def _restore_kept(self, settings: Settings) -> None:
        kept = settings.get("window")
        if not isinstance(kept, dict) or kept.get("version") != LAYOUT_VERSION:
            return
        try:
            geometry, state = (
                base64.b64decode(str(kept.get(name, "")), validate=True) for name in ("geometry", "state")
            )
        except ValueError:  # edited by hand, or damaged
            return
        height_px = kept.get("bottom_px")
        if isinstance(height_px, int) and height_px > 0:
            self._docks.bottom_px = height_px
        usual = self._window.saveState(LAYOUT_VERSION)
        self._window.restoreGeometry(QByteArray(geometry))
        if not self._window.restoreState(QByteArray(state), LAYOUT_VERSION):
            self._window.restoreState(usual, LAYOUT_VERSION)


def brought_back(place: QRect, screens: Sequence[QRect]) -> QRect:
    """Return where a window goes so that all of it, with its frame, is on one screen.

    Parameters
    ----------
    place : QRect
        Without its frame, pixels of the desktop.
    screens : sequence of QRect
        What of each screen is free for windows; the first is taken where the window is seen on none.
    """
    seen = [screen for screen in screens if _is_seen(screen.intersected(place))]
    room = max(seen, key=lambda screen: _area(screen.intersected(place))) if seen else screens[0]
    side, top, bottom = FRAME_PX.width() // 2, FRAME_PX.height() - FRAME_PX.width() // 2, FRAME_PX.width() // 2
    room = room.adjusted(side, top, -side, -bottom)
    size = place.size().boundedTo(room.size())
    left = min(max(place.left(), room.left()), room.right() + 1 - size.width())
    upper = min(max(place.top(), room.top()), room.bottom() + 1 - size.height())
    return QRect(QPoint(left, upper), size)


def _area(part: QRect) -> int:
    return max(part.width(), 0) * max(part.height(), 0)


def _is_seen(part: QRect) -> bool:
    return part.width() >= SEEN_PX.width() and part.height() >= SEEN_PX.height()
