"""A quadtree over a table of objects: which of them lie together, in squares of some thousand.

Invariants
----------
1. Every object is in exactly one leaf, told by one point of it (the middle of its box); the objects of any node are
   one run of ``order``.
2. Nodes stand breadth first, so that a parent comes before its children and children stand side by side.
3. The same points give the same tree on every machine: it is kept in the geometry cache and never sorted again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

#: Objects in a leaf at the most, unless very many lie in one place.
LEAF_MOST = 2000
#: Halvings of the square of everything: 2¹⁶ cells a side, 0.6 m in a city of 40 km.
MOST_LEVELS = 16

_FILES = ("order", "first", "last", "child", "children", "level", "cell")


@dataclass(frozen=True, slots=True)
class ChunkTree:
    """Nodes of a quadtree as columns.

    Parameters
    ----------
    order : ndarray (n,) int32
        Rows of the table along the Z-curve.
    first, last : ndarray (k,) int64
        The objects of a node are ``order[first:last]``.
    child : ndarray (k,) int32
        First child of a node, -1 for a leaf.
    children : ndarray (k,) int32
        How many there are, side by side (empty quarters are left out).
    level : ndarray (k,) uint8
        0 for the root.
    cell : ndarray (k, 4) float64
        The square of a node: west, south, east, north. Objects may reach over its border.
    """

    order: NDArray[np.int32]
    first: Ints
    last: Ints
    child: NDArray[np.int32]
    children: NDArray[np.int32]
    level: NDArray[np.uint8]
    cell: NDArray[np.float64]

    @property
    def count(self) -> int:
        """Return the number of nodes."""
        return len(self.first)

    @property
    def leaves(self) -> Ints:
        """Return the numbers of the leaves, in the order of their objects."""
        leaves = np.flatnonzero(self.child < 0)
        return leaves[np.argsort(self.first[leaves], kind="stable")]

    def children_of(self, node: int) -> range:
        """Return the numbers of the children of a node."""
        first = int(self.child[node])
        return range(first, first + int(self.children[node])) if first >= 0 else range(0)

    def rows(self, node: int) -> NDArray[np.int32]:
        """Return the rows of the table in a node."""
        return self.order[int(self.first[node]) : int(self.last[node])]

    def save(self, folder: Path) -> None:
        """Write the columns as ``tree_*.npy``."""
        for name in _FILES:
            np.save(folder / f"tree_{name}.npy", getattr(self, name), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, *, mapped: bool = True) -> ChunkTree:
        """Read what :meth:`save` wrote; the long column is mapped."""
        arrays: dict[str, Any] = {
            name: np.load(
                folder / f"tree_{name}.npy", mmap_mode="r" if mapped and name == "order" else None, allow_pickle=False
            )
            for name in _FILES
        }
        return cls(**arrays)


def build(x: NDArray[np.float64], y: NDArray[np.float64], most: int = LEAF_MOST) -> ChunkTree:
    """Sort points into a quadtree.

    Parameters
    ----------
    x, y : ndarray (n,) float64
        Finite; metres or degrees.
    most : int
        A node of more objects is divided, down to :data:`MOST_LEVELS`.
    """
    n = len(x)
    if not n:
        empty = np.zeros(0, dtype=np.int64)
        return ChunkTree(
            empty.astype(np.int32), empty, empty, empty.astype(np.int32), empty.astype(np.int32),
            empty.astype(np.uint8), np.zeros((0, 4)),
        )  # fmt: skip
    west, south = float(x.min()), float(y.min())
    side = max(float(x.max()) - west, float(y.max()) - south, 1e-9) * (1.0 + 1e-9)
    code = z_curve(x, y, west, south, side)
    order = _sorting(code)
    code = code[order].astype(np.int64)
    firsts, lasts, levels, prefixes = [np.array([0])], [np.array([n])], [np.array([0])], [np.array([0])]
    children_all: list[tuple[NDArray[Any], NDArray[Any]]] = []
    base = 0
    for level in range(MOST_LEVELS + 1):
        first, last, prefix = firsts[-1], lasts[-1], prefixes[-1]
        base += len(first)
        split = (last - first > most) if level < MOST_LEVELS else np.zeros(len(first), dtype=bool)
        child, children = np.full(len(first), -1), np.zeros(len(first), dtype=np.int64)
        if split.any():
            quarter = (prefix[split][:, None] << 2) + np.arange(5)
            bounds = np.searchsorted(code, quarter << (2 * (MOST_LEVELS - level - 1)))
            begin, end = bounds[:, :-1], bounds[:, 1:]
            full = end > begin
            children[split] = full.sum(axis=1)
            ends = np.cumsum(children[split])
            child[split] = base + ends - children[split]
            firsts.append(begin[full])
            lasts.append(end[full])
            prefixes.append(quarter[:, :4][full])
            levels.append(np.full(int(full.sum()), level + 1))
        children_all.append((child, children))
        if not split.any():
            break
    level_of = np.concatenate(levels)
    column, row = _spread_back(np.concatenate(prefixes))
    width = side / 2.0**level_of
    corner_x, corner_y = west + column * width, south + row * width
    return ChunkTree(
        order.astype(np.int32), np.concatenate(firsts).astype(np.int64), np.concatenate(lasts).astype(np.int64),
        np.concatenate([c for c, _ in children_all]).astype(np.int32),
        np.concatenate([c for _, c in children_all]).astype(np.int32), level_of.astype(np.uint8),
        np.column_stack([corner_x, corner_y, corner_x + width, corner_y + width]),
    )  # fmt: skip


def _sorting(code: NDArray[np.uint32]) -> Ints:
    """Return the stable order of numbers, half by half: NumPy sorts 16 bits by counting, which is five times faster."""
    order = np.argsort(code.astype(np.uint16), kind="stable")
    high = (code >> np.uint32(16)).astype(np.uint16)
    return order[np.argsort(high[order], kind="stable")]


def z_curve(
    x: NDArray[np.float64], y: NDArray[np.float64], west: float, south: float, side: float
) -> NDArray[np.uint32]:
    """Return the place of points on the Z-curve of a square: the bits of column and row, interleaved."""
    cells = float(1 << MOST_LEVELS)
    column = np.clip((x - west) * (cells / side), 0, cells - 1).astype(np.uint32)
    row = np.clip((y - south) * (cells / side), 0, cells - 1).astype(np.uint32)
    return _spread(column) | (_spread(row) << np.uint32(1))


def _spread(v: NDArray[np.uint32]) -> NDArray[np.uint32]:
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        v = (v | (v << np.uint32(shift))) & np.uint32(mask)
    return v


def _gather(v: NDArray[np.int64]) -> NDArray[np.int64]:
    v = v & 0x55555555
    for shift, mask in ((1, 0x33333333), (2, 0x0F0F0F0F), (4, 0x00FF00FF), (8, 0x0000FFFF)):
        v = (v | (v >> shift)) & mask
    return v


def _spread_back(prefix: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return column and row of a run of interleaved bits."""
    return _gather(prefix), _gather(prefix >> 1)
