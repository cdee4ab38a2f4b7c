"""Checks of pipes as lines and of what they join: lengths, overlaps, ends, nodes without pipes, cycles, mixing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from models.facilities.quality.outcome import Gap, Outcome, no_value, unjudged
from models.facilities.quality.rules import Rule
from models.facilities.quality.tables import Floats, Mask, Objects, Rows, Table, Tables, among
from models.network.kinds import gravity_codes

#: Where along a pipe it is asked whether another lies there too: over its whole length.
_STATIONS = (0.02, 0.5, 0.98)


def length(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Pipes without a length in plan: no line, an empty one, or both ends in one place (falls stand by themselves)."""
    least = rule.of("least_m")
    return Outcome(table.length_m < least, value=table.length_m, limit=least)


def overlap(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Pipes that run along another one: the later of two fails. Where heights are known, they must be alike too."""
    within = rule.of("within_m")
    lines = np.flatnonzero(table.has_shape & (table.length_m > 10 * within) & (shapely.get_type_id(table.plan) == 1))
    failed, other = np.zeros(len(table), bool), np.full(len(table), -1, np.int64)
    if len(lines):
        hits: list[Rows] = []
        tree = table.tree
        for station in _STATIONS:
            spots = shapely.line_interpolate_point(table.plan[lines], station, normalized=True)
            at, near = tree.query(spots, predicate="dwithin", distance=within)
            one = lines[at]
            hits.append((one * len(table) + near)[one != near])
        pairs, count = np.unique(np.concatenate(hits), return_counts=True)
        pairs = pairs[count == len(_STATIONS)]
        one, two = pairs // len(table), pairs % len(table)
        same = _same_height(table, one, two)
        one, two = one[same], two[same]
        # each pair once, told of its later pipe
        late, early = np.maximum(one, two), np.minimum(one, two)
        failed[late] = True
        order = np.lexsort((-early, late))
        other[late[order]] = early[order]
    gap = Gap(~table.has_shape | (table.length_m <= 10 * within), "no_length")
    return Outcome(failed, (gap,), other=(table, other))


def _same_height(table: Table, one: Rows, two: Rows) -> Mask:
    """Return which pairs of pipes cannot lie one above the other: their bodies meet, or a height is not known."""
    starts, _ = table.number("start_invert_m")
    ends, _ = table.number("end_invert_m")
    size, has_size = table.number("diameter_mm")
    middle, radius = (starts + ends) / 2.0, np.where(has_size, size, 0.0) / 2000.0
    gap = np.abs((middle + radius)[one] - (middle + radius)[two]) - radius[one] - radius[two]
    return ~(gap > 0)


def tips(table: Table, end: str) -> tuple[Floats, Mask]:
    """Return where each pipe begins (``"start"``) or ends (``"end"``), and whether it is one line."""

    def make() -> tuple[Floats, Mask]:
        there = table.has_shape & (shapely.get_type_id(table.plan) == 1)
        points = shapely.get_point(table.plan[there], 0 if end == "start" else -1)
        xy = np.full((len(table), 2), np.nan)
        xy[there] = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
        return xy, there

    return table.once(f"tips/{end}", make)  # type: ignore[no-any-return]


def end_rows(table: Table, tables: Tables, end: str) -> tuple[Rows, Mask]:
    """Return the node that each pipe names at an end (-1 where none has that code), and whether it names one."""
    nodes = tables.of("pipe_nodes")

    def make() -> tuple[Rows, Mask]:
        texts, said = table.text(f"{end}_node")
        return np.where(said, nodes.find("code", texts), -1), said

    return table.once(f"end_rows/{end}", make)  # type: ignore[no-any-return]


def ends(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Pipe ends that meet no node: no node has that code, or it lies apart; without codes, none is near."""
    nodes, most = tables.of("pipe_nodes"), rule.of("most_m")
    if not nodes.has_shape.any():
        return unjudged(table, "no_layer", role="pipe_nodes", field="")
    failed = np.zeros(len(table), bool)
    why: Objects = np.full(len(table), "", dtype=object)
    distance_m, places = np.full(len(table), np.nan), table.xy.copy()
    other, known = np.full(len(table), -1, np.int64), np.zeros(len(table), bool)
    standing = np.flatnonzero(nodes.has_shape)
    tree = shapely.STRtree(nodes.plan[standing])
    for end in ("end", "start"):  # of two bad ends the start is told
        xy, there = tips(table, end)
        row, said = end_rows(table, tables, end)
        named = (row >= 0) & there & np.where(row >= 0, nodes.has_shape[row], False)
        gap_m = np.full(len(table), np.nan)
        gap_m[named] = shapely.distance(shapely.points(xy[named]), nodes.plan[row[named]])
        free = np.flatnonzero(there & ~said)
        if len(free):
            (at, near), gap = tree.query_nearest(shapely.points(xy[free]), return_distance=True, all_matches=False)
            gap_m[free[at]] = gap
            row = row.copy()
            row[free[at]] = standing[near]
        lost = said & (row < 0)
        bad = lost | (gap_m > most)
        known |= said | there
        failed |= bad
        why[bad] = np.select([lost, ~said], [f"{end}_unknown", f"{end}_alone"], f"{end}_apart")[bad]
        distance_m[bad], places[bad & there], other[bad] = gap_m[bad], xy[bad & there], row[bad]
    return Outcome(failed, (Gap(~known, "no_shape"),), distance_m, most, why, places, (nodes, other))


def end_type(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Pipes that end at a node of a type at which no pipe should end."""
    nodes = tables.of("pipe_nodes")
    types, _ = nodes.text("node_type")
    if not len(nodes) or not nodes.has("node_type"):
        return unjudged(table, "no_layer", role="pipe_nodes", field="node_type")
    allowed = among(types, list(rule.of("types")))
    failed, known, why = np.zeros(len(table), bool), np.zeros(len(table), bool), np.full(len(table), "", dtype=object)
    value: Objects = np.full(len(table), "", dtype=object)
    places = table.xy.copy()
    for end in ("end", "start"):
        row, _ = end_rows(table, tables, end)
        told = np.where(row >= 0, types[row] != "", False)
        bad = told & ~allowed[row]
        xy, there = tips(table, end)
        known |= told
        failed |= bad
        value[bad], why[bad], places[bad & there] = types[row[bad]], f"{end}_type", xy[bad & there]
    return Outcome(failed, (Gap(~known, "no_value", {"field": "node_type"}),), value, " / ".join(rule.of("types")),
                   why, places)  # fmt: skip


def unused(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Nodes that no pipe names; where pipes name none, nodes that no pipe's end meets within half a metre."""
    pipes = tables.of("pipes")
    if not len(pipes):
        return unjudged(table, "no_layer", role="pipes", field="")
    codes, known = table.text("code")
    named = pd.concat([pd.Series(pipes.text(f"{end}_node")[0], dtype=object) for end in ("start", "end")])
    if (named != "").any():
        return Outcome(~pd.Series(codes, dtype=object).isin(named).to_numpy(), (no_value(table, "code", known),), codes)
    tips_xy = np.vstack([tips(pipes, end)[0][tips(pipes, end)[1]] for end in ("start", "end")])
    met = np.zeros(len(table), bool)
    at, _ = shapely.STRtree(shapely.points(tips_xy)).query(table.points, predicate="dwithin", distance=0.5)
    met[at] = True
    return Outcome(~met, (Gap(~table.has_shape, "no_shape"),), codes)


def _flow(tables: Tables, chosen: Mask | None = None) -> tuple[Objects, Rows, Rows, Rows]:
    """Return node codes, and of each gravity pipe that names both ends its row, start and end as numbers of codes."""
    pipes = tables.of("pipes")
    (start, has_start), (end, has_end) = pipes.text("start_node"), pipes.text("end_node")
    drains = among(pipes.kind, list(gravity_codes())) if chosen is None else chosen
    rows = np.flatnonzero(drains & has_start & has_end)
    numbers, codes = pd.factorize(np.concatenate([start[rows], end[rows]]))
    return np.asarray(codes, dtype=object), rows, numbers[: len(rows)], numbers[len(rows) :]


def sink(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Nodes into which water flows and from which it flows nowhere, outfalls excepted."""
    pipes = tables.of("pipes")
    if not len(pipes) or not pipes.has("end_node"):
        return unjudged(table, "no_layer", role="pipes", field="end_node")
    codes, known = table.text("code")
    names, _, start, end = _flow(tables)
    stuck = np.setdiff1d(end, start)
    entered = pd.Series(codes, dtype=object).isin(names[np.unique(end)]).to_numpy()
    last = pd.Series(codes, dtype=object).isin(names[stuck]).to_numpy()
    types, said = table.text("node_type")
    out = among(types, list(rule.of("types")))
    gaps = (no_value(table, "code", known), Gap(last & ~said, "no_value", {"field": "node_type"}))
    return Outcome(last & ~out, gaps, codes, applies=entered | ~known)


def cycle(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Pipes of a gravity network that lead back to where they began; water cannot go round."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not table.has("start_node") or not table.has("end_node"):
        return unjudged(table, "no_field", field="start_node")
    names, rows, start, end = _flow(tables, _named(rule, table))
    failed, known = np.zeros(len(table), bool), np.zeros(len(table), bool)
    known[rows] = True
    sizes = np.full(len(table), np.nan)
    if len(rows):
        graph = coo_array((np.ones(len(rows), np.int8), (start, end)), shape=(len(names), len(names))).tocsr()
        _, part = connected_components(graph, directed=True, connection="strong")
        inside = part[start] == part[end]  # a pipe within one strongly connected part lies on a circle
        failed[rows] = inside
        pipes_in = np.bincount(part[start[inside]], minlength=int(part.max()) + 1)
        sizes[rows[inside]] = pipes_in[part[start[inside]]]
    return Outcome(failed, (Gap(~known, "no_value", {"field": "start_node / end_node"}),), sizes)


def _named(rule: Rule, table: Table) -> Mask:
    kinds = gravity_codes() if "gravity" in rule.kinds or not rule.kinds else rule.kinds
    return among(table.kind, list(kinds))


def mixing(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Pipes that lead into a drain for other water: by what leaves their end node, else by the kind of the node."""
    nodes, into = tables.of("pipe_nodes"), list(rule.of("into"))
    if not table.has("end_node"):
        return unjudged(table, "no_field", field="end_node")
    end, said = table.text("end_node")
    start, starts = table.text("start_node")
    wrong = starts & among(table.kind, into)
    leads_wrong = pd.Series(end, dtype=object).isin(start[wrong]).to_numpy()
    own = starts & ~wrong & among(table.kind, list(gravity_codes()))
    leads_on = pd.Series(end, dtype=object).isin(start[own]).to_numpy()
    row, _ = end_rows(table, tables, "end")
    at = np.where(row >= 0, among(nodes.kind[row], into), False) if len(nodes) else np.zeros(len(end), bool)
    failed = (leads_wrong & ~leads_on) | (at & ~leads_on)
    xy, there = tips(table, "end")
    places = np.where(there[:, None], xy, table.xy)
    return Outcome(failed, (no_value(table, "end_node", said),), end, why=np.full(len(end), "", dtype=object),
                   places=places)  # fmt: skip
