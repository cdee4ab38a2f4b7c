"""Standards are data: complete, consistent, each with its source."""

from __future__ import annotations

import itertools
import re

import pytest

from models.core.errors import UserError
from models.facilities.coding.editions import editions
from models.facilities.register import states
from models.health.editions import edition, indicator
from models.health.grading import verdict
from models.health.profile import CityProfile
from models.roles import ROLES
from resources.standards import standard
from resources.words import has

CODES = ("HC25-10", "HC25-11", "HC25-12", "HC25-17", "HC25-22", "HC25-23", "HC25-24", "HC25-25", "HC25-32", "HC25-33",
         "HC25-34", "HC25-35", "HC25-53", "HC25-54", "HC25-58", "HC21-49")  # fmt: skip


def test_the_2025_edition_has_its_sixty_indicators_by_dimension():
    found = [item for item in edition("2025").indicators.values() if item.edition == "2025"]
    assert [item.number for item in found] == list(range(1, 61))
    sizes = {name: sum(item.dimension == name for item in found) for name in edition("2025").dimensions}
    assert sizes == {"housing": 9, "community": 12, "block": 8, "city": 30, "rectification": 1}


def test_every_indicator_has_both_names_an_aspect_and_a_direction():
    for item in edition("2025").indicators.values():
        assert item.name
        assert item.name_en
        assert item.aspect
        assert item.aspect_en
        assert item.direction in ("up", "down", "context")
        assert not re.search(r"[一-鿿]", item.name_en + item.unit_en + item.aspect_en + item.formula_en)


def test_each_of_the_sixty_says_what_it_is_where_it_stands_and_what_is_handed_in():
    book = edition("2025")
    grades = [grade.id for grade in book.evidence_grades]
    assert grades == ["A", "B", "C", "D", "E"]
    for item in book.indicators.values():
        assert item.form in ("ratio", "count")
        assert item.extent in ("municipal", "built_up", "boundary", "block", "community", "building", "")
        assert item.kind in ("bottom_line", "improvement", "")
        assert item.source
        assert all((item.formula, item.numerator, item.denominator, item.department, item.quantity_unit))
        assert all((item.formula_en, item.numerator_en, item.denominator_en, item.department_en, item.denominator_unit))
        assert item.evidence_grade in grades
        assert len(item.evidence) == len(item.evidence_en)
        assert all(len(row.source) > 3 for row in item.benchmarks)
        if item.edition == "2025":
            assert item.evidence
            assert [row.id for row in item.check_items] == [
                f"{item.number:02d}-{i}" for i in range(1, len(item.check_items) + 1)
            ]
            assert item.check_items
        english = (item.numerator_en, item.denominator_en, item.department_en, *item.evidence_en,
                   *(row.name_en for row in (*item.check_items, *item.readings, *item.benchmarks)))  # fmt: skip
        assert not re.search(r"[一-鿿]", "".join(english))
        assert all(row.name and row.name_en for row in (*item.check_items, *item.readings, *item.benchmarks))


def test_where_the_handbook_has_two_readings_both_stand_and_the_formula_is_the_first():
    found = {item.number: [one.id for one in item.readings] for item in edition("2025").indicators.values()}
    assert found[44] == ["started", "supplied"]
    assert found[52] == ["all_old", "year_plan"]
    assert found[56] == ["works", "projects"]
    assert found[59] == ["handled", "on_time"]
    assert indicator("HC25-59").direction == "context"
    assert indicator("HC25-59").read_as("on_time").reading == "on_time"


def test_the_zhejiang_figure_of_emergency_drainage_is_in_the_indicator_s_own_unit():
    row = indicator("HC25-48")
    assert row.unit == "万立方米/小时/平方千米"
    assert row.benchmarks[0].value == pytest.approx(100 / 10_000)
    assert row.benchmarks[0].uncertain


def test_the_class_of_the_city_or_of_the_road_chooses_the_benchmark():
    def aims(number: int, reading: str = "", **profile: str) -> list[float]:
        row = indicator(f"HC25-{number}")
        return [one.value for one in row.read_as(reading).benchmarks_for(CityProfile(**profile))]

    assert aims(55, admin_class="provincial_capital") == [30]
    assert aims(55, admin_class="prefecture") == [15]
    assert aims(55, admin_class="county") == []
    assert aims(58, admin_class="municipality") == [60]
    assert [aims(43, size_class=one) for one in ("super", "mega", "large_2", "medium")] == [[30], [20], [10], []]
    assert aims(34, size_class="medium") == [0.2, 0.15]
    assert aims(42, "expressway") == [30]
    assert aims(42, "arterial") == [20]
    assert aims(42, "all") == []


def test_what_is_not_meant_for_a_city_says_so_and_what_nobody_said_stays_open():
    dual, rail = indicator("HC25-50"), indicator("HC25-43")
    assert not dual.applicable(CityProfile(size_class="large_1"))
    assert dual.applicable(CityProfile(size_class="super"))
    assert dual.undecided(CityProfile()) == ("size_class",)
    assert not rail.applicable(CityProfile(rail="no"))
    assert rail.undecided(CityProfile(rail="yes")) == ("size_class",)
    assert indicator("HC25-34").undecided(CityProfile()) == ()
    assert verdict(dual, 3.0, CityProfile(size_class="medium")) == "not_applicable"
    assert verdict(dual, 3.0, CityProfile()) == "no_profile"
    assert verdict(dual, 3.0, CityProfile(size_class="mega")) == "no_benchmark"


def test_what_is_computed_says_how_from_what_and_against_what():
    computed = [item for item in edition("2025").indicators.values() if item.computed]
    assert set(CODES) <= {item.code for item in computed}
    for item in computed:
        assert item.formula
        assert item.formula_en
        assert {needed.role for needed in item.inputs} <= set(ROLES)
        assert item.survey_themes
        for row in item.benchmarks:
            assert row.source
            assert row.op in (">=", "<=")


def test_the_benchmarks_are_those_of_the_manual():
    assert [row.value for row in indicator("HC25-25").benchmarks] == [85, 90]
    assert indicator("HC25-35").benchmarks[0].value == 8
    assert indicator("HC25-22").benchmarks[0].value == 100
    assert not indicator("HC21-49").benchmarks


def test_park_radii_leave_no_gap_between_their_classes():
    rows = indicator("HC25-25").parameters["radius"]
    for smaller, larger in itertools.pairwise(rows):
        assert smaller["max_ha"] == larger["min_ha"]
        assert smaller["radius_m"] <= larger["radius_m"]
    assert "max_ha" not in rows[-1]


def test_every_kind_that_counts_has_a_word():
    for code in CODES:
        rules = indicator(code).parameters
        for name in (*rules.get("kinds", ()), *rules.get("classes", ()), *rules.get("good_states", ())):
            assert has(f"health.kind.{name}"), name
    for state in states().values():
        if state.id not in ("intact", "unknown"):
            assert has(f"problem.cover_{state.id}")


def test_an_edition_or_indicator_that_is_not_there_says_so():
    with pytest.raises(UserError, match=r"health\.no_edition"):
        edition("1999")
    with pytest.raises(UserError, match=r"health\.no_indicator"):
        indicator("HC25-99")


def test_component_classes_are_four_digits_and_unique():
    codes = [row["code"] for row in standard("component_codes/cjt214_2007")["class"]]
    classes = editions()["cjt214_2007"].classes
    assert len(codes) == len(set(codes)) == len(classes)
    assert all(re.fullmatch(r"0[1-6]\d\d", code) for code in codes)
    assert classes["0101"].name == "上水井盖"
    assert classes["0103"].cover
    assert not classes["0104"].cover


def test_an_edition_of_the_code_says_its_fields_its_certainty_and_what_is_not_known():
    for one in editions().values():
        assert one.certainty in ("A", "B", "C", "D")
        assert all((*one.names, *one.short_names, *one.notes))
        assert one.replaced_by in ("", *editions())
        assert bool(one.classes) == bool(one.class_certainty)
    digits = {name: [part.digits for part in one.parts] for name, one in editions().items()}
    assert digits["cjt214_2007"] == digits["gbt30428_2013"] == [6, 2, 2, 6]
    assert digits["gbt47678_2026"] == [6, 2, 3, 5]
    assert [sum(digits[name]) for name in ("monitoring_2026", "unit_grid")] == [18, 15]


def test_colours_are_written_as_six_hexadecimal_digits():
    colours = [state.colour for state in states().values()] + [row.colour for row in ROLES.values()]
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in colours)


def test_pipe_colours_are_those_of_cjj_61():
    rgb = {row["code"]: tuple(row["rgb"]) for row in standard("pipes_cjj61")["kind"]}
    assert rgb["JS"] == (0, 255, 255)
    assert rgb["RQ"] == (255, 0, 255)
    assert rgb["YS"] == rgb["WS"] == rgb["PS"] == (76, 57, 38)
    assert rgb["BM"] == (102, 0, 204)
    assert {row["parent"] for row in standard("pipes_cjj61")["kind"]} <= {"", *rgb}


def test_a_word_of_the_register_means_one_state():
    words = [word.casefold() for state in states().values() for word in (state.id, *state.words)]
    assert len(words) - len(set(words)) == sum(state.id in state.words for state in states().values())
