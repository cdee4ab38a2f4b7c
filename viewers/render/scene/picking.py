"""What lies under a pixel: the ray through it, met with the very triangles, glyphs and lines that are drawn.

No frame is drawn for a pick. All points are laid into the plane across the ray, where the ray is the origin: a triangle
is hit if the origin is inside it. A million triangles take a few tens of milliseconds, and instanced glyphs are met in
their own shape. Draped surfaces lie within centimetres of each other; as in the picture, their depth offset decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy

from models.project.selection import ObjectKey
from models.views.camera import Vector
from viewers.render.geometry.actors import Drawn
from viewers.render.geometry.parts import CloudPart, Elements, GlyphPart, LinePart, MeshPart
from viewers.render.palette.lighting import NEARER
from viewers.render.section.clip_planes import LocalPlane

Floats = NDArray[np.float64]

#: What lies in the cut itself (its filled faces) is not cut away, metres.
CUT_M = 1e-3

#: A line answers to a pick within this many pixels of its edge.
LINE_REACH_PX = 2.0


class Pick(NamedTuple):
    """What was hit.

    Parameters
    ----------
    key : ObjectKey or None
        None on ground without an object.
    world : tuple of float or None
        Point hit, in the project CRS; None in the sky.
    """

    key: ObjectKey | None
    world: Vector | None


class Ray:
    """The line of sight through a pixel.

    Parameters
    ----------
    renderer : vtkRenderer
    x, y : int
        Display pixels from the lower left corner.
    """

    def __init__(self, renderer: Any, x: float, y: float) -> None:
        near, far = (display_point(renderer, x, y, depth) for depth in (0.0, 1.0))
        self.eye = near
        along = far - near
        self.along = along / np.linalg.norm(along)
        helper = np.array([0.0, 0.0, 1.0]) if abs(self.along[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
        right = np.cross(self.along, helper)
        right /= np.linalg.norm(right)
        #: Columns: across, across, along the ray.
        self.axes = np.stack([right, np.cross(right, self.along), self.along], axis=1)
        camera = renderer.GetActiveCamera()
        height = max(renderer.GetSize()[1], 1)
        self._parallel_m = 2 * camera.GetParallelScale() / height if camera.GetParallelProjection() else None
        self._slope = 2 * np.tan(np.radians(camera.GetViewAngle() / 2)) / height
        self._gap_m = float(np.linalg.norm(near - np.asarray(camera.GetPosition())))

    def lay(self, points: NDArray[Any]) -> Floats:
        """Return points (n, 3) as two distances from the ray and the distance along it."""
        laid: Floats = (points - self.eye) @ self.axes
        return laid

    def pixel_m(self, depth_m: Floats) -> Floats:
        """Return the width of a pixel at distances along the ray."""
        if self._parallel_m is not None:
            return np.full_like(depth_m, self._parallel_m)
        wide: Floats = self._slope * (depth_m + self._gap_m)
        return wide

    def lowered(self, lift_m: float) -> Ray:
        """Return this ray as what is raised by ``lift_m`` sees it from where it was."""
        if not lift_m:
            return self
        ray = copy(self)
        ray.eye = self.eye - [0.0, 0.0, lift_m]
        return ray

    def span(self, planes: Iterable[LocalPlane]) -> tuple[float, float]:
        """Return from where to where, along the ray, nothing is cut away; empty if the first is the larger."""
        low, high = 0.0, np.inf
        for plane in planes:
            speed = float(self.along @ plane.normal)
            start = float(plane.beyond_m(self.eye))
            if abs(speed) < 1e-12:
                high = -np.inf if start > 0 else high
            elif speed > 0:
                high = min(high, -start / speed)
            else:
                low = max(low, -start / speed)
        return low - CUT_M, high + CUT_M

    def meets_boxes(
        self, low: NDArray[Any], high: NDArray[Any], reach_m: Any = 0.0
    ) -> tuple[NDArray[np.bool_], Floats]:  # fmt: skip
        """Return which of many boxes (k, 3) the ray passes within ``reach_m``, and where along it it enters them."""
        enter, leave = np.full(len(low), -np.inf), np.full(len(low), np.inf)
        with np.errstate(divide="ignore", invalid="ignore"):
            for axis in range(3):  # side by side in columns: rows of three are slow to reduce
                one = (low[:, axis] - reach_m - self.eye[axis]) / self.along[axis]
                two = (high[:, axis] + reach_m - self.eye[axis]) / self.along[axis]
                enter = np.fmax(enter, np.fmin(one, two))
                leave = np.fmin(leave, np.fmax(one, two))
        return (enter <= leave) & (leave >= 0), enter

    def meets_box(self, box: Floats) -> bool:
        """Whether the ray passes through a box (2, 3) in front of the eye."""
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.nan_to_num((box - self.eye) / self.along, nan=0.0, posinf=np.inf, neginf=-np.inf)
        return bool(t.min(axis=0).max() <= max(t.max(axis=0).min(), 0.0) and t.max(axis=0).min() >= 0.0)

    def nearer(self, depth_m: float, offset: float) -> float:
        """Return a distance as the depth offset of a part makes it look."""
        return (depth_m + self._gap_m) * (1.0 - offset * NEARER)


def nearest(
    ray: Ray, drawn: Iterable[tuple[Drawn, Sequence[LocalPlane]]], most_m: float = np.inf
) -> tuple[Drawn, int, Floats] | None:  # fmt: skip
    """Return what the ray meets first: the actor, its cell or glyph number, and the local point; None in the sky.

    Parameters
    ----------
    ray : Ray
    drawn : iterable of (Drawn, planes)
        What can be hit, and the planes that cut it.
    most_m : float
        What lies farther along the ray is not looked for.
    """
    best: tuple[float, Drawn, int, float] | None = None
    for one, planes in drawn:
        low, high = ray.span(planes) if planes else (0.0, np.inf)
        span = low, min(high, most_m)
        hit = _meet(ray.lowered(one.lift_m), one, span) if span[0] < span[1] else None
        if hit is None:
            continue
        number, depth = hit
        seems = ray.nearer(depth, one.part.offset)
        if best is None or seems < best[0]:
            best = (seems, one, number, depth)
    if best is None:
        return None
    _, one, number, depth = best
    return one, number, ray.eye + ray.along * depth


def _meet(ray: Ray, one: Drawn, span: tuple[float, float]) -> tuple[int, float] | None:
    part = one.part
    if isinstance(part, MeshPart) and part.elements is not None:
        return _first_element(ray, one, part, part.elements, span)
    if isinstance(part, MeshPart):
        if not ray.meets_box(np.array(one.actor.GetBounds()).reshape(3, 2).T):
            return None
        faces = part.faces if one.rows is None else part.faces[one.rows]
        if one.clear is not None:
            faces = np.where(one.clear[:, None], 0, faces)
        return _first_triangle(ray.lay(part.points), faces, span)
    if isinstance(part, GlyphPart):
        return _first_glyph(ray, part, one, span)
    if isinstance(part, CloudPart):
        return None
    return _first_line(ray, part, span)


def _first_element(
    ray: Ray, one: Drawn, part: MeshPart, elements: Elements, span: tuple[float, float]
) -> tuple[int, float] | None:
    """Meet only the triangles of elements whose box the ray passes, the nearest boxes first."""
    low, high = one.box
    if not ray.meets_box(np.array([low, high]) - [0.0, 0.0, one.lift_m]):
        return None
    mine = np.arange(len(elements.oids)) if one.runs is None else np.flatnonzero(one.runs)
    near, enters = ray.meets_boxes(elements.low[mine], elements.high[mine])
    near &= enters <= span[1]
    order = mine[near]
    enter = np.full(len(elements.oids), np.inf)
    enter[order] = enters[near]
    order = order[np.argsort(enter[order])]
    best: tuple[int, float] | None = None
    begin, size = 0, 4
    while begin < len(order) and (best is None or enter[order[begin]] < best[1]):
        rows = elements.rows(order[begin : begin + size])
        if one.clear is not None:
            rows = rows[~one.clear[rows]]
        laid = ray.lay(part.points[part.faces[rows].ravel()])
        hit = _first_triangle(laid, np.arange(len(laid)).reshape(-1, 3), span)
        if hit is not None and (best is None or hit[1] < best[1]):
            best = int(rows[hit[0]]), hit[1]
        begin, size = begin + size, size * 2
    return best


def _first_triangle(
    laid: Floats, faces: NDArray[Any], span: tuple[float, float] = (0.0, np.inf)
) -> tuple[int, float] | None:
    """Return the number of the nearest triangle around the origin, and its depth there."""
    u, v = laid[:, 0][faces], laid[:, 1][faces]
    # Triangles wholly to one side go first; few are left.
    near = np.flatnonzero((u.min(axis=1) <= 0) & (u.max(axis=1) >= 0) & (v.min(axis=1) <= 0) & (v.max(axis=1) >= 0))
    if not len(near):
        return None
    u, v, depth = u[near], v[near], laid[:, 2][faces[near]]
    # Weight of a corner: the area that the origin spans with the side opposite.
    weight = np.roll(u, -1, axis=1) * np.roll(v, -2, axis=1) - np.roll(u, -2, axis=1) * np.roll(v, -1, axis=1)
    total = weight.sum(axis=1)
    hit = ((weight >= 0).all(axis=1) | (weight <= 0).all(axis=1)) & (np.abs(total) > 1e-12)
    if not hit.any():
        return None
    at = (weight[hit] * depth[hit]).sum(axis=1) / total[hit]
    at[(at <= max(span[0], 0.0)) | (at > span[1])] = np.inf
    first = int(np.argmin(at))
    return (int(near[hit][first]), float(at[first])) if np.isfinite(at[first]) else None


def _first_glyph(ray: Ray, part: GlyphPart, one: Drawn, span: tuple[float, float]) -> tuple[int, float] | None:
    source = one.actor.GetMapper().GetSource()
    bounds = np.array(source.GetBounds()).reshape(3, 2)
    take = slice(None) if one.rows is None else one.rows
    feet, scale = part.points[take], part.scale[take]
    laid = ray.lay(feet)
    reach = np.linalg.norm(np.abs(bounds).max(axis=1) * scale, axis=1)
    close = (np.hypot(laid[:, 0], laid[:, 1]) <= reach) & (laid[:, 2] > -reach)
    near = np.flatnonzero(close if one.clear is None else close & ~one.clear)
    if not len(near):
        return None
    shape = vtk_to_numpy(source.GetPoints().GetData()).astype(np.float64)
    faces = vtk_to_numpy(source.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    best: tuple[int, float] | None = None
    for number in near.tolist():
        turn = -np.radians(float(np.nan_to_num(part.bearing_deg[take][number])))
        cos, sin = np.cos(turn), np.sin(turn)
        sized = shape * scale[number]
        placed = np.column_stack(
            [cos * sized[:, 0] - sin * sized[:, 1], sin * sized[:, 0] + cos * sized[:, 1], sized[:, 2]]
        )
        hit = _first_triangle(ray.lay(placed + feet[number]), faces, span)
        if hit is not None and (best is None or hit[1] < best[1]):
            best = (number, hit[1])
    return best


def _first_line(ray: Ray, part: LinePart, span: tuple[float, float]) -> tuple[int, float] | None:
    laid = ray.lay(part.points)
    line = np.repeat(np.arange(len(part.starts) - 1), np.diff(part.starts))
    begin = np.flatnonzero(line[:-1] == line[1:])
    a, b = laid[begin], laid[begin + 1]
    step = b - a
    length = np.maximum((step[:, :2] ** 2).sum(axis=1), 1e-12)
    share = np.clip(-(a[:, :2] * step[:, :2]).sum(axis=1) / length, 0.0, 1.0)
    at = a + share[:, None] * step
    allowed = (part.width_px / 2 + LINE_REACH_PX) * ray.pixel_m(at[:, 2])
    hit = np.flatnonzero(
        (np.hypot(at[:, 0], at[:, 1]) <= allowed) & (at[:, 2] > max(span[0], 0.0)) & (at[:, 2] <= span[1])
    )
    if not len(hit):
        return None
    first = hit[np.argmin(at[hit, 2])]
    return int(line[begin[first]]), float(at[first, 2])


def ray_to(renderer: Any, point: Floats) -> Ray:
    """Return the line of sight to a local point."""
    renderer.SetWorldPoint(*point, 1.0)
    renderer.WorldToDisplay()
    x, y, _ = renderer.GetDisplayPoint()
    return Ray(renderer, x, y)


def display_point(renderer: Any, x: float, y: float, depth: float) -> Floats:
    """Return the local point of a pixel at a depth from 0 (near) to 1 (far)."""
    renderer.SetDisplayPoint(float(x), float(y), float(depth))
    renderer.DisplayToWorld()
    homogeneous = np.asarray(renderer.GetWorldPoint(), dtype=np.float64)
    point: Floats = homogeneous[:3] / homogeneous[3]
    return point


def point_under(renderer: Any, x: int, y: int) -> Floats | None:
    """Return the local point that the depth of a pixel of the last frame stands for, None in the sky."""
    depth = renderer.GetZ(int(x), int(y))
    return None if depth >= 1.0 else display_point(renderer, x, y, depth)
