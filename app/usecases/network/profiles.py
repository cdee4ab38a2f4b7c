"""Longitudinal profiles of the project's networks: which path, its profile, and its drawing or table as a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from app.usecases.network.drawings import write_drawing
from app.usecases.network.graph import LayerNetwork, network_of, pipe_layer
from app.usecases.network.pipes_together import Together, all_pipes, known_ground, stamp_of, together
from app.usecases.network.rules import rules_of
from models.core.errors import UserError
from models.network.ends import Floats, Ints
from models.network.network import Network
from models.network.pipe_bodies import texts
from models.network.profile.longitudinal import LongProfile, long_profile
from models.network.profile.path import Step, in_order
from models.network.trace import Trace, shortest_path, to_outlet
from models.project.selection import ObjectKey

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session

#: A place that is clicked belongs to the node within this distance, metres.
REACH_M = 40.0
#: So many nodes near a clicked place are looked at.
MOST_NEAR = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which path a profile follows, in terms that outlive an edit.

    Parameters
    ----------
    how : str
        ``"between"`` two places, ``"outlet"`` from one, ``"pipes"`` in their order.
    ends : tuple
        Objects, codes or places (E, N).
    layer : str
        Layer of pipes; empty for the one of the first object, else the current one.
    """

    how: Literal["between", "outlet", "pipes"]
    ends: tuple[ObjectKey | str | tuple[float, float], ...]
    layer: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Profiled:
    """A profile with the objects behind its numbers.

    Parameters
    ----------
    wanted : Wanted
    profile : LongProfile
        Feature ids of its pipes are rows of ``pipes``, those of its wells rows of ``nodes``.
    pipes : Together
    nodes : Together or None
    complete : bool
        Of a way to the outlet: whether there is one.
    stamp : tuple
        What it was made of.
    """

    wanted: Wanted
    profile: LongProfile
    pipes: Together
    nodes: Together | None
    complete: bool
    stamp: tuple[object, ...]

    @property
    def range(self) -> str:
        """Return from where to where it leads."""
        wells, spans = self.profile.wells, self.profile.spans
        return f"{wells[0].code or spans[0].code or '—'} – {wells[-1].code or spans[-1].code or '—'}"

    @property
    def synthetic(self) -> bool:
        """Whether its data was made by a generator."""
        return self.pipes.synthetic


def profile_of(session: Session, wanted: Wanted) -> Profiled:
    """Return a profile as the tables are now; seconds for a large network: ask from a job.

    Raises
    ------
    UserError
        ``network.no_layer``, ``network.no_place`` for what is no node and no pipe, ``network.no_path``,
        ``network.apart``, ``network.no_outlet``, ``network.same_place``, and what
        :func:`models.network.profile.longitudinal.long_profile` raises.
    """
    layer = _layer_of(session, wanted)
    made = network_of(session, layer)
    named = Wanted(wanted.how, tuple(_object(made, end) for end in wanted.ends), layer)
    pipes = all_pipes(session, layer)
    nodes = together(session, "pipe_nodes", "" if made.nodes is None else made.nodes.id)
    complete = True
    if wanted.how == "pipes":
        numbers = [_pipe_number(pipes, end) for end in named.ends]
        steps = in_order(pipes.table, numbers)
    else:
        way = _way(made, named)
        complete = way.complete
        steps = _steps(made, way, pipes)
    if not steps:
        raise UserError("network.same_place")
    profile = long_profile(
        pipes.table, None if nodes is None else nodes.table, steps, known_ground(session), rules_of(session)
    )
    return Profiled(wanted, profile, pipes, nodes, complete, stamp_of(session))


def is_current(session: Session, made: Profiled) -> bool:
    """Whether a profile still shows what the tables say."""
    return made.stamp == stamp_of(session)


def export(session: Session, made: Profiled, out: Path, *, size: str = "A3", scale: int = 0, vertical: int = 0) -> Job:
    """Write a profile as a drawing (``.pdf``, ``.png``) or its tables (``.xlsx``)."""
    return write_drawing(
        session, made.profile, made.range, made.synthetic, out, size=size, scale=scale, vertical=vertical
    )


def _layer_of(session: Session, wanted: Wanted) -> str:
    if wanted.layer:
        return pipe_layer(session, wanted.layer).id
    for end in wanted.ends:
        if isinstance(end, ObjectKey) and session.project.state.layer(end.layer).role == "pipes":
            return end.layer
    for end in wanted.ends:  # a node: the layer of pipes that meets it
        if isinstance(end, ObjectKey):
            for layer in session.project.state.with_role("pipes"):
                made = network_of(session, layer.id)
                if made.nodes is not None and made.nodes.id == end.layer and (made.network.node_oid == end.oid).any():
                    return layer.id
    return pipe_layer(session).id


def _way(made: LayerNetwork, wanted: Wanted) -> Trace:
    network = made.network
    starts = _nodes(made, wanted.ends[0])
    if wanted.how == "outlet":
        end = wanted.ends[0]
        if isinstance(end, ObjectKey) and end.layer == made.pipes.id:
            return to_outlet(network, edges=network.edges_of(end.oid)[:1])
        return to_outlet(network, nodes=starts)
    targets = _nodes(made, wanted.ends[1])
    if any(isinstance(end, tuple) and not isinstance(end, ObjectKey) for end in wanted.ends[:2]):
        starts, targets = _nearest_pair(made, wanted, starts, targets)
    if set(starts.tolist()) == set(targets.tolist()):
        raise UserError("network.same_place")
    way = shortest_path(network, starts, targets)
    return _with_ends(made, wanted, way)


def _nearest_pair(made: LayerNetwork, wanted: Wanted, starts: Ints, targets: Ints) -> tuple[Ints, Ints]:
    """Return, of the nodes near clicked places, the nearest two that hang together; where none do, the nearest.

    Networks of all kinds lie beside each other in a street: the node nearest to a click is seldom of the one meant.
    """
    network, parts = made.network, made.network.parts

    def away(nodes: Ints, end: ObjectKey | str | tuple[float, float]) -> Floats:
        if isinstance(end, ObjectKey | str):
            return np.zeros(len(nodes))
        return np.asarray(np.hypot(*(network.node_xy[nodes] - np.asarray(end)).T))

    one, two = away(starts, wanted.ends[0]), away(targets, wanted.ends[1])
    total = one[:, None] + two[None, :]
    fits = (parts[starts][:, None] == parts[targets][None, :]) & (starts[:, None] != targets[None, :])
    total = np.where(fits, total, np.inf) if fits.any() else total
    row, column = np.unravel_index(int(np.argmin(total)), total.shape)
    return starts[[row]], targets[[column]]


def _with_ends(made: LayerNetwork, wanted: Wanted, way: Trace) -> Trace:
    """Take the pipes that were chosen into the path, where it only reaches their nearer end."""
    network, nodes, edges = made.network, way.nodes.tolist(), way.edges.tolist()
    for side, end in enumerate(wanted.ends[:2]):
        if not isinstance(end, ObjectKey) or end.layer != made.pipes.id:
            continue
        own = network.edges_of(end.oid)
        at = nodes[0] if side == 0 else nodes[-1]
        more = [e for e in own.tolist() if e not in edges and at in (network.start[e], network.end[e])]
        if more and not any(e in edges for e in own.tolist()):
            other = int(network.end[more[0]] if network.start[more[0]] == at else network.start[more[0]])
            nodes.insert(0, other) if side == 0 else nodes.append(other)
            edges.insert(0, more[0]) if side == 0 else edges.append(more[0])
    return Trace(
        way.what, np.asarray(nodes, np.int64), np.asarray(edges, np.int64), np.asarray(nodes[-1:], np.int64),
        way.stopped, float(network.length_m[edges].sum()) if edges else 0.0, way.complete,
    )  # fmt: skip


def _nodes(made: LayerNetwork, end: ObjectKey | str | tuple[float, float]) -> Ints:
    """Return the nodes that an object, a code or a place means.

    Raises
    ------
    UserError
        ``network.no_place``.
    """
    network: Network = made.network
    found: Ints = np.empty(0, dtype=np.int64)
    if isinstance(end, ObjectKey):
        name = f"{end.layer}/{end.oid}"
        if end.layer == made.pipes.id:
            edges = network.edges_of(end.oid)
            found = np.unique(np.append(network.start[edges], network.end[edges]))
        elif made.nodes is not None and end.layer == made.nodes.id:
            found = np.flatnonzero(network.node_oid == end.oid)
    elif isinstance(end, str):
        name = end
        found = network.nodes_of(end)
    else:
        name = f"{end[0]:.1f}, {end[1]:.1f}"
        away = np.hypot(network.node_xy[:, 0] - end[0], network.node_xy[:, 1] - end[1])
        away = np.where(network.degree > 0, away, np.nan)
        near = np.argsort(away, kind="stable")[:MOST_NEAR]
        found = near[away[near] <= REACH_M]
    if not len(found):
        raise UserError("network.no_place", place=name)
    return found


def _object(made: LayerNetwork, end: ObjectKey | str | tuple[float, float]) -> ObjectKey | str | tuple[float, float]:
    """Return the pipe that a code means, where it is no node's; anything else as it is."""
    if not isinstance(end, str) or len(made.network.nodes_of(end)):
        return end
    rows = np.flatnonzero(texts(made.pipe_table, "code") == end)
    return ObjectKey(made.pipes.id, int(made.pipe_table.index[rows[0]])) if len(rows) else end


def _pipe_number(pipes: Together, end: ObjectKey | str | tuple[float, float]) -> int:
    number = pipes.number(end) if isinstance(end, ObjectKey) else -1
    if number < 0:
        raise UserError("network.no_place", place=str(end))
    return number


def _steps(made: LayerNetwork, way: Trace, pipes: Together) -> tuple[Step, ...]:
    """Return how the edges of a way are walked; pieces of one pipe that follow each other are one step."""
    network, own = made.network, np.flatnonzero(pipes.layer == made.pipes.id)
    number = dict(zip(pipes.oid[own].tolist(), own.tolist(), strict=True))
    at = int(way.nodes[0]) if len(way.nodes) else -1
    edges = way.edges.tolist()
    if len(edges) == len(way.nodes) and edges:  # it begins with a pipe, from the end that the way does not pass
        first = edges[0]
        at = int(network.end[first] if network.start[first] == at else network.start[first])
    steps: list[Step] = []
    for edge in edges:
        forward = int(network.start[edge]) == at
        at = int(network.end[edge] if forward else network.start[edge])
        fid = number[int(network.edge_pipe[edge])]
        low, high = float(network.from_m[edge]), float(network.to_m[edge])
        last = steps[-1] if steps else None
        if last is not None and last.fid == fid and last.forward == forward:
            steps[-1] = Step(fid, forward, min(last.from_m, low), max(last.to_m, high))
        else:
            steps.append(Step(fid, forward, low, high))
    return tuple(steps)
