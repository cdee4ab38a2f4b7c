"""In which coordinates distances and areas are measured: those of the project, unless its projection distorts them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from models.crs.frame import Frame, parse_crs

#: So far an area of the map may be off before it is measured elsewhere. Gauss–Krüger and UTM stay within 0.3 %.
MOST_OFF = 0.01


@lru_cache(maxsize=16)
def measuring_crs(frame: Frame) -> str:
    """Return the CRS in which to measure: that of the project, or an equal-area one about its origin.

    Web Mercator, for one, shows areas in 37° north half as large again.

    Parameters
    ----------
    frame : Frame
        Its origin lies in the city.

    Returns
    -------
    str
        The project's own CRS as it is written there, or WKT of Lambert's azimuthal equal-area projection on its datum.
    """
    from pyproj import Proj, Transformer
    from pyproj.crs import ProjectedCRS
    from pyproj.crs.coordinate_operation import LambertAzimuthalEqualAreaConversion

    crs = parse_crs(frame.horizontal)
    geodetic = crs.geodetic_crs
    if geodetic is None:
        return frame.horizontal
    east, north, _ = frame.origin
    lon_deg, lat_deg = Transformer.from_crs(crs, geodetic, always_xy=True).transform(east, north)
    if not np.isfinite([lon_deg, lat_deg]).all():
        return frame.horizontal
    scale = Proj(crs).get_factors(lon_deg, lat_deg).areal_scale
    if abs(scale - 1.0) <= MOST_OFF:
        return frame.horizontal
    about = LambertAzimuthalEqualAreaConversion(latitude_natural_origin=lat_deg, longitude_natural_origin=lon_deg)
    return str(ProjectedCRS(about, geodetic_crs=geodetic).to_wkt())
