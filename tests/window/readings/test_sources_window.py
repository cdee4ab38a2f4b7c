"""A live source is set up and taken away with real clicks; nothing starts by itself."""

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.usecases.readings import feeds
from tests.support.window import LEFT, spin
from viewers.widgets.readings.source_dialog import SourceDialog


def test_a_source_is_added_shown_and_removed_and_each_is_a_step_that_can_be_undone(make):
    window = make(city=False)
    panel, session = window.features["sources"].panel, window.session
    window.context.commands.run("live.sources")
    spin(seconds=0.1)
    assert panel.hint.isVisible()
    seen = []

    def enter():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, SourceDialog)
        seen.append(dialog.ok.isEnabled())
        QTest.keyClicks(dialog.name, "levels")
        QTest.keyClicks(dialog.address, "mqtt://127.0.0.1:9")
        QTest.mouseClick(dialog.ok, LEFT)

    QTimer.singleShot(0, enter)
    QTest.mouseClick(panel.add, LEFT)
    spin(seconds=0.1)
    assert seen == [False]
    assert [one.name for one in feeds.sources_of(session)] == ["levels"]
    assert panel.list.item(0).text() == "levels"
    assert not session.feeds.is_on
    QTest.mouseClick(panel.remove, LEFT)
    spin(seconds=0.1)
    assert feeds.sources_of(session) == ()
    session.history.undo()
    spin(seconds=0.1)
    assert panel.list.count() == 1
