"""Distances of straight pieces, many pairs at once: the nearest points of two segments in space or on plan."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TINY = 1e-12


def nearest_points(a0: Floats, a1: Floats, b0: Floats, b1: Floats) -> tuple[Floats, Floats]:
    """Return where on each of two segments the nearest points lie, as shares 0…1 of their length.

    Parameters
    ----------
    a0, a1, b0, b1 : ndarray (n, d)
        Ends; a segment may be a point. Of parallel segments one of the nearest pairs is returned.

    Returns
    -------
    s, t : ndarray (n,)

    Notes
    -----
    The squared distance is a convex function of (s, t) on the unit square: its least value lies inside, where both
    derivatives are zero, or on one of the four sides, where it is a clamped projection. All five are tried.
    """
    u, v, w = a1 - a0, b1 - b0, a0 - b0
    uu, vv, uv = (u * u).sum(1), (v * v).sum(1), (u * v).sum(1)
    uw, vw = (u * w).sum(1), (v * w).sum(1)
    uu_safe, vv_safe = np.maximum(uu, _TINY), np.maximum(vv, _TINY)
    cross = uu * vv - uv * uv
    safe = np.where(cross > 1e-9 * uu * vv, cross, np.inf)
    zeros, ones = np.zeros(len(u)), np.ones(len(u))
    inside_s = np.clip((uv * vw - vv * uw) / safe, 0.0, 1.0)
    tries = [
        (inside_s, np.clip((vw + inside_s * uv) / vv_safe, 0.0, 1.0)),
        (zeros, np.clip(vw / vv_safe, 0.0, 1.0)),
        (ones, np.clip((vw + uv) / vv_safe, 0.0, 1.0)),
        (np.clip(-uw / uu_safe, 0.0, 1.0), zeros),
        (np.clip((uv - uw) / uu_safe, 0.0, 1.0), ones),
    ]
    best_s, best_t, best = zeros, zeros, np.full(len(u), np.inf)
    for s, t in tries:
        gap = w + s[:, None] * u - t[:, None] * v
        squared = (gap * gap).sum(1)
        nearer = squared < best
        best = np.where(nearer, squared, best)
        best_s, best_t = np.where(nearer, s, best_s), np.where(nearer, t, best_t)
    return best_s, best_t


def at(a0: Floats, a1: Floats, share: Floats) -> Floats:
    """Return the points of segments at shares of their length."""
    return np.asarray(a0 + (a1 - a0) * share[:, None])


def distance(a0: Floats, a1: Floats, b0: Floats, b1: Floats) -> Floats:
    """Return the distance of each pair of segments."""
    s, t = nearest_points(a0, a1, b0, b1)
    return np.asarray(np.linalg.norm(at(a0, a1, s) - at(b0, b1, t), axis=1))
