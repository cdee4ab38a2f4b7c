"""Kill the program itself at random moments while it builds, saves, exports, makes pictures and keeps unsaved work.

``xvfb-run -a python tools/kill_work.py --rounds 100``. Half of the rounds kill a command line (``build``, ``export``,
``snapshot``), half a window that saves, exports, takes pictures and keeps copies as fast as it can. After each kill one
looks with a fresh eye: every file is the old one or a new one, whole; the project opens; nobody's lock is in the way;
unsaved work that was complete is offered. POSIX only; the window needs a display.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import geopandas as gpd
import numpy as np
import shapely

from models.crs.frame import Frame
from models.layers.layer import Layer, Source, VectorData
from models.project.project import ProjectState
from models.store import project_file, project_lock
from models.store.recovery import left_behind

ROOT = Path(__file__).parents[1]
CRS = "EPSG:4548"
COUNT = 2_000
COMMANDS = ("build", "export", "snapshot")
#: A command that was let run takes so long at the most, seconds; a kill comes anywhere in that time.
LONGEST_S = 14.0


def city() -> tuple[ProjectState, dict[str, VectorData]]:
    """Return a project of a few thousand footprints."""
    east, north = 500_000 + (np.arange(COUNT) % 50) * 30.0, 4_060_000 + (np.arange(COUNT) // 50) * 30.0
    shapes = shapely.box(east, north, east + 20, north + 15)
    table = gpd.GeoDataFrame({"name": [f"楼{n}" for n in range(COUNT)], "height_m": 12.0}, geometry=shapes, crs=CRS)
    table.index.name = "fid"
    layer = Layer("buildings", "建筑", "vector", "buildings", source=Source(crs=CRS))
    return ProjectState("0", frame=Frame(CRS, None, (500_000, 4_060_000, 0)), layers=(layer,)), {
        "buildings": VectorData(table)
    }


def drive(folder: Path) -> None:
    """Open a window on the project of a folder and work for ever, saying what is complete; runs in a child."""
    from PySide6.QtCore import QTimer

    from app import gui
    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from app.usecases.layers import exporting
    from app.usecases.project import opening, recovery
    from app.usecases.views import snapshots

    session = Session(Settings.of_user(), Jobs(), lang="en", cache_root=folder / "home" / "cache")
    app = gui.make_application()
    session.jobs.post = gui.Post(app).called.emit
    window = gui.make_window(session)
    window.show()
    keeper, step, job = recovery.Keeper(session), 0, opening.open_project(session, folder / "city.gpkg")

    def say(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def work() -> None:
        nonlocal step, job
        if job is not None and not job.is_over:
            return
        if step:
            say(f"done {step} {(step - 1) % 4} {job.state if job else 'none'}")
        else:
            say("begun")
        step += 1
        kind = (step - 1) % 4
        if kind == 0:
            opening.rename_project(session, str(step))
            job = opening.save_project(session)
        elif kind == 1:
            job = exporting.export(session, "buildings", folder / "out.geojson")
        elif kind == 2:
            opening.rename_project(session, f"{step} unsaved")
            job = keeper.keep()
        else:
            job = snapshots.take_snapshot(session, snapshots.make_spec(session, size=(480, 360)), folder / "out.png")

    timer = QTimer(interval=15)
    timer.timeout.connect(work)
    timer.start()
    app.exec()


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a child: a home of its own."""
    return os.environ | {"CHENGJING_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}


def killed_window(folder: Path, chance: random.Random) -> list[str]:
    """Let a window work, kill it, and return what it said."""
    with subprocess.Popen(
        [sys.executable, __file__, "--drive", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, env=environment(folder), cwd=ROOT,
    ) as child:  # fmt: skip
        assert child.stdout is not None  # noqa: S101
        child.stdout.readline()
        time.sleep(chance.uniform(0.05, LONGEST_S))
        child.send_signal(signal.SIGKILL)
        return child.stdout.read().splitlines()


def killed_command(folder: Path, kind: str, chance: random.Random) -> bool:
    """Start a command, kill it, and return whether it had ended before."""
    project, picture = str(folder / "city.gpkg"), str(folder / "out.png")
    words = {
        "build": ["build", str(folder / "source.geojson"), "--out", str(folder / "built.gpkg")],
        "export": ["export", project, "--layer", "buildings", "--out", str(folder / "out.geojson")],
        "snapshot": ["snapshot", project, "--size", "480x360", "--out", picture],
    }[kind]
    with subprocess.Popen(
        [sys.executable, "main.py", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=environment(folder), cwd=ROOT,
    ) as child:  # fmt: skip
        try:
            child.wait(chance.uniform(0.2, LONGEST_S))
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            return False
        return True


def faults(folder: Path, said: list[str]) -> list[str]:
    """Return what was lost, cut or blocked."""
    wrong = []
    for name in ("city.gpkg", "built.gpkg"):
        path = folder / name
        if not path.exists() and name == "built.gpkg":
            continue
        try:
            state, data = project_file.open_project(path)
        except Exception as error:  # whatever it is
            wrong.append(f"{name} cannot be opened: {error}")
            continue
        (table,) = data.values()
        if not isinstance(table, VectorData) or table.count != COUNT:
            wrong.append(f"{name} is not whole")
        saved = [int(line.split()[1]) for line in said if line.endswith("0 done")]
        if name == "city.gpkg" and saved and int(state.name) < saved[-1]:
            wrong.append(f"saving {saved[-1]} was complete and is gone: {state.name}")
    if project_lock.holder_of(folder / "city.gpkg") is not None:
        wrong.append("a lock is in the way")
    exported, picture = folder / "out.geojson", folder / "out.png"
    if exported.exists() and len(json.loads(exported.read_text(encoding="utf-8"))["features"]) != COUNT:
        wrong.append("the export is not whole")
    if picture.exists():
        from PIL import Image

        with Image.open(picture) as image:
            image.load()
    kept = [line for line in said if line.endswith("2 done")]
    left = left_behind(folder / "home" / "recovery")
    # A saving that came after the copy takes it away; else it must be offered.
    after = [line for line in said[said.index(kept[-1]) + 1 :] if line.endswith(" 0 done")] if kept else ["none"]
    if kept and not after and not left:
        wrong.append("unsaved work is gone")
    for one in left:
        try:
            project_file.open_project(one.file)
        except Exception as error:  # whatever it is
            wrong.append(f"unsaved work cannot be opened: {error}")
        one.remove()
    wrong += [f"left behind: {line}" for line in said if line.startswith("done") and line.endswith("failed")]
    return wrong


def run(rounds: int, seed: int, say: Callable[[str], None]) -> list[str]:
    """Kill so often and return everything that went wrong."""
    chance, wrong = random.Random(seed), []
    with tempfile.TemporaryDirectory(prefix="chengjing_kills_") as name:
        folder = Path(name)
        state, data = city()
        project_file.save_project(state, data, folder / "city.gpkg")
        data["buildings"].frame.to_file(folder / "source.geojson", driver="GeoJSON")
        for number in range(rounds):
            said: list[str] = []
            if number % 2:
                said = killed_window(folder, chance)
                what = f"window, {len(said)} steps complete"
            else:
                kind = COMMANDS[number // 2 % len(COMMANDS)]
                ended = killed_command(folder, kind, chance)
                what = f"{kind}{', ended before' if ended else ''}"
            found = faults(folder, said)
            wrong += [f"round {number}, {what}: {one}" for one in found]
            say(f"{number + 1}/{rounds} {what}{': ' + '; '.join(found) if found else ''}")
    return wrong


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--drive", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.drive:
        drive(arguments.drive)
        return 0
    wrong = run(arguments.rounds, arguments.seed, lambda line: print(line, flush=True))
    sys.stdout.write(f"{arguments.rounds} kills, {len(wrong)} faults\n" + "".join(f"{line}\n" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
