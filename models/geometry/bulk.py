"""Tells the bulk of a layer's places from the few that lie far away: zeros for "unknown", typing errors, lost rows.

One point at 0, 0 turns the box of a city into half a hemisphere; whoever takes a middle, a zone or a view from places
takes it from their bulk.

Invariants
----------
1. The bulk is at least four fifths of the places: two towns of one layer are two towns, not one and its outliers.
2. Places beside each other are never parted: only what is many times farther away than the bulk is wide is left out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: The bulk is as wide as this share of the places …
_SHARE = 0.8
#: … and what is so many times farther from its middle does not belong to it.
_TIMES = 20.0
#: More places than so many are looked at evenly.
_MOST = 200_000


def bulk_of(places: Array) -> NDArray[np.bool_]:
    """Return which places (n, 2) belong to the bulk; places that are no numbers do not.

    A place at exactly 0, 0 is no place unless others lie around it.
    """
    places = np.asarray(places, dtype=np.float64).reshape(-1, 2)
    # Column by column: NumPy reduces rows of two numbers very slowly.
    inside: NDArray[np.bool_] = np.isfinite(places[:, 0]) & np.isfinite(places[:, 1])
    at_zero = inside & (places[:, 0] == 0.0) & (places[:, 1] == 0.0)
    if at_zero.any() and not at_zero[inside].all():
        others = places[inside & ~at_zero]
        low, high = others.min(axis=0), others.max(axis=0)
        reach = 0.1 * (high - low)
        if not ((low - reach <= 0.0) & (high + reach >= 0.0)).all() or _is_lost(others):
            inside &= ~at_zero
    if inside.sum() < 4:
        return inside
    middle, width = _middle_and_width(places if inside.all() else places[inside])
    if width > 0.0:
        inside &= _away(places, middle) <= _TIMES * width
    return inside


def bulk_box(points: Array) -> Array:
    """Return the box (2, k) of the bulk of points (n, k) in the plane of their first two columns; NaN for none."""
    points = np.asarray(points, dtype=np.float64)
    if not len(points):
        return np.full((2, points.shape[1]), np.nan)
    finite = points[np.isfinite(points).all(axis=1)]
    if not len(finite):
        return np.full((2, points.shape[1]), np.nan)
    inside = finite[bulk_of(finite[:, :2])]
    return np.stack([inside.min(axis=0), inside.max(axis=0)])


def _middle_and_width(places: Array) -> tuple[Array, float]:
    few = places[:: max(1, len(places) // _MOST)]
    middle = np.array([np.median(few[:, 0]), np.median(few[:, 1])])
    return middle, float(np.quantile(_away(few, middle), _SHARE))


def _away(places: Array, middle: Array) -> Array:
    """Return how far places lie from a middle, along the axis where it is more."""
    away: Array = np.maximum(np.abs(places[:, 0] - middle[0]), np.abs(places[:, 1] - middle[1]))
    return away


def _is_lost(others: Array) -> bool:
    """Whether 0, 0 is far from the bulk of the others, though some of them lie beyond it."""
    middle, width = _middle_and_width(others)
    return bool(np.abs(middle).max() > _TIMES * width)
