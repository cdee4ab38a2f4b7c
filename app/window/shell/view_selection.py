"""A click in a view selects what is under it; the status line shows where the cursor is."""

from __future__ import annotations

from app.window.feature import Feature
from app.window.requests import World
from app.window.window_context import WindowContext
from models.core.watch import watch
from models.project.project import ProjectState
from models.project.selection import Keys
from viewers.render.scene.picking import Pick


class ViewSelection(Feature):
    """Selecting by clicks, and what the status line says of cursor and selection."""

    name = "view_selection"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        context.canvas.view.clicked.connect(self.click)
        context.canvas.view.cursor_moved.connect(self.show_cursor)
        context.requests.click.answer_with(self.click)
        context.requests.show_cursor.answer_with(self.show_cursor)
        self.stops.append(watch(self.session.project.changed, self._forget_gone))

    def click(self, pick: Pick | None, join: bool) -> None:
        """Select what was clicked; with ``join`` add it to the selection, or take it out."""
        key = pick.key if pick is not None else None
        if key is None:
            if not join:
                self.session.selection.set(())
            return
        keys = self.session.selection.keys
        if join:
            self.session.selection.set_rows(key.layer, [key.oid], "remove" if key in keys else "add")
        else:
            self.session.selection.set([key])
        if self.context.docks.is_hidden_behind("properties"):
            self.context.docks.bring_forward("properties")

    def show_cursor(self, world: World | None) -> None:
        """Show a place in the project's CRS and in degrees."""
        frame = self.session.project.state.frame
        lonlat = None
        if world is not None and frame is not None and frame.horizontal.startswith("EPSG"):
            lonlat = frame.lonlat(world[0], world[1])
        self.context.status.show_cursor(world, lonlat)

    def refresh(self) -> None:
        """Show how many objects are selected."""
        self.context.status.show_selected(len(self.session.selection.keys))

    def on_selection_changed(self) -> None:
        """Show how many objects are selected."""
        self.refresh()

    def _forget_gone(self, before: ProjectState, after: ProjectState) -> None:
        """Take objects of layers that are gone out of the selection."""
        gone = {layer.id for layer in before.layers} - {layer.id for layer in after.layers}
        if gone:
            self.session.selection.set(Keys(run for run in self.session.selection.keys.runs if run[0] not in gone))
