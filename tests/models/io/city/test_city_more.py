"""City models: files beside them, levels by what is seen, legends, real files in their place."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import Frame
from models.io.registry import find_format
from models.io.request import ReadRequest
from models.io.tiles3d.tileset_tree import Tree
from models.layers.layer import Layer, LayerData, ModelData, Style
from models.project.project import ProjectState
from models.store.cache import GeometryCache
from models.views.scene_state import Theme
from tests.support.city_files import FACES, Writer, b3dm, box, box_glb, tile_json, tileset, triangles, two_boxes_glb
from tests.support.paths import DATA
from viewers.render.symbology.theming import themed


def opened(path: Path, **options: str) -> ModelData:
    data = find_format(path).read(path, ReadRequest(options=options), Progress())[0].data
    assert isinstance(data, ModelData)
    return data


def bounds(data: ModelData) -> np.ndarray:
    found = data.meshes.bounds()
    assert found is not None
    return np.asarray(found + data.placement[:3, 3])


def city(**more: Any) -> dict[str, Any]:
    """A house with semantics and a picture, a road without."""
    corners = (box() * 1000).astype(int).tolist()
    house = {
        "type": "Solid", "lod": "2", "boundaries": [[[face] for face in FACES]],
        "semantics": {"surfaces": [{"type": "GroundSurface"}, {"type": "RoofSurface"}, {"type": "WallSurface"}],
                      "values": [[0, 1, 2, 2, 2, 2]]},
    }  # fmt: skip
    road = {"type": "MultiSurface", "lod": "1", "boundaries": [[[0, 1, 2, 3]]]}
    return {
        "type": "CityJSON", "version": "2.0", "vertices": corners,
        "transform": {"scale": [0.001] * 3, "translate": [90_000.0, 436_000.0, 1.0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"},
        "CityObjects": {"b": {"type": "Building", "geometry": [house]}, "r": {"type": "Road", "geometry": [road]}},
        **more,
    }  # fmt: skip


# --- files beside a model ---


def models_with_files(folder: Path) -> dict[str, tuple[Path, Path]]:
    """Return models by reader, each with one file that it names."""
    (folder / "c" / "look").mkdir(parents=True)
    named = folder / "c" / "look" / "wall.png"
    Image.new("RGB", (4, 4), (200, 0, 0)).save(named)
    said = city(appearance={"textures": [{"type": "PNG", "image": "look/wall.png"}],
                            "vertices-texture": [[0, 0], [1, 0], [1, 1], [0, 1]]})  # fmt: skip
    values = [[[[None]], [[None]], *([[0, 0, 1, 2, 3]] for _ in range(4))]]
    said["CityObjects"]["b"]["geometry"][0]["texture"] = {"look": {"values": values}}
    (folder / "c" / "a.city.json").write_text(json.dumps(said), encoding="utf-8")
    (folder / "o").mkdir()
    (folder / "o" / "a.obj").write_text("mtllib a.mtl\nusemtl m\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    (folder / "o" / "a.mtl").write_text("newmtl m\nKd 1 0 0\n")
    path = tileset(folder / "t", tile_json("0/a.b3dm"))
    (folder / "t" / "0").mkdir()
    (folder / "t" / "0" / "a.b3dm").write_bytes(b3dm(two_boxes_glb(), count=2))
    return {
        "cityjson": (folder / "c" / "a.city.json", named), "obj": (folder / "o" / "a.obj", folder / "o" / "a.mtl"),
        "tiles3d": (path, folder / "t" / "0" / "a.b3dm"),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["cityjson", "obj", "tiles3d"])
def test_a_changed_file_beside_a_model_makes_what_was_kept_of_it_old(tmp_path: Path, name: str) -> None:
    path, named = models_with_files(tmp_path)[name]
    cache = GeometryCache(tmp_path / "cache")
    first = cache.key_of(path, name, 1, {})
    (path.parent / "letter.docx").write_bytes(b"of no concern")
    assert cache.key_of(path, name, 1, {}) == first
    later = named.stat().st_mtime_ns + 2_000_000_000
    os.utime(named, ns=(later, later))
    changed = cache.key_of(path, name, 1, {})
    assert changed != first
    named.unlink()
    assert cache.key_of(path, name, 1, {}) not in (first, changed)


def test_a_changed_picture_is_seen_when_the_model_is_opened_again(tmp_path: Path, monkeypatch: Any) -> None:
    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from app.usecases.project.opening import open_files

    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    path, named = models_with_files(tmp_path)["cityjson"]
    seen = []
    for colour in ((200, 0, 0), (0, 0, 200)):
        Image.new("RGB", (4, 4), colour).save(named)
        os.utime(named, ns=(10**18 + colour[2], 10**18 + colour[2]))
        session = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache")
        open_files(session, [path])
        data = next(iter(session.project.data.values()))
        assert isinstance(data, ModelData)
        image = data.meshes.image(0)
        seen.append(tuple(image[image.shape[0] // 2, image.shape[1] // 2][:3].tolist()))
        session.close()
    assert seen == [(200, 0, 0), (0, 0, 200)]


def test_files_of_one_name_in_several_folders_stay_apart(tmp_path: Path) -> None:
    path = tileset(tmp_path / "t", tile_json(children=[tile_json("0/a.b3dm"), tile_json("1/a.b3dm")], refine="ADD"))
    for folder in ("0", "1"):
        (path.parent / folder).mkdir()
        (path.parent / folder / "a.b3dm").write_bytes(b3dm(two_boxes_glb(), {"name": [f"{folder}x", "y"]}, count=2))
    data = opened(path)
    assert data.elements["guid"].tolist() == ["0/a#0", "0/a#1", "1/a#0", "1/a#1"]
    assert data.psets[2]["3D Tiles"]["name"] == "1x"


# --- CityJSON that is not as it should be, and that is ---


def test_a_feature_without_its_header_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.city.jsonl"
    path.write_text(json.dumps({**city(), "type": "CityJSONFeature", "id": "b"}) + "\n")
    with pytest.raises(UserError, match=r"city3d\.no_header"):
        opened(path)


@pytest.mark.parametrize("vertices", ["[[0,0,0],[10000,0,0],[10000,8000,0],[0,8000,0.0]]",
                                      "[ [ 0, 0, 0 ],\n[1e4, 0, 0],[10000,8000,0],[0,8000,0] ]"])  # fmt: skip
def test_vertices_are_read_however_they_are_written(tmp_path: Path, vertices: str) -> None:
    surface = {"type": "MultiSurface", "lod": "1", "boundaries": [[[0, 1, 2, 3]]]}
    said = city(CityObjects={"r": {"type": "Road", "geometry": [surface]}}, vertices="VERTICES")
    plain = json.dumps(said).replace('"VERTICES"', vertices)
    said["CityObjects"]["r"]["attributes"] = {"vertices": [[1, 2, 3]]}  # a name that is there twice
    twice = json.dumps(said).replace('"VERTICES"', vertices)
    for text in (plain, twice):
        (tmp_path / "a.city.json").write_text(text)
        data = opened(tmp_path / "a.city.json")
        assert np.allclose(bounds(data), [[90_000, 436_000, 1], [90_010, 436_008, 1]], atol=1e-3)
    assert data.psets[0]["CityJSON"]["vertices"] == [[1, 2, 3]]


# --- which tiles ---


def test_the_tile_that_shows_most_is_refined_first(tmp_path: Path) -> None:
    """Two tiles of one error; the one in front is refined where the budget is enough for one."""
    fine = box_glb() + b" " * 4000

    def corner(y: float, name: str) -> dict[str, Any]:
        volume = {"box": [0, y, 0, 20, 0, 0, 0, 20, 0, 0, 0, 20]}
        return {**tile_json(f"{name}.glb", 8.0), "boundingVolume": volume,
                "children": [{**tile_json(f"{name}f.glb", 0.0), "boundingVolume": volume}]}  # fmt: skip

    root = {**tile_json("", 100.0, refine="REPLACE", children=[corner(2000, "far"), corner(-2000, "near")]),
            "boundingVolume": {"box": [0, 0, 0, 2000, 0, 0, 0, 2000, 0, 0, 0, 20]}}  # fmt: skip
    path = tileset(tmp_path / "t", root, far_glb=box_glb(), near_glb=box_glb(), farf_glb=fine, nearf_glb=fine)
    budget = len(fine) + len(box_glb())
    names = {file.name for tile in Tree(path).choose(budget, 1000) for file, _ in tile.files}
    assert names == {"far.glb", "nearf.glb"}


def test_what_nobody_can_see_is_not_refined(tmp_path: Path) -> None:
    volume = {"box": [0, 0, 0, 5000, 0, 0, 0, 5000, 0, 0, 0, 50]}
    for error, expected in ((0.001, "a.glb"), (1.0, "b.glb")):
        root = {**tile_json("a.glb", error, refine="REPLACE", children=[tile_json("b.glb")]), "boundingVolume": volume}
        top = {**tile_json("", 100.0, refine="REPLACE", children=[root]), "boundingVolume": volume}
        path = tileset(tmp_path / str(error), top, a_glb=box_glb(), b_glb=box_glb())
        tree = Tree(path)
        assert [file.name for tile in tree.choose(10**9, 1000) for file, _ in tile.files] == [expected]
        assert not tree.has_coarser


# --- legend ---


def legend_of(data: LayerData, lang: str, **style: Any) -> list[tuple[str, int | None]]:
    layer = Layer("c", "城", "model", "model", name_en="Town", style=Style(**style))
    state = ProjectState(frame=Frame("EPSG:7415", None, (0, 0, 0)), layers=(layer,))
    return [(e.text, e.count) for e in themed(state, {"c": data}, Theme("plain"), lang=lang).legend.entries]


def test_the_legend_says_what_roofs_walls_and_roads_are_and_counts_them(tmp_path: Path) -> None:
    (tmp_path / "a.city.json").write_text(json.dumps(city()))
    data = opened(tmp_path / "a.city.json")
    assert legend_of(data, "zh") == [("屋面", 1), ("墙面", 4), ("底面", 1), ("道路", 1)]
    assert legend_of(data, "en") == [("Roof", 1), ("Wall", 4), ("Ground", 1), ("Road", 1)]
    assert legend_of(data, "en", colour="#336699") == [("Town", None)]


def test_the_legend_counts_every_tree_of_a_template(tmp_path: Path) -> None:
    template = {"type": "MultiSurface", "lod": "1", "boundaries": [[face] for face in FACES]}
    eye = np.eye(4).ravel().tolist()
    trees = {
        f"t{i}": {"type": "SolitaryVegetationObject",
                  "geometry": [{"type": "GeometryInstance", "template": 0, "boundaries": [i],
                                "transformationMatrix": eye}]} for i in range(3)
    }  # fmt: skip
    said = city(CityObjects=trees, **{"geometry-templates": {"templates": [template],
                                                             "vertices-templates": box().tolist()}})  # fmt: skip
    (tmp_path / "a.city.json").write_text(json.dumps(said))
    assert legend_of(opened(tmp_path / "a.city.json"), "en") == [("Single plant", 3)]


# --- real files ---


@pytest.mark.data
@pytest.mark.skipif(not (DATA / "city3d").is_dir(), reason="no shared data")
class TestRealFiles:
    def test_a_template_stands_at_its_anchor(self) -> None:
        data = opened(DATA / "city3d/cjdb/geomtemplate.city.jsonl")
        assert np.allclose(bounds(data), [[85_174, 446_875, 5], [85_184, 446_885, 15]], atol=1e-3)

    def test_a_sequence_without_its_header_is_refused(self) -> None:
        with pytest.raises(UserError, match=r"city3d\.no_header"):
            opened(DATA / "city3d/cjdb/no_cityjson_obj.city.jsonl")

    def test_roads_of_plateau_stand_in_tokyo_with_their_codes(self) -> None:
        data = opened(DATA / "city3d/plateau_libplateau/udx/tran/533925_tran_6697_op.gml")
        from pyproj import Transformer

        assert set(data.elements["ifc_class"]) == {"Road"}
        assert len(data.elements) == 9
        middle = bounds(data).mean(axis=0)
        lon, lat = Transformer.from_crs(data.crs, "EPSG:6668", always_xy=True).transform(*middle[:2])
        # The mesh code 533925 of JIS X 0410 is the square from 35°30' N, 139°37'30" E, 5' × 7'30" wide.
        assert 35 + 30 / 60 - 0.01 < lat < 35 + 35 / 60 + 0.01
        assert 139 + 37.5 / 60 - 0.01 < lon < 139.75 + 0.01

    @pytest.mark.parametrize(("one", "other", "axes"), [
        # In Delft's CityJSON houses are blocks from -15 m, in its OBJ they have roofs: only the plan is the same.
        ("scenes/scene_delft_3dfier/output/testarea.obj", "scenes/scene_delft_3dfier/output/testarea.json", 2),
        ("scenes/scene_brienenoord/export.obj", "scenes/scene_brienenoord/export.json", 3),
    ])  # fmt: skip
    def test_an_obj_stands_where_the_same_city_as_cityjson_stands(self, one: str, other: str, axes: int) -> None:
        obj, cityjson = (bounds(opened(DATA / name)) for name in (one, other))
        assert np.abs(obj - cityjson)[:, :axes].max() < 0.01


def test_cityjson_1_0_and_citygml_1_0_are_read(tmp_path: Path) -> None:
    from tests.support.city_files import building_2, citygml

    text = citygml("2.0", building_2(box(466_000.0, 5_426_000.0, 100)))
    text = re.sub(r"(opengis\.net/citygml/(?:\w+/)?)2\.0", r"\g<1>1.0", text)
    (tmp_path / "a.gml").write_text(text, encoding="utf-8")
    data = opened(tmp_path / "a.gml")
    assert data.info["schema"] == "CityGML 1.0"
    assert data.elements["ifc_class"].tolist() == ["Building", "BuildingPart"]
    assert legend_of(data, "en")[:3] == [("Roof", 1), ("Wall", 4), ("Ground", 1)]
    said = city(version="1.0", metadata={"referenceSystem": "urn:ogc:def:crs:EPSG::7415"})
    (tmp_path / "a.json").write_text(json.dumps(said))
    old = opened(tmp_path / "a.json")
    assert old.info["schema"] == "CityJSON 1.0"
    assert old.crs == "EPSG:7415"


@pytest.mark.render
def test_a_tileset_is_seen_where_its_houses_are(tmp_path: Path) -> None:
    """A red house and a blue one: both colours are in the picture, red to the west."""
    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from app.usecases.project.opening import open_files
    from app.usecases.views.snapshots import make_spec, take_snapshot
    from tests.support.city_files import earth_matrix

    writer = Writer()
    for x, colour in ((-30.0, [0.8, 0.02, 0.02, 1]), (30.0, [0.02, 0.05, 0.8, 1])):
        writer.said["materials"].append({"pbrMetallicRoughness": {"baseColorFactor": colour}})
        number = len(writer.said["materials"]) - 1
        writer.node(writer.mesh(box(x, 0, 0, (20, 20, 15)), triangles(), material=number))
    place = earth_matrix(116.39, 39.91, 44).T.ravel().tolist()
    path = tileset(tmp_path / "t", tile_json("a.glb", transform=place), a_glb=writer.glb(), version="1.1")
    session = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache")
    open_files(session, [path])
    take_snapshot(session, make_spec(session, size=(480, 360), furniture=False), tmp_path / "a.png")
    session.close()
    image = np.asarray(Image.open(tmp_path / "a.png").convert("RGB")).astype(int)
    red = (image[..., 0] > image[..., 2] + 60) & (image[..., 0] > image[..., 1] + 60)
    blue = (image[..., 2] > image[..., 0] + 60) & (image[..., 2] > image[..., 1] + 40)
    assert red.sum() > 100
    assert blue.sum() > 100
    assert np.flatnonzero(red.any(axis=0)).mean() < np.flatnonzero(blue.any(axis=0)).mean()
