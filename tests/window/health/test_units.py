"""Check units in the window: proposed, chosen in the list, joined, taken back, accepted."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from shapely import box

from tests.support.health_city import at, city, layer_of
from tests.support.window import LEFT, settle

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(make):
    return make(city=False)


@pytest.fixture
def panel(window):
    shapes = [at(box(300 * k, 0, 300 * k + 300, 300)) for k in range(4)]
    state, data = city(layer_of(
        "communities", shapes, code=list("ABCD"), name=["甲", "乙", "丙", "丁"], district_code=["1"] * 4,
        population=[3000, 4000, 6000, 5500],
    ))  # fmt: skip
    window.session.project.replace_all(state, data, None)
    settle(window)
    window.context.commands.run("health.units")
    settle(window)
    return window.features["health_units"].panel


def press_row(panel, at_row, keys=Qt.KeyboardModifier.NoModifier):
    place = panel.list.visualItemRect(panel.list.item(at_row)).center()
    QTest.mouseClick(panel.list.viewport(), LEFT, keys, place)


def test_units_are_proposed_joined_by_hand_taken_back_and_accepted(window, panel):
    assert panel.list.count() == 4
    assert not panel.accept.isVisible()
    QTest.mouseClick(panel.propose, LEFT)
    settle(window)
    assert panel.list.count() == 3
    press_row(panel, 1)
    press_row(panel, 2, CONTROL)
    settle(window)
    assert len(window.session.selection.keys) == 2
    QTest.mouseClick(panel.merge, LEFT)
    settle(window)
    assert panel.list.count() == 2
    window.session.history.undo()
    settle(window)
    assert panel.list.count() == 3
    QTest.mouseClick(panel.accept, LEFT)
    settle(window)
    shown = window.session.project.state.with_role("communities")
    assert [layer.id.startswith("check_units_community_v1") for layer in shown] == [True]
    assert window.session.project.state.layer("communities").role == "other"
    assert panel.versions.isEnabled()
