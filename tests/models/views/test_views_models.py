"""Flights, measures on the ground, pits, notes, themes: figures against what can be worked out by hand."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from app.usecases.views import annotations_and_flights as views
from app.usecases.views import viewpoints
from app.usecases.views.flight_frames import FilmSpec, FrameWriter, cameras_of
from models.core.errors import UserError
from models.crs.frame import Frame
from models.layers.layer import Layer, RasterData, Style
from models.project.project import ProjectState
from models.store.project_file import open_project, save_project
from models.terrain import excavation, relief
from models.terrain.excavation import Pit
from models.terrain.ground import Ground
from models.views import annotations
from models.views.annotations import Note
from models.views.flight_paths import CLEARANCE_M, Flight, FlightPath, catmull_rom
from models.views.layer_themes import LayerTheme, SceneState, is_shown, scene_of, with_scene
from models.views.viewpoint import Camera, Theme, Viewpoint

FRAME = Frame("EPSG:4527", None, (39_500_000, 4_400_000, 0))
EAST, NORTH = 39_500_000.0, 4_400_000.0


def terrain(height, side=101, cell=2.0, crs="EPSG:4527"):
    """A raster of ``height(x, y)`` metres from its lower left corner; values stand at the middles of cells."""
    x, y = np.meshgrid((np.arange(side) + 0.5) * cell, (side - np.arange(side) - 0.5) * cell)
    transform = (cell, 0.0, EAST, 0.0, -cell, NORTH + side * cell)
    return Ground(RasterData(height(x, y).astype(np.float64), transform, crs), crs)


def level(height):
    return lambda x, y: np.full(np.shape(x), height)


def square(low, high):
    return np.array([[EAST + low, NORTH + low], [EAST + high, NORTH + low], [EAST + high, NORTH + high],
                     [EAST + low, NORTH + high]])  # fmt: skip


# --- flights ------------------------------------------------------------------------------------------------------
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


# --- the ground ---------------------------------------------------------------------------------------------------
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


# --- notes --------------------------------------------------------------------------------------------------------
def test_notes_are_geojson_in_longitude_and_latitude():
    from pyproj import Transformer

    spot = (EAST + 100.0, NORTH + 200.0, 12.0)
    ring = tuple((EAST + x, NORTH + y, 5.0) for x, y in ((0, 0), (0, 50), (50, 50)))  # clockwise
    said = annotations.as_geojson([Note("n", "pin", (spot,), "井", number=3), Note("a", "area", ring)], FRAME)
    lon, lat = Transformer.from_crs("EPSG:4527", "EPSG:4326", always_xy=True).transform(*spot[:2])
    assert said["features"][0]["geometry"]["coordinates"] == pytest.approx([lon, lat, 12.0], abs=1e-8)
    assert said["features"][0]["properties"]["number"] == 3
    shape = said["features"][1]["geometry"]["coordinates"][0]
    assert shape[0] == shape[-1]
    assert len(shape) == 4
    around = sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in pairwise(shape))
    assert around < 0, "outer rings turn left"
    json.dumps(said)


def test_pins_number_themselves_and_empty_texts_are_refused(session):
    session.project.replace_all(ProjectState(frame=FRAME), {}, None)
    numbers = [views.save_note(session, Note("", "pin", ((EAST, NORTH, 0.0),))).number for _ in range(3)]
    assert numbers == [1, 2, 3]
    views.delete_notes(session, [session.project.state.notes[0].id])
    assert views.save_note(session, Note("", "pin", ((EAST, NORTH, 0.0),))).number == 4
    with pytest.raises(UserError, match=r"note\.empty"):
        views.save_note(session, Note("", "text", ((EAST, NORTH, 0.0),), "  "))
    with pytest.raises(UserError, match=r"note\.too_short"):
        views.save_note(session, Note("", "area", ((EAST, NORTH, 0.0),)))


# --- themes and viewpoints ----------------------------------------------------------------------------------------
def two_layers():
    return ProjectState(
        frame=FRAME, layers=(Layer("a", "甲", "vector", "pipes"), Layer("b", "乙", "vector", visible=False))
    )


def test_a_theme_switches_layers_styles_and_colours_in_one_step(session):
    session.project.replace_all(two_layers(), {}, None)
    views.save_layer_theme(session, "给排水")
    before = session.project.state
    changed = replace(
        before, theme=Theme("facilities"),
        layers=(replace(before.layers[0], visible=False, style=Style(colour="#ff0000")),
                replace(before.layers[1], visible=True)),
    )  # fmt: skip
    session.history.do("history.style_layer", lambda _: changed)
    views.apply_layer_theme(session, "给排水")
    assert session.project.state == before
    session.history.undo()
    assert session.project.state == changed
    with pytest.raises(UserError, match=r"scene\.unknown"):
        views.apply_layer_theme(session, "没有")


def test_a_theme_leaves_layers_alone_that_came_later():
    state = two_layers()
    later = state.with_layer(Layer("c", "丙", "vector"))
    shown = with_scene(later, scene_of(state))
    assert shown.layer("c").visible
    assert is_shown(shown, scene_of(state))


def test_viewpoints_keep_their_layers_and_their_order(session):
    session.project.replace_all(two_layers(), {}, None)
    camera = Camera((0, 0, 100), (0, 1, 0))
    one = viewpoints.save_viewpoint(session, "一", camera, with_scene=True, thumbnail=b"jpeg")
    two = viewpoints.save_viewpoint(session, "二", camera)
    viewpoints.move_viewpoint(session, two.id, 0)
    assert [view.name for view in session.project.state.viewpoints] == ["二", "一"]
    session.history.do("history.hide_layer", lambda s: with_scene(s, SceneState(hidden=("a",))))
    assert viewpoints.show_scene(session, one.id) == camera
    assert session.project.state.layer("a").visible
    viewpoints.update_viewpoint(session, one.id, replace(camera, angle_deg=50.0), b"new")
    kept = viewpoints.find_viewpoint(session.project.state, one.id)
    assert (kept.camera.angle_deg, kept.thumbnail, kept.scene is not None) == (50.0, b"new", True)


# --- the file -----------------------------------------------------------------------------------------------------
def full_state():
    scene = SceneState(("a",), ("b",), Theme("indicator", "HC25-25"), (("a", Style(colour="#112233", opacity=0.5)),))
    camera = Camera((EAST, NORTH, 100.0), (EAST, NORTH + 9, 0.0), parallel_scale_m=40.0)
    return replace(
        two_layers(),
        viewpoints=(Viewpoint("v", "视点", camera, "View", scene, b"\xff\xd8jpeg"),),
        paths=(FlightPath("p", "路径", ((EAST, NORTH, 1.0), (EAST + 5, NORTH, 2.0)), "Path", 33.0, 7.0, "point", -5.0,
                          (EAST, NORTH, 3.0), True), FlightPath("q", "视点飞行", cameras=(camera, camera))),
        notes=(Note("n", "arrow", ((EAST, NORTH, 0.0), (EAST + 1, NORTH, 0.0)), "两行\n字", "#00ff00", "李", "2025"),
               Note("m", "pin", ((EAST, NORTH, 0.0),), number=7)),
        pits=(Pit("x", "坑", ((EAST, NORTH), (EAST + 9, NORTH), (EAST, NORTH + 9)), 3.5),
              Pit("y", "坑二", ((EAST, NORTH), (EAST + 9, NORTH), (EAST, NORTH + 9)), level_m=-2.0, name_en="Pit")),
        layer_themes=(LayerTheme("t", "给排水", scene, "Water"),),
    )  # fmt: skip


def test_what_is_saved_is_what_is_opened(tmp_path):
    state = full_state()
    save_project(state, {}, tmp_path / "p.gpkg")
    opened, _ = open_project(tmp_path / "p.gpkg")
    assert opened.layers == state.layers
    assert replace(opened, results=()) == state


def test_an_older_file_has_none_of_it():
    from models.store import schema

    documents = schema.documents_of(full_state(), "2025-01-01T00:00:00Z")
    for name in (schema.PATHS, schema.NOTES, schema.PITS, schema.LAYER_THEMES):
        del documents[name]
    for row in documents[schema.VIEWPOINTS]:
        del row["scene"], row["thumbnail"]
    state = schema.state_of(documents)
    assert (state.paths, state.notes, state.pits, state.layer_themes) == ((), (), (), ())
    assert state.viewpoints[0].scene is None
    assert state.viewpoints[0].thumbnail == b""


def test_undo_takes_every_change_back_and_redo_brings_it_again(session):
    session.project.replace_all(two_layers(), {}, None)
    states = [session.project.state]
    pit = views.save_pit(session, Pit("", "", tuple(map(tuple, square(0, 10)))))
    states.append(session.project.state)
    note = views.save_note(session, Note("", "pin", ((EAST, NORTH, 0.0),)))
    states.append(session.project.state)
    views.move_note(session, note.id, (5.0, 0.0, 1.0))
    states.append(session.project.state)
    path = views.save_path(session, FlightPath("", "路", ((0.0, 0.0, 0.0), (9.0, 0.0, 0.0))))
    states.append(session.project.state)
    views.delete_path(session, path.id)
    views.delete_pits(session, [pit.id])
    states += [session.project.state]
    assert session.project.state.notes[0].points == ((EAST + 5, NORTH, 1.0),)
    for _ in range(6):
        session.history.undo()
    assert session.project.state == states[0]
    for _ in range(6):
        session.history.redo()
    assert session.project.state == states[-1]


def test_numbers_that_make_no_sense_are_refused(session):
    session.project.replace_all(two_layers(), {}, None)
    points = ((0.0, 0.0, 0.0), (9.0, 0.0, 0.0))
    with pytest.raises(UserError, match=r"path\.bad_number"):
        views.save_path(session, FlightPath("", "路", points, speed_mps=0.0))
    with pytest.raises(UserError, match=r"path\.no_name"):
        views.save_path(session, FlightPath("", " ", points))
    with pytest.raises(UserError, match=r"pit\.bad_depth"):
        views.save_pit(session, Pit("", "", tuple(map(tuple, square(0, 10))), depth_m=-1))
    with pytest.raises(UserError, match=r"path\.few_viewpoints"):
        views.path_of_viewpoints(session, "路")
    assert session.history.undo_label == "", "what was refused left no trace"


@pytest.mark.render
def test_frames_are_numbered_and_the_same_every_time(session, tmp_path):
    import geopandas as gpd
    import shapely

    from models.layers.layer import VectorData

    block = gpd.GeoDataFrame(
        {"height": [12.0]}, geometry=[shapely.box(EAST, NORTH, EAST + 20, NORTH + 20)], crs="EPSG:4527"
    )
    state = ProjectState(
        frame=FRAME, layers=(Layer("b", "楼", "vector", "buildings", style=Style(height_field="height")),)
    )
    session.project.replace_all(state, {"b": VectorData(block)}, None)
    flight = Flight(FlightPath("p", "p", ((EAST - 60, NORTH - 60, 0), (EAST - 60, NORTH + 20, 0)), speed_mps=40,
                               look="point", target=(EAST + 10, NORTH + 10, 0.0)), level(0.0))  # fmt: skip
    files = []
    for name in ("one", "two"):
        FrameWriter(session, flight, FilmSpec(tmp_path / name, (160, 90), 2)).run(session)
        files.append(sorted((tmp_path / name).iterdir()))
    assert [file.name for file in files[0]] == [f"frame_{n:06d}.png" for n in range(1, 6)]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(*files, strict=True))
    assert files[0][0].read_bytes() != files[0][4].read_bytes(), "the eye moved"
