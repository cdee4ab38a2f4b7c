"""The review in the window: real keys and clicks from stop to object and back, and the window as it was afterwards."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from shapely import box

from app.usecases.health import health
from app.usecases.review import agenda
from app.window.features.review.presenter.second_screen import SecondScreen
from models.views.scene_state import Theme
from tests.support.health_city import PARK, at, city, districts, layer_of, park
from tests.support.window import settle, spin


@pytest.fixture
def window(make):
    """Return a window on two parcels out of reach of the one park, and one within."""
    corners = [(120, 420), (1500, 100), (800, 800)]
    parcels = [at(box(x, y, x + 150, y + 150)) for x, y in corners]
    houses = [at(box(x + 5, y + 5, x + 25, y + 25)) for x, y in corners]
    window = make(city=False)
    parts = city(
        districts(), layer_of("parcels", parcels, code=list("ABC"), name=["近园", "远村", "北坡"], land_use=["R2"] * 3),
        park(PARK), layer_of("buildings", houses, height_m=[18.0] * 3, code=["H0", "H1", "H2"]),
    )  # fmt: skip
    window.session.project.replace_all(*parts, None)
    health.compute_indicators(window.session, ("HC25-25",))
    settle(window)
    return window


def press(window, key, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(window.context.canvas.view, key, modifiers)
    settle(window)


def test_a_review_goes_through_its_stops_asks_which_objects_and_leaves_everything_as_it_was(window):
    session, presenter = window.session, window.features["presenter"]
    wall = presenter.wall
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    settle(window)
    health.set_theme(session, Theme("indicator", "HC25-25"))
    settle(window)
    QTest.mouseClick(window.features["agenda"].panel.add, Qt.MouseButton.LeftButton)
    first = session.project.state.review.stops[0]
    agenda.change_stop(session, first.id, notes="say this")
    health.set_theme(session, Theme())
    settle(window)
    session.project.mark_saved()
    before, steps = session.project.state, session.history.labels

    QTest.keyClick(window, Qt.Key.Key_F11)
    settle(window)
    assert wall.head.isVisible()
    assert not window.menuBar().isVisible()
    assert not window.context.canvas.compass.isVisible()
    assert presenter.at == 0
    assert not wall.figure.isVisible()
    press(window, Qt.Key.Key_N)
    assert wall.notes.isVisible()
    press(window, Qt.Key.Key_PageDown)
    assert session.project.state.theme == Theme("indicator", "HC25-25")
    assert wall.figure.isVisible()
    assert wall.legend.isVisible()

    QTest.mouseClick(wall.figure, Qt.MouseButton.LeftButton)
    settle(window)
    assert session.project.state.theme.focus == "problems"
    assert wall.problems.isVisible()
    QTest.mouseClick(
        wall.problems, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, wall.problems.row_rect(0).center()
    )
    settle(window)
    assert session.selection.keys == (presenter.fails.ranking.key(0),)
    assert wall.object.isVisible()
    press(window, Qt.Key.Key_Right)
    assert presenter.fails.row == 1
    assert len(presenter.fails.ranking) == 2
    press(window, Qt.Key.Key_Up)
    press(window, Qt.Key.Key_Up)
    assert not wall.problems.isVisible()
    assert session.project.state.theme.focus == ""
    press(window, Qt.Key.Key_B)
    assert wall.black.isVisible()
    press(window, Qt.Key.Key_B)
    assert not wall.black.isVisible()
    press(window, Qt.Key.Key_1)
    press(window, Qt.Key.Key_Return)
    assert presenter.at == 0

    press(window, Qt.Key.Key_Escape)
    assert presenter.review is None
    assert window.menuBar().isVisible()
    assert window.context.canvas.compass.isVisible()
    assert session.project.state == before
    assert session.project.is_saved
    assert session.history.labels == steps


def test_ink_is_drawn_undone_and_kept_with_the_stop(window):
    session, presenter = window.session, window.features["presenter"]
    view, ink = window.context.canvas.view, presenter.wall.ink
    window.features["agenda"].add()
    presenter.begin()
    settle(window)
    press(window, Qt.Key.Key_P)
    for corner in (120, 180):
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=view.rect().center())
        presenter.tool.on_hover(QPointF(corner, 140), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=view.rect().center())
    assert len(ink.strokes) == 2
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(ink.strokes) == 1
    QTest.mouseClick(presenter.wall.ink_bar.keep, Qt.MouseButton.LeftButton)
    assert session.project.state.review.stops[0].ink == ink.strokes
    QTest.keyPress(view, Qt.Key.Key_L)
    presenter.tool.point((0.1, 0.1))
    assert ink.dot == (0.1, 0.1)
    QTest.keyRelease(view, Qt.Key.Key_L)
    assert ink.dot is None
    presenter.leave()


def test_the_presenter_has_a_window_of_his_own_where_there_is_a_second_screen(window, monkeypatch):
    session, presenter = window.session, window.features["presenter"]
    window.features["agenda"].add()
    window.features["agenda"].add()
    second = session.project.state.review.stops[1]
    agenda.change_stop(session, second.id, title="North", notes="ask the office")
    monkeypatch.setattr(SecondScreen, "_wall", lambda self: self._context.window.screen())
    presenter.begin()
    settle(window)
    own = presenter.screens.window
    assert own.isVisible()
    assert own.next_title.text() == "North"
    QTest.keyClick(own, Qt.Key.Key_Space)
    settle(window)
    assert own.notes.toPlainText() == "ask the office"
    spin(lambda: not own.mirror._image.isNull())  # the copy follows the frame a little later
    assert not own.mirror._image.isNull()
    QTest.keyClick(own, Qt.Key.Key_Slash)
    own.question.field.setText("远村")
    settle(window)
    QTest.keyClick(own.question.field, Qt.Key.Key_Return)
    settle(window)
    key = presenter.fails.asked
    assert session.project.data[key.layer].row(key.oid)["name"] == "远村"
    QTest.keyClick(own, Qt.Key.Key_Escape)
    settle(window)
    assert presenter.fails.asked is None
    QTest.mouseClick(own.leave, Qt.MouseButton.LeftButton)
    assert presenter.review is None
    assert presenter.screens.window is None
