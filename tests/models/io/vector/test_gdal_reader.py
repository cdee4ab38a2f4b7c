"""Tables of features: what opens, what is refused, what is said about it."""

import json
import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.common.coordinates import settle_crs
from models.io.registry import find_format
from models.io.request import Opened, ReadRequest
from models.io.vector.encodings.dbf import encoding_of_dbf

CRS = "EPSG:4548"


def open_file(path: Path, **request: object) -> list[Opened]:
    return find_format(path).read(path, ReadRequest(**request), Progress())  # type: ignore[arg-type]


def codes(opened: Opened) -> set[str]:
    return {caution.code for caution in opened.data.cautions}


def squares(count: int = 3, crs: str | None = CRS, **columns: object) -> gpd.GeoDataFrame:
    shapes = [shapely.box(502000 + 20 * i, 4059000, 502010 + 20 * i, 4059010) for i in range(count)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


def test_a_geopackage_opens_table_by_table_with_its_own_keys(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    squares(3, 名称=["甲", "乙", "丙"], height_m=[9.0, 12.0, 30.0]).to_file(path, layer="buildings", driver="GPKG")
    gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(502000, 4059000)], crs=CRS).to_file(path, layer="trees")
    buildings, trees = open_file(path)
    assert buildings.data.frame.index.tolist() == [1, 2, 3]
    assert buildings.data.frame["名称"].tolist() == ["甲", "乙", "丙"]
    assert (buildings.layer.role, buildings.layer.style.height_field) == ("buildings", "height_m")
    assert (trees.layer.role, trees.layer.source.sublayer, trees.layer.source.crs) == ("trees", "trees", CRS)


def test_only_the_sublayers_asked_for_are_read(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    squares().to_file(path, layer="a", driver="GPKG")
    squares().to_file(path, layer="b")
    assert [one.layer.name for one in open_file(path, sublayers=("b",))] == ["b"]
    with pytest.raises(UserError, match=r"io\.no_sublayer"):
        open_file(path, sublayers=("c",))


def test_a_table_without_geometry_opens_as_a_table(tmp_path: Path) -> None:
    import pyogrio

    path = tmp_path / "city.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"value": [1.5, 2.5]}), path, layer="readings")
    (table,) = open_file(path)
    assert table.layer.kind == "table"
    assert table.data.frame["value"].tolist() == [1.5, 2.5]


def test_geojson_is_in_degrees_unless_its_numbers_say_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "roads.geojson"

    def write(x: float, y: float) -> None:
        line = {"type": "LineString", "coordinates": [[x, y], [x + 0.01, y]]}
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"name": "经十路"}, "geometry": line}]}))  # fmt: skip

    write(117.0, 36.6)
    (roads,) = open_file(path)
    assert (roads.layer.source.crs, roads.layer.role) == ("EPSG:4326", "roads")
    write(502000.0, 4059000.0)
    with pytest.raises(UserError, match=r"io\.metres_in_degrees"):
        open_file(path)
    (roads,) = open_file(path, crs=CRS)
    assert roads.data.frame.crs == CRS
    assert "io.metres_in_degrees" in codes(roads)


def test_no_reader_turns_small_numbers_under_a_projected_label_into_degrees(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    for shape in (shapely.Point(117.02, 36.66), shapely.box(5, 8, 11, 30)):
        gpd.GeoDataFrame({"n": [1]}, geometry=[shape], crs=CRS).to_file(path)
        (layer,) = open_file(path)
        assert layer.layer.source.crs == CRS
        assert layer.data.frame.geometry.iloc[0].equals(shape)


def test_a_layer_without_crs_is_refused_until_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.shp"
    squares(crs=None, n=[1, 2, 3]).to_file(path)
    with pytest.raises(UserError, match=r"io\.no_crs"):
        open_file(path)
    assert open_file(path, crs=CRS)[0].data.frame.crs == CRS
    with pytest.raises(UserError, match=r"crs\.unknown"):
        open_file(path, crs="EPSG:999999")


def test_a_named_crs_never_overrules_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    squares().to_file(path)
    assert open_file(path, crs="EPSG:4526")[0].layer.source.crs == CRS


def test_empty_and_nan_geometries_are_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    frame = squares(4, n=[1, 2, 3, 4])
    frame.loc[1, "geometry"] = None
    frame.loc[2, "geometry"] = shapely.Polygon()
    frame.loc[3, "geometry"] = shapely.Polygon([(502000, 4059000), (502010, float("nan")), (502010, 4059010)])
    frame.to_file(path)
    (layer,) = open_file(path)
    counts = {caution.code: caution.facts["count"] for caution in layer.data.cautions}
    assert layer.data.frame["n"].tolist() == [1]
    assert (counts["io.empty_geometry"], counts["io.nan_geometry"]) == (2, 1)


def test_mixed_geometry_types_stay_together_with_a_caution(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    shapes = [shapely.Point(117, 36), shapely.box(117, 36, 117.1, 36.1), shapely.LineString([(117, 36), (117.1, 36)])]
    gpd.GeoDataFrame({"n": [1, 2, 3]}, geometry=shapes, crs="EPSG:4326").to_file(path, driver="GeoJSON")
    (layer,) = open_file(path)
    assert len(layer.data.frame) == 3
    assert "io.mixed_geometry" in codes(layer)


def test_fids_beyond_31_bits_give_way_to_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    feature = {
        "type": "Feature",
        "id": 9_000_000_000,
        "properties": {},
        "geometry": {"type": "Point", "coordinates": [117, 36]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert open_file(path)[0].data.frame.index.tolist() == [0]


# ---------------------------------------------------------------------------------------------- shapefiles


def shapefile(folder: Path, encoding: str = "gb18030", cpg: bool = False) -> Path:
    path = folder / "房屋.shp"
    squares(3, 名称=["城关街道办事处", "泉城路", "大明湖公园"], 层数=[6, 11, 18]).to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg:
        path.with_suffix(".cpg").write_text(encoding)
    raw = bytearray(path.with_suffix(".dbf").read_bytes())
    raw[29] = 0  # no language driver id, as many exporters leave it
    path.with_suffix(".dbf").write_bytes(bytes(raw))
    return path


def test_gbk_attributes_without_a_label_are_recognised_and_said(tmp_path: Path) -> None:
    (layer,) = open_file(shapefile(tmp_path))
    assert layer.data.frame["名称"].tolist() == ["城关街道办事处", "泉城路", "大明湖公园"]
    assert "io.encoding_guessed" in codes(layer)
    assert (layer.layer.role, layer.layer.style.storeys_field) == ("buildings", "层数")


def test_an_encoding_that_is_said_is_not_a_guess(tmp_path: Path) -> None:
    (layer,) = open_file(shapefile(tmp_path, "gb18030", cpg=True))
    assert layer.data.frame["名称"].iat[2] == "大明湖公园"
    assert "io.encoding_guessed" not in codes(layer)
    (layer,) = open_file(shapefile(tmp_path), encoding="gbk")
    assert layer.data.frame["名称"].iat[2] == "大明湖公园"
    assert "io.encoding_guessed" not in codes(layer)


def test_a_cpg_that_lies_is_not_believed(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    path.with_suffix(".cpg").write_text("UTF-8")
    (layer,) = open_file(path)
    assert layer.data.frame["名称"].iat[0] == "城关街道办事处"


def test_a_shapefile_without_shx_opens_and_nothing_is_written_beside_it(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    path.with_suffix(".shx").unlink()
    before = sorted(tmp_path.iterdir())
    (layer,) = open_file(path)
    assert len(layer.data.frame) == 3
    assert "io.no_index" in codes(layer)
    assert sorted(tmp_path.iterdir()) == before


def test_a_shapefile_without_dbf_opens_without_attributes(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    path.with_suffix(".dbf").unlink()
    (layer,) = open_file(path)
    assert len(layer.data.frame) == 3
    assert "io.no_attributes" in codes(layer)


def test_a_shapefile_without_prj_is_refused_until_a_crs_is_named(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(UserError, match=r"io\.no_crs"):
        open_file(path)
    assert open_file(path, crs=CRS)[0].layer.source.crs == CRS


def test_the_language_driver_id_is_read(tmp_path: Path) -> None:
    path = shapefile(tmp_path).with_suffix(".dbf")
    raw = bytearray(path.read_bytes())
    raw[29] = 0x4D
    path.write_bytes(bytes(raw))
    assert encoding_of_dbf(path) == ("gb18030", False)


# ---------------------------------------------------------------------------------------------- roles


@pytest.mark.parametrize(
    ("name", "shape", "role"),
    [
        ("buildings", shapely.box(0, 0, 1, 1), "buildings"),
        ("房屋建筑", shapely.box(0, 0, 1, 1), "buildings"),
        ("sanitary_mains", shapely.LineString([(0, 0), (1, 1)]), "pipes"),
        ("污水管线", shapely.LineString([(0, 0), (1, 1)]), "pipes"),
        ("manholes", shapely.Point(0, 0), "pipe_nodes"),
        ("社区", shapely.box(0, 0, 1, 1), "communities"),
        ("街道界线", shapely.box(0, 0, 1, 1), "districts"),
        ("school_districts", shapely.box(0, 0, 1, 1), "other"),
        ("buildings", shapely.Point(0, 0), "other"),
        ("remains", shapely.LineString([(0, 0), (1, 1)]), "other"),
        ("公园绿地", shapely.box(0, 0, 1, 1), "green"),
        ("roads_centerline", shapely.LineString([(0, 0), (1, 1)]), "roads"),
    ],
)
def test_a_role_is_guessed_only_where_name_and_geometry_agree(
    tmp_path: Path, name: str, shape: object, role: str
) -> None:
    path = tmp_path / f"{name}.gpkg"
    gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.affinity.translate(shape, 502000, 4059000)], crs=CRS).to_file(path)
    assert open_file(path)[0].layer.role == role


def test_points_with_16_digit_codes_are_facilities(tmp_path: Path) -> None:
    path = tmp_path / "points.gpkg"
    shapes = [shapely.Point(502000 + i, 4059000) for i in range(5)]
    ids = [f"3701020101{i:06d}" for i in range(5)]
    gpd.GeoDataFrame({"ObjID": ids}, geometry=shapes, crs=CRS).to_file(path)
    (layer,) = open_file(path)
    assert layer.layer.role == "facilities"
    assert layer.data.frame["ObjID"].tolist() == ids


def test_references_to_components_do_not_make_a_register(tmp_path: Path) -> None:
    path = tmp_path / "points.gpkg"
    shapes = [shapely.Point(502000 + i, 4059000) for i in range(3)]
    ids = ["3701020101000001", "3701020101000001", None]
    gpd.GeoDataFrame({"component": ids}, geometry=shapes, crs=CRS).to_file(path)
    assert open_file(path)[0].layer.role == "other"


def test_heights_that_came_as_text_become_numbers_and_gaps_stay_gaps(tmp_path: Path) -> None:
    path = tmp_path / "buildings.gpkg"
    squares(3, height=["12.5", None, "24 m"]).to_file(path)
    frame = open_file(path)[0].data.frame
    assert frame["height"].iloc[[0, 2]].tolist() == [12.5, 24.0]
    assert np.isnan(frame["height"].iloc[1])


# ---------------------------------------------------------------------------------------------- CRS


@pytest.mark.parametrize(
    ("said", "asked", "bounds", "expected"),
    [
        ("EPSG:4548", "", (5e5, 4e6, 5.1e5, 4.1e6), "EPSG:4548"),
        ("", "EPSG:4548", (5e5, 4e6, 5.1e5, 4.1e6), "EPSG:4548"),
        ("EPSG:4548", "", (117.0, 36.0, 117.1, 36.1), "EPSG:4548"),
        ("EPSG:4548", "", (0.0, 0.0, 90.0, 60.0), "EPSG:4548"),  # a plan in local metres
        ("EPSG:4326", "", (179.0, 50.0, 190.0, 60.0), "EPSG:4326"),  # across the date line
    ],
)
def test_a_crs_is_settled_by_label_user_and_numbers(
    said: str, asked: str, bounds: tuple[float, ...], expected: str
) -> None:
    assert settle_crs(said, asked, bounds, "x")[0] == expected


def test_a_multipatch_header_is_a_shapefile(tmp_path: Path) -> None:
    path = tmp_path / "no_suffix_at_all"
    path.write_bytes(struct.pack(">i", 9994) + bytes(96))
    assert find_format(path).id == "vector"
