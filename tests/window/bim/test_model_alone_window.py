"""A building model that is opened by itself: in its tree, framed, coming in stages that change no figure."""

from __future__ import annotations

import threading

import numpy as np
from PySide6.QtTest import QTest

from app.usecases.bim import visibility
from app.usecases.health import health
from app.window.features.bim.model_browser import ModelBrowser
from models.bim.model_matrix import world_matrix
from models.checks.quality import statistics
from models.layers.layer import stage_of, uncut_in
from models.project.selection import ObjectKey
from tests.support.cut_model import write_cut_model
from tests.support.io_models import write_model
from tests.support.late_cuts import let_cuts_come_late
from tests.support.window import LEFT, settle, spin

PATIENCE_S = 120.0
#: Whose figure counts what models cover.
CODE = "HC25-58"


def opened_alone(make, path, **more):
    """Return a window with threads in which nothing but a file was opened."""
    window = make(city=False, **more)
    spin(seconds=0.1)
    window.context.requests.open_paths([path])
    assert spin(lambda: bool(window.session.project.data), PATIENCE_S)
    return window


def on_top(window):
    return {name for name in ("layers", "model", "viewpoints") if window.context.docks[name].is_on_top}


def test_the_model_tree_stands_before_the_layers_and_the_model_in_the_middle(make, tmp_path):
    window = opened_alone(make, write_model(tmp_path / "house.ifc"), inline=False)
    assert spin(lambda: window.session.project.data and on_top(window) == {"model"}, PATIENCE_S)
    settle(window)
    assert window.context.docks["layers"].isVisibleTo(window) or not window.context.docks["layers"].isHidden()
    browser = window.features["model"]
    assert isinstance(browser, ModelBrowser)
    assert spin(lambda: len(browser.panel.tree.rows_model.rows) > 0, PATIENCE_S)
    sync, view = window.context.scene_sync, window.context.canvas.view
    (layer,) = window.session.project.state.layers
    data = window.session.project.data[layer.id]
    middle = np.append(data.meshes.bounds().mean(axis=0), 1.0)
    world = (world_matrix(layer, data, sync.scene.frame, sync._ground) @ middle)[:3]
    (place,), _ = view.on_screen(world[None, :])
    assert abs(place[0] / view.width() - 0.5) < 0.2
    assert abs(place[1] / view.height() - 0.5) < 0.25


def test_a_model_beside_other_layers_leaves_the_tabs_as_they_are(make, tmp_path):
    window = make()
    window.context.docks.bring_forward("layers")
    spin(lambda: on_top(window) == {"layers"}, 5)
    window.context.requests.open_paths([write_model(tmp_path / "house.ifc")])
    settle(window)
    assert on_top(window) == {"layers"}


def test_no_finer_picture_changes_a_figure_the_selection_or_what_is_hidden(make, tmp_path, monkeypatch):
    let_cuts_come_late(monkeypatch)
    window, held, seen = make(inline=False), threading.Event(), []
    session = window.session
    session.jobs.run("job.load_source", lambda progress: held.wait(PATIENCE_S), reading=True, file="other")
    session.project.data_changed.connect(lambda layer: seen.append(session.project.data[layer]))
    window.context.requests.open_paths([write_cut_model(tmp_path / "house.ifc")])
    assert spin(lambda: bool(seen), PATIENCE_S)
    (layer,) = [layer for layer in session.project.state.layers if layer.source.reader == "ifc"]
    health.compute_indicators(session, (CODE,))
    assert spin(lambda: health.latest(session, CODE) is not None, PATIENCE_S)
    figure, count = health.latest(session, CODE), statistics(seen[0]).with_geometry
    wall, other = (ObjectKey(layer.id, seen[0].elements["name"].tolist().index(name)) for name in ("chain", "plain"))
    session.selection.set([wall])
    visibility.hide(session, [other])
    held.set()
    assert spin(lambda: stage_of(session.project.data[layer.id]) == "exact", PATIENCE_S)
    settle(window)
    assert [(stage_of(data), len(uncut_in(data))) for data in seen] == [("preview", 3), ("preview", 0), ("exact", 0)]
    assert health.latest(session, CODE) is figure
    assert [statistics(data).with_geometry for data in seen] == [count] * 3
    assert list(session.selection.keys) == [wall]
    assert visibility.counts(session).hidden == 1


def test_who_cancels_the_exact_stage_keeps_the_picture(make, tmp_path, monkeypatch):
    let_cuts_come_late(monkeypatch, "time.sleep(600)")
    window = opened_alone(make, write_cut_model(tmp_path / "house.ifc"), inline=False)
    session = window.session

    def at_work():
        return [job.title for job in session.jobs.active]

    assert spin(lambda: at_work() == ["job.refine"] and not window.context.scene_sync.busy, PATIENCE_S)
    assert spin(window.context.status.stop.isVisible, 5)
    spin(seconds=0.3)  # the line says of the newest job what it does; now that is the exact stage
    QTest.mouseClick(window.context.status.stop, LEFT)
    assert spin(lambda: "job.refine" not in at_work(), PATIENCE_S)
    (data,) = session.project.data.values()
    assert (stage_of(data), len(uncut_in(data))) == ("preview", 3)
    assert not [notice for notice in session.notices.all if notice.level in ("error", "fault")]
