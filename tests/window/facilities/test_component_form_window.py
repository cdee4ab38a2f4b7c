"""The form of a component driven by hand: typed, applied, undone, gone through, its state set in the picture's menu."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from models.project.selection import ObjectKey
from tests.support.window import spin

LEFT = Qt.MouseButton.LeftButton
KEY = ObjectKey("components", 11)


@pytest.fixture
def panel(window):
    window.session.settings.set("author", "李工")
    window.session.selection.set([KEY])
    window.context.commands.actions["component.form"].trigger()
    spin(seconds=0.2)
    return window.features["component_form"].panel


def value(window, name, oid=11):
    frame = window.session.project.data["components"].frame
    return frame.loc[oid, name] if name in frame.columns else None


def write(editor, text):
    QTest.mouseClick(editor, LEFT)
    editor.selectAll()
    QTest.keyClicks(editor, text) if text.isascii() else editor.insert(text)  # no key writes Chinese


def pick(box, data):
    box.setFocus()
    steps = box.findData(data) - box.currentIndex()
    for _ in range(abs(steps)):
        QTest.keyClick(box, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)
    assert box.currentData() == data


def test_what_is_typed_is_checked_applied_in_one_step_and_undone(window, panel):
    assert panel.title.text() == "井盖11"
    assert not panel.apply.isEnabled()
    write(panel.editors["DeptCode1"], "91350100M000100Y44")
    assert panel._faults["DeptCode1"].isVisible()
    assert not panel.apply.isEnabled()
    write(panel.editors["DeptCode1"], "91350100M000100Y43")
    write(panel.editors["ORDate"], "2026/7/1")
    assert not panel.reason.isVisible()
    pick(panel.editors["ObjState"], "破损")
    write(panel.reason, "巡查")
    QTest.mouseClick(panel.apply, LEFT)
    spin(seconds=0.1)
    assert [value(window, name) for name in ("DeptCode1", "ORDate", "ObjState")] == [
        "91350100M000100Y43",
        "2026-07-01",
        "破损",
    ]
    told = window.session.project.state.state_changes
    assert [(one.before, one.after, one.author, one.reason, one.key) for one in told] == [
        ("完好", "破损", "李工", "巡查", "3701020101000011")
    ]
    assert "破损" in panel.view.history[0].after
    window.session.history.undo()
    spin(seconds=0.1)
    assert value(window, "ObjState") == "完好"
    assert value(window, "ORDate") is None
    assert window.session.project.state.state_changes == ()
    assert panel.view.history == ()


def test_arrows_go_through_the_layer_and_what_was_typed_is_not_taken_along(window, panel):
    write(panel.editors["Note"], "半句")
    QTest.mouseClick(panel.on, LEFT)
    spin(seconds=0.1)
    assert window.session.selection.keys[0] == ObjectKey("components", 12)
    assert panel.title.text() == "井盖12"
    assert panel.editors["Note"].text() == ""
    QTest.mouseClick(panel.back, LEFT)
    spin(seconds=0.1)
    assert panel.title.text() == "井盖11"
    window.session.selection.set([ObjectKey("buildings", 1)])
    spin(seconds=0.1)
    assert panel.view is None


def test_the_menu_of_an_object_sets_its_state(window, panel):
    actions = window.features["component_form"].context_actions(KEY, None)
    menu = actions[0].menu()
    wanted = next(act for act in menu.actions() if act.text() == "废弃")
    wanted.trigger()
    spin(seconds=0.1)
    assert value(window, "ObjState") == "废弃"
    assert window.features["component_form"].context_actions(ObjectKey("buildings", 1), None) == []


def test_photos_beside_the_project_are_shown_and_others_only_when_asked_for(window, panel, tmp_path):
    folder, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    for place in (folder / "photos", elsewhere):
        place.mkdir(parents=True)
        image = QImage(300, 200, QImage.Format.Format_RGB32)
        image.fill(0x336699)
        assert image.save(str(place / "a.jpg"))
    (folder / "photos" / "broken.jpg").write_bytes(b"no picture")
    window.session.project.set_path(folder / "p.gpkg")
    outside = str(elsewhere / "a.jpg")
    write(
        panel.editors["photo"],
        f"photos/a.jpg;photos/broken.jpg;photos/gone.jpg;{outside};https://a.example/b.jpg;../elsewhere/a.jpg",
    )
    QTest.mouseClick(panel.apply, LEFT)
    spin(seconds=0.1)
    assert [one.fault for one in panel.view.photos] == ["", "", "missing", "outside", "network", "outside"]
    assert not panel._thumbs[0].icon().isNull()
    assert panel._thumbs[1].icon().isNull()
    panel.photo_allowed.emit(outside)
    spin(seconds=0.1)
    assert panel.view.photos[3].fault == ""
    window.session.project.set_path(None)
