"""Measures over readings of one column: rate, change, sum and mean over a span."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.readings.batch import SECOND_US

Array = NDArray[np.float64]
Times = NDArray[np.int64]


def rate(group: NDArray[np.int32], time_us: Times, value: Array, over_s: float) -> Array:
    """Return how fast values changed since the reading before, per ``over_s`` (1 s where it is 0); NaN for the first.

    Parameters
    ----------
    group : (n,) int32
        Subject of each row; rows of one stand together in the order of time.
    time_us : (n,) int64
    value : (n,) float64
    over_s : float
    """
    told = np.full(len(value), np.nan)
    if len(value) > 1:
        same = group[1:] == group[:-1]
        step = np.where(same, time_us[1:] - time_us[:-1], 0).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            told[1:] = np.where(step > 0, (value[1:] - value[:-1]) / step * SECOND_US * (over_s or 1.0), np.nan)
    return told


def over_span(group: NDArray[np.int32], time_us: Times, value: Array, over_s: float, measure: str) -> Array:
    """Return change, sum or mean of the readings with time − ``over_s`` < t ≤ time; parameters as in :func:`rate`."""
    n = len(value)
    if n == 0:
        return np.empty(0)
    start = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    lengths = np.diff(np.append(start, n))
    told = np.empty(n)
    span = int(over_s * SECOND_US)
    # A subject at a time: short totals lose no digits.
    for begin, length in zip(start.tolist(), lengths.tolist(), strict=True):
        rows = slice(begin, begin + length)
        times, values = time_us[rows], value[rows]
        since = np.searchsorted(times, times - span, side="right")
        if measure == "change":
            told[rows] = values - values[since]
            continue
        total = np.concatenate([[0.0], np.cumsum(values)])
        # Rounded, so that where the readings were cut into batches decides nothing at a threshold.
        summed = np.round(total[1:] - total[since], 9)
        told[rows] = summed / (np.arange(1, length + 1) - since) if measure == "mean" else summed
    return told
