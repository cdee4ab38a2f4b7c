"""Where water comes from and goes to: up and down the flow, to the outlet, the shortest way, all that hangs together.

Invariants
----------
1. Every trace walks the same graph, so that a way is found whenever a trace finds the place.
2. Pressure pipes lead both ways; gravity pipes as the graph says they flow (:data:`FLOW_BASES`).
3. A closed valve is reached and not passed, except where it is the start itself; ``stopped`` names it. What merely
   hangs together passes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.core.errors import UserError
from models.network.ends import Bools, Floats, Ints
from models.network.network import OUTLETS, SOURCES, Links, Network

Direction = Literal["up", "down", "connected"]
#: What SciPy writes where there is no predecessor.
_NONE = -9999


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """What a trace found.

    Parameters
    ----------
    what : str
        ``"up"``, ``"down"``, ``"connected"``, ``"outlet"`` or ``"path"``.
    nodes, edges : ndarray of int
        In the order in which they were reached.
    ends : ndarray of int
        Nodes at which it ends: outlets and sources, and where nothing leads on.
    stopped : ndarray of int
        Closed valves that it does not pass.
    length_m : float
        Of all edges.
    complete : bool
        Of a way to the outlet: whether there is an outlet; otherwise it leads to the nearest low point.
    """

    what: str
    nodes: Ints
    edges: Ints
    ends: Ints
    stopped: Ints
    length_m: float
    complete: bool = True


def closed_valves(network: Network) -> Bools:
    """Return which nodes are valves that are closed."""
    return network.closed_valves.copy()


def trace(
    network: Network,
    direction: Direction,
    *,
    nodes: Sequence[int] | Ints = (),
    edges: Sequence[int] | Ints = (),
    closed: Bools | None = None,
) -> Trace:
    """Follow a network from one or several starts.

    Parameters
    ----------
    network : Network
    direction : {"up", "down", "connected"}
    nodes, edges : sequence of int
        Where to start; from an edge it goes on from that of its ends to which the direction leads.
    closed : ndarray of bool, optional
        Nodes that are not passed; the closed valves of the network where not given.

    Raises
    ------
    UserError
        ``network.no_start`` without a start.
    """
    first = np.asarray(edges, dtype=np.int64)
    starts = np.unique(np.append(np.asarray(nodes, dtype=np.int64), _ends_of(network, first, direction)))
    if not len(starts):
        raise UserError("network.no_start")
    links = {"up": network.upward, "down": network.downward, "connected": network.links}[direction]
    barred = np.zeros(network.node_count, dtype=bool)
    if direction != "connected":
        barred |= closed_valves(network) if closed is None else closed
        barred[starts] = False
    reached = reach(links.without(barred) if barred.any() else links, starts)
    inside = np.zeros(network.node_count, dtype=bool)
    inside[reached] = True
    found = _edges_from(links, reached[~barred[reached]], first)
    ends = reached[_is_end(network, links, inside)[reached]]
    return Trace(direction, reached, found, ends, reached[barred[reached]], float(network.length_m[found].sum()))


def downstream(network: Network, *, nodes: Sequence[int] | Ints = (), edges: Sequence[int] | Ints = ()) -> Trace:
    """Return where water goes from some places."""
    return trace(network, "down", nodes=nodes, edges=edges)


def upstream(network: Network, *, nodes: Sequence[int] | Ints = (), edges: Sequence[int] | Ints = ()) -> Trace:
    """Return from where water comes to some places."""
    return trace(network, "up", nodes=nodes, edges=edges)


def connected(network: Network, *, nodes: Sequence[int] | Ints = (), edges: Sequence[int] | Ints = ()) -> Trace:
    """Return all that hangs together with some places."""
    return trace(network, "connected", nodes=nodes, edges=edges)


def shortest_path(
    network: Network,
    start: int | Sequence[int] | Ints,
    target: int | Sequence[int] | Ints,
    *,
    directed: bool = False,
    closed: Bools | None = None,
) -> Trace:
    """Return the shortest way, by length, from the nearest of some nodes to the nearest of others.

    Parameters
    ----------
    network : Network
    start, target : int or sequence of int
    directed : bool
        Whether the way must follow the flow.
    closed : ndarray of bool, optional
        Nodes that are not passed; by default every node is.

    Raises
    ------
    UserError
        ``network.no_path`` where no way leads there.
    """
    starts, targets = np.atleast_1d(np.asarray(start, np.int64)), np.atleast_1d(np.asarray(target, np.int64))
    links = network.downward if directed else network.links
    if closed is not None:
        barred = closed.copy()
        barred[starts] = False
        links = links.without(barred)
    distance, before = _distances(links, starts)
    best = int(targets[np.argmin(distance[targets])])
    if not np.isfinite(distance[best]):
        together = bool(np.isin(network.parts[targets], network.parts[starts]).any())
        raise UserError("network.no_path" if together else "network.apart", **_named(network, starts, targets))
    return _way(network, links, before, best, "path")


def to_outlet(network: Network, *, nodes: Sequence[int] | Ints = (), edges: Sequence[int] | Ints = ()) -> Trace:
    """Return the shortest way along the flow to an outlet; in a pressure network to a source.

    Without an outlet that can be reached the way leads to the nearest place from which nothing leads on, and is not
    ``complete``.

    Raises
    ------
    UserError
        ``network.no_start``; ``network.no_outlet`` where water goes round and ends nowhere.
    """
    found = trace(network, "down", nodes=nodes, edges=edges)
    first = np.asarray(edges, dtype=np.int64)
    starts = np.unique(np.append(np.asarray(nodes, dtype=np.int64), _ends_of(network, first, "down")))
    at_outlet = found.nodes[network.is_type(OUTLETS)[found.nodes]]
    at_source = found.nodes[network.is_type(SOURCES)[found.nodes]]
    targets = next((some for some in (at_outlet, at_source, found.ends) if len(some)), None)
    if targets is None:
        raise UserError("network.no_outlet", **_named(network, starts, starts))
    barred = closed_valves(network)
    barred[starts] = False
    links = network.downward.without(barred)
    distance, before = _distances(links, starts)
    way = _way(network, links, before, int(targets[np.argmin(distance[targets])]), "outlet", first)
    complete = bool(len(at_outlet) or len(at_source))
    return Trace("outlet", way.nodes, way.edges, way.ends, way.stopped, way.length_m, complete)


def reach(links: Links, starts: Ints) -> Ints:
    """Return the nodes that links lead to from some nodes, these first."""
    from scipy.sparse.csgraph import breadth_first_order

    if not len(starts):
        return np.empty(0, dtype=np.int64)
    if len(starts) == 1:
        order = breadth_first_order(links.matrix(), int(starts[0]), return_predecessors=False)
    else:
        order = breadth_first_order(links.matrix(starts), links.count, return_predecessors=False)[1:]
    return np.asarray(order, dtype=np.int64)


def _ends_of(network: Network, edges: Ints, direction: Direction) -> Ints:
    """Return the nodes of edges from which a trace goes on."""
    if direction == "connected":
        return np.append(network.start[edges], network.end[edges])
    flow = network.flow[edges] * (1 if direction == "down" else -1)
    return np.append(network.end[edges[flow >= 0]], network.start[edges[flow <= 0]])


def _edges_from(links: Links, nodes: Ints, first: Ints) -> Ints:
    """Return the edges that lead out of nodes, each once, in their order; those of the start before them."""
    counts = np.diff(links.indptr)[nodes]
    offset = np.repeat(links.indptr[nodes] - np.append(0, np.cumsum(counts)[:-1]), counts)
    edges = np.append(first, links.edge[offset + np.arange(len(offset))]).astype(np.int64)
    at = np.arange(len(edges))
    once = np.empty(int(edges.max(initial=-1)) + 1, dtype=np.int64)
    once[edges[::-1]] = at[::-1]  # where each stands first
    found: Ints = edges[once[edges] == at]
    return found


def _is_end(network: Network, links: Links, inside: Bools) -> Bools:
    """Return which nodes are an end: an outlet, a source, or one from which nothing leads on."""
    ends: Bools = network.is_type((*OUTLETS, *SOURCES)) | (np.diff(links.indptr) == 0)
    if links is network.links:
        ends |= network.degree == 1
    else:  # where water may flow both ways, nothing leads on from the end of the last pipe
        both = np.flatnonzero(network.flow == 0)
        last = np.zeros(network.node_count, dtype=bool)
        last[network.start[both]] = last[network.end[both]] = True
        ends |= last & (network.degree == 1)
    return inside & ends


def _distances(links: Links, starts: Ints) -> tuple[Floats, Ints]:
    """Return the distance of every node from the nearest start, and the node before it on the way."""
    from scipy.sparse.csgraph import dijkstra

    matrix, origin = (links.matrix(), int(starts[0])) if len(starts) == 1 else (links.matrix(starts), links.count)
    distance, before = dijkstra(matrix, indices=origin, return_predecessors=True)
    before = np.where(before == links.count, _NONE, before)
    return distance[: links.count], before[: links.count]


def _way(network: Network, links: Links, before: Ints, target: int, what: str, first: Ints | None = None) -> Trace:
    """Go back from a target to the start."""
    way = [target]
    while (previous := int(before[way[-1]])) != _NONE:
        way.append(previous)
    nodes = np.asarray(way[::-1], dtype=np.int64)
    edges = _edges_between(links, nodes[:-1], nodes[1:])
    if first is not None and len(first):
        here = first[(network.start[first] == nodes[0]) | (network.end[first] == nodes[0])][:1]
        edges = np.append(here[~np.isin(here, edges)], edges)
    none = np.empty(0, dtype=np.int64)
    return Trace(what, nodes, edges, nodes[-1:], none, float(network.length_m[edges].sum()))


def _edges_between(links: Links, tails: Ints, heads: Ints) -> Ints:
    """Return the shortest edge from each tail to its head."""
    if not len(tails):
        return np.empty(0, dtype=np.int64)
    counts = np.diff(links.indptr)[tails]
    pair = np.repeat(np.arange(len(tails)), counts)
    at = np.repeat(links.indptr[tails] - np.append(0, np.cumsum(counts)[:-1]), counts) + np.arange(len(pair))
    fits = links.target[at] == heads[pair]
    pair, at = pair[fits], at[fits]
    order = np.lexsort([links.edge[at], links.length_m[at], pair])
    _, place = np.unique(pair[order], return_index=True)
    found: Ints = links.edge[at[order][place]].astype(np.int64)
    return found


def _named(network: Network, starts: Ints, targets: Ints) -> dict[str, str]:
    return {"start": name_of(network, int(starts[0])), "target": name_of(network, int(targets[0]))}


def name_of(network: Network, node: int) -> str:
    """Return the code of a node, else its number in the table, else its place in metres."""
    if network.node_key[node]:
        return str(network.node_key[node])
    if network.node_oid[node] >= 0:
        return f"#{int(network.node_oid[node])}"
    return f"({network.node_xy[node, 0]:.1f}, {network.node_xy[node, 1]:.1f})"
