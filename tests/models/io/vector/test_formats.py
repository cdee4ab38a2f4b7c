"""Every vector format, with coordinates and attributes against GDAL and shapely themselves."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.inspect import inspect
from models.io.preview_table import rows_json
from models.io.registry import find_format
from models.io.request import Opened, ReadRequest
from tests.support.layer_files import CRS, EAST, NORTH, buildings, degrees, makers, roads, write


def read(path: Path, **request: object) -> list[Opened]:
    return find_format(path).read(path, ReadRequest(**request), Progress())  # type: ignore[arg-type]


def codes(opened: Opened) -> set[str]:
    return {caution.code for caution in opened.data.cautions}


def worst_mm(mine: object, theirs: object) -> float:
    """Return how far two series of shapes are apart at their corners, in millimetres of the ground."""
    a, b = (gpd.GeoSeries(np.asarray(shapes, dtype=object)) for shapes in (mine, theirs))
    apart = shapely.hausdorff_distance(a.to_numpy(), b.to_numpy())
    is_degrees = float(np.abs(a.total_bounds).max()) <= 180
    return float(apart.max()) * (111_320_000.0 if is_degrees else 1000.0)


PLAIN = [".gpkg", ".fgb", ".shp", ".geojson", ".geojsonl", ".geojsons", ".gdb", ".sqlite", ".gml", ".tab", ".mif",
         ".parquet"]  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_coordinates_and_attributes_are_those_that_were_written(tmp_path: Path, name: str) -> None:
    (opened,) = read(write(tmp_path, name))
    frame = opened.data.frame  # type: ignore[union-attr]
    expected = degrees(buildings()) if "json" in name else buildings()
    order = np.argsort(frame.geometry.centroid.x.to_numpy()) if name == ".fgb" else np.arange(5)
    assert worst_mm(frame.geometry.to_numpy()[order], expected.geometry) < 1.0
    text = {key.lower(): key for key in frame.columns}
    for field in ("code", "name"):
        mine = frame[text[field]].to_numpy()[order]
        for got, want in zip(mine, expected[field], strict=True):
            assert (pd.isna(got) or got == "") if pd.isna(want) else got == want
    assert pd.to_numeric(frame[text["height_m"]].to_numpy()[order])[1] == 30.25


@pytest.mark.parametrize("name", [".gpkg", ".fgb", ".gdb", ".sqlite", ".parquet"])
def test_types_are_kept_and_gaps_stay_gaps(tmp_path: Path, name: str) -> None:
    (opened,) = read(write(tmp_path, name))
    frame = opened.data.frame  # type: ignore[union-attr]
    frame = frame.sort_values("built", na_position="last") if name == ".fgb" else frame
    rows = frame.loc[frame["code"] == "0102"].iloc[0]
    if name != ".gdb":  # whose writer makes floating point of 64 bits
        assert pd.api.types.is_integer_dtype(frame["storeys"])
    assert pd.isna(rows["storeys"])
    assert pd.api.types.is_datetime64_any_dtype(frame["built"])
    assert pd.isna(rows["built"])
    day = frame.loc[frame["code"] == "0103", "built"].iloc[0]
    assert day.tz_localize(None) == pd.Timestamp("2012-12-31")
    assert pd.isna(frame.loc[frame["code"] == "0103", "height_m"].iloc[0])
    if name not in (".gdb", ".sqlite"):  # which know no truth values
        assert pd.isna(frame.loc[frame["code"] == "0103", "listed"].iloc[0])
        assert bool(frame.loc[frame["code"] == "0101", "listed"].iloc[0]) is True


def test_a_whole_number_of_eighteen_digits_keeps_its_last(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    numbers = pd.array([370102199901011234, None], dtype="Int64")
    gpd.GeoDataFrame({"id_no": numbers}, geometry=[shapely.Point(EAST, NORTH)] * 2, crs=CRS).to_file(path)
    assert read(path)[0].data.frame["id_no"].iloc[0] == 370102199901011234  # type: ignore[union-attr]


def test_heights_of_lines_come_through_native_geoparquet(tmp_path: Path) -> None:
    (opened,) = read(write(tmp_path, ".native.parquet"))
    got = shapely.get_coordinates(opened.data.frame.geometry.to_numpy(), include_z=True)  # type: ignore[union-attr]
    np.testing.assert_array_equal(got, shapely.get_coordinates(roads().geometry.to_numpy(), include_z=True))
    assert opened.layer.source.crs == CRS


def test_geoparquet_without_a_crs_is_degrees_and_with_null_nobody_knows(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    path = tmp_path / "x.parquet"
    degrees(roads()).to_parquet(path)
    table = pq.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    del geo["columns"]["geometry"]["crs"]
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(geo)}), path)
    assert read(path)[0].layer.source.crs == "EPSG:4326"
    geo["columns"]["geometry"]["crs"] = None
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(geo)}), path)
    with pytest.raises(UserError, match=r"io\.no_crs"):
        read(path)
    assert read(path, crs="EPSG:4490")[0].layer.source.crs == "EPSG:4490"


def test_the_covering_of_geoparquet_is_no_attribute(tmp_path: Path) -> None:
    (opened,) = read(write(tmp_path, ".parquet"))
    assert "bbox" not in opened.data.frame.columns  # type: ignore[union-attr]


def test_a_kml_gives_a_layer_a_folder_and_keeps_chinese_field_names(tmp_path: Path) -> None:
    for name in (".kml", ".kmz"):
        houses, well = read(write(tmp_path, name))
        frame = houses.data.frame  # type: ignore[union-attr]
        assert (houses.layer.name, well.layer.name) == ("房屋", "检查井")
        assert (houses.layer.role, well.layer.role) == ("buildings", "pipe_nodes")
        assert frame["口径"].tolist() == ["300", "400"]
        assert frame["材质"].tolist() == ["铸铁", "PE"]
        assert worst_mm(frame.geometry, degrees(buildings()).geometry.iloc[[0, 3]]) < 1.0
        assert "tessellate" not in frame.columns


def test_a_gpx_gives_waypoints_and_tracks_but_not_their_points_again(tmp_path: Path) -> None:
    layers = read(write(tmp_path, ".gpx"))
    assert [one.layer.name_en for one in layers] == ["Waypoints", "Tracks"]
    assert [len(one.data.frame) for one in layers] == [2, 1]  # type: ignore[union-attr]
    track = layers[1].data.frame.geometry.iloc[0]  # type: ignore[union-attr]
    np.testing.assert_allclose(
        shapely.get_coordinates(track), shapely.get_coordinates(degrees(roads()).geometry.iloc[0]), atol=1e-9
    )


def test_an_osm_gives_buildings_with_their_storeys(tmp_path: Path) -> None:
    (opened,) = read(write(tmp_path, ".osm"))
    assert opened.layer.role == "buildings"
    assert opened.layer.style.storeys_field == "building:levels"
    assert worst_mm(opened.data.frame.geometry, degrees(buildings()).geometry.iloc[[0]]) < 20.0  # type: ignore[union-attr]


def test_a_drawing_gives_its_layers_with_blocks_texts_and_areas(tmp_path: Path) -> None:
    path = write(tmp_path, ".dxf")
    with pytest.raises(UserError, match=r"io\.no_crs"):
        read(path)
    layers = {one.layer.name: one for one in read(path, crs=CRS)}
    assert list(layers) == ["道路", "注记", "管点", "房屋"]
    road = shapely.get_coordinates(layers["道路"].data.frame.geometry.to_numpy(), include_z=True)  # type: ignore[union-attr]
    np.testing.assert_allclose(road, [[EAST, NORTH, 31.5], [EAST + 300.001, NORTH + 10, 32.25]], atol=1e-6)
    house = layers["房屋"]
    assert house.layer.role == "buildings"
    assert house.data.frame.geometry.iloc[0].equals(buildings().geometry.iloc[0])  # type: ignore[union-attr]
    assert "vector.closed_lines" in codes(house)
    assert layers["注记"].data.frame["Text"].tolist() == ["经十路"]  # type: ignore[union-attr]
    assert layers["注记"].layer.style.label_field == "Text"
    block = shapely.get_coordinates(layers["管点"].data.frame.geometry.to_numpy())  # type: ignore[union-attr]
    np.testing.assert_allclose(block, [[EAST + 4, NORTH + 5], [EAST + 6, NORTH + 5]])
    assert "vector.dxf_units" in codes(layers["道路"])
    assert [one.layer.name for one in read(path, crs=CRS, sublayers=("房屋",))] == ["房屋"]


def test_a_drawing_in_millimetres_is_scaled_where_a_person_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, ".dxf")
    road = next(one for one in read(path, crs=CRS, options={"unit": "mm"}) if one.layer.name == "道路")
    assert road.data.frame.geometry.iloc[0].coords[0][0] == pytest.approx(EAST / 1000)  # type: ignore[union-attr]


def test_a_zip_of_shapefiles_opens_each_and_remembers_which(tmp_path: Path) -> None:
    path = write(tmp_path, ".zip")
    layers = read(path)
    assert sorted(one.layer.name for one in layers) == ["房屋", "道路"]
    for one in layers:
        assert worst_mm(one.data.frame.geometry, buildings().geometry) < 1.0  # type: ignore[union-attr]
    (one,) = read(path, sublayers=("房屋.shp",))
    assert (one.layer.name, one.layer.source.sublayer, one.layer.source.reader) == ("房屋", "房屋.shp", "zip")


def test_a_zipped_geodatabase_opens_like_its_folder(tmp_path: Path) -> None:
    (zipped,), (folder,) = read(write(tmp_path, ".gdb.zip")), read(write(tmp_path, ".gdb"))
    assert worst_mm(zipped.data.frame.geometry, folder.data.frame.geometry) == 0.0  # type: ignore[union-attr]


def test_a_geodatabase_folder_is_kept_in_the_cache_by_what_lies_in_it(tmp_path: Path) -> None:
    from models.store.cache import GeometryCache

    path = write(tmp_path, ".gdb")
    cache = GeometryCache(tmp_path / "cache")
    first = cache.key_of(path, "vector", 1, {})
    assert cache.key_of(path, "vector", 1, {}) == first
    pyogrio.write_dataframe(roads(), path, driver="OpenFileGDB", layer="roads")
    assert cache.key_of(path, "vector", 1, {}) != first
    assert {one.layer.name for one in read(path)} == {"buildings", "roads"}


def test_surveyors_columns_are_north_and_east(tmp_path: Path) -> None:
    (opened,) = read(write(tmp_path, ".csv"), crs=CRS)
    middle = buildings().geometry.centroid
    got = opened.data.frame.geometry  # type: ignore[union-attr]
    assert shapely.distance(got.to_numpy(), middle.to_numpy()).max() < 1e-6
    assert {"vector.survey_axes", "io.encoding_guessed"} <= codes(opened)
    assert opened.data.frame["code"].tolist()[:4] == ["0101", "0102", "0103", "0104"]  # type: ignore[union-attr]


def test_a_workbook_opens_sheet_by_sheet_as_gdal_reads_it(tmp_path: Path) -> None:
    path = write(tmp_path, ".xlsx")
    houses, owners = read(path)
    frame = houses.data.frame  # type: ignore[union-attr]
    assert (houses.layer.name, houses.layer.kind, owners.layer.kind) == ("房屋", "vector", "table")
    pyogrio.set_gdal_config_options({"OGR_XLSX_HEADERS": "FORCE"})
    theirs = pyogrio.read_dataframe(path, layer="产权")
    pyogrio.set_gdal_config_options({"OGR_XLSX_HEADERS": None})
    assert owners.data.frame["面积"].tolist() == theirs["面积"].tolist()  # type: ignore[union-attr]
    assert owners.data.frame["编码"].tolist() == theirs["编码"].tolist() == ["0101", "0101", "0103"]  # type: ignore[union-attr]
    middle = buildings().geometry.centroid.to_crs("EPSG:4326")
    assert worst_mm(frame.geometry, middle) < 1.0
    assert frame["编码"].iloc[0] == "0101"
    assert str(frame["层数"].dtype) == "Int64"
    assert frame["建成日期"].iloc[2] == pd.Timestamp("2012-12-31")
    assert "vector.rows_above" in codes(houses)


def test_an_ods_opens_as_its_numbers_were_typed(tmp_path: Path) -> None:
    (opened,) = read(write(tmp_path, ".ods"))
    frame = opened.data.frame  # type: ignore[union-attr]
    assert frame["编码"].tolist() == ["0101", "0102"]
    assert frame["层数"].tolist() == [6, 11]
    assert frame.geometry.x.tolist() == [117.02, 117.03]


def test_types_of_a_table_can_be_said_and_what_is_not_of_them_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("lon,lat,no,day,flag\n117,36,12,2020-01-02,是\n117.1,36.1,n/a,2020/3/4,否\n", encoding="utf-8")
    types = json.dumps({"no": "integer", "day": "text", "flag": "boolean"})
    (opened,) = read(path, options={"types": types})
    frame = opened.data.frame  # type: ignore[union-attr]
    assert frame["no"].tolist()[0] == 12
    assert pd.isna(frame["no"].iloc[1])
    assert frame["day"].tolist() == ["2020-01-02", "2020/3/4"]
    assert frame["flag"].tolist() == [True, False]
    lost = next(caution for caution in opened.data.cautions if caution.code == "vector.type_lost")
    assert (lost.facts["field"], lost.facts["count"]) == ("no", 1)
    with pytest.raises(UserError, match=r"vector\.bad_types"):
        read(path, options={"types": '{"no": "colour"}'})


@pytest.mark.parametrize(
    ("header", "values", "expected"),
    [
        ("经度,纬度", "117°02′31.5″E,36°40′N", (117 + 2 / 60 + 31.5 / 3600, 36 + 40 / 60)),
        ("坐标,n", '"117.1,36.2",1', (117.1, 36.2)),
        ("中心经度,中心纬度", "117.1,36.2", (117.1, 36.2)),
        ("wkt,n", '"SRID=4490;POINT (117.1 36.2)",1', (117.1, 36.2)),
        ("经度(°),纬度(°)", "117.1,36.2", (117.1, 36.2)),
    ],
)
def test_coordinates_are_found_however_they_are_written(
    tmp_path: Path, header: str, values: str, expected: tuple[float, float]
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"{header}\n{values}\n", encoding="utf-8")
    point = read(path)[0].data.frame.geometry.iloc[0]  # type: ignore[union-attr]
    assert (point.x, point.y) == pytest.approx(expected, abs=1e-9)


def test_shapes_that_need_care_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    shapes = [
        shapely.from_wkt(f"POLYGON (({EAST} {NORTH}, {EAST + 9} {NORTH + 9}, {EAST + 9} {NORTH}, {EAST} {NORTH + 9}, {EAST} {NORTH}))"),  # noqa: E501
        shapely.GeometryCollection([shapely.box(EAST, NORTH, EAST + 1, NORTH + 1), shapely.box(EAST + 5, NORTH, EAST + 6, NORTH + 1)]),  # noqa: E501
        shapely.GeometryCollection([shapely.box(EAST, NORTH, EAST + 1, NORTH + 1), shapely.Point(EAST, NORTH)]),
    ]  # fmt: skip
    gpd.GeoDataFrame({"n": [1, 2, 3]}, geometry=shapes, crs=CRS).to_file(path)
    (opened,) = read(path)
    facts = {caution.code: caution.facts for caution in opened.data.cautions}
    assert facts["vector.invalid_rings"]["count"] == 1
    assert (facts["vector.collections"]["count"], facts["vector.collections"]["unlike"]) == (2, 1)
    kinds = opened.data.frame.geom_type.tolist()  # type: ignore[union-attr]
    assert kinds == ["Polygon", "MultiPolygon", "GeometryCollection"]
    assert opened.data.frame.geometry.iloc[1].area == pytest.approx(2.0)  # type: ignore[union-attr]


def test_measures_go_and_heights_stay(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    (tmp_path / "x.csv").write_text(f'wkt,n\n"LINESTRING ZM ({EAST} {NORTH} 5 0, {EAST + 1} {NORTH} 6 9)",1\n')
    (opened,) = read(tmp_path / "x.csv", crs=CRS)
    assert opened.data.frame.geometry.iloc[0].coords[1] == (EAST + 1, NORTH, 6.0)  # type: ignore[union-attr]
    assert "vector.measures" in codes(opened)
    assert not path.exists()


def test_open_rings_are_closed_and_arcs_become_lines_and_both_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    ring = [[117, 36], [117.1, 36], [117.1, 36.1]]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}},
        {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": [[117, 36]]}},
    ]}))  # fmt: skip
    (opened,) = read(path)
    facts = {caution.code: caution.facts["count"] for caution in opened.data.cautions}
    assert (facts["vector.rings_closed"], facts["vector.shapes_unread"]) == (1, 1)
    assert opened.data.frame.geometry.iloc[0].is_valid  # type: ignore[union-attr]

    arc = tmp_path / "arc.gml"
    arc.write_text(
        '<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml" xmlns:a="a">'  # noqa: E501
        '<gml:featureMember><a:arc gml:id="a.1"><a:g><gml:Curve srsName="EPSG:4548"><gml:segments><gml:Arc><gml:posList>'  # noqa: E501
        f"{EAST} {NORTH} {EAST + 10} {NORTH + 10} {EAST + 20} {NORTH}</gml:posList></gml:Arc></gml:segments></gml:Curve>"  # noqa: E501
        "</a:g></a:arc></gml:featureMember></wfs:FeatureCollection>"
    )
    before = sorted(tmp_path.iterdir())
    (opened,) = read(arc)
    assert opened.data.frame.geometry.iloc[0].length == pytest.approx(np.pi * 10, rel=1e-3)  # type: ignore[union-attr]
    assert {caution.code: caution.facts["count"] for caution in opened.data.cautions} == {"vector.curves": 1}
    assert sorted(tmp_path.iterdir()) == before  # GDAL leaves a .gfs beside a GML that it reads in place


def test_field_names_that_a_shapefile_cut_are_said(tmp_path: Path) -> None:
    path = tmp_path / "x.shp"
    frame = gpd.GeoDataFrame({"城市道路名称编码": [1], "n": [2]}, geometry=[shapely.Point(EAST, NORTH)], crs=CRS)
    pyogrio.write_dataframe(frame, path, encoding="utf-8")
    caution = next(c for c in read(path)[0].data.cautions if c.code == "vector.short_names")
    assert caution.facts["count"] == 1
    assert "城市道" in str(caution.facts["names"])


def test_inverts_of_foreign_pipes_are_read_and_stand_ins_are_no_data(tmp_path: Path) -> None:
    path = tmp_path / "storm_mains.gpkg"
    lines = [shapely.LineString([(EAST, NORTH + i), (EAST + 50, NORTH + i)]) for i in range(4)]
    frame = gpd.GeoDataFrame(
        {"UPSELEV": [19.9, 9999.0, 0.0, None], "DWNELEV": [18.72, 17.5, 0.0, 12.0], "DIAMETER": [525, 0, 300, 450]},
        geometry=lines, crs=CRS,
    )  # fmt: skip
    frame.to_file(path)
    (opened,) = read(path)
    got = opened.data.frame  # type: ignore[union-attr]
    np.testing.assert_array_equal(got["start_invert_m"], [19.9, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(got["end_invert_m"], [18.72, 17.5, np.nan, 12.0])
    np.testing.assert_array_equal(got["diameter_mm"], [525, np.nan, 300, 450])
    assert got["UPSELEV"].tolist()[1] == 9999.0  # the table's own column is left alone
    assert {c.code: c.facts.get("count") for c in opened.data.cautions}["vector.sentinels"] == 3


def test_community_names_are_the_label_whatever_else_is_called_name(tmp_path: Path) -> None:
    path = tmp_path / "communities_shequ.gpkg"
    frame = gpd.GeoDataFrame({"社区名称": ["朱雀社区"], "街道名称": ["百丈街道"], "县市区": ["江东区"]},
                             geometry=[shapely.box(EAST, NORTH, EAST + 9, NORTH + 9)], crs=CRS)  # fmt: skip
    frame.to_file(path)
    (opened,) = read(path)
    assert (opened.layer.role, opened.layer.style.label_field) == ("communities", "社区名称")


def test_two_fields_of_one_name_are_told_apart() -> None:
    from models.io.vector.gdal_table import plain

    shapes = gpd.GeoSeries([shapely.Point(1, 2)], crs=CRS)
    twice = pd.concat([pd.Series([1], name="n"), pd.Series(["x"], name="n"), shapes.rename("geometry")], axis=1)
    frame = plain(gpd.GeoDataFrame(twice, geometry="geometry", crs=CRS))
    assert list(frame.columns) == ["n", "n_2", "geometry"]
    assert frame.crs == CRS


@pytest.mark.parametrize("name", sorted(makers))
def test_every_format_tells_what_is_in_it_without_being_opened(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name)
    info = inspect(path)
    try:
        opened = read(path)
    except UserError:
        opened = read(path, crs=CRS)
    told = {layer.name for layer in info.sublayers if layer.count != 0}
    assert {one.layer.name.partition(" · ")[0] for one in opened if name != ".gpx"} <= told | {"buildings"}
    assert all(len(layer.types) in (0, len(layer.fields)) for layer in info.sublayers)
    asked = [layer.sublayer or layer.name for layer in info.sublayers]
    looks = [rows_json({"path": str(path), "sublayer": sublayer}, Progress()) for sublayer in asked]
    assert all(len(rows["fields"]) == len(rows["types"]) for rows in looks)
    assert any(rows["rows"] for rows in looks)
    json.dumps(looks)
    json.dumps(info.as_dict())


def test_what_a_kml_holds_besides_features_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.kml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>'
        "<name>p</name><Point><coordinates>120.3,36.1</coordinates></Point></Placemark>"
        "<NetworkLink><name>n</name><Link><href>other.kml</href></Link></NetworkLink></Document></kml>"
    )
    (opened,) = find_format(path).read(path, ReadRequest(), Progress())
    (told,) = [caution for caution in opened.data.cautions if caution.code == "vector.kml_not_drawn"]
    assert (told.facts["count"], told.facts["kinds"]) == (1, "NetworkLink 1")


def test_hidden_sheets_are_named(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["名称", "层数"])
    book.active.append(["甲楼", 6])
    hidden = book.create_sheet("旧表")
    hidden.append(["名称"])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    (opened,) = find_format(tmp_path / "a.xlsx").read(tmp_path / "a.xlsx", ReadRequest(), Progress())
    (told,) = [caution for caution in opened.data.cautions if caution.code == "vector.hidden_sheets"]
    assert told.facts["names"] == "旧表"
