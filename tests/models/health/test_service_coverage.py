"""Land in reach of greenways, pitches and fire stations, and which activity grounds count, against plain shapely."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from models.health.compute import compute
from models.health.state import ChosenReading, HealthState
from tests.support.health_city import PARK, at, city, districts, layer_of, strip_city

HOMES = [at(box(x, y, x + 70, y + 90)) for x in range(20, 2000, 90) for y in range(20, 1000, 110)]


def homes():
    return layer_of("parcels", HOMES, land_use=["R2"] * len(HOMES))


def share(reach) -> float:
    """Return how much of the homes lies in an area, per cent."""
    land = shapely.union_all(HOMES)
    return 100 * land.intersection(reach).area / land.area


def test_an_activity_ground_counts_only_from_half_of_green_cover_on():
    def value(**columns):
        green = layer_of("green", [PARK], kind=["activity_ground"], open_to_public=[True], **columns)
        return compute("HC25-25", *strip_city(green=green)).city

    assert value(green_cover=[0.5]).value == pytest.approx(50.0)
    assert value(green_cover=[0.49]).value == 0.0
    assert value(green_cover=[None]).reason == value().reason == "unknown_values"


GREENWAY = at(LineString([(-600, 100), (300, 400), (400, 900)]))


def greenway(**columns):
    wide = {"width_m": [6.0], "side_green_m": [1.5], "footpath_m": [2.0], "combined_m": [None]}
    return layer_of("greenways", [GREENWAY], **(wide | columns))


def test_land_within_a_kilometre_of_a_greenway_counts():
    result = compute("HC25-32", *city(districts(), homes(), greenway()))
    assert result.city.value == pytest.approx(share(GREENWAY.buffer(1000.0, quad_segs=64)), rel=1e-9)


@pytest.mark.parametrize(
    ("columns", "counts"),
    [
        ({"width_m": [5.9]}, False),
        ({"side_green_m": [1.0]}, False),
        ({"footpath_m": [1.9]}, False),
        ({"footpath_m": [None], "combined_m": [3.0]}, True),
        ({"footpath_m": [1.0], "combined_m": [3.0]}, True),
        ({"combined_m": [2.9], "footpath_m": [None]}, False),
    ],
)
def test_a_greenway_that_is_too_narrow_serves_nobody(columns, counts):
    assert (compute("HC25-32", *city(districts(), homes(), greenway(**columns))).city.value > 0) == counts


def test_of_greenways_that_say_no_width_nobody_knows():
    one = city(districts(), homes(), greenway(width_m=[None]))
    assert compute("HC25-32", *one).city.reason == "no_field:greenways.width_m"


def pitches(sizes):
    spots = [at(box(250 * k, 300, 250 * k + 60, 360)) for k in range(len(sizes))]
    numbers = pd.array(sizes, dtype="Int64")  # as files hold them
    return spots, layer_of("amenities", spots, kind=["football_pitch"] * len(sizes), pitch_size=numbers)


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.sampled_from([3, 5, 7, 11]), min_size=1, max_size=7))
def test_a_pitch_serves_as_far_as_its_size(sizes):
    spots, layer = pitches(sizes)
    radius_m = {3: 300.0, 5: 500.0, 7: 1000.0, 11: 1000.0}
    reach = shapely.union_all(
        [spot.buffer(radius_m[size], quad_segs=64) for spot, size in zip(spots, sizes, strict=True)]
    )
    found = compute("HC25-33", *city(districts(), homes(), layer)).city
    assert found.value == pytest.approx(share(reach), rel=1e-9)


def test_a_pitch_of_unknown_size_serves_nobody_and_lowers_what_is_known():
    _, layer = pitches([5, None])
    result = compute("HC25-33", *city(districts(), homes(), layer))
    assert result.city.value == compute("HC25-33", *city(districts(), homes(), pitches([5])[1])).city.value
    assert result.city.coverage == pytest.approx(0.5)


def stations(*classes, reading="radius"):
    spots = [at(Point(400 + 700 * k, 500)) for k in range(len(classes))]
    layer = layer_of("amenities", spots, kind=["fire_station"] * len(classes), station_class=list(classes))
    uses = ["residential"] * (len(HOMES) - 1) + ["hill"]
    road = layer_of("roads", [at(LineString([(0, 500), (2000, 500)]))], **{"class": ["arterial"]})
    state, data = city(districts(), layer_of("land", HOMES, use=uses), layer, road)
    health = HealthState(readings=(ChosenReading("HC25-53", reading),))
    return spots, (replace(state, health=health), data)


def test_a_fire_station_serves_a_circle_as_large_as_its_jurisdiction():
    spots, layers = stations("small", "2")
    radii = [np.sqrt(km2 * 1e6 / np.pi) for km2 in (2.0, 4.0)]
    reach = shapely.union_all([spot.buffer(radius, quad_segs=64) for spot, radius in zip(spots, radii, strict=True)])
    land = shapely.union_all(HOMES[:-1])  # hills are not built on
    result = compute("HC25-53", *layers)
    assert result.city.numerator == pytest.approx(land.intersection(reach).area, rel=1e-6)
    assert result.city.denominator == pytest.approx(land.area, rel=1e-9)
    assert any(rule.uncertain for rule in result.thresholds)


def test_by_jurisdiction_areas_a_station_serves_so_much_of_the_land_of_its_district():
    _, layers = stations("small", reading="area")
    west, east = compute("HC25-53", *layers).units
    assert (west.value, east.value) == (pytest.approx(100.0), 0.0)


def test_by_time_land_beside_the_roads_within_minutes_counts():
    _, layers = stations("small", reading="time")
    land = shapely.union_all(HOMES[:-1])
    road = LineString([(502_000, 4_059_500), (504_000, 4_059_500)])  # five minutes are 2.9 km: all of it
    result = compute("HC25-53", *layers)
    assert result.city.numerator == pytest.approx(land.intersection(road.buffer(150.0, quad_segs=64)).area, rel=1e-6)
    assert set(result.beside) == {"radius", "area"}
    assert [rule.code for rule in result.thresholds].count("drive") == 1


def test_in_another_metre_system_the_share_is_the_same():
    import geopandas as gpd

    from models.layers.layer import VectorData

    state, data = city(districts(), homes(), greenway())
    turned = {key: VectorData(gpd.GeoDataFrame(one.frame).to_crs("EPSG:4526")) for key, one in data.items()}
    here, there = compute("HC25-32", state, data).city, compute("HC25-32", state, turned).city
    assert there.value == pytest.approx(here.value, rel=1e-6)
