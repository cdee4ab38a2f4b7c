"""Layers of surfaces in space come into a project, are linked by it, and are there when it is opened again."""

from __future__ import annotations

import struct
from pathlib import Path

import pyarrow as pa
import pyogrio

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.project import opening
from models.layers.layer import ModelData

E0, N0 = 501_000.0, 4_058_000.0


def triangle(height_m: float) -> bytes:
    corners = [(E0, N0, 0.0), (E0 + 10, N0, 0.0), (E0 + 10, N0, height_m), (E0, N0, 0.0)]
    ring = b"".join(struct.pack("<3d", *corner) for corner in corners)
    return struct.pack("<BIIBIII", 1, 1016, 1, 1, 1017, 1, 4) + ring


def multipatch(path: Path) -> Path:
    table = pa.table({"n": [1], "g": pa.array([triangle(5.0)], pa.binary())})
    pyogrio.write_arrow(
        table, path, geometry_name="g", geometry_type="Unknown", crs="EPSG:4548", driver="ESRI Shapefile",
        layer_options={"SHPT": "MULTIPATCH"},
    )  # fmt: skip
    return path


def drawing(path: Path) -> Path:
    line = [0, "LINE", 5, "A1", 100, "AcDbEntity", 8, "楼", 10, E0, 20, N0, 30, 0, 11, E0 + 5, 21, N0, 31, 0]
    face = [0, "3DFACE", 5, "A2", 100, "AcDbEntity", 8, "楼", 100, "AcDbFace", 10, E0, 20, N0, 30, 0, 11, E0 + 5, 21,
            N0, 31, 0, 12, E0 + 5, 22, N0, 32, 4, 13, E0, 23, N0, 33, 4]  # fmt: skip
    head = [0, "SECTION", 2, "HEADER", 9, "$ACADVER", 1, "AC1024", 0, "ENDSEC", 0, "SECTION", 2, "ENTITIES"]
    path.write_text("\n".join(map(str, [*head, *line, *face, 0, "ENDSEC", 0, "EOF"])) + "\n", encoding="utf-8")
    return path


def test_bodies_of_a_multipatch_and_of_a_drawing_are_there_again(tmp_path: Path) -> None:
    files = [multipatch(tmp_path / "a.shp"), drawing(tmp_path / "b.dxf")]
    session = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache")
    opening.open_files(session, files, crs="EPSG:4548")
    kinds = [(layer.name, layer.kind) for layer in session.project.state.layers]
    assert kinds == [("a", "model"), ("楼", "vector"), ("楼 · 体", "model")]
    opening.save_project(session, tmp_path / "p.gpkg")
    session.close()
    session = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path / "other")
    opening.open_project(session, tmp_path / "p.gpkg")
    assert [(layer.name, layer.kind) for layer in session.project.state.layers] == kinds
    bodies = [session.project.data[layer.id] for layer in session.project.state.layers if layer.kind == "model"]
    assert all(isinstance(data, ModelData) and len(data.elements) == 1 for data in bodies)
    session.close()
