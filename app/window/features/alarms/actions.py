"""Actions and panels of a topic: alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_city

if TYPE_CHECKING:
    from app.session import Session


def rings_are_on(session: Session) -> bool:
    """Whether alarms are marked in the picture."""
    return bool(session.settings.get("alarm_rings"))


ACTIONS: tuple[Action, ...] = (
    Action("alarms.open", "alarms:open_panel", "bell", "operations/2", "Ctrl+Shift+M", enabled=has_city, order=1),
    Action("alarms.rules", "alarms:open_rules", "sliders-horizontal", "operations/2", enabled=has_city, order=2),
    Action("alarms.rings", "alarms:switch_rings", "broadcast", "operations/2", enabled=has_city, checked=rings_are_on,
           order=3),
    Action("alarms.export", "alarms:export", "download-simple", "operations/2", enabled=has_city, order=4),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (Panel("alarms", "bell", "right", "", order=30, tab=12, at_first=False),)
SUBMENUS: tuple[Submenu, ...] = ()
