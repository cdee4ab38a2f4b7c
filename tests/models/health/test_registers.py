"""Counts, sums and shares of registers are what a plain reading of the rows gives, whatever way the rows are drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.ops import substring

from models.health import methods
from models.health.availability import availability
from models.health.book import definition_of
from models.health.compute import compute
from models.health.editions import edition
from models.health.inputs import gathered
from models.health.partition import combined
from models.health.results import IndicatorResult
from models.health.state import ChosenReading, HealthState
from models.layers.layer import VectorData
from models.project.project import ProjectState
from tests.support.health_city import city, layer_of
from tests.support.register_city import layers, tables
from tests.support.register_reference import reference

SEEDS = (5, 10)
METHODS = ("register_figure", "checked_objects", "shortfall")
#: Every indicator of registers by each of its readings.
CASES = [
    (row.code, reading)
    for row in edition().indicators.values()
    if row.method in METHODS
    for reading in ([one.id for one in row.readings] or [""])
]


#: One for each way of counting.
WAYS = [
    ("HC25-01", ""), ("HC25-05", ""), ("HC25-13", ""), ("HC25-14", ""), ("HC25-16", ""), ("HC25-18", ""),
    ("HC25-40", ""), ("HC25-44", "supplied"), ("HC25-52", "year_plan"), ("HC25-57", "civil"), ("HC25-59", "on_time"),
]  # fmt: skip


def computed(code: str, reading: str, made: dict[str, pd.DataFrame], layer_list: Any = None) -> IndicatorResult:
    state, data = city(*(layers(made) if layer_list is None else layer_list))
    return compute(code, _read(state, code, reading), data)


def _read(state: ProjectState, code: str, reading: str) -> ProjectState:
    return replace(state, health=HealthState(readings=(ChosenReading(code, reading),) if reading else ()))


def sums(result: IndicatorResult) -> dict[str, list[float]]:
    return {unit.unit_code: [unit.numerator or 0.0, unit.denominator or 0.0] for unit in result.units}


@pytest.mark.parametrize(("code", "reading"), CASES)
def test_an_indicator_of_registers_is_what_its_rows_say_one_by_one(code: str, reading: str):
    for seed in SEEDS:
        made = tables(seed)
        result = computed(code, reading, made)
        wanted = reference(code, reading, made)
        is_known = {code: denominator > 0 for code, (_, denominator) in wanted.items()}
        assert {unit.unit_code: unit.value is not None for unit in result.units} == is_known
        for unit in result.units:
            if unit.value is None:
                continue
            numerator, denominator = wanted[unit.unit_code]
            assert unit.numerator == pytest.approx(numerator, rel=1e-6)
            assert unit.denominator == pytest.approx(denominator, rel=1e-6)
            ratio = 100.0 if result.definition.unit == "%" else 1.0
            value = numerator if result.definition.form == "count" else ratio * numerator / denominator
            assert unit.value == pytest.approx(value, rel=1e-6)
        if result.city.value is not None:
            every = [wanted[unit.unit_code] for unit in result.units if unit.value is not None]
            assert result.city.numerator == pytest.approx(sum(pair[0] for pair in every), rel=1e-6)


def test_every_register_indicator_has_something_to_count_in_the_test_city():
    every = [tables(seed) for seed in SEEDS]
    for code, reading in CASES:
        assert any(pair[0] > 0 for made in every for pair in reference(code, reading, made).values()), code


@settings(max_examples=2, deadline=None)
@given(seed=st.integers(0, 10_000))
@pytest.mark.parametrize(("code", "reading"), WAYS)
def test_neither_order_nor_place_nor_the_crs_of_the_layers_changes_a_figure(code: str, reading: str, seed: int):
    made, dice = tables(seed, 25), np.random.default_rng(seed)
    plain = computed(code, reading, made)
    mixed = {
        role: frame if role == "districts" else frame.sample(frac=1.0, random_state=dice).reset_index(drop=True)
        for role, frame in made.items()
    }
    step = float(dice.integers(-900, 900)) + 0.25
    elsewhere = [(layer, _in_crs(_moved(data, step, -2 * step), "EPSG:32650")) for layer, data in layers(mixed)]
    _same(plain, computed(code, reading, made, elsewhere))


def _moved(data: VectorData, dx: float, dy: float) -> VectorData:
    frame = data.frame
    if "geometry" not in frame.columns:
        return data
    return VectorData(frame.set_geometry([affinity.translate(shape, dx, dy) for shape in frame.geometry]))


def _in_crs(data: VectorData, crs: str) -> VectorData:
    return VectorData(data.frame.to_crs(crs)) if "geometry" in data.frame.columns else data


def _same(one: IndicatorResult, other: IndicatorResult) -> None:
    assert [unit.status for unit in one.units] == [unit.status for unit in other.units]
    np.testing.assert_allclose(list(sums(one).values()), list(sums(other).values()), rtol=1e-6)
    assert len(one.problems) == len(other.problems)
    first, second = (np.array([unit.coverage or -1.0 for unit in each.units]) for each in (one, other))
    np.testing.assert_allclose(first, second, rtol=1e-6)


@pytest.mark.parametrize(("code", "reading"), WAYS)
def test_the_sums_of_each_district_make_the_sum_of_the_city(code: str, reading: str):
    state, data = city(*layers(tables(12)))
    definition = definition_of(_read(state, code, reading).health, code)
    way = methods.method(definition.method)
    partition = gathered(definition, way, state, data, state.frame.horizontal).partition
    whole = way.measure(partition, definition)
    parts = combined([way.measure(replace(partition, counted=np.arange(2) == unit), definition) for unit in range(2)])
    for name in ("numerator", "denominator", "seen"):
        np.testing.assert_allclose(getattr(whole, name), getattr(parts, name), rtol=1e-12)
    for side in ("good", "bad"):
        one, other = (getattr(each, side).sort_values(["layer", "oid", "unit"]) for each in (whole, parts))
        assert one.astype(str).to_dict("list") == other.astype(str).to_dict("list")
    assert whole.remarks == parts.remarks


@pytest.mark.parametrize(("code", "role"), [("HC25-18", "footways"), ("HC25-52", "pipes"), ("HC25-55", "pipes")])
def test_a_line_may_be_drawn_in_pieces(code: str, role: str):
    made = tables(3)
    whole = made[role]
    pieces = [[substring(line, 0, 0.37, True), substring(line, 0.37, 1, True)] for line in whole["geometry"]]
    halves = whole.assign(geometry=pieces).explode("geometry", ignore_index=True)
    assert len(halves) == 2 * len(whole)
    one, other = (computed(code, "", made | {role: frame}) for frame in (whole, halves))
    np.testing.assert_allclose(list(sums(one).values()), list(sums(other).values()), rtol=1e-6)


@pytest.mark.parametrize(("code", "reading"), CASES)
def test_both_sides_are_objects_and_what_they_explain_adds_up(code: str, reading: str):
    result = computed(code, reading, tables(4))
    assert all(problem.reason for problem in result.problems)
    if result.problems and (result.definition.form == "count" or result.definition.direction == "down"):
        assert sum(problem.loss for problem in result.problems) == pytest.approx(result.city.numerator)
    elif result.problems and "per" in result.definition.parameters:  # objects to an area: each would be one more
        assert all(problem.loss == 1 for problem in result.problems)
    elif result.problems:
        lacking = result.city.denominator - result.city.numerator
        assert sum(problem.loss for problem in result.problems) == pytest.approx(lacking)


@pytest.mark.parametrize(("code", "reading"), WAYS)
def test_a_field_that_tells_what_counts_and_is_not_there_means_no_data(code: str, reading: str):
    made = tables(5)
    state, data = city(*layers(made))
    state = _read(state, code, reading)
    definition = definition_of(state.health, code)
    for need in methods.method(definition.method).needs(definition):
        if need.unless:
            continue
        bare = made[need.role].drop(columns=[name for name in need.fields if name in made[need.role]])
        state, data = city(*layers(made | {need.role: bare}))
        state = _read(state, code, reading)
        result = compute(code, state, data)
        assert result.city.value is None
        assert result.city.reason == f"no_field:{need.role}.{need.fields[0]}"
        found = availability(code, state, data)
        assert (found.standing, found.fields) == ("missing_field", (f"{need.role}.{need.fields[0]}",))


def test_what_is_unknown_lowers_the_coverage_and_counts_on_neither_side():
    made = tables(6)
    made["structures"] = made["structures"].assign(grade=["D"] * 15 + [None] * 45, kind="bridge")
    result = computed("HC25-51", "", made)
    assert result.city.numerator == result.city.denominator <= 15
    assert result.city.coverage == pytest.approx(0.25, abs=0.15)
    assert all(unit.status == "partial" for unit in result.units if unit.value is not None)


def test_only_what_lies_in_the_built_up_area_counts_and_the_result_says_so():
    made = tables(7)
    made["sites"] = made["sites"].assign(kind="ponding_point", severity="serious", state="open")
    inside = computed("HC25-47", "", made)
    everywhere = computed("HC25-47", "", {role: frame for role, frame in made.items() if role != "built_up"})
    assert inside.city.denominator < everywhere.city.denominator
    assert "within_built_up" in {rule.code for rule in inside.thresholds}
    assert "no_built_up" in {rule.code for rule in everywhere.thresholds}
    assert "built_up" in {used.role for used in inside.inputs}
    municipal = computed("HC25-51", "", made)
    assert not {"within_built_up", "no_built_up"} & {rule.code for rule in municipal.thresholds}


def test_records_of_strange_items_and_objects_are_left_out_and_said():
    result = computed("HC25-01", "", tables(8))
    said = {rule.code: rule.facts for rule in result.thresholds}
    assert said["records_of_unknown_items"]["names"] == "01-99"
    assert said["records_of_unknown_objects"]["names"] == "nobody"
    assert said["records_of_other_objects"]["count"] > 0


def test_a_usual_need_is_assumed_only_where_the_need_is_unknown_and_said():
    made = tables(9)
    made["communities"] = made["communities"].assign(
        cars=[100.0, None, None, 100.0], households=[900.0, 80.0, None, 900.0], parking_spaces=[40.0, 60.0, 1.0, 130.0]
    )
    result = computed("HC25-14", "", made)
    assert {unit.unit_code: unit.value for unit in result.units} == {"A": 60.0 + 20.0, "B": 0.0}
    said = next(rule for rule in result.thresholds if rule.code == "assumed_need")
    assert said.facts["count"] == 1
    assert [problem.loss for problem in result.problems] == [60.0, 20.0]
    assert result.units[1].coverage == pytest.approx(0.5)


def test_a_register_without_places_counts_by_the_code_of_its_unit():
    made = tables(10)
    rows = made["projects"].drop(columns="geometry").assign(district_code=["A", "B", "Z", None] * 15)
    result = computed("HC25-56", "projects", made | {"projects": rows})
    mine = [row for row in rows.itertuples() if row.district_code == "A"]
    assert result.units[0].value is not None
    assert result.units[0].denominator <= len(mine)
    lost = next(rule for rule in result.thresholds if rule.code == "register_unplaced")
    assert lost.facts["count"] > 0


def test_an_empty_register_is_no_zero():
    made = tables(11)
    empty = made["events"].iloc[:0]
    parts = layers({role: frame for role, frame in made.items() if role != "events"})
    events = layer_of("events", list(empty["geometry"]), **empty.drop(columns="geometry"))
    result = computed("HC25-39", "", made, [*parts, events])
    assert result.city.value is None
    assert result.city.reason == "nothing_to_measure"
