"""What the window shows of a network's answer: rows of the list, colours, numbers, the line above."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from app.usecases.network import result_tables
from app.usecases.network.questions import Answer
from models.layers.layer import VectorData
from models.network.ends import Ints
from models.network.trace import name_of
from models.project.selection import ObjectKey
from resources.standards import standard
from viewers.render.symbology.result_view import Shown
from viewers.render.symbology.theme_picture import Number
from viewers.widgets.network.network_panel import MOST_ROWS, ListGroup, ListRow

if TYPE_CHECKING:
    from app.session import Session

Say = Callable[..., str]
#: How high the number of a valve stands over the ground, metres.
_ABOVE_M = 2.5


def kinds_of(session: Session, layer_id: str) -> list[tuple[str, str]]:
    """Return the kinds of pipe of a layer as ``(code, title)``, in the order of the standard."""
    data = session.project.data.get(layer_id)
    if not isinstance(data, VectorData) or "kind" not in data.fields:
        return []
    there = {str(kind) for kind in data.attributes["kind"].dropna().unique()}
    word = "en" if session.lang == "en" else "zh"
    known = [(row["code"], f"{row['code']} {row[word]}") for row in standard("pipes_cjj61")["kind"]]
    codes = {code for code, _ in known}
    return [row for row in known if row[0] in there] + [(kind, kind) for kind in sorted(there - codes - {""})]


def title_of(found: Answer, word: Say) -> str:
    """Return the figures of an answer in a line."""
    if found.trace is not None:
        trace = found.trace
        return word(
            f"network.result.{trace.what}", pipes=f"{len(found.pipes(trace.edges)):,}",
            nodes=f"{len(trace.nodes):,}", length=f"{trace.length_m:,.1f}",
        )  # fmt: skip
    lines = [word(key, **fields) for key, fields in result_tables.summary_of(found)]
    if found.plan is not None and found.water_m3 == found.water_m3:
        lines.append(word("network.result.water", water=f"{found.water_m3:,.1f}"))
    return "\n".join(lines)


def groups_of(session: Session, found: Answer, word: Say) -> list[ListGroup]:
    """Return the list of an answer."""
    rows = _Rows(session, found, word)
    groups: list[ListGroup] = []
    if found.trace is not None:
        trace = found.trace
        groups.append(rows.nodes("end", trace.ends))
        groups.append(rows.nodes("stopping", trace.stopped))
        groups.append(rows.pipes("pipe", trace.edges))
    if found.plan is not None:
        plan = found.plan
        groups.append(rows.valves("close", plan.close, numbered=True))
        groups.append(rows.valves("shut", plan.shut))
        groups.append(rows.valves("passed", plan.passed))
    losses = result_tables.losses_of(found)
    for what in ("customer", "hydrant"):
        nodes = [getattr(loss, f"{what}s") for loss in losses.values()]
        groups.append(rows.nodes(what, np.concatenate(nodes) if nodes else np.empty(0, np.int64)))
    if losses:
        groups.append(rows.buildings(np.concatenate([loss.attached for loss in losses.values()])))
    groups += [rows.pipes(part, loss.edges, opened=False) for part, loss in losses.items()]
    return [group for group in groups if group.count]


class _Rows:
    """Makes groups of rows."""

    def __init__(self, session: Session, found: Answer, word: Say) -> None:
        self._session, self._found, self._word = session, found, word

    def nodes(self, what: str, nodes: Ints) -> ListGroup:
        network, word = self._found.network, self._word
        rows = [
            ListRow(name_of(network, int(i)), self._type(str(network.node_type[i])), self._node_key(int(i)))
            for i in nodes[:MOST_ROWS]
        ]
        return ListGroup(word(f"network.list.{what}"), len(nodes), rows)

    def valves(self, what: str, nodes: Ints, *, numbered: bool = False) -> ListGroup:
        """Return valves with their state; those to be closed, and those marked, have a box: it does not close."""
        found, word = self._found, self._word
        rows = []
        for at, i in enumerate(nodes[:MOST_ROWS]):
            key = self._node_key(int(i))
            marked = key is not None and key.oid in found.question.faulty
            can_mark = key is not None and (what == "close" or marked)
            name = name_of(found.network, int(i))
            state = word(f"network.state.{found.states[i]}")
            rows.append(
                ListRow(f"{at + 1}   {name}   {state}" if numbered else f"{name}   {state}",
                        word("network.does_not_close") if can_mark else "", key, marked if can_mark else None)
            )  # fmt: skip
        return ListGroup(word(f"network.list.{what}"), len(nodes), rows)

    def pipes(self, what: str, edges: Ints, *, opened: bool = True) -> ListGroup:
        found = self._found
        fids = found.pipes(edges)
        shown = fids[:MOST_ROWS]
        codes = result_tables.codes_of_pipes(found.made, shown)
        lengths = found.made.pipe_table.geometry.loc[shown].length.to_numpy()
        rows = [
            ListRow(str(code), f"{length:,.1f} m" if length == length else "", ObjectKey(found.made.pipes.id, int(fid)))
            for code, length, fid in zip(codes, lengths, shown, strict=True)
        ]
        return ListGroup(self._word(f"network.list.{what}"), len(fids), rows, opened)

    def buildings(self, attached: Ints) -> ListGroup:
        session = self._session
        rows: list[ListRow] = []
        for layer_id, oids in self._found.buildings.by_layer(attached).items():
            data = session.project.data.get(layer_id)
            for oid in oids[: MOST_ROWS - len(rows)]:
                rows.append(ListRow(_name_in(data, int(oid)), "", ObjectKey(layer_id, int(oid))))
        return ListGroup(self._word("network.list.building"), len(attached), rows, opened=False)

    def _node_key(self, node: int) -> ObjectKey | None:
        made, oid = self._found.made, int(self._found.network.node_oid[node])
        return ObjectKey(made.nodes.id, oid) if made.nodes is not None and oid >= 0 else None

    def _type(self, node_type: str) -> str:
        domain = standard("register_fields")["domain"]["node_type"]["value"]
        known = {row["id"]: row["en" if self._session.lang == "en" else "zh"] for row in domain}
        return str(known.get(node_type, node_type))


def _name_in(data: Any, oid: int) -> str:
    """Return the name of an object of a table, else its number."""
    if isinstance(data, VectorData):
        for field in ("name", "code"):
            if field in data.fields:
                value = data.attributes[field].get(oid)
                if isinstance(value, str) and value:
                    return value
    return f"#{oid}"


def shown_of(found: Answer) -> list[Shown]:
    """Return the objects that an answer colours, the more important ones later."""
    made, network = found.made, found.network
    pipes, nodes = made.pipes.id, None if made.nodes is None else made.nodes.id
    shown: list[Shown] = []

    def of_nodes(what: str, at: Ints) -> None:
        if nodes is not None:
            oids = network.node_oid[at]
            shown.append(Shown(what, nodes, oids[oids >= 0], "dot"))

    if found.trace is not None:
        trace = found.trace
        shown.append(Shown("way", pipes, found.pipes(trace.edges)))
        of_nodes("end", trace.ends)
        of_nodes("stopped", trace.stopped)
    losses = result_tables.losses_of(found)
    for what in ("cut_off", "closed_part"):
        if what in losses:
            shown.append(Shown(what, pipes, found.pipes(losses[what].edges)))
    for loss in losses.values():
        of_nodes("customer", loss.customers)
        of_nodes("hydrant", loss.hydrants)
        for layer_id, oids in found.buildings.by_layer(loss.attached).items():
            shown.append(Shown("building", layer_id, oids, ""))
    if found.plan is not None:
        of_nodes("passed", found.plan.passed)
        of_nodes("shut", found.plan.shut)
        of_nodes("close", found.plan.close)
    start = "burst" if found.question.what == "isolate" else "start"
    for is_node, layer in ((False, pipes), (True, nodes)):
        oids = np.array([one.oid for one in found.question.starts if one.is_node == is_node], dtype=np.int64)
        if layer is not None:
            shown.append(Shown(start, layer, oids, "dot" if is_node else "line"))
    return shown


def rest_of(found: Answer) -> dict[str, Ints]:
    """Return the pipes and nodes that step back."""
    made = found.made
    rest = {made.pipes.id: np.asarray(made.pipe_table.index, dtype=np.int64)}
    if made.nodes is not None and made.node_table is not None:
        rest[made.nodes.id] = np.asarray(made.node_table.index, dtype=np.int64)
    return rest


def numbers_of(found: Answer) -> list[Number]:
    """Return the numbers of the valves that are to be closed, as the list has them."""
    if found.plan is None:
        return []
    xy = found.network.node_xy[found.plan.close[:99]]
    return [Number(str(at + 1), float(x), float(y), _ABOVE_M) for at, (x, y) in enumerate(xy) if x == x]
