"""Actions and panels of a topic: map sheets, their editor, printing and atlases."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_city, has_sheets

ACTIONS: tuple[Action, ...] = (
    Action("sheets.new", "sheets:new", "file-plus", "review/3", enabled=has_city, order=1),
    Action("sheets.title_block", "sheets:edit_title_block", "identification-card", "review/3",
           enabled=has_city, order=2),
    Action("sheets.export", "sheets:export", "export", "review/3", enabled=has_sheets, order=3),
    Action("sheets.print", "sheets:print_sheets", "printer", "review/3", enabled=has_sheets, order=4),
    Action("sheets.atlas", "atlas:make", "stack", "review/3", enabled=has_city, order=5),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (Panel("sheets", "file-text", "right", "", order=24, tab=24, at_first=False),)
SUBMENUS: tuple[Submenu, ...] = ()
