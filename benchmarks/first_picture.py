"""From nothing to the first picture of the sample city: with an empty geometry cache, and with a warm one.

Run: ``python benchmarks/first_picture.py``; needs ``sample.gpkg`` (``python main.py sample``), or the path of one.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: The sample project: the first argument, or the one that ``python main.py sample`` made in the checkout.
SAMPLE = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "sample.gpkg").resolve()
SIZE = "1600x900"


def take(environment: dict[str, str], out: Path, *options: str) -> float:
    """Return the wall time of one snapshot in a process of its own."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "main.py", "snapshot", str(SAMPLE), "--out", str(out), "--size", SIZE, *options],
        cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - start


def phases() -> list[tuple[str, float]]:
    """Return how long the parts take inside one process with a warm cache."""
    sys.path.insert(0, str(ROOT))
    start = time.perf_counter()
    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from app.usecases.project import opening
    from app.usecases.views import snapshots as pictures
    from viewers.render.chunks.preparation import prepare
    from viewers.render.scene.offscreen import ground_of, render_picture

    marks = [("import", time.perf_counter())]
    session = Session(Settings(None), Jobs(inline=True), cache_root=Path(os.environ["CHENGJING_HOME"]) / "cache")
    opening.open_project(session, SAMPLE)
    marks.append(("open project and linked sources", time.perf_counter()))
    state, data = session.project.state, session.project.data
    ground = ground_of(state, data)
    for layer in state.layers:
        if layer.visible and layer.id in data and state.frame is not None:
            prepare(layer, data[layer.id], state.frame, ground)
    marks.append(("prepare all layers", time.perf_counter()))
    camera = pictures.make_spec(session).camera
    render_picture(state, data, camera, (1600, 900))
    marks.append(("prepare, build scene, render, read back", time.perf_counter()))
    ends = [mark for _, mark in marks]
    return [(name, end - begin) for (name, end), begin in zip(marks, [start, *ends], strict=False)]


def main() -> None:
    """Measure and print."""
    if not SAMPLE.exists():
        sys.exit("no sample.gpkg: run `python main.py sample`, or name one")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CHENGJING_HOME"] = folder
        out = Path(folder) / "a.png"
        cold = take(dict(os.environ), out)
        warm = min(take(dict(os.environ), out) for _ in range(2))
        bare = min(take(dict(os.environ), out, "--no-furniture") for _ in range(2))
        print(f"first picture, empty cache  {cold:6.2f} s   {cold / warm:5.2f} × warm cache ({warm:.2f} s)")
        print(f"furniture costs             {warm - bare:6.2f} s   {warm / bare:5.2f} × the bare picture")
        for name, took in phases():
            print(f"  {name:42s} {took:6.2f} s")


if __name__ == "__main__":
    main()
