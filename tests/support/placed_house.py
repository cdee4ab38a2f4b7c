"""A house that states no place, on a terrain that rises to the east, for tests of placing by hand."""

from pathlib import Path

import numpy as np
import pandas as pd

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.project.project_frame import placed
from models.crs.frame import Frame
from models.geometry.meshes import MeshStore
from models.io.ifc.property_sets import PsetStore
from models.layers.layer import Layer, ModelData, RasterData, Source
from models.project.project import ProjectState

FRAME = Frame("EPSG:4548", "EPSG:5737", (502000, 4059000, 0))


def box_model(size: tuple[float, float, float] = (20.0, 10.0, 8.0)) -> ModelData:
    """Return a house that says nothing about its place: one box on its own origin."""
    x, y, z = size
    corners = np.array([[i, j, k] for i in (0, x) for j in (0, y) for k in (0, z)], dtype=np.float32)
    sides = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = np.array([t for a, b, c, d in sides for t in ((a, b, c), (a, c, d))], dtype=np.int32)
    store = MeshStore(
        vertices=corners, faces=faces, mesh_vertices=np.array([0, 8]), mesh_faces=np.array([0, 12]),
        face_material=np.zeros(12, np.int32), materials=np.array([[0.8, 0.8, 0.8, 1.0]], np.float32),
        placement_mesh=np.array([0], np.int32), placement_element=np.array([1], np.int32),
        placement_matrix=np.eye(4)[None],
    )  # fmt: skip
    rows = [("IfcProject", "工程", -1, False), ("IfcWall", "墙", 0, True)]
    elements = pd.DataFrame(rows, columns=["ifc_class", "name", "parent", "has_geometry"])
    for name in ("guid", "storey", "type_name", "long_name", "description", "tag", "object_type", "predefined_type",
                 "material", "classification", "system"):  # fmt: skip
        elements[name] = ""
    elements["elevation_m"] = np.nan
    return ModelData(store, elements, PsetStore.of({}, 2), np.eye(4), "", {"georef": "none"})


def slope() -> RasterData:
    """Return a terrain that rises 1 m in 100 m to the east."""
    values = np.tile(np.arange(101, dtype=np.float32) * 0.1 + 20.0, (101, 1))
    return RasterData(values, (10.0, 0.0, 501500.0, 0.0, -10.0, 4059500.0), "EPSG:4548")


def session_with_house(tmp_path: Path) -> Session:
    """Return a session with the terrain and the house."""
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    state = ProjectState(
        "城", "Town", FRAME,
        (Layer("ground", "地形", "terrain", "terrain"), Layer("house", "楼", "model", "model", Source(reader="ifc"))),
    )  # fmt: skip
    made.project.replace_all(state, {"ground": slope(), "house": placed(box_model(), FRAME)}, None)
    return made
