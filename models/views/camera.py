"""A camera in world coordinates."""

from __future__ import annotations

from dataclasses import dataclass

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
