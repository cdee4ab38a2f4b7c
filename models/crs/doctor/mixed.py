"""Detects layers merged from files in different coordinate systems, for which no single CRS is right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.crs.doctor.evidence import Evidence
from resources.standards import standard

Array = NDArray[np.float64]

#: The smaller part counts from so many features, and from such a share of all, on.
_LEAST, _LEAST_SHARE = 3, 0.02


def parts_of(seen: Evidence) -> tuple[Evidence, float] | None:
    """Return the larger part of a layer of which some features stand in other numbers than the rest, and its share.

    Told apart are degrees and metres, eastings with and without a zone number or with different ones, and columns
    swapped for a part. None for a layer of one piece. Points at 0, 0 stand for "unknown" and count for neither.
    """
    points, owner = seen.points, seen.owner
    if len(points) != len(owner) or seen.shape == "raster":
        return None
    keep = points.any(axis=1)
    _, first = np.unique(owner[keep], return_index=True)
    places = points[keep][first]
    if len(places) < 2 * _LEAST:
        return None
    kind = np.zeros(len(places), dtype=np.int64)
    degrees = (np.abs(places[:, 0]) <= 180.0) & (np.abs(places[:, 1]) <= 180.0)
    zone = np.floor(places / 1e6).astype(np.int64)  # a column with zone numbers, 13–23 or 25–45, beside northings
    northing = (places > standard("crs")["metres"]["northing_least"]) & (
        places < standard("crs")["metres"]["northing_most"]
    )
    numbered = (zone >= 13) & (zone <= 45) & northing[:, ::-1]
    kind[degrees] = 1
    zoned = ~degrees & numbered.any(axis=1)
    kind[zoned] = 2 + np.where(numbered, zone, 0).max(axis=1)[zoned]
    if _beside_each_other(places, kind):  # numbers that happen to cross a whole million, as Web Mercator does
        kind[:] = 0
    if len(np.unique(kind)) == 1:
        kind = _turned(places)
    kind = _without_placeholders(places, kind)
    values, counts = np.unique(kind, return_counts=True)
    counts = np.sort(counts)[::-1]
    less = int(counts[1:].sum())
    if len(values) == 1 or less < _LEAST or less < _LEAST_SHARE * len(places):
        return None
    numbers = np.unique(owner[keep])
    largest = values[np.argmax([(kind == value).sum() for value in values])]
    mine = np.isin(owner, numbers[kind == largest]) & keep
    heights = None if seen.heights is None else seen.heights[mine]
    part = replace(seen, points=points[mine], owner=owner[mine], heights=heights)
    return part, float((kind == largest).mean())


def _without_placeholders(places: Array, kind: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count features that all stand at one spot, as -9999 for "unknown", with the most: they are no other system."""
    values, counts = np.unique(kind, return_counts=True)
    kind = kind.copy()
    for value in values[counts < counts.max()]:
        mine = kind == value
        if not np.ptp(places[mine], axis=0).any():
            kind[mine] = values[counts.argmax()]
    return kind


def _beside_each_other(places: Array, kind: NDArray[np.int64]) -> bool:
    """Whether groups that look different touch each other, as the tiles of one carpet do."""
    values = np.unique(kind)
    if len(values) < 2 or 1 in values:
        return False
    ends = [(places[kind == value].min(axis=0), places[kind == value].max(axis=0)) for value in values]
    for at, (low, high) in enumerate(ends):
        for other_low, other_high in ends[at + 1 :]:
            gap = np.maximum(np.maximum(low - other_high, other_low - high), 0.0)
            if (gap < 2e5).all():
                return True
    return False


def _turned(places: Array) -> NDArray[np.int64]:
    """Return 1 for the features whose columns are swapped against the others', where there are such."""
    plain = np.zeros(len(places), dtype=np.int64)
    first_larger = places[:, 0] > places[:, 1]
    if first_larger.all() or not first_larger.any():
        return plain
    one, other = places[first_larger], places[~first_larger][:, ::-1]
    size = max(float(np.ptp(one, axis=0).max()), float(np.ptp(other, axis=0).max()), 1e-6)
    apart = np.abs(np.median(one, axis=0) - np.median(other, axis=0)).max()
    across = np.abs(np.median(one[:, 0]) - np.median(one[:, 1]))
    return first_larger.astype(np.int64) if apart < 2 * size and across > 5 * size else plain
