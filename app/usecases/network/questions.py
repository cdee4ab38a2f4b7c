"""Questions to a network and their answers: traced, isolated; for the window and the command line alike.

A question names pipes and nodes as their tables do, not by the numbers of a graph, so that it can be asked again when a
table has changed: the answer is then of the graph as it is now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from app.usecases.network.graph import HowBuilt, LayerNetwork, network_of
from models.core.errors import UserError
from models.core.progress import Progress
from models.layers.layer import Layer, VectorData
from models.network.ends import Floats, Ints
from models.network.isolation import (
    Attached,
    Isolation,
    Loss,
    Price,
    effect_of_closing,
    isolate,
    price_of_faults,
    valve_states,
)
from models.network.network import Network
from models.network.trace import Trace, shortest_path, to_outlet, trace

if TYPE_CHECKING:
    from app.session import Session

#: What can be asked, in the order in which it is offered.
TRACES = ("up", "down", "outlet", "path", "connected")
#: A building farther from every pipe than this hangs on none, metres.
BUILDINGS_M = 60.0
#: Column of a table of buildings that names the node from which each is supplied; else the nearest pipe counts.
SUPPLIED_BY = "pipe_node"


@dataclass(frozen=True, slots=True)
class Place:
    """A pipe or a node by its fid."""

    is_node: bool
    oid: int


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a network.

    Parameters
    ----------
    what : str
        One of :data:`TRACES`, ``"isolate"`` (a burst), ``"closed"`` (what valves isolate while they are closed).
    layer : str
        Layer of pipes.
    starts, targets : tuple of Place
        ``targets`` only for ``"path"``.
    closed, faulty : tuple of int
        Valves (fid in the table of nodes) of which more is known than the table says.
    how : HowBuilt
    buildings_m : float
        From how far a building counts as supplied by a pipe.
    """

    what: str
    layer: str
    starts: tuple[Place, ...]
    targets: tuple[Place, ...] = ()
    closed: tuple[int, ...] = ()
    faulty: tuple[int, ...] = ()
    how: HowBuilt = field(default_factory=HowBuilt)
    buildings_m: float = BUILDINGS_M


@dataclass(frozen=True, slots=True, eq=False)
class Buildings:
    """Buildings that hang on a network: layer and fid of each, and on what they hang."""

    layer: tuple[str, ...]
    of_layer: Ints
    oid: Ints
    attached: Attached

    def by_layer(self, rows: Ints) -> dict[str, Ints]:
        """Return the fids of some rows by their layer."""
        found = {name: self.oid[rows[self.of_layer[rows] == i]] for i, name in enumerate(self.layer)}
        return {name: oids for name, oids in found.items() if len(oids)}


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a network answers.

    Parameters
    ----------
    question : Question
    made : LayerNetwork
        The graph that was asked.
    trace : Trace or None
    plan : Isolation or None
    price : Price or None
        What valves that cannot be closed cost.
    loss : Loss or None
        Of ``"closed"``.
    states : ndarray of str
        State of each valve as taken.
    buildings : Buildings
    water_m3, water_unknown_m : float
        Water in the closed part, and the length of pipes in it of unknown size.
    """

    question: Question
    made: LayerNetwork
    trace: Trace | None = None
    plan: Isolation | None = None
    price: Price | None = None
    loss: Loss | None = None
    states: Any = None
    buildings: Buildings = Buildings((), np.empty(0, np.int64), np.empty(0, np.int64), Attached.none())
    water_m3: float = np.nan
    water_unknown_m: float = 0.0

    @property
    def network(self) -> Network:
        """Return the graph."""
        return self.made.network

    def pipes(self, edges: Ints) -> Ints:
        """Return the fids of the pipes of some edges, each once, in their order."""
        fids = self.network.edge_pipe[edges]
        _, first = np.unique(fids, return_index=True)
        found: Ints = fids[np.sort(first)]
        return found


def answer(session: Session, question: Question, progress: Progress | None = None) -> Answer:
    """Ask a network as its tables are now; for a job thread where it is large.

    Raises
    ------
    UserError
        What :mod:`models.network.trace` and :mod:`models.network.isolation` raise; ``network.no_such_place`` for a
        pipe or node that is gone or meets nothing.
    """
    progress = progress or Progress()
    progress.step(0.0, "progress.network.building")
    made = network_of(session, question.layer, question.how)
    progress.step(0.5, "progress.network.asking")
    edges, nodes = resolved(made, question.starts)
    network = made.network
    if question.what == "path":
        target_edges, targets = resolved(made, question.targets)
        way = shortest_path(network, _with_ends(network, edges, nodes), _with_ends(network, target_edges, targets))
        return Answer(question, made, trace=_with_both(network, way, edges, target_edges))
    if question.what == "outlet":
        return Answer(question, made, trace=to_outlet(network, nodes=nodes, edges=edges))
    if question.what in ("up", "down", "connected"):
        return Answer(question, made, trace=trace(network, question.what, nodes=nodes, edges=edges))  # type: ignore[arg-type]
    states = valve_states(
        network, closed=_of_oids(made, question.closed), faulty=_of_oids(made, question.faulty)
    )  # fmt: skip
    buildings = buildings_of(session, made, _kind_at(network, edges, nodes), question.buildings_m)
    if question.what == "closed":
        loss = effect_of_closing(network, nodes, states=states, attached=buildings.attached)
        return Answer(question, made, loss=loss, states=states, buildings=buildings)
    burst: dict[str, Any] = {"edges": edges, "nodes": nodes, "states": states, "attached": buildings.attached}
    plan = isolate(network, **burst)
    price = price_of_faults(network, plan, **burst)
    water, unknown = _water(made, plan.segment.edges)
    return Answer(
        question, made, plan=plan, price=price, states=states, buildings=buildings, water_m3=water,
        water_unknown_m=unknown,
    )  # fmt: skip


def toggled_faulty(question: Question, valve: int) -> Question:
    """Return the question with one valve that does not close, or does after all."""
    faulty = set(question.faulty) ^ {valve}
    return replace(question, faulty=tuple(sorted(faulty)))


def place_of(made: LayerNetwork, text: str) -> Place:
    """Return the pipe or node that a text names: its code, ``pipe:12`` or ``node:34`` by fid.

    Raises
    ------
    UserError
        ``network.no_such_place``; ``network.ambiguous`` where a code is given several times.
    """
    text = text.strip()
    kind, _, number = text.partition(":")
    if kind in ("pipe", "node") and number.strip().isdigit():
        place = Place(kind == "node", int(number))
        resolved(made, [place])
        return place
    for table, is_node in ((made.pipe_table, False), (made.node_table, True)):
        if table is None or "code" not in table.columns or not text:
            continue
        found = table.index[table["code"].astype(str).str.strip() == text]
        if len(found) > 1:
            raise UserError("network.ambiguous", place=text, count=len(found))
        if len(found):
            return Place(is_node, int(found[0]))
    raise UserError("network.no_such_place", place=text)


def resolved(made: LayerNetwork, places: Iterable[Place]) -> tuple[Ints, Ints]:
    """Return edges and nodes of the graph at some places.

    Raises
    ------
    UserError
        ``network.no_such_place``.
    """
    network = made.network
    edges: list[Ints] = []
    nodes: list[Ints] = []
    for place in places:
        found = np.flatnonzero(network.node_oid == place.oid) if place.is_node else network.edges_of(place.oid)
        if not len(found):
            raise UserError("network.no_such_place", place=_title(made, place))
        (nodes if place.is_node else edges).append(found)
    none = np.empty(0, dtype=np.int64)
    return np.concatenate([none, *edges]), np.concatenate([none, *nodes])


def buildings_of(session: Session, made: LayerNetwork, kind: str, within_m: float) -> Buildings:
    """Return the buildings of the project and the pipe of a kind, or the node, from which each is supplied."""
    layers = [
        layer for layer in session.project.state.with_role("buildings")
        if isinstance(session.project.data.get(layer.id), VectorData)
    ]  # fmt: skip
    parts = [_supplied(session, made, layer, kind, within_m) for layer in layers]
    none = np.empty(0, dtype=np.int64)
    return Buildings(
        tuple(layer.id for layer in layers),
        np.concatenate([none, *(np.full(len(oid), i) for i, (oid, _, _) in enumerate(parts))]),
        np.concatenate([none, *(oid for oid, _, _ in parts)]),
        Attached(
            np.concatenate([none, *(edge for _, edge, _ in parts)]),
            np.concatenate([none, *(node for _, _, node in parts)]),
        ),
    )


def _supplied(
    session: Session, made: LayerNetwork, layer: Layer, kind: str, within_m: float
) -> tuple[Ints, Ints, Ints]:
    """Return fid, edge and node (-1 for none) of the buildings of one layer that hang on the network."""
    data = session.project.data_of(layer.id)
    assert isinstance(data, VectorData)  # noqa: S101 - buildings_of looked
    network = made.network
    middles = _middles(session, data)
    oids = np.asarray(data.attributes.index, dtype=np.int64)
    edge, node = np.full(len(oids), -1, dtype=np.int64), np.full(len(oids), -1, dtype=np.int64)
    if SUPPLIED_BY in data.fields:
        rows = {str(key): i for i, key in enumerate(network.node_key) if key}
        said = data.attributes[SUPPLIED_BY].astype(str).str.strip()
        node = np.asarray(said.map(rows).fillna(-1), dtype=np.int64)
    open_ = np.flatnonzero((node < 0) & np.isfinite(middles[:, 0]))
    pipes = np.flatnonzero(made.pipe_table["kind"].astype(str) == kind) if kind else np.arange(len(made.pipe_table))
    if len(open_) and len(pipes):
        lines = shapely.force_2d(made.pipe_table.geometry.to_numpy()[pipes])
        points = shapely.points(middles[open_])
        near, at = shapely.STRtree(lines).query_nearest(points, max_distance=within_m, all_matches=False)
        along = shapely.line_locate_point(lines[at], points[near])
        edge[open_[near]] = edges_along(network, made.pipe_table.index.to_numpy()[pipes[at]], along)
    hangs = (edge >= 0) | (node >= 0)
    return oids[hangs], edge[hangs], node[hangs]


def _middles(session: Session, data: VectorData) -> Floats:
    """Return the middle of the box of each building in the project's CRS."""
    boxes = np.asarray(data.boxes, dtype=np.float64)
    if not len(boxes):
        return np.full((data.count, 2), np.nan)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    frame = session.project.state.frame
    if frame is None or not data.crs or data.crs == frame.horizontal:
        return middles
    from models.crs.frame import transformer

    return np.column_stack(transformer(data.crs, frame.horizontal).transform(middles[:, 0], middles[:, 1]))


def edges_along(network: Network, pipes: Ints, along_m: Floats) -> Ints:
    """Return the edge at a distance along each pipe (fid); -1 for a pipe that is not in the graph."""
    order = np.lexsort([network.from_m, network.edge_pipe])
    fids, place = np.unique(network.edge_pipe, return_inverse=True)
    span = float(network.to_m.max(initial=0.0)) + 1.0
    keys = place[order] * span + network.from_m[order]
    rank: Ints = np.searchsorted(fids, pipes).astype(np.int64)
    known = (rank < len(fids)) & (np.append(fids, -1)[np.minimum(rank, len(fids))] == pipes)
    at = np.searchsorted(keys, rank * span + np.clip(along_m, 0, span - 0.5), side="right") - 1
    return np.where(known, order[np.clip(at, 0, max(len(order) - 1, 0))], -1).astype(np.int64)


def _of_oids(made: LayerNetwork, oids: Iterable[int]) -> Ints:
    wanted = np.asarray(list(oids), dtype=np.int64)
    return np.flatnonzero(np.isin(made.network.node_oid, wanted[wanted >= 0]))


def _with_ends(network: Network, edges: Ints, nodes: Ints) -> Ints:
    return np.unique(np.concatenate([nodes, network.start[edges], network.end[edges]]))


def _with_both(network: Network, way: Trace, first: Ints, last: Ints) -> Trace:
    """Return a way with the pipes that were clicked at its two ends."""
    ends = way.nodes[[0, -1]]
    add = [edges[np.isin(network.start[edges], end) | np.isin(network.end[edges], end)]
           for edges, end in ((first, ends[0]), (last, ends[1]))]  # fmt: skip
    edges = np.concatenate([add[0][~np.isin(add[0], way.edges)], way.edges, add[1][~np.isin(add[1], way.edges)]])
    return replace(way, edges=edges, length_m=float(network.length_m[edges].sum()))


def _kind_at(network: Network, edges: Ints, nodes: Ints) -> str:
    """Return the kind of pipe at a place."""
    if len(edges):
        return str(network.kind[edges[0]])
    met = np.isin(network.start, nodes) | np.isin(network.end, nodes)
    return str(network.kind[met][0]) if met.any() else ""


def _water(made: LayerNetwork, edges: Ints) -> tuple[float, float]:
    """Return the water that edges hold, m³, and the length of those whose size is not known."""
    import pandas as pd

    table, network = made.pipe_table, made.network
    if "diameter_mm" not in table.columns:
        return np.nan, float(network.length_m[edges].sum())
    sizes = pd.to_numeric(table["diameter_mm"], errors="coerce").reindex(network.edge_pipe[edges])
    size_m = sizes.to_numpy(dtype=np.float64, na_value=np.nan) / 1000
    known = size_m > 0
    length_m = network.length_m[edges]
    water = float((np.pi / 4 * size_m[known] ** 2 * length_m[known]).sum()) if known.any() else np.nan
    return water, float(length_m[~known].sum())


def _title(made: LayerNetwork, place: Place) -> str:
    table = made.node_table if place.is_node else made.pipe_table
    if table is not None and place.oid in table.index and "code" in table.columns:
        return str(table.at[place.oid, "code"])
    return f"{'node' if place.is_node else 'pipe'}:{place.oid}"
