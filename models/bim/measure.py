"""Measures of points and bodies: lengths, areas, angles, volumes; float64, metres and degrees.

Invariants
----------
1. A volume is only given for a closed body: where every edge is used as often one way as the other. For anything else
   it is None (NaN in arrays), never a guess.
2. Vertices that kernels write twice are welded at :data:`WELD_M` first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.geometry.meshes import MeshStore

Floats = NDArray[np.float64]
Points = Sequence[Sequence[float]] | NDArray[np.floating[Any]]

WELD_M = 1e-5
_PRIMES = np.array([73_856_093, 19_349_663, 83_492_791], np.int64)


def distance_m(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the straight distance of two points."""
    return float(np.linalg.norm(np.subtract(b, a, dtype=np.float64)))


def length_m(points: Points) -> float:
    """Return the length of a line through points."""
    line = np.asarray(points, np.float64)
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum()) if len(line) > 1 else 0.0


def area_m2(points: Points) -> float:
    """Return the area of a flat polygon in space (Newell); its corners need not be closed."""
    return float(np.linalg.norm(_vector_area(points)))


def horizontal_area_m2(points: Points) -> float:
    """Return the area of a polygon seen from above."""
    return float(abs(_vector_area(points)[2]))


def off_plane_m(points: Points) -> float:
    """Return how far the worst corner lies off the polygon's own plane."""
    ring = np.asarray(points, np.float64)
    normal = _vector_area(points)
    size = np.linalg.norm(normal)
    if len(ring) < 4 or size == 0:
        return 0.0
    return float(np.abs((ring - ring.mean(0)) @ (normal / size)).max())


def angle_deg(a: Sequence[float], corner: Sequence[float], b: Sequence[float]) -> float | None:
    """Return the angle at ``corner``, 0…180°; None where two points are one."""
    one, two = np.subtract(a, corner, dtype=np.float64), np.subtract(b, corner, dtype=np.float64)
    if not one.any() or not two.any():
        return None
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(one, two)), one @ two)))


@dataclass(frozen=True, slots=True, eq=False)
class Bodies:
    """Measures of elements, row = oid; NaN for elements without geometry.

    Parameters
    ----------
    bounds_m : ndarray, shape (n, 2, 3)
        Lowest and highest corner, in model coordinates.
    surface_m2 : ndarray, shape (n,)
    volume_m3 : ndarray, shape (n,)
        NaN where the body is not closed.
    closed : ndarray of bool, shape (n,)
    triangles : ndarray of int64, shape (n,)
    """

    bounds_m: Floats
    surface_m2: Floats
    volume_m3: Floats
    closed: NDArray[np.bool_]
    triangles: NDArray[np.int64]

    def volume_of(self, oid: int) -> float | None:
        """Return an element's volume, None if it is not closed."""
        return float(self.volume_m3[oid]) if self.closed[oid] else None


def bodies(meshes: MeshStore, count: int) -> Bodies:
    """Measure all elements of a model at once.

    Parameters
    ----------
    meshes : MeshStore
    count : int
        Number of elements.
    """
    placed_mesh, element = np.asarray(meshes.placement_mesh), np.asarray(meshes.placement_element)
    matrix = np.asarray(meshes.placement_matrix, np.float64)
    mesh_surface, mesh_volume, mesh_closed = _of_meshes(meshes)
    linear = matrix[:, :3, :3]
    scale = np.linalg.det(linear) if len(matrix) else np.empty(0)
    surface = mesh_surface[placed_mesh] * np.abs(scale) ** (2 / 3)
    bounds = np.stack([np.full((count, 3), np.inf), np.full((count, 3), -np.inf)], axis=1)
    for place in range(len(placed_mesh)):
        mesh = placed_mesh[place]
        points = meshes.vertices[meshes.mesh_vertices[mesh] : meshes.mesh_vertices[mesh + 1]]
        if len(points):
            world = points.astype(np.float64) @ linear[place].T + matrix[place, :3, 3]
            mine = bounds[element[place]]
            np.minimum(mine[0], world.min(0), out=mine[0])
            np.maximum(mine[1], world.max(0), out=mine[1])
    triangles = np.bincount(element, np.diff(meshes.mesh_faces)[placed_mesh], count).astype(np.int64)
    some = triangles > 0
    open_parts = np.bincount(element, ~mesh_closed[placed_mesh], count)
    closed = some & (open_parts == 0)
    volume = np.bincount(element, np.abs(mesh_volume[placed_mesh] * scale), count)
    return Bodies(
        np.where(some[:, None, None], bounds, np.nan),
        np.where(some, np.bincount(element, surface, count), np.nan),
        np.where(closed, volume, np.nan),
        closed,
        triangles,
    )


def _of_meshes(meshes: MeshStore) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return surface, signed volume and closedness of every unique mesh, in its own coordinates."""
    counts, corners = np.diff(meshes.mesh_faces), np.diff(meshes.mesh_vertices)
    number = len(counts)
    if not len(meshes.faces):
        return np.zeros(number), np.zeros(number), np.zeros(number, bool)
    of_face = np.repeat(np.arange(number), counts)
    faces = np.asarray(meshes.faces, np.int64) + np.asarray(meshes.mesh_vertices)[:-1][of_face][:, None]
    points = np.asarray(meshes.vertices, np.float64)
    first = np.minimum(np.asarray(meshes.mesh_vertices)[:-1], len(points) - 1)
    local = points - points[first][np.repeat(np.arange(number), corners)]  # near zero: volumes lose no digits
    a, b, c = local[faces[:, 0]], local[faces[:, 1]], local[faces[:, 2]]
    across = np.cross(b - a, c - a)
    surface = np.bincount(of_face, np.linalg.norm(across, axis=1) / 2, number).astype(np.float64)
    volume = np.bincount(of_face, np.einsum("ij,ij->i", a, np.cross(b, c)) / 6, number).astype(np.float64)
    return surface, volume, _closed(local, faces, of_face, np.repeat(np.arange(number), corners), number)


def _closed(
    points: Floats, faces: NDArray[np.int64], of_face: NDArray[np.int64], of_point: NDArray[np.int64], number: int
) -> NDArray[np.bool_]:
    """Return for each mesh whether every edge is used as often one way as the other."""
    with np.errstate(over="ignore"):
        hashed = (np.round(points / WELD_M).astype(np.int64) * _PRIMES).sum(1) ^ (of_point * 2_654_435_761)
    _, welded = np.unique(hashed, return_inverse=True)
    corners = welded[faces]
    starts, ends = corners.ravel(), np.roll(corners, -1, axis=1).ravel()
    owner = np.repeat(of_face, 3)
    real = starts != ends
    starts, ends, owner = starts[real], ends[real], owner[real]
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    _, edge, at = np.unique(low * (welded.max() + 1) + high, return_index=True, return_inverse=True)
    uneven = np.bincount(at, np.where(starts < ends, 1, -1)) != 0
    closed = np.bincount(of_face, minlength=number) > 0
    closed[owner[edge[uneven]]] = False
    return closed


def _vector_area(points: Points) -> Floats:
    ring = np.asarray(points, np.float64)
    if len(ring) < 3:
        return np.zeros(3)
    ring = ring - ring[0]
    area: Floats = np.cross(ring, np.roll(ring, -1, axis=0)).sum(0) / 2
    return area
