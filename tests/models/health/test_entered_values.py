"""Entered values: sums, what counts, and the workbook out and back."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.core.errors import UserError
from models.health.book import book_of
from models.health.entered.changes import changes_of
from models.health.entered.reading import read_values
from models.health.entered.results import entered_results
from models.health.entered.units import units_of
from models.health.entered.values import EnteredValue, EvidenceFile, with_values
from models.health.profile import CityProfile
from tests.support.health_city import at, city, districts, layer_of
from viewers.documents.value_book import write_value_book

COUNT, RATIO = "HC25-05", "HC25-25"


def town(*values, profile=CityProfile("prefecture", "large_2")):  # noqa: B008 - frozen
    from shapely import box

    shapes = [at(box(0, 0, 500, 1000)), at(box(500, 0, 1000, 1000)), at(box(1000, 0, 2000, 1000))]
    estates = layer_of(
        "communities", shapes, code=["A1", "A2", "B1"], name=["一", "二", "三"], name_en=["One", "Two", "Three"],
        district_code=["A", "A", "B"],
    )  # fmt: skip
    state, data = city(districts(), estates)
    return replace(state, profile=profile, health=replace(state.health, entered=tuple(values))), data


def ratio(level, unit, numerator, denominator, **more):
    return EnteredValue(RATIO, level, unit, None, numerator, denominator, **more)


def result(state, data, code=RATIO):
    return entered_results(state, data)[code]


def by_code(units):
    return {unit.unit_code: unit.value for unit in units}


def test_the_city_is_the_ratio_of_sums_and_no_mean_of_percentages():
    made = result(*town(ratio("district", "A", 10, 100), ratio("district", "B", 900, 1000)))
    assert by_code(made.units) == {"A": 10.0, "B": 90.0}
    assert made.city.value == pytest.approx(100 * 910 / 1100)
    assert (made.city.numerator, made.city.denominator) == (910, 1100)
    assert made.city.coverage == 1.0


def test_percentages_alone_are_shown_and_not_added_up():
    made = result(*town(EnteredValue(RATIO, "district", "A", 40.0), EnteredValue(RATIO, "district", "B", 60.0)))
    assert by_code(made.units) == {"A": 40.0, "B": 60.0}
    assert (made.city.value, made.city.reason) == (None, "only_ratios")


def test_a_value_that_the_city_states_itself_wins_over_the_sum():
    made = result(*town(ratio("district", "A", 10, 100), EnteredValue(RATIO, "city", "", 77.0)))
    assert made.city.value == 77.0
    assert made.city.status == "unstated"


def test_sub_districts_are_summed_from_communities_and_say_how_many_answered():
    made = result(*town(ratio("community", "A1", 1, 4), ratio("community", "B1", 3, 4)))
    assert by_code(made.units) == {"A": 25.0, "B": 75.0}
    assert by_code(made.estates) == {"A1": 25.0, "A2": None, "B1": 75.0}
    assert {unit.unit_code: unit.coverage for unit in made.units} == {"A": 0.5, "B": 1.0}
    assert made.city.value == 50.0
    assert (made.city.coverage, made.city.status) == (0.75, "partial")


def test_counts_add_up_and_a_unit_that_said_nothing_is_no_zero():
    made = result(
        *town(EnteredValue(COUNT, "community", "A1", 3.0), EnteredValue(COUNT, "community", "A2", 4.0)), COUNT
    )
    assert by_code(made.units) == {"A": 7.0, "B": None}
    assert made.city.value == 7.0
    assert made.city.status == "partial"
    assert made.units[1].reason == "not_entered"


def test_units_below_the_benchmark_are_problems_and_guesses_of_grade_e_are_none():
    below = (ratio("district", "A", 10, 100), ratio("district", "B", 20, 100))
    state, data = town(*below)
    definition = book_of(state.health).indicators[RATIO]
    if not definition.benchmarks_for(state.profile):
        pytest.skip("the edition has no benchmark here")
    made = result(state, data)
    assert [problem.code for problem in made.problems] == ["A", "B"], "the one that lacks most stands first"
    assert sum(problem.loss_share for problem in made.problems) == pytest.approx(1)
    guessed = result(*town(*(replace(one, grade="E") for one in below)))
    assert guessed.problems == ()
    assert guessed.units[0].grade == "not_met"


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=3, max_size=3))
def test_however_communities_are_cut_the_city_is_the_same(parts):
    codes = ("A1", "A2", "B1")
    pairs = zip(codes, parts, strict=True)
    made = result(*town(*(ratio("community", code, *part) for code, part in pairs)))
    assert made.city.value == pytest.approx(100 * sum(n for n, _ in parts) / sum(d for _, d in parts))


# --- the workbook -------------------------------------------------------------------------------------------------


def full_town():
    return town(
        EnteredValue(COUNT, "community", "A1", 3.0, as_of="2026-05-01", source="房管台账", grade="B", who="甲", at="x"),
        EnteredValue(COUNT, "community", "B1", 0.0, source="另一本台账", grade="C", note="=1+1"),
        ratio("district", "A", 1 / 3, 0.7, evidence=(EvidenceFile("证据/a.pdf"),), department="园林局"),
        EnteredValue(RATIO, "city", "", 61.25, evidence=(EvidenceFile("证据/a.pdf"),), department="园林局"),
    )


def written(tmp_path, state, data, lang="zh", codes=(COUNT, RATIO)):
    book = book_of(state.health)
    units = {"city": (), **{level: units_of(state, data, level) for level in ("district", "community")}}
    path = tmp_path / "values.xlsx"
    write_value_book(path, book, [book.indicators[code] for code in codes], units, state.health.entered, "小城", lang)
    return path


def read(path, state, data, folder=None):
    units = {level: {one.code: one.name for one in units_of(state, data, level)} for level in ("district", "community")}
    return read_values(path, book_of(state.health), units, folder)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_workbook_that_nobody_touched_changes_nothing(tmp_path, lang):
    state, data = full_town()
    path = written(tmp_path, state, data, lang)
    found = read(path, state, data)
    changes = changes_of(state.health.entered, found.values)
    assert len(changes.same) == 4
    assert changes.taken == ()
    assert {fault.code for fault in found.faults} <= {"no_file"}


def edit(path, sheet, **cells):
    workbook = openpyxl.load_workbook(path)
    for place, value in cells.items():
        workbook[sheet][place] = value
    workbook.save(path)
    return path


def test_what_somebody_filled_in_comes_back_with_where_it_is_from(tmp_path):
    state, data = full_town()
    (tmp_path / "证据").mkdir()
    (tmp_path / "证据" / "a.pdf").write_bytes(b"proof")
    path = edit(written(tmp_path, state, data), "街道", C8=12)
    found = read(path, state, data, tmp_path)
    changes = changes_of(state.health.entered, found.values)
    assert [(one.indicator, one.unit, one.value) for one in changes.new] == [(COUNT, "B", 12.0)]
    proof = next(one for one in found.values if one.indicator == RATIO).evidence[0]
    assert (proof.path, len(proof.sha256)) == ("证据/a.pdf", 64)


def test_a_second_of_the_same_is_one_step_and_a_blank_takes_a_value_away():
    held = (EnteredValue(COUNT, "city", "", 3.0, who="甲"),)
    assert with_values(held, [EnteredValue(COUNT, "city", "", 3.0, who="乙")]) == held
    assert with_values(held, [EnteredValue(COUNT, "city", "")]) == ()


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        ("C7", "很多", "no_number"), ("C7", "3 万套", "wrong_unit"), ("C7", -1, "negative"), ("C7", "=1+1", "formula"),
        ("C7", True, "no_number"), ("A7", "Z9", "unknown_unit"), ("A8", "A", "twice"), ("A7", None, "no_unit"),
        ("C6", "平方米", "wrong_unit"), ("C3", "HC25-99", "unknown_indicator"), ("C3", "HC25-05/N", "unknown_part"),
        ("D3", "HC25-05", "column_twice"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_named_with_its_cell_and_the_rest_is_taken(tmp_path, place, value, fault):
    state, data = town()
    path = edit(written(tmp_path, state, data), "街道", C7=5, C8=6)
    path = edit(path, "街道", **{place: value})
    found = read(path, state, data)
    assert fault in [one.code for one in found.faults]
    told = next(one for one in found.faults if one.code == fault)
    assert (told.sheet, told.place) == ("街道", place)
    if place[1:] in ("7", "8"):
        assert len(found.values) == 1, "the other row is taken"


def test_merged_cells_are_refused_and_named(tmp_path):
    state, data = town()
    path = edit(written(tmp_path, state, data), "街道", C7=5)
    workbook = openpyxl.load_workbook(path)
    workbook["街道"].merge_cells("C7:C8")
    workbook.save(path)
    found = read(path, state, data)
    assert [(one.code, one.place) for one in found.faults] == [("merged", "C7:C8")]
    assert found.values == ()


def test_percentages_are_understood_as_excel_shows_them_and_contradictions_are_named(tmp_path):
    state, data = town()
    path = edit(written(tmp_path, state, data), "街道", F7=0.85, F8="61.5％")
    workbook = openpyxl.load_workbook(path)
    workbook["街道"]["F7"].number_format = "0%"
    workbook.save(path)
    assert {one.unit: one.value for one in read(path, state, data).values} == {"A": pytest.approx(85), "B": 61.5}
    path = edit(path, "街道", D7=1, E7=2)
    found = read(path, state, data)
    assert [one.code for one in found.faults] == ["contradiction"]
    assert [one.unit for one in found.values] == ["B"]


def test_foreign_broken_and_other_workbooks_are_refused_as_a_whole(tmp_path):
    state, data = town()
    foreign = tmp_path / "foreign.xlsx"
    openpyxl.Workbook().save(foreign)
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 no workbook")
    torn = written(tmp_path, state, data)
    torn.write_bytes(torn.read_bytes()[:-800])
    text = tmp_path / "text.csv"
    text.write_text("a,b")
    for path in (foreign, broken, torn, text):
        with pytest.raises(UserError):
            read(path, state, data)
    path = edit(written(tmp_path, state, data), "chengjing", B2="2099")
    with pytest.raises(UserError, match="values_edition"):
        read(path, state, data)
    path = edit(written(tmp_path, state, data), "街道", XFD1048576=1)
    with pytest.raises(UserError, match="values_huge"):
        read(path, state, data)
