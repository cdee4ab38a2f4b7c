"""Water that comes out of manholes, on the ground: how deep it stands where, at each moment of a run.

The volume that a node has lost up to a moment is poured onto the cell of the terrain over it. It runs down to the cell
from which no neighbour is lower, and the hollow there fills from below with a level surface; when the surface reaches
the lowest rim of the hollow, what comes further runs over it, down the other side (a priority flood by level). Where
two pools meet they become one. What leaves the terrain at its border, or where it has no data, is counted, not shown.

This is a bath tub, no hydraulics: water is where it would stand in the end. It has no speed, does not seep away and
does not run back into inlets; late in a storm depths are rather too great.

Invariants
----------
1. Volume is kept: what stands plus what left is what was poured, to rounding.
2. The surface of a pool is level.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Two surfaces that differ by less are one, metres: what rounding leaves.
_SAME_M = 1e-9
_ROUND = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
#: Less than this is no water, metres.
LEAST_DEPTH_M = 0.001


@dataclass(frozen=True, slots=True)
class Ponding:
    """Water on the ground at one moment.

    Parameters
    ----------
    depth_m : ndarray, shape (rows, cols)
        0 where it is dry, NaN where the terrain has no data.
    poured_m3, standing_m3, left_m3 : float
        What came out of the nodes, what stands, and what ran off the terrain.
    """

    depth_m: NDArray[np.float64]
    poured_m3: float
    standing_m3: float
    left_m3: float


def pond(ground_m: NDArray[np.float64], cell_m2: float, volumes_m3: Mapping[tuple[int, int], float]) -> Ponding:
    """Return where volumes stand that are poured onto cells of a terrain.

    Parameters
    ----------
    ground_m : ndarray, shape (rows, cols)
        Heights; NaN where there are none.
    cell_m2 : float
        Area of a cell.
    volumes_m3 : mapping of (row, column) to float
        What is poured where, cubic metres; what is poured where there is no height counts as left.
    """
    ground = np.asarray(ground_m, dtype=np.float64)
    depth = np.zeros(ground.shape)
    left = 0.0
    for (row, column), volume in sorted(volumes_m3.items()):
        if volume > 0:
            left += _poured(ground, depth, cell_m2, row, column, float(volume))
    standing = float(depth.sum()) * cell_m2
    poured = float(sum(volume for volume in volumes_m3.values() if volume > 0))
    return Ponding(np.where(np.isnan(ground), np.nan, depth), poured, standing, left)


def _poured(
    ground: NDArray[np.float64], depth: NDArray[np.float64], cell_m2: float, row: int, column: int, volume: float
) -> float:
    """Pour a volume onto a cell, change ``depth``, and return what left the terrain.

    Cells are taken in the order of their surface; the pool is what was taken at or below its level. A cell whose
    surface lies below the level is another slope: the water runs down there, and the pool begins anew.
    """
    left_m3 = volume
    seen = {(row, column)}
    if not _on(ground, row, column):
        return volume
    level = ground[row, column] + depth[row, column]
    rim: list[tuple[float, int, int]] = [(level, row, column)]
    pool: list[tuple[int, int]] = []
    while rim:
        surface, at_row, at_column = rim[0]
        if surface > level + _SAME_M and pool:  # fill the pool up to its rim, as far as the water goes
            room = len(pool) * (surface - level) * cell_m2
            if room >= left_m3:
                break
            _raise(ground, depth, pool, surface)
            left_m3 -= room
            level = surface
        heapq.heappop(rim)
        if not _on(ground, at_row, at_column):
            return left_m3  # over the edge
        if surface < level - _SAME_M:  # over the rim and down: the pool stays, and joins again when water rises to it
            for one in pool:
                heapq.heappush(rim, (level, *one))
            pool, level = [], surface
        pool.append((at_row, at_column))
        for step_row, step_column in _ROUND:
            near = (at_row + step_row, at_column + step_column)
            if near not in seen:
                seen.add(near)
                height = ground[near] + depth[near] if _on(ground, *near) else level
                heapq.heappush(rim, (float(height), *near))
    _raise(ground, depth, pool, level + left_m3 / cell_m2 / len(pool))
    return 0.0


def _raise(ground: NDArray[np.float64], depth: NDArray[np.float64], pool: list[tuple[int, int]], level: float) -> None:
    rows, columns = np.array(pool).T
    depth[rows, columns] = level - ground[rows, columns]


def _on(ground: NDArray[np.float64], row: int, column: int) -> bool:
    return 0 <= row < ground.shape[0] and 0 <= column < ground.shape[1] and not np.isnan(ground[row, column])


def over_time(
    ground_m: NDArray[np.float64], transform: tuple[float, float, float, float, float, float],
    nodes: NDArray[np.float64], flooding_m3: NDArray[np.float64],
) -> Iterator[Ponding]:  # fmt: skip
    """Yield the water on the ground at each step of a run.

    Parameters
    ----------
    ground_m : ndarray, shape (rows, cols)
    transform : tuple of 6 float
        From (column, row) corners to (x, y), metres, without rotation.
    nodes : ndarray, shape (n, 2)
        Where the nodes are, in the terrain's CRS.
    flooding_m3 : ndarray, shape (steps, n)
        What came out of each node in each step, cubic metres.
    """
    ground = np.asarray(ground_m, dtype=np.float64)
    width, _, left, _, height, top = transform
    columns = np.floor((nodes[:, 0] - left) / width).astype(np.int64)
    rows = np.floor((nodes[:, 1] - top) / height).astype(np.int64)
    cell_m2 = abs(width * height)
    depth = np.zeros(ground.shape)
    poured = gone = 0.0
    for step in flooding_m3:
        for node in np.flatnonzero(step > 0):
            poured += float(step[node])
            gone += _poured(ground, depth, cell_m2, int(rows[node]), int(columns[node]), float(step[node]))
        yield Ponding(np.where(np.isnan(ground), np.nan, depth), poured, float(depth.sum()) * cell_m2, gone)


def depth_classes(depth_m: NDArray[np.float64], limits_m: tuple[float, ...]) -> NDArray[np.int8]:
    """Return the class of each cell: -1 without data or dry, then 0 below the first limit, 1 from it on …"""
    known = np.nan_to_num(depth_m, nan=0.0)
    return np.where(known < LEAST_DEPTH_M, -1, np.digitize(known, limits_m)).astype(np.int8)


def greatest_along(
    depth_m: NDArray[np.float64], transform: tuple[float, float, float, float, float, float],
    points: NDArray[np.float64], road: NDArray[np.int64], roads: int,
) -> NDArray[np.float64]:  # fmt: skip
    """Return the greatest depth on each road, NaN for one that lies wholly off the terrain.

    Parameters
    ----------
    depth_m, transform
        As of :func:`over_time`.
    points : ndarray, shape (n, 2)
        Along the roads, not farther apart than a cell.
    road : ndarray of int64, shape (n,)
        To which road each point belongs.
    roads : int
    """
    width, _, left, _, height, top = transform
    columns = np.floor((points[:, 0] - left) / width).astype(np.int64)
    rows = np.floor((points[:, 1] - top) / height).astype(np.int64)
    inside = (rows >= 0) & (rows < depth_m.shape[0]) & (columns >= 0) & (columns < depth_m.shape[1])
    found = np.full(roads, np.nan)
    np.fmax.at(found, road[inside], depth_m[rows[inside], columns[inside]])
    return found
