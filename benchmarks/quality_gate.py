"""The quality gate over 200,000 components, against plain pandas and shapely of the same rules in the same run.

Run: ``python benchmarks/quality_gate.py [count]``. Prints processor seconds of both and their ratio; the aim is ≤ 1.5.
Both find the same failures, or it ends with an error.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.facilities.coding.editions import UNSTATED, editions
from models.facilities.quality.gate import run_gate
from models.facilities.quality.rules import RuleBook, standard_book
from models.facilities.quality.tables import Tables

EDITION = editions()["gbt30428_2013"]
CRS = "EPSG:4548"
#: Rules of components that both judge.
RULES = ("component.required", "component.state", "component.code", "component.code_twice", "component.grid",
         "component.district", "component.dates", "component.height", "component.in_building",
         "component.lamp_on_road", "component.tree_on_road", "component.twice")  # fmt: skip


def city(count: int) -> dict[str, gpd.GeoDataFrame]:
    """Return components at random, houses, roads and districts of a city of 8 × 8 km."""
    draw = np.random.default_rng(11)
    side = 8_000.0
    xy = draw.uniform(0, side, (count, 2)).round(2)
    classes = draw.choice(["0101", "0103", "0118", "0402", "0305"], count)
    column, line = np.minimum(np.floor(xy / (side / 4)).astype(int), 3).T
    names = [f"370199{number:03d}" for number in range(1, 17)]
    district = np.array(names)[column + 4 * line]
    code = [f"370199{kind}{number:06d}" for number, kind in enumerate(classes)]
    components = gpd.GeoDataFrame({
        "ObjID": code, "ObjName": "部件",
        "ObjState": draw.choice(["完好", "破损", "奇怪", ""], count, p=[.9, .05, .02, .03]),
        "DeptName1": np.where(draw.random(count) < 0.01, None, "城管局"), "ORDate": "2025-03-01",
        "CHDate": np.where(draw.random(count) < 0.01, "2020-01-01", "2025-06-01"),
        "BGID": [f"{one}001001"[:15].ljust(15, "0") for one in district], "district_code": district,
        "height_m": np.where(draw.random(count) < 0.3, np.nan, draw.uniform(0.1, 20, count)), "SetLoc": "人行道",
    }, geometry=shapely.points(xy), crs=CRS)  # fmt: skip
    corner = draw.uniform(0, side, (40_000, 2))
    houses = gpd.GeoDataFrame(geometry=shapely.box(*corner.T, *(corner + 14.0).T), crs=CRS)
    starts = draw.uniform(0, side, (4_000, 2))
    ends = starts + draw.uniform(-150, 150, (4_000, 2))
    roads = gpd.GeoDataFrame({"width_m": draw.choice([7.0, 13.0, 26.0], 4_000)},
                             geometry=shapely.linestrings(np.stack([starts, ends], axis=1)), crs=CRS)  # fmt: skip
    cells = [shapely.box(x * side / 4, y * side / 4, (x + 1) * side / 4, (y + 1) * side / 4)
             for y in range(4) for x in range(4)]  # fmt: skip
    districts = gpd.GeoDataFrame({"code": names}, geometry=cells, crs=CRS)
    for frame in (components, houses, roads, districts):
        frame.index = pd.RangeIndex(1, len(frame) + 1)
    return {"facilities": components, "buildings": houses, "roads": roads, "districts": districts}


def plain(frames: dict[str, gpd.GeoDataFrame]) -> dict[str, set[int]]:
    """Return the failing ids by rule, each rule written out straight with pandas and shapely."""
    table, points = frames["facilities"], frames["facilities"].geometry.to_numpy()
    ids = table.index.to_numpy()
    found: dict[str, Any] = {}
    text = {name: table[name].fillna("").astype("str").str.strip() for name in
            ("ObjID", "ObjName", "DeptName1", "ORDate", "ObjState", "BGID", "district_code")}  # fmt: skip
    found["component.required"] = np.logical_or.reduce([text[name] == "" for name in RULES_FIELDS])
    known = {"完好", "破损", "丢失", "移位", "占用", "废弃"}
    found["component.state"] = (text["ObjState"] != "") & ~text["ObjState"].isin(known)
    formed = text["ObjID"].str.fullmatch("[0-9]{16}")
    classed, placed = text["ObjID"].str[6:10].isin(list(EDITION.classes)), text["ObjID"].str[:6] == "370199"
    found["component.code"] = (text["ObjID"] != "") & ~(formed & classed & placed)
    found["component.code_twice"] = (text["ObjID"] != "") & text["ObjID"].duplicated(keep=False)
    found["component.grid"] = (text["BGID"] != "") & ~text["BGID"].str.fullmatch("[0-9]{15}")
    home = frames["districts"].set_index("code").geometry
    away = np.zeros(len(table), bool)
    for code, rows in text["district_code"].groupby(text["district_code"]).groups.items():
        at = table.index.get_indexer(rows)
        if code in home.index:
            shapely.prepare(home[code])
            away[at] = ~shapely.intersects(home[code], points[at])
            late = at[away[at]]
            away[late] = shapely.distance(home[code], points[late]) > 1.0
    found["component.district"] = away
    found["component.dates"] = pd.to_datetime(table["ORDate"]) > pd.to_datetime(table["CHDate"])
    found["component.height"] = table["height_m"].notna() & ~table["height_m"].between(0.2, 60.0)
    houses = frames["buildings"].geometry.to_numpy()
    at, house = shapely.STRtree(houses).query(points, predicate="within")
    deep = shapely.distance(points[at], shapely.boundary(houses[house])) > 0.5
    found["component.in_building"] = np.isin(np.arange(len(table)), at[deep])
    lines, half = frames["roads"].geometry.to_numpy(), frames["roads"]["width_m"].to_numpy() / 2.0
    symbol = {code: kind.symbol for code, kind in EDITION.classes.items()}
    kinds = text["ObjID"].str[6:10].map(symbol)
    tree = shapely.STRtree(lines)
    for rule, sign in (("component.lamp_on_road", "lamp"), ("component.tree_on_road", "tree")):
        rows = np.flatnonzero(kinds == sign)
        at, road = tree.query(points[rows], predicate="dwithin", distance=half.max())
        inside = half[road] - shapely.distance(points[rows][at], lines[road]) > 0.5
        found[rule] = np.isin(np.arange(len(table)), rows[at[inside]])
    one, two = shapely.STRtree(points).query(points, predicate="dwithin", distance=0.1)
    later = (two < one) & (kinds.to_numpy()[one] == kinds.to_numpy()[two])
    codes = text["ObjID"].str[6:10].to_numpy()
    later &= codes[one] == codes[two]
    found["component.twice"] = np.isin(np.arange(len(table)), one[later])
    return {rule: set(ids[np.asarray(mask, dtype=bool)].tolist()) for rule, mask in found.items()}


#: Fields that must be there.
RULES_FIELDS = ("ObjID", "ObjName", "DeptName1", "ORDate")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return processor seconds, the better of two, and the answer."""
    best, answer = np.inf, None
    for _ in range(2):
        start = time.process_time()
        answer = work()
        best = min(best, time.process_time() - start)
    return best, answer


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    frames = city(count)
    book = RuleBook(tuple(rule for rule in standard_book().rules if rule.id in RULES))

    def gate() -> dict[str, set[int]]:
        tables = Tables({
            role: [(role, frame, EDITION if role == "facilities" else UNSTATED)] for role, frame in frames.items()
        })  # fmt: skip
        return {one.rule.id: set(one.failures.oids.tolist()) for one in run_gate(tables, book).results}

    ours_s, ours = timed(gate)
    plain_s, theirs = timed(lambda: plain(frames))
    for rule in RULES:
        if ours[rule] != theirs[rule]:
            raise SystemExit(f"{rule}: {len(ours[rule])} failures, plain {len(theirs[rule])}")
    failures = sum(map(len, ours.values()))
    print(f"{count:,} components, {len(RULES)} rules, {failures:,} failures")
    print(f"gate {ours_s:.2f} s, plain {plain_s:.2f} s, ratio {ours_s / plain_s:.2f}")


if __name__ == "__main__":
    main()
