"""The panel of review topics, with real clicks and keys."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.usecases.review import topics
from models.project.selection import ObjectKey
from tests.support.window import settle, spin


def a_topic(window, title="检查井盖破损"):
    part = window.features["topics"]
    topic = topics.new_topic(window.session, title, part.view_of_now(), description="路面下沉")
    window.context.docks.bring_forward("topics")
    assert spin(lambda: part.panel.current == topic.guid)
    return part, topic


def test_a_topic_made_of_the_view_is_listed_with_its_picture(window):
    part, topic = a_topic(window)
    assert part.panel.current == topic.guid
    assert topic.views[0].snapshot.startswith(b"\x89PNG")
    assert part.panel._page.title == "检查井盖破损"


def test_a_comment_typed_and_sent_with_the_keyboard_is_kept(window):
    part, topic = a_topic(window)
    part.panel.words.setFocus()
    QTest.keyClicks(part.panel.words, "done")
    QTest.keyClick(part.panel.words, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    spin(seconds=0.1)
    assert [one.text for one in topics.find_topic(window.session, topic.guid).comments] == ["done"]
    assert part.panel.words.toPlainText() == ""


def test_looking_at_a_topic_brings_back_its_camera_and_selection(window):
    key = ObjectKey("buildings", 4)
    window.session.selection.set([key])
    part, topic = a_topic(window)
    camera = topic.views[0].camera
    window.session.selection.set(())
    window.features["navigation"].top()
    spin(seconds=0.2)
    assert window.context.scene_sync.scene.camera.position != pytest.approx(camera.position, abs=0.01)
    part.panel.look_requested.emit(topic.guid, "")
    spin(seconds=0.2)
    assert window.context.scene_sync.scene.camera.position == pytest.approx(camera.position, abs=0.01)
    assert window.session.selection.keys == (key,)


def test_topics_go_out_and_come_back_through_the_panel(window, tmp_path, monkeypatch):
    part, topic = a_topic(window)
    path = tmp_path / "评审.bcf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), "BCF 2.1 (*.bcf *.bcfzip)"))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(path)], ""))
    QTest.mouseClick(part.panel.send, Qt.MouseButton.LeftButton)
    assert path.exists()
    topics.delete_topic(window.session, topic.guid)
    assert spin(lambda: part.panel.current == "")
    QTest.mouseClick(part.panel.bring, Qt.MouseButton.LeftButton)
    settle(window)
    assert spin(lambda: part.panel.current == topic.guid)
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(tmp_path / "no.bcf")], ""))
    QTest.mouseClick(part.panel.bring, Qt.MouseButton.LeftButton)
    assert window.session.notices.all[-1].key == "error.io.missing"


def test_an_opinion_is_noted_with_keys_decided_in_place_and_found_by_its_pin(window):
    from PySide6.QtCore import QPoint, QTimer
    from PySide6.QtWidgets import QApplication

    from app.usecases.review import opinions

    session, view = window.session, window.context.canvas.view
    key = ObjectKey("buildings", 4)
    session.selection.set([key])
    window.context.requests.go_to(key)
    settle(window)
    part = window.features["topics"]

    def type_in():
        card = QApplication.activeModalWidget()
        if card is None:
            QTimer.singleShot(50, type_in)
            return
        QTest.keyClicks(card.text, "too few lamps")
        QTest.keyClicks(card.author, "Wang")
        QTest.keyClick(card.text, Qt.Key.Key_Return)

    QTimer.singleShot(50, type_in)
    part.capture("", "HC25-40")
    (topic,) = session.project.state.topics
    assert (topic.text, topic.author, topic.number, topic.indicator) == ("too few lamps", "Wang", 1, "HC25-40")
    assert topic.views[0].snapshot.startswith(b"\x89PNG")
    window.context.docks.bring_forward("topics")
    assert spin(lambda: part.panel.current == topic.guid)
    QTest.mouseClick(part.panel.form.buttons["adopted"], Qt.MouseButton.LeftButton)
    assert spin(lambda: topics.find_topic(session, topic.guid).verdict == "adopted")
    part.panel.filter.state.setCurrentIndex(part.panel.filter.state.findData("rejected"))
    part.panel.filter.changed.emit()
    assert part.panel.list.count() == 0
    session.selection.set(())
    settle(window)
    (pin,) = opinions.pin_notes(session.project.state, "en")
    places, ahead = view.on_screen(np.array([pin.anchor]))
    assert ahead[0]
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(int(places[0, 0]), int(places[0, 1]) - 22))
    assert spin(lambda: session.selection.keys == (key,))
