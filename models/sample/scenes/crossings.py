"""Smart crossings: where main streets meet, with what watches them, in the three levels L1 to L3."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from models.sample.along import streets
from models.sample.city import City
from models.sample.scenes.tables import plant, table

CLASSES = ("arterial", "sub_arterial")
#: Crossings nearer to each other than this are one.
SAME_M = 45.0
#: What stands at each approach, by level: kind, height (m), opening angle, reach (m), power (W).
APPROACH: dict[str, tuple[tuple[str, float, float, float, int], ...]] = {
    "L1": (("camera", 6.6, 48.0, 70.0, 30),),
    "L2": (("camera", 6.6, 48.0, 70.0, 30), ("radar", 6.2, 30.0, 140.0, 45)),
    "L3": (("camera", 6.6, 48.0, 70.0, 30), ("radar", 6.2, 30.0, 140.0, 45), ("lidar", 6.0, 100.0, 60.0, 60)),
}
RSU_REACH_M = 200.0


def make(city: City) -> tuple[gpd.GeoDataFrame, list[dict[str, Any]]]:
    """Return the table of crossings, and the rows of the devices that stand at them."""
    rng = city.rng("scenes/crossings")
    sites: list[dict[str, Any]] = []
    devices: list[dict[str, Any]] = []
    blind: list[str] = []
    for centre, arms, names in _crossings(city):
        number = len(sites)
        level = ("L3", "L2", "L1")[0 if number % 5 == 0 else 1 if number % 2 else 2]
        code = f"LK{number + 1:03d}"
        sites.append({
            "code": code, "name": "—".join(names), "kind": "crossing", "level": level, "state": "normal",
            "geometry": shapely.Point(centre),
        })  # fmt: skip
        fixed: list[tuple[str, float, float, float | None, int]] = (
            [("edge", 0.0, 360.0, None, 300)] if level != "L1" else []
        )
        if level == "L3" or (level == "L2" and rng.random() < 0.6):
            fixed.append(("rsu", 6.4, 360.0, RSU_REACH_M, 40))
        reach = max(half for _, half in arms) + 7.0
        for bearing, _ in arms:
            spot = _beside(centre, bearing + 42.0, reach)
            devices += [
                _device(row, code, spot, bearing, len(devices) + k, rng)
                for k, row in enumerate((*APPROACH[level], ("signal", 0.0, 360.0, None, 60)))
            ]
        for k, row in enumerate(fixed):
            spot = _beside(centre, arms[0][0] + 48.0 + 6.0 * k, reach + 3.0)
            devices.append(_device(row, code, spot, arms[0][0], len(devices), rng))
    for device in devices[23::67]:
        device["state"] = "offline"
        blind.append(str(device["code"]))
    plant(city, "roadside_offline", "device_offline", "devices", blind,
          "Roadside devices that have not been heard of.", "路侧设备离线。")  # fmt: skip
    return table(sites, ("code", "name", "kind", "level", "state")), devices


def _crossings(city: City) -> list[tuple[np.ndarray, list[tuple[float, float]], list[str]]]:
    """Return where main streets meet: the place, (bearing, half width) of each arm, and the streets' names."""
    lines = [one for one in streets(city) if one.road_class in CLASSES and not one.bridge and one.elevated_m < 0.3]
    ends: list[tuple[np.ndarray, float, float, str]] = []
    for one in lines:
        for tip, inward in ((0, 1), (-1, -2)):
            step = one.points[inward] - one.points[tip]
            ends.append(
                (one.points[tip], float(np.degrees(np.arctan2(step[0], step[1]))) % 360.0, one.half_m, one.name)
            )
    spots = np.array([end[0] for end in ends])
    near = shapely.STRtree(shapely.points(spots))
    taken = np.zeros(len(ends), dtype=bool)
    found = []
    for at in range(len(ends)):
        if taken[at]:
            continue
        mine = [k for k in np.sort(near.query(shapely.Point(spots[at]).buffer(SAME_M))) if not taken[k]]
        taken[mine] = True
        arms: list[tuple[float, float]] = []
        for k in mine:
            if all(abs((ends[k][1] - bearing + 180.0) % 360.0 - 180.0) > 40.0 for bearing, _ in arms):
                arms.append((ends[k][1], ends[k][2]))
        names = list(dict.fromkeys(ends[k][3] for k in mine if ends[k][3]))
        if len(arms) >= 3 and len(names) >= 2:
            found.append((spots[mine].mean(axis=0), arms, names[:2]))
    return found


def _beside(centre: np.ndarray, bearing_deg: float, distance_m: float) -> shapely.Point:
    turn = np.radians(bearing_deg)
    return shapely.Point(centre + distance_m * np.array([np.sin(turn), np.cos(turn)]))


def _device(
    row: tuple[str, float, float, float | None, int], site: str, spot: shapely.Point, bearing: float, number: int,
    rng: np.random.Generator,
) -> dict[str, Any]:  # fmt: skip
    kind, height, angle, reach, watts = row
    turned = bearing + float(rng.uniform(-3.0, 3.0))
    return {
        "code": f"LC{number + 1:04d}", "site_code": site, "kind": kind, "mount_height_m": height,
        "bearing_deg": round(turned % 360.0, 1), "angle_deg": angle, "reach_m": reach, "power_w": watts,
        "state": "normal", "geometry": spot,
    }  # fmt: skip
