"""Unit grids fill their area, cross no road and no building, and are coded; shapely is the independent reference."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box

from models.core.errors import UserError
from models.facilities.coding.unit_grids import (
    GridOptions,
    check_unit_grids,
    grid_of,
    make_unit_grids,
)

CODES = ["370102001001", "370102001002"]
AREAS = np.array([box(0, 0, 400, 300), box(400, 0, 640, 300)], dtype=object)
#: A street through both, a side street, one that ends inside a block, and a dual carriageway with a median of 8 m.
ROADS = np.array([LineString([(-20, 150), (660, 150)]), LineString([(200, -20), (200, 320)]),
                  LineString([(500, 150), (500, 220)]), LineString([(-20, 158), (660, 158)])],
                 dtype=object)  # fmt: skip
LANES = np.array([LineString([(100, 0), (100, 150)])], dtype=object)
HOUSES = np.array([box(x, y, x + 30, y + 14) for x in range(10, 620, 45) for y in (20, 60, 100, 180, 230, 270)
                   if not (180 < x + 15 < 220 or 380 < x + 30 < 430 or 480 < x + 15 < 520 or 80 < x + 15 < 120)],
                  dtype=object)  # fmt: skip
OPTIONS = GridOptions()


@pytest.fixture(scope="module")
def grids() -> pd.DataFrame:
    return make_unit_grids(AREAS, CODES, ROADS, LANES, HOUSES, OPTIONS)


def test_grids_fill_their_area_without_gap_or_overlap(grids):
    for area, code in zip(AREAS, CODES, strict=True):
        mine = grids.loc[grids["area_code"] == code, "shape"].to_numpy(object)
        assert shapely.area(mine).sum() == pytest.approx(area.area)
        assert shapely.symmetric_difference(shapely.union_all(mine), area).area < 1e-6
        assert all(one.touches(other) or one.disjoint(other) for k, one in enumerate(mine) for other in mine[:k])


def test_no_grid_reaches_over_a_street_and_none_cuts_a_building(grids):
    shapes = grids["shape"].to_numpy(object)
    for street in ROADS[:2]:
        for side in (street.buffer(700, single_sided=True), street.buffer(-700, single_sided=True)):
            part = shapely.area(shapely.intersection(shapes, side)) / shapely.area(shapes)
            assert ((part < 0.12) | (part > 0.88)).all(), "but for the median, a grid lies on one side"
    for house in HOUSES:
        assert (shapely.area(shapely.intersection(shapes, house)) > 1e-6).sum() == 1


def test_sizes_are_about_what_was_asked_for_and_the_rest_is_said(grids):
    good = grids[grids["note"] == ""]
    assert good["area_m2"].between(OPTIONS.least_m2, OPTIONS.most_m2).all()
    assert len(good) >= 0.8 * len(grids)


def test_codes_are_community_and_serial_from_north_to_south(grids):
    assert grids["code"].str.fullmatch("[0-9]{15}").all()
    assert (grids["code"].str[:12] == grids["area_code"]).all()
    assert grids.groupby("area_code")["code"].apply(lambda codes: codes.str[12:].astype(int).tolist()).map(
        lambda serials: serials == list(range(1, len(serials) + 1))
    ).all()  # fmt: skip
    assert shapely.centroid(grids["shape"].iloc[0]).y > 200


def test_the_check_finds_nothing_in_what_was_made_and_what_was_spoilt(grids):
    made = check_unit_grids(grids, AREAS, CODES, ROADS, HOUSES, OPTIONS)
    assert set(made["kind"]) <= {"small", "large"}
    bad = grids.copy()
    bad.loc[0, "code"] = bad.loc[1, "code"]
    bad.loc[2, "shape"] = shapely.union_all([bad.loc[2, "shape"], bad.loc[3, "shape"]])
    bad.loc[4, "shape"] = box(170, 90, 230, 145)
    found = check_unit_grids(bad, AREAS, CODES, ROADS, HOUSES, OPTIONS)
    assert {"code", "overlap", "gap", "road"} <= set(found["kind"])
    moved = grids.assign(shape=[shapely.transform(one, lambda xy: np.add(xy, [0, -50])) for one in grids["shape"]])
    assert {"boundary", "building", "gap"} <= set(check_unit_grids(moved, AREAS, CODES, ROADS, HOUSES, OPTIONS)["kind"])


def test_components_lie_in_the_grid_in_which_shapely_finds_them(grids):
    points = np.array([Point(x, y) for x in (5, 250, 630) for y in (5, 290)] + [Point(-5, -5)], dtype=object)
    expected = [next((row.code for row in grids.itertuples() if row.shape.covers(point)), "") for point in points]
    assert grid_of(points, grids).tolist() == expected


def test_areas_without_codes_and_more_grids_than_three_digits_are_refused():
    with pytest.raises(UserError, match=r"facilities\.grid_area_code"):
        make_unit_grids(AREAS[:1], ["37010200"], ROADS, LANES, HOUSES, OPTIONS)
    none = np.array([], dtype=object)
    with pytest.raises(UserError, match=r"facilities\.too_many_grids"):
        make_unit_grids(AREAS[:1], CODES[:1], none, none, none, GridOptions(90.0))
    assert not len(make_unit_grids(none, [], none, none, none, OPTIONS))
