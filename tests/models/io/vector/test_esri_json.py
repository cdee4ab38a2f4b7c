"""JSON of ArcGIS servers opens as the features it holds, in its own CRS, or is refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.inspect import inspect
from models.io.registry import find_format
from models.io.request import ReadRequest

FIELDS = [
    {"name": "OBJECTID", "type": "esriFieldTypeOID", "alias": "OBJECTID"},
    {"name": "NAME", "type": "esriFieldTypeString", "alias": "名称", "length": 50},
    {"name": "BUILT", "type": "esriFieldTypeDate", "alias": "竣工"},
    {"name": "H", "type": "esriFieldTypeDouble"}, {"name": "CODE", "type": "esriFieldTypeBigInteger"},
    {"name": "GUID", "type": "esriFieldTypeGUID"},
]  # fmt: skip
OUTER = [[501000, 4058000], [501000, 4058100], [501100, 4058100], [501100, 4058000], [501000, 4058000]]
HOLE = [[501010, 4058010], [501020, 4058010], [501020, 4058020], [501010, 4058020], [501010, 4058010]]


def document(**changed: Any) -> dict[str, Any]:
    """Return more fields than features: the longest list of objects is that of the fields."""
    features = [
        {"attributes": {"OBJECTID": 7, "NAME": "住宅楼", "BUILT": 1709222400000, "H": 12.5, "CODE": 9007199254740993},
         "geometry": {"rings": [OUTER, HOLE]}},
        {"attributes": {"OBJECTID": 9, "NAME": "学校", "BUILT": None, "H": None, "CODE": None}, "geometry": None},
    ]  # fmt: skip
    return {
        "displayFieldName": "NAME", "geometryType": "esriGeometryPolygon", "fields": FIELDS, "features": features,
        "spatialReference": {"wkid": 4548, "latestWkid": 4548}, **changed,
    }  # fmt: skip


def write(path: Path, content: dict[str, Any], encoding: str = "utf-8") -> Path:
    path.write_bytes(json.dumps(content, ensure_ascii=False).encode(encoding))
    return path


def read(path: Path, **asked: Any) -> Any:
    (one,) = find_format(path).read(path, ReadRequest(**asked), Progress())
    return one


def codes(opened: Any) -> dict[str, Any]:
    return {caution.code: caution.facts for caution in opened.data.cautions}


def test_features_open_as_features_with_their_crs(tmp_path: Path) -> None:
    opened = read(write(tmp_path / "a.json", document()))
    assert (opened.layer.kind, opened.layer.source.crs) == ("vector", "EPSG:4548")
    frame = opened.data.frame
    assert frame["NAME"].tolist() == ["住宅楼"]
    assert frame["CODE"].tolist() == [9007199254740993]
    assert str(frame["BUILT"].iat[0]).startswith("2024-02-29 16:00:00")
    assert frame.geometry.iat[0].area == 100 * 100 - 10 * 10
    assert codes(opened)["io.empty_geometry"]["count"] == 1
    assert inspect(tmp_path / "a.json").kind == "vector"


@pytest.mark.parametrize(("wkid", "crs"), [(4490, "EPSG:4490"), (102100, "EPSG:3857"), (4528, "EPSG:4528")])
def test_the_numbers_of_esri_name_the_same_systems(tmp_path: Path, wkid: int, crs: str) -> None:
    point = [{"attributes": {"a": 1}, "geometry": {"x": 120.0, "y": 36.0} if wkid == 4490 else {"x": 4.05e7, "y": 4e6}}]
    content = document(geometryType="esriGeometryPoint", spatialReference={"wkid": wkid}, features=point)
    assert read(write(tmp_path / "a.json", content)).layer.source.crs == crs


def test_without_a_crs_it_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", {k: v for k, v in document().items() if k != "spatialReference"})
    with pytest.raises(UserError, match=r"io\.no_crs"):
        read(path)
    assert read(path, crs="EPSG:4548").layer.source.crs == "EPSG:4548"


def test_features_behind_a_long_list_of_fields_are_found(tmp_path: Path) -> None:
    fields = FIELDS + [{"name": f"F{n}", "type": "esriFieldTypeString", "alias": "字段" * 30} for n in range(1500)]
    opened = read(write(tmp_path / "a.json", document(fields=fields)))
    assert opened.data.frame["NAME"].tolist() == ["住宅楼"]


def test_a_table_without_shapes_opens_as_a_table(tmp_path: Path) -> None:
    content = {"fields": FIELDS, "features": [{"attributes": {"OBJECTID": 1, "NAME": "住宅楼"}}]}
    opened = read(write(tmp_path / "a.json", content))
    assert opened.layer.kind == "table"
    assert opened.data.frame["NAME"].tolist() == ["住宅楼"]


def test_the_description_of_a_layer_is_refused_by_name(tmp_path: Path) -> None:
    content = {"currentVersion": 10.8, "type": "Feature Layer", "geometryType": "esriGeometryPoint", "fields": FIELDS}
    with pytest.raises(UserError, match=r"vector\.esri_description"):
        read(write(tmp_path / "a.json", content))


def test_a_page_of_an_answer_and_curves_are_told(tmp_path: Path) -> None:
    curve = {"attributes": {"OBJECTID": 11}, "geometry": {"curveRings": [[[501000, 4058000], {"a": [[501000, 4058000], [501050, 4058000], 0, 1]}]]}}  # fmt: skip # noqa: E501
    content = document(exceededTransferLimit=True)
    content["features"].append(curve)
    opened = read(write(tmp_path / "a.json", content))
    assert "vector.esri_page" in codes(opened)
    assert codes(opened)["vector.esri_curves"]["count"] == 1
    assert codes(opened)["io.empty_geometry"]["count"] == 2


def test_lines_with_heights_and_measures_keep_their_heights(tmp_path: Path) -> None:
    line = [{"attributes": {"a": 1}, "geometry": {"paths": [[[501000, 4058000, 5, 1], [501100, 4058000, 6, 2]]]}}]
    content = document(geometryType="esriGeometryPolyline", hasZ=True, hasM=True, features=line)
    shape = read(write(tmp_path / "a.json", content)).data.frame.geometry.iat[0]
    assert shapely.get_coordinates(shape, include_z=True)[:, 2].tolist() == [5, 6]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("kind", ["esri", "geojson", "rows"])
def test_json_in_another_encoding_than_its_rule_is_read_and_said(tmp_path: Path, kind: str, encoding: str) -> None:
    if kind == "esri":
        path = write(tmp_path / "a.json", document(), encoding)
    elif kind == "geojson":
        feature = {"type": "Feature", "properties": {"NAME": "住宅楼"}, "geometry": {"type": "Point", "coordinates": [120, 36]}}  # fmt: skip # noqa: E501
        path = write(tmp_path / "a.geojson", {"type": "FeatureCollection", "features": [feature]}, encoding)
    else:
        if encoding == "utf-16":
            pytest.skip("a list of rows in UTF-16 is not asked for")
        path = tmp_path / "a.json"
        path.write_bytes(json.dumps([{"NAME": "住宅楼", "lon": 120, "lat": 36}], ensure_ascii=False).encode(encoding))
    opened = read(path)
    assert opened.data.frame["NAME"].tolist() == ["住宅楼"]
    assert ("io.encoding_guessed" in codes(opened)) == (encoding == "gb18030")
