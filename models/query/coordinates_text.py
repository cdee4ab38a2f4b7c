"""Parses coordinates that a person typed."""

from __future__ import annotations

import re

import numpy as np

from models.crs.frame import Frame, transformer
from models.views.camera import Vector

_PAIR = re.compile(
    r"\s*(?P<a>[EeNn东北经纬度XxYy]*\s*[:=：]?\s*-?\d+(?:\.\d+)?)\s*°?\s*(?P<p>[EeNn]?)\s*[,，;；\s]\s*"
    r"(?P<b>[EeNn东北经纬度XxYy]*\s*[:=：]?\s*-?\d+(?:\.\d+)?)\s*°?\s*(?P<q>[EeNn]?)\s*$"
)


def place_of(text: str, frame: Frame | None) -> Vector | None:
    """Return the world point that a text says as coordinates, None if it says none.

    Longitude and latitude in degrees (either order where the letters say it, or where only one order can be meant), or
    easting and northing in metres of the project's CRS.
    """
    found = _PAIR.match(text)
    if found is None or frame is None:
        return None
    marks = [found["a"] + found["p"], found["b"] + found["q"]]
    one, two = (float(re.sub(r"[^\d.\-]", "", found[name])) for name in ("a", "b"))
    swapped = bool(re.search("[Nn北纬Yy]", marks[0])) or bool(re.search("[Ee东经Xx]", marks[1]))
    if abs(one) <= 180 and abs(two) <= 180:
        lon, lat = (two, one) if swapped or abs(two) > 90 else (one, two)
        if abs(lat) > 90:
            return None
        x, y = transformer("EPSG:4326", frame.horizontal).transform(lon, lat)
        return (float(x), float(y), float(frame.origin[2])) if np.isfinite(x + y) else None
    x, y = (two, one) if swapped else (one, two)
    east, north = float(frame.origin[0]), float(frame.origin[1])
    near, turned = abs(x - east) + abs(y - north), abs(y - east) + abs(x - north)
    if not swapped and turned < near:
        x, y = y, x
    return (x, y, float(frame.origin[2])) if min(near, turned) < 2_000_000 else None
