"""What is asked of readings, wherever they lie; and readings in memory, for tests and small sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np

from models.readings.batch import Readings, joined, nothing
from models.readings.channel import Channel


class ReadingAccess(Protocol):
    """Where readings are read from."""

    def channels(self) -> tuple[Channel, ...]:
        """Return all channels, by id."""
        ...

    def span(self) -> tuple[int, int] | None:
        """Return the first and the last time (µs since 1970 UTC), None where there is no reading."""
        ...

    def series(self, channels: Sequence[int], start_us: int, end_us: int, most: int = 0) -> Readings:
        """Return readings with ``start_us`` ≤ time < ``end_us``, channel by channel in the order of time.

        Parameters
        ----------
        channels : sequence of int
        start_us, end_us : int
        most : int
            About how many a channel; more are thinned to the least and the greatest of equal steps, so that no peak
            is lost. 0 for all.
        """
        ...

    def state_at(self, moment_us: int, channels: Sequence[int] | None = None, max_age_us: int = 0) -> Readings:
        """Return the last reading of each channel at or before a moment, by channel.

        Parameters
        ----------
        moment_us : int
        channels : sequence of int, optional
            All where nothing is said.
        max_age_us : int
            What is older than this is left out; 0 for any age.
        """
        ...

    def scan(
        self, start_us: int, end_us: int, channels: Sequence[int] | None = None, rows: int = 1_000_000
    ) -> Iterator[Readings]:
        """Yield readings with ``start_us`` ≤ time < ``end_us`` in the order of time, about ``rows`` at once."""
        ...


class MemoryReadings:
    """Readings in memory.

    Parameters
    ----------
    channels : iterable of Channel
    batch : Readings
        In any order.
    """

    def __init__(self, channels: Iterable[Channel], batch: Readings) -> None:
        self._channels = tuple(sorted(channels, key=lambda channel: channel.id))
        self._batch = batch.by_time()

    def channels(self) -> tuple[Channel, ...]:
        """Return all channels, by id."""
        return self._channels

    def span(self) -> tuple[int, int] | None:
        """Return the first and the last time, None where there is no reading."""
        times = self._batch.time_us
        return (int(times[0]), int(times[-1])) if len(times) else None

    def series(self, channels: Sequence[int], start_us: int, end_us: int, most: int = 0) -> Readings:
        """Return readings of a span, channel by channel; nothing is thinned here."""
        return self._of(start_us, end_us, channels).by_channel()

    def state_at(self, moment_us: int, channels: Sequence[int] | None = None, max_age_us: int = 0) -> Readings:
        """Return the last reading of each channel at or before a moment."""
        first = moment_us - max_age_us if max_age_us else np.iinfo(np.int64).min
        until = self._of(int(first), moment_us + 1, channels).by_channel()
        if not len(until):
            return nothing()
        return until.taken(np.append(until.channel[1:] != until.channel[:-1], True))

    def scan(
        self, start_us: int, end_us: int, channels: Sequence[int] | None = None, rows: int = 1_000_000
    ) -> Iterator[Readings]:
        """Yield readings of a span in the order of time."""
        found = self._of(start_us, end_us, channels)
        for first in range(0, len(found), rows):
            yield found.taken(slice(first, first + rows))

    def added(self, batch: Readings) -> MemoryReadings:
        """Return these readings with more."""
        return MemoryReadings(self._channels, joined((self._batch, batch)))

    def _of(self, start_us: int, end_us: int, channels: Sequence[int] | None) -> Readings:
        times = self._batch.time_us
        rows = slice(*np.searchsorted(times, [start_us, end_us], side="left"))
        found = self._batch.taken(rows)
        return found if channels is None else found.taken(np.isin(found.channel, np.asarray(channels, np.int32)))
