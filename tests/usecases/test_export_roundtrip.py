"""What we hand out in three dimensions comes back by our own readers: same place, same attributes, same surfaces."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import box

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.layers import exporting
from models.core.progress import Progress
from models.crs.frame import Frame, crs_label
from models.io.registry import find_format
from models.io.request import ReadRequest
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState

CRS = "EPSG:4548"
E0, N0 = 502_000.0, 4_059_000.0
ENDINGS = [".city.json", ".glb", ".tileset.json"]
FACES = [[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]


def town() -> dict:
    """Two blocks three kilometres apart, where a plane leaves the earth by a metre, and a pond without semantics."""
    objects, vertices = {}, []
    for number, (x, y) in enumerate([(0, 0), (3000, 200)]):
        first = len(vertices)
        vertices += [[x * 1000 + u, y * 1000 + v, 30_000 + w] for w in (0, 9000) for u, v in
                     ((0, 0), (10_000, 0), (10_000, 8000), (0, 8000))]  # fmt: skip
        objects[f"b{number}"] = {
            "type": "Building", "attributes": {"name": f"楼{number}", "storeys": 3 + number, "area": 80.5},
            "geometry": [{"type": "Solid", "lod": "2", "boundaries": [[[[first + i for i in ring]] for ring in FACES]],
                          "semantics": {"surfaces": [{"type": "GroundSurface"}, {"type": "RoofSurface"},
                                                     {"type": "WallSurface"}], "values": [[0, 1, 2, 2, 2, 2]]}}],
        }  # fmt: skip
    first = len(vertices)
    vertices += [[500_000, 500_000, 29_000], [520_000, 500_000, 29_000], [520_000, 530_000, 29_000]]
    pond = {"type": "MultiSurface", "lod": "1", "boundaries": [[[first, first + 1, first + 2]]]}
    objects["w"] = {"type": "WaterBody", "attributes": {"name": "塘", "area": 300.0}, "geometry": [pond]}
    return {
        "type": "CityJSON", "version": "2.0", "CityObjects": objects, "vertices": vertices,
        "transform": {"scale": [0.001] * 3, "translate": [E0, N0, 0.0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/4548"},
    }  # fmt: skip


def opened(path: Path):
    return find_format(path).read(path, ReadRequest(), Progress())[0]


def corners_of(data) -> np.ndarray:
    """Return all corners of triangles in the map, (3 f, 3), sorted."""
    store, found = data.meshes, []
    for at, mesh in enumerate(store.placement_mesh):
        points = store.vertices[store.mesh_vertices[mesh] : store.mesh_vertices[mesh + 1]].astype(float)
        matrix = data.placement @ store.placement_matrix[at]
        faces = store.faces[store.mesh_faces[mesh] : store.mesh_faces[mesh + 1]]
        found.append((points @ matrix[:3, :3].T + matrix[:3, 3])[faces.ravel()])
    return np.concatenate(found)


def far(one: np.ndarray, other: np.ndarray) -> float:
    """Return how far the worst corner of one is from the nearest of the other, metres."""
    return max(
        float(np.linalg.norm(b[None] - a[:, None], axis=2).min(axis=1).max()) for a, b in ((one, other), (other, one))
    )


def attributes_of(data) -> dict[str, dict]:
    """Return the attributes of what has a shape, by name."""
    found = {}
    for oid in np.unique(data.meshes.placement_element).tolist():
        said = {k: v for values in data.psets[oid].values() for k, v in values.items()}
        found[str(data.elements["name"][oid])] = said
    return found


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    made = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache")
    yield made
    made.close()


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_city_model_comes_back_where_it_was_with_what_was_known(session, tmp_path, ending):
    source = tmp_path / "town.city.json"
    source.write_text(json.dumps(town()), encoding="utf-8")
    first = opened(source)
    state = ProjectState(frame=Frame(CRS, None, (E0, N0, 0)), layers=(first.layer,))
    session.project.replace_all(state, {first.layer.id: first.data}, None)
    exporting.export(session, first.layer.id, tmp_path / f"out{ending}")
    back = opened(tmp_path / f"out{ending}").data
    assert crs_label(back.crs) == CRS
    assert back.meshes.triangle_count == first.data.meshes.triangle_count == 25
    assert far(corners_of(first.data), corners_of(back)) < 1e-3
    before, after = attributes_of(first.data), attributes_of(back)
    assert set(after) == {"楼0", "楼1", "塘"}
    for name, said in before.items():
        assert said.items() <= after[name].items()
    if ending == ".city.json":
        kinds = dict(zip(back.elements["guid"], back.elements["ifc_class"], strict=True))
        assert kinds == {"b0": "Building", "b1": "Building", "w": "WaterBody"}
        assert surfaces_of(back) == surfaces_of(first.data) == {"GroundSurface": 4, "RoofSurface": 4, "WallSurface": 16}


def surfaces_of(data) -> dict[str, int]:
    """Return how many triangles each type of surface has."""
    names = [one["type"] for one in data.info["surfaces"]]
    row = data.meshes.face_surface
    return {name: int((row == at).sum()) for at, name in sorted(enumerate(names), key=lambda pair: pair[1])}


@pytest.mark.parametrize("ending", ENDINGS)
def test_raised_footprints_come_back_where_they_were(session, tmp_path, ending):
    frame = gpd.GeoDataFrame(
        {"name": ["一号楼", "二号楼"], "height_m": [12.0, 30.5], "storeys": [4, 10]},
        geometry=[box(E0, N0, E0 + 20, N0 + 10), box(E0 + 40, N0, E0 + 60, N0 + 20)], crs=CRS,
        index=pd_index([3, 7]),
    )  # fmt: skip
    layer = Layer("houses", "建筑", "vector", "buildings")
    state = ProjectState(frame=Frame(CRS, None, (E0, N0, 20)), layers=(layer,))
    session.project.replace_all(state, {"houses": VectorData(frame)}, None)
    exporting.export(session, "houses", tmp_path / f"out{ending}")
    back = opened(tmp_path / f"out{ending}").data
    found = corners_of(back)
    base = found[:, 2].min()
    expected = np.concatenate([
        [[x, y, base + z] for x in (a, a + 20) for y in (N0, N0 + b) for z in (0, high)]
        for a, b, high in ((E0, 10, 12.0), (E0 + 40, 20, 30.5))
    ])  # fmt: skip
    assert far(found, expected) < 1e-3
    said = attributes_of(back)
    assert {name: (one["height_m"], one["storeys"]) for name, one in said.items()} == {
        "一号楼": (12.0, 4), "二号楼": (30.5, 10)
    }  # fmt: skip
    if ending == ".city.json":
        assert surfaces_of(back) == {"GroundSurface": 4, "RoofSurface": 4, "WallSurface": 16}


def pd_index(values):
    import pandas as pd

    return pd.Index(values, name="fid")
