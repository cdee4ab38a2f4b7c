"""The graph of a pipe network as a value: nodes, edges, which way they flow, and their connections.

It is made of arrays, so that a network of a million pipes is a few dozen megabytes; its connections are rows of a
sparse matrix, which :mod:`scipy.sparse.csgraph` walks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.network.ends import Bools, Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array

#: Types of nodes at which a network ends or begins.
OUTLETS = ("outfall", "outlet")
SOURCES = ("source", "reservoir", "tank", "plant")
#: How the direction of flow of an edge is known, in the order of ``Network.flow_basis``.
FLOW_BASES = ("inverts", "drawn", "both_ways")


@dataclass(frozen=True, eq=False)
class Network:
    """A network as a graph; nodes are numbered 0 … n-1, edges 0 … m-1.

    Parameters
    ----------
    edge_pipe : ndarray (m,) int
        fid of the pipe; a pipe that a node on it splits has several edges.
    start, end : ndarray (m,) int
        Nodes in the direction in which the pipe is drawn.
    length_m : ndarray (m,)
        Plan length.
    from_m, to_m : ndarray (m,)
        Which part of the pipe the edge is, in metres along it.
    flow : ndarray (m,) int8
        1: from start to end, -1: from end to start, 0: both ways (pressure).
    flow_basis : ndarray (m,) int8
        How that is known, see :data:`FLOW_BASES`.
    kind : ndarray (m,) of str
        CJJ 61 code, ``""`` where none is recorded.
    node_key : ndarray (n,) of str
        Code, ``""`` for a node that has none.
    node_xy : ndarray (n, 2)
        In the CRS of the pipes; NaN where nothing tells.
    node_oid : ndarray (n,) int
        fid in the table of nodes, -1 for a node that stands in none.
    node_type, valve_state : ndarray (n,) of str
        As recorded, ``""`` where nothing is.
    """

    edge_pipe: Ints
    start: Ints
    end: Ints
    length_m: Floats
    from_m: Floats
    to_m: Floats
    flow: NDArray[np.int8]
    flow_basis: NDArray[np.int8]
    kind: NDArray[np.object_]
    node_key: NDArray[np.object_]
    node_xy: Floats
    node_oid: Ints
    node_type: NDArray[np.object_]
    valve_state: NDArray[np.object_]

    @property
    def node_count(self) -> int:
        """Return the number of nodes."""
        return len(self.node_key)

    @property
    def edge_count(self) -> int:
        """Return the number of edges."""
        return len(self.edge_pipe)

    @cached_property
    def degree(self) -> Ints:
        """Return how many ends of edges meet at each node."""
        met: Ints = np.bincount(np.append(self.start, self.end), minlength=self.node_count)
        return met

    @cached_property
    def links(self) -> Links:
        """Return the connections both ways."""
        edge = np.arange(self.edge_count)
        return Links.of(self, np.append(self.start, self.end), np.append(self.end, self.start), np.append(edge, edge))

    @cached_property
    def downward(self) -> Links:
        """Return the connections in the direction of flow; both ways where it may flow both ways."""
        with_it, against = np.flatnonzero(self.flow >= 0), np.flatnonzero(self.flow <= 0)
        return Links.of(
            self,
            np.append(self.start[with_it], self.end[against]),
            np.append(self.end[with_it], self.start[against]),
            np.append(with_it, against),
        )

    @cached_property
    def upward(self) -> Links:
        """Return the connections against the direction of flow."""
        with_it, against = np.flatnonzero(self.flow >= 0), np.flatnonzero(self.flow <= 0)
        return Links.of(
            self,
            np.append(self.end[with_it], self.start[against]),
            np.append(self.start[with_it], self.end[against]),
            np.append(with_it, against),
        )

    @cached_property
    def parts(self) -> Ints:
        """Return the number of the connected part of each node, 0 for the one with most nodes."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        n = self.node_count
        if not n:
            return np.empty(0, dtype=np.int64)
        links = coo_array((np.ones(self.edge_count, dtype=np.int8), (self.start, self.end)), shape=(n, n))
        count, label = connected_components(links, directed=False)
        rank = np.empty(count, dtype=np.int64)
        rank[np.argsort(-np.bincount(label, minlength=count), kind="stable")] = np.arange(count)
        part: Ints = rank[label]
        return part

    @cached_property
    def sinks(self) -> Bools:
        """Return which nodes water reaches and does not leave."""
        ends: Bools = (np.diff(self.downward.indptr) == 0) & (np.diff(self.upward.indptr) > 0)
        return ends

    @cached_property
    def _types(self) -> tuple[Ints, NDArray[np.object_]]:
        """Return the type of each node as a number, and the types."""
        number, names = pd.factorize(self.node_type)
        return number.astype(np.int64), names

    @cached_property
    def closed_valves(self) -> Bools:
        """Return which nodes are valves that are closed; not to be written to."""
        closed: Bools = self.is_type(("valve",)) & (self.valve_state == "closed")
        return closed

    def is_type(self, types: tuple[str, ...]) -> Bools:
        """Return which nodes are of some types."""
        number, names = self._types
        found: Bools = np.isin(names, types)[number] if len(names) else np.zeros(self.node_count, dtype=bool)
        return found

    def nodes_of(self, key: str) -> Ints:
        """Return the nodes of a code; more than one where a code is given twice."""
        return np.flatnonzero(self.node_key == key)

    def edges_of(self, pipe: int) -> Ints:
        """Return the edges of a pipe by its fid, from its start to its end."""
        found = np.flatnonzero(self.edge_pipe == pipe)
        return found[np.argsort(self.from_m[found], kind="stable")]


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Connections by node, as rows of a sparse matrix; parallel edges stay apart.

    Parameters
    ----------
    indptr, target, edge : ndarray of int32
        Node ``i`` is linked to ``target[indptr[i]:indptr[i + 1]]`` by ``edge`` at the same places.
    length_m : ndarray
    """

    indptr: NDArray[np.int32]
    target: NDArray[np.int32]
    edge: NDArray[np.int32]
    length_m: Floats

    @classmethod
    def of(cls, network: Network, tail: Ints, head: Ints, edge: Ints) -> Links:
        """Sort links by the node from which they lead."""
        from scipy.sparse import csr_array

        count = len(tail)
        # A column for each link: what is sparse then sorts by row and adds nothing up.
        held = csr_array(
            (np.ones(count, dtype=np.int8), (tail, np.arange(count))), shape=(network.node_count, max(count, 1))
        )
        edges = edge[held.indices].astype(np.int32)
        return cls(held.indptr.astype(np.int32), head[held.indices].astype(np.int32), edges, network.length_m[edges])

    @property
    def count(self) -> int:
        """Return the number of nodes."""
        return len(self.indptr) - 1

    def matrix(self, starts: Ints | None = None) -> csr_array:
        """Return the matrix of lengths; with ``starts`` one node more, from which zero metres lead to each of them."""
        from scipy.sparse import csr_array

        if starts is None:
            return csr_array((self.length_m, self.target, self.indptr), shape=(self.count, self.count))
        k = len(starts)
        return csr_array(
            (
                np.append(self.length_m, np.zeros(k)),
                np.append(self.target, np.asarray(starts, dtype=np.int32)),
                np.append(self.indptr, np.int32(self.indptr[-1] + k)),
            ),
            shape=(self.count + 1, self.count + 1),
        )

    def without(self, closed: Bools) -> Links:
        """Return the links less those that lead out of some nodes: these are reached, but not passed."""
        kept = np.repeat(~closed, np.diff(self.indptr))
        counts = np.where(closed, 0, np.diff(self.indptr))
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        return Links(indptr, self.target[kept], self.edge[kept], self.length_m[kept])
