"""Rings of polygons as flat arrays of corners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(slots=True)
class Rings:
    """Corners of many rings one after another, without the repeated last corner.

    Parameters
    ----------
    xy : ndarray (c, 2)
        Local corners.
    starts : ndarray (r + 1,)
    owner : ndarray (r,)
        Polygon of each ring.
    following : ndarray (c,)
        Next corner of the same ring.
    ring : ndarray (c,)
        Ring of each corner.
    """

    xy: Floats
    starts: Ints
    owner: Ints
    following: Ints
    ring: Ints

    @property
    def polygon(self) -> Ints:
        """Return the polygon of each corner."""
        return self.owner[self.ring]

    def inset(self, distance: NDArray[Any]) -> Floats:
        """Return corners moved inwards (or out, where negative), mitred; sharp corners are kept in bounds."""
        edge = self.xy[self.following] - self.xy
        length = np.maximum(np.hypot(edge[:, 0], edge[:, 1]), 1e-9)
        inward = np.stack([-edge[:, 1], edge[:, 0]], axis=1) / length[:, None]
        before = np.empty_like(inward)
        before[self.following] = inward
        bisector = inward + before
        scale = 1.0 / np.maximum(1.0 + (inward * before).sum(axis=1), 0.35)
        moved: Floats = self.xy + bisector * (scale * distance)[:, None]
        return moved


def rings_of(polygons: NDArray[Any]) -> Rings:
    """Return the rings of (local) polygons, outer ones counter-clockwise."""
    polygons = shapely.orient_polygons(polygons)
    rings, owner = shapely.get_rings(polygons, return_index=True)
    coordinates, index = shapely.get_coordinates(rings, return_index=True)
    xy = coordinates
    last = np.flatnonzero(np.diff(index, append=-1))
    keep = np.ones(len(xy), dtype=bool)
    keep[last] = False
    follows = np.roll(xy, -1, axis=0)
    keep &= np.hypot(*(follows - xy).T) > 1e-3
    xy, index = xy[keep], index[keep]
    counts = np.bincount(index, minlength=len(rings))
    starts = np.concatenate([[0], np.cumsum(counts)])
    following = np.arange(1, len(xy) + 1)
    full = counts > 0
    following[starts[1:][full] - 1] = starts[:-1][full]
    return Rings(xy, starts, owner.astype(np.int64), following, index.astype(np.int64))
