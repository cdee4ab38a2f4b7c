"""Year on year by clicks: close a year, change the city, see what became of it, on the map and in the list."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from shapely import box

from app.usecases.health import health, years
from tests.support.health_city import at, city, districts, layer_of, park, survey
from tests.support.window import settle, spin


def town(side=100):
    shapes = [at(box(x, y, x + 80, y + 80)) for x in range(0, 2000, 100) for y in range(0, 1000, 100)]
    parcels = layer_of("parcels", shapes, land_use="R2", code=[f"P{n}" for n in range(len(shapes))])
    surveys = survey(*((code, theme, 1.0) for code in "AB" for theme in ("parcels", "parks")))
    return city(districts(), parcels, park(at(box(100, 400, 100 + side, 500))), surveys)


def test_a_closed_year_is_compared_with_and_what_is_solved_is_told(make, tmp_path):
    window = make(city=False)
    session = window.session
    session.project.replace_all(*town(), None)
    health.compute_indicators(session, ("HC25-25",))
    settle(window)
    before = health.kept(session, "HC25-25").city.value
    years.close_year(session, 2025)
    settle(window)
    _, data = town(side=1500)
    session.project.put_data("green", data["green"])
    health.compute_indicators(session, ("HC25-25",))
    settle(window)
    now = health.kept(session, "HC25-25").city.value
    feature = window.features["health_years"]
    feature.open()
    panel = feature.panel
    assert spin(lambda: panel.table.model.rowCount() == 1)
    row = [panel.table.model.cell_text(0, column) for column in range(5)]
    assert row[3].startswith("▲ +")
    assert row[4] == "改善"
    assert now > before

    QTest.mouseClick(panel.tabs["problems"], Qt.MouseButton.LeftButton)
    assert spin(lambda: panel.table.model.rowCount() > 1)
    assert "已解决" in panel.total.text()
    assert feature.comparison.fates()["solved"] > 0
    assert feature.comparison.fates()["new"] == 0

    QTest.mouseClick(panel.change, Qt.MouseButton.LeftButton)
    settle(window)
    assert session.project.state.theme.focus == "change"
    QTest.mouseClick(panel.swipe, Qt.MouseButton.LeftButton)
    settle(window)
    (pane,) = window.features["comparison"].panes
    assert pane.project.state.theme.focus == "before"
    window.features["comparison"].stop()
    session.history.undo()
    session.history.undo()
    settle(window)
