"""What a burst takes from the network: the valves to close, what lies between them, and who is without water then.

Invariants
----------
1. A closed valve isolates already, whether or not it can be moved: the search ends there and nothing is to be done.
2. A valve that cannot be moved stands open: the search goes on beyond it, and the price is what it takes more than if
   every valve worked.
3. Who is cut off is asked of the sources: a place outside the closed part that no source reaches any more is lost
   too. What no source reached before is not the burst's doing and is told apart. Without a source nobody can say.
4. A valve of which no state is recorded is taken to be open and able to be closed, and named as unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.errors import UserError
from models.network.ends import IN_LINE, Bools, Ints
from models.network.network import SOURCES, Network
from models.network.trace import reach

State = Literal["open", "closed", "faulty", "unknown"]
#: Types of nodes at which water is taken.
CUSTOMERS = ("customer", "meter")
HYDRANTS = ("hydrant",)
_STATES = ("open", "closed", "faulty")


@dataclass(frozen=True, slots=True, eq=False)
class Attached:
    """What hangs on a network without being a node of it, such as buildings.

    Parameters
    ----------
    edge, node : ndarray (k,) int
        Edge or node on which each hangs, -1 for none.
    """

    edge: Ints
    node: Ints

    @classmethod
    def none(cls) -> Attached:
        """Return nothing attached."""
        return cls(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Loss:
    """Part of a network that is without water.

    Parameters
    ----------
    nodes, edges : ndarray of int
    customers, hydrants : ndarray of int
        Nodes of these types.
    attached : ndarray of int
        Rows of what is attached.
    length_m : float
    """

    nodes: Ints
    edges: Ints
    customers: Ints
    hydrants: Ints
    attached: Ints
    length_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Isolation:
    """How a burst is isolated.

    Parameters
    ----------
    close : ndarray of int
        Valves to be closed, those that lead to a source first.
    fed : ndarray of bool
        Whether a source stands behind each of them; without one, closing it only keeps water in a dead branch.
    shut : ndarray of int
        Valves at the edge of the closed part that are closed already.
    passed : ndarray of int
        Valves that cannot be closed and therefore lie in the closed part.
    unknown : ndarray of int
        Those of ``close`` of which no state is recorded.
    segment : Loss
        What lies between the valves.
    cut : Loss
        What lies outside and is reached by no source any more.
    dry_before : int
        Customers that no source reached before.
    sources : ndarray of int
        All sources of the network; empty: nobody can say what is cut off.
    sources_lost : ndarray of int
        Sources inside the closed part.
    """

    close: Ints
    fed: Bools
    shut: Ints
    passed: Ints
    unknown: Ints
    segment: Loss
    cut: Loss
    dry_before: int
    sources: Ints
    sources_lost: Ints

    @property
    def open_ended(self) -> bool:
        """Return whether no valve bounds the closed part."""
        return not len(self.close) and not len(self.shut)

    @property
    def customers(self) -> Ints:
        """Return all customers without water."""
        return np.append(self.segment.customers, self.cut.customers)

    @property
    def hydrants(self) -> Ints:
        """Return all hydrants without water."""
        return np.append(self.segment.hydrants, self.cut.hydrants)

    @property
    def attached(self) -> Ints:
        """Return the rows of all that is attached and without water."""
        return np.append(self.segment.attached, self.cut.attached)


@dataclass(frozen=True, slots=True)
class Price:
    """What valves that cannot be moved cost: how much more than if they worked (negative: less)."""

    valves: int
    customers: int
    attached: int
    hydrants: int
    length_m: float


def valve_states(
    network: Network,
    *,
    opened: Sequence[int] | Ints = (),
    closed: Sequence[int] | Ints = (),
    faulty: Sequence[int] | Ints = (),
) -> NDArray[np.object_]:
    """Return the state of each valve, ``""`` for what is none.

    Parameters
    ----------
    network : Network
    opened, closed, faulty : sequence of int
        Nodes of which is known better than the table says; only valves count.
    """
    state = np.full(network.node_count, "", dtype=object)
    valve = network.is_type(IN_LINE)
    state[valve] = np.where(np.isin(network.valve_state[valve], _STATES), network.valve_state[valve], "unknown")
    for word, nodes in (("open", opened), ("closed", closed), ("faulty", faulty)):
        chosen = np.asarray(nodes, dtype=np.int64)
        state[chosen[valve[chosen]]] = word
    return state


def isolate(
    network: Network,
    *,
    edges: Sequence[int] | Ints = (),
    nodes: Sequence[int] | Ints = (),
    states: NDArray[np.object_] | None = None,
    attached: Attached | None = None,
) -> Isolation:
    """Find the valves that isolate a burst, and who is without water then.

    Parameters
    ----------
    network : Network
    edges, nodes : sequence of int
        Where it bursts; a valve that bursts itself cannot be closed.
    states : ndarray of str, optional
        Result of :func:`valve_states`; as recorded where not given.
    attached : Attached, optional

    Raises
    ------
    UserError
        ``network.no_start`` without a place.
    """
    burst_edges, burst_nodes = np.asarray(edges, dtype=np.int64), np.asarray(nodes, dtype=np.int64)
    starts = np.unique(np.concatenate([burst_nodes, network.start[burst_edges], network.end[burst_edges]]))
    if not len(starts):
        raise UserError("network.no_start")
    states = valve_states(network) if states is None else states
    attached = attached or Attached.none()
    shut, movable = states == "closed", (states == "open") | (states == "unknown")
    stops = shut | movable
    stops[burst_nodes] = False
    reached = reach(network.links.without(stops), starts)
    inside = _mask(network, reached[~stops[reached]])
    in_segment = inside[network.start] | inside[network.end]
    in_segment[burst_edges] = True
    beyond = np.bincount(np.append(network.start[~in_segment], network.end[~in_segment]), minlength=network.node_count)
    edge_valves = reached[stops[reached] & (beyond[reached] > 0)]
    close = edge_valves[~shut[edge_valves]]
    barred = shut | inside
    barred[close] = True
    sources = np.flatnonzero(network.is_type(SOURCES))
    served_before = _served(network, sources, shut)
    served = _served(network, sources[~inside[sources]], barred)
    passes_before, passes = served_before & ~shut, served & ~barred
    lit = passes[network.start] | passes[network.end]
    lit_before = passes_before[network.start] | passes_before[network.end]
    cut_nodes = served_before & ~served & ~inside if len(sources) else np.zeros_like(inside)
    cut_edges = lit_before & ~lit & ~in_segment if len(sources) else np.zeros_like(lit)
    fed = np.zeros(len(close), dtype=bool)
    if len(sources):
        fed = served[close] | np.isin(close, sources)
    order = np.argsort(~fed, kind="stable")
    close, fed = close[order], fed[order]
    in_part = stops & _mask(network, reached) & (beyond == 0)
    return Isolation(
        close=close, fed=fed, shut=edge_valves[shut[edge_valves]],
        passed=np.flatnonzero(inside & (states == "faulty")), unknown=close[states[close] == "unknown"],
        segment=_loss(network, inside | in_part, in_segment, attached),
        cut=_loss(network, cut_nodes & ~in_part, cut_edges, attached),
        dry_before=int((network.is_type(CUSTOMERS) & ~served_before).sum()) if len(sources) else 0,
        sources=sources, sources_lost=sources[inside[sources]],
    )  # fmt: skip


def price_of_faults(
    network: Network,
    plan: Isolation,
    *,
    edges: Sequence[int] | Ints = (),
    nodes: Sequence[int] | Ints = (),
    states: NDArray[np.object_] | None = None,
    attached: Attached | None = None,
) -> Price | None:
    """Return what a plan costs more than it would if every valve worked; None where it passes none that does not."""
    if not len(plan.passed):
        return None
    states = valve_states(network) if states is None else states
    working = np.where(states == "faulty", "open", states).astype(object)
    best = isolate(network, edges=edges, nodes=nodes, states=working, attached=attached)
    return Price(
        valves=len(plan.close) - len(best.close),
        customers=len(plan.customers) - len(best.customers),
        attached=len(plan.attached) - len(best.attached),
        hydrants=len(plan.hydrants) - len(best.hydrants),
        length_m=plan.segment.length_m + plan.cut.length_m - best.segment.length_m - best.cut.length_m,
    )


def effect_of_closing(
    network: Network,
    valves: Sequence[int] | Ints,
    *,
    states: NDArray[np.object_] | None = None,
    attached: Attached | None = None,
) -> Loss:
    """Return what no source reaches any more while some valves are closed, and would if they were open.

    Parameters
    ----------
    network : Network
    valves : sequence of int
    states : ndarray of str, optional
    attached : Attached, optional

    Raises
    ------
    UserError
        ``network.no_source`` where the network has none.
    """
    states = valve_states(network) if states is None else states
    sources = np.flatnonzero(network.is_type(SOURCES))
    if not len(sources):
        raise UserError("network.no_source")
    chosen = np.asarray(valves, dtype=np.int64)
    opened, closed = states == "closed", states == "closed"
    opened[chosen], closed[chosen] = False, True
    before, after = _served(network, sources, opened), _served(network, sources, closed)
    passes_before, passes = before & ~opened, after & ~closed
    edges = (passes_before[network.start] | passes_before[network.end]) & ~(passes[network.start] | passes[network.end])
    return _loss(network, before & ~after, edges, attached or Attached.none())


def table_of_valves(network: Network, plan: Isolation, states: NDArray[np.object_]) -> pd.DataFrame:
    """Return the valves of a plan, a row each: ``node oid code state action fed x y``.

    ``action`` is ``"close"``, ``"closed"`` (already) or ``"passed"`` (cannot be closed).
    """
    nodes = np.concatenate([plan.close, plan.shut, plan.passed])
    action = ["close"] * len(plan.close) + ["closed"] * len(plan.shut) + ["passed"] * len(plan.passed)
    fed: list[Any] = [*plan.fed.tolist(), *[None] * (len(plan.shut) + len(plan.passed))]
    return pd.DataFrame({
        "node": nodes, "oid": network.node_oid[nodes], "code": network.node_key[nodes], "state": states[nodes],
        "action": pd.Series(action, dtype=object), "fed": pd.Series(fed, dtype=object),
        "x": network.node_xy[nodes, 0], "y": network.node_xy[nodes, 1],
    })  # fmt: skip


def _served(network: Network, sources: Ints, barred: Bools) -> Bools:
    return _mask(network, reach(network.links.without(barred), sources))


def _mask(network: Network, nodes: Ints) -> Bools:
    made = np.zeros(network.node_count, dtype=bool)
    made[nodes] = True
    return made


def _loss(network: Network, nodes: Bools, edges: Bools, attached: Attached) -> Loss:
    hangs = np.append(edges, False)[attached.edge] | np.append(nodes, False)[attached.node]
    return Loss(
        nodes=np.flatnonzero(nodes), edges=np.flatnonzero(edges),
        customers=np.flatnonzero(nodes & network.is_type(CUSTOMERS)),
        hydrants=np.flatnonzero(nodes & network.is_type(HYDRANTS)),
        attached=np.flatnonzero(hangs), length_m=float(network.length_m[edges].sum()),
    )  # fmt: skip
