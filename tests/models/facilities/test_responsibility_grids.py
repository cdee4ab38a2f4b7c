"""Responsibility grids are whole unit grids, connected; networkx and shapely are the independent references."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from models.facilities.coding.responsibility_grids import check_responsibility_grids, make_responsibility_grids


@pytest.fixture
def grids() -> pd.DataFrame:
    """Two communities of 7 × 5 grids beside each other, the first with a detached grid, one grid without a code."""
    rows = [(f"370102001001{k + 1:03d}", box(x * 100, y * 100, x * 100 + 100, y * 100 + 100))
            for k, (y, x) in enumerate((y, x) for y in range(5) for x in range(7))]  # fmt: skip
    rows += [(f"370102001002{k + 1:03d}", box(700 + x * 100, y * 100, 800 + x * 100, y * 100 + 100))
             for k, (y, x) in enumerate((y, x) for y in range(5) for x in range(7))]  # fmt: skip
    rows += [("370102001001099", box(5000, 0, 5100, 100)), ("?", box(5200, 0, 5300, 100))]
    return pd.DataFrame(rows, columns=["code", "shape"], index=np.arange(len(rows)) * 3 + 5)


@pytest.mark.parametrize(("by", "codes"), [
    ("community", ["370102001001-01", "370102001001-02", "370102001002-01"]),
    ("subdistrict", ["370102001-01", "370102001-02"]),
])  # fmt: skip
def test_each_area_becomes_one_and_what_lies_apart_another(grids, by, codes):
    made, member = make_responsibility_grids(grids, by)
    assert made["code"].tolist() == codes
    assert made["unit_grids"].sum() == len(grids) - 1
    assert member[grids["code"] == "?"].tolist() == [""]
    assert check_responsibility_grids(made, grids)["kind"].tolist() == ["left"]


@pytest.mark.parametrize("number", [1, 4, 10, 1000])
def test_by_number_each_is_connected_whole_and_of_about_the_size_asked_for(grids, number):
    made, member = make_responsibility_grids(grids, "number", number)
    for row in made.itertuples():
        mine = grids.loc[member == row.code]
        assert set(mine["code"].str[:12]) == {row.area_code}
        assert shapely.symmetric_difference(shapely.union_all(mine["shape"].to_numpy(object)), row.shape).area < 1e-6
        net = nx.Graph()
        net.add_nodes_from(mine.index)
        net.add_edges_from((a, b) for a in mine.index for b in mine.index if a != b
                           and mine["shape"][a].intersection(mine["shape"][b]).length > 1)  # fmt: skip
        assert nx.is_connected(net)
    large = made[made["area_m2"] > 10_000] if number > 1 else made
    assert large["unit_grids"].between(min(number, 35) / 2, number * 1.5).all()


def test_the_check_finds_parts_splits_overlaps_and_what_is_left(grids):
    made, _ = make_responsibility_grids(grids, "community")
    made.loc[0, "shape"] = made["shape"][0].buffer(-20)
    made.loc[2, "shape"] = shapely.union_all([made["shape"][2], box(600, 0, 700, 100), box(5000, 0, 5100, 50)])
    found = check_responsibility_grids(made, grids)
    assert {"parts", "split", "overlap", "left"} == set(found["kind"])
    assert found.loc[found["kind"] == "left", "of_unit"].all()
    nothing = grids.iloc[:0]
    assert not len(make_responsibility_grids(nothing, "number")[0])
    assert not len(check_responsibility_grids(made.iloc[:0], nothing))


def test_grids_a_hair_apart_are_neighbours_and_become_one_polygon(grids):
    apart = grids.assign(shape=[shapely.buffer(one, -0.01, join_style="mitre") for one in grids["shape"]])
    made, _ = make_responsibility_grids(apart, "community")
    assert made["shape"].map(lambda shape: shape.geom_type).tolist() == ["Polygon"] * 3


def test_borders_that_nearly_meet_lose_no_unit_grid():
    """Cuts leave corners a hair beside the neighbour's side; the exact overlay of GEOS then misses whole grids."""
    hair = np.random.default_rng(7)
    places = np.add(hair.uniform(0, 800, (60, 2)), [501_000.0, 4_058_000.0])
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(places)))
    cells = shapely.intersection(cells, box(501_000, 4_058_000, 501_800, 4_058_800))
    corners = [shapely.get_coordinates(one)[:-1] for one in cells]
    moved = [shapely.make_valid(shapely.Polygon(xy + hair.normal(0, 1e-8, xy.shape))) for xy in corners]
    grids = pd.DataFrame({"code": [f"370102001001{k + 1:03d}" for k in range(len(moved))], "shape": moved})
    made, _ = make_responsibility_grids(grids, "community")
    assert made["shape"].map(lambda shape: (shape.geom_type, len(shape.interiors))).tolist() == [("Polygon", 0)]
    assert not len(check_responsibility_grids(made, grids))
