"""Traces against networkx on the same edges, and what they do at closed valves, loops and dead ends."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from models.core.errors import UserError
from models.network.graph import build_network
from models.network.trace import connected, downstream, shortest_path, to_outlet, trace, upstream
from tests.support.network.tables import as_graph, keys, node, nodes_of, pipes_of, random_tables

TREE = {name: (100.0 * i, 10.0 * (i % 3)) for i, name in enumerate("ABCDEFO")}


def tree(**columns):
    """Return a storm sewer: A, B → C → E → O (outfall), D → E; F apart."""
    pipes = pipes_of([("A", "C"), ("B", "C"), ("C", "E"), ("D", "E"), ("E", "O")], TREE, kind=["YS"] * 5)
    types = ["manhole"] * 6 + ["outfall"]
    return build_network(pipes, nodes_of(TREE, node_type=types), **columns)[0]


def test_down_up_and_to_the_outlet_in_a_sewer():
    network = tree()
    down = downstream(network, nodes=[node(network, "C")])
    assert keys(network, down.nodes) == {"C", "E", "O"}
    assert network.edge_pipe[down.edges].tolist() == [3, 5]
    assert keys(network, down.ends) == {"O"}
    assert down.length_m == pytest.approx(network.length_m[[2, 4]].sum())
    up = upstream(network, nodes=[node(network, "E")])
    assert keys(network, up.nodes) == {"A", "B", "C", "D", "E"}
    assert keys(network, up.ends) == {"A", "B", "D"}
    out = to_outlet(network, nodes=[node(network, "B")])
    assert out.complete
    assert network.node_key[out.nodes].tolist() == ["B", "C", "E", "O"]
    assert network.edge_pipe[out.edges].tolist() == [2, 3, 5]


def test_from_a_pipe_a_trace_goes_on_from_the_end_to_which_it_leads():
    network = tree()
    pipe = network.edges_of(3)
    assert network.edge_pipe[downstream(network, edges=pipe).edges].tolist() == [3, 5]
    assert set(network.edge_pipe[upstream(network, edges=pipe).edges]) == {1, 2, 3}
    assert network.edge_pipe[to_outlet(network, edges=pipe).edges].tolist() == [3, 5]


def test_several_starts_are_traced_together():
    network = tree()
    found = downstream(network, nodes=[node(network, "A"), node(network, "D")])
    assert keys(network, found.nodes) == {"A", "C", "D", "E", "O"}


def test_a_pipe_that_falls_backwards_stops_the_water_unless_the_drawing_is_believed():
    pipes = pipes_of(
        [("A", "B"), ("B", "C")], TREE, kind=["YS"] * 2, start_invert_m=[9.0, 7.0], end_invert_m=[8.0, 7.5]
    )
    network, _ = build_network(pipes)
    out = to_outlet(network, nodes=[node(network, "A")])
    assert not out.complete
    assert network.node_key[out.nodes].tolist() == ["A", "B"]
    network, _ = build_network(pipes, flow_by="drawn")
    assert network.node_key[to_outlet(network, nodes=[node(network, "A")]).nodes].tolist() == ["A", "B", "C"]


def test_a_pressure_network_leads_both_ways_and_a_closed_valve_stops_it():
    pipes = pipes_of([("A", "B"), ("B", "C"), ("C", "D")], TREE, kind=["JS"] * 3)
    nodes = nodes_of(TREE, node_type=["source", "tee", "valve", "customer", "", "", ""],
                     valve_state=[None, None, "closed", None, None, None, None])  # fmt: skip
    network, _ = build_network(pipes, nodes)
    found = upstream(network, nodes=[node(network, "A")])
    assert keys(network, found.nodes) == {"A", "B", "C"}
    assert keys(network, found.stopped) == {"C"}
    assert keys(network, connected(network, nodes=[node(network, "A")]).nodes) == {"A", "B", "C", "D"}
    at_valve = downstream(network, nodes=[node(network, "C")])
    assert keys(network, at_valve.nodes) == {"A", "B", "C", "D"}
    assert keys(network, to_outlet(network, nodes=[node(network, "B")]).ends) == {"A"}


def test_of_two_parallel_pipes_the_way_takes_the_shorter():
    pipes = pipes_of([("A", "B"), ("A", "B"), ("B", "C")], TREE)
    pipes.loc[1, "geometry"] = shapely.LineString([(0.0, 0.0), (50.0, 400.0), (100.0, 10.0)])
    network, _ = build_network(pipes)
    way = shortest_path(network, node(network, "A"), node(network, "C"))
    assert network.edge_pipe[way.edges].tolist() == [2, 3]


def test_where_no_way_leads_is_said_and_why():
    network = tree()
    with pytest.raises(UserError, match=r"network\.no_path"):
        shortest_path(network, node(network, "A"), node(network, "B"), directed=True)
    pipes = pipes_of([("A", "B"), ("C", "D")], TREE)
    apart, _ = build_network(pipes)
    with pytest.raises(UserError, match=r"network\.apart"):
        shortest_path(apart, node(apart, "A"), node(apart, "D"))
    with pytest.raises(UserError, match=r"network\.no_start"):
        trace(apart, "up")


def test_water_that_goes_round_has_no_outlet():
    pipes = pipes_of([("A", "B"), ("B", "C"), ("C", "A")], TREE, kind=["YS"] * 3)
    network, _ = build_network(pipes)
    with pytest.raises(UserError, match=r"network\.no_outlet"):
        to_outlet(network, nodes=[node(network, "A")])
    assert len(downstream(network, nodes=[node(network, "A")]).edges) == 3


GRAPHS = st.integers(2, 9).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.lists(
            st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), st.sampled_from(["YS", "JS"]), st.integers(-1, 1)),
            min_size=1, max_size=16,
        ),
        st.lists(st.integers(0, n - 1), min_size=1, max_size=3),
    )
)  # fmt: skip


@given(GRAPHS)
@settings(max_examples=30, deadline=None)
def test_traces_are_those_of_networkx_on_the_same_edges(case):
    count, rows, picked = case
    kinds = [kind for *_, kind, _ in rows]
    fall = np.array([float(row[3]) for row in rows])
    pipes, nodes = random_tables(
        [(a, b) for a, b, *_ in rows],
        count,
        kind=kinds,
        start_invert_m=10 + fall,
        end_invert_m=np.full(len(rows), 10.0),
    )
    network, _ = build_network(pipes, nodes)
    directed, plain = as_graph(network, directed=True), as_graph(network)
    starts = sorted({i % network.node_count for i in picked})
    down = set().union(*(nx.descendants(directed, i) | {i} for i in starts))
    up = set().union(*(nx.ancestors(directed, i) | {i} for i in starts))
    both = set().union(*(nx.node_connected_component(plain, i) for i in starts))
    for found, expected, view in (
        (downstream(network, nodes=starts), down, directed),
        (upstream(network, nodes=starts), up, directed.reverse()),
        (connected(network, nodes=starts), both, plain),
    ):
        assert set(found.nodes) == expected
        keys_out = {key for _, _, key in view.edges(expected, keys=True)}
        assert set(found.edges) == {key[0] if isinstance(key, tuple) else key for key in keys_out}
        assert len(set(found.edges)) == len(found.edges)
    for target in range(network.node_count):
        for graph, is_directed in ((directed, True), (plain, False)):
            lengths = [
                nx.dijkstra_path_length(graph, i, target, weight="length")
                for i in starts
                if nx.has_path(graph, i, target)
            ]
            if lengths:
                way = shortest_path(network, starts, target, directed=is_directed)
                assert way.length_m == pytest.approx(min(lengths))
                assert len(way.nodes) == len(way.edges) + 1
            else:
                with pytest.raises(UserError):
                    shortest_path(network, starts, target, directed=is_directed)
