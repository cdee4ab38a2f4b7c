"""Actions of a topic: the CRS doctor and the placing of models."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_city, has_model, has_placed_model

ACTIONS: tuple[Action, ...] = (
    Action("layer.crs", "crs_doctor:open", "globe-hemisphere-east", "layer/6", enabled=has_city, order=1),
    Action("layer.frame", "crs_doctor:change_frame", "", "layer/6", enabled=has_city, order=1),
    Action("model.place", "placement:start", "map-pin-line", "model/7", enabled=has_model),
    Action("model.unplace", "placement:reset", "arrow-counter-clockwise", "model/7", enabled=has_placed_model),
    Action("model.where", "placement:show_place", "globe-hemisphere-east", "model/7", enabled=has_model),
    Action("model.place_copy", "placement:write_copy", "file-arrow-down", "model/7", enabled=has_model),
)  # fmt: skip
PANELS: tuple[Panel, ...] = ()
SUBMENUS: tuple[Submenu, ...] = ()
