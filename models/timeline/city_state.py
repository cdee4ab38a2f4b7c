"""The city at one moment: what its sensors had said until then, and which alarms were on. Arrays, no drawing.

Invariants
----------
1. A facility of which nothing was known at the moment is ``NO_DATA``, one whose last reading is older than it should be
   ``OLD``; neither is ever ``NORMAL``.
2. Of several channels of a facility the best informed counts for how old it is, the worst for its alarm.
3. A reading that its source calls wrong says nothing of the facility.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.project.selection import ObjectKey
from models.readings.batch import DAY_US, SECOND_US, Quality, Readings
from models.readings.channel import Channel

#: What is known of a facility; alarms of severity 1 (the gravest), 2 and 3 stand over these as ``ALARM + 1 …``.
NO_DATA, OLD, NORMAL, ALARM = 0, 1, 2, 10
#: A reading is old after so many of its channel's periods; where nobody says how often it comes, after a day.
PERIODS = 3.0
DEFAULT_OLD_US = DAY_US


@dataclass(frozen=True, slots=True)
class LayerState:
    """What is known of the facilities of one layer at a moment.

    Parameters
    ----------
    oids : (n,) int64
        Ascending.
    condition : (n,) uint8
        :data:`NO_DATA`, :data:`OLD`, :data:`NORMAL` or :data:`ALARM` + severity.
    time_us : (n,) int64
        Of the last reading; −1 where there is none.
    """

    oids: NDArray[np.int64]
    condition: NDArray[np.uint8]
    time_us: NDArray[np.int64]

    def of(self, oid: int) -> tuple[int, int] | None:
        """Return condition and time of the last reading of an object, None for one that has no sensor."""
        at = int(np.searchsorted(self.oids, oid))
        if at >= len(self.oids) or self.oids[at] != oid:
            return None
        return int(self.condition[at]), int(self.time_us[at])


@dataclass(frozen=True, slots=True)
class CityState:
    """The city at a moment.

    Parameters
    ----------
    moment_us : int
    layers : mapping of str to LayerState
        By layer id; objects that no sensor watches are in none.
    readings : Readings
        The last reading of each channel, by channel.
    """

    moment_us: int
    layers: Mapping[str, LayerState] = field(default_factory=dict)
    readings: Readings | None = None

    def count(self, condition: int) -> int:
        """Return how many facilities are so."""
        return sum(int(np.count_nonzero(layer.condition == condition)) for layer in self.layers.values())

    def conditions(self) -> dict[int, int]:
        """Return how many facilities are in each condition that occurs, the gravest alarm first, no data last."""
        parts = [layer.condition for layer in self.layers.values() if len(layer.condition)]
        if not parts:
            return {}
        found, counts = np.unique(np.concatenate(parts), return_counts=True)
        by = dict(zip(found.tolist(), counts.tolist(), strict=True))
        alarms = sorted(one for one in by if one > ALARM)
        return {one: by[one] for one in (*alarms, NORMAL, OLD, NO_DATA) if one in by}

    def oldest_fresh_us(self) -> int | None:
        """Return the time of the oldest reading that still counts, None where none does."""
        known = [layer.time_us[layer.condition == NORMAL] for layer in self.layers.values()]
        times = np.concatenate(known) if known else np.empty(0, np.int64)
        return int(times.min()) if len(times) else None


class LastReadings(Protocol):
    """Who knows the last readings: a store, or the table of what is live."""

    def state_at(self, moment_us: int, channels: Sequence[int] | None = None, max_age_us: int = 0) -> Readings:
        """Return the last reading of each channel at or before a moment, by channel."""
        ...


class Places:
    """Where channels belong, prepared once for many moments.

    Parameters
    ----------
    channels : sequence of Channel
    places : mapping of int to ObjectKey
        Channel → device or facility; a channel that is nowhere is not shown. Several such mappings may be given.
    watched : mapping of str to ndarray, optional
        By layer: objects that should report, whether or not a channel of theirs is known.
    """

    def __init__(
        self, channels: Sequence[Channel], *places: Mapping[int, ObjectKey],
        watched: Mapping[str, NDArray[np.int64]] | None = None,
    ) -> None:  # fmt: skip
        known = sorted((one for one in channels if any(one.id in found for found in places)), key=lambda one: one.id)
        self.asked = [one.id for one in known]
        self.ids = np.array(self.asked, dtype=np.int32)
        periods = np.array([one.period_s for one in known], dtype=np.float64)
        self.old_us = np.where(periods > 0, periods * PERIODS * SECOND_US, DEFAULT_OLD_US).astype(np.int64)
        pairs = [(row, found[one.id]) for found in places for row, one in enumerate(known) if one.id in found]
        row_of = np.array([row for row, _ in pairs], dtype=np.intp)
        layer_of = np.array([key.layer for _, key in pairs], dtype=object)
        oid_of = np.array([key.oid for _, key in pairs], dtype=np.int64)
        #: By layer: its objects, ascending.
        self.layers: dict[str, NDArray[np.int64]] = {}
        #: By layer: rows of ``ids``, and the place of each in the layer's objects.
        self.rows: dict[str, tuple[NDArray[np.intp], NDArray[np.intp]]] = {}
        more = watched or {}
        for layer_id in dict.fromkeys((*layer_of.tolist(), *more)):
            mine = np.flatnonzero(layer_of == layer_id)
            oids = np.union1d(oid_of[mine], more.get(layer_id, np.empty(0, np.int64)))
            self.layers[layer_id] = oids
            self.rows[layer_id] = row_of[mine], np.searchsorted(oids, oid_of[mine])


def city_state(
    access: LastReadings, places: Places, moment_us: int, alarms: Mapping[ObjectKey, int] | None = None
) -> CityState:
    """Return the city at a moment.

    Parameters
    ----------
    access : LastReadings
    places : Places
    moment_us : int
    alarms : mapping of ObjectKey to int, optional
        Gravest severity (1, 2, 3 …) of the alarms that were on, by facility. A facility without any sensor is shown
        by its alarm too.
    """
    last = access.state_at(moment_us, places.asked)
    good = last.taken((last.quality & int(Quality.BAD)) == 0)
    time_us = np.full(len(places.ids), -1, np.int64)
    at = np.searchsorted(places.ids, good.channel)
    ours = (at < len(places.ids)) & (places.ids[np.minimum(at, max(len(places.ids) - 1, 0))] == good.channel)
    time_us[at[ours]] = good.time_us[ours]
    fresh = (time_us >= 0) & (moment_us - time_us <= places.old_us)
    condition = np.where(fresh, NORMAL, np.where(time_us >= 0, OLD, NO_DATA)).astype(np.uint8)
    graver: dict[str, dict[int, int]] = {}
    for key, severity in (alarms or {}).items():
        graver.setdefault(key.layer, {})[key.oid] = ALARM + max(int(severity), 1)
    layers: dict[str, LayerState] = {}
    for layer_id in dict.fromkeys((*places.layers, *graver)):
        oids = places.layers.get(layer_id, np.empty(0, np.int64))
        best, latest = np.zeros(len(oids), np.uint8), np.full(len(oids), -1, np.int64)
        if len(oids):
            rows, of = places.rows[layer_id]
            np.maximum.at(best, of, condition[rows])
            np.maximum.at(latest, of, time_us[rows])
        layers[layer_id] = _with_alarms(LayerState(oids, best, latest), graver.get(layer_id, {}))
    return CityState(moment_us, layers, last)


def _with_alarms(state: LayerState, alarms: Mapping[int, int]) -> LayerState:
    if not alarms:
        return state
    keys = np.fromiter(alarms, np.int64, len(alarms))
    grades = np.fromiter(alarms.values(), np.uint8, len(alarms))
    at = np.searchsorted(state.oids, keys)
    if len(state.oids) and np.array_equal(state.oids[np.minimum(at, len(state.oids) - 1)], keys):
        condition = state.condition.copy()
        condition[at] = grades
        return LayerState(state.oids, condition, state.time_us)
    oids = np.union1d(state.oids, keys)
    condition, time_us = np.zeros(len(oids), np.uint8), np.full(len(oids), -1, np.int64)
    held = np.searchsorted(oids, state.oids)
    condition[held], time_us[held] = state.condition, state.time_us
    condition[np.searchsorted(oids, keys)] = grades
    return LayerState(oids, condition, time_us)
