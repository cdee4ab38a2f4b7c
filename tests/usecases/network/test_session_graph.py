"""The one graph of a session: asked twice it is the same, after an edit it is what the tables say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.session import Session
from app.usecases.network import graph
from app.usecases.query import query
from models.core.errors import UserError
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState
from tests.support.network.tables import node, nodes_of, pipes_of
from tests.support.small_city import FRAME

PLACES = {name: (502000.0 + 100 * i, 4059000.0) for i, name in enumerate("ABCD")}


@pytest.fixture
def piped(session: Session) -> Session:
    """Return a session with a line of three pipes."""
    pipes = pipes_of([("A", "B"), ("B", "C"), ("C", "D")], PLACES, kind=["JS"] * 3)
    nodes = nodes_of(PLACES, node_type=["source", "valve", "tee", "customer"], valve_state=[None, "open", None, None])
    layers = (Layer("p", "管线", "vector", "pipes"), Layer("n", "管点", "vector", "pipe_nodes"))
    session.project.replace_all(
        ProjectState(frame=FRAME, layers=layers), {"p": VectorData(pipes), "n": VectorData(nodes)}, None
    )
    return session


def test_the_graph_is_built_once(piped: Session):
    made = graph.network_of(piped, "p")
    assert made.nodes is not None
    assert made.network.edge_count == 3
    assert graph.network_of(piped, "p") is made
    assert graph.is_current(piped, made)


def test_an_edit_of_a_pipe_and_its_undo_are_followed_at_once(piped: Session):
    made = graph.network_of(piped, "p")
    query.set_cell(piped, "p", 2, "end_node", "D")
    assert not graph.is_current(piped, made)
    after = graph.network_of(piped, "p")
    assert after.network.degree[node(after.network, "D")] == 2
    assert after.report.of("contradiction")["code"].tolist() == ["D"]
    piped.history.undo()
    again = graph.network_of(piped, "p").network
    assert again.degree[node(again, "D")] == 1


def test_a_valve_that_was_closed_in_the_table_is_closed_in_the_graph(piped: Session):
    graph.network_of(piped, "p")
    query.set_cell(piped, "n", 102, "valve_state", "closed")
    network = graph.network_of(piped, "p").network
    assert network.valve_state[node(network, "B")] == "closed"


def test_a_filter_of_the_layer_is_followed(piped: Session):
    assert graph.network_of(piped, "p").network.edge_count == 3
    piped.history.do(
        "history.filter", lambda state: state.with_layer(replace(state.layer("p"), filter="end_node != 'D'"))
    )
    assert graph.network_of(piped, "p").network.edge_count == 2


def test_without_pipes_the_request_is_refused(session: Session):
    with pytest.raises(UserError, match=r"network\.no_layer"):
        graph.pipe_layer(session)
