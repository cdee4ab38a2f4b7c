"""How soon the program answers and shows, as ratios within one run.

* ``--help`` and ``info`` against a bare Python, and against ``import pyvista`` which they must not pay for;
* the window with the sample city in it against the least that such a window can cost: ``import pyvista`` and an empty
  ``QtInteractor`` window.

Run: ``python benchmarks/startup.py``; needs a display or Xvfb for the window, ``sample.gpkg`` for the city.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: The sample project: the first argument, or the one that ``python main.py sample`` made in the checkout.
SAMPLE = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "sample.gpkg").resolve()
ROUNDS = 5

EMPTY_WINDOW = """
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
from PySide6.QtCore import QTimer
from pathlib import Path
from app import gui
from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
session = Session(Settings(None), Jobs(), cache_root=Path(os.environ["CHENGJING_HOME"]) / "cache")
def look():
    from PySide6.QtWidgets import QApplication
    state, data = session.project.state, session.project.data
    if not state.layers or session.jobs.active or any(layer.id not in data for layer in state.layers):
        return
    found = [widget.context.scene_sync for widget in QApplication.topLevelWidgets() if hasattr(widget, "context")]
    if found and found[0].scene and not found[0].busy and not found[0].scene.dirty:
        QTimer.singleShot(0, QApplication.instance().quit)
        timer.stop()
from PySide6.QtWidgets import QApplication
app = QApplication.instance() or QApplication([])
timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
gui.start([Path(sys.argv[1])], session)
os._exit(0)
"""


def seconds(command: list[str], environment: dict[str, str], rounds: int = ROUNDS) -> float:
    """Return the median wall time of a command that must end well, after one run to warm the disk."""
    times = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        subprocess.run(
            command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def report(name: str, value: float, against: str, base: float) -> None:
    """Print one line."""
    print(f"{name:34s} {value * 1000:8.0f} ms   {value / base:6.2f} × {against} ({base * 1000:.0f} ms)")


def main() -> None:
    """Measure and print."""
    python = sys.executable
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "CHENGJING_HOME": home}
        bare = seconds([python, "-c", "pass"], environment)
        pyvista = seconds([python, "-c", "import pyvista"], environment, 3)
        sample = SAMPLE.parent / "sample_files" / "school.ifc"
        report("main.py --help", seconds([python, "main.py", "--help"], environment), "bare Python", bare)
        report("main.py --help", seconds([python, "main.py", "--help"], environment), "import pyvista", pyvista)
        if sample.exists():
            took = seconds([python, "main.py", "info", str(sample)], environment)
            report(f"main.py info {sample.name}", took, "import pyvista", pyvista)
        xvfb = []
        if not os.environ.get("DISPLAY"):
            if not shutil.which("xvfb-run"):
                print("no display and no xvfb-run: the window is not measured")
                return
            xvfb = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"]
        nothing = seconds([*xvfb, python, "-c", "pass"], environment, 3) if xvfb else 0.0
        empty = seconds([*xvfb, python, "-c", EMPTY_WINDOW], environment, 3) - nothing
        if not SAMPLE.exists():
            print("no sample.gpkg: run `python main.py sample` to measure the window with the city")
            return
        city = seconds([*xvfb, python, "-c", CITY_WINDOW, str(SAMPLE)], environment, 3) - nothing
        report("window with the sample city", city, "empty QtInteractor window", empty)


if __name__ == "__main__":
    main()
