"""Counting components and computing indicators in a project."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely.geometry import box

from app.session import Session
from app.usecases.facilities import facilities
from app.usecases.health import health
from app.usecases.layers import layers
from app.usecases.project import opening
from app.usecases.query import query as ask
from app.window.features.facilities.panel_values import facility_items
from models.core.errors import UserError
from models.layers.layer import Layer, VectorData
from tests.support.small_city import city


def with_districts(session: Session) -> None:
    """Add two districts, so that indicators have units."""
    frame = gpd.GeoDataFrame(
        {"code": ["370102001", "370102002"], "name": ["东街", "西街"], "population": [1000, 2000]},
        geometry=[box(502000, 4058900, 502100, 4059100), box(501900, 4058900, 502000, 4059100)], crs="EPSG:4548",
        index=[1, 2],
    )  # fmt: skip
    session.project.put_data("districts", VectorData(frame))
    session.project.set_state(session.project.state.with_layer(Layer("districts", "街区", "vector", "districts")))
    session.project.mark_saved()


def test_components_are_counted_and_an_unknown_state_is_not_intact(session: Session) -> None:
    city(session)
    heads, table = facilities.counts_table(session)
    assert heads[0] == "部件类别"
    assert sum(int(row[-1]) for row in table) == 4  # type: ignore[call-overload]
    water = next(row for row in table if str(row[0]).startswith("0101"))
    by_state = dict(zip(heads, water, strict=True))
    assert by_state["完好"] == 1
    assert by_state["破损"] == 1
    opening.new_project(session)
    with pytest.raises(UserError, match=r"facilities\.none"):
        facilities.facility_counts(session)


def test_components_that_a_filter_takes_away_are_neither_counted_nor_listed(session: Session) -> None:
    city(session)
    ask.set_filter(session, "components", "ObjState = '破损' or ObjState is null")
    counted = facilities.facility_counts(session)
    assert counted["total"].to_dict() == {"0101": 1, "0103": 1}
    _, rows = facilities.counts_table(session)
    assert [row[-1] for row in rows] == [1, 1]
    _, items, total = facility_items(session, "", "")
    assert total == len(items) == 1, "of the two that are left one is damaged, of the other nobody knows"
    ask.set_filter(session, "components", "")
    assert facilities.facility_counts(session)["total"].sum() == 4


def test_a_filter_makes_a_result_old_and_taking_it_off_makes_it_good_again(session: Session) -> None:
    city(session)
    with_districts(session)
    health.compute_indicators(session, ("HC25-25",))
    ask.set_filter(session, "components", "ObjState = '破损'")
    assert health.latest(session, "HC25-25") is None
    session.history.undo()
    assert health.latest(session, "HC25-25") is not None


def test_a_result_holds_until_the_layers_change(session: Session) -> None:
    city(session)
    with_districts(session)
    health.compute_indicators(session, ("HC25-25",))
    assert health.latest(session, "HC25-25") is not None
    layers.set_visible(session, "buildings", False)
    assert health.latest(session, "HC25-25") is not None, "what is shown changes no figure"
    session.project.put_data("buildings", session.project.data["buildings"])
    assert health.latest(session, "HC25-25") is None
    assert not health.all_latest(session)


def test_computing_twice_keeps_one_set_of_results(session: Session) -> None:
    city(session)
    with_districts(session)
    health.compute_indicators(session, ("HC25-25",))
    kept = session.project.state.results
    health.compute_indicators(session, ("HC25-25",))
    assert session.project.state.results == kept
