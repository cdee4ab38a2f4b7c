"""Profiles, areas, volumes and pits on a terrain, against what can be worked out by hand."""

import numpy as np
import pytest

from models.core.errors import UserError
from models.layers.layer import RasterData
from models.terrain import excavation, relief
from models.terrain.excavation import Pit
from models.terrain.ground import Ground

EAST, NORTH = 39_500_000.0, 4_400_000.0


def terrain(height, side=101, cell=2.0, crs="EPSG:4527"):
    """A raster of ``height(x, y)`` metres from its lower left corner; values stand at the middles of cells."""
    x, y = np.meshgrid((np.arange(side) + 0.5) * cell, (side - np.arange(side) - 0.5) * cell)
    transform = (cell, 0.0, EAST, 0.0, -cell, NORTH + side * cell)
    return Ground(RasterData(height(x, y).astype(np.float64), transform, crs), crs)


def square(low, high):
    return np.array([[EAST + low, NORTH + low], [EAST + high, NORTH + low], [EAST + high, NORTH + high],
                     [EAST + low, NORTH + high]])  # fmt: skip


def test_a_profile_over_a_slope_has_its_lengths_and_slope():
    ground = terrain(lambda x, y: 0.1 * x + 7)
    line = relief.profile(np.array([[EAST + 10, NORTH + 50], [EAST + 110, NORTH + 50]]), ground)
    assert line.plan_m == pytest.approx(100)
    assert line.surface_m == pytest.approx(100 * np.hypot(1, 0.1), rel=1e-6)
    assert line.rise_m == pytest.approx(10, abs=1e-6)
    assert line.steepest == pytest.approx(0.1, rel=1e-6)
    assert line.climb_m == (pytest.approx(10, abs=1e-6), 0.0)


def test_a_profile_that_leaves_the_terrain_has_gaps_and_no_length():
    line = relief.profile(np.array([[EAST + 150, NORTH + 50], [EAST + 300, NORTH + 50]]), terrain(lambda x, y: x * 0))
    assert line.surface_m is None
    assert line.rise_m is None
    assert 0.2 < line.known < 0.5
    assert np.isnan(line.height_m[-1])


def test_the_area_of_a_slope_is_its_plan_over_the_cosine():
    piece = relief.surface(square(20, 120), terrain(lambda x, y: 0.3 * x - 0.4 * y + 100))
    assert piece.plan_m2 == pytest.approx(10_000)
    assert piece.surface_m2 == pytest.approx(10_000 * np.sqrt(1 + 0.25), rel=1e-6)


def test_cut_and_fill_of_a_slope_to_its_middle_are_two_equal_wedges():
    work = relief.earthwork(square(20, 120), terrain(lambda x, y: 0.1 * x), 7.0)
    wedge = 100 * 50 * 5 / 2  # 100 m long, 50 m wide, up to 5 m high
    assert work.cut_m3 == pytest.approx(wedge, rel=1e-3)
    assert work.fill_m3 == pytest.approx(wedge, rel=1e-3)


def test_a_pit_in_level_ground_is_a_prism():
    pit = Pit("p", "p", tuple(map(tuple, square(20, 60))), depth_m=4)
    work = excavation.volume(pit, terrain(lambda x, y: x * 0 + 33))
    assert work.level_m == pytest.approx(29)
    assert work.cut_m3 == pytest.approx(40 * 40 * 4, rel=1e-9)
    assert work.fill_m3 == pytest.approx(0)


def test_a_pit_in_a_slope_is_counted_from_its_lowest_rim_and_may_be_any_shape():
    corners = np.array([[20, 20], [80, 30], [95, 90], [40, 110], [15, 60]]) + 0.37
    pit = Pit("p", "p", tuple((EAST + x, NORTH + y) for x, y in corners.tolist()), depth_m=3)
    work = excavation.volume(pit, terrain(lambda x, y: 0.2 * x - 0.05 * y + 50))
    import shapely

    shape = shapely.Polygon(corners)
    middle = shape.centroid
    floor = min(0.2 * x - 0.05 * y + 50 for x, y in corners) - 3
    expected = shape.area * (0.2 * middle.x - 0.05 * middle.y + 50 - floor)
    assert work.level_m == pytest.approx(floor, abs=1e-6)
    assert work.cut_m3 == pytest.approx(expected, rel=1e-6), "plane over polygon: area times height at the centroid"


def test_without_terrain_there_is_no_volume():
    work = excavation.volume(Pit("p", "p", tuple(map(tuple, square(0, 10)))), Ground(None, "EPSG:4527", 20.0))
    assert work.cut_m3 is None
    assert work.known == 0.0
    assert work.plan_m2 == pytest.approx(100)


def test_an_outline_without_area_is_refused():
    with pytest.raises(UserError, match=r"relief\.no_area"):
        relief.polygon_of(np.array([[0, 0], [1, 1], [2, 2]]))
