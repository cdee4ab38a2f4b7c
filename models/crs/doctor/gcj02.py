"""GCJ-02 and BD-09: the shifted longitudes and latitudes of Chinese internet maps, and their exact inverses.

GCJ-02 (火星坐标) moves WGS 84 by 100–700 m with polynomials and sines of the place; BD-09 (百度坐标) moves GCJ-02 once
more by about 0.0065° and 0.006°. Both are known only through published re-implementations, which all agree; neither is
a datum, and PROJ knows neither. Survey data has no business in them: they are undone on the way in.

Invariants
----------
1. The inverse is found by iterating the forward formula until it reproduces the input to 1e-13 degrees (10 nm); a
   one-step "inverse", as commonly copied, is wrong by up to two metres.
2. Outside the box in which the formula shifts nothing, both directions change nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Krasovsky's ellipsoid as the published formula has it: semi-major axis in metres, first eccentricity squared.
_A_M = 6378245.0
_EE = 0.00669342162296594323
_BD_PI = np.pi * 3000.0 / 180.0
#: Longitude and latitude between which the formula shifts.
BOX = (72.004, 0.8293, 137.8347, 55.8271)
#: More rounds than either formula needs: each makes the error at least forty times smaller.
_ROUNDS = 16
_DONE_DEG = 1e-13


def inside(lonlat: Array) -> NDArray[np.bool_]:
    """Return which points (n, 2) the formula shifts at all."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    return np.asarray((lon >= BOX[0]) & (lon <= BOX[2]) & (lat >= BOX[1]) & (lat <= BOX[3]))


def gcj02_of(lonlat: Array) -> Array:
    """Return GCJ-02 of WGS 84 longitudes and latitudes, shape (n, 2), degrees."""
    lonlat = np.asarray(lonlat, dtype=np.float64)
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    root, pi = np.sqrt(np.abs(x)), np.pi
    waves = (20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = np.radians(lonlat[:, 1])
    magic = 1.0 - _EE * np.sin(phi) ** 2
    lat_deg = np.degrees(north / (_A_M * (1.0 - _EE) / (magic * np.sqrt(magic))))
    lon_deg = np.degrees(east / (_A_M / np.sqrt(magic) * np.cos(phi)))
    return np.where(inside(lonlat)[:, None], lonlat + np.column_stack([lon_deg, lat_deg]), lonlat)


def bd09_of_gcj02(lonlat: Array) -> Array:
    """Return BD-09 of GCJ-02 longitudes and latitudes, shape (n, 2), degrees."""
    lonlat = np.asarray(lonlat, dtype=np.float64)
    x, y = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_PI)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_PI)
    moved = np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])
    return np.where(inside(lonlat)[:, None], moved, lonlat)


def bd09_of(lonlat: Array) -> Array:
    """Return BD-09 of WGS 84 longitudes and latitudes, shape (n, 2), degrees."""
    return bd09_of_gcj02(gcj02_of(lonlat))


def wgs84_of_gcj02(lonlat: Array) -> Array:
    """Return WGS 84 of GCJ-02 longitudes and latitudes, shape (n, 2), degrees; exact to far below a millimetre."""
    return _inverse(gcj02_of, lonlat)


def gcj02_of_bd09(lonlat: Array) -> Array:
    """Return GCJ-02 of BD-09 longitudes and latitudes, shape (n, 2), degrees."""
    return _inverse(bd09_of_gcj02, lonlat)


def wgs84_of_bd09(lonlat: Array) -> Array:
    """Return WGS 84 of BD-09 longitudes and latitudes, shape (n, 2), degrees."""
    return wgs84_of_gcj02(gcj02_of_bd09(lonlat))


def _inverse(forward: object, wanted: Array) -> Array:
    assert callable(forward)  # noqa: S101 - one of the two above
    wanted = np.asarray(wanted, dtype=np.float64)
    found = wanted.copy()
    with np.errstate(invalid="ignore"):  # a place that PROJ could not say stays none
        for _ in range(_ROUNDS):
            miss = forward(found) - wanted
            miss[~np.isfinite(miss)] = 0.0
            found = found - miss
            if not miss.size or np.abs(miss).max() < _DONE_DEG:
                break
    return np.where(inside(wanted)[:, None], found, wanted)
