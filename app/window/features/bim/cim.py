"""The CIM level of a layer: shown, and overridden by the user."""

from __future__ import annotations

from dataclasses import replace

from app.usecases.layers import layers
from app.window.feature import Feature
from models.bim import cim_level
from viewers.widgets.bim.cim_dialog import CimDialog


class CimLevel(Feature):
    """Asks for the CIM level of the chosen layer."""

    name = "cim"

    def ask(self) -> None:
        """Show the level of the chosen layer, and take another."""
        chosen = self.session.current_layer.id
        if not chosen:
            return
        layer = self.session.project.state.layer(chosen)
        found = cim_level.level_of(replace(layer, cim_level=""), self.session.project.data.get(chosen))
        dialog = CimDialog(self.appearance, layer.title(self.session.lang), found, layer.cim_level, self.context.window)
        if dialog.ask() == "ok" and dialog.level != layer.cim_level:
            layers.set_cim_level(self.session, chosen, dialog.level)
        dialog.deleteLater()
