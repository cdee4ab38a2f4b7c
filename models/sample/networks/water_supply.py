"""What stands on the water mains of the sample city: valves and their states, hydrants, customers, two sources.

The pipes stay what they are; their nodes get a use. Planted with known answers: valves that stand closed, valves that
cannot be moved, and a burst beside one of these whose closed part is worked out here by a plain search of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import pandas as pd

from models.sample.city import City

#: Share of valves by state; what is left is open.
_CLOSED, _FAULTY, _UNKNOWN = 0.03, 0.04, 0.02
#: Share of the pipes at a junction that have a valve there.
_VALVED = 0.75
#: Share of hydrants among what stands between the valves of a street; the others are connections of customers.
_HYDRANTS = 0.4


def furnish(city: City, pipes: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """Return the nodes with types and valve states of the water supply, and note what was planted.

    Parameters
    ----------
    city : City
    pipes, nodes : DataFrame
        Tables of all kinds as laid; only nodes of the kind ``JS`` change. ``valve_state`` is new: ``open``,
        ``closed``, ``faulty``, ``unknown``, None for what is no valve or of which nothing is recorded.
    """
    nodes = nodes.assign(valve_state=pd.Series([None] * len(nodes), index=nodes.index, dtype=object))
    mains = pipes[pipes["kind"] == "JS"]
    rows = nodes.index[nodes["kind"] == "JS"]
    if not len(mains):
        return nodes
    kind = nodes.loc[rows].set_index("code")["node_type"].to_dict()
    beside = {
        str(code)
        for one, other in (("start_node", "end_node"), ("end_node", "start_node"))
        for code, junction in zip(mains[one], mains[other], strict=True)
        if kind[str(junction)] != "valve"
    }
    rng = city.rng("network/water")
    draw, state_draw, valve_draw = rng.random((3, len(rows)))
    codes = nodes.loc[rows, "code"].astype(str).to_numpy()
    types = nodes.loc[rows, "node_type"].to_numpy(dtype=object)
    between = (types == "valve") & ~(np.isin(codes, list(beside)) & (valve_draw < _VALVED))
    types[between] = np.where(draw[between] < _HYDRANTS, "hydrant", "customer")
    junctions = np.flatnonzero(types == "junction")
    types[junctions[np.argmax(nodes.loc[rows[junctions], "x"].to_numpy())]] = "source"
    states = np.full(len(rows), None, dtype=object)
    limits = np.cumsum([_CLOSED, _FAULTY, _UNKNOWN])
    valves = types == "valve"
    words = np.array(["closed", "faulty", "unknown", "open"], dtype=object)
    states[valves] = words[np.searchsorted(limits, state_draw[valves])]
    nodes.loc[rows, "node_type"], nodes.loc[rows, "valve_state"] = types, states
    _note(city, mains, dict(zip(codes, types, strict=True)), dict(zip(codes, states, strict=True)))
    return nodes


def _note(city: City, mains: pd.DataFrame, types: Mapping[str, str], states: Mapping[str, str | None]) -> None:
    for state, name, why, why_zh in (
        ("closed", "water_valves_closed", "These water valves stand closed.", "这些给水阀门处于关闭状态。"),
        ("faulty", "water_valves_faulty", "These water valves stand open and cannot be moved.",
         "这些给水阀门失灵，停在开启位置，无法关闭。"),
    ):  # fmt: skip
        codes = sorted(code for code, word in states.items() if word == state)
        city.planted.append(
            {"id": name, "kind": f"valve_{state}", "layer": "pipe_nodes", "codes": codes, "why": why, "why_zh": why_zh}
        )
    runs = list(zip(mains["code"], mains["start_node"], mains["end_node"], strict=True))
    beside_faulty = [run for run in runs if "faulty" in (states[run[1]], states[run[2]])]
    if not beside_faulty:
        return
    parts = {run: _closed_part(runs, run, states) for run in beside_faulty}
    burst = max(parts, key=lambda run: (sum(types[code] == "customer" for code in parts[run][0]), run[0]))
    within, border = parts[burst]
    city.planted.append({
        "id": "water_main_burst", "kind": "burst", "layer": "pipes", "codes": [burst[0]],
        "why": "If this main bursts, a valve beside it cannot be closed: more valves and customers go.",
        "why_zh": "若此处爆管，其旁阀门无法关闭：需扩大关阀范围，影响更多用户。",
        "close": sorted(code for code in border if states[code] != "closed"),
        "closed": sorted(code for code in border if states[code] == "closed"),
        "passed": sorted(code for code in within if states[code] == "faulty"),
        "customers": sorted(code for code in within if types[code] == "customer"),
        "hydrants": sorted(code for code in within if types[code] == "hydrant"),
    })  # fmt: skip


def _closed_part(
    runs: list[tuple[str, str, str]], burst: tuple[str, str, str], states: Mapping[str, str | None]
) -> tuple[set[str], set[str]]:
    """Return the nodes without water and the valves around them, going from node to node like a crew with a plan."""
    next_to: dict[str, list[str]] = defaultdict(list)
    for _, start, end in runs:
        next_to[start].append(end)
        next_to[end].append(start)
    within, border, todo = set[str](), set[str](), list(burst[1:])
    while todo:
        code = todo.pop()
        if states[code] in ("open", "closed", "unknown"):
            border.add(code)
        elif code not in within:
            within.add(code)
            todo += next_to[code]
    # A valve with water on neither side of it needs no closing.
    return within, {code for code in border if any(other not in within for other in next_to[code])}
