"""Textured faces of a model: kept apart from the others, because their corners may not be merged.

Two walls share a corner but not its place on the picture. So these faces keep the corners that the reader gave them,
without outlines: a photograph of a facade needs none.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.geometry.meshes import MeshStore
from viewers.render.geometry.welding import Block


@dataclass(frozen=True, slots=True)
class Sheet:
    """The faces that share one texture image.

    Parameters
    ----------
    block : Block
    material : ndarray (f,)
        Of each of its faces.
    uv : ndarray (n, 2) float32
        Of each of its points.
    image : ndarray (h, w, 3 or 4) uint8
    key : str
    tiled : bool
    """

    block: Block
    material: NDArray[np.int32]
    uv: NDArray[np.float32]
    image: NDArray[np.uint8]
    key: str
    tiled: bool


def has_picture(store: MeshStore) -> NDArray[np.bool_]:
    """Return which faces are textured, (f,)."""
    return _picture_of(store) >= 0


def textured_faces(store: MeshStore, pictured: NDArray[np.bool_], name: str) -> Iterator[Sheet]:
    """Yield the faces of each picture; ``name`` goes into the key of its texture."""
    if store.uv is None or not pictured.any():
        return
    starts, face_starts = np.asarray(store.mesh_vertices), np.asarray(store.mesh_faces)
    count = len(starts) - 1
    owner = np.repeat(np.arange(count), np.diff(face_starts))
    picture = _picture_of(store)
    for number in np.unique(picture[pictured]).tolist():
        rows = np.flatnonzero(picture == number)
        faces = np.asarray(store.faces)[rows] + starts[owner[rows]][:, None]
        used = np.zeros(len(store.vertices), dtype=bool)
        used[faces] = True
        kept = np.flatnonzero(used)
        order = np.cumsum(used) - 1
        point_start = np.searchsorted(kept, starts).astype(np.int64)
        local = (order[faces] - point_start[owner[rows]][:, None]).astype(np.int32)
        face_start = np.concatenate([[0], np.cumsum(np.bincount(owner[rows], minlength=count))]).astype(np.int64)
        uv = np.asarray(store.uv)[kept]
        image = store.image(number)
        yield Sheet(
            Block(
                np.asarray(store.vertices)[kept], np.zeros(len(kept), np.uint8), point_start, face_start, local, rows
            ),
            np.asarray(store.face_material)[rows], uv, image, f"{name}:{number}:{zlib.crc32(image.tobytes())}",
            bool(uv.min(initial=0.0) < -0.01 or uv.max(initial=0.0) > 1.01),
        )  # fmt: skip


def _picture_of(store: MeshStore) -> NDArray[np.int32]:
    if store.material_image is None or store.uv is None:
        return np.full(len(store.faces), -1, dtype=np.int32)
    table = np.append(np.asarray(store.material_image), np.int32(-1))
    material = np.asarray(store.face_material)
    return np.asarray(table[np.where(material < len(table) - 1, material, -1)])
