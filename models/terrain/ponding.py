"""Where water stands that leaves the drains: volumes laid into the hollows of the ground.

Water that comes up at a place runs down the surface, fills the hollow that it comes to, spills over the lowest rim into
the next one, and so on. Nothing is routed in time and nothing soaks away: for a volume at a moment this is where it
would stand at rest, the usual first estimate of ponding (compare *fill, spill, merge*: Barnes, Callaghan and Wickert,
2021).

Invariants
----------
1. Volume is kept: what was put in is what stands on the ground and what left over the edge of the terrain
   (:attr:`Pool.left_m3`), to rounding.
2. A cell without a height takes no water: water that comes to it has left, as at the edge.
3. A lake is looked at once: what is added later goes on where it stood.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Water that is thinner than this is none (m): rounding of heights that are stored as float32.
_FILM_M = 1e-6
_DRY = -1


@dataclass(frozen=True, slots=True)
class Ponding:
    """Water at rest on the ground.

    Parameters
    ----------
    depth_m : (rows, cols) float64
        Depth of water; 0 where there is none.
    left_m3 : float
        What ran over the edge of the terrain, or into cells without a height.
    """

    depth_m: Array
    left_m3: float


def ponded(ground_m: Array, cell_m2: float, cells: Sequence[tuple[int, int]], volumes_m3: Sequence[float]) -> Ponding:
    """Lay volumes of water onto the ground.

    Parameters
    ----------
    ground_m : (rows, cols) array
        Heights in metres, NaN where nothing is known.
    cell_m2 : float
        Area of a cell.
    cells : sequence of (row, column)
        Where water comes up.
    volumes_m3 : sequence of float
        How much, of each place.

    Raises
    ------
    ValueError
        Where a cell lies outside, or an area is not positive.
    """
    pool = Pool(ground_m, cell_m2)
    for (row, col), volume in sorted(zip(cells, volumes_m3, strict=True)):
        pool.pour(row, col, volume)
    return Ponding(pool.depth_m, pool.left_m3)


@dataclass(slots=True)
class _Lake:
    """Water that stands at one level: its cells, and what borders on it by height (a heap of (height, cell))."""

    level: float
    cells: list[int] = field(default_factory=list)
    shore: list[tuple[float, int]] = field(default_factory=list)


class Pool:
    """Ground with the water that stands on it already, to which more is added.

    Parameters
    ----------
    ground_m : (rows, cols) array
        Heights in metres, NaN where nothing is known; not changed.
    cell_m2 : float
        Area of a cell.
    """

    def __init__(self, ground_m: Array, cell_m2: float) -> None:
        if not cell_m2 > 0:
            raise ValueError("the area of a cell must be positive")
        ground = np.asarray(ground_m, dtype=np.float64)
        # A border without heights spares every neighbour the question whether it is there.
        self._shape, padded = ground.shape, np.pad(ground, 1, constant_values=np.nan)
        self._width = padded.shape[1]
        w = self._width
        self._around = (-w - 1, -w, -w + 1, -1, 1, w - 1, w, w + 1)
        self._down = _steepest(padded, self._around).tolist()
        self._ground: list[float] = padded.ravel().tolist()
        self._lake_of = np.full(padded.size, _DRY, np.int32)
        self._lakes: list[_Lake] = []
        self._into: list[int] = []  # the lake that a lake became part of, itself where it is one
        self._cell_m2 = cell_m2
        #: What ran over the edge of the terrain, m³.
        self.left_m3 = 0.0

    @property
    def depth_m(self) -> Array:
        """Return the depth of water, 0 where there is none, shape of the ground."""
        depth = np.zeros(len(self._ground))
        ground = np.asarray(self._ground)
        for number, lake in enumerate(self._lakes):
            if self._into[number] == number and lake.cells:
                cells = np.asarray(lake.cells)
                depth[cells] = lake.level - ground[cells]
        depth = depth.reshape(-1, self._width)[1:-1, 1:-1]
        return np.where(depth > _FILM_M, depth, 0.0)

    def pour(self, row: int, col: int, volume_m3: float) -> None:
        """Add water at a cell.

        Raises
        ------
        ValueError
            For a cell outside.
        """
        if not (0 <= row < self._shape[0] and 0 <= col < self._shape[1]):
            raise ValueError("a place lies outside the terrain")
        at, left = (row + 1) * self._width + col + 1, float(volume_m3)
        while left > 0:
            number = self._reached(at)
            if number == _DRY:
                self.left_m3 += left
                return
            at, left = self._fill(number, left)
            if at == _DRY:
                self.left_m3 += left
                return

    def _reached(self, at: int) -> int:
        """Go down the ground from a cell to the lake that water comes to, a new one where none is; -1 off the edge."""
        if not math.isfinite(self._ground[at]):
            return _DRY
        while self._lake_of[at] == _DRY and self._down[at] != at:
            at = self._down[at]
        number = int(self._lake_of[at])
        if number != _DRY:
            return self._root(number)
        self._lakes.append(_Lake(self._ground[at]))
        self._into.append(len(self._lakes) - 1)
        self._take(len(self._lakes) - 1, at)
        return len(self._lakes) - 1

    def _fill(self, number: int, volume: float) -> tuple[int, float]:
        """Raise a lake until the water is used up or spills; return where the rest runs on to, and how much it is.

        The cell is none (-1) off the edge; nothing is left where the lake held it all.
        """
        lake, area = self._lakes[number], self._cell_m2
        while True:
            height, at = lake.shore[0]
            other = _DRY if at == _DRY else int(self._lake_of[at])
            if other != _DRY:
                other = self._root(other)
                if other == number:
                    heapq.heappop(lake.shore)
                    continue
                if self._lakes[other].level > height:  # its water stands higher than its ground did
                    heapq.heapreplace(lake.shore, (self._lakes[other].level, at))
                    continue
            rise = (height - lake.level) * len(lake.cells) * area
            if rise >= volume:
                lake.level += volume / (len(lake.cells) * area)
                return _DRY, 0.0
            if rise > 0.0:
                volume -= rise
                lake.level = height
            if height < lake.level or at == _DRY:
                return at, volume
            heapq.heappop(lake.shore)
            if other == _DRY:
                self._take(number, at)
            else:
                self._join(number, other)

    def _take(self, number: int, at: int) -> None:
        """Make a cell part of a lake, and what is around it part of the shore."""
        lake = self._lakes[number]
        lake.cells.append(at)
        self._lake_of[at] = number
        for step in self._around:
            beside = at + step
            height = self._ground[beside]
            if not math.isfinite(height):  # water leaves here as soon as it stands this high
                heapq.heappush(lake.shore, (self._ground[at], _DRY))
            elif self._lake_of[beside] != number:
                heapq.heappush(lake.shore, (height, beside))

    def _join(self, number: int, other: int) -> None:
        mine, theirs = self._lakes[number], self._lakes[other]
        if len(theirs.cells) > len(mine.cells):
            mine.cells, theirs.cells = theirs.cells, mine.cells
            mine.shore, theirs.shore = theirs.shore, mine.shore
        mine.cells += theirs.cells
        for one in theirs.shore:
            heapq.heappush(mine.shore, one)
        self._into[other] = number
        theirs.cells, theirs.shore = [], []

    def _root(self, number: int) -> int:
        while self._into[number] != number:
            self._into[number] = self._into[self._into[number]]
            number = self._into[number]
        return number


def _steepest(padded: Array, around: tuple[int, ...]) -> NDArray[np.int64]:
    """Return, by cell, the neighbour that the ground falls to most steeply, the cell itself where it falls nowhere."""
    flat = padded.ravel()
    best, down = np.zeros(flat.size), np.arange(flat.size)
    w = padded.shape[1]
    inner = np.arange(w + 1, flat.size - w - 1)
    for step in around:
        diagonal = abs(step) not in (1, w)
        with np.errstate(invalid="ignore"):
            fall = (flat[inner] - flat[inner + step]) / (math.sqrt(2) if diagonal else 1.0)
            better = fall > best[inner]
        best[inner[better]] = fall[better]
        down[inner[better]] = inner[better] + step
    return down
