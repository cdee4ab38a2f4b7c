"""Ponding points at the low spots of streets, pumping stations, outfalls, and the areas that drain to each outfall."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.sample.along import streets
from models.sample.city import CENTRE, HALF_M, City
from models.sample.scenes.tables import plant, table

PONDS, APART_M = 9, 260.0
#: Depths (m) as they were found; from 0.27 m on a road is closed in one city's practice.
DEPTHS_M = (0.62, 0.34, 0.30, 0.22, 0.18, 0.16, 0.14, 0.12, 0.11)
CAUSES = ("下穿低点，泵站能力不足", "雨水口堵塞", "管径偏小", "管道逆坡", "地势低洼")
STATIONS = ((-640.0, -150.0), (180.0, 60.0), (700.0, -30.0))
COLUMNS = (
    "code",
    "name",
    "kind",
    "depth_m",
    "area_m2",
    "cause",
    "found_on",
    "capacity_m3s",
    "pumps",
    "pumps_out",
    "state",
)


def make(city: City, nodes: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the table of sites, and that of drainage areas."""
    rng = city.rng("scenes/drainage")
    ponds = _ponds(city, rng)
    stations = [
        {
            "code": f"BZ{number:02d}", "name": f"{number}号雨水泵站", "kind": "pump_station", "pumps": 4,
            "capacity_m3s": round(float(rng.uniform(1.8, 5.2)), 1), "pumps_out": 2 if number == 2 else 0,
            "state": "normal", "geometry": shapely.Point(CENTRE[0] + x, CENTRE[1] + y),
        }
        for number, (x, y) in enumerate(STATIONS, 1)
    ]  # fmt: skip
    mouths = nodes[(nodes["node_type"] == "outfall") & (nodes["kind"] == "YS")]
    outfalls = [
        {
            "code": row.code, "name": f"雨水排口 {row.code}", "kind": "outfall", "state": "normal",
            "geometry": row.geometry,
        }
        for row in mouths.itertuples()
    ]  # fmt: skip
    deep = [row["code"] for row in ponds if row["depth_m"] >= 0.27]
    plant(city, "ponding_deep", "ponding", "drainage_sites", deep, "Ponding so deep that the road has to be closed.",
          "积水深度超过 0.27 m，需断路的积水点。")  # fmt: skip
    plant(city, "pumps_out", "pump_out", "drainage_sites", ["BZ02"], "A pumping station with two of four pumps out.",
          "一座雨水泵站 4 台泵停用 2 台。")  # fmt: skip
    return table([*ponds, *stations, *outfalls], COLUMNS), _areas(mouths)


def _ponds(city: City, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return the lowest spots of streets that are no bridges, well apart from each other."""
    spots, names = [], []
    for one in streets(city):
        if one.road_class in ("arterial", "sub_arterial", "branch") and not one.bridge and one.elevated_m < 0.3:
            points, _ = one.at(one.every(40.0, 15.0), one.half_m * 0.6)
            spots.append(points)
            names += [one.name] * len(points)
    places = np.concatenate(spots)
    level = city.terrain.height_m(places[:, 0], places[:, 1])
    taken: list[int] = []
    for at in np.argsort(level, kind="stable"):
        if all(np.hypot(*(places[at] - places[k])) > APART_M for k in taken):
            taken.append(int(at))
        if len(taken) == PONDS:
            break
    return [
        {
            "code": f"JS{number + 1:02d}", "name": f"{names[at]}积水点", "kind": "ponding_point",
            "depth_m": DEPTHS_M[number], "area_m2": round(float(rng.uniform(160.0, 620.0))),
            "cause": CAUSES[number % len(CAUSES)], "found_on": "2025-07-18", "state": "open",
            "geometry": shapely.Point(places[at]),
        }
        for number, at in enumerate(taken)
    ]  # fmt: skip


def _areas(mouths: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the ground nearest to each outfall, as a first division (泰森多边形) and no survey."""
    columns = ("code", "name", "outfall_code", "area_ha", "source")
    if len(mouths) < 2:
        return table([], columns)
    (x, y), half = CENTRE, HALF_M
    frame = shapely.box(x - half, y - half, x + half, y + half)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(mouths.geometry.to_numpy()), extend_to=frame)
    )
    tree = shapely.STRtree(cells)
    own = pd.Series(tree.query(mouths.geometry.to_numpy(), predicate="within")[1])
    rows = []
    for number, (cell, code) in enumerate(zip(own, mouths["code"], strict=True), 1):
        shape = shapely.intersection(cells[cell], frame)
        rows.append({
            "code": f"HS{number:02d}", "name": f"汇水分区 {number}", "outfall_code": code,
            "area_ha": round(shape.area / 1e4, 2), "source": "泰森多边形初分 / Voronoi draft", "geometry": shape,
        })  # fmt: skip
    return table(rows, columns)
