"""Measuring by district: land in reach of facilities, and lengths and points that fall into a district.

Pure functions over geometries in one projected CRS, metres. A district is told by where a thing *lies*, never by what
its attribute says: attributes are copied and go stale, and a facility beyond the border serves this side too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reach:
    """How much of the parcels is within reach, by district and by parcel.

    Parameters
    ----------
    total_m2, covered_m2 : ndarray, shape (districts,)
        Parcel area in each district, and the part of it within reach.
    district : ndarray of int, shape (parcels,)
        The district in which most of the parcel lies, -1 for none.
    uncovered_share : ndarray, shape (parcels,)
        Share of the parcel out of reach, 0…1; NaN for a parcel without area.
    uncovered : ndarray of geometry, shape (parcels,)
        The part out of reach.
    """

    total_m2: Floats
    covered_m2: Floats
    district: Ints
    uncovered_share: Floats
    uncovered: Geometries


def polygons(geometries: Any) -> Geometries:
    """Return clean polygons in plan: mended where they cross themselves, empty where there is no area."""
    values = shapely.force_2d(np.asarray(geometries, dtype=object))
    values = np.where(shapely.is_missing(values), shapely.Polygon(), values)
    broken = ~shapely.is_valid(values)
    if broken.any():
        values[broken] = shapely.make_valid(values[broken])
    mixed = shapely.get_type_id(values) == shapely.GeometryType.GEOMETRYCOLLECTION
    for position in np.flatnonzero(mixed):
        parts = shapely.get_parts(values[position])
        values[position] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    values[shapely.get_dimensions(values) != 2] = shapely.Polygon()
    return np.asarray(values, dtype=object)


def service_area(sites: Any, radius_m: Floats, quad_segs: int = 64) -> shapely.Geometry:
    """Return the union of what lies within each site's radius, counted from the site's boundary.

    Parameters
    ----------
    sites : array of geometry
        Polygons where the site is known, else points.
    radius_m : array of float, same length
        Sites with NaN serve nobody.
    quad_segs : int
        Segments a quarter circle; with 64 the area of a circle is short by 0.01 %.
    """
    values = shapely.force_2d(np.asarray(sites, dtype=object))
    serves = np.isfinite(radius_m) & ~shapely.is_missing(values)
    serves[serves] &= ~shapely.is_empty(values[serves])
    if not serves.any():
        return shapely.Polygon()
    return shapely.union_all(shapely.buffer(values[serves], radius_m[serves], quad_segs=quad_segs))


def beyond_m(places: Geometries, sites: Any, radius_m: Floats) -> Floats:
    """Return how far places lie beyond the service radius of the facility that is nearest to reaching them, metres.

    Counted from a point inside each place to the boundaries of the sites, as the radius is. NaN without facilities.

    Parameters
    ----------
    places : array of geometry, shape (n,)
        The parts of parcels that are out of reach.
    sites : array of geometry
    radius_m : array of float, same length
        Sites with NaN serve nobody.
    """
    points, shapes = shapely.point_on_surface(places), shapely.force_2d(np.asarray(sites, dtype=object))
    least = np.full(len(points), np.nan)
    for radius in np.unique(radius_m[np.isfinite(radius_m)]):
        tree = shapely.STRtree(shapes[radius_m == radius])
        found, away_m = tree.query_nearest(points, return_distance=True, all_matches=False)
        least[found[0]] = np.fmin(least[found[0]], away_m - radius)
    beyond: Floats = np.maximum(least, 0.0)
    return beyond


def reach(parcels: Geometries, districts: Geometries, area: shapely.Geometry) -> Reach:
    """Lay parcels, districts and a service area over each other.

    Parameters
    ----------
    parcels, districts : arrays of polygon
        As :func:`polygons` gives them.
    area : geometry
        As :func:`service_area` gives it.
    """
    shapely.prepare(area)
    areas_m2 = shapely.area(parcels)
    inside = shapely.intersection(parcels, area)
    uncovered = shapely.difference(parcels, area)
    with np.errstate(invalid="ignore", divide="ignore"):
        uncovered_share = np.where(areas_m2 > 0, np.clip(shapely.area(uncovered) / areas_m2, 0, 1), np.nan)
    parcel, district = _pairs(parcels, districts)
    pieces_m2 = shapely.area(shapely.intersection(parcels[parcel], districts[district]))
    covered_m2 = shapely.area(shapely.intersection(inside[parcel], districts[district]))
    covered_m2 = np.minimum(covered_m2, pieces_m2)  # rounding must not make more than all
    count = len(districts)
    home = np.full(len(parcels), -1, dtype=np.int64)
    order = np.argsort(pieces_m2, kind="stable")  # the largest piece is written last
    held = order[pieces_m2[order] > 0]
    home[parcel[held]] = district[held]
    return Reach(
        total_m2=_sums(district, pieces_m2, count),
        covered_m2=_sums(district, covered_m2, count),
        district=home,
        uncovered_share=uncovered_share,
        uncovered=uncovered,
    )


def lengths_by_district(lines: Any, districts: Geometries, split_borders: bool = True) -> Floats:
    """Return the length of lines inside each district, metres in plan.

    Parameters
    ----------
    lines : array of line geometry
    districts : array of polygon
    split_borders : bool
        A stretch that runs exactly along the border of two districts counts half for each; otherwise fully for both.

    Notes
    -----
    A line that runs back over itself counts once: what is measured is where the road is, not how it was drawn.
    """
    values = shapely.force_2d(np.asarray(lines, dtype=object))
    values = np.where(shapely.is_missing(values), shapely.LineString(), values)
    line, district = _pairs(values, districts)
    pieces = shapely.intersection(values[line], districts[district])
    lengths_m = shapely.length(pieces)
    if split_borders:
        times = np.bincount(line, minlength=len(values))
        for index in np.flatnonzero(times > 1):
            mine = np.flatnonzero(line == index)
            for i, first in enumerate(mine):
                for second in mine[i + 1 :]:
                    shared_m = shapely.length(shapely.intersection(pieces[first], pieces[second]))
                    lengths_m[[first, second]] -= shared_m / 2
    return _sums(district, lengths_m, len(districts))


def covered(shapes: Geometries, units: Geometries, counted: object = True) -> Floats:
    """Return the area that shapes cover in each unit, square metres; what overlaps counts once."""
    areas_m2 = np.zeros(len(units))
    if not len(shapes):
        return areas_m2
    tree = shapely.STRtree(shapes)
    for position in np.flatnonzero(np.broadcast_to(np.asarray(counted, dtype=bool), len(units))):
        inside = shapes[tree.query(units[position], predicate="intersects")]
        if len(inside):
            areas_m2[position] = shapely.area(shapely.intersection(shapely.union_all(inside), units[position]))
    return areas_m2


def district_of(points: Any, districts: Geometries) -> Ints:
    """Return the district in which each point lies, -1 for none; on a border the first one."""
    values = np.asarray(points, dtype=object)
    there = ~shapely.is_missing(values)
    there[there] &= ~shapely.is_empty(values[there])
    home = np.full(len(values), -1, dtype=np.int64)
    point, district = _pairs(values[there], districts)
    order = np.argsort(-district, kind="stable")  # the first district is written last
    found = home[there]
    found[point[order]] = district[order]
    home[there] = found
    return home


def _sums(group: Ints, values: Floats, count: int) -> Floats:
    return np.bincount(group, weights=values, minlength=count).astype(np.float64)


def _pairs(things: Geometries, districts: Geometries) -> tuple[Ints, Ints]:
    if not len(things) or not len(districts):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    thing, district = shapely.STRtree(districts).query(things, predicate="intersects")
    order = np.lexsort((district, thing))
    return thing[order], district[order]
