"""A picture brings its view back and says what has changed since it was made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.project import opening
from app.usecases.views import returning, snapshots
from app.usecases.views.seen import seen_now
from models.core.errors import UserError
from models.core.progress import Progress
from models.sheets.spec import SheetSpec
from models.views.camera import Camera
from models.views.seen import Change, Seen, SeenLayer, changes, seen_json, seen_of_json
from tests.support.window import tiny_city
from viewers.sheets.record import has_record, write_png

CAMERA = Camera((502000.0, 4058500.0, 400.0), (502000.0, 4059000.0, 30.0))
PIXELS = np.zeros((320, 320, 3), np.uint8)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    session = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    session.project.replace_all(*tiny_city(), None)
    opening.save_project(session, tmp_path / "city.gpkg")
    return session


@pytest.fixture
def picture(session: Session, tmp_path: Path) -> Path:
    """Return a picture as the program writes it, without having drawn one."""
    spec = snapshots.make_spec(session, CAMERA, size=(320, 320))
    state, project = session.project.state, tmp_path / "city.gpkg"
    content = snapshots.content_hash(session, project, state)
    seen = seen_now(session, state, spec.theme)()
    write_png(PIXELS, replace(spec, project="city.gpkg"), tmp_path / "a.png", content, seen)
    return tmp_path / "a.png"


def told(session: Session, picture: Path) -> list[Change]:
    return returning.what_changed(session, returning.read(picture))(Progress())


def test_a_picture_of_the_project_as_it_is_has_nothing_to_say_also_after_it_was_opened_again(
    session: Session, picture: Path, tmp_path: Path
) -> None:
    assert told(session, picture) == []
    other = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    opening.open_project(other, tmp_path / "city.gpkg")
    assert told(other, picture) == []


def test_it_says_which_layer_is_gone_or_new_which_data_and_which_style_changed(session: Session, picture: Path) -> None:
    ground, *_, last = session.project.state.layers
    made = replace(last, id="new", name="新图层")
    session.history.do(
        "history.remove_layer",
        lambda state: replace(
            state, layers=(replace(ground, style=replace(ground.style, opacity=0.5)), *state.layers[1:-1], made)
        ),
    )
    frame = session.project.data[ground.id].frame  # type: ignore[union-attr]
    session.project.put_data(ground.id, replace_rows(session, ground.id, frame.iloc[:-1]))
    found = told(session, picture)
    names = {(change.kind, change.name) for change in found}
    assert ("gone", last.name) in names
    assert ("added", "新图层") in names
    assert ("style", ground.name) in names
    assert Change("data", ground.name, 1, 0) in found


def replace_rows(session: Session, layer_id: str, frame):  # type: ignore[no-untyped-def]
    from models.layers.layer import VectorData

    held = session.project.data[layer_id]
    return VectorData(frame, held.crs)  # type: ignore[union-attr]


def test_showing_it_is_one_step_that_hides_what_it_hid_and_undo_takes_back(session: Session, picture: Path) -> None:
    view = returning.read(picture).view
    assert view is not None
    assert view.camera == CAMERA
    before = session.project.state
    hidden = replace(view, hidden=(before.layers[0].id,))
    returning.show_view(session, hidden)
    assert next(layer.visible for layer in session.project.state.layers) is False
    session.history.undo()
    assert session.project.state == before


def test_figures_are_told_then_and_now_and_what_nobody_reads_is_no_change() -> None:
    then = Seen({}, "HC25-25", "%", {"": ("", 72.3), "1": ("甲街道", 50.0), "2": ("乙街道", None)})
    now = Seen({}, "HC25-25", "%", {"": ("", 72.3 + 1e-12), "1": ("甲街道", 61.0), "2": ("乙街道", 40.0)})
    assert changes(then, now) == [
        Change("value", "甲街道", 50.0, 61.0, "1"), Change("value", "乙街道", None, 40.0, "2"),
    ]  # fmt: skip
    assert changes(then, replace(now, indicator="HC25-01")) == []


def test_what_was_seen_goes_through_json_and_strange_records_say_nothing() -> None:
    seen = Seen({"a": SeenLayer("建筑", 9, "ff", "00")}, "HC25-25", "%", {"": ("", None), "1": ("甲", 0.5)})
    assert seen_of_json(seen_json(seen)) == seen
    for strange in (None, [], {}, {"layers": 3}, {"layers": {"a": [1]}, "values": {}}, "x"):
        assert seen_of_json(strange) is None


def test_sheets_are_told_from_pictures_and_files_that_are_not_ours_are_refused(tmp_path: Path, picture: Path) -> None:
    write_png(PIXELS, SheetSpec("s1", "图"), tmp_path / "sheet.png")
    found = returning.read(tmp_path / "sheet.png")
    assert found.sheet == SheetSpec("s1", "图")
    assert found.view is None
    cut, foreign = tmp_path / "cut.png", tmp_path / "foreign.pdf"
    cut.write_bytes(picture.read_bytes()[:200])
    foreign.write_bytes(b"%PDF-1.4 nothing")
    for path in (cut, foreign):
        assert not has_record(path)
        with pytest.raises(UserError):
            returning.read(path)
    assert has_record(picture)
