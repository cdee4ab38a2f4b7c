"""The menu of an object or a place in the picture: what the window offers, and what each part adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from app.usecases.layers import layers
from app.window.part import Part

if TYPE_CHECKING:
    from app.window.main_window import MainWindow
    from viewers.render.scene.picking import Pick


class Context(Part):
    """Opens the menu where the picture is asked for one."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        window.canvas.view.context_requested.connect(self.open)

    def open(self, at: QPoint, pick: Pick | None) -> None:
        """Open the menu of what was picked, at a place of the screen."""
        if pick is None:
            return
        menu = self.menu_of(pick)
        menu.exec(at)
        menu.deleteLater()

    def menu_of(self, pick: Pick) -> QMenu:
        """Return the menu; an object outside the selection is selected, as its commands speak of the selection."""
        window, appearance, word = self.window_, self.appearance, self.appearance.word
        menu, key, world = QMenu(window), pick.key, pick.world
        if key is not None:
            if key not in self.session.selection.keys:
                self.session.selection.set([key])
            window.commands.refresh()
            menu.addAction(window.commands.actions["view.zoom_selection"])
            menu.addAction(appearance.icon("table"), word("layers.table"), lambda: window.open_table(key.layer))
            menu.addAction(
                appearance.icon("eye-slash"), word("layers.hide_this"),
                self.guard(lambda: layers.set_visible(self.session, key.layer, False)),
            )  # fmt: skip
        for part in window.parts.values():
            if offers := part.context_actions(key, world):
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
                lambda: window.canvas.view.fly_to_point(world),
            )
        return menu
