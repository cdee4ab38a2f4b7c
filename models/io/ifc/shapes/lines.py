"""Alignments, grids, annotations and referents of an IFC model as lines.

They have no faces, so no kernel's body stage shows them. Curves are sampled by IfcOpenShell; alignments along the most
complete axis that it can follow (with cant, else gradient, else on plan). A referent without a shape of its own is a
short upright line where it stands.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import ifcopenshell.geom
import ifcopenshell.ifcopenshell_wrapper as wrapper
import ifcopenshell.util.placement
import numpy as np
from numpy.typing import NDArray

from models.geometry.meshes import MeshStore
from models.io.common.mesh_builder import FARTHEST_M, MeshBuilder
from models.io.ifc.attributes import by_type, entities, entity, field, text
from models.io.ifc.geometry import Beat
from models.io.ifc.statements import statements

Floats = NDArray[np.float64]

#: What is drawn as lines, unless it has a body.
CLASSES = ("IfcAlignment", "IfcReferent", "IfcGrid", "IfcAnnotation")
#: Name of the batch's "kernel", see :mod:`models.io.ifc.exact_geometry`.
LINES = "lines"
#: Axes of an alignment from the fullest to the plainest.
_ORDER = ("Axis", "FootPrint", "Plan", "Annotation", "Body", "")
_TEXTS, _SHAPES = b"IFCTEXTLITERAL", b"IFCSHAPEREPRESENTATION"
_MARK_M = 2.0
_FAILS = (RuntimeError, ValueError, TypeError, AttributeError, IndexError, OverflowError, MemoryError, KeyError)


def line_products(model: Any, bodies: Any) -> dict[int, Any]:
    """Return the products that are drawn as lines, by STEP id; those in ``bodies`` are not among them."""
    found = {thing.id(): thing for name in CLASSES for thing in by_type(model, name)}
    return {key: thing for key, thing in found.items() if key not in bodies}


def announced(lines: dict[int, Any], raw: bytes) -> set[int]:
    """Return which of some products say that they have lines to show, before any is drawn.

    Parameters
    ----------
    lines : dict of int to entity_instance
        From :func:`line_products`, of the whole model or of a skimmed one.
    raw : bytes
        Text of the file: a skimmed model does not tell a text from a line.
    """
    texts = {key for key, _, _ in statements(raw, _TEXTS)} if lines else set()
    silent = {
        int(key) for key, references, _ in (statements(raw, _SHAPES) if texts else ())
        if not texts.isdisjoint(references) and texts.issuperset(references[1:])  # the first one is the context
    }  # fmt: skip
    return {
        key for key, thing in lines.items()
        if any(shape.id() not in silent for shape in _shapes(thing))
        or thing.is_a("IfcGrid")
        or (thing.is_a("IfcReferent") and entity(field(thing, "ObjectPlacement")) is not None)
    }  # fmt: skip


def trace(model: Any, ids: Any, length_m: float, beat: Beat) -> MeshStore:
    """Return the lines of some products; ``line_element`` holds STEP ids, points are metres in model coordinates."""
    chosen = ifcopenshell.geom.settings()
    chosen.set("dimensionality", wrapper.CURVES_SURFACES_AND_SOLIDS)
    chosen.set("no-normals", True)
    points: list[Floats] = []
    owners: list[int] = []
    for key in ids:
        beat(key)
        for line in _lines_of(chosen, model.by_id(key), length_m):
            if len(line) > 1 and bool((np.abs(line) < FARTHEST_M).all()):
                points.append(line)
                owners.append(key)
    return with_lines(MeshBuilder().store(), points, owners)


def with_lines(store: MeshStore, points: list[Floats], owners: list[int]) -> MeshStore:
    """Return a store with these lines, and no others."""
    from dataclasses import replace

    if not points:
        return store
    return replace(
        store,
        line_points=np.concatenate(points),
        line_starts=np.cumsum([0, *(len(one) for one in points)], dtype=np.int64),
        line_element=np.array(owners, dtype=np.int32),
    )


def _lines_of(chosen: Any, product: Any, length_m: float) -> list[Floats]:
    matrix = _placement(product, length_m)
    for shape in sorted(_shapes(product), key=lambda one: _rank(text(one, "RepresentationIdentifier"))):
        lines = _sampled(chosen, shape) or [
            line for item in entities(field(shape, "Items")) for line in _plainer(chosen, item)
        ]
        if lines:
            return [line @ matrix[:3, :3].T + matrix[:3, 3] for line in lines]
    lines = []
    if product.is_a("IfcGrid"):
        for axes in ("UAxes", "VAxes", "WAxes"):
            for axis in entities(field(product, axes)):
                curve = entity(field(axis, "AxisCurve"))
                lines += _sampled(chosen, curve) if curve is not None else []
    elif product.is_a("IfcReferent") and entity(field(product, "ObjectPlacement")) is not None:
        lines = [np.array([[0.0, 0.0, 0.0], [0.0, 0.0, _MARK_M]])]
    return [line @ matrix[:3, :3].T + matrix[:3, 3] for line in lines]


def _shapes(product: Any) -> list[Any]:
    return entities(field(entity(field(product, "Representation")), "Representations"))


def _rank(identifier: str) -> int:
    return _ORDER.index(identifier) if identifier in _ORDER else len(_ORDER)


def _plainer(chosen: Any, item: Any) -> list[Floats]:
    """Return a curve without what the library cannot follow: of a gradient or cant the curve that it stands on."""
    for _ in range(3):
        item = entity(field(item, "BaseCurve"))
        if item is None:
            return []
        if lines := _sampled(chosen, item):
            return lines
    return []


def _sampled(chosen: Any, item: Any) -> list[Floats]:
    """Return a shape's or a curve's edges as lines, in the product's own coordinates, metres."""
    try:
        made = ifcopenshell.geom.create_shape(chosen, item)
    except _FAILS:
        return []
    geometry = getattr(made, "geometry", made)
    vertices = np.frombuffer(geometry.verts_buffer, dtype=np.float64).reshape(-1, 3)
    edges = np.frombuffer(geometry.edges_buffer, dtype=np.int32).reshape(-1, 2)
    return [vertices[chain] for chain in chains(edges)]


def chains(edges: NDArray[np.int32]) -> list[list[int]]:
    """Return edges as runs of vertices, each edge once; a run ends where more or fewer than two edges meet.

    Examples
    --------
    >>> chains(np.array([[0, 1], [1, 2], [3, 4]], dtype=np.int32))
    [[0, 1, 2], [3, 4]]
    """
    at: dict[int, list[int]] = defaultdict(list)
    for number, (a, b) in enumerate(edges.tolist()):
        at[a].append(number)
        at[b].append(number)
    left = np.ones(len(edges), dtype=bool)
    pairs = edges.tolist()
    found: list[list[int]] = []

    def walk(start: int, number: int) -> None:
        run = [start]
        while left[number]:
            left[number] = False
            a, b = pairs[number]
            run.append(b if run[-1] == a else a)
            onward = [one for one in at[run[-1]] if left[one]]
            if len(at[run[-1]]) != 2 or not onward:
                break
            number = onward[0]
        found.append(run)

    ends = [vertex for vertex, numbers in at.items() if len(numbers) != 2]
    for vertex in (*ends, *at):  # open runs from their ends, then what is left: rings
        for number in at[vertex]:
            if left[number]:
                walk(vertex, number)
    return found


def _placement(product: Any, length_m: float) -> Floats:
    place = entity(field(product, "ObjectPlacement"))
    if place is None:
        return np.eye(4)
    try:
        matrix = np.array(ifcopenshell.util.placement.get_local_placement(place), dtype=np.float64)
    except _FAILS:
        return np.eye(4)
    matrix[:3, 3] *= length_m
    return matrix if np.isfinite(matrix).all() else np.eye(4)
