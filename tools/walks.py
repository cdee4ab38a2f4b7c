"""Count the files that a value enters on its way through the code, so that a walk that grows longer is noticed.

Run: ``xvfb-run -a -s "-screen 0 1600x1000x24" .venv/bin/python tools/walks.py``; ``-v`` names the files.

A walk follows one value through one action: a path or a CRS through opening a file, a clicked key to the panels, a
style to the picture, an indicator's code through its computation to colours and panel. A function counts when it is
called with the value among its arguments: the value itself, an item of a list, tuple or dictionary, or the attribute
that is named for the walk. *Files* are the files of such functions; a *stay* is a run of calls in one of them; a
*return* is a stay in a file where the walk was before. Calls on threads and in child processes count in their order of
time. What a function fetches by itself, without being given it, does not count: a file may use a value and not be
listed. Nor do the formats count that are asked in turn whether a file is theirs, with all that they call to answer.

A table of 30,000 features stands for one of a million: from 20,000 on both take the same way (see ``models.roles``).
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ROOMS = tuple(str(ROOT / room) + os.sep for room in ("app", "models", "viewers", "resources"))
LOGS = "CHENGJING_WALK_LOGS"
VALUE = "CHENGJING_WALK_VALUE"


class Walk:
    """Follows a value while it is entered as a context.

    Parameters
    ----------
    value : object
    attributes : tuple of str
        An argument with the value in one of these attributes holds it.
    questions : collection of CodeType
        Functions that do not count, nor what they call.
    """

    def __init__(self, value: object, attributes: tuple[str, ...] = (), questions: Collection[CodeType] = ()) -> None:
        self._value, self._attributes, self._questions = value, attributes, questions
        self._asked = threading.local()
        #: When a function was called (of one clock for all processes of a machine), and its file.
        self.calls: list[tuple[int, str]] = []

    def __enter__(self) -> Walk:
        threading.setprofile(self._on_event)
        sys.setprofile(self._on_event)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)

    def stays(self) -> list[str]:
        """Return the files in the order in which they were entered."""
        found: list[str] = []
        for _, file in sorted(self.calls):
            if not found or found[-1] != file:
                found.append(file)
        return found

    def _on_event(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event not in ("call", "return") or not code.co_filename.startswith(ROOMS):
            return
        if code in self._questions:
            self._asked.depth = getattr(self._asked, "depth", 0) + (1 if event == "call" else -1)
        if event == "return" or getattr(self._asked, "depth", 0):
            return
        given = frame.f_locals
        for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
            if self._holds(given.get(name)):
                self._note(code.co_filename)
                return

    def _note(self, file: str) -> None:
        self.calls.append((time.monotonic_ns(), file[len(str(ROOT)) + 1 :]))

    def _is(self, value: object) -> bool:
        wanted = self._value
        if isinstance(wanted, Path):
            return isinstance(value, (str, Path)) and str(value) == str(wanted)
        return type(value) is type(wanted) and value == wanted

    def _holds(self, value: Any) -> bool:
        if self._is(value):
            return True
        if isinstance(value, (list, tuple)) and len(value) < 100 and any(self._is(one) for one in value):
            return True
        if isinstance(value, dict) and len(value) < 100 and any(self._is(one) for one in value.values()):
            return True
        return any(self._is(getattr(value, name, None)) for name in self._attributes)


class _ChildWalk(Walk):
    """A walk in a child process, which may be killed at any moment: each call is written at once."""

    def __init__(self, value: object, log: Path) -> None:
        super().__init__(value)
        self._log = log.open("a", encoding="utf-8")

    def _note(self, file: str) -> None:
        self._log.write(f"{time.monotonic_ns()}\t{file[len(str(ROOT)) + 1 :]}\n")
        self._log.flush()


def follow_in_child() -> None:
    """Follow a path in this process, which is a child of the one that walks; called by ``sitecustomize``."""
    if logs := os.environ.get(LOGS):
        _ChildWalk(Path(os.environ[VALUE]), Path(logs) / f"{os.getpid()}.log").__enter__()


class Report:
    """Prints a line a walk.

    Parameters
    ----------
    names_files : bool
    """

    def __init__(self, names_files: bool) -> None:
        self._names_files = names_files

    def tell(self, name: str, walk: Walk) -> None:
        """Print how many files, stays and returns a walk has."""
        stays = walk.stays()
        files = list(dict.fromkeys(stays))
        returns = len(stays) - len(files)
        print(f"{name:10} files {len(files):3}  stays {len(stays):3}  returns {returns:3}", flush=True)
        if self._names_files:
            print("    " + " → ".join(files), flush=True)


def walks_of_files(folder: Path, report: Report) -> None:
    """Open a large table and a building model."""
    import geopandas as gpd
    import numpy as np
    from shapely import box

    from tests.support.io_models import write_model

    table = folder / "large.gpkg"
    places = np.random.default_rng(1).random((30_000, 2)) * 3000 + (502_000, 4_059_000)
    houses = [box(x, y, x + 9, y + 9) for x, y in places]
    names = {"name": ["x"] * len(houses), "height_m": 10.0}
    gpd.GeoDataFrame(names, geometry=houses, crs="EPSG:4548").to_file(table)
    placed = {"Eastings": 502_000.0, "Northings": 4_059_000.0, "OrthogonalHeight": 30.0}
    model = write_model(folder / "house.ifc", map_conversion=placed)
    for name, path, value in (("path", table, table), ("crs", table, "EPSG:4548"), ("ifc", model, model)):
        report.tell(name, _opened(folder / name, path, value))


def _opened(folder: Path, path: Path, value: Path | str) -> Walk:
    """Open a file in a session of its own; return the walk of its path, or of another value, through it."""
    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from app.usecases.project import opening
    from models.io.registry import FORMATS

    folder.mkdir()
    os.environ[VALUE] = str(value)
    if isinstance(value, Path):  # a CRS in a child is the reader's own: it was given none
        os.environ[LOGS] = str(folder)
    session = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=folder / "cache")
    questions = {ask.__code__ for row in FORMATS for ask in (row.probe, row.is_folder) if ask is not None}
    try:
        with Walk(value, questions=questions) as walk:
            opening.open_files(session, [path])
    finally:
        os.environ.pop(LOGS, None)
        session.close()
    for log in folder.glob("*.log"):
        for line in log.read_text(encoding="utf-8").splitlines():
            moment, _, file = line.partition("\t")
            walk.calls.append((int(moment), file))
    return walk


def walks_of_the_window(folder: Path, report: Report) -> None:
    """Click an object, style a layer and colour the city by an indicator, in a window."""
    from app import gui
    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from app.usecases.health import health
    from app.usecases.style import styles
    from models.project.selection import ObjectKey
    from models.views.scene_state import Theme
    from tests.support.window import spin, tiny_city
    from viewers.render.scene.picking import Pick

    application = gui.make_application()
    session = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=folder / "window")
    window = gui.make_window(session)
    window.resize(1280, 800)
    window.show()
    session.project.replace_all(*tiny_city(), None)
    spin(seconds=6)

    key = ObjectKey("buildings", 1)
    with Walk(key, ("key",)) as walk:
        window.context.canvas.view.clicked.emit(Pick(key, (502_000.0, 4_059_000.0, 30.0)), False)
        spin(seconds=1.5)
    report.tell("key", walk)

    style = replace(session.project.state.layer("buildings").style, opacity=0.5)
    with Walk(style, ("style",)) as walk:
        styles.set_style(session, "buildings", style)
        spin(seconds=2)
    report.tell("style", walk)

    code = "HC21-49"
    with Walk(code, ("code", "indicator")) as walk:
        health.set_theme(session, Theme("indicator", code))
        spin(seconds=3)
    report.tell("indicator", walk)

    session.project.mark_saved()
    window.close()
    session.close()
    application.processEvents()


def main() -> None:
    """Walk all walks."""
    report = Report("-v" in sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="chengjing-walks-") as name:
        folder = Path(name)
        os.environ["CHENGJING_HOME"] = str(folder / "home")
        # Python imports sitecustomize at the start of every process: so the children follow the value too.
        (folder / "sitecustomize.py").write_text("import walks\n\nwalks.follow_in_child()\n", encoding="utf-8")
        os.environ["PYTHONPATH"] = os.pathsep.join((str(folder), str(Path(__file__).parent)))
        sys.path.insert(0, str(ROOT))
        walks_of_files(folder, report)
        walks_of_the_window(folder, report)
        sys.stdout.flush()
    os._exit(0)  # Qt and VTK are not asked in which order they would like to go


if __name__ == "__main__":
    main()
