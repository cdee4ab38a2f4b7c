"""Annotations, layer themes and viewpoints: what is saved is what is opened, older files included."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from models.crs.frame import Frame
from models.layers.layer import Layer, Style
from models.project.project import ProjectState
from models.project.scene import is_shown, scene_of, with_scene
from models.store.project_file import open_project, save_project
from models.terrain.excavation import Pit
from models.views import annotations
from models.views.annotations import Note
from models.views.camera import Camera
from models.views.flight_paths import FlightPath
from models.views.layer_themes import LayerTheme
from models.views.scene_state import SceneState, Theme
from models.views.viewpoint import Viewpoint

FRAME = Frame("EPSG:4527", None, (39_500_000, 4_400_000, 0))

EAST, NORTH = 39_500_000.0, 4_400_000.0


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


def two_layers():
    return ProjectState(
        frame=FRAME, layers=(Layer("a", "甲", "vector", "pipes"), Layer("b", "乙", "vector", visible=False))
    )


def test_a_theme_leaves_layers_alone_that_came_later():
    state = two_layers()
    later = state.with_layer(Layer("c", "丙", "vector"))
    shown = with_scene(later, scene_of(state))
    assert shown.layer("c").visible
    assert is_shown(shown, scene_of(state))


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
