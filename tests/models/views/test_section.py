"""The arithmetic of sections, storeys and the camera of plans, without a picture."""

import numpy as np
import pytest

from models.views import section
from models.views.visibility import Plane, SectionBox
from tests.support.bim_models import table_model


def two_storeys():
    return table_model([
        {"ifc_class": "IfcBuilding", "name": "A"},
        {"ifc_class": "IfcBuildingStorey", "name": "2F", "parent": 0, "elevation_m": 3.0},
        {"ifc_class": "IfcBuildingStorey", "name": "1F", "parent": 0, "elevation_m": 0.0},
        {"ifc_class": "IfcWall", "parent": 2, "box": ((0, 0, 0), (8, 0.2, 3))},
        {"ifc_class": "IfcStair", "parent": 1, "box": ((0, 0, 3), (2, 2, 1))},
        {"ifc_class": "IfcStairFlight", "parent": 4, "box": ((0, 0, 3), (2, 2, 1))},
        {"ifc_class": "IfcWall", "parent": 0, "box": ((0, 0, 0), (1, 1, 1))},
    ])  # fmt: skip


def test_a_box_around_a_turned_building_is_as_small_as_the_building():
    building = np.array([[x, y, z] for x in (0, 10) for y in (0, 4) for z in (0, 3)], float)
    angle = np.radians(-30)  # clockwise by 30°, written without the module under test
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    world = building @ turn.T + [500_000, 4_000_000, 30]
    box = section.box_around(world, 30.0)
    assert np.subtract(box.high, box.low) == pytest.approx([10, 4, 3])
    corners = section.corners(box)
    assert sorted(map(tuple, corners.round(6))) == sorted(map(tuple, world.round(6)))


def test_a_dragged_face_moves_and_the_opposite_one_stays_whatever_the_turn():
    box = SectionBox((0, 0, 0), (10, 4, 3), 37.0)
    for axis, end in section.FACES:
        moved = section.drag_face(box, axis, end, 1.5)
        here, out = section.face_middle(box, axis, end)
        assert section.face_middle(moved, axis, end)[0] == pytest.approx(here + 1.5 * out)
        assert section.face_middle(moved, axis, 1 - end)[0] == pytest.approx(section.face_middle(box, axis, 1 - end)[0])


def test_a_box_is_never_turned_inside_out():
    box = section.drag_face(SectionBox((0, 0, 0), (10, 4, 3)), 2, 1, -50.0)
    assert np.subtract(box.high, box.low)[2] == pytest.approx(section.THINNEST_M)


def test_the_outline_of_a_plane_lies_in_the_plane_and_on_the_box():
    box = SectionBox((0, 0, 0), (2, 3, 4))
    ring = section.outline(box, Plane((1, 1.5, 2), tuple(np.array([1, 1, 1]) / 3**0.5)))
    assert len(ring) == 6
    assert ring.sum(axis=1) == pytest.approx(4.5)
    assert len(section.outline(box, Plane((0, 0, 9), (0, 0, 1)))) == 0


def test_the_nearest_point_of_an_axis_to_a_line_of_sight_is_found():
    along = section.nearest_on_axis(np.zeros(3), np.array([1.0, 0, 0]), np.array([7.0, -5, 2]), np.array([0, 1.0, 0]))
    assert along == pytest.approx(7.0)
    assert section.nearest_on_axis(np.zeros(3), np.array([0, 0, 1.0]), np.ones(3), np.array([0, 0, -1.0])) is None


def test_storeys_come_lowest_first_and_hold_what_hangs_below_them():
    data = two_storeys()
    floors = section.floors_of(data)
    assert [(floor.name, floor.elevation_m) for floor in floors] == [("1F", 0.0), ("2F", 3.0)]
    assert section.storeys_of(data, floors).tolist() == [-1, 1, 0, 0, 1, 1, -1]


def test_storeys_drawn_apart_rise_by_their_own_height_and_the_lowest_stays():
    lifted = section.lifts(two_storeys(), 0.5)
    assert lifted == {1: 1.5, 4: 1.5, 5: 1.5}
    assert section.lifts(two_storeys(), 0.0) == {}


def test_a_circle_of_parents_ends():
    data = two_storeys()
    data.elements["parent"] = np.array([6, 0, 0, 2, 1, 4, 0], np.int32)
    assert section.storeys_of(data, section.floors_of(data)).tolist() == [-1, 1, 0, 0, 1, 1, -1]


def test_placed_corners_are_the_boxes_of_the_placements_in_the_world():
    data = two_storeys()
    matrix = np.eye(4)
    matrix[:3, 3] = [500_000, 4_000_000, 20]
    found = section.placed_corners(data.meshes, np.array([0]), matrix)
    assert found.min(axis=0) == pytest.approx([500_000, 4_000_000, 20])
    assert found.max(axis=0) == pytest.approx([500_008, 4_000_000.2, 23])
    assert section.placed_corners(data.meshes, np.zeros(0, np.int64), matrix).shape == (0, 3)
