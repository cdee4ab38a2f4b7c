"""How soon the program answers and shows, as ratios within one run.

* ``--help`` and ``info`` against a bare Python, and against ``import pyvista`` which they must not pay for;
* the window with a city in it, opened before (cache warm), against the least that such a window can cost: PySide6, VTK
  and an empty window with a 3D view (``EMPTY_WINDOW``), and against PyVista's ready-made one (``PLOTTER_WINDOW``),
  which was the measure of earlier versions. The city is the frozen one of ``sample --profile startup``, which later
  versions do not enlarge; the full sample is measured beside it where there is one.

Wall seconds are medians; behind them stands the processor time of the program and its children, which a busy machine
does not change. Byte code is written as usual (``PYTHONDONTWRITEBYTECODE`` is taken out).

Run: ``python benchmarks/startup.py [--rounds 3] [SAMPLE]``; needs a display or Xvfb for the window. ``SAMPLE`` is the
full sample, ``sample.gpkg`` in the checkout where none is given. The frozen city is made once, in
``benchmarks/.cities``.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
FROZEN = ROOT / "benchmarks" / ".cities" / "startup.gpkg"

EMPTY_WINDOW = """
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QApplication, QMainWindow
import vtkmodules.vtkRenderingOpenGL2, vtkmodules.vtkRenderingUI, vtkmodules.vtkInteractionStyle
from vtkmodules.vtkRenderingCore import vtkRenderer
from vtkmodules.vtkRenderingOpenGL2 import vtkGenericOpenGLRenderWindow
class View(QOpenGLWidget):
    def initializeGL(self):
        self.shown = vtkGenericOpenGLRenderWindow()
        self.shown.AddRenderer(vtkRenderer())
        self.shown.SetOwnContext(False)
        self.shown.OpenGLInitContext()
    def paintGL(self):
        self.shown.SetSize(self.width(), self.height())
        self.shown.Render()
        self.shown.BlitDisplayFramebuffer()
app = QApplication([])
window = QMainWindow()
view = View(window)
window.setCentralWidget(view)
window.resize(1500, 900)
window.show()
for _ in range(3):
    app.processEvents()
view.repaint()
import os
os._exit(0)
"""

PLOTTER_WINDOW = """
import pyvista
from PySide6.QtWidgets import QApplication, QMainWindow
from pyvistaqt import QtInteractor
app = QApplication([])
window = QMainWindow()
view = QtInteractor(window)
window.setCentralWidget(view)
window.resize(1500, 900)
window.show()
for _ in range(3):
    app.processEvents()
view.render()
view.close()
"""

#: Opens the window as ``main.py sample.gpkg`` does and leaves once the city is drawn.
CITY_WINDOW = """
import os, sys
sys.path.insert(0, os.getcwd())
from pathlib import Path
from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
session = Session(Settings(None), Jobs(), cache_root=Path(os.environ["CHENGJING_HOME"]) / "cache")
paths = [Path(sys.argv[1])]
from main import open_window
timer = None
def look():
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication
    state, data = session.project.state, session.project.data
    if not state.layers or session.jobs.active or any(layer.id not in data for layer in state.layers):
        return
    found = [widget.context.scene_sync for widget in QApplication.topLevelWidgets() if hasattr(widget, "context")]
    if found and found[0].scene and not found[0].busy and not found[0].scene.dirty:
        QTimer.singleShot(0, leave)
        timer.stop()
def leave():
    if len(sys.argv) > 2:  # what is kept for the next start is written a few seconds later
        import time
        time.sleep(float(sys.argv[2]))
    session.workers.close()
    os._exit(0)
def begin(_):
    global timer
    if timer is None:
        from PySide6.QtCore import QTimer
        timer = QTimer()
        timer.timeout.connect(look)
        timer.start(20)
session.jobs.changed.connect(begin)  # Qt is not imported before the program does
open_window(paths, session)
"""


class Took(NamedTuple):
    """Median seconds of a command: by the clock on the wall, and of processors, its children's with it."""

    wall_s: float
    cpu_s: float


def took(command: list[str], environment: dict[str, str], rounds: int) -> Took:
    """Run a command that must end well some times, after one run to warm the disk; 0: that one alone."""
    walls, cpus = [], []
    for _ in range(rounds + 1):
        start, before = time.perf_counter(), _children_s()
        subprocess.run(
            command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        walls.append(time.perf_counter() - start)
        cpus.append(_children_s() - before)
    return Took(statistics.median(walls[1:] or walls), statistics.median(cpus[1:] or cpus))


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def report(name: str, value: Took, against: str, base: Took) -> None:
    """Print one line."""
    print(
        f"{name:34s} {value.wall_s * 1000:8.0f} ms {value.wall_s / base.wall_s:6.2f} × {against}"
        f"   (processors {value.cpu_s:.2f} s, {value.cpu_s / base.cpu_s:.2f} ×; that: {base.wall_s * 1000:.0f} ms,"
        f" {base.cpu_s:.2f} s)",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sample", nargs="?", type=Path, default=ROOT / "sample.gpkg")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    python, rounds, sample = sys.executable, asked.rounds, asked.sample.resolve()
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "CHENGJING_HOME": home}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        bare = took([python, "-c", "pass"], environment, rounds)
        pyvista = took([python, "-c", "import pyvista"], environment, rounds)
        helped = took([python, "main.py", "--help"], environment, rounds)
        report("main.py --help", helped, "bare Python", bare)
        report("main.py --help", helped, "import pyvista", pyvista)
        model = sample.parent / "sample_files" / "school.ifc"
        if model.exists():
            report(f"main.py info {model.name}", took([python, "main.py", "info", str(model)], environment, rounds),
                   "import pyvista", pyvista)  # fmt: skip
        xvfb = []
        if not os.environ.get("DISPLAY"):
            if not shutil.which("xvfb-run"):
                print("no display and no xvfb-run: the window is not measured")
                return
            xvfb = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"]
        nothing = took([*xvfb, python, "-c", "pass"], environment, rounds) if xvfb else Took(0.0, 0.0)
        empty = _less(took([*xvfb, python, "-c", EMPTY_WINDOW], environment, rounds), nothing)
        has_plotter = importlib.util.find_spec("pyvistaqt") is not None
        plotter = (
            _less(took([*xvfb, python, "-c", PLOTTER_WINDOW], environment, rounds), nothing) if has_plotter else None
        )
        if not FROZEN.exists():
            print("making the frozen city …", flush=True)
            FROZEN.parent.mkdir(exist_ok=True)
            making = [python, "main.py", "sample", "--profile", "startup", "--out", str(FROZEN)]
            subprocess.run(making, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        for name, project in (("window with the frozen city", FROZEN), ("window with the full sample", sample)):
            if not project.exists():
                print(f"{name}: no {project.name}; `python main.py sample` makes it")
                continue
            command = [*xvfb, python, "-c", CITY_WINDOW, str(project)]
            first = _less(took([*command, "5"], environment, 0), nothing)  # seen for the first time: fills the cache
            print(f"{name}: the first time {first.wall_s - 5:.1f} s, processors {first.cpu_s:.2f} s", flush=True)
            again = _less(took(command, environment, rounds), nothing)
            report(name, again, "empty window", empty)
            if plotter is not None:
                report(name, again, "empty plotter window", plotter)


def _less(whole: Took, nothing: Took) -> Took:
    return Took(whole.wall_s - nothing.wall_s, whole.cpu_s - nothing.cpu_s)


if __name__ == "__main__":
    main()
