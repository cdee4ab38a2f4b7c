"""Actions and panels of a topic: review packages, hand-over folders and the paper set."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_city

ACTIONS: tuple[Action, ...] = (
    Action("delivery.deliver", "paper_set:open", "files", "review/5", enabled=has_city, order=4),
    Action("package.make", "package:make", "package", "review/5", enabled=has_city, order=4),
    Action("package.verify", "package:verify", "circle-wavy-check", "review/5", order=4),
    Action("delivery.hand_over", "handover:ask", "share-network", "review/5", enabled=has_city, order=5),
)  # fmt: skip
PANELS: tuple[Panel, ...] = ()
SUBMENUS: tuple[Submenu, ...] = ()
