"""A city of three buildings, four components and two districts, for tests of the use cases."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
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
