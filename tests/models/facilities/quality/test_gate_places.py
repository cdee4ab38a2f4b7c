"""The quality gate on where things stand, against plain shapely."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box

from tests.support.facilities.gate import CRS, failing, judged, points, rule


def areas(*shapes: object, **columns: object) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame


def test_what_stands_inside_a_house_by_more_than_the_margin_fails() -> None:
    things, houses = points((5, 5), (0.3, 5), (20, 5)), areas(box(0, 0, 10, 10))
    result = judged(rule("inside", role="buildings", margin_m=0.5), facilities=things, buildings=houses)
    assert result.failures.oids.tolist() == [1]
    assert result.failures.values.tolist() == pytest.approx([5.0])


def test_points_on_carriageways_are_those_that_shapely_finds_one_by_one() -> None:
    draw = np.random.default_rng(7)
    lines = [LineString(draw.uniform(0, 400, (3, 2))) for _ in range(40)]
    wide = draw.choice([5.0, 7.0, 13.0, 26.0], 40)
    roads = areas(*lines, width_m=wide, elevated_m=np.where(np.arange(40) % 7 == 0, 6.0, 0.0))
    spots = draw.uniform(0, 400, (600, 2))
    things = points(*(tuple(spot) for spot in spots))
    on_ground = [(line, width) for line, width, number in zip(lines, wide, range(40), strict=True) if number % 7]
    wanted = [
        at for at, spot in enumerate(spots, 1)
        if any(width / 2 - line.distance(Point(spot)) > 0.5 for line, width in on_ground)
    ]  # fmt: skip
    assert failing(rule("carriageway", margin_m=0.5), facilities=things, roads=roads) == wanted


def test_without_the_width_of_roads_nothing_on_a_carriageway_is_judged() -> None:
    result = judged(rule("carriageway"), facilities=points((0, 0)), roads=areas(LineString([(0, 0), (9, 0)])))
    assert (result.judged, result.not_judged) == (0, 1)


def test_a_gully_far_from_every_drain_fails_and_one_where_no_drain_is_recorded_is_not_judged() -> None:
    things = points((0, 5), (0, 40), (0, 900))
    drains = areas(LineString([(-50, 0), (50, 0)]), LineString([(-50, 41), (50, 41)]), kind=["YS", "JS"])
    check = rule("nearest", role="pipes", of_kinds=["YS", "HS"], most_m=30.0, known_m=200.0)
    result = judged(check, facilities=things, pipes=drains)
    assert (result.failures.oids.tolist(), result.failures.values.tolist()) == ([2], [40.0])
    assert result.gaps == (("nothing_near", {"distance_m": 200.0}, 1),)


def test_a_node_away_from_the_cover_that_it_names_fails() -> None:
    manholes = points((0, 0), (10, 0), (20, 0), (30, 0), component=["a", "b", "gone", None])
    covers = points((0, 0.2), (10, 3), ObjID=["a", "b"])
    check = rule("linked_distance", "pipe_nodes", field="component", role="facilities", key="ObjID", most_m=0.5)
    result = judged(check, pipe_nodes=manholes, facilities=covers)
    assert (result.failures.oids.tolist(), result.judged) == ([2], 2)
    assert result.gaps == (("no_partner", {"field": "component"}, 1),)


def test_two_of_a_class_in_one_place_fail_once_and_two_of_different_classes_do_not() -> None:
    lamp, tree = "3701990118{:06d}", "3701990402{:06d}"
    things = points((0, 0), (0, 0.05), (0, 0.05), (5, 5),
                    ObjID=[lamp.format(1), lamp.format(2), tree.format(1), lamp.format(3)])  # fmt: skip
    result = judged(rule("duplicate", within_m=0.1), facilities=things)
    assert result.failures.oids.tolist() == [2]
    assert result.failures.other(0).oid == 1


def test_what_stands_outside_the_area_of_its_code_fails_by_how_far_it_is() -> None:
    districts = areas(box(0, 0, 100, 100), box(100, 0, 200, 100), code=["370199001", "370199002"])
    things = points((50, 50), (150, 50), (100.5, 50), (10, 10),
                    BGID=["370199001001001", "370199001001001", "370199001002002", "999"])  # fmt: skip
    check = rule("own_area", field="BGID", role="districts", key="code", most_m=1.0)
    result = judged(check, facilities=things, districts=districts)
    assert (result.failures.oids.tolist(), result.failures.values.tolist()) == ([2], [50.0])
    assert result.gaps == (("no_area", {"field": "BGID"}, 1),)


def test_what_has_no_shape_is_not_judged_by_place() -> None:
    things = points((1, 1), (2, 2))
    things.loc[2, "geometry"] = shapely.Point()
    result = judged(rule("inside", role="buildings"), facilities=things, buildings=areas(box(0, 0, 10, 10)))
    assert (result.judged, result.gaps) == (1, (("no_shape", {}, 1),))
