"""From local shapes to the sample city's tables: codes, names, districts, heights, world coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon, box
from shapely.ops import substring

from models.sample.blocks import largest
from models.sample.city import CENTRE, CRS, HALF_M, IfcSite, Terrain, stream
from models.sample.lots import Fabric
from models.sample.plan import RIVER_LEVEL_M, ROAD_CLASSES, Plan
from models.sample.roads import Network, Road
from resources.standards import standard

COUNTY = "370199"
SURVEYED_ON = "2025-05-20"
HOUSEHOLD = 2.6
FLOOR_AREA_A_HOUSEHOLD_M2 = 108.0
Names = dict[str, Any]


def names() -> Names:
    """Return the table of names."""
    return standard("sample_names")


def to_world(shapes: Sequence[Any]) -> NDArray[Any]:
    """Move local shapes to EPSG:4548, rounded to millimetres."""
    array = np.asarray(shapes, dtype=object)
    coordinates = np.round(shapely.get_coordinates(array) + CENTRE, 3)
    return np.asarray(shapely.set_coordinates(array.copy(), coordinates))


def table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> gpd.GeoDataFrame:
    """Return rows with a local ``geometry`` as a world table with fid 1…n and just these columns."""
    frame = pd.DataFrame([{c: row.get(c) for c in columns} for row in rows], columns=list(columns))
    out = gpd.GeoDataFrame(frame, geometry=to_world([row["geometry"] for row in rows]), crs=CRS)
    out.index = pd.RangeIndex(1, len(out) + 1, name="fid")
    return out


def make_units(plan: Plan, network: Network) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the four sub-districts and their sixteen communities.

    River and Wenhua Road divide the city in four; the two avenues of each quarter divide it in four again.
    """
    words = names()
    square = box(-HALF_M, -HALF_M, HALF_M, HALF_M)
    # The border lies exactly on the road's centre line, vertex for vertex, so that its length is shared half and half.
    road = shapely.line_merge(shapely.union_all([r.line for r in network.roads if r.name == "wenhua"]))
    cross = [LineString(plan.line("river", -1040, 1040)), road]
    corners = _faces(square, cross)
    districts, communities = [], []
    for number, (key, centre) in enumerate(
        {"nw": (-500, 500), "ne": (500, 500), "sw": (-500, -600), "se": (500, -600)}.items(), start=1
    ):
        shape = corners[int(np.argmin(shapely.distance(np.asarray(corners, dtype=object), Point(centre))))]
        zh, en = words["districts"][key]
        code = f"{COUNTY}{number:03d}"
        districts.append({"geometry": shape, "code": code, "name": zh, "name_en": en, "key": key})
        east_west = "e2" if key in ("nw", "ne") else "e3"
        inner = {"nw": ("n1", "n2"), "ne": ("n4",), "sw": ("n2",), "se": ("n4",)}[key]
        cuts = [LineString(plan.line(name, -1040, 1040)) for name in inner]
        level = plan.line(east_west, -1040, 1040)
        if key == "nw":
            level = level[level[:, 0] > plan.curves["n2"](np.asarray([330.0]))[0] - 30]
        cuts.append(LineString(level))
        parts = _faces(shape, cuts)
        while len(parts) > 4:
            parts.sort(key=lambda p: p.area)
            small = parts.pop(0)
            shared = [p.boundary.intersection(small.boundary).length for p in parts]
            near = int(np.argmax(shared))
            parts[near] = largest(parts[near].union(small))
        parts.sort(key=lambda p: (-round(p.centroid.y / 300), p.centroid.x))
        for i, part in enumerate(parts):
            zh, en = words["communities"][key][i]
            communities.append(
                {
                    "geometry": part,
                    "code": f"{code}{i + 1:03d}",
                    "name": zh,
                    "name_en": f"{en} Community",
                    "district_code": code,
                }
            )
    return districts, communities


def _faces(shape: Polygon, lines: list[LineString]) -> list[Polygon]:
    noded = shapely.union_all([shape.exterior, *lines])
    return [
        f for f in shapely.polygonize(list(noded.geoms)).geoms if shape.buffer(1e-6).contains(f.representative_point())
    ]


def codes_at(units: Sequence[dict[str, Any]], shapes: Sequence[Any]) -> list[str | None]:
    """Return the code of the unit in which each shape's inner point lies; None outside the city."""
    tree = shapely.STRtree([u["geometry"] for u in units])
    out: list[str | None] = [None] * len(shapes)
    points = shapely.point_on_surface(np.asarray(shapes, dtype=object))
    for i, j in tree.query(points, predicate="intersects").T:
        out[i] = units[j]["code"] if out[i] is None else min(str(out[i]), units[j]["code"])
    return out


def make_buildings(
    fabric: Fabric,
    terrain: Terrain,
    districts: list[dict[str, Any]],
    communities: list[dict[str, Any]],
    estates: dict[int, tuple[str, str]],
) -> gpd.GeoDataFrame:
    """Return the table of buildings."""
    words = names()["nouns"]
    rows = fabric.buildings
    shapes = [row["geometry"] for row in rows]
    world = to_world(shapes)
    coordinates, of = shapely.get_coordinates(world, return_index=True)
    ground = terrain.height_m(coordinates[:, 0], coordinates[:, 1])
    base = np.full(len(rows), np.inf)
    np.minimum.at(base, of, ground)
    low = [i for i, row in enumerate(rows) if not row.get("bottom_m")]
    tree = shapely.STRtree([shapes[i] for i in low])
    district, community = codes_at(districts, shapes), codes_at(communities, shapes)
    counters: dict[tuple[int, str], int] = {}
    out = []
    for i, row in enumerate(rows):
        if row.get("bottom_m"):
            under = tree.query(shapes[i].representative_point(), predicate="intersects")
            base[i] = base[low[int(under[0])]] if len(under) else base[i]
        zh, en = words[row["noun"]]
        key = (row["block"], row["noun"])
        counters[key] = counters.get(key, 0) + 1
        estate = estates.get(row["block"])
        zh, en = zh.format(n=counters[key]), en.format(n=counters[key])
        if estate and row["noun"] in ("block", "court", "village_house", "committee"):
            number = f"{counters[key]}号" if row["noun"] in ("court", "village_house") else ""
            zh, en = f"{estate[0]}{zh}{number}", f"{estate[1]} {en}{' ' + str(counters[key]) if number else ''}"
        out.append(
            {
                **row,
                "code": f"JZ{i + 1:06d}",
                "name": zh,
                "name_en": en,
                "base_m": round(float(base[i]), 2),
                "bottom_m": float(row.get("bottom_m", 0.0)),
                "height_m": float(row["height_m"]),
                "community_code": community[i],
                "district_code": district[i],
            }
        )
    return table(
        out,
        (
            "code",
            "name",
            "name_en",
            "use",
            "storeys",
            "height_m",
            "year",
            "structure",
            "roof",
            "base_m",
            "bottom_m",
            "community_code",
            "district_code",
        ),
    )


def estate_names(fabric: Fabric, seed: int) -> dict[int, tuple[str, str]]:
    """Return a name for every quarter, by block number."""
    words = names()["estates"]
    rng = stream(seed, "names")
    order = rng.permutation(len(words["stems"]))
    named: dict[int, tuple[str, str]] = {}
    for i, row in enumerate(fabric.parcels):
        stem = words["stems"][order[i % len(order)]]
        suffixes = words["suffixes"][row["kind"]]
        suffix = suffixes[int(rng.integers(0, len(suffixes)))]
        again = "" if i < len(order) else "二期"
        named[row["block"]] = (stem[0] + suffix[0] + again, f"{stem[1]} {suffix[1]}" + (" II" if again else ""))
    return named


def make_lanes(fabric: Fabric, network: Network) -> list[Road]:
    """Node the lanes of each quarter and tie their gates into the roads."""
    for gate in fabric.gates:
        _split_road_at(network.roads, gate.coords[0])
    roads = []
    for lines, name in fabric.lanes:
        if not lines:
            continue
        noded = shapely.line_merge(shapely.union_all(np.asarray(lines, dtype=object)))
        for part in getattr(noded, "geoms", [noded]):
            line = LineString(np.round(shapely.get_coordinates(part), 2))
            if line.length > 4.0:
                roads.append(Road(line, name or "lane", "lane", width_m=3.2 if name == "alley" else 5.0))
    return roads


def _split_road_at(roads: list[Road], point: tuple[float, ...]) -> None:
    spot = Point(point)
    index = min(
        (i for i, r in enumerate(roads) if r.road_class not in ("expressway", "lane")),
        key=lambda i: roads[i].line.distance(spot),
    )
    road = roads[index]
    at = road.line.project(spot)
    if not 1.0 < at < road.line.length - 1.0:
        return
    first, second = (
        shapely.get_coordinates(substring(road.line, 0, at)),
        shapely.get_coordinates(substring(road.line, at, road.line.length)),
    )
    first[-1] = second[0] = np.round(point[:2], 2)
    roads[index : index + 1] = [
        Road(
            LineString(np.round(c, 2)),
            road.name,
            road.road_class,
            road.bridge,
            road.oneway,
            road.elevated_m,
            road.width_m,
            road.lanes,
        )
        for c in (first, second)
    ]


def make_roads(roads: Sequence[Road]) -> gpd.GeoDataFrame:
    """Return the table of roads."""
    words = names()["streets"]
    rows = [
        {
            "geometry": r.line,
            "name": words[r.name][0],
            "name_en": words[r.name][1],
            "class": r.road_class,
            "width_m": r.width_m,
            "lanes": r.lanes,
            "bridge": bool(r.bridge),
            "oneway": r.oneway,
            "elevated_m": float(r.elevated_m),
        }
        for r in roads
    ]
    return table(rows, ("name", "name_en", "class", "width_m", "lanes", "bridge", "oneway", "elevated_m"))


def make_footways(fabric: Fabric, network: Network, seed: int) -> gpd.GeoDataFrame:
    """Return pavements along both sides of the roads, river walks and park paths."""
    rng = stream(seed, "footways")
    rows: list[dict[str, Any]] = []
    carriage = network.surface("arterial", "sub_arterial", "branch").buffer(0.6)
    shapely.prepare(carriage)
    for road in network.roads:
        width = ROAD_CLASSES[road.road_class][2]
        if width == 0 or road.bridge or max(abs(c) for c in road.line.centroid.coords[0]) > HALF_M + 60:
            continue
        for side in (1, -1):
            line = road.line.offset_curve(side * (road.width_m / 2 + 1.2 + width / 2), quad_segs=4)
            left = line.difference(carriage)
            for part in getattr(left, "geoms", [left]):
                if part.length > 6:
                    rows.append({"geometry": part.simplify(0.05), "width_m": width})
    for part in network.water.buffer(5.5).boundary.difference(carriage.union(network.surface("expressway"))).geoms:
        clipped = part.intersection(box(-HALF_M - 50, -HALF_M, HALF_M + 50, HALF_M))
        rows += [{"geometry": p, "width_m": 3.5} for p in getattr(clipped, "geoms", [clipped]) if p.length > 20]
    rows += fabric.footways
    condition = rng.choice(("good", "fair", "poor"), len(rows), p=(0.72, 0.20, 0.08))
    for row, value in zip(rows, condition, strict=True):
        row["condition"] = str(value)
    return table(rows, ("width_m", "condition"))


def make_green(fabric: Fabric) -> gpd.GeoDataFrame:
    """Return parks and other green, with area and least width."""
    words = names()["green"]
    rows = []
    for row in fabric.green:
        shape = row["geometry"]
        zh, en = words[row.get("noun", row["kind"])]
        world = to_world([shape])[0]
        thick = 2.0 * shapely.length(shapely.maximum_inscribed_circle(shape, 1.0))
        rows.append(
            {
                **row,
                "name": zh,
                "name_en": en,
                "historic": bool(row.get("historic", False)),
                "area_m2": round(world.area, 1),
                "width_m": round(float(thick), 1),
            }
        )
    return table(rows, ("name", "name_en", "kind", "open_to_public", "area_m2", "historic", "width_m"))


def make_water(fabric: Fabric, network: Network, levels: list[float]) -> gpd.GeoDataFrame:
    """Return the river, lakes and ponds."""
    zh, en = names()["river"]["zh"], names()["river"]["en"]
    rows = [{"geometry": network.water, "name": zh, "name_en": en, "kind": "river", "level_m": RIVER_LEVEL_M}]
    for row, level in zip(fabric.water, levels, strict=True):
        lake = row["kind"] == "lake"
        rows.append(
            {
                **row,
                "name": "泉川湖" if lake else "水景",
                "name_en": "Quanchuan Lake" if lake else "Pond",
                "level_m": level,
            }
        )
    return table(rows, ("name", "name_en", "kind", "level_m"))


def make_amenities(
    fabric: Fabric, districts: list[dict[str, Any]], communities: list[dict[str, Any]]
) -> gpd.GeoDataFrame:
    """Return sites of schools, care, health, sports, rescue and shelter."""
    words = names()["amenities"]
    shapes = [row["geometry"] for row in fabric.amenities]
    district, community = codes_at(districts, shapes), codes_at(communities, shapes)
    by_code = {
        c["code"]: (c["name"].removesuffix("社区"), c["name_en"].removesuffix(" Community")) for c in communities
    }
    rows, seen = [], dict[tuple[str, str], int]()
    for i, row in enumerate(fabric.amenities):
        zh, en = by_code.get(str(community[i]), ("城郊", "Suburb"))
        key = (row["kind"], zh)
        seen[key] = seen.get(key, 0) + 1
        again = seen[key]
        rows.append(
            {
                **row,
                "code": f"SS{i + 1:04d}",
                "district_code": district[i],
                "name": words[row["kind"]][0].format(
                    s=zh if again == 1 else f"{zh}第{'一二三四五六七八九十'[again - 1]}"
                ),
                "name_en": words[row["kind"]][1].format(s=en if again == 1 else f"{en} No. {again}"),
            }
        )
    frame = table(rows, ("code", "name", "name_en", "kind", "capacity", "pitch_size", "district_code"))
    for column in ("capacity", "pitch_size"):
        frame[column] = pd.to_numeric(frame[column]).astype("Int64")
    return frame


def make_parcels(
    fabric: Fabric,
    districts: list[dict[str, Any]],
    communities: list[dict[str, Any]],
    estates: dict[int, tuple[str, str]],
) -> gpd.GeoDataFrame:
    """Return residential land."""
    inside = box(-HALF_M, -HALF_M, HALF_M, HALF_M)
    rows = [{**r, "geometry": largest(r["geometry"].intersection(inside))} for r in fabric.parcels]
    shapes = [r["geometry"] for r in rows]
    district, community = codes_at(districts, shapes), codes_at(communities, shapes)
    for i, row in enumerate(rows):
        zh, en = estates[row["block"]]
        row.update(
            code=f"DK{i + 1:04d}",
            name=zh,
            name_en=en,
            district_code=district[i],
            community_code=community[i],
            area_m2=round(float(to_world([row["geometry"]])[0].area), 1),
        )
    return table(rows, ("code", "name", "name_en", "community_code", "district_code", "land_use", "area_m2"))


def make_population(
    buildings: gpd.GeoDataFrame, communities: list[dict[str, Any]], districts: list[dict[str, Any]]
) -> None:
    """Fill in households and people from the floor area of homes."""
    homes = buildings[buildings["use"].isin(["residential", "old_house"])]
    floor = homes.geometry.area * homes["storeys"]
    by = floor.groupby(homes["community_code"]).sum()
    for row in communities:
        households = round(float(by.get(row["code"], 0.0)) / FLOOR_AREA_A_HOUSEHOLD_M2)
        row["households"] = households
        row["population"] = round(households * HOUSEHOLD)
    for row in districts:
        row["population"] = sum(c["population"] for c in communities if c["district_code"] == row["code"])


def make_built_up(districts: list[dict[str, Any]], hill: Polygon) -> gpd.GeoDataFrame:
    """Return the built-up area (建成区): the sub-districts without the wooded hill."""
    ground = shapely.union_all([row["geometry"] for row in districts]).difference(hill)
    return table([{"geometry": ground, "name": "建成区", "name_en": "Built-up area"}], ("name", "name_en"))


def make_surveys(districts: list[dict[str, Any]]) -> pd.DataFrame:
    """Return what was surveyed where; share 0 means that the question has no data there."""
    shares = {("se", "parcels"): 0.0, ("sw", "components"): 0.0, ("se", "components"): 1.0}
    rows = [
        {
            "district_code": d["code"],
            "theme": theme,
            "share": shares.get((d["key"], theme), 1.0),
            "surveyed_on": SURVEYED_ON if shares.get((d["key"], theme), 1.0) else None,
            "source": "示例普查 / sample survey",
        }
        for d in districts
        for theme in ("parcels", "components", "roads", "parks", "schools", "buildings")
    ]
    frame = pd.DataFrame(rows)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="fid")
    return frame


def make_sites(fabric: Fabric, terrain: Terrain) -> dict[str, IfcSite]:
    """Return the places of the IFC buildings in world coordinates."""
    out = {}
    for name, (shape, bearing, width, depth) in sorted(fabric.sites.items()):
        x, y = shape.centroid.x + CENTRE[0], shape.centroid.y + CENTRE[1]
        height = float(terrain.height_m(np.asarray([x]), np.asarray([y]))[0])
        out[name] = IfcSite(round(x, 2), round(y, 2), round(height, 2), round(bearing, 2), width, depth)
    return out
