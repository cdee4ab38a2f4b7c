"""The sheet editor by hand: a page is laid out by dragging, every drag is one step, undo brings it back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from app.usecases.sheets import keeping
from models.sheets.spec import Item, SheetSpec
from tests.support.window import LEFT, NONE, spin

ITEMS = (
    Item("a", "text", (40.0, 40.0, 60.0, 30.0), text="甲"),
    Item("b", "text", (200.0, 105.0, 60.0, 30.0), text="乙"),
    Item("c", "legend", (300.0, 200.0, 50.0, 40.0)),
)


@pytest.fixture
def editor(window):
    """Return the editor of a page with three boxes, and the session."""
    sheets = window.features["sheets"]
    page = keeping.keep_sheet(window.session, SheetSpec("", "图一", items=ITEMS, lang="zh"))
    window.context.refresh.now()
    sheets.panel.list.itemActivated.emit(sheets.panel.list.item(0))
    spin(seconds=0.3)
    shown = sheets.editing.window
    assert shown.isVisible()
    assert shown.sheet_id == page.id
    return shown


def boxes(session):
    return {item.id: item.box for item in session.project.state.review.sheets[0].items}


def at(editor, x_mm, y_mm):
    return editor.page.mapFromScene(QPointF(x_mm, y_mm))


def drag(editor, start, by, keys=NONE, steps=6):
    port = editor.page.viewport()
    QTest.mousePress(port, LEFT, keys, start)
    for step in range(1, steps + 1):
        QTest.mouseMove(port, start + by * step / steps)
        spin(seconds=0.005)
    QTest.mouseRelease(port, LEFT, keys, start + by)
    spin(seconds=0.05)


def test_a_dragged_box_snaps_to_its_neighbour_in_one_step_and_undo_brings_it_back(window, editor):
    session = window.session
    before, steps = boxes(session), len(session.history.labels[0])
    by = at(editor, 300 - 200 + 0.9, 0) - at(editor, 0, 0)
    drag(editor, at(editor, 230, 120), QPoint(by.x(), 0))
    after = boxes(session)
    assert after["b"] == (300.0, 105.0, 60.0, 30.0)
    assert {name: after[name] for name in "ac"} == {name: before[name] for name in "ac"}
    assert len(session.history.labels[0]) == steps + 1
    QTest.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert boxes(session) == before


def test_boxes_are_resized_nudged_chosen_together_aligned_copied_and_deleted_by_hand_and_keys(window, editor):
    session, page = window.session, editor.page
    QTest.mouseClick(page.viewport(), LEFT, NONE, at(editor, 70, 55))
    assert page.chosen == ("a",)
    drag(editor, at(editor, 100, 70), at(editor, 130, 90) - at(editor, 100, 70), steps=9)
    left, top, width, height = boxes(session)["a"]
    assert (left, top) == (40.0, 40.0)
    assert width == pytest.approx(90, abs=1.5)
    assert height == pytest.approx(50, abs=1.5)
    steps = len(session.history.labels[0])
    for key, keys in ((Qt.Key.Key_Right, NONE), (Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)):
        QTest.keyClick(page, key, keys)
    assert boxes(session)["a"][:2] == (41.0, 40.1)
    assert len(session.history.labels[0]) == steps + 1
    drag(editor, at(editor, 150, 110), at(editor, 400, 270) - at(editor, 150, 110))
    assert page.chosen == ("b", "c")
    editor.aligns["left"].click()
    assert boxes(session)["b"][0] == boxes(session)["c"][0] == 200.0
    QTest.keyClick(page, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert len(boxes(session)) == 5
    QTest.keyClick(page, Qt.Key.Key_Delete)
    assert set(boxes(session)) == {"a", "b", "c"}
    editor.item_form.numbers["x"].setValue(0)
    QTest.mouseClick(page.viewport(), LEFT, NONE, at(editor, 45, 45))
    editor.item_form.numbers["x"].setValue(-20)
    spin(seconds=0.2)
    assert boxes(session)["a"][0] == -20.0
    assert editor.item_form.warning.text()
