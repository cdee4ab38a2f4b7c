"""The one graph of a pipe network, built of the tables of pipes and nodes, with a report of where they disagree.

Trace, profile and isolation all ask this graph; none joins pipes of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.core.table_columns import numbers
from models.crs.frame import require_projected
from models.network.ends import IN_LINE, Floats, Ints, Mode, PipeEnds, meet, read_ends, text_of
from models.network.joined import Joined, joined
from models.network.kinds import gravity_codes
from models.network.network import Network
from models.network.tolerance import ToleranceReport, report_of

#: An invert that rises by less than this is within the accuracy of the survey, metres.
TOLERANCE_M = 0.005

__all__ = ["Network", "ToleranceReport", "build_network"]


def build_network(
    pipes: Any,
    nodes: Any = None,
    *,
    tolerance_m: float = 0.5,
    mode: Mode = "both",
    separate_kinds: bool = True,
    flow_by: str = "inverts",
) -> tuple[Network, ToleranceReport]:
    """Make the graph of a network.

    Parameters
    ----------
    pipes : GeoDataFrame
        Index = fid; lines, ``start_node``, ``end_node``, ``kind``, ``start_invert_m``, ``end_invert_m`` where recorded.
    nodes : GeoDataFrame, optional
        Index = fid; points, ``code``, ``kind``, ``node_type``, ``valve_state`` where recorded.
    tolerance_m : float
        Within this distance ends without a code meet, and codes agree with places.
    mode : {"codes", "geometry", "both"}
        Who says what meets: the codes at the ends, their places, or codes first and places where there is no code.
    separate_kinds : bool
        Whether place joins only pipes of one kind.
    flow_by : {"inverts", "drawn"}
        Whether gravity pipes flow to their lower end, or as they are drawn.

    Returns
    -------
    network : Network
    report : ToleranceReport

    Raises
    ------
    UserError
        ``crs.degrees`` where coordinates are degrees; ``network.no_pipes`` without any pipe.
    """
    if not len(pipes):
        raise UserError("network.no_pipes")
    if pipes.crs is not None:
        require_projected(pipes.crs.to_wkt(), "network")
    if nodes is not None and nodes.crs is not None and pipes.crs is not None and nodes.crs != pipes.crs:
        nodes = nodes.to_crs(pipes.crs)
    ends, table, length_m, drawn = read_ends(pipes, nodes, tolerance_m, separate_kinds)
    meeting = meet(ends, table, mode, tolerance_m)
    nodes_joined = joined(pipes, ends, table, meeting, length_m, mode, tolerance_m)
    network = _network(pipes, nodes, ends, nodes_joined, length_m, flow_by)
    report = report_of(pipes, nodes, network, nodes_joined, ends, table, meeting, drawn, mode, tolerance_m)
    return network, report


def _network(pipes: Any, nodes: Any, ends: PipeEnds, node: Joined, length_m: Floats, flow_by: str) -> Network:
    """Put nodes and pieces of pipe together."""
    m = len(pipes)
    of_pipe, start, end = np.arange(m), node.number[:m], node.number[m:]
    from_m, to_m = np.zeros(m), length_m
    if len(node.split_pipe):
        order = np.lexsort([node.split_at_m, node.split_pipe])
        pipe, at, mid = node.split_pipe[order], node.split_at_m[order], node.split_node[order]
        pieces = 1 + np.bincount(pipe, minlength=m)
        of_pipe = np.repeat(of_pipe, pieces)
        start, end = start[of_pipe], end[of_pipe]
        from_m, to_m = np.zeros(len(of_pipe)), length_m[of_pipe]
        before = np.cumsum(pieces)[pipe] - pieces[pipe] + _running(pipe)
        end[before], to_m[before] = mid, at
        start[before + 1], from_m[before + 1] = mid, at
    flow, basis = _flow(pipes, flow_by)
    fids = pipes.index.to_numpy(dtype=np.int64)
    codes = np.append(ends.codes, "")
    oid = np.full(len(node.row), -1, dtype=np.int64)
    kind = np.full(len(node.row), "", dtype=object)
    state = kind.copy()
    if nodes is not None and len(nodes):
        here = node.row >= 0
        oid[here] = nodes.index.to_numpy(dtype=np.int64)[node.row[here]]
        types, states = text_of(nodes, "node_type"), text_of(nodes, "valve_state")
        kind[here], state[here] = types[node.row[here]], states[node.row[here]]
        for row, at_node in node.shared:  # few: a node that stands where another one, or none that is recorded, is
            is_valve = types[row] in IN_LINE and kind[at_node] not in IN_LINE
            if oid[at_node] < 0 or is_valve:
                oid[at_node], kind[at_node], state[at_node] = nodes.index[row], types[row], states[row]
    return Network(
        edge_pipe=fids[of_pipe], start=start.astype(np.int64), end=end.astype(np.int64), length_m=to_m - from_m,
        from_m=from_m, to_m=to_m, flow=flow[of_pipe], flow_basis=basis[of_pipe], kind=text_of(pipes, "kind")[of_pipe],
        node_key=codes[node.code], node_xy=node.xy, node_oid=oid, node_type=kind, valve_state=state,
    )  # fmt: skip


def _running(group: Ints) -> Ints:
    """Return 0, 1, 2 … within each run of equal values of a sorted array."""
    first = np.append(True, group[1:] != group[:-1])
    at = np.arange(len(group))
    return at - np.maximum.accumulate(np.where(first, at, 0))


def _flow(pipes: Any, flow_by: str) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return the direction of flow of each pipe and how it is known."""
    fall = numbers(pipes, "start_invert_m") - numbers(pipes, "end_invert_m")
    kind = text_of(pipes, "kind")
    known = kind != ""
    gravity = np.isin(kind, list(gravity_codes()))
    if not known.all():  # a layer that does not say: pipes with levels are taken for drains
        gravity |= ~known & bool(np.isfinite(fall).any())
    falls = gravity & np.isfinite(fall) & (np.abs(fall) > TOLERANCE_M) & (flow_by == "inverts")
    flow = np.where(gravity, np.where(falls & (fall < 0), -1, 1), 0).astype(np.int8)
    basis = np.where(gravity, np.where(falls, 0, 1), 2).astype(np.int8)
    return flow, basis
