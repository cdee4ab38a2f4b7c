"""Which buildings and roads stand in the places that fail an indicator."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiLineString, Point, box

from models.geometry.feature_table import Features
from models.health.compute import compute
from models.health.failing import FEW, Places, failing_role, failing_things, outermost, places_of, standing_in
from models.layers.layer import VectorData
from tests.support.health_city import CRS, PARK, at, city, districts, layer_of, park


def town(seed: int, count: int = 400):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, 1900, (count, 2))
    sizes = rng.uniform(5, 80, (count, 2))
    houses = [at(box(x, y, x + w, y + h)) for (x, y), (w, h) in zip(corners, sizes, strict=True)]
    parcels = [at(box(200 * k, 100 * k, 200 * k + 190, 100 * k + 380)) for k in range(1, 9)]
    state, data = city(
        districts(), layer_of("parcels", parcels, code=[f"P{k}" for k in range(8)], land_use=["R2"] * 8), park(PARK),
        layer_of("buildings", houses, height_m=[12.0] * count),
    )  # fmt: skip
    return state, data, compute("HC25-25", state, data)


def by_hand(places, shapes, middle=False):
    """Return object ids and their worst place, one after another."""
    found = {}
    for oid, shape in enumerate(shapes, 1):
        point = shape.interpolate(0.5, normalized=True) if middle else shapely.point_on_surface(shape)
        hits = [rank for rank, place in enumerate(places) if place is not None and place.intersects(point)]
        if hits:
            found[oid] = hits[0]
    return found


@pytest.mark.parametrize("columns", [False, True])
def test_a_building_belongs_to_the_worst_place_in_which_its_point_lies(columns: bool) -> None:
    state, data, result = town(3)
    places = places_of(result, data, CRS)
    assert len(result.problems) > 3
    table = data["buildings"]
    if columns:
        data = data | {"buildings": VectorData(features=Features.of_frame(table.frame))}
    oids, problem = failing_things(result, places, state, data)["buildings"]
    assert dict(zip(oids.tolist(), problem.tolist(), strict=True)) == by_hand(places.shapes, table.frame.geometry)


def test_buildings_in_another_crs_are_found_all_the_same() -> None:
    state, data, result = town(5)
    places = places_of(result, data, CRS)
    here = failing_things(result, places, state, data)["buildings"]
    moved = VectorData(data["buildings"].frame.to_crs("EPSG:4490"))
    there = failing_things(result, places, state, data | {"buildings": moved})["buildings"]
    assert set(here[0].tolist()) == set(there[0].tolist())


def test_a_road_belongs_to_the_district_of_its_middle() -> None:
    lines = [at(LineString([(900, 500), (1500, 500)])), at(LineString([(0, 10), (1200, 10)])),
             at(MultiLineString([[(100, 700), (300, 700)], [(300, 700), (320, 900)]]))]  # fmt: skip
    layer, data = layer_of("roads", lines, **{"class": ["branch"] * 3})
    west, east = at(box(0, 0, 1000, 1000)), at(box(1000, 0, 2000, 1000))
    oids, problem = standing_in(Places(np.array([east, west], dtype=object)), layer, data, CRS)
    assert dict(zip(oids.tolist(), problem.tolist(), strict=True)) == {1: 0, 2: 1, 3: 1}


def test_an_indicator_of_roads_shows_roads_and_any_other_buildings() -> None:
    line = at(LineString([(0, 500), (1000, 500)]))
    roads = compute("HC25-35", *city(districts(), layer_of("roads", [line], **{"class": ["branch"]})))
    assert failing_role(roads) == "roads"
    assert failing_role(town(1)[2]) == "buildings"


def test_points_that_fail_are_no_places_and_what_is_gone_is_left_out() -> None:
    state, data, result = town(1)
    gone = {name: found for name, found in data.items() if name != "parcels"}
    assert not failing_things(result, places_of(result, gone, CRS), state, gone)
    points = Places(np.array([shapely.Point(502000, 4059000)], dtype=object))
    assert not len(points.areas)
    empty = VectorData(data["buildings"].frame.iloc[:0])
    assert not len(standing_in(places_of(result, data, CRS), state.layer("buildings"), empty, CRS)[0])


def test_a_hundred_thousand_boxes_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    state, data, result = town(3)
    places = places_of(result, data, CRS)
    once = failing_things(result, places, state, data)["buildings"]
    monkeypatch.setattr("models.health.failing.AT_ONCE", 7)
    again = failing_things(result, places, state, data)["buildings"]
    assert [part.tolist() for part in once] == [part.tolist() for part in again]


def test_the_outermost_problems_of_many_span_what_all_of_them_span() -> None:
    rng = np.random.default_rng(7)
    places = rng.uniform(0, 2000, (3 * FEW, 2))
    shapes = [at(Point(x, y)) for x, y in places]
    facilities = layer_of("facilities", shapes, ObjID=[f"3701020101{k:06}" for k in range(len(shapes))],
                          ObjState=["破损"] * len(shapes))  # fmt: skip
    state, data = city(districts(), facilities)
    result = compute("HC21-49", state, data)
    assert len(result.problems) > FEW
    keys = outermost(result, data, state.frame.horizontal)
    assert len(keys) <= 32
    own = [shapes[problem.key.oid - 1] for problem in result.problems]
    few = [shapes[key.oid - 1] for key in keys]
    assert shapely.total_bounds(few) == pytest.approx(shapely.total_bounds(own))
