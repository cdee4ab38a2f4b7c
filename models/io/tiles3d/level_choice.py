"""How much of a tile's error a person sees: screen-space error from where the camera first stands.

The tiles of a model are chosen once, so they have to serve whoever comes nearer: what would be less than
:data:`FINEST_PX` of a pixel from the first view is refined no further, as fifty times nearer it is still one pixel
(viewers that load as one moves stop at 16).

Source: OGC 22-025r4 (3D Tiles 1.1) §9.3 (geometric error), §9.4 (bounding volumes)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Height of a picture, pixels; field of view of the camera, degrees.
PICTURE_PX, VIEW_DEG = 1080, 30.0
FINEST_PX = 0.02
_NONE = np.full(3, np.nan)


class HomeView:
    """A camera that sees the whole of a tileset from the south, half way up the sky.

    Parameters
    ----------
    tile : mapping
        The root tile.
    transform : ndarray (4, 4)
        The root's, to the tileset's world.
    """

    def __init__(self, tile: Mapping[str, Any], transform: Floats) -> None:
        centre, radius = volume_of(tile, transform)
        self._eye = _NONE
        if np.isfinite(centre).all() and radius > 0:
            far = float(np.linalg.norm(centre))
            up = centre / far if far > 6e6 else np.array([0.0, 0.0, 1.0])
            north = np.array([0.0, 0.0, 1.0]) if far > 6e6 else np.array([0.0, 1.0, 0.0])
            north = north - (north @ up) * up
            length = float(np.linalg.norm(north))
            north = north / length if length > 1e-6 else np.array([1.0, 0.0, 0.0])
            away = radius / math.tan(math.radians(VIEW_DEG / 2))
            self._eye = centre + away * math.sqrt(0.5) * (up - north)

    def error_px(self, tile: Mapping[str, Any], transform: Floats, error_m: float) -> float:
        """Return how many pixels a tile's geometric error is; the error itself where its place is unknown."""
        centre, radius = volume_of(tile, transform)
        away = float(np.linalg.norm(centre - self._eye)) - radius
        if not math.isfinite(away):
            return error_m
        return error_m * PICTURE_PX / (2 * max(away, 1.0) * math.tan(math.radians(VIEW_DEG / 2)))


def volume_of(tile: Mapping[str, Any], transform: Floats) -> tuple[Floats, float]:
    """Return centre and radius of a tile's bounding volume in the tileset's world, NaN where there is none to use."""
    volume = tile.get("boundingVolume") or {}
    try:
        if "region" in volume:
            return _region(np.asarray(volume["region"], dtype=np.float64).reshape(6))
        scale = float(np.cbrt(abs(np.linalg.det(transform[:3, :3]))))
        if "box" in volume:
            box = np.asarray(volume["box"], dtype=np.float64).reshape(4, 3)
            return transform[:3, :3] @ box[0] + transform[:3, 3], float(np.linalg.norm(box[1:])) * scale
        sphere = np.asarray(volume["sphere"], dtype=np.float64).reshape(4)
        return transform[:3, :3] @ sphere[:3] + transform[:3, 3], float(sphere[3]) * scale
    except (KeyError, TypeError, ValueError):
        return _NONE, math.nan


def _region(region: Floats) -> tuple[Floats, float]:
    """Return centre and radius of a region: west, south, east, north in radians, least and greatest height."""
    from models.crs.frame import transformer

    west, south, east, north, low, high = region
    lon, lat = np.degrees([west, (west + east) / 2, east]), np.degrees([south, (south + north) / 2, north])
    heights = np.array([low, (low + high) / 2, high])
    corners = np.stack(transformer("EPSG:4979", "EPSG:4978").transform(lon, lat, heights), axis=1)
    return corners[1], float(np.linalg.norm(corners[2] - corners[0])) / 2
