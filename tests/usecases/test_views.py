"""Annotations, layer themes, viewpoints, paths and pits in a project: saved, undone, refused."""

from dataclasses import replace

import numpy as np
import pytest

from app.usecases.views import annotations_and_flights as views
from app.usecases.views import viewpoints
from app.usecases.views.flight_frames import FilmSpec, FrameWriter
from models.core.errors import UserError
from models.crs.frame import Frame
from models.layers.layer import Layer, Style
from models.project.project import ProjectState
from models.project.scene import with_scene
from models.terrain.excavation import Pit
from models.views.annotations import Note
from models.views.camera import Camera
from models.views.flight_paths import Flight, FlightPath
from models.views.scene_state import SceneState, Theme

FRAME = Frame("EPSG:4527", None, (39_500_000, 4_400_000, 0))

EAST, NORTH = 39_500_000.0, 4_400_000.0


def level(height):
    return lambda x, y: np.full(np.shape(x), height)


def square(low, high):
    return np.array([[EAST + low, NORTH + low], [EAST + high, NORTH + low], [EAST + high, NORTH + high],
                     [EAST + low, NORTH + high]])  # fmt: skip


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
