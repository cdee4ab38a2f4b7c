"""A model in the window: checked, run, looked at step by step, its worst places flown to."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.usecases.project import opening
from models.project.selection import ObjectKey
from tests.support.network.hydraulic_models import SWMM
from tests.support.window import settle, spin

#: With a manhole that floods.
FLOODED = SWMM.replace("J2               9.50       2.0", "J2               9.50       0.6").replace(
    "C2               RECT_CLOSED  0.5              0.8", "C2               CIRCULAR  0.2  0"
)


@pytest.fixture
def window(make):
    return make(inline=False)


@pytest.fixture
def panel(window, tmp_path):
    path = tmp_path / "m.inp"
    path.write_text(FLOODED, encoding="utf-8")
    opening.open_files(window.session, [path], "EPSG:4548")
    assert spin(lambda: not window.session.jobs.active, 60)
    settle(window)
    window.context.commands.run("simulation.open")
    settle(window)
    return window.features["simulation"].panel


def run(window, panel):
    QTest.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    assert spin(lambda: window.features["simulation"].results is not None, 60)
    settle(window)


def test_a_model_is_run_coloured_stepped_and_its_worst_place_is_flown_to(window, panel):
    feature, sync = window.features["simulation"], window.context.scene_sync
    assert panel.isVisible()
    run(window, panel)
    assert "SWMM 5" in panel.engine.text()
    assert panel.findings_title.text()
    layer, oids, _ = feature._rows["nodes"]
    at = feature._at("nodes", "depth")
    panel.variables.setCurrentIndex(at)
    panel.variables.activated.emit(at)
    settle(window)
    first = sync.scene._layers[layer].colours
    assert sync.result_colours.legend is not None
    panel.slider.setFocus()
    for _ in range(15):
        QTest.keyClick(panel.slider, Qt.Key.Key_Right)
    settle(window)
    assert panel.clock.text() == "2020-01-01 00:16"
    now = sync.scene._layers[layer].colours
    assert np.array_equal(first[0], now[0])
    assert not np.array_equal(first[1], now[1]), "the colours follow the step"
    assert panel.worst.item(0).text().startswith("J2")
    QTest.mouseClick(
        panel.worst.viewport(), Qt.MouseButton.LeftButton, pos=panel.worst.visualItemRect(panel.worst.item(0)).center()
    )
    settle(window)
    (key,) = window.session.selection.keys
    assert key.layer == layer
    assert window.session.project.data[layer].attributes.loc[key.oid, "code"] == "J2"
    assert [curve.name for curve in panel.chart._curves] == ["J2"]
    window.session.selection.set([ObjectKey(layer, int(oid)) for oid in oids[:2]])
    settle(window)
    assert len(panel.chart._curves) == 2
    panel.shown.click()
    settle(window)
    assert sync.result_colours.legend is None, "switched off, the city has its own colours again"
    window.features["display"].set_lang("en")
    settle(window)
    assert panel.worst.item(0).text() == "J2  ·  floods"
    assert panel.clock.text() == "2020-01-01 00:16", "the step stays"


def test_a_run_is_cancelled_and_a_bad_model_names_its_error(window, panel, tmp_path):
    feature = window.features["simulation"]
    model = tmp_path / "m.inp"
    model.write_text(
        FLOODED.replace("END_DATE             01/01/2020", "END_DATE             01/01/2090"), encoding="utf-8"
    )
    QTest.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    assert spin(lambda: panel.stop.isVisible() and feature._job is not None, 20)
    QTest.mouseClick(panel.stop, Qt.MouseButton.LeftButton)
    assert spin(lambda: feature._job is None, 20)
    assert feature.results is None
    assert panel.run.isEnabled()
    model.write_text(FLOODED.replace("J2               O1", "J2               NO"), encoding="utf-8")
    QTest.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    assert spin(lambda: panel.findings.count() and feature._job is None, 30)
    settle(window)
    assert "NO" in panel.findings.item(0).text()
