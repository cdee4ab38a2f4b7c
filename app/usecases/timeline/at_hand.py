"""What the time line gets of the other topics: readings and their places, alarms, cases."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.usecases.readings.readings import facilities_of, places_of, store_of
from models.alarms.rule import AlarmRule
from models.core.errors import UserError
from models.readings.access import ReadingAccess
from models.timeline.events import Events, events

if TYPE_CHECKING:
    from app.session import Session
    from models.project.selection import ObjectKey

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AtHand:
    """Readings, and what they are of.

    Parameters
    ----------
    access : ReadingAccess
    devices, facilities : mapping of int to ObjectKey
        Device and facility of each channel.
    watched : mapping of str to ndarray
        All objects of the layers of devices: one without any channel has no data.
    """

    access: ReadingAccess
    devices: Mapping[int, ObjectKey]
    facilities: Mapping[int, ObjectKey]
    watched: Mapping[str, NDArray[np.int64]]


def readings_at_hand(session: Session) -> AtHand | None:
    """Return the readings of the open project, None where there are none; who imports them says what is wrong."""
    try:
        store = store_of(session)
        if store is None:
            return None
        devices, facilities = places_of(session), facilities_of(session)
    except UserError as error:
        log.warning("readings cannot be shown along time: %s", error)
        return None
    watched: dict[str, NDArray[np.int64]] = {}
    for layer in session.project.state.with_role("sensors"):
        frame = getattr(session.project.data.get(layer.id), "frame", None)
        if frame is not None:
            watched[layer.id] = frame.index.to_numpy(np.int64)
    return AtHand(store, devices, facilities, watched)


def alarms_on(session: Session, moment_us: int) -> Mapping[ObjectKey, int]:
    """Return the gravest level (1, 2, 3) of the alarms that were on at a moment, by facility."""
    return {}


def alarm_events(session: Session) -> Callable[[], Events]:
    """Return who tells all activations of alarms, off the thread of the window."""
    return lambda: events("alarm", (), (), ())


def case_events(session: Session) -> Callable[[], Events]:
    """Return who tells all cases from report to closing, off the thread of the window."""
    return lambda: events("case", (), (), ())


def rules_at_hand(session: Session) -> tuple[AlarmRule, ...]:
    """Return the alarm rules that hold in the project."""
    return ()
