"""City models as drawn, chosen in levels of detail, clicked; every real file in its place; random damage refused."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pyproj import Transformer

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.bim import lods
from app.usecases.project.opening import open_files
from app.usecases.query import describe
from models.bim import city_objects as city3d
from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import Frame
from models.io.common.polygons import Polygons, ears, triangulate
from models.io.registry import find_format
from models.io.request import ReadRequest
from models.layers.layer import CloudData, Layer, ModelData
from models.project.selection import ObjectKey
from models.terrain.ground import Ground
from tests.support.city_files import (
    FACES,
    b3dm,
    box,
    box_glb,
    building_2,
    citygml,
    cmpt,
    i3dm,
    pnts,
    tile_json,
    tileset,
)
from tests.support.paths import CITY_FILES
from viewers.render.chunks.preparation import prepare
from viewers.render.geometry.parts import MeshPart


def opened(path: Path, **options: str) -> Any:
    return find_format(path).read(path, ReadRequest(options=options), Progress())[0].data


def town(**more: Any) -> dict[str, Any]:
    """Return a CityJSON of two levels of detail, with a picture on its walls."""
    corners = (box() * 1000).astype(int).tolist()
    semantics = {"surfaces": [{"type": "GroundSurface"}, {"type": "RoofSurface", "slope": 0}, {"type": "WallSurface"}]}
    solid = {"type": "Solid", "boundaries": [[[face] for face in FACES]]}
    wall = [None, None, *([[0, 0, 1, 2, 3]] for _ in range(4))]
    values = [[[[None]] if one is None else one for one in wall]]
    return {
        "type": "CityJSON", "version": "2.0", "vertices": corners,
        "transform": {"scale": [0.001] * 3, "translate": [90_000.0, 436_000.0, 1.0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"},
        "appearance": {"textures": [{"type": "PNG", "image": "wall.png"}],
                       "vertices-texture": [[0, 0], [1, 0], [1, 1], [0, 1]]},
        "CityObjects": {"b": {"type": "Building", "attributes": {"storeysAboveGround": 2, "roofType": "1000"}, "geometry": [  # noqa: E501
            {"type": "MultiSurface", "lod": "0", "boundaries": [[FACES[0]]]},
            {**solid, "lod": "2.2", "semantics": {**semantics, "values": [[0, 1, 2, 2, 2, 2]]},
             "texture": {"look": {"values": values}}}]}},
        **more,
    }  # fmt: skip


@pytest.fixture
def town_file(tmp_path: Path) -> Path:
    Image.new("RGB", (16, 16), (180, 60, 40)).save(tmp_path / "wall.png")
    path = tmp_path / "town.city.json"
    path.write_text(json.dumps(town()), encoding="utf-8")
    return path


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    one = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache")
    yield one
    one.close()


def test_every_kind_of_geometry_gives_what_its_name_says(tmp_path: Path) -> None:
    shell = [[face] for face in FACES]
    kinds = {
        "MultiSurface": shell, "CompositeSurface": shell, "Solid": [shell], "MultiSolid": [[shell]],
        "CompositeSolid": [[shell]], "MultiPoint": [0, 6], "MultiLineString": [[0, 1, 2]],
    }  # fmt: skip
    objects = {kind: {"type": "+Thing", "geometry": [{"type": kind, "lod": "1", "boundaries": rows}]}
               for kind, rows in kinds.items()}  # fmt: skip
    path = tmp_path / "a.city.json"
    path.write_text(json.dumps(town(CityObjects=objects)))
    data = opened(path)
    faces = {data.elements["guid"][oid]: len(city3d.faces_of(data, oid)[0]) for oid in range(len(data.elements))}
    assert faces == {**dict.fromkeys(list(kinds)[:5], 12), "MultiPoint": 16, "MultiLineString": 8}
    centre = city3d.faces_of(data, 5)[0].reshape(-1, 3)
    assert np.allclose(centre[:24].mean(axis=0), [90_000, 436_000, 1], atol=1e-3)


def test_materials_and_pictures_of_cityjson_are_worn(town_file: Path) -> None:
    data = opened(town_file)
    assert data.meshes.material_image is not None
    worn = data.meshes.material_image[data.meshes.face_material] >= 0
    assert worn.sum() == 8  # two triangles on each of four walls
    said = town(appearance={"materials": [{"name": "a", "diffuseColor": [0.2, 0.4, 0.6], "transparency": 0.25}]})
    for geometry in said["CityObjects"]["b"]["geometry"]:
        geometry.pop("texture", None)
        geometry["material"] = {"": {"value": 0}}
    town_file.write_text(json.dumps(said))
    data = opened(town_file)
    assert np.allclose(data.meshes.materials[data.meshes.face_material], [0.2, 0.4, 0.6, 0.75])


def test_a_level_of_detail_is_chosen_undone_and_done_again(session: Session, town_file: Path) -> None:
    open_files(session, [town_file])
    (layer,) = session.project.state.layers
    assert lods.lods(session, layer.id) == ({"0": 1, "2.2": 1}, "")
    assert [one.id for one in lods.with_choice(session)] == [layer.id]
    lods.choose_lod(session, layer.id, "0")
    data = session.project.data[layer.id]
    assert isinstance(data, ModelData)
    assert data.meshes.triangle_count == 2
    assert lods.choose_lod(session, layer.id, "0") is None
    session.history.undo()
    lods.follow(session, session.project.state.layer(layer.id))
    data = session.project.data[layer.id]
    assert isinstance(data, ModelData)
    assert data.meshes.triangle_count == 12


def test_a_click_on_the_roof_tells_the_building_and_the_roof(session: Session, town_file: Path) -> None:
    open_files(session, [town_file])
    (layer,) = session.project.state.layers
    key = ObjectKey(layer.id, 0)
    session.picked = key, (90_005.0, 436_004.0, 4.0)
    sections = {one.title_key: dict(one.rows) for one in describe.describe(session, key)}
    assert sections["section.surface"]["Surface"] == "Roof"
    assert sections["section.surface"]["Area of such surfaces"] == "80.0 m²"
    assert sections["section.identity"]["Level of detail"] == "2.2"
    session.picked = key, (90_005.0, 436_000.0, 2.0)
    sections = {one.title_key: dict(one.rows) for one in describe.describe(session, key)}
    assert sections["section.surface"]["Surface"] == "Wall"
    assert "section.surface" not in {one.title_key for one in describe.describe(_elsewhere(session), key)}


def _elsewhere(session: Session) -> Session:
    session.picked = None
    return session


def test_pictured_faces_are_parts_of_their_own_with_their_coordinates(town_file: Path) -> None:
    data = opened(town_file)
    layer = Layer("t", "t", "model", "model")
    made = prepare(layer, data, Frame("EPSG:28992", None, (90_000, 436_000, 0)), Ground(None, "EPSG:28992", 0.0))
    meshes = [part for part in made.parts if isinstance(part, MeshPart)]
    (pictured,) = [part for part in meshes if part.image is not None]
    assert len(pictured.faces) == 8
    assert pictured.uv is not None
    assert len(pictured.uv) == len(pictured.points)
    assert sum(len(part.faces) for part in meshes) == 12


def test_a_city_in_another_crs_lands_to_the_millimetre_everywhere(tmp_path: Path) -> None:
    """Objects 6 km apart: one rigid body would miss by decimetres."""
    objects, vertices = {}, []
    for number in range(25):
        corners = (box(1500.0 * (number % 5), 1500.0 * (number // 5)) * 1000).astype(int)
        objects[f"b{number}"] = {"type": "Building", "geometry": [
            {"type": "Solid", "lod": "1", "boundaries": [[[[8 * number + i for i in face]] for face in FACES]]}]}  # fmt: skip  # noqa: E501
        vertices += corners.tolist()
    path = tmp_path / "a.city.json"
    path.write_text(json.dumps(town(CityObjects=objects, vertices=vertices)))
    data = opened(path)
    frame = Frame("EPSG:32631", None, (597_000, 5_755_000, 0))
    made = prepare(Layer("t", "t", "model", "model"), data, frame, Ground(None, frame.horizontal, 0.0))
    drawn = np.concatenate([part.points for part in made.parts if isinstance(part, MeshPart)])
    local = np.asarray(vertices) * 0.001 + [90_000.0, 436_000.0, 1.0]
    x, y = Transformer.from_crs("EPSG:28992", "EPSG:32631", always_xy=True).transform(local[:, 0], local[:, 1])
    wanted = np.column_stack([x, y, local[:, 2]]) - frame.origin
    for point in wanted:
        assert np.linalg.norm(drawn - point, axis=1).min() < 2e-3  # a millimetre, and float32's own at 7 km


@pytest.mark.render
def test_a_picture_shows_on_the_wall(town_file: Path) -> None:
    from models.views.camera import Camera
    from viewers.render.scene.render_target import grab, off_screen
    from viewers.render.scene.scene import Scene

    data = opened(town_file)
    frame = Frame("EPSG:28992", None, (90_000, 436_000, 0))
    with off_screen((320, 240)) as target:
        scene = Scene(target, frame)
        layer = Layer("t", "t", "model", "model")
        scene.put(layer, prepare(layer, data, frame, Ground(None, "EPSG:28992", 0.0)))
        scene.set_camera(Camera((90_005.0, 435_980.0, 8.0), (90_005.0, 436_000.0, 2.5)))
        pixels = grab(scene.target).astype(int)
        scene.close()
    wall = (pixels[..., 0] > pixels[..., 1] + 50) & (pixels[..., 0] > pixels[..., 2] + 50)
    assert wall.sum() > 2000


def test_random_polygons_are_cut_without_gain_or_loss() -> None:
    import shapely

    random_ = np.random.default_rng(7)
    for _ in range(60):
        count = int(random_.integers(3, 14))
        turn = np.sort(random_.uniform(0, 2 * np.pi, count))
        radius = random_.uniform(1, 10, count)
        flat = np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])
        shape = shapely.Polygon(flat)
        if not shape.is_valid or shape.area < 0.1:
            continue
        points = np.column_stack([flat, flat @ [0.4, -0.2]])
        cut, _ = triangulate(points, Polygons(np.arange(count), np.array([0, count]), np.array([0, 1])))
        a, b, c = (flat[cut[:, k]] for k in range(3))
        area = ((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])) / 2
        assert abs(area.sum()) == pytest.approx(shape.area, rel=1e-9)
        assert (np.sign(area) == np.sign(area.sum())).all()
        assert len(ears(flat, np.arange(count))) == count - 2


# --- real files -------------------------------------------------------------------------------------------------------

#: File, objects, and whether it says where it stands.
REAL = [
    ("cjio/delft.json", 570, "EPSG:7415"), ("cjio/delft_1b.json", 1, "EPSG:7415"), ("cjio/DH_01_subs.city.json", 12, ""),  # noqa: E501
    ("cjio/multi_lod.json", 10, ""), ("cjio/rotterdam_subset.json", 16, ""), ("cjio/zurich_subset_lod2.json", 210, "EPSG:2056"),  # noqa: E501
    ("cjdb/cjfiles/5870_ext.jsonl", 109, "EPSG:7415"),
    ("cjdb/cjfiles/tile_901_trimmed.jsonl", 104, "EPSG:7415"), ("cjdb/vienna.jsonl", 592, ""),
    ("cjdb/extension.city.jsonl", 199, "EPSG:7415"), ("cjdb/geomtemplate.city.jsonl", 1, "EPSG:7415"),
    ("cjdb/cube_cjv2.city.jsonl", 1, ""), ("cjdb/no_metadata.city.jsonl", 1, ""),
]  # fmt: skip


@pytest.mark.data
@pytest.mark.parametrize(("name", "count", "crs"), REAL, ids=[row[0] for row in REAL])
def test_a_real_cityjson_stands_where_its_own_vertices_say(name: str, count: int, crs: str) -> None:
    path = CITY_FILES / name
    if not path.exists():
        pytest.skip("not here")
    data = opened(path)
    assert (len(data.elements), data.crs) == (count, crs)
    lines = path.read_text(encoding="utf-8").strip().splitlines()
    parts = [json.loads(line) for line in lines] if path.suffix == ".jsonl" else [json.loads("\n".join(lines))]
    moved = parts[0].get("transform", {"scale": [1, 1, 1], "translate": [0, 0, 0]})
    used = []
    for part in parts:
        vertices = np.asarray(part.get("vertices", []), dtype=float).reshape(-1, 3)
        rows = [index for thing in part["CityObjects"].values() for g in thing.get("geometry", [])
                if g["type"] != "GeometryInstance" for index in _numbers(g["boundaries"])]  # fmt: skip
        used.append(vertices[sorted(set(rows))] * moved["scale"] + moved["translate"])
    box_ = data.meshes.bounds()
    assert box_ is not None
    low, high = box_ + data.placement[:3, 3]
    whole = np.concatenate(used)
    if not len(whole):
        return
    if len(city3d.lods_of(data)) == 1:
        assert np.abs([low - whole.min(axis=0), high - whole.max(axis=0)]).max() < 1e-3
    assert (low >= whole.min(axis=0) - 1e-3).all()
    assert (high <= whole.max(axis=0) + 1e-3).all()


def _numbers(rows: Any) -> Iterator[int]:
    for row in rows:
        if isinstance(row, list):
            yield from _numbers(row)
        else:
            yield row


@pytest.mark.data
def test_plateau_lands_on_haneda_and_wears_its_photographs() -> None:
    path = CITY_FILES / "plateau_libplateau/udx/bldg/53392642_bldg_6697_op2.gml"
    if not path.exists():
        pytest.skip("not here")
    data = opened(path)
    assert len(data.elements) == 8
    box_ = data.meshes.bounds()
    assert box_ is not None
    low, high = box_ + data.placement[:3, 3]
    change = Transformer.from_crs(6668, 6691, always_xy=True)
    corners = change.transform([139.77492484, 139.77492484, 139.77926069, 139.77926069],
                               [35.53821315, 35.54192122, 35.53821315, 35.54192122])  # fmt: skip
    assert min(corners[0]) - 1 < low[0] < high[0] < max(corners[0]) + 1
    assert min(corners[1]) - 1 < low[1] < high[1] < max(corners[1]) + 1
    assert high[2] == pytest.approx(19.66144493, abs=1e-3)
    assert data.meshes.image_shape is not None
    assert {row["type"] for row in data.info["surfaces"]} >= {"RoofSurface", "WallSurface", "GroundSurface"}


@pytest.mark.data
@pytest.mark.parametrize("name", ["MetadataGranularities", "SparseImplicitQuadtree", "TilesetWithDiscreteLOD"])
def test_a_real_tileset_opens(name: str) -> None:
    path = CITY_FILES / "3dtiles" / name / "tileset.json"
    if not path.exists():
        pytest.skip("not here")
    data = opened(path)
    assert (
        len(data.elements)
        == {"MetadataGranularities": 20, "SparseImplicitQuadtree": 32, "TilesetWithDiscreteLOD": 1}[name]
    )
    if name == "TilesetWithDiscreteLOD":
        box_ = data.meshes.bounds()
        assert box_ is not None
        centre = Transformer.from_crs("EPSG:4978", data.crs, always_xy=True).transform(
            1215107.7612304366, -4736682.902037748, 4081926.095098698
        )
        low, high = box_ + data.placement[:3, 3]
        assert low[0] < centre[0] < high[0]
        assert low[1] < centre[1] < high[1]


@pytest.mark.data
def test_a_text_that_only_calls_itself_gml_is_refused() -> None:
    path = CITY_FILES / "plateau_libplateau/udx/bldg/TestCaseOfInvalidFileNameGml.gml"
    if not path.exists():
        pytest.skip("not here")
    with pytest.raises(UserError, match=r"io\.not_what_it_says"):
        find_format(path)


# --- fuzz -------------------------------------------------------------------------------------------------------------


def seeds(folder: Path) -> dict[str, bytes]:
    """Return a small file of each kind."""
    tileset(folder, tile_json("a.b3dm", 1.0, children=[tile_json("b.glb")]), a_b3dm=b3dm(box_glb()), b_glb=box_glb())
    both = cmpt(b3dm(box_glb(), {"name": ["a"]}, count=1), i3dm(box_glb(), np.zeros((2, 3))), pnts(np.zeros((3, 3))))
    obj = "".join(f"v {x} {y} {z}\n" for x, y, z in box()) + "".join(
        "f " + " ".join(str(i + 1) for i in face) + "\n" for face in FACES
    )
    return {
        "a.city.json": json.dumps(town()).encode(), "a.gml": citygml("2.0", building_2(box(466_000, 5_426_000))).encode(),  # noqa: E501
        "tileset.json": (folder / "tileset.json").read_bytes(), "a.glb": box_glb(), "a.cmpt": both, "a.obj": obj.encode(),  # noqa: E501
    }  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return some bytes with a little damage."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(found))
        kind = chance.randrange(5)
        if kind == 0:
            found[at] = chance.randrange(256)
        elif kind == 1:
            del found[at : at + chance.randint(1, 40)]
        elif kind == 2:
            found[at:at] = bytes(found[at : at + chance.randint(1, 40)])
        elif kind == 3:
            found[at:at] = chance.choice([b"-1", b"1e400", b"NaN", b"null", b"[]", b"{}", b"99999999999", b"\xff\xff"])
        else:
            found = found[: max(at, 1)]
        if not found:
            return b"x"
    return bytes(found)


def fuzzed(folder: Path, count: int, seed: int) -> None:
    """Open damaged files: each gives a model or a :class:`UserError`, and nothing else."""
    chance = random.Random(seed)
    known = seeds(folder)
    for number in range(count):
        name = list(known)[number % len(known)]
        path = folder / name
        path.write_bytes(mutated(known[name], chance))
        try:
            for one in find_format(path).read(path, ReadRequest(), Progress()):
                assert isinstance(one.data, (ModelData, CloudData)) or name == "a.city.json"
                if isinstance(one.data, ModelData):
                    assert np.isfinite(one.data.meshes.placement_matrix).all()
                    assert np.isfinite(one.data.meshes.vertices).all()
        except UserError:
            pass
        path.write_bytes(known[name])


def test_forty_damaged_files_give_a_model_or_a_clear_error(tmp_path: Path) -> None:
    fuzzed(tmp_path, 42, seed=5)
