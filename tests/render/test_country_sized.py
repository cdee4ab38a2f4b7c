"""An area or line of the size of a country is laid on a city's ground in bounded work, and lies where it should."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from models.crs.frame import Frame
from models.layers.layer import RasterData
from models.terrain.ground import Ground
from viewers.render.geometry import draping
from viewers.render.geometry.lattice import Lattice
from viewers.render.palette.context import PrepareContext

COUNTRY = shapely.box(-2.5e6, -2.0e6, 2.5e6, 2.0e6)
CITY = shapely.box(-700.0, -700.0, 700.0, 700.0)


@pytest.fixture
def lattice() -> Lattice:
    """Return the ground of a city of 2 km, hilly, with a step of 8 m."""
    frame = Frame("EPSG:4548", None, (500_000, 4_000_000, 0))
    heights = 20 + 5 * np.sin(np.add.outer(np.arange(200), np.arange(200)) / 9.0).astype(np.float32)
    terrain = RasterData(heights.astype(np.float32), (10.0, 0.0, 499_000.0, 0.0, -10.0, 4_001_000.0), "EPSG:4548")
    context = PrepareContext(frame, Ground(terrain, "EPSG:4548", 20.0))
    return Lattice(context, 8.0)


def area_of(points: np.ndarray, faces: np.ndarray) -> float:
    a, b, c = (points[faces[:, k], :2] for k in range(3))
    u, v = b - a, c - a
    return float(np.abs(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]).sum() / 2)


def test_a_country_is_draped_whole_in_few_triangles(lattice: Lattice) -> None:
    points, faces, owner = draping.drape(np.array([CITY, COUNTRY]), lattice)
    assert len(faces) < 500_000
    mine = faces[owner == 1]
    assert area_of(points, mine) == pytest.approx(COUNTRY.area, rel=1e-9)
    assert area_of(points, faces[owner == 0]) == pytest.approx(CITY.area, rel=1e-9)
    assert np.isfinite(points).all()


def test_inside_the_city_a_country_follows_the_ground_as_before(lattice: Lattice) -> None:
    points, _, _ = draping.drape(np.array([COUNTRY]), lattice, 0.0)
    inside = (np.abs(points[:, :2]) < 900).all(axis=1)
    assert inside.sum() > 1000
    ground = lattice.height(points[inside, 0], points[inside, 1])
    assert np.abs(points[inside, 2] - ground).max() < 1e-6


def test_a_country_whose_outline_crosses_itself_is_laid_all_the_same(lattice: Lattice) -> None:
    bow = shapely.Polygon([(-2e6, -2e6), (2e6, 2e6), (2e6, -2e6), (-2e6, 2e6)])
    points, faces, _ = draping.drape(np.array([bow]), lattice)
    assert len(faces)
    assert np.isfinite(points).all()


def test_very_many_large_areas_are_laid_in_bounded_work(lattice: Lattice, monkeypatch) -> None:
    monkeypatch.setattr(draping, "MOST_SQUARES", 5_000)
    areas = np.array([CITY] + [shapely.box(-6e3, -6e3, 6e3, 6e3 + k) for k in range(200)])
    points, faces, owner = draping.drape(areas, lattice)
    assert set(owner.tolist()) == set(range(len(areas)))
    assert len(faces) < 50_000
    assert area_of(points, faces[owner == 0]) == pytest.approx(CITY.area, rel=1e-9)


def test_a_line_through_a_country_has_its_points_where_the_city_is(lattice: Lattice) -> None:
    line = shapely.linestrings([(-2e6, -1e6), (0.0, 0.0), (2e6, 1.5e6), (2e6, 1.9e6)])
    short = shapely.linestrings([(-500.0, 0.0), (500.0, 0.0)])
    long, near = draping.dense(np.array([line, short]), lattice)
    assert shapely.get_num_coordinates(long) < 5_000
    assert shapely.length(long) == pytest.approx(shapely.length(line), rel=1e-9)
    assert shapely.hausdorff_distance(long, line) < 1e-3
    points = shapely.get_coordinates(long)
    inside = points[(np.abs(points) < 900).all(axis=1)]
    assert np.hypot(*np.diff(inside, axis=0).T).max() <= lattice.step_m + 1e-6
    assert shapely.get_num_coordinates(near) == shapely.get_num_coordinates(shapely.segmentize(short, lattice.step_m))


def test_a_line_that_misses_the_city_stays_as_it_is(lattice: Lattice) -> None:
    away = shapely.linestrings([(-2e6, 1e6), (2e6, 1e6), (2e6, 1e6), (2e6, -1e6)])
    (same,) = draping.dense(np.array([away]), lattice)
    assert same.equals(away)


def test_things_all_over_a_country_are_drawn_in_a_bounded_number_of_squares() -> None:
    from viewers.render.geometry.actors import MOST_CHUNKS, _chunks

    places = np.random.default_rng(1).uniform(-2e6, 2e6, (50_000, 3))
    chunks = [rows for rows in _chunks(places, 100) if rows is not None]
    assert 1 < len(chunks) <= MOST_CHUNKS
    assert sorted(np.concatenate(chunks).tolist()) == list(range(len(places)))


def test_the_hatch_of_a_country_has_a_bounded_number_of_lines(lattice: Lattice) -> None:
    from viewers.render.layers.areas import MOST_LINES, hatching

    (part,) = hatching(np.array([COUNTRY]), np.array([1]), lattice, 8.0)
    assert len(part.starts) - 1 <= MOST_LINES + 2
