"""Ways on foot, and land beside them: how far a facility reaches along roads and footways instead of as the crow flies.

The rules, all ours unless the edition says otherwise:

1. The ways are the lines of the layers of roads and footways; where they cross or touch, one can turn. On classes that
   are not walked (expressways) nobody walks. A dead end that stops just short of another way joins it (:data:`JOIN_M`).
2. A facility is entered from the ways within :data:`ENTRANCE_M` of its boundary, from the nearest one within
   :data:`NEAREST_M` where there is none; one that lies further from every way reaches nobody.
3. Land within ``access_m`` of a stretch that is reached within the distance is reached; that last bit is not counted.
4. Water, and ways that are not walked, are not crossed on that last bit, nor from a facility to its entrance. A way
   that is drawn over water is a bridge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from models.health.coverage import Floats, Geometries, Ints
from models.health.partition import Need

#: Ways end on the same spot if they are no further apart; between two places where one can stand on a way, metres.
GRID_M, STEP_M = 0.01, 25.0
JOIN_M, ENTRANCE_M, NEAREST_M = 15.0, 50.0, 200.0
#: Half the width of a way that is not walked and says no width, metres.
HALF_WIDTH_M = 10.0
#: What is read of the layers of ways and of what bars them.
FIELDS: Mapping[str, tuple[str, ...]] = {"roads": ("class", "width_m"), "footways": (), "water": ()}


@dataclass(frozen=True, slots=True)
class Network:
    """Ways as a graph of short stretches.

    Parameters
    ----------
    xy : ndarray, shape (nodes, 2)
    start, end : ndarray of int, shape (stretches,)
        Nodes of each stretch.
    line : ndarray of int, shape (stretches,)
        The way between two junctions of which it is a part, ascending; -1 for a join, beside which nobody lives.
    barriers : ndarray of polygon
        What is not crossed beside the ways.
    """

    xy: Floats
    start: Ints
    end: Ints
    line: Ints
    barriers: Geometries

    @property
    def lengths_m(self) -> Floats:
        """Return the length of each stretch."""
        return np.asarray(np.hypot(*(self.xy[self.end] - self.xy[self.start]).T))


def needs(_: Mapping[str, Any]) -> Sequence[Need]:
    """Return the class of road: nobody walks on expressways."""
    return [Need("roads", ("class",))]


def network_of(frames: Mapping[str, pd.DataFrame], rules: Mapping[str, Any]) -> Network:
    """Return the ways of a partition.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        With ``roads``, and ``footways`` and ``water`` where there are any.
    rules : mapping
        ``ways``: the roles whose lines are ways; ``not_walked``: classes of road that are not.
    """
    roads = frames["roads"]
    barred = roads["class"].isin(rules["not_walked"]).to_numpy(dtype=bool)
    lines = [roads["_shape"].to_numpy(object)[~barred]]
    lines += [frames[role]["_shape"].to_numpy(object) for role in rules["ways"] if role != "roads" and role in frames]
    return network(np.concatenate(lines), _barriers(roads[barred], frames.get("water")))


def network(lines: Geometries, barriers: Geometries) -> Network:
    """Return lines as a network of ways, with turns wherever they cross or touch."""
    known = shapely.force_2d(lines[~shapely.is_missing(lines)])
    ways = shapely.get_parts(shapely.union_all(known[shapely.get_dimensions(known) == 1], grid_size=GRID_M))
    ways = shapely.segmentize(ways[shapely.get_dimensions(ways) == 1], STEP_M)
    points, way = shapely.get_coordinates(ways, return_index=True)
    xy, node = np.unique(np.round(points / GRID_M).astype(np.int64), axis=0, return_inverse=True)
    follows = np.flatnonzero(way[1:] == way[:-1]) if len(way) else np.empty(0, np.int64)
    made = Network(
        xy.astype(np.float64).reshape(-1, 2) * GRID_M,
        node.ravel()[follows], node.ravel()[follows + 1], way[follows].astype(np.int64), barriers,
    )  # fmt: skip
    return _joined(made)


def stretches(ways: Network, sites: Geometries, distance_m: Floats, access_m: float) -> tuple[Geometries, Floats]:
    """Return what land has to be near to be reached, and how near: stretches of ways, each with its radius.

    Parameters
    ----------
    ways : Network
    sites : array of geometry
    distance_m : ndarray, shape (sites,)
        How far each reaches along the ways.
    access_m : float
        How far from a way land may lie.

    Returns
    -------
    shapes, radius_m : as :func:`models.health.coverage.reach` takes them
        Where a barrier is near, the land itself with a radius of zero.
    """
    if not len(ways.start):
        return np.empty(0, dtype=object), np.empty(0)
    lengths_m = ways.lengths_m
    from_start, from_end = np.zeros(len(lengths_m)), np.zeros(len(lengths_m))
    for limit_m in np.unique(distance_m):
        cost_m = _costs_m(ways, sites[distance_m == limit_m], float(limit_m))
        left_m = np.clip(limit_m - cost_m, 0.0, None)  # infinite where it does not come to
        left_m[~np.isfinite(cost_m)] = 0.0
        from_start, from_end = np.fmax(from_start, left_m[ways.start]), np.fmax(from_end, left_m[ways.end])
    return _beside(_reached(ways, lengths_m, from_start, from_end), ways.barriers, access_m)


def _joined(ways: Network) -> Network:
    """Return ways with dead ends joined to other ways close by."""
    count = len(ways.xy)
    graph = coo_matrix((np.ones(len(ways.start)), (ways.start, ways.end)), shape=(count, count))
    _, part = connected_components(graph, directed=False)
    degree = np.bincount(np.concatenate([ways.start, ways.end]), minlength=count)
    dead = np.flatnonzero(degree == 1)
    points = shapely.points(ways.xy)
    one, other = shapely.STRtree(points).query(points[dead], predicate="dwithin", distance=JOIN_M)
    apart = part[dead[one]] != part[other]
    start, end = dead[one[apart]], other[apart]
    free = _free(ways.barriers, shapely.linestrings(np.stack([ways.xy[start], ways.xy[end]], axis=1)))
    start, end = start[free], end[free]
    return Network(
        ways.xy, np.concatenate([start, ways.start]), np.concatenate([end, ways.end]),
        np.concatenate([np.full(len(start), -1), ways.line]), ways.barriers,
    )  # fmt: skip


def _costs_m(ways: Network, sites: Geometries, limit_m: float) -> Floats:
    """Return how far every node is from the nearest of some sites, infinite beyond the limit."""
    count, points = len(ways.xy), shapely.points(ways.xy)
    tree = shapely.STRtree(points)
    site, node = tree.query(sites, predicate="dwithin", distance=ENTRANCE_M)
    alone = np.setdiff1d(np.arange(len(sites)), site)
    far, nearest = tree.query_nearest(sites[alone], max_distance=NEAREST_M, all_matches=False)
    site, node = np.concatenate([site, alone[far]]), np.concatenate([node, nearest])
    if len(ways.barriers):  # most sites have none near: no line is drawn from those
        beside = np.isin(site, shapely.STRtree(ways.barriers).query(sites, predicate="dwithin", distance=NEAREST_M)[0])
        barred = np.flatnonzero(beside)
        barred = barred[~_free(ways.barriers, shapely.shortest_line(sites[site[barred]], points[node[barred]]))]
        site, node = np.delete(site, barred), np.delete(node, barred)
    away_m = np.full(count, np.inf)
    np.minimum.at(away_m, node, shapely.distance(sites[site], points[node]))
    door = np.flatnonzero(np.isfinite(away_m))
    if not len(door):
        return away_m
    # One more node stands for all the sites; what costs nothing would be no edge.
    start = np.concatenate([ways.start, ways.end, np.full(len(door), count)])
    end = np.concatenate([ways.end, ways.start, door])
    cost_m = np.concatenate([ways.lengths_m, ways.lengths_m, away_m[door]]) + 1e-9
    edges = pd.DataFrame({"start": start, "end": end, "cost": cost_m}).groupby(["start", "end"])["cost"].min()
    first, second = (edges.index.get_level_values(name).to_numpy() for name in ("start", "end"))
    graph = coo_matrix((edges.to_numpy(), (first, second)), shape=(count + 1, count + 1)).tocsr()
    found = dijkstra(graph, directed=True, indices=[count], limit=limit_m, min_only=True)
    return np.asarray(found, dtype=np.float64)[:count]


def _reached(ways: Network, lengths_m: Floats, from_start: Floats, from_end: Floats) -> Geometries:
    """Return of each way between two junctions what is reached, given how far one comes into each stretch."""
    tail, head = ways.xy[ways.start], ways.xy[ways.end]
    lives = (ways.line >= 0) & (lengths_m > 0)
    whole = lives & (from_start + from_end >= lengths_m)
    parts = [(whole, tail, head)]
    for reach_m, near, far in ((from_start, tail, head), (from_end, head, tail)):
        some = lives & ~whole & (reach_m > 0)
        share = np.divide(reach_m, lengths_m, out=np.zeros(len(lengths_m)), where=lengths_m > 0)
        parts.append((some, near, near + (far - near) * share[:, None]))
    line = np.concatenate([ways.line[chosen] for chosen, _, _ in parts])
    ends = np.concatenate([np.stack([near[chosen], far[chosen]], axis=1) for chosen, near, far in parts])
    if not len(line):
        return np.empty(0, dtype=object)
    order = np.argsort(line, kind="stable")
    _, position = np.unique(line[order], return_inverse=True)
    pieces = shapely.multilinestrings(shapely.linestrings(ends[order]), indices=position)
    return np.asarray(shapely.line_merge(pieces), dtype=object)


def _beside(reached: Geometries, barriers: Geometries, access_m: float) -> tuple[Geometries, Floats]:
    """Return stretches with their radius; beside a barrier the land on this side of it, with none."""
    radius_m = np.full(len(reached), access_m)
    if not len(barriers) or not len(reached):
        return reached, radius_m
    at, barrier = shapely.STRtree(barriers).query(reached, predicate="dwithin", distance=access_m)
    rows, place = np.unique(at, return_inverse=True)  # only where a barrier is near
    order = np.argsort(place, kind="stable")
    place, barrier = place[order], barrier[order]
    turn = np.arange(len(place)) - np.searchsorted(place, place)
    land = shapely.buffer(reached[rows], access_m)
    for now in range(int(turn.max(initial=-1)) + 1):
        cut = place[turn == now]
        land[cut] = shapely.difference(land[cut], barriers[barrier[turn == now]])
    parts, of = shapely.get_parts(land, return_index=True)
    ours = shapely.intersects(parts, reached[rows][of])
    shapes, kept = reached.copy(), np.full(len(rows), shapely.MultiPolygon(), dtype=object)
    shapely.multipolygons(parts[ours], indices=of[ours], out=kept)
    shapes[rows], radius_m[rows] = kept, 0.0
    return shapes, radius_m


def _barriers(not_walked: pd.DataFrame, water: pd.DataFrame | None) -> Geometries:
    lines = shapely.force_2d(not_walked["_shape"].to_numpy(object))
    width_m = pd.to_numeric(not_walked.get("width_m", pd.Series(np.nan, not_walked.index)), errors="coerce")
    half_m = (width_m / 2).fillna(HALF_WIDTH_M).to_numpy(np.float64)
    found = [shapely.buffer(lines, half_m, cap_style="flat")]
    if water is not None:
        found.append(shapely.force_2d(water["_shape"].to_numpy(object)))
    shapes = np.concatenate(found)
    shapes = shapes[~shapely.is_missing(shapes)]
    areas = (shapely.get_dimensions(shapes) == 2) & ~shapely.is_empty(shapes)
    return np.asarray(shapely.make_valid(shapes[areas]), dtype=object)


def _free(barriers: Geometries, lines: Geometries) -> NDArray[np.bool_]:
    """Return which lines cross no barrier."""
    free = np.ones(len(lines), dtype=bool)
    if len(barriers) and len(lines):
        free[np.unique(shapely.STRtree(barriers).query(lines, predicate="intersects")[0])] = False
    return free
