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

#: Segments a quarter circle.
QUAD_SEGS = 64
#: So many parcels are cut at a time, and so many circles are kept for the next ones: they hold the memory.
AT_ONCE, MOST_KEPT = 4_096, 10_000


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
    lost_m2 : ndarray, shape (parcels,)
        Its area as far as it lies in a district: all of them make up what ``covered_m2`` lacks to ``total_m2``.
    """

    total_m2: Floats
    covered_m2: Floats
    district: Ints
    uncovered_share: Floats
    uncovered: Geometries
    lost_m2: Floats


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


def service_area(sites: Any, radius_m: Floats, quad_segs: int = QUAD_SEGS) -> shapely.Geometry:
    """Return the union of what lies within each site's radius, counted from the site's boundary.

    To be looked at: to measure what lies in it, :func:`out_of_reach` is many times faster.

    Parameters
    ----------
    sites : array of geometry
        Polygons where the site is known, else points.
    radius_m : array of float, same length
        Sites with NaN serve nobody.
    quad_segs : int
        Segments a quarter circle; with 64 the area of a circle is short by 0.01 %.
    """
    shapes, radii_m = _serving(sites, radius_m)
    return shapely.union_all(shapely.buffer(shapes, radii_m, quad_segs=quad_segs)) if len(shapes) else shapely.Polygon()


def _serving(sites: Any, radius_m: Floats) -> tuple[Geometries, Floats]:
    """Return the sites that serve somebody, mended, and their radii."""
    values = shapely.force_2d(np.asarray(sites, dtype=object))
    serves = np.isfinite(radius_m) & ~shapely.is_missing(values)
    serves[serves] &= ~shapely.is_empty(values[serves])
    shapes, radii_m = np.array(values[serves], dtype=object), np.asarray(radius_m, dtype=np.float64)[serves]
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken])
    return shapes, radii_m


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


def out_of_reach(parcels: Geometries, sites: Any, radius_m: Floats, quad_segs: int = QUAD_SEGS) -> Geometries:
    """Return the part of each parcel that lies in no service area; empty for one that lies wholly inside.

    The same as the difference to :func:`service_area`, without that union: what lies wholly within the radius of one
    site is told by a distance, and what is left is cut by the few sites that reach it, the nearest first.

    Parameters
    ----------
    parcels : array of polygon
        As :func:`polygons` gives them.
    sites : array of geometry
    radius_m : array of float, same length
        Sites with NaN serve nobody.
    quad_segs : int
    """
    shapes, radii_m = _serving(sites, radius_m)
    left = np.array(parcels, dtype=object)
    cut = np.flatnonzero(~shapely.is_empty(left))
    if not len(shapes) or not len(cut):
        return left
    box = shapely.bounds(left)
    centres = shapely.points((box[:, :2] + box[:, 2:]) / 2)
    half_m = np.hypot(*(box[:, 2:] - box[:, :2]).T) / 2  # every point of a parcel is as near to its centre
    trees = {radius: np.flatnonzero(radii_m == radius) for radius in np.unique(radii_m)}
    near = {radius: (rows, shapely.STRtree(shapes[rows])) for radius, rows in trees.items()}
    # A chord of a quarter circle lies so much inside it; GEOS lets it grow by half a segment.
    chord = np.cos(0.75 * np.pi / 2 / quad_segs) * (1 - 1e-6)
    for radius, (_, tree) in near.items():
        at, away_m = tree.query_nearest(
            centres[cut], max_distance=max(radius, 1e-9), return_distance=True, all_matches=False
        )
        inside = cut[at[0][away_m + half_m[cut[at[0]]] <= radius * chord]]
        left[inside] = shapely.Polygon()
        cut = np.setdiff1d(cut, inside, assume_unique=True)
    circles = np.full(len(shapes), None, dtype=object)
    for rows in np.split(cut, range(AT_ONCE, len(cut), AT_ONCE)):
        pairs = [
            (rows[at], known[site])
            for radius, (known, tree) in near.items()
            for at, site in (tree.query(left[rows], predicate="dwithin", distance=radius),)
        ]
        parcel, site = (np.concatenate(part) for part in zip(*pairs, strict=True))
        beyond = shapely.distance(centres[parcel], shapes[site]) - radii_m[site]
        order = np.lexsort((beyond, parcel))
        parcel, site = parcel[order], site[order]
        turn = np.arange(len(parcel)) - np.searchsorted(parcel, parcel)
        for now in range(int(turn.max(initial=-1)) + 1):
            one, by = parcel[turn == now], site[turn == now]
            still = shapely.dwithin(left[one], shapes[by], radii_m[by])  # not where nothing is left
            one, by = one[still], by[still]
            wanted = np.unique(by)
            wanted = wanted[shapely.is_missing(circles[wanted])]
            circles[wanted] = shapely.buffer(shapes[wanted], radii_m[wanted], quad_segs=quad_segs)
            left[one] = shapely.difference(left[one], circles[by])
            if len(circles) > MOST_KEPT:
                circles[wanted] = None
    return left


def reach(
    parcels: Geometries, districts: Geometries, sites: Any, radius_m: Floats, quad_segs: int = QUAD_SEGS
) -> Reach:
    """Lay parcels, districts and service areas over each other.

    Parameters
    ----------
    parcels, districts : arrays of polygon
        As :func:`polygons` gives them.
    sites, radius_m, quad_segs
        As in :func:`service_area`.
    """
    uncovered = out_of_reach(parcels, sites, radius_m, quad_segs)
    areas_m2, out_m2 = shapely.area(parcels), shapely.area(uncovered)
    with np.errstate(invalid="ignore", divide="ignore"):
        uncovered_share = np.where(areas_m2 > 0, np.clip(out_m2 / areas_m2, 0, 1), np.nan)
    parcel, district, is_whole = _pieces(parcels, districts)
    pieces_m2, missed_m2 = areas_m2[parcel], out_m2[parcel]
    part = np.flatnonzero(~is_whole)
    pieces_m2[part] = shapely.area(shapely.intersection(parcels[parcel[part]], districts[district[part]]))
    missed_m2[part] = shapely.area(shapely.intersection(uncovered[parcel[part]], districts[district[part]]))
    missed_m2 = np.minimum(missed_m2, pieces_m2)  # rounding must not make more than all
    count = len(districts)
    home = np.full(len(parcels), -1, dtype=np.int64)
    order = np.argsort(pieces_m2, kind="stable")  # the largest piece is written last
    held = order[pieces_m2[order] > 0]
    home[parcel[held]] = district[held]
    return Reach(
        total_m2=_sums(district, pieces_m2, count),
        covered_m2=_sums(district, pieces_m2 - missed_m2, count),
        district=home,
        uncovered_share=uncovered_share,
        uncovered=uncovered,
        lost_m2=_sums(parcel, missed_m2, len(parcels)),
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


def _pieces(things: Geometries, districts: Geometries) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Return thing and district of each pair that meets, and whether the thing lies wholly inside."""
    thing, district = _pairs(things, districts)
    if not len(thing):
        return thing, district, np.zeros(0, dtype=bool)
    whole_district, whole_thing = shapely.STRtree(things).query(districts, predicate="covers")
    count = len(districts)
    is_whole = np.isin(thing * count + district, whole_thing * count + whole_district)
    return thing, district, np.asarray(is_whole, dtype=bool)
