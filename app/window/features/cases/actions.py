"""Actions and panels of a topic: cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_city

if TYPE_CHECKING:
    from app.session import Session


def has_frame(session: Session) -> bool:
    """Whether the project has a coordinate system, in which messages are placed."""
    return session.project.state.frame is not None


ACTIONS: tuple[Action, ...] = (
    Action("cases.open", "cases:open_list", "clipboard-text", "operations/4", enabled=has_city),
    Action("cases.new", "cases:new_case", "plus", "operations/4", enabled=has_city),
    Action("cases.rates", "cases:open_rates", "chart-bar", "operations/4", enabled=has_city),
    Action("command.open", "command:open_panel", "users-three", "operations/5", enabled=has_city, order=1),
    Action(
        "command.resources", "command:read_resources", "folder-open", "operations.read/1", enabled=has_city, order=2
    ),
    Action("command.tracks", "command:read_tracks", "map-pin", "operations.read/1", enabled=has_city, order=3),
    Action("citizens.open", "citizens:open_panel", "chats", "operations/6", enabled=has_city, order=4),
    Action("citizens.import", "citizens:import_file", "chats", "operations.read/1", enabled=has_frame, order=5),
)
PANELS: tuple[Panel, ...] = (
    Panel("cases", "clipboard-text", "right", "", order=34, tab=2, at_first=False),
    Panel("command", "users-three", "right", "", order=33, tab=15, at_first=False),
    Panel("citizens", "chats", "right", "", order=35, tab=16, at_first=False),
)
SUBMENUS: tuple[Submenu, ...] = (Submenu("operations.read", "folder-open", after="command.open"),)
