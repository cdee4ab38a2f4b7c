"""A camera in world coordinates."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

Vector = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera in *world* coordinates (project CRS, metres), so that it survives a change of local origin.

    Parameters
    ----------
    position, focal_point : tuple of float
        Easting, northing, height.
    up : tuple of float
        View-up direction.
    angle_deg : float
        Vertical opening angle.
    parallel_scale_m : float or None
        Half the picture's height in metres for a parallel (map-like) view; None for perspective.
    """

    position: Vector
    focal_point: Vector
    up: Vector = (0.0, 0.0, 1.0)
    angle_deg: float = 30.0
    parallel_scale_m: float | None = None


def beside(camera: Camera, aspect: float, covered: float) -> Camera:
    """Return a camera that shows what fills a picture in what is left of it when its right side is covered.

    It looks in the same direction, from farther away.

    Parameters
    ----------
    camera : Camera
    aspect : float
        Width of the picture by its height.
    covered : float
        Share of the width, 0…1, at the right.
    """
    if not 0.0 < covered < 0.9:
        return camera
    ahead = [there - here for here, there in zip(camera.position, camera.focal_point, strict=True)]
    away = math.hypot(*ahead)
    right = (
        ahead[1] * camera.up[2] - ahead[2] * camera.up[1], ahead[2] * camera.up[0] - ahead[0] * camera.up[2],
        ahead[0] * camera.up[1] - ahead[1] * camera.up[0],
    )  # fmt: skip
    length = math.hypot(*right)
    if not away or not length:
        return camera
    grown = 1.0 / (1.0 - covered)
    half_m = camera.parallel_scale_m or away * math.tan(math.radians(camera.angle_deg / 2))
    shift_m = half_m * grown * aspect * covered
    target = [at + shift_m * side / length for at, side in zip(camera.focal_point, right, strict=True)]
    eye = [at - step * grown for at, step in zip(target, ahead, strict=True)]
    scale_m = None if camera.parallel_scale_m is None else camera.parallel_scale_m * grown
    return replace(
        camera, position=(eye[0], eye[1], eye[2]), focal_point=(target[0], target[1], target[2]),
        parallel_scale_m=scale_m,
    )  # fmt: skip
