"""Many models at once in the real window: previews first, then exact, told in one message, ended when asked."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app import gui
from app.background.jobs import Jobs
from app.notices import Notice, grouped
from app.session import Session
from app.settings import Settings
from app.usecases.layers import layers
from models.layers.layer import ModelData
from tests.support.io_models import write_model
from tests.support.window import spin

COUNT = 6
PATIENCE_S = 180.0


def children() -> set[int]:
    """Return the processes that this one started and that still run."""
    found: set[int] = set()
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            found |= {int(text) for text in task.read_text().split()}
        except OSError:
            continue
    return found


def open_window(folder):
    """Return a window that runs its jobs on threads, and a function that closes it."""
    application = gui.make_application()
    session = Session(Settings(None), Jobs(), lang="zh", cache_root=folder / "cache")
    session.jobs.post = gui.Post(application).called.emit
    window = gui.make_window(session)
    window.context.canvas.view.animate = False
    window.resize(1000, 640)
    window.show()

    def close():
        session.project.mark_saved()
        window.close()
        session.close()
        window.deleteLater()
        spin(seconds=0.05)

    return window, close


def write_files(folder):
    """Write six models that say nothing of where they stand."""
    return [write_model(folder / f"model-{number}.ifc", columns=3 + number) for number in range(COUNT)]


@pytest.fixture
def window(tmp_path):
    window, close = open_window(tmp_path)
    yield window
    close()


@pytest.fixture
def files(tmp_path):
    return write_files(tmp_path)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Return a window into which six models came at once, the stages at each arrival, and the children before."""
    folder, before, seen = tmp_path_factory.mktemp("federation"), children(), []
    window, close = open_window(folder)
    window.session.project.data_changed.connect(lambda _: seen.append(stages(window)), check_nargs=False)
    window.context.requests.open_paths(write_files(folder))
    assert spin(lambda: len(stages(window)) == COUNT and settled(window), PATIENCE_S)
    spin(seconds=0.8)
    yield window, seen, before
    close()


def stages(window):
    """Return the stage of each model that is in."""
    held = window.session.project.data.values()
    return [str(data.info.get("stage")) for data in held if isinstance(data, ModelData)]


def settled(window):
    return not window.session.jobs.active and not window.context.scene_sync.busy


def test_all_previews_come_before_the_first_exact_model_and_all_become_exact(loaded):
    window, seen, before = loaded
    assert stages(window) == ["exact"] * COUNT
    assert ["preview"] * COUNT in seen, "every first picture stands before the first model is refined"
    assert {layer.id for layer in window.session.project.state.layers} <= set(window.context.scene_sync.scene.layer_ids)
    assert spin(lambda: children() <= before, 5), "no child outlives its work"


def test_six_models_make_one_message_of_each_kind(loaded):
    window, _, _ = loaded
    groups = [group for _, group in grouped(window.session.notices.all, 60.0)]
    keys = [group[-1].key for group in groups]
    assert len(groups) < len(window.session.notices.all) / 2
    assert len(keys) == len(set(keys))
    assert window.features["messages"].panel.list.count() == len(groups)
    kept = [window.features["messages"].panel.list.item(at).data(Qt.ItemDataRole.UserRole) for at in range(len(groups))]
    names = [f"model-{number}.ifc" for number in range(COUNT)]
    assert any(all(name in text for name in names) for text in kept), "the details name every model"


def test_errors_are_never_grouped_and_neither_is_what_was_said_long_ago():
    error = [Notice("error", "error.io.missing", {"file": name}) for name in "ab"]
    assert [len(group) for _, group in grouped(error, 60.0)] == [1, 1]
    old = Notice("caution", "caution.io.no_georeference", {"file": "a"}, at_s=0.0)
    new = Notice("caution", "caution.io.no_georeference", {"file": "b"}, at_s=61.0)
    assert [len(group) for _, group in grouped([old, new], 60.0)] == [1, 1]
    assert grouped([old, new], 62.0) == [(1, [old, new])]


def test_many_models_stand_under_one_heading_that_folds_and_switches_them_all(loaded):
    window, _, _ = loaded
    panel = window.features["layers"].panel.list
    assert panel.count() == 1, "folded: one row for six models"
    rect = panel.visualItemRect(panel.item(0))
    QTest.mouseClick(panel.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, rect.center().y()))
    assert panel.count() == 1 + COUNT
    QTest.mouseClick(panel.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(16, rect.center().y()))
    assert not any(layer.visible for layer in window.session.project.state.layers)
    window.context.commands.run("edit.undo")
    assert all(layer.visible for layer in window.session.project.state.layers), "one step, undone in one step"
    order = [layer.id for layer in window.session.project.state.layers]
    window.features["layers"].panel.move_requested.emit([order[0]], "", order[2])
    assert [layer.id for layer in window.session.project.state.layers][:3] == [order[1], order[2], order[0]]
    layers.remove_layer(window.session, order[5])
    assert spin(lambda: panel.count() == COUNT - 1, 5), "five models need no heading"


def test_a_result_that_arrives_after_the_session_was_closed_is_dropped_and_its_job_ends_as_cancelled():
    calls, taken = [], []
    jobs = Jobs(post=calls.append)
    job = jobs.run("job.theme", lambda _: 1, taken.append)
    spin(lambda: len(calls) >= 2, 10)
    jobs.close()
    for call in list(calls):
        call()
    assert (job.state, taken, jobs.active) == ("cancelled", [], [])


def test_reading_many_files_does_not_hold_up_what_draws_the_first():
    jobs, gate, drawn = Jobs(post=lambda call: call()), threading.Event(), threading.Event()
    for _ in range(8):
        jobs.run("job.open_file", lambda _: gate.wait(10), reading=True)
    jobs.run("job.prepare_layer", lambda _: drawn.set())
    came = drawn.wait(5)
    gate.set()
    jobs.close()
    assert came


def test_a_cancel_in_the_middle_leaves_no_child_and_no_work(window, files, tmp_path):
    before = children()
    window.context.requests.open_paths(files)
    assert spin(lambda: len(stages(window)) >= 1, PATIENCE_S)
    for job in list(window.session.jobs.active):
        job.cancel()
    window.context.scene_sync.cancel()
    assert spin(lambda: settled(window), 10)
    assert spin(lambda: children() <= before, 3)
    came = len(stages(window))
    spin(seconds=0.5)
    assert len(stages(window)) == came
    left = [path for path in (tmp_path / "cache" / "tmp").rglob("*") if path.is_file()]
    assert not left


def test_closing_the_window_in_the_middle_ends_all_children_within_two_seconds(window, files):
    before = children()
    window.context.requests.open_paths(files)
    assert spin(lambda: len(stages(window)) >= 1 and children() > before, PATIENCE_S)
    window.session.project.mark_saved()
    began = time.monotonic()
    window.close()
    window.session.close()
    assert spin(lambda: children() <= before, 5)
    assert time.monotonic() - began < 10
