"""Actions and panels of a topic: how layers are drawn."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import current_is, has_city

ACTIONS: tuple[Action, ...] = (
    Action("layer.style", "styles:style_layer", "paint-brush", "layer/2", enabled=has_city, order=1),
    Action("layer.copy_style", "styles:copy", "copy", "layer/2", enabled=current_is("vector"), order=2),
    Action("layer.paste_style", "styles:paste", "clipboard-text", "layer/2", enabled=current_is("vector"), order=2),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (Panel("style", "paint-brush", "right", "", order=11, tab=6),)
SUBMENUS: tuple[Submenu, ...] = ()
