"""Filled cut faces: the polygons in which a section plane cuts closed bodies; safe on any thread.

Invariants
----------
1. A triangle gives one directed segment; a point of the section is reckoned from the two ends of its edge in an order
   that does not depend on the triangle, so that neighbours give the very same point.
2. What does not close is not filled. Where the faces of a body are wound one way, its inside is where the winding
   number is not zero (overlapping bodies of one element are full); else the even-odd rule decides.
3. Elements are cut side by side: each is moved to a place of its own in the plane, and one call finds all rings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from viewers.render.geometry.local_plane import LocalPlane
from viewers.render.geometry.parts import Body, MeshPart

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Points of a section nearer than this are one.
WELD_M = 2e-4

#: A section that stays open by less than this is closed.
GAP_M = 5e-3

#: A cut face is this much darker than what is cut.
DARKER = 0.62

EDGE_COLOUR = "#2f363b"


@dataclass(frozen=True, slots=True)
class Segments:
    """Directed pieces of the outlines of a section.

    Parameters
    ----------
    a, b : ndarray (s, 2)
        Ends, in the plane's own coordinates, metres.
    oids : ndarray (s,)
    """

    a: Floats
    b: Floats
    oids: Ints


def caps(bodies: Sequence[Body], planes: Sequence[LocalPlane], number: int) -> MeshPart | None:
    """Fill where one plane cuts the bodies of a layer.

    Parameters
    ----------
    bodies : sequence of Body
    planes : sequence of LocalPlane
        All that cut; elements that another plane takes away as a whole are not looked at.
    number : int
        The plane to fill.

    Returns
    -------
    MeshPart or None
        Triangles in the plane with the outline of each section, None where nothing closed is cut.
    """
    plane = planes[number]
    axes = plane_axes(plane)
    cut: list[Segments] = []
    colours: dict[int, NDArray[np.uint8]] = {}
    for body in bodies:
        rows = _crossing(body, planes, number)
        if not len(rows):
            continue
        corners = body.part.points[body.part.faces[rows]].astype(np.float64)
        corners[..., 2] += body.lift_m
        oids = body.part.oids[rows].astype(np.int64)
        found = section(corners, oids, plane, axes)
        cut.append(found)
        first = np.unique(oids, return_index=True)
        for oid, row in zip(first[0].tolist(), rows[first[1]].tolist(), strict=True):
            colours.setdefault(oid, body.colours[row])
    if not cut:
        return None
    segments = Segments(*(np.concatenate([getattr(c, k) for c in cut]) for k in ("a", "b", "oids")))
    triangles, oids, flags = filled(segments, foot_open=any(body.foot_open for body in bodies))
    if not len(triangles):
        return None
    points = plane.point + triangles.reshape(-1, 2) @ axes
    table = np.array([colours[oid] for oid in oids.tolist()], dtype=np.float64)
    table[:, :3] *= DARKER
    table[:, 3] = 255.0
    return MeshPart(
        points.astype(np.float32), np.arange(len(points), dtype=np.int32).reshape(-1, 3), oids.astype(np.int32),
        table.astype(np.uint8), edge_flags=flags.astype(np.uint8).ravel(), edge_colour=EDGE_COLOUR, offset=0.5,
        lit=False,
    )  # fmt: skip


def plane_axes(plane: LocalPlane) -> Floats:
    """Return two unit vectors (2, 3) that span a plane."""
    helper = np.array([0.0, 0.0, 1.0]) if abs(plane.normal[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    right = np.cross(helper, plane.normal)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(plane.normal, right)])


def _crossing(body: Body, planes: Sequence[LocalPlane], number: int) -> Ints:
    """Return the faces of elements whose box the plane cuts and no other plane takes away."""
    elements = body.part.elements
    if elements is None:
        away = planes[number].beyond_m(body.part.points + np.array([0.0, 0.0, body.lift_m]))[body.part.faces]
        near = (away.min(axis=1) <= 0) & (away.max(axis=1) >= 0) & (body.part.oids >= 0)
        return np.flatnonzero(near)
    low, high = elements.low.astype(np.float64), elements.high.astype(np.float64)
    middle, half = (low + high) / 2 + np.array([0.0, 0.0, body.lift_m]), (high - low) / 2 + 1e-4
    chosen = np.ones(len(low), dtype=bool) if body.runs is None else body.runs.copy()
    for k, plane in enumerate(planes):
        away, reach = plane.beyond_m(middle), half @ np.abs(plane.normal)
        chosen &= (np.abs(away) <= reach) if k == number else (away - reach <= 0)
    return elements.rows(chosen)


def section(corners: Floats, oids: Ints, plane: LocalPlane, axes: Floats) -> Segments:
    """Cut triangles (f, 3, 3) with a plane."""
    away = plane.beyond_m(corners)
    beyond = away >= 0.0
    count = beyond.sum(axis=1)
    rows = np.flatnonzero((count == 1) | (count == 2))
    corners, away, beyond = corners[rows], away[rows], beyond[rows]
    single = count[rows] == 1
    lone = np.argmax(beyond == single[:, None], axis=1)  # the corner that is alone on its side
    pick = np.arange(len(rows))
    ends = []
    for step in (1, 2):
        other = (lone + step) % 3
        out, back = np.where(single, lone, other), np.where(single, other, lone)  # the end beyond comes first, always
        share = away[pick, out] / (away[pick, out] - away[pick, back])
        at = corners[pick, out] + share[:, None] * (corners[pick, back] - corners[pick, out])
        ends.append((at - plane.point) @ axes.T)
    turned = single[:, None]
    return Segments(np.where(turned, ends[0], ends[1]), np.where(turned, ends[1], ends[0]), oids[rows])


def filled(segments: Segments, *, foot_open: bool = False) -> tuple[Floats, Ints, Bools]:
    """Fill the rings that segments make, element by element.

    Returns
    -------
    triangles : ndarray (t, 3, 2)
        In the plane's own coordinates.
    oids : ndarray (t,)
    outlined : ndarray (t, 3) bool
        Whether the side that begins at a corner is a piece of the outline.
    """
    nothing = np.zeros((0, 3, 2)), np.zeros(0, dtype=np.int64), np.zeros((0, 3), dtype=bool)
    if not len(segments.oids):
        return nothing
    names, owner = np.unique(segments.oids, return_inverse=True)
    grid = np.round(np.concatenate([segments.a, segments.b]) / WELD_M).astype(np.int64)
    # Every element in a column of its own, far enough from the next.
    low = grid.min(axis=0)
    pitch = int(np.ptp(grid[:, 0])) + 10_000
    place = (grid - low) + np.column_stack([np.tile(owner, 2) * pitch, np.zeros(len(grid), dtype=np.int64)])
    spots, node = np.unique(place[:, 0] + 1j * place[:, 1], return_inverse=True)
    a, b = node[: len(owner)], node[len(owner) :]
    a, b, weight, owner = _merged(a, b, owner, len(spots))
    a, b, weight, owner, wound = _closed(a, b, weight, owner, spots, len(names), foot_open)
    if not len(a):
        return nothing
    where = np.column_stack([spots.real, spots.imag])
    rings = shapely.get_parts(shapely.polygonize(shapely.linestrings(np.stack([where[a], where[b]], axis=1))))
    if not len(rings):
        return nothing
    inner = shapely.get_coordinates(shapely.point_on_surface(rings))
    column = (inner[:, 0] // pitch).astype(np.int64)
    inside = _inside(inner, column, where[a], where[b], weight, owner, wound)
    rings, column = rings[inside], column[inside]
    pieces, of_ring = _triangulated(rings)
    if not len(pieces):
        return nothing
    corners = shapely.get_coordinates(pieces).reshape(-1, 4, 2)[:, :3]
    ids = np.searchsorted(spots, corners[..., 0] + 1j * corners[..., 1])
    following = np.roll(ids, -1, axis=1)
    known = np.unique(np.minimum(a, b) * len(spots) + np.maximum(a, b))
    outlined = np.isin(np.minimum(ids, following) * len(spots) + np.maximum(ids, following), known)
    corners[..., 0] -= (column[of_ring] * pitch)[:, None]
    return (corners + low) * WELD_M, names[column[of_ring]], outlined


def _triangulated(rings: NDArray[np.object_]) -> tuple[NDArray[np.object_], Ints]:
    """Return triangles and the ring of each; a sliver that GEOS gives up on is left out."""
    try:
        found = shapely.constrained_delaunay_triangles(rings)
    except shapely.errors.GEOSException:
        found = np.array([_or_nothing(ring) for ring in rings], dtype=object)
    pieces, of_ring = shapely.get_parts(found, return_index=True)
    return pieces, of_ring


def _or_nothing(ring: Any) -> Any:
    try:
        return shapely.constrained_delaunay_triangles(ring)
    except shapely.errors.GEOSException:
        return None


def _merged(a: Ints, b: Ints, owner: Ints, count: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Take out what has no length and what runs both ways; return the rest once, with how often it runs a → b."""
    long = a != b
    a, b, owner = a[long], b[long], owner[long]
    key, first, of = np.unique(np.minimum(a, b) * count + np.maximum(a, b), return_index=True, return_inverse=True)
    weight = np.zeros(len(key), dtype=np.int64)
    np.add.at(weight, of, np.where(a < b, 1, -1))
    times = np.bincount(of, minlength=len(key))
    # Faces wound against each other may cancel by chance: one that runs there an odd number of times bounds something.
    kept = (weight != 0) | (times % 2 == 1)
    first = first[kept]
    return np.minimum(a[first], b[first]), np.maximum(a[first], b[first]), weight[kept], owner[first]


def _closed(
    a: Ints, b: Ints, weight: Ints, owner: Ints, spots: NDArray[np.complex128], owners: int, foot_open: bool
) -> tuple[Ints, Ints, Ints, Ints, Bools]:  # fmt: skip
    """Leave only chains that close, and say of which elements all faces are wound one way."""
    from scipy.sparse import coo_matrix  # a tenth of the window's imports, for who cuts
    from scipy.sparse.csgraph import connected_components

    count = len(spots)
    degree = np.bincount(a, minlength=count) + np.bincount(b, minlength=count)
    _, chain = connected_components(coo_matrix((np.ones(len(a)), (a, b)), shape=(count, count)), directed=False)
    loose = np.flatnonzero(degree % 2 == 1)
    open_ends = np.bincount(chain[loose], minlength=chain.max(initial=0) + 1)
    pairs = loose[open_ends[chain[loose]] == 2]
    pairs = pairs[np.argsort(chain[pairs], kind="stable")].reshape(-1, 2)
    if len(pairs):
        gap = np.abs(spots[pairs[:, 0]] - spots[pairs[:, 1]]) * WELD_M
        pairs = pairs if foot_open else pairs[gap <= GAP_M]
    if len(pairs):
        open_ends[chain[pairs[:, 0]]] = 0
        owner_of = np.zeros(count, dtype=np.int64)
        owner_of[a] = owner
        owner_of[b] = owner
        a, b = np.concatenate([a, pairs[:, 0]]), np.concatenate([b, pairs[:, 1]])
        balance = np.zeros(count, dtype=np.int64)
        np.add.at(balance, a[: len(weight)], weight)
        weight = np.concatenate([weight, np.where(balance[pairs[:, 0]] > 0, -1, 1)])
        owner = np.concatenate([owner, owner_of[pairs[:, 0]]])
    whole = open_ends[chain[a]] == 0
    a, b, weight, owner = a[whole], b[whole], weight[whole], owner[whole]
    balance = np.zeros(count, dtype=np.int64)
    np.add.at(balance, a, weight)
    np.add.at(balance, b, -weight)
    wound = np.ones(owners, dtype=bool)
    wound[owner[(balance[a] != 0) | (balance[b] != 0) | (weight == 0)]] = False
    return a, b, weight, owner, wound


def _inside(inner: Floats, column: Ints, a: Floats, b: Floats, weight: Ints, owner: Ints, wound: Bools) -> Bools:
    """Return which points lie inside their element's outline: what is met on the way up is counted."""
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(len(wound) + 1))
    sizes = np.diff(starts)[column]
    point = np.repeat(np.arange(len(inner)), sizes)
    ends = np.cumsum(sizes)
    piece = order[np.arange(int(ends[-1])) - np.repeat(ends - sizes, sizes) + starts[column][point]]
    one, two, at = a[piece], b[piece], inner[point]
    rightward = (one[:, 0] <= at[:, 0]) & (two[:, 0] > at[:, 0])
    leftward = (two[:, 0] <= at[:, 0]) & (one[:, 0] > at[:, 0])
    with np.errstate(divide="ignore", invalid="ignore"):
        height = one[:, 1] + (at[:, 0] - one[:, 0]) / (two[:, 0] - one[:, 0]) * (two[:, 1] - one[:, 1])
    met = (rightward | leftward) & (height > at[:, 1])
    turns = np.bincount(point[met], np.where(rightward, 1, -1)[met] * weight[piece[met]], minlength=len(inner))
    crossings = np.bincount(point[met], minlength=len(inner))
    inside: Bools = np.where(wound[column], turns != 0, crossings % 2 == 1)
    return inside
