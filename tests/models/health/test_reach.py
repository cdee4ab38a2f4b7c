"""Land in reach against plain shapely: the union of all service areas, cut whole."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box

from models.health import coverage

E0, N0 = 502_000.0, 4_059_000.0
DISTRICTS = np.array([box(E0, N0, E0 + 1000, N0 + 2000), box(E0 + 1000, N0, E0 + 2000, N0 + 1900)], dtype=object)


def scene(seed: int, parcels: int, sites: int):
    """Return parcels of many sizes, and sites of every shape with radii: a notched polygon, a line, a point, nobody."""
    rng = np.random.default_rng(seed)
    west, south = E0 + rng.uniform(-200, 2000, parcels), N0 + rng.uniform(-200, 2000, parcels)
    wide, high = rng.uniform(5, 400, parcels), rng.uniform(5, 400, parcels)
    land = shapely.affinity.rotate
    shapes = [
        land(box(*corner), turn)
        for corner, turn in zip(zip(west, south, west + wide, south + high, strict=True), rng.uniform(0, 90, parcels),
                                strict=True)
    ]  # fmt: skip
    notched = Polygon([(0, 0), (90, 0), (90, 60), (45, 5), (0, 60)])
    kinds = [notched, LineString([(0, 0), (50, 80)]), Point(0, 0), box(0, 0, 30, 30)]
    found = [
        shapely.affinity.translate(kinds[row % 4], E0 + x, N0 + y)
        for row, (x, y) in enumerate(rng.uniform(0, 2000, (sites, 2)))
    ]
    return coverage.polygons(shapes), np.array(found, dtype=object), rng.choice([80.0, 300.0, 500.0, np.nan], sites)


def by_hand(parcels, districts, sites, radius_m):
    serves = np.isfinite(radius_m)
    area = shapely.union_all(shapely.buffer(sites[serves], radius_m[serves], quad_segs=64))
    total = [sum(parcel.intersection(one).area for parcel in parcels) for one in districts]
    inside = [sum(parcel.intersection(one).intersection(area).area for parcel in parcels) for one in districts]
    return total, inside, [parcel.difference(area).area for parcel in parcels]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), parcels=st.integers(0, 20), sites=st.integers(0, 20))
def test_land_in_reach_is_that_of_the_union_of_all_service_areas(seed: int, parcels: int, sites: int):
    land, places, radius_m = scene(seed, parcels, sites)
    found = coverage.reach(land, DISTRICTS, places, radius_m)
    total, inside, out = by_hand(land, DISTRICTS, places, radius_m)
    np.testing.assert_allclose(found.total_m2, total, rtol=1e-12, atol=1e-5)
    np.testing.assert_allclose(found.covered_m2, inside, rtol=1e-9, atol=1e-4)
    np.testing.assert_allclose(shapely.area(found.uncovered), out, rtol=1e-9, atol=1e-4)
    assert found.lost_m2.sum() == pytest.approx(sum(total) - sum(inside), abs=1e-3)


def test_many_parcels_and_circles_are_cut_in_lots(monkeypatch: pytest.MonkeyPatch):
    land, places, radius_m = scene(7, 60, 40)
    whole = coverage.reach(land, DISTRICTS, places, radius_m)
    monkeypatch.setattr(coverage, "AT_ONCE", 7)
    monkeypatch.setattr(coverage, "MOST_KEPT", 3)
    lots = coverage.reach(land, DISTRICTS, places, radius_m)
    np.testing.assert_allclose(lots.covered_m2, whole.covered_m2, rtol=1e-12)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), east=st.integers(-5, 5), north=st.integers(-5, 5))
def test_moving_everything_and_shuffling_the_rows_changes_nothing(seed: int, east: int, north: int):
    land, places, radius_m = scene(seed, 12, 9)
    before = coverage.reach(land, DISTRICTS, places, radius_m)
    order = np.random.default_rng(seed).permutation(len(land))

    step = np.array([1000.0 * east, 1000.0 * north])

    def moved(shapes):
        return shapely.transform(shapes, lambda at: at + step)

    after = coverage.reach(moved(land[order]), moved(DISTRICTS), moved(places[::-1]), radius_m[::-1])
    np.testing.assert_allclose(after.covered_m2, before.covered_m2, rtol=1e-9, atol=1e-3)
    np.testing.assert_allclose(after.lost_m2, before.lost_m2[order], rtol=1e-9, atol=1e-3)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), cut=st.floats(0.1, 0.9))
def test_a_parcel_that_is_split_is_as_much_in_reach(seed: int, cut: float):
    land, places, radius_m = scene(seed, 6, 8)
    west, _, east, _ = shapely.total_bounds(land)
    at = west + cut * (east - west)
    halves = [box(west - 1, N0 - 5000, at, N0 + 5000), box(at, N0 - 5000, east + 1, N0 + 5000)]
    parts = coverage.polygons([shapely.intersection(parcel, half) for parcel in land for half in halves])
    whole, split = (coverage.reach(one, DISTRICTS, places, radius_m) for one in (land, parts))
    np.testing.assert_allclose(split.covered_m2, whole.covered_m2, rtol=1e-9, atol=1e-3)


def test_a_site_that_crosses_itself_serves_as_its_mended_shape():
    bow = Polygon([(E0, N0), (E0 + 100, N0 + 100), (E0 + 100, N0), (E0, N0 + 100)])
    land = coverage.polygons([box(E0, N0, E0 + 400, N0 + 100)])
    found = coverage.reach(land, DISTRICTS, np.array([bow], dtype=object), np.array([150.0]))
    mended = shapely.make_valid(bow).buffer(150.0, quad_segs=64)
    assert found.covered_m2.sum() == pytest.approx(land[0].intersection(mended).area, rel=1e-9)
