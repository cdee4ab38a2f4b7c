"""What the time line gets of the other topics: readings and their places, alarms, cases."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.usecases.alarms.alarms import alarms_at, alarms_in, rules_of
from app.usecases.readings.readings import facilities_of, places_of, store_of
from models.alarms.severities import severities
from models.cases.deadline import NONE_US
from models.cases.table import columns_of
from models.cases.times import moments
from models.core.errors import UserError
from models.layers.layer import VectorData
from models.readings.access import ReadingAccess
from models.timeline.events import OPEN_US, Events, events

if TYPE_CHECKING:
    from app.session import Session
    from models.alarms.alarm import Activation, Alarm
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


@dataclass(frozen=True, slots=True)
class AlarmCourses:
    """All alarms as stretches of one severity each, to be asked for many moments.

    Parameters
    ----------
    start_us, end_us : (n,) int64
    level : (n,) uint8
        1, 2, 3, the gravest first.
    keys : tuple of ObjectKey
    """

    start_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    level: NDArray[np.uint8]
    keys: tuple[ObjectKey, ...]

    def on(self, moment_us: int) -> dict[ObjectKey, int]:
        """Return the gravest level of the alarms that were on at a moment, by facility."""
        rows = np.flatnonzero((self.start_us <= moment_us) & (self.end_us > moment_us))
        rows = rows[np.argsort(-self.level[rows].astype(int), kind="stable")]  # the gravest is written last
        return {self.keys[row]: int(self.level[row]) for row in rows.tolist()}


def alarm_courses(session: Session) -> AlarmCourses:
    """Return all alarms of the log, or of the replay that was made last."""
    stretches: list[tuple[int, int, int, ObjectKey]] = []
    for alarm in _alarms(session):
        if alarm.key is None:
            continue
        for one in alarm.activations:
            ends = [*(since for since, _ in one.course[1:]), _end(one)]
            stretches += [
                (since, until, _level(severity), alarm.key)
                for (since, severity), until in zip(one.course, ends, strict=True)
            ]
    start, end, level, keys = zip(*stretches, strict=True) if stretches else ((), (), (), ())
    return AlarmCourses(np.array(start, np.int64), np.array(end, np.int64), np.array(level, np.uint8), tuple(keys))


def alarms_now(session: Session) -> dict[ObjectKey, int]:
    """Return the gravest level (1, 2, 3) of the alarms that are on now and not silent, by facility."""
    now_us, found = time.time_ns() // 1_000, dict[ObjectKey, int]()
    try:
        active = alarms_at(session, None)
    except UserError as error:  # who shows alarms says what is wrong with their log
        log.warning("alarms cannot be shown: %s", error)
        return found
    for alarm in active:
        if alarm.key is not None and not alarm.is_silent(now_us):
            found[alarm.key] = min(_level(alarm.severity), found.get(alarm.key, 3))
    return found


def alarm_events(session: Session) -> Callable[[], Events]:
    """Return who tells all activations of alarms, off the thread of the window."""
    names = {
        rule.id: rule.name_en if session.lang == "en" and rule.name_en else rule.name for rule in rules_of(session)
    }

    def work() -> Events:
        found = [(alarm, one) for alarm in _alarms(session) for one in alarm.activations]
        return events(
            "alarm", [one.start_us for _, one in found], [_end(one) for _, one in found],
            [min(_level(severity) for _, severity in one.course) for _, one in found],
            [f"{names.get(alarm.rule, alarm.rule)} {alarm.sensor}" for alarm, _ in found],
        )  # fmt: skip

    return work


def _alarms(session: Session) -> tuple[Alarm, ...]:
    """Return what was replayed last, and before and after it what the log holds."""
    held = session.alarms.replayed
    spans = [(-OPEN_US, OPEN_US)]
    if held is not None:
        first, last = held[1].start_us, held[1].end_us
        spans = [(-OPEN_US, first), (first, last), (last, OPEN_US)]
    try:
        return tuple(alarm for span in spans for alarm in alarms_in(session, *span))
    except UserError as error:  # who shows alarms says what is wrong with their log
        log.warning("alarms cannot be shown along time: %s", error)
        return ()


def _end(activation: Activation) -> int:
    return OPEN_US if activation.end_us is None else activation.end_us


def _level(severity: str) -> int:
    found = severities().get(severity)
    return 3 if found is None else found.grade


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
