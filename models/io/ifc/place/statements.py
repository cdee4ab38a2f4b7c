"""What an IFC file states of its place, as written: conversions, property sets, sites, contexts; nothing is judged.

:mod:`models.io.ifc.place.georeference` decides what of it is believed.

Invariants
----------
1. Nothing is asked of an instance before its class is known: helpers of the library that are given a wall where a
   placement belongs raise, or take the process with them.
2. A number that is none, or that no place on the Earth can have in any unit, counts as not stated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.crs.frame import parse_crs, transformer, zone_for
from models.crs.names import crs_of_name
from models.io.ifc.attributes import by_type, entities, entity, text
from models.io.ifc.attributes import field as attribute
from models.io.ifc.attributes import number as plain_number
from models.io.ifc.units import NAMED, to_si

Matrix = NDArray[np.float64]

_OPERATION = ("Eastings", "Northings", "OrthogonalHeight", "XAxisAbscissa", "XAxisOrdinate", "Scale")
_FACTORS = ("FactorX", "FactorY", "FactorZ")
_CRS = ("Name", "Description", "GeodeticDatum", "VerticalDatum", "MapProjection", "MapZone")
_MAX_NUMBER = 1e15  # the Earth's girth is 4e13 micrometres
_MAX_STEPS = 10_000
_FULL = (60.0 + 1e-6, 60.0 + 1e-6, 1e6 + 1)  # some exporters round up to 60 seconds


@dataclass(slots=True)
class Statement:
    """One coordinate operation as written.

    Parameters
    ----------
    kind : str
        ``"map_conversion"``, ``"rigid_operation"`` or ``"epset"``.
    crs : dict of str to str
        What ``IfcProjectedCRS`` says, by attribute.
    unit_m : float or None
        Metres in its MapUnit, None if it names none.
    values : dict
        Attributes of the operation, in the units of the file.
    believed_crs : str
        CRS in which ``values`` stand where that is not the one named (degrees that were projected).
    swapped : bool
        The two first coordinates were written in the other order than the CRS has them.
    """

    kind: str
    crs: dict[str, str]
    unit_m: float | None
    values: dict[str, Any]
    believed_crs: str = ""
    swapped: bool = False


@dataclass(slots=True)
class Site:
    """An ``IfcSite`` with latitude and longitude.

    Parameters
    ----------
    lat, lon : float
        Decimal degrees.
    elevation_m : float
    origin : ndarray (3,)
        Its placement in model coordinates, metres.
    coarse : bool
        Both angles are written to the minute, which is one or two kilometres.
    """

    lat: float
    lon: float
    elevation_m: float
    origin: Matrix = field(default_factory=lambda: np.zeros(3))
    coarse: bool = False


def operations(model: Any) -> list[Statement]:
    """Return every coordinate operation of a model, the most trustworthy kind first, 3D contexts before others."""
    return [*_map_conversions(model), *_rigid_operations(model), *_epsets(model)]


def _map_conversions(model: Any) -> Iterator[Statement]:
    def is_plan(conversion: Any) -> bool:
        return (text(entity(attribute(conversion, "SourceCRS")), "ContextType") or "Model").lower() != "model"

    for conversion in sorted(by_type(model, "IfcMapConversion"), key=is_plan):
        values = {name: _value(attribute(conversion, name)) for name in _OPERATION}
        values |= {name: value for name in _FACTORS if (value := _value(attribute(conversion, name))) is not None}
        yield Statement("map_conversion", *_crs_statement(attribute(conversion, "TargetCRS")), values)


def _rigid_operations(model: Any) -> Iterator[Statement]:
    for operation in by_type(model, "IfcRigidOperation"):
        first, second = (entity(attribute(operation, f"{which}Coordinate")) for which in ("First", "Second"))
        if first is None or second is None:
            continue
        crs, unit_m = _crs_statement(attribute(operation, "TargetCRS"))
        height = number(attribute(operation, "Height"))
        if not first.is_a("IfcPlaneAngleMeasure"):
            values = {"Eastings": number(first), "Northings": number(second), "OrthogonalHeight": height}
            yield Statement("rigid_operation", crs, unit_m, values)
            continue
        values = {"FirstCoordinate": number(first), "SecondCoordinate": number(second), "OrthogonalHeight": height}
        yield _projected(Statement("rigid_operation", crs, unit_m, values), *_names(crs))


def _projected(statement: Statement, *names: str) -> Statement:
    """Turn the degrees of a rigid operation into metres of the zone they lie in.

    The coordinates should follow the axes of the CRS (latitude first in most of EPSG's); many are written the other
    way round. The order that lies in the CRS's area is taken, the written one where both do.
    """
    name = crs_of_name(*names)
    if not name or not parse_crs(name).is_geographic:
        return statement
    crs = parse_crs(name)
    first, second = (float(statement.values[key]) for key in ("FirstCoordinate", "SecondCoordinate"))
    lat_first = str(crs.axis_info[0].direction).lower() == "north"
    as_written = (second, first) if lat_first else (first, second)
    orders = (as_written, as_written[::-1])
    lon, lat = next((order for order in orders if _in_area(crs, *order)), as_written)
    if not (abs(lat) <= 90 and abs(lon) <= 180):
        return statement
    statement.swapped = (lon, lat) != as_written
    statement.believed_crs = zone_for(lon, lat)
    there = transformer(name, statement.believed_crs)
    east, north = there.transform(lon, lat)
    angle = grid_north(there, lon, lat) - math.pi / 2
    statement.unit_m = 1.0
    statement.values |= {
        "Eastings": east, "Northings": north, "XAxisAbscissa": math.cos(angle), "XAxisOrdinate": math.sin(angle)
    }  # fmt: skip
    return statement


def grid_north(there: Any, lon: float, lat: float) -> float:
    """Return the direction of true north on a grid: radians counter-clockwise from grid east."""
    (east, up_east), (north, up_north) = there.transform([lon, lon], [lat, lat + 1e-4])
    return math.atan2(up_north - north, up_east - east)


def _in_area(crs: Any, lon: float, lat: float) -> bool:
    area = crs.area_of_use
    return abs(lat) <= 90 and (area is None or (area.south <= lat <= area.north and area.west <= lon <= area.east))


def _epsets(model: Any) -> Iterator[Statement]:
    """Yield the agreement of the Dutch and Swiss for IFC2X3: two property sets on the project or the site."""
    for thing in (*by_type(model, "IfcProject"), *by_type(model, "IfcSite")):
        sets = _psets(model, thing)
        conversion = sets.get("epset_mapconversion")
        if conversion and any(name.lower() == "eastings" for name in conversion):
            target = _canonical(sets.get("epset_projectedcrs", {}), _CRS)
            values = _canonical(conversion, (*_OPERATION, *_FACTORS, "TargetCRS"))
            named = str(target.get("Name") or values.pop("TargetCRS", "") or "")
            crs = {name: str(target.get(name) or "") for name in _CRS} | {"Name": named}
            unit = str(sets.get("epset_projectedcrs", {}).get("MapUnit") or "")
            yield Statement("epset", crs, _unit_named(unit), values)


_UNITS = {"METRE": 1.0, "METER": 1.0, "M": 1.0, "MILLIMETRE": 0.001, "MILLIMETER": 0.001, "MM": 0.001}
_FEET = ("FOOT", "FEET", "US SURVEY FOOT", "USSURVEYFOOT", "FTUS", "INCH")


def _unit_named(name: str) -> float | None:
    """Return the metres in a unit that a property names, None for none that is known."""
    plain = " ".join(name.upper().replace("_", " ").split())
    return _UNITS.get(plain) or (NAMED.get(plain) if plain in _FEET else None)


def _canonical(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return values under the standard's spelling, whatever case an exporter wrote."""
    lowered = {str(name).lower(): value for name, value in values.items()}
    return {name: lowered[name.lower()] for name in names if name.lower() in lowered}


def _psets(model: Any, thing: Any) -> dict[str, dict[str, Any]]:
    """Return the single values of a thing's own property sets as they are written, under the sets' lower-case names."""
    found: dict[str, dict[str, Any]] = {}
    for relation in model.get_inverse(thing):
        if not relation.is_a("IfcRelDefinesByProperties"):
            continue
        for definition in entities(attribute(relation, "RelatingPropertyDefinition")):
            values = found.setdefault(text(definition, "Name").lower(), {})
            for one in entities(attribute(definition, "HasProperties")):
                values[text(one, "Name")] = _value(attribute(one, "NominalValue"))
    return found


def _value(stated: Any) -> Any:
    """Return what is wrapped in a measure; nothing for any other instance or for a list."""
    if entity(stated) is not None:
        stated = getattr(stated, "wrappedValue", None)
    return stated if isinstance(stated, (str, int, float)) else None


def _crs_statement(target: Any) -> tuple[dict[str, str], float | None]:
    """Return what a CRS says and the metres in its unit, None if it names none."""
    if entity(target) is None:
        return dict.fromkeys(_CRS, ""), None
    said = {name: text(target, name) for name in _CRS}
    if wkt := _well_known_text(target):
        said["WellKnownText"] = wkt
    return said, _unit_m(entity(attribute(target, "MapUnit")))


def _well_known_text(target: Any) -> str:
    """Return the text that IFC 4.3 lets stand beside a CRS, empty where there is none."""
    referring = target.file.get_inverse(target) if target.is_a("IfcCoordinateReferenceSystem") else ()
    return next((text(one, "WellKnownText") for one in referring if one.is_a() == "IfcWellKnownText"), "")


def _names(crs: Mapping[str, str]) -> tuple[str, ...]:
    """Return what names a CRS: its name first, then whatever else might tell which one is meant."""
    zone = crs.get("MapZone", "")
    return (
        crs.get("Name", ""), crs.get("Description", ""), crs.get("GeodeticDatum", ""), crs.get("MapProjection", ""),
        f"zone {zone}" if zone.strip().isdigit() else zone,
    )  # fmt: skip


def believed_crs(stated: Statement) -> str:
    """Return the CRS that an operation means, empty for none that is known.

    A name that leads to a projected system counts before the well-known text, which exporters fill from templates.
    """
    named = stated.believed_crs or crs_of_name(*_names(stated.crs))
    if named and parse_crs(named).is_projected:
        return named
    return crs_of_name(stated.crs.get("WellKnownText", "")) or named


def _unit_m(unit: Any) -> float | None:
    found = to_si(unit)
    return found[0] if found is not None and 1e-6 <= found[0] <= 1e6 else None


def sites(model: Any, length_m: float) -> list[Site]:
    """Return the sites that say a latitude and longitude on the Earth."""
    found = []
    for site in by_type(model, "IfcSite"):
        angles = attribute(site, "RefLatitude"), attribute(site, "RefLongitude")
        lat, lon = map(degrees, angles)
        if lat is not None and lon is not None and abs(lat) <= 90 and abs(lon) <= 180:
            coarse = not any(any(parts[2:]) for parts in angles)
            height = number(attribute(site, "RefElevation")) * length_m
            origin = placed_origin(site, length_m)
            found.append(Site(lat, lon, height, np.zeros(3) if origin is None else origin, coarse))
    return found


def damaged_sites(model: Any) -> list[str]:
    """Return the latitudes and longitudes that are written but cannot be any, as they are written."""
    found = []
    for site in by_type(model, "IfcSite"):
        angles = attribute(site, "RefLatitude"), attribute(site, "RefLongitude")
        for parts, limit in zip(angles, (90, 180), strict=True):
            value = degrees(parts)
            if isinstance(parts, (tuple, list)) and parts and (value is None or abs(value) > limit):
                found.append(", ".join(str(part) for part in parts))
    return found


def placed_origin(thing: Any, length_m: float) -> Matrix | None:
    """Return where a thing's placement puts its origin, model coordinates in metres; None if a step cannot be read."""
    matrix, placement = np.eye(4), entity(attribute(thing, "ObjectPlacement"))
    for _ in range(_MAX_STEPS):
        if placement is None:
            break
        step = axis_matrix(attribute(placement, "RelativePlacement"))
        if step is None:
            return None
        matrix = step @ matrix
        placement = entity(attribute(placement, "PlacementRelTo"))
    origin = np.asarray(matrix[:3, 3] * length_m)
    return origin if np.all(np.abs(origin) < _MAX_NUMBER) else None


def axis_matrix(placement: Any) -> Matrix | None:
    """Return an ``IfcAxis2Placement2D`` or ``3D`` as a (4, 4) matrix in the units of the file, None for anything else.

    The x axis is made perpendicular to z, as the schema says; axes that cannot be ones count as not given.
    """
    if entity(placement) is None or placement.is_a() not in ("IfcAxis2Placement2D", "IfcAxis2Placement3D"):
        return None
    origin = _numbers(attribute(entity(attribute(placement, "Location")), "Coordinates"))
    if origin is None:
        return None
    z, x = (
        _numbers(attribute(entity(attribute(placement, name)), "DirectionRatios")) for name in ("Axis", "RefDirection")
    )
    z = np.array([0.0, 0.0, 1.0]) if z is None or not z.any() else z / np.linalg.norm(z)
    x = np.array([1.0, 0.0, 0.0]) if x is None or not x.any() else x / np.linalg.norm(x)
    y = np.cross(z, x)
    if np.linalg.norm(y) < 1e-9:
        z, x, y = np.eye(3)[[2, 0, 1]]
    y = y / np.linalg.norm(y)
    matrix = np.eye(4)
    matrix[:3, :3] = np.column_stack([np.cross(y, z), y, z])
    matrix[:3, 3] = origin
    return matrix


def _numbers(values_: Any) -> Matrix | None:
    """Return two or three finite numbers as (3,), the third 0 where it is not given; None for anything else."""
    if not isinstance(values_, (tuple, list)) or len(values_) not in (2, 3):
        return None
    values = [plain_number(one) for one in values_]
    if any(value is None or abs(value) > _MAX_NUMBER for value in values):
        return None
    return np.array([*values, 0.0][:3], dtype=np.float64)


def world_system(model: Any, length_m: float) -> Matrix | None:
    """Return the 3D context's WorldCoordinateSystem as a (4, 4) matrix in metres, None where it is the plain origin."""
    for context in contexts(model):
        matrix = axis_matrix(attribute(context, "WorldCoordinateSystem"))
        if matrix is not None:
            matrix[:3, 3] *= length_m
            return None if np.allclose(matrix, np.eye(4), atol=1e-6) else matrix
    return None


def true_north(model: Any) -> tuple[float, float]:
    """Return where true north points in the model's x, y; straight up y where none is stated."""
    for context in contexts(model):
        north = _numbers(attribute(entity(attribute(context, "TrueNorth")), "DirectionRatios"))
        if north is not None and north[:2].any():
            return float(north[0]), float(north[1])
    return 0.0, 1.0


def contexts(model: Any) -> list[Any]:
    """Return the representation contexts, 3D ones first."""
    found = [c for c in by_type(model, "IfcGeometricRepresentationContext") if "SubContext" not in c.is_a()]
    return sorted(found, key=lambda context: text(context, "ContextType").lower() != "model")


def degrees(parts: Any) -> float | None:
    """Return decimal degrees of an ``IfcCompoundPlaneAngleMeasure`` (degrees, minutes, seconds, millionths).

    Minutes and seconds of 60 and more, and a million millionths, are no angle but damage (a number that overflowed).

    Examples
    --------
    >>> round(degrees((49, 6, 1, 566000)), 6)
    49.100435
    """
    stated = [plain_number(part) for part in parts] if isinstance(parts, (tuple, list)) else []
    if not stated or any(value is None for value in stated):
        return None
    values = [float(value or 0.0) for value in stated] + [0.0] * 4
    if any(abs(value) >= limit for value, limit in zip(values[1:], _FULL, strict=False)):
        return None
    size = sum(abs(value) / per for value, per in zip(values, (1, 60, 3600, 3.6e9), strict=False))
    return -size if any(value < 0 for value in values) else size


def number(value: Any) -> float:
    """Return a number also where an exporter wrote it as text or in a wrapper, zero for none or a senseless one."""
    value = _value(value.get("value") if isinstance(value, Mapping) else value)
    try:
        result = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return result if abs(result) < _MAX_NUMBER else 0.0
