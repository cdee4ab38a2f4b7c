"""Messages that speak of one matter, and of a case: near in space, in time, and of one class."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Two messages of a class are of one matter when they are as near as this; our own figures, for a street and a week.
SAME_M, SAME_DAYS = 150.0, 7.0
#: A message speaks of a case that is as near as this, reported as long before or after.
CASE_M, CASE_DAYS = 150.0, 14.0
_DAY_US = 86_400_000_000


def groups(
    xy: NDArray[np.float64], time_us: NDArray[np.int64], classes: NDArray[np.object_], subjects: NDArray[np.object_],
    distance_m: float = SAME_M, days: float = SAME_DAYS,
) -> NDArray[np.int64]:  # fmt: skip
    """Return the number of the matter of each message, from 0.

    Messages with a place are of one matter through chains of neighbours in space and time; those without one only where
    their subjects are the same, in the same time.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        NaN where nobody knows, metres.
    time_us : ndarray of int64, shape (n,)
        Less than 0 where nobody knows.
    classes, subjects : ndarray of str, shape (n,)
    distance_m, days : float
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    count = len(xy)
    placed = np.isfinite(xy).all(axis=1)
    pairs: list[NDArray[np.int64]] = []
    for name in pd.unique(classes):
        of_class = np.flatnonzero((classes == name) & placed & (time_us >= 0))
        if len(of_class) > 1 and name:
            found = cKDTree(xy[of_class]).query_pairs(distance_m, output_type="ndarray")
            ends = of_class[found]
            near = np.abs(time_us[ends[:, 0]] - time_us[ends[:, 1]]) <= days * _DAY_US
            pairs.append(ends[near])
    held = np.flatnonzero(~placed & (subjects != ""))
    rest = pd.DataFrame({"subject": subjects[held], "at": held, "time": time_us[held]}).sort_values(["subject", "time"])
    same = (rest["subject"] == rest["subject"].shift()) & (rest["time"].diff() <= days * _DAY_US)
    before = rest["at"].shift(fill_value=-1)
    pairs.append(np.stack([before[same].to_numpy(np.int64), rest["at"][same].to_numpy(np.int64)], axis=1))
    ends = np.concatenate(pairs)
    graph = coo_matrix((np.ones(len(ends), bool), (ends[:, 0], ends[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def speaking_of(
    xy: NDArray[np.float64], time_us: NDArray[np.int64], case_xy: NDArray[np.float64], case_us: NDArray[np.int64],
    fits: NDArray[np.bool_], distance_m: float = CASE_M, days: float = CASE_DAYS,
) -> NDArray[np.int64]:  # fmt: skip
    """Return the case that each message speaks of: the nearest in space of those that fit, -1 for none.

    Parameters
    ----------
    xy, time_us
        Of the messages, as for :func:`groups`.
    case_xy, case_us
        Of the cases; ``case_us`` is less than 0 where nobody knows.
    fits : ndarray of bool, shape (messages, cases)
        Whether the classes agree.
    """
    found = np.full(len(xy), -1, dtype=np.int64)
    if not len(xy) or not len(case_xy):
        return found
    for at in range(0, len(xy), 1_000):  # a block at a time, so that memory stays small
        part = slice(at, at + 1_000)
        away = np.hypot(*(xy[part, None, :] - case_xy[None]).transpose(2, 0, 1))
        apart = np.abs(time_us[part, None] - case_us[None]) / _DAY_US
        good = fits[part] & (away <= distance_m) & (apart <= days) & (time_us[part, None] >= 0) & (case_us[None] >= 0)
        away = np.where(good, away, np.inf)
        nearest = away.argmin(axis=1)
        found[part] = np.where(np.isfinite(away.min(axis=1)), nearest, -1)
    return found
