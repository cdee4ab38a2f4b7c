"""Faulty components as a ranked list that colours the city by state and flies from one to the next."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from models.views.scene_state import Theme
from tests.support.window import settle


def test_faulty_components_are_listed_coloured_and_flown_to_with_the_keys(window):
    window.context.commands.run("facilities.faulty")
    settle(window)
    listed = window.features["facilities"].panel.list
    assert listed.isVisible()
    assert listed.model.rowCount() == 4, "four of forty are broken"
    assert window.session.project.state.theme == Theme("facilities"), "the map shows what the list says"
    listed.view.setFocus()
    seen = []
    for _ in range(2):
        QTest.keyClick(listed.view, Qt.Key.Key_Down)
        settle(window)
        seen.append(window.session.selection.keys)
    assert seen[0] != seen[1]
    assert {key.layer for keys in seen for key in keys} == {"components"}
