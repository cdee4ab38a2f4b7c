"""Positions of receivers: what they say of their error, which component they are, how far off the register was."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from models.core.errors import UserError
from models.core.progress import Progress
from models.facilities.positions.fixes import accuracy_class, error_of, fix_of
from models.facilities.positions.surveyed import occupations, surveyed
from models.io.gnss.nmea import epochs_of
from models.io.registry import find_format
from models.io.request import ReadRequest
from models.layers.layer import VectorData
from models.project.business_keys import business_keys

CRS = "EPSG:4548"


def sentence(body: str) -> str:
    check = 0
    for letter in body:
        check ^= ord(letter)
    return f"${body}*{check:02X}"


def log(path: Path, fixes: list[tuple[str, str, str, int]], *, noise: str = "") -> Path:
    """Write a log: (clock, latitude, longitude, quality)."""
    lines = [sentence("GNRMC,062700.00,A,3640.0,N,11707.0,E,0.0,0.0,301126,,,A"), noise]
    for clock, lat, lon, quality in fixes:
        lines.append(sentence(f"GNGGA,{clock},{lat},N,{lon},E,{quality},28,0.6,35.100,M,-3.2,M,1.0,0000"))
        lines.append(sentence(f"GNGST,{clock},1.2,0.012,0.009,12.0,0.011,0.010,0.021"))
    path.write_bytes("\r\n".join(lines).encode("latin-1"))
    return path


def components(places: list[tuple[float, float]], **columns: list[object]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(columns, geometry=[Point(*one) for one in places], crs=CRS)
    frame.index = pd.Index(range(1, len(places) + 1))
    return frame


def measured(places: list[tuple[float, float]], **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[Point(*one) for one in places], crs=CRS)


def keys_of(frame: gpd.GeoDataFrame) -> object:
    return business_keys(VectorData(frame))


def test_a_log_of_a_receiver_is_known_by_its_content_and_read_with_quality_and_deviation(tmp_path: Path) -> None:
    path = log(tmp_path / "walk.txt", [("062735.00", "3640.1234567", "11707.6543210", 4)], noise="garbage \xff,,")
    row = find_format(path)
    assert row.id == "nmea"
    (opened,) = row.read(path, ReadRequest(), Progress())
    frame = opened.data.frame
    point = frame.geometry.iloc[0]
    assert point.y == pytest.approx(36 + 40.1234567 / 60, abs=1e-9)
    assert point.x == pytest.approx(117 + 7.6543210 / 60, abs=1e-9)
    assert frame["fix_quality"].iloc[0] == 4
    assert frame["sigma_n_m"].iloc[0] == pytest.approx(0.011)
    assert str(frame["time"].iloc[0]).startswith("2026-11-30")


def test_damaged_sentences_are_counted_and_a_log_without_a_fix_is_refused(tmp_path: Path) -> None:
    good = log(tmp_path / "a.nmea", [("062735.00", "3640.1", "11707.6", 4)])
    good.write_bytes(good.read_bytes() + b"\r\n$GNGGA,062736.00,3640.1,N,11707.6,E,4,28,0.6,35.1,M,-3.2,M,,*00\r\n")
    table, damaged = epochs_of(good, Progress())
    assert (len(table), damaged) == (1, 1)
    bad = log(tmp_path / "b.nmea", [("062735.00", "3640.1", "11707.6", 0)])
    with pytest.raises(UserError, match=r"gnss\.no_positions"):
        epochs_of(bad, Progress())
    (tmp_path / "c.nmea").write_bytes(b"$GNGGA," + b"9" * 3_000_000)
    with pytest.raises(UserError, match=r"gnss\.no_positions"):
        epochs_of(tmp_path / "c.nmea", Progress())


def test_words_of_controllers_and_numbers_of_nmea_mean_the_same_fix() -> None:
    assert fix_of(pd.DataFrame({"解状态": ["固定解", "浮点解", "单点解", "?", None]})).tolist() == [
        "rtk_fixed", "rtk_float", "single", "", "",
    ]  # fmt: skip
    assert fix_of(pd.DataFrame({"fix_quality": [4, 5, 1, 0]})).tolist() == ["rtk_fixed", "rtk_float", "single", ""]


def test_the_stated_deviation_goes_before_what_is_usual_and_nothing_is_made_of_dilution_alone() -> None:
    error, basis = error_of(pd.DataFrame({"fix": ["fixed", "fixed", "", "single"], "hrms": [0.01, None, None, None],
                                          "hdop": [9.0, 0.8, 0.7, 2.0]}))  # fmt: skip
    assert error[:2].tolist() == pytest.approx([0.02, 0.05])
    assert np.isnan(error[2])
    assert error[3] == pytest.approx(10.0)
    assert basis.tolist() == ["stated", "usual", "", "usual"]


def test_accuracy_classes_have_the_limits_of_the_standard() -> None:
    errors = [0.05, 0.5, 0.51, 1.0, 1.01, 10.0, 10.1, np.nan]
    assert accuracy_class(errors).tolist() == ["A", "A", "B", "B", "C", "C", "", ""]


def test_a_named_point_is_its_component_wherever_it_lies_and_the_offset_is_the_distance_on_plan() -> None:
    register = components([(500000, 4000000), (500100, 4000000)], ObjID=["c1", "c2"], accuracy_class=["C", "A"])
    points = measured([(500003, 4000004)], name=["c1"], fix=["fixed"], 高程=[31.8], 天线高=[1.8])
    row = surveyed(points, register, keys_of(register)).table.iloc[0]  # type: ignore[arg-type]
    assert (row["oid"], row["matched"], row["accuracy_class"], bool(row["better"])) == (1, "name", "A", True)
    assert row["offset_m"] == pytest.approx(5.0)
    assert row["ground_m"] == pytest.approx(30.0)


def test_a_point_without_a_name_takes_the_nearest_unless_two_are_as_near() -> None:
    register = components([(0, 0), (10, 0), (11, 0)], ObjID=["a", "b", "c"])
    points = measured([(0.5, 0), (10.5, 0), (50, 0)], fix=["fixed"] * 3)
    table = surveyed(points, register, keys_of(register)).table  # type: ignore[arg-type]
    assert table["oid"].tolist() == [1, -1, -1]
    assert table["why"].tolist() == ["", "ambiguous", "none_near"]


def test_a_worse_position_is_not_called_better_and_the_surer_of_two_is_kept() -> None:
    register = components([(0, 0), (10, 0)], ObjID=["a", "b"], accuracy_class=["A", "B"])
    points = measured([(2, 0), (10.2, 0), (10.4, 0)], name=["a", "b", "b"], fix=["single", "float", "fixed"])
    table = surveyed(points, register, keys_of(register)).table  # type: ignore[arg-type]
    assert table["better"].tolist() == [False, False, True]
    assert table["why"].tolist() == ["", "twice", ""]


def test_epochs_on_one_spot_are_one_occupation_of_the_best_solution() -> None:
    x = [0.0, 0.01, -0.01, 0.0, 20.0, 20.02]
    points = measured([(one, 0.0) for one in x], fix_quality=[1, 4, 4, 4, 4, 4], height_m=[9, 1, 2, 3, 5, 5],
                      time=pd.date_range("2026-11-30 06:27", periods=6, freq="s"))  # fmt: skip
    found = occupations(points)
    assert found["epochs"].tolist() == [3, 2]
    assert found.geometry.x.tolist() == pytest.approx([0.0, 20.01])
    assert found["height_m"].tolist() == pytest.approx([2.0, 5.0])
    assert found["spread_m"].iloc[1] == pytest.approx(0.01)
