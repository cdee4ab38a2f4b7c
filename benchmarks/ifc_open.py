"""Opening IFC models: us against F3D 4 and against IfcOpenShell with OpenCASCADE, in one run.

Run: ``python benchmarks/ifc_open.py FILE_OR_FOLDER … [--f3d PYTHON] [--repeat 3] [--budget 420] [--out table.md]``.
``--f3d`` (or the variable ``F3D_PYTHON``) names a Python with the wheel ``f3d``; without it that column stays empty.
Each file gets its share of the budget in seconds: one round at the least, ``--repeat`` at the most.

Both programs run already, their graphics are set up and both draw 1280 × 800 pixels off-screen: what is timed starts
with the path of a file. *First* is the first picture that shows the model, *final* the exact one, *re-open* the first
picture of a file opened before. F3D keeps nothing, so that opening again costs it the same. *CPU* is the processor time
to the first picture, ours with that of the child, which by then may be busy with cuts that come later: what to look at
where the machine has other work. *Frame* is the median of ten steps of an orbit (fewer where they take over 3 s),
*memory* the most that a program and all its children held at once while they opened the file, libraries that several of
them share counted once. The exact geometry is computed in the first round only. Median and worst of each ratio to F3D
come last.
OpenCASCADE is what ``IfcConvert`` does with one thread: a fresh process that tessellates the file and ends.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZE = (1280, 800)
STEPS, ORBIT_S = 10, 3.0
_OCC_LIMIT_S = 40.0
#: Elements that are not exact by then stay as the preview has them, and the time gets a sign.
_FINAL_LIMIT_S = 60.0


# --- the three who open -----------------------------------------------------------------------------------------------


def f3d_opens():  # type: ignore[no-untyped-def]
    """Return a function that opens a file with F3D, and times it."""
    import f3d

    f3d.Engine.autoload_plugins()
    engine = f3d.Engine.create(True)
    engine.window.size = SIZE
    engine.window.render_to_image()

    def open_(path: str, whole: bool) -> dict[str, float]:
        start, began_s = time.perf_counter(), time.process_time()
        engine.scene.clear()
        engine.scene.add(path)
        engine.window.camera.reset_to_bounds()
        engine.window.render_to_image()
        first, cpu_s = time.perf_counter() - start, time.process_time() - began_s
        frames = []
        for _ in range(STEPS):
            begin = time.perf_counter()
            engine.window.camera.azimuth(5)
            engine.window.render_to_image()
            frames.append(time.perf_counter() - begin)
            if sum(frames) > ORBIT_S:
                break
        return {"first": first, "cpu": cpu_s, "frame": statistics.median(frames)}

    return open_


def we_open():  # type: ignore[no-untyped-def]
    """Return a function that opens a file as the window does, and times it."""
    sys.path.insert(0, str(ROOT))
    from app.background.ingest import begin
    from app.background.workers import Workers
    from app.usecases.project.project_frame import frame_for, placed
    from models.core.progress import Progress
    from models.crs.frame import Frame
    from models.io.request import ReadRequest
    from models.store.cache import GeometryCache
    from models.terrain.ground import Ground
    from viewers.render.chunks.preparation import prepare
    from viewers.render.scene.render_target import OffScreenTarget, grab
    from viewers.render.scene.scene import Scene

    target = OffScreenTarget(SIZE)
    scene = Scene(target, Frame("EPSG:4548", None, (0, 0, 0)))
    grab(target)
    scene.close()
    workers = Workers()
    workers.warm_up()
    time.sleep(6.0)

    def show(opened, phases):  # type: ignore[no-untyped-def]
        begin_ = time.perf_counter()
        frame = frame_for([opened.data])
        data = placed(opened.data, frame)
        prepared = prepare(opened.layer, data, frame, Ground(None, frame.horizontal, float(frame.origin[2])))
        phases["prepare"] = time.perf_counter() - begin_
        begin_ = time.perf_counter()
        scene = Scene(target, frame)
        scene.put(opened.layer, prepared)
        scene.home()
        scene.quality("moving")
        grab(target)
        phases["draw"] = time.perf_counter() - begin_
        return scene

    def orbit():  # type: ignore[no-untyped-def]
        for _ in range(STEPS):
            begin_ = time.perf_counter()
            target.renderer.GetActiveCamera().Azimuth(5)
            target.renderer.ResetCameraClippingRange()
            grab(target)
            yield time.perf_counter() - begin_

    def open_(path: str, whole: bool) -> dict[str, float]:
        request = ReadRequest(options={"budget_s": str(_FINAL_LIMIT_S)})
        early = ReadRequest(options={**request.options, "stage": "preview"})
        with tempfile.TemporaryDirectory() as folder:
            cache = GeometryCache(Path(folder))
            phases: dict[str, float] = {}
            start, began_s = time.perf_counter(), cpu_s(os.getpid())
            opened, rest = begin(Path(path), request, cache, Progress(), workers)
            if not opened and rest is not None:  # the fast kernel shows nothing of it
                opened, rest = rest.finish(Progress()), None
            phases["read"] = time.perf_counter() - start
            scene = show(opened[0], phases)
            said = {"first": time.perf_counter() - start, "cpu": cpu_s(os.getpid()) - began_s, **phases}
            if rest is not None and whole:
                opened = rest.finish(Progress())
                said["cut"] = float(any(one.code == "io.budget_spent" for one in opened[0].data.cautions))
                scene.close()
                scene = show(opened[0], phases)
            elif rest is not None:
                rest.drop()
            if whole:
                said["final"] = time.perf_counter() - start
            frames: list[float] = []
            for frame_s in orbit():
                frames.append(frame_s)
                if sum(frames) > ORBIT_S:
                    break
            scene.close()
            start = time.perf_counter()
            opened, rest = begin(Path(path), request if whole else early, cache, Progress(), workers)
            said["mapped"] = time.perf_counter() - start
            scene = show(opened[0], phases)
            said["reopen"] = time.perf_counter() - start
            scene.close()
        time.sleep(2.5)  # until the next spare child has warmed up, as between a person's two files
        return {**said, "frame": statistics.median(frames)}

    return open_


def occ_opens(path: str) -> float:
    """Tessellate a file with IfcOpenShell and OpenCASCADE, one thread, nothing kept; return the seconds."""
    start = time.perf_counter()
    import ifcopenshell
    import ifcopenshell.geom

    model = ifcopenshell.open(path)
    settings = ifcopenshell.geom.settings()
    iterator = ifcopenshell.geom.iterator(
        settings, model, 1, exclude=["IfcOpeningElement", "IfcSpace"], geometry_library="opencascade"
    )
    if iterator.initialize():
        while True:
            iterator.get()
            if not iterator.next():
                break
    return time.perf_counter() - start


# --- measuring --------------------------------------------------------------------------------------------------------


class Opener:
    """A program that runs and opens one file after another."""

    def __init__(self, python: str, role: str) -> None:
        environment = {**os.environ, "VTK_DEFAULT_OPENGL_WINDOW": "vtkEGLRenderWindow"}
        self.process = subprocess.Popen(
            [python, __file__, "--role", role],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
        )  # fmt: skip
        self._read()

    def open(self, path: Path, whole: bool = False) -> dict[str, float]:
        """Open a file; what is measured, and ``memory`` in MB."""
        peak, over = [0.0], threading.Event()

        def watch() -> None:
            while not over.wait(0.05):
                peak[0] = max(peak[0], memory_mb(self.process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([str(path), whole]) + "\n")
        self.process.stdin.flush()
        said = self._read()
        over.set()
        watcher.join()
        return {**said, "memory": peak[0]} if said else {}

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()

    def _read(self) -> dict[str, float]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                return dict(json.loads(line))
        return {}


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process and all below it; of the files they map, the most that one holds.

    The proportional set size would depend on who else on the machine maps the same libraries.
    """
    own, files = 0, 0
    for at in family(pid):
        with contextlib.suppress(OSError, ValueError, IndexError):
            resident, shared = (int(n) for n in Path(f"/proc/{at}/statm").read_text().split()[1:3])
            own, files = own + resident - shared, max(files, shared)
    return (own + files) * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_s(pid: int) -> float:
    """Return the processor time of a process and of all below it that still run, in seconds."""
    ticks = 0
    for at in family(pid):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{at}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    stack = [pid]
    while stack:
        at = stack.pop()
        yield at
        with contextlib.suppress(OSError, ValueError):
            for task in Path(f"/proc/{at}/task").iterdir():
                stack += [int(n) for n in (task / "children").read_text().split()]


def serve(role: str) -> None:
    """Be one of the programs: open what standard input names."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    open_ = f3d_opens() if role == "f3d" else we_open()
    print("{}", file=answers, flush=True)
    for line in sys.stdin:
        try:
            said = open_(*json.loads(line))
        except Exception as error:  # a file that one of them refuses is a row without figures
            print(error, file=sys.stderr)
            said = {}
        print(json.dumps(said), file=answers, flush=True)


def occ(path: Path) -> float | None:
    """Return the seconds of OpenCASCADE in a process of its own, None where it fails or takes too long."""
    start = time.perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, __file__, "--role", "occ", str(path)],
            capture_output=True,
            timeout=_OCC_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return time.perf_counter() - start if done.returncode == 0 else None


def best(rounds: list[dict[str, float]]) -> dict[str, float]:
    """Return the median of each figure."""
    names = {name for one in rounds for name in one}
    return {name: statistics.median(one[name] for one in rounds if name in one) for name in names}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--f3d", default=os.environ.get("F3D_PYTHON", ""))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--budget", type=float, default=420.0)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--no-occ", action="store_true")
    parser.add_argument("--role", default="", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.role == "occ":
        occ_opens(str(arguments.paths[0]))
        os._exit(0)
    if arguments.role:
        serve(arguments.role)
        return
    files = [file for path in arguments.paths for file in (sorted(path.glob("*.ifc")) if path.is_dir() else [path])]
    if not files:
        parser.error("no IFC files")
    us, f3d = Opener(sys.executable, "us"), Opener(arguments.f3d, "f3d") if arguments.f3d else None
    heads = ("model", "MB", "first", "F3D", "ratio", "CPU", "F3D", "ratio", "final", "OCC", "re-open", "ratio",
             "MB us", "MB F3D", "ratio", "frame ms", "F3D ms")  # fmt: skip
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    print("\n".join(lines))
    ratios: dict[str, list[float]] = {"first": [], "cpu": [], "reopen": [], "memory": [], "frame": []}
    deadline = time.monotonic() + arguments.budget
    for number, file in enumerate(files):
        ours: list[dict[str, float]] = []
        theirs: list[dict[str, float]] = []
        began = time.monotonic()
        share = (deadline - began) / (len(files) - number)
        while len(ours) < arguments.repeat and (not ours or time.monotonic() - began < share * 0.7):
            whole = not ours and began < deadline  # what comes too late is done without what takes longest
            ours.append(us.open(file, whole))  # by turns, so that what else the machine does hits both
            theirs.append(f3d.open(file) if f3d else {})
        a, b = best([one for one in ours if one]), best([one for one in theirs if one])
        reference = None if arguments.no_occ or began > deadline else occ(file)
        if a and b:
            for name in ratios:
                ratios[name].append(a[name] / b["first" if name == "reopen" else name])
        lines.append(_row(file, a, b, reference))
        print(lines[-1], flush=True)
        phases = ", ".join(f"{name} {a[name]:.3f}" for name in ("read", "prepare", "draw", "mapped") if name in a)
        print(f"    {len(ours)} rounds: {phases}; load {os.getloadavg()[0]:.1f}", flush=True)
    if ratios["first"]:
        lines += ["", *(f"{n}: median ratio {statistics.median(r):.2f}, worst {max(r):.2f}" for n, r in ratios.items())]
        print("\n".join(lines[-1 - len(ratios) :]))
    us.close()
    if f3d:
        f3d.close()
    if arguments.out:
        arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _row(file: Path, us: dict[str, float], f3d: dict[str, float], reference: float | None) -> str:
    def said(figures: dict[str, float], name: str, digits: int = 2, factor: float = 1.0) -> str:
        return f"{figures[name] * factor:.{digits}f}" if name in figures else "–"

    def ratio(ours: str, theirs: str) -> str:
        return f"{us[ours] / f3d[theirs]:.2f}" if ours in us and theirs in f3d else "–"

    cells = (
        file.name, f"{file.stat().st_size / 1e6:.1f}", said(us, "first"), said(f3d, "first"), ratio("first", "first"),
        said(us, "cpu"), said(f3d, "cpu"), ratio("cpu", "cpu"),
        said(us, "final") + (" (cut)" if us.get("cut") else ""), "–" if reference is None else f"{reference:.2f}",
        said(us, "reopen"), ratio("reopen", "first"),
        said(us, "memory", 0), said(f3d, "memory", 0), ratio("memory", "memory"),
        said(us, "frame", 0, 1000), said(f3d, "frame", 0, 1000),
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
