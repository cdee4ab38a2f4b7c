"""What the tables of a network say against each other, and how far apart: the report of building its graph."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from models.network.ends import (
    SAME_PLACE_M,
    Bools,
    Floats,
    Ints,
    Meeting,
    Mode,
    NodeTable,
    PipeEnds,
    same_places,
    tree_points,
)
from models.network.joined import Joined
from models.network.network import FLOW_BASES, OUTLETS, SOURCES, Network

#: Ends that do not meet but lie within this many tolerances of each other are near misses.
NEAR = 5.0
#: What can be wrong with how a network hangs together, worst first (``network.finding.<kind>``).
FINDINGS = (
    "contradiction", "reversed", "near_miss", "unmet_node", "piece", "no_code", "unknown_code", "duplicate_code",
    "same_place", "duplicate_edge", "self_loop", "no_length", "no_line", "split", "snapped",
)  # fmt: skip
_COLUMNS = ("kind", "pipe", "end", "node", "code", "other", "distance_m", "x", "y")


@dataclass(frozen=True, slots=True, eq=False)
class ToleranceReport:
    """How the tables hang together.

    Parameters
    ----------
    mode : str
    tolerance_m : float
    findings : DataFrame
        One row a finding: ``kind`` (see :data:`FINDINGS`), ``pipe`` and ``end`` (fid or -1, ``"start"``, ``"end"`` or
        ``""``), ``node`` (fid in the table of nodes, -1), ``code``, ``other`` (fid of the other pipe or node, code of
        the other node; as text), ``distance_m`` (NaN where nothing is measured), ``x``, ``y``.
    parts : DataFrame
        Connected parts, largest first: ``nodes``, ``edges``, ``length_m``, ``kinds``, ``outlets``, ``sources``.
    flow : mapping of str to int
        Edges by how their direction is known (:data:`FLOW_BASES`), and ``against``: those that fall against the
        direction in which they are drawn.
    loops : int
        Independent closed ways (edges - nodes + parts).
    """

    mode: str
    tolerance_m: float
    findings: pd.DataFrame
    parts: pd.DataFrame
    flow: dict[str, int] = field(default_factory=dict)
    loops: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of findings of each kind that occurs, worst first."""
        held = self.findings["kind"].value_counts()
        return {kind: int(held[kind]) for kind in FINDINGS if held.get(kind, 0)}

    def of(self, kind: str) -> pd.DataFrame:
        """Return the findings of a kind."""
        return self.findings[self.findings["kind"] == kind]


def report_of(
    pipes: Any, nodes: Any, network: Network, joined: Joined, ends: PipeEnds, table: NodeTable, meeting: Meeting,
    drawn: Bools, mode: Mode, tolerance_m: float,
) -> ToleranceReport:  # fmt: skip
    """Say what does not hang together as recorded, and how what hangs together was found."""
    m = len(pipes)
    fids = pipes.index.to_numpy(dtype=np.int64)
    oids = nodes.index.to_numpy(dtype=np.int64) if table.count else np.empty(0, dtype=np.int64)
    codes = np.append(ends.codes, "")
    sides = np.array(["start", "end"], dtype=object)

    def at_ends(kind: str, chosen: Ints, distance: Floats | None = None) -> pd.DataFrame:
        to = joined.row[joined.number[chosen]]
        return _rows(
            kind, pipe=fids[chosen % m], end=sides[chosen // m], node=np.append(oids, -1)[to],
            code=codes[ends.code[chosen]], distance_m=distance, xy=ends.xy[chosen],
        )  # fmt: skip

    def at_nodes(kind: str, rows: Ints, **more: Any) -> pd.DataFrame:
        return _rows(kind, node=oids[rows], code=codes[table.code[rows]], xy=table.xy[rows], **more)

    found: list[pd.DataFrame] = []
    apart = meeting.apart_m
    if mode == "geometry":
        found.append(_contradicted(ends, table, meeting, at_ends))
    else:
        off = (ends.code >= 0) & (apart > tolerance_m)
        backwards = np.flatnonzero(_is_backwards(ends, joined, off, tolerance_m))
        off[np.append(backwards, backwards + m)] = False
        found.append(at_ends("reversed", backwards))
        wrong = np.flatnonzero(off)
        found.append(at_ends("contradiction", wrong, apart[wrong]))
        silent = np.flatnonzero(ends.code < 0)
        has_codes = bool((ends.code >= 0).any())
        found.append(at_ends("no_code", silent if has_codes or mode == "codes" else silent[:0]))
        if table.count and bool((table.code >= 0).any()):
            found.append(at_ends("unknown_code", np.flatnonzero((ends.code >= 0) & (meeting.identity >= table.count))))
    moved = np.flatnonzero(meeting.snapped & (apart > SAME_PLACE_M))
    found.append(at_ends("snapped", moved, apart[moved]))
    found += _node_findings(table, joined, at_nodes)
    split = joined.split_node
    found.append(
        _rows("split", pipe=fids[joined.split_pipe], node=network.node_oid[split], code=network.node_key[split],
              distance_m=joined.split_off_m, xy=network.node_xy[split])
    )  # fmt: skip
    middle = (ends.xy[:m] + ends.xy[m:]) / 2
    for kind, bad in (("no_line", ~drawn), ("no_length", drawn & (_lengths(network, fids) <= SAME_PLACE_M))):
        found.append(_rows(kind, pipe=fids[bad], xy=middle[bad]))
    found += _edge_findings(network)
    found.append(_near_misses(network, ends, joined.number, tolerance_m))
    parts = parts_of(network)
    found.append(_pieces(network, parts))
    findings = pd.concat([one for one in found if len(one)] or [_rows("piece")[:0]], ignore_index=True)
    findings["kind"] = pd.Categorical(findings["kind"], FINDINGS)
    findings = findings.sort_values("kind", kind="stable", ignore_index=True)
    basis = np.bincount(network.flow_basis, minlength=len(FLOW_BASES))
    flow = {name: int(count) for name, count in zip(FLOW_BASES, basis, strict=True)}
    flow["against"] = int((network.flow < 0).sum())
    loops = network.edge_count - network.node_count + len(parts)
    return ToleranceReport(mode, tolerance_m, findings, parts, flow, loops)


def _lengths(network: Network, fids: Ints) -> Floats:
    """Return the length of pipes by their fid."""
    number, members = pd.factorize(network.edge_pipe)
    total = np.bincount(number, network.length_m, len(members))
    return pd.Series(total, members).reindex(fids).to_numpy(dtype=np.float64)


def _rows(kind: str, *, xy: Floats | None = None, **columns: Any) -> pd.DataFrame:
    given = {name: values for name, values in columns.items() if values is not None}
    count = max([len(values) for values in given.values()] + [0 if xy is None else len(xy)], default=0)
    empty: dict[str, Any] = {"pipe": -1, "end": "", "node": -1, "code": "", "other": "", "distance_m": np.nan}
    made = {name: given.get(name, np.full(count, value, dtype=None if not isinstance(value, str) else object))
            for name, value in empty.items()}  # fmt: skip
    place = np.full((count, 2), np.nan) if xy is None else xy
    return pd.DataFrame({"kind": np.full(count, kind, dtype=object), **made, "x": place[:, 0], "y": place[:, 1]})[
        list(_COLUMNS)
    ]


def _is_backwards(ends: PipeEnds, joined: Joined, off: Bools, tolerance_m: float) -> Bools:
    """Return which pipes are drawn from the node of their end to that of their start, as their codes have it."""
    m = len(off) // 2
    other = joined.xy[np.append(joined.number[m:], joined.number[:m])]
    fits = off & (np.hypot(*(ends.xy - other).T) <= tolerance_m)
    both: Bools = fits[:m] & fits[m:]
    return both


def _contradicted(ends: PipeEnds, table: NodeTable, meeting: Meeting, at_ends: Any) -> pd.DataFrame:
    """Find ends that place joins to another node than their code says."""
    said = np.append(table.code, -1)[np.where(meeting.identity < table.count, meeting.identity, -1)]
    other = np.flatnonzero((ends.code >= 0) & (said >= 0) & (said != ends.code))
    row = np.full(len(ends.codes) + 1, -1, dtype=np.int64)
    coded = np.flatnonzero(table.code >= 0)
    row[table.code[coded]] = coded
    to = row[ends.code[other]]
    distance = np.where(to >= 0, np.hypot(*(ends.xy[other] - table.xy[to]).T), np.nan) if table.count else None
    made: pd.DataFrame = at_ends("contradiction", other, distance)
    return made


def _node_findings(table: NodeTable, joined: Joined, at_nodes: Any) -> list[pd.DataFrame]:
    met = np.zeros(table.count, dtype=bool)
    met[joined.row[joined.row >= 0]] = True
    stacked = joined.shared[joined.row[joined.shared[:, 1]] >= 0, 0]
    met[stacked] = True
    coded = table.code >= 0
    twice = coded & (np.bincount(table.code[coded], minlength=int(table.code.max(initial=0)) + 1)[table.code] > 1)
    placed = np.flatnonzero(np.isfinite(table.xy[:, 0]))
    place = same_places(table.xy[placed], table.group[placed])
    at_one = placed[np.bincount(place)[place] > 1] if len(placed) else placed
    return [
        at_nodes("unmet_node", np.flatnonzero(~met)),
        at_nodes("duplicate_code", np.flatnonzero(twice)),
        at_nodes("same_place", np.union1d(at_one, stacked)),
    ]


def _edge_findings(network: Network) -> list[pd.DataFrame]:
    low, high = np.minimum(network.start, network.end), np.maximum(network.start, network.end)
    loop = low == high
    key = low * max(network.node_count, 1) + high
    number = pd.factorize(key)[0]
    twice = (np.bincount(number, minlength=1)[number] > 1) & ~loop
    first = np.full(int(number.max(initial=0)) + 1, network.edge_count, dtype=np.int64)
    np.minimum.at(first, number[twice], np.flatnonzero(twice))
    again = np.flatnonzero(twice)
    again = again[first[number[again]] != again]
    middle = (network.node_xy[network.start] + network.node_xy[network.end]) / 2
    return [
        _rows("self_loop", pipe=network.edge_pipe[loop], code=network.node_key[network.start[loop]], xy=middle[loop]),
        _rows("duplicate_edge", pipe=network.edge_pipe[again],
              other=network.edge_pipe[first[number[again]]].astype(str).astype(object), xy=middle[again]),
    ]  # fmt: skip


def _near_misses(network: Network, ends: PipeEnds, number: Ints, tolerance_m: float) -> pd.DataFrame:
    """Find loose ends that have a node of their kind near by to which no pipe leads from them."""
    loose = np.flatnonzero((network.degree == 1) & np.isfinite(network.node_xy[:, 0]))
    placed = np.flatnonzero(np.isfinite(network.node_xy[:, 0]))
    if not len(loose) or len(placed) < 2:
        return _rows("near_miss")
    group = np.zeros(network.node_count, dtype=np.int64)
    group[number] = ends.group
    partner = np.empty(network.node_count, dtype=np.int64)
    partner[network.start], partner[network.end] = network.end, network.start
    edge = np.empty(network.node_count, dtype=np.int64)
    edge[network.start] = edge[network.end] = np.arange(network.edge_count)
    from scipy.spatial import cKDTree

    points = tree_points(network.node_xy[placed], group[placed])
    at = np.searchsorted(placed, loose)
    k = min(3, len(placed))
    distance, row = cKDTree(points).query(points[at], k=k, distance_upper_bound=NEAR * tolerance_m)
    distance, row = distance.reshape(len(loose), k), row.reshape(len(loose), k)
    other = np.append(placed, -1)[row]
    other[(other == loose[:, None]) | (other == partner[loose][:, None])] = -1
    distance[other < 0] = np.inf
    best = np.argmin(distance, axis=1)
    gap = distance[np.arange(len(loose)), best]
    to = other[np.arange(len(loose)), best]
    near = np.isfinite(gap)
    # Of two loose ends that miss each other one row is enough.
    mutual = np.full(network.node_count, -1, dtype=np.int64)
    mutual[loose[near]] = to[near]
    near &= ~((mutual[np.maximum(to, 0)] == loose) & (to < loose) & (to >= 0))
    here, to = loose[near], to[near]
    name = np.where(network.node_key[to] != "", network.node_key[to], network.edge_pipe[edge[to]].astype(str))
    return _rows(
        "near_miss", pipe=network.edge_pipe[edge[here]],
        end=np.where(network.start[edge[here]] == here, "start", "end").astype(object),
        node=network.node_oid[here], code=network.node_key[here], other=name.astype(object), distance_m=gap[near],
        xy=network.node_xy[here],
    )  # fmt: skip


def parts_of(network: Network) -> pd.DataFrame:
    """Return the connected parts of a network, the one with most nodes first (see :class:`ToleranceReport`)."""
    label = network.parts
    count = int(label.max(initial=-1)) + 1
    of_edge = label[network.start]
    number, names = pd.factorize(network.kind)
    pairs = np.unique(of_edge * max(len(names), 1) + number)
    held = pd.Series(names[pairs % max(len(names), 1)] if len(names) else [], dtype=object)
    kinds = held.sort_values(kind="stable").groupby(pairs // max(len(names), 1)).agg(
        lambda one: "·".join(kind for kind in one if kind)
    )  # fmt: skip
    return pd.DataFrame({
        "nodes": np.bincount(label, minlength=count),
        "edges": np.bincount(of_edge, minlength=count),
        "length_m": np.bincount(of_edge, network.length_m, count),
        "kinds": kinds.reindex(range(count)).fillna("").to_numpy(dtype=object),
        "outlets": np.bincount(label[network.is_type(OUTLETS)], minlength=count),
        "sources": np.bincount(label[network.is_type(SOURCES)], minlength=count),
    })  # fmt: skip


def _pieces(network: Network, parts: pd.DataFrame) -> pd.DataFrame:
    """Find parts that hang together with nothing: without outlet or source where others have one, else all but one.

    A kind of which no node says where it ends or begins is judged by size: its largest part is the network.
    """
    if len(parts) < 2:
        return _rows("piece")
    served = (parts["outlets"] + parts["sources"]).to_numpy() > 0
    said = parts["kinds"].isin(set(parts["kinds"].to_numpy()[served])).to_numpy()
    largest = ~parts["kinds"].duplicated().to_numpy()
    lost = np.where(said, ~served, ~largest)
    of_edge = network.parts[network.start]
    first = np.full(len(parts), network.edge_count, dtype=np.int64)
    np.minimum.at(first, of_edge, np.arange(network.edge_count))
    rows = np.flatnonzero(lost & (first < network.edge_count))
    at = first[rows]
    return _rows(
        "piece", pipe=network.edge_pipe[at], code=network.node_key[network.start[at]],
        other=parts["nodes"].to_numpy()[rows].astype(str).astype(object), xy=network.node_xy[network.start[at]],
    )  # fmt: skip
