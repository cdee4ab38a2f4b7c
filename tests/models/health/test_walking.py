"""Reach along ways against a search of our own over a grid of streets, and what bars the way."""

from __future__ import annotations

import heapq
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from models.health import coverage, walking
from models.health.compute import compute
from models.health.state import ChosenReading, HealthState
from tests.support.health_city import at, city, districts, layer_of

NOTHING = np.empty(0, dtype=object)


def streets(count: int, step_m: float, missing: set[int]) -> list[LineString]:
    """Return the blocks of a square grid of streets, without some."""
    blocks = []
    for i in range(count):
        for j in range(count):
            for di, dj in ((1, 0), (0, 1)):
                if i + di < count and j + dj < count:
                    blocks.append(LineString([(step_m * i, step_m * j), (step_m * (i + di), step_m * (j + dj))]))
    return [block for number, block in enumerate(blocks) if number not in missing]


def walked_m(blocks: list[LineString], start: tuple[float, float], limit_m: float) -> float:
    """Return the length of street within a distance of a corner: Dijkstra by hand."""
    next_to: dict[tuple, list[tuple]] = {}
    for block in blocks:
        one, other = block.coords
        next_to.setdefault(one, []).append(other)
        next_to.setdefault(other, []).append(one)
    found, queue = {start: 0.0}, [(0.0, start)]
    while queue:
        cost, here = heapq.heappop(queue)
        for there in next_to.get(here, ()):
            total = cost + Point(here).distance(Point(there))
            if total < found.get(there, np.inf):
                found[there] = total
                heapq.heappush(queue, (total, there))
    left = {corner: max(limit_m - cost, 0.0) for corner, cost in found.items()}
    return sum(min(block.length, sum(left.get(corner, 0.0) for corner in block.coords)) for block in blocks)


@settings(max_examples=25, deadline=None)
@given(missing=st.sets(st.integers(0, 39), max_size=14), limit_m=st.floats(60, 900), corner=st.integers(0, 24))
def test_the_streets_that_are_walked_are_those_of_a_search_by_hand(missing, limit_m, corner):
    blocks = streets(5, 130.0, missing)
    i, j = divmod(corner, 5)
    start = (130.0 * i, 130.0 * j)
    if not any(start in block.coords for block in blocks):
        return
    ways = walking.network(np.array(blocks, dtype=object), NOTHING)
    shapes, radius_m = walking.stretches(ways, np.array([Point(start)], dtype=object), np.array([limit_m]), 40.0)
    assert shapely.length(shapes).sum() == pytest.approx(walked_m(blocks, start, limit_m), abs=0.01)
    assert set(radius_m) <= {40.0}


def test_streets_that_cross_are_a_crossing_and_a_footway_that_stops_short_joins():
    crossing = [LineString([(0, 0), (200, 0)]), LineString([(100, -100), (100, 100)])]
    short = LineString([(190, 10), (190, 300)])  # ends 10 m beside the first
    ways = walking.network(np.array([*crossing, short], dtype=object), NOTHING)
    shapes, _ = walking.stretches(ways, np.array([Point(100, 100)], dtype=object), np.array([250.0]), 30.0)
    # 100 m down, 100 m along it to its end, which is the nearest place to join, and up the footway as far as 250 m go.
    assert shapely.length(shapes).sum() == pytest.approx(200 + 200 + 250 - 200 - np.hypot(10, 10))


def test_a_facility_far_from_every_way_reaches_nobody():
    ways = walking.network(np.array([LineString([(0, 0), (200, 0)])], dtype=object), NOTHING)
    near, far = Point(100, 199), Point(100, 201)
    reached = [len(walking.stretches(ways, np.array([one], dtype=object), np.array([500.0]), 30.0)[0])
               for one in (near, far)]  # fmt: skip
    assert reached == [1, 0]
    assert len(walking.stretches(walking.network(NOTHING, NOTHING), NOTHING, np.empty(0), 30.0)[0]) == 0


def test_land_beyond_a_river_is_not_beside_the_way():
    road, river = LineString([(0, 0), (400, 0)]), box(-100, 20, 500, 40)
    ways = walking.network(np.array([road], dtype=object), np.array([river], dtype=object))
    shapes, radius_m = walking.stretches(ways, np.array([Point(0, 0)], dtype=object), np.array([900.0]), 100.0)
    parcels = coverage.polygons([box(100, 40, 200, 90), box(100, -90, 200, -10)])
    out = coverage.out_of_reach(parcels, shapes, radius_m)
    assert shapely.area(out) == pytest.approx([5000.0, 0.0])


# --- in a city ---


def walkers(*more, reading="walk", roads=None):
    """Return a school in the west, a street 1,500 m long, and homes along it; by one reading of indicator 22."""
    street = at(LineString([(50, 500), (1550, 500)]))
    homes = [at(box(x, 510, x + 90, 560)) for x in range(100, 1500, 100)]
    state, data = city(
        districts(),
        layer_of("parcels", homes, land_use=["R2"] * len(homes)),
        layer_of("amenities", [at(Point(50, 500))], kind=["middle_school"]),
        roads if roads is not None else layer_of("roads", [street], **{"class": ["branch"]}),
        *more,
    )
    return replace(state, health=HealthState(readings=(ChosenReading("HC25-22", reading),))), data


def test_homes_on_foot_are_those_beside_the_street_as_far_as_it_is_walked():
    result = compute("HC25-22", *walkers())
    reached = LineString([(50, 500), (1050, 500)]).buffer(100.0, quad_segs=64)
    land = shapely.union_all([box(x, 510, x + 90, 560) for x in range(100, 1500, 100)])
    assert result.reading == "walk"
    assert result.city.numerator == pytest.approx(land.intersection(reached).area, rel=1e-6)


def test_both_figures_stand_beside_each_other_and_one_of_them_counts():
    by_foot, by_radius = compute("HC25-22", *walkers()), compute("HC25-22", *walkers(reading="radius"))
    assert by_foot.city.value != pytest.approx(by_radius.city.value)
    assert by_foot.beside["radius"][-1].value == by_radius.city.value
    assert by_radius.beside["walk"][-1].value == by_foot.city.value
    assert len(by_radius.beside["walk"]) == len(by_radius.units) + 1


def test_without_ways_there_is_no_figure_on_foot():
    state, data = walkers()
    layers = tuple(layer for layer in state.layers if layer.role != "roads")
    result = compute("HC25-22", replace(state, layers=layers), data)
    assert (result.city.value, result.city.reason) == (None, "no_layer:roads")
    assert result.beside["radius"][-1].value is not None
