"""Undoing everything gives back an equal project; what failed leaves no trace."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.health import health
from app.usecases.layers import groups, layers
from app.usecases.project import opening
from app.usecases.project import project_frame as first_place
from app.usecases.query import describe
from app.usecases.views import viewpoints
from models.core.errors import UserError
from models.layers.layer import RasterData, Style, VectorData
from models.project.selection import ObjectKey
from models.views.scene_state import Theme
from tests.support.small_city import CAMERA, city


def test_a_raster_and_a_model_have_a_place() -> None:
    raster = RasterData(
        np.array([[1.0, np.nan], [3.0, 4.0]], np.float32), (10.0, 0, 500000.0, 0, -10.0, 4000000.0), "EPSG:4548"
    )
    place = first_place.place_of(raster)
    assert place is not None
    assert place[0] == "EPSG:4548"
    assert place[1].min(axis=0).tolist() == [500000, 3999980, 1]
    assert place[1].max(axis=0).tolist() == [500020, 4000000, 4]
    empty = RasterData(np.full((2, 2), np.nan, np.float32), (10.0, 0, 0, 0, -10.0, 0), "EPSG:4548")
    assert first_place.place_of(empty) is None
    nowhere = VectorData(gpd.GeoDataFrame({"a": [1]}, geometry=[None], crs="EPSG:4548"))
    assert first_place.place_of(nowhere) is None


verbs = st.sampled_from(
    ["remove", "rename", "hide", "show", "style", "role", "move", "group", "ungroup", "view", "forget", "theme", "name"]
)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.tuples(verbs, st.sampled_from(["buildings", "components"]), st.integers(-2, 3)), max_size=12))
def test_undoing_everything_gives_back_an_equal_project(steps: list[tuple[str, str, int]]) -> None:
    session = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=Path("unused"))
    city(session)
    start = session.project.state
    for verb, layer, number in steps:
        try:
            do(session, verb, layer, number)
        except UserError as error:
            assert error.code in ("project.no_layer", "project.no_group", "view.unknown")  # noqa: PT017 - what is gone is gone
    end = session.project.state
    while session.history.undo_label:
        session.history.undo()
    assert session.project.state == start
    assert session.project.is_saved
    while session.history.redo_label:
        session.history.redo()
    assert session.project.state == end
    session.close()


def do(session: Session, verb: str, layer: str, number: int) -> None:
    match verb:
        case "remove":
            layers.remove_layer(session, layer)
        case "rename":
            layers.rename_layer(session, layer, f"层 {number}")
        case "hide" | "show":
            layers.set_visible(session, layer, verb == "show")
        case "style":
            layers.set_style(session, layer, Style(opacity=0.5 + number / 10))
        case "role":
            layers.set_role(session, layer, "roads")
        case "move":
            groups.move_layers(session, [layer], "", "components" if number % 2 else "")
        case "group":
            groups.make_group(session, f"组 {number}", [layer])
        case "ungroup":
            groups.ungroup(session, next((group.id for group in session.project.state.groups), ""))
        case "view":
            viewpoints.save_viewpoint(session, f"视点 {number}", CAMERA)
        case "forget":
            viewpoints.delete_viewpoint(session, viewpoints.find_viewpoint(session.project.state, f"视点 {number}").id)
        case "theme":
            health.set_theme(session, Theme("facilities"))
        case "name":
            opening.rename_project(session, f"城 {number}")


def test_a_failed_command_leaves_no_trace(session: Session) -> None:
    city(session)
    before = session.project.state
    for command in (
        lambda: layers.rename_layer(session, "buildings", "  "),
        lambda: layers.set_role(session, "buildings", "spaceship"),
        lambda: layers.remove_layer(session, "nothing"),
        lambda: viewpoints.save_viewpoint(session, " ", CAMERA),
        lambda: viewpoints.delete_viewpoint(session, "nothing"),
    ):
        with pytest.raises(UserError):
            command()
    assert session.project.state == before
    assert not session.history.undo_label


def test_a_removed_layer_is_no_longer_selected_and_undo_brings_its_data_back(session: Session) -> None:
    city(session)
    session.selection.set([ObjectKey("buildings", 11), ObjectKey("components", 1)])
    layers.remove_layer(session, "buildings")
    assert session.selection.keys == (ObjectKey("components", 1),)
    session.history.undo()
    assert describe.title_of(session, ObjectKey("buildings", 11)) == "甲"
