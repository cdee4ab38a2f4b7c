"""Actions and panels of a topic: checks of building models."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_model, has_pipes

ACTIONS: tuple[Action, ...] = (
    Action("checks.quality", "checks:open_kind", "clipboard-text", "model.check/7", enabled=has_model,
           argument="quality", order=2),
    Action("checks.ids", "checks:open_kind", "checks", "model.check/7", enabled=has_model, argument="ids", order=2),
    Action("checks.clash", "checks:open_kind", "intersect", "model.check/7", enabled=has_model,
           argument="clash", order=2),
    Action("checks.diff", "checks:open_kind", "git-diff", "model.check/7", enabled=has_model, argument="diff", order=2),
    Action("checks.clearance", "checks:open_kind", "arrows-out-line-horizontal", "network/5", enabled=has_pipes,
           argument="clearance"),
    Action("checks.next", "checks:next_finding", "caret-down", "model.check/7", "F4", enabled=has_model, order=2),
    Action("checks.back", "checks:last_finding", "caret-up", "model.check/7", "Shift+F4", enabled=has_model, order=2),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (Panel("checks", "clipboard-text", "right", "Ctrl+9", order=9, tab=4),)
SUBMENUS: tuple[Submenu, ...] = (Submenu("model.check", "clipboard-text"),)
