"""How long the window does not answer: every stall of the event loop over 100 ms during a walk through the program.

Run: ``python benchmarks/event_loop.py [PROJECT] [--out table.md]``; needs a display or Xvfb, and ``sample.gpkg``
(``python main.py sample``) or the path of a project.

The walk opens the project, shows every panel, computes, colours by every theme, shows a table, selects, runs every
action that asks nothing, and switches language and appearance. A stall is the time between two beats of a timer of
10 ms in which the loop did not turn. Where it stood is looked up by a second thread every 20 ms of the silence after
the first 60; the function met most often is told. Drawing a frame is told apart: without a graphics card it takes
longer than any limit. Both the wall's time and the thread's own processor time are given; on a machine
that others use too only the latter counts. The last line is the ratio to the limit.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

    from app.window.main_window import MainWindow

ROOT = Path(__file__).resolve().parents[1]
LIMIT_S = 0.1
BEAT_MS = 10
PATIENCE_S = 240.0
#: Functions below which a stall is a frame of the scene.
FRAME = ("paintGL", "_draw_now", "_render")
#: What runs for minutes in the background, and nobody waits for.
BACKGROUND = ("job.refine",)


@dataclass(slots=True)
class Stall:
    """One time in which the loop did not turn."""

    step: str
    wall_s: float
    processor_s: float
    where: str

    @property
    def is_frame(self) -> bool:
        """Whether a frame was being drawn."""
        return any(name in self.where for name in FRAME)


@dataclass
class Watch:
    """Beats on the event loop and keeps every silence over the limit."""

    step: str = "start"
    stalls: list[Stall] = field(default_factory=list)
    steps: list[tuple[str, float]] = field(default_factory=list)

    def start(self) -> None:
        """Begin to beat."""
        from PySide6.QtCore import Qt, QTimer

        self._wall, self._processor = time.perf_counter(), time.thread_time()
        self._met: list[str] = []
        self._over = threading.Event()
        self._looker = threading.Thread(target=self._look, args=(threading.get_ident(),), daemon=True)
        self._looker.start()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    def stop(self) -> None:
        """End."""
        self._timer.stop()
        self._over.set()
        self._looker.join()

    def _beat(self) -> None:
        wall, processor = time.perf_counter(), time.thread_time()
        silent_s, met = wall - self._wall, self._met
        self._met = []
        if silent_s > LIMIT_S + BEAT_MS / 1000:
            place = Counter(met).most_common(1)[0][0] if met else "?"
            self.stalls.append(Stall(self.step, silent_s, processor - self._processor, place))
        self._wall, self._processor = time.perf_counter(), time.thread_time()

    def _look(self, thread: int) -> None:
        while not self._over.wait(0.02):
            if time.perf_counter() - self._wall > 0.06:
                self._met.append(where(sys._current_frames().get(thread)))


def where(frame: FrameType | None) -> str:
    """Return the innermost functions of our own code on a stack, the innermost first."""
    ours: list[str] = []
    while frame is not None and len(ours) < 4:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and not {"benchmarks", ".venv"} & set(path.relative_to(ROOT).parts):
            ours.append(f"{path.relative_to(ROOT)} {frame.f_code.co_name}")
        frame = frame.f_back
    return " < ".join(ours) or "Qt"


def spin(condition: Callable[[], bool], seconds: float = PATIENCE_S) -> bool:
    """Let events run until the condition holds, as a person would wait."""
    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        if condition():
            return True
        time.sleep(0.002)
    return False


def settled(window: MainWindow) -> bool:
    """Whether nothing is at work that a person waits for, and the last frame is drawn."""
    scene_sync = window.context.scene_sync
    scene = scene_sync.scene
    waited_for = [job for job in window.session.jobs.active if job.title not in BACKGROUND]
    return not waited_for and not scene_sync.busy and (scene is None or not scene.dirty)


def walk(window: MainWindow, watch: Watch, project: str) -> None:
    """Do what a person does in a meeting and before it, and wait after each step until all has been drawn."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from app.actions import actions, panels

    def do(step: str, act: Callable[[], Any]) -> None:
        watch.step = step
        began = time.perf_counter()
        act()
        spin(lambda: False, 0.05)
        done = spin(lambda: settled(window), 90)
        spin(lambda: False, 0.3)
        watch.steps.append((step, time.perf_counter() - began))
        print(f"{step}: {watch.steps[-1][1]:.1f} s", file=sys.stderr)
        if not done:
            print(f"not settled after {step}: {[job.title for job in window.session.jobs.active]}")

    def dismiss() -> None:
        front = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if front is not None:
            front.close()

    dismissing = QTimer(window, interval=400)
    dismissing.timeout.connect(dismiss)
    dismissing.start()
    commands, session = window.context.commands, window.session
    do("open", lambda: window.context.requests.open_paths([project]))
    for name in panels():
        do(f"panel {name}", lambda name=name: window.context.docks.bring_forward(name))  # type: ignore[misc]
    do("compute indicators", lambda: commands.run("health.compute"))
    for entry in actions():
        if entry.id.startswith(("health.show", "facilities.show", "view.theme")):
            do(entry.id, lambda id_=entry.id: commands.run(id_))  # type: ignore[misc]
    layers = [layer for layer in session.project.state.layers if layer.kind == "vector"]
    largest = max(layers, key=lambda layer: getattr(session.project.data.get(layer.id), "count", 0))
    do("table", lambda: window.context.requests.open_table(largest.id))
    do("style panel", lambda: window.context.requests.style_layer(largest.id))
    from models.project.selection import ObjectKey

    houses = next((layer for layer in layers if layer.role == "buildings"), largest)
    oid = int(session.project.data[houses.id].attributes.index[0])  # type: ignore[union-attr]
    do("go to a building", lambda: window.context.requests.go_to(ObjectKey(houses.id, oid)))
    do("select all of a layer", lambda: session.selection.set(ObjectKey(houses.id, int(one)) for one in
       session.project.data[houses.id].attributes.index))  # type: ignore[union-attr]  # fmt: skip
    do("select nothing", lambda: session.selection.set(()))
    for entry in actions():
        # Those that ask show their dialog, which is dismissed; what was removed is brought back.
        if entry.id.partition(".")[0] in ("view", "query", "model", "layer", "facilities", "edit"):
            do(entry.id, lambda id_=entry.id: commands.run(id_))  # type: ignore[misc]
    for lang in ("en", "zh"):
        do(f"language {lang}", lambda lang=lang: window.features["display"].set_lang(lang))  # type: ignore[attr-defined, misc]
    for theme in ("dark", "light"):
        do(f"theme {theme}", lambda theme=theme: window.features["display"].set_theme(theme))  # type: ignore[attr-defined, misc]


def report(watch: Watch) -> str:
    """Return the table of stalls, the longest first."""
    lines = ["| step | s | of them processor | frame | where |", "|---|---|---|---|---|"]
    for stall in sorted(watch.stalls, key=lambda one: -one.wall_s):
        frame = "frame" if stall.is_frame else ""
        lines.append(f"| {stall.step} | {stall.wall_s:.2f} | {stall.processor_s:.2f} | {frame} | `{stall.where}` |")
    ours = [stall for stall in watch.stalls if not stall.is_frame]
    worst = max((stall.processor_s for stall in ours), default=0.0)
    over = sum(stall.processor_s > LIMIT_S for stall in ours)
    lines.append("")
    lines.append(
        f"{len(watch.steps)} steps in {sum(took for _, took in watch.steps):.0f} s; "
        f"{len(ours)} stalls that are no frame, {over} of them with more than "
        f"{LIMIT_S * 1000:.0f} ms of processor; the worst {worst:.2f} s, "
        f"{worst / LIMIT_S:.1f} × the limit; {len(watch.stalls) - len(ours)} frames over it"
    )
    return "\n".join(lines)


def main() -> None:
    """Walk and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("project", nargs="?", default=str(ROOT / "sample.gpkg"))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if not os.environ.get("DISPLAY"):
        again = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", sys.executable, __file__, *sys.argv[1:]]
        raise SystemExit(subprocess.run(again, check=False).returncode)
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as home:
        os.environ["CHENGJING_HOME"] = home
        from app import gui
        from app.background.jobs import Jobs
        from app.session import Session
        from app.settings import Settings

        session = Session(Settings(None), Jobs(), cache_root=Path(home) / "cache")
        application = gui.make_application()
        session.jobs.post = gui.Post(application).called.emit
        window = gui.make_window(session)
        window.show()
        spin(lambda: False, 0.5)
        watch = Watch()
        watch.start()
        try:
            walk(window, watch, str(Path(options.project).resolve()))
        finally:
            watch.stop()
        text = report(watch)
        print(text)
        if options.out is not None:
            options.out.write_text(text + "\n", encoding="utf-8")
        session.project.mark_saved()
        window.close()
        session.close()
        os._exit(0)  # the spare child and VTK's own clean-up are not what is measured


if __name__ == "__main__":
    main()
