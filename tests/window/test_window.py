"""The main window with real clicks and keys on a tiny city: needs a display (Xvfb serves)."""

import threading
from dataclasses import replace

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from app.actions import actions, panels
from app.notices import Notice
from app.settings import Settings
from app.usecases.layers import layers
from app.usecases.views import viewpoints
from app.window.shell.commands import target_of
from models.project.selection import ObjectKey
from resources.words import table
from tests.support.window import FRAME, settle, spin, tiny_city


def answer(button, title=""):
    """Press a button of the next modal dialog, found by the attribute that holds it."""
    seen = []

    def press():
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            QTimer.singleShot(20, press)
            return
        seen.append(dialog.windowTitle())
        target = getattr(dialog, button)
        QTest.mouseClick(target, Qt.MouseButton.LeftButton)

    QTimer.singleShot(20, press)
    return seen


def place_of(window, key):
    """Return the widget position at which the middle of an object's roof is seen."""
    low, high = window.context.scene_sync.scene.bounds_of([key])
    local = FRAME.to_local(np.array([*(low + high)[:2] / 2, high[2]]))
    renderer = window.context.canvas.view.renderer
    renderer.SetWorldPoint(*local, 1.0)
    renderer.WorldToDisplay()
    x, y, _ = renderer.GetDisplayPoint()
    return QPoint(int(x), int(window.context.canvas.view.height() - 1 - y))


def test_an_empty_window_welcomes_and_a_city_takes_its_place(make):
    window = make(city=False)
    assert window.context.welcome.isVisible()
    assert not window.context.canvas.isVisible()
    assert not any(dock.isVisible() for dock in window.context.docks.values())
    state, data = tiny_city()
    window.session.project.replace_all(state, data, None)
    settle(window)
    assert window.context.canvas.isVisible()
    assert not window.context.welcome.isVisible()
    assert window.context.docks["layers"].isVisible()
    assert set(window.context.scene_sync.scene.layer_ids) >= {"buildings"}
    assert window.context.canvas.badge.isVisible(), "made-up data is called so"


def test_a_click_in_the_city_selects_what_is_under_it_and_the_panel_describes_it(window):
    key = ObjectKey("buildings", 4)
    window.context.scene_sync.zoom_to_keys((key,))
    spin(seconds=0.4)
    QTest.mouseClick(window.context.canvas.view, Qt.MouseButton.LeftButton, pos=place_of(window, key))
    assert window.session.selection.keys == (key,)
    spin(seconds=0.1)
    assert window.features["properties"].panel.title.text() == "1号楼1"
    assert window.context.status.chosen.text() == "已选 1 个对象"


def test_a_drag_moves_the_camera_and_selects_nothing(window):
    view = window.context.canvas.view
    before = window.context.scene_sync.scene.camera
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    QTest.mouseMove(view, QPoint(340, 310))
    view.mouseMoveEvent(_move(QPoint(360, 320)))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(360, 320))
    assert window.context.scene_sync.scene.camera != before
    assert window.session.selection.keys == ()


def _move(at):
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QMouseEvent

    point = QPointF(at)
    left = Qt.MouseButton.LeftButton
    return QMouseEvent(QEvent.Type.MouseMove, point, point, left, left, Qt.KeyboardModifier.NoModifier)


def test_the_view_renders_once_for_many_changes_and_not_at_all_for_none(window):
    drawn = []
    window.context.canvas.view.drawn.connect(drawn.append)
    spin(seconds=0.6)
    drawn.clear()
    for _ in range(20):
        window.context.canvas.view.mark_dirty()
    spin(seconds=0.3)
    assert len(drawn) == 1
    window.context.canvas.compass.update()
    window.context.canvas.legend.update()
    spin(seconds=0.3)
    assert len(drawn) == 1, "an overlay that repaints must not draw the city again"


def test_hiding_a_layer_by_its_eye_hides_it_in_the_city_and_can_be_undone(window):
    panel = window.features["layers"].panel.list
    row = next(at for at in range(panel.count()) if panel.item(at).text() == "房屋")
    rect = panel.visualItemRect(panel.item(row))
    QTest.mouseClick(panel.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(16, rect.center().y()))
    settle(window)
    assert not window.session.project.state.layer("buildings").visible
    assert window.isWindowModified()
    window.context.commands.run("edit.undo")
    settle(window)
    assert window.session.project.state.layer("buildings").visible
    assert not window.isWindowModified()


def test_table_and_city_select_both_ways(window):
    window.features["table"].open("components")
    spin(seconds=0.2)
    window.features["table"].panel.view.selectRow(3)
    assert window.session.selection.keys == (ObjectKey("components", 3),)
    window.session.selection.set([ObjectKey("components", 7)])
    spin(seconds=0.1)
    rows = window.features["table"].panel.view.selectionModel().selectedRows()
    assert [window.features["table"].panel.model.oid_at(index.row()) for index in rows] == [7]


def test_the_facilities_panel_lists_what_is_faulty_and_flies_there(window):
    window.features["facilities"].list_faulty()
    panel = window.features["facilities"].panel
    assert panel.list.model.rowCount() == 4
    before = window.context.scene_sync.scene.camera
    panel.list.go_to_place(0)
    settle(window)
    assert window.session.selection.keys[0].layer == "components"
    assert window.context.scene_sync.scene.camera != before


def shown_texts(window):
    """Return every text of every label and button in the window."""
    texts = [w.text() for w in (*window.findChildren(QLabel), *window.findChildren(QAbstractButton)) if w.text()]
    texts += [action.text() for action in window.context.commands.actions.values()]
    texts += [menu.title() for menu in window.context.commands.menus.values()]
    texts += [dock.windowTitle() for dock in window.context.docks.values()]
    return texts


def test_a_switch_of_language_reaches_every_word_and_back(window):
    settle(window)
    spin(seconds=0.1)
    chinese = shown_texts(window)
    window.features["display"].set_lang("en")
    settle(window)
    same = {pair["zh"] for pair in table().values() if pair["zh"] == pair["en"]}
    words = {pair["zh"] for pair in table().values() if "{" not in pair["zh"]} - same
    left = sorted({text for text in shown_texts(window) if text in words})
    assert left == [], "still in Chinese"
    assert window.windowTitle().startswith("Small town")
    window.features["display"].set_lang("zh")
    settle(window)
    assert sorted(shown_texts(window)) == sorted(chinese)


def test_a_switch_of_theme_reaches_palette_style_and_scene(window):
    light = QApplication.palette().window().color().lightness()
    window.features["display"].set_theme("dark")
    spin(seconds=0.2)
    assert QApplication.palette().window().color().lightness() < 60 < light
    assert window.appearance.colours["surface"] in QApplication.instance().styleSheet()
    window.features["display"].set_theme("light")


def test_the_palette_finds_an_action_in_either_language_and_runs_it(window):
    for query in ("dark", "深色"):
        window.features["display"].set_theme("light")
        window.features["palette"].open()
        QTest.keyClicks(
            window.context.palette.field, query
        ) if query.isascii() else window.context.palette.field.setText(query)
        assert window.context.palette.list.item(0).text() == "深色"
        QTest.keyClick(window.context.palette.field, Qt.Key.Key_Return)
        assert window.appearance.dark
        assert not window.context.palette.isVisible()
    window.features["display"].set_theme("light")


def test_every_action_has_its_answer_in_the_window(window):
    for entry in actions():
        assert callable(target_of(entry, window.features)), entry.id
    assert list(panels()) == list(window.context.docks)


def test_unsaved_changes_are_asked_about_and_cancel_keeps_the_window(window):
    layers.rename_layer(window.session, "buildings", "新名")
    seen = answer("cancel")
    assert not window.close()
    assert seen == ["未保存的更改"]
    assert window.isVisible()
    answer("discard")
    assert window.close()


def test_a_cancelled_load_leaves_no_job_and_a_living_window(make):
    window = make(city=False, inline=False)
    started = threading.Event()

    def forever(progress):
        started.set()
        while True:
            progress.step(0.5)
            threading.Event().wait(0.01)

    job = window.session.jobs.run("job.open_file", forever, failed=window.session.fail, file="big.ifc")
    assert spin(started.is_set, 5)
    assert spin(lambda: window.context.status.job_box.isVisible(), 5)
    assert "big.ifc" in window.context.status.job.text()
    QTest.mouseClick(window.context.status.stop, Qt.MouseButton.LeftButton)
    assert spin(lambda: job.is_over, 2)
    assert job.state == "cancelled"
    assert spin(lambda: not window.context.status.job_box.isVisible(), 5)


def test_panels_come_back_where_they_were(make, tmp_path):
    settings = Settings(tmp_path / "settings.toml")
    first = make(settings=settings)
    first.context.docks["layers"].hide()
    first.context.docks["messages"].show()
    first.session.project.mark_saved()
    first.close()
    second = make(settings=Settings(tmp_path / "settings.toml"))
    assert not second.context.docks["layers"].isVisible()
    assert not second.context.docks["messages"].isHidden()


def test_an_error_is_a_banner_with_its_cure_and_blocks_nothing(window):
    window.features["messages"].banners.clear()
    said = len(window.session.notices.all)
    window.session.notices.add(Notice("error", "error.crs.unknown", {"crs": "EPSG:1"}))
    assert len(window.features["messages"].banners.shown) == 1
    texts = [part.text() for part in window.features["messages"].banners.shown[0].findChildren(QLabel)]
    assert any("EPSG:1" in text for text in texts)
    assert QApplication.activeModalWidget() is None
    assert window.features["messages"].panel.list.count() == said + 1


def test_a_fault_in_a_request_is_told_with_details_to_copy(window):
    window.context.guard(lambda: 1 / 0)()
    notice = window.session.notices.all[-1]
    assert notice.level == "fault"
    assert "ZeroDivisionError" in notice.details


def test_a_saved_viewpoint_brings_the_camera_back(window):
    scene = window.context.scene_sync.scene
    kept = scene.camera
    viewpoints.save_viewpoint(window.session, "一", kept)
    spin(seconds=0.1)
    window.features["navigation"].top()
    assert scene.camera != kept
    window.features["viewpoints"].panel.go_requested.emit(window.session.project.state.viewpoints[0].id)
    assert scene.camera.position == pytest.approx(kept.position, abs=0.01)


def test_a_question_for_the_crs_finds_zones_by_meridian_and_takes_any_epsg(window):
    from viewers.widgets.common.dialogs import CrsQuestion

    ask = CrsQuestion(window.appearance, "a.csv", "EPSG:4548", window)
    assert ask.crs == "EPSG:4548"
    ask.search.setText("120")
    assert ask.crs == "EPSG:4549"
    ask.search.setText("EPSG:28992")
    assert ask.crs == "EPSG:28992"
    ask.search.setText("EPSG:99999")
    assert ask.crs == ""
    assert not ask.ok.isEnabled()
    ask.deleteLater()


def test_a_new_opacity_reaches_the_project_once_the_slider_is_let_go(window):
    window.features["layers"].panel.choose("buildings")
    window.features["layers"].panel.slider.setValue(40)
    assert window.session.project.state.layer("buildings").style.opacity == 1.0
    window.features["layers"].panel.slider.sliderReleased.emit()
    assert window.session.project.state.layer("buildings").style.opacity == pytest.approx(0.4)
    settle(window)


def test_a_result_for_a_layer_that_has_gone_is_dropped(window):
    state = window.session.project.state
    window.session.project.set_state(replace(state, layers=state.layers[:1]))
    settle(window)
    assert "buildings" not in window.context.scene_sync.scene.layer_ids


def test_closing_leaves_no_window_timer_or_thread_behind(make):
    before_threads = {thread.name for thread in threading.enumerate()}
    window = make(inline=False)
    assert spin(lambda: not window.session.jobs.active, 30)
    window.session.project.mark_saved()
    window.close()
    window.session.close()
    spin(seconds=0.2)
    timers = [(timer.parent(), timer.interval()) for timer in window.findChildren(QTimer) if timer.isActive()]
    assert timers == []
    assert {thread.name for thread in threading.enumerate()} - before_threads == set()
    assert not [top for top in QApplication.topLevelWidgets() if top.isVisible()]


def test_a_closed_view_keeps_no_wrapper_of_what_it_drew_on(window):
    """A kept ``QSurface`` outlives the C++ object, and Qt's next object at its address is taken for it."""
    view = window.context.canvas.view
    assert view.render_window.GetReadyForRendering()
    window.session.project.mark_saved()
    window.close()
    assert not view.render_window.GetReadyForRendering()
    kept = [type(wrapper).__name__ for wrapper in shiboken6.getAllValidWrappers()]
    assert not {"QSurface", "QOpenGLContext"} & set(kept)
