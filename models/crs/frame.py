"""The project's frame: projected CRS, vertical datum and the scene's local origin.

Invariants
----------
1. Axis order is always (easting, northing) or (longitude, latitude), whatever the authority says. EPSG gives CGCS2000
   zones as (northing, easting); without ``always_xy`` a city lands in another country.
2. The origin is in whole metres, so that adding and taking it off is exact in float64. Everything a renderer sees is
   local; world coordinates of 4 400 000 m in float32 have steps of half a metre.
3. A :class:`Frame` is projected. An area, length or buffer in degrees is refused, never warned about.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError

Array = NDArray[np.float64]

#: A CRS for data that is read before anybody knows where it stands; only the CRS doctor asks for it.
UNSETTLED = (
    'ENGCRS["unsettled",EDATUM["unsettled"],CS[Cartesian,2],AXIS["x",east,ORDER[1]],AXIS["y",north,ORDER[2]],'
    'LENGTHUNIT["metre",1]]'
)


@dataclass(frozen=True, slots=True)
class Frame:
    """The coordinate frame of a project.

    Parameters
    ----------
    horizontal : str
        Projected CRS, ``"EPSG:4548"`` (CGCS2000, 3-degree zone, central meridian 117° E) or WKT.
    vertical : str or None
        Height datum, ``"EPSG:5737"`` (1985 国家高程基准), or None when unknown.
    origin : tuple of int
        Easting, northing and height of the scene's zero, whole metres.
    """

    horizontal: str
    vertical: str | None = None
    origin: tuple[int, int, int] = (0, 0, 0)

    def __post_init__(self) -> None:
        if not parse_crs(self.horizontal).is_projected:
            raise UserError("crs.not_projected", crs=self.horizontal)

    @property
    def label(self) -> str:
        """Return the code that is written under a picture, ``"EPSG:4548+5737"``."""
        name = crs_label(self.horizontal)
        return f"{name}+{self.vertical.removeprefix('EPSG:')}" if self.vertical else name

    def to_local(self, world: Array) -> Array:
        """Take the origin off world coordinates of shape (n, 2) or (n, 3), metres."""
        world = np.asarray(world, dtype=np.float64)
        return world - np.asarray(self.origin[: world.shape[-1]], dtype=np.float64)

    def to_world(self, local: Array) -> Array:
        """Add the origin to local coordinates of shape (n, 2) or (n, 3), metres."""
        local = np.asarray(local, dtype=np.float64)
        return local + np.asarray(self.origin[: local.shape[-1]], dtype=np.float64)

    def lonlat(self, easting_m: float, northing_m: float) -> tuple[float, float]:
        """Return longitude and latitude in degrees (CGCS2000/WGS 84) of a world point."""
        lon, lat = transformer(self.horizontal, "EPSG:4326").transform(easting_m, northing_m)
        return float(lon), float(lat)


@lru_cache(maxsize=512)
def parse_crs(text: str) -> Any:
    """Return the pyproj CRS of ``text``.

    Raises
    ------
    UserError
        ``crs.unknown`` if PROJ does not know it.
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return CRS.from_user_input(text)
    except (CRSError, ValueError) as error:  # the latter of text that is no Unicode
        raise UserError("crs.unknown", crs=text) from error


@lru_cache(maxsize=512)
def transformer(source: str, target: str) -> Any:
    """Return a transformer between two CRSs, (easting, northing) order on both sides."""
    from pyproj import Transformer

    return Transformer.from_crs(parse_crs(source), parse_crs(target), always_xy=True)


@lru_cache(maxsize=512)
def crs_label(text: str) -> str:
    """Return ``"EPSG:4548"`` where the authority is known, else the CRS's own name."""
    crs = parse_crs(text)
    authority = crs.to_authority(min_confidence=70)
    return ":".join(authority) if authority else str(crs.name)


def require_projected(crs: str | None, operation: str) -> None:
    """Refuse to measure in degrees.

    Raises
    ------
    UserError
        ``crs.degrees`` naming the operation; ``crs.missing`` without a CRS.
    """
    if not crs:
        raise UserError("crs.missing", operation=operation)
    if not parse_crs(crs).is_projected:
        raise UserError("crs.degrees", operation=operation, crs=crs_label(crs))


def metres_per_unit(crs: Any) -> float:
    """Return the length in metres of the unit of a projected CRS (pyproj), 1 where it says none."""
    return float(crs.axis_info[0].unit_conversion_factor or 1.0) if crs.axis_info else 1.0


def zone_for(longitude_deg: float, latitude_deg: float) -> str:
    """Return the projected CRS in which to show data that came in degrees.

    Inside China (73.5–136.5° E, 3–54° N) the CGCS2000 3-degree zone without zone prefix (EPSG:4534 for 75° E …
    EPSG:4554 for 135° E); elsewhere WGS 84 / UTM.
    """
    if 73.5 <= longitude_deg <= 136.5 and 3 <= latitude_deg <= 54:
        zone = min(max(round(longitude_deg / 3), 25), 45)
        return f"EPSG:{4534 + zone - 25}"
    zone = min(int((longitude_deg + 180) // 6) + 1, 60)
    return f"EPSG:{(32600 if latitude_deg >= 0 else 32700) + zone}"
