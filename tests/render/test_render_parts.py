"""What layers become before VTK sees them: plain arrays, checked without a picture."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from models.crs.frame import Frame
from models.layers.layer import Layer, RasterData, Style, VectorData
from models.roles import KINDS, ROLES, drawn_row
from models.terrain.ground import Ground
from viewers.render.chunks.preparation import prepare
from viewers.render.geometry.draping import drape
from viewers.render.geometry.lattice import lattice_of
from viewers.render.geometry.parts import MeshPart
from viewers.render.geometry.rings import rings_of
from viewers.render.geometry.vtk_arrays import edge_flags
from viewers.render.layers.building_attributes import heights_of
from viewers.render.layers.makers import maker_of
from viewers.render.layers.shadows import swept
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.facade_textures import BY_USE, TILE, texture_image
from viewers.render.palette.lighting import look, sky_rows

CRS = "EPSG:4548"
FRAME = Frame(CRS, None, (502_000, 4_059_000, 0))


def hills(step: float = 5.0, count: int = 200) -> RasterData:
    """A ground with a rolling part and a steep bank."""
    x = np.arange(count) * step - count * step / 2
    east, south = np.meshgrid(x, -x)
    values = 30 + 3 * np.sin(east / 90) + np.clip(south / 4, -6, 0)
    half = count * step / 2
    return RasterData(values.astype(np.float32), (step, 0, 502_000 - half, 0, -step, 4_059_000 + half), CRS)


def area_of(points: np.ndarray, faces: np.ndarray) -> float:
    a, b, c = (points[faces[:, k], :2] for k in range(3))
    return float(0.5 * ((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])).sum())


def houses(polygons: list[shapely.Polygon], **fields: list[object]) -> VectorData:
    moved = shapely.transform(np.array(polygons), lambda xy: xy + np.array([502_000, 4_059_000]))
    return VectorData(gpd.GeoDataFrame(fields, geometry=list(moved), crs=CRS))


def test_every_maker_in_the_table_exists() -> None:
    from importlib import import_module

    for target in {drawn_row(kind, role).maker for kind in KINDS for role in ROLES} - {""}:
        module, _, name = target.partition(":")
        assert callable(getattr(import_module(module), name)), target


def test_a_table_and_readings_are_not_drawn() -> None:
    assert maker_of(Layer("a", "a", "table", "readings")) is None
    assert maker_of(Layer("a", "a", "table", "other")) is None
    assert maker_of(Layer("a", "a", "vector", "no such role")) == ROLES["other"].maker


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(-220, 220), st.floats(-220, 220)), min_size=4, max_size=9))
def test_a_draped_area_has_the_area_of_its_outline_and_lies_on_the_drawn_ground(
    corners: list[tuple[float, float]],
) -> None:
    shape = shapely.convex_hull(shapely.multipoints(corners))
    if shape.geom_type != "Polygon" or shape.area < 20:
        return
    lattice = lattice_of(PrepareContext(FRAME, Ground(GROUND, CRS, 30.0)))
    points, faces, owner = drape(np.array([shape]), lattice, lift_m=0.0)
    assert area_of(points, faces) == pytest.approx(shape.area, rel=2e-3, abs=0.5)
    off = np.abs(points[:, 2] - lattice.height(points[:, 0], points[:, 1]))
    assert off.max() < 0.3, "on a border between coarse and fine cells"
    assert np.median(off) < 0.001
    assert set(owner) == {0}


GROUND = hills()


def test_the_drawn_ground_stays_near_the_terrain() -> None:
    context = PrepareContext(FRAME, Ground(GROUND, CRS, 30.0))
    lattice = lattice_of(context)
    x, y = np.random.default_rng(1).uniform(-400, 400, (2, 2000))
    assert np.abs(lattice.height(x, y) - context.ground_local_m(x, y)).max() < 0.6


def test_a_house_has_walls_and_a_roof_as_large_as_its_footprint() -> None:
    ell = shapely.Polygon([(0, 0), (20, 0), (20, 8), (8, 8), (8, 20), (0, 20)])
    court = shapely.box(40, 0, 70, 30).difference(shapely.box(50, 10, 60, 20))
    data = houses([ell, court], height_m=[4.0, 4.0], use=["other", "other"])
    prepared = prepare(Layer("h", "h", "vector", "buildings"), data, FRAME, Ground(None, CRS, 0.0))
    assert prepared is not None
    roofs = next(p for p in prepared.parts if isinstance(p, MeshPart) and not p.texture and p.pickable)
    assert area_of(roofs.points, roofs.faces) == pytest.approx(ell.area + court.area, rel=1e-3)
    assert roofs.points[:, 2].max() == pytest.approx(4.0)
    assert set(roofs.oids) == {0, 1}
    walls = next(p for p in prepared.parts if isinstance(p, MeshPart) and p.texture)
    a, b, c = (walls.points[walls.faces[:, k]].astype(float) for k in range(3))
    surface = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()
    assert surface == pytest.approx((ell.length + court.length) * 4.8, rel=1e-3)


def test_walls_look_outwards() -> None:
    data = houses([shapely.Polygon([(0, 0), (0, 10), (10, 10), (10, 0)])], height_m=[9.0])
    prepared = prepare(Layer("h", "h", "vector", "buildings"), data, FRAME, Ground(None, CRS, 0.0))
    assert prepared is not None
    walls = next(p for p in prepared.parts if isinstance(p, MeshPart) and p.texture)
    a, b, c = (walls.points[walls.faces[:, k]].astype(float) for k in range(3))
    outward = (a + b + c) / 3 - np.array([5.0, 5.0, 4.0])
    assert (np.einsum("ij,ij->i", np.cross(b - a, c - a), outward) > 0).all()


def test_height_comes_from_the_named_field_else_from_storeys_else_is_three_storeys() -> None:
    frame = gpd.GeoDataFrame({"H": [12.0, None, 0.0], "cs": [2, 5, None]}, geometry=[shapely.box(0, 0, 9, 9)] * 3)
    height, storeys = heights_of(frame, Style(height_field="H", storeys_field="cs", storey_height_m=3.3))
    assert height.tolist() == pytest.approx([12.0, 16.5, 9.0])
    assert storeys.tolist() == [2, 5, 3]


def test_a_window_starts_a_whole_number_of_bays_from_the_corner() -> None:
    data = houses([shapely.box(0, 0, 33.1, 20)], height_m=[18.0], storeys=[6], use=["office"])
    prepared = prepare(Layer("h", "h", "vector", "buildings"), data, FRAME, Ground(None, CRS, 0.0))
    assert prepared is not None
    walls = next(p for p in prepared.parts if isinstance(p, MeshPart) and p.texture == "facade_office")
    assert walls.uv is not None
    bays = np.ptp(walls.uv.reshape(-1, 4, 2)[:, :, 0], axis=1) * TILE
    assert np.allclose(bays, np.round(bays), atol=1e-4)
    assert sorted(set(np.round(bays).astype(int))) == [7, 11]


def test_facades_repeat_without_a_seam_and_are_the_same_each_time() -> None:
    for name in set(BY_USE.values()):
        image = texture_image(name)
        assert image.shape == (256, 256, 3)
        texture_image.cache_clear()
        assert np.array_equal(image, texture_image(name))


def test_a_shadow_falls_away_from_the_sun_and_is_as_long_as_the_height_asks() -> None:
    to_sun = (0.0, -np.sqrt(0.5), np.sqrt(0.5))
    shadow = swept(np.array([shapely.box(0, 0, 10, 10)]), np.array([20.0]), to_sun)[0]
    assert shadow.bounds == pytest.approx((0, 0, 10, 30))
    assert shadow.area == pytest.approx(300)


def test_ring_corners_follow_each_other_and_outer_rings_run_counter_clockwise() -> None:
    rings = rings_of(np.array([shapely.Polygon([(0, 0), (0, 4), (4, 4), (4, 0)]), shapely.box(9, 9, 10, 10)]))
    assert rings.starts.tolist() == [0, 4, 8]
    a, b = rings.xy, rings.xy[rings.following]
    assert np.bincount(rings.ring, (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2).tolist() == [16.0, 1.0]
    inner = rings.inset(np.full(8, 0.25))
    assert inner[rings.starts[1] :].min() == pytest.approx(9.25)


def test_edge_flags_mark_the_sides_that_are_named_in_either_direction() -> None:
    flags = edge_flags(np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32), np.array([[1, 0], [2, 3]], dtype=np.int32), 4)
    assert flags.tolist() == [[1, 0, 0], [0, 1, 0]]


def test_the_sky_is_darkest_at_the_top_and_its_horizon_follows_the_pitch() -> None:
    level = sky_rows(look(False), 0.0, 40.0, 101).astype(int)
    assert level[-1].sum() < level[52].sum()
    down = sky_rows(look(False), -10.0, 40.0, 101).astype(int)
    horizon = np.argmax(np.abs(np.diff(down.sum(axis=1))) > 0)
    assert horizon > 0


def test_three_thousand_houses_are_ready_in_a_few_seconds() -> None:
    e, n = np.meshgrid(np.arange(60) * 30.0, np.arange(50) * 30.0)
    boxes = list(shapely.box(e.ravel(), n.ravel(), e.ravel() + 18, n.ravel() + 11))
    data = houses(boxes, height_m=[18.0] * 3000, use=["residential"] * 3000)
    begin = time.perf_counter()
    prepared = prepare(Layer("h", "h", "vector", "buildings"), data, FRAME, Ground(None, CRS, 0.0))
    assert prepared is not None
    assert sum(len(p.faces) for p in prepared.parts if isinstance(p, MeshPart)) > 30_000
    assert time.perf_counter() - begin < 60, "a loop over buildings has crept in"


def test_two_roads_that_cross_are_marked_outside_their_junction() -> None:
    x, y = 502_000, 4_059_000
    roads = gpd.GeoDataFrame(
        {"class": ["arterial", "arterial"], "width_m": [20.0, 20.0], "lanes": [4, 4], "name": ["a", "b"]},
        geometry=[shapely.LineString([(x - 200, y), (x + 200, y)]), shapely.LineString([(x, y - 200), (x, y + 200)])],
        crs=CRS,
    )
    prepared = prepare(Layer("r", "r", "vector", "roads"), VectorData(roads), FRAME, Ground(None, CRS, 0.0))
    assert prepared is not None
    marks = [p for p in prepared.parts if isinstance(p, MeshPart) and p.offset == 5.5]
    assert len(marks) == 2, "white and yellow"
    for part in marks:
        assert not (np.abs(part.points[:, :2]).max(axis=1) < 10).any()


def test_a_bridge_is_a_deck_above_its_river_and_meets_the_road_at_its_ends() -> None:
    x, y = 502_000, 4_059_000
    rows = 200
    east = np.arange(rows) * 5.0 - 497.5
    values = np.tile(np.where(np.abs(east) < 40, 20.0, 30.0), (rows, 1)).astype(np.float32)
    dem = RasterData(values, (5.0, 0, x - 500.0, 0, -5.0, y + 500.0), CRS)
    lines = [[(-300, 0), (-60, 0)], [(-60, 0), (60, 0)], [(60, 0), (300, 0)]]
    roads = gpd.GeoDataFrame(
        {"class": ["branch"] * 3, "width_m": [12.0] * 3, "lanes": [2] * 3, "bridge": [False, True, False]},
        geometry=[shapely.LineString([(x + a, y + b) for a, b in line]) for line in lines], crs=CRS,
    )  # fmt: skip
    prepared = prepare(Layer("r", "r", "vector", "roads"), VectorData(roads), FRAME, Ground(dem, CRS, 30.0))
    assert prepared is not None
    deck = next(p for p in prepared.parts if isinstance(p, MeshPart) and set(p.oids) == {1})
    middle = np.abs(deck.points[:, 0]) < 20
    assert (deck.points[middle, 2] > 29.5).all()
    end = np.abs(np.abs(deck.points[:, 0]) - 60) < 0.1
    assert np.allclose(deck.points[end, 2], 30.16, atol=0.1)
