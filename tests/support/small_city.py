"""Small made-up cities: of three buildings, four components and two districts; of towers, parks and sub-districts."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Point, box

from app.session import Session
from models.crs.frame import Frame
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState
from models.views.camera import Camera

FRAME = Frame("EPSG:4548", "EPSG:5737", (502000, 4059000, 0))

CAMERA = Camera((501000.0, 4058000.0, 900.0), (502000.0, 4059000.0, 40.0))


def city(session: Session) -> None:
    """Open a city of three buildings, four components and two districts."""
    square = [box(502000 + 30 * i, 4059000, 502020 + 30 * i, 4059010) for i in range(3)]
    buildings = gpd.GeoDataFrame(
        {"name": ["甲", "乙", "丙"], "name_en": ["A", "B", ""], "storeys": [6, 18, 3], "height_m": [18.0, 54.0, np.nan],
         "use": ["residential", "office", "residential"], "year": [1998, 2015, 2001]},
        geometry=square, crs="EPSG:4548", index=[11, 12, 13],
    )  # fmt: skip
    codes = ["3701020101000001", "3701020101000002", "3701020103000003", "bad"]
    components = gpd.GeoDataFrame(
        {"ObjID": codes, "ObjName": ["给水井盖"] * 4, "ObjState": ["完好", "破损", None, "完好"],
         "bearing_deg": [0.0, 90.0, 5.5, 1.0]},
        geometry=[Point(502000 + i, 4059000) for i in range(4)], crs="EPSG:4548", index=[1, 2, 3, 4],
    )  # fmt: skip
    state = ProjectState(
        name="试验城",
        name_en="Test city",
        frame=FRAME,
        layers=(
            Layer("buildings", "建筑", "vector", "buildings", name_en="Buildings", synthetic=True),
            Layer("components", "部件", "vector", "facilities", name_en="Components", code_edition="cjt214_2007"),
        ),
    )
    session.project.replace_all(state, {"buildings": VectorData(buildings), "components": VectorData(components)}, None)


#: Where the city of towers stands: project CRS and its middle.
CRS, X, Y = "EPSG:4548", 502_000.0, 4_059_000.0

Part = tuple[Layer, VectorData]


def _layer(role: str, shapes: list[shapely.Geometry], **columns: object) -> Part:
    index = pd.RangeIndex(1, len(shapes) + 1, name="fid")
    moved = [shapely.affinity.translate(one, X, Y) for one in shapes]
    frame = gpd.GeoDataFrame(columns, geometry=moved, crs=CRS, index=index)
    return Layer(role, role, "vector", role), VectorData(frame)


def tower_city(units: int = 4) -> tuple[ProjectState, dict[str, VectorData]]:
    """Return state and data: sub-districts of 200 m in a row with a park and a parcel each, and four houses.

    House 1 is low and stands north of the towers 2 and 3; house 4 stands by itself. The parks are 1, 2, 3 … times 20 m
    long, so that each unit has a value of its own.
    """
    numbers = range(units)
    squares = [shapely.box(200 * k - 100, -100, 200 * k + 100, 100) for k in numbers]
    parks = [shapely.box(200 * k - 80, -80, 200 * k - 80 + 20 * (k + 1), -60) for k in numbers]
    parcels = [shapely.box(200 * k - 80, -40, 200 * k + 40, 40) for k in numbers]
    houses = [(-6, 10, 6, 20), (-40, -14, 0, 2), (0, -14, 40, 2), (60, 60, 72, 70)]
    codes, names = [f"D{k}" for k in numbers], [f"{'甲乙丙丁戊己庚辛'[k % 8]}街道" for k in numbers]
    parts: list[Part] = [
        _layer("districts", squares, code=codes, name=names),
        _layer("green", parks, kind=["park"] * units, open_to_public=[True] * units, historic=[False] * units),
        _layer("parcels", parcels, code=[f"P{k}" for k in numbers], land_use=["R2"] * units, district_code=codes,
               name=[f"{k + 1}号院" for k in numbers]),
        _layer("buildings", [shapely.box(*one) for one in houses], height_m=[8.0, 60.0, 60.0, 12.0], base_m=[0.0] * 4,
               storeys=[2, 20, 20, 4], use=["residential"] * 4, name=["低屋", "东塔", "西塔", "独屋"]),
    ]  # fmt: skip
    state = ProjectState("塔城", frame=Frame(CRS, None, (X, Y, 0.0)), layers=tuple(layer for layer, _ in parts))
    return state, {layer.id: data for layer, data in parts}


def open_tower_city(session: Session, units: int = 4) -> None:
    """Let a session hold it, unsaved."""
    session.project.replace_all(*tower_city(units), None)
