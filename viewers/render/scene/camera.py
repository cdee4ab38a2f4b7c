"""The camera between world coordinates (:class:`models.views.camera.Camera`) and VTK's local ones."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.crs.frame import Frame
from models.views.camera import Camera, Vector

Bounds = NDArray[np.float64]

#: Opening angle of a fresh view; long enough that towers stay upright.
ANGLE_DEG = 28.0


def read(camera: Any, frame: Frame) -> Camera:
    """Return what a VTK camera shows, in world coordinates."""
    position, focal = frame.to_world(np.array([camera.GetPosition(), camera.GetFocalPoint()]))
    up: Any = camera.GetViewUp()
    return Camera(
        position=_vector(position),
        focal_point=_vector(focal),
        up=_vector(np.asarray(up)),
        angle_deg=float(camera.GetViewAngle()),
        parallel_scale_m=float(camera.GetParallelScale()) if camera.GetParallelProjection() else None,
    )


def write(camera: Any, wanted: Camera, frame: Frame) -> None:
    """Set a VTK camera from world coordinates."""
    position, focal = frame.to_local(np.array([wanted.position, wanted.focal_point]))
    camera.SetPosition(*position)
    camera.SetFocalPoint(*focal)
    camera.SetViewUp(*wanted.up)
    camera.SetViewAngle(wanted.angle_deg)
    camera.SetParallelProjection(wanted.parallel_scale_m is not None)
    if wanted.parallel_scale_m is not None:
        camera.SetParallelScale(wanted.parallel_scale_m)


def looking_at(
    bounds: Bounds, frame: Frame, *, aspect: float = 16 / 9, bearing_deg: float = 0.0, pitch_deg: float = -30.0,
    angle_deg: float = ANGLE_DEG, fill: float = 1.0,
) -> Camera:  # fmt: skip
    """Return a camera that shows a *local* box from a direction.

    Parameters
    ----------
    bounds : ndarray (2, 3)
        Local box.
    frame : Frame
    aspect : float
        Width over height of the picture.
    bearing_deg : float
        Direction of view, clockwise from north.
    pitch_deg : float
        Elevation of view, negative looks down; -90 is the map.
    angle_deg : float
        Vertical opening angle.
    fill : float
        Above 1 comes closer than needed to show the whole box.
    """
    bounds = np.asarray(bounds, dtype=np.float64)
    centre = bounds.mean(axis=0)
    bearing, pitch = math.radians(bearing_deg), math.radians(max(min(pitch_deg, 89.9), -90.0))
    forward = np.array([math.sin(bearing) * math.cos(pitch), math.cos(bearing) * math.cos(pitch), math.sin(pitch)])
    right = np.array([math.cos(bearing), -math.sin(bearing), 0.0])
    up = np.cross(right, forward)
    corners = np.array(np.meshgrid(*bounds.T, indexing="ij")).reshape(3, -1).T - centre
    half_v = math.tan(math.radians(angle_deg) / 2)
    half_h = half_v * aspect
    depth = corners @ forward
    needed = np.maximum(np.abs(corners @ right) / half_h, np.abs(corners @ up) / half_v) - depth
    distance = max(float(needed.max()) * 1.06 / fill, 6.0)
    position = centre - forward * distance
    world = frame.to_world(np.stack([position, centre]))
    top = pitch_deg <= -89.0
    return Camera(
        _vector(world[0]), _vector(world[1]),
        up=(math.sin(bearing), math.cos(bearing), 0.0) if top else (0.0, 0.0, 1.0), angle_deg=angle_deg,
    )  # fmt: skip


def fitted(camera: Camera, points: Bounds, frame: Frame, aspect: float, room: float) -> Camera:
    """Return a perspective camera that looks the same way from as near as *local* points (n, 3) allow.

    Parameters
    ----------
    camera : Camera
    points : ndarray (n, 3)
        All of them are in the picture.
    frame : Frame
    aspect : float
        Width over height of the picture.
    room : float
        Share of the picture's half sides that stays free.
    """
    forward = np.subtract(camera.focal_point, camera.position)
    forward = forward / (np.linalg.norm(forward) or 1.0)
    right = np.cross(forward, np.asarray(camera.up, dtype=np.float64))
    right = right / (np.linalg.norm(right) or 1.0)
    half_v = math.tan(math.radians(camera.angle_deg) / 2) * (1.0 - room)
    origin = points.mean(axis=0)
    away = (points - origin) @ forward
    places, depths = [], []
    for axis, half in ((right, half_v * aspect), (np.cross(right, forward), half_v)):
        across = (points - origin) @ axis
        one, other = float((across - half * away).max()), float((-across - half * away).max())
        places.append((one - other) / 2)  # where both sides of the frustum touch
        depths.append(-(one + other) / (2 * half))
    depth = min(*depths, float(away.min()) - 6.0)
    eye = origin + right * places[0] + np.cross(right, forward) * places[1] + forward * depth
    world = frame.to_world(np.stack([eye, eye + forward * max(-depth, 6.0)]))
    return replace(camera, position=_vector(world[0]), focal_point=_vector(world[1]))


def plan_of(bounds: Bounds, present: Camera, frame: Frame, aspect: float) -> Camera:
    """Return a parallel camera that shows a *local* box from the direction in which ``present`` looks."""
    centre = np.asarray(bounds, dtype=np.float64).mean(axis=0)
    forward = np.subtract(present.focal_point, present.position)
    forward = forward / (np.linalg.norm(forward) or 1.0)
    right = np.cross(forward, np.asarray(present.up, dtype=np.float64))
    right = right / (np.linalg.norm(right) or 1.0)
    corners = np.array(np.meshgrid(*bounds.T, indexing="ij")).reshape(3, -1).T - centre
    half = max(np.abs(corners @ np.cross(right, forward)).max(), np.abs(corners @ right).max() / aspect) * 1.08
    middle = frame.to_world(centre[None, :])[0]
    away = np.linalg.norm(np.subtract(present.focal_point, present.position))
    return replace(
        present, position=_vector(middle - forward * away), focal_point=_vector(middle),
        parallel_scale_m=max(float(half), 2.0),
    )  # fmt: skip


def bearing_and_pitch(camera: Camera) -> tuple[float, float]:
    """Return where a camera looks: bearing clockwise from north (from its up when it looks down), and pitch."""
    forward = np.subtract(camera.focal_point, camera.position)
    length = float(np.linalg.norm(forward)) or 1.0
    pitch = math.degrees(math.asin(max(-1.0, min(1.0, forward[2] / length))))
    flat = forward[:2] if abs(pitch) < 89.0 else np.asarray(camera.up[:2])
    return math.degrees(math.atan2(flat[0], flat[1])) % 360.0, pitch


def turned_north(camera: Camera) -> Camera:
    """Return the same view turned about what it looks at, so that north is away (or up)."""
    bearing, _ = bearing_and_pitch(camera)
    angle = math.radians(bearing)
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    arm = turn @ np.subtract(camera.position, camera.focal_point)
    return Camera(
        _vector(np.add(camera.focal_point, arm)), camera.focal_point,
        _vector(turn @ np.asarray(camera.up)), camera.angle_deg, camera.parallel_scale_m,
    )  # fmt: skip


def from_above(camera: Camera) -> Camera:
    """Return a view straight down on the same spot, north up, from the same distance."""
    distance = float(np.linalg.norm(np.subtract(camera.position, camera.focal_point)))
    x, y, z = camera.focal_point
    return Camera((x, y, z + distance), (x, y, z), (0.0, 1.0, 0.0), camera.angle_deg, camera.parallel_scale_m)


def _vector(values: Any) -> Vector:
    x, y, z = (float(v) for v in values)
    return x, y, z
