"""Channels of what messages name, and values in the unit of their channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from models.readings.batch import Readings, nothing, readings
from models.readings.channel import Channel
from models.readings.messages.decoding import Decoded
from models.readings.messages.faults import Faults

#: Sources with ever new names fill no store.
MOST_CHANNELS = 500_000
#: Gives channels to (sensor, quantity, unit, period_s).
ChannelsFor = Callable[[Sequence[tuple[str, str, str, float]]], list[int]]
#: From quantity and unit of a source: unit of the channel, factor and offset; None where nobody knows the unit.
Convert = Callable[[str, str], tuple[str, float, float] | None]


def as_sent(_: str, unit: str) -> tuple[str, float, float]:
    """Return a unit as the source sends it."""
    return unit, 1.0, 0.0


class Channels:
    """Finds channels, and makes new ones.

    Parameters
    ----------
    known : sequence of Channel
    make : callable
    convert : callable
    """

    def __init__(self, known: Sequence[Channel], make: ChannelsFor, convert: Convert = as_sent) -> None:
        self._make, self._convert = make, convert
        self._units = {(one.sensor, one.quantity): (one.id, one.unit) for one in known}
        self._found: dict[tuple[str, str, str], tuple[int, float, float] | None] = {}

    def batch(self, decoded: Decoded, faults: Faults) -> Readings:
        """Return readings by channel; those in a unit that cannot be converted are counted and left out."""
        if not len(decoded):
            return nothing()
        keys = list(zip(decoded.sensor, decoded.quantity, decoded.unit, strict=True))
        self._learn(dict.fromkeys(key for key in keys if key not in self._found), faults, decoded.received_us[-1])
        rows = [self._found.get(key) for key in keys]
        kept = np.array([row is not None for row in rows])
        if not kept.all():
            missing = int(np.flatnonzero(~kept)[0])
            faults.add("unit", " ".join(keys[missing]), decoded.received_us[missing], int((~kept).sum()))
        ids, factor, offset = zip(*(row or (0, 1.0, 0.0) for row in rows), strict=True)
        value = np.array(decoded.value) * np.array(factor) + np.array(offset)
        made = readings(np.array(ids, np.int32), np.array(decoded.time_us, np.int64), value,
                        np.array(decoded.quality, np.uint8))  # fmt: skip
        return made if kept.all() else made.taken(kept)

    def _learn(self, keys: dict[tuple[str, str, str], None], faults: Faults, time_us: int) -> None:
        wanted: dict[tuple[str, str], tuple[str, str, str, float]] = {}
        ways: dict[tuple[str, str, str], tuple[str, float, float] | None] = {}
        for key in keys:
            sensor, quantity, unit = key
            ways[key] = way = self._convert(quantity, unit)
            if way is None or (sensor, quantity) in self._units or (sensor, quantity) in wanted:
                continue
            if len(self._units) + len(wanted) >= MOST_CHANNELS:
                faults.add("too_many_channels", sensor, time_us)
                continue
            wanted[sensor, quantity] = (sensor, quantity, way[0], 0.0)
        if wanted:
            for pair, row, number in zip(wanted, wanted.values(), self._make(list(wanted.values())), strict=True):
                self._units[pair] = (number, row[2])
        if len(self._found) > 2 * MOST_CHANNELS:
            self._found.clear()
        for key, way in ways.items():
            held = self._units.get(key[:2])
            fits = held is not None and way is not None and (way[0] == held[1] or not key[2])
            self._found[key] = (held[0], way[1], way[2]) if fits and held and way else None
