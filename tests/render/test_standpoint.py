"""Where to stand to see an object among made-up towers; no picture is drawn."""

import math

import numpy as np
import pytest

from models.crs.frame import Frame
from models.project.selection import ObjectKey
from viewers.render.scene.camera import bearing_and_pitch
from viewers.render.scene.standpoint import Between, Sight, best_standpoint, spread

FRAME = Frame("EPSG:4548", None, (502_000, 4_059_000, 0))
SIDES = np.array([[0, 1, 3], [0, 3, 2], [4, 5, 7], [4, 7, 6], [0, 1, 5], [0, 5, 4], [2, 3, 7], [2, 7, 6], [0, 2, 6],
                  [0, 6, 4], [1, 3, 7], [1, 7, 5]])  # fmt: skip


def level(x, y):
    return np.zeros_like(x)


def tower(x, y, wide, deep, high, foot=0.0):
    """The triangles of a box around a place."""
    xs, ys, zs = (x - wide / 2, x + wide / 2), (y - deep / 2, y + deep / 2), (foot, high)
    corners = np.array([(a, b, c) for a in xs for b in ys for c in zs])
    return corners[SIDES]


def house(size=12.0, high=8.0):
    """A house at the origin, seen from the south."""
    points = tower(0, 0, size, size, high).reshape(-1, 3)
    box = np.stack([points.min(axis=0), points.max(axis=0)])
    return Sight(box + np.array([[-20, -20, 0], [20, 20, 0]]), spread(points), FRAME, 0.0, 30.0)


def between(*towers):
    keys = [ObjectKey("houses", number) for number in range(len(towers))]
    return Between(keys, towers)


def turn_of(found):
    bearing, _ = bearing_and_pitch(found.camera)
    return (bearing + 180) % 360 - 180


def test_where_nothing_stands_between_the_present_direction_is_kept():
    found = best_standpoint(house(), between(tower(200, 200, 30, 30, 90)), level)
    assert found.seen == 1.0
    assert found.hiding == ()
    bearing, pitch = bearing_and_pitch(found.camera)
    assert (bearing + 180) % 360 - 180 == pytest.approx(0.0, abs=0.01)
    assert pitch == pytest.approx(-30.0, abs=0.01)


def test_the_eye_goes_round_a_tower_by_the_shorter_way():
    east = best_standpoint(house(), between(tower(12, -45, 60, 20, 120)), level)
    west = best_standpoint(house(), between(tower(-12, -45, 60, 20, 120)), level)
    assert east.seen >= 0.85
    assert west.seen >= 0.85
    assert turn_of(east) > 10, "past the tower's western side one looks to the north-east"
    assert turn_of(west) == pytest.approx(-turn_of(east), abs=0.01)


def test_into_a_court_one_looks_from_above():
    walls = [tower(0, s * 30, 80, 8, 45) for s in (-1, 1)] + [tower(s * 34, 0, 8, 80, 45) for s in (-1, 1)]
    found = best_standpoint(house(), between(*walls), level)
    assert found.seen >= 0.85
    assert bearing_and_pitch(found.camera)[1] < -55


def test_what_hides_from_everywhere_is_named_so_that_it_can_be_faded():
    found = best_standpoint(house(), between(tower(0, 0, 30, 30, 20), tower(150, 0, 20, 20, 20)), level)
    assert found.seen < 0.5
    assert found.hiding == (ObjectKey("houses", 0),)
    assert abs(turn_of(found)) < 1.0, "turning would not help"


def test_a_hill_hides_as_a_tower_does():
    def hill(x, y):
        return 60.0 * np.exp(-(((x - 0.0) / 60) ** 2) - ((y + 75.0) / 25) ** 2)

    found = best_standpoint(house(), between(), hill)
    assert found.seen >= 0.85
    _, pitch = bearing_and_pitch(found.camera)
    assert abs(turn_of(found)) > 10 or pitch < -35


def test_of_what_lies_under_the_ground_the_place_above_is_looked_at():
    pipe = np.array([[-20.0, 0.0, -3.0], [20.0, 0.0, -3.0]])
    sight = Sight(np.array([[-30.0, -30, -4], [30, 30, 1]]), spread(pipe), FRAME, 40.0, 30.0)
    assert best_standpoint(sight, between(), level).seen == 1.0


def test_a_small_thing_is_shown_near_and_a_district_whole_from_steeper():
    cover = Sight(np.array([[-6.0, -6, 0], [6, 6, 1]]), np.zeros((1, 3)), FRAME, 0.0, 20.0)
    near = best_standpoint(cover, between(), level).camera
    assert math.dist(near.position, near.focal_point) < 45
    wide = np.array([[-900.0, -700, 0], [900, 700, 4]])
    whole = best_standpoint(Sight(wide, spread(wide), FRAME, 0.0, 10.0), between(), level).camera
    assert bearing_and_pitch(whole)[1] < -35
    eye = np.array(whole.position) - [502_000, 4_059_000, 0]
    forward = np.subtract(whole.focal_point, whole.position)
    corners = np.array([[x, y, 0] for x in (-900, 900) for y in (-700, 700)]) - eye
    angles = np.degrees(np.arccos(corners @ forward / np.linalg.norm(corners, axis=1) / np.linalg.norm(forward)))
    assert angles.max() < 28, "every corner is in the picture"


def test_points_that_stand_for_many_lie_far_apart_and_inside():
    cloud = np.random.default_rng(1).random((5000, 3)) * [100, 50, 20]
    few = spread(cloud)
    assert 8 <= len(few) <= 14
    assert (few > 0).all()
    assert (few < [100, 50, 20]).all()
    gaps = np.linalg.norm(few[:, None] - few[None], axis=2) + 1e3 * np.eye(len(few))
    assert gaps.min() > 10
