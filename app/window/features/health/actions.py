"""Actions and panels of a topic: indicators of the urban health check."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_city, has_districts, indicator_is, rings_are_drawn
from models.health.editions import edition

#: Dimensions of the edition, each with a menu of its indicators.
DIMENSIONS = tuple(edition().dimensions)
#: The indicators that stand in the menu, as the edition orders them; their entries' words stand in the edition too.
INDICATORS = tuple(code for code, one in edition().indicators.items() if one.computed)

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
    Action("health.judging", "health_judging:open", "scales", "health/5", enabled=has_city),
    Action("health.lists", "health_lists:open", "list-numbers", "health/5", enabled=has_city),
    Action("health.make_lists", "health_lists:make", "arrows-clockwise", "health/5", enabled=has_city),
    Action("health.area_check", "health_lists:check_area", "polygon", "health/5", enabled=has_city),
    Action("health.patterns", "health_patterns:open", "circles-three", "health/5", enabled=has_city),
    Action("health.profile", "health:ask_profile", "buildings", "health/1"),
    Action("health.units", "health_units:open_units", "grid-four", "health/5", enabled=has_city),
    Action("health.survey", "health_survey:open_survey", "chats", "health/5", enabled=has_city),
    Action("health.definitions", "health_definitions:open", "book-open", "health/1"),
    Action("health.export", "health:export", "download-simple", "health/4", enabled=has_districts),
    Action("health.inputs", "health_inputs:open_panel", "clipboard-text", "health.data/5", enabled=has_city),
    Action("health.match", "health_inputs:open_assistant", "magic-wand", "health.data/5", enabled=has_city),
    Action("health.values_out", "health_inputs:write_template", "download-simple", "health.data/6", enabled=has_city),
    Action("health.values_in", "health_inputs:import_values", "upload-simple", "health.data/6", enabled=has_city),
    Action("health.forms_out", "health_inputs:send", "paper-plane-tilt", "health.data/7", enabled=has_city),
    Action("health.forms_in", "health_inputs:take_back", "tray", "health.data/7", enabled=has_city),
    Action("health.scenario", "scenario:open", "flask", "health/2", "Shift+F6", enabled=has_districts),
    Action("health.years", "health_years:open", "calendar", "health/5", enabled=has_city),
    Action("health.close_year", "health_years:close_year", "archive", "health.data/8", enabled=has_city),
    Action("health.take_year", "health_years:take_year", "upload-simple", "health.data/8", enabled=has_city),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (
    Panel("health", "heartbeat", "right", "Ctrl+5", order=5, tab=3),
    Panel("health_inputs", "clipboard-text", "right", "", order=6, tab=4, at_first=False),
    Panel("health_lists", "list-numbers", "bottom", "Ctrl+Alt+5", order=6, tab=5),
    Panel("judging", "scales", "bottom", "Ctrl+Alt+6", order=6, tab=6),
    Panel("health_units", "grid-four", "right", "", order=40, tab=40, at_first=False),
    Panel("health_survey", "chats", "right", "", order=41, tab=41, at_first=False),
    Panel("health_years", "calendar", "bottom", "", order=42, tab=42, at_first=False),
    Panel("scenario", "flask", "right", "", order=9, tab=9, at_first=False),
    Panel("patterns", "circles-three", "right", "", order=42, tab=42, at_first=False),
)
_DIMENSION_ICONS = ("house-line", "users-three", "map-trifold", "buildings", "wrench")
SUBMENUS: tuple[Submenu, ...] = (
    *(Submenu(f"health.{name}", icon) for name, icon in zip(DIMENSIONS, _DIMENSION_ICONS, strict=False)),
    Submenu("health.data", "clipboard-text"),
)
