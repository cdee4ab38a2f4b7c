"""What is handed over: the city as it is seen stands where it is, in its colours, and every object can be told."""

import csv
import hashlib
import itertools
import json
import sqlite3
import struct
import zipfile
from dataclasses import replace
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
from shapely.geometry import LineString, Point, box

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.delivery import handover
from app.usecases.project import opening
from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.crs.frame import Frame
from models.io.mesh.styled_glb import NO_NUMBER
from models.layers.layer import Layer, Style, VectorData
from models.project.project import ProjectState
from models.review.topics import Component, Pin, Topic
from models.style.kinds import Class, Symbology

CRS = "EPSG:4548"
E0, N0 = 500_100.0, 4_059_000.0
NASTY = ["=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "＝1+1"]
KINDS = ("住宅", "商业")
RED, BLUE = "#c03020", "#2040c0"


def houses(count=40):
    at = np.arange(count)
    east, north = E0 + 30 * (at % 20), N0 + 30 * (at // 20)
    return gpd.GeoDataFrame(
        {
            "code": [f"B{k:04d}" for k in at], "name": [*NASTY, *(f"{k}号楼" for k in at[len(NASTY):])],
            "height_m": 6.0 + at, "kind": [KINDS[k % 2] for k in at],
            "area": np.where(at == 3, np.nan, 100.0), "=col": "x",
        },
        geometry=[box(x, y, x + 12, y + 10) for x, y in zip(east, north, strict=True)], crs=CRS,
        index=pd.Index(at + 1, name="fid"),
    )  # fmt: skip


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    by_kind = Symbology(
        kind="categorised", field="kind", classes=(Class(RED, value=KINDS[0]), Class(BLUE, value=KINDS[1]))
    )
    layers = (
        Layer("houses", "建筑", "vector", "buildings", style=Style(symbology=by_kind)),
        Layer("paths", "小路", "vector", "other"),
        Layer("hidden", "隐藏", "vector", "other", visible=False),
    )
    lines = gpd.GeoDataFrame({"n": [1]}, geometry=[LineString([(E0, N0 - 20), (E0 + 300, N0 - 20)])], crs=CRS)
    dots = gpd.GeoDataFrame({"n": [1]}, geometry=[Point(E0, N0)], crs=CRS)
    topic = Topic(
        "g1", "井盖 <b>破损</b>", "2026-01-02", "王工", "第一行\n第二行", number=7,
        pins=(Pin(Component(), "", "", (E0 + 100, N0 + 50, 0.0)),),
    )  # fmt: skip
    state = ProjectState(
        name="试验城", frame=Frame(CRS, "EPSG:5737", (500_000, 4_059_000, 0)), layers=layers,
        topics=(topic, Topic("g2", "没有位置", "2026-01-02", "王工")),
    )  # fmt: skip
    data = {"houses": VectorData(houses()), "paths": VectorData(lines), "hidden": VectorData(dots)}
    made.project.replace_all(state, data, None)
    yield made
    made.close()


def parts_of(path):
    """Return the JSON and the numbers of a .glb, read as the specification says."""
    raw = path.read_bytes()
    magic, version, length = struct.unpack_from("<4sII", raw)
    assert (magic, version, length) == (b"glTF", 2, len(raw))
    size = struct.unpack_from("<I", raw, 12)[0]
    return json.loads(raw[20 : 20 + size]), raw[28 + size :]


def numbers(document, binary, index):
    row = document["accessors"][index]
    view = document["bufferViews"][row["bufferView"]]
    kind = {5126: "<f4", 5125: "<u4", 5123: "<u2"}[row["componentType"]]
    width = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}[row["type"]]
    return np.frombuffer(binary, kind, row["count"] * width, view["byteOffset"]).reshape(-1, width)


def column(document, binary, kind, name):
    """Return a column of a property table by the name of its property."""
    metadata = document["extensions"]["EXT_structural_metadata"]
    table = next(one for one in metadata["propertyTables"] if one["class"] == kind)
    about = table["properties"][name]
    shape = metadata["schema"]["classes"][kind]["properties"][name]
    view = document["bufferViews"][about["values"]]
    raw = binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
    if shape["type"] == "STRING":
        at = document["bufferViews"][about["stringOffsets"]]
        ends = np.frombuffer(binary, "<u4", table["count"] + 1, at["byteOffset"])
        return [raw[a:b].decode() for a, b in itertools.pairwise(ends)]
    return np.frombuffer(raw, {"INT32": "<i4", "FLOAT64": "<f8"}[shape["componentType"]]).tolist()


def objects_of(document, binary, kind="houses"):
    """Return the corners, colours and numbers of the objects of a layer, wherever they lie in the file."""
    found = []
    for node in document["nodes"]:
        mesh = document["meshes"][node["mesh"]]
        if mesh["name"] != kind:
            continue
        for primitive in mesh["primitives"]:
            points = numbers(document, binary, primitive["attributes"]["POSITION"]) + node["translation"]
            paint = numbers(document, binary, primitive["attributes"]["COLOR_0"]) / 65535
            feature = numbers(document, binary, primitive["attributes"]["_FEATURE_ID_0"])[:, 0].astype(int)
            oid = np.array(column(document, binary, kind, "oid"))[feature]
            found.append((points, paint, oid))
    return [np.concatenate(one) for one in zip(*found, strict=True)]


def tiles_of(folder):
    """Return each tile's entry with its file."""
    tileset = json.loads((folder / "tileset.json").read_text(encoding="utf-8"))
    waiting, found = [tileset["root"]], []
    while waiting:
        tile = waiting.pop()
        waiting += tile.get("children", [])
        if "content" in tile:
            found.append((tile, folder / tile["content"]["uri"]))
    return tileset, found


def srgb(share):
    return np.where(share <= 0.0031308, share * 12.92, 1.055 * share ** (1 / 2.4) - 0.055) * 255


def test_a_house_of_the_glb_stands_where_it_is_in_the_colour_of_its_class_with_its_number_key_and_name(
    session, tmp_path
):
    handover.hand_over(session, tmp_path / "out", ["gltf"])
    document, binary = parts_of(tmp_path / "out" / "city.glb")
    points, paint, oid = objects_of(document, binary)
    mine = oid == 12  # fid 12 is house 11
    west, south, east, north = houses().geometry.loc[12].bounds
    x, up, y = points[mine].T
    assert x.min() + 500_000 == pytest.approx(west, abs=0.6)
    assert x.max() + 500_000 == pytest.approx(east, abs=0.6)
    assert -y.max() + 4_059_000 == pytest.approx(south, abs=0.6)
    assert -y.min() + 4_059_000 == pytest.approx(north, abs=0.6)
    assert up.max() - up.min() >= 17.0
    for number, colour in ((12, BLUE), (13, RED)):
        wanted = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
        assert (np.abs(srgb(paint[oid == number][:, :3]) - wanted).max(axis=1) < 1.5).all()
    row = column(document, binary, "houses", "oid").index(12)
    assert column(document, binary, "houses", "key")[row] == "B0011"
    assert column(document, binary, "houses", "name")[row] == "11号楼"
    assert "hidden" not in {mesh["name"] for mesh in document["meshes"]}


def test_what_is_not_known_of_an_object_is_no_data_in_its_table_and_never_a_zero(session, tmp_path):
    handover.hand_over(session, tmp_path / "out", ["gltf"])
    document, binary = parts_of(tmp_path / "out" / "city.glb")
    about = document["extensions"]["EXT_structural_metadata"]["schema"]["classes"]["houses"]["properties"]["area"]
    row = column(document, binary, "houses", "oid").index(4)
    assert column(document, binary, "houses", "area")[row] == about["noData"] == NO_NUMBER
    assert column(document, binary, "houses", "area")[row + 1] == 100.0


@pytest.mark.parametrize("geoid", [None, -9.5])
def test_tiles_lie_on_the_ellipsoid_at_the_longitude_latitude_and_height_of_the_city(session, tmp_path, geoid):
    handover.hand_over(session, tmp_path / "out", ["3dtiles"], geoid_m=geoid)
    tileset, tiles = tiles_of(tmp_path / "out" / "3dtiles")
    matrix = np.array(tileset["root"]["transform"]).reshape(4, 4).T
    document, binary = parts_of(tiles[0][1])
    points, _, oid = objects_of(document, binary)
    east, up, south = points[oid == 12].T
    ecef = np.column_stack([east, -south, up, np.ones(len(east))]) @ matrix.T
    lon, lat, height = pyproj.Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True).transform(*ecef[:, :3].T)
    x, y = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(lon, lat)
    west, _, _, north = houses().geometry.loc[12].bounds
    assert x.min() == pytest.approx(west, abs=0.6)
    assert y.max() == pytest.approx(north, abs=0.6)
    session_ground = handover._captured(session, None)().ground.base_m
    assert height.min() == pytest.approx(session_ground + (geoid or 0.0), abs=2.6)
    assert tileset["asset"]["extras"]["geoid_height_m"] == geoid


def test_every_tile_lies_inside_its_box_and_its_error_shrinks_from_parent_to_child(session, tmp_path, monkeypatch):
    monkeypatch.setattr("models.io.tiles3d.size_tree.BUDGET", 200.0)
    monkeypatch.setattr("models.io.tiles3d.size_tree.size_tree.__defaults__", (200.0,))
    handover.hand_over(session, tmp_path / "out", ["3dtiles"])
    _, tiles = tiles_of(tmp_path / "out" / "3dtiles")
    assert len(tiles) > 3
    seen = set()
    for tile, file in tiles:
        document, binary = parts_of(file)
        for node in document["nodes"]:
            for primitive in document["meshes"][node["mesh"]]["primitives"]:
                east, up, south = (
                    numbers(document, binary, primitive["attributes"]["POSITION"]) + node["translation"]
                ).T
                box_ = np.array(tile["boundingVolume"]["box"])
                half = box_[[3, 7, 11]] + 0.01
                assert (np.abs(np.column_stack([east, -south, up]) - box_[:3]) <= half).all()
        if any(mesh["name"] == "houses" for mesh in document["meshes"]):
            seen |= set(objects_of(document, binary)[2].tolist())
        for child in tile.get("children", []):
            assert child["geometricError"] <= tile["geometricError"]
    assert seen == set(range(1, 41))  # every house in some tile


def test_the_page_beside_the_tiles_says_where_cesium_goes_and_runs_nothing_of_a_strangers_name(session, tmp_path):
    state = session.project.state
    session.project.replace_all(
        replace(state, name="</script><script>alert(1)</script>"), dict(session.project.data), None
    )
    handover.hand_over(session, tmp_path / "out", ["3dtiles"])
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert "npm" in page
    assert "Build/Cesium" in page
    assert "文件夹" in page


def test_a_cityjson_of_the_buildings_is_opened_again_with_attributes_places_and_surfaces(session, tmp_path):
    handover.hand_over(session, tmp_path / "out", ["cityjson"])
    file = tmp_path / "out" / "cityjson" / "houses.city.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["version"] == "2.0"
    assert document["metadata"]["referenceSystem"].endswith("/EPSG/0/4548")
    house = document["CityObjects"]["12"]
    assert house["attributes"]["code"] == "B0011"
    assert house["geometry"][0]["type"] == "Solid"
    kinds = {one["type"] for one in house["geometry"][0]["semantics"]["surfaces"]}
    assert kinds == {"RoofSurface", "WallSurface", "GroundSurface"}
    other = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "other")
    opening.open_files(other, [file])
    (layer,) = other.project.state.layers
    read = other.project.data[layer.id]
    assert int(read.elements["has_geometry"].sum()) == 40
    other.close()


def test_pins_are_placed_in_wgs84_say_number_state_and_text_and_gdal_reads_them(session, tmp_path):
    handover.hand_over(session, tmp_path / "out", ["kmz"])
    file = tmp_path / "out" / "findings.kmz"
    lon, lat = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(E0 + 100, N0 + 50)
    with zipfile.ZipFile(file) as archive:
        root = ET.fromstring(archive.read("doc.kml"))  # noqa: S314 - written just now
    name = "{http://www.opengis.net/kml/2.2}"
    mark = root.find(f".//{name}Placemark")
    assert mark.find(f"{name}name").text == "7 · 井盖 <b>破损</b>"
    found = [float(one) for one in mark.find(f".//{name}coordinates").text.split(",")]
    assert found == pytest.approx([lon, lat], abs=1e-7)
    assert [child.tag.removeprefix(name) for child in mark] == [
        "name",
        "description",
        "styleUrl",
        "ExtendedData",
        "Point",
    ]  # fmt: skip - the order of the schema
    frame = pyogrio.read_dataframe(f"/vsizip/{file}/doc.kml")
    assert len(frame) == 1
    assert frame.geometry.iloc[0].x == pytest.approx(lon, abs=1e-7)
    assert any(notice.key == "caution.handover.not_placed" for notice in session.notices.all)


def test_the_geopackage_holds_what_is_shown_and_the_style_of_each_layer_as_the_default(session, tmp_path):
    handover.hand_over(session, tmp_path / "out", ["gpkg"])
    file = tmp_path / "out" / "city.gpkg"
    assert set(pyogrio.list_layers(file)[:, 0]) == {"houses", "paths", "layer_styles"}
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault").fetchall()
    styles = dict(rows)
    assert set(styles) == {"houses", "paths"}
    assert "categorizedSymbol" in styles["houses"]
    assert "192,48,32" in styles["houses"]
    assert (tmp_path / "out" / "qml" / "houses.qml").read_text(encoding="utf-8") == styles["houses"]


def test_no_text_of_a_table_that_is_handed_over_is_run_by_a_spreadsheet(session, tmp_path):
    handover.hand_over(session, tmp_path / "out", ["csv"])
    with (tmp_path / "out" / "csv" / "houses.csv").open(encoding="utf-8-sig", newline="") as stream:
        head, *rows = list(csv.reader(stream))
    assert "'=col" in head
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if cell[:1] in "=+@\t\r＝" and cell] == []
    assert {f"'{text}" for text in NASTY} <= set(cells)


def test_the_same_city_gives_the_same_bytes_and_the_list_of_checksums_holds(session, tmp_path):
    for name in ("a", "b"):
        handover.hand_over(session, tmp_path / name)
    first, second = (
        {f.relative_to(tmp_path / n): f.read_bytes() for f in (tmp_path / n).rglob("*") if f.is_file()} for n in "ab"
    )
    assert first == second
    for line in (tmp_path / "a" / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ", 1)
        assert hashlib.sha256((tmp_path / "a" / name).read_bytes()).hexdigest() == digest
    read_me = (tmp_path / "a" / "README.md").read_text(encoding="utf-8")
    assert "EPSG:4548" in read_me
    assert "成果移交说明" in read_me
    assert "what is handed over" in read_me


def test_a_cancel_leaves_the_folder_as_it_was_and_what_somebody_put_there_stays(session, tmp_path):
    out = tmp_path / "out"
    handover.hand_over(session, out, ["csv"])
    (out / "Cesium").mkdir()
    (out / "Cesium" / "Cesium.js").write_text("x")
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    steps = []

    def stop(self, fraction=-1.0, code=""):
        steps.append(fraction)
        if len(steps) > 6:
            raise Cancelled

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Progress, "step", stop)
        with pytest.raises(Cancelled):
            handover.hand_over(session, out, ["3dtiles", "csv"])
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before
    assert [one.name for one in tmp_path.iterdir() if "saving" in one.name] == []
    handover.hand_over(session, out, ["gltf"])
    assert (out / "Cesium" / "Cesium.js").exists()


def test_a_format_that_nobody_knows_and_a_city_of_which_nothing_is_shown_are_refused(session, tmp_path):
    with pytest.raises(UserError, match="unknown_format"):
        handover.hand_over(session, tmp_path / "out", ["dwg"])
    state = session.project.state
    nothing = replace(state, layers=tuple(replace(layer, visible=False) for layer in state.layers))
    session.project.replace_all(nothing, dict(session.project.data), None)
    with pytest.raises(UserError, match="nothing"):
        handover.hand_over(session, tmp_path / "out")
    assert not (tmp_path / "out").exists()
