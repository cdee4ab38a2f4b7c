"""Indicators against figures worked out by hand, and the promises that hold for any city."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box
from shapely.affinity import translate

from models.core.errors import UserError
from models.health import coverage
from models.health.compute import compute
from models.health.results import CITY_OID
from models.layers.layer import VectorData
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from models.store.rows.results import VALUES, rows_of
from tests.support.health_city import PARK, STRIP, at, city, districts, layer_of, park, strip_city, survey, units

E0, N0 = 502_000.0, 4_059_000.0


# --- parks ---


def test_park_coverage_is_the_share_of_residential_land_within_the_radius():
    result = compute("HC25-25", *strip_city())
    east, west = result.units
    assert east.numerator == pytest.approx(500 * 100)
    assert east.denominator == pytest.approx(900 * 100)
    assert east.value == pytest.approx(100 * 500 / 900)
    assert (west.value, west.grade, west.status) == (0.0, "not_met", "unstated")
    assert result.city.value == pytest.approx(50.0)
    assert result.city.unit_oid == CITY_OID
    assert {(used.role, used.count) for used in result.inputs} == {("parcels", 1), ("green", 1)}


@pytest.mark.parametrize(
    ("area_ha", "reach_m"), [(0.199, 0), (0.2, 300), (0.99, 300), (1.0, 500), (4.99, 500), (5.0, 800), (40.0, 800)]
)
def test_the_radius_of_a_park_follows_its_size(area_ha: float, reach_m: float):
    width = area_ha * 1e4 / 400
    green = park(at(box(100 - width, 250, 100, 650)))
    result = compute("HC25-25", *strip_city(green=green))
    assert result.city.numerator == pytest.approx(reach_m * 100)


def test_a_small_park_counts_in_a_historic_quarter_only():
    small = at(box(85, 400, 100, 500))  # 0.15 ha
    assert compute("HC25-25", *strip_city(green=park(small))).city.value == 0.0
    assert compute("HC25-25", *strip_city(green=park(small, historic=True))).city.value == pytest.approx(30.0)


@pytest.mark.parametrize(("kind", "is_open"), [("gated_green", True), ("roadside", True), ("park", False)])
def test_green_that_is_gated_closed_or_roadside_does_not_count(kind: str, is_open: bool):
    assert compute("HC25-25", *strip_city(green=park(PARK, kind, is_open))).city.value == 0.0


def test_a_park_beyond_the_border_serves_this_side_too():
    green = park(at(box(1100, 400, 1200, 500)))  # in B
    assert units(compute("HC25-25", *strip_city(green=green)))["A"] == pytest.approx(100 * 400 / 900)


def test_two_parks_that_overlap_in_reach_count_once():
    green = layer_of("green", [PARK, at(box(0, 380, 100, 480))], kind=["park", "park"], open_to_public=[True, True])
    assert compute("HC25-25", *strip_city(green=green)).city.value == pytest.approx(50.0)


def test_a_parcel_is_listed_when_half_of_it_is_out_of_reach():
    result = compute("HC25-25", *strip_city())
    (problem,) = result.problems
    assert problem.key == ObjectKey("parcels", 1)
    assert (problem.reason, problem.code, problem.title("zh")) == ("parcel_uncovered", "P1", "长街")
    assert problem.value == pytest.approx(0.5)
    assert problem.unit_oid == 1  # most of it lies in A
    (uncovered,) = [mark for mark in result.marks if mark.kind == "uncovered"]
    assert uncovered.geometry.area == pytest.approx(50_000)


def test_land_of_other_use_is_not_residential():
    parcels = layer_of("parcels", [STRIP, at(box(0, 0, 100, 100))], land_use=["B1", "R2"])
    result = compute("HC25-25", *city(districts(), parcels, park(PARK)))
    assert result.city.denominator == pytest.approx(10_000)


def test_layers_in_another_crs_are_measured_in_the_projects():
    parts = [districts(), layer_of("parcels", [STRIP], land_use=["R2"]), park(PARK)]
    moved = [(layer, VectorData(data.frame.to_crs("EPSG:4490"))) for layer, data in parts]
    result = compute("HC25-25", *city(*moved))
    assert result.city.denominator == pytest.approx(100_000, rel=1e-6)
    assert result.city.value == pytest.approx(50.0, abs=1e-3)


def test_a_layer_without_crs_is_refused():
    layer, data = park(PARK)
    broken = VectorData(data.frame.set_crs(None, allow_override=True))
    with pytest.raises(UserError, match=r"crs\.missing"):
        compute("HC25-25", *strip_city(green=(layer, broken)))


def test_broken_empty_and_missing_shapes_do_not_stop_the_count():
    bow_tie = at(shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]))
    parcels = layer_of("parcels", [bow_tie, None, shapely.Polygon(), at(Point(5, 5))], land_use=["R1"] * 4)
    result = compute("HC25-25", *city(districts(), parcels, park(PARK)))
    assert result.city.denominator == pytest.approx(5_000)


# --- schools ---


def test_school_coverage_counts_middle_and_nine_year_schools_from_their_site():
    shapes = [PARK, at(box(1900, 400, 2000, 500))]
    parcels = layer_of("parcels", [at(box(100, 400, 2000, 500))], land_use=["R2"])
    for kind, expected in (("middle_school", 1000), ("nine_year_school", 1000), ("primary_school", 0)):
        schools = layer_of("amenities", shapes[:1], kind=[kind])
        result = compute("HC25-22", *city(districts(), parcels, schools))
        assert result.city.numerator == pytest.approx(expected * 100)
    both = layer_of("amenities", shapes, kind=["middle_school", "nine_year_school"])
    assert compute("HC25-22", *city(districts(), parcels, both)).city.grade == "met"


# --- roads ---


def roads(*lines, classes=None):
    return layer_of("roads", [at(line) for line in lines], **{"class": classes or ["branch"] * len(lines)})


def test_road_density_is_length_over_area_without_estate_lanes():
    lines = (LineString([(0, 500), (1000, 500)]), LineString([(500, 0), (500, 600)]))
    result = compute("HC25-35", *city(districts(), roads(*lines, classes=["arterial", "lane"])))
    assert units(result) == {"A": pytest.approx(1.0), "B": pytest.approx(0.0)}
    assert result.city.value == pytest.approx(0.5)
    assert [problem.key for problem in result.problems] == [ObjectKey("districts", 2), ObjectKey("districts", 1)]


def test_a_road_is_cut_at_the_border_and_measured_in_plan():
    line = LineString([(400, 500, 0), (1300, 500, 900)])
    assert units(compute("HC25-35", *city(districts(), roads(line)))) == {
        "A": pytest.approx(0.6), "B": pytest.approx(0.3),
    }  # fmt: skip


def test_a_road_on_the_border_counts_half_for_each_side():
    line = LineString([(1000, 0), (1000, 800), (1200, 800)])
    result = compute("HC25-35", *city(districts(), roads(line)))
    assert units(result) == {"A": pytest.approx(0.4), "B": pytest.approx(0.6)}
    assert result.city.numerator == pytest.approx(1.0)


# --- covers ---


def test_intact_covers_are_counted_among_those_whose_state_is_known():
    codes = ["0101", "0103", "0103", "0102", "0104", "0118", "0101"]
    parts = layer_of(
        "facilities",
        [at(Point(x, 500)) for x in (10, 20, 30, 40, 50, 60, 1500)],
        ObjID=[f"370102{code}{number:06d}" for number, code in enumerate(codes)],
        ObjState=["完好", "破损", "丢失", None, "破损", "破损", "完好"],
        district_code=["B"] * 7,  # a stale attribute
    )
    result = compute("HC21-49", *city(districts(), parts))
    east, west = result.units
    assert (east.numerator, east.denominator) == (1, 3)
    assert east.value == pytest.approx(100 / 3)
    assert east.coverage == pytest.approx(3 / 4)
    assert east.status == "partial"
    assert west.value == 100.0
    assert [problem.reason for problem in result.problems] == ["cover_missing", "cover_damaged"]
    assert east.grade == "no_benchmark"


def test_a_cover_out_of_use_is_on_neither_side_and_lowers_no_coverage():
    parts = layer_of(
        "facilities",
        [at(Point(x, 500)) for x in (10, 20, 30)],
        ObjID=[f"3701020101{number:06d}" for number in range(3)],
        ObjState=["完好", "废弃", "破损"],
    )
    result = compute("HC21-49", *city(districts(), parts))
    east = result.units[0]
    assert (east.numerator, east.denominator) == (1, 2)
    assert east.coverage is None, "no state is unknown, and nobody says that the register is whole"
    assert [problem.reason for problem in result.problems] == ["cover_damaged"]


# --- no data ---


def test_what_nobody_surveyed_has_no_data_and_no_problems():
    result = compute("HC25-25", *strip_city(survey(("A", "parks", 0.0))))
    east, west = result.units
    assert (east.value, east.numerator, east.coverage, east.status) == (None, None, 0.0, "no_data")
    assert east.reason == "not_surveyed"
    assert west.value == 0.0
    assert result.city.value == 0.0
    assert result.city.coverage == pytest.approx(0.5)
    assert result.city.status == "partial"
    assert result.problems == ()
    assert not [mark for mark in result.marks if mark.kind == "uncovered"]


def test_a_survey_of_another_theme_changes_nothing():
    assert compute("HC25-25", *strip_city(survey(("A", "roads", 0.0)))).units[0].value is not None


def test_half_a_survey_gives_a_value_that_is_called_partial():
    unit = compute("HC25-25", *strip_city(survey(("A", "parks", 0.5), ("A", "parcels", 0.8)))).units[0]
    assert (unit.status, unit.coverage) == ("partial", 0.5)
    assert unit.value == pytest.approx(100 * 500 / 900)


def test_a_missing_layer_is_no_data_everywhere_not_zero():
    parcels = layer_of("parcels", [STRIP], land_use=["R2"])
    result = compute("HC25-25", *city(districts(), parcels))
    assert {unit.value for unit in (*result.units, result.city)} == {None}
    assert {unit.reason for unit in (*result.units, result.city)} == {"no_layer:green"}


def test_a_district_without_homes_has_no_data():
    parcels = layer_of("parcels", [at(box(0, 0, 100, 100))], land_use=["R2"])
    west = compute("HC25-25", *city(districts(), parcels, park(PARK))).units[1]
    assert (west.value, west.reason) == (None, "nothing_to_measure")


def test_a_layer_whose_source_is_missing_counts_as_missing():
    state, data = strip_city()
    del data["green"]
    assert compute("HC25-25", state, data).city.reason == "no_layer:green"


def test_without_districts_or_a_frame_nothing_is_measured():
    state, data = strip_city()
    with pytest.raises(UserError, match=r"health\.no_districts"):
        compute("HC25-25", state.without_layer("districts"), data)
    with pytest.raises(UserError, match=r"health\.no_frame"):
        compute("HC25-25", ProjectState(layers=state.layers), data)
    with pytest.raises(UserError, match=r"health\.not_computed"):
        compute("HC25-30", state, data)


def test_what_is_kept_says_no_data_too():
    rows = rows_of([compute("HC25-25", *strip_city(survey(("A", "parks", 0.0))))])[VALUES]
    by_radius = [row for row in rows if not row["level"]]  # what counts, not the figure on foot beside it
    assert [(row["unit_oid"], row["value"]) for row in by_radius] == [(1, None), (2, 0.0), (CITY_OID, 0.0)]
    assert {row["edition"] for row in rows} == {"2025"}


def test_every_rule_that_went_in_is_told_with_its_source():
    result = compute("HC25-25", *strip_city())
    radii = [rule for rule in result.thresholds if rule.code.startswith("radius")]
    assert all(rule.source for rule in radii)
    assert [rule.facts["value"] for rule in result.thresholds if rule.code == "benchmark"] == [85, 90]


# --- promises for any city ---

squares = st.builds(
    lambda x, y, w, h: at(box(x, y, x + w, y + h)),
    st.floats(-300, 2000), st.floats(-300, 1000), st.floats(20, 400), st.floats(20, 400),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(parcels=st.lists(squares, min_size=1, max_size=5), parks=st.lists(squares, max_size=4))
def test_coverage_lies_between_nothing_and_everything(parcels, parks):
    result = compute(
        "HC25-25",
        *city(
            districts(),
            layer_of("parcels", parcels, land_use=["R2"] * len(parcels)),
            layer_of("green", parks, kind=["park"] * len(parks), open_to_public=[True] * len(parks)),
            survey(*((unit, theme, 1.0) for unit in "AB" for theme in ("parcels", "parks"))),
        ),
    )
    for unit in (*result.units, result.city):
        assert unit.value is None or 0 <= unit.value <= 100 + 1e-9
        assert 0 <= unit.coverage <= 1
        assert (unit.value is None) == (unit.denominator is None) == (unit.status == "no_data")
    assert all(0.5 <= (problem.value or 0) <= 1 for problem in result.problems)


@settings(max_examples=40, deadline=None)
@given(shapes=st.lists(squares, min_size=1, max_size=4), another=squares)
def test_another_park_never_takes_coverage_away(shapes, another):
    def covered(parks):
        green = layer_of("green", parks, kind=["park"] * len(parks), open_to_public=[True] * len(parks))
        return compute("HC25-25", *strip_city(green=green)).city.numerator

    assert covered([*shapes, another]) >= covered(shapes) - 1e-6


@settings(max_examples=40, deadline=None)
@given(first=st.floats(0, 3000), step=st.floats(0, 3000))
def test_moving_a_park_away_never_adds_coverage(first, step):
    def covered(distance):
        return compute("HC25-25", *strip_city(green=park(translate(PARK, -distance, 0)))).city.numerator

    assert covered(first + step) <= covered(first) + 1e-6


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 40), st.integers(0, 20)), min_size=2, max_size=5, unique=True).map(
            lambda points: LineString([(50 * x, 50 * y) for x, y in points])
        ),
        max_size=6,
    )
)
def test_lengths_of_districts_add_up_to_the_length_inside_them(lines):
    shapes = np.array([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], dtype=object)
    values = np.array(lines, dtype=object)
    found = coverage.lengths_by_district(values, shapes)
    assert found.sum() == pytest.approx(sum(shapely.union_all([line]).length for line in lines), abs=1e-6)


def test_a_service_area_of_nothing_is_nothing():
    assert coverage.service_area([], np.array([])).is_empty
    assert coverage.service_area([None, Point()], np.array([100.0, 100.0])).is_empty


# --- the sample city ---


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "planted"),
    [("HC25-25", "park_uncovered"), ("HC25-22", "school_uncovered"), ("HC25-35", "roads_sparse")],
)
def test_the_problems_of_the_sample_city_are_those_that_were_planted(sample_city: Path, code: str, planted: str):
    from models.store.project_file import open_project

    state, data = open_project(sample_city)
    truth = json.loads((sample_city.parent / "sample_files" / "truth.json").read_text(encoding="utf-8"))
    expected = [item["codes"] for item in truth["planted"] if item["id"] == planted]
    found = {problem.code for problem in compute(code, state, data).problems}
    assert found == set(*expected)
