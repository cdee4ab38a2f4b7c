"""Isolation of a burst: by hand on small networks, and against a search in networkx on any graph."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.core.errors import UserError
from models.network.graph import build_network
from models.network.isolation import (
    Attached,
    effect_of_closing,
    isolate,
    price_of_faults,
    table_of_valves,
    valve_states,
)
from tests.support.network.tables import as_graph, keys, nodes_of, pipes_of, random_tables

NAMES = ["S", "V1", "T", "V2", "K1", "V3", "K2", "V4", "K3"]
PLACES = {name: (100.0 * i, 20.0 * (i % 2)) for i, name in enumerate(NAMES)}
TYPES = ["source", "valve", "tee", "valve", "customer", "valve", "customer", "valve", "hydrant"]


def street(states: dict[str, str] | None = None):
    """Return S–V1–T–V2–K1–V3–K2 with the branch T–V4–K3 (hydrant)."""
    rows = [("S", "V1"), ("V1", "T"), ("T", "V2"), ("V2", "K1"), ("K1", "V3"), ("V3", "K2"), ("T", "V4"), ("V4", "K3")]
    given_states = {"V1": "open", "V2": "open", "V3": "open", "V4": "open"} | (states or {})
    nodes = nodes_of(PLACES, node_type=TYPES, valve_state=[given_states.get(name) for name in NAMES])
    return build_network(pipes_of(rows, PLACES, kind=["JS"] * 8), nodes)[0]


def test_a_burst_between_two_valves_closes_them_and_cuts_off_what_lies_beyond():
    network = street()
    plan = isolate(network, edges=network.edges_of(4))
    assert keys(network, plan.close) == {"V2", "V3"}
    assert network.node_key[plan.close[plan.fed]].tolist() == ["V2"]
    assert keys(network, plan.segment.customers) == {"K1"}
    assert keys(network, plan.cut.customers) == {"K2"}
    assert set(network.edge_pipe[plan.segment.edges]) == {3 + 1, 5}
    assert not len(plan.hydrants)
    assert price_of_faults(network, plan, edges=network.edges_of(4)) is None


def test_a_valve_that_is_closed_already_isolates_and_needs_nothing():
    network = street({"V3": "closed"})
    plan = isolate(network, edges=network.edges_of(4))
    assert keys(network, plan.close) == {"V2"}
    assert keys(network, plan.shut) == {"V3"}
    assert keys(network, plan.customers) == {"K1"}
    assert plan.dry_before == 1  # K2 was without water before


def test_a_closed_valve_elsewhere_makes_the_burst_cost_customers_beyond_the_segment():
    """The loop that would have fed K from the other side is closed: a trace that ignores it misses K."""
    names = {"S": (0.0, 0.0), "A": (100.0, 0.0), "V": (200.0, 0.0), "K": (300.0, 0.0), "W": (150.0, 90.0)}
    rows = [("S", "A"), ("A", "V"), ("V", "K"), ("S", "W"), ("W", "K")]
    pipes = pipes_of(rows, names, kind=["JS"] * 5)
    for state, cut in (("open", set()), ("closed", {"K"})):
        nodes = nodes_of(names, node_type=["source", "valve", "valve", "customer", "valve"],
                         valve_state=[None, "open", "open", None, state])  # fmt: skip
        network, _ = build_network(pipes, nodes)
        plan = isolate(network, edges=network.edges_of(2))
        assert keys(network, plan.close) == {"A", "V"}
        assert keys(network, plan.cut.customers) == cut
        assert not len(plan.segment.customers)


def test_beyond_a_valve_that_cannot_be_closed_the_search_goes_on_and_tells_the_price():
    network = street({"V2": "faulty"})
    burst = network.edges_of(4)
    plan = isolate(network, edges=burst)
    assert keys(network, plan.close) == {"V1", "V3", "V4"}
    assert keys(network, plan.passed) == {"V2"}
    assert keys(network, plan.hydrants) == {"K3"}
    price = price_of_faults(network, plan, edges=burst)
    assert (price.valves, price.customers, price.hydrants) == (1, 0, 1)
    assert price.length_m > 200
    table = table_of_valves(network, plan, valve_states(network))
    assert dict(zip(table["code"], table["action"], strict=True)) == {
        "V1": "close", "V3": "close", "V4": "close", "V2": "passed",
    }  # fmt: skip


def test_a_valve_that_turns_out_not_to_close_makes_a_second_plan():
    network = street()
    states = valve_states(network, faulty=network.nodes_of("V2"))
    second = isolate(network, edges=network.edges_of(4), states=states)
    assert keys(network, second.close) == {"V1", "V3", "V4"}


def test_a_faulty_valve_that_was_found_closed_isolates_all_the_same():
    network = street({"V2": "faulty"})
    states = valve_states(network, closed=network.nodes_of("V2"))
    plan = isolate(network, edges=network.edges_of(4), states=states)
    assert keys(network, plan.close) == {"V3"}
    assert keys(network, plan.shut) == {"V2"}


def test_a_valve_without_a_state_is_closed_but_named_as_unknown():
    network = street({"V3": ""})
    plan = isolate(network, edges=network.edges_of(4))
    assert keys(network, plan.unknown) == {"V3"}


def test_a_valve_inside_the_closed_part_is_left_alone():
    """A branch that comes back into the same segment: its valve closes nothing."""
    names = {"S": (0.0, 0.0), "V": (50.0, 0.0), "A": (100.0, 0.0), "W": (150.0, 30.0), "B": (200.0, 0.0)}
    rows = [("S", "V"), ("V", "A"), ("A", "B"), ("A", "W"), ("W", "B")]
    nodes = nodes_of(
        names, node_type=["source", "valve", "", "valve", ""], valve_state=[None, "open", None, "open", None]
    )
    network, _ = build_network(pipes_of(rows, names, kind=["JS"] * 5), nodes)
    assert keys(network, isolate(network, edges=network.edges_of(3)).close) == {"V"}


def test_a_burst_at_a_valve_takes_both_its_sides():
    network = street()
    plan = isolate(network, nodes=network.nodes_of("V2"))
    assert keys(network, plan.close) == {"V1", "V3", "V4"}


def test_what_hangs_on_pipes_is_lost_with_them():
    network = street()
    hung = Attached(edge=np.array([network.edges_of(4)[0], network.edges_of(6)[0], network.edges_of(1)[0], -1]),
                    node=np.array([-1, -1, -1, network.nodes_of("K2")[0]]))  # fmt: skip
    plan = isolate(network, edges=network.edges_of(4), attached=hung)
    assert plan.segment.attached.tolist() == [0]
    assert plan.cut.attached.tolist() == [1, 3]


def test_without_a_source_nobody_can_say_who_is_cut_off():
    network = street()
    types = np.where(network.node_type == "source", "tee", network.node_type).astype(object)
    network = replace(network, node_type=types)
    plan = isolate(network, edges=network.edges_of(4))
    assert not len(plan.sources)
    assert not len(plan.cut.nodes)
    assert keys(network, plan.close) == {"V2", "V3"}
    with pytest.raises(UserError, match=r"network\.no_source"):
        effect_of_closing(network, network.nodes_of("V2"))


def test_what_a_closed_valve_isolates():
    network = street()
    lost = effect_of_closing(network, network.nodes_of("V2"))
    assert keys(network, lost.customers) == {"K1", "K2"}
    assert set(network.edge_pipe[lost.edges]) == {4, 5, 6}
    closed = street({"V3": "closed"})
    assert keys(closed, effect_of_closing(closed, closed.nodes_of("V3")).customers) == {"K2"}


CASES = st.integers(2, 10).flatmap(
    lambda n: st.tuples(
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), min_size=1, max_size=18),
        st.lists(st.sampled_from(["", "", "open", "closed", "faulty", "source", "customer"]), min_size=n, max_size=n),
        st.integers(0, 17),
    )
)


@given(CASES)
@settings(max_examples=30, deadline=None)
def test_isolation_is_what_a_search_in_networkx_finds(case):
    """The closed part is grown pipe by pipe; who is cut off is asked of a graph from which closed valves are taken."""
    pairs, words, burst = case
    count = len(words)
    types = ["valve" if word in ("open", "closed", "faulty") else word for word in words]
    states = [word if kind == "valve" else None for word, kind in zip(words, types, strict=True)]
    pipes, nodes = random_tables(pairs, count, kind=["JS"] * len(pairs), node_type=types, valve_state=states)
    network, _ = build_network(pipes, nodes)
    burst %= network.edge_count
    plan = isolate(network, edges=[burst])
    state = valve_states(network)
    stops = {i for i in range(network.node_count) if state[i] in ("open", "closed")}

    # A pipe joins the closed part when it shares a node that stops nothing with a pipe in it.
    graph = as_graph(network)
    grown, todo = {burst}, [burst]
    while todo:
        edge = todo.pop()
        for end in {int(network.start[edge]), int(network.end[edge])} - stops:
            for *_, key in graph.edges(end, keys=True):
                if key not in grown:
                    grown.add(key)
                    todo.append(key)
    touched = {int(i) for edge in grown for i in (network.start[edge], network.end[edge])}
    outside = {int(i) for e in set(range(network.edge_count)) - grown for i in (network.start[e], network.end[e])}
    bounds = touched & stops & outside
    assert set(plan.segment.edges) == grown
    assert set(plan.close) == {i for i in bounds if state[i] == "open"}
    assert set(plan.shut) == {i for i in bounds if state[i] == "closed"}

    def served(graph, sources):
        return set().union(set(), *(nx.node_connected_component(graph, i) for i in sources if i in graph))

    sources = [i for i in range(network.node_count) if network.node_type[i] == "source"]
    closed = {i for i in stops if state[i] == "closed"}
    before = graph.copy()
    before.remove_nodes_from(closed)
    after = graph.copy()
    after.remove_edges_from([(u, v, k) for u, v, k in graph.edges(keys=True) if k in grown])
    after.remove_nodes_from(closed | bounds | (touched - stops))
    lost = served(before, sources) - served(after, sources)
    customers = {i for i in range(network.node_count) if network.node_type[i] == "customer"}
    if sources:
        assert set(plan.cut.customers) == (lost - touched) & customers
        assert set(plan.segment.customers) == (touched - stops) & customers
