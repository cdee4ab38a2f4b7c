"""The frame of the window: on the screen, with tabs that are words or icons, and left without needless questions."""

import threading

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTabBar

from app.settings import Settings
from app.usecases.project import opening
from app.window.shell import layout
from app.window.shell.layout import brought_back
from tests.support.window import settle, spin
from viewers.widgets.common import dialogs

LAPTOP = QRect(0, 0, 1366, 728)  # what a task bar of 40 pixels leaves of 1366 × 768


def right_tabs(window):
    bars = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return next(bar for bar in bars if bar.count() >= 5)


@pytest.mark.parametrize(
    "screen", [LAPTOP, QRect(0, 0, 1280, 720), QRect(0, 0, 1920, 1040), QRect(-1920, 30, 1920, 1010)]
)
@pytest.mark.parametrize("place", [QRect(0, 0, 1600, 1000), QRect(5000, 4000, 900, 700), QRect(-3000, -50, 1200, 800)])
def test_a_window_is_brought_back_whole_with_its_frame(screen, place):
    got = brought_back(place, [screen])
    frame = got.adjusted(-8, -40, 8, 8)
    assert screen.contains(frame)
    assert got.size() == place.size().boundedTo(screen.size() - layout.FRAME_PX)


def test_a_window_stays_on_the_screen_where_most_of_it_is():
    left, right = QRect(0, 0, 1366, 728), QRect(1366, 0, 1920, 1040)
    assert right.contains(brought_back(QRect(1300, 100, 1000, 800), [left, right]))
    assert brought_back(QRect(1500, 100, 1000, 800), [left, right]) == QRect(1500, 100, 1000, 800)


def test_the_first_window_is_on_the_screen_with_its_status_bar(make):
    window = make()
    screen = window.screen().availableGeometry()
    window._layout.restore(Settings(None))
    spin(seconds=0.1)
    foot = window.context.status.mapToGlobal(QPoint(0, window.context.status.height()))
    assert screen.contains(window.frameGeometry())
    assert foot.y() <= screen.bottom() + 1


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(1280, 664), (1366, 680)])
def test_the_window_can_be_as_small_as_a_small_screen(make, lang, size):
    window = make(lang=lang)
    window.resize(*size)
    spin(seconds=0.1)
    assert window.size() == QSize(*size), "nothing in it asks for more room"


def test_a_remembered_place_that_no_screen_shows_is_not_taken(make, tmp_path):
    settings = Settings(tmp_path / "settings.toml")
    first = make(city=False, settings=settings)
    first.setWindowState(Qt.WindowState.WindowNoState)
    first.setGeometry(QRect(9000, 7000, 900, 700))
    spin(seconds=0.1)
    first._layout.save(settings)
    second = make(city=False, settings=settings)
    second._layout.restore(settings)
    assert second.screen().availableGeometry().contains(second.geometry())


def test_tabs_without_room_for_their_words_are_icons_with_the_word_of_the_one_in_front(make):
    window = make(lang="en")
    spin(seconds=0.2)
    bar = right_tabs(window)
    assert bar.property("narrow")
    assert all(not bar.tabIcon(at).isNull() for at in range(bar.count()))
    assert all(bar.tabToolTip(at).startswith(bar.tabText(at)) for at in range(bar.count()))
    font = bar.fontMetrics()
    current = bar.currentIndex()
    assert bar.tabRect(current).width() >= font.horizontalAdvance(bar.tabText(current)) + layout_icon(bar)
    assert bar.tabRect(bar.count() - 1).right() <= bar.width(), "all of them are seen"
    window.context.commands.run("view.lang.zh")
    spin(seconds=0.2)
    assert not bar.property("narrow")
    assert all(bar.tabIcon(at).isNull() for at in range(bar.count()))
    assert bar.tabRect(bar.count() - 1).right() <= bar.width()


def layout_icon(bar):
    return bar.iconSize().width()


def test_a_click_on_an_icon_brings_its_panel_forward(make):
    window = make(lang="en")
    spin(seconds=0.2)
    bar = right_tabs(window)
    at = next(at for at in range(bar.count()) if bar.tabText(at) == "Style")
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(at).center())
    spin(seconds=0.1)
    assert window.context.docks["style"].is_on_top


def test_leaving_right_after_saving_asks_nothing(make, tmp_path, monkeypatch):
    from models.store import project_file

    window = make(inline=False)
    window.session.project.set_path(tmp_path / "city.gpkg")
    window.session.project.mark_unsaved()
    gate, really = threading.Event(), project_file.save_project

    def slowly(*arguments, **named):
        gate.wait(10)
        return really(*arguments, **named)

    monkeypatch.setattr(project_file, "save_project", slowly)
    monkeypatch.setattr(dialogs.UnsavedQuestion, "ask", lambda self: pytest.fail("nothing is unsaved"))
    threading.Timer(0.4, gate.set).start()
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert spin(lambda: not window.isVisible())
    assert (tmp_path / "city.gpkg").exists()
    assert window.session.project.is_saved


def test_leaving_after_a_saving_that_failed_asks(make, tmp_path, monkeypatch):
    window = make(inline=False)
    (tmp_path / "city.gpkg").mkdir()  # cannot be written
    window.session.project.set_path(tmp_path / "city.gpkg")
    window.session.project.mark_unsaved()
    asked = []
    monkeypatch.setattr(dialogs.UnsavedQuestion, "ask", lambda self: asked.append(self) or "")
    opening.save_project(window.session)
    window.close()
    settle(window)
    assert asked
    assert window.isVisible()
    QApplication.processEvents()
