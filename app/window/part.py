"""A part of the window: one topic's panels, tools and requests, so that the window itself stays small.

``run="model:isolate"`` in the action table calls ``isolate`` of the part named ``model``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

if TYPE_CHECKING:
    from app.window.main_window import MainWindow
    from models.project.selection import ObjectKey
    from models.views.camera import Vector


class Part(QObject):
    """Base of all parts.

    Parameters
    ----------
    window : MainWindow
        Whose session, appearance, canvas, city, docks and panels a part uses.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window_ = window
        self.session, self.appearance = window.session, window.appearance
        #: Undo the watching of models; called when the window closes.
        self.stops: list[Callable[[], Any]] = []

    def guard(self, act: Callable[..., object]) -> Callable[..., None]:
        """Return ``act`` with every bad ending turned into a notice."""
        return self.window_._guard(act)

    def refresh(self) -> None:
        """Show what depends on the project, the language or the theme; called once an event-loop turn."""

    def on_selection_changed(self) -> None:
        """Follow the selection."""

    def context_actions(self, key: ObjectKey | None, world: Vector | None) -> list[QAction]:
        """Return what the part offers in the menu of an object or a place in the picture."""
        return []

    def end(self) -> None:
        """Stop watching; the window closes."""
        for stop in self.stops:
            stop()
