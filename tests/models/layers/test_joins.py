"""Tables joined to layers by a key: what counts as the same key, and which columns come."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from models.layers.joins import Join, guess_keys, joined, match, normalised, targets, with_columns, without_columns
from models.layers.layer import VectorData
from tests.support.layer_files import CRS, EAST, NORTH


def series(*values: object) -> pd.Series:
    return pd.Series(list(values), index=range(1, len(values) + 1))


def join(**said: object) -> Join:
    known = {"id": "j", "layer": "a", "table": "b", "layer_key": "k", "table_key": "k", "columns": (("v", "v"),)}
    return Join(**(known | said))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ａ０１", "a01"), (101, "101"), (101.0, " 101 "), ("101.0", 101), ("　泉城路 ", "泉城路"), ("x\u200b", "X")],
)
def test_keys_are_the_same_as_a_person_reads_them(one: object, other: object) -> None:
    assert normalised(series(one)).tolist() == normalised(series(other)).tolist()


def test_leading_zeros_count_unless_it_is_said_that_they_do_not() -> None:
    assert normalised(series("0101")).tolist() != normalised(series(101)).tolist()
    assert normalised(series("0101"), zeros=True).tolist() == normalised(series(101), zeros=True).tolist() == ["101"]
    assert normalised(series("000"), zeros=True).tolist() == ["0"]


def test_nothing_is_no_key() -> None:
    assert normalised(series("", None, float("nan"), "  ")).tolist() == [None] * 4
    found = match(series("", None, "a"), series("", None, "a"))
    assert (found.matched, found.blank, found.used) == (1, 2, 1)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from(["1", "2", "03", "3", "x", "", None]), min_size=1, max_size=12),
    st.lists(st.tuples(st.sampled_from(["1", "2", "3", "y", None]), st.integers(-9, 9)), min_size=1, max_size=12),
    st.sampled_from(["first", "sum", "mean", "count"]),
)
def test_what_a_join_brings_is_what_a_loop_over_the_rows_finds(
    keys: list[str | None], rows: list[tuple[str | None, int]], duplicates: str
) -> None:
    table = pd.DataFrame({"k": [key for key, _ in rows], "v": [value for _, value in rows]})
    got = joined(series(*keys), table, join(duplicates=duplicates))["v"].tolist()
    for key, value in zip(keys, got, strict=True):
        mine = [number for other, number in rows if key not in (None, "") and other == key]
        if duplicates == "count":
            assert value == len(mine)
        elif not mine:
            assert pd.isna(value)
        else:
            want = {"first": mine[0], "sum": sum(mine), "mean": sum(mine) / len(mine)}[duplicates]
            assert value == pytest.approx(want)


def test_types_come_along_and_gaps_are_no_zeros() -> None:
    table = pd.DataFrame({
        "k": ["a", "b"], "n": [1, 2], "f": [1.5, 2.5], "t": ["x", "y"], "b": [True, False],
        "d": pd.to_datetime(["2020-01-01", "2021-01-01"]),
    })  # fmt: skip
    columns = tuple((name, name) for name in "nftdb")
    got = joined(series("a", "z"), table, join(columns=columns))
    assert [str(kind) for kind in got.dtypes[["n", "f", "b"]]] == ["Int64", "float64", "boolean"]
    assert got.iloc[0].tolist()[:3] == [1, 1.5, "x"]
    assert got.iloc[1].isna().all()
    assert str(joined(series("a", "b"), table, join(columns=columns))["n"].dtype) == "int64"


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert targets(["a", "b", "geometry"], "", ["a", "a_2"]) == (("a", "a_3"), ("b", "b"), ("geometry", "geometry_2"))
    assert targets(["a"], "鉴定_", ["a"]) == (("a", "鉴定_a"),)


def test_the_likeliest_keys_come_first() -> None:
    layer = pd.DataFrame(
        {"层数": [1, 2, 3, 4], "楼栋编码": ["0001", "0002", "0003", "0004"], "x": [1.5, 2.5, 3.5, 4.5]}
    )
    table = pd.DataFrame({"序号": [1, 2, 3, 4], "楼栋编号": [1, 2, 3, 9], "等级": ["A", "B", "A", "B"]})
    best = guess_keys(layer, table)[0]
    assert (best.layer, best.table, best.zeros) == ("楼栋编码", "楼栋编号", True)
    assert best.share == 0.75
    assert guess_keys(layer, pd.DataFrame({"q": ["u", "v"]})) == []


def test_columns_join_a_large_layer_without_making_a_shape() -> None:
    from models.geometry.feature_table import Features

    shapes = [shapely.Point(EAST + i, NORTH) for i in range(6)]
    frame = gpd.GeoDataFrame({"k": list("abcdef")}, geometry=shapes, crs=CRS)
    large = VectorData(None, [], Features.of_frame(frame))
    large.features._frame = None  # type: ignore[union-attr]
    got = with_columns(large, pd.DataFrame({"v": [1.0, 2.0, None, 4.0, 5.0, 6.0]}, index=range(6)))
    assert got.fields == ("k", "v")
    assert got.features._frame is None  # type: ignore[union-attr]
    assert np.isnan(got.attributes["v"].iloc[2])
    assert got.frame.geometry.iloc[5].equals(shapes[5])
    assert without_columns(got, ["v"]).fields == ("k",)
