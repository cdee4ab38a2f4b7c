"""Figures that are there when a project opens, and that say when they are out of date."""

import geopandas as gpd
from shapely.geometry import Point

from app.usecases.health import health
from app.usecases.project import opening
from models.layers.layer import VectorData
from tests.support.health_city import PARK, STRIP, at, city, districts, layer_of, park
from tests.support.window import settle, spin


def a_city(*states):
    shapes = [at(Point(50.0 + 20 * k, 450.0)) for k in range(len(states))]
    codes = [f"3701020101{k:06}" for k in range(len(states))]
    parcels = layer_of("parcels", [STRIP], code=["P1"], name=["长街"], land_use=["R2"])
    return city(districts(), parcels, park(PARK), layer_of("facilities", shapes, ObjID=codes, ObjState=list(states)))


def tile(window, code):
    return window.features["health"].panel.board.tiles.tile(code)


def value(window, code):
    return f"{tile(window, code).value} {tile(window, code).unit}"


def test_saved_results_stand_on_the_cards_as_soon_as_the_project_is_open(make, tmp_path):
    window = make(city=False)
    session = window.session
    session.project.replace_all(*a_city("完好", "破损"), None)
    health.compute_indicators(session, ("HC21-49", "HC25-25"))
    opening.save_project(session, tmp_path / "p.gpkg")
    opening.new_project(session)
    opening.open_project(session, tmp_path / "p.gpkg")
    window.context.refresh.now()
    assert value(window, "HC21-49") == "50 %"
    assert not tile(window, "HC21-49").mark
    window.features["health"].open("HC25-25")
    assert len(window.features["health"].panel.view.units) == 2
    window.features["health"].open("HC21-49")
    assert window.features["health"].panel.view.problem_count == 1, "it drills down without being computed again"


def test_a_figure_that_becomes_old_says_so_and_is_brought_up_to_date_by_itself(make):
    window = make(city=False)
    session = window.session
    session.project.replace_all(*a_city("完好", "破损"), None)
    health.compute_indicators(session, ("HC21-49", "HC25-25"))
    settle(window)
    session.history.clear()
    table: gpd.GeoDataFrame = session.project.data["facilities"].frame
    session.project.put_data("facilities", VectorData(table.assign(ObjState="完好")))
    window.context.refresh.now()
    assert tile(window, "HC21-49").mark == "过期"
    assert value(window, "HC21-49") == "50 %"
    assert not tile(window, "HC25-25").mark
    assert spin(lambda: value(window, "HC21-49") == "100 %")
    assert not tile(window, "HC21-49").mark
    assert not session.history.undo_label
