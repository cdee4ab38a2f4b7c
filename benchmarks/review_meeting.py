"""The question of the room: "which buildings make this number?", answered on the wall by clicks, and the picture kept.

Run: ``python benchmarks/review_meeting.py [project.gpkg]``; needs a display or Xvfb.

Given are clicks, and processor seconds of the whole process until the answer stands there (coloured, listed) and until
the picture rests after the flight, beside one resting frame of the scene: a software renderer draws all frames of a
flight on the processor, a graphics card hardly any, so that the ratio says more than the seconds. Last comes what the
presenter's second screen costs: a copy of the frame that was drawn, against drawing the scene once more.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from meeting import CODE, FRAMES, computed, frame_s, run, settle, spin

if TYPE_CHECKING:
    from app.window.main_window import MainWindow


def copy_s(window: MainWindow) -> float:
    """Return the processor seconds of one copy of the frame on the wall, as the second screen shows it."""
    view, taken = window.context.canvas.view, []
    for _ in range(FRAMES):
        began = time.process_time()
        view.grabFramebuffer()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def steps(window: MainWindow) -> Iterator[tuple[str, int, float, float, float]]:
    """Walk; yield each step with its clicks, processor seconds until it is answered and drawn, and wall seconds."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtTest import QTest

    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    presenter = window.features["presenter"]
    wall, fails, view = presenter.wall, presenter.fails, window.context.canvas.view  # type: ignore[attr-defined]
    clipboard = QGuiApplication.clipboard()

    def click_row() -> None:
        QTest.mouseClick(wall.problems, left, none, wall.problems.row_rect(0).center())

    def copy() -> None:
        clipboard.clear()
        keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        QTest.keyClick(view, Qt.Key.Key_C, keys)

    def is_listed() -> bool:
        return fails.ranking is not None and wall.problems.isVisible() and not window.context.scene_sync.busy

    walk: tuple[tuple[str, int, Callable[[], object], Callable[[], bool]], ...] = (
        ("the number on the wall → what fails", 1, lambda: QTest.mouseClick(wall.figure, left), is_listed),
        ("a row → the object", 1, click_row, wall.object.isVisible),
        ("→ key: the next object", 0, lambda: QTest.keyClick(view, Qt.Key.Key_Right), lambda: fails.row == 1),
        ("↑ ↑ keys: back to the stop", 0, lambda: [QTest.keyClick(view, Qt.Key.Key_Up) for _ in range(2)],
         lambda: not wall.problems.isVisible()),
        ("Ctrl+Shift+C: the picture on the clipboard", 0, copy, lambda: not clipboard.image().isNull()),
    )  # fmt: skip
    for name, clicks, act, is_answered in walk:
        began, began_wall = time.process_time(), time.monotonic()
        act()
        spin(is_answered)
        answered, wall_s = time.process_time() - began, time.monotonic() - began_wall
        settle(window)
        yield name, clicks, answered, time.process_time() - began, wall_s


def drive(project: Path) -> None:
    """Ask the question of the room in a window, and tell."""
    with computed(project) as window:
        ask(window)


def ask(window: MainWindow) -> None:
    """Make a stop of an indicator, present it, ask, and tell."""
    from app.usecases.health import health
    from models.views.scene_state import Theme

    health.set_theme(window.session, Theme("indicator", CODE))
    settle(window)
    window.features["agenda"].add()  # type: ignore[attr-defined]
    window.context.commands.run("review.present")
    settle(window)
    frame = frame_s(window)
    print(f"one resting frame: {frame:.2f} s of processor\n")
    print("| step | clicks | answered, s of processor | drawn | drawn, frames | answered, s on the clock |")
    print("|---|---|---|---|---|---|")
    for name, clicks, answered, drawn, wall_s in steps(window):
        print(f"| {name} | {clicks} | {answered:.2f} | {drawn:.2f} | {drawn / frame:.1f} | {wall_s:.2f} |", flush=True)
    copied = copy_s(window)
    print(f"\none copy for the second screen: {copied:.3f} s of processor, {copied / frame:.3f} of a frame")


if __name__ == "__main__":
    run(__file__, drive, "1920x1080x24")
