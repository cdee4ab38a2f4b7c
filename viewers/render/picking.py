"""What lies under a pixel: the ray through it, met with the very triangles, glyphs and lines that are drawn.

No frame is drawn for a pick. All points are laid into the plane across the ray, where the ray is the origin: a triangle
is hit if the origin is inside it. A million triangles take a few tens of milliseconds, and instanced glyphs are met in
their own shape. Draped surfaces lie within centimetres of each other; as in the picture, their depth offset decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy

from models.selection import ObjectKey
from models.view import Vector
from viewers.render.actors import Drawn
from viewers.render.look import NEARER
from viewers.render.parts import GlyphPart, LinePart, MeshPart

Floats = NDArray[np.float64]

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

    def meets_box(self, box: Floats) -> bool:
        """Whether the ray passes through a box (2, 3) in front of the eye."""
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.nan_to_num((box - self.eye) / self.along, nan=0.0, posinf=np.inf, neginf=-np.inf)
        return bool(t.min(axis=0).max() <= max(t.max(axis=0).min(), 0.0) and t.max(axis=0).min() >= 0.0)

    def nearer(self, depth_m: float, offset: float) -> float:
        """Return a distance as the depth offset of a part makes it look."""
        return (depth_m + self._gap_m) * (1.0 - offset * NEARER)


def nearest(ray: Ray, drawn: Iterable[Drawn]) -> tuple[Drawn, int, Floats] | None:
    """Return what the ray meets first: the actor, its cell or glyph number, and the local point; None in the sky."""
    best: tuple[float, Drawn, int, float] | None = None
    for one in drawn:
        hit = _meet(ray, one)
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


def _meet(ray: Ray, one: Drawn) -> tuple[int, float] | None:
    part = one.part
    if isinstance(part, MeshPart):
        if not ray.meets_box(np.array(one.actor.GetBounds()).reshape(3, 2).T):
            return None
        faces = part.faces if one.rows is None else part.faces[one.rows]
        if one.clear is not None:
            faces = np.where(one.clear[:, None], 0, faces)
        return _first_triangle(ray.lay(part.points), faces)
    if isinstance(part, GlyphPart):
        return _first_glyph(ray, part, one)
    return _first_line(ray, part)


def _first_triangle(laid: Floats, faces: NDArray[Any]) -> tuple[int, float] | None:
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
    at[at <= 0] = np.inf
    first = int(np.argmin(at))
    return (int(near[hit][first]), float(at[first])) if np.isfinite(at[first]) else None


def _first_glyph(ray: Ray, part: GlyphPart, one: Drawn) -> tuple[int, float] | None:
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
        hit = _first_triangle(ray.lay(placed + feet[number]), faces)
        if hit is not None and (best is None or hit[1] < best[1]):
            best = (number, hit[1])
    return best


def _first_line(ray: Ray, part: LinePart) -> tuple[int, float] | None:
    laid = ray.lay(part.points)
    line = np.repeat(np.arange(len(part.starts) - 1), np.diff(part.starts))
    begin = np.flatnonzero(line[:-1] == line[1:])
    a, b = laid[begin], laid[begin + 1]
    step = b - a
    length = np.maximum((step[:, :2] ** 2).sum(axis=1), 1e-12)
    share = np.clip(-(a[:, :2] * step[:, :2]).sum(axis=1) / length, 0.0, 1.0)
    at = a + share[:, None] * step
    allowed = (part.width_px / 2 + LINE_REACH_PX) * ray.pixel_m(at[:, 2])
    hit = np.flatnonzero((np.hypot(at[:, 0], at[:, 1]) <= allowed) & (at[:, 2] > 0))
    if not len(hit):
        return None
    first = hit[np.argmin(at[hit, 2])]
    return int(line[begin[first]]), float(at[first, 2])


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
