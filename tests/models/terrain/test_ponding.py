"""Water on the ground: volumes are kept, bowls fill to the level that geometry says, hollows spill into the next."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.terrain.ponding import Pool, ponded


def bowl(side=41, slope=0.05):
    row, col = np.mgrid[:side, :side]
    return 10.0 + slope * np.maximum(np.abs(row - side // 2), np.abs(col - side // 2))


def test_a_square_bowl_fills_to_the_level_that_its_shape_says():
    ground = bowl()
    found = ponded(ground, 4.0, [(20, 5)], [200.0])
    level = (found.depth_m + ground)[20, 20]
    # Independent: the level at which the bowl beneath it holds 200 m³, by bisection over the shape itself.
    low, high = 10.0, 11.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(middle - ground, 0).sum() * 4.0 < 200.0 else (low, middle)
    assert level == pytest.approx(low, abs=1e-9)
    assert found.left_m3 == 0.0
    assert found.depth_m.sum() * 4.0 == pytest.approx(200.0, rel=1e-9)


def test_what_a_hollow_cannot_hold_spills_into_the_next_and_then_off_the_ground():
    ground = np.full((5, 11), 20.0)
    ground[1:4, 1:4], ground[1:4, 6:9] = 10.0, 10.0
    ground[2, 4:6] = 12.0  # the rim between them
    ground[2, 9:] = 13.0  # and the way out
    first = ponded(ground, 1.0, [(2, 2)], [18.0 + 9.0])
    assert first.depth_m[2, 2] == pytest.approx(2.0)
    assert first.depth_m[2, 7] == pytest.approx(1.0)
    both = ponded(ground, 1.0, [(2, 2)], [100.0])
    assert both.depth_m[2, 2] == both.depth_m[2, 7] == pytest.approx(3.0), "joined, up to the way out"
    assert both.left_m3 == pytest.approx(100.0 - 3.0 * 18 - 2 * 1.0)


heights = st.lists(st.integers(0, 6), min_size=36, max_size=36)


@settings(max_examples=150, deadline=None)
@given(heights, st.lists(st.tuples(st.integers(0, 35), st.floats(0, 60)), min_size=1, max_size=4), st.integers(0, 40))
def test_volume_is_kept_and_no_water_stands_on_a_slope(values, places, hole):
    ground = np.array(values, dtype=float).reshape(6, 6)
    if hole < 36:
        ground.flat[hole] = np.nan
    cells = [divmod(at, 6) for at, _ in places]
    volumes = [volume for _, volume in places]
    found = ponded(ground, 2.5, cells, volumes)
    assert found.depth_m.sum() * 2.5 + found.left_m3 == pytest.approx(sum(volumes), abs=1e-4)
    surface, wet = ground + found.depth_m, found.depth_m > 1e-5
    for axis in (0, 1):  # water beside water stands equally high, unless one stands above a rim
        a, b = (surface[1:], surface[:-1]) if axis == 0 else (surface[:, 1:], surface[:, :-1])
        wa, wb = (wet[1:], wet[:-1]) if axis == 0 else (wet[:, 1:], wet[:, :-1])
        assert np.all(np.abs(a - b)[wa & wb] < 1e-6)


@settings(max_examples=100, deadline=None)
@given(heights, st.lists(st.tuples(st.integers(0, 35), st.floats(0, 60)), min_size=1, max_size=5))
def test_water_that_comes_bit_by_bit_stands_where_it_stands_at_once(values, places):
    ground = np.array(values, dtype=float).reshape(6, 6) + np.arange(36).reshape(6, 6) * 1e-3
    once, bits = Pool(ground, 1.0), Pool(ground, 1.0)
    for at, volume in places:
        once.pour(*divmod(at, 6), volume)
        for _ in range(4):
            bits.pour(*divmod(at, 6), volume / 4)
    assert bits.depth_m == pytest.approx(once.depth_m, abs=1e-6)


def test_a_place_without_a_height_or_outside_is_said():
    ground = bowl()
    ground[0, 0] = np.nan
    assert ponded(ground, 1.0, [(0, 0)], [5.0]).left_m3 == 5.0
    with pytest.raises(ValueError):
        ponded(ground, 1.0, [(99, 0)], [5.0])
