"""A utility tunnel (综合管廊) below a main street: three compartments in fire sections, and its entrances and vents."""

from __future__ import annotations

import itertools
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from models.sample.along import Street, streets
from models.sample.city import City
from models.sample.scenes.tables import plant, table

STREET = "山前大街"
#: Length of a fire section, m: GB 50838-2015 7.1 allows 200 m (from memory).
SECTION_M = 200.0
#: Compartment: Chinese and English name, offset of its centre (m, left), width, height, what lies in it.
COMPARTMENTS: dict[str, tuple[str, str, float, float, float, str]] = {
    "combined": ("综合舱", "Combined", 0.0, 3.6, 3.4, "JS:600;RS:400;TX:150;TX:150"),
    "power": ("电力舱", "Power", 3.3, 2.6, 3.4, "DL:180;DL:180;DL:180;DL:180"),
    "gas": ("燃气舱", "Gas", -3.1, 2.2, 3.0, "RQ:300"),
}
COVER_M = 2.6
SENSORS = ("温湿度", "氧气", "甲烷", "液位")


def make(city: City) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the table of compartments, and that of entrances, vents, hatches and sensors."""
    rng = city.rng("scenes/tunnel")
    pieces = [one for one in streets(city) if one.name == STREET and one.road_class == "arterial"]
    pieces.sort(key=lambda one: one.points[0, 0])
    rows: list[dict[str, Any]] = []
    sites: list[dict[str, Any]] = []
    if not pieces:
        return table([], _COLUMNS), table([], _SITE_COLUMNS)
    whole = _joined(pieces)
    stations = np.arange(30.0, whole.length_m - 30.0, SECTION_M)
    for section, (start, end) in enumerate(itertools.pairwise(stations)):
        along = np.linspace(start, end, 9)
        for kind, (zh, en, offset, width, height, holds) in COMPARTMENTS.items():
            points, _ = whole.at(along, offset)
            floor = city.terrain.height_m(points[[0, -1], 0], points[[0, -1], 1]) - COVER_M - height
            code = f"GL{section + 1:02d}-{kind[0].upper()}"
            rows.append({
                "code": code, "name": f"{STREET}管廊{zh}{section + 1}区", "name_en": f"{en} {section + 1}",
                "compartment": kind, "section": section + 1, "width_m": width, "height_m": height,
                "start_floor_m": round(float(floor[0]), 2), "end_floor_m": round(float(floor[1]), 2), "holds": holds,
                "year": 2019, "state": "normal", "geometry": shapely.LineString(points),
            })  # fmt: skip
            sites.append(
                _site("tunnel_sensor", f"{zh}{SENSORS[len(sites) % 4]}", code, points[4], float(floor.mean()) + 2.2)
            )
        side = whole.half_m + 2.4
        for kind, name, share, offset in (
            ("tunnel_entrance", "人员出入口", 0.08, side), ("tunnel_vent", "通风口", 0.5, side),
            ("tunnel_hatch", "吊装口", 0.72, -side),
        ):  # fmt: skip
            spot, _ = whole.at(np.array([start + share * SECTION_M]), offset)
            sites.append(_site(kind, f"{name}{section + 1}", rows[-1]["code"], spot[0]))
    spot, _ = whole.at(np.array([whole.length_m * 0.52]), whole.half_m + 14.0)
    sites.append(_site("control_centre", "管廊监控中心", "", spot[0]))
    out = [row for row in sites if row["kind"] == "tunnel_sensor"]
    silent = [out[k] for k in sorted(rng.choice(len(out), min(2, len(out)), replace=False))]
    for row in silent:
        row["state"] = "offline"
    plant(city, "tunnel_sensors_offline", "device_offline", "tunnel_sites", [row["code"] for row in silent],
          "Two sensors in the utility tunnel are silent.", "综合管廊内两处传感器离线。")  # fmt: skip
    for number, row in enumerate(sites, 1):
        row["code"] = row["code"] or f"GLF{number:03d}"
    return table(rows, _COLUMNS), table(sites, _SITE_COLUMNS)


_COLUMNS = (
    "code", "name", "name_en", "compartment", "section", "width_m", "height_m", "start_floor_m", "end_floor_m",
    "holds", "year", "state",
)  # fmt: skip
_SITE_COLUMNS = ("code", "name", "kind", "tunnel_code", "state", "level_m")


def _site(kind: str, name: str, tunnel: str, spot: np.ndarray, level_m: float | None = None) -> dict[str, Any]:
    code = f"{tunnel}-{kind.removeprefix('tunnel_')[:3].upper()}" if tunnel else ""
    return {
        "code": code, "name": name, "kind": kind, "tunnel_code": tunnel, "state": "normal", "level_m": level_m,
        "geometry": shapely.Point(spot),
    }  # fmt: skip


def _joined(pieces: list[Street]) -> Street:
    """Return the pieces of a street as one line."""
    points = np.concatenate([one.points for one in pieces])
    keep = np.concatenate([[True], np.hypot(*np.diff(points, axis=0).T) > 0.1])
    first = pieces[0]
    return Street(0, points[keep], first.name, first.road_class, first.half_m, False, 0.0)
