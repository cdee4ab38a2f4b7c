"""Flat polygons in space cut into triangles of their own corners, a million at a time.

Nine of ten surfaces of a city model are triangles, quadrilaterals or convex: those become fans without a loop. The
rest (holes, concave outlines) goes to GEOS, all together; what is not valid there is cut ear by ear.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Corners from which a fan is tried before a polygon is given to GEOS.
_FANS = 6
#: So many polygons are cut together: more at once are no quicker, and take more memory.
_BLOCK = 50_000
#: An outline of more corners that is not valid becomes a fan: ear by ear it would take minutes.
_MOST_EARS = 400
_STIR = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Polygons:
    """Polygons with holes as flat arrays; rings are not closed by a repeated corner.

    Parameters
    ----------
    corners : ndarray (c,) int64
        Rows of a table of points, ring after ring.
    ring_start : ndarray (r + 1,)
        Where each ring begins in ``corners``.
    polygon_ring : ndarray (p + 1,)
        Where each polygon begins among the rings; its first ring is the outline, the others are holes.
    """

    corners: Ints
    ring_start: Ints
    polygon_ring: Ints

    @property
    def count(self) -> int:
        """Return how many polygons there are."""
        return len(self.polygon_ring) - 1

    @property
    def corner_start(self) -> Ints:
        """Return where each polygon begins in ``corners``, (p + 1,)."""
        return self.ring_start[self.polygon_ring]


def triangulate(points: Floats, polygons: Polygons) -> tuple[Ints, Ints]:
    """Cut polygons that stand anywhere in space; triangles keep the direction of their polygon.

    Parameters
    ----------
    points : ndarray (n, 3) float64
    polygons : Polygons

    Returns
    -------
    triangles : ndarray (f, 3) int64
        Positions in ``polygons.corners`` (not rows of ``points``: a corner may have a texture coordinate of its own),
        polygon after polygon. Polygons without an area give none.
    owner : ndarray (f,) int64
        The polygon of each triangle.
    """
    if polygons.count <= _BLOCK:
        return _triangulated(points, polygons)
    triangles, owners = [], []
    for first in range(0, polygons.count, _BLOCK):
        rings = polygons.polygon_ring[first : first + _BLOCK + 1]
        starts = polygons.ring_start[rings[0] : rings[-1] + 1]
        part = Polygons(polygons.corners[starts[0] : starts[-1]], starts - starts[0], rings - rings[0])
        cut, of = _triangulated(points, part)
        triangles.append(cut + starts[0])
        owners.append(of + first)
    return np.concatenate(triangles), np.concatenate(owners)


def _triangulated(points: Floats, polygons: Polygons) -> tuple[Ints, Ints]:
    kept, xyz, ring_start, polygon_ring, number = _cleaned(points, polygons)
    if not len(number):
        return np.empty((0, 3), dtype=np.int64), np.empty(0, dtype=np.int64)
    flat, has_area = _flattened(xyz, ring_start, polygon_ring)
    start = ring_start[polygon_ring]
    count, rings = np.diff(start), np.diff(polygon_ring)
    triangles: list[Ints] = []
    owners: list[Ints] = []
    left = np.flatnonzero(has_area & (rings == 1))
    for first in range(_FANS):
        if not len(left):
            break
        fans, of = _fans(start[left], count[left], first)
        fine = _turns_left(flat, fans, of, len(left))
        chosen = fine[of]
        triangles.append(fans[chosen])
        owners.append(left[of[chosen]])
        left = left[~fine]
    is_left = has_area.copy()
    is_left[np.concatenate([np.empty(0, np.int64), *owners])] = False
    hard = np.flatnonzero(is_left)
    if len(hard):
        cut, of = _cut(flat, ring_start, polygon_ring, hard)
        triangles.append(cut)
        owners.append(of)
    found = np.concatenate([np.empty((0, 3), dtype=np.int64), *triangles])
    owner = np.concatenate([np.empty(0, dtype=np.int64), *owners])
    order = np.argsort(owner, kind="stable")
    return kept[found[order]], number[owner[order]]


def _cleaned(points: Floats, polygons: Polygons) -> tuple[Ints, Floats, Ints, Ints, Ints]:
    """Drop repeated corners, rings of fewer than three, and polygons without an outline.

    Returns
    -------
    kept : positions in ``corners``
    xyz : their points
    ring_start, polygon_ring : as of :class:`Polygons`
    number : which polygon each of the new ones was
    """
    xyz = points[polygons.corners]
    fresh = (xyz != _following(xyz, polygons.ring_start)).any(axis=1)
    size, rings = np.diff(polygons.ring_start), np.diff(polygons.polygon_ring)
    if fresh.all() and size.min(initial=3) >= 3 and rings.min(initial=1) >= 1:
        return np.arange(len(xyz)), xyz, polygons.ring_start, polygons.polygon_ring, np.arange(polygons.count)
    ring_of = np.repeat(np.arange(len(size)), size)
    size = np.bincount(ring_of[fresh], minlength=len(size))
    polygon_of = np.repeat(np.arange(polygons.count), rings)
    fine = size >= 3
    outline = polygons.polygon_ring[:-1]
    has_outline = np.zeros(polygons.count, dtype=bool)
    some = rings > 0
    has_outline[some] = fine[outline[some]]
    fine &= has_outline[polygon_of]
    kept = np.flatnonzero(fresh & fine[ring_of])
    rings = np.bincount(polygon_of[fine], minlength=polygons.count)[has_outline]
    return kept, xyz[kept], _ends(size[fine]), _ends(rings), np.flatnonzero(has_outline)


def _following(values: Floats, start: Ints) -> Floats:
    """Return for each corner what its ring's next corner has."""
    result = np.empty_like(values)
    result[:-1] = values[1:]
    some = np.diff(start) > 0
    result[start[1:][some] - 1] = values[start[:-1][some]]
    return result


def _ends(sizes: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _flattened(xyz: Floats, ring_start: Ints, polygon_ring: Ints) -> tuple[Floats, NDArray[np.bool_]]:
    """Lay each polygon into the plane of the two axes that it faces most, its outline turning left.

    Returns
    -------
    flat : ndarray (c, 2)
    has_area : ndarray (p,) bool
    """
    start = ring_start[polygon_ring]
    size = np.diff(start)
    # Far from zero a cross product has no digits left.
    x, y, z = (axis - np.repeat(axis[start[:-1]], size) for axis in (xyz[:, 0], xyz[:, 1], xyz[:, 2]))
    nx, ny, nz = (_following(axis, ring_start) for axis in (x, y, z))
    outline = polygon_ring[:-1]
    crosses = (y * nz - z * ny, z * nx - x * nz, x * ny - y * nx)
    normal = np.stack([np.add.reduceat(cross, ring_start[:-1])[outline] for cross in crosses])
    axis = np.abs(normal).argmax(axis=0)
    most = normal[axis, np.arange(len(axis))]
    way = np.repeat(axis + np.where(most > 0, 0, 3), size)
    u, v = np.choose(way, (y, z, x, z, x, y)), np.choose(way, (z, x, y, y, z, x))
    return np.stack([u, v], axis=1), np.abs(most) > 1e-12


def _fans(start: Ints, count: Ints, first: int) -> tuple[Ints, Ints]:
    """Return the triangles of a fan about one corner of each polygon, and which polygon each is of."""
    size = count - 2
    of = np.repeat(np.arange(len(size)), size)
    step = np.arange(len(of)) - np.repeat(np.cumsum(size) - size, size)
    corner = np.stack([np.full(len(of), first), first + step + 1, first + step + 2], axis=1)
    return np.asarray(start[of][:, None] + corner % count[of][:, None], dtype=np.int64), np.asarray(of, dtype=np.int64)


def _turns_left(flat: Floats, triangles: Ints, of: Ints, count: int) -> NDArray[np.bool_]:
    """Return which fans have no triangle that turns right."""
    a, b, c = (flat[triangles[:, k]] for k in range(3))
    turn = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    right = turn < -1e-9 * np.maximum(np.abs(b - a).max(axis=1) * np.abs(c - a).max(axis=1), 1e-6)
    fine: NDArray[np.bool_] = np.bincount(of[right], minlength=count) == 0
    return fine


def _cut(flat: Floats, ring_start: Ints, polygon_ring: Ints, chosen: Ints) -> tuple[Ints, Ints]:
    """Cut polygons with GEOS's constrained Delaunay triangulation."""
    rings = np.concatenate([np.arange(polygon_ring[p], polygon_ring[p + 1]) for p in chosen])
    polygon_of_ring = np.repeat(np.arange(len(chosen)), polygon_ring[chosen + 1] - polygon_ring[chosen])
    size = ring_start[rings + 1] - ring_start[rings]
    ring_of = np.repeat(np.arange(len(rings)), size)
    rows = np.arange(len(ring_of)) - (np.cumsum(size) - size)[ring_of] + ring_start[rings][ring_of]
    corners = flat[rows] + 0.0  # no minus zero
    loops = shapely.linearrings(corners, indices=ring_of)
    shapes = np.asarray(shapely.polygons(loops, indices=polygon_of_ring))
    valid = shapely.is_valid(shapes)
    try:
        cut = shapely.constrained_delaunay_triangles(shapes[valid])
    except shapely.errors.GEOSException:
        valid[:] = False
        cut = np.empty(0, dtype=object)
    parts, of = shapely.get_parts(cut, return_index=True)
    of = np.flatnonzero(valid)[of]
    found = shapely.get_coordinates(parts).reshape(-1, 4, 2)[:, :3]
    polygon = polygon_of_ring[ring_of]
    number = _looked_up(polygon, corners, np.repeat(of, 3), found.reshape(-1, 2)).reshape(-1, 3)
    whole = (number >= 0).all(axis=1)
    triangles, of = rows[np.maximum(number, 0)][whole], of[whole]
    a, b, c = (flat[triangles[:, k]] for k in range(3))
    turns_right = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) < (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    triangles[turns_right] = triangles[turns_right][:, ::-1]
    more = [(ears(flat, rows[np.flatnonzero(polygon == p)][: size[polygon_of_ring == p][0]]), p)
            for p in np.flatnonzero(~valid)]  # fmt: skip
    triangles = np.concatenate([triangles, *(cut for cut, _ in more)])
    of = np.concatenate([of, *(np.full(len(cut), p) for cut, p in more)])
    return triangles, chosen[of.astype(np.int64)]


def _looked_up(owner: Ints, table: Floats, wanted_owner: Ints, wanted: Floats) -> Ints:
    """Return the row of the table that has each wanted owner and place, -1 for none."""

    def keys(who: Ints, where: Floats) -> NDArray[np.uint64]:
        bits = np.ascontiguousarray(where + 0.0).view(np.uint64) * _STIR[1:]
        mixed: NDArray[np.uint64] = (who.astype(np.uint64) * _STIR[0]) ^ bits[:, 0] ^ (bits[:, 1] >> np.uint64(7))
        return mixed

    known, asked = keys(owner, table), keys(wanted_owner, wanted)
    order = np.argsort(known, kind="stable")
    at = order[np.minimum(np.searchsorted(known[order], asked), len(order) - 1)]
    same = (known[at] == asked) & (table[at] == wanted).all(axis=1)
    return np.where(same, at, -1)


def ears(flat: Floats, loop: Ints) -> Ints:
    """Cut one outline ear by ear: slow, and content with outlines that touch or cross themselves.

    Parameters
    ----------
    flat : ndarray (n, 2)
    loop : ndarray (k,)
        Rows of ``flat``, turning left.

    Returns
    -------
    ndarray (k - 2, 3)
    """
    if len(loop) > _MOST_EARS:
        return np.stack([np.full(len(loop) - 2, loop[0]), loop[1:-1], loop[2:]], axis=1)
    points = flat[loop].tolist()
    left = list(range(len(loop)))
    triangles: list[tuple[int, int, int]] = []

    def turn(a: int, b: int, c: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = points[a], points[b], points[c]
        return float((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))

    while len(left) > 3:
        best, at = None, 1
        for i in range(len(left)):
            a, b, c = left[i - 1], left[i], left[(i + 1) % len(left)]
            area = turn(a, b, c)
            if area < 0:
                continue
            inside = any(
                turn(a, b, p) > 0 and turn(b, c, p) > 0 and turn(c, a, p) > 0 for p in left if p not in (a, b, c)
            )
            if not inside:
                best, at = (a, b, c), i
                break
        if best is None:  # crossing itself: take what comes
            best, at = (left[0], left[1], left[2]), 1
        triangles.append(best)
        del left[at]
    triangles.append((left[0], left[1], left[2]))
    return loop[np.asarray(triangles, dtype=np.int64)]
