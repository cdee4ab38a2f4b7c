"""The Edit menu."""

from __future__ import annotations

from app.actions.action import Action, Submenu
from app.actions.conditions import can_redo, can_undo, has_selection

ACTIONS: tuple[Action, ...] = (
    Action("edit.undo", "editing:undo", "arrow-u-up-left", "edit/1", "Ctrl+Z", tools=2, enabled=can_undo),
    Action("edit.redo", "editing:redo", "arrow-u-up-right", "edit/1", "Ctrl+Shift+Z; Ctrl+Y", tools=2,
           enabled=can_redo),
    Action("edit.select_none", "editing:select_none", "selection-slash", "edit/2", "Esc", enabled=has_selection),
    Action("edit.palette", "palette:open", "magnifying-glass", "edit/3", "Ctrl+K; Ctrl+Shift+P"),
    Action("edit.settings", "preferences:open", "gear", "edit/4", "Ctrl+,"),
)  # fmt: skip
SUBMENUS = (Submenu("edit.history", "clock-counter-clockwise", after="edit.redo"),)
