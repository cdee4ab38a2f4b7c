"""Pipe networks of the sample city as tables: lines with levels and nodes with their covers, drawn from the layout.

Planted with known answers: a storm pipe that runs backwards, one that narrows downstream, a span without its manhole,
a node on no pipe, a telecom duct bent through a gas main, and what :mod:`models.sample.networks.water_supply` plants.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.sample.along import nearest_of
from models.sample.city import CENTRE, CRS, City
from models.sample.mains import SIZES_MM, Main, lay
from models.sample.networks.water_supply import furnish

#: Diameter (mm) of the others by class of street.
_WIDE = {
    "JS": (600, 400, 200), "RQ": (315, 200, 110), "RL": (600, 400, 300), "DL": (150, 150, 110), "TX": (110, 110, 110),
}  # fmt: skip
_MATERIAL = {
    "JS": ("球墨铸铁", "PE"), "YS": ("钢筋混凝土", "HDPE 双壁波纹管"), "WS": ("HDPE 双壁波纹管", "钢筋混凝土"),
    "RQ": ("PE", "钢"), "RL": ("预制直埋保温钢管",), "DL": ("CPVC", "铜芯电缆"), "TX": ("PVC-U", "光缆"),
}  # fmt: skip
_PRESSURE = {"JS": "0.40 MPa", "RQ": "中压 A 0.4 MPa", "RL": "1.6 MPa", "DL": "10 kV"}


def make(city: City, components: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the tables ``pipes`` and ``pipe_nodes``.

    Parameters
    ----------
    city : City
    components : GeoDataFrame
        Result of :func:`models.sample.components.make`; nodes name the cover that lies on them.

    Returns
    -------
    pipes : GeoDataFrame
        LineString Z; z is the centre line, m above the 1985 datum. Gravity pipes run downstream from ``start_node``
        to ``end_node``; inverts of pressure pipes and cables are those of their lower edge.
    pipe_nodes : GeoDataFrame
        Every node; those of ``pipes`` exist here exactly once.
    """
    covers = _covers(components)
    pipe_parts, node_parts = [], []
    for main in lay(city).values():
        pipes, nodes = _tables(city, main, covers)
        pipe_parts.append(pipes)
        node_parts.append(nodes)
    pipes = pd.concat(pipe_parts, ignore_index=True)
    nodes = pd.concat(node_parts, ignore_index=True)
    nodes = furnish(city, pipes, _plant(city, pipes, nodes))
    lines = _lines(pipes, nodes)
    _plant_clash(city, pipes, nodes, lines)
    pipes = gpd.GeoDataFrame(pipes.drop(columns=["run_m", "fed_m"]), geometry=lines, crs=CRS)
    points = gpd.GeoDataFrame(
        nodes.drop(columns=["x", "y"]), geometry=shapely.points(nodes["x"], nodes["y"]), crs=CRS
    )  # fmt: skip
    for frame in (pipes, points):
        frame.index = pd.RangeIndex(1, len(frame) + 1, name="fid")
    return pipes, points


def _covers(components: gpd.GeoDataFrame) -> dict[tuple[str, float, float], str]:
    code = components["ObjID"].str[6:10]
    chosen = code.isin(["0101", "0102", "0103", "0105", "0107", "0108", "0109", "0110", "0111"]).to_numpy()
    xy = np.round(shapely.get_coordinates(components.geometry.to_numpy()[chosen]), 2)
    return {
        (kind, float(x), float(y)): name
        for kind, (x, y), name in zip(code[chosen], xy, components["ObjID"][chosen], strict=True)
    }


def _tables(city: City, main: Main, covers: dict[tuple[str, float, float], str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    kind = main.kind.code
    rng = city.rng(f"pipes/{kind}")
    used = {i for run in main.runs for i in (run.start, run.end)}
    number = {i: n for n, i in enumerate(sorted(used), start=1)}
    kept = [main.nodes[i] for i in number]
    nodes = pd.DataFrame({
        "code": [f"{kind}J{n:05d}" for n in number.values()],
        "kind": kind,
        "node_type": [n.node_type for n in kept],
        "ground_m": np.round([n.ground_m for n in kept], 2),
        "invert_m": np.round([n.invert_m for n in kept], 3),
        "component": [covers.get((n.cover, round(n.x, 2), round(n.y, 2))) if n.cover else None for n in kept],
        "x": np.round([n.x for n in kept], 2),
        "y": np.round([n.y for n in kept], 2),
    })  # fmt: skip
    nodes["component"] = nodes["component"].astype(object).where(nodes["component"].notna(), None)
    count = len(main.runs)
    start = np.asarray([number[run.start] - 1 for run in main.runs])
    end = np.asarray([number[run.end] - 1 for run in main.runs])
    length = np.asarray([main.length_m(run) for run in main.runs])
    fed = _fed(start, end, length) if main.kind.gravity else np.zeros(count)
    diameter = _diameters(city, main, fed)
    bed = nodes["invert_m"].to_numpy()
    if not main.kind.gravity:
        bed = np.round(bed - 0.1, 3)
        nodes["invert_m"] = bed
    streets = sorted({run.street for run in main.runs})
    built = dict(zip(streets, rng.integers(1992, 2022, len(streets)), strict=True))
    stuff = dict(zip(streets, rng.integers(0, len(_MATERIAL[kind]), len(streets)), strict=True))
    pipes = pd.DataFrame({
        "code": [f"{kind}{n:05d}" for n in range(1, count + 1)],
        "kind": kind,
        "material": [_MATERIAL[kind][stuff[run.street]] for run in main.runs],
        "diameter_mm": diameter,
        "start_node": nodes["code"].to_numpy()[start],
        "end_node": nodes["code"].to_numpy()[end],
        "start_invert_m": bed[start],
        "end_invert_m": bed[end],
        "year": [int(built[run.street]) for run in main.runs],
        "pressure": pd.Series([_PRESSURE.get(kind)] * count, dtype=object),
        "run_m": length,
        "fed_m": fed,
    })  # fmt: skip
    return pipes, nodes


def _fed(start: np.ndarray, end: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Return the length of pipe that drains through each pipe, itself included."""
    out = {int(s): i for i, s in enumerate(start)}
    waiting = np.bincount(end, minlength=int(max(start.max(), end.max())) + 1)
    fed = length.copy()
    ready = [i for i, s in enumerate(start) if waiting[s] == 0]
    while ready:
        i = ready.pop()
        below = out.get(int(end[i]))
        waiting[end[i]] -= 1
        if below is not None:
            fed[below] += fed[i]
            if waiting[end[i]] == 0:
                ready.append(below)
    return fed


def _diameters(city: City, main: Main, fed: np.ndarray) -> np.ndarray:
    kind = main.kind.code
    if main.kind.gravity:
        limits, sizes = zip(*SIZES_MM[kind], strict=True)
        return np.asarray(sizes)[np.searchsorted(limits, fed)]
    rows = city.roads[city.roads["class"].isin(["arterial", "sub_arterial", "branch"])]
    middle = np.asarray([
        ((main.nodes[r.start].x + main.nodes[r.end].x) / 2, (main.nodes[r.start].y + main.nodes[r.end].y) / 2)
        for r in main.runs
    ])  # fmt: skip
    classes = rows["class"].to_numpy()[nearest_of(middle, rows.geometry.to_numpy())]
    order = {"arterial": 0, "sub_arterial": 1, "branch": 2}
    return np.asarray([_WIDE[kind][order[c]] for c in classes])


def _lines(pipes: pd.DataFrame, nodes: pd.DataFrame) -> np.ndarray:
    place = nodes.set_index("code")[["x", "y"]]
    half = pipes["diameter_mm"].to_numpy() / 2000.0
    ends = [
        np.column_stack([place.loc[pipes[f"{side}_node"]].to_numpy(), pipes[f"{side}_invert_m"] + half])
        for side in ("start", "end")
    ]
    return np.asarray(shapely.linestrings(np.round(np.stack(ends, axis=1), 3)))


def _note(city: City, name: str, kind: str, layer: str, codes: list[Any], why: str, why_zh: str, **more: Any) -> None:
    city.planted.append(
        {"id": name, "kind": kind, "layer": layer, "codes": codes, "why": why, "why_zh": why_zh, **more}
    )  # fmt: skip


def _plant(city: City, pipes: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    storm = pipes[pipes["kind"] == "YS"]
    above: dict[str, int] = defaultdict(int)
    for name in storm["end_node"]:
        above[name] += 1
    below = set(storm["start_node"])
    middle = storm[storm["end_node"].isin(below) & storm["start_node"].map(lambda n: above[n] > 0)]
    ordinary = middle[middle["run_m"].between(20, 60)]

    drop = ordinary["start_invert_m"] - ordinary["end_invert_m"]
    steep = ordinary[drop.between(0.08, 0.6)]
    row = steep.index[len(steep) // 3]
    first, last = pipes.loc[row, ["start_invert_m", "end_invert_m"]]
    pipes.loc[row, ["start_invert_m", "end_invert_m"]] = [last, first]
    _note(city, "storm_pipe_backwards", "adverse_slope", "pipes", [pipes.at[row, "code"]],
          "The storm pipe rises in the direction of flow: its ends were laid the wrong way round.",
          "雨水管逆坡：两端管底标高颠倒，水往高处流。")  # fmt: skip

    trunk = ordinary[(ordinary["diameter_mm"] >= 800) & (ordinary.index != row)]
    if len(trunk):
        narrow = trunk.sort_values(["fed_m", "code"]).index[-max(1, len(trunk) // 2)]
        pipes.loc[narrow, "diameter_mm"] = 500
        _note(city, "storm_pipe_narrows", "diameter_shrinks", "pipes", [pipes.at[narrow, "code"]],
              "A DN500 pipe takes the water of wider pipes upstream.",
              "上游大管接入 DN500 小管，管径逆向变小。")  # fmt: skip

    gap = ordinary[ordinary["run_m"] > 0].index
    long = storm[(storm["run_m"] > 60) & (~storm.index.isin([row]))]
    ends = nodes.set_index("code")["node_type"]
    long = long[ends.loc[long["end_node"]].to_numpy() == "manhole"]
    if len(long) and len(gap):
        span = long.sort_values(["run_m", "code"]).iloc[-1]
        _note(city, "storm_manhole_missing", "missing_manhole", "pipes", [span["code"]],
              "Between two manholes lie more than 60 m of storm sewer: the manhole between them is missing.",
              "相邻两检查井间距超过 60 m，中间缺失一座检查井。")  # fmt: skip

    sewage = nodes[(nodes["kind"] == "WS") & (nodes["node_type"] == "manhole")]
    if len(sewage):
        near = sewage.iloc[(np.hypot(sewage["x"] - CENTRE[0], sewage["y"] - CENTRE[1] + 400)).argmin()]
        lone = near.copy()
        lone["code"], lone["x"], lone["y"], lone["component"] = "WSJ99999", near["x"] + 4.3, near["y"] + 0.7, None
        nodes = pd.concat([nodes, lone.to_frame().T.astype(nodes.dtypes.to_dict())], ignore_index=True)
        _note(city, "sewage_node_dangling", "dangling_node", "pipe_nodes", ["WSJ99999"],
              "A sewage manhole that no pipe reaches.", "孤立污水检查井：无任何管段与其相连。")  # fmt: skip
    return nodes


def _plant_clash(city: City, pipes: pd.DataFrame, nodes: pd.DataFrame, lines: np.ndarray) -> None:
    """Bend a telecom duct sideways through the gas main beside it, at the height of the main."""
    gas = pipes.index[pipes["kind"] == "RQ"]
    duct = pipes.index[(pipes["kind"] == "TX") & pipes["run_m"].between(35, 70)]
    if not len(gas) or not len(duct):
        return
    tree = shapely.STRtree(lines[gas])
    middles = shapely.line_interpolate_point(lines[duct], 0.5, normalized=True)
    nearest, distance = tree.query_nearest(middles, return_distance=True, all_matches=False)
    order = np.argsort(np.abs(distance - 1.5), kind="stable")
    i = int(order[len(order) // 10])
    row, other = duct[nearest[0][i]], gas[nearest[1][i]]
    middle = shapely.get_coordinates(middles[nearest[0][i]])[0]
    target = shapely.get_coordinates(shapely.shortest_line(shapely.Point(middle), shapely.force_2d(lines[other])))[1]
    along = shapely.line_locate_point(shapely.force_2d(lines[other]), shapely.Point(target), normalized=True)
    z0, z1 = shapely.get_coordinates(lines[other], include_z=True)[:, 2]
    beyond = target + (target - middle) * 0.2
    ends = shapely.get_coordinates(lines[row], include_z=True)
    height = z0 + (z1 - z0) * along
    bent = np.vstack([ends[:1], [[*np.round(beyond, 3), round(height, 3)]], ends[-1:]])
    lines[row] = shapely.LineString(bent)
    _note(city, "duct_through_gas_main", "pipe_clash", "pipes", [pipes.at[row, "code"], pipes.at[other, "code"]],
          "A telecom duct was led through the gas main at its own height.", "通信管道与燃气管同高程交叉，发生碰撞。",
          at=[round(float(target[0]), 2), round(float(target[1]), 2), round(float(height), 2)])  # fmt: skip
