"""Profiles and sections by real clicks, linked with the picture both ways, true to the tables after each edit."""

import geopandas as gpd
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from shapely.geometry import LineString, Point

from app.usecases.query import query
from models.layers.layer import Layer, VectorData
from models.project.selection import ObjectKey
from tests.support.window import LEFT, NONE, at, click, settle, spin, tiny_city

X, Y = 501900.0, 4058960.0


@pytest.fixture
def window(make):
    """Return a window on the tiny city with a sewer of three pipes and a water main across it."""
    window = make(city=False)
    state, data = tiny_city()
    pipes = [
        {"code": f"W{n}", "kind": "WS", "diameter_mm": 400, "material": "钢筋混凝土", "start_node": f"N{n}",
         "end_node": f"N{n + 1}", "start_invert_m": 28.0 - 0.1 * n, "end_invert_m": 27.9 - 0.1 * n,
         "geometry": LineString([(X + 40 * n, Y), (X + 40 * n + 40, Y)])}
        for n in range(3)
    ]  # fmt: skip
    pipes.append({"code": "J", "kind": "JS", "diameter_mm": 200, "material": "", "start_node": "a", "end_node": "b",
                  "start_invert_m": 28.6, "end_invert_m": 28.6,
                  "geometry": LineString([(X + 60, Y - 30), (X + 60, Y + 30)])})  # fmt: skip
    nodes = [
        {"code": f"N{n}", "kind": "WS", "node_type": "outfall" if n == 3 else "manhole", "ground_m": 30.0,
         "invert_m": 28.0 - 0.1 * n, "geometry": Point(X + 40 * n, Y)}
        for n in range(4)
    ]  # fmt: skip
    for name, rows in (("pipes", pipes), ("pipe_nodes", nodes)):
        frame = gpd.GeoDataFrame(rows, crs="EPSG:4548")
        frame.index = frame.index + 1
        data[name] = VectorData(frame)
        state = state.with_layer(Layer(name, name, "vector", name, synthetic=True, name_en=name))
    window.session.project.replace_all(state, data, None)
    settle(window)
    view = window.context.canvas.view
    view.fly_to_point((X + 60, Y, 0.0), 320)
    view.top_view()
    spin(seconds=0.2)
    return window


def on_ground(window, x, y):
    height = float(window.context.canvas.view.ground(np.array([x]), np.array([y]))[0])
    return at(window, (x, y, height))


def pick(window, action, *places):
    window.context.commands.run(action)
    for x, y in places:
        click(window, on_ground(window, x, y))
        spin(seconds=0.05)
    settle(window)
    return window.features["profile"]


def point(view, x, y):
    place = QPointF(x, y)
    event = QMouseEvent(
        QEvent.Type.MouseMove, place, view.mapToGlobal(place), Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, NONE
    )
    QApplication.sendEvent(view, event)


def test_two_clicks_make_a_profile_that_is_linked_both_ways(window):
    at_rest = list(window.context.canvas.view.tools)
    feature = pick(window, "network.profile", (X, Y))
    for _ in range(2):  # the first click is taken back, then the tool is left
        QTest.keyClick(window.context.canvas.view, Qt.Key.Key_Escape)
    assert feature.made is None
    assert window.context.canvas.view.tools == at_rest
    pick(window, "network.profile", (X + 1, Y + 2), (X + 119, Y - 1))
    profile, view = feature.made.profile, feature.panel.view
    assert [well.code for well in profile.wells] == ["N0", "N1", "N2", "N3"]
    spin(lambda: view.axes is not None)
    middle = view.axes.box.center().y()
    QTest.mouseClick(view, LEFT, NONE, QPoint(round(view.axes.x(20)), round(middle)))
    assert list(window.session.selection.keys) == [ObjectKey("pipes", 1)]
    QTest.mouseClick(view, LEFT, NONE, QPoint(round(view.axes.x(80)), round(middle)))
    assert list(window.session.selection.keys) == [ObjectKey("pipe_nodes", 3)]
    point(view, view.axes.x(30), middle)
    mark = window.context.canvas.tool_overlay.drawing("profile_line").mark
    assert mark.point[:2] == pytest.approx([X + 30, Y], abs=0.5)
    window.session.selection.set([ObjectKey("pipes", 2)])
    assert view.marked.pipes == {feature.made.pipes.number(ObjectKey("pipes", 2))}
    feature.panel.times.setCurrentIndex(feature.panel.times.findData(10))
    spin(seconds=0.1)
    assert view.axes.exaggeration == pytest.approx(10)
    QTest.keyClick(view, Qt.Key.Key_Plus)
    spin(seconds=0.1)
    assert view.extent.to_m - view.extent.from_m == pytest.approx(120 / 1.25)
    QTest.mouseDClick(view, LEFT, NONE, view.rect().center())
    assert view.extent.to_m == pytest.approx(120)


def test_an_edit_shows_at_once_undo_takes_it_back_and_a_pipe_that_is_gone_leaves_no_old_profile(window):
    feature = pick(window, "network.profile", (X, Y), (X + 120, Y))
    view = feature.panel.view
    spin(lambda: view.axes is not None)
    view.zoom(2.0)
    stretch = view.extent.from_m, view.extent.to_m
    query.set_cell(window.session, "pipes", 2, "end_invert_m", "28.4")
    settle(window)
    assert feature.made.profile.spans[1].is_adverse
    assert (view.extent.from_m, view.extent.to_m) == pytest.approx(stretch)
    window.session.history.undo()
    settle(window)
    assert not feature.made.profile.spans[1].is_adverse
    kept = window.session.project.data["pipes"].frame.loc[[1, 3, 4]]
    window.session.project.put_data("pipes", VectorData(kept))
    window.context.refresh.now()
    settle(window)
    assert feature.made is None
    assert feature.panel.hint.isVisible()
    assert "剖面" in feature.panel.hint.words.text()


def test_the_menu_of_a_pipe_leads_to_the_outlet_and_a_line_across_is_a_section_that_is_printed(
    window, tmp_path, monkeypatch
):
    feature = window.features["profile"]
    window.session.selection.set([ObjectKey("pipes", 2)])
    (offer,) = feature.context_actions(ObjectKey("pipes", 2), None)
    offer.trigger()
    settle(window)
    assert [span.code for span in feature.made.profile.spans] == ["W1", "W2"]
    assert feature.made.complete
    assert feature.context_actions(ObjectKey("buildings", 1), None) == []
    pick(window, "network.section", (X + 20, Y - 8), (X + 20, Y + 8))
    (pipe,) = feature.made.section.pipes
    assert pipe.code == "W0"
    assert pipe.offset_m == pytest.approx(8, abs=1.5)  # a pixel is most of a metre
    out = tmp_path / "section.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), "PDF A4 (*.pdf)"))
    QTest.mouseClick(feature.panel.export, LEFT)
    settle(window)
    assert out.read_bytes().startswith(b"%PDF")


def test_clear_distances_are_listed_and_each_is_flown_to(window):
    window.context.commands.run("checks.clearance")
    panel = window.features["checks"].panel
    assert panel.kind == "clearance"
    QTest.mouseClick(panel.clearance.run, LEFT)
    settle(window)
    (finding,) = panel.report.findings
    assert {party.name for party in finding.parties} == {"W1", "J"}
    assert finding.facts["certainty"] == "low"
    panel.tree.step(1)
    settle(window)
    assert set(window.session.selection.keys) == {ObjectKey("pipes", 2), ObjectKey("pipes", 4)}
    target = window.context.canvas.view.frame.to_world(window.context.canvas.view.pose.target)
    assert target[:2] == pytest.approx([X + 60, Y], abs=1.0)
