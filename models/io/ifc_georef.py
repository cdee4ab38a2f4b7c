"""Where an IFC model stands on the Earth.

Offices write it in six ways, several of them wrong. In order of trust: ``IfcMapConversion`` (IFC4 on),
``IfcRigidOperation`` (IFC4X3), the property set ``ePSet_MapConversion`` (the same for IFC2X3), map coordinates typed
into the placements (believed only with a CRS from the user), and latitude and longitude of ``IfcSite``, which are a
real place or merely what the exporter ships with.

Invariants
----------
1. A placement takes model metres to metres of a projected CRS; units and ``Scale`` are resolved here and nowhere else.
2. Numbers that cannot be true (a bridge 1,000 times too far away) are corrected only when exactly that correction puts
   the model into the area of its CRS, and always with a caution.
3. A model without a believable place gets an empty CRS and the identity; somebody must place it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ifcopenshell.util.element
import ifcopenshell.util.placement
import ifcopenshell.util.unit
import numpy as np
from numpy.typing import NDArray

from models.crs import parse_crs, transformer, zone_for
from models.errors import Caution, UserError

Matrix = NDArray[np.float64]

#: Latitude and longitude with which exporters fill ``IfcSite`` when nobody has said where the site is. Found in files
#: of buildings that stand elsewhere; the cities are those of Revit's and ArchiCAD's location lists.
EXPORTER_DEFAULTS = (
    (42.3584, -71.0598), (42.2130, -71.0330),  # Boston, Revit
    (52.5167, 13.4000), (24.4667, 54.4167),  # Berlin, Abu Dhabi, ArchiCAD
    (39.9160, 116.4330), (35.7000, 139.7667), (51.5002, -0.1262), (40.4203, -3.7058),  # Beijing, Tokyo, London, Madrid
    (37.7950, -122.3940), (41.8744, -87.6394), (0.0, 0.0),  # San Francisco, Chicago
)  # fmt: skip
_DEFAULT_WITHIN_DEG = 0.0006
FAR_M = 10_000.0


@dataclass(slots=True)
class Georef:
    """A model's place.

    Parameters
    ----------
    kind : str
        ``"map_conversion"``, ``"rigid_operation"``, ``"epset"``, ``"coordinates"``, ``"site_latlon"`` or ``"none"``.
    crs : str
        Empty for ``"none"``.
    placement : ndarray, shape (4, 4)
    detail : dict
        The values as written, for the property panel and the doctor.
    cautions : list of Caution
    """

    kind: str = "none"
    crs: str = ""
    placement: Matrix = field(default_factory=lambda: np.eye(4))
    detail: dict[str, Any] = field(default_factory=dict)
    cautions: list[Caution] = field(default_factory=list)


def find(model: Any, length_m: float, centre: NDArray[np.float64] | None, asked_crs: str, file: str) -> Georef:
    """Find the place of a model.

    Parameters
    ----------
    model : ifcopenshell.file
    length_m : float
        Metres in the file's unit of length.
    centre : ndarray, shape (3,), or None
        Middle of the geometry in model coordinates, metres.
    asked_crs : str
        CRS that the user named for models that do not name theirs.
    file : str
        Name for messages.
    """
    middle = np.zeros(3) if centre is None else np.asarray(centre, dtype=np.float64)
    said = _map_conversion(model) or _rigid_operation(model) or _epset(model)
    found = None
    cautions: list[Caution] = []
    if said is not None:
        found = _converted(said, length_m, middle, asked_crs, file, cautions)
    if found is None and float(np.abs(middle[:2]).max()) > FAR_M:
        if asked_crs and _is_inside(asked_crs, middle[0], middle[1]):
            found = Georef("coordinates", asked_crs)
        else:
            cautions.append(
                Caution("io.world_coordinates", file=file, e=round(float(middle[0])), n=round(float(middle[1])))
            )
    if found is None and said is None:
        found = _site_latlon(model, length_m, middle, file, cautions)
    if found is None:
        found = Georef(detail=dict(said.values) if said else {})
        cautions.append(Caution("io.no_georeference", file=file))
    found.cautions = cautions
    return found


@dataclass(slots=True)
class _Said:
    kind: str
    crs_name: str
    unit_m: float | None
    values: dict[str, Any]


def _map_conversion(model: Any) -> _Said | None:
    for conversion in _by_type(model, "IfcMapConversion"):
        values = {
            name: getattr(conversion, name, None)
            for name in ("Eastings", "Northings", "OrthogonalHeight", "XAxisAbscissa", "XAxisOrdinate", "Scale")
        }
        for name in ("FactorX", "FactorY", "FactorZ"):
            if getattr(conversion, name, None) is not None:
                values[name] = getattr(conversion, name)
        return _Said("map_conversion", *_crs_said(conversion.TargetCRS), values)
    return None


def _rigid_operation(model: Any) -> _Said | None:
    for operation in _by_type(model, "IfcRigidOperation"):
        first, second = operation.FirstCoordinate, operation.SecondCoordinate
        name, unit_m = _crs_said(operation.TargetCRS)
        values = {
            "Eastings": first.wrappedValue, "Northings": second.wrappedValue,
            "OrthogonalHeight": operation.Height or 0.0,
        }  # fmt: skip
        if first.is_a("IfcPlaneAngleMeasure"):
            crs = _believed(name)
            if not crs:
                return _Said("rigid_operation", name, unit_m, values)
            lon, lat = float(first.wrappedValue), float(second.wrappedValue)
            projected = zone_for(lon, lat)
            east, north = transformer(crs, projected).transform(lon, lat)
            values |= {"Eastings": east, "Northings": north}
            return _Said("rigid_operation", projected, 1.0, values)
        return _Said("rigid_operation", name, unit_m, values)
    return None


def _epset(model: Any) -> _Said | None:
    """Return the agreement of the Dutch and Swiss for IFC2X3: two property sets on the project or the site."""
    for thing in (*_by_type(model, "IfcProject"), *_by_type(model, "IfcSite")):
        sets = {name.lower(): values for name, values in ifcopenshell.util.element.get_psets(thing).items()}
        conversion = sets.get("epset_mapconversion")
        if conversion and conversion.get("Eastings") is not None:
            target = sets.get("epset_projectedcrs", {})
            values = {name: value for name, value in conversion.items() if name != "id"}
            return _Said("epset", str(target.get("Name") or conversion.get("TargetCRS") or ""), None, values)
    return None


def _crs_said(target: Any) -> tuple[str, float | None]:
    """Return a CRS's name and the metres in its unit, None if it names none."""
    if target is None:
        return "", None
    unit = getattr(target, "MapUnit", None)
    return str(target.Name or ""), _unit_m(unit) if unit is not None else None


def _unit_m(unit: Any) -> float | None:
    try:
        if unit.is_a("IfcConversionBasedUnit"):
            factor = unit.ConversionFactor
            return float(factor.ValueComponent.wrappedValue) * (_unit_m(factor.UnitComponent) or 1.0)
        return float(ifcopenshell.util.unit.get_prefix_multiplier(getattr(unit, "Prefix", None)))
    except (AttributeError, TypeError, ValueError):
        return None


def _believed(name: str) -> str:
    """Return a CRS text that PROJ knows, empty when it knows none by that name."""
    text = name.strip()
    code = re.search(r"(?:EPSG\D{0,3})?\b(\d{4,5})\b", text, re.IGNORECASE)
    for candidate in (text, f"EPSG:{code.group(1)}" if code else ""):
        if candidate:
            try:
                parse_crs(candidate)
            except UserError:
                continue
            return candidate
    return ""


def _converted(
    said: _Said, length_m: float, centre: Matrix, asked_crs: str, file: str, cautions: list[Caution]
) -> Georef | None:
    crs = _believed(said.crs_name) or asked_crs
    if not crs:
        cautions.append(Caution("io.crs_name_unknown", file=file, name=said.crs_name or "–"))
        return None
    if not parse_crs(crs).is_projected:
        cautions.append(Caution("io.crs_name_unknown", file=file, name=said.crs_name))
        return None
    number = {name: _number(value) for name, value in said.values.items()}
    east, north = number.get("Eastings", 0.0), number.get("Northings", 0.0)
    height = number.get("OrthogonalHeight", 0.0)
    if east == 0.0 and north == 0.0 and not (
        float(np.abs(centre[:2]).max()) > FAR_M and _is_inside(crs, centre[0], centre[1])
    ):  # fmt: skip
        if _is_inside(crs, 0.0, 0.0) and number.get("OrthogonalHeight", 0.0):
            pass  # zero is a place in few systems, but a height was typed in
        else:
            cautions.append(Caution("io.empty_conversion", file=file))
            return None
    unit_m = said.unit_m or length_m
    rotation = _rotation(number.get("XAxisAbscissa", 1.0), number.get("XAxisOrdinate", 0.0))
    factors = np.array([number.get(f"Factor{axis}", 1.0) or 1.0 for axis in "XYZ"])
    scale = (number.get("Scale", 0.0) or 1.0) * unit_m / length_m * factors
    if not np.all((scale > 0.95) & (scale < 1.05)):
        # A project in millimetres whose author left Scale at 1, or wrote it upside down; the building is one size only.
        is_plain = said.values.get("Scale") is None
        if not is_plain or said.unit_m is not None:
            cautions.append(Caution("io.scale_doubted", file=file, scale=number.get("Scale") or 1.0))
        scale = np.ones(3)
    turn = rotation @ np.diag(scale)

    def there(metres: float) -> tuple[float, float]:
        point = turn @ centre + np.array([east, north, height]) * metres
        return float(point[0]), float(point[1])

    used = next((m for m in (unit_m, 1.0, length_m, 0.001) if _is_inside(crs, *there(m))), None)
    if used != unit_m and float(np.abs(centre[:2]).max()) > FAR_M and _is_inside(crs, centre[0], centre[1]):
        cautions.append(Caution("io.double_georeference", file=file))
        return Georef(said.kind, crs, np.eye(4), dict(said.values))
    if used is None:
        cautions.append(Caution("io.outside_crs", file=file, crs=crs))
    elif used != unit_m:
        cautions.append(Caution("io.map_unit_doubted", file=file, unit=unit_m, used=used))
    shift = np.array([east, north, height]) * (used or unit_m)
    placement = np.eye(4)
    placement[:3, :3], placement[:3, 3] = turn, shift
    return Georef(said.kind, crs, placement, dict(said.values))


def _site_latlon(model: Any, length_m: float, centre: Matrix, file: str, cautions: list[Caution]) -> Georef | None:
    for site in _by_type(model, "IfcSite"):
        lat, lon = degrees(site.RefLatitude), degrees(site.RefLongitude)
        if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180:
            continue
        if is_default(lat, lon):
            cautions.append(Caution("io.default_latlon", file=file, lat=round(lat, 4), lon=round(lon, 4)))
            return None
        origin = _site_origin(site, length_m)
        if float(np.abs(centre - origin)[:2].max()) > FAR_M:
            cautions.append(Caution("io.far_from_site", file=file))
            return None
        crs = zone_for(lon, lat)
        there = transformer("EPSG:4326", crs)
        east, north = there.transform(lon, lat)
        up_east, up_north = there.transform(lon, lat + 1e-4)
        grid_north = math.atan2(up_north - north, up_east - east)  # where true north points on the grid
        model_north = _true_north(model)
        angle = grid_north - math.atan2(model_north[1], model_north[0])
        turn = _rotation(math.cos(angle), math.sin(angle))
        elevation = _number(site.RefElevation) * length_m
        placement = np.eye(4)
        placement[:3, :3] = turn
        placement[:3, 3] = np.array([east, north, elevation]) - turn @ origin
        cautions.append(Caution("io.placed_by_latlon", file=file, lat=round(lat, 6), lon=round(lon, 6)))
        return Georef(
            "site_latlon", crs, placement, {"RefLatitude": lat, "RefLongitude": lon, "RefElevation": elevation}
        )
    return None


def degrees(parts: Any) -> float | None:
    """Return decimal degrees of an ``IfcCompoundPlaneAngleMeasure`` (degrees, minutes, seconds, millionths).

    Examples
    --------
    >>> round(degrees((49, 6, 1, 566000)), 6)
    49.100435
    """
    if not parts:
        return None
    values = [float(value) for value in parts] + [0.0] * 4
    size = sum(abs(value) / per for value, per in zip(values, (1, 60, 3600, 3.6e9), strict=False))
    return -size if any(value < 0 for value in values) else size


def is_default(lat: float, lon: float) -> bool:
    """Whether a site's latitude and longitude are those an exporter ships with."""
    return any(
        abs(lat - known[0]) < _DEFAULT_WITHIN_DEG and abs(lon - known[1]) < _DEFAULT_WITHIN_DEG
        for known in EXPORTER_DEFAULTS
    )


def _site_origin(site: Any, length_m: float) -> Matrix:
    if site.ObjectPlacement is None:
        return np.zeros(3)
    try:
        matrix = ifcopenshell.util.placement.get_local_placement(site.ObjectPlacement)
    except (AttributeError, RuntimeError, TypeError, RecursionError):
        return np.zeros(3)
    return np.asarray(matrix, dtype=np.float64)[:3, 3] * length_m


def _true_north(model: Any) -> tuple[float, float]:
    for context in _by_type(model, "IfcGeometricRepresentationContext"):
        north = (
            getattr(context, "TrueNorth", None) if not context.is_a("IfcGeometricRepresentationSubContext") else None
        )
        if north is not None and any(north.DirectionRatios[:2]):
            return float(north.DirectionRatios[0]), float(north.DirectionRatios[1])
    return 0.0, 1.0


def _rotation(abscissa: float, ordinate: float) -> Matrix:
    length = math.hypot(abscissa, ordinate)
    c, s = (abscissa / length, ordinate / length) if length > 0 else (1.0, 0.0)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _is_inside(crs: str, east: float, north: float) -> bool:
    """Whether a point lies in the area for which a CRS was made, give or take a degree."""
    area = parse_crs(crs).area_of_use
    if area is None:
        return True
    lon, lat = transformer(crs, "EPSG:4326").transform(float(east), float(north))
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return False
    wide = area.east if area.east >= area.west else area.east + 360
    return bool(
        area.south - 1 <= lat <= area.north + 1
        and (area.west - 1 <= lon <= wide + 1 or area.west - 1 <= lon + 360 <= wide + 1)
    )


def _number(value: Any) -> float:
    """Return a number also where an exporter wrote it as text, zero for none."""
    if isinstance(value, Mapping):
        value = value.get("value")
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def _by_type(model: Any, name: str) -> list[Any]:
    try:
        return list(model.by_type(name))
    except RuntimeError:
        return []
