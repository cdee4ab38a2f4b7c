"""Tests find what was planted, cry wolf no more often than they say, and refuse what is too thin."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from models.trends.finding import Finding, corrected
from models.trends.tests_of_events import ageing, by_class, hot_spots, repeats
from models.trends.tests_of_series import follows_rain, trend

DAY_US = 86_400_000_000


def _remembering(n: int, rng: np.random.Generator, phi: float = 0.6) -> np.ndarray:
    series = rng.normal(size=n)
    for i in range(1, n):
        series[i] += phi * series[i - 1]
    return series


def test_a_planted_trend_is_found_with_its_slope_and_noise_is_not():
    rng = np.random.default_rng(3)
    days = np.arange(120)
    rising = trend("A", days, days * 0.1 + rng.normal(size=120), "m")
    null = [trend(str(i), days[:31], _remembering(31, rng, 0.6)) for i in range(60)]
    found = corrected([rising, *null])
    assert found[0].subject == "A"
    assert found[0].effect == pytest.approx(36.5, rel=0.1)
    assert sum(one.holds for one in found) - 1 <= 3
    assert sum(one.p < 0.05 for one in null) <= 8
    even = rng.normal(size=120)
    assert stats.kendalltau(days, even).pvalue <= trend("A", days, even).p + 0.02


def test_q_is_that_of_benjamini_and_hochberg_over_all_tests_that_were_made():
    p = [0.001, 0.02, 0.03, 0.5]
    found = corrected(
        [*(Finding("trend", str(i), "t", 9, one) for i, one in enumerate(p)), Finding("trend", "x", "t", 1)]
    )
    by_hand = [min(p[j] * 4 / (j + 1) for j in range(i, 4)) for i in range(4)]
    assert [one.q for one in found[:4]] == pytest.approx(by_hand)
    assert found[4].subject == "x"
    assert not found[4].holds


def test_what_is_too_thin_is_refused_with_the_reason():
    assert trend("A", np.arange(10), np.arange(10.0)).refused == "few_days"
    assert trend("A", np.arange(0, 400, 10), np.arange(40.0)).refused == "gaps"
    assert trend("A", np.arange(40), np.ones(40)).refused == "constant"
    assert by_class("hour", "A", np.zeros(10, int), 24).refused == "few_events"
    assert by_class("hour", "A", np.zeros(40, int), 24).refused == "few_per_class"
    assert repeats("A", np.array(["a"] * 3), np.arange(3), 10).refused == "few_events"
    assert follows_rain("A", np.zeros(300), np.arange(300.0)).refused == "little_rain"
    assert hot_spots(["a"], np.zeros((1, 2)), np.ones(1))[0].refused == "few_units"
    assert {one.refused for one in ageing("p", np.ones(8), np.ones(8, bool), np.array(list("aabbaabb")))} == {
        "few_failures"
    }


def test_hours_that_crowd_are_found_and_even_ones_are_not():
    rng = np.random.default_rng(5)
    crowded = np.concatenate([rng.integers(0, 24, 300), np.full(60, 18)])
    found = by_class("hour", "A", crowded, 24)
    assert dict(found.facts)["most"] == 18
    counts = np.bincount(crowded, minlength=24)
    assert found.p == pytest.approx(float(stats.chi2.sf(((counts - 15) ** 2 / 15).sum(), 23)))
    null = [by_class("hour", str(i), rng.integers(0, 24, 300), 24) for i in range(200)]
    assert sum(one.holds for one in corrected(null)) <= 3


def test_facilities_that_fail_again_are_found_and_chance_is_not():
    rng = np.random.default_rng(6)
    times = np.sort(rng.integers(0, 365 * DAY_US, 60))
    null = [repeats(str(i), rng.integers(0, 2000, 60), times, 2000) for i in range(100)]
    assert sum(one.p < 0.05 for one in null) <= 12
    again = np.repeat(rng.integers(0, 2000, 30), 2)
    close = np.repeat(times[::2], 2) + np.tile([0, 5 * DAY_US], 30)
    found = repeats("A", again, close, 2000)
    assert found.p < 1e-6
    assert dict(found.facts)["again"] >= 30


def test_a_level_that_follows_the_rain_is_found_at_its_lag_and_one_that_does_not_is_not():
    rng = np.random.default_rng(7)
    rain = np.where(rng.random(744) < 0.15, rng.gamma(2, 2, 744), 0.0)
    level = np.roll(rain, 3) * 0.05 + rng.normal(0, 0.02, 744)
    level[:5] = np.nan
    found = follows_rain("A", rain, level)
    assert found.p < 1e-6
    assert dict(found.facts)["lag_h"] == 3
    null = [follows_rain(str(i), rain, _remembering(744, rng, 0.9)) for i in range(40)]
    assert sum(one.holds for one in corrected(null)) <= 2


def test_a_crowd_in_space_is_found_where_it_is():
    rng = np.random.default_rng(8)
    xy = np.stack(np.meshgrid(np.arange(12.0), np.arange(12.0)), axis=-1).reshape(-1, 2) * 100
    counts = rng.poisson(2, 144).astype(float)
    middle = np.abs(xy - 550).max(axis=1) < 200
    planted = corrected(hot_spots([str(i) for i in range(144)], xy, counts + middle * 15))
    assert {int(one.subject) for one in planted if one.holds} <= set(np.flatnonzero(np.abs(xy - 550).max(axis=1) < 400))
    assert any(one.holds for one in planted)
    assert not any(one.holds for one in corrected(hot_spots([str(i) for i in range(144)], xy, counts)))


def test_ageing_counts_what_still_stands_and_tells_a_short_lived_class():
    rng = np.random.default_rng(9)
    life = np.concatenate([rng.weibull(3, 200) * 20, rng.weibull(3, 200) * 50])
    seen = rng.uniform(5, 40, 400)
    group = np.repeat(["iron", "plastic"], 200)
    found = ageing("pipes", np.minimum(life, seen), life <= seen, group)
    assert all(one.p < 1e-6 for one in found)
    assert dict(found[0].facts)["half_failed_years"] == pytest.approx(20 * np.log(2) ** (1 / 3), rel=0.15)
