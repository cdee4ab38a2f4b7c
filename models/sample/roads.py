"""The road network: main roads and branches noded at their crossings, the expressway on its deck above them.

Invariants
----------
1. At-grade roads share exact end points where they meet; the deck shares none with them, because it passes above.
2. One centre line a road, whatever its lanes: the road-density indicator counts each kilometre once.
3. A piece that spans the river is a bridge; its ground is that of its two ends, not of the river bed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon
from shapely.ops import substring

from models.sample.plan import BRANCH_ROADS, MAIN_ROADS, REACH_M, ROAD_CLASSES, Plan

Array = NDArray[np.float64]

DECK_HEIGHT_M = 8.5
#: Where along the expressway (x in the west, y in the north) the deck begins to come down, and where it has.
DECK_WEST = (-905.0, -1075.0)
DECK_NORTH = (820.0, 985.0)


@dataclass(slots=True)
class Road:
    """One piece of road between two junctions, local metres."""

    line: LineString
    name: str
    road_class: str
    bridge: bool = False
    oneway: bool = False
    elevated_m: float = 0.0
    width_m: float = 0.0
    lanes: int = 0

    def __post_init__(self) -> None:
        width_m, lanes, _, _ = ROAD_CLASSES[self.road_class]
        self.width_m = self.width_m or width_m
        self.lanes = self.lanes or lanes


@dataclass(slots=True)
class Network:
    """All roads, and the outlines that keep other things off them.

    Parameters
    ----------
    roads : list of Road
    water : Polygon
        The river between its embankments.
    """

    roads: list[Road]
    water: Polygon
    surfaces: dict[str, Polygon] = field(default_factory=dict)

    def surface(self, *classes: str) -> Polygon:
        """Return the union of the carriageways of some classes (of all without any)."""
        key = ",".join(classes)
        if key not in self.surfaces:
            chosen = [road for road in self.roads if not classes or road.road_class in classes]
            lines = np.asarray([road.line for road in chosen], dtype=object)
            widths = np.asarray([road.width_m for road in chosen])
            self.surfaces[key] = shapely.union_all(shapely.buffer(lines, widths / 2, quad_segs=6))
        return self.surfaces[key]


def make_network(plan: Plan) -> Network:
    """Return the noded road network of the plan, without the lanes inside quarters."""
    water = make_river(plan)
    lines: list[tuple[LineString, str, str]] = []
    main = {name: LineString(plan.line(name)) for name in [*(row[0] for row in MAIN_ROADS), "ring"]}
    for name, road_class, start, stop, word in MAIN_ROADS:
        lines.append((_between(main[name], main.get(start), main.get(stop)), word, road_class))
    ground = _between(main["ring"], main["n1"], main["e1"])
    lines.append((ground, "huancheng_ground", "arterial"))
    for first, second, weight, start, stop, word in BRANCH_ROADS:
        main[word] = _branch(plan, main, first, second, weight, start, stop)
        lines.append((main[word], word, "branch"))
    roads = _noded(lines)
    for road in roads:
        road.bridge = bool(road.line.intersects(water))
    roads = [piece for road in roads for piece in (_cut_at_banks(road, water) if road.bridge else [road])]
    return Network(roads + _expressway(main["ring"], water), water)


def make_river(plan: Plan) -> Polygon:
    """Return the water surface: the river line with a width that breathes."""
    x = np.linspace(-REACH_M - 40, REACH_M + 40, 240)
    centre = LineString(np.column_stack([x, plan.curves["river"](x)]))
    points, widths = [], []
    for distance in np.arange(0.0, centre.length, 14.0):
        a, b = centre.interpolate(max(distance - 5, 0)), centre.interpolate(distance + 5)
        angle = np.arctan2(b.y - a.y, b.x - a.x)
        points.append(((a.x + b.x) / 2, (a.y + b.y) / 2, angle))
        widths.append(39.0 + 5.0 * np.sin(distance / 170.0) + 3.0 * np.sin(distance / 67.0 + 1.0))
    array, half = np.asarray(points), np.asarray(widths)
    normal = np.column_stack([-np.sin(array[:, 2]), np.cos(array[:, 2])])
    left, right = array[:, :2] + normal * half[:, None], array[:, :2] - normal * half[:, None]
    return Polygon(np.vstack([left, right[::-1]])).buffer(0)


def _between(line: LineString, start: LineString | None, stop: LineString | None) -> LineString:
    """Cut a line to the stretch between its crossings with two others (its own end where None)."""
    low, high = 0.0, line.length
    if start is not None:
        low = max(line.project(p) for p in _points(line.intersection(start)))
    if stop is not None:
        high = min(line.project(p) for p in _points(line.intersection(stop)))
    return substring(line, min(low, high), max(low, high))


def _branch(
    plan: Plan, main: dict[str, LineString], first: str, second: str, weight: float, start: str, stop: str
) -> LineString:
    """Return the weighted mean of two main curves, cut at the two roads that it joins."""
    t = np.linspace(-REACH_M, REACH_M, 234)
    north_south = first.startswith("n") and first != "nr"
    a, b = (_values(plan, name, t, north_south) for name in (first, second))
    values = a * (1 - weight) + b * weight
    line = LineString(np.column_stack([values, t] if north_south else [t, values]))
    return _between_near(line, main[start], main[stop])


def _between_near(line: LineString, start: LineString, stop: LineString) -> LineString:
    """Return the shortest stretch of ``line`` from ``start`` to ``stop`` (the ring may be met twice)."""
    lows = [line.project(p) for p in _points(line.intersection(start))]
    highs = [line.project(p) for p in _points(line.intersection(stop))]
    low, high = min(((a, b) for a in lows for b in highs), key=lambda ab: abs(ab[1] - ab[0]))
    return substring(line, min(low, high), max(low, high))


def _values(plan: Plan, name: str, t: Array, north_south: bool) -> Array:
    if name != "ring":
        return plan.curves[name](t)
    along, across = (plan.ring[:, 1], plan.ring[:, 0]) if north_south else (plan.ring[:, 0], plan.ring[:, 1])
    order = np.argsort(along, kind="stable")
    return np.asarray(np.interp(t, along[order], across[order]), dtype=np.float64)


def _points(geometry: shapely.Geometry) -> list[Point]:
    return [Point(c) for part in getattr(geometry, "geoms", [geometry]) for c in part.coords] or [Point(0, 0)]


def _noded(lines: list[tuple[LineString, str, str]]) -> list[Road]:
    """Split every line where it meets another; pieces that lead nowhere and are short fall away."""
    shapes = [line for line, _, _ in lines]
    cuts: list[list[float]] = [[] for _ in lines]
    nodes: list[tuple[float, float]] = []
    for i, a in enumerate(shapes):
        for b in shapes[i + 1 :]:
            if a.distance(b) > 0.5:
                continue
            met = a.intersection(b.buffer(0.5))
            for part in getattr(met, "geoms", [met]):
                if not part.is_empty:
                    centre = part.interpolate(0.5, normalized=True)
                    crossing = a.intersection(b)
                    near = shapely.ops.nearest_points(crossing, centre)[0] if not crossing.is_empty else centre
                    nodes.append((round(near.x, 2), round(near.y, 2)))
    nodes = _clustered(nodes)
    for i, a in enumerate(shapes):
        for node in nodes:
            if a.distance(Point(node)) < 1.0:
                cuts[i].append(a.project(Point(node)))
    roads = []
    for (line, word, road_class), at in zip(lines, cuts, strict=True):
        stops = sorted({0.0, line.length, *at})
        merged = [stops[0]]
        for stop in stops[1:]:
            if stop - merged[-1] > 1.5:
                merged.append(stop)
        for low, high in pairwise(merged):
            piece = shapely.get_coordinates(substring(line, low, high))
            for end in (0, -1):
                close = min(nodes, key=lambda n: (n[0] - piece[end, 0]) ** 2 + (n[1] - piece[end, 1]) ** 2)
                if np.hypot(close[0] - piece[end, 0], close[1] - piece[end, 1]) < 2.0:
                    piece[end] = close
            piece = np.round(piece, 2)
            # The two ends are junctions and stay; what crowds them goes.
            keep = np.hypot(*(piece - piece[0]).T) > 0.05
            keep &= np.hypot(*(piece - piece[-1]).T) > 0.05
            keep[[0, -1]] = True
            if np.hypot(*(piece[-1] - piece[0])) > 0.05:
                roads.append(Road(LineString(piece[keep]), word, road_class))
    return _without_stubs(roads)


def _clustered(nodes: list[tuple[float, float]]) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    for node in nodes:
        if all((node[0] - k[0]) ** 2 + (node[1] - k[1]) ** 2 > 4.0 for k in kept):
            kept.append(node)
    return kept


def _without_stubs(roads: list[Road]) -> list[Road]:
    while True:
        degree: dict[tuple[float, float], int] = {}
        for road in roads:
            for end in (road.line.coords[0], road.line.coords[-1]):
                degree[end] = degree.get(end, 0) + 1
        stubs = [
            road
            for road in roads
            if road.line.length < 45
            and any(
                degree[end] == 1 and max(abs(end[0]), abs(end[1])) < REACH_M - 2
                for end in (road.line.coords[0], road.line.coords[-1])
            )
        ]
        if not stubs:
            return roads
        roads = [road for road in roads if road not in stubs]


def _cut_at_banks(road: Road, water: Polygon) -> list[Road]:
    """Cut a crossing road a few metres inland of both banks, so that only the span is a bridge."""
    span = road.line.intersection(water.buffer(9.0))
    at = sorted(
        road.line.project(Point(c))
        for part in getattr(span, "geoms", [span])
        for c in (part.coords[0], part.coords[-1])
    )
    stops = [0.0, *(a for a in (at[0], at[-1]) if 4.0 < a < road.line.length - 4.0), road.line.length]
    pieces = []
    for low, high in pairwise(stops):
        coordinates = np.round(shapely.get_coordinates(substring(road.line, low, high)), 2)
        line = LineString(coordinates)
        over = line.interpolate(0.5, normalized=True).within(water.buffer(8.0)) and line.intersects(water)
        pieces.append(Road(line, road.name, road.road_class, bridge=bool(over)))
    return pieces


def _expressway(ring: LineString, water: Polygon) -> list[Road]:
    """Return the expressway: at grade outside, up a ramp in short steps, on its deck through the city."""
    points = shapely.get_coordinates(ring)
    distance = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    west = np.interp(DECK_WEST, points[: len(points) // 2, 0], distance[: len(points) // 2])
    tail = points[:, 1] > 500
    north = np.interp(DECK_NORTH, points[tail, 1], distance[tail])
    bends = [west[1], west[0], north[0], north[1]]
    stops = [0.0, *np.linspace(west[1], west[0], 18), *np.arange(west[0] + 120, north[0] - 60, 120.0)]
    stops += [*np.linspace(north[0], north[1], 18), distance[-1]]
    roads = []
    for low, high in pairwise(stops):
        line = LineString(np.round(shapely.get_coordinates(substring(ring, low, high)), 2))
        deck_m = round(float(np.interp((low + high) / 2, bends, [0.0, DECK_HEIGHT_M, DECK_HEIGHT_M, 0.0])), 2)
        roads.append(Road(line, "huancheng", "expressway", line.intersects(water), False, deck_m))
    return roads
