"""The list of layers: what is shown, in which order, under which name."""

from __future__ import annotations

from PySide6.QtGui import QAction

from app.usecases.layers import layers
from app.window.feature import Feature
from app.window.window_context import WindowContext
from viewers.widgets.layers.layers_panel import LayersPanel

#: What the menu of a layer in the list says first, by itself.
LAYER_FIRST = frozenset({"layer.zoom", "layer.table", "layer.rename", "layer.style", "layer.remove"})


class LayerList(Feature):
    """The panel of layers and its actions."""

    name = "layers"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        session, ask, requests = self.session, self.guard, context.requests
        self.panel = panel = LayersPanel(self.appearance, session.project)
        context.docks.add("layers", panel)
        panel.extra = self._extra_actions
        panel.visible_requested.connect(ask(lambda layer, on: layers.set_visible(session, layer, on)))
        panel.all_visible_requested.connect(ask(lambda ids, on: layers.set_all_visible(session, ids, on)))
        panel.style_changed.connect(ask(lambda layer, style: layers.set_style(session, layer, style)))
        panel.move_requested.connect(ask(lambda layer, at: layers.move_layer(session, layer, at)))
        panel.zoom_requested.connect(ask(self.zoom_layer))
        panel.table_requested.connect(ask(requests.open_table))
        panel.style_requested.connect(ask(requests.style_layer))
        panel.rename_requested.connect(ask(self.rename_layer))
        panel.remove_requested.connect(ask(self.remove_layer))
        panel.current_changed.connect(session.current_layer.set)
        panel.add_requested.connect(ask(requests.add_files))
        requests.zoom_to_layer.answer_with(self.zoom_layer)
        requests.show_busy_layers.answer_with(panel.set_busy)
        requests.show_withheld_layers.answer_with(panel.set_withheld)

    # --- requests of the action table ------------------------------------------------------------------------------
    def zoom_layer(self, layer_id: str = "") -> None:
        """Fly to a layer."""
        if chosen := layer_id or self.session.current_layer.id:
            self.context.scene_sync.zoom_to_layer(chosen)

    def rename_layer(self, layer_id: str = "") -> None:
        """Ask for another name of a layer."""
        chosen = layer_id or self.session.current_layer.id
        if not chosen:
            return
        layer = self.session.project.state.layer(chosen)
        english = self.session.lang == "en" and bool(layer.name_en)
        name = self.context.ask_name("layers.rename", layer.title(self.session.lang))
        if name and english:
            layers.rename_layer(self.session, chosen, layer.name, name)
        elif name:
            layers.rename_layer(self.session, chosen, name)

    def remove_layer(self, layer_id: str = "") -> None:
        """Take a layer out of the project; undo brings it back."""
        if chosen := layer_id or self.session.current_layer.id:
            layers.remove_layer(self.session, chosen)

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """List the layers of the project."""
        self.panel.fill()
        self.panel.choose(self.session.current_layer.id)

    def on_current_layer_changed(self) -> None:
        """Mark the current layer."""
        self.panel.choose(self.session.current_layer.id)

    def _extra_actions(self) -> list[QAction]:
        return [action for id_, action in self.context.commands.enabled_in("layer") if id_ not in LAYER_FIRST]
