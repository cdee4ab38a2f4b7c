"""Files and mistakes for the CRS doctor: patterns of houses and streets at real places, spoilt in known ways."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Transformer

from models.crs.doctor.evidence import Evidence, Neighbour, evidence_of, neighbour_of
from models.layers.layer import Layer, VectorData

#: Middles of cities, degrees, and the central meridian of their 3-degree zone.
CITIES = {
    "Jinan": (117.02, 36.67, 117),
    "Nanjing": (118.79, 32.05, 120),
    "Ningbo": (121.55, 29.87, 123),
    "Shanghai": (121.47, 31.23, 120),
    "Urumqi": (87.61, 43.81, 87),
    "Harbin": (126.64, 45.75, 126),
    "Kunming": (102.71, 25.04, 102),
    "Shenzhen": (114.06, 22.54, 114),
}

#: Other cities, never looked at while the rules were made, some near the edge of their zone; drawn with another seed.
FRESH = {
    "Chengdu": (104.07, 30.67, 105),
    "Taiyuan": (112.56, 37.87, 114),
    "Xiamen": (118.09, 24.48, 117),
    "Lanzhou": (103.82, 36.06, 105),
}


def gcj02(lonlat: np.ndarray) -> np.ndarray:
    """The published formula, written down a second time, point by point, as everybody copies it."""
    from math import cos, fabs, pi, sin, sqrt

    def north(x: float, y: float) -> float:
        r = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x))
        r += (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
        r += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
        return r + (160.0 * sin(y / 12.0 * pi) + 320 * sin(y * pi / 30.0)) * 2.0 / 3.0

    def east(x: float, y: float) -> float:
        r = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x))
        r += (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
        r += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
        return r + (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0

    result = []
    for lng, lat in lonlat:
        a, ee = 6378245.0, 0.00669342162296594323
        dlat, dlng = north(lng - 105.0, lat - 35.0), east(lng - 105.0, lat - 35.0)
        magic = sin(lat / 180.0 * pi)
        magic = 1 - ee * magic * magic
        dlat = (dlat * 180.0) / ((a * (1 - ee)) / (magic * sqrt(magic)) * pi)
        dlng = (dlng * 180.0) / (a / sqrt(magic) * cos(lat / 180.0 * pi) * pi)
        result.append((lng + dlng, lat + dlat))
    return np.array(result)


def bd09(lonlat: np.ndarray) -> np.ndarray:
    from math import atan2, cos, pi, sin, sqrt

    result = []
    for x, y in gcj02(lonlat):
        z = sqrt(x * x + y * y) + 0.00002 * sin(y * pi * 3000.0 / 180.0)
        theta = atan2(y, x) + 0.000003 * cos(x * pi * 3000.0 / 180.0)
        result.append((z * cos(theta) + 0.0065, z * sin(theta) + 0.006))
    return np.array(result)


def town(city: str, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return houses (polygons) and streets (lines) in degrees: crooked blocks, no two alike."""
    lon, lat, _ = (CITIES | FRESH)[city]
    rng = np.random.default_rng([seed, int(lon * 100)])
    xs = np.cumsum(rng.uniform(110, 260, 14)) - 1200
    ys = np.cumsum(rng.uniform(90, 220, 12)) - 800
    bend = lambda p: p + np.column_stack([25 * np.sin(p[:, 1] / 310 + 1), 40 * np.sin(p[:, 0] / 270)])  # noqa: E731
    streets, houses = [], []
    for x in xs:
        line = np.column_stack([np.full(60, x), np.linspace(ys[0], ys[-1], 60)])
        streets.append(shapely.linestrings(bend(line)))
    for y in ys:
        line = np.column_stack([np.linspace(xs[0], xs[-1], 60), np.full(60, y)])
        streets.append(shapely.linestrings(bend(line)))
    for left, right in itertools.pairwise(xs):
        for low, high in itertools.pairwise(ys):
            x = left + 12
            while x < right - 30:
                wide = rng.uniform(14, 40)
                y = low + 12
                while y < high - 25:
                    deep = rng.uniform(10, 30)
                    if rng.random() < 0.8 and x + wide < right - 10 and y + deep < high - 10:
                        ring = np.array([[x, y], [x + wide, y], [x + wide, y + deep], [x, y + deep], [x, y]])
                        houses.append(shapely.polygons(bend(ring)))
                    y += deep + rng.uniform(6, 25)
                x += wide + rng.uniform(6, 20)
    to = Transformer.from_crs(f"+proj=aeqd +lon_0={lon} +lat_0={lat} +ellps=GRS80", "EPSG:4490", always_xy=True)
    move = lambda p: np.column_stack(to.transform(p[:, 0], p[:, 1]))  # noqa: E731
    return shapely.transform(np.array(houses), move), shapely.transform(np.array(streets), move)


def project(lonlat: np.ndarray, crs: Any) -> np.ndarray:
    """PROJ itself, easting first."""
    return np.column_stack(Transformer.from_crs("EPSG:4490", crs, always_xy=True).transform(*lonlat.T))


def krassovsky(lonlat: np.ndarray, crs: str) -> np.ndarray:
    """Numbers that an old survey gave: the same longitudes and latitudes on its ellipsoid (Krassovsky's, IAG 1975)."""
    from pyproj import CRS

    known = CRS(crs)
    middle, east = (known.coordinate_operation.params[at].value for at in (1, 3))
    shape = f"+a={known.ellipsoid.semi_major_metre} +rf={known.ellipsoid.inverse_flattening}"
    text = f"+proj=tmerc +lat_0=0 +lon_0={middle} +k=1 +x_0={east} +y_0=0 {shape}"
    return np.column_stack(Transformer.from_crs(f"+proj=longlat {shape}", text, always_xy=True).transform(*lonlat.T))


def dms(lonlat: np.ndarray) -> np.ndarray:
    d = np.floor(lonlat)
    m = np.floor((lonlat - d) * 60)
    s = (lonlat - d - m / 60) * 3600
    return d + m / 100 + s / 10000


def layer_of(shapes: np.ndarray, crs: str | None, name: str = "buildings", **columns: Any) -> tuple[Layer, VectorData]:
    frame = gpd.GeoDataFrame(columns, index=range(len(shapes)), geometry=list(shapes), crs=crs)
    return Layer(id=name, name=name, kind="vector"), VectorData(frame)


def spoilt(shapes: np.ndarray, mistake: Any) -> np.ndarray:
    return np.asarray(shapely.transform(shapes, mistake))


def evidence(shapes: np.ndarray, crs: str | None, name: str = "buildings", **columns: Any) -> Evidence:
    found = evidence_of(*layer_of(shapes, crs, name, **columns))
    assert found is not None
    return found


def neighbour(shapes: np.ndarray, crs: str, sure: float = 0.72, name: str = "streets") -> Neighbour:
    found = neighbour_of(*layer_of(shapes, crs, name), sure)
    assert found is not None
    return found


@dataclass(frozen=True)
class Case:
    """One file with one mistake: what the doctor sees, and where the file's points truly are."""

    name: str
    seen: Evidence
    truth: np.ndarray
    neighbours: tuple[Neighbour, ...] = ()
    # "sure": confident and right; "open": the truth among the candidates, not confident; "doubt": only not confident
    expect: str = "sure"
    code: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def _kept(found: dict[bytes, np.ndarray], kind: bytes, make: Any, points: np.ndarray) -> np.ndarray:
    key = kind + points.tobytes()
    if key not in found:
        found[key] = make(points)
    return found[key]


slow_gcj02, slow_bd09 = gcj02, bd09


def cases(cities: tuple[str, ...] = tuple(CITIES), seed: int = 1) -> list[Case]:
    """Every mistake in many cities; comparing patterns takes long, so each such case has a few cities of its own."""
    made: list[Case] = []
    for number, (city, (lon, _, middle)) in enumerate((city, (CITIES | FRESH)[city]) for city in cities):
        houses, streets = town(city, seed)
        truth = shapely.get_coordinates(houses)
        zone = middle // 3
        plain, prefixed = f"EPSG:{4534 + zone - 25}", f"EPSG:{4513 + zone - 25}"
        other = f"EPSG:{4534 + zone - 25 + (1 if zone < 40 else -1)}"
        other_prefixed = f"EPSG:{4513 + zone - 25 + (1 if zone < 40 else -1)}"
        utm = f"EPSG:{32600 + int((lon + 180) // 6) + 1}"
        swap = lambda p: p[:, ::-1]  # noqa: E731
        gk, gkz = (lambda p, c=plain: project(p, c)), (lambda p, c=prefixed: project(p, c))
        road = neighbour(streets, "EPSG:4490", 0.95)
        road_lonely = neighbour(streets, "EPSG:4326")
        again = neighbour(houses[::3], "EPSG:4326", name="survey")
        known = neighbour(houses[::3], "EPSG:4490", 0.95, name="survey")

        shifted: dict[bytes, np.ndarray] = {}

        def gcj02(p: Any, found: Any = shifted) -> np.ndarray:  # point by point it takes long, and is asked for often
            return _kept(found, b"g", slow_gcj02, p)

        def bd09(p: Any, found: Any = shifted) -> np.ndarray:
            return _kept(found, b"b", slow_bd09, p)

        def add(name: str, crs: str | None, move: Any, *around: Neighbour, expect: str = "sure", code: str = "",
                city: str = city, houses: Any = houses, truth: Any = truth,
                number: int = number, **columns: Any) -> None:  # fmt: skip
            if len(cities) > 1 and (number + len(name)) % (5 if around else 3 if len(cities) > 4 else 1):
                return
            shapes = houses if move is None else spoilt(houses, move)
            made.append(Case(f"{city}: {name}", evidence(shapes, crs, **columns), truth, around, expect, code))

        add("all well, zone without number", plain, gk, code="fine")
        add("all well, zone with number", prefixed, gkz, code="fine")
        add("all well, degrees and known streets", "EPSG:4326", None, road, code="fine")
        add("all well, lonely degrees", "EPSG:4326", None, expect="open", code="fine")
        add("number before the easting, declared without", plain, gkz, code="zone_prefix")
        add("no number before the easting, declared with", prefixed, gk, code="zone_prefix")
        add("number of another zone than declared", other_prefixed, gkz, code="zone_mismatch")
        add("northing first", plain, lambda p, g=gk: g(p)[:, ::-1], code="swapped")
        add("northing first, with number", prefixed, lambda p, g=gkz: g(p)[:, ::-1], code="swapped")
        add("latitude first", "EPSG:4490", swap, code="swapped")
        add("degrees called metres", plain, None, code="degrees_as_metres")
        add("metres called degrees, with number", "EPSG:4490", gkz, code="metres_as_degrees")
        add("metres called degrees, without number, by streets", "EPSG:4490", gk, road, code="metres_as_degrees")
        add("metres called degrees, without number, alone", "EPSG:4490", gk, expect="open")
        add("no prj, with number", None, gkz, expect="open", code="missing_found")
        add("no prj, with number, by a survey", None, gkz, known, code="missing_found")
        add("no prj, without number, by a survey", None, gk, known, code="missing_found")
        add("no prj, without number, alone", None, gk, expect="open")
        add("no prj, degrees", None, None, expect="open")
        add("no prj, Web Mercator", None, lambda p: project(p, "EPSG:3857"), expect="open", code="missing_found")
        add(
            "Web Mercator called a zone", plain, lambda p: project(p, "EPSG:3857"), expect="open", code="wrong_declared"
        )
        add("another zone, by streets", other, gk, road, code="other_zone")
        add("UTM called a zone, by a survey", plain, lambda p, u=utm: project(p, u), known)
        add("GCJ-02 beside the same houses", "EPSG:4326", gcj02, again, code="gcj02")
        add("GCJ-02 beside streets", "EPSG:4326", gcj02, road_lonely, code="gcj02")
        add("BD-09 beside the same houses", "EPSG:4326", bd09, again, code="bd09")
        add("GCJ-02 alone", "EPSG:4326", gcj02, expect="open")
        add("BD-09 alone", "EPSG:4326", bd09, expect="open")
        add("GCJ-02 with field names that say so", "EPSG:4326", gcj02, code="gcj02", gcj02_lng=1)
        add("millimetres", plain, lambda p, g=gk: g(p) * 1000, code="units")
        add("feet", plain, lambda p, g=gk: g(p) / 0.3048, code="units")
        add("leading digits cut off", plain, lambda p, g=gk: g(p) - np.floor(g(p).min(axis=0) / 1e5) * 1e5, road,
            code="false_origin")  # fmt: skip
        add("no false easting", plain, lambda p, g=gk: g(p) - [5e5, 0], code="false_origin")
        add("longitude of the wrong sign, by streets", "EPSG:4326", lambda p: p * [-1, 1], road, code="longitude_sign")
        old = f"EPSG:{2422 + zone - 25}"
        add("Beijing 1954 numbers called CGCS2000, by a survey", plain, lambda p, c=old: krassovsky(p, c), known,
            expect="open")  # fmt: skip
        # Older datums: declared as what they are, named, in another zone's clothes.
        old80, old80z = f"EPSG:{2370 + zone - 25}", f"EPSG:{2349 + zone - 25}"
        oldz = f"EPSG:{2401 + zone - 25}"
        oldz_other = f"EPSG:{2401 + zone - 25 + (1 if zone < 40 else -1)}"
        add("Xian 1980 declared as such", old80, lambda p, c=old80: krassovsky(p, c), code="old_datum")
        add("Beijing 1954 with number, declared as such", oldz, lambda p, c=oldz: krassovsky(p, c), code="old_datum")
        add("Xian 1980 numbers called CGCS2000, a field name says so", plain, lambda p, c=old80: krassovsky(p, c),
            expect="doubt", xian80_x=1)  # fmt: skip
        add("Xian 1980 numbers called CGCS2000, by a survey", plain, lambda p, c=old80: krassovsky(p, c), known,
            expect="doubt")  # fmt: skip
        add("Xian 1980 with number, called degrees", "EPSG:4610", lambda p, c=old80z: krassovsky(p, c),
            code="metres_as_degrees")  # fmt: skip
        add("Beijing 1954 with the number of another zone", oldz_other, lambda p, c=oldz: krassovsky(p, c),
            code="zone_mismatch")  # fmt: skip
        # Zones of 3 and of 6 degrees.
        six = int(lon // 6) * 6 + 3
        wide, wide_z = f"EPSG:{4502 + (six - 75) // 6}", f"EPSG:{4491 + (six - 75) // 6}"
        is_other = six != middle
        w, wz = (lambda p, c=wide: project(p, c)), (lambda p, c=wide_z: project(p, c))
        add("6-degree zone with number, called a 3-degree zone", prefixed, wz)
        if is_other:
            add("6-degree zone called the 3-degree zone of its place, alone", plain, w, expect="doubt")
            add("6-degree zone called the 3-degree zone of its place, by streets", plain, w, road, code="other_zone")
            add("3-degree zone called the 6-degree zone of its place, by streets", wide, gk, road, code="other_zone")
        # Units and packed degrees.
        add("millimetres, northing first", plain, lambda p, g=gk: g(p)[:, ::-1] * 1000, code="units")
        add("kilometres", plain, lambda p, g=gk: g(p) / 1000, code="units")
        add("feet with number", prefixed, lambda p, g=gkz: g(p) / 0.3048, code="units")
        add("millimetres, no prj, with number", None, lambda p, g=gkz: g(p) * 1000, expect="open", code="units")
        add("DDDMMSS without a point, latitude first", "EPSG:4490", lambda p: np.round(dms(p) * 1e4, 5)[:, ::-1],
            code="dms")  # fmt: skip
        add("DDD.MMSS, latitude first", "EPSG:4490", lambda p: dms(p)[:, ::-1], code="dms")
        add("longitude of the wrong sign, alone", "EPSG:4326", lambda p: p * [-1, 1], expect="doubt")
        add("latitude first and GCJ-02, alone", "EPSG:4326", lambda p: gcj02(p)[:, ::-1], expect="doubt")
        add("northing first with number, called degrees", "EPSG:4490", lambda p, g=gkz: g(p)[:, ::-1])
        add("northing first with the number of another zone", other_prefixed, lambda p, g=gkz: g(p)[:, ::-1])
        # Planes of the city's own: its meridian, constants, and a plane at its mean height (here 1000 m).
        high = f"+proj=tmerc +lat_0=0 +lon_0={lon} +k={1 + 1000 / 6.37e6!r} +x_0=50000 +y_0=-2000000 +ellps=GRS80"
        add("own plane, declared as such", high + " +type=crs", lambda p, c=high: project(p, c), code="fine")
        add("own plane called the national one", plain, lambda p, c=high: project(p, c), expect="doubt")
        raised = f"+proj=tmerc +lat_0=0 +lon_0={middle} +k={1 + 1000 / 6.37e6!r} +x_0=500000 +y_0=0 +ellps=GRS80"
        add("plane at 1000 m called the national one, by a survey", plain, lambda p, c=raised: project(p, c), known,
            expect="doubt")  # fmt: skip
        # Files put together from two.
        as_is, half = (lambda p: p), len(houses) // 2
        for name, crs, first, second, around in (
            ("half in degrees, half in metres", plain, as_is, gk, ()),
            ("half with number, half without", plain, gkz, gk, ()),
            ("half with northing first", plain, lambda p, g=gk: g(p)[:, ::-1], gk, ()),
            ("half in GCJ-02, by streets", "EPSG:4326", gcj02, as_is, (road,)),
        ):
            mixed = np.concatenate([spoilt(houses[:half], first), spoilt(houses[half:], second)])
            add(name, crs, None, *around, expect="doubt", houses=mixed)
        add("DDD.MMSS", "EPSG:4490", dms, code="dms")
        add("degrees in another zone's clothes, latitude first", other, swap, code="swapped")
    return made
