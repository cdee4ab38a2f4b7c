"""Triangles of glTF, tiles and OBJ gathered into a mesh store: materials, pictures, colours of vertices, copies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.geometry.meshes import MeshStore
from models.io.common.mesh_builder import FAR_M, FARTHEST_M, RGBA
from models.io.common.textures import Textures

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Steps of each channel of a colour that sits on vertices: an actor's colours are a table, not a painting.
_STEPS = 31


class MeshCollector:
    """Grows a mesh store with textures.

    Parameters
    ----------
    textures : Textures
    """

    def __init__(self, textures: Textures) -> None:
        self.textures = textures
        self._vertices: list[NDArray[np.float32]] = []
        self._uv: list[Floats | None] = []
        self._faces: list[NDArray[np.int32]] = []
        self._material: list[Ints] = []
        #: Of each mesh in a block of meshes: vertices, faces, shift.
        self._sizes: list[tuple[Ints, Ints]] = []
        self._shift: list[Floats] = []
        self._placed: list[tuple[Ints, Ints, Floats]] = []
        self._rows: dict[tuple[RGBA, int], int] = {}
        self._count = 0
        self.triangles = 0

    def material(self, rgba: RGBA, texture: int = -1) -> int:
        """Return the row of a colour, or of a texture with its tint."""
        r, g, b, a = (round(float(min(max(value, 0.0), 1.0)), 3) for value in rgba)
        return self._rows.setdefault(((r, g, b, a), texture), len(self._rows))

    def face_colours(self, colours: Floats, faces: Ints, tint: RGBA) -> Ints:
        """Return a material for each face from colours of vertices, tinted by the material's own."""
        mean = np.rint(colours[faces].mean(axis=1) * np.asarray(tint) * _STEPS).astype(np.int64)
        kinds, back = np.unique(mean, axis=0, return_inverse=True)
        rows = [self.material((r / _STEPS, g / _STEPS, b / _STEPS, a / _STEPS)) for r, g, b, a in kinds.tolist()]
        return np.asarray(rows, dtype=np.int64)[back.ravel()]

    def mesh(self, vertices: Floats, faces: Ints, material: Ints, uv: Floats | None = None) -> int | None:
        """Add a mesh and return its number, None when it has no usable triangle.

        Parameters
        ----------
        vertices : ndarray (n, 3) float64
        faces : ndarray (f, 3)
        material : ndarray (f,)
        uv : ndarray (n, 2), optional
            v upwards.
        """
        numbers, _ = self.meshes(vertices, faces, material, np.zeros(len(faces), dtype=np.int64), uv)
        return int(numbers[0]) if len(numbers) else None

    def meshes(
        self, vertices: Floats, faces: Ints, material: Ints, group: Ints, uv: Floats | None = None
    ) -> tuple[Ints, Ints]:
        """Add a mesh for each group of faces.

        Parameters
        ----------
        vertices, faces, material, uv
            As in :meth:`mesh`.
        group : ndarray (f,)

        Returns
        -------
        numbers : ndarray (k,)
            Of the meshes, one a group that has a usable triangle.
        groups : ndarray (k,)
        """
        finite: NDArray[np.bool_] = np.asarray((np.abs(vertices) < FARTHEST_M).all(axis=1))
        if not finite.all():
            keep = finite[faces].all(axis=1)
            faces, material, group = faces[keep], material[keep], group[keep]
        if not len(faces):
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        if (np.diff(group) < 0).any():
            order = np.argsort(group, kind="stable")
            faces, material, group = faces[order], material[order], group[order]
        first = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
        piece = np.repeat(np.arange(len(first)), np.diff([*first, len(group)]))
        rows, vertex_start, local = gathered(faces, piece, len(first), len(vertices))
        place = vertices[rows]
        low, high = np.minimum.reduceat(place, vertex_start[:-1]), np.maximum.reduceat(place, vertex_start[:-1])
        is_far = np.maximum(np.abs(low), np.abs(high)).max(axis=1) > FAR_M / 4
        shift = np.where(is_far[:, None], np.round((low + high) / 2), 0.0)
        sizes = np.diff(vertex_start)
        self._vertices.append((place - np.repeat(shift, sizes, axis=0)).astype(np.float32))
        self._faces.append(local)
        self._material.append(material)
        self._uv.append(None if uv is None else uv[rows])
        self._sizes.append((sizes, np.bincount(piece)))
        self._shift.append(shift)
        self.triangles += len(faces)
        numbers = self._count + np.arange(len(first))
        self._count += len(first)
        return numbers, group[first]

    def place(self, mesh: int, element: int, matrix: Floats) -> None:
        """Draw a mesh for an element; ``matrix`` takes coordinates as they came to the model."""
        self.place_all(np.array([mesh]), np.array([element]), np.asarray(matrix, dtype=np.float64)[None])

    def place_all(self, meshes: Ints, elements: Ints, matrices: Floats | None = None) -> None:
        """Draw many meshes, each for an element; without matrices (k, 4, 4) where they are."""
        if matrices is None:
            matrices = np.broadcast_to(np.eye(4), (len(meshes), 4, 4))
        self._placed.append((np.asarray(meshes), np.asarray(elements), matrices))

    def store(self, origin: Floats | None = None) -> tuple[MeshStore, Floats]:
        """Return everything as flat arrays about an origin in whole metres, chosen where none is given."""
        mesh, element, matrices = self._placements()
        if origin is None:
            origin = np.floor(matrices[:, :3, 3].min(axis=0)) if len(matrices) else np.zeros(3)
        matrices[:, :3, 3] -= origin
        zero = np.zeros(1, dtype=np.int64)
        vertex_start = np.cumsum(np.concatenate([zero, *(sizes for sizes, _ in self._sizes)]))
        face_start = np.cumsum(np.concatenate([zero, *(sizes for _, sizes in self._sizes)]))
        faces = np.concatenate([np.empty((0, 3), np.int32), *self._faces])
        material = np.concatenate([np.empty(0, np.int64), *self._material])
        uv, image, shapes, pixels = self._pictures(faces, face_start, material)
        store = MeshStore(
            vertices=np.concatenate([np.empty((0, 3), np.float32), *self._vertices]),
            faces=faces,
            face_material=material.astype(np.int32),
            mesh_vertices=vertex_start,
            mesh_faces=face_start,
            placement_mesh=mesh.astype(np.int32),
            placement_element=element.astype(np.int32),
            placement_matrix=matrices,
            materials=np.array([rgba for rgba, _ in self._rows], dtype=np.float32).reshape(-1, 4),
            uv=uv, material_image=image, image_shape=shapes, image_pixels=pixels,
        )  # fmt: skip
        return store, origin

    def _placements(self) -> tuple[Ints, Ints, Floats]:
        """Return mesh, element and matrix of all placements, the meshes' shifts in the matrices."""
        none = np.empty(0, dtype=np.int64)
        mesh = np.concatenate([none, *(row[0] for row in self._placed)])
        element = np.concatenate([none, *(row[1] for row in self._placed)])
        matrices = np.concatenate([np.empty((0, 4, 4)), *(row[2] for row in self._placed)])
        if len(mesh):
            shift = np.concatenate(self._shift)[mesh]
            matrices[:, :3, 3] += np.einsum("pij,pj->pi", matrices[:, :3, :3], shift)
            fine = np.isfinite(matrices).all(axis=(1, 2)) & (np.abs(matrices[:, :3, 3]) < FARTHEST_M).all(axis=1)
            mesh, element, matrices = mesh[fine], element[fine], matrices[fine]
        return mesh, element, matrices

    def _pictures(
        self, faces: NDArray[np.int32], face_start: Ints, material: Ints
    ) -> tuple[
        NDArray[np.float32] | None, NDArray[np.int32] | None, NDArray[np.int64] | None, NDArray[np.uint8] | None
    ]:
        """Lay the pictures together and move the texture coordinates there."""
        texture_of_row = np.array([texture for _, texture in self._rows] or [-1], dtype=np.int64)
        if not self.textures.count or texture_of_row.max() < 0 or all(uv is None for uv in self._uv):
            return None, None, None, None
        uv = np.concatenate([
            np.zeros((len(part), 2)) if own is None else np.nan_to_num(own)
            for part, own in zip(self._vertices, self._uv, strict=True)
        ])  # fmt: skip
        sizes = np.concatenate([sizes for sizes, _ in self._sizes])
        corner = faces + np.repeat(np.cumsum(sizes) - sizes, np.diff(face_start))[:, None]
        texture = texture_of_row[material]
        vertex_texture = np.full(len(uv), -1, dtype=np.int64)
        vertex_texture[corner.ravel()] = np.repeat(texture, 3)
        worn = vertex_texture >= 0
        low, high = np.full((self.textures.count, 2), np.inf), np.full((self.textures.count, 2), -np.inf)
        np.minimum.at(low, vertex_texture[worn], uv[worn])
        np.maximum.at(high, vertex_texture[worn], uv[worn])
        low[~np.isfinite(low)] = np.nan
        sheets = self.textures.sheets(low, high)
        if not sheets.images:
            return None, None, None, None
        uv[worn] = uv[worn] * sheets.scale[vertex_texture[worn]] + sheets.shift[vertex_texture[worn]]
        image = np.where(texture_of_row >= 0, sheets.sheet[texture_of_row], -1)[: len(self._rows)]
        shapes = np.array([one.shape for one in sheets.images], dtype=np.int64)
        pixels = np.concatenate([np.ascontiguousarray(one).reshape(-1) for one in sheets.images])
        return uv.astype(np.float32), image.astype(np.int32), shapes, pixels


def gathered(faces: Ints, piece: Ints, pieces: int, count: int) -> tuple[Ints, Ints, NDArray[np.int32]]:
    """Give each piece of a mesh its own vertices, without sorting them all: few are shared between pieces.

    Parameters
    ----------
    faces : ndarray (f, 3)
        Rows of the vertices.
    piece : ndarray (f,)
        Rising.
    pieces, count : int
        How many pieces and vertices there are.

    Returns
    -------
    rows : ndarray (n,)
        Vertices of piece after piece.
    start : ndarray (pieces + 1,)
    local : ndarray (f, 3) int32
        Faces that count from the start of their piece.
    """
    owner = np.full(count, -1, dtype=np.int64)
    owner[faces] = piece[:, None]
    shared = owner[faces] != piece[:, None]
    extra = np.empty(0, dtype=np.int64)
    if shared.any():
        key = np.broadcast_to(piece[:, None], faces.shape)[shared] * count + faces[shared]
        twins, back = np.unique(key, return_inverse=True)
        extra_piece, extra = np.divmod(twins, count)
        faces = faces.copy()
        faces[shared] = count + back.ravel()
        owner = np.concatenate([owner, extra_piece])
    used = np.flatnonzero(owner >= 0)
    order = used[np.argsort(owner[used], kind="stable")]
    start = np.searchsorted(owner[order], np.arange(pieces + 1)).astype(np.int64)
    number = np.empty(len(owner), dtype=np.int64)
    number[order] = np.arange(len(order))
    local = (number[faces] - start[piece][:, None]).astype(np.int32)
    rows = np.where(order < count, order, extra[np.maximum(order - count, 0)] if len(extra) else 0)
    return rows, start, local
