"""Repairs that rules know: what each would put in the place of what is there, to be looked at before it is done.

A repair is offered only where the data itself says what is right: a value that a person chose from the domain, the
sub-district in which an object stands, inverts that fit their nodes when they are exchanged, the node that a cover lies
on. What it cannot mend it leaves and counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.core.plain_values import plain
from models.facilities.quality.gate import RuleResult
from models.facilities.quality.values import domain_values
from models.layers.layer import LayerData, VectorData
from models.project.edits import SHAPE, Edit, Value, shape_text
from models.project.selection import ObjectKey

#: Repairs by id, whether each needs a value that a person chooses.
REPAIRS: Mapping[str, bool] = {"domain": True, "district": False, "swap_inverts": False, "snap": False}
#: Inverts fit their nodes within this, metres.
_FIT_M = 0.02

Data = Mapping[str, LayerData]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a repair would do.

    Parameters
    ----------
    edits : tuple of Edit
    mended : int
        Failures that it mends.
    left : int
        Failures for which the data does not say what is right.
    """

    edits: tuple[Edit, ...]
    mended: int
    left: int


def choices(one: RuleResult) -> tuple[str, ...]:
    """Return the values from which a person chooses; empty where a repair needs none."""
    if one.rule.repair != "domain":
        return ()
    if one.rule.check == "required":  # a state that is not recorded
        from models.facilities.register import states

        return tuple(state.name for state in states().values() if state.id != "unknown")
    return domain_values(one.rule)


def propose(one: RuleResult, rows: Sequence[int], data: Data, value: str = "", areas: Any = None,
            crs: str = "") -> Proposal:  # fmt: skip
    """Return what a rule's repair would do to some of its failures.

    Parameters
    ----------
    one : RuleResult
    rows : sequence of int
        Of its failures.
    data : mapping of str to LayerData
    value : str
        What a person chose, where the repair asks for it.
    areas : GeoDataFrame, optional
        ``code`` and shapes of the sub-districts, in the project's CRS.
    crs : str
        The project's.
    """
    ways: dict[str, Callable[[], list[Edit]]] = {
        "domain": lambda: _domain(one, rows, data, value),
        "district": lambda: _district(one, rows, data, areas),
        "swap_inverts": lambda: _swap_inverts(one, rows, data),
        "snap": lambda: _snap(one, rows, data),
    }
    edits = ways[one.rule.repair]() if one.rule.repair in ways else []
    each = 2 if one.rule.repair == "swap_inverts" else 1
    mended = len(edits) // each
    return Proposal(tuple(edits), mended, len(rows) - mended)


def _edit(key: ObjectKey, column: str, before: Any, after: Value, repair: str) -> Edit:
    return Edit(key.layer, key.oid, column, plain(before), after, basis=f"quality gate: {repair}",
                certainty="derived")  # fmt: skip


def _frame(data: Data, layer: str) -> Any:
    held = data.get(layer)
    return held.frame if isinstance(held, VectorData) else None


def _domain(one: RuleResult, rows: Sequence[int], data: Data, value: str) -> list[Edit]:
    if value not in choices(one):
        return []
    field = one.rule.parameters.get("field") or one.rule.of("fields")[0]
    found = []
    for row in rows:
        key = one.failures.key(row)
        frame = _frame(data, key.layer)
        if frame is not None and key.oid in frame.index:
            before = frame.at[key.oid, field] if field in frame.columns else None
            found.append(_edit(key, field, before, value, "chosen"))
    return found


def _district(one: RuleResult, rows: Sequence[int], data: Data, areas: Any) -> list[Edit]:
    import shapely

    if areas is None or not len(areas) or one.rule.check != "own_area":
        return []
    field, key_field = one.rule.of("field"), one.rule.of("key")
    places = shapely.points(one.failures.xy[np.asarray(rows, dtype=int)])
    at, area = shapely.STRtree(np.asarray(areas.geometry.array)).query(places, predicate="intersects")
    home = dict(zip(at[::-1].tolist(), area[::-1].tolist(), strict=True))
    found = []
    for number, row in enumerate(rows):
        key = one.failures.key(row)
        frame = _frame(data, key.layer)
        if number in home and frame is not None and key.oid in frame.index and field in frame.columns:
            code, before = str(areas[key_field].iloc[home[number]]), plain(frame.at[key.oid, field])
            # a longer code keeps nothing of its own below the sub-district: that part would be a guess
            if before is None or len(str(before)) == len(code):
                found.append(_edit(key, field, before, code, "sub-district in which it stands"))
    return found


def _swap_inverts(one: RuleResult, rows: Sequence[int], data: Data) -> list[Edit]:
    nodes = _levels_of_nodes(data)
    found = []
    for row in rows:
        key = one.failures.key(row)
        frame = _frame(data, key.layer)
        if frame is None or key.oid not in frame.index:
            continue
        pipe = frame.loc[key.oid]
        start, end = pipe.get("start_invert_m"), pipe.get("end_invert_m")
        upper, lower = nodes.get(str(pipe.get("start_node"))), nodes.get(str(pipe.get("end_node")))
        if upper is None or lower is None:
            continue
        # each node's bottom is not above the pipe that the exchange would bring to it, and the pipe then falls
        if end > start and abs(upper - end) <= _FIT_M and abs(lower - start) <= _FIT_M:
            found.append(_edit(key, "start_invert_m", start, plain(end), "inverts of its nodes"))
            found.append(_edit(key, "end_invert_m", end, plain(start), "inverts of its nodes"))
    return found


def _levels_of_nodes(data: Data) -> dict[str, float]:
    found: dict[str, float] = {}
    for held in data.values():
        if isinstance(held, VectorData) and {"code", "invert_m"} <= set(held.fields):
            table = held.attributes[["code", "invert_m"]].dropna()
            found |= dict(zip(table["code"].astype(str), table["invert_m"].astype(float), strict=True))
    return found


def _snap(one: RuleResult, rows: Sequence[int], data: Data) -> list[Edit]:
    """Move the component that a node names onto the node."""
    found = []
    for row in rows:
        node, component = one.failures.key(row), one.failures.other(row)
        nodes = _frame(data, node.layer)
        things = None if component is None else _frame(data, component.layer)
        if component is None or nodes is None or things is None or component.oid not in things.index:
            continue
        target, before = nodes.geometry.loc[[node.oid]], things.geometry.loc[component.oid]
        own = "" if things.crs is None else things.crs.to_string()
        if things.crs is not None and nodes.crs is not None and nodes.crs != things.crs:
            target = target.to_crs(things.crs)
        import shapely

        after = shapely.force_2d(target.iloc[0]) if not before.has_z else target.iloc[0]
        found.append(
            Edit(component.layer, component.oid, SHAPE, shape_text(before, own), shape_text(after, own),
                 basis="quality gate: node that names it", certainty="derived")
        )  # fmt: skip
    return found
