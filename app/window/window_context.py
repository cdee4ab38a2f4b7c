"""What a feature or a tool of the window gets: session, appearance, canvas, scene, docks, commands and requests.

Features know this context and not the window; what they need of each other is a request
(:mod:`app.window.requests`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.session import Session
from app.window.requests import Requests
from app.window.scene.scene_sync import SceneSync
from app.window.shell.commands import Commands
from app.window.shell.docks import Docks
from app.window.shell.refresh import Refresh
from resources.visible_text import visible_text
from viewers.widgets.canvas.canvas import Canvas
from viewers.widgets.common import dialogs
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.tool_bar_card import ToolCard
from viewers.widgets.shell.command_palette import CommandPalette
from viewers.widgets.shell.status_bar import StatusLine
from viewers.widgets.shell.welcome import Welcome


@dataclass
class WindowContext:
    """What the parts of one window share.

    Parameters
    ----------
    session : Session
    appearance : Appearance
        Words, colours and icons.
    window : QWidget
        The window itself, as parent of dialogs and menus and no more.
    canvas : Canvas
        The 3D view and what floats over it.
    welcome : Welcome
        The page that is shown while nothing is open.
    scene_sync : SceneSync
        Keeps the 3D scene true to the project.
    docks : Docks
        A feature adds its panel here.
    commands : Commands
        The actions of the table, menus and tool bar.
    status : StatusLine
    bars : QVBoxLayout
        Where a feature puts a bar that runs over the whole width above the view.
    foot : QVBoxLayout
        The same, below the view.
    palette : CommandPalette
    refresh : Refresh
        Shows again what depends on the project, the language or the theme.
    requests : Requests
        What features ask of each other.
    is_closing : bool
        Whether the window is being closed: no further questions.
    """

    session: Session
    appearance: Appearance
    window: QWidget
    canvas: Canvas
    welcome: Welcome
    scene_sync: SceneSync
    docks: Docks
    commands: Commands
    status: StatusLine
    bars: QVBoxLayout
    foot: QVBoxLayout
    palette: CommandPalette
    refresh: Refresh
    requests: Requests = field(default_factory=Requests)
    is_closing: bool = False

    def guard(self, act: Callable[..., object]) -> Callable[..., None]:
        """Return ``act`` with every failure turned into a notice."""

        def guarded(*arguments: object) -> None:
            try:
                act(*arguments)
            except Exception as error:  # a request may fail; the window goes on
                self.session.fail(error)

        return guarded

    def open_card(self, card: ToolCard) -> None:
        """Show the card of one tool; the one that was open is closed as by its person."""
        self.canvas.is_exchanging = True
        for other in self.canvas.cards:
            if other is not card and other.isVisible():
                other.closed.emit()
        self.canvas.is_exchanging = False
        card.show()
        self.canvas.arrange()

    def ask_name(self, title: str, name: str) -> str:
        """Ask for a name, ``title`` being the word key of the question; empty where that is cancelled."""
        ask = dialogs.NameQuestion(self.appearance, title, name, self.window)
        answer = ask.ask()
        given = ask.name if answer == "ok" else ""
        ask.deleteLater()
        return given

    def folder(self) -> Path:
        """Return the folder in which a file dialog begins: that of the project file."""
        path = self.session.project.path
        return path.parent if path is not None else self.session.started_in

    def project_name(self) -> str:
        """Return the name of the project in the language of the session, that of its file where it has none."""
        state = self.session.project.state
        path = self.session.project.path
        own = state.name_en if self.session.lang == "en" and state.name_en else state.name
        return visible_text(own or (path.stem if path is not None else ""))
