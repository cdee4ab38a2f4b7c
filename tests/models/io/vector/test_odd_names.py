"""Fields and files that are called as something else is: nothing is lost, and a name is only a name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import shapely

from models.core.progress import Progress
from models.io.inspect import inspect
from models.io.preview_table import first_rows
from models.io.registry import find_format
from models.io.request import Opened, ReadRequest
from tests.support.layer_files import write

CRS = "EPSG:4548"


def collection(rows: list[dict[str, Any]]) -> str:
    features = [
        {
            "type": "Feature",
            "properties": row,
            "geometry": {"type": "Point", "coordinates": [120.3 + number / 1000, 36]},
        }
        for number, row in enumerate(rows)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def open_file(path: Path) -> Opened:
    (opened,) = find_format(path).read(path, ReadRequest(crs=CRS), Progress())
    return opened


ROWS = (
    [{"id": 11, "h": 5.0}, {"id": 12, "h": 6.5}],
    [{"id": 3, "h": 5.0}, {"id": 3, "h": 6.5}],
    [{"id": -3, "h": None}, {"id": 2**40, "h": 6.5}],
    [{"ID": 1, "Id": 2, "id": 3}, {"ID": 1, "Id": 5, "id": 4}],
    [{"OGC_FID": 5, "a": "甲"}, {"OGC_FID": 7, "a": "乙"}],
    [{"fid": 5, "FID": 1, "a": "甲"}, {"fid": 7, "FID": 2, "a": "乙"}],
    [{"geometry": "g", "geom": 1}, {"geometry": "h", "geom": 2}],
    [{"wkb_geometry": "g", "geom": 1}, {"wkb_geometry": "h", "geom": 2}],
    [{"geometry": "g", "wkb_geometry": 1, "id": 3}, {"geometry": "h", "wkb_geometry": 2, "id": 4}],
)


@pytest.mark.parametrize("rows", ROWS, ids=lambda rows: "+".join(rows[0]))
@pytest.mark.parametrize("name", ["a.geojson", "a.geojsonl"])
@pytest.mark.parametrize("large", [False, True])
def test_a_field_called_as_the_numbers_or_the_shapes_are_keeps_its_values(
    rows: list[dict[str, Any]], name: str, large: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr("models.io.vector.large_tables.LARGE", 1)
    path = tmp_path / name
    text = collection(rows)
    if name.endswith("l"):
        text = "\n".join(json.dumps(feature) for feature in json.loads(text)["features"])
    path.write_text(text, encoding="utf-8")
    opened = open_file(path)
    attributes = opened.data.attributes
    for field in rows[0]:
        found = [
            value if value == value else None for value in attributes[field if field in attributes else field + "_"]
        ]
        assert found == [row[field] for row in rows]
    frame = opened.data.frame
    assert shapely.get_coordinates(frame.geometry).tolist() == [[120.3, 36], [120.301, 36]]
    assert frame.index.is_unique


def test_an_integer_id_as_geopandas_writes_it_is_also_the_features_number(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(collection([{"id": 11}, {"id": 12}]))
    assert open_file(path).data.frame.index.tolist() == [11, 12]


SUFFIXES = (
    ".shp", ".gpkg", ".fgb", ".kml", ".kmz", ".gml", ".dxf", ".tab", ".mif", ".gdb", ".osm", ".gpx", ".sqlite", ".csv",
    ".xlsx", ".ods", ".parquet", ".zip",
)  # fmt: skip
NAMES = (
    "a!b",
    "!a",
    "a#b",
    "a%20b",
    "a?b",
    "a b",
    "a[1](2)",
    "a;b",
    "a\tb",
    "x.zip!y",
    "vsizip",
    "%2Fvsicurl",
    "file:x",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_only_a_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.geojson"
    path.write_text(collection([{"a": 1}, {"a": 2}]))
    opened = open_file(path)
    assert opened.data.attributes["a"].tolist() == [1, 2]
    assert (opened.layer.name, opened.layer.source.path) == (name, str(path))
    assert inspect(path).sublayers[0].count == 2
    assert len(first_rows(path, "", "", 5)[0]) == 2


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_folder_with_an_exclamation_mark_costs_no_format_anything(suffix: str, tmp_path: Path) -> None:
    plain, odd = tmp_path / "plain", tmp_path / "第1批!;调整后"
    plain.mkdir()
    path = write(plain, suffix)
    shutil.copytree(plain, odd)
    request = ReadRequest(crs=CRS)
    expected = find_format(path).read(path, request, Progress())
    found = find_format(odd / path.name).read(odd / path.name, request, Progress())
    for one, other in zip(expected, found, strict=True):
        assert one.data.attributes.equals(other.data.attributes)
        assert [c.code for c in one.data.cautions] == [c.code for c in other.data.cautions]
        assert one.layer.source.sublayer == other.layer.source.sublayer


def test_a_raster_with_an_exclamation_mark_is_told(tmp_path: Path) -> None:
    import numpy as np
    import rasterio

    path = tmp_path / "高程!2024.tif"
    with rasterio.open(
        tmp_path / "a.tif", "w", driver="GTiff", width=4, height=4, count=1, dtype="float32", crs=CRS,
        transform=rasterio.Affine(1, 0, 502000, 0, -1, 4059000),
    ) as target:  # fmt: skip
        target.write(np.arange(16, dtype=np.float32).reshape(1, 4, 4))
    (tmp_path / "a.tif").rename(path)
    assert inspect(path).facts["columns"] == 4
    assert open_file(path).layer.name == "高程!2024"


def test_one_cell_without_wkt_costs_its_row_and_a_caution(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id,wkt\n1,"POLYGON((501000 4060000,501100 4060000,501100 4060100,501000 4060000))"\n4,\n')
    opened = open_file(path)
    assert opened.data.attributes["id"].tolist() == [1]
    assert [(c.code, c.facts["count"]) for c in opened.data.cautions] == [("io.empty_geometry", 1)]
