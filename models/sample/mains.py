"""Where the mains lie under the streets, before anything is drawn: nodes, runs and levels of seven networks.

Covers stand on nodes and pipes run between them; both tables are made from this one layout, so they agree.

Invariants
----------
1. Every kind has its own distance from the centre line (GB 50289 clearances), so that parallel mains do not touch.
2. Storm and sewage are forests: each node has one way down, its invert lies below all inverts above it. Where two
   trees meet in the middle of a street there is a gap, as in the field.
3. Storm water ends at the river, sewage at the lowest point of its bank; neither crosses a bridge.
4. Pressure networks and cables run through every street of their classes, so they have loops.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from models.sample.along import STREETS, Street, ground_along, streets
from models.sample.city import City

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kind:
    """One network: side and place in the street, spacing of nodes, depth.

    Parameters
    ----------
    code : str
        CJJ 61 code.
    kerb_m : float or None
        Distance beyond the kerb; None = in the carriageway at ``share`` of its half width.
    side : int
        +1 left (north or west), -1 right.
    cover : tuple of (str, float)
        Class of the cover and its share.
    depth_m : float
        Least depth of the invert (gravity) or of the centre line.
    """

    code: str
    side: int
    kerb_m: float | None
    share: float
    spacing_m: float
    depth_m: float
    node_type: str
    covers: tuple[tuple[str, float], ...]
    gravity: bool = False
    least_slope: float = 0.0
    classes: tuple[str, ...] = STREETS

    def offset_m(self, half_m: float) -> float:
        """Return the signed distance from the centre line of a carriageway of a half width."""
        return self.side * (half_m + self.kerb_m if self.kerb_m is not None else half_m * self.share)


KINDS = (
    Kind("YS", -1, None, 0.35, 36.0, 1.7, "manhole", (("0103", 1.0),), True, 0.0008),
    Kind("WS", +1, None, 0.35, 36.0, 2.3, "manhole", (("0102", 1.0),), True, 0.0010),
    Kind("JS", -1, 1.5, 0.0, 75.0, 1.25, "valve", (("0101", 1.0),)),
    Kind("RQ", +1, 1.2, 0.0, 110.0, 1.05, "valve", (("0111", 1.0),)),
    Kind("RL", +1, None, 0.78, 100.0, 1.6, "valve", (("0110", 1.0),), classes=("arterial", "sub_arterial")),
    Kind("DL", -1, 2.7, 0.0, 55.0, 0.85, "manhole", (("0105", 1.0),)),
    Kind("TX", +1, 2.7, 0.0, 55.0, 0.75, "manhole", (("0107", 0.7), ("0109", 0.2), ("0108", 0.1))),
)
#: Diameter (mm) of gravity mains by the length of street that drains through them (m).
SIZES_MM = {
    "YS": ((150, 400), (400, 600), (900, 800), (1800, 1000), (3500, 1200), (np.inf, 1500)),
    "WS": ((300, 300), (900, 400), (2200, 500), (5000, 600), (10000, 800), (np.inf, 1000)),
}
#: Velocity (m/s) that mains reach when they run full, n of concrete, least slope of DN 300, least cover (m): GB 50014.
_VELOCITY_M_S, _MANNING_N, _SMALL_SLOPE, _COVER_M = {"YS": 0.75, "WS": 0.6}, 0.013, 0.003, 0.75
#: Inverts are written to the millimetre, so slopes are laid a little steeper than they must be.
_SPARE = 1.06
#: Pieces of street below this lie between two gates that face each other.
_TOO_SHORT_M = 4.0


@dataclass(slots=True)
class Node:
    """A point of a network."""

    x: float
    y: float
    ground_m: float
    node_type: str
    cover: str = ""
    street: str = ""
    invert_m: float = np.nan
    missing: bool = False
    bank: bool = False


@dataclass(slots=True)
class Run:
    """A pipe between two nodes of its network, in the direction of flow where there is one."""

    start: int
    end: int
    street: str
    bridge: bool = False


@dataclass(slots=True)
class Main:
    """One network."""

    kind: Kind
    nodes: list[Node] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def length_m(self, run: Run) -> float:
        """Return the plan length of a run."""
        a, b = self.nodes[run.start], self.nodes[run.end]
        return float(np.hypot(a.x - b.x, a.y - b.y))


@dataclass(slots=True)
class _Graph:
    streets: list[Street]
    ends: list[tuple[int, int]]
    places: Array
    at: dict[int, list[int]]


def lay(city: City) -> dict[str, Main]:
    """Return the seven networks of a city by kind; the same city gives the same networks."""
    every = [street for street in streets(city) if street.road_class in STREETS and street.elevated_m < 0.5]
    mains = {}
    for kind in KINDS:
        chosen = [s for s in every if s.road_class in kind.classes and not (kind.gravity and s.bridge)]
        graph = _graph(chosen)
        rng = city.rng(f"mains/{kind.code}")
        main = Main(kind)
        chains = _nodes(city, graph, main, rng)
        if kind.gravity:
            _flow(city, graph, main, chains)
        else:
            _mesh(graph, main, chains)
        _covers(main, rng)
        mains[kind.code] = main
    _lose_a_manhole(mains["YS"], is_longest=not city.is_frozen)
    return mains


def _graph(chosen: list[Street]) -> _Graph:
    """Join streets at equal end points; what is shorter than a manhole is wide joins its two ends into one."""
    same: dict[tuple[float, float], tuple[float, float]] = {}

    def key(point: Array) -> tuple[float, float]:
        place = (round(float(point[0]), 1), round(float(point[1]), 1))
        while place in same:
            place = same[place]
        return place

    for street in chosen:
        if street.length_m < _TOO_SHORT_M:
            first, last = key(street.points[0]), key(street.points[-1])
            if first != last:
                same[last] = first
    kept = [street for street in chosen if street.length_m >= _TOO_SHORT_M]
    number: dict[tuple[float, float], int] = {}
    ends: list[tuple[int, int]] = []
    at: dict[int, list[int]] = defaultdict(list)
    for i, street in enumerate(kept):
        a, b = (number.setdefault(key(p), len(number)) for p in street.points[[0, -1]])
        ends.append((a, b))
        at[a].append(i)
        at[b].append(i)
    return _Graph(kept, ends, np.asarray(list(number), dtype=np.float64).reshape(-1, 2), at)


def _nodes(city: City, graph: _Graph, main: Main, rng: np.random.Generator) -> list[list[int]]:
    """Make the nodes at junctions and along streets; return each street's chain of nodes from start to end."""
    kind = main.kind
    for place in range(len(graph.places)):
        incident = graph.at[place]
        widest = max(graph.streets[i].half_m for i in incident)
        spots = []
        for i in incident:
            street = graph.streets[i]
            if street.half_m == widest:
                chainage = np.asarray([0.0 if graph.ends[i][0] == place else street.length_m])
                spots.append(street.at(chainage, kind.offset_m(street.half_m))[0][0])
        x, y = np.mean(spots[:2], axis=0)
        main.nodes.append(
            Node(float(x), float(y), np.nan, "junction" if kind.node_type == "valve" else "manhole",
                 street=graph.streets[incident[0]].name)
        )  # fmt: skip
    places = np.asarray([(node.x, node.y) for node in main.nodes]).reshape(-1, 2)
    for node, height in zip(main.nodes, city.terrain.height_m(places[:, 0], places[:, 1]), strict=True):
        node.ground_m = float(height)
    chains = []
    for i, street in enumerate(graph.streets):
        a, b = graph.ends[i]
        inner: list[int] = []
        if street.length_m > 30.0 and not street.bridge:
            margin = min(16.0, street.length_m / 3)
            count = max(1, round((street.length_m - 2 * margin) / kind.spacing_m))
            chainage = np.linspace(margin, street.length_m - margin, count + 1)
            chainage += rng.uniform(-1.5, 1.5, len(chainage))
            points, _ = street.at(chainage, kind.offset_m(street.half_m))
            ground = ground_along(city, street, chainage, points)
            for (x, y), height in zip(points, ground, strict=True):
                inner.append(len(main.nodes))
                main.nodes.append(Node(float(x), float(y), float(height), kind.node_type, street=street.name))
        chains.append([a, *inner, b])
        if not city.is_frozen:
            _straighten(city, main, chains[-1])
    return chains


def _straighten(city: City, main: Main, chain: list[int]) -> None:
    """Move a node that lies behind the junction it follows between its neighbours: no pipe runs back on itself."""
    for end, near, far in (chain[:3], chain[:-4:-1]) if len(chain) > 2 else ():
        a, b, c = (main.nodes[i] for i in (end, near, far))
        if (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y) < 0:
            b.x, b.y = (a.x + c.x) / 2, (a.y + c.y) / 2
            b.ground_m = float(city.terrain.height_m(np.array([b.x]), np.array([b.y]))[0])


def _mesh(graph: _Graph, main: Main, chains: list[list[int]]) -> None:
    """Join every chain; keep the largest connected part, so that no island hangs on no source."""
    group = list(range(len(main.nodes)))

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    for chain in chains:
        for a, b in pairwise(chain):
            group[root(a)] = root(b)
    sizes: dict[int, int] = defaultdict(int)
    for i in range(len(main.nodes)):
        sizes[root(i)] += 1
    kept = max(sizes, key=lambda r: (sizes[r], -r))
    new = {}
    nodes: list[Node] = []
    for i, node in enumerate(main.nodes):
        if root(i) == kept:
            new[i] = len(nodes)
            nodes.append(node)
    for street, chain in zip(graph.streets, chains, strict=True):
        if chain[0] in new:
            main.runs += [Run(new[a], new[b], street.name, street.bridge) for a, b in pairwise(chain)]
    main.nodes = nodes
    edge = min(range(len(nodes)), key=lambda i: (nodes[i].x, nodes[i].y))
    nodes[edge].node_type = "source"
    for node in nodes:
        node.invert_m = node.ground_m - main.kind.depth_m


def _flow(city: City, graph: _Graph, main: Main, chains: list[list[int]]) -> None:
    """Choose outlets, let every street drain to one, set inverts from the heads down."""
    kind = main.kind
    sinks = _outfalls(city, graph, main) if kind.code == "YS" else {}
    neighbours: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for i, (a, b) in enumerate(graph.ends):
        neighbours[a].append((b, i))
        neighbours[b].append((a, i))
    for part in _parts(len(graph.places), neighbours):
        if not any(place in sinks for place in part):
            lowest = min(part, key=lambda p: (main.nodes[p].ground_m, p))
            sinks[lowest] = -1
            main.nodes[lowest].node_type = "outfall"
    cost = dict.fromkeys(sinks, 0.0)
    via: dict[int, int] = {}
    queue = [(0.0, place) for place in sorted(sinks)]
    while queue:
        so_far, place = heapq.heappop(queue)
        if so_far > cost[place]:
            continue
        for other, i in neighbours[place]:
            # Water may be led against the ground, but every metre of climb costs depth all the way down.
            climb = max(0.0, main.nodes[place].ground_m - main.nodes[other].ground_m)
            total = so_far + graph.streets[i].length_m + 40.0 * climb
            if total < cost.get(other, np.inf):
                cost[other] = total
                via[other] = i
                heapq.heappush(queue, (total, other))
    for i, (street, chain) in enumerate(zip(graph.streets, chains, strict=True)):
        a, b = graph.ends[i]
        if via.get(a) == i and a not in sinks:
            runs = list(pairwise(chain))
        elif via.get(b) == i and b not in sinks:
            runs = list(pairwise(chain[::-1]))
        else:
            middle = len(chain) // 2
            down = chain[:middle][::-1]
            up = chain[middle:]
            runs = [*pairwise(down), *pairwise(up)]
        main.runs += [Run(s, e, street.name) for s, e in runs]
    main.runs += [Run(place, outfall, main.nodes[place].street) for place, outfall in sinks.items() if outfall >= 0]
    levels = city.water.loc[city.water["kind"] == "river", "level_m"]
    _inverts(main, float(levels.min()) if len(levels) else np.inf, is_graded=not city.is_frozen)


def _outfalls(city: City, graph: _Graph, main: Main) -> dict[int, int]:
    """Give junctions near the river an outfall in its bank, one every 150 m or so."""
    rivers = city.water.loc[city.water["kind"] == "river"].geometry.to_numpy()
    if not len(rivers) or not len(graph.places):
        return {}
    river = shapely.union_all(rivers)
    distance = shapely.distance(shapely.points(graph.places), river)
    taken: list[Array] = []
    sinks: dict[int, int] = {}
    for place in np.argsort(distance, kind="stable"):
        spot = graph.places[place]
        if not 2.0 < distance[place] < 90.0 or any(np.hypot(*(spot - other)) < 150.0 for other in taken):
            continue
        near = shapely.get_coordinates(shapely.shortest_line(shapely.Point(spot), river))
        way = near[1] - near[0]
        point = near[1] + way / np.hypot(*way) * 0.6
        taken.append(spot)
        sinks[int(place)] = len(main.nodes)
        main.nodes.append(
            Node(float(point[0]), float(point[1]), float(city.terrain.height_m(point[:1], point[1:])[0]), "outfall",
                 street=main.nodes[int(place)].street, bank=True)
        )  # fmt: skip
    return sinks


def _parts(count: int, neighbours: dict[int, list[tuple[int, int]]]) -> list[list[int]]:
    seen: set[int] = set()
    parts = []
    for first in range(count):
        if first in seen:
            continue
        stack, part = [first], []
        seen.add(first)
        while stack:
            place = stack.pop()
            part.append(place)
            for other, _ in neighbours[place]:
                if other not in seen:
                    seen.add(other)
                    stack.append(other)
        parts.append(sorted(part))
    return parts


def _inverts(main: Main, water_m: float, *, is_graded: bool) -> None:
    """Set inverts from the heads down: at least the depth of the kind, and always falling at the least slope.

    Graded mains are laid as GB 50014 asks: so steep that they clean themselves, so deep that they are covered.
    """
    into: dict[int, int] = defaultdict(int)
    down: dict[int, list[Run]] = defaultdict(list)
    for run in main.runs:
        into[run.end] += 1
        down[run.start].append(run)
    fed: dict[int, float] = defaultdict(float)
    for node in main.nodes:
        if not node.bank:
            node.invert_m = node.ground_m - main.kind.depth_m
    ready = [i for i in range(len(main.nodes)) if not into[i]]
    while ready:
        i = ready.pop()
        for run in down[i]:
            length_m, end, start = main.length_m(run), main.nodes[run.end], main.nodes[i]
            slope = main.kind.least_slope
            through = fed[i] + length_m
            if is_graded:
                size_mm = _size_mm(main.kind.code, through)
                slope = max(slope, _least_slope(main.kind.code, size_mm))
                for node in (start, end):
                    if not node.bank:
                        node.invert_m = min(node.invert_m, node.ground_m - size_mm / 1000.0 - _COVER_M)
            fed[run.end] += through
            highest = start.invert_m - slope * length_m
            if end.bank:
                highest = min(highest, water_m + 0.4)
            end.invert_m = highest if np.isnan(end.invert_m) else min(end.invert_m, highest)
            into[run.end] -= 1
            if not into[run.end]:
                ready.append(run.end)


def _size_mm(kind: str, fed_m: float) -> float:
    return next(float(size) for limit, size in SIZES_MM[kind] if fed_m <= limit)


def _least_slope(kind: str, size_mm: float) -> float:
    """Return the slope at which a round concrete pipe that runs full reaches its least velocity (Manning)."""
    by_speed: float = (_VELOCITY_M_S[kind] * _MANNING_N / (size_mm / 4000.0) ** (2 / 3)) ** 2
    return _SPARE * max(by_speed, _SMALL_SLOPE if size_mm <= 300 else 0.0)


def _covers(main: Main, rng: np.random.Generator) -> None:
    classes = [name for name, _ in main.kind.covers]
    draws = rng.choice(len(classes), len(main.nodes), p=[share for _, share in main.kind.covers])
    for node, draw in zip(main.nodes, draws, strict=True):
        if node.node_type in ("manhole", "valve") or (node.node_type == "outfall" and main.kind.code == "WS"):
            node.cover = classes[draw]


def _lose_a_manhole(main: Main, *, is_longest: bool) -> None:
    """Take one storm manhole out of a straight run: two spans become one that no inspection camera can pass.

    With ``is_longest`` it is where the two are longest together and the pipe is still a small one, for which GB 50014
    allows the least; else the first that is found.
    """
    into: dict[int, list[Run]] = defaultdict(list)
    out: dict[int, list[Run]] = defaultdict(list)
    for run in main.runs:
        into[run.end].append(run)
        out[run.start].append(run)
    found: list[tuple[float, int]] = []
    for i in range(len(main.nodes) // 2, len(main.nodes)):
        if len(into[i]) == len(out[i]) == 1 and main.nodes[i].node_type == "manhole":
            before, after = into[i][0], out[i][0]
            lengths = (main.length_m(before), main.length_m(after))
            is_head = not into[before.start] if is_longest else len(into[before.start]) == 1
            if min(lengths) > 30.0 and before.street == after.street and is_head:
                found.append((sum(lengths), i))
    if found:
        i = max(found)[1] if is_longest else found[0][1]
        before, after = into[i][0], out[i][0]
        main.nodes[i].missing = True
        main.nodes[i].cover = ""
        before.end = after.end
        main.runs.remove(after)
