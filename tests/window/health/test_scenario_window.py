"""What if, by clicks and keys: a planned facility and another rule, beside the base, kept and dropped."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from shapely import box

from app.usecases.health import health
from tests.support.health_city import at, city, districts, layer_of, park, survey
from tests.support.window import click, settle, spin


def town():
    shapes = [at(box(x, y, x + 80, y + 80)) for x in range(0, 2000, 100) for y in range(0, 1000, 100)]
    parcels = layer_of("parcels", shapes, land_use="R2", code=[f"P{n}" for n in range(len(shapes))])
    surveys = survey(*((code, theme, 1.0) for code in "AB" for theme in ("parcels", "parks")))
    return city(districts(), parcels, park(at(box(100, 400, 200, 500))), surveys)


def effect(panel, code="HC25-25"):
    tree = panel.effects
    items = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    found = [item for item in items if item.text(0).startswith("25 ")] if code == "HC25-25" else items
    return [found[0].text(column) for column in range(1, 5)] if found else None


def test_a_planned_park_and_another_target_are_tried_kept_and_dropped(make):
    window = make(city=False)
    session = window.session
    session.project.replace_all(*town(), None)
    health.compute_indicators(session, ("HC25-25",))
    settle(window)
    base = health.kept(session, "HC25-25")
    feature = window.features["scenario"]
    panel = feature.panel
    feature.open_for("HC25-25")
    settle(window)

    QTest.mouseClick(panel.tools["add"], Qt.MouseButton.LeftButton)
    names = [panel.kind.itemData(row)[0] for row in range(panel.kind.count())]
    panel.kind.setCurrentIndex(names.index("park"))
    view = window.context.canvas.view
    click(window, QPointF(view.rect().center()))
    assert spin(lambda: effect(panel) is not None and effect(panel)[2].startswith("+"))
    planned = effect(panel)

    QTest.mouseClick(panel.tools["rule"], Qt.MouseButton.LeftButton)
    panel.choose_indicator("HC25-25")
    field = panel.field_of("benchmark.0")
    field.selectAll()
    QTest.keyClicks(field, "1")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert spin(lambda: effect(panel)[3].endswith("达标") and effect(panel)[3].startswith("未达标 →"))
    assert effect(panel)[:3] == planned[:3]
    assert panel.deeds.topLevelItemCount() == 2
    assert health.kept(session, "HC25-25") == base, "nothing of it is in the results"

    panel.name.setText("方案甲")
    QTest.mouseClick(panel.keep, Qt.MouseButton.LeftButton)
    QTest.mouseClick(panel.drop, Qt.MouseButton.LeftButton)
    assert spin(lambda: panel.effects.topLevelItemCount() == 0)
    assert not panel.keep.isEnabled()
    window.context.refresh.now()
    assert panel.kept.currentText() == "方案甲"
    QTest.mouseClick(panel.show_kept_one, Qt.MouseButton.LeftButton)
    assert spin(lambda: panel.deeds.topLevelItemCount() == 2 and effect(panel) is not None)
    session.history.undo()
    assert session.project.state.health.scenarios == ()
