"""Water poured onto ground that has a shape with a known volume."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.terrain.ponding import depth_classes, greatest_along, over_time, pond

CELL_M2 = 4.0


def bowl(size: int = 61) -> np.ndarray:
    """Return a paraboloid 3 m deep at the edges' middles."""
    x = np.linspace(-1, 1, size)
    return 10 + 3 * (x[None] ** 2 + x[:, None] ** 2)


def test_a_bowl_fills_to_the_level_that_its_volume_says() -> None:
    ground = bowl()
    for level in (10.2, 11.0, 12.9):
        volume = np.clip(level - ground, 0, None).sum() * CELL_M2
        for at in ((30, 30), (30, 41)):  # in the middle, and on the slope
            found = pond(ground, CELL_M2, {at: volume})
            assert np.nanmax(found.depth_m + ground * (found.depth_m > 0)) == pytest.approx(level, abs=1e-6)
            assert found.standing_m3 == pytest.approx(volume, rel=1e-9)
            assert np.allclose(found.depth_m, np.clip(level - ground, 0, None), atol=1e-6)


def test_a_full_hollow_runs_over_into_the_next_and_both_become_one() -> None:
    ground = np.full((3, 9), 5.0)
    ground[1, 1:8] = [1, 1, 3, 0, 0, 4, 0]  # hollows of 2, 2 and 1 cells behind sills of 3 and 4 m
    over = pond(ground, 1.0, {(1, 1): 5.0}).depth_m[1, 1:8]
    assert over == pytest.approx([2, 2, 0, 0.5, 0.5, 0, 0])
    one = pond(ground, 1.0, {(1, 1): 2 * 2 + 2 * 3 + 2.5}).depth_m[1, 1:8]
    assert one == pytest.approx([2.5, 2.5, 0.5, 3.5, 3.5, 0, 0])


def test_what_runs_over_the_edge_is_counted() -> None:
    found = pond(bowl(), CELL_M2, {(30, 30): 1e6})
    assert found.standing_m3 + found.left_m3 == pytest.approx(1e6)
    assert found.left_m3 > 0
    off = pond(np.full((2, 2), np.nan), 1.0, {(0, 0): 3.0, (9, 9): 1.0})
    assert (off.standing_m3, off.left_m3) == (0.0, 4.0)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 500), st.integers(1, 4))
def test_volume_is_kept_and_the_water_of_a_pool_is_level(seed: int, volume: float, sources: int) -> None:
    random = np.random.default_rng(seed)
    ground = np.round(random.uniform(0, 3, (12, 15)), 1)
    cells = {tuple(random.integers(0, (12, 15))): volume for _ in range(sources)}
    found = pond(ground, 2.0, {(int(row), int(column)): much for (row, column), much in cells.items()})
    assert found.standing_m3 + found.left_m3 == pytest.approx(found.poured_m3, rel=1e-6)
    assert found.depth_m.min() >= -1e-9
    wet, surface = found.depth_m > 1e-6, ground + found.depth_m
    beside = wet[:, 1:] & wet[:, :-1]
    assert np.abs(np.diff(surface, axis=1)[beside]).max(initial=0) < 1e-6


def test_a_run_is_poured_step_by_step() -> None:
    ground, transform = bowl(), (2.0, 0.0, 1000.0, 0.0, -2.0, 5000.0)
    nodes = np.array([[1061.0, 4939.0], [0.0, 0.0]])  # the middle, and far outside
    steps = list(over_time(ground, transform, nodes, np.array([[10.0, 0.0], [30.0, 5.0], [0.0, 0.0]])))
    assert [one.standing_m3 for one in steps] == pytest.approx([10, 40, 40])
    assert steps[2].left_m3 == 5
    assert steps[2].depth_m == pytest.approx(pond(ground, 4.0, {(30, 30): 40.0}).depth_m, abs=1e-6)


def test_depths_have_classes_and_a_road_the_deepest_of_its_points() -> None:
    depth = np.array([[0.0, 0.1, 0.15], [0.3, 0.6, np.nan]])
    assert depth_classes(depth, (0.15, 0.27, 0.5)).tolist() == [[-1, 0, 1], [2, 3, -1]]
    points = np.array([[0.5, 1.5], [1.5, 0.5], [2.5, 0.5], [99, 99]])
    found = greatest_along(depth, (1, 0, 0, 0, -1, 2), points, np.array([0, 0, 1, 2]), 3)
    assert found[0] == 0.6
    assert np.isnan(found[1:]).all()
