"""Values by estate, counts, and what is kept of how a figure came about."""

from dataclasses import replace

import numpy as np
import pytest
from shapely.geometry import box

from models.crs.frame import Frame
from models.crs.measuring import measuring_crs
from models.health import methods
from models.health.book import book_of
from models.health.compute import compute
from models.health.editions import Reading, indicator
from models.health.grading import graded
from models.health.inputs import gathered
from models.health.partition import Measured, objects
from models.health.profile import CityProfile
from models.health.results import Stamp
from models.store.rows.results import RUNS, results_of, rows_of
from tests.support.health_city import CRS, at, layer_of, park, strip_city, survey

SQUARE = box(0, 0, 1000, 1000)


def estates(**columns):
    """Return three estates: two halves of the west, and the east."""
    shapes = [at(box(0, 0, 400, 1000)), at(box(400, 0, 1000, 1000)), at(box(1000, 0, 2000, 1000))]
    return layer_of("communities", shapes, **({"code": ["A1", "A2", "B1"], "name": ["东园", "西园", "南园"]} | columns))


def test_the_same_method_gives_values_by_estate():
    result = compute("HC25-25", *strip_city(estates()))
    assert [(unit.unit_code, unit.unit_name) for unit in result.estates] == [
        ("A1", "东园"),
        ("A2", "西园"),
        ("B1", "南园"),
    ]
    # The strip runs from 100 to 1,100, the park reaches to 600.
    assert [unit.value for unit in result.estates] == pytest.approx([100.0, 100 * 200 / 600, 0.0])
    assert sum(unit.numerator for unit in result.estates) == pytest.approx(result.city.numerator)
    assert result.units == compute("HC25-25", *strip_city()).units


def test_without_a_layer_of_estates_there_are_none():
    assert compute("HC25-25", *strip_city()).estates == ()


def test_an_estate_is_surveyed_as_far_as_its_sub_district_is():
    shares = survey(("A", "parks", 0.5), ("A", "parcels", 1.0), ("B", "parks", 1.0), ("B", "parcels", 0.0))
    result = compute("HC25-25", *strip_city(estates(), shares))
    assert [(unit.coverage, unit.reason) for unit in result.estates] == [(0.5, ""), (0.5, ""), (0.0, "not_surveyed")]


def test_other_estates_make_a_result_old():
    assert compute("HC25-25", *strip_city(estates())).stamp != compute("HC25-25", *strip_city()).stamp


def counted(numerator, looked_at, every, *surveys):
    """Return the result of a count over the two districts; what fails in the first is one of its parcels."""
    definition = replace(indicator("HC25-25"), form="count", direction="down", benchmarks=())
    method = methods.method(definition.method)
    state, data = strip_city(*surveys)
    found = gathered(definition, method, state, data, CRS)
    parcels = found.partition.frames["parcels"]
    bad = objects(parcels, [0], 0, "parcel_uncovered", loss=1.0)
    measured = Measured(np.array(numerator), np.array(looked_at), seen=np.array(every), bad=bad)
    return graded(definition, book_of(state.health), method, found, measured, Stamp(), CityProfile())


def test_a_count_is_its_numerator_and_its_coverage_the_share_that_was_looked_at():
    result = counted([2.0, 0.0], [4.0, 5.0], [8.0, 5.0])
    assert [(unit.value, unit.denominator) for unit in result.units] == [(2.0, 4.0), (0.0, 5.0)]
    assert (result.units[0].coverage, result.units[0].status) == (0.5, "partial")
    assert (result.city.value, result.city.denominator) == (2.0, 9.0)
    assert result.problems[0].loss_share == pytest.approx(0.5)


def test_a_count_of_zero_is_only_stated_where_somebody_looked():
    result = counted([0.0, 0.0], [0.0, 0.0], [3.0, 0.0])
    assert [(unit.value, unit.reason) for unit in result.units] == [
        (None, "unknown_values"), (None, "nothing_to_measure"),
    ]  # fmt: skip
    surveyed = survey(*((code, theme, 1.0) for code in "AB" for theme in ("parks", "parcels")))
    told = counted([0.0, 0.0], [0.0, 0.0], [0.0, 0.0], surveyed)
    assert [(unit.value, unit.status) for unit in told.units] == [(0.0, "ok")] * 2
    assert told.city.value == 0.0


def test_a_result_says_when_by_which_program_and_with_what_it_was_worked_out():
    result = compute("HC25-25", *strip_city(estates()))
    assert result.made_at
    assert result.program
    assert result.parameters["radius"][0]["radius_m"] == 300.0
    again = results_of(rows_of([result]))[0]
    assert again == result
    assert (again.made_at, again.program, again.parameters) == (result.made_at, result.program, result.parameters)


def test_a_result_of_an_elder_file_has_no_parameters():
    tables = rows_of([compute("HC25-25", *strip_city())])
    for row in tables[RUNS]:
        del row["parameters"]
    assert results_of(tables)[0].parameters == {}


def test_a_chosen_reading_lies_over_the_parameters():
    readings = (Reading("near", "近", "near", parameters={"quad_segs": 8}),)
    read = replace(indicator("HC25-25"), readings=readings).read_as("near")
    state, data = strip_city()
    method = methods.method(read.method)
    found = gathered(read, method, state, data, CRS)
    measured = method.measure(found.partition, read)
    result = graded(read, book_of(state.health), method, found, measured, Stamp(), CityProfile())
    assert (result.reading, result.parameters["quad_segs"]) == ("near", 8)


def test_what_is_lost_at_all_objects_is_what_the_numerator_lacks_also_after_reopening():
    mostly, half = at(box(300, 400, 700, 500)), at(box(450, 0, 1450, 90))  # the park reaches to 600
    parcels = layer_of("parcels", [mostly, half], land_use=["R2"] * 2)
    state, data = strip_city()
    result = compute("HC25-25", state, data | {"parcels": parcels[1]})
    (again,) = results_of(rows_of([result]))
    assert again == result
    for one in (result, again):
        lost = sum(problem.loss for problem in one.problems) + sum(sum(good.partial.values()) for good in one.good)
        assert lost == pytest.approx(one.city.denominator - one.city.numerator)
    assert [len(good.partial) for good in result.good] == [1, 0]


def test_a_projection_that_distorts_is_not_measured_in():
    state, data = strip_city(green=park(at(box(-50, 400, 100, 500))))  # well above 1 ha in either
    mercator = Frame("EPSG:3857", None, (13_026_871, 4_392_096, 0))  # the same place, drawn a quarter too long
    assert measuring_crs(state.frame) == CRS
    assert "Equal Area" in measuring_crs(mercator)
    here, there = compute("HC25-25", state, data), compute("HC25-25", replace(state, frame=mercator), data)
    assert there.city.denominator == pytest.approx(here.city.denominator, rel=2e-4)
    assert there.city.value == pytest.approx(here.city.value, rel=1e-3)
    assert there.stamp.crs == measuring_crs(mercator)
