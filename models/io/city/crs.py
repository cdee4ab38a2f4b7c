"""Where the numbers of a city model stand: names of CRSs as the formats write them, axis order, degrees to metres.

Invariants
----------
1. An authority's axis order counts where the name is an OGC name (``urn:ogc:def:crs:EPSG::6697``: latitude first) and
   not where it is a short one (``EPSG:4326``), as GDAL does; but an order that puts the city outside the CRS's own area
   of use while the other one does not is a mistake, and a caution tells so.
2. Degrees become metres of a projected CRS of the same datum, point by point, so that no datum is shifted on the way.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import Caution, UserError
from models.crs.frame import crs_label, parse_crs, transformer, zone_for

Floats = NDArray[np.float64]


def crs_named(declared: str) -> str:
    """Return ``"EPSG:7415"`` or ``"EPSG:25832+5783"`` from a name of a CRS, empty if it names none that we can read.

    Examples
    --------
    >>> crs_named("urn:ogc:def:crs,crs:EPSG::25832,crs:EPSG::5783"), crs_named("http://www.opengis.net/def/crs/EPSG/0/6697")
    ('EPSG:25832+5783', 'EPSG:6697')
    """
    codes = re.findall(
        r"EPSG(?:[:/#]+(?:\d+(?:\.\d+)?)?[:/]+|[:#/])(\d{4,6})(?=$|[,\s])", declared.strip(), re.IGNORECASE
    )
    return f"EPSG:{'+'.join(codes[:2])}" if codes else ""


def is_authority_order(declared: str) -> bool:
    """Return whether a name promises the authority's own axis order."""
    return "ogc" in declared.lower() or "opengis.net/def" in declared.lower()


@lru_cache(maxsize=32)
def _north_first(crs: str) -> bool:
    parsed = parse_crs(crs)
    plane = parsed.sub_crs_list[0] if parsed.is_compound else parsed
    return bool(plane.axis_info) and plane.axis_info[0].direction in ("north", "south")


def to_map(points: Floats, declared: str, crs: str, *, xy_first: bool = False) -> tuple[Floats, str, list[Caution]]:
    """Bring points into a projected CRS, (easting, northing, height) in metres.

    Parameters
    ----------
    points : ndarray (n, 3)
        As in the file. Rows that are not finite stay so.
    declared : str
        The CRS's name in the file, empty where the CRS came from elsewhere.
    crs : str
        The CRS; empty leaves everything as it is.
    xy_first : bool
        The format promises easting or longitude first whatever the authority says.

    Returns
    -------
    points : ndarray (n, 3)
    crs : str
        The CRS in which they stand now.
    cautions : list of Caution
        ``city3d.axes_swapped`` when the order had to be guessed against the name.
    """
    if not crs or not len(points):
        return points, crs, []
    parsed = parse_crs(crs)
    if parsed.is_geocentric:
        raise UserError("crs.not_projected", crs=crs)
    cautions: list[Caution] = []
    swap = not xy_first and is_authority_order(declared) and _north_first(crs)
    finite = points[np.isfinite(points).all(axis=1)]
    if len(finite):
        middle = np.median(finite[:, :2], axis=0)
        here, there = (_in_area(parsed, crs, *(middle[::-1] if turned else middle)) for turned in (swap, not swap))
        if not here and there:
            swap = not swap
            cautions.append(Caution("city3d.axes_swapped", crs=crs_label(crs)))
    if swap:
        points = points[:, [1, 0, 2]]
    if parsed.is_projected or (parsed.is_compound and parsed.sub_crs_list[0].is_projected):
        return points, crs, cautions
    plane = parsed.sub_crs_list[0] if parsed.is_compound else parsed
    heights = parsed.sub_crs_list[1] if parsed.is_compound else None
    middle = np.median(points[np.isfinite(points).all(axis=1)][:, :2], axis=0) if len(finite) else np.zeros(2)
    target = metres_for(plane, float(middle[0]), float(middle[1]))
    flat = plane.to_2d() if len(plane.axis_info) == 3 else plane
    x, y = transformer(crs_label(flat.to_wkt()), target).transform(points[:, 0], points[:, 1])
    result = np.column_stack([x, y, points[:, 2]])
    if heights is not None and (code := heights.to_epsg()):
        target = f"{target}+{code}"
    return result, target, cautions


def metres_for(plane: Any, longitude_deg: float, latitude_deg: float) -> str:
    """Return a projected CRS of the same datum as a geographic one, for a place."""
    from pyproj.aoi import AreaOfInterest
    from pyproj.database import query_utm_crs_info

    zone = zone_for(longitude_deg, latitude_deg)
    label = crs_label(plane.to_wkt())
    if label in ("EPSG:4490", "EPSG:4479", "EPSG:4480", "EPSG:4326", "EPSG:4979", "OGC:CRS84", "OGC:CRS84h"):
        return zone
    # A shift of a datum is decimetres to hundreds of metres: a zone of the same datum keeps every digit.
    here = AreaOfInterest(longitude_deg, latitude_deg, longitude_deg, latitude_deg)
    found = query_utm_crs_info(datum_name=str(plane.name).partition(" (")[0], area_of_interest=here)
    plain = [row.code for row in found if re.search(r"/ UTM zone \d+[NS]$", row.name)]
    return f"EPSG:{plain[0]}" if plain else zone


def _in_area(parsed: Any, crs: str, x: float, y: float) -> bool:
    """Return whether a place lies in the area for which a CRS is made, with a margin of two degrees."""
    area = (parsed.sub_crs_list[0] if parsed.is_compound else parsed).area_of_use
    if area is None or not np.isfinite([x, y]).all():
        return True
    plane = parsed.sub_crs_list[0] if parsed.is_compound else parsed
    lon, lat = (x, y) if plane.is_geographic else transformer(crs, "EPSG:4326").transform(x, y)
    east = area.east + (360.0 if area.east < area.west else 0.0)
    return bool(area.south - 2 <= lat <= area.north + 2 and area.west - 2 <= lon <= east + 2)
