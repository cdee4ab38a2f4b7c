"""A network of a million pipes: built, traced and isolated by ours, by bare SciPy and by bare rustworkx in one run.

Run: ``python benchmarks/network.py [side]``; a grid of ``side`` × ``side`` streets (708 gives a million pipes), every
seventh node a valve. Processor time, so that other work on the machine counts little; aim at most 1.5 times bare SciPy.
Bare means what each library does with node numbers that are there already: for the building, codes become numbers by
one factorisation, no place is looked at and nothing is reported.
"""

import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import geopandas as gpd
import numpy as np
import pandas as pd
import rustworkx as rx
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, dijkstra

from models.network.graph import build_network
from models.network.isolation import isolate, valve_states
from models.network.trace import connected, shortest_path

SIDE = int(sys.argv[1]) if len(sys.argv) > 1 else 708
STEP_M = 25.0
VALVE_EVERY = 7


def processor_s() -> float:
    """Return the processor time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measured(work: Callable[[], Any], times: int = 1) -> tuple[Any, float]:
    """Return what a function gives and its least processor time."""
    best, found = np.inf, None
    for _ in range(times):
        start = processor_s()
        found = work()
        best = min(best, processor_s() - start)
    return found, best


def tables() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, Any, Any]:
    """Return pipes and nodes of a grid, and the numbers of the nodes at both ends."""
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    right, up = np.flatnonzero(column < SIDE - 1), np.flatnonzero(row < SIDE - 1)
    start, end = np.append(right, up), np.append(right + 1, up + SIDE)
    places = np.column_stack([500_000 + STEP_M * column, 4_000_000 + STEP_M * row])
    codes = np.char.add("N", np.arange(SIDE * SIDE).astype(str)).astype(object)
    kind = np.full(len(codes), "", dtype=object)
    kind[::VALVE_EVERY], kind[0] = "valve", "source"
    state = np.where(kind == "valve", "open", "")
    lines = shapely.linestrings(np.stack([places[start], places[end]], axis=1))
    pipes = gpd.GeoDataFrame(
        {"kind": "JS", "start_node": codes[start], "end_node": codes[end]}, geometry=lines, crs="EPSG:4548"
    )
    nodes = gpd.GeoDataFrame(
        {"code": codes, "kind": "JS", "node_type": kind, "valve_state": state}, geometry=shapely.points(places),
        crs="EPSG:4548",
    )  # fmt: skip
    return pipes, nodes, start, end


def scipy_graph(pipes: Any) -> Any:
    """Return the matrix both ways, and the codes of its rows."""
    number, codes = pd.factorize(np.append(pipes["start_node"].to_numpy(), pipes["end_node"].to_numpy()))
    m, n = len(pipes), len(codes)
    length = shapely.length(pipes.geometry.to_numpy())
    tail, head = np.append(number[:m], number[m:]), np.append(number[m:], number[:m])
    return csr_array((np.append(length, length), (tail, head)), shape=(n, n)), codes


def rustworkx_graph(pipes: Any) -> Any:
    """Return the graph of codes."""
    number, codes = pd.factorize(np.append(pipes["start_node"].to_numpy(), pipes["end_node"].to_numpy()))
    m = len(pipes)
    length = shapely.length(pipes.geometry.to_numpy())
    graph = rx.PyGraph(multigraph=True)
    graph.add_nodes_from(range(len(codes)))
    graph.add_edges_from(list(zip(number[:m].tolist(), number[m:].tolist(), length.tolist(), strict=True)))
    return graph


def bare_isolation(matrix: Any, stops: Any, burst: int) -> Any:
    """Return what SciPy reaches from a node when the rows of valves are empty."""
    kept = np.repeat(~stops, np.diff(matrix.indptr))
    indptr = np.append(0, np.cumsum(np.where(stops, 0, np.diff(matrix.indptr)))).astype(np.int32)
    cut = csr_array((matrix.data[kept], matrix.indices[kept], indptr), shape=matrix.shape)
    inside = breadth_first_order(cut, burst, return_predecessors=False)
    barred = stops.copy()
    barred[inside] = True
    kept = np.repeat(~barred, np.diff(matrix.indptr))
    indptr = np.append(0, np.cumsum(np.where(barred, 0, np.diff(matrix.indptr)))).astype(np.int32)
    after = csr_array((matrix.data[kept], matrix.indices[kept], indptr), shape=matrix.shape)
    return breadth_first_order(matrix, 0, return_predecessors=False), breadth_first_order(
        after, 0, return_predecessors=False
    )


def rustworkx_isolation(graph: Any, stops: set[int], burst: int) -> Any:
    """Return what rustworkx leaves connected when closed nodes are taken out, before and after."""
    without = graph.copy()
    without.remove_nodes_from(list(stops))
    inside = rx.node_connected_component(without, burst)
    after = graph.copy()
    after.remove_nodes_from(list(inside))
    return inside, rx.node_connected_component(after, 0)


def line(name: str, ours: float, scipy: float, rust: float) -> None:
    """Print one comparison."""
    print(f"{name:<12}{ours:9.2f} s{scipy:9.2f} s{rust:9.2f} s{ours / scipy:11.2f} ×{ours / rust:11.2f} ×", flush=True)


def main() -> None:
    """Measure and print."""
    pipes, nodes, _, _ = tables()
    print(f"{len(pipes):,} pipes, {len(nodes):,} nodes; processor time")
    print(f"{'':<12}{'ours':>11}{'scipy':>11}{'rustworkx':>11}{'to scipy':>13}{'to rustworkx':>13}")
    (network, report), ours = measured(lambda: build_network(pipes, nodes))
    (matrix, codes), scipy = measured(lambda: scipy_graph(pipes))
    graph, rust = measured(lambda: rustworkx_graph(pipes))
    line("build", ours, scipy, rust)
    print(f"{'':<12}findings {sum(report.counts.values())}, parts {len(report.parts)}")
    _, ours = measured(lambda: (network.links, network.downward))
    print(f"{'links':<12}{ours:9.2f} s   once, at the first question")
    asked = [f"N{(SIDE // 2) * SIDE + SIDE // 2}", f"N{SIDE * SIDE - 1}"]
    here, there = (int(network.nodes_of(code)[0]) for code in asked)
    middle, last = (int(np.flatnonzero(codes == code)[0]) for code in asked)
    found, ours = measured(lambda: connected(network, nodes=[here]), 3)
    bare, scipy = measured(lambda: breadth_first_order(matrix, middle, return_predecessors=False), 3)
    _, rust = measured(lambda: rx.node_connected_component(graph, middle), 3)
    assert len(found.nodes) == len(bare)
    line("trace all", ours, scipy, rust)
    way, ours = measured(lambda: shortest_path(network, here, there))
    (distance, _), scipy = measured(lambda: dijkstra(matrix, indices=middle, return_predecessors=True))
    _, rust = measured(lambda: rx.dijkstra_shortest_paths(graph, middle, last, weight_fn=float))
    assert abs(way.length_m - distance[last]) < 1e-6
    line("path", ours, scipy, rust)
    burst = here if network.node_type[here] != "valve" else here + 1
    assert middle == here, "both number the nodes in the order in which their codes occur"
    states = valve_states(network)
    plan, ours = measured(lambda: isolate(network, nodes=[burst], states=states), 3)
    stops = states == "open"
    _, scipy = measured(lambda: bare_isolation(matrix, stops, burst), 3)
    closed = set(np.flatnonzero(stops).tolist())
    _, rust = measured(lambda: rustworkx_isolation(graph, closed, burst))
    line("isolate", ours, scipy, rust)
    print(f"{'':<12}{len(plan.close):,} valves to close, {len(plan.segment.edges):,} pipes in the closed part")


if __name__ == "__main__":
    main()
