"""Actions and panels of a topic: indicators of the urban health check."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_city, has_districts, indicator_is, rings_are_drawn
from models.health.editions import edition

#: The indicators that stand in the menu; their entries' words stand in the edition too.
INDICATORS = edition().computed

ACTIONS: tuple[Action, ...] = (
    Action("health.compute", "health:compute", "calculator", "health/1", "F5", enabled=has_districts),
    *(Action(f"health.show.{code}", "health:show_indicator", "chart-bar", "health/2", enabled=has_districts,
             checked=indicator_is(code), argument=code, exclusive="colours") for code in INDICATORS),
    Action("view.service_radius", "service_radius:toggle", "circle-dashed", "view/5", enabled=has_city,
           checked=rings_are_drawn),
    Action("health.profile", "health:ask_profile", "buildings", "health/1"),
    Action("health.export", "health:export", "download-simple", "health/3", enabled=has_districts),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (Panel("health", "heartbeat", "right", "Ctrl+5", order=5, tab=3),)
SUBMENUS: tuple[Submenu, ...] = ()
