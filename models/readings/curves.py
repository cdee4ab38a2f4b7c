"""Series of readings as curves: gaps stay gaps, peaks stay peaks, a value holds as long as it should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.readings.batch import SECOND_US, Quality, Readings
from models.readings.channel import Channel

#: A step longer than so many periods of the channel is a gap.
GAP_PERIODS = 1.75
#: What is said of a reading beside its value, as a chart marks it; a reading that is only late is as good as any.
MARKED = int(Quality.SUSPECT | Quality.BAD | Quality.CORRECTED | Quality.CLOCK)


@dataclass(frozen=True, slots=True)
class Curve:
    """The readings of one channel in a span.

    Parameters
    ----------
    channel : Channel
    time_us : (n,) int64
        Ascending.
    value : (n,) float64
    quality : (n,) uint8
    gap_us : int
        A longer step between two readings is a gap.
    """

    channel: Channel
    time_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    gap_us: int

    def line(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the line to draw: NaN stands in each gap and for each reading that is called wrong."""
        values = np.where((self.quality & int(Quality.BAD)) != 0, np.nan, self.value)
        breaks = np.flatnonzero(np.diff(self.time_us) > self.gap_us) + 1
        between = (self.time_us[breaks - 1] + self.time_us[breaks]) // 2
        return np.insert(self.time_us, breaks, between), np.insert(values, breaks, np.nan)

    def lonely(self) -> NDArray[np.bool_]:
        """Return which good readings stand between two gaps, so that no line shows them."""
        good = (self.quality & int(Quality.BAD)) == 0
        apart = np.diff(self.time_us) > self.gap_us
        before, after = np.append(True, apart | ~good[:-1]), np.append(apart | ~good[1:], True)
        return np.asarray(good & before & after)

    def marked(self) -> NDArray[np.bool_]:
        """Return which readings something is said of."""
        return np.asarray((self.quality & MARKED) != 0)

    def at(self, moment_us: int) -> tuple[int, float] | None:
        """Return time and value of the reading that holds at a moment, None where the last one is too old or wrong."""
        found = int(np.searchsorted(self.time_us, moment_us, side="right")) - 1
        if found < 0 or moment_us - int(self.time_us[found]) > self.gap_us or self.quality[found] & int(Quality.BAD):
            return None
        return int(self.time_us[found]), float(self.value[found])


def curves(
    found: Readings, channels: Sequence[Channel], span_us: tuple[int, int] = (0, 0), most: int = 0
) -> list[Curve]:
    """Return a curve a channel, in the order of the channels; one without a reading has none in it.

    Parameters
    ----------
    found : Readings
        Channel by channel in the order of time, as :meth:`ReadingAccess.series` gives them.
    channels : sequence of Channel
    span_us : (int, int)
        What was asked for.
    most : int
        To about how many a channel they were thinned; 0 for not at all.
    """
    thinned_us = 2.5 * 2 * (span_us[1] - span_us[0]) / most if most else 0.0
    made = []
    for one in channels:
        rows = slice(*np.searchsorted(found.channel, [one.id, one.id + 1]))
        mine = found.taken(rows)
        usual_us = one.period_s * SECOND_US
        if not usual_us and len(mine) > 2:
            usual_us = float(np.median(np.diff(mine.time_us)))
        is_thin = bool(most) and len(mine) > most // 2
        gap_us = max(usual_us * GAP_PERIODS, thinned_us if is_thin else 0.0)
        made.append(Curve(one, mine.time_us, mine.value, mine.quality, round(gap_us) or 24 * 3600 * SECOND_US))
    return made


def thinned(
    time_us: NDArray[np.int64], value: NDArray[np.float64], most: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return about ``most`` points of a line: of each of equal counts the least, the greatest and the gaps."""
    count = len(time_us)
    if count <= most or most < 4:
        return time_us, value
    size = -(-count // (most // 2))
    padded = np.append(value, np.full(-count % size, np.nan)).reshape(-1, size)
    low = np.where(np.isnan(padded), np.inf, padded).argmin(axis=1)
    high = np.where(np.isnan(padded), -np.inf, padded).argmax(axis=1)
    first = np.arange(len(padded)) * size
    gaps = np.flatnonzero(np.isnan(value))
    rows = np.unique(np.concatenate([first + low, first + high, gaps]))
    rows = rows[rows < count]
    return time_us[rows], value[rows]
