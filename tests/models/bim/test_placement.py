"""Placements: rigid motions, bearings, and fits to two points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.bim.placement import placement_of, two_point_fit
from models.bim.placement_value import Placement
from models.core.errors import UserError

metres = st.floats(-1e6, 1e6, allow_nan=False)

near = st.floats(-100, 100, allow_nan=False)


@given(near, near, near, st.floats(0, 359.99), metres, metres, near)
def test_a_placement_moves_rigidly_and_can_be_spoken_of_through_any_point(
    x: float, y: float, z: float, bearing: float, east: float, north: float, height: float
) -> None:
    place = Placement(east, north, height, bearing, "EPSG:4548", (x, y, z))
    matrix = place.matrix()
    assert np.allclose(matrix[:3, :3] @ matrix[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.allclose((matrix @ [x, y, z, 1.0])[:3], [east, north, height], atol=1e-6)
    other = place.anchored((y, z, x))
    assert np.allclose(other.matrix(), matrix, atol=1e-6)
    assert np.allclose(placement_of(matrix, "EPSG:4548", (y, z, x)).matrix(), matrix, atol=1e-5)
    assert Placement.from_dict(place.as_dict()) == place


def test_the_bearing_is_where_the_models_y_axis_points_clockwise_from_north() -> None:
    ahead = Placement(0, 0, 0, bearing_deg=90).matrix() @ [0, 1, 0, 1]
    assert np.allclose(ahead[:3], [1, 0, 0])


@given(st.floats(0, 359.9), metres, metres, st.floats(-50, 50))
def test_two_points_of_a_rigid_motion_give_it_back(bearing: float, east: float, north: float, height: float) -> None:
    truth = Placement(east, north, height, bearing, "EPSG:4548")
    model = [(3.0, -4.0, 1.0), (25.0, 11.0, 2.0)]
    world = [tuple((truth.matrix() @ [*point, 1.0])[:3]) for point in model]
    fit = two_point_fit(model, world, "EPSG:4548")
    assert np.allclose(fit.placement.matrix(), truth.matrix(), atol=1e-6)
    assert fit.residual_m < 1e-6
    assert fit.scale == pytest.approx(1.0, abs=1e-6)


def test_a_fit_never_scales_and_says_what_is_left_over() -> None:
    fit = two_point_fit([(0, 0, 0), (10, 0, 0)], [(100, 200, 5), (100, 212, 6)], "EPSG:4548")
    assert (fit.model_m, fit.world_m, fit.scale) == (10.0, 12.0, 1.2)
    ends = np.array([fit.placement.matrix() @ [*point, 1.0] for point in ((0, 0, 0), (10, 0, 0))])
    assert np.allclose(np.hypot(*(ends[:, :2] - [(100, 200), (100, 212)]).T), fit.residual_m)
    assert fit.residual_m == pytest.approx(1.0)
    assert fit.placement.scale == 1.0
    assert two_point_fit([(0, 0, 0), (10, 0, 0)], [(0, 0, 0), (10000, 0, 0)], "").scale == pytest.approx(1000.0)
    with pytest.raises(UserError, match=r"place\.points_too_near"):
        two_point_fit([(0, 0, 0), (0, 0, 9)], [(0, 0, 0), (5, 0, 0)], "")
