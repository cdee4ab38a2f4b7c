"""Opening and saving: frames, undo, linked sources, recent files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.session import Session
from app.usecases.project import opening
from app.usecases.views import viewpoints
from models.core.errors import UserError
from models.layers.layer import Layer
from models.project.project import ProjectState
from tests.support.small_city import CAMERA, city


def write_points(path: Path, name: str = "甲", x: float = 117.0, y: float = 36.6) -> Path:
    feature = {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Point", "coordinates": [x, y]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


def test_the_first_layer_brings_the_frame_and_one_undo_takes_both_away(session: Session, tmp_path: Path) -> None:
    before = session.project.state
    opening.open_files(session, [write_points(tmp_path / "点.geojson")])
    state = session.project.state
    assert state.frame is not None
    assert state.frame.horizontal == "EPSG:4548"
    assert all(isinstance(value, int) for value in state.frame.origin)
    assert [layer.source.path for layer in state.layers] == [""], "vector data is kept inside the project"
    session.history.undo()
    assert session.project.state == before
    session.history.redo()
    assert session.project.state == state


def test_data_outside_china_gets_a_zone_of_its_own(session: Session, tmp_path: Path) -> None:
    opening.open_files(session, [write_points(tmp_path / "a.geojson", x=4.9, y=52.4)])
    assert session.project.state.frame is not None
    assert session.project.state.frame.horizontal == "EPSG:32631"


def test_a_second_layer_keeps_the_frame(session: Session, tmp_path: Path) -> None:
    opening.open_files(session, [write_points(tmp_path / "a.geojson"), write_points(tmp_path / "b.geojson", x=120.0)])
    assert len(session.project.state.layers) == 2
    assert len({layer.id for layer in session.project.state.layers}) == 2
    assert session.project.state.frame is not None
    assert session.project.state.frame.horizontal == "EPSG:4548"


def test_saved_and_opened_again_a_project_is_equal(session: Session, tmp_path: Path) -> None:
    city(session)
    viewpoints.save_viewpoint(session, "全景", CAMERA, "Overview")
    opening.save_project(session, tmp_path / "城")
    path = session.project.path
    assert path == tmp_path / "城.gpkg"
    assert session.project.is_saved
    saved = session.project.state
    opening.new_project(session)
    assert session.project.state == ProjectState()
    opening.open_project(session, path)
    assert session.project.state == saved
    assert len(session.project.data["buildings"].frame) == 3  # type: ignore[union-attr]
    assert not session.history.undo_label
    assert session.settings.get("recent")[0] == str(path)


def test_a_project_that_cannot_be_opened_leaves_the_old_one(session: Session, tmp_path: Path) -> None:
    city(session)
    before, data = session.project.state, session.project.data
    (tmp_path / "bad.gpkg").write_bytes(b"SQLite format 3\0 and then nothing")
    with pytest.raises(UserError):
        opening.open_project(session, tmp_path / "bad.gpkg")
    assert session.project.state == before
    assert session.project.data is data


def test_a_missing_linked_source_keeps_its_layer_and_says_so(session: Session, tmp_path: Path) -> None:
    city(session)
    terrain = Layer("dem", "地形", "terrain", "terrain", source=opening_source(tmp_path / "gone" / "dem.tif"))
    session.history.do("history.open_file", lambda state: state.with_layer(terrain))
    opening.save_project(session, tmp_path / "c.gpkg")
    opening.open_project(session, tmp_path / "c.gpkg")
    assert [layer.id for layer in session.project.state.layers] == ["buildings", "components", "dem"]
    assert "dem" not in session.project.data
    assert "caution.project.source_missing" in [notice.key for notice in session.notices.all]
    assert session.project.is_saved


def opening_source(path: Path) -> Any:
    from models.layers.layer import Source

    return Source(path=str(path), reader="raster", crs="EPSG:4548")


def test_linked_sources_move_with_their_project(session: Session, tmp_path: Path) -> None:
    city(session)
    here = tmp_path / "here"
    (here / "files").mkdir(parents=True)
    (here / "files" / "dem.tif").write_bytes(b"not read here")
    terrain = Layer("dem", "地形", "terrain", "terrain", source=opening_source(here / "files" / "dem.tif"))
    session.history.do("history.open_file", lambda state: state.with_layer(terrain))
    opening.save_project(session, here / "c.gpkg")
    here.rename(tmp_path / "there")
    opening.open_project(session, tmp_path / "there" / "c.gpkg")
    assert session.project.state.layer("dem").source.path == str(tmp_path / "there" / "files" / "dem.tif")


def test_saving_without_a_name_is_refused(session: Session) -> None:
    city(session)
    with pytest.raises(UserError, match=r"project\.no_path"):
        opening.save_project(session)


def test_recent_files_are_few_and_newest_first(session: Session) -> None:
    for number in range(15):
        opening.add_recent(session, Path(f"{number}.gpkg"))
    opening.add_recent(session, Path("12.gpkg"))
    recent = session.settings.get("recent")
    assert recent[:2] == ["12.gpkg", "14.gpkg"]
    assert len(recent) == opening.RECENT_LIMIT
    assert len(set(recent)) == len(recent)


def test_layers_tell_the_window_when_their_data_arrives(session: Session, tmp_path: Path) -> None:
    told: list[str] = []
    session.project.data_changed.connect(told.append)
    opening.open_files(session, [write_points(tmp_path / "a.geojson")])
    assert told == [session.project.state.layers[0].id]
