"""Layers that only the health check needs: greenways, heritage, events, projects and quarters to renew."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.sample.city import CENTRE, HALF_M, City
from models.sample.health.dealing import NO, YES, whole
from models.sample.scenes.tables import table

#: Name, English name, total width, green beside it, footpath, combined path (m; None: nobody measured it).
GREENWAYS = (
    ("滨河北岸绿道", "North bank greenway", 5.5, 2.5, 2.2, 3.5),
    ("滨河南岸绿道", "South bank greenway", 7.0, 1.8, 2.0, 3.0),
    ("和平路林荫道", "Heping Road promenade", 4.5, 1.0, 1.8, None),
    ("山前大街绿道", "Shanqian Avenue greenway", None, 2.0, 2.0, 3.2),
)
#: Villages and old quarters to renew: parcel, needed, finished.
VILLAGES = (
    ("DK0041", YES, "2026-05-20"), ("DK0047", YES, None), ("DK0023", YES, "2025-11-30"), ("DK0026", NO, None),
    ("DK0016", None, None),
)  # fmt: skip
SITES_OF_WORK = 12


def greenways(city: City) -> gpd.GeoDataFrame:
    """Return greenways: along both banks, and two along avenues, of which one is too narrow."""
    banks = city.water.geometry[city.water["kind"] == "river"].iloc[0].buffer(7.0).exterior
    square = shapely.box(CENTRE[0] - HALF_M, CENTRE[1] - HALF_M, CENTRE[0] + HALF_M, CENTRE[1] + HALF_M)
    sides = [part for part in shapely.get_parts(banks.intersection(square.buffer(-40.0))) if part.length > 600.0]
    sides = sorted((shapely.line_merge(shapely.union_all(sides)).geoms), key=lambda line: -line.centroid.y)
    streets = [
        shapely.line_merge(shapely.union_all(city.roads.geometry[city.roads["name"] == name].to_numpy()))
        for name in ("和平路", "山前大街")
    ]
    reaches = (CENTRE[0] - 620.0, CENTRE[1] + 150.0, CENTRE[0] + 250.0, CENTRE[1] + 820.0)
    along = [max(shapely.get_parts(line.intersection(shapely.box(*reaches))), key=lambda part: part.length)
             for line in streets]  # fmt: skip
    # The south bank's greenway is laid as far as the park only.
    south = sides[1].intersection(shapely.box(CENTRE[0], CENTRE[1] - HALF_M, CENTRE[0] + HALF_M, CENTRE[1] + HALF_M))
    lines = [sides[0], max(shapely.get_parts(south), key=lambda part: part.length), *along]
    names = ("name", "name_en", "width_m", "side_green_m", "footpath_m", "combined_m")
    rows = [
        dict(zip(names, row, strict=True)) | {"code": f"LD{number:02d}", "geometry": line.simplify(0.1)}
        for number, (row, line) in enumerate(zip(GREENWAYS, lines, strict=True), 1)
    ]
    frame = table(rows, ("code", *names))
    for name in names[2:]:
        frame[name] = pd.to_numeric(frame[name])
    return frame


def heritage(city: City) -> gpd.GeoDataFrame:
    """Return two historic quarters and ten historic buildings; of some there is no plaque, some stand idle."""
    old = city.land[city.land["use"] == "old_quarter"].geometry.to_numpy()[:2]
    houses = city.buildings[city.buildings["use"] == "old_house"]
    inside = houses[shapely.within(houses.representative_point().to_numpy(), shapely.union_all(old))]
    oldest = inside.sort_values(["year", "code"]).head(10)
    rows: list[dict[str, Any]] = [
        {"name": name, "name_en": english, "kind": "historic_quarter", "announced_on": "2015-06-08", "recorded": YES,
         "geometry": shape}
        for (name, english), shape in zip((("古驿老街历史文化街区", "Guyi Street historic quarter"),
                                           ("驿站巷历史文化街区", "Post Lane historic quarter")), old, strict=True)
    ]  # fmt: skip
    idle = (0, 3, 8, 0, 14, 6, None, 0, 0, 7)
    recorded = (YES, YES, NO, YES, YES, YES, YES, None, YES, NO)
    rows += [
        {"name": house.name, "name_en": house.name_en, "kind": "historic_building", "announced_on": "2017-09-01",
         "recorded": told, "idle_months": months, "geometry": house.geometry}
        for house, told, months in zip(oldest.itertuples(), recorded, idle, strict=True)
    ]  # fmt: skip
    for number, row in enumerate(rows, 1):
        row["code"] = f"LS{number:03d}"
    frame = table(rows, ("code", "name", "name_en", "kind", "announced_on", "recorded", "idle_months"))
    frame["idle_months"] = whole(frame["idle_months"])
    return frame


def events(city: City, protected: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return what happened to heritage, and demolitions inside and outside of historic quarters."""
    quarters = protected[protected["kind"] == "historic_quarter"].geometry.to_numpy()
    houses = city.buildings[city.buildings["use"] == "old_house"]
    points = houses.representative_point().to_numpy()
    within = houses[shapely.within(points, shapely.union_all(quarters))]
    outside = houses[~houses["code"].isin(within["code"])]
    told = (
        ("heritage_damage", within, 40, "2026-03-02", YES), ("heritage_damage", within, 90, "2026-04-19", NO),
        ("heritage_damage", within, 150, "2025-10-11", YES), ("demolition", within, 60, "2026-02-14", YES),
        ("demolition", within, 61, "2026-02-14", YES), ("demolition", within, 120, "2026-06-01", NO),
        ("demolition", outside, 5, "2026-05-09", YES), ("demolition", within, 200, "2026-06-20", None),
    )  # fmt: skip
    rows = []
    for number, (kind, among, at, day, verified) in enumerate(told, 1):
        house = among.iloc[at % len(among)]
        rows.append({"code": f"SJ{number:03d}", "kind": kind, "happened_on": day, "verified": verified,
                     "object_code": house["code"], "geometry": house.geometry.representative_point()})  # fmt: skip
    return table(rows, ("code", "kind", "happened_on", "verified", "object_code"))


def projects(city: City) -> gpd.GeoDataFrame:
    """Return villages to renew, and building sites with homes, green buildings, hazardous works and accidents."""
    rng = city.rng("health/projects")
    parcels = city.parcels.set_index("code")
    rows: list[dict[str, Any]] = [
        {"name": f"{parcels.loc[code, 'name']}改造", "name_en": f"Renewal of {parcels.loc[code, 'name_en']}",
         "kind": "urban_village", "needs_renewal": needed, "started_on": "2024-03-01", "finished_on": finished,
         "geometry": parcels.geometry[code]}
        for code, needed, finished in VILLAGES if code in parcels.index
    ]  # fmt: skip
    newest = city.buildings[(city.buildings["bottom_m"] == 0) & (city.buildings.geometry.area > 250.0)]
    chosen = newest.sort_values(["year", "code"], ascending=[False, True]).head(SITES_OF_WORK)
    for number, house in enumerate(chosen.itertuples()):
        floor = round(house.geometry.area * house.storeys, -1)
        homes = number % 3 == 0
        works = int(rng.integers(1, 7))
        units = round(floor / 95.0) if homes else 0
        rows.append({
            "name": f"{number + 1}号建设工地", "name_en": f"Building site {number + 1}", "kind": "construction",
            "started_on": f"202{5 + (number % 4 > 0)}-{1 + number % 9:02d}-10",
            "finished_on": "2026-06-30" if number % 5 == 4 else None, "floor_area_m2": floor,
            "green_floor_area_m2": (floor, floor, 0.0, None)[number % 4], "housing_units": units,
            "affordable_units": round(units * (0.0, 0.25)[number // 3 % 2]), "deaths": 1 if number == 6 else 0,
            "hazardous_works": works, "hazardous_works_monitored": min(works, int(rng.integers(0, 7))),
            "monitored": (YES, YES, NO, YES, None, YES)[number % 6], "geometry": house.geometry,
        })  # fmt: skip
    for number, row in enumerate(rows, 1):
        row["code"] = f"XM{number:03d}"
    counts = ("housing_units", "affordable_units", "deaths", "hazardous_works", "hazardous_works_monitored")
    areas = ("floor_area_m2", "green_floor_area_m2")
    texts = ("code", "name", "name_en", "kind", "needs_renewal", "started_on", "finished_on")
    frame = table(rows, (*texts, *areas, *counts, "monitored"))
    for name in areas:
        frame[name] = pd.to_numeric(frame[name])
    for name in counts:
        frame[name] = whole(frame[name])
    return frame


def quarters(city: City) -> gpd.GeoDataFrame:
    """Return old shopping streets, factories and living quarters that were looked at for renewal."""
    rows: list[dict[str, Any]] = []
    words = {
        "old_commercial": ("老旧商业街区", "Old commercial quarter"), "old_factory": ("老旧厂区", "Old factory area"),
        "old_living": ("老旧生活街区", "Old living quarter"),
    }  # fmt: skip
    inside = shapely.box(CENTRE[0] - HALF_M, CENTRE[1] - HALF_M, CENTRE[0] + HALF_M, CENTRE[1] + HALF_M)
    for kind, use, count in (
        ("old_commercial", "commercial", 3), ("old_factory", "industrial", 3), ("old_living", "old_quarter", 3),
    ):  # fmt: skip
        blocks = city.land[(city.land["use"] == use) & city.land.geometry.within(inside)].geometry.to_numpy()[:count]
        for number, block in enumerate(blocks, 1):
            zh, en = words[kind]
            rows.append({"kind": kind, "name": f"{zh}{number}", "name_en": f"{en} {number}", "state": "open",
                         "area_m2": np.round(block.area, 1), "geometry": block})  # fmt: skip
    for number, row in enumerate(rows, 1):
        row["code"] = f"JQ{number:02d}"
    return table(rows, ("code", "name", "name_en", "kind", "area_m2", "state"))
