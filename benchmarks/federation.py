"""A federation: many building models opened at once in the real window, over the sample city.

Run: ``python benchmarks/federation.py MODEL.ifc[*COPIES] … [--city sample.gpkg] [--same] [--out FOLDER] [--lang en]``,
under ``xvfb-run`` where there is no display. Every copy says another place in the city (the georeferencing of IFC), so
that no two share a cache entry; ``--same`` leaves the files alike and puts the layers apart instead.

What is measured
----------------
turn
    What the event loop did between two beats of a timer: how long a hand would have waited, and how long the processor
    worked for it (on a machine that is busy otherwise the two differ). The frame that was drawn in a turn is counted
    apart. Turns over 100 ms are listed with what ran in them: functions of ours that are timed by name, and the
    innermost of our lines that a clock saw fifty times a second.
memory
    Proportional set size of the window's process and of all its children, and the sum's peak.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

BEAT_MS = 5
LONG_S = 0.1
#: Places that :func:`models.io.ifc.write.write_georef` writes into the pattern and every copy replaces.
MARKS = (700001.125, 3700002.25, 777.375)
#: What may take long on the window's thread, by name.
TIMED = (
    "app.window.scene.scene_sync:SceneSync._put_one",
    "app.window.scene.scene_sync:SceneSync.update",
    "app.window.scene.scene_sync:SceneSync._finish_if_done",
    "app.window.scene.scene_sync:SceneSync._start_theme",
    "app.window.shell.refresh:Refresh.now",
    "app.window.shell.job_progress:JobProgress._show",
    "app.window.shell.messages:Messages.refresh",
    "app.window.shell.messages:Messages._on_notice_added",
    "app.usecases.project.adding_layers:take_in",
    "app.usecases.project.exact_stage:refine",
    "app.background.workers:Child.__init__",
    "viewers.render.scene.scene:Scene.put",
    "viewers.render.scene.scene:Scene.remove",
    "viewers.render.scene.scene:Scene.set_colours",
    "viewers.widgets.layers.layers_panel:LayersPanel.fill",
    "viewers.widgets.shell.notices:Banners.show",
    "viewers.widgets.shell.notices:MessagesPanel.set_notices",
    "viewers.widgets.shell.notices:MessagesPanel.set_jobs",
    "app.background.jobs:Jobs._end",
    "app.window.features.bim.model_browser:ModelBrowser.refresh",
    "app.window.features.checks.checks:Checks.refresh",
    "app.window.features.crs.placement:Placement.refresh",
    "app.window.features.bim.section:Section.refresh",
    "app.window.features.review.topics:Topics.refresh",
    "app.window.shell.commands:Commands.refresh",
)


class Watch:
    """Watches the window's thread: its turns, what ran in them, and the memory of the process and its children."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.thread = threading.get_ident()
        self.turns: list[tuple[float, float, float, str]] = []  # length, processor, frames in it, what ran
        self.peak = self.peak_own = 0
        self.frames: list[float] = []
        self._beat_at, self._cpu_at = time.perf_counter(), time.thread_time()
        self._frame_s = self._frame_cpu_s = 0.0
        self._spent: Counter[str] = Counter()
        self._depth = 0
        self._seen: Counter[str] = Counter()
        self._over = False
        self._timer = QTimer(interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._counter = threading.Thread(target=self._weigh, daemon=True)

    def start(self) -> None:
        """Watch from now on."""
        for name in TIMED:
            self._time(name)
        self._timer.start()
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
        self._counter.start()

    def stop(self) -> None:
        """Watch no more."""
        self._over = True
        self._timer.stop()
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._counter.join()

    def reset(self) -> None:
        """Forget what was seen so far; the memory's peak too."""
        self.turns.clear()
        self.frames.clear()
        self.peak = self.peak_own = 0

    def wrap_frames(self, view: Any) -> None:
        """Time the frames of a view."""
        paint = view.paintGL

        def painted() -> None:
            wall, cpu = time.perf_counter(), time.thread_time()
            paint()
            self._frame_s += time.perf_counter() - wall
            self._frame_cpu_s += time.thread_time() - cpu

        view.paintGL = painted
        view.drawn.connect(lambda took_ms: self.frames.append(took_ms / 1000))

    def _time(self, name: str) -> None:
        import importlib

        module, _, path = name.partition(":")
        owner: Any = importlib.import_module(module)
        *parents, last = path.split(".")
        for parent in parents:
            owner = getattr(owner, parent)
        inner = getattr(owner, last, None)
        if inner is None:
            return

        @functools.wraps(inner)
        def timed(*arguments: Any, **named: Any) -> Any:
            if threading.get_ident() != self.thread:
                return inner(*arguments, **named)
            began = time.thread_time()
            try:
                return inner(*arguments, **named)
            finally:
                self._spent[path] += time.thread_time() - began  # type: ignore[assignment]

        setattr(owner, last, timed)

    def _beat(self) -> None:
        now = time.perf_counter()
        length = now - self._beat_at - BEAT_MS / 1000
        if length > 0.02:
            spent = [f"{name} {seconds * 1000:.0f}" for name, seconds in self._spent.most_common(4) if seconds > 0.01]
            known = sum(1 for _ in spent)
            if not known and self._seen:
                spent = [f"{name} ×{count}" for name, count in self._seen.most_common(2)]
            elif self._seen:
                spent.append(f"[{self._seen.most_common(1)[0][0]}]")
            cpu = time.thread_time() - self._cpu_at - self._frame_cpu_s
            self.turns.append((length, cpu, self._frame_s, ", ".join(spent)))
        self._frame_s = self._frame_cpu_s = 0.0
        self._spent.clear()
        self._seen.clear()
        self._beat_at, self._cpu_at = now, time.thread_time()

    def _look(self, _: int, frame: Any) -> None:
        """Note which line of ours runs; a signal of this very thread, for another may not walk its frames safely."""
        if time.perf_counter() - self._beat_at < 0.04:
            return
        while frame is not None:
            file = Path(frame.f_code.co_filename)
            if ROOT in file.parents and ".venv" not in file.parts and file.name != "federation.py":
                self._seen[f"{file.stem}:{frame.f_lineno} {frame.f_code.co_name}"] += 1
                return
            frame = frame.f_back
        self._seen["Qt"] += 1

    def _weigh(self) -> None:
        while not self._over:
            own, sum_ = _memory(os.getpid()), 0
            for pid in _children(os.getpid()):
                sum_ += _memory(pid)
            self.peak, self.peak_own = max(self.peak, own + sum_), max(self.peak_own, own)
            time.sleep(0.5)


def _children(pid: int) -> list[int]:
    """Return all descendants of a process."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(text) for text in task.read_text().split()]
        except OSError:
            continue
    return [*found, *(below for one in found for below in _children(one))]


def _memory(pid: int) -> int:
    """Return the proportional set size in bytes, 0 where the process has gone."""
    try:
        for text in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if text.startswith("Pss:"):
                return int(text.split()[1]) * 1024
    except OSError:
        pass
    return 0


def spin(condition: Callable[[], bool], limit_s: float = 600.0) -> bool:
    """Run the real event loop until a condition holds; whether it did."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop, timer, end = QEventLoop(), QTimer(interval=50), time.monotonic() + limit_s

    def look() -> None:
        if condition() or time.monotonic() > end:
            loop.quit()

    timer.timeout.connect(look)
    timer.start()
    loop.exec()
    timer.stop()
    return condition()


def pattern(source: Path, folder: Path, crs: str) -> str:
    """Return the text of a model that says the places :data:`MARKS`."""
    from models.io.ifc.write import write_georef

    target = folder / f"pattern-{source.name}"
    write_georef(source, target, crs, *MARKS)
    return target.read_text(encoding="utf-8", errors="surrogateescape")


def copies(
    wanted: list[tuple[Path, int]], folder: Path, crs: str, places: list[tuple[float, float, float]], *, same: bool
) -> list[Path]:
    """Write the models of a federation and return their paths."""
    paths: list[Path] = []
    for source, count in wanted:
        text = pattern(source, folder, crs)
        for number in range(count):
            own = text
            if not same:
                for mark, value in zip(MARKS, places[len(paths)], strict=True):
                    own = own.replace(f"({mark})", f"({value:.4f})").replace(f",{mark},", f",{value:.4f},")
            target = folder / f"{source.stem}-{number + 1:02}.ifc"
            target.write_text(own, encoding="utf-8", errors="surrogateescape")
            paths.append(target)
    return paths


def places_around(view: Any, box: Any, count: int) -> list[tuple[float, float, float]]:
    """Return places in a spiral over a city, on its ground."""
    import numpy as np

    number = np.arange(count)
    angle, reach = number * 2.39996, np.sqrt((number + 2.0) / (count + 2.0))
    half = (box[1] - box[0])[:2] * 0.46
    middle = box.mean(axis=0)[:2]
    east, north = middle[0] + half[0] * reach * np.cos(angle), middle[1] + half[1] * reach * np.sin(angle)
    return list(zip(east.tolist(), north.tolist(), view.ground(east, north).tolist(), strict=True))


class Run:
    """One window and what is measured in it."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        from app import gui
        from app.background.jobs import Jobs
        from app.session import Session
        from app.settings import Settings

        self.options, self.folder = options, folder
        self.app = gui.make_application()
        post = gui.Post(self.app)
        self.session = Session(Settings(None), Jobs(), lang=options.lang, cache_root=folder / "cache")
        self.session.jobs.post = post.called.emit
        self.session.settings.set("theme", options.theme)
        self.window = gui.make_window(self.session)
        self.window.resize(1600, 1000)
        self.window.show()
        self.watch = Watch()
        self.watch.wrap_frames(self.window.context.canvas.view)
        self.watch.start()
        self.session.workers.warm_up()
        self.rows: list[tuple[str, str]] = []
        self.paths: set[str] = set()

    def say(self, name: str, value: object) -> None:
        """Note one figure and print it."""
        self.rows.append((name, str(value)))
        print(f"{name:44s} {value}", flush=True)

    def settled(self) -> bool:
        """Whether nothing is under way any more."""
        return not self.session.jobs.active and not self.window.context.scene_sync.busy

    def layers(self) -> list[Any]:
        """Return the layers of the federation, without the city's own models."""
        return [layer for layer in self.session.project.state.layers if layer.source.path in self.paths]

    def drawn(self) -> int:
        """Return how many models of the federation are in the picture."""
        scene = self.window.context.scene_sync.scene
        return 0 if scene is None else len({layer.id for layer in self.layers()} & set(scene.layer_ids))

    def exact(self) -> int:
        """Return how many models of the federation are exact."""
        data = self.session.project.data
        return sum(data[one.id].info.get("stage") != "preview" for one in self.layers() if one.id in data)

    def grab(self, name: str) -> None:
        """Keep a picture of the window."""
        if self.options.out:
            self.options.out.mkdir(parents=True, exist_ok=True)
            screen = self.window.screen().grabWindow(0)  # a widget that draws itself for a picture is not what is seen
            screen.save(str(self.options.out / f"{name}_{self.options.lang}.png"))

    def turns(self, title: str) -> None:
        """Print what the longest turns were."""
        turns = self.watch.turns
        for name, rows in (
            ("waited", [(length - frame, length, cpu, frame, what) for length, cpu, frame, what in turns]),
            ("worked", [(cpu, length, cpu, frame, what) for length, cpu, frame, what in turns]),
        ):
            blocked = sorted((row for row in rows if row[0] > LONG_S), reverse=True)
            self.say(f"{title}: longest turn {name}, ms", f"{max((r[0] for r in rows), default=0) * 1000:.0f}")
            bins = Counter(min(int(row[0] * 10), 10) for row in blocked)
            spread = "  ".join(f"{k / 10:.1f}+ s: {bins[k]}" for k in sorted(bins)) or "none"
            self.say(f"{title}: turns {name} over 100 ms", f"{len(blocked)}   {spread}")
        self.say(
            f"{title}: frames, of them over 100 ms, longest ms",
            f"{len(self.watch.frames)}, {sum(f > LONG_S for f in self.watch.frames)}, "
            f"{max(self.watch.frames, default=0) * 1000:.0f} (sum {sum(self.watch.frames):.1f} s)",
        )
        for _, length, cpu, frame, what in blocked[:24]:
            print(f"      worked {cpu * 1000:5.0f} ms (turn {length * 1000:.0f}, frame {frame * 1000:.0f})  {what}")
        self.watch.reset()

    def frame_ms(self, *, moving: bool) -> float:
        """Return the median time of a frame."""
        import numpy as np

        view, scene = self.window.context.canvas.view, self.window.context.scene_sync.scene
        view.set_moving(moving)
        if not moving:
            spin(lambda: not view._moving, 10)
        times: list[float] = []
        view.drawn.connect(times.append)
        pose = view.pose
        from viewers.widgets.canvas import camera_motion as flight

        for number in range(8):
            view.set_pose(flight.orbit(pose, np.asarray(pose.target), 4.0 * number, 0.0))
            before = len(times)
            spin(lambda before=before: len(times) > before, 30)
        view.drawn.disconnect(times.append)
        view.set_pose(pose)
        view.set_moving(False)
        assert scene is not None
        return statistics.median(times[1:])

    def open_city(self) -> None:
        """Open the city and wait for it."""
        from app.usecases.project import opening

        opening.open_project(self.session, self.options.city)
        spin(lambda: len(self.session.project.data) > 0 and self.settled(), 120)
        self.say("the city alone: frame while moving, ms", f"{self.frame_ms(moving=True):.0f}")
        self.watch.reset()

    def open_models(self, paths: list[Path], expected: int) -> None:
        """Open the models over the city and follow them until all are exact."""
        import gc

        gc.collect()
        spin(lambda: False, 0.5)
        self.watch.reset()
        began = time.perf_counter()
        marks: dict[str, float] = {}
        seen: set[str] = set()
        self.paths = {str(path.resolve()) for path in paths}
        self.window.context.requests.open_paths([str(path) for path in paths])
        self.say("asking for all of them, ms", f"{(time.perf_counter() - began) * 1000:.0f}")

        def look() -> bool:
            now = time.perf_counter() - began
            drawn = self.drawn()
            if drawn and "first" not in marks:
                marks["first"] = now
            if "half" not in seen and drawn >= expected / 2:
                seen.add("half")
                self.grab("loading")
            if drawn >= expected and "previews" not in marks:
                marks["previews"] = now
                self.grab("previews")
            if self.exact() >= expected and "exact" not in marks:
                marks["exact"] = now
            return "exact" in marks and self.settled()

        ok = spin(look, self.options.limit_s)
        self.say("first model seen after, s", f"{marks.get('first', float('nan')):.1f}")
        self.say("all previews seen after, s", f"{marks.get('previews', float('nan')):.1f}")
        self.say("all exact after, s", f"{marks.get('exact', float('nan')):.1f}{'' if ok else ' (limit reached)'}")
        if not ok:
            still = [(job.title, job.state, job.facts) for job in self.session.jobs.active]
            print("      still at work:", still[:5], len(still))
        spin(lambda: False, 3.0)
        self.say("peak memory, window and children, MB", f"{self.watch.peak / 1e6:.0f}")
        self.say("peak memory, window alone, MB", f"{self.watch.peak_own / 1e6:.0f}")
        self.say("memory at rest, window, MB", f"{_memory(os.getpid()) / 1e6:.0f}")
        self.turns("loading")
        counts = Counter(notice.key for notice in self.session.notices.all)
        self.say("notices", f"{sum(counts.values())} ({', '.join(f'{k} {v}' for k, v in counts.most_common(6))})")

    def spread(self, places: list[tuple[float, float, float]], crs: str) -> None:
        """Put layers that are all alike apart by hand-made placements."""
        from dataclasses import replace

        from models.bim.placement_value import Placement

        def change(state: Any) -> Any:
            for layer, (east, north, height) in zip(self.layers(), places, strict=False):
                place = Placement(east, north, height, crs=crs)
                state = state.with_layer(replace(layer, place=place))
            return state

        self.session.history.do("history.place_model", change)

    def reopen(self, expected: int) -> None:
        """Save the project, open it again and wait for everything, from the cache."""
        from app.usecases.project import opening

        target = self.folder / "federation.gpkg"
        opening.save_project(self.session, target)
        spin(self.settled, 60)
        opening.new_project(self.session)
        spin(self.settled, 10)
        spin(lambda: False, 0.5)
        self.watch.reset()
        began = time.perf_counter()
        opening.open_project(self.session, target)
        spin(lambda: self.drawn() >= expected and self.settled(), 240)
        self.say("re-open of the saved project, s", f"{time.perf_counter() - began:.1f}")
        spin(lambda: False, 1.0)
        self.say("re-opened exactly", f"{self.exact()} of {expected}")
        self.turns("re-open")

    def close(self) -> None:
        """End everything."""
        self.session.project.mark_saved()
        began = time.perf_counter()
        self.window.close()
        self.session.close()
        self.say("closing, s", f"{time.perf_counter() - began:.1f}")
        self.say("children left", len(_children(os.getpid())))
        self.watch.stop()


def main() -> None:
    """Measure and print."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("models", nargs="+", help="MODEL.ifc or MODEL.ifc*COPIES")
    ask.add_argument("--city", type=Path, default=ROOT / "sample.gpkg")
    ask.add_argument("--same", action="store_true", help="let all copies share one cache entry")
    ask.add_argument("--out", type=Path, help="folder for pictures of the window")
    ask.add_argument("--lang", choices=("zh", "en"), default="zh")
    ask.add_argument("--theme", choices=("light", "dark"), default="light")
    ask.add_argument("--limit-s", type=float, default=400.0, help="longest wait for the models")
    ask.add_argument("--json", type=Path, help="also write the figures here")
    options = ask.parse_args()
    options.city = options.city.resolve()
    wanted = []
    for text in options.models:
        name, _, count = text.partition("*")
        wanted.append((Path(name).resolve(), int(count or 1)))
    total = sum(count for _, count in wanted)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        os.environ["CHENGJING_HOME"] = str(folder)
        run = Run(options, folder)
        run.open_city()
        frame = run.session.project.state.frame
        scene = run.window.context.scene_sync.scene
        box = scene.frame.to_world(scene._city_box())
        places = places_around(run.window.context.canvas.view, box, total)
        paths = copies(wanted, folder, frame.horizontal, places, same=options.same)
        size = sum(path.stat().st_size for path in paths)
        run.say("models, MB of IFC", f"{total}, {size / 1e6:.0f}")
        run.open_models(paths, total)
        if options.same:
            run.spread(places, frame.horizontal)
            spin(run.settled, 60)
        run.grab("exact")
        run.say("frame while moving, ms", f"{run.frame_ms(moving=True):.0f}")
        run.say("frame at rest, ms", f"{run.frame_ms(moving=False):.0f}")
        run.reopen(total)
        run.grab("reopened")
        run.close()
        if options.json:
            options.json.write_text(json.dumps(dict(run.rows), ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
