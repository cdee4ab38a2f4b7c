"""A session leaves nothing behind: no thread, no open file, no temporary file."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from pathlib import Path

import pytest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.project import opening

POINTS = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"甲"},'
    '"geometry":{"type":"Point","coordinates":[117.0,36.6]}}]}'
)


def open_files() -> set[str]:
    if not sys.platform.startswith("linux"):
        pytest.skip("counts open files through /proc")
    targets = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            targets.add(str(link.readlink()))
        except OSError:
            continue
    return targets


def once(folder: Path, number: int) -> weakref.ref[Session]:
    session = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=folder / "cache")
    file = folder / f"{number}.geojson"
    file.write_text(POINTS, encoding="utf-8")
    opening.open_files(session, [file])
    opening.save_project(session, folder / f"{number}.gpkg")
    opening.open_project(session, folder / f"{number}.gpkg")
    session.close()
    return weakref.ref(session)


def test_sessions_leave_no_file_open_and_no_thread(tmp_path: Path) -> None:
    once(tmp_path, 0)  # libraries keep what they open once
    gc.collect()
    files, threads = open_files(), threading.active_count()
    for number in range(1, 4):
        once(tmp_path, number)
    gc.collect()
    assert {name for name in open_files() - files if name.startswith(str(tmp_path))} == set()
    assert len(open_files()) <= len(files) + 1
    assert threading.active_count() == threads


def test_a_closed_session_is_freed(tmp_path: Path) -> None:
    reference = once(tmp_path, 0)
    gc.collect()
    assert reference() is None


def test_saving_leaves_nothing_beside_the_project(tmp_path: Path) -> None:
    once(tmp_path, 0)
    left = {path.name for path in tmp_path.iterdir() if path.name != "cache"}
    assert left == {"0.geojson", "0.gpkg"}


def test_the_cache_holds_only_whole_entries(tmp_path: Path) -> None:
    once(tmp_path, 0)
    odd = [path for path in (tmp_path / "cache").rglob("*") if "tmp" in path.name or path.name.startswith(".")]
    assert not [path for path in odd if path.is_file() and path.stat().st_size], odd
