"""Land by points: what share of it lies within reach of something, or under something.

Points stand a step apart on a grid; each belongs to the unit in which it lies and counts for a square. The figures err
by about the square root of the points along the edges of what is measured, some tenths of a percent of a community.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.sample.health.truth.units import Level, Sums, Town


@dataclass(slots=True)
class Points:
    """Points of some land.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
    owner : ndarray of int, shape (n,)
        Position of the polygon in which each point lies.
    each_m2 : ndarray, shape (n,)
        Land for which a point stands.
    unit : dict of str to ndarray of int
        By level, the position of the unit in which each point lies, -1 for none.
    geometry : ndarray of point
        Made when first asked for.
    """

    xy: NDArray[np.float64]
    owner: NDArray[np.int64]
    each_m2: NDArray[np.float64]
    unit: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    geometry: Any = None

    def within(self, level: Level) -> NDArray[np.int64]:
        """Return the position of the unit of each point."""
        if level.name not in self.unit:
            found = np.full(len(self.xy), -1, dtype=np.int64)
            for position, shape in enumerate(level.shapes):
                found[shapely.contains_xy(shape, *self.xy.T)] = position
            self.unit[level.name] = found
        return self.unit[level.name]

    def shares(self, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return by polygon which share of its points is chosen."""
        count = int(self.owner.max()) + 1
        return np.bincount(self.owner[chosen], minlength=count) / np.bincount(self.owner, minlength=count)

    def near(self, sites: Any, radius_m: Any) -> NDArray[np.bool_]:
        """Return which points lie within the radius of a site, measured from its edge."""
        if self.geometry is None:
            self.geometry = shapely.points(self.xy)
        left = np.arange(len(self.xy))
        for site, radius in zip(sites, np.broadcast_to(radius_m, len(sites)), strict=True):
            shapely.prepare(site)
            left = left[~shapely.dwithin(site, self.geometry[left], radius)]
        found = np.ones(len(self.xy), dtype=bool)
        found[left] = False
        return found


def points_of(shapes: Any, step_m: float) -> Points:
    """Return points of polygons; those of one polygon stand for its area together."""
    every, each, counts = [np.empty((0, 2))], [np.empty(0)], []
    for shape in shapes:
        x0, y0, x1, y1 = shape.bounds
        x, y = (axis.ravel() for axis in np.meshgrid(np.arange(x0 + step_m / 2, x1, step_m),
                                                     np.arange(y0 + step_m / 2, y1, step_m)))  # fmt: skip
        shapely.prepare(shape)
        inside = shapely.contains_xy(shape, x, y)
        count = int(inside.sum())
        every.append(np.column_stack([x, y])[inside])
        counts.append(count)
        each.append(np.full(count, shape.area / count if count else 0.0))
    return Points(np.vstack(every), np.repeat(np.arange(len(counts)), counts), np.concatenate(each))


def share_of(points: Points, reached: NDArray[np.bool_], level: Level, known: float = 1.0) -> Sums:
    """Return the land that is reached and all of it, m², by unit; ``known`` is the share of the sites that is known."""
    unit = points.within(level)

    def land(mine: Any) -> list[float]:
        sums = np.bincount(unit[mine], weights=points.each_m2[mine], minlength=len(level.codes))
        return [float(value) for value in sums]

    everything = land(unit >= 0)
    return Sums(land((unit >= 0) & reached), everything, [area / known for area in everything])


def covered(town: Town, level: Level) -> Sums:
    """Return the ground of the built-up area under buildings of known height, and all of it, m²."""
    from rasterio.features import rasterize
    from rasterio.transform import Affine

    x0, y0, x1, y1 = town.built_up.bounds
    size = (int(np.ceil(y1 - y0)), int(np.ceil(x1 - x0)))
    grid = {"out_shape": size, "transform": Affine(1.0, 0.0, x0, 0.0, -1.0, y1)}
    buildings = town.frames["buildings"]
    tall = buildings[buildings["height_m"] > 0].geometry
    under = rasterize(tall, default_value=1, **grid).astype(bool)
    under &= rasterize([town.built_up], default_value=1, **grid).astype(bool)
    unit = rasterize(((shape, at + 1) for at, shape in enumerate(level.shapes)), dtype="uint8", **grid)
    counts = np.bincount(unit[under], minlength=len(level.codes) + 1)[1:]
    land = [float((shape & town.built_up).area) for shape in level.shapes]
    return Sums([float(count) for count in counts], land, land)
