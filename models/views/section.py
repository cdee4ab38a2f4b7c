"""Geometry of sections: planes and boxes that are dragged, storey plans, exploded storeys.

Everything stands in the project's CRS, metres, float64; nothing here knows a picture.

Invariants
----------
1. A box is turned clockwise from north about its middle; dragging one face leaves the opposite face where it is,
   whatever the turn.
2. A plane takes away the side to which its normal points.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.geometry.meshes import MeshStore
from models.layers.layer import ModelData
from models.views.camera import Vector
from models.views.visibility import Cut, Plane, SectionBox

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A storey plan is cut this far above its floor: through windows and doors, as plans are drawn.
PLAN_M = 1.2
#: A box is never thinner than this.
THINNEST_M = 0.1
#: Storeys of an exploded model move apart by this much for each storey below, where nothing else is known.
STOREY_M = 3.5
#: Corner pairs of the twelve edges of :func:`corners`.
EDGES = (
    (0, 1), (1, 3), (3, 2), (2, 0), (4, 5), (5, 7), (7, 6), (6, 4), (0, 4), (1, 5), (2, 6), (3, 7),
)  # fmt: skip
#: Faces of a box: axis 0…2 and end 0 (low) or 1 (high), in the order of handles.
FACES = tuple((axis, end) for axis in range(3) for end in range(2))


def vector(values: Sequence[float] | Floats) -> Vector:
    """Return three numbers as plain floats."""
    x, y, z = (float(v) for v in values)
    return x, y, z


def offset_of(plane: Plane) -> float:
    """Return how far a plane lies along its normal from the CRS's zero, metres."""
    return float(np.dot(plane.point, plane.normal))


def flipped(plane: Plane) -> Plane:
    """Return the plane that takes the other side away."""
    return replace(plane, normal=vector(-np.asarray(plane.normal)))


def plane_through(box: SectionBox, axis: int) -> Plane:
    """Return the plane across the middle of a box, its normal along the box's own x, y or z."""
    middle = (np.asarray(box.low) + np.asarray(box.high)) / 2
    return Plane(vector(middle), vector(axes_of(box.bearing_deg)[axis]))


def axes_of(bearing_deg: float) -> Floats:
    """Return the unit axes (rows x, y, z) of something turned clockwise from north; y is its north."""
    angle = math.radians(bearing_deg)
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def bearing_of(matrix: Floats) -> float:
    """Return where the y axis of a model points, clockwise from north, folded to -45…45° as boxes need it."""
    bearing = math.degrees(math.atan2(matrix[0, 1], matrix[1, 1]))
    return (bearing + 45.0) % 90.0 - 45.0


def reach(box: SectionBox, normal: Sequence[float]) -> tuple[float, float]:
    """Return how far a box reaches along a direction: least and greatest offset."""
    along = corners(box) @ np.asarray(normal)
    return float(along.min()), float(along.max())


def box_around(points: Floats, bearing_deg: float = 0.0, margin_m: float = 0.0) -> SectionBox:
    """Return the box with a bearing around world points (n, 3)."""
    axes = axes_of(bearing_deg)
    along = points @ axes.T
    low, high = along.min(axis=0) - margin_m, along.max(axis=0) + margin_m
    middle, half = ((low + high) / 2) @ axes, np.maximum((high - low) / 2, THINNEST_M / 2)
    return SectionBox(vector(middle - half), vector(middle + half), bearing_deg)


def corners(box: SectionBox) -> Floats:
    """Return the eight corners (8, 3) of a box: low and high x, then y, then z."""
    low, high = np.asarray(box.low), np.asarray(box.high)
    middle, half = (low + high) / 2, (high - low) / 2
    signs = np.array([[x, y, z] for z in (-1, 1) for y in (-1, 1) for x in (-1, 1)], dtype=np.float64)
    return np.asarray(middle + (signs * half) @ axes_of(box.bearing_deg))


def face_middle(box: SectionBox, axis: int, end: int) -> tuple[Floats, Floats]:
    """Return the middle of a face and the direction out of it."""
    low, high = np.asarray(box.low), np.asarray(box.high)
    out = axes_of(box.bearing_deg)[axis] * (1.0 if end else -1.0)
    return (low + high) / 2 + out * (high - low)[axis] / 2, out


def planes_of(cut: Cut) -> tuple[Plane, ...]:
    """Return all that cuts as planes, the box as its six sides: the form in which BCF has it."""
    if cut.box is None:
        return cut.planes
    sides = (face_middle(cut.box, axis, end) for axis, end in FACES)
    return (*cut.planes, *(Plane(vector(middle), vector(out)) for middle, out in sides))


def drag_face(box: SectionBox, axis: int, end: int, metres: float) -> SectionBox:
    """Return the box with one face moved outwards; the opposite face stays."""
    low, high = np.asarray(box.low, dtype=np.float64), np.asarray(box.high, dtype=np.float64)
    size = high - low
    metres = max(metres, THINNEST_M - float(size[axis]))
    _, out = face_middle(box, axis, end)
    middle = (low + high) / 2 + out * metres / 2
    size[axis] += metres
    return replace(box, low=vector(middle - size / 2), high=vector(middle + size / 2))


def outline(box: SectionBox, plane: Plane) -> Floats:
    """Return the ring (n, 3) in which a plane meets a box; empty where it misses."""
    points = corners(box)
    normal = np.asarray(plane.normal)
    side = (points - np.asarray(plane.point)) @ normal
    found = [
        points[a] + (points[b] - points[a]) * side[a] / (side[a] - side[b])
        for a, b in EDGES
        if (side[a] < 0) != (side[b] < 0)
    ]
    if len(found) < 3:
        return np.zeros((0, 3))
    ring = np.array(found)
    helper = np.array([0.0, 0.0, 1.0]) if abs(normal[2]) < 0.9 else np.array([1.0, 0.0, 0.0])
    right = np.cross(normal, helper)
    out = ring - ring.mean(axis=0)
    return np.asarray(ring[np.argsort(np.arctan2(out @ np.cross(normal, right), out @ right))])


def nearest_on_axis(point: Floats, axis: Floats, eye: Floats, ray: Floats) -> float | None:
    """Return how far along an axis through ``point`` it comes nearest to a line of sight; None where they align."""
    across = float(axis @ ray)
    bend = 1.0 - across * across
    if bend < 1e-3:
        return None
    gap = point - eye
    return float((across * (gap @ ray) - gap @ axis) / bend)


@dataclass(frozen=True, slots=True)
class Floor:
    """A storey of a model.

    Parameters
    ----------
    oid : int
        The IfcBuildingStorey.
    name : str
    elevation_m : float
        Its floor above the building's own zero, metres.
    level_m : float
        Its floor in model coordinates, metres: where it is cut.
    """

    oid: int
    name: str
    elevation_m: float
    level_m: float


def floors_of(data: ModelData) -> list[Floor]:
    """Return the storeys whose level is known, lowest first."""
    frame = data.elements
    if "elevation_m" not in frame.columns:
        return []
    storeys = frame[frame["ifc_class"] == "IfcBuildingStorey"]
    elevation = storeys["elevation_m"].astype(float)
    level = storeys["floor_level_m"].astype(float).fillna(elevation) if "floor_level_m" in frame.columns else elevation
    found = [
        Floor(int(oid), str(name or ""), float(own), float(height))
        for oid, name, own, height in zip(storeys.index, storeys["name"], elevation, level, strict=True)
        if np.isfinite(height)
    ]
    return sorted(found, key=lambda floor: (floor.level_m, floor.oid))


def storeys_of(data: ModelData, floors: Sequence[Floor]) -> Ints:
    """Return for each element the row of its storey in ``floors``, -1 for none."""
    count = len(data.elements)
    row = np.full(count, -1, dtype=np.int64)
    for number, floor in enumerate(floors):
        row[floor.oid] = number
    parent = data.elements["parent"].to_numpy(dtype=np.int64)
    above = np.where((parent >= 0) & (parent < count), parent, -1)
    while True:  # one round a level; what is known only grows, so that a circle of parents ends too
        fresh = np.where((row < 0) & (above >= 0), row[above], row)
        if (fresh == row).all():
            return row
        row = fresh


def lifts(data: ModelData, share: float) -> dict[int, float]:
    """Return metres by which each element of a model is raised when its storeys are drawn apart.

    Parameters
    ----------
    data : ModelData
    share : float
        0 (as built) … 1 (each storey as high above the next as the storeys are high).
    """
    floors = floors_of(data)
    if share <= 0 or len(floors) < 2:
        return {}
    levels = np.array([floor.level_m for floor in floors])
    distinct = np.unique(np.round(levels, 1))
    step = float(np.median(np.diff(distinct))) if len(distinct) > 1 else STOREY_M
    rank = np.searchsorted(distinct, np.round(levels, 1))
    row = storeys_of(data, floors)
    lifted = np.flatnonzero((row >= 0) & (rank[np.clip(row, 0, None)] > 0))
    metres = rank[row[lifted]] * max(step, 2.0) * share
    return {int(oid): float(up) for oid, up in zip(lifted, metres, strict=True)}


def placed_corners(meshes: MeshStore, placements: Ints, matrix: Floats) -> Floats:
    """Return the box corners (8 n, 3) of some placements of a model, in the world."""
    starts = np.asarray(meshes.mesh_vertices, dtype=np.int64)
    full = np.flatnonzero(np.diff(starts) > 0)
    placements = placements[np.isin(meshes.placement_mesh[placements], full)]
    if not len(placements):
        return np.zeros((0, 3))
    ends = np.zeros((len(starts) - 1, 2, 3))
    ends[full, 0] = np.minimum.reduceat(meshes.vertices, starts[full])
    ends[full, 1] = np.maximum.reduceat(meshes.vertices, starts[full])
    box = ends[np.asarray(meshes.placement_mesh)[placements]]
    local = np.stack([box[:, [x, y, z], [0, 1, 2]] for z in (0, 1) for y in (0, 1) for x in (0, 1)], axis=1)
    whole = matrix @ np.asarray(meshes.placement_matrix)[placements]
    placed = np.einsum("nij,nkj->nki", whole[:, :3, :3], local) + whole[:, None, :3, 3]
    return np.asarray(placed.reshape(-1, 3))
