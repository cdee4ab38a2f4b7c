"""Flights over the city: a path, and the camera at every moment of it.

Invariants
----------
1. The curve goes through all points of the path (centripetal Catmull–Rom: no loops, no overshoot at uneven points) and
   is flown at constant speed: a place is found by arc length, not by the spline's parameter.
2. The eye is never under the ground: the ground's highest level within half a window, then smoothed over that window,
   is nowhere below the ground itself.
3. The same path over the same ground gives the same camera at the same moment, whatever machine and frame rate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.views.camera import Camera, Vector

Floats = NDArray[np.float64]
Height = Callable[[Floats, Floats], Floats]

#: Looks along the way, or at one point.
LOOKS = ("ahead", "point")
#: The curve is sampled this finely, metres, and at most so often.
FINEST_M, MOST_SAMPLES = 0.05, 40_000
#: The eye of a tour of viewpoints is at least this far above the ground.
CLEARANCE_M = 2.0
#: Limits of what a person may ask for.
SPEED_MPS = (0.1, 1000.0)
HEIGHT_M = (1.0, 20_000.0)
#: What a new path gets: over most roofs and not out of sight of the streets; from a cyclist to a light aircraft.
USUAL_HEIGHT_M, USUAL_SPEED_MPS, LASTS_S = (40.0, 250.0), (5.0, 80.0), 30.0


@dataclass(frozen=True, slots=True)
class FlightPath:
    """A path over the city, or a tour of saved views.

    Parameters
    ----------
    id : str
    name, name_en : str
    points : tuple of (E, N, H)
        World points of the path, project CRS, metres; the heights are those of the ground where they were set.
    height_m : float
        Of the eye above the ground.
    speed_mps : float
    look : str
        ``"ahead"`` along the way, or ``"point"`` at ``target``.
    pitch_deg : float
        Elevation of view when looking ahead, negative looks down.
    target : (E, N, H) or None
    loop : bool
        Whether the flight goes back to its beginning and on.
    cameras : tuple of Camera
        Instead of ``points``: views that the flight passes, with their directions.
    angle_deg : float
        Vertical opening angle.
    """

    id: str
    name: str
    points: tuple[Vector, ...] = ()
    name_en: str = ""
    height_m: float = 60.0
    speed_mps: float = 25.0
    look: str = "ahead"
    pitch_deg: float = -18.0
    target: Vector | None = None
    loop: bool = False
    cameras: tuple[Camera, ...] = ()
    angle_deg: float = 45.0

    def title(self, lang: str) -> str:
        """Return the name in a language, falling back to the one there is."""
        return self.name_en if lang == "en" and self.name_en else self.name


def with_sensible_numbers(path: FlightPath, eye_m: float) -> FlightPath:
    """Return a new path, flown about as high as the eye is now, and so fast that it takes about half a minute.

    Parameters
    ----------
    path : FlightPath
    eye_m : float
        How high the eye is over the ground now.
    """
    points = np.array(path.points, dtype=np.float64).reshape(-1, 3)
    length = float(np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1).sum())
    height = min(max(eye_m, USUAL_HEIGHT_M[0]), USUAL_HEIGHT_M[1])
    speed = min(max(length / LASTS_S, USUAL_SPEED_MPS[0]), USUAL_SPEED_MPS[1])
    return replace(path, height_m=5.0 * round(height / 5.0), speed_mps=float(round(speed)))


class Flight:
    """A path made ready to fly.

    Parameters
    ----------
    path : FlightPath
    height : callable
        Ground height in metres at world x, y (arrays), as ``Ground.height_m``.

    Raises
    ------
    UserError
        ``path.too_short`` with fewer than two places.
    """

    def __init__(self, path: FlightPath, height: Height) -> None:
        self.path = path
        knots = np.array([camera.position for camera in path.cameras] or path.points, dtype=np.float64).reshape(-1, 3)
        if not path.cameras:
            knots = knots * [1.0, 1.0, 0.0]
        keep = _apart(knots)
        knots = knots[keep]
        if len(knots) < 2:
            raise UserError("path.too_short", name=path.name)
        loop = path.loop and len(knots) > 2
        curve, knot_at = catmull_rom(knots, loop)
        steps = np.linalg.norm(np.diff(curve, axis=0), axis=1)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        self.is_loop = loop
        self.length_m = float(along[-1])
        count = int(np.clip(self.length_m / FINEST_M, 64, MOST_SAMPLES)) + 1
        self._s = np.linspace(0.0, self.length_m, count)
        eye = np.column_stack([np.interp(self._s, along, curve[:, k]) for k in range(3)])
        ground = np.asarray(height(eye[:, 0], eye[:, 1]), dtype=np.float64)
        step_m = self.length_m / (count - 1)
        if path.cameras:
            lift = np.maximum(ground + CLEARANCE_M - eye[:, 2], 0.0)
            eye[:, 2] += _over(lift, 20.0, step_m, loop)
        else:
            eye[:, 2] = _over(ground, float(np.clip(2.0 * path.height_m, 20.0, 300.0)), step_m, loop) + path.height_m
        self._eye = eye
        self._focal = self._focals(path, along, knot_at, keep, step_m, loop)

    @property
    def duration_s(self) -> float:
        """Return how long the flight lasts, one round of a loop."""
        return self.length_m / self.path.speed_mps

    def camera_at(self, seconds: float) -> Camera:
        """Return the camera at a moment since the start; before and after, an open flight stands at its ends."""
        s = seconds * self.path.speed_mps
        s = s % self.length_m if self.is_loop else min(max(s, 0.0), self.length_m)
        eye = [float(np.interp(s, self._s, self._eye[:, k])) for k in range(3)]
        focal = [float(np.interp(s, self._s, self._focal[:, k])) for k in range(3)]
        return Camera((eye[0], eye[1], eye[2]), (focal[0], focal[1], focal[2]), angle_deg=self.path.angle_deg)

    def line(self, most: int = 400) -> Floats:
        """Return the eye's way as world points (n, 3), for drawing it."""
        take = np.linspace(0, len(self._eye) - 1, min(most, len(self._eye))).astype(np.int64)
        line: Floats = self._eye[take]
        return line

    def _focals(
        self, path: FlightPath, along: Floats, knot_at: NDArray[np.int64], keep: NDArray[np.bool_], step_m: float,
        loop: bool,
    ) -> Floats:  # fmt: skip
        eye = self._eye
        if path.look == "point" and path.target is not None:
            focal = np.tile(np.asarray(path.target, dtype=np.float64), (len(eye), 1))
            same = np.linalg.norm(focal - eye, axis=1) < 0.01
            focal[same] += [0.0, 0.01, 0.0]
            return focal
        if path.cameras:
            looked = np.array([camera.focal_point for camera in path.cameras], dtype=np.float64)[keep]
            curve, _ = catmull_rom(looked, loop, like=np.diff(knot_at))  # the same samples as the eye's curve
            return np.column_stack([np.interp(self._s, along, curve[:, k]) for k in range(3)])
        reach = float(np.clip(path.height_m / math.tan(math.radians(max(-path.pitch_deg, 4.0))), 20.0, 2000.0))
        heading = np.gradient(eye[:, :2], axis=0)
        window = float(np.clip(0.6 * path.height_m + 0.8 * path.speed_mps, 10.0, 120.0))
        heading = np.column_stack([_mean(heading[:, k], window, step_m, loop) for k in range(2)])
        length = np.linalg.norm(heading, axis=1)
        heading = heading / np.maximum(length, 1e-12)[:, None]
        flat, drop = reach * math.cos(math.radians(path.pitch_deg)), reach * math.sin(math.radians(path.pitch_deg))
        ahead: Floats = eye + np.column_stack([heading * flat, np.full(len(eye), drop)])
        return ahead


def catmull_rom(
    knots: Floats, loop: bool = False, like: NDArray[np.int64] | None = None
) -> tuple[Floats, NDArray[np.int64]]:
    """Return a dense curve (m, 3) through knots (n, 3), and the index in it of every knot (with the first again at
    the end of a loop).

    Parameters
    ----------
    knots : ndarray (n, 3)
        At least two, no two neighbours alike.
    loop : bool
    like : ndarray of int or None
        Samples of each stretch, None by its length.
    """
    n = len(knots)
    if loop:
        held = np.concatenate([knots[-1:], knots, knots[:2]])
        stretches = n
    else:
        held = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
        stretches = n - 1
    chords = np.linalg.norm(held[2 : 2 + stretches] - held[1 : 1 + stretches], axis=1)
    finest = max(FINEST_M, float(chords.sum()) / MOST_SAMPLES)
    counts = np.maximum(np.ceil(chords / finest), 8).astype(np.int64) if like is None else like
    pieces = []
    for number in range(stretches):
        p0, p1, p2, p3 = held[number : number + 4]
        t0 = 0.0
        t1 = t0 + max(float(np.linalg.norm(p1 - p0)) ** 0.5, 1e-9)
        t2 = t1 + max(float(np.linalg.norm(p2 - p1)) ** 0.5, 1e-9)
        t3 = t2 + max(float(np.linalg.norm(p3 - p2)) ** 0.5, 1e-9)
        t = np.linspace(t1, t2, int(counts[number]), endpoint=False)[:, None]
        a1 = (t1 - t) / (t1 - t0) * p0 + (t - t0) / (t1 - t0) * p1
        a2 = (t2 - t) / (t2 - t1) * p1 + (t - t1) / (t2 - t1) * p2
        a3 = (t3 - t) / (t3 - t2) * p2 + (t - t2) / (t3 - t2) * p3
        b1 = (t2 - t) / (t2 - t0) * a1 + (t - t0) / (t2 - t0) * a2
        b2 = (t3 - t) / (t3 - t1) * a2 + (t - t1) / (t3 - t1) * a3
        pieces.append((t2 - t) / (t2 - t1) * b1 + (t - t1) / (t2 - t1) * b2)
    pieces.append(held[1 + stretches : 2 + stretches])
    at = np.concatenate([[0], np.cumsum(counts)])
    return np.concatenate(pieces), at


def _apart(knots: Floats) -> NDArray[np.bool_]:
    """Return which knots are not where the one before them is."""
    keep = np.ones(len(knots), dtype=bool)
    last = 0
    for number in range(1, len(knots)):
        keep[number] = bool(np.linalg.norm(knots[number] - knots[last]) > 0.01)
        last = number if keep[number] else last
    return keep


def _over(values: Floats, window_m: float, step_m: float, loop: bool) -> Floats:
    """Return a smooth curve that is nowhere below ``values``."""
    from scipy.ndimage import maximum_filter1d

    half = max(round(window_m / 2 / step_m), 1)
    mode = "wrap" if loop else "nearest"
    high = maximum_filter1d(values, 2 * min(half, len(values)) + 1, mode=mode)
    # Two running means whose windows together reach as far as the maximum did: every share of it is no lower.
    smooth: Floats = _mean(_mean(high, window_m / 2, step_m, loop), window_m / 2, step_m, loop)
    return np.maximum(smooth, values)


def _mean(values: Floats, window_m: float, step_m: float, loop: bool) -> Floats:
    from scipy.ndimage import uniform_filter1d

    half = min(max(int(window_m / 2 / step_m), 0), len(values))
    found: Floats = uniform_filter1d(values, 2 * half + 1, mode="wrap" if loop else "nearest")
    return found
