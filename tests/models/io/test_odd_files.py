"""Files that few test sets hold: other encodings, lists of JSON, blank sheets, PBF, MBTiles, COPC, files that go."""

from __future__ import annotations

import json
import struct
import threading
import time
import zlib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from app.session import Session
from app.usecases.project.opening import open_files
from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.crs.frame import parse_crs
from models.io.inspect import inspect
from models.io.preview_table import rows_json
from models.io.registry import find_format, format_of
from models.io.request import Opened, ReadRequest
from models.io.vector import delimited_text as points_csv
from models.io.vector import spreadsheet
from models.layers.layer import CloudData, ModelData, RasterData, VectorData

CRS = "EPSG:4548"
EAST, NORTH = 502_000.0, 4_059_000.0
HERE = Path(__file__).parent


def read(path: Path, crs: str = "", **options: str) -> list[Opened]:
    return find_format(path).read(path, ReadRequest(crs=crs, options=options), Progress())


def vector(path: Path, crs: str = "") -> VectorData:
    data = read(path, crs)[0].data
    assert isinstance(data, VectorData)
    return data


# --- every format has a file that somebody else's program, or the test itself, made -----------------------------------

#: Format → the test that opens one and looks where it stands.
FORMATS = {
    "GeoPackage": "vector/test_formats.py:.gpkg",
    "Shapefile": "vector/test_formats.py:.shp",
    "GeoJSON": "vector/test_formats.py:.geojson",
    "GeoJSONSeq": "vector/test_formats.py:.geojsonl",
    "FlatGeobuf": "vector/test_formats.py:.fgb",
    "KML": "vector/test_formats.py:.kml",
    "GeoParquet": "vector/test_formats.py:.parquet",
    "FileGDB": "vector/test_formats.py:.gdb",
    "DXF": "vector/test_formats.py:.dxf",
    "KMZ": "vector/test_formats.py:.kmz",
    "GPX": "vector/test_formats.py:.gpx",
    "OSM XML": "vector/test_formats.py:.osm",
    "CSV": "vector/test_formats.py:.csv",
    "XLSX": "vector/test_formats.py:.xlsx",
    "OSM PBF": "test_odd_files.py:pbf",
    "GeoTIFF": "raster/test_raster.py:terrain",
    "COG": "raster/test_rasters.py:every_format",
    "MBTiles": "test_odd_files.py:mbtiles",
    "CityJSON": "test_odd_files.py:every_version_of_cityjson",
    "CityJSONSeq": "city/test_cityjson.py:sequence",
    "CityGML": "city/test_citygml.py:",
    "b3dm": "city/test_tiles3d.py:b3dm",
    "i3dm": "city/test_tiles3d.py:instances",
    "pnts": "city/test_tiles3d.py:points",
    "GLB": "city/test_tiles3d.py:glb",
    "OBJ": "city/test_tiles3d.py:obj",
    "LAS": "pointcloud/test_point_cloud.py:millimetre",
    "LAZ": "pointcloud/test_point_cloud.py:millimetre",
    "COPC": "test_odd_files.py:copc",
}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_has_a_file_in_a_test(name: str) -> None:
    file, _, what = FORMATS[name].partition(":")
    if what.startswith("."):
        from tests.support.layer_files import makers

        assert what in makers
        return
    tests = [line for line in (HERE / file).read_text(encoding="utf-8").splitlines() if line.startswith("def test")]
    assert [line for line in tests if what in line]


def _varint(value: int) -> bytes:
    out = b""
    while True:
        value, low = value >> 7, value & 0x7F
        out += bytes([low | (0x80 if value else 0)])
        if not value:
            return out


def _field(number: int, value: int | bytes) -> bytes:
    """Return a field of Protocol Buffers: a number, or bytes."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _signed(values: list[int]) -> bytes:
    steps = np.diff([0, *values]).tolist()
    return b"".join(_varint((step << 1) ^ (step >> 63)) for step in steps)


def _pbf(path: Path, lonlat: np.ndarray) -> None:
    """Write a closed way of a building as OSM PBF: a header and one block of dense nodes and a way."""
    strings = [b"", b"building", b"yes", b"building:levels", b"6"]
    ids = list(range(1, len(lonlat) + 1))
    lon, lat = (np.rint(lonlat[:, axis] * 1e7).astype(int).tolist() for axis in (0, 1))
    dense = _field(1, _signed(ids)) + _field(8, _signed(lat)) + _field(9, _signed(lon))
    way = _field(1, 9) + _field(2, bytes([1, 3])) + _field(3, bytes([2, 4])) + _field(8, _signed([*ids, ids[0]]))
    table = b"".join(_field(1, text) for text in strings)
    block = _field(1, table) + _field(2, _field(2, dense)) + _field(2, _field(3, way)) + _field(17, 100)
    header = _field(4, b"OsmSchema-V0.6") + _field(4, b"DenseNodes")
    with path.open("wb") as file:
        for kind, body in ((b"OSMHeader", header), (b"OSMData", block)):
            blob = _field(2, len(body)) + _field(3, zlib.compress(body))
            head = _field(1, kind) + _field(3, len(blob))
            file.write(struct.pack(">I", len(head)) + head + blob)


def test_a_building_of_an_osm_pbf_stands_where_its_nodes_are(tmp_path: Path) -> None:
    corners = np.array([[117.02, 36.66], [117.021, 36.66], [117.021, 36.6607], [117.02, 36.6607]])
    _pbf(tmp_path / "x.osm.pbf", corners)
    (layer,) = read(tmp_path / "x.osm.pbf")
    assert (layer.layer.role, layer.layer.style.storeys_field) == ("buildings", "building:levels")
    got = shapely.get_coordinates(layer.data.frame.geometry.iloc[0])  # type: ignore[union-attr]
    assert {tuple(row) for row in np.round(got, 7).tolist()} == {tuple(row) for row in corners.tolist()}


def test_an_mbtiles_stands_where_its_tiles_are(tmp_path: Path) -> None:
    import rasterio
    import rasterio.shutil
    from rasterio.transform import from_bounds

    half = 20037508.342789244
    tile = 2 * half / 2**12
    west, north = -half + 3379 * tile, half - 1601 * tile  # two tiles of level 12 over Jinan
    values = np.full((3, 256, 512), 90, np.uint8)
    with rasterio.open(
        tmp_path / "x.tif", "w", driver="GTiff", width=512, height=256, count=3, dtype="uint8", crs="EPSG:3857",
        transform=from_bounds(west, north - tile, west + 2 * tile, north, 512, 256),
    ) as target:  # fmt: skip
        target.write(values)
    rasterio.shutil.copy(tmp_path / "x.tif", tmp_path / "x.mbtiles", driver="MBTiles", TILE_FORMAT="PNG")
    (layer,) = read(tmp_path / "x.mbtiles")
    assert isinstance(layer.data, RasterData)
    a, _, c, _, e, f = layer.data.transform
    rows, columns = layer.data.values.shape[:2]
    assert (c, f, c + a * columns, f + e * rows) == pytest.approx(
        (west, north, west + 2 * tile, north - tile), abs=1e-3
    )
    assert layer.data.crs == "EPSG:3857"


def _copc(path: Path, count: int) -> np.ndarray:
    """Write a COPC of two levels: laspy writes the LAZ, the records of COPC are laid around its two chunks."""
    import laspy
    import lazrs
    import pyproj

    header = laspy.LasHeader(point_format=6, version="1.4")
    header.offsets, header.scales = [500_000, 4_000_000, 0], [0.001] * 3
    header.vlrs.append(laspy.VLR("copc", 1, "", bytes(160)))
    header.add_crs(pyproj.CRS.from_epsg(4548))
    las = laspy.LasData(header)
    chance = np.random.default_rng(7)
    xyz = np.round(chance.random((count, 3)) * [100, 100, 20] + [EAST, NORTH, 30], 3)
    las.x, las.y, las.z = xyz.T
    las.evlrs = laspy.vlrs.vlrlist.VLRList([laspy.VLR("copc", 1000, "", bytes(64))])
    las.write(str(path.with_suffix(".laz")))
    with laspy.open(path.with_suffix(".laz")) as reader_:
        start = reader_.header.offset_to_point_data
        evlr = reader_.header.start_of_first_evlr
        record = next(vlr for vlr in reader_.header.vlrs if vlr.user_id == "laszip encoded")
    raw = bytearray(path.with_suffix(".laz").read_bytes())
    with path.with_suffix(".laz").open("rb") as file:
        file.seek(start)
        chunks = lazrs.read_chunk_table(file, lazrs.LazVlr(record.record_data))
    entries, at = b"", start + 8
    for key, (points, size) in zip(((0, 0, 0, 0), (1, 0, 0, 0)), chunks, strict=True):
        entries += struct.pack("<4iQ2i", *key, at, size, min(points, count - (50_000 if key[0] else 0)))
        at += size
    info = struct.pack("<5d2Q2d", EAST + 50, NORTH + 50, 80, 50, 5.0, evlr + 60, 64, 0.0, 1.0)
    place = raw.index(b"copc\0") - 2 + 54
    assert place == 375 + 54
    raw[place : place + len(info)] = info
    raw[evlr + 60 : evlr + 124] = entries
    path.write_bytes(raw)
    path.with_suffix(".laz").unlink()
    return xyz


def test_a_copc_is_read_only_so_deep_as_a_picture_needs(tmp_path: Path) -> None:
    path = tmp_path / "x.copc"
    xyz = _copc(path, 100_000)
    path = path.rename(tmp_path / "x.copc.laz")
    for limit, most in (("40000", 50_000), ("1000000", 100_000)):
        (layer,) = read(path, limit=limit)
        assert isinstance(layer.data, CloudData)
        got = layer.data.points.astype(np.float64) + layer.data.offset
        known = {tuple(row) for row in np.rint(xyz[:most] * 1000).astype(int).tolist()}
        assert {tuple(row) for row in np.rint(got * 1000).astype(int).tolist()} <= known
        assert len(got) > 0.5 * min(int(limit), most)
        assert layer.data.crs == CRS


@pytest.mark.parametrize("version", ["1.0", "1.1", "2.0"])
def test_every_version_of_cityjson_stands_where_its_vertices_are(tmp_path: Path, version: str) -> None:
    corners = [[x, y, z] for z in (0, 9000) for x, y in ((0, 0), (10_500, 0), (10_500, 8250), (0, 8250))]
    faces = [[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]
    said = {"1.0": "urn:ogc:def:crs:EPSG::4548"}.get(version, "https://www.opengis.net/def/crs/EPSG/0/4548")
    (tmp_path / "x.city.json").write_text(json.dumps({
        "type": "CityJSON", "version": version, "metadata": {"referenceSystem": said},
        "transform": {"scale": [0.001] * 3, "translate": [EAST, NORTH, 30.0]}, "vertices": corners,
        "CityObjects": {"a": {"type": "Building", "geometry": [
            {"type": "Solid", "lod": 1 if version == "1.0" else "1", "boundaries": [[[face] for face in faces]]}]}},
    }))  # fmt: skip
    data = read(tmp_path / "x.city.json")[0].data
    assert isinstance(data, ModelData)
    box = data.meshes.bounds()
    assert box is not None
    wanted = [[EAST, NORTH, 30], [EAST + 10.5, NORTH + 8.25, 39]]
    np.testing.assert_allclose(box + data.placement[:3, 3], wanted, atol=1e-4)
    assert data.crs == CRS


# --- lists of JSON ----------------------------------------------------------------------------------------------------

LISTS = {
    "plain": [{"name": "甲", "lon": 117.02, "lat": 36.66, "code": "0101"}, {"name": "乙", "lon": 117.03, "lat": 36.67}],
    "wrapped": {"total": 2, "records": [{"kv": {"name": "甲", "x": 117.02, "y": 36.66, "code": "0101"}},
                                        {"kv": {"name": "乙", "x": 117.03, "y": 36.67}}]},
    "pages": [[{"name": "甲", "value": [117.02, 36.66, 5], "code": "0101"},
               {"name": "乙", "value": [117.03, 36.67, 6]}], 19],
    "nested": {"data": {"rows": [{"name": "甲", "location": {"lng": 117.02, "lat": 36.66}, "code": "0101"},
                                 {"name": "乙", "location": {"lng": 117.03, "lat": 36.67}}]}},
}  # fmt: skip


@pytest.mark.parametrize("form", sorted(LISTS))
def test_a_list_of_objects_with_coordinates_is_points(tmp_path: Path, form: str) -> None:
    path = tmp_path / "poi.json"
    path.write_text(json.dumps(LISTS[form], ensure_ascii=False), encoding="utf-8")
    frame = vector(path).frame
    assert shapely.get_coordinates(frame.geometry).tolist() == [[117.02, 36.66], [117.03, 36.67]]
    assert frame["name"].tolist() == ["甲", "乙"]
    assert frame["code"].iloc[0] == "0101"  # text stays text
    info = inspect(path)
    assert (info.sublayers[0].count, info.crs) == (2, "EPSG:4326")
    assert len(rows_json({"path": str(path)}, Progress())["rows"]) == 2


def test_a_list_without_coordinates_is_a_table_and_json_without_a_list_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"rows": [{"a": 1, "b": null}, {"a": 2, "c": true}]}')
    (layer,) = read(path)
    assert (layer.layer.kind, layer.data.frame["a"].tolist()) == ("table", [1, 2])  # type: ignore[union-attr]
    for text, code in (
        ('{"a": 1}', "io.unknown_kind"),
        ('[{"a": 1}, {"b"', "io.damaged"),
        ("[1, 2]", "io.unknown_kind"),
    ):
        path.write_text(text)
        with pytest.raises(UserError) as caught:
            read(path)
        assert caught.value.code == code


# --- encodings --------------------------------------------------------------------------------------------------------

WORDS = {
    "gb18030": [
        "城关街道办事处",
        "泉城路步行街",
        "大明湖公园南门",
        "趵突泉北路",
        "经十路与历山路交叉口",
        "解放阁社区居民委员会",
    ],
    "big5": ["臺北市政府大樓", "中正紀念堂廣場", "忠孝東路四段", "仁愛路圓環", "國立臺灣大學圖書館", "松山機場航廈"],
    "shift_jis": [
        "東京都庁第一本庁舎",
        "新宿駅西口のりば",
        "ハチ公前ひろば",
        "羽田空港ターミナル",
        "みなとみらい駅",
        "さくら通り",
    ],
}


@pytest.mark.parametrize("encoding", sorted(WORDS))
@pytest.mark.parametrize("suffix", [".csv", ".shp"])
def test_text_of_asia_is_read_in_the_encoding_that_is_said(tmp_path: Path, encoding: str, suffix: str) -> None:
    path, words, field = tmp_path / f"x{suffix}", WORDS[encoding], "name"
    points = [shapely.Point(117.0 + i / 100, 36.0) for i in range(len(words))]
    if suffix == ".csv":
        rows = [f"{word},{p.x},{p.y}" for word, p in zip(words, points, strict=True)]
        path.write_bytes("\n".join(["name,lon,lat", *rows]).encode(encoding))
    else:
        frame = gpd.GeoDataFrame({field: words}, geometry=points, crs="EPSG:4326")
        pyogrio.write_dataframe(
            frame, path, encoding={"gb18030": "cp936", "big5": "cp950", "shift_jis": "cp932"}[encoding]
        )
        path.with_suffix(".cpg").unlink(missing_ok=True)
        table = bytearray(path.with_suffix(".dbf").read_bytes())
        table[29] = 0  # no language said
        path.with_suffix(".dbf").write_bytes(table)
    (layer,) = find_format(path).read(path, ReadRequest(encoding=encoding), Progress())
    assert layer.data.frame[field].tolist() == words  # type: ignore[union-attr]
    if encoding == "gb18030":  # what most files here are in is found without being said
        (layer,) = read(path)
        assert layer.data.frame[field].tolist() == words  # type: ignore[union-attr]
        assert "io.encoding_guessed" in [caution.code for caution in layer.data.cautions]


# --- large and vanishing files ----------------------------------------------------------------------------------------


def test_a_large_sparse_csv_steps_through_its_pieces_and_is_cancelled_between_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points_csv, "_LARGE_BYTES", 1000)
    monkeypatch.setattr(points_csv, "_PIECE_ROWS", 500)
    path = tmp_path / "x.csv"
    rows = [
        f"{117 + i / 1e5:.5f},36.5,{i if i > 19_000 else ''},{'甲' if i % 97 == 0 else ''}" + "," * 6
        for i in range(20_000)
    ]
    path.write_text("\n".join(["lon,lat,late,seldom,a,b,c,d,e,f", *rows]), encoding="utf-8")
    seen: list[float] = []
    (layer,) = points_csv.read(path, ReadRequest(), Progress(lambda fraction, _: seen.append(fraction)))
    frame = layer.data.frame  # type: ignore[union-attr]
    assert (len(frame), int(frame["late"].sum())) == (20_000, sum(range(19_001, 20_000)))
    assert frame["seldom"].notna().sum() == 207
    assert seen == sorted(seen)
    assert sum(0.0 < fraction < 0.5 for fraction in seen) > 10
    stopped = Progress(lambda fraction, _: stopped.cancel() if fraction > 0.1 else None)
    with pytest.raises(Cancelled):
        points_csv.read(path, ReadRequest(), stopped)


@pytest.mark.slow
def test_300_mb_of_csv_show_progress_and_stop_long_before_their_end(tmp_path: Path, session: Session) -> None:
    from app.background.ingest import ingest
    from models.store.cache import GeometryCache

    path = tmp_path / "x.csv"
    line = "117.02,36.66,甲" + "," * 60 + "\n"
    with path.open("w", encoding="utf-8") as file:
        file.write("lon,lat,name," + ",".join(f"c{i}" for i in range(60)) + "\n")
        for _ in range(40):
            file.write(line * (300_000_000 // len(line.encode()) // 40))
    seen: list[float] = []
    progress = Progress(lambda fraction, _: seen.append(fraction))
    watcher = threading.Thread(target=lambda: _cancel_when(progress, seen))
    watcher.start()
    with pytest.raises(Cancelled):
        ingest(path, ReadRequest(), GeometryCache(tmp_path / "cache"), progress, workers=session.workers)
    watcher.join()
    assert 0.02 < max(seen) < 0.5


def _cancel_when(progress: Progress, seen: list[float]) -> None:
    while max(seen, default=0.0) <= 0.02:
        time.sleep(0.02)
    progress.cancel()


@pytest.mark.parametrize("name", ["x.csv", "x.geojson", "x.json"])
def test_a_file_that_goes_while_it_is_read_is_missing(
    tmp_path: Path, name: str, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.write_text({"x.csv": "lon,lat\n117,36\n", "x.json": '[{"lon": 117, "lat": 36}]'}.get(
        name, '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},'
        '"geometry":{"type":"Point","coordinates":[117,36]}}]}'))  # fmt: skip
    real = type(session.workers).take

    def take(workers: Any, **options: Any) -> Any:
        path.unlink()  # known, hashed, and gone before the child opens it
        return real(workers, **options)

    monkeypatch.setattr(type(session.workers), "take", take)
    with pytest.raises(UserError) as caught:
        open_files(session, [path])
    assert caught.value.code == "io.missing"
    assert session.project.state.layers == ()


def test_a_sheet_of_bordered_blank_rows_is_read_as_far_as_it_says_something(tmp_path: Path) -> None:
    import openpyxl
    from openpyxl.styles import Border, Side

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["编号", "经度", "纬度"])
    for i in range(30):
        sheet.append([f"00{i}", 117 + i / 100, 36.5])
    for row in range(32, 20_000):
        sheet.cell(row, 1).border = Border(left=Side("thin"))
    book.save(tmp_path / "x.xlsx")
    assert max(len(row) for row in spreadsheet._xlsx_rows(tmp_path / "x.xlsx", "Sheet")) == 3  # not 16 384
    steps: list[float] = []
    (layer,) = format_of("spreadsheet").read(tmp_path / "x.xlsx", ReadRequest(), Progress(lambda f, _: steps.append(f)))
    assert layer.data.count == 30  # type: ignore[union-attr]
    assert len(steps) > 3


def test_a_model_of_pipes_is_told_by_its_sections(tmp_path: Path) -> None:
    path = tmp_path / "net.inp"
    path.write_text("[TITLE]\nx\n\n[JUNCTIONS]\n;ID Elev\n 10 147\n")
    assert find_format(path).id == "inp"
    path.write_text("nothing of that kind")
    with pytest.raises(UserError, match=r"io\.not_what_it_says"):
        find_format(path)


# --- roles, columns of large tables, the frame ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "fields", "role"),
    [("House", {"height": [6.0]}, "buildings"), ("city_houses", {"measuredHeight": ["12.5"]}, "buildings"),
     ("houses", {"owner": ["x"]}, "other"), ("warehouse", {"height": [6.0]}, "other")],
)  # fmt: skip
def test_houses_with_a_height_are_buildings(tmp_path: Path, name: str, fields: dict[str, list[Any]], role: str) -> None:
    path = tmp_path / f"{name}.gpkg"
    gpd.GeoDataFrame(fields, geometry=[shapely.box(EAST, NORTH, EAST + 9, NORTH + 9)], crs=CRS).to_file(path)
    assert read(path)[0].layer.role == role


def test_inverts_of_very_many_pipes_are_kept_as_of_few(tmp_path: Path) -> None:
    from models.geometry.feature_table import LARGE

    count = LARGE + 50
    east = EAST + np.arange(count)
    both = [np.stack([east, np.full(count, NORTH + side)], axis=1) for side in (0.0, 5.0)]
    lines = shapely.linestrings(np.stack(both, axis=1))
    ends = pd.DataFrame(
        {"UPSELEV": np.arange(count) / 1000 + 10, "DWNELEV": np.arange(count) / 1000 + 9, "DIAMETER": 300}
    )
    frame = gpd.GeoDataFrame(ends, geometry=lines, crs=CRS)
    got = []
    for name, part in (("few_mains", frame.head(100)), ("many_mains", frame)):
        pyogrio.write_dataframe(part, tmp_path / f"{name}.fgb")
        data = vector(tmp_path / f"{name}.fgb")
        assert (data.features is not None) == (name == "many_mains")
        got.append(data)
    few, many = got
    assert set(few.fields) == set(many.fields)
    by = many.attributes.set_index("UPSELEV")
    np.testing.assert_array_equal(by["start_invert_m"], by.index)
    np.testing.assert_array_equal(many.attributes["diameter_mm"], np.full(count, 300.0))
    assert many.frame.geometry.iloc[0].length == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("crs", "east", "north"), [("EPSG:3547", 4_950_000.0, 3_900_000.0), ("EPSG:3857", 13_026_000.0, 4_392_000.0)]
)
def test_a_plane_that_does_not_count_metres_is_no_frame(
    tmp_path: Path, session: Session, crs: str, east: float, north: float
) -> None:
    path = tmp_path / "x.gpkg"
    lines = [shapely.LineString([(east, north), (east + 1000, north)])]
    gpd.GeoDataFrame({"a": [1]}, geometry=lines, crs=crs).to_file(path)
    open_files(session, [path])
    frame = session.project.state.frame
    assert frame is not None
    assert parse_crs(frame.horizontal).axis_info[0].unit_conversion_factor == 1.0
    (layer,) = session.project.state.layers
    ends = session.project.data_of(layer.id).frame.to_crs(frame.horizontal).geometry.iloc[0]  # type: ignore[union-attr]
    from pyproj import Geod

    true_m = Geod(ellps="WGS84").geometry_length(session.project.data_of(layer.id).frame.to_crs(4326).geometry.iloc[0])  # type: ignore[union-attr]
    assert ends.length == pytest.approx(true_m, rel=1e-3)
