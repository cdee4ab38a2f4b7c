"""Cut places into tiles of at most so many, by a quadtree."""

from __future__ import annotations

import numpy as np

from models.health.coverage import Floats, Ints

#: Halvings of each side at the most: beyond, places are one and the same.
DEEPEST = 20


def tiles_of(x: Floats, y: Floats, most: int) -> list[Ints]:
    """Return the positions of the places of each tile, in the order of the Z-curve.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Places in one plane; each belongs to exactly one tile.
    most : int
        Places of a tile at the most; a tile of places that coincide may have more.
    """
    if not len(x):
        return []
    side = max(float(np.ptp(x)), float(np.ptp(y))) or 1.0
    cells = 2**DEEPEST
    column = np.minimum((x - x.min()) / side * cells, cells - 1).astype(np.uint64)
    row = np.minimum((y - y.min()) / side * cells, cells - 1).astype(np.uint64)
    keys = _spread(column) | (_spread(row) << np.uint64(1))
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    found: list[Ints] = []
    waiting = [(0, len(keys), DEEPEST)]
    while waiting:
        first, last, depth = waiting.pop()
        if last - first <= most or depth == 0:
            if last > first:
                found.append(order[first:last].astype(np.int64))
            continue
        step = np.uint64(1) << np.uint64(2 * (depth - 1))
        start = keys[first] & ~((np.uint64(1) << np.uint64(2 * depth)) - np.uint64(1))
        edges = [
            first,
            *(first + np.searchsorted(keys[first:last], start + np.uint64(n) * step) for n in (1, 2, 3)),
            last,
        ]
        waiting += [(int(edges[n]), int(edges[n + 1]), depth - 1) for n in (3, 2, 1, 0)]
    return found


def _spread(values: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return values with a zero between each two of their bits."""
    spread = values
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        spread = (spread | (spread << np.uint64(shift))) & np.uint64(mask)
    return spread
