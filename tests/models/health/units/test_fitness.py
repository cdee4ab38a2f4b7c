"""Which units may be judged alone, by which indicators, and what is checked on own-built houses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from shapely import box

from models.health.editions import CheckItem
from models.health.inputs import survey_shares
from models.health.units.dwellings import is_checked, is_item_checked
from models.health.units.fitness import fitness, not_alone, unit_fitness
from models.health.units.rules import unit_rules
from models.project.selection import ObjectKey
from tests.support.health_city import at, city, layer_of


def small_city(**columns):
    shapes = [at(box(0, 0, 1000, 1000)), at(box(1000, 0, 2000, 1000))]
    return city(
        layer_of("communities", shapes, code=["A", "B"], name=["甲", "乙"], **columns),
        layer_of("districts", [at(box(0, 0, 2000, 1000))], code=["D"], population=[60_000]),
    )


def test_a_community_below_the_least_population_is_not_judged_alone_by_facilities_but_by_other_indicators():
    state, data = small_city(population=[4999, 5000])
    found = unit_fitness(state, data)
    small, right = found[ObjectKey("communities", 1)], found[ObjectKey("communities", 2)]
    assert (small.fits, right.fits) == (False, True)
    assert [small.alone(code) for code in ("HC25-10", "HC25-12", "HC25-17", "HC25-19")] == [False, False, False, True]
    assert right.alone("HC25-10") is True
    assert list(not_alone(state, data, "HC25-10")) == [ObjectKey("communities", 1)]
    assert not_alone(state, data, "HC25-19") == {}


def test_of_a_unit_of_unknown_population_nobody_says_that_it_fits():
    state, data = small_city()
    one = unit_fitness(state, data)[ObjectKey("communities", 1)]
    assert one.fits is None
    assert one.alone("HC25-10") is None
    assert one.faults == ("population_unknown",)


def test_a_block_is_measured_in_people_and_in_area():
    state, data = small_city(population=[1, 1])
    block = unit_fitness(state, data)[ObjectKey("districts", 1)]
    assert block.area_m2 == pytest.approx(2_000_000.0)
    assert block.fits
    level = unit_rules().level("block")
    assert fitness(level, 60_000.0, 1.9e6) == ("area_small",)
    assert fitness(level, 120_000.0, 6e6) == ("too_large", "area_large")


def test_an_area_above_the_preferred_one_is_said_and_forbids_nothing():
    shapes = [at(box(0, 0, 3000, 3000))]
    state, data = city(layer_of("districts", shapes, code=["D"], population=[60_000]))
    block = unit_fitness(state, data)[ObjectKey("districts", 1)]
    assert block.faults == ("area_large",)
    assert block.fits


def test_own_built_houses_are_checked_on_seven_of_nine_and_not_on_the_public_space_of_the_ninth():
    codes = [f"HC25-{number:02d}" for number in range(1, 10)]
    assert [code for code in codes if not is_checked(code, "old_house")] == ["HC25-03", "HC25-07"]
    assert all(is_checked(code, "residential") for code in codes)
    public, private = CheckItem("09-1", "公共区域安防监控缺失", ""), CheckItem("09-2", "网络设施缺失", "")
    assert not is_item_checked("HC25-09", public, "old_house")
    assert is_item_checked("HC25-09", private, "old_house")
    assert is_item_checked("HC25-09", public, "residential")


def test_a_unit_of_several_sub_districts_is_surveyed_as_far_as_they_are_together():
    units = pd.DataFrame({"code": ["X", "C", "Y"]})
    surveys = pd.DataFrame({"district_code": ["A", "B", "C"], "theme": "roads", "share": [1.0, 0.0, 0.8]})
    shares = survey_shares(units, surveys, ("roads",), {"X": ("A", "B"), "Y": ("A", "D")})
    np.testing.assert_allclose(shares, [0.5, 0.8, np.nan])  # of D nobody said anything
