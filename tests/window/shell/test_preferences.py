"""The settings: each takes its effect at once, is kept in the file, and goes back to what it was at first."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from app.settings import DEFAULTS, Settings, cache_folder
from app.usecases.layers import servers
from app.usecases.project import opening
from app.usecases.review import topics
from app.window.shell.preferences import SHOWN
from app.window.tools import measurement_text
from tests.support.window import settle, spin
from viewers.widgets.canvas.mouse_schemes import SCHEMES, mode_of
from viewers.widgets.crs.crs_search import CrsSearch
from viewers.widgets.shell.settings_dialog import SettingsDialog

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def in_dialog(window, act):
    """Open the settings, do something there, close them by Esc; return what ``act`` returned."""
    found, failed = [], []

    def go():
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, SettingsDialog):
            QTimer.singleShot(20, go)
            return
        try:
            found.append(act(dialog))
        except BaseException as error:  # the dialog must close, whatever fails
            failed.append(error)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    QTimer.singleShot(20, go)
    window.context.commands.run("edit.settings")
    if failed:
        raise failed[0]
    spin(seconds=0.05)
    return found[0]


def choose(name, value):
    return lambda dialog: dialog.boxes[name].setCurrentIndex(dialog.boxes[name].findData(value))


@pytest.fixture
def kept(tmp_path):
    return Settings(tmp_path / "settings.toml")


def test_language_and_theme_change_at_once_and_are_kept(make, kept):
    window = make(city=False, settings=kept)

    def act(dialog):
        choose("lang", "en")(dialog)
        choose("theme", "dark")(dialog)
        return dialog.windowTitle()

    assert in_dialog(window, act) == "Settings"
    assert window.session.lang == "en"
    assert window.appearance.dark
    again = Settings(kept.path)
    assert (again.get("lang"), again.get("theme")) == ("en", "dark")


def test_the_author_is_written_into_topics(make, kept):
    window = make(settings=kept)
    in_dialog(window, lambda dialog: (dialog.author.setText("  王工 "), dialog.author.editingFinished.emit()))
    assert topics.author(window.session) == "王工"
    assert Settings(kept.path).get("author") == "王工"


def test_unsaved_work_is_kept_as_often_as_is_said(make, kept):
    window = make(city=False, settings=kept)
    timer = window.features["recovery"]._timer
    assert timer.interval() == 5 * 60_000
    in_dialog(window, lambda dialog: dialog.autosave.setValue(12))
    assert timer.interval() == 12 * 60_000
    in_dialog(window, lambda dialog: dialog.autosave.setValue(0))
    assert not timer.isActive()


def test_areas_are_measured_in_the_unit_that_was_chosen(make, kept):
    import numpy as np

    window = make(settings=kept)
    square = np.array([[0, 0, 0], [200, 0, 0], [200, 100, 0], [0, 100, 0]], float)
    figure = measurement_text.figure_of("area", square)
    tool = window.features["section"].measurer
    written = {}
    for unit in ("auto", "m2", "ha", "km2", "mu"):
        in_dialog(window, choose("area_unit", unit))
        written[unit] = figure.title(tool._word)
    assert written == {
        "auto": "2.000 ha", "m2": "20,000.000 m²", "ha": "2.000 ha", "km2": "0.02000 km²", "mu": "30.000 亩",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "button", "keys", "mode"),
    [
        ("chengjing", LEFT, NONE, "orbit"), ("chengjing", LEFT, SHIFT, "pan"), ("chengjing", MIDDLE, NONE, "pan"),
        ("chengjing", RIGHT, NONE, "zoom"), ("chengjing", LEFT, CTRL, "orbit"),
        ("qgis", LEFT, NONE, "pan"), ("qgis", MIDDLE, NONE, "orbit"), ("qgis", LEFT, SHIFT, "orbit"),
        ("qgis", RIGHT, NONE, "zoom"), ("cesium", LEFT, NONE, "pan"), ("cesium", MIDDLE, NONE, "orbit"),
        ("cesium", LEFT, CTRL, "orbit"), ("cesium", RIGHT, NONE, "zoom"), ("blender", LEFT, NONE, ""),
        ("blender", MIDDLE, NONE, "orbit"), ("blender", MIDDLE, SHIFT, "pan"), ("blender", MIDDLE, CTRL, "zoom"),
        ("nobody's", LEFT, NONE, "orbit"),
    ],
)  # fmt: skip
def test_each_scheme_moves_the_camera_as_its_program_does(scheme, button, keys, mode):
    assert mode_of(scheme, button, keys) == mode


def test_every_scheme_can_turn_and_move(application):
    for table in SCHEMES.values():
        assert {"orbit", "pan", "zoom"} <= set(table.values())


def test_a_drag_does_what_the_chosen_scheme_says(make, kept):
    window = make(settings=kept)
    view = window.context.canvas.view
    in_dialog(window, choose("mouse", "blender"))
    assert view.mouse_scheme == "blender"
    before = window.context.scene_sync.scene.camera
    _drag(view, LEFT)
    assert window.context.scene_sync.scene.camera == before, "the left button turns nothing there"
    _drag(view, MIDDLE)
    turned = window.context.scene_sync.scene.camera
    assert turned != before
    in_dialog(window, choose("mouse", "chengjing"))
    _drag(view, LEFT)
    assert window.context.scene_sync.scene.camera != turned


def _drag(view, button):
    from PySide6.QtCore import QEvent, QPoint, QPointF
    from PySide6.QtGui import QMouseEvent

    QTest.mousePress(view, button, pos=QPoint(300, 300))
    for x in (330, 360):
        point = QPointF(x, 310)
        view.mouseMoveEvent(QMouseEvent(QEvent.Type.MouseMove, point, point, button, button, NONE))
    QTest.mouseRelease(view, button, pos=QPoint(360, 310))


def test_the_cache_moves_into_a_folder_of_its_own_and_is_emptied(make, kept, tmp_path, monkeypatch):
    window = make(city=False, settings=kept)
    chosen = tmp_path / "large disk"
    chosen.mkdir()
    (chosen / "somebody's.txt").write_text("kept")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(chosen))
    in_dialog(window, lambda dialog: QTest.mouseClick(dialog.choose_folder, LEFT))
    assert window.session.cache_root == cache_folder(kept) == chosen / "chengjing-cache"
    entry = window.session.cache_root / "ab" / "ab1"
    entry.mkdir(parents=True)
    (entry / "entry.json").write_text("x" * 2000)

    def act(dialog):
        QTest.mouseClick(dialog.clear, LEFT)
        return dialog.size_.text()

    assert in_dialog(window, lambda dialog: dialog.size_.text()) == "2.0 kB"
    assert in_dialog(window, act) == "0 B"
    assert not entry.exists()
    assert (chosen / "somebody's.txt").read_text() == "kept", "clearing takes nothing else"


def test_a_folder_that_cannot_be_written_is_refused_with_its_name(make, kept, tmp_path):
    window = make(city=False, settings=kept)
    (tmp_path / "file").write_text("")
    in_dialog(window, lambda dialog: dialog.changed.emit("cache_folder", str(tmp_path / "file")))
    assert kept.get("cache_folder") == ""
    notice = window.session.notices.all[-1]
    assert notice.key == "error.settings.folder"
    assert str(tmp_path / "file") in notice.text("zh")


def test_the_limit_of_the_cache_holds_at_once(make, kept):
    window = make(city=False, settings=kept)
    in_dialog(window, lambda dialog: dialog.numbers["cache_gb"].setValue(3))
    assert window.session.cache().limit_bytes == 3 * 1024**3


def test_what_is_not_to_be_remembered_is_forgotten_at_once(make, kept, tmp_path):
    window = make(city=False, settings=kept)
    session = window.session
    opening.add_recent(session, tmp_path / "a.gpkg")
    servers.remember(session, {"host": "here"})

    def act(dialog):
        for check in dialog.checks.values():
            check.setChecked(False)

    in_dialog(window, act)
    assert (kept.get("recent"), kept.get("servers")) == ([], [])
    opening.add_recent(session, tmp_path / "b.gpkg")
    servers.remember(session, {"host": "there"})
    assert (kept.get("recent"), kept.get("servers")) == ([], [])


def test_the_usual_crs_is_proposed_for_a_file_that_does_not_say_its_own(make, kept, monkeypatch):
    window = make(city=False, settings=kept)

    def chosen(self):
        self.crs = "EPSG:4547"
        return "ok"

    monkeypatch.setattr(CrsSearch, "ask", chosen)
    in_dialog(window, lambda dialog: QTest.mouseClick(dialog.choose_crs, LEFT))
    assert kept.get("default_crs") == "EPSG:4547"
    proposed = []
    monkeypatch.setattr(CrsSearch, "ask", lambda self: proposed.append(self.field.text()) or "")
    monkeypatch.setattr("app.usecases.crs.crs_doctor.read_raw", lambda *_: [])
    window.context.requests.ask_missing_crs(Path("nowhere.shp"), lambda *_: None)
    settle(window)
    assert proposed == ["4547"]


def test_all_that_is_shown_goes_back_to_what_it_was_at_first(make, kept):
    window = make(city=False, settings=kept)
    kept.set("key_hosts", ["https://example.org"])
    for name, value in (
        ("theme", "dark"),
        ("mouse", "qgis"),
        ("autosave_min", 30),
        ("area_unit", "mu"),
        ("author", "x"),
    ):
        kept.set(name, value)
    in_dialog(window, lambda dialog: QTest.mouseClick(dialog.reset, LEFT))
    assert {name: kept.get(name) for name in SHOWN} == {name: DEFAULTS[name] for name in SHOWN}
    assert kept.get("key_hosts") == ["https://example.org"], "what the dialog does not show stays"
    assert not window.appearance.dark


def test_the_dialog_can_be_walked_by_tab(make, kept):
    window = make(city=False, settings=kept)

    def act(dialog):
        seen = []
        for _ in range(8):
            QTest.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_Tab)
            seen.append(dialog.focusWidget())
        return [dialog.boxes["lang"] in seen, dialog.boxes["mouse"] in seen, dialog.close_ in seen]

    assert in_dialog(window, act) == [True, True, True]
