"""The panel and the pointing tool of networks, with real clicks and keys."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.usecases.query import query
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState
from tests.support.network.tables import nodes_of, pipes_of
from tests.support.window import FRAME, at, click, settle

NAMES = ["S", "V1", "T", "V2", "K1", "V3", "K2"]
PLACES = {name: (501880.0 + 40 * i, 4059000.0 + 6 * (i % 2)) for i, name in enumerate(NAMES)}
TYPES = ["source", "valve", "tee", "valve", "customer", "valve", "customer"]
BASE_M = 28.0


@pytest.fixture
def piped(make):
    """Return a window on a street of water mains, a sewer beside it and a house."""
    window = make(city=False)
    sewer = {
        "A": (501880.0, 4058950.0),
        "B": (501960.0, 4058950.0),
        "C": (502040.0, 4058950.0),
        "D": (502120.0, 4058950.0),
    }
    rows = [*pairwise(NAMES), ("A", "B"), ("B", "C"), ("C", "D")]
    pipes = pipes_of(rows, PLACES | sewer, kind=["JS"] * 6 + ["YS"] * 3, code=[f"P{i}" for i in range(1, 10)],
                     diameter_mm=[300] * 9)  # fmt: skip
    pipes["geometry"] = shapely.force_3d(pipes.geometry.to_numpy(), BASE_M)
    states = [None, "open", None, "open", None, "open", None] + [None] * 4
    nodes = nodes_of(PLACES | sewer, node_type=TYPES + ["manhole"] * 3 + ["outfall"], valve_state=states,
                     kind=["JS"] * 7 + ["YS"] * 4)  # fmt: skip
    walls = shapely.box(502030, 4059020, 502050, 4059035)
    house = gpd.GeoDataFrame({"height_m": [9.0], "base_m": [30.0]}, geometry=[walls], crs="EPSG:4548")
    layers = (
        Layer("b", "房屋", "vector", "buildings", name_en="Houses"), Layer("n", "管点", "vector", "pipe_nodes"),
        Layer("p", "管线", "vector", "pipes", name_en="Pipes"),
    )  # fmt: skip
    data = {"p": VectorData(pipes), "n": VectorData(nodes), "b": VectorData(house)}
    window.session.project.replace_all(ProjectState("小城", "Town", FRAME, layers), data, None)
    settle(window)
    window.context.canvas.view.fly_to_point((502010.0, 4058985.0, BASE_M), 320.0)
    settle(window)
    return window


def feature(window):
    return window.features["network"]


def middle(window, fid: int):
    line = feature(window).made.pipe_table.geometry.at[fid]
    point = shapely.force_2d(line).interpolate(0.5, normalized=True)
    return at(window, (point.x, point.y, BASE_M))


def texts(window) -> dict[str, list[str]]:
    tree = feature(window).panel.list
    heads = [tree.topLevelItem(i) for i in range(tree.topLevelItemCount())]
    return {head.text(0): [head.child(i).text(0) for i in range(head.childCount())] for head in heads}


def colour(window, layer: str, oid: int):
    oids, rgba = window.context.scene_sync.result_colours.painted(layer)
    return tuple(int(c) for c in rgba[np.flatnonzero(oids == oid)[0]][:3])


def test_the_report_lists_what_does_not_hang_together(piped):
    piped.context.commands.run("network.report")
    settle(piped)
    panel = feature(piped).panel
    assert panel.tab == "build"
    assert "11" in panel.summary.text()
    query.set_cell(piped.session, "p", 9, "end_node", "ZZ")
    settle(piped)
    kinds = [panel.findings.itemData(i) for i in range(panel.findings.count())]
    assert {"unknown_code", "unmet_node"} <= set(kinds)


def test_clicks_trace_and_escape_clears_then_lays_the_tool_down(piped):
    own, view = feature(piped), piped.context.canvas.view
    piped.context.commands.run("network.down")
    settle(piped)
    click(piped, middle(piped, 8))
    settle(piped)
    found = own.answer
    assert found.pipes(found.trace.edges).tolist() == [8, 9]
    assert texts(piped)["终点"] == ["D"]
    assert colour(piped, "p", 9) != colour(piped, "p", 7)
    assert piped.session.visibility.through is not None
    assert piped.session.project.is_saved, "looking changes no project"
    click(piped, middle(piped, 4), Qt.KeyboardModifier.ControlModifier)
    settle(piped)
    assert len(own.answer.question.starts) == 2
    click(piped, at(piped, (501990.0, 4059040.0, 30.0)))
    assert "没有" in own.panel.hint.text()
    assert own.answer is not None, "a miss takes nothing away"
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert own.answer is None
    assert piped.context.scene_sync.result_colours.legend is None
    assert piped.session.visibility.through is None
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert not own._tool.is_open

    piped.context.commands.run("network.path")
    settle(piped)
    click(piped, middle(piped, 1))
    assert own.answer is None
    click(piped, middle(piped, 4))
    settle(piped)
    assert own.answer.pipes(own.answer.trace.edges).tolist() == [1, 2, 3, 4]
    piped.session.history.do("history.remove_layer", lambda state: state.without_layer("p"))
    settle(piped)
    assert own.answer is None, "without its layer an answer goes"


def test_a_burst_is_isolated_and_follows_stuck_valves_and_edits_at_once(piped, tmp_path):
    own, panel = feature(piped), feature(piped).panel
    piped.context.commands.run("network.isolate")
    settle(piped)
    click(piped, middle(piped, 4))
    settle(piped)
    shown = texts(piped)
    assert [row.split()[1] for row in shown["需关闭的阀门"]] == ["V2", "V3"]
    assert shown["停水用户"] == ["K1", "K2"]
    assert "停水建筑" in shown
    assert len(piped.context.scene_sync.result_colours.numbers) == 2

    panel.list.topLevelItem(0).child(0).setCheckState(1, Qt.CheckState.Checked)
    settle(piped)
    shown = texts(piped)
    assert [row.split()[1] for row in shown["需关闭的阀门"]] == ["V1", "V3"]
    assert [row.split()[0] for row in shown["无法关闭的阀门"]] == ["V2"]
    assert "+" in panel.notes.text()

    query.set_cell(piped.session, "n", 106, "valve_state", "closed")
    settle(piped)
    assert [row.split()[0] for row in texts(piped)["已关闭的阀门"]] == ["V3"]
    piped.session.history.undo()
    settle(piped)
    assert len(texts(piped)["需关闭的阀门"]) == 2

    piped.context.commands.run("network.closed")
    settle(piped)
    click(piped, at(piped, (*PLACES["V2"], BASE_M)))
    settle(piped)
    assert texts(piped)["停水用户"] == ["K1", "K2"]
    own.export_to(tmp_path / "closed.gpkg")
    settle(piped)
    assert (tmp_path / "closed.gpkg").exists()
