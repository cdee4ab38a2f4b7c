"""The last reading of every channel, as arrays by channel id: what is live, whoever asks.

Invariants
----------
1. A reading observed before the one that is held changes nothing here; it is marked late, and the store has it.
2. A batch costs what is in it, not what is held; memory grows with channels, never with readings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.readings.batch import Quality, Readings

_NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch changed.

    Parameters
    ----------
    batch : Readings
        The batch, late ones marked.
    changed : (n,) int32
        Channels that have another last reading now.
    duplicates, late : int
    """

    batch: Readings
    changed: NDArray[np.int32]
    duplicates: int
    late: int


class LiveTable:
    """Last time, value and quality by channel; ``time_us`` of a channel without any is the least int64."""

    def __init__(self) -> None:
        self.time_us = np.full(1024, _NEVER, np.int64)
        self.value = np.full(1024, np.nan)
        self.quality = np.zeros(1024, np.uint8)

    def state_at(self, moment_us: int, channels: Sequence[int] | None = None, max_age_us: int = 0) -> Readings:
        """Return the last reading of each channel, as a store does for a moment; none that is observed after it."""
        ids = np.arange(len(self.time_us), dtype=np.int32) if channels is None else np.asarray(channels, np.int32)
        ids = ids[ids < len(self.time_us)]
        times = self.time_us[ids]
        first = moment_us - max_age_us if max_age_us else _NEVER + 1
        ids = ids[(times >= first) & (times <= moment_us)]
        return Readings(ids, self.time_us[ids], self.value[ids], self.quality[ids])

    def put(self, batch: Readings) -> Taken:
        """Take over a batch in the order in which it came."""
        if not len(batch):
            return Taken(batch, np.empty(0, np.int32), 0, 0)
        self._grow(int(batch.channel.max()) + 1)
        held_us, held = self.time_us[batch.channel], self.value[batch.channel]
        order = np.lexsort((np.arange(len(batch)), batch.channel))
        channel, times = batch.channel[order], batch.time_us[order]
        begins = np.append(True, channel[1:] != channel[:-1])
        # the greatest time before each reading, of its own channel: from what is held and from the batch before it
        before = _running_greatest(times, begins, held_us[order])
        late = np.zeros(len(batch), bool)
        late[order] = times < before
        same = np.zeros(len(batch), bool)
        again = np.append(False, (times[1:] == times[:-1]) & ~begins[1:])
        again[1:] &= batch.value[order][1:] == batch.value[order][:-1]
        same[order] = again
        same |= (batch.time_us == held_us) & (batch.value == held)
        late &= ~same
        quality = np.where(late, batch.quality | np.uint8(Quality.LATE), batch.quality).astype(np.uint8)
        marked = Readings(batch.channel, batch.time_us, batch.value, quality)
        newest = np.lexsort((np.arange(len(batch)), batch.time_us, batch.channel))
        last = newest[np.append(batch.channel[newest][1:] != batch.channel[newest][:-1], True)]
        last = last[(batch.time_us[last] >= held_us[last]) & ~((batch.time_us[last] == held_us[last]) & same[last])]
        ids = batch.channel[last]
        self.time_us[ids], self.value[ids], self.quality[ids] = batch.time_us[last], batch.value[last], quality[last]
        return Taken(marked, ids, int(same.sum()), int(late.sum()))

    def _grow(self, size: int) -> None:
        if size <= len(self.time_us):
            return
        more = max(size, 2 * len(self.time_us)) - len(self.time_us)
        self.time_us = np.append(self.time_us, np.full(more, _NEVER, np.int64))
        self.value = np.append(self.value, np.full(more, np.nan))
        self.quality = np.append(self.quality, np.zeros(more, np.uint8))


def _running_greatest(
    times: NDArray[np.int64], begins: NDArray[np.bool_], held: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return for each reading the greatest time before it in its group, or what was held."""
    shifted = np.append(_NEVER, times[:-1])
    shifted[begins] = held[begins]
    # the running maximum starts anew with each group: doubling steps, as many as the longest group needs
    group = np.cumsum(begins)
    step = 1
    longest = int(np.bincount(group).max())
    while step < longest:
        same = group[step:] == group[:-step]
        shifted[step:] = np.where(same, np.maximum(shifted[step:], shifted[:-step]), shifted[step:])
        step *= 2
    return shifted
