"""Tables of readings as they come: wide, long, any time, any unit; what is no reading is counted and named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from app.usecases.project import opening
from app.usecases.readings import importing, mappings, overview
from app.usecases.readings.readings import store_of
from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.readings.applying import Refused, apply
from models.readings.mapping import ReadingMap, ValueColumn, guess
from models.readings.moments import moments
from models.readings.quantities import quantities, quantity, quantity_named
from tests.support.paths import ROOT

BEIJING = ROOT.parent / "shared" / "data" / "series"


def _us(text: str) -> int:
    return int(pd.Timestamp(text).tz_convert("UTC").value // 1000)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2025-07-18T18:40:00+08:00", "2025-07-18T18:40+08:00"), ("2025-07-18T10:40:00Z", "2025-07-18T18:40+08:00"),
        ("2025-07-18 18:40", "2025-07-18T18:40+08:00"), ("2025/7/18 18:40:00", "2025-07-18T18:40+08:00"),
        ("2025年7月18日 18时40分", "2025-07-18T18:40+08:00"), ("202507181840", "2025-07-18T18:40+08:00"),
        (1752835200, "2025-07-18T18:40+08:00"), (1752835200000, "2025-07-18T18:40+08:00"),
        (45856.777777778, "2025-07-18T18:40+08:00"), (np.datetime64("2025-07-18T18:40"), "2025-07-18T18:40+08:00"),
    ],
)  # fmt: skip
def test_a_moment_is_found_however_it_is_written(written, meant):
    found, _ = moments([pd.Series([written, written])], "Asia/Shanghai")
    assert found.tolist() == [_us(meant)] * 2


def test_a_time_without_a_zone_is_none_until_somebody_states_one():
    frame = pd.DataFrame({"time": ["2025-07-01 00:00", "2025-07-01T00:00Z", "soon"], "level": [1.0, 2.0, 3.0]})
    refused = Refused()
    (part,) = apply(frame, ReadingMap(("time",), "", (ValueColumn("level", "level"),), sensor_name="A"), refused)
    assert part.value.tolist() == [2.0]
    assert dict(refused.counts) == {"no_zone": 2}


def test_mixed_units_are_converted_and_what_cannot_be_is_refused_by_name():
    frame = pd.DataFrame({
        "设备编号": ["A", "A", "B", "B", ""], "监测时间": ["2025-07-01 00:00"] * 5, "指标": ["液位"] * 4 + ["level"],
        "数值": ["120", "1.5", "坏", "7", "1"], "单位": ["cm", "m", "m", "英尋", "m"],
    })  # fmt: skip
    refused = Refused()
    parts = apply(frame, guess(frame.columns, zone="Asia/Shanghai"), refused)
    assert sorted((part.quantity, part.unit, *part.value.tolist()) for part in parts) == [
        ("level", "m", 1.2), ("level", "m", 1.5),
    ]  # fmt: skip
    assert dict(refused.counts) == {"no_sensor": 1, "unread": 1, "unit": 1}
    assert list(refused.examples["unit"]) == ["level: 英尋"]
    assert list(refused.examples["unread"]) == ["坏"]


def test_times_of_clocks_that_were_never_set_are_refused_and_counted():
    frame = pd.DataFrame({"time": ["1970-01-01T00:00Z", "2100-01-01T00:00Z", "2020-01-01T00:00Z"], "tilt": [1, 2, 3]})
    refused = Refused()
    (part,) = apply(frame, guess(frame.columns, "A"), refused)
    assert part.value.tolist() == [3.0]
    assert refused.counts["out_of_time"] == 2


def test_quantities_are_whole_and_no_name_means_two():
    assert all(one.least < one.greatest and one.zh and one.en for one in quantities().values())
    assert all(one.adds in ("mean", "sum", "max", "last") for one in quantities().values())
    names = [name for one in quantities().values() for name in one.names]
    assert [name for name in names if names.count(name) > 1] == []
    assert all(quantity_named(name) is one for one in quantities().values() for name in one.names)
    factor, offset = quantity("air_temperature").from_unit("°F")
    assert factor * 212 + offset == pytest.approx(100)
    assert quantity("pm25").from_unit("ug/m3") == (1.0, 0.0)
    assert quantity("level").from_unit("bar") is None


@pytest.fixture
def city(session, sample_city, tmp_path):
    import shutil

    shutil.copy(sample_city, tmp_path / "city.gpkg")
    opening.open_project(session, tmp_path / "city.gpkg")
    return session


@pytest.fixture
def place(session, tmp_path):
    session.project.set_path(tmp_path / "place.gpkg")
    return session


def test_the_projects_own_layer_of_readings_is_taken_in_whole_and_twice_is_once(city):
    layer = city.project.state.with_role("readings")[0]
    frame = city.project.data_of(layer.id).frame
    told: list[importing.Imported] = []
    importing.import_layer(city, layer.id, told.append)
    importing.import_layer(city, layer.id, told.append)
    wanted = int(frame["value"].notna().sum() + frame["battery_pct"].notna().sum())
    assert told[0].appended.added == told[1].appended.same == wanted
    assert store_of(city).count() == wanted
    found = {one.quantity: one for one in overview.of(city).quantities}
    assert {"tilt", "level", "rain", "power", "battery"} <= set(found)
    assert found["power"].unit == "kW"
    sensor = str(frame["sensor"].iloc[0])
    channel = next(one.id for one in store_of(city).channels() if one.sensor == sensor and one.quantity != "battery")
    assert store_of(city).facts([channel]).count.tolist() == [int((frame["sensor"] == sensor).sum())]


@pytest.mark.parametrize("form", ["gb18030.csv", "parquet", "xlsx"])
def test_a_table_reads_the_same_from_csv_parquet_and_workbook(place, tmp_path, form):
    table = pd.DataFrame({
        "测站": ["007", "008", "007"], "时间": ["2025-07-01 00:00", "2025-07-01 01:00", "2025-07-01 02:00"],
        "液位(cm)": [120.0, 130.5, None],
    })  # fmt: skip
    path = tmp_path / f"levels.{form}"
    if form == "parquet":
        table.to_parquet(path)
    elif form == "xlsx":
        table.to_excel(path, index=False)
    else:
        table.to_csv(path, index=False, encoding="gb18030")
    mapping = importing.guessed(place, path)
    mappings.write(mapping, tmp_path / "levels.toml")
    assert mappings.read(tmp_path / "levels.toml") == mapping
    told: list[importing.Imported] = []
    importing.import_file(place, path, mapping, told.append)
    assert (told[0].taken, told[0].refused.counts["no_data"]) == (2, 1)
    store = store_of(place)
    ids = {one.sensor: one.id for one in store.channels()}
    assert store.series([ids["007"]], 0, 2 * 10**15).value.tolist() == [1.2]
    assert store.series([ids["008"]], 0, 2 * 10**15).time_us.tolist() == [_us("2025-07-01T01:00+08:00")]


def test_bad_files_and_mappings_are_refused_by_name_and_leave_nothing(place, tmp_path):
    empty, strange, other = tmp_path / "empty.csv", tmp_path / "a.exe", tmp_path / "other.csv"
    empty.write_bytes(b"")
    strange.write_bytes(b"\0" * 100)
    other.write_text("a,b\n1,2\n")
    for path in (empty, strange):
        with pytest.raises(UserError):
            importing.guessed(place, path)
    with pytest.raises(UserError, match=r"readings\.mapping_lacks"):
        importing.import_file(place, other, importing.guessed(place, other))
    with pytest.raises(UserError, match=r"readings\.no_columns"):
        importing.import_file(place, other, guess(["time", "level"], "A"))
    other.write_text("[readings]\nversion = 99\n")
    with pytest.raises(UserError, match=r"readings\.profile_bad"):
        mappings.read(other)
    assert overview.of(place).quantities == ()


def test_a_cancelled_import_stops_and_what_came_before_is_the_same_next_time(place):
    from models.readings.mapping import guess as guessed

    frame = pd.DataFrame(
        {"time": pd.date_range("2025-07-01", periods=100, freq="h", tz="UTC"), "tilt": np.arange(100.0)}
    )
    progress = Progress()

    def pieces():
        yield frame.iloc[:50], 0.5
        progress.cancel()
        yield frame.iloc[50:], 1.0

    from app.usecases.readings.readings import store_for_writing

    store, mapping = store_for_writing(place), guessed(frame.columns, "A")
    with pytest.raises(Cancelled):
        importing._take_in(store, "a", pieces(), mapping, {}, progress)
    assert store.count() == 50
    told = importing._take_in(store, "a", iter([(frame, 1.0)]), mapping, {}, Progress())
    assert (told.appended.same, told.appended.added) == (50, 50)


@pytest.mark.data
@pytest.mark.skipif(not BEIJING.exists(), reason="no shared data")
def test_a_beijing_station_is_what_pandas_reads(place):
    path = next(BEIJING.glob("PRSA_Data_Dingling*.csv"))
    told: list[importing.Imported] = []
    importing.import_file(place, path, importing.guessed(place, path), told.append)
    plain = pd.read_csv(path)
    columns = ["PM2.5", "PM10", "SO2", "NO2", "CO", "O3", "TEMP", "PRES", "DEWP", "RAIN", "WSPM"]
    assert told[0].taken == int(plain[columns].notna().sum().sum())
    assert told[0].refused.counts["no_data"] == int(plain[columns].isna().sum().sum())
    store = store_of(place)
    channel = next(one.id for one in store.channels() if one.quantity == "o3")
    series = store.series([channel], 0, 2 * 10**15)
    wanted = plain.dropna(subset="O3")
    times = pd.to_datetime(wanted[["year", "month", "day", "hour"]]).dt.tz_localize("Asia/Shanghai")
    assert np.array_equal(series.value, wanted["O3"].to_numpy(float))
    wanted_us = times.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[us]").astype(int)
    assert np.array_equal(series.time_us, wanted_us)
