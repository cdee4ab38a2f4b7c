"""Unsaved work: the copy of a living run is its own, that of a dead one is found, and a kill loses nothing."""

import json
import os
import sys
from dataclasses import replace

import pytest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.project import opening, recovery
from models.store.held import hold
from models.store.recovery import Copy, left_behind
from tools import kill_saves


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    made = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache")
    yield made
    made.close()


def put(session, number):
    state, data = kill_saves.version(number)
    session.project.replace_all(state, data, None)
    session.project.mark_unsaved()


def test_a_lock_is_held_once_and_free_again_when_it_is_let_go(tmp_path):
    first = hold(tmp_path / "a.lock")
    assert first is not None
    assert hold(tmp_path / "a.lock") is None
    first.close()
    again = hold(tmp_path / "a.lock")
    assert again is not None
    again.close()


def test_work_of_a_living_run_is_not_offered_and_that_of_a_dead_one_is(session):
    put(session, 3)
    keeper = recovery.Keeper(session)
    keeper.keep()
    assert recovery.left_work() == []
    keeper._copy._lock.close()  # as the system does when a process dies
    (left,) = recovery.left_work()
    assert (left.name, left.project) == ("3", None)


def test_recovered_work_is_the_work_unsaved_and_knows_its_file(session, tmp_path):
    put(session, 5)
    opening.save_project(session, tmp_path / "city.gpkg")
    before = (tmp_path / "city.gpkg").read_bytes()
    session.history.do("history.rename_project", lambda state: replace(state, name="更名"))
    wanted = session.project.state
    keeper = recovery.Keeper(session)
    keeper.keep()
    keeper._copy._lock.close()
    (left,) = recovery.left_work()
    other = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache")
    recovery.restore(other, left)
    assert other.project.state == wanted
    assert not other.project.is_saved
    assert other.project.path == (tmp_path / "city.gpkg").resolve()
    assert (tmp_path / "city.gpkg").read_bytes() == before
    assert recovery.left_work() == []
    other.close()


def test_a_saved_project_keeps_no_copy_and_an_unchanged_one_is_not_written_twice(session, tmp_path):
    put(session, 1)
    keeper = recovery.Keeper(session)
    assert keeper.keep() is not None
    assert keeper.keep() is None
    opening.save_project(session, tmp_path / "city.gpkg")
    assert keeper.keep() is None
    assert not list((tmp_path / "home" / "recovery").glob("*.gpkg"))


def test_leftovers_that_are_no_work_are_swept_away(tmp_path):
    (tmp_path / "a.lock").touch()
    (tmp_path / "a.gpkg").write_bytes(b"half")
    (tmp_path / "b.lock").touch()
    (tmp_path / "b.json").write_text(json.dumps({"project": "", "name": "x", "saved_at": "no moment"}))
    assert left_behind(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_once_and_stops_nobody(session, tmp_path):
    put(session, 1)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "recovery").write_text("a file where a folder should be")
    keeper = recovery.Keeper(session)
    keeper.keep()
    keeper.keep()
    assert [notice.key for notice in session.notices.all] == ["caution.recovery.not_kept"]


def test_a_note_is_of_the_copy_beside_it(tmp_path):
    copy = Copy(tmp_path)
    copy.write(lambda file: file.write_bytes(b"work"), tmp_path / "city.gpkg", "城市")
    copy._lock.close()
    (left,) = left_behind(tmp_path)
    assert (left.file.read_bytes(), left.name, left.project) == (b"work", "城市", tmp_path / "city.gpkg")
    left.remove()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="needs fork")
def test_a_kill_at_any_moment_of_save_autosave_and_cache_writing_loses_nothing():
    assert kill_saves.run(rounds=24, seed=20261122) == []
