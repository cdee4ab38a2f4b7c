"""Which signs a camera needs: a tree of square cells over very many places, told by the size of a cell on the screen.

Invariants
----------
1. Every place in sight is in exactly one sign: its own, or that of a cell that counts it.
2. Cells lie in the ground, not on the screen: while the eye moves sideways a sign stays where it is, and only a change
   of distance parts or joins cells, one level at a time.
3. A frame looks at the cells in sight and nothing else; what a cell counts was added up once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewers.render.geometry.parts import SignPart

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Side of the smallest cells, metres, and levels above them (the largest cell is 98 km wide).
CELL_M, LEVELS = 6.0, 14


@dataclass(frozen=True, slots=True)
class Chosen:
    """Signs for one camera.

    Parameters
    ----------
    places : ndarray (m, 3)
    counts : ndarray (m,)
        How many places each stands for.
    states : ndarray (m, s)
        How many of them are in each state.
    first : ndarray (m,)
        Place of its first member in the order of the tree; the others follow.
    """

    places: Floats
    counts: Ints
    states: Ints
    first: Ints


class SignTree:
    """The cells of one layer of signs.

    Parameters
    ----------
    part : SignPart
    """

    def __init__(self, part: SignPart) -> None:
        self.part = part
        xy = part.points[:, :2].astype(np.float64)
        cell = np.floor((xy - xy.min(axis=0)) / CELL_M).astype(np.int64) if len(xy) else np.zeros((0, 2), np.int64)
        code = _spread(cell[:, 0]) | (_spread(cell[:, 1]) << 1)
        #: Rows of the part in the order of the tree.
        self.order = np.argsort(code, kind="stable")
        code = code[self.order]
        points = part.points[self.order].astype(np.float64)
        states = np.zeros((len(points), max(len(part.states), 1)), dtype=np.int64)
        states[np.arange(len(points)), part.state[self.order]] = 1
        self._points, self._states = points, states
        self.starts: list[Ints] = []
        self._middle: list[Floats] = []
        self._sums: list[Ints] = []
        for level in range(LEVELS + 1):
            run = code >> (2 * level)
            begins = (
                np.flatnonzero(np.concatenate([[True], run[1:] != run[:-1]])) if len(run) else np.zeros(0, np.int64)
            )
            self.starts.append(begins)
            if not len(begins):
                self._middle.append(np.zeros((0, 3)))
                self._sums.append(states[:0])
                continue
            size = np.diff(np.append(begins, len(run)))[:, None]
            self._middle.append(np.add.reduceat(points, begins, axis=0) / size)
            self._sums.append(np.add.reduceat(states, begins, axis=0))
            if len(begins) == 1:
                break

    def choose(self, eye: Floats, px_per_m: float, planes: Floats, cell_px: float, parallel: bool = False) -> Chosen:
        """Return the signs that a camera needs.

        Parameters
        ----------
        eye : ndarray (3,)
        px_per_m : float
            Pixels of a metre at one metre; in a parallel view everywhere.
        planes : ndarray (k, 4)
            Sides of what is in sight, normals inwards.
        cell_px : float
            A cell that is wider than this on the screen is parted.
        parallel : bool
        """
        top = len(self.starts) - 1
        nodes = np.arange(len(self.starts[top]))
        found: list[tuple[Floats, Ints, Ints, Ints]] = []
        for level in range(top, -1, -1):
            middle = self._middle[level][nodes]
            side = CELL_M * 2.0**level
            seen = ((middle @ planes[:, :3].T) + planes[:, 3] >= -side).all(axis=1)
            nodes, middle = nodes[seen], middle[seen]
            away = np.ones(len(nodes)) if parallel else np.linalg.norm(middle - eye, axis=1)
            ends = np.append(self.starts[level], len(self._points))
            count = ends[nodes + 1] - ends[nodes]
            part = (side * px_per_m / np.maximum(away, 1.0) > cell_px) & (count > 1)
            keep = nodes[~part]
            found.append((middle[~part], count[~part], self._sums[level][keep], self.starts[level][keep]))
            low, high = ends[nodes[part]], ends[nodes[part] + 1]
            if level:
                first, last = (np.searchsorted(self.starts[level - 1], edge) for edge in (low, high))
                nodes = _ranges(first, last)
            else:
                rows = _ranges(low, high)
                found.append((self._points[rows], np.ones(len(rows), np.int64), self._states[rows], rows))
        return Chosen(*(np.concatenate([one[k] for one in found]) for k in range(4)))

    def rows(self, first: int, count: int) -> Ints:
        """Return the rows of the part that a sign stands for."""
        return self.order[first : first + count]


def _ranges(first: Ints, last: Ints) -> Ints:
    sizes = last - first
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    result: Ints = np.arange(total) + np.repeat(first - ends + sizes, sizes)
    return result


def _spread(values: Ints) -> Ints:
    """Return numbers with a zero bit between each two of theirs."""
    v = values.astype(np.int64) & 0x7FFFFFFF
    for shift, mask in ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F),
                        (2, 0x3333333333333333), (1, 0x5555555555555555)):  # fmt: skip
        v = (v | (v << shift)) & mask
    return v
