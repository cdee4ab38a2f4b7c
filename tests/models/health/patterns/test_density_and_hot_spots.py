"""Density and hot spots of problems against plain NumPy and SciPy: planted clusters are found, chance is not."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy import stats

from models.health.patterns.density import density_of
from models.health.patterns.hot_spots import RATE, getis_ord, hot_spots_of
from models.health.patterns.places import ground_of
from tests.support.health_city import E0, N0, at, city, layer_of

SIDE = 3000.0


@pytest.fixture(scope="module")
def ground():
    square = at(shapely.box(0, 0, SIDE, SIDE))
    return ground_of(*city(layer_of("districts", [square], code=["A"], name=["甲"])))


def scattered(count, seed=7):
    return np.random.default_rng(seed).uniform(0, SIDE, (count, 2)) + np.array((E0, N0))


def test_density_is_the_sum_of_gaussian_kernels_over_the_share_of_each_inside(ground):
    xy = scattered(400)
    found = density_of(xy, ground, 300.0)
    cells = np.flatnonzero(found.grid.inside)[::97]
    middles = found.grid.middles(cells)
    apart = np.linalg.norm(middles[:, None, :] - xy[None, :, :], axis=2)
    kernel = np.exp(-(apart**2) / (2 * 300.0**2)).sum(axis=1) / (2 * np.pi * 300.0**2) * 1e6
    inside = np.ones(len(middles))
    for axis, corner in ((0, E0), (1, N0)):
        inside *= stats.norm.cdf(corner + SIDE, middles[:, axis], 300.0) - stats.norm.cdf(
            corner, middles[:, axis], 300.0
        )
    assert found.per_km2.ravel()[cells] == pytest.approx(kernel / inside, rel=0.02)
    assert np.isnan(found.at(np.array([[E0 - 900.0, N0]]))).all()


def test_few_problems_have_no_density(ground):
    assert density_of(scattered(5), ground).refusal == "few_problems"
    assert density_of(np.zeros((0, 2)), ground).refusal == "few_problems"


def test_scores_are_those_of_the_formula_also_beside_holes():
    dice = np.random.default_rng(3)
    tested = dice.random((9, 7)) < 0.8
    values = dice.poisson(4, int(tested.sum())).astype(float)
    z = getis_ord(values, tested)
    places = np.argwhere(tested)
    n, mean, s = len(values), values.mean(), values.std()
    for k, place in enumerate(places):
        near = np.abs(places - place).max(axis=1) <= 1
        w = near.sum()
        expected = (values[near].sum() - mean * w) / (s * np.sqrt((n * w - w**2) / (n - 1)))
        assert z[k] == pytest.approx(expected, rel=1e-9)


def test_a_planted_cluster_is_hot_and_nothing_else(ground):
    cluster = np.random.default_rng(1).normal((E0 + 900, N0 + 2100), 120, (150, 2))
    found = hot_spots_of(np.vstack([scattered(300), cluster]), np.zeros((0, 2)), ground)
    hot = found.grid.middles(found.cells[found.kind == 1])
    assert len(hot) >= 5
    assert np.linalg.norm(hot - (E0 + 900, N0 + 2100), axis=1).max() < 600


def test_chance_is_not_hot(ground):
    spots = [np.count_nonzero(hot_spots_of(scattered(1200, seed), np.zeros((0, 2)), ground).kind) for seed in range(10)]
    assert np.count_nonzero(spots) <= 2


def test_where_more_was_looked_at_more_is_found_and_the_rate_is_not_hot(ground):
    many = np.random.default_rng(5).normal((E0 + 1500, N0 + 1500), 250, (3000, 2))
    looked = np.vstack([scattered(6000), many])
    problems = looked[np.random.default_rng(6).random(len(looked)) < 0.3]
    assert np.count_nonzero(hot_spots_of(problems, looked, ground).kind == 1) > 5
    assert np.count_nonzero(hot_spots_of(problems, looked, ground, RATE).kind == 1) <= 1


def test_few_cells_and_equal_cells_are_refused(ground):
    few = hot_spots_of(scattered(300), np.zeros((0, 2)), ground, cell_m=900.0)
    assert (few.refusal, few.kind.any()) == ("few_cells", False)
    assert hot_spots_of(np.zeros((0, 2)), np.zeros((0, 2)), ground).refusal == "no_variance"


def test_a_large_city_gets_larger_cells():
    wide = at(shapely.box(0, 0, 400_000, 1000))
    ground = ground_of(*city(layer_of("communities", gpd.GeoSeries([wide]), code=["A"], name=["甲"])))
    assert max(density_of(scattered(50), ground).grid.shape) <= 512
    assert max(hot_spots_of(scattered(50), np.zeros((0, 2)), ground).grid.shape) <= 250
