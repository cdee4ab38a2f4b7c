"""Which tile of a tileset holds what: a quadtree in which the largest things stand highest.

A tile holds the largest of what lies in its square, as much as fits its budget, and leaves the rest to its quarters
(``refine: ADD``). Its geometric error is the size of the largest thing that it leaves out, which is what 3D Tiles asks
for: "the error, in metres, if this tile is rendered and its children are not".

Source: OGC 22-025r4 (3D Tiles 1.1) §6.7.1 (geometric error), §6.7.4 (refinement)
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Triangles in one tile, about: some megabytes.
BUDGET = 60_000.0
#: A square is not divided below this side, metres.
LEAST_SIDE_M = 4.0


@dataclass(slots=True)
class Node:
    """A tile.

    Parameters
    ----------
    rows : ndarray
        What it holds.
    error_m : float
        Size of the largest thing that it leaves to its children; 0 where it has none.
    children : list of Node
    """

    rows: Ints
    error_m: float
    children: list[Node] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Number of tiles, this one too."""
        return 1 + sum(child.count for child in self.children)


def size_tree(x: Floats, y: Floats, size_m: Floats, weight: Floats, budget: float = BUDGET) -> Node:
    """Lay things out in tiles.

    Parameters
    ----------
    x, y : ndarray (n,)
        Middles, metres.
    size_m : ndarray (n,)
        May be infinite: such things come first, and leaving one out is an error as large as everything.
    weight : ndarray (n,)
    budget : float
        Weight of a tile. A single thing may be heavier.
    """
    everything = np.arange(len(x))
    side = float(max(np.ptp(x), np.ptp(y), 1.0)) if len(x) else 1.0
    middle = (float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2) if len(x) else (0.0, 0.0)
    largest_first = everything[np.lexsort((everything, -size_m))]
    return _node(largest_first, (x, y, np.minimum(size_m, 2 * side), weight), middle, side, budget)


def _node(rows: Ints, about: tuple[Floats, ...], middle: tuple[float, float], side: float, budget: float) -> Node:
    x, y, size_m, weight = about
    most = max(1, int(np.searchsorted(np.cumsum(weight[rows]), budget, side="right")))
    if most >= len(rows) or side < LEAST_SIDE_M:
        return Node(rows, 0.0)
    own, rest = rows[:most], rows[most:]
    node = Node(own, float(size_m[rest].max()))
    east, north = x[rest] >= middle[0], y[rest] >= middle[1]
    for is_east in (False, True):
        for is_north in (False, True):
            quarter = rest[(east == is_east) & (north == is_north)]
            if len(quarter):
                shift = side / 4
                place = middle[0] + (shift if is_east else -shift), middle[1] + (shift if is_north else -shift)
                node.children.append(_node(quarter, about, place, side / 2, budget))
    return node
