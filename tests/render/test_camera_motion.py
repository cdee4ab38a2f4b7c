"""Camera motion: orbiting about a point, zooming a plan, and the way from one camera to another."""

import numpy as np
import pytest

from viewers.widgets.canvas import camera_motion as flight


@pytest.mark.parametrize("half_m", [None, 25.0])
def test_what_a_line_of_sight_meets_is_drawn_where_it_began(half_m):
    pose = flight.from_angles(np.array([3.0, 4, 5]), 40.0, 35.0, 80.0, 30.0, half_m)
    eye, ray = pose.line(200, 450, 1000, 700)
    pixels, ahead = pose.project((eye + ray * 60.0)[None, :], 1000, 700)
    assert ahead.all()
    assert pixels[0] == pytest.approx([200, 450], abs=1e-6)


def test_zooming_a_plan_keeps_the_point_under_the_cursor():
    pose = flight.from_angles(np.zeros(3), 20.0, 90.0, 100.0, 30.0, 25.0)
    point = np.array([8.0, -3.0, 0.0])
    before, _ = pose.project(point[None, :], 1000, 700)
    closer = flight.zoom(pose, point, 1.7)
    after, _ = closer.project(point[None, :], 1000, 700)
    assert closer.half_m == pytest.approx(25 / 1.7)
    assert after == pytest.approx(before, abs=1e-6)


def test_a_flight_to_a_plan_ends_in_parallel_and_begins_in_perspective():
    start = flight.from_angles(np.zeros(3), 0.0, 30.0, 100.0, 30.0)
    stop = flight.from_angles(np.zeros(3), 0.0, 90.0, 100.0, 30.0, 20.0)
    assert flight.blend(start, stop, 0.5).half_m is None
    assert flight.blend(start, stop, 1.0) is stop
    shown = flight.blend(start, stop, 0.999)
    assert shown.distance_m * np.tan(np.radians(15)) == pytest.approx(20.0, rel=0.01)
