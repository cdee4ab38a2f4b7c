"""Unique meshes made ready for drawing: corners that coincide are joined, and the outlines of a drawing are found.

Invariants
----------
1. Everything is found once a unique mesh, for all meshes together; placements only repeat it.
2. A corner that begins an outline in one triangle and none in another becomes two points: VTK's edge flags sit on
   points. That is two points a corner at most, where triangles of their own would need six.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.geometry.meshes import MeshStore

Ints = NDArray[np.int64]

#: Edges between faces that turn by more than this are drawn.
CREASE_DEG = 30.0

#: Corners nearer than this are one corner.
WELD_M = 1e-4

#: While the eye moves, meshes of more triangles than this are drawn on a grid: so many cells along their longest side,
#: no cell larger than this, metres.
DENSE_FACES = 200
COARSE_STEPS = 12
COARSE_M = 0.05

#: Large odd numbers that stir a grid cell into one 64-bit number; that two cells of a million meet is unheard of.
_STIR = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Welded:
    """All unique meshes with shared corners: points and faces one mesh after another.

    Parameters
    ----------
    points : ndarray (n, 3) float32
    point_start, face_start : ndarray (m + 1,)
    faces : ndarray (f, 3)
        Into ``points``; faces that vanished in welding are gone.
    face_order : ndarray (f,)
        Row of the store's faces.
    outlined : ndarray (f, 3) bool
        Whether the side that begins at a corner is an outline.
    """

    points: NDArray[np.float32]
    point_start: Ints
    faces: Ints
    face_start: Ints
    face_order: Ints
    outlined: NDArray[np.bool_]

    @property
    def edges(self) -> Ints:
        """Return the outlines as pairs of points, each once."""
        sides = np.sort(np.stack([self.faces, np.roll(self.faces, -1, axis=1)], axis=2), axis=2)
        return np.unique(sides[self.outlined], axis=0)


@dataclass(frozen=True, slots=True)
class Block:
    """Some faces of all meshes, with points of their own.

    Parameters
    ----------
    points : ndarray (n, 3) float32
    flags : ndarray (n,) uint8
        Whether the side that begins at the point is an outline.
    point_start, face_start : ndarray (m + 1,)
    faces : ndarray (f, 3) int32
        Counting from the first point of their mesh.
    face_order : ndarray (f,)
        Row of the store's faces.
    """

    points: NDArray[np.float32]
    flags: NDArray[np.uint8]
    point_start: Ints
    face_start: Ints
    faces: NDArray[np.int32]
    face_order: Ints


def weld(store: MeshStore, crease_deg: float = CREASE_DEG) -> Welded:
    """Join corners that coincide and find the outlines: open edges, and folds of more than ``crease_deg``."""
    starts = np.asarray(store.mesh_vertices)
    count = len(starts) - 1
    vertices = np.asarray(store.vertices)
    owner = np.repeat(np.arange(count), np.diff(starts))
    number, kept = _joined(vertices, owner)
    points = vertices[kept]
    point_start = _starts(owner[kept], count)

    face_starts = np.asarray(store.mesh_faces)
    face_owner = np.repeat(np.arange(count), np.diff(face_starts))
    faces = number[np.asarray(store.faces) + starts[face_owner][:, None]]
    whole = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    face_order = np.flatnonzero(whole)
    if len(face_order) < len(faces):
        faces, face_owner = faces[face_order], face_owner[face_order]
    return Welded(
        points, point_start, faces, _starts(face_owner, count), face_order, _outlined(points, faces, crease_deg)
    )


def as_made(store: MeshStore) -> Welded:
    """Return the meshes as they are, without outlines: for a first picture that is soon replaced.

    The fast kernel joins corners itself; finding the outlines of millions of faces takes longer than it does.
    """
    starts, face_starts = np.asarray(store.mesh_vertices), np.asarray(store.mesh_faces)
    face_owner = np.repeat(np.arange(len(face_starts) - 1), np.diff(face_starts))
    faces = np.asarray(store.faces) + starts[face_owner][:, None]
    return Welded(
        np.asarray(store.vertices), starts, faces, face_starts, np.arange(len(faces)),
        np.zeros((len(faces), 3), dtype=bool),
    )  # fmt: skip


def block(welded: Welded, chosen: NDArray[np.bool_]) -> Block:
    """Return some faces (a mask over ``welded.faces``) with the points they use."""
    count = len(welded.face_start) - 1
    rows = np.flatnonzero(chosen)
    key = 2 * welded.faces[rows] + welded.outlined[rows]
    used = np.zeros(2 * len(welded.points), dtype=bool)
    used[key] = True
    kept = np.flatnonzero(used)
    number = np.cumsum(used, dtype=np.int32) - 1
    point_start = np.searchsorted(kept, 2 * welded.point_start).astype(np.int64)
    owner = np.repeat(np.arange(count), np.diff(welded.face_start))[rows]
    faces = number[key] - point_start[owner][:, None].astype(np.int32)
    return Block(
        welded.points[kept >> 1], (kept & 1).astype(np.uint8), point_start, _starts(owner, count),
        faces.astype(np.int32, copy=False), welded.face_order[rows],
    )  # fmt: skip


def coarsened(welded: Welded, size_m: NDArray[np.float64]) -> Welded:
    """Return the meshes with far fewer faces where they have very many, without outlines there: a chair from afar.

    Parameters
    ----------
    welded : Welded
    size_m : ndarray (m,)
        Longest side of each mesh; NaN for empty ones.
    """
    count = len(welded.face_start) - 1
    dense = np.diff(welded.face_start) > DENSE_FACES
    owner = np.repeat(np.arange(count), np.diff(welded.point_start))
    cell_m = np.where(dense, np.clip(size_m / COARSE_STEPS, WELD_M, COARSE_M), WELD_M)
    number, kept = _joined(welded.points, owner, cell_m[owner][:, None])
    faces = number[welded.faces]
    rows = np.flatnonzero((faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0]))
    face_owner = np.repeat(np.arange(count), np.diff(welded.face_start))[rows]
    return Welded(
        welded.points[kept], _starts(owner[kept], count), faces[rows], _starts(face_owner, count),
        welded.face_order[rows], welded.outlined[rows] & ~dense[face_owner][:, None],
    )  # fmt: skip


def _joined(
    vertices: NDArray[np.float32], owner: Ints, cell_m: float | NDArray[np.float64] = WELD_M
) -> tuple[Ints, Ints]:
    """Return the number of each vertex after joining, and a vertex that stands for each number."""
    if not len(vertices):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    cell = np.empty((len(vertices), 4), dtype=np.uint64)
    cell[:, 0] = owner
    with np.errstate(invalid="ignore"):
        cell[:, 1:] = np.rint(vertices * (np.float64(1.0) / cell_m)).astype(np.int64).view(np.uint64)
    cell *= _STIR
    cell ^= cell >> np.uint64(29)
    key = cell.sum(axis=1, dtype=np.uint64)
    order = np.argsort(key)
    fresh = np.concatenate([[True], key[order][1:] != key[order][:-1]])
    # The first vertex of each cell stands for it, so that the points stay in the order of their meshes.
    first = np.minimum.reduceat(order, np.flatnonzero(fresh))
    kept = np.sort(first)
    rank = np.empty(len(vertices), dtype=np.int64)
    rank[kept] = np.arange(len(kept))
    number = np.empty(len(vertices), dtype=np.int64)
    number[order] = rank[first][np.cumsum(fresh) - 1]
    return number, kept


def _starts(owner: Ints, count: int) -> Ints:
    return np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=count))]).astype(np.int64)


def _outlined(points: NDArray[np.float32], faces: Ints, crease_deg: float) -> NDArray[np.bool_]:
    """Return for each corner whether the side that begins there is open or folded, (f, 3)."""
    if not len(faces):
        return np.zeros((0, 3), dtype=bool)
    a, b, c = (points[faces[:, k]].astype(np.float64) for k in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    following = np.roll(faces, -1, axis=1)
    key = (np.minimum(faces, following) * len(points) + np.maximum(faces, following)).ravel()
    order = np.argsort(key)
    key = key[order]
    fresh = np.concatenate([[True], key[1:] != key[:-1]])
    first = np.flatnonzero(fresh)
    size = np.diff(np.concatenate([first, [len(key)]]))
    face = order // 3
    one, two = normal[face[first]], normal[face[np.minimum(first + 1, len(face) - 1)]]
    # Faces of IFC meshes are not always wound the same way: a flat pair may look against each other.
    folded = np.abs(np.einsum("ij,ij->i", one, two)) < np.cos(np.radians(crease_deg))
    drawn = (size != 2) | folded
    outlined = np.empty(len(key), dtype=bool)
    outlined[order] = drawn[np.cumsum(fresh) - 1]
    return outlined.reshape(-1, 3)
