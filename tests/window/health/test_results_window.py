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


def views(window):
    return {view.code: view for view in window.features["health"].panel.views}


def test_saved_results_stand_on_the_cards_as_soon_as_the_project_is_open(make, tmp_path):
    window = make(city=False)
    session = window.session
    session.project.replace_all(*a_city("完好", "破损"), None)
    health.compute_indicators(session, ("HC21-49", "HC25-25"))
    opening.save_project(session, tmp_path / "p.gpkg")
    opening.new_project(session)
    opening.open_project(session, tmp_path / "p.gpkg")
    window.context.refresh.now()
    shown = views(window)
    assert shown["HC21-49"].value_text == "50 %"
    assert shown["HC21-49"].problem_count == 1
    assert len(shown["HC25-25"].units) == 2
    assert not shown["HC21-49"].is_old


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
    old = views(window)["HC21-49"]
    assert old.is_old
    assert old.value_text == "50 %"
    assert not views(window)["HC25-25"].is_old
    assert spin(lambda: views(window)["HC21-49"].value_text == "100 %")
    assert not views(window)["HC21-49"].is_old
    assert not session.history.undo_label
