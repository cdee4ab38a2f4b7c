"""Subcatchments of a drafted model: the nearest inlet takes the rain, within reach of the drains."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from models.network.hydraulics.draft.rules import DraftRules
from models.terrain.ground import Ground

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: An area smaller than this is a sliver of the tessellation, square metres.
_LEAST_M2 = 4.0
#: Slopes beyond these are those of walls and of rounding, percent.
_SLOPES = (0.1, 30.0)
#: A road whose width nobody recorded, metres.
_ROAD_M = 7.0
#: Half the distance over which the terrain's slope is taken, metres.
_STEP_M = 10.0


@dataclass(frozen=True, slots=True)
class Surfaces:
    """What lies on the ground: geometries in the CRS of the drains; roads as lines with their widths in metres."""

    buildings: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))
    roads: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))
    road_width_m: Floats = field(default_factory=lambda: np.empty(0))
    green: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is known."""
        return not (len(self.buildings) or len(self.roads) or len(self.green))


@dataclass(slots=True)
class Catchments:
    """Subcatchments: shape, node that takes the rain, area, imperviousness, slope; what was assumed."""

    shape: NDArray[np.object_]
    outlet: Ints
    area_m2: Floats
    imperv_percent: Floats
    slope_percent: Floats
    notes: list[tuple[str, int, int, str]]


def catchments_of(
    xy: Floats, may_take: NDArray[np.bool_], inlets: Floats, ground: Ground | None, surfaces: Surfaces,
    rules: DraftRules,
) -> Catchments:  # fmt: skip
    """Part the study area among inlets, or manholes where a register has no inlets.

    Parameters
    ----------
    xy : ndarray (n, 2)
        Nodes of the model.
    may_take : ndarray (n,) bool
        Those to which rain may be led.
    inlets : ndarray (k, 2)
    ground : Ground or None
    surfaces : Surfaces
    rules : DraftRules
    """
    takers = np.flatnonzero(may_take)
    notes: list[tuple[str, int, int, str]] = []
    near = np.empty((0, 2))
    if len(inlets) and len(takers):
        distance, _ = cKDTree(xy[takers]).query(inlets)
        near = inlets[distance <= rules.reach_m]
    seeds = near if len(near) >= 0.2 * len(takers) and len(near) else xy[takers]
    notes.append(("seeds_inlets" if seeds is near else "seeds_manholes", len(seeds), len(seeds), ""))
    seeds = np.unique(np.round(seeds, 2), axis=0)
    reach = shapely.union_all(shapely.buffer(shapely.points(seeds), rules.reach_m, quad_segs=4))
    notes.append(("study_area", 1, 1, f"{rules.reach_m:g} m"))
    cells = _cells(seeds, reach)
    area = shapely.area(cells)
    kept = area > _LEAST_M2
    cells, area, seeds = cells[kept], area[kept], seeds[kept]
    _, nearest = cKDTree(xy[takers]).query(seeds)
    slope, imperv = _slopes(seeds, ground, rules, notes), _impervious(cells, area, surfaces, rules, notes)
    notes += [("width", len(cells), len(cells), ""), ("infiltration", len(cells), len(cells), "")]
    return Catchments(cells, takers[nearest], area, imperv, slope, notes)


def _cells(seeds: Floats, reach: Any) -> NDArray[np.object_]:
    """Return the Voronoi cell of each seed within the study area."""
    if len(seeds) == 1:
        return np.array([reach], dtype=object)
    parts = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=reach))
    point, cell = shapely.STRtree(parts).query(shapely.points(seeds), predicate="intersects")
    of = np.zeros(len(seeds), dtype=np.int64)
    of[point[::-1]] = cell[::-1]
    shapely.prepare(reach)
    found = shapely.intersection(parts[of], reach)
    return np.asarray(found, dtype=object)


def _slopes(
    seeds: Floats, ground: Ground | None, rules: DraftRules, notes: list[tuple[str, int, int, str]]
) -> Floats:  # fmt: skip
    count = len(seeds)
    slope = np.full(count, np.nan)
    if ground is not None and ground.terrains:
        x, y = seeds.T
        shifts = ((_STEP_M, 0.0), (-_STEP_M, 0.0), (0.0, _STEP_M), (0.0, -_STEP_M))
        known = np.all([ground.is_known(x + dx, y + dy) for dx, dy in shifts], axis=0)
        east, west, north, south = (ground.height_m(x + dx, y + dy) for dx, dy in shifts)
        rise = np.hypot(east - west, north - south) / (2 * _STEP_M) * 100
        slope = np.where(known, np.clip(rise, *_SLOPES), np.nan)
    lacking = np.isnan(slope)
    notes.append(("slope_of_terrain", int((~lacking).sum()), count, ""))
    notes.append(("slope", int(lacking.sum()), count, f"{rules.slope_percent:g} %"))
    return np.where(lacking, rules.slope_percent, slope)


def _impervious(
    cells: NDArray[np.object_], area: Floats, surfaces: Surfaces, rules: DraftRules,
    notes: list[tuple[str, int, int, str]],
) -> Floats:  # fmt: skip
    if surfaces.is_empty:
        notes.append(("imperv", len(cells), len(cells), f"{rules.imperv_percent:g} %"))
        return np.full(len(cells), rules.imperv_percent)
    tree = shapely.STRtree(cells)
    sealed = _covered(tree, cells, surfaces.buildings, None)
    sealed += _covered(tree, cells, surfaces.roads, surfaces.road_width_m)
    green = _covered(tree, cells, surfaces.green, None)
    sealed = np.minimum(sealed, area)
    green = np.minimum(green, area - sealed)
    rest = area - sealed - green
    notes.append(("imperv_of_surfaces", len(cells), len(cells), f"{rules.open_imperv_percent:g} %"))
    return np.asarray(100 * (sealed + rest * rules.open_imperv_percent / 100) / area, dtype=np.float64)


def _covered(tree: Any, cells: NDArray[np.object_], shapes: NDArray[np.object_], width_m: Floats | None) -> Floats:
    """Return the area of each cell that shapes cover; lines count with their width."""
    covered = np.zeros(len(cells))
    if not len(shapes):
        return covered
    if width_m is None:
        shapes = np.where(shapely.is_valid(shapes), shapes, shapely.buffer(shapes, 0))
    shape, cell = tree.query(shapes, predicate="intersects")
    piece = shapely.intersection(shapes[shape], cells[cell])
    size = (
        shapely.area(piece) if width_m is None else shapely.length(piece) * np.nan_to_num(width_m, nan=_ROAD_M)[shape]
    )
    np.add.at(covered, cell, size)
    return covered
