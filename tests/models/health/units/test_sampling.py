"""Samples of units: intervals against scipy's own and against counting all samples there can be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from models.core.errors import UserError
from models.health.results import UnitValue
from models.health.state import HealthState
from models.health.units.sampling import estimate, estimate_of, sample_of
from models.health.units.unit_sets import SampledUnit


def test_of_a_very_large_unit_wilsons_interval_is_that_of_scipy():
    found = estimate(12, 100, 10**9)
    wanted = stats.binomtest(12, 100).proportion_ci(method="wilson")
    assert (found.share_low, found.share_high) == pytest.approx((wanted.low, wanted.high), rel=1e-5)


def test_of_a_very_large_unit_the_exact_interval_is_that_of_clopper_and_pearson():
    found = estimate(12, 100, 10**7, "exact")
    wanted = stats.binomtest(12, 100).proportion_ci(method="exact")
    assert (found.share_low, found.share_high) == pytest.approx((wanted.low, wanted.high), rel=1e-3)


def test_a_whole_unit_is_no_sample_and_a_large_sample_leaves_little_to_guess():
    whole = estimate(7, 50, 50)
    assert whole.method == "census"
    assert (whole.count_low, whole.count, whole.count_high) == pytest.approx((7, 7, 7))
    most, few = estimate(7, 49, 50), estimate(7, 49, 5000)
    assert most.share_high - most.share_low < (few.share_high - few.share_low) / 3


@given(some.integers(2, 60), some.data())
def test_the_exact_interval_holds_the_truth_in_nineteen_samples_of_twenty(total, data):
    drawn = data.draw(some.integers(1, total - 1))
    truth = data.draw(some.integers(0, total))
    likely = 0.0
    for found in range(max(0, drawn - (total - truth)), min(drawn, truth) + 1):
        one = estimate(found, drawn, total, "exact")
        if one.count_low - 1e-9 <= truth <= one.count_high + 1e-9:
            likely += stats.hypergeom.pmf(found, total, truth, drawn)
    assert likely >= 0.95 - 1e-9


def test_a_count_is_expanded_and_never_less_than_what_was_seen():
    found = estimate(3, 10, 40)
    assert found.count == pytest.approx(12.0)
    assert found.count_low >= 3
    assert found.count_high <= 33


@pytest.mark.parametrize("numbers", [(0, 0, 10), (1, 11, 10), (5, 4, 10), (-1, 4, 10)])
def test_numbers_that_cannot_be_are_refused(numbers):
    with pytest.raises(UserError, match=r"units\.bad_sample"):
        estimate(*numbers)


def test_only_what_a_person_said_was_drawn_is_an_estimate():
    value = UnitValue("communities", 1, "A", "甲", "", 4.0, 4.0, 20.0, None, "ok")
    health = HealthState(sampled=(SampledUnit("community", "A", "", 20, 80),))
    sampled = sample_of(health, "community", "A", "HC25-01")
    assert estimate_of(value, sampled).count == pytest.approx(16.0)
    assert sample_of(health, "community", "B") is None
