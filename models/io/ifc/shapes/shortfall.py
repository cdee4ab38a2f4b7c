"""What meshes lack of the outlines that their model states.

Kernels leave out faces whose outline crosses itself, in part or whole, and say nothing. Where such an outline could not
be written anew, what it encloses is compared with the triangles that lie in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import ifcopenshell.util.placement
import numpy as np
from numpy.typing import NDArray

from models.geometry.meshes import MeshStore
from models.io.common.mesh_builder import FARTHEST_M
from models.io.ifc.attributes import entities, entity, field
from models.io.ifc.exact_geometry import products_of
from models.io.ifc.shapes.touching import holes_of, ring_of

Floats = NDArray[np.float64]

#: A smaller part than this may be missing by rounding.
_TOLERANCE = 0.01
#: Triangles lie in an outline's plane within this, metres.
_PLANE_M = 1e-3
_DEEPEST = 12
_FAILS = (RuntimeError, ValueError, TypeError, AttributeError, IndexError, KeyError, OverflowError)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Products by STEP id.

    Parameters
    ----------
    short : list of int
        Those that lack at least 1 % of what one of their outlines encloses.
    unknown : list of int
        Those that cannot be compared: openings and boolean operations take from the same faces.
    """

    short: list[int]
    unknown: list[int]


def compare(
    model: Any, store: MeshStore, outlines: Collection[int], length_m: float, keys: Collection[int]
) -> Shortfall:
    """Compare what some outlines enclose, as even and odd tell inside from outside, with what is drawn.

    Parameters
    ----------
    model : ifcopenshell.file
    store : MeshStore
        ``placement_element`` holds STEP ids.
    outlines : collection of int
        STEP ids of loops, indexed faces and profiles.
    length_m : float
        Metres in one unit of length of the file.
    keys : collection of int
        STEP ids of products with meshes.
    """
    import shapely

    short: list[int] = []
    unknown: list[int] = []
    wanted = set(outlines)
    for key in sorted(products_of(model, [model.by_id(one) for one in outlines]) & set(keys)):
        product = model.by_id(key)
        try:
            faces = [] if getattr(product, "HasOpenings", None) else list(_rings(model, product, wanted))
            triangles = _triangles(store, key)
            is_short = any(lacks([one * length_m for one in face], triangles) for face in faces)
        except (*_FAILS, shapely.errors.ShapelyError):
            faces, is_short = [], False
        if not faces:
            unknown.append(key)
        elif is_short:
            short.append(key)
    return Shortfall(short, unknown)


def lacks(face: list[Floats], triangles: Floats) -> bool:
    """Whether triangles leave out too much of a face: its outline, then its holes."""
    import shapely

    ring, *holes = face
    middle = ring.mean(axis=0)
    axes = np.linalg.svd(ring - middle, full_matrices=False)[2]
    outline, *empty = [shapely.make_valid(shapely.Polygon((one - middle) @ axes[:2].T)) for one in (ring, *holes)]
    outline = shapely.difference(outline, shapely.union_all(empty))
    local = (triangles - middle) @ axes.T
    flat = local[(np.abs(local[:, :, 2]) < _PLANE_M).all(axis=1)][:, :, :2]
    drawn = shapely.union_all(shapely.make_valid(shapely.polygons(flat))) if len(flat) else shapely.Polygon()
    return bool(shapely.intersection(drawn, outline).area < (1 - _TOLERANCE) * outline.area)


def _triangles(store: MeshStore, key: int) -> Floats:
    """Return a product's triangles (n, 3, 3) in model coordinates, metres."""
    found = [np.empty((0, 3, 3))]
    for place in np.flatnonzero(np.asarray(store.placement_element) == key).tolist():
        mesh, matrix = int(store.placement_mesh[place]), np.asarray(store.placement_matrix[place])
        points = np.asarray(store.vertices[store.mesh_vertices[mesh] : store.mesh_vertices[mesh + 1]], np.float64)
        faces = np.asarray(store.faces[store.mesh_faces[mesh] : store.mesh_faces[mesh + 1]])
        found.append((points @ matrix[:3, :3].T + matrix[:3, 3])[faces])
    return np.concatenate(found)


def _rings(model: Any, product: Any, wanted: Collection[int]) -> Iterator[list[Floats]]:
    """Yield faces of a product that have a wanted outline, with their holes: model coordinates, the file's unit."""
    place = entity(field(product, "ObjectPlacement"))
    matrix = np.eye(4) if place is None else np.array(ifcopenshell.util.placement.get_local_placement(place))
    for shape in entities(field(entity(field(product, "Representation")), "Representations")):
        for item in entities(field(shape, "Items")):
            yield from _in_item(model, item, matrix, wanted, 0)


def _in_item(model: Any, item: Any, matrix: Floats, wanted: Collection[int], depth: int) -> Iterator[list[Floats]]:
    if depth > _DEEPEST:
        return
    if item.is_a("IfcMappedItem"):
        inner = matrix @ np.array(ifcopenshell.util.placement.get_mappeditem_transformation(item))
        mapped = entity(field(entity(field(item, "MappingSource")), "MappedRepresentation"))
        for one in entities(field(mapped, "Items")):
            yield from _in_item(model, one, inner, wanted, depth + 1)
    elif item.is_a("IfcExtrudedAreaSolid"):
        profile = item.SweptArea
        if profile.id() in wanted and (ring := ring_of(model, profile)) is not None:
            position = entity(field(item, "Position"))
            own = np.eye(4) if position is None else ifcopenshell.util.placement.get_axis2placement(position)
            along = np.array([*item.ExtrudedDirection.DirectionRatios], dtype=np.float64)
            rise = along / np.linalg.norm(along) * float(item.Depth)
            rings = [ring, *holes_of(model, profile)]
            for end in (np.zeros(3), rise):
                yield [_placed(one + end, matrix @ np.array(own)) for one in rings]
    else:
        for face in _faces(item):
            for key in [face.id(), *(field(one, "Bound").id() for one in entities(field(face, "Bounds")))]:
                if key in wanted and (ring := ring_of(model, model.by_id(key))) is not None:
                    rings = [ring, *holes_of(model, model.by_id(key))]
                    yield [_placed(one, matrix) for one in rings]


def _faces(item: Any) -> Iterator[Any]:
    yield from entities(field(item, "Faces"))
    for name in ("Outer", "FbsmFaces", "SbsmBoundary"):
        for shell in entities(field(item, name)):
            yield from entities(field(shell, "CfsFaces"))


def _placed(ring: Floats, matrix: Floats) -> Floats:
    found: Floats = ring @ matrix[:3, :3].T + matrix[:3, 3]
    if not (np.abs(found) < FARTHEST_M).all():
        raise ValueError
    return found
