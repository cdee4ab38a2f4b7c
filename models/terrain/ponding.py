"""Where water stands that leaves the drains: volumes laid into the hollows of the ground.

Water that comes up at a place runs down the surface, fills the hollow that it comes to, spills over the lowest rim into the
next one, and so on. Nothing is routed in time and nothing soaks away: for a volume at a moment this is where it would
stand at rest, the usual first estimate of ponding (compare *fill, spill, merge*: Barnes, Callaghan and Wickert, 2021).

Invariants
----------
1. Volume is kept: what was put in is what stands on the ground and what left over the edge of the terrain
   (:attr:`Ponding.left_m3`), to rounding.
2. The order in which places are filled changes nothing but rounding where hollows do not touch; where they do, water of
   one counts as ground of the next.
3. A cell without a height takes no water: water that comes to it has left.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_NEIGHBOURS = tuple((dr, dc) for dr in (-1, 0, 1) for dc in (-1, 0, 1) if dr or dc)
#: Water that is thinner than this is none (m): rounding of heights that are stored as float32.
_FILM_M = 1e-6


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
        How much, of each place; nothing below 0.

    Raises
    ------
    ValueError
        Where a cell lies outside, or an area is not positive.
    """
    ground = np.asarray(ground_m, dtype=np.float64)
    rows, cols = ground.shape
    if not cell_m2 > 0:
        raise ValueError("the area of a cell must be positive")
    if any(not (0 <= row < rows and 0 <= col < cols) for row, col in cells):
        raise ValueError("a place lies outside the terrain")
    surface = _Surface(ground.copy(), cell_m2)
    left = 0.0
    for (row, col), volume in sorted(zip(cells, volumes_m3, strict=True)):
        if volume > 0:
            left += surface.pour(int(row), int(col), float(volume))
    depth = np.where(np.isfinite(ground), surface.height - ground, 0.0)
    return Ponding(np.where(depth > _FILM_M, depth, 0.0), left)


class _Surface:
    """Ground with the water that stands on it already."""

    def __init__(self, height: Array, cell_m2: float) -> None:
        self.height = height
        self.cell_m2 = cell_m2

    def pour(self, row: int, col: int, volume: float) -> float:
        """Add a volume at a cell and return what left."""
        while volume > 0:
            lowest = self._lowest(row, col) if row >= 0 else None
            if lowest is None:
                return volume
            spilt = self._fill(*lowest, volume)
            if spilt is None:
                return 0.0
            row, col, volume = spilt
        return 0.0

    def _lowest(self, row: int, col: int) -> tuple[int, int] | None:
        """Go down the surface from a cell to where it goes no further; None where that is off the terrain."""
        height = self.height
        rows, cols = height.shape
        if not math.isfinite(height[row, col]):
            return None
        while True:
            here, best = height[row, col], (0.0, row, col)
            for dr, dc in _NEIGHBOURS:
                r, c = row + dr, col + dc
                if not (0 <= r < rows and 0 <= c < cols) or not math.isfinite(height[r, c]):
                    continue
                fall = (here - height[r, c]) / (math.sqrt(2) if dr and dc else 1.0)
                if fall > best[0]:
                    best = (fall, r, c)
            if best[0] <= 0.0:
                return row, col
            row, col = best[1], best[2]

    def _fill(self, row: int, col: int, volume: float) -> tuple[int, int, float] | None:
        """Raise the water around a lowest cell until the volume is used up or it spills.

        Returns
        -------
        (row, column, volume) or None
            Where the rest runs on to, row -1 off the terrain; None where nothing is left.
        """
        height = self.height
        rows, cols = height.shape
        level = height[row, col]
        lake: list[tuple[int, int]] = []
        seen = {(row, col)}
        heap: list[tuple[float, int, int]] = [(level, row, col)]
        held = 0.0  # m³ in the lake beneath ``level``
        while heap:
            next_level, r, c = heapq.heappop(heap)
            if next_level < level or r < 0:  # over the lowest rim and down again, or off the terrain
                self._set(lake, level)
                return r, c, volume - held
            rise = (next_level - level) * len(lake) * self.cell_m2
            if lake and held + rise >= volume:
                self._set(lake, level + (volume - held) / (len(lake) * self.cell_m2))
                return None
            held += rise
            level = next_level
            lake.append((r, c))
            for dr, dc in _NEIGHBOURS:
                at = (r + dr, c + dc)
                if at in seen:
                    continue
                seen.add(at)
                if 0 <= at[0] < rows and 0 <= at[1] < cols and math.isfinite(height[at]):
                    heapq.heappush(heap, (float(height[at]), *at))
                else:  # water leaves here as soon as it stands this high
                    heapq.heappush(heap, (level, -1, -1))
        self._set(lake, level + (volume - held) / (len(lake) * self.cell_m2))
        return None

    def _set(self, lake: list[tuple[int, int]], level: float) -> None:
        for at in lake:
            self.height[at] = level
