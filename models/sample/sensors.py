"""Sensors and 31 days of readings: a storm, covers that tilt, a cover that is gone, batteries that die.

Invariants
----------
1. A reading that was not sent has no row. A gap is a gap, never a zero.
2. Water levels follow the rain through a store that fills and empties (lag and recession); they never lead it.
3. Times are ISO 8601 with +08:00, from 2025-07-01T00:00 to 2025-07-31T23:00 (23:50 for the gauges).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.sample.city import CRS, City
from models.sample.components import LOST, MOVED

Array = NDArray[np.float64]

START = np.datetime64("2025-07-01T00:00")
DAYS = 31
HOURS = DAYS * 24
#: The storm: its peak, minutes after the start (2025-07-18 18:40), and its total in mm.
STORM_PEAK_MIN = (17 * 24 + 18) * 60 + 40
STORM_MM = 96.0
#: Lighter rains of the month: day, hour of the peak, total (mm), width (h).
_RAINS = ((2, 4.5, 8.0, 2.0), (6, 15.0, 21.0, 1.5), (11, 22.0, 5.5, 3.0), (23, 9.0, 14.0, 2.5), (28, 17.5, 33.0, 1.2))
TILT_LIMIT_DEG = 10.0
COUNTS = {"tilt": 56, "level": 46, "lamp": 40, "rain": 6, "river": 2}
_NAMES = {
    "tilt": "井盖倾斜传感器",
    "level": "雨水井液位计",
    "lamp": "智慧灯杆控制器",
    "rain": "雨量计",
    "river": "河道水位计",
}
_UNITS = {"tilt": "°", "level": "m", "lamp": "W", "rain": "mm", "river": "m"}


@dataclass(slots=True)
class _Series:
    sensor: str
    minutes: NDArray[np.int64]
    value: Array
    battery: Array


def make(city: City, components: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the tables ``sensors`` and ``readings``.

    Parameters
    ----------
    city : City
    components, nodes : GeoDataFrame
        Tables ``components`` and ``pipe_nodes``.

    Returns
    -------
    sensors : GeoDataFrame
        Points. ``kind``: tilt (degrees from the resting position), level (water above the invert, m), rain (mm in
        the period), river (m above the 1985 datum), lamp (power, W). ``status``: 在线, 告警 or 离线 at the end.
    readings : DataFrame
        ``sensor``, ``time``, ``value``, ``battery_pct``.
    """
    rng = city.rng("sensors")
    rain = _rain(rng)
    picked = _places(city, components, nodes)
    rows: list[dict[str, Any]] = []
    series: list[_Series] = []
    for kind, places in picked.items():
        for number, place in enumerate(places, start=1):
            code = f"CG-{kind.upper()}-{number:03d}"
            rows.append({
                "code": code, "kind": kind, "component": place["component"], "name": f"{_NAMES[kind]} {number:03d}",
                "unit": _UNITS[kind], "period_min": 10 if kind == "rain" else 60, "status": "在线", "x": place["x"],
                "y": place["y"],
            })  # fmt: skip
            series.append(_series(kind, code, number, place, rain, rng))
    frame = pd.DataFrame(rows)
    _plant(city, frame, series, picked, rng)
    sensors = gpd.GeoDataFrame(frame.drop(columns=["x", "y"]), geometry=shapely.points(frame["x"], frame["y"]), crs=CRS)
    sensors.index = pd.RangeIndex(1, len(sensors) + 1, name="fid")
    return sensors, _readings(series)


# -- weather --------------------------------------------------------------------------------------------------------


def _rain(rng: np.random.Generator) -> Array:
    """Return rain in mm per 10 minutes over the month: light rains and one storm of the Chicago shape."""
    minute = np.arange(HOURS * 6) * 10.0
    rain = np.zeros(len(minute))
    for day, hour, total, width in _RAINS:
        shape = np.exp(-(((minute / 60 - (day * 24 + hour)) / width) ** 2))
        shape[shape < 0.05] = 0.0
        rain += total * shape / shape.sum()
    # Before and after the peak the intensity falls as ((1 - n) t / r + b) / (t / r + b)^(n + 1), with r = 0.4.
    r, b, n = 0.4, 12.0, 0.75
    away = minute - STORM_PEAK_MIN
    t = np.where(away < 0, -away / r, away / (1 - r))
    storm = np.where((away > -120) & (away < 180), ((1 - n) * t + b) / (t + b) ** (n + 1), 0.0)
    rain += STORM_MM * storm / storm.sum()
    rain *= rng.uniform(0.85, 1.15, len(rain))
    return np.where(rain < 0.05, 0.0, rain)


def _store(rain: Array, lag_steps: int, hours: float) -> Array:
    """Return a linear store fed by rain, mm: it rises after ``lag_steps`` and empties with a half-life."""
    keep = 0.5 ** (1 / (hours * 6))
    fed = np.concatenate([np.zeros(lag_steps), rain])[: len(rain)]
    out = np.empty(len(rain))
    level = 0.0
    for i, value in enumerate(fed):
        level = level * keep + value
        out[i] = level
    return out


# -- where sensors are ----------------------------------------------------------------------------------------------


def _spread(xy: Array, count: int, first: int = 0) -> NDArray[np.intp]:
    """Return rows that are spread over the city: each the farthest from those already chosen."""
    if len(xy) <= count:
        return np.arange(len(xy))
    chosen = [first]
    gap = np.hypot(*(xy - xy[first]).T)
    while len(chosen) < count:
        chosen.append(int(gap.argmax()))
        gap = np.minimum(gap, np.hypot(*(xy - xy[chosen[-1]]).T))
    return np.asarray(chosen)


def _places(city: City, components: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame) -> dict[str, list[dict[str, Any]]]:
    xy = shapely.get_coordinates(components.geometry.to_numpy())
    code = components["ObjID"].str[6:10].to_numpy()
    state = components["ObjState"].to_numpy(dtype=object)
    on_road = (components["SetLoc"] == "车行道").to_numpy()

    def rows(mask: NDArray[np.bool_], count: int) -> list[dict[str, Any]]:
        at = np.flatnonzero(mask)
        return [
            {"component": components["ObjID"].iloc[i], "x": xy[i, 0], "y": xy[i, 1], "state": state[i]}
            for i in at[_spread(xy[at], count)]
        ]

    covers = np.isin(code, ["0102", "0103"]) & on_road
    told = np.isin(
        components["ObjID"], [c for p in city.planted if p["id"] in ("covers_moved", "covers_lost") for c in p["codes"]]
    )
    tilt = rows(told, 6) + rows(covers & (state == "完好"), COUNTS["tilt"] - int(min(told.sum(), 6)))
    storm = nodes[(nodes["kind"] == "YS") & nodes["component"].notna()]
    low = storm.sort_values(["ground_m", "code"]).head(max(COUNTS["level"] * 6, len(storm) // 2))
    spot = shapely.get_coordinates(low.geometry.to_numpy())
    level = [
        {"component": low["component"].iloc[i], "x": spot[i, 0], "y": spot[i, 1],
         "depth_m": float(low["ground_m"].iloc[i] - low["invert_m"].iloc[i])}
        for i in _spread(spot, COUNTS["level"])
    ]  # fmt: skip
    river = nodes[(nodes["kind"] == "YS") & (nodes["node_type"] == "outfall")]
    bank = shapely.get_coordinates(river.geometry.to_numpy())
    order = np.argsort(bank[:, 0], kind="stable")
    ends = [order[0], order[-1]] if len(order) > 1 else list(order)
    levels = city.water.loc[city.water["kind"] == "river", "level_m"]
    return {
        "tilt": tilt,
        "level": level,
        "lamp": rows((code == "0118") & (components["SetLoc"] == "绿化带").to_numpy(), COUNTS["lamp"]),
        "rain": rows(code == "0309", COUNTS["rain"]),
        "river": [{"component": None, "x": bank[i, 0], "y": bank[i, 1], "level_m": float(levels.min())} for i in ends],
    }


# -- what they say --------------------------------------------------------------------------------------------------


def _series(
    kind: str, code: str, number: int, place: dict[str, Any], rain: Array, rng: np.random.Generator
) -> _Series:  # fmt: skip
    hour = np.arange(HOURS)
    minutes = hour * 60
    value: Array
    if kind == "rain":
        minutes = np.arange(HOURS * 6) * 10
        factor = rng.uniform(0.88, 1.12)
        shift = int(rng.integers(0, 3))
        value = np.round(np.roll(rain * factor, shift) * 5) / 5  # tipping bucket of 0.2 mm
    elif kind == "tilt":
        tilt = np.abs(float(rng.uniform(0.1, 1.2)) + rng.normal(0.0, 0.12, HOURS))
        value = np.asarray(np.round(tilt, 1), dtype=np.float64)
    elif kind == "level":
        base = 0.03 + 0.05 * rng.random()
        gain = 0.35 * place["depth_m"] / 34.0 * rng.uniform(0.7, 1.15)
        store = _store(rain, int(rng.integers(1, 5)), rng.uniform(0.6, 1.4))[::6]
        value = np.round(base + np.minimum(gain * store, place["depth_m"] * 0.78) + rng.normal(0, 0.006, HOURS), 3)
        value = np.maximum(value, 0.0)
    elif kind == "river":
        swell = 0.028 * _store(rain, 9, 7.0)[::6] + 0.02 * np.sin(hour / 24 * 2 * np.pi)
        value = np.round(place["level_m"] + swell + rng.normal(0, 0.01, HOURS), 2)
    else:
        night = ((hour % 24) >= 19) | ((hour % 24) < 5)
        late = ((hour % 24) >= 23) | ((hour % 24) < 5)
        power = np.where(night, np.where(late, 72.0, 118.0), 1.2)
        power = np.maximum(power + rng.normal(0, 0.8, HOURS), 0.0)
        value = np.asarray(np.round(power, 1), dtype=np.float64)
    drain = rng.uniform(1.5, 5.0) if kind in ("tilt", "level") else 0.0
    # What hangs on the mains has no battery, and no data on one.
    full = float(rng.uniform(62, 99)) if drain else np.nan
    battery = np.round(full - drain * minutes / (DAYS * 1440), 1)
    return _Series(code, minutes.astype(np.int64), value.astype(float), battery)


def _plant(
    city: City,
    frame: pd.DataFrame,
    series: list[_Series],
    picked: dict[str, list[dict[str, Any]]],
    rng: np.random.Generator,
) -> None:
    by_kind = {kind: [i for i, k in enumerate(frame["kind"]) if k == kind] for kind in picked}

    def note(name: str, kind: str, rows: list[int], why: str, why_zh: str, status: str = "") -> None:
        if rows:
            if status:
                frame.loc[rows, "status"] = status
            city.planted.append({
                "id": name, "kind": kind, "layer": "sensors", "codes": [frame.at[i, "code"] for i in rows],
                "components": [frame.at[i, "component"] for i in rows], "why": why, "why_zh": why_zh,
            })  # fmt: skip

    tilts = dict(zip(by_kind["tilt"], picked["tilt"], strict=True))
    tilted = [i for i, place in tilts.items() if place["state"] == MOVED][:3]
    for step, i in enumerate(tilted):
        begin = (9 + 6 * step) * 24 + 7 + step
        series[i].value[begin:] = np.round(14.0 + 6.5 * step + rng.normal(0, 0.3, HOURS - begin), 1)
    note(
        "covers_tilted",
        "tilt",
        tilted,
        "The cover has tilted by more than 10° and stays so.",
        "井盖倾角超过 10° 且持续。",
        "告警",
    )
    gone = [i for i, place in tilts.items() if place["state"] == LOST][:1]
    for i in gone:
        begin = 20 * 24 + 2
        series[i].value[begin:] = np.round(101.0 + rng.normal(0, 0.4, HOURS - begin), 1)
    note(
        "cover_gone",
        "cover_open",
        gone,
        "The sensor hangs beyond 90°: the cover is off.",
        "倾角超过 90°：井盖已被移走。",
        "告警",
    )
    calm = [i for i, place in tilts.items() if place["state"] == "完好"]
    knocked = calm[5:7]
    for i in knocked:
        series[i].value[14 * 24 + 9] = 13.4
    note("cover_knocked", "tilt_false", knocked,
         "One single reading above 10° after a lorry passed: not a tilted cover.",
         "车辆碾压引起的单次越限，不应判为倾斜。")  # fmt: skip

    levels = by_kind["level"]
    over = levels[3:8]
    peak = STORM_PEAK_MIN // 60
    for place, i in zip((picked["level"][levels.index(i)] for i in over), over, strict=True):
        wave = np.exp(-np.maximum(np.arange(HOURS) - peak - 1, 0) / 1.6) * (np.arange(HOURS) > peak)
        series[i].value = np.round(np.maximum(series[i].value, wave * place["depth_m"] * 1.04), 3)
    note("manholes_overflow", "overflow", over, "In the storm of 18 July the water rose to the cover and over it.",
         "7 月 18 日暴雨期间水位达到井口并溢流。")  # fmt: skip

    dying = [*calm[10:13], *levels[12:14]]
    for step, i in enumerate(dying):
        end = (13 + 3 * step) * 24 + 5
        fade = np.round(np.linspace(46.0, 3.0, end), 1)
        series[i] = _Series(series[i].sensor, series[i].minutes[:end], series[i].value[:end], fade)
    note("batteries_dead", "battery", dying, "The battery ran down and the readings stop: a gap, not a zero.",
         "电池耗尽后数据中断：缺测，而非零值。", "离线")  # fmt: skip
    low = calm[20:22]
    for i in low:
        series[i].battery = np.round(np.linspace(34.0, 16.5, len(series[i].minutes)), 1)
    note("batteries_low", "battery_low", low, "The battery is below 20 % but still sends.", "电量低于 20%，仍在上报。")
    lamps = by_kind["lamp"]
    dark = lamps[6:9]
    for i in dark:
        begin = 15 * 24
        series[i].value[begin:] = np.round(np.abs(rng.normal(0.3, 0.1, HOURS - begin)), 1)
    note(
        "lamps_dark",
        "lamp_off",
        dark,
        "The lamp takes no power at night since 16 July.",
        "自 7 月 16 日起夜间无功率，灯不亮。",
        "告警",
    )
    silent = lamps[20:21]
    for i in silent:
        keep = (np.arange(HOURS) < 8 * 24) | (np.arange(HOURS) >= 10 * 24)
        s = series[i]
        series[i] = _Series(s.sensor, s.minutes[keep], s.value[keep], s.battery[keep])
    note("lamp_silent", "gap", silent, "No readings on 9 and 10 July.", "7 月 9 日至 10 日无数据上报。")


def _readings(series: list[_Series]) -> pd.DataFrame:
    # A sensor now and then loses a message on the way; every reader has to live with that.
    minutes = np.concatenate([s.minutes for s in series])
    times, place = np.unique(minutes, return_inverse=True)
    text = np.char.add(np.datetime_as_string(START + times.astype("timedelta64[m]"), unit="s"), "+08:00").astype(object)
    frame = pd.DataFrame({
        "sensor": np.repeat([s.sensor for s in series], [len(s.minutes) for s in series]),
        "time": text[place],
        "value": np.concatenate([s.value for s in series]),
        "battery_pct": np.concatenate([s.battery for s in series]),
    })  # fmt: skip
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="fid")
    return frame
