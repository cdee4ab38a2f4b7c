"""The current layer: the one of which list, table, style, statistics and menus speak.

It is a choice of the person at work and no part of the project: undo does not touch it, it is not saved, and selecting
objects does not change it.
"""

from __future__ import annotations

from psygnal import Signal

from models.core.watch import watch
from models.project.project import Project, ProjectState


class CurrentLayer:
    """The one layer that is meant where none is named.

    Signals
    -------
    changed : (layer id before, layer id after) empty for none

    Parameters
    ----------
    project : Project
        Where the current layer goes out of it, the one next to it becomes current.
    """

    changed = Signal(str, str)

    def __init__(self, project: Project) -> None:
        self._project = project
        self._id = ""
        watch(project.changed, self._follow)

    @property
    def id(self) -> str:
        """Return the id of the current layer, empty where none was chosen."""
        return self._id

    def set(self, layer_id: str) -> None:
        """Make a layer current, none by an empty id; one that the project does not have is ignored."""
        known = not layer_id or any(layer.id == layer_id for layer in self._project.state.layers)
        if known and layer_id != self._id:
            before, self._id = self._id, layer_id
            self.changed.emit(before, layer_id)

    def _follow(self, before: ProjectState, after: ProjectState) -> None:
        left = {layer.id for layer in after.layers}
        if not self._id or self._id in left:
            return
        order = [layer.id for layer in before.layers]
        at = order.index(self._id) if self._id in order else len(order)
        neighbours = [*reversed(order[:at]), *order[at + 1 :]]
        self.set(next((layer_id for layer_id in neighbours if layer_id in left), ""))
