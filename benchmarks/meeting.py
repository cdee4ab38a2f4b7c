"""The meeting's question, "which buildings make this number bad?", in the real window: clicks, and seconds by frames.

Run: ``python benchmarks/meeting.py [PROJECT]``; needs a display or Xvfb, and ``sample.gpkg``
(``python main.py sample``) or the path of a project.

The walk: a loaded project → the tab of the health check → the card of an indicator (what fails it is coloured,
numbered, listed and framed) → the first row (a flight to the worst object) → the arrow key (a flight to the next).
Each step waits until all is drawn. Given are clicks, processor seconds of the whole process, and their ratio to those
of one resting frame of the scene in the same run: the one thing that such a step cannot do without.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

ROOT = Path(__file__).resolve().parents[1]
CODE = "HC25-25"
FRAMES = 5
PATIENCE_S = 300.0
#: Opening may take so long where others work beside it.
LOADING_S = 1500.0


def spin(condition: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    """Let events run until the condition holds."""
    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + seconds
    while not condition():
        QApplication.processEvents()
        if time.monotonic() > end:
            raise SystemExit("the window did not come to rest")
        time.sleep(0.002)


def settle(window: MainWindow) -> None:
    """Wait until nothing is at work, no camera moves, and the last frame is drawn."""
    scene_sync, view = window.context.scene_sync, window.context.canvas.view
    quiet = [0.0]

    def rests() -> bool:
        scene = scene_sync.scene
        busy = window.session.jobs.active or scene_sync.busy or view.is_moving or (scene is not None and scene.dirty)
        if busy:
            quiet[0] = time.monotonic()
        return time.monotonic() - quiet[0] > 0.6  # timers that gather changes have gone off

    quiet[0] = time.monotonic()
    spin(rests)


def frame_s(window: MainWindow) -> float:
    """Return the processor seconds of one resting frame of the scene."""
    scene = window.context.scene_sync.scene
    assert scene is not None
    taken = []
    for _ in range(FRAMES):
        began = time.process_time()
        scene.dirty = True
        scene.render()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def steps(window: MainWindow) -> list[tuple[str, int, float]]:
    """Walk; return each step with its clicks and processor seconds."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QTabBar

    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    panel = window.features["health"].panel  # type: ignore[attr-defined]
    listed, tiles = panel.page.problems, panel.board.tiles

    def open_panel() -> None:
        word = window.appearance.word("panel.health")
        for bar in window.findChildren(QTabBar):
            for at in range(bar.count()):
                if word in (bar.tabText(at), bar.tabToolTip(at)):
                    QTest.mouseClick(bar, left, none, bar.tabRect(at).center())

    def open_indicator() -> None:
        QTest.mouseClick(tiles.viewport(), left, none, tiles.place_of(CODE).center())

    def fly_to_worst() -> None:
        spot = listed.view.visualRect(listed.model.index(0, 1)).center()
        QTest.mouseClick(listed.view.viewport(), left, none, spot)

    def next_by_key() -> None:
        QTest.keyClick(listed.view, Qt.Key.Key_Down)

    found = []
    for name, clicks, act in (
        ("the tab of the health check", 1, open_panel), ("the tile of the indicator", 1, open_indicator),
        ("the first row: fly to the worst", 1, fly_to_worst), ("arrow key: fly to the next", 0, next_by_key),
    ):  # fmt: skip
        began = time.process_time()
        act()
        settle(window)
        found.append((name, clicks, time.process_time() - began))
    if not listed.model.rowCount() or not window.session.selection.keys:
        raise SystemExit("nothing was listed, or nothing selected")
    return found


@contextlib.contextmanager
def computed(project: Path) -> Iterator[MainWindow]:
    """Give a window with a project loaded, drawn and the indicator computed; close it in the end."""
    from app import gui
    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from app.usecases.health import health
    from app.usecases.project import opening

    application = gui.make_application()
    home = Path(os.environ["CHENGJING_HOME"])
    session = Session(Settings(None), Jobs(), lang="zh", cache_root=home / "cache")
    post = gui.Post(application)
    session.jobs.post = post.called.emit
    window = gui.make_window(session)
    window.show()
    window.activateWindow()  # keys of menus are answered by the window that is active
    opening.open_files(session, [project])
    spin(lambda: bool(session.jobs.active), 10.0)
    spin(lambda: not session.jobs.active, LOADING_S)  # the models of the sample are refined by child processes
    settle(window)
    health.compute_indicators(session, (CODE,))
    settle(window)
    yield window
    session.project.mark_saved()
    window.close()
    session.close()


def drive(project: Path) -> None:
    """Walk through the window, and tell."""
    with computed(project) as window:
        walk(window)


def walk(window: MainWindow) -> None:
    """Walk from the loaded project to the worst object, and tell."""
    frame = frame_s(window)
    print(f"one resting frame: {frame:.2f} s of processor\n")
    print("| step | clicks | s of processor | frames |\n|---|---|---|---|")
    walked = steps(window)
    for name, clicks, seconds in walked:
        print(f"| {name} | {clicks} | {seconds:.2f} | {seconds / frame:.1f} |")
    clicks, seconds = sum(step[1] for step in walked[:3]), sum(step[2] for step in walked[:3])
    print(
        f"| from the loaded project to the worst object | {clicks} | {seconds:.2f} | {seconds / frame:.1f} |",
        flush=True,
    )


def main() -> None:
    """Run the walk."""
    run(__file__, drive)


def run(file: str, drive: Callable[[Path], object], screen: str = "1600x1000x24") -> None:
    """Run a walk through the window in a process of its own, with settings of nobody.

    Parameters
    ----------
    file : str
        The script whose walk it is, run again with ``--drive`` in that process.
    drive : callable
        Takes the project that the command line names, or the sample.
    screen : str
        Of the display that is made where there is none.
    """
    if len(sys.argv) > 2 and sys.argv[1] == "--drive":
        sys.path.insert(0, str(ROOT))
        drive(Path(sys.argv[2]))
        return
    project = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "sample.gpkg").resolve()
    if not project.exists():
        raise SystemExit(f"{project} is not there: python main.py sample")
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"CHENGJING_HOME": home}
        display = () if os.environ.get("DISPLAY") else ("xvfb-run", "-a", "-s", f"-screen 0 {screen}")
        subprocess.run([*display, sys.executable, file, "--drive", str(project)], env=environment, check=True)


if __name__ == "__main__":
    main()
