"""Nodes of a graph while it is made, and what stands on the line of a pipe: it splits the pipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from models.network.ends import ANY_KIND, SAME_PLACE_M, Floats, Ints, Meeting, Mode, NodeTable, PipeEnds


@dataclass(frozen=True, slots=True)
class Joined:
    """Nodes, and where they stand on pipes.

    Parameters
    ----------
    number : ndarray (2m,) int
        Node of each end.
    row, code : ndarray (n,) int
        Row of each node in the table and number of its code, -1 for none.
    xy : ndarray (n, 2)
    split_pipe, split_node : ndarray (s,) int
        Which pipe (row) a node splits.
    split_at_m, split_off_m : ndarray (s,)
        How far along the pipe, and how far off its line.
    shared : ndarray (k, 2) int
        Rows of the table that stand at a node which is another row already, and that node.
    """

    number: Ints
    row: Ints
    code: Ints
    xy: Floats
    split_pipe: Ints
    split_node: Ints
    split_at_m: Floats
    split_off_m: Floats
    shared: Ints


def joined(
    pipes: Any, ends: PipeEnds, table: NodeTable, meeting: Meeting, length_m: Floats, mode: Mode, tolerance_m: float
) -> Joined:
    """Number the nodes where ends meet, and put the nodes that stand on a line into it."""
    number, members = pd.factorize(meeting.identity)
    row, code, xy = _nodes(ends, table, members, number)
    found = _Standing.none()
    if mode != "codes":
        found = _on_lines(pipes, ends, table, (row, code, xy), number, length_m, mode, tolerance_m)
    fresh = found.fresh
    return Joined(
        number, np.append(row, fresh), np.append(code, table.code[fresh]), np.vstack([xy, table.xy[fresh]]),
        found.pipe, found.node, found.at_m, found.off_m, found.shared,
    )  # fmt: skip


def _nodes(ends: PipeEnds, table: NodeTable, members: Ints, number: Ints) -> tuple[Ints, Ints, Floats]:
    """Return row, code number and place of each node: the recorded place, else the middle of the ends that meet."""
    recorded = members < table.count
    row = np.where(recorded, members, -1)
    beyond = members - table.count
    code = np.where(~recorded & (beyond < len(ends.codes)), beyond, -1)
    code[recorded] = table.code[row[recorded]]
    usable = np.isfinite(ends.xy[:, 0])
    weight = np.bincount(number[usable], minlength=len(members))
    with np.errstate(invalid="ignore"):
        sums = [np.bincount(number[usable], ends.xy[usable, axis], len(members)) / weight for axis in (0, 1)]
    xy = np.column_stack(sums)
    placed = np.flatnonzero(recorded)
    placed = placed[np.isfinite(table.xy[row[placed], 0])]
    xy[placed] = table.xy[row[placed]]
    return row, code, xy


@dataclass(frozen=True, slots=True)
class _Standing:
    """What stands on lines; ``fresh``: rows of the table that become nodes by it."""

    pipe: Ints
    node: Ints
    at_m: Floats
    off_m: Floats
    fresh: Ints
    shared: Ints

    @classmethod
    def none(cls) -> _Standing:
        nothing, no_length = np.empty(0, dtype=np.int64), np.empty(0)
        return cls(nothing, nothing, no_length, no_length, nothing, nothing.reshape(0, 2))


def _on_lines(
    pipes: Any, ends: PipeEnds, table: NodeTable, nodes: tuple[Ints, Ints, Floats], number: Ints, length_m: Floats,
    mode: Mode, tolerance_m: float,
) -> _Standing:  # fmt: skip
    """Find nodes that no end meets, and loose ends without a code, on the line of another pipe."""
    row, code, place_xy = nodes
    met = np.zeros(table.count, dtype=bool)
    met[row[row >= 0]] = True
    unmet = np.flatnonzero(~met & np.isfinite(table.xy[:, 0]))
    degree = np.bincount(number, minlength=len(row))
    may = (code < 0) if mode == "both" else np.ones(len(row), dtype=bool)
    loose = np.flatnonzero((degree == 1) & may & np.isfinite(place_xy[:, 0]))
    of_end = np.full(len(row), -1, dtype=np.int64)
    of_end[number] = np.arange(len(number))
    xy = np.vstack([table.xy[unmet], place_xy[loose]])
    group = np.append(table.group[unmet], ends.group[of_end[loose]])
    if not len(xy):
        return _Standing.none()
    lines = np.asarray(pipes.geometry.array, dtype=object)
    points = shapely.points(xy)
    candidate, pipe = shapely.STRtree(lines).query(points, predicate="dwithin", distance=tolerance_m)
    m = len(lines)
    own = np.append(np.full(len(unmet), -1), of_end[loose] % m)
    fits = (
        ((ends.group[pipe] == group[candidate]) | (group[candidate] == ANY_KIND))
        & (pipe != own[candidate])
        & (shapely.get_type_id(lines[pipe]) == 1)
    )
    candidate, pipe = candidate[fits], pipe[fits]
    off = shapely.distance(points[candidate], lines[pipe])
    at = shapely.line_locate_point(lines[pipe], points[candidate])
    margin = np.minimum(at, length_m[pipe] - at)
    order = np.lexsort([-margin, np.round(off, 3), candidate])
    candidate, pipe, off, at, margin = (values[order] for values in (candidate, pipe, off, at, margin))
    best = np.full(len(xy), np.inf)
    np.minimum.at(best, candidate, off)
    kept = (off <= best[candidate] + SAME_PLACE_M) & (margin > SAME_PLACE_M)
    # What stands at an end itself, not along the line, shares the node that is there.
    along = np.zeros(len(xy), dtype=bool)
    along[candidate[kept]] = True
    at_end = ~along[candidate] & (candidate < len(unmet)) & (off <= best[candidate] + SAME_PLACE_M)
    shared_rows, first = np.unique(candidate[at_end], return_index=True)
    beside = np.flatnonzero(at_end)[first]
    shared = number[np.where(at[beside] * 2 < length_m[pipe[beside]], pipe[beside], pipe[beside] + m)]
    candidate, pipe, off, at = candidate[kept], pipe[kept], off[kept], at[kept]
    used = np.unique(candidate[candidate < len(unmet)])
    place = np.full(len(xy), -1, dtype=np.int64)
    place[used] = len(row) + np.arange(len(used))
    place[len(unmet) :] = loose
    sharing: Ints = np.column_stack([unmet[shared_rows], shared]).astype(np.int64)
    return _Standing(pipe, place[candidate], at, off, unmet[used], sharing)
