"""Snapping of the cursor to corners, edges and faces.

Only what can be seen is snapped to: the triangles near the ray are gathered, and a corner or an edge counts if nothing
stands between it and the eye. All is reckoned in float64 from the points that are drawn, which are float32 in the
project's local frame: within 8 km of its origin they are true to a quarter of a millimetre.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.project.selection import ObjectKey
from models.views.camera import Vector
from viewers.render.geometry.actors import Drawn
from viewers.render.geometry.local_plane import LocalPlane
from viewers.render.geometry.parts import MeshPart
from viewers.render.geometry.ray import Ray
from viewers.render.scene.picking import nearest

Floats = NDArray[np.float64]

#: How many candidates are looked at for being seen, nearest first.
TRIES = 4

#: Most triangles of models that are looked at, those of the foremost elements first: a heap of chairs has a million.
MOST_FACES = 30_000

#: What lies behind the face under the cursor is looked at within so many radii: a face may run away from the eye.
BEHIND = 12.0

#: A point is not hidden by the faces it lies on: room along the ray (or two pixels, if these are more), metres.
ROOM_M = 2e-3


class Snap(NamedTuple):
    """The point that a measuring cursor snaps to.

    Parameters
    ----------
    key : ObjectKey or None
        None on ground without an object.
    world : tuple of float
        East, north, height in the project CRS, metres.
    kind : str
        ``"vertex"``, ``"edge"`` or ``"face"``.
    middle : bool
        Whether the point is the middle of an edge (its kind is then ``"edge"``).
    """

    key: ObjectKey | None
    world: Vector
    kind: str
    middle: bool = False


class Found(NamedTuple):
    """A snap in the local frame.

    Parameters
    ----------
    point : ndarray (3,)
    one : Drawn
    number : int
        Its triangle (or glyph, or line).
    kind : str
    middle : bool
    """

    point: Floats
    one: Drawn
    number: int
    kind: str
    middle: bool = False


def snap(
    ray: Ray, ray_at: Callable[[Floats], Ray], drawn: Sequence[tuple[Drawn, Sequence[LocalPlane]]], radius_px: float
) -> Found | None:
    """Return the nearest corner, else edge, else face point within a radius of the ray.

    Parameters
    ----------
    ray : Ray
        Through the cursor.
    ray_at : callable
        Gives the ray through a local point.
    drawn : sequence of (Drawn, planes)
        What can be hit, and the planes that cut it.
    radius_px : float
    """
    face = nearest(ray, drawn)
    behind_m = np.inf if face is None else float((face[2] - ray.eye) @ ray.along)
    corners: list[_Candidates] = []
    edges: list[_Candidates] = []
    foremost = _foremost(ray, drawn, radius_px, behind_m)
    for number, (one, planes) in enumerate(drawn):
        sides = _sides(ray, one, planes, radius_px, behind_m, foremost.get(number))
        if sides is not None:
            corners.append(sides[0])
            edges.append(sides[1])
    for kind, found in (("vertex", corners), ("edge", edges)):
        for candidate in _by_distance(found):
            if _is_seen(candidate, ray_at, drawn):
                one, point, number, middle = candidate
                return Found(point, one, number, kind, middle)
    if face is None:
        return None
    one, number, point = face
    return Found(point, one, number, "face")


class _Candidates(NamedTuple):
    """Points near the ray, of one actor."""

    one: Drawn
    points: Floats
    numbers: NDArray[Any]
    away_px: Floats
    middle: NDArray[np.bool_]


def _by_distance(found: Iterable[_Candidates]) -> Iterator[tuple[Drawn, Floats, int, bool]]:
    """Yield single candidates, the nearest first, middles before other points of their edge; each place once."""
    rows = [
        (away, point, one, number, bool(middle))
        for one, points, numbers, away_px, middles in found
        for away, point, number, middle in _first_few(away_px, points, numbers, middles)
    ]
    rows.sort(key=lambda row: row[0])
    seen: list[Floats] = []
    for _, point, one, number, middle in rows:
        if any(np.abs(point - other).max() < 1e-6 for other in seen):
            continue
        seen.append(point)
        yield one, point, int(number), middle
        if len(seen) == TRIES:
            return


def _first_few(away_px: Floats, points: Floats, numbers: NDArray[Any], middles: NDArray[Any]) -> Iterator[Any]:
    order = np.argsort(away_px, kind="stable")[:400]
    _, first = np.unique(np.round(points[order] * 1e5), axis=0, return_index=True)
    for row in order[np.sort(first)][:TRIES]:
        yield float(away_px[row]), points[row], numbers[row], middles[row]


def _is_seen(
    candidate: tuple[Drawn, Floats, int, bool], ray_at: Callable[[Floats], Ray],
    drawn: Sequence[tuple[Drawn, Sequence[LocalPlane]]],
) -> bool:  # fmt: skip
    _, point, _, _ = candidate
    ray = ray_at(point)
    depth = float((point - ray.eye) @ ray.along)
    room = max(ROOM_M, 2.0 * float(ray.pixel_m(np.array([depth]))[0]))
    return nearest(ray, drawn, depth - room) is None


def _sides(
    ray: Ray, one: Drawn, planes: Sequence[LocalPlane], radius_px: float, behind_m: float, runs: NDArray[Any] | None
) -> tuple[_Candidates, _Candidates] | None:
    """Return corners and edge points of an actor's outlines within the radius; None if there are none."""
    part = one.part
    if not isinstance(part, MeshPart):
        return None
    low_ray = ray.lowered(one.lift_m)
    if part.elements is not None:
        rows = np.zeros(0, dtype=np.int64) if runs is None else part.elements.rows(runs)
        if one.clear is not None:
            rows = rows[~one.clear[rows]]
    else:
        reach_m = _reach_m(ray, one, radius_px)
        near_box = ray.meets_box(one.box + np.array([[-reach_m], [reach_m]]))
        rows = np.arange(len(one.oids) if near_box else 0)
    rows = rows[_are_near(low_ray, part, rows if one.rows is None else one.rows[rows], radius_px)]
    if not len(rows):
        return None
    faces = part.faces[rows if one.rows is None else one.rows[rows]]
    a, b, owner = _outlines(part, faces)
    if not len(a):
        return None
    one_end, other_end = part.points[a].astype(np.float64), part.points[b].astype(np.float64)
    laid_a, laid_b = low_ray.lay(one_end), low_ray.lay(other_end)
    step = laid_b - laid_a
    length = np.maximum((step[:, :2] ** 2).sum(axis=1), 1e-18)
    share = np.clip(-(laid_a[:, :2] * step[:, :2]).sum(axis=1) / length, 0.0, 1.0)
    lift = np.array([0.0, 0.0, one.lift_m])

    def near(points: Floats, numbers: NDArray[Any], middle: NDArray[np.bool_]) -> _Candidates:
        laid = low_ray.lay(points)
        away = np.hypot(laid[:, 0], laid[:, 1]) / np.maximum(low_ray.pixel_m(laid[:, 2]), 1e-12)
        good = (away <= radius_px) & (laid[:, 2] > 0)
        # What lies far behind the face under the cursor is hidden by it.
        good &= laid[:, 2] <= behind_m + radius_px * low_ray.pixel_m(laid[:, 2]) * BEHIND + 0.05
        shown = points + lift
        for plane in planes:
            good &= plane.beyond_m(shown) <= 1e-3
        return _Candidates(one, shown[good], rows[numbers[good]], away[good], middle[good])

    corners = near(np.concatenate([one_end, other_end]), np.tile(owner, 2), np.zeros(2 * len(a), dtype=bool))
    along = one_end + share[:, None] * (other_end - one_end)
    both = near(np.concatenate([(one_end + other_end) / 2, along]), np.tile(owner, 2), np.repeat([True, False], len(a)))
    # The middle of an edge comes before its other points.
    both = both._replace(away_px=both.away_px + np.where(both.middle, 0.0, radius_px))
    return corners, both


def _reach_m(ray: Ray, one: Drawn, radius_px: float) -> float:
    """Return the radius at the far end of an actor."""
    low, high = one.box
    far_m = np.linalg.norm(high - ray.eye) + np.linalg.norm(high - low)
    return radius_px * float(ray.pixel_m(np.array([far_m]))[0])


def _foremost(
    ray: Ray, drawn: Sequence[tuple[Drawn, Sequence[LocalPlane]]], radius_px: float, behind_m: float
) -> dict[int, NDArray[np.int64]]:  # fmt: skip
    """Return for actors of models, by their number, the elements that the ray meets or passes within the radius.

    The foremost are taken until they have :data:`MOST_FACES` triangles together.
    """
    numbers: list[NDArray[np.int64]] = []
    runs: list[NDArray[np.int64]] = []
    enters: list[Floats] = []
    sizes: list[NDArray[np.int64]] = []
    for number, (one, _) in enumerate(drawn):
        part = one.part
        if not isinstance(part, MeshPart) or part.elements is None:
            continue
        reach_m = _reach_m(ray, one, radius_px)
        if not ray.meets_box(one.box + np.array([[-reach_m], [reach_m]])):
            continue
        low_ray = ray.lowered(one.lift_m)
        mine = np.arange(len(part.elements.oids)) if one.runs is None else np.flatnonzero(one.runs)
        low, high = part.elements.low[mine], part.elements.high[mine]
        far = np.maximum((high - low_ray.eye) @ ray.along, (low - low_ray.eye) @ ray.along)
        reach = np.abs(radius_px * low_ray.pixel_m(far))
        chosen, enter = low_ray.meets_boxes(low, high, reach)
        chosen &= enter <= behind_m + 0.05 + BEHIND * reach
        runs.append(mine[chosen])
        enters.append(enter[chosen])
        sizes.append(part.elements.starts[runs[-1] + 1] - part.elements.starts[runs[-1]])
        numbers.append(np.full(len(runs[-1]), number))
    if not numbers:
        return {}
    order = np.argsort(np.concatenate(enters), kind="stable")
    size = np.concatenate(sizes)[order]
    order = np.sort(order[np.cumsum(size) - size < MOST_FACES])
    actor, run = np.concatenate(numbers)[order], np.concatenate(runs)[order]
    return {int(k): run[actor == k] for k in np.unique(actor)}


def _are_near(ray: Ray, part: MeshPart, rows: NDArray[Any], radius_px: float) -> NDArray[np.bool_]:
    """Return which faces of a part the ray meets or passes within the radius."""
    laid = ray.lay(part.points[part.faces[rows].ravel()]).reshape(-1, 3, 3)
    one, two, three = laid[:, 0], laid[:, 1], laid[:, 2]  # side by side: rows of three are slow to reduce
    low, high = np.minimum(np.minimum(one, two), three), np.maximum(np.maximum(one, two), three)
    reach = radius_px * ray.pixel_m(np.maximum(high[:, 2], 0.0))
    close: NDArray[np.bool_] = (high[:, 2] > 0) & (low[:, 0] <= reach) & (high[:, 0] >= -reach)
    return close & (low[:, 1] <= reach) & (high[:, 1] >= -reach)


def _outlines(part: MeshPart, faces: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the sides of faces that are outlines: their two points, and the face each belongs to."""
    following = np.roll(faces, -1, axis=1)
    if part.edge_flags is not None:
        drawn = part.edge_flags[faces].astype(bool)
    elif part.edges is not None and len(part.edges):
        from viewers.render.geometry.vtk_arrays import edge_flags

        drawn = edge_flags(faces, part.edges, len(part.points)).astype(bool)
    else:
        drawn = np.zeros(faces.shape, dtype=bool)
    row, _ = np.nonzero(drawn)
    return faces[drawn], following[drawn], row
