"""Where to stand to see an object: bearings and pitches are tried against what stands between.

Lines of sight go from the eye to a few points of the object; they are met with the boxes of everything that stands near
by, and where a box is met with its triangles. The ground counts too. It is arithmetic on arrays, without VTK, for a
worker thread: a flight is worked out in some tens of milliseconds.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.crs.frame import Frame
from models.project.selection import ObjectKey
from models.views.camera import Camera
from viewers.render.scene.camera import ANGLE_DEG, looking_at

Floats = NDArray[np.float64]

#: Turns and tilts that are tried beside the present direction, degrees.
TURNS_DEG = (0.0, 15.0, -15.0, 30.0, -30.0, 50.0, -50.0, 75.0, -75.0, 105.0, -105.0, 140.0, -140.0, 180.0)
TILTS_DEG = (0.0, 10.0, 20.0, 32.0, 46.0)
#: A degree of tilt is as unwelcome as so many degrees of turn.
TILT_WEIGHT = 1.5
#: So much of an object must be seen for a standpoint to be taken without looking further.
ENOUGH = 0.85
#: Seeing nothing more is worth so many degrees of turn.
SHARE_WORTH_DEG = 320.0
#: Pitch from which an object is looked at, degrees: of what stands, and of what lies wide and flat on the ground.
STANDING_DEG, LYING_DEG, STEEPEST_DEG = (24.0, 78.0), (38.0, 80.0), 82.0
#: What is this much wider than high, and wider than so many metres, lies.
FLAT, WIDE_M = 6.0, 90.0
#: Points of an object to which one looks, and steps along a line of sight at which the ground is asked.
POINTS, STEPS = 14, 40
#: So far over the ground a point must be for the ground not to hide it, metres.
CLEAR_M = 0.4


@dataclass(frozen=True, slots=True)
class Between:
    """What may stand between the eye and an object.

    Parameters
    ----------
    keys : sequence of ObjectKey or None
        Of each thing; None for what has no name and cannot be faded.
    triangles : sequence of ndarray (f, 3, 3)
        Of each thing, local.
    """

    keys: Sequence[ObjectKey | None] = ()
    triangles: Sequence[Floats] = ()
    low: Floats = field(init=False)
    high: Floats = field(init=False)

    def __post_init__(self) -> None:
        flat = [faces.reshape(-1, 3) for faces in self.triangles]
        object.__setattr__(self, "low", np.array([one.min(axis=0) for one in flat]).reshape(-1, 3))
        object.__setattr__(self, "high", np.array([one.max(axis=0) for one in flat]).reshape(-1, 3))

    def hits(self, eye: Floats, points: Floats) -> list[tuple[int, NDArray[np.bool_]]]:
        """Return the things that hide some of the points (n, 3) from an eye, each with which of them (n,)."""
        if not len(self.low):
            return []
        along = points - eye
        with np.errstate(divide="ignore", invalid="ignore"):
            one = (self.low[:, None] - eye) / along
            two = (self.high[:, None] - eye) / along
        enter = np.fmax.reduce(np.fmin(one, two), axis=2)
        leave = np.fmin.reduce(np.fmax(one, two), axis=2)
        near = (enter <= leave) & (leave >= 0.0) & (enter <= 1.0)
        found = []
        for thing in np.flatnonzero(near.any(axis=1)).tolist():
            rays = np.flatnonzero(near[thing])
            hit = _meets(self.triangles[thing], eye, along[rays])
            if hit.any():
                hidden = np.zeros(len(points), dtype=bool)
                hidden[rays[hit]] = True
                found.append((thing, hidden))
        return found


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Where to stand.

    Parameters
    ----------
    camera : Camera
    seen : float
        Share of the object that is seen from there, 0…1.
    hiding : tuple of ObjectKey
        What still hides some of it.
    """

    camera: Camera
    seen: float
    hiding: tuple[ObjectKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """What is asked of :func:`best_standpoint`.

    Parameters
    ----------
    box : ndarray (2, 3)
        Local box of the object, with what is to be seen around it.
    points : ndarray (n, 3)
        Local points of the object.
    frame : Frame
    bearing_deg, pitch_deg : float
        The present direction of view; pitch positive looking down.
    aspect, angle_deg : float
        Of the picture, and its vertical opening angle.
    """

    box: Floats
    points: Floats
    frame: Frame
    bearing_deg: float
    pitch_deg: float
    aspect: float = 16 / 9
    angle_deg: float = ANGLE_DEG


def best_standpoint(sight: Sight, between: Between, ground: Callable[[Floats, Floats], Floats]) -> Standpoint:
    """Return the standpoint nearest to the present direction from which an object is seen.

    Parameters
    ----------
    sight : Sight
    between : Between
    ground : callable
        Local height of the ground at local x, y (arrays).
    """
    points = _raised(sight.points, ground)
    low, high = LYING_DEG if _lies(sight.box) else STANDING_DEG
    first = min(max(sight.pitch_deg, low), high)
    ways = sorted(
        itertools.product(TURNS_DEG, TILTS_DEG), key=lambda way: abs(way[0]) + TILT_WEIGHT * way[1]
    )  # fmt: skip
    best: tuple[float, Standpoint] | None = None
    for turn, tilt in ways:
        pitch = min(first + tilt, STEEPEST_DEG)
        if tilt and pitch <= first:
            continue
        camera = looking_at(
            sight.box, sight.frame, aspect=sight.aspect, bearing_deg=sight.bearing_deg + turn, pitch_deg=-pitch,
            angle_deg=sight.angle_deg, fill=0.94,
        )  # fmt: skip
        eye = sight.frame.to_local(np.array(camera.position))
        hidden = _below_ground(eye, points, ground)
        hits = between.hits(eye, points)
        for _, mine in hits:
            hidden = hidden | mine
        seen = 1.0 - float(hidden.mean()) if len(hidden) else 1.0
        names = tuple(dict.fromkeys(key for thing, _ in hits if (key := between.keys[thing]) is not None))
        worth = SHARE_WORTH_DEG * seen - abs(turn) - TILT_WEIGHT * tilt
        found = Standpoint(camera, seen, names)
        if seen >= ENOUGH:
            return found
        if best is None or worth > best[0]:
            best = worth, found
    assert best is not None  # noqa: S101 - there is always the present direction
    return best[1]


def spread(points: Floats, count: int = POINTS) -> Floats:
    """Return a few points that stand for many: each the farthest from those chosen before, a little drawn inwards."""
    points = np.asarray(points, dtype=np.float64)
    points = points[:: max(1, len(points) // 600)]
    middle = points.mean(axis=0)
    chosen = [int(np.argmax(points[:, 2]))]
    away = np.linalg.norm(points - points[chosen[0]], axis=1)
    while len(chosen) < min(count, len(points)):
        chosen.append(int(np.argmax(away)))
        if away[chosen[-1]] <= 0.05:
            chosen.pop()
            break
        away = np.minimum(away, np.linalg.norm(points - points[chosen[-1]], axis=1))
    inwards = points[chosen] + (middle - points[chosen]) * [0.06, 0.06, 0.03]
    return np.asarray(inwards, dtype=np.float64)


def _lies(box: Floats) -> bool:
    wide = float(np.ptp(box[:, :2], axis=0).max())
    return wide > WIDE_M and wide > FLAT * float(np.ptp(box[:, 2]))


def _raised(points: Floats, ground: Callable[[Floats, Floats], Floats]) -> Floats:
    """Return points not lower than the ground: of what lies under it the place above is looked at."""
    raised = np.array(points, dtype=np.float64)
    raised[:, 2] = np.maximum(raised[:, 2], ground(raised[:, 0], raised[:, 1]) + CLEAR_M)
    return raised


def _below_ground(eye: Floats, points: Floats, ground: Callable[[Floats, Floats], Floats]) -> NDArray[np.bool_]:
    """Return which points (n,) are hidden by the ground."""
    share = np.linspace(0.0, 1.0, STEPS, endpoint=False)[None, :, None]
    way = eye + (points[:, None] - eye) * share
    below = way[..., 2] < ground(way[..., 0].ravel(), way[..., 1].ravel()).reshape(way.shape[:2])
    return np.asarray(below.any(axis=1), dtype=bool)


def _meets(triangles: Floats, eye: Floats, along: Floats) -> NDArray[np.bool_]:
    """Return which of the ways ``eye + t·along`` (n, 3), 0 < t < 1, meet any of the triangles (f, 3, 3).

    After Möller and Trumbore, "Fast, minimum storage ray-triangle intersection", 1997.
    """
    corner, one, two = triangles[:, 0], triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    cross = np.cross(along[:, None], two[None])
    determinant = (cross * one).sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = 1.0 / determinant
        gap = (eye - corner)[None]
        u = (gap * cross).sum(axis=2) * inverse
        normal = np.cross(gap, one[None])
        v = (along[:, None] * normal).sum(axis=2) * inverse
        t = (two[None] * normal).sum(axis=2) * inverse
        hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 1e-6) & (t < 1.0 - 1e-6)
    return np.asarray((hit & (np.abs(determinant) > 1e-12)).any(axis=1), dtype=bool)
