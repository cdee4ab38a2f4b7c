"""Where a building model stands, and how sure that is: from what the reader kept, without the file.

Certainty has four steps. *Sure*: the file states it and nothing contradicts it. *Likely*: the file states it with one
mistake that only one correction mends, or a person stated it. *Doubtful*: the file only hints at it. *Unsure*: a lone
latitude and longitude, with which nothing agrees.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from models.bim.placement import BY_HAND, SHARED_ORIGIN, placement_of
from models.crs.frame import parse_crs, transformer
from models.layers.layer import ModelData

#: LoGeoRef level that each kind of place corresponds to.
LEVELS = {
    "map_conversion": 50,
    "rigid_operation": 50,
    "epset": 50,
    "world_system": 40,
    "coordinates": 30,
    "site_latlon": 20,
}


@dataclass(frozen=True, slots=True)
class GeorefReport:
    """Where a model stands and why.

    Parameters
    ----------
    kind : str
        ``"map_conversion"``, ``"rigid_operation"``, ``"epset"``, ``"coordinates"``, ``"world_system"``,
        ``"site_latlon"``, ``"by_hand"``, ``"shared_origin"`` or ``"none"``.
    certainty : str
        ``"sure"``, ``"likely"``, ``"doubtful"``, ``"unsure"``, ``"none"``.
    level : int
        LoGeoRef level, 0 for none.
    crs, crs_name : str
        As believed; ``"EPSG:28992"``, ``"Amersfoort / RD New"``. Empty where nothing is believed.
    vertical : str
        Height datum as believed, ``"EPSG:5737"``, or empty.
    east_m, north_m, height_m : float or None
        Where the model's own origin stands.
    lon_deg, lat_deg : float or None
        The same point on WGS 84.
    rotation_deg : float or None
        From grid east to the model's x axis, counter-clockwise, −180…180.
    bearing_deg : float or None
        Where the model's y axis points, clockwise from grid north, 0…360.
    true_bearing_deg : float or None
        The same from true north.
    scale : float or None
        Map metres in a model metre.
    middle : tuple of float or None
        Easting, northing, height of the middle of the geometry.
    written : mapping
        What the file says, in its own units: the operation, its CRS, the site.
    reasons : tuple of dict
        Cautions of the reader that bear on the place, ``{"code": …, "facts": …}``.
    """

    kind: str = "none"
    certainty: str = "none"
    level: int = 0
    crs: str = ""
    crs_name: str = ""
    vertical: str = ""
    east_m: float | None = None
    north_m: float | None = None
    height_m: float | None = None
    lon_deg: float | None = None
    lat_deg: float | None = None
    rotation_deg: float | None = None
    bearing_deg: float | None = None
    true_bearing_deg: float | None = None
    scale: float | None = None
    middle: tuple[float, float, float] | None = None
    written: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[Mapping[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready form."""
        return asdict(self)


def report(data: ModelData) -> GeorefReport:
    """Say where a model stands.

    Parameters
    ----------
    data : ModelData
        As read, or as :func:`models.bim.placement.standing` gives it.
    """
    detail: Mapping[str, Any] = data.info.get("georef_detail") or {}
    kind = str(data.info.get("georef") or "none")
    written = {
        name: value
        for name, value in detail.items()
        if name not in ("certainty", "cautions") and value not in (None, {})
    }
    reasons = tuple(detail.get("cautions", ()))
    if kind == "none" or not data.crs:
        return GeorefReport(written=written, reasons=reasons)
    given = kind in (BY_HAND, SHARED_ORIGIN)
    certainty = "likely" if given else str(detail.get("certainty") or "doubtful")
    place = placement_of(data.placement, data.crs)
    crs = parse_crs(data.crs)
    lon, lat = transformer(data.crs, "EPSG:4326").transform(place.east_m, place.north_m)
    known = math.isfinite(lon) and math.isfinite(lat)
    box = data.meshes.bounds()
    middle = None if box is None else data.placement @ [*np.asarray(box, dtype=np.float64).mean(axis=0), 1.0]
    return GeorefReport(
        kind=kind,
        certainty=certainty,
        level=LEVELS.get(kind, 0),
        crs=data.crs,
        crs_name=str(crs.name),
        vertical="" if given else str(detail.get("vertical") or ""),
        east_m=place.east_m,
        north_m=place.north_m,
        height_m=place.height_m,
        lon_deg=float(lon) if known else None,
        lat_deg=float(lat) if known else None,
        rotation_deg=round((180.0 - place.bearing_deg) % 360.0 - 180.0, 9),
        bearing_deg=place.bearing_deg,
        true_bearing_deg=_true_bearing(data.crs, lon, lat, place.bearing_deg) if known else None,
        scale=place.scale,
        middle=None if middle is None else (float(middle[0]), float(middle[1]), float(middle[2])),
        written=written,
        reasons=reasons,
    )


def _true_bearing(crs: str, lon: float, lat: float, bearing_deg: float) -> float | None:
    """Return a grid bearing as one from true north: meridian convergence is how far the grid is turned there."""
    from pyproj import Proj

    convergence = float(Proj(parse_crs(crs)).get_factors(lon, lat).meridian_convergence)
    return (bearing_deg + convergence) % 360.0 if math.isfinite(convergence) else None
