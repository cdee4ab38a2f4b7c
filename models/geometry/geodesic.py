"""Areas and lengths of shapes in degrees, on the ellipsoid of their CRS (Karney 2013, by PROJ through pyproj)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.crs.frame import parse_crs

Floats = NDArray[np.float64]


def is_in_degrees(crs: Any) -> bool:
    """Whether a CRS (text or pyproj) gives longitude and latitude."""
    return bool(crs) and bool((parse_crs(crs) if isinstance(crs, str) else crs).is_geographic)


def areas_m2(shapes: NDArray[Any], crs: Any) -> Floats:
    """Return the areas of shapes in longitude and latitude; 0 for what has none."""
    import shapely

    geod = _geod(crs)
    flat = shapely.force_2d(shapes)
    found = np.zeros(len(flat))
    for at in np.flatnonzero(shapely.get_dimensions(flat) == 2).tolist():
        for part in shapely.get_parts(flat[at]):
            if part.geom_type == "Polygon":
                found[at] += _ring_m2(geod, part.exterior) - sum(_ring_m2(geod, hole) for hole in part.interiors)
    return found


def lengths_m(shapes: NDArray[Any], crs: Any) -> Floats:
    """Return the lengths of lines in longitude and latitude, of areas those of all their rings; 0 for points."""
    import shapely

    geod = _geod(crs)
    flat = shapely.force_2d(shapes)
    found = np.zeros(len(flat))
    for at in np.flatnonzero(shapely.get_dimensions(flat) >= 1).tolist():
        for part in shapely.get_parts(flat[at]):
            whole = shapely.boundary(part) if part.geom_type == "Polygon" else part
            for line in shapely.get_parts(whole):
                points = shapely.get_coordinates(line)
                found[at] += geod.line_length(points[:, 0], points[:, 1])
    return found


def _ring_m2(geod: Any, ring: Any) -> float:
    import shapely

    points = shapely.get_coordinates(ring)
    return abs(float(geod.polygon_area_perimeter(points[:, 0], points[:, 1])[0]))


def _geod(crs: Any) -> Any:
    return (parse_crs(crs) if isinstance(crs, str) else crs).get_geod()
