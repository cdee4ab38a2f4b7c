"""Actions and panels of a topic: readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.actions.action import Action, Panel, Submenu

if TYPE_CHECKING:
    from app.session import Session


def has_sources(session: Session) -> bool:
    """Whether the project has live sources and none is started."""
    return bool(session.project.state.operations.sources) and not session.feeds.is_on


def takes_commands(session: Session) -> bool:
    """Whether some source allows commands and what is live is shown."""
    return session.clock.is_live and any(one.commands for one in session.project.state.operations.sources)


def receives(session: Session) -> bool:
    """Whether live sources are started."""
    return session.feeds.is_on


def has_reading_layers(session: Session) -> bool:
    """Whether the project holds layers of readings."""
    return bool(session.project.state.with_role("readings"))


ACTIONS: tuple[Action, ...] = (
    Action("readings.open", "readings_panel:open_panel", "table", "operations/3"),
    Action("readings.import", "reading_import:ask_file", "download-simple", "operations/3"),
    Action("readings.take_over", "reading_import:take_over", "", "operations/3", enabled=has_reading_layers),
    Action("live.sources", "sources:open_panel", "broadcast", "operations/3"),
    Action("live.add", "sources:add", "plus", "operations/3"),
    Action("live.start", "sources:start_all", "play", "operations/3", enabled=has_sources),
    Action("live.stop", "sources:stop_all", "stop", "operations/3", enabled=receives),
    Action("live.command", "sources:command", "paper-plane-tilt", "operations/3", enabled=takes_commands),
)
PANELS: tuple[Panel, ...] = (
    Panel("sources", "broadcast", "right", "", order=30, tab=30, at_first=False),
    Panel("readings", "table", "bottom", "", order=31, tab=31, at_first=False),
)
SUBMENUS: tuple[Submenu, ...] = ()
