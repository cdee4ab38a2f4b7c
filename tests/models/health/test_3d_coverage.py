"""Indicator 58: the share of the city that stands in three dimensions."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import box

from models.bim.placement_value import Placement
from models.health.compute import compute
from models.layers.layer import Style
from tests.support.bim_models import cubes as model
from tests.support.health_city import (
    CRS,
    PARK,
    PREFECTURE,
    at,
    built_up,
    city,
    districts,
    layer_of,
    park,
    strip_city,
    units,
)


def buildings(shapes, heights):
    layer, data = layer_of("buildings", shapes, height_m=heights)
    return replace(layer, style=Style(height_field="height_m")), data


# --- indicator 58 ---


def test_3d_coverage_is_the_projection_of_what_has_a_height():
    places = [(0, 0, 100, 100), (50, 0, 150, 100), (900, 0, 1100, 100), (0, 500, 9, 509)]
    footprints = [at(box(*place)) for place in places]
    state, data = city(districts(), built_up(), buildings(footprints, [10.0, 20.0, 30.0, np.nan]))
    result = compute("HC25-58", replace(state, profile=PREFECTURE), data)
    assert units(result) == pytest.approx({"A": 100 * (15_000 + 10_000) / 1e6, "B": 100 * 10_000 / 1e6})
    assert result.city.value == pytest.approx(100 * 35_000 / 2e6)
    assert {problem.reason for problem in result.problems} == {"below_benchmark"}
    assert sum(used.count for used in result.inputs if used.role == "buildings") == 3


def test_what_a_filter_takes_away_covers_nothing_and_gives_no_reach():
    footprints = [at(box(0, 0, 100, 100)), at(box(300, 0, 400, 100))]
    layer, data = buildings(footprints, [10.0, 20.0])
    for text, covered_m2 in (("height_m > 15", 10_000), ("", 20_000)):
        result = compute("HC25-58", *city(districts(), built_up(), (replace(layer, filter=text), data)))
        assert result.units[0].numerator == pytest.approx(covered_m2)
    gone = compute("HC25-58", *city(districts(), built_up(), (replace(layer, filter="height_m > 99"), data)))
    assert gone.units[0].numerator in (0.0, None)
    state, held = strip_city(green=park(PARK))
    filtered = state.with_layer(replace(state.layer("green"), filter="kind = 'square'"))
    assert compute("HC25-25", state, held).city.value > 0.0
    assert compute("HC25-25", filtered, held).city.value == 0.0


def test_a_model_covers_what_it_stands_on_also_turned_and_moved():
    angle = np.radians(30.0)
    matrix = np.eye(4)
    matrix[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    x, y = at(box(500, 500, 501, 501)).bounds[:2]
    matrix[:2, 3] = x, y
    layer, data = model(["IfcWall", "IfcWall"], matrix=matrix)
    empty = buildings([at(box(0, 0, 1, 1))], [np.nan])
    result = compute("HC25-58", *city(districts(), built_up(), empty, (layer, data)))
    assert result.units[0].numerator == pytest.approx(200.0, rel=1e-6)
    moved = replace(layer, place=Placement(x + 1000, y, 0.0, 0.0, CRS))
    result = compute("HC25-58", *city(districts(), built_up(), empty, (moved, data)))
    assert [unit.numerator for unit in result.units] == pytest.approx([0.0, 200.0], rel=1e-6)


def test_without_buildings_there_is_no_data_and_not_zero():
    result = compute("HC25-58", *city(districts(), built_up()))
    assert set(units(result).values()) == {None}


@pytest.mark.slow
def test_the_sample_city_covers_what_geopandas_says_it_covers(sample_city):
    from models.store.project_file import open_project

    state, data = open_project(sample_city)
    result = compute("HC25-58", state, data)
    (layer,) = state.with_role("buildings")
    frame = data[layer.id].frame.to_crs(state.frame.horizontal)
    known = frame[frame["height_m"] > 0]
    (unit_layer,) = state.with_role("districts")
    unit = data[unit_layer.id].frame.to_crs(state.frame.horizontal)
    (ground,) = state.with_role("built_up")
    inside = known.union_all().intersection(data[ground.id].frame.union_all())
    union = gpd.GeoDataFrame(geometry=[inside], crs=known.crs)
    expected = gpd.overlay(unit[["geometry"]].reset_index(), union).dissolve("fid").area
    for value in result.units:
        assert value.numerator == pytest.approx(expected.get(value.unit_oid, 0.0), rel=1e-6)
