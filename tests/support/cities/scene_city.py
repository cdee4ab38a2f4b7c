"""A street with everything that scene presets ask for: a few objects of each role, whose figures are known."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import shapely

from models.crs.frame import Frame
from models.layers.layer import Layer, LayerData, VectorData
from models.project.project import ProjectState
from models.roles import Role

CRS = "EPSG:4548"
EAST, NORTH = 500_000.0, 4_060_000.0
FRAME = Frame(CRS, None, (500_000, 4_060_000, 0))


def at(x: float, y: float) -> shapely.Point:
    """Return a point in metres from the corner of the street."""
    return shapely.Point(EAST + x, NORTH + y)


def line(x0: float, y0: float, x1: float, y1: float) -> shapely.LineString:
    """Return a line in metres from the corner of the street."""
    return shapely.LineString([(EAST + x0, NORTH + y0), (EAST + x1, NORTH + y1)])


def table(geometry: list[Any], **columns: list[Any]) -> VectorData:
    """Return features numbered from 1."""
    frame = gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS)
    frame.index = range(1, len(frame) + 1)
    return VectorData(frame)


def tables() -> dict[str, tuple[Role, VectorData]]:
    """Return the layers of the street by id."""
    poles = table(
        [at(10.0 * k, 0.0) for k in range(5)], code=[f"P{k}" for k in range(5)], name=[f"杆{k}" for k in range(5)],
        slots_free=[4, 1, 3, 0, 5], power_free_kva=[5.0, 0.5, 3.0, 0.0, 2.0],
        open_5g=["open", "open", "used", "no", None],
    )  # fmt: skip
    devices = table(
        [at(0, 0), at(20, 0), at(20, 0), at(100, 0), at(100, 0)], code=list("abcde"),
        pole_code=["P0", "P2", "P2", None, None], kind=["lighting", "base_station", "camera", "camera", "rsu"],
        state=["fault", "normal", None, "offline", "normal"], bearing_deg=[0.0, 0.0, 90.0, 45.0, None],
        angle_deg=[360.0, 360.0, 60.0, 50.0, 360.0], reach_m=[None, 150.0, 45.0, 60.0, 200.0],
        mount_height_m=[8.0, 10.0, 6.0, 6.0, 6.0],
    )  # fmt: skip
    structures = table(
        [line(0, 0, 0, 50), line(0, 60, 0, 160), line(0, 200, 0, 260), line(0, 300, 0, 400)],
        code=["1", "2", "3", "4"], name=["甲桥", "乙桥", "丙桥", "丁隧道"],
        kind=["bridge", "bridge", "overpass", "tunnel"],
        grade=["E", "B", None, "D"], bci=[42.0, 85.0, None, None], width_m=[10.0, 12.0, 8.0, 9.0],
        elevated_m=[0.0, 0.0, 8.0, 0.0],
    )  # fmt: skip
    tunnel = table(
        [line(0, 0, 200, 0), line(0, 4, 200, 4)],
        name=["综合舱1", "燃气舱1"],
        compartment=["combined", "gas"],
        section=[1, 1],
        width_m=[3.6, 2.2],
        height_m=[3.4, 3.0],
        start_floor_m=[-6.0, -6.0],
        end_floor_m=[-6.2, -6.2],
        holds=["JS:600;RS:400;TX", "RQ:300"],
    )
    sites = table(
        [at(5, 5), at(60, 5), at(90, 5), at(120, 5)], code=list("wxyz"), name=["低点", "次低点", "泵站", "厕所"],
        kind=["ponding_point", "ponding_point", "pump_station", "public_toilet"], depth_m=[0.4, 0.1, None, None],
        area_m2=[300.0, 80.0, None, None], cause=["逆坡", "堵塞", None, None], capacity_m3s=[None, None, 2.5, None],
        pumps_out=[None, None, 1, None], state=["open", "open", "normal", "closed"],
    )  # fmt: skip
    pipes = table(
        [line(0, -5, 100, -5), line(100, -5, 200, -5), line(0, -8, 100, -8)], code=["A", "B", "C"],
        kind=["YS", "YS", "JS"], material=["钢筋混凝土", "PE", "铸铁"], diameter_mm=[1000, 500, 300],
        start_invert_m=[10.0, 9.0, 10.0], end_invert_m=[9.0, 9.5, 10.0], year=[1990, 2015, 2005],
    )  # fmt: skip
    return {
        "pipes": ("pipes", pipes), "sites": ("sites", sites), "tunnel": ("utility_tunnels", tunnel),
        "structures": ("structures", structures), "devices": ("devices", devices), "poles": ("poles", poles),
    }  # fmt: skip


def street(*names: str) -> tuple[ProjectState, dict[str, LayerData]]:
    """Return a project with some of the layers, all of them where none is named; every layer is switched off."""
    chosen = {name: entry for name, entry in tables().items() if not names or name in names}
    layers = tuple(Layer(name, name, "vector", role, visible=False) for name, (role, _) in chosen.items())
    data: dict[str, LayerData] = {name: made for name, (_, made) in chosen.items()}
    return ProjectState("街", "Street", FRAME, layers), data
