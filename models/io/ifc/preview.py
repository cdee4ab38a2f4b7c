"""The first picture: every element that a fast kernel can tessellate, one colour each, within a second or two.

ifc-lite is quick and does not crash, but it cuts openings roughly, knows fewer shapes than IfcOpenShell and gives one
colour an element. What it gives is shown until the exact stage has replaced it, and kept for what nothing else can do.
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.geometry.meshes import MeshStore
from models.io.common.mesh_builder import FARTHEST_M, RGBA, MeshBuilder

#: Corners of repeated elements are the same within this, in metres.
_SAME_M = 1e-4


def tessellate(raw: bytes, only: Collection[int] | None = None) -> dict[int, Any]:
    """Return ifc-lite's elements by STEP id; empty when it cannot read the file at all.

    Parameters
    ----------
    raw : bytes
        As :func:`models.io.ifc.open_file.prepared_bytes` gives it.
    only : collection of int, optional
        STEP ids of the elements wanted.
    """
    import ifclite_geom

    try:
        buffers = ifclite_geom.geometry_data_buffers(raw, ids=None if only is None else set(only))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic in Rust arrives as one; there is no preview then, and nothing else is lost
        return {}
    return dict(buffers["elements"])


def preview_meshes(elements: dict[int, Any], wanted: Collection[int]) -> MeshStore:
    """Pack elements as meshes and placements; those equal but for their place share a mesh.

    Parameters
    ----------
    elements : dict
        From :func:`tessellate`; the buffers are taken out of it, so that large ones are held once.
    wanted : collection of int
        STEP ids to keep.

    Returns
    -------
    MeshStore
        ``placement_element`` holds STEP ids.
    """
    kept = [(int(key), element) for key, element in elements.items() if key in wanted and element["faces"]]
    if not kept:
        return MeshBuilder().store()
    vertex_count = np.array([len(element["vertices"]) // 24 for _, element in kept], dtype=np.int64)
    face_count = np.array([len(element["faces"]) // 12 for _, element in kept], dtype=np.int64)
    vertices = np.concatenate([np.frombuffer(element.pop("vertices"), dtype="<f8") for _, element in kept])
    faces = np.concatenate([np.frombuffer(element.pop("faces"), dtype="<u4") for _, element in kept])
    vertices, faces = vertices.reshape(-1, 3), faces.reshape(-1, 3)
    owner = np.repeat(np.arange(len(kept)), face_count)
    sound = (faces < vertex_count[owner][:, None]).all(axis=1)
    finite = (np.abs(vertices) < FARTHEST_M).all(axis=1)
    if not bool(finite.all()):
        vertices = np.where(finite[:, None], vertices, 0.0)
        start = np.cumsum(vertex_count) - vertex_count
        corner = np.minimum(faces, np.maximum(vertex_count[owner][:, None], 1) - 1) + start[owner][:, None]
        sound &= finite[corner].all(axis=1)
    if not bool(sound.all()):
        faces, owner = faces[sound], owner[sound]
    return _packed(kept, vertices, vertex_count, faces, owner)


def _packed(
    kept: list[tuple[int, Any]],
    vertices: NDArray[np.float64],
    vertex_count: NDArray[np.int64],
    faces: NDArray[np.uint32],
    owner: NDArray[np.int64],
) -> MeshStore:
    """Lay out elements one after another; ``owner`` is the row in ``kept`` of each face."""
    face_count = np.bincount(owner, minlength=len(kept))
    vertex_at = np.concatenate([[0], np.cumsum(vertex_count)])
    face_at = np.concatenate([[0], np.cumsum(face_count)])
    has_faces = (face_count > 0) & (vertex_count > 0)
    filled = vertex_count > 0
    middle = np.zeros((len(kept), 3))
    if bool(filled.any()):  # reduceat takes no empty spans
        low = np.minimum.reduceat(vertices, vertex_at[:-1][filled], axis=0)
        high = np.maximum.reduceat(vertices, vertex_at[:-1][filled], axis=0)
        middle[filled] = (low + high) / 2
    for axis in range(3):
        vertices[:, axis] -= np.repeat(middle[:, axis], vertex_count)
    local = vertices.astype(np.float32)
    grid = np.rint(np.divide(vertices, _SAME_M, out=vertices), out=vertices).astype(np.int32)
    colours: dict[RGBA, int] = {}
    first_of: dict[tuple[int, bytes], int] = {}
    first: list[tuple[int, int]] = []
    mesh_of: list[int] = []
    rows: list[int] = []
    for row in np.flatnonzero(has_faces).tolist():
        red, green, blue, alpha = (round(min(max(float(v), 0.0), 1.0), 4) for v in kept[row][1]["color"])
        colour = colours.setdefault((red, green, blue, max(alpha, 0.05)), len(colours))
        form = blake2b(faces[face_at[row] : face_at[row + 1]].data, digest_size=16)
        form.update(grid[vertex_at[row] : vertex_at[row + 1]].data)
        mesh = first_of.setdefault((colour, form.digest()), len(first))
        if mesh == len(first):
            first.append((row, colour))
        mesh_of.append(mesh)
        rows.append(row)
    unique = np.array([row for row, _ in first], dtype=np.int64)
    matrix = np.tile(np.eye(4), (len(rows), 1, 1))
    matrix[:, :3, 3] = middle[rows]
    is_first = np.zeros(len(kept), dtype=bool)
    is_first[unique] = True
    return MeshStore(
        vertices=local[np.repeat(is_first, vertex_count)],
        faces=faces[is_first[owner]].astype(np.int32),
        face_material=np.repeat(np.array([c for _, c in first], dtype=np.int32), face_count[unique]),
        mesh_vertices=np.concatenate([[0], np.cumsum(vertex_count[unique])]).astype(np.int64),
        mesh_faces=np.concatenate([[0], np.cumsum(face_count[unique])]).astype(np.int64),
        placement_mesh=np.array(mesh_of, dtype=np.int32),
        placement_element=np.array([kept[row][0] for row in rows], dtype=np.int32),
        placement_matrix=matrix,
        materials=np.array(list(colours), dtype=np.float32).reshape(-1, 4),
    )
