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

from models.core.array_file import read_arrays, write_arrays

_FILE = "meshes.bin"


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
    uv : ndarray, shape (v, 2), float32, or None
        Texture coordinates of the vertices, v upwards; None where nothing has a texture.
    material_image : ndarray, shape (k,), int32, or None
        Image of each material, -1 for none.
    image_shape : ndarray, shape (i, 3), int64, or None
        Rows, columns and channels of each image.
    image_pixels : ndarray, shape (n,), uint8, or None
        Pixels of all images one after another, bottom row first.
    face_surface : ndarray, shape (f,), int32, or None
        Semantic surface of each triangle (a row of ``ModelData.info["surfaces"]``: roof, wall …), -1 for none.
    placement_room : ndarray, shape (p,), bool, or None
        Placements that draw rooms and zones, which have a shape and no matter; None where none does.
    line_points : ndarray, shape (q, 3), float64, or None
        Points of all lines (alignments, grids) one after another, model coordinates, metres.
    line_starts : ndarray, shape (l + 1,), int64, or None
        Offsets of each line in ``line_points``.
    line_element : ndarray, shape (l,), int32, or None
        Which element each line draws.
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
    uv: NDArray[np.float32] | None = None
    material_image: NDArray[np.int32] | None = None
    image_shape: NDArray[np.int64] | None = None
    image_pixels: NDArray[np.uint8] | None = None
    face_surface: NDArray[np.int32] | None = None
    placement_room: NDArray[np.bool_] | None = None
    line_points: NDArray[np.float64] | None = None
    line_starts: NDArray[np.int64] | None = None
    line_element: NDArray[np.int32] | None = None

    def image(self, number: int) -> NDArray[np.uint8]:
        """Return a texture as (rows, columns, channels), bottom row first."""
        if self.image_shape is None or self.image_pixels is None:
            raise IndexError(number)
        sizes = np.asarray(self.image_shape).prod(axis=1)
        start = int(sizes[:number].sum())
        return np.asarray(self.image_pixels[start : start + int(sizes[number])]).reshape(self.image_shape[number])

    @property
    def triangle_count(self) -> int:
        """Number of triangles once every placement is drawn."""
        per_mesh = np.diff(self.mesh_faces)
        return int(per_mesh[self.placement_mesh].sum()) if len(self.placement_mesh) else 0

    @property
    def matter(self) -> NDArray[np.bool_]:
        """Placements that draw something solid, (p,) bool: no rooms."""
        if self.placement_room is None:
            return np.ones(len(self.placement_mesh), dtype=bool)
        return ~np.asarray(self.placement_room)

    @property
    def shown_elements(self) -> NDArray[np.int32]:
        """Elements of which a face or a line is there, each once, ascending."""
        parts = [np.asarray(self.placement_element)]
        if self.line_element is not None:
            parts.append(np.asarray(self.line_element))
        return np.unique(np.concatenate(parts)).astype(np.int32)

    def mesh_boxes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the lowest and the highest corner of each mesh in its own coordinates, (m, 3); NaN for empty ones."""
        starts = np.asarray(self.mesh_vertices)
        low, high = (np.full((max(len(starts) - 1, 0), 3), np.nan) for _ in range(2))
        full = np.flatnonzero(np.diff(starts) > 0)
        if len(full):
            # Blocks between the starts of full meshes: empty ones take no room between them.
            low[full] = np.minimum.reduceat(self.vertices, starts[full], axis=0)
            high[full] = np.maximum.reduceat(self.vertices, starts[full], axis=0)
        return low, high

    def placement_boxes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return boxes (p, 3) in model coordinates that hold each placement; larger than need be where it is turned."""
        low, high = (side[np.asarray(self.placement_mesh)] for side in self.mesh_boxes())
        matrix = np.asarray(self.placement_matrix)
        middle = np.einsum("pij,pj->pi", matrix[:, :3, :3], (low + high) / 2) + matrix[:, :3, 3]
        half = np.einsum("pij,pj->pi", np.abs(matrix[:, :3, :3]), (high - low) / 2)
        return middle - half, middle + half

    def bounds(self) -> NDArray[np.float64] | None:
        """Return ((xmin, ymin, zmin), (xmax, ymax, zmax)) of all matter in model coordinates, or None if empty.

        Of the lines where there is no matter: what grids and rooms reach beyond a building does not move it.
        """
        low, high = self.placement_boxes()
        if self.placement_room is not None:
            low[~self.matter] = high[~self.matter] = np.nan
        box = np.empty((2, 3))
        for side, reach in ((0, -low), (1, high)):
            for axis in range(3):
                # The placements that could reach farthest are looked at first; few are.
                far = np.nan_to_num(reach[:, axis], nan=-np.inf)
                sign, best = 2 * side - 1, -np.inf
                for row in np.argsort(-far):
                    if far[row] <= best:
                        break
                    mesh, matrix = self.placement_mesh[row], self.placement_matrix[row]
                    points = self.vertices[self.mesh_vertices[mesh] : self.mesh_vertices[mesh + 1]]
                    placed = points.astype(np.float64) @ matrix[axis, :3] + matrix[axis, 3]
                    best = max(best, float((sign * placed).max()))
                box[side, axis] = sign * best
        if np.isinf(box).any() and self.line_points is not None and len(self.line_points):
            points = np.asarray(self.line_points)
            return np.array([points.min(axis=0), points.max(axis=0)])
        return None if np.isinf(box).any() else box

    def save(self, folder: Path) -> None:
        """Write the arrays into ``folder``, in one file that can be memory-mapped."""
        write_arrays(folder / _FILE, {
            name: value for name in self.__dataclass_fields__ if (value := getattr(self, name)) is not None
        })  # fmt: skip

    @classmethod
    def load(cls, folder: Path, *, mapped: bool = True) -> MeshStore:
        """Map (or read) what :meth:`save` wrote, without copying."""
        return cls(**read_arrays(folder / _FILE, mapped=mapped))
