"""Ponding on the streets over a run: what nodes lost stands on the ground, by class of depth; roads in it are named."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import LineString

from models.layers.layer import RasterData
from models.network.hydraulics.ponding import closed_roads, depth_classes, flooded_m3, street_ponding

CELL = 2.0


def run_of(rates_l_s, step_s=600.0):
    """A run of which only the flooding of nodes is asked."""
    rates = np.asarray(rates_l_s, dtype=np.float32)
    return SimpleNamespace(
        names={"nodes": [f"N{n}" for n in range(rates.shape[1])]},
        times_s=np.arange(len(rates)) * step_s,
        variable=lambda element, name: SimpleNamespace(factor=1.0, element=element, name=name),
        raw=lambda variable: rates,
    )


def terrain():
    """A level street with a box of 10 × 10 cells that lies 1 m deeper, heights in metres; y falls with the row."""
    ground = np.full((30, 30), 5.0, np.float32)
    ground[10:20, 10:20] = 4.0
    return RasterData(ground, (CELL, 0, 0.0, 0, -CELL, 60.0), "EPSG:4548")


def places(names):
    known = {"N0": (30.0, 30.0), "N1": (np.nan, np.nan)}
    return np.array([known[name] for name in names])


def test_what_nodes_lost_fills_the_hollow_step_by_step_and_its_depth_has_a_class():
    # 10 min of 133.33 L/s are 80 m³: 0.2 m on 400 m²; twice as much is 0.4 m. Nothing comes in the first step.
    run = run_of([[0.0, 0.0], [133.3333, 1.0], [133.3333, 0.0]])
    assert flooded_m3(run)[:, 0] == pytest.approx([0, 80, 160], rel=1e-5)
    found = street_ponding(run, places, terrain())
    last = found.areas[found.areas["step"] == 2]
    assert list(last["class"]) == ["closed"]
    assert last["depth_max_m"].iloc[0] == pytest.approx(0.4, rel=1e-4)
    assert last["area_m2"].iloc[0] == pytest.approx(400.0)
    assert last.geometry.iloc[0].bounds == (20.0, 20.0, 40.0, 40.0)
    assert found.areas.loc[found.areas["step"] == 1, "depth_max_m"].max() == pytest.approx(0.2, rel=1e-4)
    assert found.outside == ("N1",), "a node without a place is named, its water is not laid anywhere"
    assert found.flooded_m3 == pytest.approx(160.6, rel=1e-4)


def test_roads_in_deep_water_are_named_with_length_and_worst_class():
    found = street_ponding(run_of([[0.0], [133.3333], [133.3333]]), places, terrain())
    roads = gpd.GeoDataFrame(
        {"name": ["through", "beside"]},
        geometry=[LineString([(0, 30), (60, 30)]), LineString([(0, 5), (60, 5)])], crs="EPSG:4548",
    )  # fmt: skip
    cut = closed_roads(roads, found)
    assert list(cut["name"]) == ["through"]
    assert cut["class"].iloc[0] == "closed"
    assert cut["length_m"].iloc[0] == pytest.approx(20.0)


def test_a_run_without_flooding_has_no_ponding_and_closes_no_road():
    found = street_ponding(run_of([[0.0], [0.0]]), places, terrain())
    assert len(found.areas) == 0
    assert found.flooded_m3 == 0.0
    roads = gpd.GeoDataFrame({"name": ["a"]}, geometry=[LineString([(0, 30), (60, 30)])], crs="EPSG:4548")
    assert len(closed_roads(roads, found)) == 0


def test_the_classes_of_depth_rise():
    limits = [one.from_m for one in depth_classes()]
    assert limits == sorted(limits)
    assert {0.15, 0.27, 0.5} <= set(limits)
