"""What the time line gets of the other topics: readings and their places, alarms, cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from models.timeline.events import Events, events

if TYPE_CHECKING:
    from app.session import Session
    from models.project.selection import ObjectKey
    from models.readings.access import ReadingAccess


def readings_at_hand(session: Session) -> tuple[ReadingAccess, Mapping[int, ObjectKey]] | None:
    """Return the readings of the open project and where each channel belongs, None where there are none."""
    return None


def alarms_on(session: Session, moment_us: int) -> Mapping[ObjectKey, int]:
    """Return the gravest level (1, 2, 3) of the alarms that were on at a moment, by facility."""
    return {}


def alarm_events(session: Session) -> Callable[[], Events]:
    """Return who tells all activations of alarms, off the thread of the window."""
    return lambda: events("alarm", (), (), ())


def case_events(session: Session) -> Callable[[], Events]:
    """Return who tells all cases from report to closing, off the thread of the window."""
    return lambda: events("case", (), (), ())
