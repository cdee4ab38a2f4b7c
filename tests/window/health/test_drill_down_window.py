"""From all indicators to one object and back: with the mouse in Chinese, with the keys alone in English."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from shapely import box

from app.usecases.health import health
from models.health.editions import edition
from models.project.selection import ObjectKey
from models.views.scene_state import Theme
from tests.support.health_city import PARK, at, city, districts, layer_of, park
from tests.support.window import LEFT, NONE, settle, spin

CODE = "HC25-25"


def town():
    """Return four parcels, three of them out of reach of the park, each an estate of its own with two houses."""
    corners = [(120, 420), (1500, 100), (1500, 500), (800, 800)]
    sizes = [60, 200, 120, 160]
    shapes = [at(box(x, y, x + size, y + size)) for (x, y), size in zip(corners, sizes, strict=True)]
    around = [shape.buffer(5) for shape in shapes]
    houses = [at(box(x + d, y + 5, x + d + 20, y + 25)) for (x, y) in corners for d in (5, 35)]
    names = ["近园", "远村", "小院", "北坡"]
    return city(
        districts(), layer_of("communities", around, code=list("ABCD"), name=names, district_code=["A", "B", "B", "A"]),
        layer_of("parcels", shapes, code=list("ABCD"), name=names, land_use=["R2"] * 4),
        park(PARK), layer_of("buildings", houses, height_m=[18.0] * 8, code=[f"H{k}" for k in range(8)]),
    )  # fmt: skip


@pytest.fixture
def opened(make):
    def build(lang):
        window = make(city=False, lang=lang)
        window.session.project.replace_all(*town(), None)
        health.compute_indicators(window.session, (CODE,))
        settle(window)
        return window

    return build


def test_with_the_mouse_from_the_dashboard_to_an_object_and_back_step_by_step(opened):
    window = opened("zh")
    panel, page = window.features["health"].panel, window.features["health_dashboard"].page
    window.context.commands.run("health.dashboard")
    spin(seconds=0.1)
    board = page.board
    assert page.isVisible()
    QTest.mouseClick(board.presses["not_met"], LEFT)
    assert board.tiles.codes == (CODE,)
    assert board.tiles.tile(CODE).verdict == "未达标"
    QTest.mouseClick(board.tiles.viewport(), LEFT, NONE, board.tiles.place_of(CODE).center())
    settle(window)
    assert not page.isVisible()
    assert window.session.project.state.theme == Theme("indicator", CODE, "problems")
    assert "÷" in panel.page.equation.text()
    result = health.kept(window.session, CODE)
    listed, mending = panel.page.problems, panel.page.mending
    mending.slider.setValue(3)
    assert "100 %" in mending.value.text() or "99" in mending.value.text()
    mending.slider.setValue(1)
    mended = 100 * (result.city.numerator + result.problems[0].loss) / result.city.denominator
    assert f"{mended:.2f}"[:4] in mending.value.text()
    view = listed.view
    place = view.visualRect(view.model().index(1, 1)).center()
    QTest.mouseClick(view.viewport(), LEFT, NONE, place)
    QTest.mouseDClick(view.viewport(), LEFT, NONE, place)
    settle(window)
    assert panel.level == "object"
    assert panel.object.view.key == ObjectKey("parcels", 4)
    assert panel.object.title.text() == "北坡"
    QTest.mouseClick(panel.back, LEFT)
    assert panel.level == "indicator"
    assert view.currentIndex().row() == 1, "the row is still chosen"
    QTest.mouseClick(panel.page.tabs.button(1), LEFT)
    units = panel.page.units
    units.level.setCurrentIndex(1)
    units.level.activated.emit(1)
    settle(window)
    assert window.session.project.state.theme == Theme("indicator", CODE, "estates")
    row = units.view.visualRect(units.model.index(0, 0)).center()
    QTest.mouseClick(units.view.viewport(), LEFT, NONE, row)
    assert panel.page.equation.text().startswith("近园")
    QTest.mouseClick(panel.back, LEFT)
    settle(window)
    assert page.isVisible(), "back where it was opened from"
    assert board.chosen == "not_met"
    assert board.tiles.current == CODE
    assert window.session.project.state.theme == Theme()


def test_with_the_keys_alone_from_the_dashboard_to_an_object_and_back(opened):
    window = opened("en")
    panel, page = window.features["health"].panel, window.features["health_dashboard"].page

    def press(key, modifiers=NONE):
        QTest.keyClick(QApplication.focusWidget(), key, modifiers)
        settle(window)

    window.setFocus()
    press(Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    assert page.isVisible()
    QTest.keyClicks(QApplication.focusWidget(), "green-sp")
    press(Qt.Key.Key_Return)
    assert page.board.tiles.current == CODE
    press(Qt.Key.Key_Return)
    assert panel.opened == CODE
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return)
    assert panel.level == "object"
    press(Qt.Key.Key_Escape)
    assert panel.level == "indicator"
    press(Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert page.isVisible()
    assert page.board.text == "green-sp"
    press(Qt.Key.Key_Escape)
    assert page.board.text == ""
    press(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert panel.opened == CODE
    press(Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert panel.level == "object"


def test_an_indicator_that_nobody_computes_says_what_it_needs_and_its_tile_is_hatched(opened):
    window = opened("zh")
    panel = window.features["health"].panel
    tiles = panel.board.tiles
    code = next(code for code, row in edition().indicators.items() if not row.computed)
    assert tiles.tile(code).is_hatched
    window.context.docks.bring_forward("health")
    QTest.mouseClick(tiles.viewport(), LEFT, NONE, tiles.place_of(code).center() + QPoint(1, 1))
    settle(window)
    assert panel.opened == code
    assert panel.page.value.text() == "—"
    assert panel.page.tab == "basis"
