"""Actions and panels of a topic: opening and saving projects, bringing files in."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_city, reaches_outside

ACTIONS: tuple[Action, ...] = (
    Action("file.new", "project:new_project", "file-plus", "file/1", "Ctrl+N"),
    Action("file.open", "project:open_project", "folder-open", "file/1", "Ctrl+O", tools=1),
    Action("file.add", "project:add_files", "folder-plus", "file/1", "Ctrl+Shift+O", tools=1),
    Action("file.sample", "project:open_sample", "buildings", "file/1", order=2),
    Action("file.save", "project:save_project", "floppy-disk", "file/2", "Ctrl+S", tools=1, enabled=has_city),
    Action("file.save_as", "project:save_project_as", "", "file/2", "Ctrl+Shift+S", enabled=has_city),
    Action("file.properties", "project_properties:open", "info", "file/3", "Alt+Return", enabled=has_city),
    Action("file.trust", "trust:show_details", "shield-warning", "file/3", enabled=reaches_outside),
    Action("file.quit", "project:quit", "sign-out", "file/9", "Ctrl+Q"),
)  # fmt: skip
PANELS: tuple[Panel, ...] = ()
SUBMENUS: tuple[Submenu, ...] = (Submenu("file.recent", "clock-counter-clockwise", after="file.sample"),)
