"""The menu of an object or a place in the picture: what the window offers, and what each feature adds."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from app.usecases.layers import layers
from app.window.feature import Feature
from app.window.window_context import WindowContext
from viewers.render.scene.picking import Pick


class ContextMenu(Feature):
    """Opens the menu where the picture is asked for one.

    Parameters
    ----------
    context : WindowContext
    features : callable
        Returns the features, in the order of their offers.
    """

    name = "context_menu"

    def __init__(self, context: WindowContext, features: Callable[[], Iterable[Feature]]) -> None:
        super().__init__(context)
        self._features = features
        context.canvas.view.context_requested.connect(self.open)

    def open(self, at: QPoint, pick: Pick | None) -> None:
        """Open the menu of what was picked, at a place of the screen."""
        if pick is None:
            return
        menu = self.menu_of(pick)
        menu.exec(at)
        menu.deleteLater()

    def menu_of(self, pick: Pick) -> QMenu:
        """Return the menu; an object outside the selection is selected, as its commands speak of the selection."""
        context, appearance, word = self.context, self.appearance, self.appearance.word
        menu, key, world = QMenu(context.window), pick.key, pick.world
        if key is not None:
            if key not in self.session.selection.keys:
                self.session.selection.set([key])
            context.commands.refresh()
            if zoom := context.commands.actions.get("view.zoom_selection"):
                menu.addAction(zoom)
            menu.addAction(
                appearance.icon("table"), word("layers.table"), lambda: context.requests.open_table(key.layer)
            )
            menu.addAction(
                appearance.icon("eye-slash"), word("layers.hide_this"),
                self.guard(lambda: layers.set_visible(self.session, key.layer, False)),
            )  # fmt: skip
        for feature in self._features():
            if offers := feature.context_actions(key, world):
                menu.addSeparator()
                menu.addActions(offers)
        menu.addSeparator()
        if world is not None:
            text = f"{world[0]:.3f}, {world[1]:.3f}, {world[2]:.3f}"
            menu.addAction(
                appearance.icon("copy"), word("view.copy_place"), lambda: QGuiApplication.clipboard().setText(text)
            )
            menu.addAction(
                appearance.icon("crosshair-simple"),
                word("view.fly_here"),
                lambda: context.canvas.view.fly_to_point(world),
            )
        return menu
