"""Class breaks of numeric values.

Invariants
----------
1. Limits are ascending and distinct; every finite value falls into exactly one class (:func:`class_of`).
2. What is missing or infinite falls into none (-1).
3. Natural breaks are made from a sample where there are many values; the ends are always in it, and the sample is the
   same every time.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.style.kinds import METHODS

#: More values than this are sampled for natural breaks, whose cost grows with the square.
JENKS_SAMPLE = 500
MOST_CLASSES = 20

Floats = NDArray[np.float64]


def limits(values: NDArray[Any], method: str, count: int, manual: Sequence[float] = ()) -> tuple[float, ...]:
    """Return the inner limits between classes, ascending: one fewer than there are classes.

    Parameters
    ----------
    values : ndarray
        Numbers; NaN and infinities are left out.
    method : {"quantiles", "equal", "jenks", "pretty", "deviation", "manual"}
        Classes of equally many objects; equally wide; natural breaks (Fisher-Jenks: least variance within classes);
        equally wide with round limits; whole and half standard deviations around the mean; as a person set them.
    count : int
        Classes wanted, 1…20. Fewer come back where values repeat; ``"pretty"`` and ``"deviation"`` come near it.
    manual : sequence of float
        Limits of ``"manual"``.

    Raises
    ------
    UserError
        ``style.unknown_method``.
    """
    if method not in METHODS:
        raise UserError("style.unknown_method", method=method)
    known = numbers(values)
    count = int(np.clip(count, 1, MOST_CLASSES))
    if method == "manual":
        return _distinct(manual)
    if not len(known) or known.min() == known.max() or count == 1:
        return ()
    low, high = float(known.min()), float(known.max())
    if method == "equal":
        found = np.linspace(low, high, count + 1)[1:-1]
    elif method == "quantiles":
        found = np.quantile(known, np.arange(1, count) / count)
    elif method == "jenks":
        found = _natural(known, count)
    elif method == "pretty":
        found = _pretty(low, high, count)
    else:
        found = _deviations(known, count)
    return tuple(limit for limit in _distinct(found) if low < limit <= high)


def class_of(values: NDArray[Any], inner: Sequence[float]) -> NDArray[np.int64]:
    """Return the class of each value, 0…len(inner); -1 for what is no number. ``limit <= value`` is the class above."""
    known = np.asarray(values, dtype=np.float64)
    found = np.searchsorted(np.asarray(inner, dtype=np.float64), known, side="right").astype(np.int64)
    found[~np.isfinite(known)] = -1
    return found


def numbers(values: NDArray[Any]) -> Floats:
    """Return the finite numbers among some values."""
    known = np.asarray(values, dtype=np.float64)
    result: Floats = known[np.isfinite(known)]
    return result


def rounded(inner: Sequence[float], values: NDArray[Any]) -> tuple[float, ...]:
    """Return limits with as few digits as leave the classes' counts within a hundredth of what they were."""
    known = np.sort(numbers(values))
    if not len(inner) or not len(known):
        return tuple(inner)
    allowed = max(1, len(known) // 100)
    where = np.searchsorted(known, inner, side="left")
    for digits in range(1, 8):
        shorter = tuple(float(f"{limit:.{digits}g}") for limit in inner)
        moved = np.abs(np.searchsorted(known, shorter, side="left") - where)
        apart = all(low < high for low, high in itertools.pairwise(shorter))
        if apart and known[0] < shorter[0] and shorter[-1] <= known[-1] and moved.max() <= allowed:
            return shorter
    return tuple(inner)


def _distinct(limits_: Any) -> tuple[float, ...]:
    found = np.unique(np.asarray(list(limits_), dtype=np.float64))
    return tuple(float(limit) for limit in found[np.isfinite(found)])


def _natural(known: Floats, count: int) -> Floats:
    """Return Fisher-Jenks limits: the lowest value of each class but the first."""
    import warnings

    import mapclassify

    sample = np.sort(known)
    if len(sample) > JENKS_SAMPLE:  # every k-th of the sorted values: the same distribution, ends included
        sample = sample[np.linspace(0, len(sample) - 1, JENKS_SAMPLE).round().astype(np.int64)]
    different = np.unique(sample)
    if len(different) <= count:
        return different[1:]
    with warnings.catch_warnings():  # mapclassify tells that numba is not here, and of repeated values
        warnings.simplefilter("ignore")
        upper = np.asarray(mapclassify.FisherJenks(sample, k=count).bins, dtype=np.float64)
    above = np.searchsorted(different, upper[:-1], side="right")
    result: Floats = different[np.minimum(above, len(different) - 1)]
    return result


def _pretty(low: float, high: float, count: int) -> Floats:
    """Return multiples of 1, 2, 2.5 or 5 × a power of ten, as near to ``count`` classes as may be."""
    rough = (high - low) / count
    power = float(10.0 ** np.floor(np.log10(rough)))
    steps = power * np.array([1.0, 2.0, 2.5, 5.0, 10.0])
    first = np.floor(low / steps) + 1
    last = np.ceil(high / steps) - 1
    classes = np.maximum(last - first + 2, 1)
    best = int(np.argmin(np.abs(classes - count)))
    found: Floats = np.round(np.arange(first[best], last[best] + 1) * steps[best], 12)
    return found


def _deviations(known: Floats, count: int) -> Floats:
    """Return mean ± steps of a standard deviation, a limit on the mean where the number of classes is even."""
    mean, spread = float(known.mean()), float(known.std())
    step = spread if count <= 6 else spread / 2
    inner = count - 1
    return np.asarray(mean + step * (np.arange(inner) - (inner - 1) / 2), dtype=np.float64)
