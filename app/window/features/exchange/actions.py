"""Actions and panels of a topic: exchange."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_city

ACTIONS: tuple[Action, ...] = (
    Action("levels.merge", "levels:open_merge", "git-merge", "operations.levels/1", enabled=has_city, order=1),
    Action("levels.hand_out", "levels:hand_out", "export", "operations.levels/1", enabled=has_city, order=2),
)
PANELS: tuple[Panel, ...] = ()
SUBMENUS: tuple[Submenu, ...] = (Submenu("operations.levels", "share-network", after="citizens.open"),)
