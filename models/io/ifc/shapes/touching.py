"""Faces whose outline touches itself, written anew as outlines and holes that do not.

A face with a hole is sometimes drawn as one ring that runs to the hole and back. Kernels fill the hole, or leave half
of a face out whose ring passes one corner twice. Both are found by a corner that a ring names twice.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.io.ifc.attributes import entities, entity, field

Floats = NDArray[np.float64]

_RING = re.compile(rb"#(\d+)\s*=\s*IFC(?:POLYLOOP|INDEXEDPOLYGONALFACE)\s*\(\s*\(([^()]*)\)\s*\)\s*;", re.IGNORECASE)


def touching_rings(raw: bytes) -> list[int]:
    """Return the STEP ids of loops and faces that name a corner twice, not counting one after another."""
    found = []
    for match in _RING.finditer(raw):
        ring = match.group(2).replace(b" ", b"").split(b",")
        if len(set(ring)) != len(ring):
            fresh = [one for one, following in zip(ring, ring[1:] + ring[:1], strict=True) if one != following]
            if len(set(fresh)) != len(fresh):
                found.append(int(match.group(1)))
    return found


def mend(model: Any, ids: list[int]) -> list[int]:
    """Write such faces anew in an open model; return those that could be."""
    done = []
    for key in ids:
        try:
            thing = model.by_id(key)
            whole = _mend_loop(model, thing) if thing.is_a("IfcPolyLoop") else _mend_indexed(model, thing)
        except (RuntimeError, ValueError, TypeError, AttributeError, IndexError, OverflowError):
            continue
        if whole:
            done.append(key)
    return done


def simple_rings(ring: list[int]) -> list[list[int]]:
    """Return the rings without a corner twice that a ring is made of; what runs out and back again is none.

    Examples
    --------
    >>> simple_rings([0, 1, 2, 3, 0, 4, 5, 6, 4])
    [[4, 5, 6], [0, 1, 2, 3]]
    """
    found: list[list[int]] = []
    path: list[int] = []
    for corner in [*ring, *ring[:1]]:
        if corner in path:
            at = path.index(corner)
            loop = path[at:]
            del path[at + 1 :]
            if len(loop) > 2:
                found.append(loop)
        else:
            path.append(corner)
    return found


def outlines(points: Floats, ring: list[int]) -> list[tuple[list[int], list[list[int]]]]:
    """Return outlines, each with its holes; ``ring`` names rows of ``points`` (n, 3)."""
    import shapely

    rings = simple_rings(ring)
    areas = [_area(points[one]) for one in rings]
    if not rings:
        return []
    main = areas[int(np.argmax([np.linalg.norm(area) for area in areas]))]
    if not np.linalg.norm(main) > 0:
        return []
    axes = np.argsort(np.abs(main))[:2]  # laid into the plane that it faces most
    outer = [one for one, area in zip(rings, areas, strict=True) if float(area @ main) > 0]
    holes = [one for one, area in zip(rings, areas, strict=True) if float(area @ main) < 0]
    shapes = [shapely.Polygon(points[one][:, axes]) for one in outer]
    found: list[tuple[list[int], list[list[int]]]] = [(one, []) for one in outer]
    for hole in holes:
        inside = shapely.Polygon(points[hole][:, axes]).representative_point()
        owner = next((at for at, shape in enumerate(shapes) if shape.contains(inside)), None)
        if owner is not None:
            found[owner][1].append(hole)
    return found


def _area(corners: Floats) -> Floats:
    following = np.roll(corners, -1, axis=0)
    found: Floats = np.cross(corners - corners[0], following - corners[0]).sum(axis=0) / 2
    return found


def _mend_loop(model: Any, loop: Any) -> bool:
    corners = list(loop.Polygon)
    rows = {corner.id(): at for at, corner in enumerate(corners)}
    points = np.array([[*corner.Coordinates, 0.0][:3] for corner in corners], dtype=np.float64)
    made = outlines(points, [rows[corner.id()] for corner in corners])
    bounds = [one for one in model.get_inverse(loop) if one.is_a("IfcFaceBound")]
    if not made or not bounds:
        return False

    def bound(name: str, ring: list[int], orientation: bool) -> Any:
        return model.create_entity(name, model.create_entity("IfcPolyLoop", [corners[at] for at in ring]), orientation)

    (first, holes), *others = made
    loop.Polygon = [corners[at] for at in first]
    for one in bounds:
        for face in [above for above in model.get_inverse(one) if above.is_a("IfcFace")]:
            face.Bounds = [*face.Bounds, *(bound("IfcFaceBound", ring, one.Orientation) for ring in holes)]
            shells = [above for above in model.get_inverse(face) if above.is_a("IfcConnectedFaceSet")]
            for outline, inner in others:
                fresh = model.create_entity("IfcFace", [
                    bound("IfcFaceOuterBound", outline, one.Orientation),
                    *(bound("IfcFaceBound", ring, one.Orientation) for ring in inner),
                ])  # fmt: skip
                for shell in shells:
                    shell.CfsFaces = [*shell.CfsFaces, fresh]
    return True


def _mend_indexed(model: Any, face: Any) -> bool:
    sets = [above for above in model.get_inverse(face) if above.is_a("IfcPolygonalFaceSet")]
    for face_set in sets:
        points = np.array(field(entity(field(face_set, "Coordinates")), "CoordList"), dtype=np.float64)
        lookup = field(face_set, "PnIndex")
        named = [(lookup[at - 1] if lookup else at) - 1 for at in face.CoordIndex]
        written = dict(zip(named, face.CoordIndex, strict=True))
        fresh = []
        for outline, holes in outlines(points, named):
            index = [written[row] for row in outline]
            inner = [[written[row] for row in ring] for ring in holes]
            fresh.append(
                model.create_entity("IfcIndexedPolygonalFaceWithVoids", index, inner)
                if inner
                else model.create_entity("IfcIndexedPolygonalFace", index)
            )
        if not fresh:
            return False
        faces = list(entities(face_set.Faces))
        faces[faces.index(face)] = fresh[0]  # its place is that of its colour
        face_set.Faces = [*faces, *fresh[1:]]
    return bool(sets)
