"""Questions to a network: answered as the tables are now, exported, and refused by name."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from app.command_line.main import run
from app.session import Session
from app.usecases.network import graph, questions, result_tables
from app.usecases.network.questions import Place, Question
from app.usecases.query import query
from models.core.errors import UserError
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState
from tests.support.network.tables import nodes_of, pipes_of
from tests.support.small_city import FRAME

NAMES = ["S", "V1", "T", "V2", "K1", "V3", "K2"]
PLACES = {name: (502000.0 + 100 * i, 4059000.0) for i, name in enumerate(NAMES)}
TYPES = ["source", "valve", "tee", "valve", "customer", "valve", "customer"]


def tables() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    pairs = list(pairwise(NAMES))
    pipes = pipes_of(pairs, PLACES, kind=["JS"] * 6, code=[f"P{i}" for i in range(1, 7)],
                     diameter_mm=[200, 200, 200, 200, np.nan, 200])  # fmt: skip
    states = [None, "open", None, "open", None, "faulty", None]
    return pipes, nodes_of(PLACES, node_type=TYPES, valve_state=states, kind=["JS"] * 7)


@pytest.fixture
def water(session: Session) -> Session:
    """Return a session with a street of water mains and three houses."""
    pipes, nodes = tables()
    houses = gpd.GeoDataFrame(
        {"pipe_node": [None, "K2", None]},
        geometry=[shapely.box(x, 4059010, x + 8, 4059018) for x in (502340.0, 502100.0, 509000.0)],
        crs="EPSG:4548", index=pd.Index([7, 8, 9], name="fid"),
    )  # fmt: skip
    layers = (
        Layer("p", "管线", "vector", "pipes"), Layer("n", "管点", "vector", "pipe_nodes"),
        Layer("b", "建筑", "vector", "buildings"),
    )  # fmt: skip
    data = {"p": VectorData(pipes), "n": VectorData(nodes), "b": VectorData(houses)}
    session.project.replace_all(ProjectState(frame=FRAME, layers=layers), data, None)
    return session


def ask(session: Session, what: str, *texts: str, **more) -> questions.Answer:
    made = graph.network_of(session, "p")
    return questions.answer(session, Question(what, "p", tuple(questions.place_of(made, t) for t in texts), **more))


def test_a_burst_tells_valves_customers_buildings_water_and_price(water: Session):
    found = ask(water, "isolate", "P4")
    plan = found.plan
    assert set(found.network.node_key[plan.close]) == {"V2"}
    assert found.buildings.by_layer(plan.attached) == {"b": pytest.approx([7, 8])}
    assert found.price.customers == 0
    assert found.price.valves == -1  # beyond V3 there is no valve left to close
    assert found.water_m3 == pytest.approx(np.pi / 4 * 0.04 * 200)
    assert found.water_unknown_m == pytest.approx(100)


def test_a_valve_that_does_not_close_makes_a_second_plan(water: Session):
    question = ask(water, "isolate", "P4").question
    second = questions.answer(water, questions.toggled_faulty(question, 104))
    assert set(second.network.node_key[second.plan.close]) == {"V1"}
    back = questions.answer(water, questions.toggled_faulty(second.question, 104))
    assert set(back.network.node_key[back.plan.close]) == {"V2"}


def test_an_edit_is_in_the_next_answer(water: Session):
    question = ask(water, "isolate", "P4").question
    query.set_cell(water, "n", 106, "valve_state", "open")
    again = questions.answer(water, question)
    assert set(again.network.node_key[again.plan.close]) == {"V2", "V3"}
    query.set_cell(water, "p", 4, "start_node", "T")
    cut = questions.answer(water, question)
    assert set(cut.network.node_key[cut.plan.close]) == {"V1", "V3"}  # V2 now ends a dead branch


def test_what_a_closed_valve_isolates_is_asked_of_the_valve(water: Session):
    found = ask(water, "closed", "V2")
    assert set(found.network.node_key[found.loss.customers]) == {"K1", "K2"}


def test_the_way_between_two_pipes_holds_both(water: Session):
    made = graph.network_of(water, "p")
    found = questions.answer(water, Question("path", "p", (Place(False, 2),), (Place(False, 5),)))
    assert found.pipes(found.trace.edges).tolist() == [2, 3, 4, 5]
    assert made is found.made


def test_places_that_are_not_there_or_ambiguous_are_refused(water: Session):
    made = graph.network_of(water, "p")
    for text in ("nothing", "pipe:99", "node:1", ""):
        with pytest.raises(UserError, match=r"network\.no_such_place"):
            questions.place_of(made, text)
    query.set_cell(water, "p", 2, "code", "P1")
    with pytest.raises(UserError, match=r"network\.ambiguous"):
        questions.place_of(graph.network_of(water, "p"), "P1")


@pytest.mark.parametrize("suffix", [".gpkg", ".csv", ".xlsx"])
def test_an_answer_is_written_whole(water: Session, tmp_path: Path, suffix: str):
    found = ask(water, "isolate", "P4")
    out = tmp_path / f"isolation{suffix}"
    result_tables.export(water, found, out)
    if suffix == ".gpkg":
        assert set(pyogrio.list_layers(out)[:, 0]) == {"pipes", "nodes", "valves", "buildings"}
        valves = gpd.read_file(out, layer="valves")
        assert dict(zip(valves["code"], valves["action"], strict=True)) == {"V2": "close", "V3": "passed"}
    else:
        assert out.stat().st_size > 100
    with pytest.raises(UserError, match=r"export\.unknown_format"):
        result_tables.export(water, found, tmp_path / "a.txt")


def test_edges_along_a_split_pipe_are_found_by_the_distance(water: Session):
    pipes = pipes_of([("S", "K2")], PLACES, kind=["JS"])
    pipes = pipes.assign(start_node=None, end_node=None)
    valves = nodes_of({"V": PLACES["V1"], "W": PLACES["V2"]}, node_type=["valve"] * 2)
    network = graph.build_network(pipes, valves)[0]
    found = questions.edges_along(network, np.array([1, 1, 1, 5]), np.array([50.0, 150.0, 599.0, 3.0]))
    assert network.from_m[found[:3]].tolist() == pytest.approx([0, 100, 300])
    assert found[3] == -1


@pytest.fixture
def files(tmp_path: Path) -> Path:
    path = tmp_path / "water.gpkg"
    pipes, nodes = tables()
    pipes.to_file(path, layer="pipes")
    nodes.to_file(path, layer="pipe_nodes")
    return path


def test_the_command_line_builds_traces_and_isolates_bare_files(files: Path, capsys, tmp_path: Path):
    assert run(["network", "build", str(files), "--json"]) == 0
    built = json.loads(capsys.readouterr().out)
    assert (built["nodes"], built["edges"], built["counts"]) == (7, 6, {})
    assert run(["network", "trace", str(files), "--from", "P2", "--to", "K2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pipes"] == ["P2", "P3", "P4", "P5", "P6"]
    out = tmp_path / "list.csv"
    assert run(["network", "isolate", str(files), "--from", "P4", "--faulty", "V2", "--json", "--out", str(out)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["close"] == [{"valve": "V1", "fed": True}]
    assert found["cannot_close"] == ["V2", "V3"]
    assert found["price_of_faults"]["customers"] == 0
    assert out.exists()
    assert run(["--lang", "zh", "network", "isolate", str(files), "--valve", "V2"]) == 0
    assert "用户 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["trace", "--from", "zzz"], ["trace", "--from", "P1", "--direction", "path"], ["isolate"],
        ["isolate", "--from", "P1", "--valve", "V1"], ["build", "--tolerance", "-1"], ["build", "--tolerance", "nan"],
        ["build", "--layer", "none"], ["build", "--kind", "it's"], ["trace", "--from", "K1", "--to", "P9"],
    ],
)  # fmt: skip
def test_what_cannot_be_asked_ends_with_code_3_and_a_cure(files: Path, capsys, words: list[str]):
    assert run(["--lang", "zh", "network", words[0], str(files), *words[1:]]) == 3
    assert "→" in capsys.readouterr().err
