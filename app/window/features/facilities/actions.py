"""Actions and panels of a topic: municipal components by class and state."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import (
    has_city,
    has_facilities,
    has_gate,
    has_selection,
    has_table,
    meets,
    signs_are_shown,
    theme_is,
)

ACTIONS: tuple[Action, ...] = (
    Action("theme.plain", "facilities:show_plain", "circle-half", "facilities/1", enabled=has_city,
           checked=theme_is("plain"), exclusive="colours"),
    Action("theme.facilities", "facilities:show_states", "traffic-sign", "facilities/1", "Ctrl+Shift+F",
           enabled=has_facilities, checked=theme_is("facilities"), exclusive="colours"),
    Action("facilities.signs", "facilities:switch_signs", "map-pin", "facilities/1", enabled=has_facilities,
           checked=signs_are_shown),
    Action("facilities.faulty", "facilities:list_faulty", "warning-circle", "facilities/2", enabled=has_facilities),
    Action("component.form", "component_form:open_form", "identification-card", "facilities/2", enabled=has_selection),
    Action("facilities.import", "register_mapping:import_file", "download-simple", "facilities/3"),
    Action("layer.map_register", "register_mapping:open_assistant", "traffic-sign", "layer/4",
           enabled=meets(has_table, lambda layer: layer.kind in ("vector", "table")), order=2),
    Action("facilities.export", "codes:export_exchange", "export", "facilities/3", enabled=has_facilities),
    Action("facilities.code_edition", "codes:state_edition", "tag", "facilities/5", enabled=has_facilities),
    Action("facilities.repair_codes", "codes:repair", "wrench", "facilities/5", enabled=has_facilities),
    Action("facilities.migrate_codes", "codes:migrate", "arrows-left-right", "facilities/5", enabled=has_facilities),
    Action("facilities.check", "quality_gate:open_panel", "circle-wavy-check", "facilities/4", enabled=has_facilities),
    Action("theme.gate", "quality_gate:show_failing", "map-pin", "facilities/4", enabled=has_gate,
           checked=theme_is("gate"), exclusive="colours"),
    Action("facilities.unit_grids", "grids:make_unit_grids", "grid-four", "facilities/6", enabled=has_table),
    Action("facilities.check_unit_grids", "grids:check_unit_grids", "check-square-offset", "facilities/6",
           enabled=has_table),
    Action("facilities.responsibility_grids", "grids:make_responsibility_grids", "users-three", "facilities/6",
           enabled=has_table),
    Action("facilities.positions", "positions:open_dialog", "crosshair", "facilities/3", enabled=has_facilities),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (
    Panel("facilities", "traffic-sign", "right", "Ctrl+4", order=4, tab=2),
    Panel("component", "identification-card", "right", "", order=13, tab=2, at_first=False),
    Panel("quality_gate", "circle-wavy-check", "right", "Ctrl+Alt+4", order=14, tab=2, at_first=False),
)
SUBMENUS: tuple[Submenu, ...] = ()
