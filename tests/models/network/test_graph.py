"""The graph of a network: who meets whom by code and by place, and what the report says of it."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from models.core.errors import UserError
from models.network.graph import build_network
from tests.support.network.tables import as_graph, drawn, node, nodes_of, pipes_of, random_tables

PLACES = {"A": (0.0, 0.0), "B": (100.0, 0.0), "C": (200.0, 0.0), "D": (100.0, 80.0)}


def test_codes_at_the_ends_make_the_graph():
    network, report = build_network(pipes_of([("A", "B"), ("B", "C"), ("B", "D")], PLACES), nodes_of(PLACES))
    assert (network.node_count, network.edge_count) == (4, 3)
    assert network.degree[node(network, "B")] == 3
    assert network.node_oid[node(network, "D")] == 104
    assert network.length_m.tolist() == [100.0, 100.0, 80.0]
    assert report.counts == {}


def test_a_code_that_contradicts_the_place_is_followed_and_said_with_its_distance():
    pipes = pipes_of([("A", "B"), ("B", "C")], PLACES)
    pipes.loc[2, "geometry"] = shapely.LineString([(100, 7.5), (200, 0)])
    network, report = build_network(pipes, nodes_of(PLACES))
    assert network.degree[node(network, "B")] == 2
    row = report.of("contradiction").iloc[0]
    assert (row["pipe"], row["end"], row["code"]) == (2, "start", "B")
    assert row["distance_m"] == pytest.approx(7.5)


def test_in_the_mode_of_places_the_code_is_what_is_said_to_contradict():
    pipes = pipes_of([("A", "B"), ("C", "C")], {**PLACES, "C": (200.0, 0.0)})
    pipes.loc[2, "geometry"] = shapely.LineString([(100, 0), (200, 0)])
    network, report = build_network(pipes, nodes_of(PLACES), mode="geometry")
    assert network.degree[node(network, "B")] == 2
    assert report.of("contradiction")[["pipe", "end", "code"]].to_numpy().tolist() == [[2, "start", "C"]]


def test_ends_without_codes_meet_within_the_tolerance_and_near_misses_are_listed():
    lines = [[(0, 0), (50, 0)], [(50.3, 0), (90, 0)], [(92, 0), (140, 0)]]
    network, report = build_network(drawn(lines))
    assert network.degree.max() == 2
    assert report.of("snapped")["distance_m"].tolist() == pytest.approx([0.3])
    near = report.of("near_miss")
    assert len(near) == 1
    assert near["distance_m"].iloc[0] == pytest.approx(2.0)
    assert len(report.parts) == 2


def test_with_codes_alone_nothing_is_joined_by_place():
    network, report = build_network(drawn([[(0, 0), (50, 0)], [(50, 0), (90, 0)]]), mode="codes")
    assert network.degree.tolist() == [1, 1, 1, 1]
    assert len(report.of("no_code")) == 4


def test_the_ends_of_a_short_pipe_never_become_one():
    lines = [[(0, 0), (50, 0)], [(50, 0), (50.3, 0)], [(50.3, 0), (90, 0)]]
    network, report = build_network(drawn(lines))
    assert (network.node_count, network.edge_count) == (4, 3)
    assert not len(report.of("self_loop"))
    assert len(report.parts) == 1


def test_pipes_of_two_kinds_at_one_place_do_not_meet_unless_a_code_says_so():
    lines = [[(0, 0), (50, 0)], [(50, 0), (90, 0)]]
    assert len(build_network(drawn(lines, kind=["YS", "WS"]))[1].parts) == 2
    assert len(build_network(drawn(lines, kind=["YS", "WS"]), separate_kinds=False)[1].parts) == 1
    coded = pipes_of([("A", "B"), ("B", "C")], PLACES, kind=["YS", "WS"])
    assert len(build_network(coded)[1].parts) == 1


def test_a_valve_beside_a_junction_is_not_lost_but_put_into_its_line():
    """A point valve within the tolerance of a tee: neither may take the place of the other."""
    lines = [[(0, 0), (50, 0)], [(50, 0), (90, 0)], [(50, 0), (50, 40)]]
    valve = nodes_of({"V": (50.3, 0.0)}, node_type=["valve"], valve_state=["open"])
    network, report = build_network(drawn(lines), valve)
    at = node(network, "V")
    assert network.node_type[at] == "valve"
    assert sorted(np.delete(network.degree, at)) == [1, 1, 1, 3]
    assert network.degree[at] == 2
    row = report.of("split").iloc[0]
    assert (row["pipe"], row["code"]) == (2, "V")
    pieces = network.edges_of(2)
    assert network.length_m[pieces].tolist() == pytest.approx([0.3, 39.7])
    assert network.end[pieces[0]] == network.start[pieces[1]] == at


def test_a_valve_exactly_on_a_junction_makes_the_junction_a_valve():
    lines = [[(0, 0), (50, 0)], [(50, 0), (90, 0)], [(50, 0), (50, 40)]]
    both = nodes_of({"T": (50.0, 0.0), "V": (50.0, 0.0)}, node_type=["tee", "valve"])
    network, report = build_network(drawn(lines), both)
    at = int(np.argmax(network.degree))
    assert (network.node_type[at], network.node_oid[at]) == ("valve", 102)
    assert not len(report.of("unmet_node"))
    assert set(report.of("same_place")["code"]) == {"T", "V"}


def test_several_valves_on_one_line_split_it_in_their_order():
    places = {"V2": (60.0, 0.1), "V1": (20.0, 0.0), "V3": (90.0, 0.0)}
    network, report = build_network(drawn([[(0, 0), (100, 0)]]), nodes_of(places, node_type=["valve"] * 3))
    pieces = network.edges_of(1)
    assert network.node_key[network.end[pieces]].tolist() == ["V1", "V2", "V3", ""]
    assert network.length_m[pieces].tolist() == pytest.approx([20, 40, 30, 10])
    assert network.to_m[pieces].tolist() == pytest.approx([20, 60, 90, 100])
    assert len(report.of("split")) == 3


def test_a_loose_end_on_the_line_of_a_main_is_joined_to_it():
    network, report = build_network(drawn([[(0, 0), (100, 0)], [(40, 0.2), (40, 30)]]))
    assert sorted(network.degree) == [1, 1, 1, 3]
    assert len(report.of("split")) == 1


def test_of_two_nodes_with_one_code_an_end_means_the_nearer():
    pipes = pipes_of([("A", "B"), ("B", "C"), ("D", "B")], {**PLACES, "D": (5000.0, 0.0), "B": (100.0, 0.0)})
    pipes.loc[3, "geometry"] = shapely.LineString([(5000, 0), (5100, 0)])
    nodes = nodes_of({"A": (0, 0), "B": (100, 0), "C": (200, 0), "D": (5000, 0), "x": (5100, 0)})
    nodes.loc[105, "code"] = "B"
    network, report = build_network(pipes, nodes)
    assert len(report.parts) == 2
    assert set(report.of("duplicate_code")["node"]) == {102, 105}
    assert len(network.nodes_of("B")) == 2


def test_what_is_wrong_with_single_pipes_and_nodes_is_listed():
    pipes = pipes_of(
        [("A", "B"), ("B", "A"), ("C", "C"), ("D", "Z"), (None, "D")], {**PLACES, "Z": (0, 9), "": (333, 444)}
    )
    pipes.loc[6] = pipes.loc[1]
    pipes.loc[6, "geometry"] = None
    network, report = build_network(pipes, nodes_of({**PLACES, "far": (900.0, 900.0)}))
    assert report.counts == {
        "unmet_node": 1, "piece": 2, "no_code": 1, "unknown_code": 1, "duplicate_edge": 2, "self_loop": 1,
        "no_length": 1, "no_line": 1,
    }  # fmt: skip
    assert report.of("duplicate_edge")["pipe"].tolist() == [2, 6]
    assert network.edge_count == 6


def test_codes_that_are_numbers_with_gaps_meet_as_numbers():
    pipes = pipes_of([("A", "B"), ("B", "C"), ("B", "D")], PLACES)
    pipes["start_node"], pipes["end_node"] = [11.0, 12.0, 12.0], [12.0, 13.0, np.nan]
    nodes = nodes_of(PLACES)
    nodes["code"] = [11, 12, 13, 14]
    network, _ = build_network(pipes, nodes)
    assert network.degree[node(network, "12")] == 3


def test_gravity_pipes_flow_to_their_lower_end_and_pressure_pipes_both_ways():
    pipes = pipes_of(
        [("A", "B"), ("B", "C"), ("B", "D"), ("C", "D")], PLACES, kind=["YS", "YS", "WS", "JS"],
        start_invert_m=[10.0, 9.0, np.nan, 9.0], end_invert_m=[9.0, 9.5, 8.0, 8.0],
    )  # fmt: skip
    network, report = build_network(pipes)
    assert network.flow.tolist() == [1, -1, 1, 0]
    assert report.flow == {"inverts": 2, "drawn": 1, "both_ways": 1, "against": 1}
    assert build_network(pipes, flow_by="drawn")[0].flow.tolist() == [1, 1, 1, 0]


def test_parts_tell_what_leads_nowhere():
    places = {**PLACES, "P": (1000.0, 0.0), "Q": (1100.0, 0.0)}
    pipes = pipes_of([("A", "B"), ("B", "C"), ("P", "Q")], places, kind=["YS"] * 3)
    nodes = nodes_of(places, node_type=["manhole", "manhole", "outfall", "manhole", "manhole", "manhole"])
    _, report = build_network(pipes, nodes)
    assert report.parts["nodes"].tolist() == [3, 2]
    assert report.parts["outlets"].tolist() == [1, 0]
    assert report.of("piece")["pipe"].tolist() == [3]


@given(
    st.integers(1, 12).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), min_size=1))
    )
)
@settings(max_examples=25, deadline=None)
def test_parts_and_loops_are_those_of_networkx(given_graph):
    """Any graph: parallel pipes, loops of one pipe, nodes on no pipe."""
    count, pairs = given_graph
    network, report = build_network(*random_tables(pairs, count))
    graph = as_graph(network)
    expected = sorted((len(part) for part in nx.connected_components(graph)), reverse=True)
    assert report.parts["nodes"].tolist() == expected
    assert report.loops == graph.number_of_edges() - graph.number_of_nodes() + len(expected)
    assert dict(graph.degree) == dict(enumerate(network.degree))
    met = {a for pair in pairs for a in pair}
    assert len(report.of("unmet_node")) == count - len(met)
    assert network.node_count == len(met)


@given(
    st.lists(
        st.tuples(*[st.integers(0, 4)] * 4).filter(lambda row: row[:2] != row[2:]), min_size=1, max_size=12, unique=True
    ),
    st.randoms(use_true_random=False),
)
@settings(max_examples=25, deadline=None)
def test_places_join_what_codes_would(rows, random):
    """Ends shaken by less than half the tolerance meet as those with codes do; no node is on a line here."""
    far = {(x, y): (1000.0 * x + 37.0 * y * y, 1000.0 * y + 53.0 * x * x) for x in range(5) for y in range(5)}

    def shaken(place):
        x, y = far[place]
        return x + random.uniform(-0.15, 0.15), y + random.uniform(-0.15, 0.15)

    ends = [((a, b), (c, d)) for a, b, c, d in rows]
    by_place, report = build_network(drawn([[shaken(p), shaken(q)] for p, q in ends]))
    by_code = nx.MultiGraph(ends)
    if not len(report.of("split")):
        assert by_place.node_count == by_code.number_of_nodes()
        assert sorted(by_place.degree) == sorted(degree for _, degree in by_code.degree)
        assert len(report.parts) == nx.number_connected_components(by_code)


def test_ten_thousand_pieces_are_counted_at_once():
    lines = [[(10.0 * i, 0.0), (10.0 * i + 5.0, 0.0)] for i in range(10_000)]
    _, report = build_network(drawn(lines), tolerance_m=0.5)
    assert len(report.parts) == 10_000
    assert len(report.of("piece")) == 9_999


def test_degrees_and_nothing_are_refused_by_name():
    with pytest.raises(UserError, match=r"crs\.degrees"):
        build_network(drawn([[(0, 0), (1, 1)]]).set_crs("EPSG:4490", allow_override=True))
    with pytest.raises(UserError, match=r"network\.no_pipes"):
        build_network(drawn([[(0, 0), (1, 1)]]).iloc[:0])


def test_a_node_that_says_no_kind_stands_on_pipes_of_any():
    lines = [[(0, 0), (50, 0)], [(50, 0), (90, 0)], [(0, 5), (50, 5)], [(50, 5), (90, 5)]]
    nodes = nodes_of({"A": (50.0, 0.2), "B": (50.0, 5.1), "V": (70.0, 5.0)}, node_type=["", "", "valve"])
    network, report = build_network(drawn(lines, kind=["YS", "YS", "JS", "JS"]), nodes)
    assert network.degree[node(network, "A")] == network.degree[node(network, "B")] == 2
    assert report.of("split")["pipe"].tolist() == [4]
    assert not len(report.of("unmet_node"))


def test_a_node_at_an_end_whose_code_is_in_no_table_still_tells_what_stands_there():
    pipes = pipes_of([("A", "B"), ("B", "ZZ")], {**PLACES, "ZZ": PLACES["C"]}, kind=["YS"] * 2)
    nodes = nodes_of({name: PLACES[name] for name in "ABC"}, node_type=["manhole", "manhole", "outfall"])
    network, report = build_network(pipes, nodes)
    assert network.node_type[node(network, "ZZ")] == "outfall"
    assert report.of("unknown_code")["code"].tolist() == ["ZZ"]
    assert report.of("unmet_node")["code"].tolist() == ["C"]


def test_a_pipe_that_is_drawn_against_its_codes_is_one_finding_and_no_contradiction():
    pipes = pipes_of([("A", "B"), ("B", "C")], PLACES)
    pipes.loc[2, "geometry"] = shapely.reverse(pipes.geometry[2])
    network, report = build_network(pipes, nodes_of(PLACES))
    assert report.of("reversed")["pipe"].tolist() == [2]
    assert not len(report.of("contradiction"))
    assert network.node_key[network.start[1]] == "B", "the codes decide"
