"""Levels of detail of city models, and the semantic surface under a click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QCursor
from PySide6.QtWidgets import QMenu

from app.usecases.bim import lods
from app.window.feature import Feature
from models.core.watch import watch
from models.project.project import ProjectState
from viewers.widgets.common.plain import plain_entry

if TYPE_CHECKING:
    from app.window.window_context import WindowContext
    from models.project.selection import ObjectKey
    from models.views.camera import Vector
    from viewers.render.scene.picking import Pick


class LevelsOfDetail(Feature):
    """Offers levels of detail, and tells roof from wall where somebody clicks."""

    name = "lods"
    menu_order = 1

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        context.canvas.view.clicked.connect(self._on_view_clicked)
        self.stops.append(watch(self.session.project.changed, self._on_project_changed))

    def choose(self) -> None:
        """Offer the levels of detail of the current layer, or of the only one that has several."""
        known = [layer.id for layer in lods.with_choice(self.session)]
        current = self.session.current_layer.id
        layer_id = current if current in known else known[0] if known else ""
        if layer_id:
            menu = self.menu_of(layer_id)
            menu.exec(QCursor.pos())
            menu.deleteLater()

    def menu_of(self, layer_id: str) -> QMenu:
        """Return the menu of a layer's levels of detail, the one shown being ticked."""
        found, shown = lods.lods(self.session, layer_id)
        word = self.appearance.word
        menu = QMenu(word("city3d.lod.menu"), self.context.window)
        menu.setIcon(self.appearance.icon("stack"))
        group = QActionGroup(menu)
        entries = [("", word("city3d.lod.highest", lod=list(found)[-1] if found else ""))]
        entries += [(lod, word("city3d.lod.one", lod=lod, count=f"{found[lod]:,}")) for lod in reversed(found)]
        for lod, text in entries:
            action = menu.addAction(plain_entry(text))
            action.setCheckable(True)
            action.setChecked(lod == shown)
            action.triggered.connect(self.guard(lambda _=False, lod=lod: lods.choose_lod(self.session, layer_id, lod)))
            group.addAction(action)
        return menu

    def context_actions(self, key: ObjectKey | None, world: Vector | None) -> list[QAction]:
        """Offer the levels of detail of what was clicked."""
        if key is None or len(lods.lods(self.session, key.layer)[0]) < 2:
            return []
        return [self.menu_of(key.layer).menuAction()]

    def _on_view_clicked(self, pick: Pick | None, _join: bool) -> None:
        """Remember where an object was clicked, and say which of its surfaces that is."""
        has_place = pick is not None and pick.key is not None and pick.world is not None
        before, self.session.picked = self.session.picked, None
        if has_place and pick is not None and pick.key is not None and pick.world is not None:
            self.session.picked = pick.key, pick.world
        if self.session.picked != before and self.session.selection.keys:
            self.context.requests.show_properties()

    def _on_project_changed(self, before: ProjectState, after: ProjectState) -> None:
        """Read again where an undo or a redo changed the level of detail."""
        asked = {layer.id: layer.source.options.get(lods.LOD, "") for layer in before.layers}
        for layer in after.layers:
            if asked.get(layer.id, "") != layer.source.options.get(lods.LOD, "") and not self.session.jobs.active:
                lods.follow(self.session, layer)
