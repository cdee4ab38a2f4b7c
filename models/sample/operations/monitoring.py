"""Further sensors of the sample city and a month of what they measure: streets, pumps, lamps, bins, water, lifelines.

The first five kinds (covers, wells, lamps, rain, river) are in :mod:`models.sample.sensors`; these stand beside them in
the layer ``sensors``, their readings only in the store beside the project (``sample.readings/``).

Invariants
----------
1. All of it is made up, from the seed alone; the storm is the one of 18 July that the rain gauges measured.
2. What is wrong is planted and told (:class:`Planted`): sensor, quantity, first and last reading that is wrong, peak.
   Everything else stays inside what its rule allows, with room to spare.
3. A sensor that lies inside a planted gap has no rows there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.sample.city import CRS, City
from models.sample.sensors import DAYS, START, STORM_PEAK_MIN

Array = NDArray[np.float64]
Minutes = NDArray[np.int64]

_HOURLY: Minutes = np.arange(DAYS * 24, dtype=np.int64) * 60
_TEN_MINUTES: Minutes = np.arange(DAYS * 144, dtype=np.int64) * 10
#: Coordinates of months are Beijing time; µs since 1970 UTC are eight hours less.
_START_US = int(START.astype("datetime64[us]").astype(np.int64)) - 8 * 3_600_000_000


@dataclass(frozen=True, slots=True)
class Channel:
    """What one quantity of a sensor was over the month.

    Parameters
    ----------
    sensor, quantity, unit : str
        As in ``resources/standards/quantities.toml``.
    period_s : float
    minutes : (n,) int64
        Since the start of the month.
    value : (n,) float64
    """

    sensor: str
    quantity: str
    unit: str
    period_s: float
    minutes: Minutes
    value: Array

    @property
    def time_us(self) -> NDArray[np.int64]:
        """Return when it was measured, µs since 1970 UTC."""
        return _START_US + self.minutes * 60_000_000


@dataclass(frozen=True, slots=True)
class Planted:
    """Something wrong that a rule must find.

    Parameters
    ----------
    id, kind : str
        Name of it, and what is wrong (``"ponding"``, ``"gas"`` …).
    sensors : tuple of str
    quantity : str
    first, last : str
        Times (ISO 8601, +08:00) of the first and the last wrong reading; empty where it lasts to the end.
    peak : float
    why, why_zh : str
    """

    id: str
    kind: str
    sensors: tuple[str, ...]
    quantity: str
    first: str
    last: str
    peak: float
    why: str
    why_zh: str


@dataclass(slots=True)
class Monitoring:
    """Sensors, channels and what is planted in them."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)


def make(city: City, frames: Mapping[str, Any]) -> tuple[gpd.GeoDataFrame, Monitoring]:
    """Return the layer ``sensors`` with the further sensors, and what they measured.

    Parameters
    ----------
    city : City
    frames : mapping of str to GeoDataFrame
        The tables of the city and of its scenes; ``sensors`` among them.
    """
    made = Monitoring()
    rng = city.rng("monitoring")
    for part in (_ponding, _pumps, _circuits, _bins, _soil, _water, _methane, _bridges, _mains, _heat, _tunnel, _more):
        part(made, frames, rng)
    have = _with_warning_levels(frames["sensors"], frames["readings"])
    more = pd.DataFrame(made.rows)
    points = shapely.points(more.pop("x"), more.pop("y"))
    table = pd.concat([have, gpd.GeoDataFrame(more, geometry=points, crs=CRS)], ignore_index=True)
    table.index = pd.RangeIndex(1, len(table) + 1, name="fid")
    for one in made.planted:
        city.planted.append({
            "id": one.id, "kind": one.kind, "layer": "sensors", "codes": list(one.sensors), "quantity": one.quantity,
            "first": one.first, "last": one.last, "peak": round(one.peak, 4), "why": one.why, "why_zh": one.why_zh,
        })  # fmt: skip
    return gpd.GeoDataFrame(table, geometry="geometry", crs=CRS), made


def first_five(sensors: gpd.GeoDataFrame, readings: pd.DataFrame) -> list[Channel]:
    """Return the readings of the table ``readings`` as channels: one of the value, one of the battery."""
    what = {"tilt": ("tilt", "°", 1.0), "level": ("level", "m", 1.0), "river": ("level", "m", 1.0),
            "rain": ("rain", "mm", 1.0), "lamp": ("power", "kW", 0.001)}  # fmt: skip
    by_code = sensors.drop_duplicates("code").set_index("code")
    local = pd.to_datetime(readings["time"].str.slice(0, 19)).to_numpy().astype("datetime64[m]")
    minutes = (local - START).astype(np.int64)
    made = []
    for code, rows in readings.groupby("sensor", sort=True).indices.items():
        quantity, unit, factor = what[by_code.at[code, "kind"]]
        period_s = float(by_code.at[code, "period_min"]) * 60.0
        value = readings["value"].to_numpy(dtype=np.float64)[rows]
        battery = readings["battery_pct"].to_numpy(dtype=np.float64)[rows]
        known = np.isfinite(value)
        made.append(Channel(str(code), quantity, unit, period_s, minutes[rows][known], value[known] * factor))
        known = np.isfinite(battery)
        if known.any():
            made.append(Channel(str(code), "battery", "%", period_s, minutes[rows][known], battery[known]))
    return made


# -- helpers ----------------------------------------------------------------------------------------------------------


def _at(minute: int) -> str:
    return f"{np.datetime_as_string(START + np.timedelta64(int(minute), 'm'), unit='s')}+08:00"


def _minute(day: int, hour: float) -> int:
    return int(((day - 1) * 24 + hour) * 60)


def _during(first: tuple[int, float], until: tuple[int, float]) -> NDArray[np.bool_]:
    """Return which hours of the month lie between two moments, each a day and an hour."""
    return (_minute(*first) <= _HOURLY) & (_minute(*until) > _HOURLY)


def _station(
    made: Monitoring, kind: str, number: int, name: str, unit: str, period_min: int, xy: tuple[float, float],
    **facts: Any,
) -> str:  # fmt: skip
    code = f"CG-{kind.upper().replace('_', '-')}-{number:03d}"
    made.rows.append({
        "code": code, "kind": kind, "component": facts.pop("component", None), "name": name, "unit": unit,
        "period_min": period_min, "status": "在线", "x": xy[0], "y": xy[1], **facts,
    })  # fmt: skip
    return code


def _xy(table: gpd.GeoDataFrame) -> NDArray[np.float64]:
    return np.asarray(shapely.get_coordinates(shapely.point_on_surface(table.geometry.to_numpy())), dtype=np.float64)


def _spread(xy: NDArray[np.float64], count: int) -> list[int]:
    """Return rows spread over the city, each the farthest from those chosen."""
    chosen = [0] if len(xy) else []
    gap = np.hypot(*(xy - xy[0]).T) if len(xy) else np.empty(0)
    while len(chosen) < min(count, len(xy)):
        chosen.append(int(gap.argmax()))
        gap = np.minimum(gap, np.hypot(*(xy - xy[chosen[-1]]).T))
    return chosen


def _add(made: Monitoring, code: str, quantity: str, unit: str, minutes: Minutes, value: Array, digits: int) -> None:
    period_s = float(minutes[1] - minutes[0]) * 60.0
    made.channels.append(Channel(code, quantity, unit, period_s, minutes, np.round(value, digits)))


def _wave(minutes: Minutes, peak_min: float, rise_min: float, fall_min: float) -> Array:
    """Return a wave of height 1 that rises to a peak and falls away more slowly."""
    away = minutes - peak_min
    return np.asarray(np.where(away < 0, np.exp(-((away / rise_min) ** 2)), np.exp(-away / fall_min)), dtype=np.float64)


def _wrong(
    made: Monitoring, name: str, kind: str, codes: list[str], quantity: str, is_wrong: Callable[[Array], Any],
    why: str, why_zh: str, *, least: bool = False,
) -> None:  # fmt: skip
    """Tell of what is planted: the first and last reading of the sensors that ``is_wrong`` says is wrong."""
    firsts, lasts, peaks, ends = [], [], [], []
    for channel in made.channels:
        if channel.sensor in codes and channel.quantity == quantity:
            rows = np.flatnonzero(is_wrong(channel.value))
            firsts.append(int(channel.minutes[rows[0]]))
            lasts.append(int(channel.minutes[rows[-1]]))
            ends.append(rows[-1] == len(channel.value) - 1)
            peaks.append(float(channel.value[rows].min() if least else channel.value[rows].max()))
    made.planted.append(Planted(
        name, kind, tuple(codes), quantity, _at(min(firsts)), "" if any(ends) else _at(max(lasts)),
        min(peaks) if least else max(peaks), why, why_zh,
    ))  # fmt: skip


# -- kinds ------------------------------------------------------------------------------------------------------------


def _ponding(made: Monitoring, frames: Mapping[str, Any], rng: np.random.Generator) -> None:
    sites = frames["drainage_sites"]
    places = sites[sites["kind"] == "ponding_point"].head(6).reset_index(drop=True)
    heights = (0.62, 0.34, 0.21, 0.12, 0.10, 0.08)
    codes = []
    for number, ((x, y), height) in enumerate(zip(_xy(places), heights, strict=False), start=1):
        name = str(places["name"].iloc[number - 1]).replace("积水点", "道路积水计")
        code = _station(made, "ponding", number, name, "m", 10, (x, y))
        wave = height * _wave(_TEN_MINUTES, STORM_PEAK_MIN + 20, 25.0, 50.0 + 12 * number)
        _add(made, code, "depth", "m", _TEN_MINUTES, np.where(wave < 0.01, 0.0, wave), 3)
        codes.append(code)
    _wrong(made, "ponding_danger", "ponding", codes[:1], "depth", lambda v: v >= 0.5,
           "In the storm of 18 July water stood half a metre.", "7 月 18 日暴雨时积水深度超过 0.5 m。")  # fmt: skip
    _wrong(made, "ponding_closed", "ponding", codes[1:2], "depth", lambda v: v >= 0.27,
           "Deep enough to close the road.", "积水达到断路深度。")  # fmt: skip
    _wrong(made, "ponding_deep", "ponding", codes[2:3], "depth", lambda v: v >= 0.15,
           "Deeper than the surface standard allows.", "积水超过地面标准。")  # fmt: skip


def _pumps(made: Monitoring, frames: Mapping[str, Any], rng: np.random.Generator) -> None:
    sites = frames["drainage_sites"]
    stations = sites[sites["kind"] == "pump_station"].reset_index(drop=True)
    codes = []
    for number, (x, y) in enumerate(_xy(stations), start=1):
        name = str(stations["name"].iloc[number - 1])
        code = _station(made, "pump", number, f"{name}机组", "", 10, (x, y))
        level = (
            1.1 + 3.0 * _wave(_TEN_MINUTES, STORM_PEAK_MIN + 30, 40.0, 90.0) + rng.normal(0, 0.02, len(_TEN_MINUTES))
        )
        runs = level > 2.0
        if number == 2:
            runs[:] = False  # it never starts
        _add(made, code, "level", "m", _TEN_MINUTES, level, 3)
        _add(made, code, "pump", "", _TEN_MINUTES, runs.astype(np.float64), 0)
        _add(made, code, "pump_power", "kW", _TEN_MINUTES, np.where(runs, 185.0 + 6 * number, 0.6), 1)
        codes.append(code)
    _wrong(made, "pump_failed", "pump", codes[1:2], "level", lambda v: v > 2.0,
           "The water is high and no pump of the station runs.", "水位已高而泵组未启动。")  # fmt: skip


def _circuits(made: Monitoring, frames: Mapping[str, Any], rng: np.random.Generator) -> None:
    poles = frames["poles"]
    hour = (_HOURLY // 60) % 24
    night = (hour >= 20) | (hour < 5)
    codes: dict[str, str] = {}
    for number, (road, group) in enumerate(poles.groupby("road", sort=True), start=1):
        half = len(group) // 2
        for side, part in enumerate((group.iloc[:half], group.iloc[half:]), start=1):
            x, y = _xy(part).mean(axis=0)
            is_main = str(road) in ("世纪大道", "人民路")
            code = _station(made, "circuit", 2 * number - 2 + side, f"{road}路灯{side}回路", "%", 60, (x, y),
                            group_name=str(road), limit_value=98.0 if is_main else 96.0)  # fmt: skip
            lit = np.where(night, 99.4 + rng.normal(0, 0.15, len(hour)), 0.0).clip(0, 100)
            if not codes:
                lit[_during((20, 20), (32, 0)) & night] = 91.2  # from 20 July on
            if len(codes) == 3:
                lit[_during((12, 10), (12, 15))] = 100.0  # by day
            _add(made, code, "lit_rate", "%", _HOURLY, lit, 1)
            late = (hour >= 23) | (hour < 5)
            power = lit / 100 * len(part) * np.where(late, 0.072, 0.118) + 0.05
            _add(made, code, "power", "kW", _HOURLY, power, 2)
            codes[code] = str(road)
    names = list(codes)
    _wrong(made, "circuit_unlit", "lighting", names[:1], "lit_rate", lambda v: (v > 50) & (v < 95),
           "Every eleventh lamp of the circuit is dark since 20 July.", "自 7 月 20 日起亮灯率低于目标。")  # fmt: skip
    made.planted.append(Planted(
        "circuit_by_day", "lighting", (names[3],), "lit_rate", _at(_minute(12, 10)), _at(_minute(12, 14)), 100.0,
        "The circuit burns by day on 12 July.", "7 月 12 日白天亮灯。",
    ))  # fmt: skip
    for number, (x, y) in enumerate(_xy(frames["water"].head(3)), start=1):
        code = _station(made, "landscape", number, f"滨水景观照明{number}回路", "kW", 60, (x, y))
        evening = (hour >= 19) & (hour < 22)
        _add(made, code, "power", "kW", _HOURLY, np.where(evening, 4.2 + 0.6 * number, 0.02), 2)


def _bins(made: Monitoring, frames: Mapping[str, Any], rng: np.random.Generator) -> None:
    table = frames["components"]
    bins = table[(table["ObjID"].str[6:10] == "0305") & (table["ObjState"] == "完好")].reset_index(drop=True)
    codes = []
    picked = _spread(_xy(bins), 20)
    for number, row in enumerate(picked, start=1):
        x, y = _xy(bins.iloc[[row]])[0]
        code = _station(made, "bin", number, f"果皮箱满溢传感器 {number:03d}", "%", 60, (x, y),
                        component=bins["ObjID"].iloc[row])  # fmt: skip
        rate = float(rng.uniform(1.6, 3.2))  # % an hour
        since = (_HOURLY / 60 - 6.0) % 24.0  # collected at six
        fill = rate * since
        if number in (4, 11):  # the round left it out for three days
            out = _during((14, 6), (17, 6))
            fill[out] = np.minimum(rate * (_HOURLY[out] - _minute(14, 6)) / 60.0 + 2.0, 100.0)
        _add(made, code, "bin_fill", "%", _HOURLY, fill, 1)
        codes.append(code)
    _wrong(made, "bins_full", "sanitation", [codes[3], codes[10]], "bin_fill", lambda v: v >= 90.0,
           "The collection round left two bins out for three days.", "两处果皮箱连续三天未清运。")  # fmt: skip


def _soil(made: Monitoring, frames: Mapping[str, Any], rng: np.random.Generator) -> None:
    green = frames["green"].reset_index(drop=True)
    green = green[green["kind"] == "park"].reset_index(drop=True)
    codes = []
    for number, row in enumerate(_spread(_xy(green), 6), start=1):
        x, y = _xy(green.iloc[[row]])[0]
        code = _station(
            made, "soil", number, f"{green['name'].iloc[row] or '公园'}土壤墒情 {number:03d}", "%", 60, (x, y)
        )
        moisture = 24.0 + 2.0 * np.sin(_HOURLY / 1440 * 2 * np.pi) + rng.normal(0, 0.2, len(_HOURLY))
        moisture += 9.0 * _wave(_HOURLY, STORM_PEAK_MIN, 60.0, 4000.0)
        if number == 3:
            dry = _during((8, 0), (13, 0))
            moisture[dry] = 9.0 + rng.normal(0, 0.2, int(dry.sum()))
        _add(made, code, "soil_moisture", "%", _HOURLY, moisture, 1)
        codes.append(code)
    _wrong(made, "soil_dry", "greening", codes[2:3], "soil_moisture", lambda v: v < 12.0,
           "The sprinkler of the park stood still for five days.", "灌溉停用五天，土壤过干。", least=True)  # fmt: skip


def _water(made: Monitoring, frames: Mapping[str, Any], rng: np.random.Generator) -> None:
    bodies = frames["water"].reset_index(drop=True)
    codes = []
    for number, row in enumerate((0, 1, 3), start=1):
        x, y = _xy(bodies.iloc[[row]])[0]
        code = _station(made, "water_quality", number, f"{bodies['name'].iloc[row]}水质站 {number:03d}", "", 60, (x, y))
        daily = np.sin((_HOURLY / 60 - 9) / 24 * 2 * np.pi)
        noise = rng.normal(0, 1, (4, len(_HOURLY)))
        clear, oxygen = 62.0 + noise[0], 6.4 + 1.2 * daily + 0.1 * noise[1]
        ammonia, orp = 0.8 + 0.03 * noise[2], 210.0 + 6 * noise[3]
        if number == 2:  # after the storm it turns, recovers, and turns again
            for first, last, depth in ((20, 24, 1.0), (28, 30, 0.8)):
                bad = _during((first, 0), (last, 0))
                clear[bad] = 19.0 - 4 * depth + 0.3 * noise[0][bad]
                oxygen[bad] = 1.4 - 0.5 * depth + 0.02 * noise[1][bad]
                ammonia[bad] = 9.5 + 3.0 * depth + 0.05 * noise[2][bad]
                orp[bad] = -60.0 - 40 * depth + noise[3][bad]
        for quantity, unit, value, digits in (("transparency", "cm", clear, 1), ("dissolved_oxygen", "mg/L", oxygen, 2),
                                              ("ammonia_n", "mg/L", ammonia, 2), ("orp", "mV", orp, 0)):  # fmt: skip
            _add(made, code, quantity, unit, _HOURLY, value, digits)
        codes.append(code)
    _wrong(made, "water_black", "water", codes[1:2], "dissolved_oxygen", lambda v: v < 2.0,
           "The pond turned black and odorous on 20 July, recovered, and relapsed on 28 July.",
           "水体 7 月 20 日转为轻度黑臭，恢复后于 28 日复发。", least=True)  # fmt: skip


def _methane(made: Monitoring, frames: Mapping[str, Any], rng: np.random.Generator) -> None:
    nodes, pipes = frames["pipe_nodes"], frames["pipes"]
    wells = nodes[nodes["kind"].isin(["WS", "YS"]) & (nodes["node_type"] == "manhole")].reset_index(drop=True)
    gas = shapely.union_all(pipes[pipes["kind"] == "RQ"].geometry.to_numpy())
    near = np.argsort(shapely.distance(wells.geometry.to_numpy(), gas), kind="stable")[:150]
    picked = near[_spread(_xy(wells.iloc[near]), 10)]
    codes = []
    for number, row in enumerate(picked, start=1):
        x, y = _xy(wells.iloc[[row]])[0]
        code = _station(made, "methane", number, f"相邻空间可燃气体监测仪 {number:03d}", "%LEL", 60, (x, y),
                        component=wells["component"].iloc[row])  # fmt: skip
        value = np.abs(0.6 + rng.normal(0, 0.25, len(_HOURLY)))
        if number == 5:
            leak = _during((9, 3), (10, 9))
            value[leak] = 6.0 + 26.0 * np.sin(np.linspace(0.35, np.pi - 0.35, int(leak.sum())))
        _add(made, code, "methane", "%LEL", _HOURLY, value, 1)
        codes.append(code)
    _wrong(made, "methane_leak", "gas", codes[4:5], "methane", lambda v: v >= 10.0,
           "Gas of the main gathers in the well next to it for a day.", "相邻检查井内可燃气体积聚约一天。")  # fmt: skip


def _bridges(made: Monitoring, frames: Mapping[str, Any], rng: np.random.Generator) -> None:
    table = frames["structures"]
    bridges = table[table["kind"] == "bridge"].head(4).reset_index(drop=True)
    codes = []
    for number, (x, y) in enumerate(_xy(bridges), start=1):
        code = _station(made, "bridge", number, f"{bridges['name'].iloc[number - 1]}挠度计", "mm", 60, (x, y),
                        group_name=str(bridges["code"].iloc[number - 1]), limit_value=30.0)  # fmt: skip
        swing = 6.0 + 3.5 * np.sin((_HOURLY / 60 - 8) / 24 * 2 * np.pi) + rng.normal(0, 0.4, len(_HOURLY))
        if number == 2:
            heavy = _during((22, 1), (22, 4))
            swing[heavy] = 36.0 + rng.normal(0, 0.5, int(heavy.sum()))
        _add(made, code, "deflection", "mm", _HOURLY, swing, 1)
        codes.append(code)
    _wrong(made, "bridge_bent", "bridge", codes[1:2], "deflection", lambda v: v > 30.0,
           "Overweight vehicles crossed in the night.", "7 月 22 日夜间超重车辆通行，挠度超限。")  # fmt: skip


def _mains(made: Monitoring, frames: Mapping[str, Any], rng: np.random.Generator) -> None:
    nodes = frames["pipe_nodes"]
    junctions = nodes[(nodes["kind"] == "JS") & (nodes["node_type"] == "junction")].reset_index(drop=True)
    picked = _spread(_xy(junctions), 8)
    hour = (_HOURLY / 60) % 24
    demand = 0.6 + 0.3 * np.exp(-(((hour - 7.5) / 1.8) ** 2)) + 0.35 * np.exp(-(((hour - 19.5) / 2.2) ** 2))
    codes = []
    burst = _during((25, 14), (25, 19))
    for number, row in enumerate(picked, start=1):
        x, y = _xy(junctions.iloc[[row]])[0]
        code = _station(made, "pressure", number, f"供水管网测压点 {number:03d}", "MPa", 60, (x, y),
                        component=junctions["component"].iloc[row])  # fmt: skip
        value = 0.36 - 0.08 * (demand - 0.6) + rng.normal(0, 0.003, len(_HOURLY))
        if number in (3, 6):
            value[burst] = 0.11 + rng.normal(0, 0.003, int(burst.sum()))
        _add(made, code, "pressure", "MPa", _HOURLY, value, 3)
        codes.append(code)
    _wrong(made, "main_burst", "water_supply", [codes[2], codes[5]], "pressure", lambda v: v < 0.14,
           "A main burst on 25 July; two points lost their pressure for five hours.",
           "7 月 25 日爆管，两处测压点压力骤降五小时。", least=True)  # fmt: skip
    centre = _xy(frames["districts"]) if "districts" in frames else _xy(junctions.iloc[picked[:3]])
    names = []
    for number, (x, y) in enumerate(centre[:3], start=1):
        code = _station(made, "dma", number, f"DMA {number} 计量分区", "m³/h", 60, (x, y), group_name=f"DMA{number}")
        used = 320.0 * demand * (0.9 + 0.1 * number) + rng.normal(0, 3.0, len(_HOURLY))
        lost = np.full(len(_HOURLY), 22.0)
        if number == 2:
            lost[_during((22, 0), (32, 0))] = 96.0
        _add(made, code, "flow", "m³/h", _HOURLY, used + lost, 1)
        _add(made, code, "loss_rate", "%", _HOURLY, lost / (used + lost) * 100, 1)
        names.append(code)
    _wrong(made, "dma_leak", "water_supply", names[1:2], "loss_rate", lambda v: v > 15.0,
           "A leak takes a fifth and more of what flows into the zone since 22 July.",
           "自 7 月 22 日起分区漏损率升至两成以上。")  # fmt: skip


def _heat(made: Monitoring, frames: Mapping[str, Any], rng: np.random.Generator) -> None:
    nodes = frames["pipe_nodes"]
    junctions = nodes[(nodes["kind"] == "RL") & (nodes["node_type"] == "junction")].reset_index(drop=True)
    codes = []
    for number, row in enumerate(_spread(_xy(junctions), 4), start=1):
        x, y = _xy(junctions.iloc[[row]])[0]
        code = _station(made, "heat", number, f"生活热水管线测温点 {number:03d}", "°C", 60, (x, y),
                        component=junctions["component"].iloc[row])  # fmt: skip
        supply = 62.0 + rng.normal(0, 0.4, len(_HOURLY))
        if number == 2:
            cold = _during((16, 5), (16, 11))
            supply[cold] = 36.0 + rng.normal(0, 0.4, int(cold.sum()))
        _add(made, code, "supply_temperature", "°C", _HOURLY, supply, 1)
        _add(made, code, "return_temperature", "°C", _HOURLY, supply - 16.0 + rng.normal(0, 0.3, len(_HOURLY)), 1)
        codes.append(code)
    _wrong(made, "heat_lost", "heating", codes[1:2], "supply_temperature", lambda v: v < 45.0,
           "The hot-water main ran cold for six hours.", "热水管线供水温度骤降六小时。", least=True)  # fmt: skip


def _tunnel(made: Monitoring, frames: Mapping[str, Any], rng: np.random.Generator) -> None:
    table = frames["utility_tunnel"]
    codes = []
    parts = table[table["compartment"].isin(["combined", "gas"])].sort_values(["section", "compartment"])
    for number, (_, part) in enumerate(parts.head(6).iterrows(), start=1):
        x, y = shapely.get_coordinates(shapely.point_on_surface(part.geometry))[0]
        code = _station(made, "tunnel", number, f"{part['name']}环境监测", "", 60, (x, y), group_name=str(part["code"]))
        level = np.abs(0.03 + rng.normal(0, 0.01, len(_HOURLY)))
        warm = 25.0 + 1.2 * np.sin((_HOURLY / 60 - 9) / 24 * 2 * np.pi) + rng.normal(0, 0.2, len(_HOURLY))
        if number == 3:
            level = level + 0.42 * _wave(_HOURLY, STORM_PEAK_MIN + 90, 60.0, 240.0)
        if number == 4:
            hot = _during((27, 13), (27, 16))
            warm[hot] = 47.0 + rng.normal(0, 0.3, int(hot.sum()))
        _add(made, code, "methane", "%LEL", _HOURLY, np.abs(0.3 + rng.normal(0, 0.1, len(_HOURLY))), 1)
        _add(made, code, "level", "m", _HOURLY, level, 3)
        _add(made, code, "temperature", "°C", _HOURLY, warm, 1)
        _add(made, code, "oxygen", "%VOL", _HOURLY, 20.7 + rng.normal(0, 0.05, len(_HOURLY)), 2)
        codes.append(code)
    _wrong(made, "tunnel_wet", "tunnel", codes[2:3], "level", lambda v: v > 0.3,
           "Rain of the storm ran into the tunnel.", "暴雨时管廊进水。")  # fmt: skip
    _wrong(made, "tunnel_hot", "tunnel", codes[3:4], "temperature", lambda v: v > 40.0,
           "Cables overheated on 27 July.", "7 月 27 日电缆过热。")  # fmt: skip


def _more(made: Monitoring, frames: Mapping[str, Any], rng: np.random.Generator) -> None:
    """Add what the sensors of bridges and tunnels measure besides; nothing of it is wrong."""
    for row in made.rows:
        if row["kind"] == "bridge":  # a crack breathes with the warmth of the day
            warm = np.sin((_HOURLY / 60 - 9) / 24 * 2 * np.pi)
            width = 0.11 + 0.012 * warm + rng.normal(0, 0.001, len(_HOURLY))
            _add(made, row["code"], "crack", "mm", _HOURLY, width, 3)
        elif row["kind"] == "tunnel":
            smell = np.abs(0.4 + rng.normal(0, 0.1, len(_HOURLY)))
            _add(made, row["code"], "hydrogen_sulphide", "ppm", _HOURLY, smell, 2)


def _with_warning_levels(sensors: gpd.GeoDataFrame, readings: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the sensors, those of rivers with a warning and a guaranteed level that the month did not reach."""
    rivers = sensors["kind"] == "river"
    usual = readings.groupby("sensor")["value"].median().reindex(sensors["code"]).to_numpy(dtype=np.float64)
    warning = np.where(rivers, np.round(usual + 3.0, 1), np.nan)
    return sensors.assign(warning_level_m=warning, guaranteed_level_m=warning + 0.8)
