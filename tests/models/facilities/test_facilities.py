"""The register of municipal components and the networks under the street."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from models.facilities import networks, register
from tests.support.components import EDITION, components


def test_a_state_that_nobody_recorded_is_unknown_not_intact():
    assert register.status_of(components()).tolist() == ["intact", "damaged", "missing", "unknown", "unknown", "intact"]
    assert register.status_of(pd.DataFrame({"a": [1]})).tolist() == ["unknown"]


def test_counts_are_by_class_and_state_and_add_up():
    counted = register.counts(components(), EDITION)
    assert counted.index.tolist() == ["0101", "0103", "0104", "0118", ""]
    assert counted.loc["0103", "damaged"] == 1
    assert counted["total"].sum() == 6
    assert counted[list(register.states())].to_numpy().sum() == 6


def test_counting_nothing_gives_an_empty_table_with_all_columns():
    counted = register.counts(components().iloc[:0], EDITION)
    assert len(counted) == 0
    assert counted.columns.tolist() == [*register.states(), "total"]


def test_a_storm_drain_grate_is_not_a_manhole_cover():
    assert components()[register.is_cover(components(), EDITION)].index.tolist() == [1, 2]


def network() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    nodes = gpd.GeoDataFrame(
        {"code": ["A", "B", "C", "D"], "node_type": ["manhole", "manhole", "outfall", "manhole"]},
        geometry=[Point(0, 0), Point(50, 0), Point(100, 0), Point(50, 50)],
        crs="EPSG:4548",
    )
    pipes = gpd.GeoDataFrame(
        {
            "kind": ["WS", "WS", "YS", "JS", "YS"],
            "diameter_mm": [500, 400, 500, 100, 300],
            "start_node": ["A", "B", "B", "A", "Z"],
            "end_node": ["B", "C", "D", "C", "C"],
            "start_invert_m": [30.0, 29.0, 30.0, 30.0, np.nan],
            "end_invert_m": [29.5, 29.5, 29.0, 31.0, 29.0],
        },
        geometry=[
            LineString([(0, 0, 30), (50, 0, 29)]), LineString([(50, 0), (100, 0)]), LineString([(50, 0), (50, 40)]),
            LineString([(0, 0), (100, 0)]), LineString([(100, 50), (100, 0)]),
        ],
        crs="EPSG:4548",
        index=[1, 2, 3, 4, 5],
    )  # fmt: skip
    return pipes, nodes


def test_only_drains_that_climb_are_adverse():
    found = networks.adverse_slopes(network()[0])
    assert found.index.tolist() == [2]  # the water main under pressure may climb; one without invert is not judged
    assert found.loc[2, "rise_m"] == pytest.approx(0.5)
    assert found.loc[2, "slope"] == pytest.approx(0.01)


def test_ends_that_meet_no_node_are_found_with_the_reason():
    found = networks.dangling_ends(*network())
    assert [tuple(row) for row in found[["pipe_fid", "end", "reason"]].to_numpy()] == [
        (3, "end", "apart"),
        (5, "start", "no_node"),
    ]
    assert found.loc[0, "distance_m"] == pytest.approx(10.0)


def test_water_that_flows_in_and_nowhere_out_is_found():
    assert networks.sinks_without_outfall(*network()) == ["D"]


def test_a_drain_narrower_than_its_inflow_is_found():
    found = networks.narrowings(network()[0])
    assert found.index.tolist() == [2]
    assert found.loc[2].tolist() == [400, 500]


def test_a_node_that_no_pipe_meets_is_found():
    pipes, nodes = network()
    assert networks.unused_nodes(pipes, nodes) == []
    assert networks.unused_nodes(pipes.iloc[:2], nodes) == ["D"]


@pytest.mark.slow
def test_the_faults_planted_in_the_sample_networks_are_found(sample_city: Path):
    from models.store.project_file import open_project

    _, data = open_project(sample_city)
    truth = json.loads((sample_city.parent / "sample_files" / "truth.json").read_text(encoding="utf-8"))
    planted = {item["id"]: set(item["codes"]) for item in truth["planted"]}
    pipes, nodes = data["pipes"].frame, data["pipe_nodes"].frame
    code = pipes["code"]
    assert set(code[networks.adverse_slopes(pipes).index]) == planted["storm_pipe_backwards"]
    assert set(code[networks.narrowings(pipes).index]) == planted["storm_pipe_narrows"]
    assert set(networks.unused_nodes(pipes, nodes)) == planted["sewage_node_dangling"]
    assert networks.dangling_ends(pipes, nodes).empty
    assert networks.sinks_without_outfall(pipes, nodes) == []


def test_what_is_out_of_use_is_kept_and_counted_apart():
    assert register.out_of_use() == ("abandoned",)
    frame = pd.DataFrame({"ObjState": ["废弃", "报废", "完好", "Abandoned"]})
    assert register.status_of(frame).tolist() == ["abandoned", "abandoned", "intact", "abandoned"]
    assert not any(state.severity > 1 for state in register.states().values() if not state.active)
