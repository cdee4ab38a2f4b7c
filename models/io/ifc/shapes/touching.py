"""Faces and profiles whose outline touches itself, written anew in an open model.

A face with a hole is sometimes drawn as one ring that runs to the hole and back, and a notch as one that reaches the
other side. Kernels fill such holes, or leave out half of the face or all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.io.ifc.attributes import by_type, entities, entity, field
from models.io.ifc.shapes.outlines import FEWEST, faulty, outlines, split

Floats = NDArray[np.float64]
#: Outlines, each with its holes, as rows of corners.
Made = list[tuple[list[int], list[list[int]]]]

_RING = re.compile(rb"#(\d+)\s*=\s*IFC(POLYLOOP|INDEXEDPOLYGONALFACE)\s*\(\s*\(([^()]*)\)\s*\)\s*;", re.IGNORECASE)
_POINT = re.compile(rb"#(\d+)\s*=\s*IFCCARTESIANPOINT\s*\(\s*\(([^()]*)\)", re.IGNORECASE)
_REFERENCE = re.compile(rb"#(\d+)")
#: Outlines with a coordinate beyond this are no part of a building in any unit, and overflow when multiplied.
_FARTHEST = 1e12
_FAILS = (RuntimeError, ValueError, TypeError, AttributeError, IndexError, KeyError, OverflowError)


@dataclass(frozen=True, slots=True)
class Faulty:
    """Outlines that touch or cross themselves, as STEP ids of loops, indexed faces and profiles."""

    touching: list[int]
    crossing: list[int]


def find(model: Any, raw: bytes, touch: float) -> Faulty:
    """Return the outlines of a model that touch or cross themselves; arcs are not looked at.

    Parameters
    ----------
    model : ifcopenshell.file
    raw : bytes
        The text of the model, which tells corners much sooner than the model does.
    touch : float
        Distance within which corners and edges touch, in the file's unit of length.
    """
    named: list[int] = []
    loops: dict[int, list[int]] = {}
    rings: dict[int, Floats] = {}
    for match in _RING.finditer(raw):
        key, kind, text = int(match.group(1)), match.group(2), match.group(3)
        ring = text.replace(b" ", b"").split(b",")
        ring = [one for one, following in zip(ring, ring[1:] + ring[:1], strict=True) if one != following]
        if len(set(ring)) != len(ring):
            named.append(key)
        elif len(ring) >= FEWEST and len(kind) == len("POLYLOOP"):
            loops[key] = [int(one) for one in _REFERENCE.findall(text)]
        elif len(ring) >= FEWEST and (corners := _straight(model, key)) is not None:
            rings[key] = corners
    if loops:
        places = _places(raw, {corner for ring in loops.values() for corner in ring})
        for key, ring in loops.items():
            if all(corner in places for corner in ring):
                rings[key] = np.array([places[corner] for corner in ring])
    for name in ("IfcArbitraryClosedProfileDef", "IfcIndexedPolygonalFaceWithVoids"):
        for thing in by_type(model, name):
            corners = _straight(model, thing.id())
            if corners is not None:
                rings[thing.id()] = corners
    keys = list(rings)
    touching, crossing = faulty(list(rings.values()), touch)
    return Faulty(named + [keys[at] for at in touching], [keys[at] for at in crossing])


def mend(model: Any, ids: Iterable[int], touch: float) -> list[int]:
    """Write such faces and profiles anew in an open model; return those that could be."""
    import shapely

    done = []
    for key in ids:
        try:
            thing = model.by_id(key)
            corners = _straight(model, key)
            if corners is None:
                continue
            made = outlines(corners, split(corners, touch))
            if made and _write(model, thing, corners, made):
                done.append(key)
        except (*_FAILS, shapely.errors.ShapelyError):
            continue
    return done


def ring_of(model: Any, thing: Any) -> Floats | None:
    """Return the corners (n, 3) of a loop, an indexed face or a profile in the file's unit, None where it has arcs."""
    if thing.is_a("IfcPolyLoop"):
        return _padded([corner.Coordinates for corner in thing.Polygon])
    if thing.is_a("IfcArbitraryClosedProfileDef"):
        points = _curve(entity(field(thing, "OuterCurve")))
        return None if points is None else _padded(points)
    return _indexed(model, thing, thing.CoordIndex)


def holes_of(model: Any, thing: Any) -> list[Floats]:
    """Return the holes that stand beside the outline of a loop, an indexed face or a profile.

    Raises
    ------
    ValueError
        Where a hole has arcs, or the loop is itself one.
    """
    if thing.is_a("IfcPolyLoop"):
        bounds = [one for one in model.get_inverse(thing) if one.is_a("IfcFaceBound")]
        faces = [face for one in bounds for face in model.get_inverse(one) if face.is_a("IfcFace")]
        others = [one.Bound for face in faces for one in face.Bounds if one.Bound != thing]
        if others and not all(one.is_a("IfcFaceOuterBound") for one in bounds):
            raise ValueError
        found = [ring_of(model, one) for one in others]
    elif thing.is_a("IfcArbitraryClosedProfileDef"):
        curves = [_curve(one) for one in entities(field(thing, "InnerCurves"))]
        found = [None if one is None else _padded(one) for one in curves]
    else:
        found = [_indexed(model, thing, ring) for ring in field(thing, "InnerCoordIndices") or ()]
    holes = [one for one in found if one is not None]
    if len(holes) != len(found):
        raise ValueError
    return holes


def _indexed(model: Any, face: Any, ring: Any) -> Floats | None:
    face_set = next((one for one in model.get_inverse(face) if one.is_a("IfcPolygonalFaceSet")), None)
    if face_set is None:
        return None
    coordinates = field(entity(field(face_set, "Coordinates")), "CoordList")
    lookup = field(face_set, "PnIndex")
    return _padded([coordinates[(lookup[at - 1] if lookup else at) - 1] for at in ring])


def _straight(model: Any, key: int) -> Floats | None:
    try:
        found = ring_of(model, model.by_id(key))
    except _FAILS:
        return None
    return found if found is not None and bool((np.abs(found) < _FARTHEST).all()) else None


def _padded(points: Any) -> Floats:
    """Return points with a third coordinate."""
    found: Floats = np.array([[*point, 0.0, 0.0][:3] for point in points], dtype=np.float64).reshape(-1, 3)
    return found


def _curve(curve: Any) -> list[Any] | None:
    """Return the corners of a closed curve of straight lines, the first not again at the end."""
    if curve is None:
        return None
    if curve.is_a("IfcPolyline"):
        points = [point.Coordinates for point in curve.Points]
    elif curve.is_a("IfcIndexedPolyCurve"):
        listed = curve.Points.CoordList
        if curve.Segments is None:
            points = list(listed)
        elif all(one.is_a("IfcLineIndex") for one in curve.Segments):
            rows = [row for one in curve.Segments for row in one.wrappedValue]
            points = [listed[row - 1] for row in rows]
            points = [one for one, before in zip(points, [None, *points], strict=False) if one != before]
        else:
            return None
    else:
        return None
    return points[:-1] if len(points) > 1 and points[0] == points[-1] else points


def _places(raw: bytes, wanted: set[int]) -> dict[int, list[float]]:
    found = {}
    for match in _POINT.finditer(raw):
        key = int(match.group(1))
        if key in wanted:
            try:
                point = [float(one) for one in match.group(2).split(b",")]
            except ValueError:
                continue
            if all(abs(one) < _FARTHEST for one in point):
                found[key] = [*point, 0.0, 0.0][:3]
    return found


def _write(model: Any, thing: Any, corners: Floats, made: Made) -> bool:
    if thing.is_a("IfcPolyLoop"):
        return _write_loop(model, thing, made)
    if thing.is_a("IfcArbitraryClosedProfileDef"):
        return _write_profile(model, thing, corners, made)
    return _write_indexed(model, thing, made)


def _write_loop(model: Any, loop: Any, made: Made) -> bool:
    corners = list(loop.Polygon)
    bounds = [one for one in model.get_inverse(loop) if one.is_a("IfcFaceBound")]
    of_bound = {one.id(): [above for above in model.get_inverse(one) if above.is_a("IfcFace")] for one in bounds}
    (first, holes), *others = made
    faces = [face for found in of_bound.values() for face in found]
    if not faces:
        return False
    has_inner = any(len(face.Bounds) > 1 for face in faces)
    is_inner = has_inner and not all(one.is_a("IfcFaceOuterBound") for one in bounds)
    if (has_inner and others and not is_inner) or (is_inner and any(inner for _, inner in made)):
        return False  # whose holes are whose is not told by this loop alone

    def bound(name: str, ring: list[int], orientation: bool) -> Any:
        return model.create_entity(name, model.create_entity("IfcPolyLoop", [corners[at] for at in ring]), orientation)

    loop.Polygon = [corners[at] for at in first]
    for one in bounds:
        for face in of_bound[one.id()]:
            if is_inner:
                holes = [outline for outline, _ in others]
            face.Bounds = [*face.Bounds, *(bound("IfcFaceBound", ring, one.Orientation) for ring in holes)]
            if is_inner:
                continue
            shells = [above for above in model.get_inverse(face) if above.is_a("IfcConnectedFaceSet")]
            for outline, inner in others:
                fresh = model.create_entity("IfcFace", [
                    bound("IfcFaceOuterBound", outline, one.Orientation),
                    *(bound("IfcFaceBound", ring, one.Orientation) for ring in inner),
                ])  # fmt: skip
                for shell in shells:
                    shell.CfsFaces = [*shell.CfsFaces, fresh]
    return True


def _write_indexed(model: Any, face: Any, made: Made) -> bool:
    sets = [above for above in model.get_inverse(face) if above.is_a("IfcPolygonalFaceSet")]
    written = face.CoordIndex
    beside = list(field(face, "InnerCoordIndices") or ())
    if beside and len(made) > 1:
        return False  # whose holes are whose is not told
    fresh = []
    for outline, holes in made:
        index = [written[at] for at in outline]
        inner = [*beside, *([written[at] for at in ring] for ring in holes)]
        fresh.append(
            model.create_entity("IfcIndexedPolygonalFaceWithVoids", index, inner)
            if inner
            else model.create_entity("IfcIndexedPolygonalFace", index)
        )
    for face_set in sets:
        faces = list(entities(face_set.Faces))
        faces[faces.index(face)] = fresh[0]  # its place is that of its colour
        face_set.Faces = [*faces, *fresh[1:]]
    return bool(sets)


def _write_profile(model: Any, profile: Any, corners: Floats, made: Made) -> bool:
    import shapely

    voids = list(entities(field(profile, "InnerCurves")))
    inner_of: list[list[Any]] = [[] for _ in made]
    shapes = [shapely.Polygon(corners[outline][:, :2]) for outline, _ in made]
    for void in voids:
        points = _curve(void) if len(made) > 1 else []
        if points is None:
            return False
        inside = shapely.Polygon(_padded(points)[:, :2]).representative_point() if points else None
        owner = next((at for at, shape in enumerate(shapes) if inside is None or shape.contains(inside)), None)
        if owner is None:
            return False
        inner_of[owner].append(void)

    def curve(ring: list[int]) -> Any:
        points = [model.create_entity("IfcCartesianPoint", corners[at, :2].tolist()) for at in ring]
        return model.create_entity("IfcPolyline", [*points, points[0]])

    fresh = []
    for (outline, holes), inner in zip(made, inner_of, strict=True):
        rings = [*inner, *(curve(ring) for ring in holes)]
        name = "IfcArbitraryProfileDefWithVoids" if rings else "IfcArbitraryClosedProfileDef"
        parts = [profile.ProfileType, profile.ProfileName, curve(outline), *([rings] if rings else [])]
        fresh.append(model.create_entity(name, *parts))
    whole = fresh[0]
    if len(fresh) > 1:
        whole = model.create_entity("IfcCompositeProfileDef", profile.ProfileType, profile.ProfileName, fresh, None)
    for above in model.get_inverse(profile):
        if above == whole:
            continue
        several = fresh if above.is_a("IfcCompositeProfileDef") else [whole]  # none stands within another
        for at, value in enumerate(above):
            if value == profile:
                above[at] = whole
            elif isinstance(value, tuple) and profile in value:
                above[at] = [new for one in value for new in (several if one == profile else [one])]
    return True
