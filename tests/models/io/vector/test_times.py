"""Times keep the offset from UTC that they were written with: read, asked, kept, saved, exported."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from models.core.progress import Progress
from models.crs.frame import Frame
from models.io.common.times import moments, offsets_of
from models.io.format import WriteRequest
from models.io.registry import find_format
from models.io.request import Opened, ReadRequest
from models.io.vector.write_features import write_features
from models.layers.layer import VectorData
from models.project.project import ProjectState
from models.query.columns import columns_of, of_frame
from models.query.expression import compile_expression
from models.store.cache import read_entry, write_entry
from models.store.project_file import open_project, save_project

CASE = Path(__file__).parents[4].parent / "shared" / "cases" / "tables" / "time_with_offset.geojson"
EAST = ["2024-03-01T00:30:00+08:00", "1911-10-10T08:00:00+08:00", "2024-02-29T23:59:59+08:00"]
ODD = ["2024-03-01T00:30:00+08:00", "2024-03-01T00:30:00Z", "1911-10-10T08:00:00+08:05", "2024-03-01"]


def read(path: Path, **asked: Any) -> Opened:
    return find_format(path).read(path, ReadRequest(**asked), Progress())[0]


def geojson(path: Path, texts: list[str | None]) -> Path:
    features = [
        {"type": "Feature", "properties": {"n": n, "t": text},
         "geometry": {"type": "Point", "coordinates": [120.3 + n * 1e-5, 36.1]}}
        for n, text in enumerate(texts)
    ]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def days(opened: Opened) -> list[int]:
    frame = pd.DataFrame(opened.data.frame.drop(columns="geometry"))  # type: ignore[union-attr]
    return frame.index[compile_expression("day(t) = 1").rows(frame)].tolist()


def written(data: Any) -> list[str | None]:
    column = data.attributes["t"]
    return [None if pd.isna(value) else str(value) for value in column]


def codes(opened: Opened) -> set[str]:
    return {caution.code for caution in opened.data.cautions}


def test_one_offset_is_kept_and_the_day_is_that_of_the_place(tmp_path: Path) -> None:
    opened = read(geojson(tmp_path / "a.geojson", EAST))
    assert written(opened.data) == [text.replace("T", " ") for text in EAST]
    assert days(opened) == [0]
    assert "vector.mixed_offsets" not in codes(opened)


def test_several_offsets_stay_as_written_and_are_said(tmp_path: Path) -> None:
    opened = read(geojson(tmp_path / "a.geojson", ODD))
    assert written(opened.data) == ODD
    assert days(opened) == [0, 1, 3]
    assert "vector.mixed_offsets" in codes(opened)


@pytest.mark.skipif(not CASE.exists(), reason="no shared cases here")
def test_the_times_of_the_cases_are_as_written_and_three_are_on_the_first() -> None:
    opened = read(CASE)
    assert written(opened.data) == ODD
    assert days(opened) == [0, 1, 3]


@pytest.mark.parametrize("texts", [EAST, ODD], ids=["one offset", "several"])
def test_a_large_table_keeps_what_a_small_one_keeps(tmp_path: Path, texts: list[str]) -> None:
    opened = read(geojson(tmp_path / "a.geojson", texts * 7000))
    assert written(opened.data)[: len(texts)] == [text.replace("T", " ") if texts is EAST else text for text in texts]
    columns = columns_of(opened.data)
    assert columns is not None
    if texts is EAST:
        assert columns.value("t").kind == "date"
        assert columns.value("t").data[0] == np.datetime64("2024-03-01T00:30:00")
        assert str(columns.cell("t", 0)) == "2024-03-01 00:30:00+08:00"
    assert ("vector.mixed_offsets" in codes(opened)) == (texts is ODD)


def frame_of_times() -> gpd.GeoDataFrame:
    times = pd.Series(pd.to_datetime([*EAST, None])).dt.as_unit("ms")
    return gpd.GeoDataFrame(
        {
            "t": times.array,
            "plain": np.array(["1823-03-02T00:30:00", "2024-03-01T08:00:00.250", "NaT", "NaT"], "datetime64[ms]"),
            "day": np.array(["1850-01-01", "2020-02-02", "1066-10-14", "NaT"], "datetime64[ms]"),
            "clock": ["08:30:00", "23:59:59", "00:00:01", None],
            "odd": ODD,
            "big": pd.array([9007199254740993, None, 3, -5], dtype="Int64"),
            "flag": pd.array([True, None, False, True], dtype="boolean"),
        },
        geometry=[shapely.Point(501000 + n, 4058000) for n in range(4)],
        index=pd.RangeIndex(1, 5, name="fid"),
        crs="EPSG:4548",
    )


def same(found: pd.DataFrame, frame: pd.DataFrame) -> None:
    for name in ("t", "plain", "day", "clock", "odd", "big", "flag"):
        assert found[name].astype(object).where(found[name].notna(), None).map(str).tolist() == (
            frame[name].astype(object).where(frame[name].notna(), None).map(str).tolist()
        ), name


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".geojson"])
def test_times_whole_numbers_and_truths_come_back_from_an_export_as_they_were(tmp_path: Path, suffix: str) -> None:
    frame = frame_of_times()
    path = tmp_path / f"a{suffix}"
    write_features(path, frame.copy(), WriteRequest(name="a"), Progress())
    opened = read(path)
    found = pd.DataFrame(opened.data.frame.drop(columns="geometry"))  # type: ignore[union-attr]
    same(found.sort_values("odd"), frame.sort_values("odd"))  # FlatGeobuf has an order of its own
    assert found["big"].dtype == "Int64"
    if suffix != ".fgb":  # which has no days
        kinds = dict(zip(*(pyogrio.read_info(path)[key] for key in ("fields", "ogr_types")), strict=True))
        assert kinds["day"] == "OFTDate"


def test_a_shapefile_has_times_as_text_with_their_offset(tmp_path: Path) -> None:
    write_features(tmp_path / "a.shp", frame_of_times(), WriteRequest(name="a"), Progress())
    found = read(tmp_path / "a.shp").data.frame  # type: ignore[union-attr]
    assert found["t"].tolist()[:3] == [text.replace("T", " ") for text in EAST]
    assert found["big"].tolist()[0] == 9007199254740993
    assert found["big"].isna().tolist() == [False, True, False, False]
    assert [str(day)[:10] for day in found["day"][:2]] == ["1850-01-01", "2020-02-02"]


def test_text_tables_have_times_as_written(tmp_path: Path) -> None:
    write_features(tmp_path / "a.csv", frame_of_times(), WriteRequest(name="a"), Progress())
    lines = (tmp_path / "a.csv").read_text("utf-8-sig").splitlines()
    assert lines[1].split(",")[1:7] == [
        "2024-03-01 00:30:00+08:00", "1823-03-02 00:30:00", "1850-01-01", "08:30:00", ODD[0], "9007199254740993",
    ]  # fmt: skip
    found = read(tmp_path / "a.csv", crs="EPSG:4548").data.frame  # type: ignore[union-attr]
    assert found["big"].tolist()[0] == "9007199254740993"  # so many digits are a code
    assert str(found["t"].iat[0]) == "2024-03-01 00:30:00+08:00"


def test_a_workbook_has_days_as_days_and_what_it_cannot_count_as_text(tmp_path: Path) -> None:
    write_features(tmp_path / "a.xlsx", frame_of_times(), WriteRequest(name="a"), Progress())
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    first, second, third = (list(row) for row in sheet.iter_rows(min_row=2, max_row=4, max_col=7, values_only=True))
    assert first[1:6] == ["2024-03-01 00:30:00+08:00", "1823-03-02 00:30:00", "1850-01-01", "08:30:00", ODD[0]]
    assert second[2:4] == [dt.datetime(2024, 3, 1, 8, 0, 0, 250_000), dt.datetime(2020, 2, 2)]
    assert third[3] == "1066-10-14"
    found = read(tmp_path / "a.xlsx", options={"geometry": "-"}).data.frame  # type: ignore[union-attr]
    assert str(found["t"].iat[0]) == "2024-03-01 00:30:00+08:00"
    assert found["clock"].iat[0] == "08:30:00"


def test_cache_and_project_give_back_what_they_were_given(tmp_path: Path) -> None:
    write_features(tmp_path / "a.gpkg", frame_of_times(), WriteRequest(name="a"), Progress())
    opened = read(tmp_path / "a.gpkg")
    frame = opened.data.frame  # type: ignore[union-attr]
    (tmp_path / "entry").mkdir()
    write_entry(tmp_path / "entry", [opened])
    same(read_entry(tmp_path / "entry")[0].data.frame, frame)  # type: ignore[union-attr]
    kept = replace(opened.layer, source=replace(opened.layer.source, path=""))
    state = ProjectState(name="p", frame=Frame("EPSG:4548", "", (501000, 4058000, 0)), layers=(kept,))
    save_project(state, {kept.id: VectorData(frame, [])}, tmp_path / "p.gpkg")
    _, data = open_project(tmp_path / "p.gpkg")
    again = data[kept.id].frame  # type: ignore[union-attr]
    same(again, frame)
    assert again.dtypes.map(str).to_dict() == frame.dtypes.map(str).to_dict()


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".geojson"])
def test_a_time_of_day_is_shown_without_quotes(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    if suffix == ".geojson":
        geojson(path, ["08:30:00", "23:59:59"])
    else:
        frame = gpd.GeoDataFrame({"t": [dt.time(8, 30), dt.time(23, 59, 59)]}, geometry=[shapely.Point(120, 36)] * 2)
        driver = {".gpkg": "GPKG", ".fgb": "FlatGeobuf"}[suffix]
        pyogrio.write_dataframe(frame.set_crs(4326), path, driver=driver, use_arrow=True)
    opened = read(path)
    assert written(opened.data) == ["08:30:00", "23:59:59"]
    hours = of_frame(opened.data.frame)  # type: ignore[union-attr]
    assert hours.value("t").kind == "text"
    (tmp_path / "entry").mkdir()
    write_entry(tmp_path / "entry", [opened])
    assert written(read_entry(tmp_path / "entry")[0].data) == ["08:30:00", "23:59:59"]


@pytest.mark.parametrize("count", [3, 30_000])
def test_parquet_keeps_zones_times_of_day_and_whole_numbers(tmp_path: Path, count: int) -> None:
    n = count // 3
    east = pa.array(EAST * n).cast(pa.timestamp("us", tz="+08:00"))
    table = pa.table({
        "t": east, "clock": pa.array([dt.time(8, 30), None, dt.time(0, 0, 1)] * n, pa.time64("us")),
        "day": pa.array([dt.date(1850, 1, 1), None, dt.date(2020, 2, 2)] * n),
        "big": pa.array([9007199254740993, None, 3] * n), "lon": [120.3] * count, "lat": [36.1] * count,
    })  # fmt: skip
    pq.write_table(table, tmp_path / "plain.parquet")
    wkb = pa.array(shapely.to_wkb(shapely.points(np.full(count, 120.3), np.full(count, 36.1))))
    geo = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Point"]}}}  # fmt: skip # noqa: E501
    placed = table.append_column("geometry", wkb).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(placed, tmp_path / "geo.parquet")
    for name in ("plain", "geo"):
        data = read(tmp_path / f"{name}.parquet").data
        assert written(data)[:3] == [text.replace("T", " ") for text in EAST]
        frame = data.attributes  # type: ignore[union-attr]
        assert [None if pd.isna(v) else str(v) for v in frame["clock"][:3]] == ["08:30:00", None, "00:00:01"]
        assert frame["big"].iat[0] == 9007199254740993
        assert str(frame["big"].dtype) == "Int64"
        assert str(frame["day"].iat[0])[:10] == "1850-01-01"


def test_times_without_a_zone_stay_without_one() -> None:
    assert moments(pa.array(["2024-03-01T00:30:00", None])).type == pa.timestamp("ms")
    assert moments(pa.array(["2024/03/01 00:30:00+08"])).type == pa.timestamp("ms", tz="+08:00")
    assert moments(pa.array(["2024-03-01", "1066-10-14"])).type == pa.timestamp("ms")
    assert offsets_of(pa.array(["2024-03-01T00:00Z", "2024-03-01T00:00:00+00:00"])) == ["Z"]
    assert moments(pa.array(["someday"])).to_pylist() == ["someday"]


def test_a_condition_compares_times_as_they_are_written() -> None:
    frame = pd.DataFrame({"t": pd.Series(pd.to_datetime(EAST)), "text": EAST})

    def rows(text: str) -> list[int]:
        return np.flatnonzero(compile_expression(text).rows(frame)).tolist()

    assert rows("t >= '2024-03-01'") == [0]
    assert rows("t = '2024-03-01T00:30:00+08:00'") == [0]
    assert rows("hour(t) = 0") == rows("hour(text) = 0") == [0]
    assert rows("year(text) = 1911") == [1]
