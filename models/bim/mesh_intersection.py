"""Intersection, penetration depth and distance of two triangle meshes.

All functions take triangles as arrays (n, 3, 3), float64 metres in a *local* frame, and work on whole arrays.

Invariants
----------
1. The common part of two solids has as corners exactly: edges of one through faces of the other, and corners of one
   inside the other. :func:`overlap` collects these; nothing is sampled.
2. Bodies that merely touch have a common part without thickness, so a tolerance tells touching from clashing.
3. A body that is not closed has no inside; for it the depth is how far one surface reaches through the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Slop of "on the triangle", metres: float32 vertices of a building are no better than this.
_SLOP_M = 2e-5
#: Pairs of triangles, or points times triangles, worked on at once.
_CHUNK = 200_000
#: Corners of one body that are tested for being inside the other; more are thinned out.
_MAX_CORNERS = 400
_MAX_DIRECTIONS = 96


@dataclass(frozen=True, slots=True)
class Overlap:
    """The common part of two bodies.

    Parameters
    ----------
    point : ndarray, shape (3,)
        Its middle.
    depth_m : float
        Its least thickness over the directions of the faces that meet: about how far one has to be moved.
    """

    point: Floats
    depth_m: float


@dataclass(frozen=True, slots=True)
class Gap:
    """The nearest two points of two bodies that do not meet."""

    a: Floats
    b: Floats
    distance_m: float


def boxes(triangles: Floats) -> tuple[Floats, Floats]:
    """Return the lowest and highest corner of each triangle, (n, 3) each."""
    return triangles.min(axis=1), triangles.max(axis=1)


def near_pairs(low_a: Floats, high_a: Floats, low_b: Floats, high_b: Floats, reach_m: float = 0.0) -> tuple[Ints, Ints]:
    """Return the index pairs of boxes that come within ``reach_m`` of each other along every axis."""
    if not len(low_a) or not len(low_b):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    if len(low_a) * len(low_b) <= 250_000:
        meet = np.ones((len(low_a), len(low_b)), dtype=bool)
        for axis in range(3):
            meet &= low_a[:, None, axis] - reach_m <= high_b[None, :, axis]
            meet &= high_a[:, None, axis] + reach_m >= low_b[None, :, axis]
        first, second = np.nonzero(meet)
        return first.astype(np.int64), second.astype(np.int64)
    tree = shapely.STRtree(shapely.box(low_b[:, 0], low_b[:, 1], high_b[:, 0], high_b[:, 1]))
    asked = shapely.box(low_a[:, 0] - reach_m, low_a[:, 1] - reach_m, high_a[:, 0] + reach_m, high_a[:, 1] + reach_m)
    first, second = tree.query(asked)
    level = (low_a[first, 2] - reach_m <= high_b[second, 2]) & (high_a[first, 2] + reach_m >= low_b[second, 2])
    return first[level].astype(np.int64), second[level].astype(np.int64)


def overlap(a: Floats, b: Floats) -> Overlap | None:
    """Return the common part of two bodies, None if their surfaces do not meet and neither holds the other."""
    low, high = np.maximum(a.min((0, 1)), b.min((0, 1))), np.minimum(a.max((0, 1)), b.max((0, 1)))
    if (low > high + _SLOP_M).any():
        return None
    near_a, near_b = _within(a, low, high), _within(b, low, high)
    first, second = near_pairs(*boxes(near_a), *boxes(near_b), _SLOP_M)
    through: list[Floats] = []
    met = np.zeros(len(first), dtype=bool)
    for start in range(0, len(first), _CHUNK):
        stop = min(start + _CHUNK, len(first))
        ta, tb = near_a[first[start:stop]], near_b[second[start:stop]]
        for one, other in ((ta, tb), (tb, ta)):
            points, hit = _edges_through(one, other)
            through.append(points)
            met[start:stop] |= hit
    closed_a, closed_b = is_closed(a), is_closed(b)
    inside = [corners for body, other, is_solid in ((a, b, closed_b), (b, a, closed_a)) if is_solid
              for corners in [_corners_inside(body, other, low, high)] if len(corners)]  # fmt: skip
    points = np.concatenate([*through, *inside]) if through or inside else np.empty((0, 3))
    if not len(points):
        return None
    if (closed_a and closed_b) or inside:
        depth = _thickness(points, near_a[np.unique(first[met])] if met.any() else a,
                           near_b[np.unique(second[met])] if met.any() else b)  # fmt: skip
    else:
        depth = _reach_through(near_a[first[met]], near_b[second[met]])
    return Overlap((points.min(axis=0) + points.max(axis=0)) / 2, depth)


def gap(a: Floats, b: Floats, limit_m: float) -> Gap | None:
    """Return the nearest points of two bodies that do not meet, None if they are farther apart than ``limit_m``."""
    first, second = near_pairs(*boxes(a), *boxes(b), limit_m)
    if not len(first):
        return None
    (low_a, high_a), (low_b, high_b) = boxes(a), boxes(b)
    apart = np.maximum(0.0, np.maximum(low_a[first] - high_b[second], low_b[second] - high_a[first]))
    least = np.sqrt((apart**2).sum(axis=1))
    order = np.argsort(least, kind="stable")
    best: Gap | None = None
    step = _CHUNK // 15
    for start in range(0, len(order), step):
        rows = order[start : start + step]
        if best is not None and least[rows[0]] >= best.distance_m:
            break
        found = _nearest_of(a[first[rows]], b[second[rows]])
        if best is None or found.distance_m < best.distance_m:
            best = found
    return best if best is not None and best.distance_m <= limit_m else None


def segment_gap(start: Floats, end: Floats, triangles: Floats) -> Gap:
    """Return the nearest points of a segment (``a``) and a body's surface (``b``); distance 0 where it goes through."""
    count = len(triangles)
    thin = np.empty((count, 3, 3))
    thin[:, 0], thin[:, 1], thin[:, 2] = start, end, end
    points, hit = _edges_through(thin, triangles)
    if hit.any():
        return Gap(points[0], points[0], 0.0)
    return _nearest_of(thin, triangles, edges_a=((0, 1),))


def is_closed(triangles: Floats) -> bool:
    """Whether a body has an inside: the area vectors of a closed surface add up to nothing."""
    vectors = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]) / 2
    total = float(np.linalg.norm(vectors, axis=1).sum())
    return total > 0 and float(np.linalg.norm(vectors.sum(axis=0))) < 1e-3 * total and len(triangles) > 3


def is_inside(points: Floats, triangles: Floats) -> NDArray[np.bool_]:
    """Whether points lie inside a closed body, by its winding number (Van Oosterom and Strackee's solid angles)."""
    total = np.zeros(len(points))
    rows = max(1, _CHUNK // max(len(triangles), 1))
    for start in range(0, len(points), rows):
        arms = triangles[None] - points[start : start + rows, None, None]
        size = np.linalg.norm(arms, axis=3)
        a, b, c = arms[:, :, 0], arms[:, :, 1], arms[:, :, 2]
        over = np.einsum("ijk,ijk->ij", a, np.cross(b, c))
        under = (
            size.prod(axis=2) + np.einsum("ijk,ijk->ij", a, b) * size[:, :, 2]
            + np.einsum("ijk,ijk->ij", b, c) * size[:, :, 0] + np.einsum("ijk,ijk->ij", c, a) * size[:, :, 1]
        )  # fmt: skip
        total[start : start + rows] = 2 * np.arctan2(over, under).sum(axis=1)
    return np.asarray(np.abs(total) > 2 * np.pi)


def _within(triangles: Floats, low: Floats, high: Floats) -> Floats:
    mine_low, mine_high = boxes(triangles)
    return triangles[(mine_low <= high + _SLOP_M).all(axis=1) & (mine_high >= low - _SLOP_M).all(axis=1)]


def _edges_through(one: Floats, other: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return where edges of ``one`` go through the triangles of ``other``, pair by pair, and which pairs do."""
    u, v = other[:, 1] - other[:, 0], other[:, 2] - other[:, 0]
    normal = np.cross(u, v)
    length = np.linalg.norm(normal, axis=1)
    normal = normal / np.where(length > 0, length, 1.0)[:, None]
    height = np.einsum("nij,nj->ni", one - other[:, :1], normal)
    found, hit = [], np.zeros(len(one), dtype=bool)
    for at in range(3):
        p, q = one[:, at], one[:, (at + 1) % 3]
        hp, hq = height[:, at], height[:, (at + 1) % 3]
        fall = hp - hq
        crossing = (np.minimum(hp, hq) <= _SLOP_M) & (np.maximum(hp, hq) >= -_SLOP_M) & (np.abs(fall) > _SLOP_M / 10)
        crossing &= length > 0
        rows = np.flatnonzero(crossing)
        if not len(rows):
            continue
        share = np.clip(hp[rows] / fall[rows], 0.0, 1.0)[:, None]
        points = p[rows] + share * (q[rows] - p[rows])
        on = _on_triangle(points, other[rows], normal[rows])
        found.append(points[on])
        hit[rows[on]] = True
    return (np.concatenate(found) if found else np.empty((0, 3))), hit


def _on_triangle(points: Floats, triangles: Floats, normal: Floats) -> NDArray[np.bool_]:
    """Whether points of the triangles' planes lie on them, edges included with some slop."""
    on = np.ones(len(points), dtype=bool)
    for at in range(3):
        start = triangles[:, at]
        edge = triangles[:, (at + 1) % 3] - start
        outward = np.cross(edge, normal)
        size = np.linalg.norm(outward, axis=1)
        side = np.einsum("ij,ij->i", points - start, outward) / np.where(size > 0, size, 1.0)
        on &= side <= _SLOP_M
    return on


def _corners_inside(body: Floats, other: Floats, low: Floats, high: Floats) -> Floats:
    corners = body.reshape(-1, 3)
    corners = corners[(corners >= low - _SLOP_M).all(axis=1) & (corners <= high + _SLOP_M).all(axis=1)]
    if not len(corners):
        return corners
    corners = np.unique(np.round(corners, 6), axis=0)
    if len(corners) > _MAX_CORNERS:
        corners = corners[np.linspace(0, len(corners) - 1, _MAX_CORNERS).astype(int)]
    return corners[is_inside(corners, other)]


def _thickness(points: Floats, a: Floats, b: Floats) -> float:
    """Return the least extent of points over the normals of the faces of both bodies and the three axes."""
    faces = np.concatenate([a, b])
    normals = np.cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0])
    size = np.linalg.norm(normals, axis=1)
    normals = normals[size > 0] / size[size > 0][:, None]
    flip = np.where(normals[:, 2:] < 0, -1.0, 1.0)
    directions = np.concatenate([normals * flip, np.eye(3)])
    _, kept = np.unique(np.round(directions, 3), axis=0, return_index=True)
    directions = directions[kept]  # as they are, not rounded: over a long wall that would be millimetres
    if len(directions) > _MAX_DIRECTIONS:
        directions = directions[np.linspace(0, len(directions) - 1, _MAX_DIRECTIONS).astype(int)]
    along = (points - points[0]) @ directions.T
    return float((along.max(axis=0) - along.min(axis=0)).min())


def _reach_through(a: Floats, b: Floats) -> float:
    """Return how far open surfaces reach through each other: the lesser side of the better pair."""
    if not len(a):
        return 0.0
    reaches = []
    for one, other in ((a, b), (b, a)):
        normal = np.cross(other[:, 1] - other[:, 0], other[:, 2] - other[:, 0])
        size = np.linalg.norm(normal, axis=1)
        height = np.einsum("nij,nj->ni", one - other[:, :1], normal / np.where(size > 0, size, 1.0)[:, None])
        reaches.append(np.minimum(height.max(axis=1), -height.min(axis=1)))
    return float(max(0.0, np.minimum(*reaches).max()))


def _nearest_of(a: Floats, b: Floats, edges_a: tuple[tuple[int, int], ...] = ((0, 1), (1, 2), (2, 0))) -> Gap:
    """Return the nearest points over all pairs of triangles: corner to face both ways, edge to edge."""
    best = Gap(a[0, 0], b[0, 0], float("inf"))
    for at in sorted({at for edge in edges_a for at in edge}):
        best = _nearer(best, a[:, at], _foot(a[:, at], b))
    for at in range(3):
        foot = _foot(b[:, at], a) if len(edges_a) == 3 else _foot_on_segment(b[:, at], a[:, 0], a[:, 1])
        best = _nearer(best, foot, b[:, at])
    for i, j in edges_a:
        for k, m in ((0, 1), (1, 2), (2, 0)):
            best = _nearer(best, *_between_segments(a[:, i], a[:, j], b[:, k], b[:, m]))
    return best


def _nearer(best: Gap, a: Floats, b: Floats) -> Gap:
    apart = np.linalg.norm(a - b, axis=1)
    at = int(apart.argmin())
    return Gap(a[at], b[at], float(apart[at])) if apart[at] < best.distance_m else best


def _foot(points: Floats, triangles: Floats) -> Floats:
    """Return the nearest point of each triangle to each point."""
    normal = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    size = np.linalg.norm(normal, axis=1)
    normal = normal / np.where(size > 0, size, 1.0)[:, None]
    foot = points - np.einsum("ij,ij->i", points - triangles[:, 0], normal)[:, None] * normal
    off = ~_on_triangle(foot, triangles, normal) | (size == 0)
    if off.any():
        p, t = points[off], triangles[off]
        choices = np.stack([_foot_on_segment(p, t[:, k], t[:, (k + 1) % 3]) for k in range(3)])
        nearest = ((choices - p) ** 2).sum(axis=2).argmin(axis=0)
        foot[off] = choices[nearest, np.arange(len(p))]
    return np.asarray(foot)


def _foot_on_segment(points: Floats, start: Floats, end: Floats) -> Floats:
    along = end - start
    size = np.einsum("ij,ij->i", along, along)
    share = np.einsum("ij,ij->i", points - start, along) / np.where(size > 0, size, 1.0)
    return np.asarray(start + np.clip(share, 0.0, 1.0)[:, None] * along)


def _between_segments(p: Floats, q: Floats, r: Floats, s: Floats) -> tuple[Floats, Floats]:
    """Return the nearest points of segments p–q and r–s (Ericson, Real-Time Collision Detection, 5.1.9)."""
    u, v, w = q - p, s - r, p - r
    a, e = np.einsum("ij,ij->i", u, u), np.einsum("ij,ij->i", v, v)
    b, c, f = np.einsum("ij,ij->i", u, v), np.einsum("ij,ij->i", u, w), np.einsum("ij,ij->i", v, w)
    det = a * e - b * b
    first = np.clip(np.where(det > 1e-12 * np.maximum(a * e, 1e-30), (b * f - c * e) / np.where(det > 0, det, 1), 0.0),
                    0.0, 1.0)  # fmt: skip
    second = np.clip((b * first + f) / np.where(e > 0, e, 1.0), 0.0, 1.0)
    first = np.clip((b * second - c) / np.where(a > 0, a, 1.0), 0.0, 1.0)
    return p + first[:, None] * u, r + second[:, None] * v
