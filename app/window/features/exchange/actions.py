"""Actions and panels of a topic: exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.actions.action import Action, Panel, Submenu

if TYPE_CHECKING:
    from app.session import Session


def has_frame(session: Session) -> bool:
    """Whether the project has a coordinate system, in which messages are placed."""
    return session.project.state.frame is not None


ACTIONS: tuple[Action, ...] = (
    Action("citizens.import", "citizens:import_file", "chats", "operations/6", enabled=has_frame),
)
PANELS: tuple[Panel, ...] = ()
SUBMENUS: tuple[Submenu, ...] = ()
