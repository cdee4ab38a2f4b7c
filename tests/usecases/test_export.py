"""What is handed out is what was there: read back by other programs' readers, to the millimetre."""

import csv
import json
import struct
from dataclasses import replace

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
import trimesh
from shapely.geometry import LineString, Point, box

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.layers import exporting
from models.core.errors import UserError
from models.crs.frame import Frame
from models.geometry import solids as bodies
from models.io.vector import delimited_text
from models.layers.layer import Layer, RasterData, VectorData
from models.project.project import ProjectState
from models.terrain.ground import Ground
from tests.support.bim_models import cubes as model

CRS = "EPSG:4548"
E0, N0 = 500_100.0, 4_059_000.0


def footprints():
    yard = box(E0 + 40, N0, E0 + 60, N0 + 20).difference(box(E0 + 45, N0 + 5, E0 + 55, N0 + 15))
    two = shapely.union(box(E0 + 80, N0, E0 + 90, N0 + 10), box(E0 + 95, N0, E0 + 99, N0 + 10))
    return gpd.GeoDataFrame(
        {
            "name": ["一号楼", "二号楼", "=三号楼"], "height_m": [12.0, 30.5, np.nan], "storeys": [4, 10, 2],
            "建筑结构类型说明": ["砖混", None, "框架"], "checked": [True, None, False],
            "on": pd.to_datetime(["2024-05-01", None, "2025-01-31"]),
        },
        geometry=[box(E0, N0, E0 + 20, N0 + 10), yard, two], crs=CRS, index=pd.Index([3, 7, 12], name="fid"),
    )  # fmt: skip


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    made = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache")
    layer = Layer("houses", "建筑", "vector", "buildings", name_en="Houses")
    state = ProjectState(frame=Frame(CRS, None, (500_000, 4_059_000, 20)), layers=(layer,))
    made.project.replace_all(state, {"houses": VectorData(footprints())}, None)
    yield made
    made.close()


def change_layer(session, **changes):
    layer = replace(session.project.state.layers[0], **changes)
    session.project.set_state(session.project.state.with_layer(layer))


def codes(session):
    return [notice.key for notice in session.notices.all if notice.level == "caution"]


# --- tables ---


@pytest.mark.parametrize("ending", [".gpkg", ".fgb", ".shp"])
def test_features_come_back_as_they_were(session, tmp_path, ending):
    exporting.export(session, "houses", tmp_path / f"a{ending}")
    back, before = pyogrio.read_dataframe(tmp_path / f"a{ending}"), footprints()
    assert back.crs.equals(before.crs, ignore_axis_order=True)
    back = back.set_index(back["name"]).loc[before["name"]]
    off = shapely.hausdorff_distance(back.geometry.to_numpy(), before.geometry.to_numpy())
    assert off.max() < 1e-3
    structure = "建筑结构类型说明" if ending != ".shp" else next(c for c in back.columns if c.startswith("建筑"))
    assert [None if pd.isna(v) else v for v in back[structure]] == ["砖混", None, "框架"]
    assert pd.isna(back["height_m"].iloc[2])


def test_a_shapefile_says_which_names_it_cut_and_keeps_them_apart(session, tmp_path):
    frame = footprints().rename(columns={"storeys": "建筑结构类型代码"})
    session.project.put_data("houses", VectorData(frame))
    exporting.export(session, "houses", tmp_path / "a.shp")
    assert "caution.export.names_cut" in codes(session)
    names = [name for name in pyogrio.read_info(tmp_path / "a.shp")["fields"] if name.startswith("建筑")]
    assert len(names) == 2
    assert max(len(name.encode()) for name in names) <= 10
    assert (tmp_path / "a.cpg").read_text().strip().upper() == "UTF-8"


def test_geometry_types_go_into_files_of_their_own(session, tmp_path):
    shapes = [Point(E0, N0), LineString([(E0, N0), (E0 + 5, N0)]), box(E0, N0, E0 + 1, N0 + 1), None]
    frame = gpd.GeoDataFrame({"a": range(4)}, geometry=shapes, crs=CRS, index=pd.RangeIndex(1, 5, name="fid"))
    session.project.put_data("houses", VectorData(frame))
    change_layer(session, role="other")
    exporting.export(session, "houses", tmp_path / "a.shp")
    assert {file.name for file in tmp_path.glob("*.shp")} == {"a_point.shp", "a_linestring.shp", "a_polygon.shp"}
    assert {"caution.export.split", "caution.export.no_shape"} <= set(codes(session))


def test_geojson_is_in_longitude_and_latitude_to_the_millimetre(session, tmp_path):
    exporting.export(session, "houses", tmp_path / "a.geojson", [3])
    (feature,) = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))["features"]
    lon, lat = np.array(feature["geometry"]["coordinates"][0]).T
    east, north = pyproj.Transformer.from_crs("OGC:CRS84", CRS, always_xy=True).transform(lon, lat)
    expected = shapely.get_coordinates(footprints().geometry.loc[3])
    found = np.column_stack([east, north])
    assert np.abs(np.sort(found, axis=0) - np.sort(expected, axis=0)).max() < 1e-3
    assert feature["properties"]["name"] == "一号楼"


def test_a_table_holds_places_nulls_dates_and_no_formulas(session, tmp_path):
    exporting.export(session, "houses", tmp_path / "a.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows(values_only=True))
    head = {name: at for at, name in enumerate(rows[0])}
    assert rows[1][head["name"]] == "一号楼"
    assert rows[3][head["name"]] == "=三号楼"
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").active.cell(4, head["name"] + 1).data_type == "s", "text"
    assert rows[3][head["height_m"]] is None
    assert rows[1][head["on"]].year == 2024
    assert rows[1][head["easting_m"]] == pytest.approx(E0 + 10)
    exporting.export(session, "houses", tmp_path / "a.csv", crs="EPSG:4490")
    table = pd.read_csv(tmp_path / "a.csv")
    assert {"lon", "lat", "wkt"} <= set(table.columns)
    assert shapely.from_wkt(table["wkt"]).tolist()[0].geom_type == "Polygon"


FORMULAS = [
    '=HYPERLINK("http://127.0.0.1:1/","x")',
    "+1+cmd|'/c x'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "'=a",
]
PLAIN = ["-12.5", "+86", "--", "中山路=1", "'quoted'", "a-b"]


def test_texts_that_look_like_formulas_stay_text_and_come_back_as_they_were(session, tmp_path):
    texts = FORMULAS + PLAIN
    frame = gpd.GeoDataFrame(
        {"=head": texts, "code": [10**15 + k for k in range(len(texts))], "ok": range(len(texts))},
        geometry=[Point(E0 + k, N0) for k in range(len(texts))], crs=CRS,
        index=pd.RangeIndex(1, len(texts) + 1, name="fid"),
    )  # fmt: skip
    session.project.put_data("houses", VectorData(frame))
    change_layer(session, role="other")
    exporting.export(session, "houses", tmp_path / "a.csv")
    assert "caution.export.guarded" in codes(session)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][1] == "'=head"
    assert [row[1] for row in rows[1:]] == [f"'{text}" for text in FORMULAS] + PLAIN
    table = delimited_text.rows_of(tmp_path / "a.csv", "utf-8-sig", ",")
    assert table["=head"].tolist() == texts
    exporting.export(session, "houses", tmp_path / "a.xlsx")
    assert "caution.export.long_numbers" in codes(session)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert [sheet.cell(row, 2).value for row in range(2, len(texts) + 2)] == texts
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}, "no formula anywhere"
    assert sheet.cell(2, 2).quotePrefix
    assert sheet.cell(2, 3).value == str(10**15)
    assert sheet.cell(2, 4).value == 0


def test_a_text_longer_than_a_cell_is_told_and_signs_that_no_cell_holds_are_left_out(session, tmp_path):
    frame = footprints().assign(name=["x" * 40_000, "a\x07b", "c"])
    session.project.put_data("houses", VectorData(frame))
    exporting.export(session, "houses", tmp_path / "a.xlsx")
    assert "caution.export.text_cut" in codes(session)
    rows = list(openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows(values_only=True))
    at = rows[0].index("name")
    assert [len(rows[1][at]), rows[2][at]] == [32_767, "ab"]


def test_synthetic_data_says_so_in_every_row(session, tmp_path):
    change_layer(session, synthetic=True)
    for ending in (".gpkg", ".csv", ".xlsx"):
        exporting.export(session, "houses", tmp_path / f"a{ending}")
    assert pyogrio.read_dataframe(tmp_path / "a.gpkg")["synthetic"].all()
    assert pd.read_csv(tmp_path / "a.csv")["synthetic"].all()


def test_the_filter_and_the_selection_decide_what_is_written(session, tmp_path):
    change_layer(session, filter="storeys > 3")
    exporting.export(session, "houses", tmp_path / "a.gpkg")
    assert set(pyogrio.read_dataframe(tmp_path / "a.gpkg")["name"]) == {"一号楼", "二号楼"}
    exporting.export(session, "houses", tmp_path / "b.gpkg", [7, 12])
    assert set(pyogrio.read_dataframe(tmp_path / "b.gpkg")["name"]) == {"二号楼"}


def test_what_cannot_be_written_is_refused_and_nothing_is_lost(session, tmp_path):
    (tmp_path / "a.gpkg").write_bytes(b"mine")
    with pytest.raises(UserError, match=r"export\.nothing"):
        exporting.export(session, "houses", tmp_path / "a.gpkg", [])
    with pytest.raises(UserError, match=r"export\.nothing"):
        exporting.export(session, "houses", tmp_path / "a.gpkg", [99])
    with pytest.raises(UserError, match=r"export\.unknown_format"):
        exporting.export(session, "houses", tmp_path / "a.doc")
    with pytest.raises(UserError, match=r"crs\.unknown"):
        exporting.export(session, "houses", tmp_path / "a.gpkg", crs="EPSG:1")
    assert (tmp_path / "a.gpkg").read_bytes() == b"mine"
    with pytest.raises(UserError):
        exporting.export(session, "houses", tmp_path / "no" / "such" / "a.gpkg")


# --- bodies ---


def made(session, crs=CRS):
    ground = Ground(None, CRS, 20.0)
    layer, data = session.project.state.layers[0], session.project.data["houses"]
    return bodies.of_footprints(layer, data, np.array([3, 7, 12]), crs, ground, "#fbf6ec")


def test_bodies_are_closed_and_as_large_as_their_prisms(session):
    made_ = made(session)
    expected = footprints().area.to_numpy() * [12.0, 30.5, 6.0]
    for part, volume in zip(made_.slices(), expected, strict=True):
        mesh = trimesh.Trimesh(made_.points - made_.origin, made_.faces[part], process=True)
        assert mesh.is_watertight
        assert mesh.volume == pytest.approx(volume, rel=1e-6)
    assert made_.points[:, 2].min() == 20.0


def test_an_outline_that_crosses_itself_becomes_the_body_of_its_loops(session):
    bow = shapely.Polygon([(E0, N0), (E0 + 10, N0 + 10), (E0 + 10, N0), (E0, N0 + 10)])
    frame = gpd.GeoDataFrame({"height_m": [3.0]}, geometry=[bow], crs=CRS, index=pd.Index([3], name="fid"))
    layer = session.project.state.layers[0]
    found = bodies.of_footprints(layer, VectorData(frame), np.array([3]), CRS, Ground(None, CRS), "#ffffff")
    mesh = trimesh.Trimesh(found.points - found.origin, found.faces)
    assert mesh.volume == pytest.approx(50.0 * 3.0, rel=1e-6)


def test_a_body_on_a_slope_stands_on_the_lowest_ground_under_it(session):
    heights = np.tile(np.arange(0.0, 300.0, 1.0, dtype=np.float32), (100, 1))
    slope = RasterData(heights, (1.0, 0.0, E0 - 50, 0.0, -1.0, N0 + 80), CRS)
    layer, data = session.project.state.layers[0], session.project.data["houses"]
    found = bodies.of_footprints(layer, data, np.array([3]), CRS, Ground(slope, CRS), "#ffffff")
    assert found.points[:, 2].min() == pytest.approx(49.5, abs=0.6)
    assert np.ptp(found.points[:, 2]) == pytest.approx(12.0)


def test_a_cityjson_reads_back_by_our_reader_and_by_its_own_rules(session, tmp_path):
    from models.core.progress import Progress
    from models.io.registry import find_format, format_of
    from models.io.request import ReadRequest

    exporting.export(session, "houses", tmp_path / "a.city.json")
    document = json.loads((tmp_path / "a.city.json").read_text(encoding="utf-8"))
    assert document["version"] == "2.0"
    assert document["metadata"]["referenceSystem"].endswith("/EPSG/0/4548")
    house = document["CityObjects"]["3"]
    assert house["type"] == "Building"
    assert house["attributes"]["建筑结构类型说明"] == "砖混"
    (solid,) = house["geometry"]
    assert {one["type"] for one in solid["semantics"]["surfaces"]} == {"RoofSurface", "WallSurface", "GroundSurface"}
    assert len(solid["semantics"]["values"][0]) == len(solid["boundaries"][0])
    assert find_format(tmp_path / "a.city.json").id == "cityjson"
    (opened,) = format_of("cityjson").read(tmp_path / "a.city.json", ReadRequest(), Progress())
    low, high = opened.data.meshes.bounds()
    corners = np.stack([low, high]) @ opened.data.placement[:3, :3].T + opened.data.placement[:3, 3]
    expected = footprints().total_bounds
    assert corners[:, :2].ravel() == pytest.approx(expected, abs=2e-3)


def test_a_glb_opens_elsewhere_with_a_node_a_body_and_its_place(session, tmp_path):
    exporting.export(session, "houses", tmp_path / "a.glb", [3, 7])
    scene = trimesh.load(tmp_path / "a.glb", force="scene")
    assert set(scene.geometry) == {"一号楼", "二号楼"} or len(scene.geometry) == 2
    low, high = scene.bounds
    assert (high - low)[[0, 1, 2]] == pytest.approx([60.0, 30.5, 20.0], abs=1e-3)
    document = document_of((tmp_path / "a.glb").read_bytes())
    place = document["asset"]["extras"]["place"]
    assert place["crs"] == CRS
    east, north, height = place["origin_easting_northing_height_m"]
    assert (east + low[0], north - high[2], height + low[1]) == pytest.approx((E0, N0, 20.0), abs=1e-3)
    assert document["nodes"][0]["extras"]["storeys"] == 4


def document_of(content):
    magic, version, whole = struct.unpack_from("<4sII", content)
    assert (magic, version, whole) == (b"glTF", 2, len(content))
    (size,) = struct.unpack_from("<I", content, 12)
    return json.loads(content[20 : 20 + size])


def test_a_tileset_stands_on_the_ellipsoid_to_the_millimetre(session, tmp_path):
    exporting.export(session, "houses", tmp_path / "a.tileset.json", [3])
    tileset = json.loads((tmp_path / "a.tileset.json").read_text())
    (child,) = tileset["root"]["children"]
    content = (tmp_path / child["content"]["uri"]).read_bytes()
    mesh = trimesh.load(tmp_path / child["content"]["uri"], force="mesh")
    turned = np.column_stack(
        [mesh.vertices[:, 0], -mesh.vertices[:, 2], mesh.vertices[:, 1], np.ones(len(mesh.vertices))]
    )
    inner, outer = (np.array(one["transform"]).reshape(4, 4) for one in (child, tileset["root"]))
    ecef = turned @ inner @ outer
    back = pyproj.Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True).transform(*ecef[:, :3].T)
    east, north = pyproj.Transformer.from_crs("EPSG:4979", CRS, always_xy=True).transform(*back[:2])
    assert (east.min(), east.max(), north.min(), north.max()) == pytest.approx((E0, E0 + 20, N0, N0 + 10), abs=1e-3)
    assert (back[2].min(), back[2].max()) == pytest.approx((20.0, 32.0), abs=1e-3)
    metadata = document_of(content)["extensions"]["EXT_structural_metadata"]
    names = {one["name"] for one in metadata["schema"]["classes"]["object"]["properties"].values()}
    assert {"id", "name", "storeys", "建筑结构类型说明"} <= names
    assert "caution.export.ellipsoidal" in codes(session)


def test_many_bodies_are_spread_over_tiles_and_none_is_lost(session, tmp_path):
    count = 1_300
    shapes = [
        box(E0 + 30 * (i % 40), N0 + 30 * (i // 40), E0 + 30 * (i % 40) + 10, N0 + 30 * (i // 40) + 10)
        for i in range(count)
    ]
    frame = gpd.GeoDataFrame({"height_m": 9.0}, geometry=shapes, crs=CRS, index=pd.RangeIndex(1, count + 1, name="fid"))
    session.project.put_data("houses", VectorData(frame))
    exporting.export(session, "houses", tmp_path / "a.tileset.json")
    children = json.loads((tmp_path / "a.tileset.json").read_text())["root"]["children"]
    assert len(children) >= 3
    found = 0
    for child in children:
        document = document_of((tmp_path / child["content"]["uri"]).read_bytes())
        found += document["extensions"]["EXT_structural_metadata"]["propertyTables"][0]["count"]
    assert found == count


def test_elements_of_a_model_go_out_where_they_stand(session, tmp_path):
    matrix = np.eye(4)
    matrix[:3, 3] = E0, N0, 25.0
    layer, data = model(["IfcWall", "IfcSlab"], matrix=matrix)
    session.project.put_data(layer.id, data)
    session.project.set_state(session.project.state.with_layer(layer))
    exporting.export(session, layer.id, tmp_path / "m.glb", [1])
    scene = trimesh.load(tmp_path / "m.glb", force="scene")
    place = document_of((tmp_path / "m.glb").read_bytes())["asset"]["extras"]["place"][
        "origin_easting_northing_height_m"
    ]
    assert place[0] + scene.bounds[0][0] == pytest.approx(E0 + 20.0, abs=1e-3)
    exporting.export(session, layer.id, tmp_path / "m.xlsx")
    assert len(list(openpyxl.load_workbook(tmp_path / "m.xlsx").active.iter_rows())) == 3
