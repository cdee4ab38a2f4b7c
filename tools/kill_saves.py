"""Kill saves, autosaves and cache writes at random moments, and see whether anything was lost.

``python tools/kill_saves.py --rounds 200``. Each round forks a process that writes versions of a project (or its
recovery copy, or entries of the geometry cache) as fast as it can, kills it with SIGKILL, and then looks with a fresh
eye: what was complete before must be there and readable, and nothing half written may be taken for work. POSIX only.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import geopandas as gpd
import numpy as np
import shapely

from models.crs.frame import Frame
from models.io.request import Opened
from models.layers.layer import Layer, RasterData, Source, VectorData
from models.project.project import ProjectState
from models.store import project_file
from models.store.cache import GeometryCache
from models.store.recovery import Copy, left_behind

CRS = "EPSG:4548"
#: A kill comes so many seconds after the writer has begun, at the most.
LONGEST_S = 0.35
WRITERS = ("save", "autosave", "cache")


def version(number: int) -> tuple[ProjectState, dict[str, VectorData]]:
    """Return a project whose every part tells which version it is."""
    count = 40 + number % 7
    points = shapely.points(500_000 + np.arange(count), 4_060_000 + number)
    table = gpd.GeoDataFrame({"version": np.full(count, number)}, geometry=points, crs=CRS)
    table.index.name = "fid"
    layer = Layer("points", f"第 {number} 版", "vector", source=Source(crs=CRS))
    state = ProjectState(name=str(number), frame=Frame(CRS, None, (500_000, 4_060_000, 0)), layers=(layer,))
    return state, {"points": VectorData(table)}


def raster(number: int) -> list[Opened]:
    """Return an entry whose cells all tell which version it is."""
    data = RasterData(np.full((300, 300), float(number), np.float32), (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), CRS)
    return [Opened(Layer(f"raster{number}", str(number), "terrain", "terrain"), data)]


def write_for_ever(kind: str, folder: Path, first: int, tell: Callable[[int], None]) -> None:
    """Write version after version; ``tell`` is called with each that is complete."""
    copy = Copy(folder / "recovery")
    cache = GeometryCache(folder / "cache")
    number = first
    while True:
        state, data = version(number)
        path = folder / "city.gpkg"
        if kind == "save":
            project_file.save_project(state, data, path, previous=path if path.exists() else None)
        elif kind == "autosave":
            copy.write(_saver(number, copy.file), path, state.name)
        else:
            from models.store.cache import write_entry

            target = cache.reserve()
            write_entry(target, raster(number))
            cache.commit(target, f"{number:040x}")
        tell(number)
        number += 1


def _saver(number: int, file: Path) -> Callable[[Path], None]:
    state, data = version(number)
    return lambda path: project_file.save_project(state, data, path, previous=file if file.exists() else None)


def one_round(kind: str, folder: Path, first: int, after_s: float) -> int:
    """Let a forked writer work, kill it, and return the last version it said was complete (``first - 1`` for none)."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            os.write(writing, b"begun\n")
            write_for_ever(kind, folder, first, lambda number: os.write(writing, b"%d\n" % number) and None)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as said:
        said.readline()  # it has begun
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        numbers = [int(line) for line in said.read().split()]
    return numbers[-1] if numbers else first - 1


def fault(kind: str, folder: Path, complete: int) -> str:
    """Return what was lost or cannot be read after a kill, empty if nothing.

    Parameters
    ----------
    kind : str
    folder : Path
    complete : int
        Last version that the writer said was complete, -1 if there was none.
    """
    allowed = {complete, complete + 1}  # the writer may have been killed between the rename and saying so
    if kind == "save":
        path = folder / "city.gpkg"
        if not path.exists():
            return "" if complete < 0 else "the project is gone"
        return _fault_of(path, allowed)
    if kind == "autosave":
        left = left_behind(folder / "recovery")
        if not left:
            return "" if complete < 0 else "unsaved work is gone"
        newest = left[0]
        wrong = _fault_of(newest.file, allowed)
        # The copy is replaced before its note: the note may be of the version before.
        named = not newest.name or int(newest.name) in allowed  # killed before its first note: work without a name
        return wrong or ("" if named else f"the note is of {newest.name}")
    cache = GeometryCache(folder / "cache")
    for number in range(max(complete - 3, 0), complete + 2):
        entry = cache.load(f"{number:040x}")
        if entry is None:
            if number <= complete:
                return f"entry {number} is gone"
            continue
        data = entry[0].data
        if not isinstance(data, RasterData) or not (data.values == number).all():
            return f"entry {number} holds something else"
    return ""


def is_there(kind: str, folder: Path, number: int) -> bool:
    """Whether a version was completed that its writer had no time to speak of."""
    path = folder / "city.gpkg"
    if kind == "save":
        return path.exists() and not _fault_of(path, {number})
    return kind == "cache" and GeometryCache(folder / "cache").load(f"{number:040x}") is not None


def _fault_of(path: Path, allowed: set[int]) -> str:
    try:
        state, data = project_file.open_project(path)
    except Exception as error:  # whatever it is, the project cannot be opened
        return f"it cannot be opened: {error}"
    number = int(state.name)
    table = data["points"]
    if number not in allowed:
        return f"it is version {number}, not one of {sorted(allowed)}"
    if not isinstance(table, VectorData):
        return f"version {number} holds no features"
    whole = table.count == 40 + number % 7 and set(table.attributes["version"]) == {number}
    return "" if whole and state == version(number)[0] else f"version {number} is not whole"


def run(rounds: int, seed: int, say: Callable[[str], None] = lambda _: None) -> list[str]:
    """Kill so many writers and return everything that went wrong."""
    chance, wrong, killed = random.Random(seed), [], Counter[str]()
    with tempfile.TemporaryDirectory(prefix="chengjing_kills_") as name:
        done = dict.fromkeys(WRITERS, -1)
        for number in range(rounds):
            kind = WRITERS[number % len(WRITERS)]
            folder = Path(name) / kind
            folder.mkdir(exist_ok=True)
            if kind == "autosave":  # every run keeps a copy of its own
                shutil.rmtree(folder / "recovery", ignore_errors=True)
                done[kind] = -1
            last = one_round(kind, folder, done[kind] + 1, chance.uniform(0.0, LONGEST_S))
            found = fault(kind, folder, last)
            done[kind] = last + 1 if is_there(kind, folder, last + 1) else last
            killed[kind] += 1
            if found:
                wrong.append(f"{kind}, round {number}: {found}")
            say(f"{number + 1}/{rounds} {kind}: {last + 1} complete{', ' + found if found else ''}")
    return wrong


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    wrong = run(arguments.rounds, arguments.seed, lambda line: sys.stdout.write(line + "\n"))
    sys.stdout.write(f"{arguments.rounds} kills, {len(wrong)} losses\n" + "".join(f"{line}\n" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
