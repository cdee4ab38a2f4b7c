"""Geometry measures in expressions: in metres of a projected CRS, on the ellipsoid for what came in degrees."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.crs.frame import metres_per_unit, require_projected
from models.geometry.geodesic import areas_m2, is_in_degrees, lengths_m
from models.query import values
from models.query.values import Value

#: Measures and what else they are called.
MEASURES: dict[str, tuple[str, ...]] = {
    "area_m2": ("area", "面积"), "length_m": ("length", "长度"), "perimeter_m": ("perimeter", "周长"),
    "x": ("easting", "东"), "y": ("northing", "北"), "height": ("z", "高程"), "parts": ("部分数",),
    "id": ("fid", "oid", "编号"), "geometry": ("geom", "几何"),
}  # fmt: skip

_ON_ELLIPSOID = ("area_m2", "length_m", "perimeter_m")


def measure_named(name: str, at: int) -> str:
    """Return the measure that a name means.

    Raises
    ------
    UserError
        ``ask.no_measure`` with those there are.
    """
    low = name.casefold()
    for measure, others in MEASURES.items():
        if low == measure or low in others:
            return measure
    like = difflib.get_close_matches(low, MEASURES, 1, 0.4)
    raise UserError("ask.no_measure", name=f"${name}", at=at, like="  ".join(f"${one}" for one in like or MEASURES))


@dataclass(frozen=True, slots=True, eq=False)
class Geometries:
    """The geometries of a layer, and the projected CRS in which their places are told.

    Parameters
    ----------
    own : GeoSeries
        As they came.
    crs : str
        Empty for their own.
    """

    own: Any
    crs: str = ""

    def placed(self) -> Any:
        """Return them in the projected CRS."""
        series = self.own
        return (
            series.to_crs(self.crs) if self.crs and series.crs is not None and str(series.crs) != self.crs else series
        )


def placed(geometry: Any, at: int = 0) -> tuple[Value, float]:
    """Return geometries in the projected CRS, and what a unit of it is in metres.

    Raises
    ------
    UserError
        ``crs.degrees``, ``crs.missing``, ``ask.no_geometry``.
    """
    import shapely

    if geometry is None:
        raise UserError("ask.no_geometry", at=at)
    series = geometry.placed() if isinstance(geometry, Geometries) else geometry
    crs = getattr(series, "crs", None)
    require_projected(crs.to_wkt() if crs is not None else None, "$geometry")
    shapes = np.asarray(series.array if hasattr(series, "array") else series, dtype=object)
    there = shapes.copy()
    there[shapely.is_empty(shapes)] = None
    return values.geometry(there), metres_per_unit(crs)


def measured(geometry: Any, name: str, at: int = 0) -> Value:
    """Measure geometries.

    Areas and lengths of what came in degrees are those on the ellipsoid, as the panel of properties tells them: they
    depend on no zone. All else is measured in the projected CRS, in metres whatever its unit.

    Parameters
    ----------
    geometry : GeoSeries or Geometries
        With its CRS. Missing and empty geometries are unknown.

    Raises
    ------
    UserError
        ``crs.degrees`` for a place in degrees, ``crs.missing``. ``ask.no_geometry`` without any.
    """
    import shapely

    if geometry is None:
        raise UserError("ask.no_geometry", at=at)
    own = geometry.own if isinstance(geometry, Geometries) else geometry
    on_ellipsoid = name in _ON_ELLIPSOID and is_in_degrees(getattr(own, "crs", None))
    geometry = own if on_ellipsoid else geometry.placed() if isinstance(geometry, Geometries) else geometry
    shapes = np.asarray(geometry.array if hasattr(geometry, "array") else geometry, dtype=object)
    known = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    crs = getattr(geometry, "crs", None)
    if name not in ("height", "parts") and not on_ellipsoid:
        require_projected(crs.to_wkt() if crs is not None else None, f"${name}")
    ways: dict[str, Callable[[Any], NDArray[Any]]] = {
        "area_m2": shapely.area, "length_m": _line_length, "perimeter_m": shapely.length,
        "x": lambda every: shapely.get_x(shapely.centroid(every)),
        "y": lambda every: shapely.get_y(shapely.centroid(every)),
        "height": _highest, "parts": lambda every: shapely.get_num_geometries(every).astype(np.int64),
    }  # fmt: skip
    found = _geodesic(shapes, known, name, crs) if on_ellipsoid else ways[name](shapes)
    if name in _ON_ELLIPSOID and not on_ellipsoid:
        found = found * metres_per_unit(crs) ** (2 if name == "area_m2" else 1)
    if name == "area_m2":
        known &= shapely.get_dimensions(shapes) == 2
    elif name in ("length_m", "perimeter_m"):
        known &= shapely.get_dimensions(shapes) == (1 if name == "length_m" else 2)
    return values.number(found, known)


def _geodesic(shapes: NDArray[Any], known: NDArray[np.bool_], name: str, crs: Any) -> NDArray[np.float64]:
    found = np.zeros(len(shapes))
    found[known] = (areas_m2 if name == "area_m2" else lengths_m)(shapes[known], crs)
    return found


def _line_length(every: Any) -> NDArray[np.float64]:
    import shapely

    return np.asarray(shapely.length(every), dtype=np.float64)


def _highest(every: Any) -> NDArray[np.float64]:
    """Return the greatest height of each geometry in metres, NaN for those without heights."""
    import shapely

    points, owner = shapely.get_coordinates(every, include_z=True, return_index=True)
    highest = np.full(len(every), -np.inf)
    fine = np.isfinite(points[:, 2])
    np.maximum.at(highest, owner[fine], points[fine, 2])
    return np.where(np.isfinite(highest), highest, np.nan)
