"""Which ends of pipes meet: by the codes recorded at the ends, by where the ends lie, or by both.

Invariants
----------
1. Where an end has a code, the code decides; where the end lies otherwise, that is said with the distance. Only ends
   without a code are joined by place (in the mode ``"geometry"`` all are).
2. Ends are joined by place only within one kind of pipe: a storm and a sewage manhole may stand side by side.
3. The two ends of a short pipe never become one: an end reaches at most half of its shortest pipe.
4. A valve beside a junction stays a valve of its own: it takes over no place where three or more pipes meet, but is
   put into the line on which it stands.
5. Nothing runs row by row: a million pipes are a dozen array operations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

Mode = Literal["codes", "geometry", "both"]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Ends and nodes nearer than this are at the same place, metres.
SAME_PLACE_M = 0.001
#: A valve this near a junction of pipes stands on the junction itself, metres.
ON_JUNCTION_M = 0.01
#: Types of nodes that stand in a line and must not be taken for the junction beside them.
IN_LINE = ("valve",)
#: Group of a node that says no kind: it stands on pipes of any.
ANY_KIND = 0
#: Far enough apart that kinds never meet when laid beside each other in a tree of points, metres.
_APART_M = 1e9


@dataclass(frozen=True, slots=True)
class PipeEnds:
    """Both ends of every pipe: those of all starts, then those of all ends.

    Parameters
    ----------
    xy : ndarray (2m, 2)
        NaN where a pipe has no geometry.
    code : ndarray (2m,) int
        Number of the code in ``codes``; -1 for none.
    codes : ndarray of str
        Every code that a node or an end carries, once.
    group : ndarray (2m,) int
        Kind of the pipe as a number.
    reach_m : ndarray (2m,)
        How far the end may be joined by place.
    """

    xy: Floats
    code: Ints
    codes: NDArray[np.object_]
    group: Ints
    reach_m: Floats


@dataclass(frozen=True, slots=True)
class NodeTable:
    """The recorded nodes as arrays: place, number of the code in ``PipeEnds.codes``, kind and type of each."""

    xy: Floats
    code: Ints
    group: Ints
    node_type: NDArray[np.object_]

    @property
    def count(self) -> int:
        """Return the number of rows."""
        return len(self.code)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Which ends meet.

    Parameters
    ----------
    identity : ndarray (2m,) int
        Equal for ends that meet: a row of the node table, else ``nodes.count + `` a number of its own.
    apart_m : ndarray (2m,)
        Distance from the end to its node, NaN where there is none to tell.
    snapped : ndarray (2m,) bool
        Joined by place.
    """

    identity: Ints
    apart_m: Floats
    snapped: Bools


def read_ends(
    pipes: Any, nodes: Any, tolerance_m: float, separate_kinds: bool
) -> tuple[PipeEnds, NodeTable, Floats, Bools]:
    """Take ends, codes and kinds out of both tables.

    Returns
    -------
    ends : PipeEnds
    table : NodeTable
    length_m : ndarray (m,)
        Plan length, 0 without geometry.
    drawn : ndarray (m,) bool
        Whether the pipe has a line at all.
    """
    m = len(pipes)
    lines = _lines(pipes)
    corners = shapely.get_num_coordinates(lines)
    drawn = corners > 0
    places = shapely.get_coordinates(lines)
    first = np.append(0, np.cumsum(corners))
    xy = np.full((2 * m, 2), np.nan)
    xy[:m][drawn], xy[m:][drawn] = places[first[:-1][drawn]], places[first[1:][drawn] - 1]
    length_m = np.nan_to_num(shapely.length(lines))
    count = 0 if nodes is None else len(nodes)
    columns = [_column(nodes, "code", count), _column(pipes, "start_node", m), _column(pipes, "end_node", m)]
    number, codes = _numbered(columns)
    groups = _grouped([_column(nodes, "kind", count), _column(pipes, "kind", m)], separate_kinds)
    node_xy = np.full((count, 2), np.nan)
    node_type = np.full(count, "", dtype=object)
    if nodes is not None and count:
        points = np.asarray(nodes.geometry.array, dtype=object)
        is_point = shapely.get_type_id(points) == 0
        node_xy[is_point] = np.column_stack([shapely.get_x(points[is_point]), shapely.get_y(points[is_point])])
        node_type = text_of(nodes, "node_type")
    if not groups[count:].any():  # pipes that say no kind meet whatever is there
        groups[:] = ANY_KIND
    group = np.tile(groups[count:], 2)
    short = np.tile(np.where(length_m > 0, length_m, np.inf), 2)
    ends = PipeEnds(xy, number[count:], codes, group, np.minimum(tolerance_m, 0.49 * short))
    return ends, NodeTable(node_xy, number[:count], groups[:count], node_type), length_m, drawn


def text_of(frame: Any, name: str) -> NDArray[np.object_]:
    """Return a column as text, ``""`` where nothing is recorded or there is no such column."""
    if frame is None or name not in frame.columns:
        return np.full(0 if frame is None else len(frame), "", dtype=object)
    number, values = _numbered([_column(frame, name, len(frame))])
    return np.append(values, "")[number]


def _lines(pipes: Any) -> NDArray[Any]:
    lines = np.array(pipes.geometry.array, dtype=object)
    kind = shapely.get_type_id(lines)
    several = kind == 5
    if several.any():
        lines[several] = _merged(lines[several])
        kind = shapely.get_type_id(lines)
    lines[kind != 1] = None
    return lines


def _merged(several: NDArray[Any]) -> NDArray[Any]:
    """Return one line for a line in several parts: the parts joined, else from its first point to its last."""
    merged: NDArray[Any] = shapely.line_merge(several)
    for i in np.flatnonzero(shapely.get_type_id(merged) != 1):  # what does not hang together: rare
        coordinates = shapely.get_coordinates(merged[i])
        merged[i] = shapely.linestrings(coordinates) if len(coordinates) > 1 else None
    return merged


def _column(frame: Any, name: str, count: int) -> NDArray[np.object_]:
    if frame is None or name not in frame.columns:
        return np.full(count, None, dtype=object)
    column = frame[name]
    if pd.api.types.is_float_dtype(column.dtype) and bool((column.dropna() % 1 == 0).all()):
        column = column.astype("Int64")  # a number of a manhole that lost its type beside gaps
    if pd.api.types.is_numeric_dtype(column.dtype):
        column = column.astype("string")
    found: NDArray[np.object_] = column.to_numpy(dtype=object)
    return found


def _numbered(columns: list[NDArray[np.object_]]) -> tuple[Ints, NDArray[np.object_]]:
    """Return the number of each value and the values, blanks around them taken off; -1 for nothing."""
    number, values = pd.factorize(np.concatenate(columns))
    clean = np.array([str(value).strip() for value in values], dtype=object)
    again, unique = pd.factorize(clean)
    again = again.astype(np.int64)
    empty = np.flatnonzero(unique == "")
    if len(empty):
        again[again == empty[0]] = -1
    return np.append(again, -1)[number], unique


def _grouped(columns: list[NDArray[np.object_]], separate: bool) -> Ints:
    total = sum(map(len, columns))
    return _numbered(columns)[0] + 1 if separate else np.zeros(total, dtype=np.int64)


def meet(ends: PipeEnds, table: NodeTable, mode: Mode, tolerance_m: float) -> Meeting:
    """Say which ends meet.

    Parameters
    ----------
    ends : PipeEnds
    table : NodeTable
    mode : {"codes", "geometry", "both"}
    tolerance_m : float
    """
    total, count = len(ends.code), table.count
    identity = np.full(total, -1, dtype=np.int64)
    snapped = np.zeros(total, dtype=bool)
    if mode != "geometry":
        identity = _by_code(ends, table)
    places = table.xy
    free = count + len(ends.codes)
    if mode != "codes" and bool((identity < 0).any()):
        loose = np.flatnonzero((identity < 0) & np.isfinite(ends.xy[:, 0]))
        anchors = _anchors(ends, table, identity)
        found = _by_place(ends, table, loose, anchors, tolerance_m)
        joined = found >= 0
        identity[loose[joined]] = found[joined]
        own = loose[~joined]
        cluster = _clusters(ends.xy[own], ends.group[own], ends.reach_m[own])
        identity[own] = free + cluster
        free += int(cluster.max(initial=-1)) + 1
        snapped[loose] = True
    alone = np.flatnonzero(identity < 0)
    identity[alone] = free + np.arange(len(alone))
    return Meeting(identity, _distances(ends, table, identity, places), snapped)


def _by_code(ends: PipeEnds, table: NodeTable) -> Ints:
    """Return the table row of the code at each end, ``count + `` its number where no row has it, -1 without a code."""
    count = table.count
    row = np.full(len(ends.codes) + 1, -1, dtype=np.int64)
    coded = np.flatnonzero(table.code >= 0)
    row[table.code[coded][::-1]] = coded[::-1]  # the first of several
    row[-1] = -1
    here = row[ends.code]
    identity = np.where(here >= 0, here, count + ends.code)
    identity[ends.code < 0] = -1
    often = np.bincount(table.code[coded], minlength=len(ends.codes) + 1) > 1
    asked = np.flatnonzero(often[ends.code] & (ends.code >= 0))
    if len(asked):  # of several nodes with one code an end means the nearest of its own kind
        rows = coded[often[table.code[coded]]]
        pairs = pd.DataFrame({"end": asked, "code": ends.code[asked]}).merge(
            pd.DataFrame({"row": rows, "code": table.code[rows]}), on="code"
        )
        at, to = pairs["end"].to_numpy(), pairs["row"].to_numpy()
        apart = np.hypot(*(ends.xy[at] - table.xy[to]).T)
        apart = np.nan_to_num(apart, nan=_APART_M) + _APART_M * (ends.group[at] != table.group[to])
        best = pairs.assign(apart=apart).sort_values(["end", "apart"], kind="stable").drop_duplicates("end")
        identity[best["end"].to_numpy()] = best["row"].to_numpy()
    return identity


@dataclass(frozen=True, slots=True)
class _Anchors:
    """Places that ends may be joined to, and the identity that they give."""

    xy: Floats
    group: Ints
    identity: Ints
    in_line: Bools


def _anchors(ends: PipeEnds, table: NodeTable, identity: Ints) -> _Anchors:
    """Return the nodes of the table, and where coded ends lie whose code is in no table."""
    rows = np.flatnonzero(np.isfinite(table.xy[:, 0]))
    group = table.group[rows]
    kinds = np.unique(ends.group)
    if len(kinds) > 1 or bool((kinds != ANY_KIND).any()):  # a node of any kind once for each
        of_any = rows[group == ANY_KIND]
        rows = np.append(rows[group != ANY_KIND], np.tile(of_any, len(kinds)))
        group = np.append(group[group != ANY_KIND], np.repeat(kinds, len(of_any)))
    coded = np.flatnonzero((identity >= table.count) & np.isfinite(ends.xy[:, 0]))
    _, first = np.unique(identity[coded], return_index=True)
    coded = coded[first]
    return _Anchors(
        np.vstack([table.xy[rows], ends.xy[coded]]),
        np.concatenate([group, ends.group[coded]]),
        np.concatenate([rows, identity[coded]]),
        np.concatenate([np.isin(table.node_type[rows], IN_LINE), np.zeros(len(coded), dtype=bool)]),
    )


def tree_points(xy: Floats, group: Ints) -> Floats:
    """Return points for a tree in which kinds are apart; two columns where there is one kind."""
    if not len(group) or bool((group == group[0]).all()):
        return xy
    return np.column_stack([xy, group * _APART_M])


def nearest(anchors_xy: Floats, anchors_group: Ints, xy: Floats, group: Ints, reach_m: float) -> tuple[Floats, Ints]:
    """Return distance and row of the nearest anchor of the same kind; inf and -1 where none is within reach."""
    if not len(anchors_xy) or not len(xy):
        return np.full(len(xy), np.inf), np.full(len(xy), -1, dtype=np.int64)
    from scipy.spatial import cKDTree

    points = tree_points(np.vstack([anchors_xy, xy]), np.concatenate([anchors_group, group]))
    tree = cKDTree(points[: len(anchors_xy)])
    distance, row = tree.query(points[len(anchors_xy) :], distance_upper_bound=reach_m * (1 + 1e-9) + 1e-9)
    return distance, np.where(np.isfinite(distance), row, -1).astype(np.int64)


def _by_place(ends: PipeEnds, table: NodeTable, loose: Ints, anchors: _Anchors, tolerance_m: float) -> Ints:
    """Return the identity of the node at each loose end, -1 where no node is near enough."""
    xy, group = ends.xy[loose], ends.group[loose]
    place = same_places(xy, group)
    meeting = np.bincount(place)[place]
    distance, row = nearest(anchors.xy, anchors.group, xy, group, tolerance_m)
    reach = np.maximum(ends.reach_m[loose], ON_JUNCTION_M)
    aside = (row >= 0) & np.append(anchors.in_line, False)[row] & (meeting > 2) & (distance > ON_JUNCTION_M)
    if aside.any():
        other = np.flatnonzero(~anchors.in_line)
        distance[aside], again = nearest(anchors.xy[other], anchors.group[other], xy[aside], group[aside], tolerance_m)
        row[aside] = np.append(other, -1)[again]
    return np.where((row >= 0) & (distance <= reach), np.append(anchors.identity, -1)[row], -1)


def same_places(xy: Floats, group: Ints) -> Ints:
    """Return a number for each place, equal for points of a kind at the same millimetre."""
    if not len(xy):
        return np.empty(0, dtype=np.int64)
    cell = np.round((xy - xy.min(axis=0)) / SAME_PLACE_M).astype(np.int64)
    width, height = (int(n) + 1 for n in cell.max(axis=0))
    if width * height * (int(group.max()) + 1) < 2**62:
        packed = (group * height + cell[:, 1]) * width + cell[:, 0]
        number: Ints = pd.factorize(packed)[0].astype(np.int64)
        return number
    made: Ints = np.unique(np.column_stack([cell, group]), axis=0, return_inverse=True)[1].reshape(-1)
    return made


def _clusters(xy: Floats, group: Ints, reach_m: Floats) -> Ints:
    """Return a number for each cluster of points that lie within each other's reach."""
    place = same_places(xy, group)
    count = int(place.max(initial=-1)) + 1
    if not count:
        return place
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    _, first = np.unique(place, return_index=True)
    reach = np.full(count, np.inf)
    np.minimum.at(reach, place, reach_m)
    points = tree_points(xy[first], group[first])
    pairs = cKDTree(points).query_pairs(float(reach.max()) + 1e-9, output_type="ndarray")
    apart = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
    pairs = pairs[apart <= np.minimum(reach[pairs[:, 0]], reach[pairs[:, 1]]) + 1e-9]
    links = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)[place]


def _distances(ends: PipeEnds, table: NodeTable, identity: Ints, places: Floats) -> Floats:
    """Return how far each end lies from its node: from the recorded place, else from the first end that meets there."""
    target = np.full((len(identity), 2), np.nan)
    recorded = identity < table.count
    target[recorded] = places[identity[recorded]]
    other = np.flatnonzero(~recorded)
    if len(other):
        number, _ = pd.factorize(identity[other])
        first = np.full(int(number.max()) + 1, len(identity), dtype=np.int64)
        usable = np.isfinite(ends.xy[other, 0])
        np.minimum.at(first, number[usable], other[usable])
        at = first[number]
        there = at < len(identity)
        target[other[there]] = ends.xy[at[there]]
    apart: Floats = np.hypot(ends.xy[:, 0] - target[:, 0], ends.xy[:, 1] - target[:, 1])
    return apart
