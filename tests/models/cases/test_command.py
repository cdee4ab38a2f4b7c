"""Who is near by road, where terminals are, and how long orders took."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from models.cases.command.by_road import OFF_ROAD_M, approach, roads_of
from models.cases.command.order import Order, next_id
from models.cases.command.tables import fixes_of, resources_of, times_of
from models.cases.command.times import punctuality, times
from models.cases.command.tracks import Tracks, fixes
from models.core.errors import UserError
from models.readings.batch import MINUTE_US

LINES = np.array(
    [LineString([(0, 0), (1000, 0)]), LineString([(1000, 0), (1000, 800)]), LineString([(0, 300), (200, 300)])], object
)


def test_the_way_by_road_is_its_length_and_what_no_road_leads_to_is_said() -> None:
    places = np.array([[0.0, 20.0], [1000.0, 0.0], [100.0, 300.0], [5000.0, 5000.0], [np.nan, np.nan]])
    found = approach(roads_of(LINES), (1000.0, 800.0), places)
    assert found.road_m[:2] == pytest.approx([1800.0, 800.0], abs=0.1)
    assert found.off_road_m[0] == pytest.approx(20.0)
    assert found.why.tolist() == ["", "", "not_joined", "no_road_here", "no_place"]
    assert not np.isfinite(found.road_m[2:]).any()
    assert found.order()[:2].tolist() == [1, 0]


def test_a_place_far_from_all_roads_is_reached_by_nobody() -> None:
    found = approach(roads_of(LINES), (500.0, OFF_ROAD_M + 301.0), np.array([[0.0, 0.0]]))
    assert found.why.tolist() == ["no_road_there"]
    nothing = approach(roads_of(np.empty(0, object)), (0.0, 0.0), np.array([[0.0, 0.0]]))
    assert nothing.why.tolist() == ["no_road_here"]


def test_a_terminal_stands_where_it_was_heard_last_and_says_how_long_ago() -> None:
    first, second = fixes(["a", "b"], [10, 10], [0.0, 5.0], [0.0, 5.0]), fixes(["a"], [30], [20.0], [0.0])
    one, other = Tracks(), Tracks()
    for tracks, batches in ((one, (first, second)), (other, (second, first, first))):
        for batch in batches:
            tracks.add(batch)
    here = one.at(40)
    assert (here["a"].x, here["a"].heading_deg, here["a"].age_us) == (20.0, 90.0, 10)
    assert repr(here) == repr(other.at(40))
    assert not one.at(9)
    assert one.at(20)["a"].x == 0.0


def test_positions_need_a_date_and_a_name_and_times_without_a_zone_are_local() -> None:
    table = gpd.GeoDataFrame(
        {"终端号": ["T1", "T1", ""], "定位时间": ["2025-07-18 19:00:00", "2025-07-18T11:01:00Z", "x"]},
        geometry=[Point(1, 2), Point(3, 4), Point(5, 6)],
    )
    found, left = fixes_of(table, "t.csv", "Asia/Shanghai")
    assert left == 1
    assert (found.time_us[1] - found.time_us[0]) == MINUTE_US
    with pytest.raises(UserError, match=r"command\.no_time"):
        fixes_of(table.drop(columns="定位时间"), "t.csv", "Asia/Shanghai")
    with pytest.raises(UserError, match=r"command\.no_terminal"):
        fixes_of(table.drop(columns="终端号"), "t.csv", "Asia/Shanghai")
    assert times_of(pd.Series(["11:02:03"]), "Asia/Shanghai").isna().all()


def test_a_resource_of_no_known_kind_is_refused_and_one_of_no_known_state_is_not_taken_for_free() -> None:
    table = pd.DataFrame({"名称": ["东区抢险班", "泵车 2 号"], "类型": ["班组", "泵车"], "状态": ["待命", "?"]})
    assert [(one.kind, one.state) for one in resources_of(table, "r.csv")] == [("crew", "free"), ("pump", "off")]
    with pytest.raises(UserError, match=r"command\.unknown_kind"):
        resources_of(table.assign(类型=["班组", "火箭"]), "r.csv")


def test_orders_that_have_time_left_count_on_neither_side() -> None:
    def at(minutes: float) -> int:
        return int(minutes * MINUTE_US)

    orders = (
        Order("1", "c", "case", ("x",), dispatched_us=at(1), arrived_us=at(21), done_us=at(81), done_by_us=at(90)),
        Order("2", "c", "case", ("x",), dispatched_us=at(1), done_by_us=at(60)),
        Order("3", "c", "case", ("x",), dispatched_us=at(1), done_by_us=at(600)),
    )
    found = punctuality(orders, at(100))
    assert (found.orders, found.with_deadline, found.in_time) == (3, 2, 1)
    assert times(orders, at(100))["done_late_min"].tolist()[:2] == [-9.0, 40.0]
    assert found.median_arrive_min == 20.0
    assert next_id((Order("PD-20250718-009", "c", "case", ()),), "20250718") == "PD-20250718-010"
