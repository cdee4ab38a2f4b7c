"""Colours of single faces: ``IfcIndexedColourMap`` on tessellated face sets, which no kernel reads.

A kernel cuts the faces of a set into triangles, in an order of its own, and openings into both. So each triangle is
given the colour of the face in which it lies: that which has its three corners, else that in whose plane and nearest to
whose middle it stands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ifcopenshell.util.placement
import numpy as np
from numpy.typing import NDArray

from models.geometry.meshes import MeshStore
from models.io.ifc.attributes import by_type, entities, entity, field, number

Floats = NDArray[np.float64]

#: Corners of a mesh are those of its faces within this, metres; a point is in a plane within it too.
_SAME_M = 1e-3
_DEEPEST = 12


class _Faces:
    """Coloured faces of one product in model coordinates."""

    def __init__(self) -> None:
        self.corners: list[Floats] = []
        self.colours: list[tuple[float, float, float, float]] = []


def coloured(store: MeshStore, model: Any, length_m: float) -> MeshStore:
    """Return a store whose triangles have the colours that the model gives their faces.

    Parameters
    ----------
    store : MeshStore
        ``placement_element`` holds STEP ids.
    model : ifcopenshell.file
    length_m : float
        Metres in one unit of length of the file.
    """
    maps = {
        mapped.id(): one
        for one in by_type(model, "IfcIndexedColourMap")
        if (mapped := entity(field(one, "MappedTo"))) is not None
    }
    if not maps:
        return store
    face_material = np.array(store.face_material)
    materials = [tuple(row) for row in np.asarray(store.materials).round(4).tolist()]
    done: set[int] = set()
    for place, key in enumerate(np.asarray(store.placement_element).tolist()):
        mesh = int(store.placement_mesh[place])
        if mesh in done:
            continue
        faces = _faces_of(model.by_id(key), maps, length_m)
        if not faces.corners:
            continue
        done.add(mesh)
        points = np.asarray(store.vertices[store.mesh_vertices[mesh] : store.mesh_vertices[mesh + 1]], np.float64)
        matrix = np.asarray(store.placement_matrix[place])
        rows = slice(int(store.mesh_faces[mesh]), int(store.mesh_faces[mesh + 1]))
        triangles = (points @ matrix[:3, :3].T + matrix[:3, 3])[np.asarray(store.faces[rows])]
        owner = _owners(triangles, faces.corners)
        for face in np.unique(owner[owner >= 0]).tolist():
            colour = faces.colours[face]
            if colour not in materials:
                materials.append(colour)
            face_material[rows][owner == face] = materials.index(colour)
    if not done:
        return store
    return replace(store, face_material=face_material, materials=np.asarray(materials, dtype=np.float32).reshape(-1, 4))


def _owners(triangles: Floats, corners: list[Floats]) -> NDArray[np.int64]:
    """Return the face in which each triangle lies, -1 for none."""
    from scipy.spatial import cKDTree  # 30 MB that most models need not load

    sizes = [len(face) for face in corners]
    flat = np.concatenate(corners)
    of_face = np.repeat(np.arange(len(corners)), sizes)
    normals = np.array([_normal(face) for face in corners])
    middles = np.array([face.mean(axis=0) for face in corners])
    tree, near = cKDTree(flat), cKDTree(middles)
    at = [
        [set(of_face[found].tolist()) for found in tree.query_ball_point(triangles[:, corner], _SAME_M)]
        for corner in range(3)
    ]
    result = np.full(len(triangles), -1, dtype=np.int64)
    centre = triangles.mean(axis=1)
    normal = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    for row in range(len(triangles)):
        shared = at[0][row] & at[1][row] & at[2][row]
        if not shared:  # cut by an opening: the nearest faces, one in whose plane it stands
            _, found = near.query(centre[row], k=min(8, len(corners)))
            shared = {
                int(face) for face in np.atleast_1d(found)
                if abs(float(normals[face] @ (centre[row] - corners[face][0]))) < _SAME_M
            }  # fmt: skip
        if shared:
            result[row] = max(shared, key=lambda face: float(normals[face] @ normal[row]))
    return result


def _normal(face: Floats) -> Floats:
    following = np.roll(face, -1, axis=0)
    found: Floats = np.cross(face - face[0], following - face[0]).sum(axis=0)
    length = float(np.linalg.norm(found))
    return found / length if length > 0 else found


def _faces_of(product: Any, maps: dict[int, Any], length_m: float) -> _Faces:
    faces = _Faces()
    place = entity(field(product, "ObjectPlacement"))
    try:
        matrix = np.eye(4) if place is None else np.array(ifcopenshell.util.placement.get_local_placement(place))
    except (RuntimeError, ValueError, TypeError, AttributeError, IndexError):
        return faces
    for shape in entities(field(entity(field(product, "Representation")), "Representations")):
        for item in entities(field(shape, "Items")):
            _gather(item, matrix, maps, length_m, faces, 0)
    return faces


def _gather(item: Any, matrix: Floats, maps: dict[int, Any], length_m: float, faces: _Faces, depth: int) -> None:
    if depth > _DEEPEST:
        return
    if item.is_a("IfcMappedItem"):
        try:
            inner = matrix @ np.array(ifcopenshell.util.placement.get_mappeditem_transformation(item))
        except (RuntimeError, ValueError, TypeError, AttributeError, IndexError):
            return
        mapped = entity(field(entity(field(item, "MappingSource")), "MappedRepresentation"))
        for one in entities(field(mapped, "Items")):
            _gather(one, inner, maps, length_m, faces, depth + 1)
    elif item.id() in maps:
        _add(item, maps[item.id()], matrix, length_m, faces)


def _add(face_set: Any, colour_map: Any, matrix: Floats, length_m: float, faces: _Faces) -> None:
    """Add the faces of a set, each with the colour at its place in the map."""
    try:
        points = np.array(field(entity(field(face_set, "Coordinates")), "CoordList"), dtype=np.float64)
        table = np.array(field(entity(field(colour_map, "Colours")), "ColourList"), dtype=np.float64)
        chosen = np.array(field(colour_map, "ColourIndex"), dtype=np.int64) - 1
    except (TypeError, ValueError):
        return
    if face_set.is_a("IfcTriangulatedFaceSet"):
        rings: list[Any] = list(field(face_set, "CoordIndex") or ())
    else:
        rings = [field(face, "CoordIndex") or () for face in entities(field(face_set, "Faces"))]
    opacity = number(field(colour_map, "Opacity"))
    alpha = 1.0 if opacity is None else min(max(opacity, 0.05), 1.0)
    lookup = field(face_set, "PnIndex")
    placed = (points @ matrix[:3, :3].T + matrix[:3, 3]) * length_m
    for ring, colour in zip(rings, chosen.tolist(), strict=False):
        rows = np.array(ring, dtype=np.int64) - 1
        if lookup:
            rows = np.array(lookup, dtype=np.int64)[rows] - 1
        if len(rows) < 3 or rows.min() < 0 or rows.max() >= len(placed) or not 0 <= colour < len(table):
            continue
        red, green, blue = np.clip(table[colour], 0.0, 1.0).round(4).tolist()
        faces.corners.append(placed[rows])
        faces.colours.append((red, green, blue, round(alpha, 4)))
