"""Cases driven by hand: a new one through its seven steps, undone, and a rate whose denominator the city sets."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from models.project.selection import ObjectKey
from tests.support.window import spin

LEFT = Qt.MouseButton.LeftButton
SEVEN = ("accept", "file", "dispatch", "handle", "feedback", "close", "evaluate")


def click(widget):
    QTest.mouseClick(widget, LEFT)
    spin(seconds=0.05)


def test_a_case_goes_through_seven_steps_by_hand_and_a_rate_gets_its_denominator(window):
    session, panel = window.session, window.features["cases"].panel
    session.settings.set("author", "李工")
    session.selection.set([ObjectKey("components", 11)])
    session.picked = (ObjectKey("components", 11), (500010.0, 4050010.0, 0.0))
    window.context.commands.actions["cases.new"].trigger()
    spin(seconds=0.2)
    assert not panel.file.isEnabled()
    QTest.keyClicks(panel.what, "cover broken")
    click(panel.file)
    card = panel.card
    assert card.view.state == "待受理"
    for name in SEVEN:
        click(card.move_buttons[name])
        for asked in ("department", "note"):
            field = card.fields.get(asked)
            if field is not None and not field.text():
                QTest.keyClicks(field, "done")
        spin(seconds=0.1)
        assert "do" in card.fields  # what is being written stays while the window follows its models
        click(card.fields["do"])
    assert card.view.state == "已评价"
    assert all(done for _, done in card.view.steps)
    assert [what for _, what, _, _ in card.view.log][-1] == "评价"
    window.context.commands.actions["edit.undo"].trigger()
    spin(seconds=0.2)
    assert card.view.state == "已结案"

    window.context.commands.actions["cases.rates"].trigger()
    spin(seconds=0.2)
    assert session.project.state.operations.case_denominators == ()
    window.features["cases"].panel.denominator_requested.emit("rework", "closed", "城管办〔2025〕3号", "第8条")
    spin(seconds=0.2)
    assert session.project.state.operations.case_denominators[0].of == "closed"
    click(panel.rate_buttons["handling", ""])
    spin(seconds=0.2)
    assert panel.list.count() == 1
    session.history.go(-9)
    spin(seconds=0.2)
    assert session.project.state.operations.case_steps == ()
