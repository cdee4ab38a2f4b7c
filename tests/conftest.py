"""What many tests share: a session without window, threads or traces, and the small sample city, made once."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from models.store.held import hold
from tests.support.imports import import_graph, reached
from tests.support.paths import ROOT

DAY_S = 86_400.0

if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # Qt ends the process where it finds no display


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """Return a session that runs its jobs at once and keeps nothing."""
    fresh = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    yield fresh
    fresh.close()


@pytest.fixture(scope="session")
def sample_city(pytestconfig: pytest.Config) -> Path:
    """Return the small sample city, seed 1: ``sample.gpkg`` with ``sample_files`` beside it. Do not write to it.

    It is kept in pytest's cache folder between runs under a hash of the code that makes it. Of several processes that
    want it at once, one makes it and the others wait.
    """
    home = ROOT / ".pytest_cache" / "sample"
    home.mkdir(parents=True, exist_ok=True)
    name = _hash_of_generator()
    project = home / name / "sample.gpkg"
    while not project.exists():
        lock = hold(home / f"{name}.lock")
        if lock is None:
            time.sleep(0.2)
            continue
        with lock:
            if not project.exists():
                _make_sample(home, project)
    return project


def _make_sample(home: Path, project: Path) -> None:
    """Make the sample city in its folder under ``home``, whole or not at all; remove what older code has made."""
    from app.usecases.project.sample import make_sample
    from models.core.progress import Progress

    making = home / f"making-{os.getpid()}"
    making.mkdir()
    make_sample(making / "sample.gpkg", 1, "small", Progress())
    making.rename(project.parent)
    for other in home.iterdir():  # what a run beside this one makes or reads is young
        if other.is_dir() and other != project.parent and time.time() - other.stat().st_mtime > DAY_S:
            shutil.rmtree(other, ignore_errors=True)


@pytest.fixture
def sample_session(session: Session, sample_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Return a session with the sample city open, linked sources included; its geometry cache serves all tests."""
    from app.usecases.project.opening import open_project

    session.cache_root = tmp_path_factory.getbasetemp() / "sample-cache"
    open_project(session, sample_city)
    return session


def _hash_of_generator() -> str:
    """Return a hash of the files that make the sample city, directly or through others, and of the standards."""
    files = reached(import_graph(packages=("app", "models", "resources")), ["app/usecases/project/sample.py"])
    files |= {path.relative_to(ROOT).as_posix() for path in (ROOT / "resources" / "standards").rglob("*.toml")}
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.encode() + b"\0" + (ROOT / file).read_bytes())
    return digest.hexdigest()[:16]
