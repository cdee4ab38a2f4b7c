"""CityJSON: versions, levels of detail, holes, templates, sequences."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.city.cityjson import crs_of, read
from models.io.common.polygons import Polygons, triangulate
from models.io.registry import find_format
from models.io.request import ReadRequest
from models.layers.layer import ModelData

BOTTOM_TO_TOP = [[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]
CORNERS = [[x, y, z] for z in (0, 3000) for x, y in ((0, 0), (10000, 0), (10000, 8000), (0, 8000))]


def city(**more: Any) -> dict[str, Any]:
    solid = {
        "type": "Solid", "lod": "2.2", "boundaries": [[[ring] for ring in BOTTOM_TO_TOP]],
        "semantics": {"surfaces": [{"type": "GroundSurface"}, {"type": "RoofSurface"}, {"type": "WallSurface"}],
                      "values": [[0, 1, 2, 2, 2, 2]]},
    }  # fmt: skip
    rough = {"type": "MultiSurface", "lod": "0", "boundaries": [[[0, 1, 2, 3]]]}
    return {
        "type": "CityJSON", "version": "2.0",
        "transform": {"scale": [0.001] * 3, "translate": [502000.5, 4059000.25, 30.0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/4548"},
        "CityObjects": {
            "a": {"type": "Building", "attributes": {"name": "图书馆", "storeys": 3}, "children": ["b"]},
            "b": {"type": "BuildingPart", "parents": ["a"], "geometry": [rough, solid]},
        },
        "vertices": CORNERS,
        **more,
    }  # fmt: skip


def open_city(path: Path, document: Any, **request: Any) -> ModelData:
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    assert find_format(path).id == "cityjson"
    data = read(path, ReadRequest(**request), Progress())[0].data
    assert isinstance(data, ModelData)
    return data


def test_a_city_object_is_an_element_with_its_attributes_and_parent(tmp_path: Path) -> None:
    data = open_city(tmp_path / "a.city.json", city())
    assert data.elements[["guid", "ifc_class", "name"]].values.tolist() == [
        ["a", "Building", "图书馆"], ["b", "BuildingPart", "b"]]  # fmt: skip
    assert data.elements["parent"].tolist() == [-1, 0]
    assert data.elements["has_geometry"].tolist() == [False, True]
    assert data.psets[0] == {"CityJSON": {"name": "图书馆", "storeys": 3}}


def test_the_highest_level_of_detail_is_drawn_where_it_stands(tmp_path: Path) -> None:
    data = open_city(tmp_path / "a.json", city())
    assert data.meshes.triangle_count == 12
    bounds = data.meshes.bounds()
    assert bounds is not None
    low, high = bounds + data.placement[:3, 3]
    assert np.allclose(low, [502000.5, 4059000.25, 30.0])
    assert np.allclose(high, [502010.5, 4059008.25, 33.0])
    assert len(data.meshes.materials) == 3  # ground, roof, wall


def test_triangles_look_outwards(tmp_path: Path) -> None:
    store = open_city(tmp_path / "a.json", city()).meshes
    points = store.vertices.astype(float)
    a, b, c = (points[store.faces[:, i]] for i in range(3))
    volume = np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6
    assert np.isclose(volume, 240.0, rtol=1e-5)


def test_a_hole_stays_a_hole_on_any_wall() -> None:
    square = [(0, 0), (10, 0), (10, 10), (0, 10)]
    hole = [(4, 4), (4, 6), (6, 6), (6, 4)]
    for place in (lambda u, v: (u, v, 0.0), lambda u, v: (0.0, u, v), lambda u, v: (v, 3.0, u)):
        points = np.array([place(u, v) for u, v in square + hole], dtype=float)
        polygons = Polygons(np.arange(8), np.array([0, 4, 8]), np.array([0, 2]))
        edges = points[triangulate(points, polygons)[0]]
        area = np.linalg.norm(np.cross(edges[:, 1] - edges[:, 0], edges[:, 2] - edges[:, 0]), axis=1).sum() / 2
        assert np.isclose(area, 96.0)


def test_a_template_is_one_mesh_placed_many_times(tmp_path: Path) -> None:
    tree = {
        "type": "GeometryInstance",
        "template": 0,
        "boundaries": [0],
        "transformationMatrix": list(np.eye(4).ravel()),
    }
    objects = {
        f"t{i}": {"type": "SolitaryVegetationObject", "geometry": [{**tree, "boundaries": [i]}]} for i in range(4)
    }
    template = {"type": "MultiSurface", "lod": "2", "boundaries": [[[0, 1, 2]]]}
    shared = {"templates": [template], "vertices-templates": [[0, 0, 0], [1, 0, 0], [0, 0, 5]]}
    data = open_city(tmp_path / "a.json", city(CityObjects=objects, **{"geometry-templates": shared}))
    assert (len(data.meshes.mesh_faces) - 1, len(data.meshes.placement_mesh)) == (1, 4)


def test_a_sequence_opens_feature_by_feature(tmp_path: Path) -> None:
    whole = city()
    header = {**whole, "CityObjects": {}, "vertices": []}
    feature = {"type": "CityJSONFeature", "id": "a", "CityObjects": whole["CityObjects"], "vertices": whole["vertices"]}
    lines = [json.dumps(header), json.dumps(feature)]
    data = open_city(tmp_path / "a.city.jsonl", "\n".join(lines))
    assert (len(data.elements), data.meshes.triangle_count) == (2, 12)


@pytest.mark.parametrize(
    "said", ["urn:ogc:def:crs:EPSG::7415", "https://www.opengis.net/def/crs/EPSG/0/7415", "EPSG:7415",
             "http://www.opengis.net/def/crs/EPSG/9.9/7415"]
)  # fmt: skip
def test_every_spelling_of_a_crs_is_understood(said: str) -> None:
    assert crs_of({"metadata": {"referenceSystem": said}}) == "EPSG:7415"


def test_a_broken_document_is_refused_by_name(tmp_path: Path) -> None:
    for number, document in enumerate(({"type": "CityJSON", "CityObjects": {}},
                                       {"type": "CityJSON", "CityObjects": {"a": {"geometry": 7}}})):  # fmt: skip
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(document))
        with pytest.raises(UserError, match=r"io\.(damaged|no_features)"):
            read(path, ReadRequest(), Progress())
