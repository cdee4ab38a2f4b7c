"""Readings as arrays: what every part of the program that deals with them hands to the next.

Invariants
----------
1. The four arrays of a batch have one length; row i is one reading.
2. Times are µs since 1970-01-01 UTC: a reading without a zone is given one, or refused, before it becomes a batch.
3. A reading that was not sent has no row. A gap is a gap: no NaN, no zero.
4. Values are in the unit of their channel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


class Quality(IntFlag):
    """What is known of how good a reading is; a plain good one has none of these."""

    GOOD = 0
    #: The source itself doubts it.
    SUSPECT = 1
    #: Outside what the quantity can be (``resources/standards/quantities.toml``), or the source says that it is wrong.
    BAD = 2
    #: Came after readings that were observed later.
    LATE = 4
    #: Took the place of a reading of the same channel and moment.
    CORRECTED = 8
    #: The clock of the source and that of this machine differed by more than was allowed.
    CLOCK = 16


@dataclass(frozen=True, slots=True)
class Readings:
    """A batch of readings.

    Parameters
    ----------
    channel : (n,) int32
        Ids of channels (:class:`models.readings.channel.Channel`).
    time_us : (n,) int64
        When it was observed, µs since 1970 UTC.
    value : (n,) float64
    quality : (n,) uint8
        Flags of :class:`Quality`.
    """

    channel: NDArray[np.int32]
    time_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]

    def __len__(self) -> int:
        """Return how many readings there are."""
        return len(self.channel)

    def taken(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Readings:
        """Return some of the rows."""
        return Readings(self.channel[rows], self.time_us[rows], self.value[rows], self.quality[rows])

    def by_time(self) -> Readings:
        """Return the readings in the order of their times; those of one moment by channel."""
        return self.taken(np.lexsort((self.channel, self.time_us)))

    def by_channel(self) -> Readings:
        """Return the readings channel by channel, each in the order of its times."""
        return self.taken(np.lexsort((self.time_us, self.channel)))


def readings(
    channel: Iterable[int] | NDArray[np.int32],
    time_us: Iterable[int] | NDArray[np.int64],
    value: Iterable[float] | NDArray[np.float64],
    quality: Iterable[int] | NDArray[np.uint8] | None = None,
) -> Readings:
    """Return a batch of what is given by column; without qualities they are plain good ones."""
    ids = np.asarray(channel if isinstance(channel, np.ndarray) else list(channel), dtype=np.int32)
    times = np.asarray(time_us if isinstance(time_us, np.ndarray) else list(time_us), dtype=np.int64)
    values = np.asarray(value if isinstance(value, np.ndarray) else list(value), dtype=np.float64)
    if quality is None:
        flags = np.zeros(len(ids), np.uint8)
    else:
        flags = np.asarray(quality if isinstance(quality, np.ndarray) else list(quality), dtype=np.uint8)
    if not len(ids) == len(times) == len(values) == len(flags):
        raise ValueError("the columns of a batch of readings differ in length")
    return Readings(ids, times, values, flags)


def nothing() -> Readings:
    """Return an empty batch."""
    return readings((), (), ())


def joined(batches: Iterable[Readings]) -> Readings:
    """Return several batches one after the other."""
    parts = [batch for batch in batches if len(batch)]
    if not parts:
        return nothing()
    return Readings(
        np.concatenate([part.channel for part in parts]),
        np.concatenate([part.time_us for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.quality for part in parts]),
    )
