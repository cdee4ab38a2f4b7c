"""The line of sight through a pixel, and the triangles and lines that it meets."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewers.render.geometry.local_plane import LocalPlane
from viewers.render.geometry.parts import LinePart
from viewers.render.palette.lighting import NEARER

Floats = NDArray[np.float64]

#: What lies in the cut itself (its filled faces) is not cut away, metres.
CUT_M = 1e-3

#: A line answers to a pick within this many pixels of its edge.
LINE_REACH_PX = 2.0


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


def first_triangle(
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


def first_line(ray: Ray, part: LinePart, span: tuple[float, float]) -> tuple[int, float] | None:
    """Return the number of the nearest line within reach of the ray, and its depth there."""
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
