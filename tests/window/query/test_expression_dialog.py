"""The dialog of expressions: what a function does is said where it stands, and mistakes are marked in their place."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.window.features.query.expressions import Expressions
from tests.support.window import LEFT, settle, spin


def dialog_of(window):
    made = Expressions(window.context).dialog("ask.select.title", "ask.select", "buildings")
    made.show()
    settle(window)
    return made


def entry(dialog, text):
    return next(
        dialog.functions.item(at)
        for at in range(dialog.functions.count())
        if dialog.functions.item(at).text().strip() == text
    )


def test_a_function_is_explained_where_it_is_clicked_and_inserted_by_a_double_click(window):
    dialog = dialog_of(window)
    item = entry(dialog, "left(text, 2)")
    dialog.functions.scrollToItem(item)
    place = dialog.functions.visualItemRect(item).center()
    QTest.mouseClick(dialog.functions.viewport(), LEFT, pos=place)
    assert window.appearance.word("ask.function.left") in dialog.help.text()
    QTest.mouseDClick(dialog.functions.viewport(), LEFT, pos=place)
    assert dialog.text == "left(text, 2)"
    dialog.reject()


def test_figures_of_the_layer_and_geometries_are_answered_while_they_are_typed(window):
    dialog = dialog_of(window)
    QTest.keyClicks(dialog.edit, "height_m >= mean(height_m) and area($geometry) > 4000")
    assert spin(lambda: "9" in dialog.said.text(), 5)
    assert dialog.ok.isEnabled()
    dialog.edit.selectAll()
    QTest.keyClicks(dialog.edit, "storeys / sum(storeys)")
    assert spin(lambda: "0.11" in dialog.said.text(), 5)
    dialog.reject()


def test_a_mistake_is_marked_in_its_place_with_what_was_meant(window):
    dialog = dialog_of(window)
    QTest.keyClicks(dialog.edit, "storeys > medain(storeys)")
    assert spin(lambda: "median" in dialog.cure.text(), 5)
    assert not dialog.ok.isEnabled()
    marks = dialog.edit.extraSelections()
    assert [mark.cursor.selectedText() for mark in marks] == ["medain"]
    QTest.keyClick(dialog.edit, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(dialog.edit, "name ~ '('")
    assert spin(lambda: "正则" in dialog.said.text(), 5)
    dialog.reject()
