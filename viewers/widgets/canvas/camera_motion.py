"""How the hand moves the camera: pure arithmetic on a camera, without Qt or VTK.

Everything is in the scene's local frame, metres, z up. A camera is never rolled: its picture's horizon stays level, as
on every map and in every city model that people already know.

Invariants
----------
1. The camera stays above the horizon of its pivot by :data:`LOWEST_DEG`: nobody is lost under the ground by accident.
2. A pan or a zoom keeps the ground point under the cursor under the cursor.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
LOWEST_DEG, HIGHEST_DEG = 1.5, 89.9
#: Where the ground is looked through, one may also look up at it from below.
DEEPEST_DEG = -60.0
NEAREST_M, FARTHEST_M = 2.0, 60_000.0
#: Shortest and longest flight, seconds.
FLIGHT_S = (0.6, 1.8)
#: Midway of a long flight the eye is this share of the way off.
RISE = 0.6


@dataclass(frozen=True, slots=True)
class Pose:
    """A level camera.

    Parameters
    ----------
    eye, target : ndarray (3,)
        Local coordinates, metres.
    angle_deg : float
        Vertical opening angle.
    half_m : float or None
        Half the picture's height in metres for a parallel view (a plan); None for perspective.
    """

    eye: Array
    target: Array
    angle_deg: float = 30.0
    half_m: float | None = None

    @property
    def distance_m(self) -> float:
        """Distance from eye to target."""
        return float(np.linalg.norm(self.target - self.eye))

    @property
    def bearing_deg(self) -> float:
        """Direction of view, clockwise from north."""
        along = self.target - self.eye
        return math.degrees(math.atan2(along[0], along[1])) % 360

    @property
    def pitch_deg(self) -> float:
        """How steeply the camera looks down: 0 level, 90 straight down."""
        along = self.target - self.eye
        return math.degrees(math.atan2(-along[2], math.hypot(along[0], along[1])))

    @property
    def up(self) -> Array:
        """The picture's upward direction; defined also when looking straight down."""
        forward, right = self._axes()
        return np.cross(right, forward)

    def _axes(self) -> tuple[Array, Array]:
        forward = (self.target - self.eye) / max(self.distance_m, 1e-9)
        flat = math.hypot(forward[0], forward[1])
        # straight down there is no heading in the direction of view itself: poses made here never get that far
        heading = np.array([forward[0], forward[1], 0.0]) / flat if flat > 1e-9 else np.array([0.0, 1.0, 0.0])
        return forward, np.array([heading[1], -heading[0], 0.0])

    def line(self, x: float, y: float, width: float, height: float) -> tuple[Array, Array]:
        """Return the line of sight through a pixel (origin top left): where it begins, and its unit direction."""
        forward, right = self._axes()
        half = math.tan(math.radians(self.angle_deg) / 2) if self.half_m is None else self.half_m
        u = (2 * x / width - 1) * half * width / height
        v = (1 - 2 * y / height) * half
        if self.half_m is not None:
            return self.eye + right * u + self.up * v, forward
        direction = forward + right * u + self.up * v
        return self.eye, direction / np.linalg.norm(direction)

    def project(self, points: Array, width: float, height: float) -> tuple[Array, Flags]:
        """Return the pixels (n, 2) of local points (n, 3), and which of them lie in front of the eye (n,)."""
        forward, right = self._axes()
        laid = (np.asarray(points, dtype=np.float64) - self.eye) @ np.stack([right, self.up, forward], axis=1)
        ahead = laid[:, 2] > 1e-3
        if self.half_m is None:
            half = math.tan(math.radians(self.angle_deg) / 2) * np.where(ahead, laid[:, 2], 1.0)
        else:
            half = np.full(len(laid), self.half_m)
        pixels = np.stack(
            [width / 2 + laid[:, 0] / half * height / 2, height / 2 - laid[:, 1] / half * height / 2], axis=1
        )
        return pixels, ahead

    def pixel_m(self, point: Array, height: float) -> float:
        """Return how many metres a pixel is wide at a local point."""
        if self.half_m is not None:
            return 2 * self.half_m / height
        forward, _ = self._axes()
        depth = max(float((point - self.eye) @ forward), 0.1)
        return 2 * math.tan(math.radians(self.angle_deg) / 2) * depth / height

    def in_perspective(self) -> Pose:
        """Return the perspective camera that shows as much at its target."""
        if self.half_m is None:
            return self
        reach = self.half_m / math.tan(math.radians(self.angle_deg) / 2)
        forward, _ = self._axes()
        return Pose(self.target - forward * reach, self.target, self.angle_deg)


def from_angles(
    target: Array,
    bearing_deg: float,
    pitch_deg: float,
    distance_m: float,
    angle_deg: float,
    half_m: float | None = None,
) -> Pose:
    """Return the pose that looks at ``target`` from a distance, along a bearing, down by a pitch."""
    pitch = math.radians(min(max(pitch_deg, LOWEST_DEG), HIGHEST_DEG))
    bearing = math.radians(bearing_deg)
    along = np.array([math.sin(bearing) * math.cos(pitch), math.cos(bearing) * math.cos(pitch), -math.sin(pitch)])
    return Pose(target - along * distance_m, np.asarray(target, dtype=np.float64), angle_deg, half_m)


def orbit(pose: Pose, pivot: Array, turn_deg: float, tilt_deg: float, lowest_deg: float = LOWEST_DEG) -> Pose:
    """Turn about a vertical axis through ``pivot`` and tilt about it, not lower than ``lowest_deg``."""
    pitch = pose.pitch_deg
    tilt = min(max(pitch + tilt_deg, lowest_deg), HIGHEST_DEG) - pitch
    _, right = pose._axes()
    turned = _about(np.array([0.0, 0.0, 1.0]), -turn_deg) @ _about(right, -tilt)
    return replace(pose, eye=pivot + turned @ (pose.eye - pivot), target=pivot + turned @ (pose.target - pivot))


def pan(pose: Pose, start: Array, line: tuple[Array, Array]) -> Pose:
    """Shift so that the ground point ``start`` comes to lie on a line of sight."""
    begin, ray = line
    if ray[2] > -1e-3:
        return pose
    at = begin + ray * ((start[2] - begin[2]) / ray[2])
    shift = np.array([start[0] - at[0], start[1] - at[1], 0.0])
    length, limit = float(np.linalg.norm(shift)), 4 * max(pose.distance_m, 50.0)
    shift *= min(1.0, limit / length) if length > 0 else 0.0  # near the horizon a pixel is a mile
    return replace(pose, eye=pose.eye + shift, target=pose.target + shift)


def zoom(pose: Pose, towards: Array, factor: float) -> Pose:
    """Come nearer to a point by a factor (> 1 nearer), keeping it where it is in the picture."""
    if pose.half_m is not None:
        half_m = min(max(pose.half_m / factor, NEAREST_M / 2), FARTHEST_M / 4)
        forward, _ = pose._axes()
        across = (towards - pose.target) - forward * float((towards - pose.target) @ forward)
        shift = across * (1 - half_m / pose.half_m)
        return replace(pose, eye=pose.eye + shift, target=pose.target + shift, half_m=half_m)
    reach = float(np.linalg.norm(towards - pose.eye))
    wanted = min(max(reach / factor, NEAREST_M), FARTHEST_M)
    scale = wanted / max(reach, 1e-6)
    eye = towards + (pose.eye - towards) * scale
    return replace(pose, eye=eye, target=towards + (pose.target - towards) * scale)


def blend(start: Pose, stop: Pose, share: float) -> Pose:
    """Return the pose a share of the way, easing in and out, along the shorter turn.

    A long way rises: midway the eye is so far off that where one comes from and where one goes are both in the picture.
    Between a parallel and a perspective view the way is in perspective; the last step is the wanted view itself.
    """
    if share >= 1:
        return stop
    if start.half_m is None or stop.half_m is None:
        start, stop = start.in_perspective(), stop.in_perspective()
    half_m = None
    if start.half_m is not None and stop.half_m is not None:
        half_m = start.half_m * (stop.half_m / start.half_m) ** share
    s = share * share * (3 - 2 * share)
    turn = (stop.bearing_deg - start.bearing_deg + 180) % 360 - 180
    near, far = math.log(max(start.distance_m, 1)), math.log(max(stop.distance_m, 1))
    rise = max(0.0, math.log(max(RISE * _way_m(start, stop), 1.0)) - max(near, far))
    distance = math.exp(near * (1 - s) + far * s + rise * 4 * s * (1 - s))
    return from_angles(
        start.target + (stop.target - start.target) * s,
        start.bearing_deg + turn * s,
        start.pitch_deg + (stop.pitch_deg - start.pitch_deg) * s,
        distance,
        start.angle_deg + (stop.angle_deg - start.angle_deg) * s,
        half_m,
    )


def duration_s(start: Pose, stop: Pose) -> float:
    """Return how long a flight lasts: longer the more pictures lie between, within :data:`FLIGHT_S`."""
    here, there = max(start.distance_m, 1.0), max(stop.distance_m, 1.0)
    pictures = _way_m(start, stop) / max(here, there)
    zoomed = abs(math.log(there / here))
    turned = abs((stop.bearing_deg - start.bearing_deg + 180) % 360 - 180) / 180
    wanted = FLIGHT_S[0] + 0.35 * math.log1p(pictures) + 0.15 * zoomed + 0.3 * turned
    return min(wanted, FLIGHT_S[1])


def _way_m(start: Pose, stop: Pose) -> float:
    return float(np.linalg.norm(stop.target - start.target))


def meet_ground(
    eye: Array, ray: Array, height: Callable[[Array, Array], Array], lowest_m: float, highest_m: float
) -> Array | None:
    """Return where a ray meets the ground, None if it goes to the sky.

    Parameters
    ----------
    height : callable
        Ground height at local x, y (arrays), metres.
    lowest_m, highest_m : float
        The ground's range: the ray is only searched between these planes.
    """
    if ray[2] > -1e-3:
        return None
    near = max(0.0, (highest_m - eye[2]) / ray[2])
    far = (lowest_m - 1.0 - eye[2]) / ray[2]
    if far <= 0:
        return None
    for _ in range(2):  # 64 samples, then 64 within the step that crossed: 1/4096 of the way
        along = np.linspace(near, far, 64)
        points = eye + ray * along[:, None]
        below = points[:, 2] <= height(points[:, 0], points[:, 1])
        hit = int(np.argmax(below))
        if not below[hit]:
            return np.asarray(points[-1])
        near, far = along[max(hit - 1, 0)], along[hit]
    return np.asarray(eye + ray * far)


def _about(axis: Array, degrees: float) -> Array:
    """Return the rotation matrix about a unit axis."""
    angle = math.radians(degrees)
    c, s = math.cos(angle), math.sin(angle)
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) * c + s * cross + (1 - c) * np.outer(axis, axis)
