"""3D Tiles, glTF and OBJ: every kind of tile in its place, features clickable, hostile ones refused."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import DracoPy
import numpy as np
import pytest
import trimesh
from PIL import Image
from pyproj import Transformer

from models.bim import city_objects as city3d
from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import zone_for
from models.io.registry import find_format
from models.io.request import Opened, ReadRequest
from models.layers.layer import CloudData, ModelData
from tests.support.city_files import (
    Writer,
    b3dm,
    box,
    box_glb,
    cmpt,
    earth_matrix,
    i3dm,
    pnts,
    subtree,
    tile_json,
    tileset,
    triangles,
    two_boxes_glb,
)

LON, LAT, HEIGHT = 116.39, 39.91, 44.0
EARTH = earth_matrix(LON, LAT, HEIGHT)
TRANSFORM = EARTH.T.ravel().tolist()
TO_MAP = Transformer.from_pipeline(
    # The same place told another way: PROJ's own steps from earth-centred to CGCS2000, 3-degree zone 117° E.
    "+proj=pipeline +step +inv +proj=cart +ellps=WGS84 +step +proj=tmerc +lat_0=0 +lon_0=117 +k=1 +x_0=500000 +y_0=0 "
    "+ellps=GRS80"
)


def opened(path: Path, **options: str) -> list[Opened]:
    row = find_format(path)
    return row.read(path, ReadRequest(options=options), Progress())


def model(path: Path, **options: str) -> ModelData:
    data = opened(path, **options)[0].data
    assert isinstance(data, ModelData)
    return data


def corners_of(data: ModelData, oid: int) -> np.ndarray:
    return np.unique(np.round(city3d.faces_of(data, oid)[0].reshape(-1, 3), 4), axis=0)


def on_map(local: np.ndarray) -> np.ndarray:
    earth = local @ EARTH[:3, :3].T + EARTH[:3, 3]
    return np.column_stack(TO_MAP.transform(earth[:, 0], earth[:, 1], earth[:, 2]))


def assert_there(data: ModelData, oid: int, local: np.ndarray) -> None:
    found, wanted = corners_of(data, oid), on_map(local)
    distance = np.linalg.norm(found[:, None, :] - wanted[None], axis=2)
    assert distance.min(axis=0).max() < 1e-3
    assert distance.min(axis=1).max() < 1e-3


def codes(data: ModelData) -> list[str]:
    return [caution.code for caution in data.cautions]


def test_a_b3dm_stands_where_pyproj_says_and_its_features_have_attributes(tmp_path: Path) -> None:
    batch = {"name": ["甲", "乙"], "height": [3.0, 5.0]}
    path = tileset(tmp_path, tile_json("a.b3dm", transform=TRANSFORM), a_b3dm=b3dm(two_boxes_glb(), batch, count=2))
    data = model(path)
    assert data.crs == zone_for(LON, LAT)
    assert data.elements["name"].tolist() == ["甲", "乙"]
    assert data.psets[1] == {"3D Tiles": {"name": "乙", "height": 5.0}}
    assert_there(data, 0, box())
    assert_there(data, 1, box(x=20.0))
    assert codes(data) == ["city3d.ellipsoidal"]


def test_an_rtc_centre_counts_in_the_tile_and_in_the_glb(tmp_path: Path) -> None:
    turned = box() @ EARTH[:3, :3].T
    data = model(tileset(tmp_path / "a", tile_json("a.b3dm"), a_b3dm=b3dm(box_glb(turned), rtc=EARTH[:3, 3])))
    assert_there(data, 0, box())
    writer = Writer()
    writer.node(writer.mesh(turned, triangles()))
    writer.said["extensions"] = {"CESIUM_RTC": {"center": EARTH[:3, 3].tolist()}}
    data = model(tileset(tmp_path / "b", tile_json("a.glb"), version="1.1", a_glb=writer.glb()))
    assert_there(data, 0, box())


def test_instances_share_one_mesh_and_stand_upright_where_they_are(tmp_path: Path) -> None:
    places = np.array([[0.0, 0, 0], [300, 100, 2], [-500, 400, 5]])
    data_i3dm = i3dm(box_glb(), places, {"kind": ["槐", "柳", "杨"]})
    data = model(tileset(tmp_path, tile_json("a.i3dm", transform=TRANSFORM), a_i3dm=data_i3dm))
    assert (len(data.meshes.mesh_faces) - 1, len(data.meshes.placement_mesh)) == (1, 3)
    assert data.psets[1] == {"3D Tiles": {"kind": "柳"}}
    for oid, place in enumerate(places):
        assert_there(data, oid, box() + place)


def test_instances_that_say_east_north_up_stand_on_the_ellipsoid(tmp_path: Path) -> None:
    data = model(
        tileset(
            tmp_path, tile_json("a.i3dm"),
            a_i3dm=i3dm(box_glb(), np.zeros((1, 3)), RTC_CENTER=EARTH[:3, 3].tolist(), EAST_NORTH_UP=True),
        )
    )  # fmt: skip
    assert_there(data, 0, box())


def test_points_become_a_cloud(tmp_path: Path) -> None:
    points = np.random.default_rng(1).uniform(-20, 20, (50, 3)).astype(np.float32)
    colours = np.arange(150).reshape(50, 3) % 256
    path = tileset(tmp_path, tile_json("a.pnts", transform=TRANSFORM), a_pnts=pnts(points, colours))
    (one,) = opened(path)
    assert isinstance(one.data, CloudData)
    assert one.layer.kind == "cloud"
    assert np.abs(one.data.points + one.data.offset - on_map(points.astype(float))).max() < 1e-3
    assert one.data.colours is not None
    assert np.array_equal(one.data.colours, colours)


def test_a_composite_holds_several_tiles(tmp_path: Path) -> None:
    both = cmpt(b3dm(box_glb()), cmpt(i3dm(box_glb(box(x=50)), np.zeros((1, 3)))), pnts(np.zeros((4, 3))))
    layers = opened(tileset(tmp_path, tile_json("a.cmpt", transform=TRANSFORM), a_cmpt=both))
    assert [one.layer.kind for one in layers] == ["model", "cloud"]
    data = layers[0].data
    assert isinstance(data, ModelData)
    assert_there(data, 0, box())
    assert_there(data, 1, box(x=50))


def test_finer_tiles_replace_coarser_ones_and_a_small_budget_keeps_the_coarse_one(tmp_path: Path) -> None:
    fine = [tile_json(f"f{i}.b3dm", 0.0) for i in range(4)]
    root = tile_json("coarse.b3dm", 50.0, refine="REPLACE", transform=TRANSFORM, children=fine)
    files = {f"f{i}_b3dm": b3dm(box_glb(box(x=20.0 * i))) for i in range(4)}
    path = tileset(tmp_path, root, coarse_b3dm=b3dm(box_glb(box(size=(80, 8, 3)))), **files)
    full = model(path)
    assert len(full.elements) == 4
    coarse = model(path, budget_mb="0.002")
    assert coarse.elements["name"].tolist() == ["coarse"]
    assert "city3d.tiles_coarse" in codes(coarse)
    (tmp_path / "f2.b3dm").unlink()
    holed = model(path)
    assert holed.elements["name"].tolist() == ["coarse"]  # a hole is worse than a coarse tile
    assert "city3d.tiles_lost" in codes(holed)


def test_added_tiles_stand_beside_their_parent(tmp_path: Path) -> None:
    root = tile_json("a.b3dm", 50.0, refine="ADD", children=[tile_json("b.b3dm")])
    path = tileset(tmp_path, root, a_b3dm=b3dm(box_glb()), b_b3dm=b3dm(box_glb(box(x=30))))
    data = model(path)
    assert sorted(data.elements["name"]) == ["a", "b"]
    assert data.crs == ""  # not earth-centred: a person says where it stands
    assert codes(data) == ["io.no_georeference"]


def test_a_tileset_in_a_tileset_is_followed_with_its_transform(tmp_path: Path) -> None:
    tileset(tmp_path / "in", tile_json("b.b3dm"), name="inner.json", b_b3dm=b3dm(box_glb()))
    data = model(tileset(tmp_path, tile_json("in/inner.json", 10.0, transform=TRANSFORM)))
    assert_there(data, 0, box())


def test_an_implicit_quadtree_gives_the_tiles_that_its_subtrees_name(tmp_path: Path) -> None:
    content = {(2, 0), (2, 3), (2, 15)}
    tree = subtree(3, {(0, 0), (1, 0), (1, 3), *content}, content, set())
    root = tile_json("", 16.0, refine="ADD", transform=TRANSFORM, content={"uri": "c_{level}_{x}_{y}.glb"}, implicitTiling={  # noqa: E501
        "subdivisionScheme": "QUADTREE", "subtreeLevels": 3, "availableLevels": 3,
        "subtrees": {"uri": "s.{level}.{x}.{y}.subtree"}})  # fmt: skip
    path = tileset(tmp_path, root, version="1.1")
    (tmp_path / "s.0.0.0.subtree").write_bytes(tree)
    cells = {(2, 0): (0, 0), (2, 3): (1, 1), (2, 15): (3, 3)}  # Morton order: x takes the even bits
    for x, y in cells.values():
        (tmp_path / f"c_2_{x}_{y}.glb").write_bytes(box_glb(box(x=100.0 * x, y=100.0 * y)))
    data = model(path)
    assert sorted(data.elements["name"]) == ["c_2_0_0", "c_2_1_1", "c_2_3_3"]
    oid = int(data.elements.index[data.elements["name"] == "c_2_3_3"][0])
    assert_there(data, oid, box(x=300.0, y=300.0))


def test_structural_metadata_is_read_with_its_types(tmp_path: Path) -> None:
    writer = Writer()
    points = np.concatenate([box(), box(x=20.0)])
    faces = np.concatenate([triangles(), triangles() + 8])
    about = {"EXT_mesh_features": {"featureIds": [{"featureCount": 2, "attribute": 0, "propertyTable": 0}]}}
    ids = np.repeat([0.0, 1.0], 8).astype(np.float32)
    writer.node(writer.mesh(points, faces, extensions=about, _FEATURE_ID_0=ids))
    text = "东楼West"
    data = text.encode()
    cut = len("东楼".encode())
    views = {
        "name": {"values": writer.view(data), "stringOffsets": writer.view(np.array([0, cut, len(data)], "<u4").tobytes())},  # noqa: E501
        "height": {"values": writer.view(np.array([12.5, np.nan], "<f8").tobytes())},
        "use": {"values": writer.view(np.array([1, 0], "<u2").tobytes())},
        "floors": {"values": writer.view(np.array([3, 4, 5], "u1").tobytes()),
                   "arrayOffsets": writer.view(np.array([0, 1, 3], "<u4").tobytes())},
        "empty": {"values": writer.view(np.packbits([1, 0], bitorder="little").tobytes())},
    }  # fmt: skip
    schema = {
        "classes": {"Building": {"properties": {
            "name": {"type": "STRING"}, "height": {"type": "SCALAR", "componentType": "FLOAT64"},
            "use": {"type": "ENUM", "enumType": "use"}, "empty": {"type": "BOOLEAN"},
            "floors": {"type": "SCALAR", "componentType": "UINT8", "array": True}}}},
        "enums": {"use": {"values": [{"name": "住宅", "value": 0}, {"name": "办公", "value": 1}]}},
    }  # fmt: skip
    table = {"class": "Building", "count": 2, "properties": views}
    writer.said["extensions"] = {"EXT_structural_metadata": {"schema": schema, "propertyTables": [table]}}
    found = model(tileset(tmp_path, tile_json("a.glb"), version="1.1", a_glb=writer.glb()))
    assert found.elements[["ifc_class", "name"]].values.tolist() == [["Building", "东楼"], ["Building", "West"]]
    assert found.psets[0]["3D Tiles"] == {"name": "东楼", "height": 12.5, "use": "办公", "floors": [3], "empty": True}
    assert found.psets[1]["3D Tiles"] == {"name": "West", "use": "住宅", "floors": [4, 5], "empty": False}


def test_draco_opens_as_it_was(tmp_path: Path) -> None:
    points = np.column_stack([box()[:, 0], box()[:, 2], -box()[:, 1]]).astype(np.float32)
    packed = DracoPy.encode(points, triangles().astype(np.uint32), quantization_bits=16)
    writer = Writer()
    view = writer.view(packed)
    draco = {"KHR_draco_mesh_compression": {"bufferView": view, "attributes": {"POSITION": 0}}}
    writer.said["accessors"] = [
        {"componentType": 5126, "count": 8, "type": "VEC3"},
        {"componentType": 5125, "count": 36, "type": "SCALAR"},
    ]
    writer.said["meshes"] = [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "extensions": draco}]}]
    writer.node(0)
    path = tmp_path / "a.glb"
    path.write_bytes(writer.glb())
    data = model(path)
    assert volume_of(data) == pytest.approx(240.0, rel=1e-3)


def volume_of(data: ModelData, oid: int = 0) -> float:
    corners, _ = city3d.faces_of(data, oid)
    return float(np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6)


def test_a_glb_is_read_as_trimesh_reads_it_with_names_parents_and_copies(tmp_path: Path) -> None:
    writer = Writer()
    mesh = writer.mesh(box(), triangles())
    shift = writer.accessor(np.array([[0, 0, 0], [30, 0, 0], [60, 0, 0]], dtype=np.float32))
    writer.node(mesh, name="院墙", translation=[5, 1, -7], rotation=[0, 0.3826834, 0, 0.9238795])
    writer.said["nodes"].append({"name": "树", "mesh": mesh, "extensions": {
        "EXT_mesh_gpu_instancing": {"attributes": {"TRANSLATION": shift}}}})  # fmt: skip
    writer.said["nodes"].append({"name": "组", "children": [1]})
    writer.said["scenes"][0]["nodes"].append(2)
    path = tmp_path / "a.glb"
    path.write_bytes(writer.glb())
    data = model(path)
    assert data.elements["name"].tolist() == ["院墙", "组", "树"]
    assert data.elements["parent"].tolist() == [-1, -1, 1]
    assert len(data.meshes.placement_mesh) == 4
    assert len(data.meshes.mesh_faces) - 1 == 1
    known = trimesh.load(path, force="scene")
    assert isinstance(known, trimesh.Scene)
    shift_only = data.meshes.placement_matrix[1:, :3, 3]
    assert np.allclose(np.diff(shift_only, axis=0), [[30, 0, 0], [30, 0, 0]])
    low, high = known.bounds
    mine = data.meshes.bounds()
    assert mine is not None
    mine = mine + data.placement[:3, 3]
    assert np.allclose(mine[0], [low[0], -high[2], low[1]], atol=1e-4)  # y up there, z up here
    assert volume_of(data) == pytest.approx(240.0, rel=1e-5)


def test_vertex_colours_and_pictures_of_a_glb_are_kept(tmp_path: Path) -> None:
    import io

    writer = Writer()
    red = np.tile(np.array([255, 0, 0, 255], dtype=np.uint8), (8, 1))
    writer.said["accessors"] = []
    colour = {"COLOR_0": red}
    mesh = writer.mesh(box(), triangles(), **colour)
    writer.said["accessors"][0]["normalized"] = True
    writer.node(mesh)
    picture = io.BytesIO()
    Image.new("RGB", (16, 16), (10, 200, 30)).save(picture, "PNG")
    writer.said["images"] = [{"bufferView": writer.view(picture.getvalue()), "mimeType": "image/png"}]
    writer.said["textures"] = [{"source": 0}]
    writer.said["materials"] = [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}]
    uv = np.tile(np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float32), (2, 1))
    writer.node(writer.mesh(box(x=20), triangles(), material=0, TEXCOORD_0=uv))
    path = tmp_path / "a.glb"
    path.write_bytes(writer.glb())
    data = model(path)
    rgba = data.meshes.materials[data.meshes.face_material[0]]
    assert np.allclose(rgba, [1, 0, 0, 1], atol=0.05)
    assert data.meshes.image_shape is not None
    assert data.meshes.image(0)[0, 0].tolist() == [10, 200, 30]


def test_an_obj_keeps_its_groups_materials_and_pictures(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4), (9, 8, 7)).save(tmp_path / "wall tile.png")
    (tmp_path / "a.mtl").write_text(
        "newmtl plain\nKd 0.5 0.25 0.1\nd 0.5\nnewmtl brick\nmap_Kd -s 1 1 1 wall tile.png\n"
    )
    corners = "".join(f"v {x} {y} {z}\n" for x, y, z in box())
    faces = "".join("f " + " ".join(str(i + 1) for i in face) + "\n" for face in FACES_1)
    text = (
        f"mtllib a.mtl\no 甲\nusemtl plain\n{corners}{faces}o 乙\nusemtl brick\nvt 0 0\nvt 1 0\nvt 1 1\n"
        "v 50 0 0\nv 60 0 0\nv 60 0 5\nf -3/-3 -2/-2 -1/-1\n"
    )
    path = tmp_path / "a.obj"
    path.write_text(text, encoding="utf-8")
    data = model(path)
    assert data.elements["name"].tolist() == ["甲", "乙"]
    assert volume_of(data) == pytest.approx(240.0, rel=1e-6)
    assert data.meshes.materials[data.meshes.face_material[0]].tolist() == pytest.approx(
        [0.5, 0.25, 0.1, 0.5], abs=1e-3
    )
    assert data.meshes.image_shape is not None


FACES_1 = [[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]


# --- hostile ----------------------------------------------------------------------------------------------------------


def test_a_tileset_reads_nothing_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.b3dm").write_bytes(b3dm(box_glb()))
    for uri in ("../secret.b3dm", str(tmp_path / "secret.b3dm"), "http://example.org/a.b3dm", "x/../../secret.b3dm",
                "file:///etc/passwd", "..%2Fsecret.b3dm", "\\\\host\\share\\a.b3dm"):  # fmt: skip
        with pytest.raises(UserError, match=r"city3d\.tiles_missing"):
            opened(tileset(tmp_path / "home", tile_json(uri)))


def test_a_glb_reads_nothing_outside_its_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "secret.bin").write_bytes(b"\0" * 400)
    said = {"asset": {"version": "2.0"}, "buffers": [{"uri": "../secret.bin", "byteLength": 400}],
            "bufferViews": [{"buffer": 0, "byteLength": 96}],
            "accessors": [{"bufferView": 0, "componentType": 5126, "count": 8, "type": "VEC3"}],
            "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}], "nodes": [{"mesh": 0}]}  # fmt: skip
    path = home / "a.gltf"
    path.write_text(json.dumps(said))
    with pytest.raises(UserError, match=r"city3d\.file_missing"):
        opened(path)


def test_cyclic_and_endless_tilesets_are_refused(tmp_path: Path) -> None:
    for a, b in (("one", "two"), ("two", "one")):
        tileset(tmp_path, tile_json(f"{b}.json", 10.0), name=f"{a}.json")
    with pytest.raises(UserError, match=r"city3d\.tiles_cyclic"):
        opened(tileset(tmp_path, tile_json("one.json", 10.0)))
    for number in range(100):
        tileset(tmp_path, tile_json(f"n{number + 1}.json", 10.0), name=f"n{number}.json")
    with pytest.raises(UserError, match=r"city3d\.tiles_too_deep"):
        opened(tileset(tmp_path, tile_json("n0.json", 10.0), name="deep.json"))


def broken_glbs() -> dict[str, bytes]:
    glb = box_glb()

    def changed(change: Any) -> bytes:
        writer = Writer()
        writer.node(writer.mesh(box(), triangles()))
        change(writer.said)
        return writer.glb()

    def endless(said: dict[str, Any]) -> None:
        said["nodes"][0]["children"] = [0]

    return {
        "cut": glb[: len(glb) // 2],
        "negative count": changed(lambda s: s["accessors"][0].update(count=-8)),
        "too many": changed(lambda s: s["accessors"][0].update(count=10**9)),
        "offset": changed(lambda s: s["bufferViews"][0].update(byteOffset=10**8)),
        "negative view": changed(lambda s: s["bufferViews"][0].update(byteLength=-4)),
        "no such mesh": changed(lambda s: s["nodes"][0].update(mesh=9)),
        "endless": changed(endless),
        "chunk": glb[:12] + struct.pack("<I", 2**31) + glb[16:],
        "no json": glb[:20] + b"\xff" * 40 + glb[60:],
    }


@pytest.mark.parametrize("kind", list(broken_glbs()))
def test_a_broken_glb_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.glb"
    path.write_bytes(broken_glbs()[kind])
    with pytest.raises(UserError, match=r"io\.damaged.*a\.glb"):
        opened(path)


def test_vertices_that_are_no_numbers_cost_their_faces_only(tmp_path: Path) -> None:
    points = box()
    points[0, 0] = np.nan
    path = tmp_path / "a.glb"
    path.write_bytes(box_glb(points))
    data = model(path)
    assert np.isfinite(data.meshes.vertices).all()
    assert 0 < data.meshes.triangle_count < 12


def test_one_broken_tile_among_many_is_left_out_and_said(tmp_path: Path) -> None:
    root = tile_json("a.b3dm", 50.0, refine="ADD", children=[tile_json("b.b3dm")])
    path = tileset(tmp_path, root, a_b3dm=b3dm(box_glb()), b_b3dm=b3dm(box_glb())[:100])
    data = model(path)
    assert "city3d.tiles_broken" in codes(data)
    assert len(data.elements) == 1


def test_a_template_in_an_address_is_filled_not_obeyed(tmp_path: Path) -> None:
    root = tile_json(
        "",
        1.0,
        content={"uri": "{level.__class__}_{x}.glb"},
        implicitTiling={
            "subdivisionScheme": "QUADTREE",
            "subtreeLevels": 1,
            "availableLevels": 1,
            "subtrees": {"uri": "s.subtree"},
        },
    )
    path = tileset(tmp_path, root, version="1.1")
    (tmp_path / "s.subtree").write_bytes(subtree(1, {(0, 0)}, {(0, 0)}, set()))
    with pytest.raises(UserError, match=r"city3d\.tiles_missing") as caught:
        opened(path)
    assert caught.value.facts["first"] == "{level.__class__}_0.glb"
