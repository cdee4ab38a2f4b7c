"""Who is nearest by road: one search from where somebody is needed, over the lines of the layer of roads.

Our rules, for no standard says any:

1. The roads are the lines of the layer of role ``roads``; where they cross or touch one can turn, also where a bridge
   crosses without a ramp: lines do not say. One-way streets and bans on turning are not known.
2. A place is reached from the nearest spot of a road within :data:`OFF_ROAD_M`; that last bit is told apart, and never
   counted as road.
3. What no road leads to is said to be so. The distance as the crow flies stands in no place of a distance by road.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from models.health.walking import Network, network

Floats = NDArray[np.float64]
#: So far from a road a place may lie to be reached from it, metres.
OFF_ROAD_M: Final = 150.0


@dataclass(frozen=True, slots=True)
class Roads:
    """Roads as a graph, made once.

    Parameters
    ----------
    ways : Network
    places : STRtree
        Of the nodes.
    costs : csr_matrix
        Length between neighbouring nodes, metres.
    """

    ways: Network
    places: shapely.STRtree
    costs: coo_matrix

    def nearest(self, xy: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Return for each place its node and how far that is; −1 where no road is near."""
        node, off_m = np.full(len(xy), -1, np.int64), np.full(len(xy), np.inf)
        usable = np.flatnonzero(np.isfinite(xy).all(axis=1))
        if len(usable) and len(self.ways.xy):
            (at, found), far = self.places.query_nearest(
                shapely.points(xy[usable]), max_distance=OFF_ROAD_M, return_distance=True, all_matches=False
            )
            node[usable[at]], off_m[usable[at]] = found, far
        return node, off_m


@dataclass(frozen=True, slots=True)
class Approach:
    """How far places are from the one where somebody is needed, by road.

    Parameters
    ----------
    road_m : (n,) float64
        Along the roads; infinite where none leads there.
    off_road_m : (n,) float64
        The bits beside the roads, at both ends; infinite where no road is near.
    why : (n,) str
        ``""``, ``"no_road_here"`` (none near that place), ``"no_road_there"`` (none near where it is needed),
        ``"not_joined"`` (no road leads from one to the other), ``"no_place"`` (nobody knows where it is).
    """

    road_m: Floats
    off_road_m: Floats
    why: NDArray[np.str_]

    def order(self) -> NDArray[np.intp]:
        """Return the places by distance by road, those that none leads to last."""
        return np.argsort(np.where(self.why == "", self.road_m + self.off_road_m, np.inf), kind="stable")


def roads_of(lines: NDArray[np.object_]) -> Roads:
    """Return lines (project CRS, metres) as roads; what is no line is passed over."""
    ways = network(np.asarray(lines, dtype=object), np.empty(0, dtype=object))
    count = len(ways.xy)
    lengths = np.maximum(ways.lengths_m, 1e-6)  # two ends on one spot are joined, and zero would be no edge
    both = (np.concatenate([ways.start, ways.end]), np.concatenate([ways.end, ways.start]))
    order = np.lexsort((np.concatenate([lengths, lengths]), *both))
    start, end, cost = both[0][order], both[1][order], np.concatenate([lengths, lengths])[order]
    first = np.append(True, (start[1:] != start[:-1]) | (end[1:] != end[:-1])) if len(start) else np.empty(0, bool)
    costs = coo_matrix((cost[first], (start[first], end[first])), shape=(count, count)).tocsr()
    return Roads(ways, shapely.STRtree(shapely.points(ways.xy)), costs)


def approach(roads: Roads, target: tuple[float, float], places: Floats) -> Approach:
    """Return how far places are from a target by road.

    Parameters
    ----------
    roads : Roads
    target : (E, N)
    places : ndarray, shape (n, 2)
        NaN where nobody knows.
    """
    count = len(places)
    road_m, off_m = np.full(count, np.inf), np.full(count, np.inf)
    why = np.full(count, "", dtype="<U16")
    node, beside = roads.nearest(places)
    goal, goal_off = roads.nearest(np.asarray([target], np.float64))
    why[node < 0] = "no_road_here"
    why[~np.isfinite(places).all(axis=1)] = "no_place"
    if goal[0] < 0:
        why[why == ""] = "no_road_there"
        return Approach(road_m, off_m, why)
    away = np.asarray(dijkstra(roads.costs, directed=True, indices=int(goal[0])), np.float64)
    known = node >= 0
    road_m[known] = away[node[known]]
    off_m[known] = beside[known] + goal_off[0]
    why[known & ~np.isfinite(road_m)] = "not_joined"
    return Approach(road_m, off_m, why)
