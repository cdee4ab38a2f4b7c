"""Faults of the register and of the pipe tables for the quality gate: of every kind of rule at least one.

They stand in rows of their own at the end of the tables, or in fields that nothing else reads, so that the city stays
as it was for everything else. Faulty pipes lie in a yard apart, each with its own nodes, so that each breaks one rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.sample.city import CRS, City

#: Size of the yard in which the faulty pipes lie, and how far apart they are, metres.
_YARD_M, _STEP_M, _RUN_M = (92.0, 26.0), 4.0, 18.0
#: Rules that faults planted elsewhere break, by the id of the planted problem.
_ELSEWHERE = {
    "storm_pipe_backwards": ("drain.adverse",),
    "storm_pipe_narrows": ("drain.narrowing", "drain.velocity"),
    "storm_manhole_missing": ("drain.spacing",),
    "sewage_node_dangling": ("node.unused",),
}

Truth = dict[str, dict[str, list[int]]]
Add = Callable[..., int]


class _Faults:
    """Collects new rows and what each breaks."""

    def __init__(self, city: City, frames: dict[str, Any]) -> None:
        self.city, self.frames = city, frames
        self.truth: Truth = {}
        self.fresh: dict[str, list[dict[str, Any]]] = {
            name: [] for name in ("components", "pipes", "pipe_nodes", "sensors")
        }
        self._next = {name: int(frames[name].index.max()) + 1 for name in self.fresh}

    def breaks(self, rule: str, layer: str, *oids: int) -> None:
        """Note that objects break a rule."""
        self.truth.setdefault(rule, {}).setdefault(layer, []).extend(int(oid) for oid in oids)

    def add(self, layer: str, row: dict[str, Any]) -> int:
        """Add a row; return its fid."""
        fid = self._next[layer]
        self._next[layer] += 1
        self.fresh[layer].append({"fid": fid, **row})
        return fid

    def change(self, layer: str, fid: int, **fields: Any) -> int:
        """Change a row that was added; return its fid."""
        next(row for row in self.fresh[layer] if row["fid"] == fid).update(fields)
        return fid

    def finish(self) -> None:
        """Put the new rows behind the old ones."""
        for layer, rows in self.fresh.items():
            old = self.frames[layer]
            more = gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS).set_index("fid")
            more = more.reindex(columns=old.columns)
            for name in old.columns:
                if name != "geometry":
                    more[name] = more[name].astype(old[name].dtype)
            self.frames[layer] = gpd.GeoDataFrame(pd.concat([old, more]), geometry="geometry", crs=CRS)
            self.frames[layer].index.name = "fid"


def plant(city: City, frames: dict[str, Any]) -> Truth:
    """Plant the faults into the tables and say which objects break which rule.

    Parameters
    ----------
    city : City
        Gets a note of each fault among its ``planted``.
    frames : dict of str to DataFrame
        ``components``, ``pipes``, ``pipe_nodes`` and ``sensors`` are replaced.

    Returns
    -------
    dict
        Rule id → layer → fids of all objects that break it, those planted elsewhere included.
    """
    faults = _Faults(city, frames)
    frames["components"] = frames["components"].copy()
    _yard(faults, _register(faults))
    _sensor(faults)
    faults.finish()
    _elsewhere(faults)
    for rule, layers in sorted(faults.truth.items()):
        for layer, oids in layers.items():
            oids.sort()
            if rule != "component.state_missing":
                column = "ObjID" if layer == "components" else "code"
                city.planted.append({
                    "id": f"gate/{rule}", "kind": "quality_gate", "layer": layer, "oids": oids,
                    "codes": [str(code) for code in frames[layer].loc[oids, column]],
                    "why": f"Breaks the rule {rule}.", "why_zh": f"违反质检规则 {rule}。",
                })  # fmt: skip
    return faults.truth


def _register(faults: _Faults) -> Add:
    """Break values of benches and litter bins, which no indicator counts, and add components where none may stand.

    Returns what adds a further component of a class at a place.
    """
    city, table = faults.city, faults.frames["components"]
    classes = table["ObjID"].str[6:10]
    seen = table["ObjState"].notna()
    benches = table.index[(classes == "0407") & seen]
    bins = table.index[(classes == "0305") & seen & (table["SetLoc"] == "人行道")]
    take = iter(benches[5 :: max(1, len(benches) // 24)])

    def spoil(rule: str, count: int, **fields: Any) -> None:
        for _ in range(count):
            oid = next(take)
            for name, value in fields.items():
                table.at[oid, name] = value
            faults.breaks(rule, "components", oid)

    spoil("component.required", 3, DeptName1=None)
    spoil("component.state", 2, ObjState="已修复")
    spoil("component.grid", 2, BGID="G-12")
    spoil("component.dates", 2, CHDate="2019-03-01")
    spoil("component.height", 2, height_m=0.02)
    spoil("component.fault_dated", 2, ObjState="破损", CHDate=None)
    districts = sorted(city.districts["code"])
    for _ in range(2):
        oid = next(take)
        table.at[oid, "district_code"] = next(code for code in districts if code != table.at[oid, "district_code"])
        faults.breaks("component.district", "components", oid)

    serial = {kind: int(codes.str[10:].max()) for kind, codes in table["ObjID"].groupby(classes)}

    def add(kind: str, x: float, y: float, **fields: Any) -> int:
        like = table.loc[table.index[classes == kind][0]].to_dict()
        serial[kind] += 1
        place = shapely.Point(round(x, 2), round(y, 2))
        home = city.districts.geometry.distance(place).to_numpy().argmin()
        row = like | {
            "ObjID": f"{like['ObjID'][:10]}{serial[kind]:06d}", "ObjState": "完好", "geometry": place,
            "district_code": city.districts["code"].iloc[home],
            "ground_m": round(float(city.terrain.height_m(np.array([x]), np.array([y]))[0]), 2),
        }  # fmt: skip
        return faults.add("components", row | fields)

    for code in ("37019904070000X1", "3701999999000001", "3702880407000001", "370199040700001"):
        at = table.geometry[next(take)]
        faults.breaks("component.code", "components", add("0407", at.x + 0.8, at.y + 0.6, ObjID=code))
    same = next(take)
    at = table.geometry[same]
    again = add("0407", at.x + 0.9, at.y - 0.7, ObjID=table.at[same, "ObjID"])
    faults.breaks("component.code_twice", "components", same, again)
    for oid in bins[:: max(1, len(bins) // 2)][:2]:
        at = table.geometry[oid]
        faults.breaks("component.twice", "components", add("0305", at.x, at.y))
    big = city.buildings.geometry.area.nlargest(2).index
    for house in city.buildings.geometry[big]:
        spot = shapely.maximum_inscribed_circle(house).coords[0]
        faults.breaks("component.in_building", "components", add("0407", *spot))
    roads = city.roads[(city.roads["class"] == "arterial") & ~city.roads["bridge"] & (city.roads["elevated_m"] < 0.5)]
    home = shapely.union_all(city.districts.geometry.to_numpy())
    spots = roads.geometry[roads.geometry.length > 30.0].interpolate(0.31, normalized=True)
    for number, spot in enumerate(spots[spots.within(home)].iloc[::5][:6]):
        rule, kind = (("component.lamp_on_road", "0118"), ("component.tree_on_road", "0402"))[number % 2]
        faults.breaks(rule, "components", add(kind, spot.x, spot.y, SetLoc="绿化带"))
    drains = shapely.STRtree(faults.frames["pipes"].geometry[faults.frames["pipes"]["kind"] == "YS"].to_numpy())
    lonely = [
        spot
        for spot in city.green.geometry.representative_point()
        if 40.0 < drains.query_nearest(spot, return_distance=True, all_matches=False)[1][0] < 180.0
    ]
    for spot in lonely[:2]:
        faults.breaks("component.gully_orphan", "components", add("0104", spot.x, spot.y, SetLoc="公园绿地"))
    return add


def _yard_corner(city: City, pipes: gpd.GeoDataFrame) -> tuple[float, float]:
    """Return the south-western corner of a free piece of ground: no road, house, water or pipe near it."""
    taken = shapely.union_all([
        *city.buildings.geometry.buffer(2.0), *city.water.geometry.buffer(2.0),
        *city.roads.geometry.buffer(city.roads["width_m"] / 2 + 2.0), *shapely.force_2d(pipes.geometry).buffer(3.0),
        *(shapely.Point(site.easting, site.northing).buffer(60.0) for site in city.ifc_sites.values()),
    ])  # fmt: skip
    shapely.prepare(taken)
    x0, y0, x1, y1 = city.districts.total_bounds
    wide, deep = _YARD_M
    for size in (1.0, 0.0):  # where no place is free, the corner of the city has to do
        for y in np.arange(y0 + 20.0, y1 - deep - 20.0, 12.0):
            for x in np.arange(x0 + 20.0, x1 - wide - 20.0, 12.0):
                if not size or not shapely.intersects(taken, shapely.box(x, y, x + wide, y + deep)):
                    return float(x), float(y)
    raise ValueError("a city without any ground")


def _yard(faults: _Faults, add: Add) -> None:
    """Lay faulty pipes beside each other, each from a manhole to an outfall of its own."""
    city = faults.city
    x0, y0 = _yard_corner(city, faults.frames["pipes"])
    column = [0]

    def node(kind: str, x: float, y: float, node_type: str, /, **fields: Any) -> tuple[str, int, float]:
        ground = round(float(city.terrain.height_m(np.array([x]), np.array([y]))[0]), 2)
        number = len(faults.fresh["pipe_nodes"]) + 1
        row = {"code": f"{kind}Y{number:04d}", "kind": kind, "node_type": node_type, "ground_m": ground,
               "invert_m": round(ground - 2.0, 3), "geometry": shapely.Point(round(x, 2), round(y, 2))}  # fmt: skip
        row |= fields
        return row["code"], faults.add("pipe_nodes", row), ground

    def pipe(kind: str, start: str, end: str, line: Any, invert_m: float, slope: float = 0.01, **fields: Any) -> int:
        number = len(faults.fresh["pipes"]) + 1
        row = {
            "code": f"{kind}Y{number:04d}", "kind": kind, "material": "PE" if kind == "JS" else "钢筋混凝土",
            "diameter_mm": 200 if kind == "JS" else 400, "start_node": start, "end_node": end,
            "start_invert_m": round(invert_m, 3), "end_invert_m": round(invert_m - slope * line.length, 3),
            "year": 2020, "pressure": "0.40 MPa" if kind == "JS" else None,
        } | fields  # fmt: skip
        ends = shapely.get_coordinates(line)
        half = abs(row["diameter_mm"]) / 2000.0
        heights = [row["start_invert_m"] + half, row["end_invert_m"] + half]
        shape = shapely.LineString(np.column_stack([ends, np.round(heights, 3)]))
        return faults.add("pipes", row | {"geometry": shape})

    def run(
        kind: str = "YS", slope: float = 0.01, depth_m: float = 2.0, types: tuple[str, str] = ("manhole", "outfall"),
        end_fields: dict[str, Any] | None = None, **fields: Any,
    ) -> tuple[int, tuple[str, int, float], tuple[str, int, float], Any]:  # fmt: skip
        """Lay a pipe in the next column; return it, its nodes and its line."""
        x = x0 + 2.0 + column[0] * _STEP_M
        column[0] += 1
        first = node(kind, x, y0 + 2.0 + _RUN_M, types[0])
        last = node(kind, x, y0 + 2.0, types[1], **(end_fields or {}))
        line = shapely.LineString([(x, y0 + 2.0 + _RUN_M), (x, y0 + 2.0)])
        invert = min(first[2], last[2]) - depth_m
        return pipe(kind, first[0], last[0], line, invert, slope, **fields), first, last, line

    breaks = faults.breaks
    valves = ("valve", "valve")
    breaks("pipe.required", "pipes", faults.change("pipes", run()[0], material=None))
    breaks("pipe.kind", "pipes", faults.change("pipes", run("JS", types=valves)[0], kind="QQ"))
    breaks("pipe.diameter", "pipes", run("JS", types=valves, diameter_mm=-200)[0])
    for _ in range(2):
        breaks("pipe.code_twice", "pipes", faults.change("pipes", run()[0], code="YSY9000"))
    x, y = x0 + 2.0 + column[0] * _STEP_M, y0 + 4.0
    column[0] += 1
    lone = node("JS", x, y, "valve")
    breaks("pipe.no_length", "pipes", pipe("JS", lone[0], lone[0], shapely.LineString([(x, y), (x, y)]), lone[2] - 1.2))
    _, first, last, line = run("JS", types=valves)
    breaks("pipe.overlap", "pipes", pipe("JS", first[0], last[0], line, min(first[2], last[2]) - 2.0))
    x = x0 + 2.0 + column[0] * _STEP_M
    column[0] += 1
    first = node("YS", x, y0 + 20.0, "manhole")
    line = shapely.LineString([(x, y0 + 20.0), (x, y0 + 2.0)])
    breaks("pipe.end", "pipes", pipe("YS", first[0], "YSY9999", line, first[2] - 2.0))
    away = node("YS", x + 1.6, y0 + 2.0, "outfall")
    first = node("YS", x, y0 + 24.0, "manhole")
    line = shapely.LineString([(x, y0 + 24.0), (x, y0 + 22.0)])
    breaks("pipe.end", "pipes", pipe("YS", first[0], away[0], line, first[2] - 2.0))
    _, _, _, line = run()
    foot = line.coords[-1]
    again = node("YS", foot[0], foot[1], "manhole")
    side = node("YS", foot[0] + 1.8, foot[1], "outfall")
    pipe("YS", again[0], side[0], shapely.LineString([foot, (foot[0] + 1.8, foot[1])]), again[2] - 2.0)
    breaks("node.twice", "pipe_nodes", again[1])
    breaks("node.sink", "pipe_nodes", run(types=("manhole", "manhole"))[2][1])
    corner = x0 + 2.0 + column[0] * _STEP_M
    column[0] += 2
    ring = [(corner, y0 + 4.0), (corner + 5.0, y0 + 12.0), (corner, y0 + 20.0)]
    stops = [node("YS", x, y, "manhole") for x, y in ring]
    for here in range(3):
        there = (here + 1) % 3
        line = shapely.LineString([ring[here], ring[there]])
        level = min(stop[2] for stop in stops) - 2.0
        breaks("pipe.cycle", "pipes", pipe("YS", stops[here][0], stops[there][0], line, level))
    breaks("drain.diameter", "pipes", run(diameter_mm=250)[0])
    breaks("drain.slope", "pipes", run("WS", 0.0025, diameter_mm=300)[0])
    breaks("drain.velocity", "pipes", run(slope=0.001)[0])
    breaks("drain.cover", "pipes", run(depth_m=0.8)[0])
    _, first, _, _ = run()
    breaks("drain.above_ground", "pipe_nodes", faults.change("pipe_nodes", first[1], invert_m=first[2] + 0.5))
    breaks("drain.end_without_well", "pipes", run(types=("tee", "outfall"))[0])
    for kind, other, rule in (("WS", "YS", "drain.sewage_into_rain"), ("YS", "WS", "drain.rain_into_sewage")):
        wrong, _, last, line = run(kind, end_fields={"kind": other, "node_type": "manhole"})
        out = node(other, line.coords[-1][0] + 1.8, y0 + 2.0, "outfall")
        on = shapely.LineString([line.coords[-1], (line.coords[-1][0] + 1.8, y0 + 2.0)])
        pipe(other, last[0], out[0], on, last[2] - 2.4)
        breaks(rule, "pipes", wrong)
    _, first, _, line = run()
    head = line.coords[0]
    add("0103", head[0] + 1.5, head[1] + 1.5)
    cover = faults.fresh["components"][-1]["ObjID"]
    breaks("component.cover_off", "pipe_nodes", faults.change("pipe_nodes", first[1], component=cover))


def _sensor(faults: _Faults) -> None:
    """Add a tilt sensor that hangs on a cover which is in no register."""
    table = faults.frames["sensors"]
    like = table.iloc[0].to_dict()
    row = like | {
        "code": "CG-TILT-900",
        "name": "井盖倾斜传感器 900",
        "component": f"{str(like['component'])[:10]}999999",
    }
    faults.breaks("sensor.component", "sensors", faults.add("sensors", row))


def _elsewhere(faults: _Faults) -> None:
    """Note the faults that were planted where pipes are made, and the states that nobody surveyed."""
    components, pipes, nodes = (faults.frames[name] for name in ("components", "pipes", "pipe_nodes"))
    for problem in faults.city.planted:
        for rule in _ELSEWHERE.get(problem["id"], ()):
            table = nodes if problem["layer"] == "pipe_nodes" else pipes
            rows = table[table["code"].isin(problem["codes"])]
            if rule == "drain.velocity":  # the narrow pipe keeps the slope of the wide one
                fall = (rows["start_invert_m"] - rows["end_invert_m"]) / rows.length
                rough = np.where(rows["material"].str.contains("混凝土"), 0.013, 0.010)
                rows = rows[(rows["diameter_mm"] / 4000.0) ** (2 / 3) * fall**0.5 / rough < 0.745]
            faults.breaks(rule, problem["layer"], *rows.index)
    faults.breaks("component.state_missing", "components", *components.index[components["ObjState"].isna()])
