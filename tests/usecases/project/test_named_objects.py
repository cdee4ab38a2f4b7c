"""What a project names is found again in a table that was imported again or changed by another program."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.project import opening
from app.usecases.review import topics
from models.project.edits import Edit
from models.project.selection import ObjectKey, SelectionSet
from models.views.camera import Camera


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    yield made
    made.close()


def covers(path: Path, codes: list[str]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"ObjID": code, "ObjState": "完好"},
            "geometry": {"type": "Point", "coordinates": [117.0 + int(code[-3:]) * 1e-4, 36.6]},
        }
        for code in codes
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


CODES = [f"3701990101000{number:03d}" for number in range(1, 21)]


def code_of(session: Session, key: ObjectKey) -> str:
    data = session.project.data[key.layer]
    return str(data.attributes.loc[key.oid, "ObjID"])  # type: ignore[union-attr]


def with_things_named(session: Session, file: Path) -> tuple[str, list[str]]:
    """Open covers and name two of them in a set, an edit and a topic."""
    opening.open_files(session, [file])
    layer = session.project.state.layers[0].id
    keys = [ObjectKey(layer, oid) for oid in session.project.data[layer].attributes.index[[3, 7]]]  # type: ignore[union-attr]
    names = [code_of(session, key) for key in keys]
    session.selection.set(keys)
    view = topics.view_of_now(session, Camera((0, 0, 100), (0, 0, 0), (0, 1, 0)), 1.5)
    topics.new_topic(session, "井盖", view)
    edit = Edit(layer, keys[0].oid, "ObjState", "完好", "破损")
    session.history.do(
        "history.open_file",
        lambda state: replace(state, sets=(SelectionSet("坏井盖", keys=tuple(keys)),), edits=(edit,)),
    )
    session.selection.set(())
    return layer, names


def named(session: Session) -> tuple[list[str], list[str], list[str]]:
    state = session.project.state
    in_topic = topics.keys_of(session, state.topics[0].views[0].selected)
    return (
        [code_of(session, key) for key in state.sets[0].keys],
        [code_of(session, ObjectKey(edit.layer, edit.oid)) for edit in state.edits],
        [code_of(session, key) for key in in_topic],
    )


def test_a_table_imported_again_in_another_order_keeps_sets_edits_and_topics(session: Session, tmp_path: Path) -> None:
    layer, names = with_things_named(session, covers(tmp_path / "井盖.geojson", CODES))
    again = covers(tmp_path / "井盖2.geojson", [*CODES[::-1], "3701990101000900"])
    opening.read_again(session, layer, again)
    assert named(session) == (names, names[:1], names)
    assert session.project.state.edits[0].after == "破损"
    session.history.undo()
    assert session.project.state.layers[0].id == layer
    assert named(session) == (names, names[:1], names)


def test_what_is_gone_is_said_and_led_nowhere(session: Session, tmp_path: Path) -> None:
    layer, names = with_things_named(session, covers(tmp_path / "井盖.geojson", CODES))
    opening.read_again(session, layer, covers(tmp_path / "井盖2.geojson", [c for c in CODES if c != names[0]]))
    assert named(session) == (names[1:], [], names[1:])
    assert any(notice.key == "caution.layer.named_gone" for notice in session.notices.all)


def test_rows_renumbered_by_another_program_are_found_again_when_the_project_opens(
    session: Session, tmp_path: Path
) -> None:
    _, names = with_things_named(session, covers(tmp_path / "井盖.geojson", CODES))
    file = tmp_path / "城市.gpkg"
    opening.save_project(session, file)
    with sqlite3.connect(file) as connection:
        (table,) = connection.execute("SELECT table_name FROM gpkg_geometry_columns").fetchone()
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        connection.execute(f'UPDATE "{table}" SET fid = fid + 1000')  # noqa: S608 - the test's own file
        connection.execute(f'UPDATE "{table}" SET fid = 1021 - fid')  # noqa: S608
    fresh = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache2")
    opening.open_project(fresh, file)
    assert named(fresh) == (names, names[:1], names)
    assert any(notice.key == "caution.project.keys_moved" for notice in fresh.notices.all)
    fresh.close()


def test_a_topic_finds_its_objects_in_a_project_where_they_stand_in_another_layer(
    session: Session, tmp_path: Path
) -> None:
    _, names = with_things_named(session, covers(tmp_path / "井盖.geojson", CODES))
    selected = session.project.state.topics[0].views[0].selected
    other = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache3")
    opening.open_files(other, [covers(tmp_path / "全市部件.geojson", CODES[::-1])])
    assert [code_of(other, key) for key in topics.keys_of(other, selected)] == names
    other.close()
