"""What the time line gets of the other topics: readings and their places, alarms, cases."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.usecases.readings.readings import facilities_of, places_of, store_of
from models.alarms.rule import AlarmRule
from models.cases.deadline import NONE_US
from models.cases.table import columns_of
from models.cases.times import moments
from models.core.errors import UserError
from models.layers.layer import VectorData
from models.readings.access import ReadingAccess
from models.timeline.events import OPEN_US, Events, events

if TYPE_CHECKING:
    from app.session import Session
    from models.project.selection import ObjectKey

#: So much of a description is told on the line.
MOST_NAME = 40

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
    tables = [session.project.data.get(layer.id) for layer in session.project.state.with_role("cases")]
    frames = [data.attributes for data in tables if isinstance(data, VectorData)]
    zone = session.project.state.operations.zone.name

    def work() -> Events:
        starts, ends, names = [np.empty(0, np.int64)], [np.empty(0, np.int64)], []
        for frame in frames:
            columns = columns_of(map(str, frame.columns))
            if "reported_at" not in columns:
                continue
            start, _ = moments(frame[columns["reported_at"]], zone)
            known = start != NONE_US
            end = (
                moments(frame[columns["closed_at"]], zone)[0]
                if "closed_at" in columns
                else np.full(len(frame), NONE_US)
            )
            starts.append(start[known])
            ends.append(np.where(end == NONE_US, OPEN_US, end)[known])
            said = next((columns[name] for name in ("eventDesc", "taskNum") if name in columns), None)
            texts = frame[said].astype(object).where(frame[said].notna(), "") if said else pd.Series("", frame.index)
            names += texts.astype(str).str.slice(0, MOST_NAME)[known].tolist()
        start, end = np.concatenate(starts), np.concatenate(ends)
        return events("case", start, end, np.zeros(len(start), np.uint8), names)

    return work


def rules_at_hand(session: Session) -> tuple[AlarmRule, ...]:
    """Return the alarm rules that hold in the project."""
    return ()
