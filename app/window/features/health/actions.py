"""Actions and panels of a topic: indicators of the urban health check."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_city, has_districts, indicator_is, rings_are_drawn
from models.health.editions import edition

#: The indicators that stand in the menu; their entries' words stand in the edition too.
INDICATORS = edition().computed
#: Dimensions of the edition, each with a menu of its indicators.
DIMENSIONS = tuple(edition().dimensions)

ACTIONS: tuple[Action, ...] = (
    Action("health.compute", "health:compute", "calculator", "health/1", "F5", enabled=has_districts),
    Action("health.dashboard", "health_dashboard:toggle", "squares-four", "health/1", "Shift+F5", enabled=has_city,
           order=-1),
    Action("health.back", "health:go_back", "arrow-left", "health/2", "Alt+Left"),
    Action("health.forward", "health:go_forward", "arrow-right", "health/2", "Alt+Right"),
    *(Action(f"health.show.{code}", "health:show_indicator", "chart-bar",
             f"health.{edition().indicators[code].dimension}/3", enabled=has_districts, checked=indicator_is(code),
             argument=code, exclusive="colours") for code in INDICATORS),
    Action("view.service_radius", "service_radius:toggle", "circle-dashed", "view/5", enabled=has_city,
           checked=rings_are_drawn),
    Action("health.profile", "health:ask_profile", "buildings", "health/1"),
    Action("health.export", "health:export", "download-simple", "health/4", enabled=has_districts),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (Panel("health", "heartbeat", "right", "Ctrl+5", order=5, tab=3),)
SUBMENUS: tuple[Submenu, ...] = tuple(
    Submenu(f"health.{name}", icon)
    for name, icon in zip(DIMENSIONS, ("house-line", "users-three", "map-trifold", "buildings", "wrench"), strict=False)
)
