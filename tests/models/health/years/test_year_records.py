"""Two years of a small city: what is worked out by hand is what is said."""

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from models.core.errors import UserError
from models.health.book import book_of
from models.health.editions import edition
from models.health.lists.rows import ProblemRow
from models.health.results import GoodObjects, IndicatorResult, LayerRead, Problem, Stamp, UnitValue
from models.health.state import HealthState
from models.health.years import year_file
from models.health.years.choosing import base_of, rectified_result, values_before, with_record
from models.health.years.comparing import compared
from models.health.years.making import record_of
from models.layers.layer import Layer, VectorData
from models.project.fingerprints import SHAPES, Fingerprints
from models.project.project import ProjectState
from models.project.selection import Keys, ObjectKey
from models.store.rows.health_tables import health_of
from models.store.rows.state_rows import rows_of
from tests.support.health_city import CRS, E0, N0

BOOK = edition().indicators
CODE = "HC25-03"  # buildings that fail: the fewer the better


def homes(codes, years, shift=0.0):
    index = pd.RangeIndex(1, len(codes) + 1, name="fid")
    shapes = [Point(E0 + 10 * number + shift, N0) for number in range(len(codes))]
    return VectorData(gpd.GeoDataFrame({"code": codes, "year": years}, geometry=shapes, crs=CRS, index=index))


def unit(oid, code, name, value, coverage=1.0, grade="met"):
    return UnitValue("districts", oid, code, name, "", value, value, 10.0, coverage, "ok", "", grade)


def check(data, bad, good, city, units=(), code=CODE, year=2026, lists=(), **more):
    """Return the record of a check of homes: rows that fail and rows that are good."""
    layer = Layer("buildings", "住宅", "vector", "buildings")
    rows = {str(name): int(oid) for oid, name in data.frame["code"].items()}
    marks = Fingerprints().of(layer, data, ["year", SHAPES], CRS)
    result = IndicatorResult(
        code, "2025", tuple(units), unit(-1, "", "全市", city),
        problems=tuple(Problem(ObjectKey("buildings", rows[one]), "failing", code=one) for one in bad),
        good=(GoodObjects("good", Keys.of([ObjectKey("buildings", rows[one]) for one in good])),),
        stamp=Stamp("x", CRS, (LayerRead("buildings", "buildings", marks),)),
    )  # fmt: skip
    state = ProjectState("示例市", "Sample", layers=(layer,), health=HealthState(problems=tuple(lists)))
    return record_of(state, {"buildings": data}, {code: result}, year=year, **more)


FIVE = ["B1", "B2", "B3", "B4", "B5"]


def test_a_count_that_falls_is_better_and_one_that_rises_is_worse():
    units = [unit(1, "A", "甲", 4.0), unit(2, "B", "乙", 1.0), unit(3, "C", "丙", 2.0)]
    then = check(homes(FIVE, [1] * 5), [], FIVE, 7.0, units, year=2025)
    units = [unit(1, "A", "甲", 3.0), unit(2, "B", "乙", 2.0), unit(4, "D", "丁", 1.0)]
    now = check(homes(FIVE, [1] * 5), [], FIVE, 6.0, units)
    (one,) = compared(then, now, BOOK).indicators
    assert (one.city.verdict, one.city.change) == ("improved", -1.0)
    told = {change.unit.code: (change.verdict, change.change) for change in one.units}
    assert told == {
        "A": ("improved", -1.0), "B": ("worsened", 1.0), "C": ("only_before", None), "D": ("only_now", None),
    }  # fmt: skip


def test_a_unit_whose_code_is_another_is_found_by_its_name_and_a_name_that_stands_twice_is_not():
    then = [unit(1, "01", "甲", 4.0), unit(2, "02", "乙", 1.0), unit(3, "03", "乙", 1.0)]
    now = [unit(1, "A1", "甲", 4.0), unit(2, "A2", "乙", 1.0)]
    first = check(homes(FIVE, [1] * 5), [], FIVE, 6.0, then, year=2025)
    (one,) = compared(first, check(homes(FIVE, [1] * 5), [], FIVE, 6.0, now), BOOK).indicators
    told = {change.unit.code: (change.verdict, change.by_name) for change in one.units}
    assert told["A1"] == ("unchanged", True)
    assert told["A2"] == ("only_now", False)
    assert told["02"] == told["03"] == ("only_before", False)


@pytest.mark.parametrize("part", ["edition", "reading", "unit", "formula", "parameters"])
def test_figures_that_mean_something_else_are_not_subtracted_and_it_is_said_what_differs(part):
    now = check(homes(FIVE, [1] * 5), ["B1"], FIVE[1:], 1.0)
    (own,) = now.indicators
    other = replace(own, meaning=replace(own.meaning, **{part: "another"}))
    then = replace(now, year=2025, indicators=(other,), problems=())
    found = compared(then, now, BOOK)
    (one,) = found.indicators
    assert (one.city.verdict, one.city.change, one.differs) == ("not_comparable", None, (part,))
    assert [(change.fate, change.reason) for change in found.problems] == [("untold", "not_comparable")]
    assert values_before(then, BOOK.values()) == {}


def test_no_data_is_no_change():
    then = check(homes(FIVE, [1] * 5), [], FIVE, None, year=2025)
    now = check(homes(FIVE, [1] * 5), [], FIVE, 0.0)
    (one,) = compared(then, now, BOOK).indicators
    assert (one.city.verdict, one.city.change) == ("only_now", None)


def test_a_problem_is_solved_only_where_its_object_was_looked_at_again_and_is_good():
    then = check(homes(FIVE, [1] * 5), ["B1", "B2", "B3", "B4"], ["B5"], 4.0, year=2025)
    # B1 still fails, B2 was looked at and is good, B3 was not looked at, B4 is gone, B5 is new; rows stand elsewhere
    now = check(homes(["B5", "B3", "B2", "B1", "B6"], [1] * 5), ["B1", "B5", "B6"], ["B2"], 3.0)
    told = {one.problem.object: (one.fate, one.reason) for one in compared(then, now, BOOK).problems}
    assert told == {
        "B1": ("still", ""), "B2": ("solved", ""), "B3": ("untold", "not_looked_at"), "B4": ("untold", "gone"),
        "B5": ("new", ""), "B6": ("new", "not_looked_at"),
    }  # fmt: skip


def test_objects_without_a_code_cannot_be_told():
    then = check(homes(FIVE, [1] * 5), ["B1"], [], 1.0, year=2025)
    then = replace(then, problems=(replace(then.problems[0], object=""),))
    now = check(homes(FIVE, [1] * 5), [], FIVE, 0.0)
    assert [(one.fate, one.reason) for one in compared(then, now, BOOK).problems] == [("untold", "nameless")]


def test_problems_of_another_city_are_not_compared():
    then = replace(check(homes(FIVE, [1] * 5), ["B1"], [], 1.0), city="他市")
    found = compared(then, check(homes(FIVE, [1] * 5), ["B1"], [], 1.0), BOOK)
    assert found.is_other_city
    assert (found.problems, found.layers, found.rectified) == ((), (), None)
    assert found.indicators[0].city.verdict == "unchanged"


def test_rows_that_came_went_and_changed_are_counted_by_field():
    then = check(homes(FIVE, [1990, 1991, 1992, 1993, 1994]), [], FIVE, 0.0, year=2025)
    # B5 went, B6 came, B2 has another year; rows stand elsewhere and numbers are held as others
    codes = ["B6", "B4", "B3", "B2", "B1"]
    moved = homes(codes, [2001.0, 1993.0, 1992.0, 2020.0, 1990.0])
    places = dict(zip(FIVE, homes(FIVE, [1] * 5).frame.geometry, strict=True))
    moved.frame.geometry = [places.get(code, Point(E0, N0)) for code in codes]
    (one,) = compared(then, check(moved, [], codes, 0.0), BOOK).layers
    assert (one.state, one.added, one.removed, one.changed) == ("changed", 1, 1, 1)
    assert [(field.name, field.changed) for field in one.fields] == [("year", 1)]


def test_equal_data_is_the_same_and_a_layer_of_one_year_only_is_said():
    now = check(homes(FIVE, [1] * 5), [], FIVE, 0.0)
    assert [one.state for one in compared(now, now, BOOK).layers] == ["same"]
    other = replace(now, layers=(replace(now.layers[0], role="green", id="green", name="绿地"),))
    assert [one.state for one in compared(other, now, BOOK).layers] == ["only_now", "only_before"]
    assert compared(replace(now, layers=()), now, BOOK).layers == ()


def row(name, **more):
    return ProblemRow(f"{CODE}|{name}|A", CODE, name, "", "housing", "A", 1, first_year=2025, **more)


def test_the_rate_of_rectification_is_what_was_mended_of_last_years_list():
    kinds = {"a": "limited", "b": "limited", "c": "limited", "d": "best_effort"}
    then = [row(name, kind=kind, due_on="2026-06-30") for name, kind in kinds.items()]
    ends = {"a": "2026-05-01", "b": "2026-09-01", "d": "2026-09-01"}  # a in time, b late, c not at all
    lists = [replace(one, status="closed", closed_on=ends[one.item]) if one.item in ends else one for one in then]
    record = check(homes(FIVE, [1] * 5), [], FIVE, 0.0, year=2025, lists=then)
    state = ProjectState("示例市", health=HealthState(problems=(*lists, row("new")), years=(record,)))
    result = rectified_result(state, base_of(state.health, "示例市", 2026), 2026)
    assert (result.city.value, result.city.numerator, result.city.denominator) == (50.0, 2.0, 4.0)
    assert rectified_result(replace(state, health=HealthState()), None, 2026) is None


def test_a_record_outlives_file_and_project():
    record = check(homes(FIVE, [1990.5, 1, 2, 3, 4]), ["B1"], ["B2"], 1.0, lists=[row("a")], program="1.0")
    assert replace(year_file.record_in(year_file.content_of(record), ""), source="") == record
    left_out = []
    assert health_of(rows_of(HealthState(years=(record,), base_year=record.id)), left_out.append).years == (record,)
    assert not left_out
    assert hash(HealthState(years=(record,))) == hash(HealthState())
    assert book_of(HealthState(years=(record,))).id == "2025"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "no", '{"format": "other"}', "[" * 100_000, '{"format":"chengjing.health.year","version":"x"}'],
)
def test_a_foreign_file_is_refused(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        year_file.read(path)
    assert caught.value.code == "health.year.not_a_year"


def test_a_broken_record_is_refused_and_a_later_one_is_named(tmp_path):
    told = json.loads(year_file.content_of(check(homes(FIVE, [1] * 5), ["B1"], [], 1.0)))
    told["record"]["indicators"][0]["values"][0]["value"] = float("nan")
    (tmp_path / "a.json").write_text(json.dumps(told))
    with pytest.raises(UserError, match="not_a_year"):
        year_file.read(tmp_path / "a.json")
    (tmp_path / "a.json").write_text(json.dumps(told | {"version": 2}))
    with pytest.raises(UserError, match="newer"):
        year_file.read(tmp_path / "a.json")
    with pytest.raises(UserError, match="missing"):
        year_file.read(tmp_path / "b.json")


def test_prints_that_are_none_of_ours_only_leave_untold():
    then = check(homes(FIVE, [1] * 5), ["B1"], [], 1.0, year=2025)
    (layer,) = then.layers
    (one,) = then.indicators
    spoiled = replace(
        then, layers=(replace(layer, names="?", fields=tuple(replace(f, rows="AAAA") for f in layer.fields)),),
        indicators=(replace(one, good=tuple(replace(g, names="%%") for g in one.good)),),
        problems=(*then.problems, replace(then.problems[0], indicator="HC99-01", object="B9")),
    )  # fmt: skip
    now = check(homes(FIVE, [2] * 5), [], FIVE, 0.0)
    found = compared(spoiled, now, BOOK)
    assert {(one.problem.object, one.fate) for one in found.problems} == {("B1", "solved"), ("B9", "untold")}
    assert compared(now, spoiled, BOOK).layers[0].layer.role == "buildings"


def test_ten_thousand_problems_are_matched_by_code():
    count = 12_000
    codes = [f"N{number:06d}" for number in range(count)]
    rng = np.random.default_rng(1)
    bad_then, bad_now = (rng.random(count) < 0.85 for _ in range(2))
    then = check(homes(codes, [1] * count), np.array(codes)[bad_then], np.array(codes)[~bad_then], 1.0, year=2025)
    order = rng.permutation(count)
    turned = homes([codes[at] for at in order], [1] * count)
    now = check(turned, np.array(codes)[bad_now], np.array(codes)[~bad_now], 1.0)
    assert compared(then, now, BOOK).fates() == {
        "new": int((bad_now & ~bad_then).sum()), "still": int((bad_now & bad_then).sum()),
        "solved": int((bad_then & ~bad_now).sum()), "untold": 0,
    }  # fmt: skip


def test_one_city_has_one_record_a_year_and_the_latest_before_is_the_base():
    first = check(homes(FIVE, [1] * 5), [], FIVE, 0.0, year=2024)
    second, third = replace(first, year=2025), replace(first, year=2025, city="他市")
    years = with_record(with_record(with_record((), first), third), second)
    assert len(years) == 3
    assert len(with_record(years, replace(second, program="2"))) == 3
    health = HealthState(years=years)
    assert base_of(health, "示例市", 2026) == second
    assert base_of(health, "示例市", 2025) == first
    assert base_of(replace(health, base_year=third.id), "示例市", 2026) == third
    assert base_of(HealthState(), "示例市", 2026) is None
