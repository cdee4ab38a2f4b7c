"""Facilities that a sub-district lacks or that fail in it, and area by head. Worked out by hand."""

from __future__ import annotations

import pytest
from shapely import Point, box

from models.health.compute import compute
from tests.support.health_city import at, city, layer_of


def blocks(*people):
    shapes = [at(box(3000 * k, 0, 3000 * k + 2000, 2000)) for k in range(len(people))]
    return layer_of("districts", shapes, code=list("ABC"[: len(people)]), population=list(people))


def facilities(kind, *rows):
    """Return facilities, each ``(east, fields)``: a point."""
    names = ("site_area_m2", "floor_area_m2", "open_hours", "open_to_public", "effective_area_m2")
    told = {name: [row[1].get(name) for row in rows] for name in names}
    return layer_of("amenities", [at(Point(row[0], 1000)) for row in rows], kind=[kind] * len(rows), **told)


FINE = {"site_area_m2": 3200.0, "open_hours": 12.0, "open_to_public": "yes"}


def test_grounds_fail_by_size_opening_and_hours_and_a_block_without_any_lacks_one():
    rows = [(100, FINE), (300, FINE | {"site_area_m2": 3000.0}), (500, FINE | {"open_to_public": "no"}),
            (700, FINE | {"open_hours": 8.0}), (900, FINE | {"open_hours": None})]  # fmt: skip
    result = compute("HC25-23", *city(blocks(40_000, 40_000), facilities("sport_ground", *rows)))
    assert [(unit.value, unit.denominator) for unit in result.units] == [(3.0, 4.0), (1.0, 1.0)]
    assert sorted(problem.reason for problem in result.problems) == [
        "sport_ground_closed", "sport_ground_hours", "sport_ground_missing", "sport_ground_small",
    ]  # fmt: skip
    assert result.units[0].coverage == pytest.approx(4 / 5)
    assert sum(problem.loss for problem in result.problems) == result.city.value == 4.0
    assert result.estates == ()


@pytest.mark.parametrize(("people", "wanted_m2"), [(20_000, 3150.0), (75_000, 4385.0), (100_000, 5620.0)])
def test_a_ground_is_as_large_as_the_people_of_its_block_want_it(people, wanted_m2):
    def value(size):
        return compute(
            "HC25-23", *city(blocks(people), facilities("sport_ground", (100, FINE | {"site_area_m2": size})))
        ).city.value

    assert (value(wanted_m2), value(wanted_m2 - 1)) == (0.0, 1.0)


def test_many_people_need_several_and_one_beyond_the_border_counts():
    near = facilities("cultural_centre", (2900, {"floor_area_m2": 9000.0}))  # in no block, 900 m from A, 100 m from B
    result = compute("HC25-24", *city(blocks(250_000, 50_000), near))
    assert [unit.value for unit in result.units] == [2.0, 0.0]
    assert [(problem.code, problem.loss) for problem in result.problems] == [("A", 2.0)]


def test_a_block_whose_people_nobody_counted_has_no_figure():
    result = compute(
        "HC25-24", *city(blocks(50_000, None), facilities("cultural_centre", (100, {"floor_area_m2": 3000.0})))
    )
    assert [(unit.value, unit.reason) for unit in result.units] == [(0.0, ""), (None, "unknown_values")]


@pytest.mark.parametrize(
    ("code", "kind", "field"), [("HC25-34", "library", "floor_area_m2"), ("HC25-54", "shelter", "effective_area_m2")]
)
def test_area_by_head_is_the_sum_of_what_stands_in_a_block(code, kind, field):
    rows = [
        (100, {field: 3000.0}),
        (300, {field: 1500.0}),
        (3100, {field: 800.0}),
        (3300, {field: None}),
        (2500, {field: 1.0}),
    ]
    result = compute(code, *city(blocks(10_000, 4000, 1000), facilities(kind, *rows)))
    assert [unit.value for unit in result.units] == pytest.approx([0.45, 0.2, 0.0])
    assert [unit.coverage for unit in result.units] == [None, pytest.approx(0.5), None]
    assert result.city.value == pytest.approx(5300 / 15_000)


def test_other_kinds_hold_no_culture():
    result = compute("HC25-34", *city(blocks(10_000), facilities("market", (100, {"floor_area_m2": 900.0}))))
    assert result.city.value == 0.0
