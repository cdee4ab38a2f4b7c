"""Proposals: small neighbours joined, large units divided along roads, scattered houses put together by block."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as some
from shapely import LineString, box

from models.core.errors import UserError
from models.health.units.editing import shapes_of
from models.health.units.proposing import ProposeOptions, faults_of, propose
from models.project.project import ProjectState
from tests.support.health_city import at, city, layer_of


def communities(people, districts=None, shapes=None, **more):
    """Return communities of 1 km² in a row, west to east."""
    shapes = shapes or [at(box(1000 * k, 0, 1000 * k + 1000, 1000)) for k in range(len(people))]
    codes = [chr(ord("A") + k) for k in range(len(people))]
    return layer_of(
        "communities", shapes, code=codes, name=[f"{code}社区" for code in codes], population=people,
        district_code=districts or ["1"] * len(people), **more,
    )  # fmt: skip


def members(units):
    return [unit.members for unit in units.units]


def test_small_neighbours_of_one_sub_district_are_joined_and_their_people_added():
    units = propose("community", *city(communities([3000, 2500, 6000])))
    assert members(units) == [("A", "B"), ("C",)]
    joined, kept = units.units
    assert (joined.population, joined.population_from, joined.reason) == (5500.0, "stated", "merged")
    assert (kept.code, kept.reason, kept.advice) == ("C", "kept", "")
    assert joined.area_m2 == pytest.approx(2e6)


def test_the_border_of_a_sub_district_is_crossed_only_where_a_person_allows_it():
    given = city(communities([3000, 2500, 5000], ["1", "2", "2"]))
    alone = propose("community", *given)
    assert members(alone) == [("A",), ("B", "C")]
    assert alone.units[0].advice == "other_district"
    given = city(communities([3000, 2500, 11000], ["1", "2", "2"]))
    crossing = propose("community", *given, ProposeOptions(may_cross=True))
    assert members(crossing) == [("A", "B"), ("C",)]
    assert crossing.units[0].districts == ("1", "2")


def test_nothing_is_joined_beyond_the_largest_size_and_the_unit_says_why_it_does_not_fit():
    units = propose("community", *city(communities([2000, 11000])))
    assert members(units) == [("A",), ("B",)]
    assert units.units[0].advice == "no_partner"
    assert faults_of(units.units[0], "community") == ("too_small",)


def test_a_neighbour_beyond_a_main_road_comes_after_one_at_hand():
    road = layer_of("roads", [at(LineString([(1000, -50), (1000, 1050)]))], **{"class": ["arterial"]})
    units = propose("community", *city(communities([3000, 2500, 2600]), road))
    assert members(units) == [("A",), ("B", "C")] or members(units) == [("A", "B", "C")]
    assert ("A", "B") not in members(units)


def test_a_unit_of_unknown_people_is_left_alone_and_never_counted_as_empty():
    units = propose("community", *city(communities([np.nan, 2500, 3000])))
    assert members(units) == [("A",), ("B", "C")]
    assert units.units[0].population is None
    assert faults_of(units.units[0], "community") == ("population_unknown",)


def test_a_large_unit_is_divided_along_the_main_road_by_the_floor_area_of_dwellings():
    road = layer_of("roads", [at(LineString([(400, -50), (400, 1050)]))], **{"class": ["arterial"]})
    houses = layer_of(
        "buildings", [at(box(100, 100, 200, 200)), at(box(600, 100, 700, 200))],
        use=["residential"] * 2, storeys=[2, 3], code=["b1", "b2"],
    )  # fmt: skip
    units = propose("community", *city(communities([15_000]), road, houses))
    assert [(unit.reason, unit.population_from) for unit in units.units] == [("split", "floor_area")] * 2
    assert [unit.population for unit in units.units] == pytest.approx([6000.0, 9000.0])
    assert [unit.area_m2 for unit in units.units] == pytest.approx([400_000.0, 600_000.0])


def test_without_dwellings_land_tells_where_people_live_and_without_land_plain_area_does_and_each_says_so():
    road = layer_of("roads", [at(LineString([(400, -50), (400, 1050)]))], **{"class": ["arterial"]})
    land = layer_of("parcels", [at(box(0, 0, 200, 100)), at(box(500, 0, 700, 100))], land_use=["R2", "R2"])
    by_land = propose("community", *city(communities([16_000]), road, land))
    assert {unit.population_from for unit in by_land.units} == {"parcel_area"}
    assert [unit.population for unit in by_land.units] == pytest.approx([8000.0, 8000.0])
    plain = propose("community", *city(communities([16_000]), road))
    assert {unit.population_from for unit in plain.units} == {"area"}


def test_a_large_unit_without_a_line_stays_whole_and_says_so():
    units = propose("community", *city(communities([15_000])))
    assert [(unit.advice, unit.reason) for unit in units.units] == [("no_line", "kept")]


def test_roads_that_do_not_say_their_class_divide_nothing():
    road = layer_of("roads", [at(LineString([(400, -50), (400, 1050)]))])
    assert len(propose("community", *city(communities([15_000]), road)).units) == 1


def test_blocks_are_joined_for_people_and_for_area():
    shapes = [at(box(1500 * k, 0, 1500 * k + 1500, 1000)) for k in range(2)]  # 1.5 km² each
    given = city(layer_of("districts", shapes, code=["1", "2"], name=["甲", "乙"], population=[50_000, 40_000]))
    units = propose("block", *given)
    assert members(units) == [("1", "2")]
    assert faults_of(units.units[0], "block") == ()


def test_houses_on_no_residential_land_become_temporary_estates_by_block():
    shapes = [at(box(x, 100, x + 20, 120)) for x in (100, 140, 700, 300)]
    houses = layer_of("buildings", shapes, code=["b1", "b2", "b3", "b4"], use=["old_house"] * 3 + ["residential"],
                      storeys=[1] * 4)  # fmt: skip
    road = layer_of("roads", [at(LineString([(500, -50), (500, 1050)]))], **{"class": ["branch"]})
    land = layer_of("parcels", [at(box(290, 90, 330, 130))], land_use=["R2"])
    units = propose("estate", *city(communities([4000]), houses, road, land))
    assert members(units) == [("b1", "b2"), ("b3",)]
    assert [unit.population for unit in units.units] == pytest.approx([2000.0, 1000.0])
    assert {unit.reason for unit in units.units} == {"temporary"}


def test_what_is_not_there_is_said():
    with pytest.raises(UserError, match=r"units\.no_layer"):
        propose("community", *city(layer_of("water", [at(box(0, 0, 1, 1))])))
    with pytest.raises(UserError, match=r"units\.no_frame"):
        propose("community", ProjectState(), {})


@settings(max_examples=25)
@given(some.lists(some.integers(100, 13_000), min_size=1, max_size=9))
def test_every_member_is_in_one_unit_and_neither_people_nor_ground_is_lost(people):
    layer, table = communities(people)
    units = propose("community", *city((layer, table)))
    found = [member for unit in units.units if unit.reason != "split" for member in unit.members]
    assert sorted(found) == sorted(set(found))
    assert shapely.area(shapes_of(units)).sum() == pytest.approx(1e6 * len(people), rel=1e-9)
    assert sum(unit.population for unit in units.units) == pytest.approx(sum(people))
    assert all((unit.population or 0) <= 12_000 for unit in units.units if unit.reason == "merged")
