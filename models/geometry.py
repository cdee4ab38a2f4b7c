"""Meshes of a building model: unique meshes times placements, ready to be memory-mapped.

Invariants
----------
1. Vertices are float32 *local to their mesh*; only placements (float64) carry large numbers.
2. ``placement_element`` says which element (row of the element table) each placement draws; an element may have
   several placements, a mesh may be placed many times.
3. ``face_material`` indexes ``materials``; colour is never baked into vertices.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class MeshStore:
    """Flat arrays of all geometry of one model.

    Parameters
    ----------
    vertices : ndarray, shape (v, 3), float32
        All meshes' vertices one after another, metres, local to the mesh.
    faces : ndarray, shape (f, 3), int32
        Triangles; indices count from the start of their own mesh.
    face_material : ndarray, shape (f,), int32
        Row in ``materials`` of each triangle, -1 for none.
    mesh_vertices, mesh_faces : ndarray, shape (m + 1,), int64
        Offsets of each mesh in ``vertices`` and ``faces``.
    placement_mesh, placement_element : ndarray, shape (p,), int32
        Which mesh is placed, and for which element.
    placement_matrix : ndarray, shape (p, 4, 4), float64
        Mesh to model coordinates, metres, row-major, column vectors.
    materials : ndarray, shape (k, 4), float32
        RGBA 0…1.
    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.int32]
    face_material: NDArray[np.int32]
    mesh_vertices: NDArray[np.int64]
    mesh_faces: NDArray[np.int64]
    placement_mesh: NDArray[np.int32]
    placement_element: NDArray[np.int32]
    placement_matrix: NDArray[np.float64]
    materials: NDArray[np.float32]

    @property
    def triangle_count(self) -> int:
        """Number of triangles once every placement is drawn."""
        per_mesh = np.diff(self.mesh_faces)
        return int(per_mesh[self.placement_mesh].sum()) if len(self.placement_mesh) else 0

    def bounds(self) -> NDArray[np.float64] | None:
        """Return ((xmin, ymin, zmin), (xmax, ymax, zmax)) in model coordinates, or None if empty."""
        low, high = np.full(3, np.inf), np.full(3, -np.inf)
        for mesh, matrix in zip(self.placement_mesh, self.placement_matrix, strict=True):
            points = self.vertices[self.mesh_vertices[mesh] : self.mesh_vertices[mesh + 1]]
            if len(points):
                placed = points.astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
                low, high = np.minimum(low, placed.min(0)), np.maximum(high, placed.max(0))
        return None if np.isinf(low).any() else np.stack([low, high])

    def save(self, folder: Path) -> None:
        """Write one ``.npy`` file a field into ``folder``, so that they can be memory-mapped."""
        for name in self.__dataclass_fields__:
            np.save(folder / f"{name}.npy", getattr(self, name), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> MeshStore:
        """Map what :meth:`save` wrote, without copying."""
        return cls(
            **{
                name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
                for name in cls.__dataclass_fields__
            }
        )
