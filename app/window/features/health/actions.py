"""Actions and panels of a topic: indicators of the urban health check."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_districts, indicator_is

#: The indicators that stand in the menu; ``indicator.<code>.short`` is their word.
INDICATORS = ("HC25-25", "HC25-22", "HC25-35", "HC25-58", "HC21-49")

ACTIONS: tuple[Action, ...] = (
    Action("health.compute", "health:compute", "calculator", "health/1", "F5", enabled=has_districts),
    *(Action(f"health.show.{code}", "health:show_indicator", "chart-bar", "health/2", enabled=has_districts,
             checked=indicator_is(code), argument=code, exclusive="colours") for code in INDICATORS),
    Action("health.export", "health:export", "download-simple", "health/3", enabled=has_districts),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (Panel("health", "heartbeat", "right", "Ctrl+5", order=5, tab=3),)
SUBMENUS: tuple[Submenu, ...] = ()
