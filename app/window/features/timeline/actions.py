"""Actions and panels of a topic: timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.actions.action import Action, Panel, Submenu

if TYPE_CHECKING:
    from app.session import Session


def has_times(session: Session) -> bool:
    """Whether something of the project has a time."""
    return session.clock.range_us is not None


def shows_bar(session: Session) -> bool:
    """Whether the time line is wanted."""
    return bool(session.settings.get("time_line"))


def is_live(session: Session) -> bool:
    """Whether the city is shown live."""
    return session.clock.is_live


def is_past(session: Session) -> bool:
    """Whether a moment is shown."""
    return not session.clock.is_live


ACTIONS: tuple[Action, ...] = (
    Action("timeline.bar", "timeline:switch_bar", "clock-counter-clockwise", "operations/1", "Ctrl+Alt+T",
           enabled=has_times, checked=shows_bar),
    Action("timeline.play", "timeline:play", "play", "operations/1", "Ctrl+Alt+Space", enabled=has_times),
    Action("timeline.go", "timeline:ask_moment", "calendar-blank", "operations/1", enabled=has_times),
    Action("timeline.live", "timeline:go_live", "broadcast", "operations/1", enabled=is_past),
    Action("timeline.chart", "sensor_charts:open", "chart-line", "operations/1", enabled=has_times),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (Panel("sensor_chart", "chart-line", "bottom", "", order=30, tab=9, at_first=False),)
SUBMENUS: tuple[Submenu, ...] = ()
