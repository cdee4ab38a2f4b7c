"""The card of pipes by real clicks: colours, words, tints, widths, all of it undone; signs that part at a click."""

import geopandas as gpd
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtTest import QTest
from shapely.geometry import LineString

from app.usecases.network import pipe_view
from models.core.errors import UserError
from models.layers.layer import Layer, VectorData
from models.views.scene_state import Theme
from tests.support.window import LEFT, click, settle, tiny_city

X, Y = 501900.0, 4058960.0


@pytest.fixture
def window(make):
    """Return a window on the tiny city with two pipes that are switched off."""
    window = make(city=False)
    state, data = tiny_city()
    rows = [
        {"kind": kind, "diameter_mm": 400, "material": material, "start_invert_m": 28.0, "end_invert_m": 27.9,
         "geometry": LineString([(X, Y + 8 * n), (X + 120, Y + 8 * n)])}
        for n, (kind, material) in enumerate((("YS", "混凝土"), ("WS", None)))
    ]  # fmt: skip
    data["pipes"] = VectorData(gpd.GeoDataFrame(rows, crs="EPSG:4548"))
    state = state.with_layer(Layer("pipes", "管线", "vector", "pipes", visible=False))
    window.session.project.replace_all(state, data, None)
    settle(window)
    return window


def texts(window):
    return [entry.text for entry in window.context.canvas.legend.legend.entries]


def test_the_card_shows_the_pipes_and_its_switches_change_style_and_legend(window):
    session, commands = window.session, window.context.commands
    commands.run("pipes.view")
    settle(window)
    bar = next(card for card in window.context.canvas.cards if type(card).__name__ == "PipeBar")
    assert bar.isVisible()
    assert session.visibility.through is not None
    assert session.project.state.layer("pipes").visible
    assert {"雨水管线", "污水管线"} <= set(texts(window))
    QTest.mouseClick(bar.checks["tints"], LEFT)
    settle(window)
    assert session.project.state.layer("pipes").style.pipes.tints
    assert any("CJJ 61" in text for text in texts(window))
    bar.wider.setCurrentIndex(2)
    bar.wider.activated.emit(2)
    settle(window)
    assert session.project.state.layer("pipes").style.size == 3.0
    assert "管径放大 3 倍显示" in texts(window)
    commands.run("pipes.by.material")
    settle(window)
    assert session.project.state.theme == Theme("pipes", "material")
    assert bar.colours.currentData() == "material"
    assert {"混凝土", "无数据"} <= set(texts(window))
    while session.history.undo_label:
        session.history.undo()
    settle(window)
    assert session.project.state.theme == Theme()
    assert session.project.state.layer("pipes").style.size == 1.0


def test_what_pipes_cannot_be_coloured_by_is_refused_by_name(window):
    with pytest.raises(UserError) as told:
        pipe_view.colour_pipes(window.session, "smell")
    assert told.value.code == "pipes.no_theme"
    with pytest.raises(UserError) as told:
        pipe_view.set_wider(window.session, 0.0)
    assert told.value.code == "pipes.wider"


def test_a_click_on_a_number_looks_nearer_until_single_components_are_seen(window):
    window.context.commands.run("facilities.signs")
    settle(window)
    scene, view = window.context.scene_sync.scene, window.context.canvas.view
    scene.home()
    view.mark_dirty()
    settle(window)
    many = [sign for sign in scene.signs if len(sign.oids) > 1]
    assert many
    assert sum(len(sign.oids) for sign in scene.signs) > 20
    before, sign = scene.camera, max(many, key=lambda one: len(one.oids))
    ratio = view.devicePixelRatioF()
    x, y = (sign.box[0] + sign.box[2]) / 2 / ratio, (sign.box[1] + sign.box[3]) / 2 / ratio
    click(window, QPointF(x, view.height() - y))
    settle(window)
    assert scene.camera != before
    assert not window.session.selection.keys
