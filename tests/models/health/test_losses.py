"""What an object explains of a figure: its loss, its share of the shortfall, how far beyond reach it lies."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

from models.health import coverage
from models.health.compute import compute
from models.health.editions import indicator
from tests.support.health_city import PARK, PREFECTURE, at, built_up, city, districts, layer_of, park


def test_a_parcel_explains_its_land_out_of_reach_against_all_land_out_of_reach() -> None:
    near, far, most = at(box(0, 0, 100, 100)), at(box(1500, 0, 1600, 200)), at(box(500, 400, 720, 500))
    parcels = layer_of("parcels", [near, far, most], code=["N", "F", "M"], land_use=["R2"] * 3)
    result = compute("HC25-25", *city(districts(), parcels, park(PARK)))
    reach = PARK.buffer(500.0, quad_segs=512)  # 1 ha: 500 m; by another number of segments than the program's
    lost = {code: shape.difference(reach).area for code, shape in (("N", near), ("F", far), ("M", most))}
    found = {problem.code: problem for problem in result.problems}
    assert [problem.code for problem in result.problems] == ["F", "M"], "the largest loss first"
    for code, problem in found.items():
        assert problem.loss == pytest.approx(lost[code], rel=1e-3)
        assert problem.loss_share == pytest.approx(lost[code] / sum(lost.values()), rel=1e-3)
    assert found["F"].beyond_m == pytest.approx(shapely.point_on_surface(far).distance(PARK) - 500.0, abs=0.5)
    assert sum(problem.loss_share or 0.0 for problem in result.problems) <= 1.0 + 1e-9


def test_land_that_is_not_listed_is_part_of_what_the_city_lacks() -> None:
    strip, far = at(box(100, 400, 700, 500)), at(box(1500, 0, 1600, 100))  # a sixth of the strip is out of reach
    parcels = layer_of("parcels", [strip, far], code=["S", "F"], land_use=["R2"] * 2)
    (only,) = compute("HC25-25", *city(districts(), parcels, park(PARK))).problems
    assert only.code == "F"
    assert only.loss_share == pytest.approx(10_000 / 20_000, rel=1e-3)


def test_covers_explain_the_loss_in_equal_parts() -> None:
    states = ["完好", "破损", "丢失", None, "破损"]
    points = [at(Point(50.0 + 20 * k, 450.0)) for k in range(5)]
    parts = layer_of("facilities", points, ObjID=[f"3701020101{k:06}" for k in range(5)], ObjState=states)
    result = compute("HC21-49", *city(districts(), parts))
    assert [problem.reason for problem in result.problems] == ["cover_missing", "cover_damaged", "cover_damaged"]
    assert [problem.loss for problem in result.problems] == [1.0] * 3
    assert [problem.loss_share for problem in result.problems] == pytest.approx([1 / 3] * 3)
    assert all(problem.beyond_m is None for problem in result.problems)


def test_a_district_explains_the_kilometres_that_it_lacks_to_the_benchmark() -> None:
    line = at(LineString([(0, 500), (1000, 500)]))  # 1 km in A, none in B; each is 1 km²
    state, data = city(districts(), layer_of("roads", [line], **{"class": ["branch"]}))
    result = compute("HC25-35", state, data)
    aim = indicator("HC25-35").benchmarks_for(state.profile)[0].value
    assert [problem.code for problem in result.problems] == ["B", "A"]
    assert [problem.loss for problem in result.problems] == pytest.approx([aim, aim - 1.0])
    assert sum(problem.loss_share or 0.0 for problem in result.problems) == pytest.approx(1.0)


def test_a_district_explains_the_ground_that_no_model_covers() -> None:
    from dataclasses import replace

    houses = layer_of("buildings", [at(box(0, 0, 100, 100))], height_m=[12.0])
    state, data = city(districts(), built_up(), houses)
    state = replace(state, profile=PREFECTURE)
    result = compute("HC25-58", state, data)
    aim = indicator("HC25-58").benchmarks_for(state.profile)[0].value / 100.0
    losses = {problem.code: problem.loss for problem in result.problems}
    assert losses == {"A": pytest.approx(aim * 1e6 - 10_000), "B": pytest.approx(aim * 1e6)}


def test_the_distance_beyond_reach_is_that_of_the_site_that_comes_nearest_to_reaching_it() -> None:
    rng = np.random.default_rng(4)
    sites = np.array([box(x, y, x + 30, y + 30) for x, y in rng.uniform(0, 2000, (12, 2))], dtype=object)
    radius_m = rng.choice([300.0, 500.0, np.nan], 12)
    places = np.array([Point(x, y).buffer(20) for x, y in rng.uniform(0, 4000, (40, 2))], dtype=object)
    found = coverage.beyond_m(places, sites, radius_m)
    for place, beyond in zip(places, found, strict=True):
        point = shapely.point_on_surface(place)
        byhand = min(
            site.distance(point) - radius for site, radius in zip(sites, radius_m, strict=True) if radius == radius
        )
        assert beyond == pytest.approx(max(byhand, 0.0))
    assert np.isnan(coverage.beyond_m(places[:2], sites[:0], radius_m[:0])).all()
