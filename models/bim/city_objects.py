"""City models: the surface of an object at a point, surface areas by type, levels of detail.

A city model is a :class:`~models.layers.layer.ModelData` whose ``info["city"]`` is set: its elements are city objects,
its faces know which semantic surface they are (``MeshStore.face_surface``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.layers.layer import LayerData, ModelData

Floats = NDArray[np.float64]

#: A place farther than this from every face of the object lies on none, metres.
REACH_M = 1.0


@dataclass(frozen=True, slots=True)
class Surface:
    """A semantic surface of a city object.

    Parameters
    ----------
    type : str
        ``"RoofSurface"``, ``"WallSurface"`` …
    area_m2 : float
        Of all surfaces of this type that the object has.
    attributes : mapping
    """

    type: str
    area_m2: float
    attributes: Mapping[str, Any] = field(default_factory=dict)


def lods_of(data: LayerData | None) -> dict[str, int]:
    """Return the levels of detail that a model has, lowest first, and how many objects have each."""
    if not isinstance(data, ModelData):
        return {}
    found = data.info.get("lods") or {}
    return {str(lod): int(found[lod]) for lod in sorted(found, key=lambda lod: [float(p) for p in _digits(lod)])}


def lod_shown(data: LayerData | None) -> str:
    """Return the level of detail that was asked for, empty for the highest of each object."""
    return str(data.info.get("lod") or "") if isinstance(data, ModelData) else ""


def faces_of(data: ModelData, oid: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return the corners (f, 3, 3) of an object's faces in the data's CRS, and their rows in the store."""
    store = data.meshes
    corners, rows = [np.empty((0, 3, 3))], [np.empty(0, dtype=np.int64)]
    for placement in np.flatnonzero(np.asarray(store.placement_element) == oid):
        mesh = int(store.placement_mesh[placement])
        first, last = int(store.mesh_faces[mesh]), int(store.mesh_faces[mesh + 1])
        points = np.asarray(store.vertices[store.mesh_vertices[mesh] : store.mesh_vertices[mesh + 1]], dtype=np.float64)
        matrix = data.placement @ store.placement_matrix[placement]
        corners.append((points @ matrix[:3, :3].T + matrix[:3, 3])[np.asarray(store.faces[first:last])])
        rows.append(np.arange(first, last))
    return np.concatenate(corners), np.concatenate(rows)


def areas_of(data: ModelData, oid: int) -> dict[str, float]:
    """Return the area of each type of surface of an object, m², in space (a steep roof has more than its plan)."""
    if data.meshes.face_surface is None:
        return {}
    corners, rows = faces_of(data, oid)
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    surface = np.asarray(data.meshes.face_surface)[rows]
    found: dict[str, float] = {}
    for row in np.unique(surface[surface >= 0]).tolist():
        type_ = str(_stated_attributes(data, row).get("type", ""))
        found[type_] = found.get(type_, 0.0) + float(area[surface == row].sum())
    return found


def surface_at(data: ModelData, oid: int, place: Floats) -> Surface | None:
    """Return the surface of an object on which a place lies, None where that is unknown.

    Parameters
    ----------
    data : ModelData
    oid : int
    place : ndarray (3,)
        Easting, northing, height in ``data.crs``.
    """
    if data.meshes.face_surface is None:
        return None
    corners, rows = faces_of(data, oid)
    if not len(rows):
        return None
    distance = _distances(corners, np.asarray(place, dtype=np.float64))
    nearest = int(distance.argmin())
    row = int(data.meshes.face_surface[rows[nearest]])
    if distance[nearest] > REACH_M or row < 0:
        return None
    attributes = dict(_stated_attributes(data, row))
    type_ = str(attributes.pop("type", ""))
    return Surface(type_, areas_of(data, oid).get(type_, 0.0), attributes)


def _stated_attributes(data: ModelData, row: int) -> Mapping[str, Any]:
    table = data.info.get("surfaces") or []
    return table[row] if 0 <= row < len(table) else {}


def _distances(corners: Floats, place: Floats) -> Floats:
    """Return how far a place is from each triangle (f, 3, 3)."""
    a, b, c = (corners[:, k] - place for k in range(3))
    normal = np.cross(b - a, c - a)
    length = np.linalg.norm(normal, axis=1)
    unit = normal / np.where(length > 0, length, 1.0)[:, None]
    height = np.einsum("ij,ij->i", a, unit)
    foot = unit * height[:, None]
    inside = length > 0
    for p, q in ((a, b), (b, c), (c, a)):
        inside &= np.einsum("ij,ij->i", np.cross(q - p, foot - p), unit) >= -1e-9
    edges = np.min([_to_line(p, q) for p, q in ((a, b), (b, c), (c, a))], axis=0)
    result: Floats = np.where(inside, np.abs(height), edges)
    return result


def _to_line(p: Floats, q: Floats) -> Floats:
    """Return how far zero is from each line between two points."""
    along = q - p
    share = -np.einsum("ij,ij->i", p, along) / np.maximum(np.einsum("ij,ij->i", along, along), 1e-18)
    nearest = p + np.clip(share, 0.0, 1.0)[:, None] * along
    result: Floats = np.linalg.norm(nearest, axis=1)
    return result


def _digits(lod: str) -> list[str]:
    return "".join(c if c.isdigit() else " " for c in lod).split() or ["0"]
