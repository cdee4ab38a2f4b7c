"""Actions and panels of a topic: review packages, hand-over folders and the paper set."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_city

ACTIONS: tuple[Action, ...] = (
    Action("delivery.hand_over", "handover:ask", "share-network", "review/5", enabled=has_city, order=5),
)  # fmt: skip
PANELS: tuple[Panel, ...] = ()
SUBMENUS: tuple[Submenu, ...] = ()
