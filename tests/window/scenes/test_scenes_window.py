"""Scenes in the window: chosen by a click, told, undone, left; what is missing is named."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from models.layers.layer import VectorData
from models.project.scene import scene_of
from tests.support.cities.scene_city import street
from tests.support.window import settle, spin
from viewers.widgets.common.controls import Card
from viewers.widgets.scenes.scenes_panel import GALLERY, LIST, SCENE


def opened(make, *names, lang="zh"):
    window = make(city=False, lang=lang)
    state, data = street(*names)
    window.session.project.replace_all(state, data, None)
    settle(window)
    window.context.commands.run("scenes.gallery")
    settle(window)
    return window, window.features["scenes"].panel


def press(panel, name):
    card = panel.findChild(Card, name)
    panel.gallery.ensureWidgetVisible(card)
    QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))


def shown(window):
    return {layer.id for layer in window.session.project.state.layers if layer.visible}


def test_a_click_shows_a_scene_and_its_figures_and_the_way_back_leads_to_before_the_first(make):
    window, panel = opened(make)
    session = window.session
    before, through = scene_of(session.project.state), session.visibility.through
    eye = window.context.scene_sync.scene.camera.position
    assert {entry.id: entry.state for entry in panel.entries}["structures"] == "ready"
    press(panel, "scene_structures")
    settle(window)
    assert shown(window) == {"structures"}
    assert panel.showing == SCENE
    numbers = {figure.title: figure.number for figure in panel._page.figures}
    assert numbers["桥梁与隧道"] == "4"
    assert session.visibility.through is not None, "houses step back"
    rows = panel.page.findChildren(Card, "scene_row")
    QTest.mouseClick(rows[0], Qt.MouseButton.LeftButton)
    settle(window)
    assert [(key.layer, key.oid) for key in session.selection.keys] == [("structures", 1)], "the worst first"
    QTest.mouseClick(panel.back, Qt.MouseButton.LeftButton)
    settle(window)
    press(panel, "scene_smart_poles")
    settle(window)
    assert shown(window) == {"poles", "devices"}
    QTest.mouseClick(panel.leave, Qt.MouseButton.LeftButton)
    settle(window)
    assert scene_of(session.project.state) == before
    assert session.visibility.through == through
    assert window.context.scene_sync.scene.camera.position == pytest.approx(eye, abs=0.1)
    assert panel.showing == GALLERY


def test_undo_takes_a_scene_back_with_its_ground(make):
    window, panel = opened(make)
    press(panel, "scene_utility_tunnel")
    settle(window)
    assert window.session.visibility.through is not None
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(window)
    assert shown(window) == set()
    assert window.session.visibility.through is None
    assert window.session.scene is None
    assert panel.showing == GALLERY


def test_a_scene_without_its_data_says_what_is_missing_and_shows_nothing(make):
    window, panel = opened(make, "poles", "devices", lang="en")
    before = scene_of(window.session.project.state)
    press(panel, "scene_structures")
    settle(window)
    assert scene_of(window.session.project.state) == before
    assert not panel.buttons.isVisible()
    (missing,) = panel._page.missing
    assert missing.why == "no such layer in the project"
    assert "grade" in missing.how_to


def test_a_scene_speaks_the_language_of_the_window_follows_the_data_and_lists_it_whole(make):
    window, panel = opened(make, "structures")
    project = window.session.project
    press(panel, "scene_structures")
    settle(window)
    window.features["display"].set_lang("en")
    settle(window)
    assert panel._page.name == "Bridges and tunnels"
    many = project.data["structures"].frame.iloc[[0, 1, 2, 3] * 5].reset_index(drop=True)
    many.index += 1
    project.put_data("structures", VectorData(many))
    assert spin(lambda: panel._page.figures[0].number == "20")
    QTest.mouseClick(panel.page.findChild(Card, "show_all"), Qt.MouseButton.LeftButton)
    settle(window)
    assert panel.showing == LIST
    assert panel.list.model.rowCount() == 20
    panel.list.go_to_place(1)
    settle(window)
    assert window.session.selection.keys[-1].layer == "structures"
