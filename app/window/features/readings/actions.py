"""Actions and panels of a topic: readings."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu

ACTIONS: tuple[Action, ...] = ()
PANELS: tuple[Panel, ...] = ()
SUBMENUS: tuple[Submenu, ...] = ()
