"""Where an IFC model stands on the Earth.

Offices write it in seven ways, several of them wrong. In order of trust: ``IfcMapConversion`` (IFC4 on),
``IfcRigidOperation`` (IFC4X3), the property set ``ePSet_MapConversion`` (the same for IFC2X3), map coordinates typed
into the placements or the geometry, or into the context's ``WorldCoordinateSystem`` (both believed only with a CRS),
and latitude and longitude of ``IfcSite``, which are a real place or merely what the exporter ships with.

Invariants
----------
1. A placement takes model metres to metres of a projected CRS; units and ``Scale`` are resolved here and nowhere else.
2. Numbers that cannot be true (a bridge 1,000 times too far away) are corrected only when exactly that correction puts
   the model into the area of its CRS, and always with a caution.
3. A model without a believable place gets an empty CRS and the identity; somebody must place it.
4. ``detail`` is plain JSON and holds all that :mod:`models.bim.georeference` needs to explain the place later without
   the file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import Caution
from models.crs.frame import parse_crs, transformer, zone_for
from models.crs.names import central_meridian, vertical_of_name
from models.io.common.mesh_builder import FARTHEST_M
from models.io.ifc.place.postal_place import is_in_country, stated_country
from models.io.ifc.place.statements import (
    Site,
    Statement,
    believed_crs,
    contexts,
    damaged_sites,
    degrees,
    grid_north,
    number,
    operations,
    sites,
    true_north,
    world_system,
)
from resources.standards import standard

Matrix = NDArray[np.float64]

#: How far from 1 a scale may be and still be a grid's own; a ratio of units is farther.
_NEAR_ONE = 0.02
_ROUNDING = 1e-9

__all__ = ["Georef", "degrees", "find", "is_default"]


@dataclass(slots=True)
class Georef:
    """A model's place.

    Parameters
    ----------
    kind : str
        ``"map_conversion"``, ``"rigid_operation"``, ``"epset"``, ``"coordinates"``, ``"world_system"``,
        ``"site_latlon"`` or ``"none"``.
    crs : str
        Empty for ``"none"``.
    placement : ndarray, shape (4, 4)
    detail : dict
        What was written and what was made of it, for the property panel and the report.
    cautions : list of Caution
    certainty : str
        ``"sure"`` (stated and consistent), ``"likely"`` (stated, one correction that fits), ``"doubtful"``,
        ``"unsure"`` (a lone latitude and longitude, with which nothing agrees yet), ``"none"``.
    """

    kind: str = "none"
    crs: str = ""
    placement: Matrix = field(default_factory=lambda: np.eye(4))
    detail: dict[str, Any] = field(default_factory=dict)
    cautions: list[Caution] = field(default_factory=list)
    certainty: str = "none"


@dataclass(slots=True)
class _Case:
    """What is decided over: the file's statements and the middle of its geometry."""

    length_m: float
    centre: Matrix
    asked_crs: str
    file: str
    cautions: list[Caution] = field(default_factory=list)

    def warn(self, code: str, **facts: object) -> None:
        self.cautions.append(Caution(code, file=self.file, **facts))


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
    if not np.all(np.abs(middle) < FARTHEST_M):
        middle = np.zeros(3)
    case = _Case(length_m, middle, asked_crs, file)
    statements, places, system = operations(model), sites(model, length_m), world_system(model, length_m)
    if damaged := damaged_sites(model):
        case.warn("io.latlon_damaged", written=damaged[0])
    if len({tuple(str(number(one.values.get(key))) for key in ("Eastings", "Northings")) for one in statements}) > 1:
        case.warn("io.several_conversions", count=len(statements))
    found = _converted(statements[0], system, case) if statements else None
    found = found or _typed(middle, np.eye(4), "coordinates", case)
    if found is None and system is not None:
        turn = np.eye(4)
        turn[:3, :3] = _upright(system)
        turn[:3, 3] = system[:3, 3]
        found = _typed(system[:3, 3], turn, "world_system", case)
    found = _on_metres(found, case) if found is not None else _site_latlon(model, places, case)
    if found is None:
        found = Georef()
        case.warn("io.no_georeference")
    _compare(found, places, case)
    found.cautions = case.cautions
    found.detail = _detail(found, statements, places, system, model, case)
    return found


def _converted(statement: Statement, system: Matrix | None, case: _Case) -> Georef | None:
    named = believed_crs(statement)
    crs = named or case.asked_crs
    if not crs or not parse_crs(crs).is_projected:
        case.warn("io.crs_name_unknown", name=statement.crs.get("Name") or "–")
        return None
    if statement.swapped:
        case.warn("io.axes_swapped", crs=statement.crs.get("Name", ""))
    values = {name: number(value) for name, value in statement.values.items()}
    shift = np.array([values.get(name, 0.0) for name in ("Eastings", "Northings", "OrthogonalHeight")])
    centre_is_map = _is_far(case.centre) and _is_inside(crs, case.centre[0], case.centre[1])
    if not shift[:2].any() and not centre_is_map and not (shift[2] and _is_inside(crs, 0.0, 0.0)):
        case.warn("io.empty_conversion")
        return None
    unit_m = _map_unit_m(statement, values, crs, case)
    turn = _rotation(values.get("XAxisAbscissa", 1.0), values.get("XAxisOrdinate", 0.0)) @ np.diag(
        _scale(statement, values, unit_m, case)
    )
    before = _before(system, turn, shift * unit_m, shift * case.length_m, crs, case)
    middle = (before @ [*case.centre, 1.0])[:3]
    fixes = list(_fixes(shift, unit_m, case.length_m, crs))
    used = next((fix for fix in fixes if _is_inside(crs, *(turn @ middle + fix.shift)[:2])), None)
    sure = "sure" if named and not case.cautions else "likely"
    if centre_is_map and (used is None or used.code):
        case.warn("io.double_georeference")
        return Georef(statement.kind, crs, np.eye(4), certainty="likely")
    if used is None:
        _warn_outside(crs, shift * unit_m, case)
        used, sure = fixes[0], "doubtful"
    elif used.code:
        case.warn(used.code, crs=crs, **used.facts)
        sure = "likely"
    elif _is_far(case.centre) and not centre_is_map:
        case.warn("io.false_origin", away=round(float(np.abs(case.centre[:2]).max()) / 1000))
    placement = np.eye(4)
    placement[:3, :3], placement[:3, 3] = turn, used.shift
    return Georef(statement.kind, crs, placement @ before, certainty=sure)


def _map_unit_m(statement: Statement, values: dict[str, float], crs: str, case: _Case) -> float:
    """Return the metres in one unit of the map coordinates.

    Where no MapUnit is given, a Scale that turns the file's unit into metres or feet says it: the scale leads from
    model numbers to map numbers, so the map's unit is the file's over the scale. Else the file's own unit counts.
    """
    if statement.unit_m is not None:
        return statement.unit_m
    scale = values.get("Scale", 0.0)
    if scale <= 0 or abs(scale - 1) < _NEAR_ONE:
        return case.length_m
    meant = case.length_m / scale
    for unit_m in (_axis_m(crs), 1.0, 0.3048, 0.001):
        if abs(meant / unit_m - 1) < _NEAR_ONE:
            case.warn("io.map_unit_by_scale", scale=scale, unit=unit_m)
            return unit_m
    return case.length_m


def _on_metres(found: Georef, case: _Case) -> Georef | None:
    """Take a place on a grid of feet to the zone of metres in which it lies: all else here measures in metres."""
    foot_m = _axis_m(found.crs)
    if abs(foot_m - 1) < _ROUNDING:
        return found
    middle = (found.placement @ [*case.centre, 1.0])[:3]
    lon, lat = transformer(found.crs, "EPSG:4326").transform(*(middle[:2] / foot_m))
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return None
    crs = zone_for(lon, lat)
    there = transformer(found.crs, crs)
    step_m = 50.0
    across = middle[0] + np.array([0.0, -step_m, step_m])
    east, north = there.transform(across / foot_m, np.repeat(middle[1], 3) / foot_m)
    turn = _rotation(float(east[2] - east[1]), float(north[2] - north[1]))
    move = np.eye(4)
    move[:3, :3] = turn
    move[:3, 3] = np.array([east[0], north[0], middle[2]]) - turn @ middle
    case.warn("io.feet_to_metres", crs=found.crs, used=crs)
    return Georef(found.kind, crs, move @ found.placement, certainty=found.certainty)


def _axis_m(crs: str) -> float:
    """Return the metres in one unit of a CRS's axes."""
    axes = parse_crs(crs).axis_info
    return float(axes[0].unit_conversion_factor) if axes and parse_crs(crs).is_projected else 1.0


def _scale(statement: Statement, values: dict[str, float], unit_m: float, case: _Case) -> Matrix:
    """Return the factors on model metres; a scale that is a mistaken unit is reported and taken as 1."""
    limits = standard("ifc_georef")["limits"]
    written = values.get("Scale", 0.0) or 1.0
    factors = np.array([values.get(f"Factor{axis}", 1.0) or 1.0 for axis in "XYZ"])
    scale = written * unit_m / case.length_m * factors
    if _is_rounded(written, case.length_m / unit_m):
        scale = factors.copy()
    if np.all((scale > limits["scale_low"]) & (scale < limits["scale_high"])):
        return np.asarray(scale)
    # A project in millimetres whose author left Scale at 1, or wrote it upside down; the building is one size only.
    if statement.values.get("Scale") is not None or statement.unit_m is not None:
        upside_down = unit_m / case.length_m / written
        right = case.length_m / unit_m
        code = "io.scale_upside_down" if abs(upside_down - 1) < 0.05 else "io.scale_doubted"
        case.warn(code, scale=written, right=right)
    return np.ones(3)


def _is_rounded(written: float, right: float) -> bool:
    """Whether a scale is a ratio of units, given to fewer digits: 3.2808 feet in a metre, 12 m off after 900 km."""
    decimals = len(repr(written).partition(".")[2])
    return decimals <= 6 and abs(written - 1) > _NEAR_ONE and abs(written - right) <= 0.5 * 10.0**-decimals


def _before(system: Matrix | None, turn: Matrix, shift: Matrix, other: Matrix, crs: str, case: _Case) -> Matrix:
    """Return what the WorldCoordinateSystem does before the conversion.

    A conversion starts from that system, so it is taken off first, as IfcOpenShell does; unless the system repeats the
    map coordinates, which would then be lost. Revit writes the height of its survey point into both.
    """
    if system is None:
        return np.eye(4)
    off, written = np.linalg.inv(system), np.abs(system[:3, 3]) > 1e-6
    there, plain = (turn @ (m @ [*case.centre, 1.0])[:3] + shift for m in (off, np.eye(4)))
    same = (np.allclose(system[:3, 3][written], one[written], atol=1e-3) for one in (shift, other))
    repeats = bool(written.any()) and any(same)
    if repeats or (not _is_inside(crs, *there[:2]) and _is_inside(crs, *plain[:2])):
        case.warn("io.system_repeats_place")
        return np.eye(4)
    case.warn("io.system_offset", away=round(float(np.linalg.norm(system[:3, 3])), 3))
    return np.asarray(off)


@dataclass(slots=True)
class _Fix:
    """One reading of the three map coordinates, and the caution that it needs."""

    shift: Matrix
    code: str = ""
    facts: dict[str, object] = field(default_factory=dict)


def _fixes(written: Matrix, unit_m: float, length_m: float, crs: str) -> Iterator[_Fix]:
    """Yield the readings of map coordinates, the plain one first, then one mistake at a time."""
    yield _Fix(written * unit_m)
    for other_m in dict.fromkeys((1.0, length_m, 0.001, _axis_m(crs))):
        if not math.isclose(other_m, unit_m, rel_tol=1e-3):
            yield _Fix(written * other_m, "io.map_unit_doubted", {"unit": unit_m, "used": other_m})
    metres = written * unit_m
    yield _Fix(metres[[1, 0, 2]], "io.axes_swapped")
    for east, north, code in ((metres[0], metres[1], ""), (metres[1], metres[0], "io.axes_swapped")):
        fixed, zone = _rezoned(float(east), crs)
        if zone:
            yield _Fix(np.array([fixed, north, metres[2]]), code or "io.zone_prefix", {"zone": zone})


def _rezoned(east: float, crs: str) -> tuple[float, int]:
    """Return an easting with the zone number that its CRS wants or does not want in front, and the zone (0 for none).

    China writes 39502000 m (zone 39 in front) and 502000 m for the same place; EPSG has a system for each.
    """
    meridian, false_east = central_meridian(crs)
    if meridian is None or false_east is None or not 73 <= meridian <= 136:
        return east, 0
    wanted, written = int(false_east // 1e6), int(east // 1e6)
    if wanted and 0 < east < 1e6:
        return east + wanted * 1e6, wanted
    if not wanted and 13 <= written <= 45 and meridian in (written * 3, written * 6 - 3):
        return east - written * 1e6, written
    return east, 0


def _warn_outside(crs: str, shift: Matrix, case: _Case) -> None:
    """Say that a place lies outside its CRS; where the zone in front of the easting is another one, say that."""
    meridian, _ = central_meridian(crs)
    zone = int(shift[0] // 1e6)
    if meridian is not None and 73 <= meridian <= 136 and 13 <= zone <= 45:
        own = zone * 3 if zone >= 25 else zone * 6 - 3
        if own != meridian:
            case.warn("io.zone_differs", zone=zone, meridian=own, crs=crs)
            return
    case.warn("io.outside_crs", crs=crs)


def _typed(point: Matrix, placement: Matrix, kind: str, case: _Case) -> Georef | None:
    """Believe map coordinates that were typed into the model itself, if their CRS is known."""
    if not _is_far(point):
        return None
    if case.asked_crs and parse_crs(case.asked_crs).is_projected:
        if _is_inside(case.asked_crs, point[0], point[1]):
            return Georef(kind, case.asked_crs, placement, certainty="likely")
        fixed, zone = _rezoned(float(point[0]), case.asked_crs)
        if zone and _is_inside(case.asked_crs, fixed, point[1]):
            case.warn("io.zone_prefix", crs=case.asked_crs, zone=zone)
            moved = placement.copy()
            moved[0, 3] += fixed - float(point[0])
            return Georef(kind, case.asked_crs, moved, certainty="likely")
    case.warn("io.world_coordinates", e=round(float(point[0])), n=round(float(point[1])))
    return None


def _site_latlon(model: Any, places: list[Site], case: _Case) -> Georef | None:
    if len({(round(site.lat, 5), round(site.lon, 5)) for site in places}) > 1:
        case.warn("io.several_sites", count=len(places))
    for site in places[:1]:
        if known := default_city(site.lat, site.lon):
            exporter = known["exporter"]
            case.warn("io.default_latlon", lat=round(site.lat, 4), lon=round(site.lon, 4), exporter=exporter)
            return None
        country = stated_country(model)
        if country and is_in_country(site.lon, site.lat, country) is False:
            case.warn("io.latlon_other_country", lat=round(site.lat, 4), lon=round(site.lon, 4), country=country)
            return None
        if site.coarse:
            case.warn("io.latlon_to_the_minute", lat=round(site.lat, 4), lon=round(site.lon, 4))
        if float(np.abs(case.centre - site.origin)[:2].max()) > _limit("far_m"):
            case.warn("io.far_from_site")
            return None
        crs = zone_for(site.lon, site.lat)
        there = transformer("EPSG:4326", crs)
        east, north = there.transform(site.lon, site.lat)
        model_north = true_north(model)
        angle = grid_north(there, site.lon, site.lat) - math.atan2(model_north[1], model_north[0])
        turn = _rotation(math.cos(angle), math.sin(angle))
        placement = np.eye(4)
        placement[:3, :3] = turn
        placement[:3, 3] = np.array([east, north, site.elevation_m]) - turn @ site.origin
        case.warn("io.placed_by_latlon", lat=round(site.lat, 6), lon=round(site.lon, 6))
        return Georef("site_latlon", crs, placement, certainty="unsure")
    return None


def _compare(found: Georef, places: list[Site], case: _Case) -> None:
    """Say so when the site's latitude and longitude tell of quite another place."""
    if found.kind in ("none", "site_latlon"):
        return
    for site in places[:1]:
        away = _away_m(found, site)
        if away is not None and away > _limit("latlon_agrees_m") and not is_default(site.lat, site.lon):
            case.warn("io.latlon_disagrees", km=round(away / 1000, 1))


def _away_m(found: Georef, site: Site) -> float | None:
    """Return the metres between a site's latitude and longitude and where the model puts that site."""
    from pyproj import Geod

    point = found.placement @ [*site.origin, 1.0]
    lon, lat = transformer(found.crs, "EPSG:4326").transform(point[0], point[1])
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return None
    return float(Geod(ellps="GRS80").inv(lon, lat, site.lon, site.lat)[2])


def _detail(
    found: Georef, statements: list[Statement], places: list[Site], system: Matrix | None, model: Any, case: _Case
) -> dict[str, Any]:
    """Return what was written, as plain JSON."""
    first = statements[0] if statements else None
    north = true_north(model)
    result: dict[str, Any] = {
        "certainty": found.certainty,
        "written": {} if first is None else {"as": first.kind, **_plain(first.values)},
        "crs_said": {} if first is None else {name: text for name, text in first.crs.items() if text},
        "sites_damaged": len(damaged_sites(model)),
        "map_unit_m": None if first is None else first.unit_m,
        "length_unit_m": case.length_m,
        "conversions": len(statements),
        "vertical": vertical_of_name(first.crs.get("VerticalDatum", "")) if first else "",
        "true_north_deg": round(math.degrees(math.atan2(north[0], north[1])) % 360, 9),
        "cautions": [caution.as_dict() for caution in case.cautions],
        "contexts": len(contexts(model)),
    }
    if system is not None:
        result["world_system"] = [round(float(value), 6) for value in system[:3, 3]]
    if places:
        site = places[0]
        result |= {"site_lat": site.lat, "site_lon": site.lon, "site_elevation_m": site.elevation_m}
        result["site_default"] = default_city(site.lat, site.lon) or None
        result["site_away_m"] = None if found.kind == "none" else _away_m(found, site)
        result["sites"] = len(places)
    return result


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if isinstance(value, str) else number(value) for name, value in values.items() if value is not None
    }


def is_default(lat: float, lon: float) -> bool:
    """Whether a site's latitude and longitude are those an exporter ships with."""
    return bool(default_city(lat, lon))


def default_city(lat: float, lon: float) -> dict[str, str]:
    """Return the city of an exporter's list that stands at a place, ``{"zh": …, "en": …, "exporter": …}``, or {}."""
    within = _limit("default_within_deg")
    for known in standard("ifc_georef")["default"]:
        if abs(lat - known["lat"]) < within and abs(lon - known["lon"]) < within:
            return {name: str(known[name]) for name in ("zh", "en", "exporter")}
    return {}


def _limit(name: str) -> float:
    return float(standard("ifc_georef")["limits"][name])


def _is_far(point: Matrix) -> bool:
    return float(np.abs(point[:2]).max()) > _limit("far_m")


def _upright(system: Matrix) -> Matrix:
    """Return the turn about the vertical in a matrix."""
    return _rotation(float(system[0, 0]), float(system[1, 0]))


def _rotation(abscissa: float, ordinate: float) -> Matrix:
    length = math.hypot(abscissa, ordinate)
    c, s = (abscissa / length, ordinate / length) if length > 0 else (1.0, 0.0)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _is_inside(crs: str, east: float, north: float) -> bool:
    """Whether a point, metres, lies in the area for which a CRS was made, give or take a degree."""
    area = parse_crs(crs).area_of_use
    if area is None:
        return True
    axis_m = _axis_m(crs)
    lon, lat = transformer(crs, "EPSG:4326").transform(float(east) / axis_m, float(north) / axis_m)
    if not (math.isfinite(lon) and math.isfinite(lat)):
        return False
    wide = area.east if area.east >= area.west else area.east + 360
    return bool(
        area.south - 1 <= lat <= area.north + 1
        and (area.west - 1 <= lon <= wide + 1 or area.west - 1 <= lon + 360 <= wide + 1)
    )
