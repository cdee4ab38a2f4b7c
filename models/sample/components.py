"""Municipal components (城市部件) of the sample city, each where a surveyor would find it.

Invariants
----------
1. Every component has a 16-digit code: 6 digits of the county, 4 of the class, 6 of the serial in its class.
2. Nothing stands in a building or in the river, nothing that sticks out of the ground stands on a carriageway;
   what is on a bridge or on the expressway's deck says so in ``SetLoc``.
3. Covers stand on the nodes of :func:`models.sample.mains.lay`; :mod:`models.sample.pipes` finds them there again.
4. In a sub-district whose components were not surveyed the state is empty: unknown is not intact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.facilities.coding.editions import editions
from models.sample.along import STREETS, Street, ground_along, inside_any, nearest_of, streets
from models.sample.city import CENTRE, CRS, HALF_M, City
from models.sample.mains import lay

Array = NDArray[np.float64]

#: Edition of the codes below: their classes are those of 2007.
CODE_EDITION = "cjt214_2007"

INTACT, BROKEN, LOST, MOVED, OCCUPIED = "完好", "破损", "丢失", "移位", "占用"
_STATES = (INTACT, BROKEN, LOST, MOVED, OCCUPIED)
_COVER_SHARES = (0.962, 0.019, 0.004, 0.006, 0.009)
_TREE_SHARES = (0.978, 0.008, 0.012, 0.0, 0.002)
_OTHER_SHARES = (0.976, 0.014, 0.002, 0.003, 0.005)

_WATER = ("城乡水务局", "水务集团", "供水养护中心")
_DRAIN = ("城乡水务局", "排水管理服务中心", "排水养护一所")
_POWER = ("发展和改革局", "供电公司", "配电运检班")
_PHONE = ("通信管理局", "通信铁塔公司", "线路维护站")
_LIGHT = ("住房和城乡建设局", "城市照明管理中心", "路灯养护队")
_POLICE = ("公安局", "交警支队", "交通设施维护队")
_CLEAN = ("城市管理局", "环境卫生管护中心", "环卫一所")
_GREEN = ("园林和林业绿化局", "园林绿化服务中心", "绿化养护队")
#: Who is in charge, who owns, who maintains, by class or large class.
_OWNERS = {
    "0101": _WATER, "0102": _DRAIN, "0103": _DRAIN, "0104": _DRAIN, "0105": _POWER, "0106": _LIGHT, "0107": _PHONE,
    "0108": _PHONE, "0109": _PHONE, "0110": ("住房和城乡建设局", "热力集团", "供热运行部"),
    "0111": ("住房和城乡建设局", "燃气公司", "管网运行部"), "0112": _POLICE,
    "0113": ("消防救援支队", "水务集团", "供水养护中心"), "0115": _PHONE, "0116": _POWER, "0118": _LIGHT,
    "0134": _POWER, "0135": ("住房和城乡建设局", "燃气公司", "管网运行部"), "0136": _POLICE,
    "0203": ("交通运输局", "公交集团", "站务维护中心"), "0308": ("生态环境局", "环境监测站", "运维单位"),
    "0309": ("气象局", "气象台", "装备保障中心"), "0310": _DRAIN,
    "01": ("城市管理局", "市政工程服务中心", "市政养护队"), "02": _POLICE, "03": _CLEAN, "04": _GREEN,
    "05": ("住房和城乡建设局", "街道办事处", "社区居委会"), "06": ("城乡水务局", "河道管理中心", "河道养护队"),
}  # fmt: skip
_MATERIAL = {
    "0101": "球墨铸铁", "0102": "球墨铸铁", "0103": "球墨铸铁", "0104": "球墨铸铁", "0105": "复合材料",
    "0106": "复合材料",
    "0107": "球墨铸铁", "0108": "复合材料", "0109": "球墨铸铁", "0110": "球墨铸铁", "0111": "球墨铸铁",
    "0112": "球墨铸铁",
    "0114": "钢筋混凝土", "0118": "热镀锌钢", "0305": "不锈钢", "0407": "防腐木", "0211": "热镀锌钢", "0604": "石材",
}  # fmt: skip
_TREES = ("悬铃木", "国槐", "白蜡", "银杏", "栾树")
#: Heights above ground, metres, of what sticks out of it.
_HEIGHT = {
    "0113": 0.8, "0115": 1.4, "0116": 1.6, "0117": 8.0, "0120": 3.5, "0123": 1.3, "0126": 2.2, "0134": 2.3, "0135": 2.2,
    "0136": 6.5, "0203": 2.8, "0209": 3.2, "0210": 6.8, "0211": 1.1, "0212": 0.9, "0213": 2.6, "0214": 1.6, "0303": 2.6,
    "0305": 1.1, "0309": 3.0, "0310": 2.0, "0404": 0.9, "0406": 3.0, "0407": 0.85, "0408": 0.9, "0501": 2.2,
    "0602": 2.5,
    "0604": 1.1,
}  # fmt: skip
_LAMP_M = {"expressway": 12.0, "arterial": 12.0, "sub_arterial": 10.0, "branch": 8.0, "lane": 4.5}


@dataclass(slots=True)
class _Batch:
    """Components of one class found in one step."""

    code: str
    points: Array
    bearing: Array
    ground: Array
    where: str
    street: str
    upright: bool
    height: Array


class _Survey:
    """Collects batches and keeps them off buildings, water and carriageways."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.rng = city.rng("components/places")
        self.batches: list[_Batch] = []

    def add(
        self, code: str, points: Array, where: str, street: str = "", bearing: Array | float = 0.0,
        ground: Array | None = None, upright: bool = True, height: Array | float | None = None,
    ) -> None:  # fmt: skip
        """Note components of a class at points; ``upright`` ones keep off carriageways."""
        points = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        if not len(points):
            return
        if ground is None:
            ground = self.city.terrain.height_m(points[:, 0], points[:, 1])
        tall = _HEIGHT.get(code, math.nan) if height is None else height
        self.batches.append(
            _Batch(
                code, points, np.broadcast_to(np.asarray(bearing, dtype=float) % 360.0, len(points)), ground, where,
                street, upright, np.broadcast_to(np.asarray(tall, dtype=float), len(points)),
            )
        )  # fmt: skip

    def along(
        self, code: str, street: Street, spacing_m: float, offset_m: float, where: str, margin_m: float = 14.0,
        phase: float = 0.0, face: str = "road", upright: bool = True, height: float | None = None,
        jitter_m: float = 0.0,
    ) -> None:  # fmt: skip
        """Note components along one side of a street; ``face`` is where they look: road, along or back."""
        chainage = street.every(spacing_m, margin_m, phase)
        if not len(chainage):
            return
        if jitter_m:
            chainage = chainage + self.rng.uniform(-jitter_m, jitter_m, len(chainage))
        points, bearing = street.at(chainage, offset_m)
        turn = {"road": 90.0 if offset_m > 0 else -90.0, "back": -90.0 if offset_m > 0 else 90.0, "along": 0.0}[face]
        tall: Array | float | None = height
        if code == "0402":
            tall = self.rng.uniform(6.5, 12.5, len(points)).round(1)
        on = "高架" if street.elevated_m > 0.5 else "桥梁" if street.bridge else where
        ground = ground_along(self.city, street, chainage, points)
        self.add(code, points, on, street.name, bearing + turn, ground, upright, tall)

    def table(self, roads: Sequence[Street]) -> pd.DataFrame:
        """Return all components that stand where something can stand."""
        sizes = [len(b.points) for b in self.batches]
        frame = pd.DataFrame({
            "code": np.repeat([b.code for b in self.batches], sizes),
            "bearing_deg": np.concatenate([b.bearing for b in self.batches]).round(1),
            "ground_m": np.concatenate([b.ground for b in self.batches]).round(2),
            "height_m": np.concatenate([b.height for b in self.batches]),
            "SetLoc": np.repeat([b.where for b in self.batches], sizes),
            "street": np.repeat([b.street for b in self.batches], sizes),
            "upright": np.repeat([b.upright for b in self.batches], sizes),
        })  # fmt: skip
        points = np.concatenate([b.points for b in self.batches])
        frame["x"], frame["y"] = points[:, 0].round(2), points[:, 1].round(2)
        xy = frame[["x", "y"]].to_numpy()
        deck = frame["SetLoc"].isin(["桥梁", "高架"]).to_numpy()
        keep = (np.abs(xy - CENTRE) < HALF_M - 0.5).all(axis=1)
        solid = shapely.buffer(np.concatenate([self.city.buildings.geometry.to_numpy(), _ifc_plots(self.city)]), 0.4)
        keep &= ~inside_any(xy, solid) | deck
        keep &= ~inside_any(xy, shapely.buffer(self.city.water.geometry.to_numpy(), 0.3)) | deck
        paved = [
            shapely.buffer(shapely.LineString(s.points), s.half_m + 0.15, cap_style="flat")
            for s in roads
            if s.elevated_m < 0.5
        ]
        keep &= ~(frame["upright"].to_numpy() & inside_any(xy, np.asarray(paved, dtype=object))) | deck
        decks = [
            shapely.buffer(shapely.LineString(s.points), s.half_m + 2.0)
            for s in roads
            if s.elevated_m > 0.5
        ]  # fmt: skip
        tree = (frame["code"] == "0402").to_numpy()
        keep &= ~(tree & inside_any(xy, np.asarray(decks, dtype=object)))
        return frame[keep].drop(columns="upright").reset_index(drop=True)


def _ifc_plots(city: City) -> NDArray[np.object_]:
    """Return the outlines of the sites of the IFC buildings; nothing may stand in them."""
    plots = []
    for site in city.ifc_sites.values():
        w, d, a = site.width_m / 2, site.depth_m / 2, math.radians(-site.bearing_deg)
        corners = np.asarray([(-w, -d), (w, -d), (w, d), (-w, d)])
        turn = np.asarray([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])
        plots.append(shapely.Polygon(corners @ turn + (site.easting, site.northing)))
    return np.asarray(plots, dtype=object)


def make(city: City) -> gpd.GeoDataFrame:
    """Return the table ``components`` and plant its known problems.

    Returns
    -------
    GeoDataFrame
        Points in EPSG:4548, fid index from 1; fields of the exchange format (ObjID, ObjName, ObjState, …) and
        ``district_code``, ``ground_m``, ``height_m``, ``bearing_deg``.
    """
    every = streets(city)
    survey = _Survey(city)
    _covers_on_mains(survey)
    for street in every:
        if street.road_class in STREETS:
            _street(survey, street)
        elif street.road_class == "lane":
            _lane(survey, street)
        else:
            _expressway(survey, street)
    _junctions(survey, [s for s in every if s.road_class in STREETS])
    _places(survey)
    table = survey.table(every)
    table = table.drop_duplicates(["code", "x", "y"]).sort_values(["code", "y", "x"], kind="stable", ignore_index=True)
    return _register(city, table)


# -- where things stand ---------------------------------------------------------------------------------------------


def _covers_on_mains(survey: _Survey) -> None:
    for main in lay(survey.city).values():
        carriageway = main.kind.kerb_m is None
        by_class: dict[tuple[str, str], list[int]] = {}
        for i, node in enumerate(main.nodes):
            if node.cover:
                by_class.setdefault((node.cover, node.street), []).append(i)
        for (code, street), rows in by_class.items():
            nodes = [main.nodes[i] for i in rows]
            survey.add(
                code, np.asarray([(n.x, n.y) for n in nodes]), "车行道" if carriageway else "人行道", street,
                ground=np.asarray([n.ground_m for n in nodes]), upright=False,
            )  # fmt: skip


def _street(survey: _Survey, street: Street) -> None:
    half, kind = street.half_m, street.road_class
    big = kind != "branch"
    if street.bridge:
        for side in (-1, 1):
            survey.along("0118", street, 32.0, side * (half + 0.6), "桥梁", 6.0, height=_LAMP_M[kind])
            survey.along("0211", street, 12.0, side * (half + 0.2), "桥梁", 3.0, face="along")
        return
    verge, walk = half + 0.8, half + (4.2 if kind == "arterial" else 3.0 if big else 2.0)
    for side in (-1, 1):
        survey.along("0402", street, 6.0, side * verge, "绿化带", 15.0, phase=0.25, jitter_m=0.3)
        survey.along("0104", street, 30.0, side * (half - 0.3), "车行道", 10.0, face="along", upright=False)
        if big or side > 0:
            lamp = _LAMP_M[kind]
            survey.along("0118", street, 33.0, side * (half + 0.5), "绿化带", 12.0, 0.1, height=lamp)
        survey.along("0305", street, 62.0 if big else 80.0, side * walk, "人行道", 20.0, 0.3, "road")
        survey.along("0209", street, 170.0, side * (half + 0.5), "绿化带", 24.0, 0.15, "along")
        survey.along("0212", street, 210.0, side * walk, "人行道", 40.0, 0.5, "along")
        if big:
            survey.along("0407", street, 130.0, side * (walk + 0.6), "人行道", 30.0, 0.4)
            survey.along("0404", street, 95.0, side * (walk + 0.4), "人行道", 26.0, 0.7)
            survey.along("0203", street, 460.0, side * (half + 2.0), "人行道", 70.0, 0.25 if side > 0 else 0.05)
            survey.along("0408", street, 90.0, side * (half + 1.5), "绿化带", 30.0, 0.35, "along")
            survey.along("0211", street, 50.0, side * (half - 3.6), "车行道", 30.0, 0.5, "along", upright=False)
    survey.along("0113", street, 108.0, -(half + 1.0), "人行道", 18.0, 0.2)
    survey.along("0106", street, 99.0, half + 1.0, "人行道", 12.0, 0.12, upright=False)
    survey.along("0115", street, 240.0, walk + 0.5, "人行道", 40.0, 0.2)
    survey.along("0116", street, 260.0, -(walk + 0.5), "人行道", 40.0, 0.6)
    survey.along("0134", street, 420.0, -(walk + 0.8), "绿化带", 60.0, 0.3)
    survey.along("0117", street, 180.0, -(half + 1.1), "人行道", 30.0, 0.8)
    survey.along("0136", street, 230.0, half + 0.6, "人行道", 30.0, 0.5, "along")
    survey.along("0303", street, 520.0, walk, "人行道", 60.0, 0.2, "along")
    survey.along("0114", street, 640.0, -(half + 2.1), "人行道", 45.0, 0.4, upright=False, jitter_m=12.0)


def _lane(survey: _Survey, street: Street) -> None:
    half = street.half_m
    survey.along("0118", street, 34.0, half + 0.5, "小区内", 6.0, height=_LAMP_M["lane"])
    survey.along("0102", street, 64.0, 0.8, "小区内", 6.0, upright=False)
    survey.along("0103", street, 64.0, -0.8, "小区内", 9.0, upright=False)
    survey.along("0104", street, 64.0, half - 0.25, "小区内", 12.0, face="along", upright=False)
    survey.along("0101", street, 110.0, -(half + 0.6), "小区内", 8.0, upright=False)
    survey.along("0305", street, 110.0, -(half + 1.0), "小区内", 14.0)


def _expressway(survey: _Survey, street: Street) -> None:
    for side in (-1, 1):
        survey.along("0118", street, 35.0, side * (street.half_m - 0.4), "车行道", 2.0, 0.3, height=12.0, upright=False)
        survey.along("0211", street, 24.0, side * (street.half_m - 0.2), "车行道", 2.0, face="along", upright=False)
    survey.along("0209", street, 300.0, street.half_m - 0.4, "车行道", 20.0, face="along", upright=False)
    survey.along("0136", street, 250.0, -(street.half_m - 0.4), "车行道", 20.0, face="along", upright=False)


def _junctions(survey: _Survey, roads: Sequence[Street]) -> None:
    """Signals, name signs, cameras and control cabinets at crossings of three arms and more."""
    arms: dict[tuple[float, float], list[tuple[Street, bool]]] = {}
    for street in roads:
        for point, first in ((street.points[0], True), (street.points[-1], False)):
            arms.setdefault((round(point[0], 1), round(point[1], 1)), []).append((street, first))
    for everyone in arms.values():
        meeting = [(street, first) for street, first in everyone if street.length_m > 12.0]
        if len(meeting) < 3 or any(street.bridge for street, _ in meeting):
            continue
        signalled = sum(street.road_class != "branch" for street, _ in meeting) >= 2
        for street, first in meeting:
            widest = max(other.half_m for other, _ in meeting if other is not street)
            back = min(widest + 6.0, street.length_m / 2)
            chainage = np.asarray([back if first else street.length_m - back])
            # Who drives in keeps to the right; the street runs away from the place if the place is its start.
            right = 1.0 if first else -1.0
            spot, bearing = street.at(chainage, right * (street.half_m + 0.7))
            towards = bearing + (0.0 if first else 180.0)
            if signalled:
                survey.add("0210", spot, "人行道", street.name, towards)
                survey.add("0136", street.at(chainage + right * 2.0, right * (street.half_m + 0.9))[0], "人行道",
                           street.name, towards)  # fmt: skip
            survey.add("0213", street.at(chainage, -right * (street.half_m + 1.4))[0], "人行道", street.name, bearing)
            survey.add("0209", street.at(chainage + right * 18.0, right * (street.half_m + 0.6))[0], "人行道",
                       street.name, towards)  # fmt: skip
        if signalled:
            street, first = meeting[0]
            at = np.asarray([min(street.half_m + 22.0, street.length_m / 2)])
            at = at if first else street.length_m - at
            survey.add("0214", street.at(at, street.half_m + 3.0)[0], "人行道", street.name, 0.0)
            for turn in range(2):
                spot = street.at(at + 3.0 * turn, street.half_m + 2.2)[0]
                survey.add("0112", spot, "人行道", street.name, upright=False)


def _places(survey: _Survey) -> None:
    """What stands in parks, at the river, in quarters and on building sites."""
    city, rng = survey.city, survey.rng
    parks = city.green[city.green["kind"].isin(["park", "activity_ground", "gated_green"])]
    for shape, kind in zip(parks.geometry, parks["kind"], strict=True):
        park = kind == "park"
        count = int(np.clip(shape.area / 450.0, 2, 60))
        inner = shape.buffer(-2.0)
        if inner.is_empty:
            continue
        for code, share in (
            ("0407", 0.5),
            ("0120", 0.6),
            ("0305", 0.3),
            ("0126", 0.15 if park else 0.6),
            ("0404", 0.2),
        ):
            survey.add(code, _scatter(inner, max(1, round(count * share)), rng), "公园绿地" if park else "小区内",
                       bearing=rng.uniform(0, 360))  # fmt: skip
        if park and shape.area > 8_000:
            survey.add("0406", _scatter(inner, 1, rng), "公园绿地")
            survey.add("0301", _scatter(inner, 1, rng), "公园绿地")
    for shape in city.water.loc[city.water["kind"] == "river"].geometry:
        bank = shape.buffer(2.6).exterior
        stops = np.arange(5.0, bank.length, 12.0)
        points = shapely.get_coordinates(shapely.line_interpolate_point(bank, stops))
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(bank, np.minimum(stops + 0.5, bank.length)))
        step = ahead - points
        survey.add("0604", points, "滨河", bearing=np.degrees(np.arctan2(step[:, 0], step[:, 1])))
        survey.add("0603", points[::22], "滨河")
    for main in (lay(city)["YS"],):
        outfalls = np.asarray([(n.x, n.y) for n in main.nodes if n.node_type == "outfall"]).reshape(-1, 2)
        banks = city.water.loc[city.water["kind"] == "river"].geometry
        if len(outfalls) and len(banks):
            rim = shapely.union_all(banks.to_numpy()).buffer(5.0).boundary
            near = shapely.line_interpolate_point(rim, shapely.line_locate_point(rim, shapely.points(outfalls)))
            survey.add("0310", shapely.get_coordinates(near)[::3], "滨河")
    stations = [(-0.55, 0.6), (0.5, 0.55), (-0.5, -0.45), (0.45, -0.5), (0.05, 0.3), (-0.1, -0.75)]
    survey.add("0309", _free(city, np.asarray(stations) * HALF_M + CENTRE), "绿地")
    for shape in city.parcels.geometry:
        gate = shape.representative_point()
        rim = shape.exterior if shape.geom_type == "Polygon" else shape.convex_hull.exterior
        inner = shape.buffer(-4.0)
        near = shapely.get_coordinates(shapely.line_interpolate_point(rim, np.asarray([0.12, 0.6]), normalized=True))
        pull = near + (np.asarray([gate.x, gate.y]) - near) * 0.06
        survey.add("0501", pull[:1], "小区内")
        survey.add("0135", pull[1:], "小区内")
        if not inner.is_empty:
            survey.add("0126", _scatter(inner, 2, rng), "小区内")
            survey.add("0304", _scatter(inner, 1, rng), "小区内")
    land = city.land if "use" in city.land else city.land.assign(use="")
    for shape in land.loc[land["use"] == "construction"].geometry:
        survey.add("0602", shapely.get_coordinates(shape.representative_point()), "工地")
    for shape in land.loc[land["use"].isin(["commercial", "plaza"])].geometry:
        inner = shape.buffer(-3.0)
        if not inner.is_empty:
            survey.add("0123", _scatter(inner, 1, rng), "人行道")
            survey.add("0404", _scatter(inner, 5, rng), "人行道")
            survey.add("0125", _scatter(inner, 1, rng), "人行道")


def _scatter(shape: Any, count: int, rng: np.random.Generator) -> Array:
    """Return up to ``count`` random points inside a shape."""
    x0, y0, x1, y1 = shape.bounds
    tries = rng.uniform((x0, y0), (x1, y1), (count * 4 + 8, 2))
    shapely.prepare(shape)
    return np.asarray(tries[shapely.contains_xy(shape, tries[:, 0], tries[:, 1])][:count], dtype=np.float64)


def _free(city: City, points: Array) -> Array:
    """Move points to the nearest spot, on a small spiral, that is neither in a building, in water nor on a road."""
    taken = np.concatenate(
        [
            shapely.buffer(city.buildings.geometry.to_numpy(), 3.0),
            shapely.buffer(city.water.geometry.to_numpy(), 3.0),
            shapely.buffer(city.roads.geometry.to_numpy(), city.roads["width_m"].to_numpy() / 2 + 1.5),
            _ifc_plots(city),
        ]
    )
    turn = np.arange(240)
    spiral = np.column_stack([np.cos(turn * 2.4), np.sin(turn * 2.4)]) * (4.0 * np.sqrt(turn))[:, None]
    moved = []
    for point in points:
        spots = point + spiral
        free = ~inside_any(spots, taken)
        moved.append(spots[int(np.argmax(free))])
    return np.asarray(moved)


# -- the register ---------------------------------------------------------------------------------------------------


def _register(city: City, table: pd.DataFrame) -> gpd.GeoDataFrame:
    division = str(city.districts["code"].iloc[0])[:6]
    names = {code: kind.name for code, kind in editions()[CODE_EDITION].classes.items()}
    rng = city.rng("components/register")
    count = len(table)
    xy = table[["x", "y"]].to_numpy()
    code = table["code"].to_numpy(dtype=object)
    serial = table.groupby("code").cumcount().to_numpy() + 1
    community = nearest_of(xy, city.communities.geometry.to_numpy())
    district = city.districts["code"].to_numpy()[nearest_of(xy, city.districts.geometry.to_numpy())]
    cell = np.floor((xy - np.asarray(CENTRE) + HALF_M) / 100.0).astype(int)
    grids = pd.DataFrame(
        {"community": city.communities["code"].to_numpy()[community], "cell": cell[:, 1] * 20 + cell[:, 0]}
    )
    grid = grids.groupby("community")["cell"].rank("dense").astype(int)
    owners = [_OWNERS.get(c) or _OWNERS[c[:2]] for c in code]
    material = np.asarray([_MATERIAL.get(c) for c in code], dtype=object)
    tree = code == "0402"
    material[tree] = [_TREES[sum(map(ord, street)) % len(_TREES)] for street in table["street"][tree]]
    surveyed = rng.integers(0, 120, count)
    changed = rng.integers(0, 60, count)
    start = np.datetime64("2025-02-10")
    out = pd.DataFrame({
        "ObjID": [f"{division}{c}{s:06d}" for c, s in zip(code, serial, strict=True)],
        "ObjName": [names[c] for c in code],
        "ObjState": _states(city, table, district),
        "DeptName1": ["示例市" + o[0] for o in owners],
        "DeptName2": ["示例市" + o[1] for o in owners],
        "DeptName3": ["示例市" + o[2] for o in owners],
        "BGID": [f"{c}{g:03d}" for c, g in zip(grids["community"], grid, strict=True)],
        "ORDate": (start + surveyed).astype(str),
        "CHDate": (start + surveyed + changed).astype(str),
        "DataSource": np.full(count, "示例数据"),
        "LocateDSC": _addresses(city, table, xy),
        "SetLoc": table["SetLoc"].to_numpy(),
        "Material": material,
        "district_code": district,
        "ground_m": table["ground_m"].to_numpy(),
        "height_m": table["height_m"].to_numpy(),
        "bearing_deg": table["bearing_deg"].to_numpy(),
    })  # fmt: skip
    frame = gpd.GeoDataFrame(out, geometry=shapely.points(xy), crs=CRS)
    frame.index = pd.RangeIndex(1, count + 1, name="fid")
    _plant(city, frame, code)
    _forget(city, frame)
    return frame


def _addresses(city: City, table: pd.DataFrame, xy: Array) -> list[str]:
    """Return where things are in words: in which estate, else on which part of which street."""
    estate = np.full(len(table), "", dtype=object)
    if len(city.parcels):
        estate = city.parcels["name"].to_numpy(dtype=object)[nearest_of(xy, city.parcels.geometry.to_numpy())]
    named = city.roads[city.roads["class"].isin(STREETS)]
    nearest = named["name"].to_numpy(dtype=object)[nearest_of(xy, named.geometry.to_numpy())]
    return [
        f"{home}内" if loc == "小区内" and home else f"{street or near}{loc}"
        for home, near, street, loc in zip(estate, nearest, table["street"], table["SetLoc"], strict=True)
    ]


def _states(city: City, table: pd.DataFrame, district: NDArray[np.object_]) -> NDArray[np.object_]:
    rng = city.rng("components/states")
    draw = rng.random(len(table))
    code = table["code"]
    # A grate lies in a register of states like a cover, but is not one: the indicator must leave it out.
    cover = code.isin(
        [code for code, kind in editions()[CODE_EDITION].classes.items() if kind.symbol in ("cover", "grate")]
    )
    state = np.empty(len(table), dtype=object)
    for chosen, shares in (
        (cover.to_numpy(), _COVER_SHARES),
        ((code == "0402").to_numpy(), _TREE_SHARES),
        ((~cover & (code != "0402")).to_numpy(), _OTHER_SHARES),
    ):
        state[chosen] = np.asarray(_STATES, dtype=object)[np.searchsorted(np.cumsum(shares)[:-1], draw[chosen])]
    return state


def _forget(city: City, frame: gpd.GeoDataFrame) -> None:
    """Empty the states that nobody surveyed: all where the share is 0, a random part where it is below 1."""
    surveys = city.surveys[city.surveys["theme"] == "components"]
    draw = city.rng("components/unknown").random(len(frame))
    planted = {code for problem in city.planted if problem["layer"] == "components" for code in problem["codes"]}
    kept = frame["ObjID"].isin(planted).to_numpy()
    for district, share in zip(surveys["district_code"], surveys["share"], strict=True):
        here = (frame["district_code"] == district).to_numpy()
        frame.loc[here & (draw >= share) & ~kept, "ObjState"] = None


def _plant(city: City, frame: gpd.GeoDataFrame, code: NDArray[np.object_]) -> None:
    """Put known problems into the register: a street with crushed covers, lost covers, a row of dead trees."""
    surveys = city.surveys
    blind = set(surveys.loc[(surveys["theme"] == "components") & (surveys["share"] <= 0), "district_code"])
    seen = ~frame["district_code"].isin(blind).to_numpy()
    xy = shapely.get_coordinates(frame.geometry.to_numpy())
    storm = np.flatnonzero((code == "0103") & seen & (frame["SetLoc"] == "车行道").to_numpy())

    def plant(name: str, kind: str, rows: NDArray[np.intp], state: str, why: str, why_zh: str) -> None:
        frame.iloc[rows, frame.columns.get_loc("ObjState")] = state
        city.planted.append({
            "id": name, "kind": kind, "layer": "components", "codes": sorted(frame["ObjID"].iloc[rows]), "why": why,
            "why_zh": why_zh,
        })  # fmt: skip

    if len(storm) < 30:
        return
    middle = storm[np.argmin(np.hypot(*(xy[storm] - (CENTRE[0] + 350, CENTRE[1] + 330)).T))]
    street = (frame["LocateDSC"] == frame["LocateDSC"].iloc[middle]).to_numpy()
    near = storm[street[storm]]
    near = near[np.argsort(np.hypot(*(xy[near] - xy[middle]).T), kind="stable")][:8]
    plant("covers_crushed", "cover_broken", near, BROKEN,
          "Eight storm covers in a row on one street were crushed by construction traffic.",
          "一条道路上连续 8 处雨水井盖被施工车辆压坏。")  # fmt: skip
    lost = np.setdiff1d(storm[:: max(1, len(storm) // 3)], near)[:3]
    plant("covers_lost", "cover_missing", lost, LOST, "Three storm covers on carriageways are gone.",
          "车行道上 3 处雨水井盖丢失。")  # fmt: skip
    sewage = np.flatnonzero((code == "0102") & seen & (frame["SetLoc"] == "车行道").to_numpy())
    moved = sewage[:: max(1, len(sewage) // 3)][:3]
    plant("covers_moved", "cover_moved", moved, MOVED, "Three sewer covers have shifted in their frames.",
          "3 处污水井盖移位。")  # fmt: skip
    trees = np.flatnonzero((code == "0402") & seen)
    first = trees[len(trees) // 2]
    row = trees[np.argsort(np.hypot(*(xy[trees] - xy[first]).T), kind="stable")][:12]
    plant("trees_lost", "tree_missing", row, LOST,
          "Twelve street trees beside each other are missing: only their pits are left.",
          "相邻 12 株行道树缺株，仅存树池。")  # fmt: skip
