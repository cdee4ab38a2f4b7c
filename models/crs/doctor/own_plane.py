"""Local coordinate systems of cities: a transverse Mercator with given meridian, false origin and projection height.

Chinese cities keep planes of their own (城市独立坐标系): a central meridian through the town, so that lengths are true
to 2.5 cm a kilometre (CJJ/T 8), and often a projection height (抵偿面): lengths are reduced to the town's mean height
instead of the ellipsoid. Reduction to a height H multiplies lengths by 1 + H/R with R the mean radius of curvature
there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from models.core.errors import UserError
from models.crs.frame import parse_crs

#: Base systems a plane can stand on.
BASES = {"cgcs2000": "EPSG:4490", "wgs84": "EPSG:4326", "xian80": "EPSG:4610", "beijing54": "EPSG:4214"}


@dataclass(frozen=True, slots=True)
class OwnPlane:
    """Parameters of a user-defined transverse Mercator.

    Parameters
    ----------
    meridian_deg : float
        Central meridian, decimal degrees east.
    false_east_m, false_north_m : float
    scale : float
        Scale on the meridian at height 0; 1 for Gauss-Krüger.
    height_m : float
        Height of the projection plane above the ellipsoid; 0 for none.
    latitude_deg : float
        Latitude of the town, for the radius with which the height is reduced; also of the natural origin if
        ``origin_there``.
    base : str
        Key of :data:`BASES`.
    name : str
    """

    meridian_deg: float
    false_east_m: float = 500000.0
    false_north_m: float = 0.0
    scale: float = 1.0
    height_m: float = 0.0
    latitude_deg: float = 35.0
    base: str = "cgcs2000"
    name: str = ""

    @property
    def total_scale(self) -> float:
        """Return the scale on the meridian with the projection height in it."""
        return self.scale * (1.0 + self.height_m / mean_radius_m(self.latitude_deg, self.base))

    def wkt(self) -> str:
        """Return the plane as WKT 2.

        Raises
        ------
        UserError
            ``crs_doctor.bad_plane`` for parameters outside anything on earth.
        """
        from pyproj.crs import CRS, ProjectedCRS
        from pyproj.crs.coordinate_operation import TransverseMercatorConversion

        numbers = (self.meridian_deg, self.false_east_m, self.false_north_m, self.scale, self.height_m)
        sane = all(map(math.isfinite, numbers)) and -180 <= self.meridian_deg <= 180 and 0.9 < self.scale < 1.1
        if not sane or not -500 <= self.height_m <= 9000 or max(abs(self.false_east_m), abs(self.false_north_m)) > 1e8:
            raise UserError("crs_doctor.bad_plane")
        conversion = TransverseMercatorConversion(
            0.0, self.meridian_deg, self.false_east_m, self.false_north_m, self.total_scale
        )
        name = self.name or f"{self.base} TM {self.meridian_deg:g}"
        made = ProjectedCRS(conversion, name=name, geodetic_crs=CRS(BASES[self.base]))
        return str(made.to_wkt())


def mean_radius_m(latitude_deg: float, base: str = "cgcs2000") -> float:
    """Return the mean radius of curvature √(M·N) of a base's ellipsoid at a latitude, metres."""
    ellipsoid = parse_crs(BASES[base]).ellipsoid
    a, flat = float(ellipsoid.semi_major_metre), 1.0 / float(ellipsoid.inverse_flattening)
    square = flat * (2.0 - flat)
    return a * math.sqrt(1.0 - square) / (1.0 - square * math.sin(math.radians(latitude_deg)) ** 2)


def distortion_mm_per_km(plane: OwnPlane, distance_east_m: float, height_m: float) -> float:
    """Return how much longer a kilometre on the ground is in the plane, millimetres (limit of CJJ/T 8: ±25)."""
    radius = mean_radius_m(plane.latitude_deg, plane.base)
    grid = plane.total_scale * (1.0 + distance_east_m**2 / (2.0 * radius**2))
    return (grid * (1.0 - height_m / radius) - 1.0) * 1e6
