"""Collecting meshes and placements one by one into a :class:`~models.geometry.meshes.MeshStore`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.geometry.meshes import MeshStore

#: Beyond this many metres from its own zero a mesh is moved there, so that float32 keeps a tenth of a millimetre.
FAR_M = 500.0
#: What lies farther than this from the model's zero is a mistake: beyond the Moon, and beyond what float32 can square.
FARTHEST_M = 1e9
RGBA = tuple[float, float, float, float]


class MeshBuilder:
    """Grows a mesh store.

    Notes
    -----
    Vertices come in float64; each mesh is stored in float32 about its own centre when it lies far from its zero, and
    the shift goes into its placements.
    """

    def __init__(self) -> None:
        self._vertices: list[NDArray[np.float32]] = []
        self._faces: list[NDArray[np.int32]] = []
        self._face_material: list[NDArray[np.int32]] = []
        self._shift: list[NDArray[np.float64]] = []
        self._placements: list[tuple[int, int, NDArray[np.float64]]] = []
        self._materials: dict[RGBA, int] = {}

    def material(self, rgba: RGBA) -> int:
        """Return the row of a colour, added when new."""
        key = (round(rgba[0], 4), round(rgba[1], 4), round(rgba[2], 4), round(rgba[3], 4))
        return self._materials.setdefault(key, len(self._materials))

    def mesh(
        self, vertices: NDArray[np.float64], faces: NDArray[np.int32], face_material: NDArray[np.int32]
    ) -> int | None:
        """Add a mesh and return its number, None when it has no usable triangle."""
        if not len(faces) or not len(vertices):
            return None
        finite: NDArray[np.bool_] = np.asarray((np.abs(vertices) < FARTHEST_M).all(axis=1))
        if not finite.all():
            keep = finite[faces].all(axis=1)
            faces, face_material = faces[keep], face_material[keep]
            vertices = np.where(finite[:, None], vertices, 0.0)
            if not len(faces):
                return None
        shift = np.zeros(3)
        used = vertices[finite]
        low, high = used.min(axis=0), used.max(axis=0)
        if max(abs(low).max(), abs(high).max()) > FAR_M:
            shift = np.round((low + high) / 2)
        self._vertices.append((vertices - shift).astype(np.float32))
        self._faces.append(np.asarray(faces, dtype=np.int32))
        self._face_material.append(np.asarray(face_material, dtype=np.int32))
        self._shift.append(shift)
        return len(self._vertices) - 1

    def place(self, mesh: int, element: int, matrix: NDArray[np.float64]) -> None:
        """Draw a mesh for an element; ``matrix`` (4, 4) takes mesh coordinates as they came to model coordinates."""
        moved = np.array(matrix, dtype=np.float64)
        moved[:3, 3] += moved[:3, :3] @ self._shift[mesh]
        self._placements.append((mesh, element, moved))

    def store(self) -> MeshStore:
        """Return everything as flat arrays."""

        def joined(parts: list[NDArray[np.generic]], shape: tuple[int, ...], dtype: type) -> NDArray[np.generic]:
            return np.concatenate(parts) if parts else np.empty(shape, dtype=dtype)

        mesh, element, matrix = zip(*self._placements, strict=True) if self._placements else ((), (), ())
        return MeshStore(
            vertices=joined(self._vertices, (0, 3), np.float32),  # type: ignore[arg-type]
            faces=joined(self._faces, (0, 3), np.int32),  # type: ignore[arg-type]
            face_material=joined(self._face_material, (0,), np.int32),  # type: ignore[arg-type]
            mesh_vertices=np.cumsum([0, *(len(part) for part in self._vertices)], dtype=np.int64),
            mesh_faces=np.cumsum([0, *(len(part) for part in self._faces)], dtype=np.int64),
            placement_mesh=np.asarray(mesh, dtype=np.int32),
            placement_element=np.asarray(element, dtype=np.int32),
            placement_matrix=np.asarray(matrix, dtype=np.float64).reshape(-1, 4, 4),
            materials=np.asarray(list(self._materials), dtype=np.float32).reshape(-1, 4),
        )


def joined(stores: Sequence[MeshStore]) -> MeshStore:
    """Return several stores as one; what ``placement_element`` means must be the same in all."""
    if len(stores) == 1:
        return stores[0]
    if not stores:
        return MeshBuilder().store()
    colours: dict[tuple[float, ...], int] = {}
    face_material, mesh, vertex_at, face_at = [], [], [np.zeros(1, np.int64)], [np.zeros(1, np.int64)]
    meshes = vertices = faces = 0
    for store in stores:
        rows = [colours.setdefault(tuple(row), len(colours)) for row in np.asarray(store.materials).tolist()]
        table = np.array([*rows, -1], dtype=np.int32)  # the last is what -1, no material, leads to
        face_material.append(table[store.face_material])
        mesh.append(np.asarray(store.placement_mesh) + np.int32(meshes))
        vertex_at.append(np.asarray(store.mesh_vertices)[1:] + vertices)
        face_at.append(np.asarray(store.mesh_faces)[1:] + faces)
        meshes += len(store.mesh_faces) - 1
        vertices += len(store.vertices)
        faces += len(store.faces)
    lined = [store for store in stores if store.line_points is not None]
    lines = {} if not lined else {
        "line_points": np.concatenate([np.asarray(store.line_points) for store in lined]),
        "line_starts": np.cumsum([0, *(n for store in lined for n in np.diff(np.asarray(store.line_starts)))]),
        "line_element": np.concatenate([np.asarray(store.line_element) for store in lined]).astype(np.int32),
    }  # fmt: skip
    return MeshStore(
        vertices=np.concatenate([store.vertices for store in stores]),
        faces=np.concatenate([store.faces for store in stores]),
        face_material=np.concatenate(face_material),
        mesh_vertices=np.concatenate(vertex_at),
        mesh_faces=np.concatenate(face_at),
        placement_mesh=np.concatenate(mesh).astype(np.int32),
        placement_element=np.concatenate([store.placement_element for store in stores]),
        placement_matrix=np.concatenate([store.placement_matrix for store in stores]),
        materials=np.asarray(list(colours), dtype=np.float32).reshape(-1, 4),
        **lines,
    )
