"""Methods are pure functions of a partition: sums of parts are the sum of the whole."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from models.health import methods
from models.health.availability import availabilities
from models.health.editions import edition, indicator
from models.health.inputs import gathered
from models.health.partition import Measured, Partition, combined
from models.layers.layer import VectorData
from tests.support.health_city import PARK, STRIP, at, built_up, city, districts, layer_of, park


def whole_city():
    parcels = layer_of(
        "parcels",
        [STRIP, at(box(1200, 0, 1300, 90)), at(box(900, 600, 1100, 700))],
        code=["P1", "P2", "P3"],
        land_use=["R2"] * 3,
    )
    # On the border, off the border, and exactly along it.
    lines = [LineString([(400, 500), (1300, 500)]), LineString([(1000, 0), (1000, 800), (1200, 800)])]
    roads = layer_of("roads", [at(line) for line in lines], **{"class": ["branch"] * 2})
    covers = layer_of(
        "facilities",
        [at(Point(x, 500)) for x in (10, 1000, 1500, 1600)],
        ObjID=[f"3701020103{number:06d}" for number in range(4)],
        ObjState=["完好", "破损", "完好", None],
    )
    buildings = layer_of("buildings", [at(box(950, 0, 1050, 100)), at(box(0, 0, 50, 50))], height_m=[12.0, 9.0])
    places = {
        "middle_school": at(box(1500, 0, 1600, 100)), "football_pitch": at(box(900, 300, 1000, 360)),
        "fire_station": at(Point(990, 500)), "library": at(Point(1200, 500)), "shelter": at(Point(200, 500)),
        "elderly_care": at(Point(100, 100)), "nursery": at(Point(100, 120)), "kindergarten": at(Point(100, 140)),
        "sport_ground": at(box(940, 200, 1010, 240)), "cultural_centre": at(Point(990, 800)),
    }  # fmt: skip
    told = {"pitch_size": {"football_pitch": 5}, "station_class": {"fire_station": "small"},
            "floor_area_m2": {"library": 900.0, "cultural_centre": 100.0}, "effective_area_m2": {"shelter": 700.0},
            "open_hours": {"sport_ground": 9.0}, "open_to_public": {"sport_ground": "yes"}}  # fmt: skip
    columns = {name: [known.get(kind) for kind in places] for name, known in told.items()}
    amenities = layer_of("amenities", list(places.values()), kind=list(places), **columns)
    homes = [at(box(0, 0, 600, 900)), at(box(600, 0, 1400, 900)), at(box(1400, 0, 2000, 900))]
    estates = layer_of("communities", homes, code=list("abc"), population=[6000] * 3, built_year=[1990] * 3)
    land = layer_of("land", [at(box(0, 0, 900, 1000)), at(box(900, 0, 2000, 1000))], use=["hill", "residential"])
    path = {"width_m": [8.0], "side_green_m": [2.0], "footpath_m": [2.5]}
    greenways = layer_of("greenways", [at(LineString([(1700, 0), (1700, 900)]))], **path)
    layer, data = districts()
    people = layer, VectorData(data.frame.assign(population=[30_000, 40_000]))
    return city(people, parcels, park(PARK), roads, covers, buildings, amenities, built_up(), land, greenways, estates)


def partition_of(code: str) -> tuple[Partition, object, object]:
    state, data = whole_city()
    assert state.frame is not None
    definition = indicator(code)
    way = methods.method(definition.method)
    found = gathered(definition, way, state, data, state.frame.horizontal)
    if found.lacks:
        pytest.skip(f"the little city has not what {code} needs: {found.lacks}")
    return found.partition, way, definition


def ids(table: pd.DataFrame) -> list[tuple]:
    return sorted(zip(table["layer"], table["oid"], table["reason"], table["unit"], strict=True))


def same(one: Measured, other: Measured) -> None:
    np.testing.assert_allclose(one.numerator, other.numerator, rtol=1e-12)
    np.testing.assert_allclose(one.denominator, other.denominator, rtol=1e-12)
    assert (one.seen is None) == (other.seen is None)
    if one.seen is not None:
        np.testing.assert_allclose(one.seen, other.seen)
    assert ids(one.good) == ids(other.good)
    assert ids(one.bad) == ids(other.bad)


@pytest.mark.parametrize("code", [one.code for one in availabilities(*whole_city()) if one.standing == "computed"])
def test_the_sums_of_each_district_make_the_sum_of_the_city(code: str):
    partition, way, definition = partition_of(code)
    whole = way.measure(partition, definition)
    parts = [replace(partition, counted=np.arange(2) == unit) for unit in range(2)]
    assert whole.numerator.sum() > 0
    same(whole, combined([way.measure(part, definition) for part in parts]))


@settings(max_examples=15, deadline=None)
@given(first=st.lists(st.booleans(), min_size=4, max_size=4))
@pytest.mark.parametrize(("code", "role"), [("HC25-25", "parcels"), ("HC21-49", "facilities")])
def test_counted_objects_may_be_split_in_any_way(code: str, role: str, first: list[bool]):
    partition, way, definition = partition_of(code)
    rows = partition.frames[role]
    mine = np.array(first[: len(rows)])
    parts = [
        replace(partition, frames={**partition.frames, role: rows[chosen].reset_index(drop=True)})
        for chosen in (mine, ~mine)
    ]
    same(way.measure(partition, definition), combined([way.measure(part, definition) for part in parts]))


def test_every_computed_indicator_names_a_method_that_there_is():
    assert {row.method for row in edition("2025").indicators.values() if row.computed} <= set(methods.names())


def test_a_method_gets_no_field_that_it_did_not_declare():
    partition, _, _ = partition_of("HC25-35")
    assert set(partition.frames) == {"roads"}
    assert set(partition.frames["roads"].columns) == {"class", "_layer", "_oid", "_shape"}


@pytest.mark.parametrize("name", methods.names())
def test_a_method_knows_neither_projects_nor_layers(name: str):
    code = (
        f"import sys, models.health.methods.{name}\n"
        "print([m for m in sys.modules if m.startswith(('models.project', 'models.layers'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    # Conditions of formulas are expressions of models.query, which can ask layers too.
    known = "['models.layers', 'models.layers.layer']" if name == "formula" else "[]"
    assert done.stdout.strip() == known
