"""Two people and one project: nobody's saving drops another's, and a lock says who is there and never for ever."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from app.background.jobs import Jobs
from app.command_line import main as cli
from app.session import Session
from app.settings import Settings
from app.usecases.project import opening, recovery
from models.core.errors import UserError
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState
from models.store import project_file, project_lock
from models.store.project_lock import Holder, ProjectLock


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Session]:
    made = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache")
    yield made
    made.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    table = gpd.GeoDataFrame(
        {"name": ["甲", "乙"]}, geometry=[shapely.Point(0, 0), shapely.Point(9, 9)], crs="EPSG:4548"
    )
    table.index.name = "fid"
    path = tmp_path / "city.gpkg"
    state = ProjectState("城", layers=(Layer("points", "点", "vector"),))
    project_file.save_project(state, {"points": VectorData(table)}, path)
    return path


def rename(session: Session, name: str) -> None:
    opening.rename_project(session, name)


def name_in(path: Path) -> str:
    return project_file.open_project(path)[0].name


# --- the stamp ---


def test_the_second_of_two_savings_is_refused_and_the_first_stays(
    session: Session, other: Session, project: Path, tmp_path: Path
) -> None:
    opening.open_project(session, project)
    opening.open_project(other, project)
    rename(session, "第一")
    rename(other, "第二")
    opening.save_project(session)
    with pytest.raises(UserError, match=r"store\.changed_on_disk") as caught:
        opening.save_project(other)
    assert caught.value.facts["file"] == "city.gpkg"
    assert name_in(project) == "第一"
    assert other.project.state.name == "第二", "nothing of the second is lost either"
    opening.save_project(other, tmp_path / "mine.gpkg")
    assert (name_in(project), name_in(tmp_path / "mine.gpkg")) == ("第一", "第二")


def test_who_insists_overwrites_and_who_reloads_has_the_other_work(
    session: Session, other: Session, project: Path
) -> None:
    opening.open_project(session, project)
    opening.open_project(other, project)
    rename(session, "第一")
    opening.save_project(session)
    rename(other, "第二")
    opening.save_project(other, overwrite=True)
    assert name_in(project) == "第二"
    rename(session, "第三")
    with pytest.raises(UserError, match=r"store\.changed_on_disk"):
        opening.save_project(session)
    opening.open_project(session, project)
    assert session.project.state.name == "第二"
    rename(session, "第四")
    opening.save_project(session)
    rename(session, "第五")
    opening.save_project(session)  # one's own saving is no change by others
    assert name_in(project) == "第五"


def test_a_table_that_another_program_changed_is_not_overwritten_but_a_mere_touch_is_no_change(
    session: Session, project: Path
) -> None:
    opening.open_project(session, project)
    rename(session, "新")
    os.utime(project, (1, 1))
    opening.save_project(session)
    with contextlib.closing(sqlite3.connect(project)) as connection, connection:  # as GDAL and QGIS note it
        connection.execute(
            "UPDATE gpkg_contents SET last_change = '2030-01-01T00:00:00.000Z' WHERE table_name = 'points'"
        )
    rename(session, "更新")
    with pytest.raises(UserError, match=r"store\.changed_on_disk"):
        opening.save_project(session)


def test_what_was_saved_while_we_were_writing_is_not_replaced(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state, data = project_file.open_project(project)
    stamp = project_file.stamp_of(project)
    genuine = project_file._write

    def slow(*arguments: object, **names: object) -> None:
        genuine(*arguments, **names)  # type: ignore[arg-type]
        with contextlib.closing(sqlite3.connect(project)) as connection, connection:
            connection.execute("UPDATE chengjing_meta SET value = 'another' WHERE key = 'save_id'")

    monkeypatch.setattr(project_file, "_write", slow)
    with pytest.raises(UserError, match=r"store\.changed_on_disk"):
        project_file.save_project(replace(state, name="我"), data, project, previous=project, expected=stamp)
    assert name_in(project) == "城"


def test_recovered_work_does_not_drop_what_was_saved_since(
    session: Session, other: Session, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    opening.open_project(session, project)
    rename(session, "未存")
    keeper = recovery.Keeper(session)
    keeper.keep()
    keeper._copy._lock.close()  # type: ignore[union-attr]  # as the system does when a process dies
    opening.open_project(other, project)
    rename(other, "别人")
    opening.save_project(other)
    (left,) = recovery.left_work()
    recovery.restore(session, left)
    with pytest.raises(UserError, match=r"store\.changed_on_disk"):
        opening.save_project(session)
    assert name_in(project) == "别人"


# --- the lock ---

HOLDS = """
import sys
from pathlib import Path
from models.store import project_lock
lock = project_lock.take(Path(sys.argv[1]))
print(type(lock).__name__, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def held(project: Path) -> Iterator[subprocess.Popen[str]]:
    """Return a process that holds the project."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(project)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ProjectLock\n"
        yield process
        process.kill()


def test_a_held_project_says_who_holds_it_and_is_not_written(
    session: Session, project: Path, held: subprocess.Popen[str]
) -> None:
    holder = project_lock.take(project)
    assert isinstance(holder, Holder)
    assert holder.pid == held.pid
    opening.open_project(session, project)
    rename(session, "我")
    with pytest.raises(UserError, match=r"store\.open_elsewhere") as caught:
        opening.save_project(session)
    assert caught.value.facts["host"] == holder.host
    opening.save_project(session, overwrite=True)
    assert name_in(project) == "我"


@pytest.mark.skipif(os.name == "nt", reason="there its lock is void after a while")
def test_the_lock_of_a_killed_program_is_void_at_once(project: Path, held: subprocess.Popen[str]) -> None:
    held.kill()
    held.wait()
    assert project_lock.file_of(project).exists()
    assert project_lock.holder_of(project) is None
    lock = project_lock.take(project)
    assert isinstance(lock, ProjectLock)
    lock.let_go()
    assert not project_lock.file_of(project).exists()


def write_lock(project: Path, age_s: float, text: str | None = None, **holder: object) -> None:
    file = project_lock.file_of(project)
    file.write_text(json.dumps(holder) if text is None else text, encoding="utf-8")
    os.utime(file, (time.time() - age_s,) * 2)


@pytest.mark.parametrize("text", [None, "", "{", "[" * 10_000, '{"pid": "x"}', "[1]"])
def test_a_lock_of_another_machine_holds_until_nobody_renews_it(project: Path, text: str | None) -> None:
    write_lock(project, 60, text, user="乙", host="elsewhere", pid=1, claim="t")
    assert isinstance(project_lock.take(project), Holder)
    write_lock(project, project_lock.VOID_AFTER_S + 60, text, user="乙", host="elsewhere", pid=1, claim="t")
    lock = project_lock.take(project)
    assert isinstance(lock, ProjectLock)
    lock.let_go()


def test_a_number_that_another_process_has_by_now_is_no_holder(project: Path) -> None:
    lock = project_lock.take(project)
    assert isinstance(lock, ProjectLock)
    mine = lock.holder
    write_lock(project, 0, user=mine.user, host=mine.host, pid=mine.pid, started=mine.started, claim="u")
    assert project_lock.holder_of(project) is not None
    if mine.started:
        write_lock(project, 0, user=mine.user, host=mine.host, pid=mine.pid, started="1", claim="u")
        assert project_lock.holder_of(project) is None
    lock.let_go()
    assert project_lock.file_of(project).exists(), "another's by now is not removed"


def test_a_lock_is_taken_over_by_who_insists_and_the_first_knows(project: Path) -> None:
    first = project_lock.take(project)
    second = project_lock.take(project, over=True)
    assert isinstance(first, ProjectLock)
    assert isinstance(second, ProjectLock)
    assert not first.is_ours()
    first.let_go()
    assert second.is_ours()
    second.let_go()
    assert [path.name for path in project.parent.glob(".~lock*")] == []


def test_where_no_lock_can_be_written_there_is_none(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(Path, "open", refuse)
    assert project_lock.take(project) is None


# --- the command line ---


def test_the_command_line_ends_with_3_where_somebody_has_the_project_open(
    project: Path, held: subprocess.Popen[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "a.csv"
    table.write_text("lon,lat\n117.1,36.6\n", encoding="utf-8")
    before = project.read_bytes()
    assert cli.run(["--lang", "en", "build", str(table), "--out", str(project)]) == 3
    assert "city.gpkg" in capsys.readouterr().err
    assert project.read_bytes() == before


def test_looking_from_the_command_line_leaves_no_lock(session: Session, project: Path) -> None:
    opening.open_project(session, project)
    assert [path.name for path in project.parent.iterdir() if "lock" in path.name] == []


KEEPS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_geopackage_that_another_program_writes_is_in_use_and_not_damaged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "plain.gpkg"
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(500_000, 4_060_000)], crs="EPSG:4548").to_file(path)
    with subprocess.Popen(
        [sys.executable, "-c", KEEPS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        for words in (["info", str(path)], ["build", str(path), "--out", str(tmp_path / "out.gpkg")]):
            assert cli.run(["--lang", "en", *words]) == 3
            assert "Another program is using plain.gpkg" in capsys.readouterr().err
        process.kill()
