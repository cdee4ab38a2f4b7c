"""Blocks (地块): what is left between the roads and the river, and what each is for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon

from models.sample.plan import LABELS, ROAD_CLASSES
from models.sample.roads import Network


@dataclass(slots=True)
class Block:
    """One block inside its pavements.

    Parameters
    ----------
    number : int
        Stable for a plan: blocks are numbered from north-west to south-east.
    polygon : Polygon
        Local metres, behind footway and roadside green.
    use : str
        A word of ``plan.LABELS``, ``riverside`` or ``pocket``.
    angle : float
        Direction of the block's long building rows, radians from east; rows face south within ±17°.
    """

    number: int
    polygon: Polygon
    use: str
    angle: float


def make_faces(network: Network) -> list[Polygon]:
    """Return the faces between the centre lines of the at-grade roads."""
    lines = [road.line for road in network.roads if road.road_class not in ("expressway", "lane")]
    return [face for face in shapely.polygonize(lines).geoms if face.area > 400]


def right_of_way(network: Network) -> Polygon:
    """Return the land of all roads: carriageway, footways and roadside green."""
    roads = [road for road in network.roads if road.road_class != "lane"]
    half = np.asarray([road.width_m / 2 + sum(ROAD_CLASSES[road.road_class][2:]) for road in roads])
    lines = np.asarray([road.line for road in roads], dtype=object)
    # Rounding corners inwards gives the kerb curves and the corner splays that junctions have.
    return shapely.union_all(shapely.buffer(lines, half, quad_segs=6)).buffer(9, quad_segs=5).buffer(-9, quad_segs=5)


def largest(geometry: shapely.Geometry) -> Polygon:
    """Return the largest polygon of whatever an operation left."""
    parts = [part for part in getattr(geometry, "geoms", [geometry]) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: part.area, default=Polygon())


def make_blocks(network: Network) -> list[Block]:
    """Return the blocks in stable order with their use."""
    taken = right_of_way(network).union(network.water.buffer(11.0))
    near_water = network.water.buffer(16.0)
    labels = shapely.points([(x, y) for x, y, _ in LABELS])
    pieces: list[tuple[Polygon, str]] = []
    for face in make_faces(network):
        left = face.difference(taken)
        for part in getattr(left, "geoms", [left]):
            if part.area < 400:
                continue
            piece = Polygon(part.exterior)
            if piece.intersects(near_water):
                pieces.append((piece, "riverside"))
                continue
            inside = np.flatnonzero(shapely.contains(piece, labels))
            pieces.append((piece, LABELS[inside[0]][2] if len(inside) else "pocket"))
    pieces.sort(key=lambda p: (-round(p[0].centroid.y / 90), p[0].centroid.x))
    return [Block(i, piece, use, row_angle(piece)) for i, (piece, use) in enumerate(pieces)]


def row_angle(polygon: Polygon, limit_deg: float = 17.0) -> float:
    """Return the direction of the outline's long east–west sides, as far as rows may turn from due south."""
    points = np.asarray(polygon.simplify(3.0).exterior.coords)
    edge = np.diff(points, axis=0)
    length = np.hypot(edge[:, 0], edge[:, 1])
    angle = (np.arctan2(edge[:, 1], edge[:, 0]) + np.pi / 2) % np.pi - np.pi / 2
    flat = np.abs(angle) < np.radians(40)
    if not flat.any() or length[flat].sum() < 20:
        return 0.0
    mean = float(np.average(angle[flat], weights=length[flat] ** 2))
    return float(np.clip(mean, -np.radians(limit_deg), np.radians(limit_deg)))
