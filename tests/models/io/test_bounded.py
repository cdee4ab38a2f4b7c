"""Files that claim more than they hold: what is there opens, or the file is refused by name, in seconds."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio

from app.background.ingest import ingest
from models.core.errors import UserError
from models.core.progress import Progress
from models.io.common.limits import MOST_FIELDS
from models.io.inspect import inspect
from models.io.registry import find_format
from models.io.request import Opened, ReadRequest
from models.io.vector import large_tables
from models.store.cache import GeometryCache
from tests.support.every_format import write
from tests.support.paths import ROOT

CRS = "EPSG:4548"


def open_file(path: Path) -> Opened:
    return find_format(path).read(path, ReadRequest(crs=CRS), Progress())[0]


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.parquet", "a.xlsx", "a.geojson"])
def test_a_table_with_more_fields_than_a_project_can_keep_is_refused_by_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    row = {f"c{number}": number for number in range(MOST_FIELDS + 1)}
    if name == "a.csv":
        path.write_text(f"{','.join(row)}\n{','.join(map(str, row.values()))}\n")
    elif name == "a.json":
        path.write_text(json.dumps([row, row]))
    elif name == "a.parquet":
        pd.DataFrame([row]).to_parquet(path)
    elif name == "a.xlsx":
        book = openpyxl.Workbook()
        book.active.append(list(row))
        book.active.append(list(row.values()))
        book.save(path)
    else:
        point = {"type": "Point", "coordinates": [120, 30]}
        path.write_text(json.dumps({"type": "Feature", "properties": row, "geometry": point}))
    with pytest.raises(UserError, match=r"vector\.too_many_fields") as refused:
        open_file(path)
    assert refused.value.facts["file"] == name
    assert refused.value.facts["limit"] == MOST_FIELDS


def test_a_cloud_that_says_four_thousand_million_points_gives_those_it_has(tmp_path: Path) -> None:
    path = write(tmp_path, ".las")
    raw = bytearray(path.read_bytes())
    raw[107:111] = b"\xff" * 4
    raw[247:255] = struct.pack("<Q", 2**32 - 1)
    path.write_bytes(raw)
    data = open_file(path).data
    assert len(data.points) == 600
    assert [(c.code, c.facts.get("found")) for c in data.cautions] == [("io.cloud_short", 600)]


def test_a_packed_cloud_that_says_too_many_chunks_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, ".laz")
    raw = bytearray(path.read_bytes())
    to_points = struct.unpack_from("<I", raw, 96)[0]
    table = struct.unpack_from("<q", raw, to_points)[0]
    raw[table + 4 : table + 8] = b"\xff" * 4
    path.write_bytes(raw)
    with pytest.raises(UserError, match=r"io\.damaged"):
        open_file(path)


def test_a_packed_cloud_that_says_too_many_points_gives_those_it_has(tmp_path: Path) -> None:
    path = write(tmp_path, ".laz")
    raw = bytearray(path.read_bytes())
    raw[247:255] = struct.pack("<Q", 2**32 - 1)
    path.write_bytes(raw)
    try:
        data = open_file(path).data
    except UserError as error:
        assert error.code == "io.damaged"  # noqa: PT017 - either ending is right
    else:
        assert len(data.points) == 600
        assert np.isfinite(data.points).all()


def empty_raster(path: Path, **more: object) -> Path:
    about = {"width": 45_000, "height": 45_000, "count": 1, "dtype": "uint8", "crs": CRS, "compress": "deflate"}
    at = rasterio.Affine(0.01, 0, 502000, 0, -0.01, 4059000)
    with rasterio.open(path, "w", driver="GTiff", transform=at, SPARSE_OK="TRUE", **{**about, **more}):
        pass
    return path


def test_a_raster_of_two_gigabytes_of_nothing_opens_coarse(tmp_path: Path) -> None:
    data = open_file(empty_raster(tmp_path / "a.tif", tiled=True, blockxsize=256, blockysize=256)).data
    assert max(data.values.shape) <= 4096
    assert "raster.sampled" in [caution.code for caution in data.cautions]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"tiled": True, "blockxsize": 32768, "blockysize": 32768}, "raster.huge_blocks"),
        ({"count": 5000, "width": 16, "height": 16}, "raster.too_many_bands"),
    ],
)
def test_a_raster_that_cannot_be_read_piece_by_piece_is_refused_by_name(
    more: dict[str, object], code: str, tmp_path: Path
) -> None:
    path = empty_raster(tmp_path / "a.tif", **more)
    for look in (open_file, inspect):
        with pytest.raises(UserError) as refused:
            look(path)
        assert (refused.value.code, refused.value.facts["file"]) == (code, "a.tif")


def test_a_grid_of_text_with_too_few_numbers_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.asc"
    path.write_text("ncols 45000\nnrows 45000\nxllcorner 502000\nyllcorner 4059000\ncellsize 1\n1 2 3\n")
    for look in (open_file, inspect):
        with pytest.raises(UserError, match=r"io\.truncated"):
            look(path)


def test_a_child_that_makes_no_headway_is_stopped_and_the_file_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.background.workers._STALL_S", 0.0)
    monkeypatch.setattr("app.background.workers._STALL_S_PER_MB", 0.0)
    path, asked = write(tmp_path, ".geojson"), ReadRequest()
    with pytest.raises(UserError, match=r"io\.too_slow") as stopped:
        ingest(path, asked, GeometryCache(tmp_path / "cache"), Progress())
    assert stopped.value.facts["file"] == path.name


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such limit")
def test_a_child_may_not_have_more_memory_than_the_machine() -> None:
    code = (
        "import numpy as np; from models.io import worker; worker._limit_memory()\n"
        "try: np.empty(1 << 45, dtype=np.uint8)\nexcept MemoryError: print('told')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "told\n"


def nested_wkb(times: int) -> bytes:
    return b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * times + b"\x01\x01\x00\x00\x00" + bytes(16)


def test_shapes_in_shapes_without_an_end_cost_their_row(tmp_path: Path) -> None:
    path = write(tmp_path, ".parquet")
    table = pq.read_table(path)
    at = table.schema.get_field_index("geometry")
    shapes = table.column(at).to_pylist()
    shapes[1] = nested_wkb(200_000)
    column = pa.array(shapes, pa.binary())
    pq.write_table(
        table.set_column(at, table.schema.field(at), column).replace_schema_metadata(table.schema.metadata), path
    )
    large = large_tables.read_geoparquet(path, "a", ReadRequest(), {}, Progress(), least=1)
    assert large is None  # left to the general way
    (opened,) = find_format(path).read(path, ReadRequest(), Progress())
    assert opened.data.attributes["code"].tolist()[:2] == ["0101", "0103"]
    told = next(caution for caution in opened.data.cautions if caution.code == "vector.shapes_unread")
    assert told.facts["count"] == 1


def test_text_of_shapes_in_shapes_without_an_end_costs_its_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    deep = "GEOMETRYCOLLECTION(" * 100_000 + "POINT(120 30)" + ")" * 100_000
    path.write_text(f'id,wkt\n1,"{deep}"\n2,POINT(120 30)\n3,"GEOMETRYCOLLECTION(POINT(120 31))"\n')
    data = open_file(path).data
    assert data.attributes["id"].tolist() == [2, 3]
    assert [(c.code, c.facts["count"]) for c in data.cautions if c.code == "vector.bad_wkt"] == [("vector.bad_wkt", 1)]
