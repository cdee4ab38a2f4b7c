"""One current layer in list, table, style panel and statistics; objects that are selected do not change it."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from models.project.selection import ObjectKey
from tests.support.window import settle, spin
from viewers.widgets.layers.layer_rows import ID


def row_of(window, layer_id):
    rows = window.features["layers"].panel.list
    return next(rows.item(at) for at in range(rows.count()) if rows.item(at).data(ID) == layer_id)


def press_row(window, layer_id):
    rows = window.features["layers"].panel.list
    where = rows.visualItemRect(row_of(window, layer_id)).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(90, where.y()))


def test_list_table_style_and_statistics_speak_of_one_layer_and_a_click_on_an_object_leaves_it(window):
    session, features = window.session, window.features
    features["table"].open("buildings")
    assert session.current_layer.id == features["layers"].panel.current == "buildings"
    press_row(window, "components")
    settle(window)
    assert session.current_layer.id == features["table"].panel.layer_id == "components"
    session.selection.set([ObjectKey("districts", 0)])
    settle(window)
    assert features["table"].panel.layer_id == features["layers"].panel.current == "components"
    features["styles"].open()
    settle(window)
    style = features["styles"].panel
    assert style.layer_id == "components"
    style.layer.setCurrentIndex(style.layer.findData("buildings"))
    style.layer.activated.emit(style.layer.currentIndex())
    settle(window)
    assert session.current_layer.id == features["layers"].panel.current == "buildings"
    features["statistics"].open()
    settle(window)
    assert features["statistics"].panel.question.layer == "buildings"
    press_row(window, "districts")
    settle(window)
    assert features["statistics"].panel.question.layer == style.layer_id == "districts"


def test_style_says_that_its_layer_is_hidden_and_shows_it_again(window):
    session, style = window.session, window.features["styles"].panel
    top = QPoint(16, window.features["layers"].panel.list.visualItemRect(row_of(window, "components")).center().y())
    QTest.mouseClick(window.features["layers"].panel.list.viewport(), Qt.MouseButton.LeftButton, pos=top)
    window.features["styles"].open()
    settle(window)
    assert style.layer_id == session.current_layer.id == "buildings", "the topmost that is seen, not the hidden one"
    assert not style.show_again.isVisible()
    press_row(window, "components")
    settle(window)
    assert style.layer_id == "components"
    assert style.show_again.isVisible()
    QTest.mouseClick(style.show_again, Qt.MouseButton.LeftButton)
    settle(window)
    assert session.project.state.layer("components").visible
    assert not style.show_again.isVisible()
    assert spin(lambda: not session.jobs.active, 20)
