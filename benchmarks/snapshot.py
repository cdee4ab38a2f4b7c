"""What a picture from the command line costs, against the least that it can cost, in processor seconds of one run.

* ours: ``main.py snapshot`` of the sample at 1920 × 1080, children included, caches warm;
* bare: importing the libraries that a picture of a project needs, reading all tables of the project, one frame of the
  same triangles at twice the size without shaders, textures and labels, read back and brought down, and the PNG.

Run: ``python benchmarks/snapshot.py [sample.gpkg]``; needs no display.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "sample.gpkg").resolve()
ROUNDS = 3
SIZE = (1920, 1080)

IMPORTS = (
    "import numpy, pandas, geopandas, shapely, pyogrio, pyproj, pyarrow, PIL.Image, vtkmodules.vtkRenderingOpenGL2;"
    "from PySide6 import QtGui, QtWidgets"
)

TABLES = """
import json, sys, time
import pyogrio
begin, wall = time.process_time(), time.perf_counter()
for name, kind in pyogrio.list_layers(sys.argv[1]):
    pyogrio.read_dataframe(sys.argv[1], layer=name)
print(json.dumps([time.process_time() - begin, time.perf_counter() - wall]))
"""

#: Fills the scene as the program does, which is not counted, and draws its triangles in a window of their own.
FRAME = """
import json, os, sys, time
from pathlib import Path
sys.path.insert(0, os.getcwd())
from PIL import Image
from vtkmodules.vtkRenderingCore import vtkActor, vtkGlyph3DMapper, vtkLight, vtkPolyDataMapper
from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.project import opening
from app.usecases.views.snapshots import home_camera
from viewers.render.scene import camera as cameras
from viewers.render.scene.offscreen import fill
from viewers.render.scene.render_target import OffScreenTarget, grab, off_screen
from viewers.render.scene.scene import Scene
size = json.loads(sys.argv[3])
session = Session(Settings(None), Jobs(inline=True), cache_root=Path(os.environ["CHENGJING_HOME"]) / "cache")
opening.open_files(session, [Path(sys.argv[1])])
state, data = session.project.state, session.project.data
with off_screen(tuple(size)) as target:
    scene = Scene(target, state.frame)
    fill(scene, state, data)
    scene.set_camera(state.viewpoints[0].camera if state.viewpoints else home_camera(session))
    scene.quality("picture")
    scene.follow_camera()
    actors = [actor for actor in target.renderer.GetActors() if actor.GetVisibility()]
    begin, wall = time.process_time(), time.perf_counter()
    bare = OffScreenTarget((2 * size[0], 2 * size[1]))
    bare.renderer.AddLight(vtkLight())
    bare.renderer.SetActiveCamera(target.renderer.GetActiveCamera())
    for actor in actors:
        mapper = type(actor.GetMapper())()
        mapper.ShallowCopy(actor.GetMapper())
        copy = vtkActor()
        copy.SetMapper(mapper)
        bare.renderer.AddActor(copy)
    picture = Image.fromarray(grab(bare)).reduce(2)
    drawn = time.process_time() - begin, time.perf_counter() - wall
    begin, wall = time.process_time(), time.perf_counter()
    picture.save(sys.argv[2])
    print(json.dumps([drawn, (time.process_time() - begin, time.perf_counter() - wall), len(actors)]))
    sys.stdout.flush()
os._exit(0)
"""


def spent(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return processor and wall seconds of a command that must end well, its children included."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - wall


def said(code: str, *arguments: str, environment: dict[str, str]) -> list:  # type: ignore[type-arg]
    """Return what a script prints last."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def median(rows: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the median of processor and of wall seconds."""
    return statistics.median(row[0] for row in rows), statistics.median(row[1] for row in rows)


def main() -> None:
    """Measure and print."""
    if not SAMPLE.exists():
        print("no sample.gpkg: run `python main.py sample` first")
        return
    with tempfile.TemporaryDirectory() as home:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["CHENGJING_HOME"] = home
        out = str(Path(home) / "picture.png")
        size = "x".join(map(str, SIZE))
        ours_command = [sys.executable, "main.py", "snapshot", str(SAMPLE), "--out", out, "--size", size]
        spent(ours_command, environment)  # byte code and caches
        imports, tables, frames, files, ours = [], [], [], [], []
        for _ in range(ROUNDS):  # by turns, so that what else the machine does is on both sides
            ours.append(spent(ours_command, environment))
            imports.append(spent([sys.executable, "-c", IMPORTS], environment))
            tables.append(tuple(said(TABLES, str(SAMPLE), environment=environment)))
            drawn, written, count = said(FRAME, str(SAMPLE), out, json.dumps(SIZE), environment=environment)
            frames.append(tuple(drawn))
            files.append(tuple(written))
    parts = {"imports": imports, "tables": tables, f"bare frame, {count} actors": frames, "PNG": files}
    least = [0.0, 0.0]
    for name, rows in parts.items():
        cpu, wall = median(rows)
        least = [least[0] + cpu, least[1] + wall]
        print(f"{name:32s} {cpu:6.2f} s processor {wall:6.2f} s")
    print(f"{'bare, together':32s} {least[0]:6.2f} s processor {least[1]:6.2f} s")
    cpu, wall = median(ours)
    print(f"{'main.py snapshot':32s} {cpu:6.2f} s processor {wall:6.2f} s", end="   ")
    print(f"{cpu / least[0]:.2f} × (processor), {wall / least[1]:.2f} × (wall)")


if __name__ == "__main__":
    main()
