"""Actions and panels of a topic: trends."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_city

ACTIONS: tuple[Action, ...] = (
    Action("trends.open", "trends:open_panel", "chart-line", "operations/7"),
    Action("trends.find", "trends:run", "play", "operations/7", enabled=has_city),
)
PANELS: tuple[Panel, ...] = (Panel("trends", "chart-line", "bottom", "", order=37, tab=37, at_first=False),)
SUBMENUS: tuple[Submenu, ...] = ()
