"""Measures on the surface of the ground: profiles, sloping areas, earth to be moved.

Heights are those of the terrain raster, bilinear between its cells (:class:`models.terrain.ground.Ground`); where the
raster has none they are unknown, never zero, and the share that is known is stated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.terrain.ground import Ground

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]

#: A surface is added up over at most so many cells, a profile over so many points.
MOST_CELLS, MOST_POINTS = 60_000, 20_000
#: Without a raster to take a step from, and never finer than this.
STEP_M, FINEST_M = 2.0, 0.1


@dataclass(frozen=True, slots=True)
class Profile:
    """The ground along a line.

    Parameters
    ----------
    points : ndarray (n, 3)
        World points on the ground; the height is NaN where it is not known.
    along_m : ndarray (n,)
        Plan distance from the start.
    """

    points: Floats
    along_m: Floats

    @property
    def height_m(self) -> Floats:
        """Return the heights, NaN where unknown."""
        return self.points[:, 2]

    @property
    def known(self) -> float:
        """Return the share of the points whose height is known, 0…1."""
        return float(np.isfinite(self.height_m).mean())

    @property
    def plan_m(self) -> float:
        """Return the length in plan."""
        return float(self.along_m[-1])

    @property
    def surface_m(self) -> float | None:
        """Return the length along the ground, None where the ground is not known all the way."""
        steps = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        return float(steps.sum()) if np.isfinite(steps).all() else None

    @property
    def rise_m(self) -> float | None:
        """Return by how much the end is higher than the start, None where either is unknown."""
        rise = float(self.height_m[-1] - self.height_m[0])
        return rise if np.isfinite(rise) else None

    @property
    def climb_m(self) -> tuple[float, float]:
        """Return metres up and metres down on the way, over what is known."""
        steps = np.diff(self.height_m)
        steps = steps[np.isfinite(steps)]
        return float(steps[steps > 0].sum()), abs(float(steps[steps < 0].sum()))

    @property
    def steepest(self) -> float | None:
        """Return the steepest slope on the way as a ratio, upwards positive; None where nothing is known."""
        run = np.diff(self.along_m)
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes = np.where(run > 1e-9, np.diff(self.height_m) / run, np.nan)
        slopes = slopes[np.isfinite(slopes)]
        return float(slopes[np.argmax(np.abs(slopes))]) if len(slopes) else None


@dataclass(frozen=True, slots=True)
class Surface:
    """A piece of ground.

    Parameters
    ----------
    plan_m2 : float
    surface_m2 : float or None
        Along the slopes, None without a known ground.
    known : float
        Share of the plan area where the ground is known, 0…1.
    cell_m : float
        Side of the cells that were added up.
    """

    plan_m2: float
    surface_m2: float | None
    known: float
    cell_m: float


@dataclass(frozen=True, slots=True)
class Earthwork:
    """Earth between the ground and a level.

    Parameters
    ----------
    level_m : float
    cut_m3, fill_m3 : float or None
        Earth above the level, room below it; None without a known ground.
    plan_m2 : float
    known : float
        Share of the plan area where the ground is known; the volumes are those of that share alone.
    cell_m : float
        Side of the cells that were added up.
    """

    level_m: float
    cut_m3: float | None
    fill_m3: float | None
    plan_m2: float
    known: float
    cell_m: float


def step_of(ground: Ground) -> float:
    """Return the cell of the finest terrain in metres of the project, :data:`STEP_M` without one."""
    if not ground.terrains:
        return STEP_M
    a, b, _, d, e, _ = ground.terrains[0].transform
    cell = float(np.sqrt(abs(a * e - b * d)))
    return max(cell, FINEST_M) if cell > 0.01 else STEP_M  # a raster in degrees has cells of 1e-4


def profile(line: Floats, ground: Ground, step_m: float = 0.0) -> Profile:
    """Return the ground along a line.

    Parameters
    ----------
    line : ndarray (n, 2+)
        World points in plan; their heights are not looked at.
    ground : Ground
    step_m : float
        Distance of the samples, 0 for half a cell of the terrain. The corners of the line are always among them.
    """
    flat = np.asarray(line, dtype=np.float64)[:, :2]
    pieces = np.linalg.norm(np.diff(flat, axis=0), axis=1)
    total = float(pieces.sum())
    if total <= 0:
        raise UserError("relief.no_line")
    step = max(step_m or step_of(ground) / 2, total / MOST_POINTS)
    counts = np.maximum(np.ceil(pieces / step).astype(np.int64), 1)
    parts = [
        start + (stop - start) * np.linspace(0.0, 1.0, int(count), endpoint=False)[:, None]
        for start, stop, count in zip(flat[:-1], flat[1:], counts, strict=True)
    ]
    xy = np.concatenate([*parts, flat[-1:]])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(xy, axis=0), axis=1))])
    return Profile(np.column_stack([xy, heights(ground, xy)]), along)


def heights(ground: Ground, xy: Floats) -> Floats:
    """Return the ground's heights at world points (n, 2), NaN where the terrain has none."""
    z = np.asarray(ground.height_m(xy[:, 0], xy[:, 1]), dtype=np.float64).copy()
    z[~ground.is_known(xy[:, 0], xy[:, 1])] = np.nan
    return z


def surface(ring: Floats, ground: Ground) -> Surface:
    """Return the area of a piece of ground, in plan and along its slopes."""
    middles, areas, cell = cells(ring, step_of(ground))
    half = cell / 2
    rise = [
        (heights(ground, middles + step) - heights(ground, middles - step)) / cell
        for step in (np.array([half, 0.0]), np.array([0.0, half]))
    ]
    factor = np.sqrt(1.0 + rise[0] ** 2 + rise[1] ** 2)
    good = np.isfinite(factor)
    known = float(areas[good].sum() / areas.sum())
    sloping = float((areas[good] * factor[good]).sum()) if good.any() else None
    return Surface(float(areas.sum()), sloping, known, cell)


def earthwork(ring: Floats, ground: Ground, level_m: float) -> Earthwork:
    """Return the earth between the ground and a level inside a ring.

    The ground is taken at the middle of each cell's part inside the ring, which is exact on a plane.
    """
    middles, areas, cell = cells(ring, step_of(ground))
    above = heights(ground, middles) - level_m
    good = np.isfinite(above)
    known = float(areas[good].sum() / areas.sum())
    plan = float(areas.sum())
    if not good.any():
        return Earthwork(level_m, None, None, plan, 0.0, cell)
    volumes = areas[good] * above[good]
    cut, fill = float(volumes[volumes > 0].sum()), abs(float(volumes[volumes < 0].sum()))
    return Earthwork(level_m, cut, fill, plan, known, cell)


def cells(ring: Floats, step_m: float) -> tuple[Floats, Floats, float]:
    """Cut a ring along a grid.

    Returns
    -------
    middles : ndarray (n, 2)
        Centroid of each piece.
    areas : ndarray (n,)
        Its area, m².
    cell_m : float
        Side of the grid, coarser than ``step_m`` where there would be too many cells.

    Raises
    ------
    UserError
        ``relief.no_area``.
    """
    import shapely

    area = polygon_of(ring)
    low_x, low_y, high_x, high_y = area.bounds
    step = max(step_m, float(np.sqrt((high_x - low_x) * (high_y - low_y) / MOST_CELLS)))
    step = min(step, max(high_x - low_x, high_y - low_y) / 8)
    x = np.arange(np.floor(low_x / step), np.ceil(high_x / step)) * step
    y = np.arange(np.floor(low_y / step), np.ceil(high_y / step)) * step
    gx, gy = (grid.ravel() for grid in np.meshgrid(x, y))
    boxes = shapely.box(gx, gy, gx + step, gy + step)
    shapely.prepare(area)
    inside = shapely.contains_properly(area, boxes)
    rim = ~inside & shapely.intersects(area, boxes)
    cut = shapely.intersection(boxes[rim], area)
    pieces = np.concatenate([boxes[inside], cut])
    areas = shapely.area(pieces)
    pieces, areas = pieces[areas > 0], areas[areas > 0]
    return shapely.get_coordinates(shapely.centroid(pieces)), areas, step


def polygon_of(ring: Floats) -> BaseGeometry:
    """Return a ring (n, 2+) as a valid polygon.

    Raises
    ------
    UserError
        ``relief.no_area`` for fewer than three places, or no area at all.
    """
    import shapely

    flat = np.asarray(ring, dtype=np.float64)[:, :2]
    if len(flat) < 3:
        raise UserError("relief.no_area")
    area = shapely.make_valid(shapely.Polygon(flat))
    if not area.area > 1e-6:
        raise UserError("relief.no_area")
    return area
