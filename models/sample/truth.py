"""What the indicators of the sample city must come to, worked out another way than :mod:`models.health` does.

Invariants
----------
1. Nothing here is shared with ``models/health``: service radii are measured point by point as distances, never as
   buffers; road length is walked in steps, never clipped; covers are counted from their codes by hand.
2. No data is None, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from models.sample.city import City

#: Codes of the classes that are manhole covers (井盖); 0104 雨水箅子 is not one.
COVERS = frozenset(
    ["0101", "0102", "0103", *(f"01{n:02d}" for n in range(5, 13)), "0114", *(f"01{n}" for n in range(27, 31))]
)
STATES = ("完好", "破损", "丢失", "移位", "占用")
ROAD_CLASSES = ("expressway", "arterial", "sub_arterial", "branch")
SCHOOL_RADIUS_M = 1_000.0
GRID_M = 1.0
STEP_M = 0.25
#: From this share out of reach on, a parcel is listed as a problem.
UNCOVERED = 0.5

Row = dict[str, float | None]


def make(city: City, components: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the truth file's content, and note the fabric's planted problems in ``city.planted``."""
    parks, park_radius = _parks(city.green)
    schools = city.amenities[city.amenities["kind"].isin(["middle_school", "nine_year_school"])].geometry.to_numpy()
    school_radius = np.full(len(schools), SCHOOL_RADIUS_M)
    by_park = _reached(city.parcels, parks, park_radius)
    by_school = _reached(city.parcels, schools, school_radius)
    indicators = {
        "HC25-25": _service(city, by_park, ("parcels", "parks")),
        "HC25-22": _service(city, by_school, ("parcels", "schools")),
        "HC25-35": _density(city),
    }
    if len(components):
        indicators["HC21-49"] = _covers(city, components)
    note(city, by_park, by_school, indicators["HC25-35"])
    return {
        "seed": city.seed,
        "size": city.size,
        "synthetic": True,
        "crs": "EPSG:4548",
        "indicators": indicators,
        "planted": city.planted,
    }


def _shares(city: City, themes: tuple[str, ...]) -> dict[str, float]:
    """Return, by district, the share that was surveyed for all of some themes."""
    table = city.surveys[city.surveys["theme"].isin(themes)]
    return {code: float(table.loc[table["district_code"] == code, "share"].min()) for code in city.districts["code"]}


def _parks(green: gpd.GeoDataFrame) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return the grounds that serve, with the radius that their size gives them (m)."""
    shapes, radii = [], []
    for row in green.itertuples():
        if row.kind not in ("park", "activity_ground") or not row.open_to_public:
            continue
        hectares = row.geometry.area / 10_000.0
        if hectares >= 5.0:
            radius = 800.0
        elif hectares >= 1.0:
            radius = 500.0
        elif hectares >= 0.2 or (row.historic and hectares >= 0.1):
            radius = 300.0
        else:
            continue
        shapes.append(row.geometry)
        radii.append(radius)
    return np.asarray(shapes, dtype=object), np.asarray(radii)


def _reached(parcels: gpd.GeoDataFrame, sites: NDArray[Any], radius_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each parcel whose points lie within a site's radius, from points 1 m apart."""
    out = np.zeros(len(parcels))
    for i, parcel in enumerate(parcels.geometry):
        near = np.flatnonzero(shapely.distance(sites, parcel) <= radius_m)
        if not len(near):
            continue
        x0, y0, x1, y1 = parcel.bounds
        x, y = np.meshgrid(np.arange(x0 + GRID_M / 2, x1, GRID_M), np.arange(y0 + GRID_M / 2, y1, GRID_M))
        shapely.prepare(parcel)
        inside = shapely.contains_xy(parcel, x.ravel(), y.ravel())
        left = shapely.points(x.ravel()[inside], y.ravel()[inside])
        total = len(left)
        # The widest reach first: what it covers need not be asked again.
        for j in near[np.argsort(-(radius_m[near] - shapely.distance(sites[near], parcel)), kind="stable")]:
            site = sites[j]
            shapely.prepare(site)
            left = left[~shapely.dwithin(site, left, radius_m[j])]
            if not len(left):
                break
        out[i] = 1.0 - len(left) / total if total else 0.0
    return out


def _service(city: City, reached: NDArray[np.float64], themes: tuple[str, ...]) -> dict[str, Row]:
    shares = _shares(city, themes)
    area = city.parcels.geometry.area.to_numpy()
    home = city.parcels["district_code"].to_numpy()
    rows: dict[str, Row] = {}
    for code, share in shares.items():
        mine = home == code
        rows[code] = _row(float((area * reached)[mine].sum()), float(area[mine].sum()), share, 100.0)
    return _with_city(city, rows, 100.0)


def _density(city: City) -> dict[str, Row]:
    """Walk every road in short steps, half a pace left and right of its centre line, and note where each foot falls."""
    roads = city.roads[city.roads["class"].isin(ROAD_CLASSES)]
    left, right, weight = [], [], []
    for line in roads.geometry:
        ends = shapely.get_coordinates(line)
        run = np.hypot(*np.diff(ends, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(run)])
        count = max(1, int(along[-1] / STEP_M))
        at = (np.arange(count) + 0.5) * along[-1] / count
        part = np.clip(np.searchsorted(along, at, side="right") - 1, 0, len(run) - 1)
        direction = np.diff(ends, axis=0)[part] / run[part, None]
        point = ends[part] + direction * (at - along[part])[:, None]
        normal = np.column_stack([-direction[:, 1], direction[:, 0]]) * 0.02
        left.append(point + normal)
        right.append(point - normal)
        weight.append(np.full(count, along[-1] / count / 2))
    feet, half = np.vstack([*left, *right]), np.concatenate([*weight, *weight])
    shares, rows = _shares(city, ("roads",)), dict[str, Row]()
    for code, shape in zip(city.districts["code"], city.districts.geometry, strict=True):
        shapely.prepare(shape)
        length_km = float(half[shapely.contains_xy(shape, feet[:, 0], feet[:, 1])].sum()) / 1_000.0
        rows[code] = _row(length_km, shape.area / 1e6, shares[code], 1.0)
    return _with_city(city, rows, 1.0)


def _covers(city: City, components: gpd.GeoDataFrame) -> dict[str, Row]:
    covers = components[[str(code)[6:10] in COVERS for code in components["ObjID"]]]
    x, y = covers.geometry.x.to_numpy(), covers.geometry.y.to_numpy()
    state = covers["ObjState"].to_numpy(dtype=object)
    known = np.asarray([value in STATES for value in state])
    intact = np.asarray([value == "完好" for value in state])
    shares, rows = _shares(city, ("components",)), dict[str, Row]()
    for code, shape in zip(city.districts["code"], city.districts.geometry, strict=True):
        here = shapely.contains_xy(shape, x, y)
        everything = int(here.sum())
        share = shares[code] * (float((here & known).sum()) / everything if everything else 0.0)
        rows[code] = _row(float((here & intact).sum()), float((here & known).sum()), share, 100.0)
    return _with_city(city, rows, 100.0)


def _row(numerator: float, denominator: float, share: float, factor: float) -> Row:
    if share <= 0 or denominator <= 0:
        return {"value": None, "numerator": None, "denominator": None, "coverage": 0.0}
    return {
        "value": round(factor * numerator / denominator, 4),
        "numerator": round(numerator, 4),
        "denominator": round(denominator, 4),
        "coverage": round(share, 6),
    }


def _with_city(city: City, rows: dict[str, Row], factor: float) -> dict[str, Row]:
    """Add the city's row: sums over the districts with data, coverage weighed by area."""
    known = [row for row in rows.values() if row["value"] is not None]
    area = city.districts.geometry.area.to_numpy()
    coverage = float(np.average([row["coverage"] or 0.0 for row in rows.values()], weights=area))
    numerator = sum(row["numerator"] or 0.0 for row in known)
    denominator = sum(row["denominator"] or 0.0 for row in known)
    return {**rows, "city": _row(numerator, denominator, coverage, factor)}


def note(
    city: City, by_park: NDArray[np.float64], by_school: NDArray[np.float64], density: Mapping[str, Row]
) -> None:  # fmt: skip
    """Write down the problems that the fabric holds on purpose.

    Parameters
    ----------
    city : City
    by_park, by_school : ndarray, shape (parcels,)
        Share of each parcel in reach.
    density : mapping of str to Row
        Of the roads, by sub-district.
    """
    surveyed = city.surveys[(city.surveys["theme"] == "parcels") & (city.surveys["share"] > 0)]["district_code"]
    asked = city.parcels["district_code"].isin(surveyed).to_numpy()

    def note(name: str, kind: str, layer: str, codes: list[str], why: str, why_zh: str) -> None:
        if codes:
            city.planted.append(
                {"id": name, "kind": kind, "layer": layer, "codes": codes, "why": why, "why_zh": why_zh}
            )

    def parcels(chosen: NDArray[np.bool_]) -> list[str]:
        return sorted(city.parcels["code"].to_numpy()[chosen])

    note(
        "park_uncovered",
        "parcel_uncovered_park",
        "parcels",
        parcels(asked & (1 - by_park >= UNCOVERED)),
        "At least half of the parcel lies outside the service radius of every park that counts (HC25-25).",
        "地块至少一半位于所有计入公园的服务半径之外（HC25-25）。",
    )
    note(
        "school_uncovered",
        "parcel_uncovered_school",
        "parcels",
        parcels(asked & (1 - by_school >= UNCOVERED)),
        "At least half of the parcel lies more than 1 km from every middle and nine-year school (HC25-22).",
        "地块至少一半距所有初级中学、九年一贯制学校超过 1 km（HC25-22）。",
    )
    sparse = [c for c, row in density.items() if c != "city" and row["value"] is not None and row["value"] < 8.0]
    note(
        "roads_sparse",
        "density_below_8",
        "districts",
        sorted(sparse),
        "Road density stays below 8 km/km² (HC25-35).",
        "道路网密度低于 8 km/km²（HC25-35）。",
    )
    for theme, codes_of in (("parcels", ("HC25-25", "HC25-22")), ("components", ("HC21-49",))):
        blind = city.surveys[(city.surveys["theme"] == theme) & (city.surveys["share"] <= 0)]["district_code"]
        note(
            f"{theme}_not_surveyed",
            "no_data",
            "districts",
            sorted(blind),
            f"Nobody surveyed {theme} here: no data for {', '.join(codes_of)}.",
            f"此处未开展普查，{'、'.join(codes_of)} 无数据。",
        )
    green = city.green
    hectares = green.geometry.area / 1e4
    closed = (green["kind"] == "park") & ~green["open_to_public"].astype(bool)
    small = (green["kind"] == "park") & (hectares < 0.2) & ~(green["historic"].astype(bool) & (hectares >= 0.1))
    for name, chosen, why, why_zh in (
        (
            "park_private",
            closed,
            "The garden is not open to the public and serves nobody.",
            "花园不向公众开放，不计入服务。",
        ),
        (
            "park_too_small",
            small,
            "The garden is smaller than 0.2 ha and not in a historic quarter: it serves nobody.",
            "面积不足 0.2 ha 且不在历史街区，不计入服务。",
        ),
    ):
        note(name, "park_does_not_count", "green", [str(fid) for fid in green.index[chosen.to_numpy()]], why, why_zh)
