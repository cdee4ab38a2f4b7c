"""Where things stand in the window, and the memory of it from one run to the next."""

from __future__ import annotations

import base64

from PySide6.QtCore import QByteArray, QObject
from PySide6.QtWidgets import QMainWindow, QStackedWidget

from app.settings import Settings
from app.window.shell.commands import Commands
from app.window.shell.docks import Docks

#: Raise when panels or their areas change: an old layout would fit badly.
LAYOUT_VERSION = 2


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
        settings.set("window", {"version": LAYOUT_VERSION, "geometry": text(geometry), "state": text(state)})

    def restore(self, settings: Settings) -> None:
        """Bring size and panels back as an earlier run left them."""
        kept = settings.get("window")
        if not isinstance(kept, dict) or kept.get("version") != LAYOUT_VERSION:
            return
        try:
            geometry, state = (
                base64.b64decode(str(kept.get(name, "")), validate=True) for name in ("geometry", "state")
            )
        except ValueError:  # edited by hand, or damaged
            return
        usual = self._window.saveState(LAYOUT_VERSION)
        self._window.restoreGeometry(QByteArray(geometry))
        if not self._window.restoreState(QByteArray(state), LAYOUT_VERSION):
            self._window.restoreState(usual, LAYOUT_VERSION)
