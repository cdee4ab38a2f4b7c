"""Places along roads: the chainage grid on which everything at a street stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from models.sample.city import CENTRE, HALF_M, City

Array = NDArray[np.float64]

#: Classes that have pipes, trees and footways; lanes lie inside estates, the expressway is for cars alone.
STREETS = ("arterial", "sub_arterial", "branch")


@dataclass(frozen=True)
class Street:
    """One piece of road, turned so that it runs east or north.

    The turn matters: what stands "left of the road" must not change sides where a digitiser changed direction.

    Parameters
    ----------
    row : int
        Position in the list of streets.
    points : ndarray, shape (n, 2)
        Centre line, world coordinates.
    name : str
    road_class : str
    half_m : float
        Half the carriageway.
    bridge : bool
    elevated_m : float
    """

    row: int
    points: Array
    name: str
    road_class: str
    half_m: float
    bridge: bool
    elevated_m: float

    @cached_property
    def chainage_m(self) -> Array:
        """Distance of each vertex from the start."""
        steps = np.hypot(*np.diff(self.points, axis=0).T)
        return np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def length_m(self) -> float:
        """Length of the centre line."""
        return float(self.chainage_m[-1])

    def at(self, chainage_m: Array, offset_m: float | Array = 0.0) -> tuple[Array, Array]:
        """Return points and bearings (degrees clockwise from north) along the road.

        ``offset_m`` is positive to the left: north of a road that runs east, west of one that runs north.
        """
        d = np.asarray(chainage_m, dtype=np.float64)
        x, y = (np.interp(d, self.chainage_m, self.points[:, i]) for i in (0, 1))
        edge = np.clip(np.searchsorted(self.chainage_m, d, side="right") - 1, 0, len(self.points) - 2)
        step = np.diff(self.points, axis=0)[edge]
        step /= np.hypot(step[:, 0], step[:, 1])[:, None]
        points = np.column_stack([x - step[:, 1] * offset_m, y + step[:, 0] * offset_m])
        bearing: Array = np.degrees(np.arctan2(step[:, 0], step[:, 1])) % 360.0
        return points, bearing

    def every(self, spacing_m: float, margin_m: float, phase: float = 0.0) -> Array:
        """Return chainages at a spacing, keeping off both ends; ``phase`` shifts by a part of the spacing."""
        first, last = margin_m + phase * spacing_m, self.length_m - margin_m
        if last < first:
            return np.empty(0)
        count = int((last - first) // spacing_m) + 1
        return first + spacing_m * np.arange(count, dtype=np.float64)


def streets(city: City) -> list[Street]:
    """Return all roads inside the city's square, lanes and expressway too, in the order of the table."""
    (e, n), half = CENTRE, HALF_M
    table = city.roads
    inside = shapely.intersection(table.geometry.to_numpy(), shapely.box(e - half, n - half, e + half, n + half))
    found: list[Street] = []
    for i, shape in enumerate(inside):
        row = table.iloc[i]
        for part in shapely.get_parts(shape):
            if part.geom_type != "LineString" or part.length < 0.1:
                continue
            points = shapely.get_coordinates(shapely.remove_repeated_points(part, 0.05))
            dx, dy = points[-1] - points[0]
            if (dx if abs(dx) > abs(dy) else dy) < 0:
                points = points[::-1]
            found.append(
                Street(
                    len(found), points, str(row["name"] or ""), str(row["class"]), float(row["width_m"]) / 2,
                    bool(row["bridge"]), float(row["elevated_m"] or 0.0),
                )
            )  # fmt: skip
    return found


def ground_along(city: City, street: Street, chainage_m: Array, points: Array) -> Array:
    """Return the height of the surface one stands on: the ground, or the deck of a bridge or of the expressway."""
    if street.bridge:
        ends = city.terrain.height_m(street.points[[0, -1], 0], street.points[[0, -1], 1])
        ground = np.interp(chainage_m, [0.0, street.length_m], ends)
    else:
        ground = city.terrain.height_m(points[:, 0], points[:, 1])
    return np.asarray(ground + street.elevated_m, dtype=np.float64)


def inside_any(points: Array, polygons: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which points lie in at least one polygon."""
    hit = np.zeros(len(points), dtype=bool)
    if len(points) and len(polygons):
        hit[shapely.STRtree(polygons).query(shapely.points(points), predicate="intersects")[0]] = True
    return hit


def nearest_of(points: Array, polygons: NDArray[np.object_]) -> NDArray[np.intp]:
    """Return the position of the polygon that holds each point, else of the nearest."""
    shapely.prepare(polygons)
    tree, spots = shapely.STRtree(polygons), shapely.points(points)
    found = np.full(len(points), -1, dtype=np.intp)
    spot, polygon = tree.query(spots, predicate="intersects")
    found[spot[::-1]] = polygon[::-1]
    alone = found < 0
    if alone.any():
        found[alone] = tree.nearest(spots[alone])
    return found
