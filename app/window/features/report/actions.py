"""Actions and panels of a topic: the report, its blocks and the deck."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_city, has_districts

ACTIONS: tuple[Action, ...] = (
    Action("report.open", "report:open", "article", "review/4", enabled=has_city, order=1),
    Action("report.write", "report:write", "export", "review/4", enabled=has_districts, order=2),
    Action("report.take_back", "report:take_back", "upload-simple", "review/4", enabled=has_districts, order=3),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (Panel("report", "article", "right", "", order=25, tab=25, at_first=False),)
SUBMENUS: tuple[Submenu, ...] = ()
