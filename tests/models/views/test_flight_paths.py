"""Flights: speed, curves, ground clearance and tours, against what can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from app.usecases.views.flight_frames import cameras_of
from models.core.errors import UserError
from models.views.camera import Camera
from models.views.flight_paths import CLEARANCE_M, Flight, FlightPath, catmull_rom

EAST, NORTH = 39_500_000.0, 4_400_000.0


def level(height):
    return lambda x, y: np.full(np.shape(x), height)


def test_a_straight_flight_is_where_speed_times_time_says_to_a_millimetre():
    path = FlightPath("p", "p", ((EAST, NORTH, 0), (EAST + 30, NORTH + 40, 0), (EAST + 300, NORTH + 400, 0)),
                      height_m=60, speed_mps=20)  # fmt: skip
    flight = Flight(path, level(12.0))
    assert flight.length_m == pytest.approx(500, abs=1e-3)
    assert flight.duration_s == pytest.approx(25, abs=1e-4)
    for t in (0.0, 3.7, 11.1, 25.0):
        expected = (EAST + 0.6 * 20 * t, NORTH + 0.8 * 20 * t, 72.0)
        assert np.allclose(flight.camera_at(t).position, expected, atol=1e-3)
    ahead = np.subtract(flight.camera_at(5.0).focal_point, flight.camera_at(5.0).position)
    assert np.allclose(ahead[:2] / np.linalg.norm(ahead[:2]), (0.6, 0.8), atol=1e-6)
    assert np.degrees(np.arcsin(ahead[2] / np.linalg.norm(ahead))) == pytest.approx(path.pitch_deg, abs=1e-6)


def test_a_flight_passes_every_point_at_constant_speed():
    knots = np.array([[0, 0, 0], [100, 20, 0], [130, 150, 0], [400, 160, 0]], float) + np.array([EAST, NORTH, 0])
    flight = Flight(FlightPath("p", "p", tuple(map(tuple, knots)), speed_mps=10), level(0.0))
    eyes = np.array([flight.camera_at(t).position for t in np.arange(0, flight.duration_s, 0.1)])
    steps = np.linalg.norm(np.diff(eyes, axis=0), axis=1)
    assert np.allclose(steps, 1.0, atol=2e-3), "ten metres a second, along chords"
    for knot in knots:
        assert np.linalg.norm(flight.line(100_000)[:, :2] - knot[:2], axis=1).min() < 0.05


def test_a_curve_is_as_long_as_an_independent_quadrature_of_it():
    knots = np.array([[0, 0, 0], [50, 80, 0], [200, 60, 0]], float)
    curve, at = catmull_rom(knots)
    assert np.allclose(curve[at], knots)
    coarse = np.linalg.norm(np.diff(curve[::2], axis=0), axis=1).sum()
    fine = np.linalg.norm(np.diff(curve, axis=0), axis=1).sum()
    assert fine + (fine - coarse) / 3 == pytest.approx(fine, abs=1e-3), "Richardson: finer samples add less than 1 mm"


@settings(max_examples=25, deadline=None)
@given(some.integers(0, 10_000), some.booleans())
def test_a_flight_is_never_under_the_ground(seed, loop):
    chance = np.random.default_rng(seed)
    waves = chance.uniform(0.005, 0.08, (4, 2))

    def hills(x, y):
        return sum(25 * np.sin(a * x + b * y) for a, b in waves) + np.where((x % 90) < 3, 40.0, 0.0)

    points = tuple((float(x), float(y), 0.0) for x, y in chance.uniform(0, 600, (5, 2)))
    flight = Flight(FlightPath("p", "p", points, height_m=8, loop=loop), hills)
    eyes = flight.line(100_000)
    assert (eyes[:, 2] >= hills(eyes[:, 0], eyes[:, 1]) + 8 - 1e-6).all()


def test_a_tour_of_views_passes_their_places_and_directions_and_stays_above_ground():
    cameras = tuple(Camera((x, y, z), (x + 50, y + 50, 0)) for x, y, z in ((0, 0, 90), (200, 0, 40), (300, 200, -30)))
    flight = Flight(FlightPath("p", "p", cameras=cameras), level(5.0))
    first = flight.camera_at(0)
    assert np.allclose(first.position, cameras[0].position, atol=1e-6)
    assert np.allclose(first.focal_point, cameras[0].focal_point, atol=1e-6)
    assert flight.camera_at(1e9).position[2] >= 5.0 + CLEARANCE_M - 1e-9
    assert np.allclose(flight.camera_at(1e9).focal_point, cameras[2].focal_point, atol=1e-6)


def test_a_loop_comes_back_to_where_it_began():
    ring = ((0.0, 0.0, 0.0), (100.0, 0.0, 0.0), (100.0, 100.0, 0.0), (0.0, 100.0, 0.0))
    flight = Flight(FlightPath("p", "p", ring, loop=True), level(0.0))
    one, two = flight.camera_at(0.0), flight.camera_at(flight.duration_s)
    assert np.allclose(one.position, two.position, atol=1e-6)
    assert len(cameras_of(flight, 10)) == int(np.ceil(flight.duration_s * 10 - 1e-9))


def test_a_path_of_one_place_is_refused():
    with pytest.raises(UserError, match=r"path\.too_short"):
        Flight(FlightPath("p", "p", ((0, 0, 0), (0, 0, 5))), level(0.0))


def test_a_flight_that_looks_at_a_point_looks_at_it_all_the_time():
    path = FlightPath("p", "p", ((0, 0, 0), (100, 0, 0)), look="point", target=(50.0, 80.0, 3.0))
    flight = Flight(path, level(0.0))
    assert {flight.camera_at(t).focal_point for t in np.linspace(0, 4, 9)} == {(50.0, 80.0, 3.0)}
