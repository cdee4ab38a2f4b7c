"""Multi-function poles (智慧灯杆) in the place of every second lamp of a few streets, and what hangs on them.

A device is linked to its pole by ``pole_code``; both are points, so that a table of devices can be drawn by itself.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from models.sample.city import City
from models.sample.scenes.tables import plant, table

#: Streets that have smart poles, and how many of their lamps were replaced.
STREETS = {"世纪大道": 2, "人民路": 2, "文华路": 3, "滨河北路": 3}
#: Mounts of a pole, and power that its feeder leaves it, kVA.
SLOTS, POWER_KVA = 8, 6.0
#: Device: share of poles that have it, mount height (m), power (W), slots it takes.
DEVICES: dict[str, tuple[float, float, int, int]] = {
    "lighting": (1.0, 8.6, 150, 1), "camera": (0.34, 6.6, 30, 1), "wifi": (0.28, 5.6, 25, 1),
    "environment": (0.14, 4.6, 20, 1), "display": (0.16, 3.0, 480, 1), "broadcast": (0.18, 5.2, 60, 1),
    "charging": (0.07, 0.0, 3500, 2),
}  # fmt: skip
#: Distance between base stations along a street, power of one and its assumed reach.
STATION_EVERY, STATION_W, STATION_REACH_M = 9, 1200, 150.0
DEVICE_COLUMNS = (
    "code", "pole_code", "site_code", "kind", "mount_height_m", "bearing_deg", "angle_deg", "reach_m", "power_w",
    "state", "ground_m",
)  # fmt: skip
POLE_COLUMNS = (
    "code", "name", "component", "road", "height_m", "bearing_deg", "slots", "slots_free", "power_kva",
    "power_free_kva", "fibre", "open_5g", "state", "ground_m",
)  # fmt: skip


def make(city: City, components: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[dict[str, Any]]]:
    """Return the table of poles, and the rows of what hangs on them."""
    rng = city.rng("scenes/poles")
    lamps = components[components["ObjName"] == "路灯"]
    road = lamps["LocateDSC"].str.removesuffix("人行道").str.removesuffix("绿化带").str.removesuffix("分隔带")
    poles: list[dict[str, Any]] = []
    devices: list[dict[str, Any]] = []
    faulty: list[str] = []
    for street, every in STREETS.items():
        mine = lamps[road.str.startswith(street)]
        xy = shapely.get_coordinates(mine.geometry.to_numpy())
        spread = np.ptp(xy, axis=0) if len(xy) else np.zeros(2)
        order = np.argsort(xy[:, int(spread[1] > spread[0])], kind="stable")[::every]
        for at, lamp in enumerate(mine.iloc[order].itertuples()):
            code = f"ZG{len(poles) + 1:04d}"
            ground, bearing = _number(lamp.ground_m), float(_number(lamp.bearing_deg) or 0.0)
            hung = [kind for kind, row in DEVICES.items() if rng.random() < row[0]]
            has_station = at % STATION_EVERY == STATION_EVERY // 2
            used = sum(DEVICES[kind][3] for kind in hung) + 2 * has_station
            watts = sum(DEVICES[kind][2] for kind in hung) + STATION_W * has_station
            fibre = bool(rng.random() < 0.72)
            free, left = SLOTS - used, round(max(POWER_KVA - watts / 1000.0, 0.0), 1)
            can = free >= 2 and left >= STATION_W / 1000.0 and fibre
            poles.append({
                "code": code, "name": f"{street}{at + 1:03d}号杆", "component": lamp.ObjID, "road": street,
                "height_m": float(rng.choice([10.0, 11.0, 12.0])), "bearing_deg": bearing, "slots": SLOTS,
                "slots_free": free, "power_kva": POWER_KVA, "power_free_kva": left, "fibre": fibre,
                "open_5g": "used" if has_station else (("open" if rng.random() < 0.8 else "reserved") if can else "no"),
                "state": "normal", "ground_m": ground, "geometry": lamp.geometry,
            })  # fmt: skip
            for kind in [*hung, *(["base_station"] if has_station else [])]:
                devices.append(_device(kind, poles[-1], len(devices), rng))
    for row in devices[17::41]:
        row["state"] = "fault"
        faulty.append(row["code"])
    plant(city, "pole_devices_faulty", "device_faulty", "devices", faulty,
          "Devices on smart poles that report a fault.", "智慧灯杆挂载设备上报故障。")  # fmt: skip
    return table(poles, POLE_COLUMNS), devices


def device_table(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Return devices as a table."""
    return table(rows, DEVICE_COLUMNS)


def _device(kind: str, pole: dict[str, Any], number: int, rng: np.random.Generator) -> dict[str, Any]:
    height, watts = (pole["height_m"], STATION_W) if kind == "base_station" else DEVICES[kind][1:3]
    along = (pole["bearing_deg"] + float(rng.choice([-90.0, 90.0]))) % 360.0
    sees = kind == "camera"
    return {
        "code": f"GZ{number + 1:05d}", "pole_code": pole["code"], "kind": kind, "mount_height_m": height,
        "bearing_deg": along if sees else pole["bearing_deg"], "angle_deg": 60.0 if sees else 360.0,
        "reach_m": 45.0 if sees else STATION_REACH_M if kind == "base_station" else None, "power_w": watts,
        "state": "normal", "ground_m": pole["ground_m"], "geometry": pole["geometry"],
    }  # fmt: skip


def _number(value: Any) -> float | None:
    """Return a number, None for what is not known."""
    return None if value is None or value != value else float(value)
