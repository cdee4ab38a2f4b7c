"""Figures of a whole layer, geometries and patterns in expressions, held against pandas, shapely and Python's own."""

from __future__ import annotations

import datetime as dt
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from models.core.errors import UserError
from models.query.expression import compile_expression
from models.query.measures import Geometries
from models.query.sql import Untranslatable, condition

TABLE = pd.DataFrame({
    "use": ["a", "a", "b", None, "b"], "n": [1, 2, 3, 4, None], "whole": [5, 6, 7, 8, 9],
    "t": ["甲乙丙12", "abc", "x9", None, "地下2层"],
})  # fmt: skip
SHAPES = [
    shapely.box(500000, 4000000, 500010, 4000020), shapely.Point(500050, 4000010),
    shapely.LineString([(500000, 4000000), (500003, 4000004)]), None, shapely.box(500100, 4000000, 500101, 4000001),
]  # fmt: skip


def geometry(crs: str = "EPSG:4548", project: str = "") -> Geometries:
    return Geometries(gpd.GeoSeries(SHAPES, crs=crs), project)


def given_by(text: str, table: pd.DataFrame = TABLE) -> list[object]:
    asked = compile_expression(text)
    assert compile_expression(asked.text).tree == asked.tree, "its own spelling means the same"
    found = asked.values(table, geometry)
    return [None if one is None or one != one else one.item() if isinstance(one, np.generic) else one for one in found]


def refused(text: str, code: str) -> UserError:
    with pytest.raises(UserError) as caught:
        compile_expression(text, [*TABLE.columns]).values(TABLE, geometry)
    assert caught.value.code == code, text
    return caught.value


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("sum", "sum"), ("mean", "mean"), ("median", "median"), ("minimum", "min"), ("maximum", "max"), ("stdev", "std"),
     ("count", "count"), ("count_distinct", "nunique")],
)  # fmt: skip
@settings(deadline=None, max_examples=25)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.none() | st.floats(-1e6, 1e6, allow_nan=False)), max_size=20
    )
)
def test_a_figure_by_group_is_that_of_pandas(ours: str, theirs: str, rows: list[tuple[str, float | None]]) -> None:
    table = pd.DataFrame({"g": [g for g, _ in rows], "v": pd.Series([v for _, v in rows], dtype=float)})
    expected = table.groupby("g")["v"].agg(theirs) if theirs != "sum" else table.groupby("g")["v"].sum(min_count=1)
    found = compile_expression(f"{ours}(v, g)").values(table)
    for row, group in enumerate(table["g"]):
        assert found[row] == pytest.approx(expected[group], nan_ok=True)


def test_figures_take_what_passes_their_filter_and_speak_to_every_row() -> None:
    assert given_by("sum(n)") == [10.0] * 5
    assert given_by("sum(whole, group_by:=use)") == [11, 11, 16, 8, 16], "rows without a group are one of their own"
    assert given_by("sum(whole, use, n > 1)") == [6, 6, 7, 8, 7]
    assert given_by("count(n, filter := whole > 100)") == [0] * 5, "a count of nothing is 0"
    assert given_by("mean(n, filter := whole > 100)") == [None] * 5, "a mean of nothing is unknown"
    assert given_by("max(n, filter := n < 4)") == [3.0] * 5, "min and max with named arguments are of the layer"
    assert given_by("max(n, whole)") == [5.0, 6.0, 7.0, 8.0, 9.0], "and of the row without"
    assert given_by("concatenate(t, group_by := use, concatenator := '、')")[2] == "x9、地下2层"
    assert given_by("n > mean(n)") == [False, False, True, True, None]
    assert given_by("求和(whole) = 35") == [True] * 5
    assert given_by("sum(9007199254740993 + 0 * whole) > 0") == [True] * 5


def test_wrong_figures_say_what_is_wrong_and_where() -> None:
    assert refused("sum(t)", "ask.argument").facts["at"] == 5
    assert refused("mean(n, grp := use)", "ask.no_argument").facts["like"] == "expression  group_by  filter"
    assert refused("medain(n)", "ask.no_function").facts["like"] == "median  mean  min"
    refused("sum()", "ask.arguments")
    refused("left(t, n := 2)", "ask.no_argument")
    refused("concatenate(t, concatenator := use)", "ask.constant")


def test_geometries_are_measured_as_shapely_measures_them_in_metres() -> None:
    ten = SHAPES[0]
    assert given_by("area($geometry)") == [200.0, None, None, None, 1.0]
    assert given_by("length($geometry)") == [None, None, 5.0, None, None]
    assert given_by("x_max($geometry) - x_min(@geometry)") == [10.0, 0.0, 3.0, None, 1.0]
    assert given_by("distance($geometry, make_point(500000, 4000000))")[1] == pytest.approx(
        SHAPES[1].distance(shapely.Point(500000, 4000000))
    )
    assert given_by("area(buffer($geometry, 5))")[0] == pytest.approx(ten.buffer(5, quad_segs=16).area)
    place = "POLYGON((500000 4000000, 500060 4000000, 500060 4000060, 500000 4000060, 500000 4000000))"
    inside = given_by(f"within(centroid($geometry), geom_from_wkt('{place}'))")
    assert inside == [True, True, True, None, False]
    assert given_by("intersects($geometry, buffer(make_point(500000, 4000000), 12))") == [
        True,
        False,
        True,
        None,
        False,
    ]
    assert given_by("contains(buffer($geometry, 1), $geometry)") == [True, True, True, None, True]
    assert given_by("sum($area)") == [201.0] * 5
    assert given_by("geom_to_wkt(centroid($geometry))")[1] == "POINT (500050 4000010)"
    assert given_by("$geometry is null") == [False, False, False, True, False]


def test_geometry_in_degrees_is_measured_in_the_projects_crs_or_refused() -> None:
    degrees = geometry().own.to_crs("EPSG:4490")
    asked = compile_expression("area(buffer($geometry, 10))")
    with pytest.raises(UserError, match="degrees"):
        asked.values(TABLE, Geometries(degrees))
    in_project = asked.values(TABLE, Geometries(degrees, "EPSG:4548"))
    assert in_project[0] == pytest.approx(SHAPES[0].buffer(10, quad_segs=16).area, rel=1e-6)
    on_ellipsoid = compile_expression("area($geometry)").values(TABLE, Geometries(degrees))
    assert on_ellipsoid[0] == pytest.approx(compile_expression("$area").values(TABLE, Geometries(degrees))[0])


def test_feet_become_metres() -> None:
    feet = Geometries(gpd.GeoSeries([shapely.box(0, 0, 100, 100)], crs="EPSG:2263"))
    one = pd.DataFrame({"a": [1]})
    foot = 1200 / 3937
    assert compile_expression("area($geometry)").values(one, feet)[0] == pytest.approx((100 * foot) ** 2)
    assert compile_expression("area(buffer($geometry, 10))").values(one, feet)[0] == pytest.approx(
        (100 * foot) ** 2 + 4 * 100 * foot * 10 + np.pi * 100, rel=1e-3
    )


def test_a_geometry_is_no_value_and_stands_against_none() -> None:
    for text, code in {
        "$geometry": "ask.geometry_result", "$geometry = 1": "ask.kinds", "'a' || $geometry": "ask.operand",
        "if(n > 1, $geometry, $geometry)": "ask.argument", "lower($geometry)": "ask.argument",
        "case when n > 1 then $geometry end": "ask.geometry_result", "sum($geometry)": "ask.argument",
        "area(n)": "ask.argument", "buffer($geometry, 9999999)": "ask.too_wide",
    }.items():  # fmt: skip
        refused(text, code)


@settings(deadline=None, max_examples=60)
@given(
    texts=st.lists(st.none() | st.text("ab1 甲乙é", max_size=8), max_size=8),
    pattern=st.sampled_from(["a", "^a", "b+", "[0-9]", "甲.", "(a|b)1", "é$", "a{2,3}", " ", "x"]),
)
def test_patterns_find_what_pythons_find(texts: list[str | None], pattern: str) -> None:
    table = pd.DataFrame({"t": pd.Series(texts, dtype=object)})
    places = compile_expression(f"regexp_match(t, '{pattern}')").values(table)
    hits = compile_expression(f"t ~ '{pattern}'").values(table)
    rows = compile_expression(f"regexp_match(t, '{pattern}')").rows(table)
    swapped = compile_expression(f"regexp_replace(t, '{pattern}', '#')").values(table)
    for row, text in enumerate(texts):
        if text is None:
            assert np.isnan(places[row])
            assert hits[row] is None
            assert not rows[row]
            continue
        found = re.search(pattern, text)
        assert places[row] == (0 if found is None else found.start() + 1)
        assert hits[row] is (found is not None)
        assert rows[row] == (found is not None), "as a condition it asks whether it is found"
        assert swapped[row] == re.sub(pattern, "#", text)


def test_a_pattern_that_never_ends_elsewhere_ends_here_and_a_wrong_one_is_said() -> None:
    table = pd.DataFrame({"t": ["a" * 5000 + "b"]})
    assert not compile_expression("t ~ '^(a+)+$'").rows(table)[0]
    assert refused("t ~ '('", "ask.pattern").facts["at"] == 3
    refused("t ~ '(a{1000}){1000}'", "ask.pattern")
    refused("regexp_match(t, t)", "ask.constant")
    refused(f"t ~ '{'a' * 1001}'", "ask.pattern")


@settings(deadline=None, max_examples=40)
@given(text=st.text("ab甲é1", max_size=9), count=st.integers(-12, 12))
def test_left_and_right_take_the_ends(text: str, count: int) -> None:
    table = pd.DataFrame({"t": [text]})
    assert compile_expression(f"left(t, {count})").values(table)[0] == text[:count]
    assert compile_expression(f"right(t, {count})").values(table)[0] == (text[-count:] if count else "")


def test_numbers_dates_and_gaps_as_people_of_qgis_write_them() -> None:
    assert given_by("to_int('12.5')")[0] == 13
    assert given_by("to_int('-12.5')")[0] == -13
    assert given_by("to_int(t)") == [None] * 5
    assert given_by("to_real('1,200.5')")[0] == 1200.5
    assert given_by("lpad(to_string(whole), 3, '0')")[0] == "005"
    assert given_by("nullif(whole, 6)") == [5.0, None, 7.0, 8.0, 9.0]
    assert given_by("coalesce(n, 0)")[4] == 0.0
    assert given_by("strpos(t, '丙')")[0] == 3.0
    now = compile_expression("now()").values(TABLE)[0]
    assert abs(now - np.datetime64(dt.datetime.now())) < np.timedelta64(60, "s")
    assert given_by("t ～ '^甲' and n ＝ 1")[0] is True, "signs of a Chinese keyboard are understood"


@pytest.mark.parametrize("text", ["sum(n) > 3", "t ~ 'a'", "left(t, 1) = 'a'", "area($geometry) > 3", "now() > t"])
def test_what_a_database_would_do_differently_is_not_translated(text: str) -> None:
    with pytest.raises(Untranslatable):
        condition(compile_expression(text).tree, lambda name: name)


def test_a_database_is_not_asked_for_figures_of_rows_that_were_not_fetched() -> None:
    assert compile_expression("n > mean(n)").is_of_all
    assert not compile_expression("n > max(1, whole)").is_of_all
