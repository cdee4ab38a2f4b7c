"""Actions and panels of a topic: scene presets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_city

if TYPE_CHECKING:
    from app.session import Session


def has_scene(session: Session) -> bool:
    """Whether a scene is on."""
    return session.scene is not None


ACTIONS: tuple[Action, ...] = (
    Action("scenes.gallery", "scenes:open_gallery", "squares-four", "facilities/5", "Ctrl+Shift+G", enabled=has_city),
    Action("scenes.sheet", "scenes:write_sheet", "printer", "facilities/5", enabled=has_scene),
    Action("scenes.leave", "scenes:leave", "arrow-u-up-left", "facilities/5", enabled=has_scene),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (Panel("scenes", "squares-four", "right", "", order=11, tab=8, at_first=False),)
SUBMENUS: tuple[Submenu, ...] = ()
