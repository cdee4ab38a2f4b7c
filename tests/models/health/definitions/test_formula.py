"""Formulas of local indicators: what they come to, and that no text does harm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, box

from models.core.errors import UserError
from models.health.compute import compute
from models.health.definitions.changes import Change, as_text
from models.health.definitions.checking import checked_row
from models.health.definitions.formula_text import MOST_FIGURES, parse
from models.health.editions import edition_tables
from tests.support.health_city import PREFECTURE, at, city, districts, layer_of, units


def computed(expression: str, *layers, direction: str = "up", **more):
    """Return the result of a local indicator with a formula in a city of these layers."""
    roles = [layer.role for layer, _ in layers]
    row = {
        "code": "LX-1",
        "name": "本地指标",
        "dimension": "city",
        "unit": "%",
        "direction": direction,
        "method": "formula",
        "parameters": {"expression": expression},
        "input": [{"role": role, "zh": role, "en": role} for role in roles],
    }
    state, data = city(districts(), *layers)
    made = checked_row(row | more, edition_tables())
    health = replace(state.health, changes=(Change("LX-1", "", "", as_text(made)),))
    return compute("LX-1", replace(state, health=health, profile=PREFECTURE), data)


def buildings():
    """Return seven buildings: four in A (one of unknown lift), three in B."""
    places = [(100, 100), (200, 100), (300, 100), (400, 100), (1100, 100), (1200, 100), (1300, 100)]
    return layer_of(
        "buildings", [at(box(x, y, x + 10, y + 20)) for x, y in places], code=list("abcdefg"),
        storeys=[6, 7, 9, 12, 6, 8, 20], lift=["no", "no", "yes", None, "no", "no", "yes"],
    )  # fmt: skip


def test_a_quotient_of_counts_is_a_ratio_by_unit_and_for_the_city_with_the_objects_on_both_sides():
    result = computed(
        "count(buildings where storeys >= 7 and lift = 'yes') ÷ count(buildings where storeys >= 7) × 100", buildings()
    )
    assert units(result) == {"A": pytest.approx(100 / 3), "B": pytest.approx(50.0)}
    assert (result.city.numerator, result.city.denominator) == (2, 5)
    assert result.city.value == pytest.approx(40.0)
    assert result.city.coverage == pytest.approx(
        (3 / 4 + 1) / 2
    )  # of one building in A nobody says whether it has a lift
    assert [problem.code for problem in result.problems] == ["b", "d", "f"]
    assert sum(len(side.keys) for side in result.good) == 2
    assert result.inputs[0].count == 5


def test_areas_and_lengths_are_cut_at_the_borders_of_units():
    ground = [at(box(900, 0, 1200, 100)), at(box(0, 0, 100, 100))]
    green = layer_of("green", ground, kind=["park", "hill"])
    lines = [at(LineString([(500, 500), (1500, 500)])), at(LineString([(0, 0), (0, 300)]))]
    roads = layer_of("roads", lines)
    cells = [at(box(0, 0, 1000, 1000)), at(box(1000, 0, 2000, 1000))]
    result = computed("area(green where kind = 'park') / 10000", green)
    park = [shapely.intersection(ground[0], cell).area / 10_000 for cell in cells]
    assert list(units(result).values()) == pytest.approx(park)
    assert result.city.value == pytest.approx(sum(park))
    result = computed("length(roads) * 1000", roads)
    assert list(units(result).values()) == pytest.approx([sum(line.intersection(cell).length for line in lines)
                                                          for cell in cells])  # fmt: skip


def test_the_greatest_and_the_mean_of_the_city_are_not_the_sum_of_its_units():
    result = computed("max(buildings, storeys) - min(buildings, storeys)", buildings())
    assert units(result) == {"A": 6, "B": 14}
    assert result.city.value == 14
    result = computed("mean(buildings, storeys)", buildings())
    assert result.city.value == pytest.approx(68 / 7)
    result = computed("share(buildings where lift = 'yes') * 100", buildings())
    assert units(result) == {"A": pytest.approx(100 / 3), "B": pytest.approx(100 / 3)}
    assert result.city.value == pytest.approx(100 / 3)


def test_a_table_without_places_counts_by_the_code_of_its_unit():
    points = [None, None, at(Point(1500, 500))]
    cases = layer_of("cases", points, state=["closed", "open", "closed"], district_code=["A", "A", "A"])
    assert units(computed("count(cases where state = 'closed')", cases)) == {"A": 1, "B": 1}


def test_a_field_that_is_not_there_is_no_data_and_never_all():
    result = computed("count(buildings where basement = 'yes')", buildings())
    assert result.city.value is None
    assert result.city.reason == "no_field:buildings.basement"


def test_a_division_by_nothing_is_nothing_to_measure():
    result = computed("count(buildings where storeys > 3) / count(buildings where storeys > 90)", buildings())
    assert result.city.value is None


def test_what_is_better_the_less_there_is_lists_what_is_counted():
    result = computed("count(buildings where storeys >= 7 and lift = 'no')", buildings(), direction="down")
    assert [problem.code for problem in result.problems] == ["b", "f"]
    assert result.city.value == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "health.formula_empty"),
        ("1 + 2", "health.formula_no_figure"),
        ("count(buildings", "health.formula_syntax"),
        ("__import__('os').system('ls')", "health.formula_syntax"),
        ("count(nowhere)", "health.formula_syntax"),
        ("sum(buildings)", "health.formula_value"),
        ("count(buildings, storeys)", "health.formula_value"),
        ("share(buildings)", "health.formula_value"),
        ("count(buildings where $area_m2 > 5)", "health.formula_measures"),
        ("count(buildings where storeys >)", "ask.syntax"),
        ("(" * 60 + "count(buildings)" + ")" * 60, "health.formula_too_deep"),
        ("-" * 300 + "count(buildings)", "health.formula_too_deep"),
        (" + ".join(["count(buildings)"] * (MOST_FIGURES + 1)), "health.formula_too_long"),
        ("count(buildings)" + " + 1" * 400, "health.formula_too_long"),
        ("count(buildings) + 1e999", "health.formula_syntax"),
        ("9" * 3000, "health.formula_too_long"),
    ],
)
def test_a_formula_that_says_nothing_is_refused(text, code):
    with pytest.raises(UserError) as refused:
        parse(text)
    assert refused.value.code == code


_PIECES = st.sampled_from(
    ["count(buildings)", "sum(buildings, storeys)", "area(green where kind = 'a')", "min(", "max(", "(", ")", "+", "-",
     "×", "÷", "/", "1", "0.5", "1e308", ",", "<", "≥", "where", "'", '"', "#0#", "#9#", "计数（buildings）", "\n", "π"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=40).map(" ".join)))
def test_any_text_is_a_formula_or_refused_and_a_formula_always_comes_to_numbers_or_nothing(text):
    from models.health.definitions.figures import result

    try:
        formula = parse(text)
    except UserError:
        return
    table = {figure: np.array([0.0, 3.0, np.nan, 1e308]) for figure in formula.figures}
    for part in (formula.numerator, formula.denominator):
        if part is not None:
            assert not np.isinf(result(part, table)).any()
    assert pd.notna(formula.factor)
