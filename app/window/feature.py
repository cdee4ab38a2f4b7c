"""A feature of the window: one topic's panels, tools and actions.

``run="model:isolate"`` in the action table calls ``isolate`` of the feature named ``model``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from app.window.window_context import WindowContext

if TYPE_CHECKING:
    from models.project.selection import Keys, ObjectKey
    from models.views.camera import Vector


class Feature(QObject):
    """Base of all features; each adds its panel, connects its signals and answers its actions.

    Parameters
    ----------
    context : WindowContext
    """

    #: By which the action table calls it.
    name: ClassVar[str] = ""
    #: Place of its entries in the menu of an object, where the order of the features is not the one wanted.
    menu_order: ClassVar[int] = 0

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context.window)
        self.context = context
        self.session, self.appearance = context.session, context.appearance
        self.guard = context.guard
        #: Undo the watching of models; called when the window closes.
        self.stops: list[Callable[[], Any]] = []

    def refresh(self) -> None:
        """Show what depends on the project, the language or the theme; called once an event-loop turn."""

    def on_selection_changed(self) -> None:
        """Follow the selection."""

    def on_current_layer_changed(self) -> None:
        """Follow the current layer (``session.current_layer``)."""

    def context_actions(self, key: ObjectKey | None, world: Vector | None) -> list[QAction]:
        """Return what the feature offers in the menu of an object or a place in the picture."""
        return []

    def show_objects(self, keys: Keys, least_m: float) -> bool:
        """Fly to one object; select several and look at all of them; return whether there were any.

        Parameters
        ----------
        keys : Keys
        least_m : float
            Several are framed with at least so much around them.
        """
        if len(keys) == 1:
            self.context.requests.go_to(keys[0])
        elif len(keys):
            self.session.selection.set_many(keys.by_layer())
            self.context.scene_sync.zoom_to_keys(keys, least_m)
        return len(keys) > 0

    def end(self) -> None:
        """Stop watching; the window closes."""
        for stop in self.stops:
            stop()
