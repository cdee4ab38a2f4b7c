"""Tessellating products of an IFC model with IfcOpenShell, into unique meshes and placements.

Invariants
----------
1. Meshes stay in their own coordinates and come with a placement: 6,000 equal columns are one mesh.
2. An iterator that yields nothing, or stops early, is not believed: :func:`one_by_one` tries what is missing.
3. A kernel can take the process with it, or never come back. Files are read in a child process that says before each
   step what it is at; see ``app.background.staged_reading``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ifcopenshell.geom
import numpy as np

from models.geometry.meshes import MeshStore
from models.io.common.mesh_builder import FARTHEST_M, RGBA, MeshBuilder
from models.io.ifc.attributes import entities, entity, field, text

#: Exact arithmetic is not needed for flat faces: CGAL's simple kernel gives them as OpenCascade does, five to ten times
#: as fast, and hands on to OpenCascade what it cannot do.
FAST_KERNEL = "hybrid-cgal-simple-opencascade"
#: The reference; round shapes are always its business.
SAFE_KERNEL = "opencascade"

NOT_SHOWN = ("IfcFeatureElementSubtraction", "IfcVirtualElement", "IfcGrid")
_BODY = ("Body", "Facetation", "Surface")
_NO_BODY = ("Axis", "FootPrint", "Box", "Profile", "Annotation", "Plan", "CoG", "Clearance")
_CURVES = ("Curve2D", "Curve3D", "Curve", "BoundingBox", "GeometricCurveSet")
_PLAIN: RGBA = (0.78, 0.78, 0.76, 1.0)

Beat = Callable[[int], None]


class Collector:
    """Takes shapes as they come; ``placement_element`` of its store holds STEP ids."""

    def __init__(self) -> None:
        self.builder = MeshBuilder()
        self.found: set[int] = set()
        self._mesh_of: dict[str, int | None] = {}

    def take(self, shape: Any) -> None:
        """Add one shape of the iterator or of ``create_shape``."""
        geometry = shape.geometry
        name = str(geometry.id)
        if name not in self._mesh_of:
            self._mesh_of[name] = self._mesh(geometry)
        mesh = self._mesh_of[name]
        if mesh is None:
            return
        matrix = np.frombuffer(shape.transformation_buffer, dtype=np.float64).reshape(4, 4).T
        if not (np.abs(matrix) < FARTHEST_M).all():
            return
        self.found.add(int(shape.id))
        self.builder.place(mesh, int(shape.id), matrix)

    def store(self) -> MeshStore:
        """Return all that was taken."""
        return self.builder.store()

    def _mesh(self, geometry: Any) -> int | None:
        vertices = np.frombuffer(geometry.verts_buffer, dtype=np.float64).reshape(-1, 3)
        faces = np.frombuffer(geometry.faces_buffer, dtype=np.int32).reshape(-1, 3)
        rows = np.array([self.builder.material(_rgba(material)) for material in geometry.materials], dtype=np.int32)
        ids = np.frombuffer(geometry.material_ids_buffer, dtype=np.int32)
        plain = np.int32(-1)
        if len(ids) != len(faces) or not len(rows):
            face_material = np.full(len(faces), plain, dtype=np.int32)
        else:
            face_material = np.where((ids >= 0) & (ids < len(rows)), rows[np.clip(ids, 0, len(rows) - 1)], plain)
        return self.builder.mesh(vertices, faces, face_material.astype(np.int32))


def iterate(model: Any, ids: Sequence[int], kernel: str, collector: Collector, beat: Beat) -> None:
    """Run IfcOpenShell's iterator over some products; whatever breaks it leaves the rest untaken.

    Parameters
    ----------
    model : ifcopenshell.file
    ids : sequence of int
        STEP ids of products.
    kernel : str
        Geometry library of IfcOpenShell.
    collector : Collector
    beat : callable
        Told each STEP id when it is done.
    """
    try:
        wanted = [model.by_id(key) for key in ids]
        iterator = ifcopenshell.geom.iterator(settings(), model, 1, include=wanted, geometry_library=kernel)
        if not iterator.initialize():
            return
        while True:
            shape = iterator.get()
            collector.take(shape)
            beat(int(shape.id))
            if not iterator.next():
                return
    except (RuntimeError, ValueError, TypeError, AttributeError, IndexError, OverflowError, MemoryError):
        return


def one_by_one(model: Any, ids: Iterable[int], kernels: Sequence[str], collector: Collector, beat: Beat) -> None:
    """Tessellate products each by itself, with the first kernel that can; ``beat`` is told *before* each."""
    chosen = settings()
    for key in ids:
        beat(key)
        for kernel in dict.fromkeys(kernels):
            try:
                collector.take(ifcopenshell.geom.create_shape(chosen, model.by_id(key), geometry_library=kernel))
            except (RuntimeError, ValueError, TypeError, AttributeError, IndexError, OverflowError, MemoryError):
                continue
            if key in collector.found:
                break


def settings() -> Any:
    """Return the settings of all final geometry: metres, shared corners, round shapes within 5 mm."""
    chosen = ifcopenshell.geom.settings()
    chosen.set("weld-vertices", True)
    chosen.set("no-normals", True)
    chosen.set("mesher-linear-deflection", 0.005)
    chosen.set("mesher-angular-deflection", 0.5)
    return chosen


def products(model: Any) -> dict[int, Any]:
    """Return products that may have a body, by STEP id; openings are not among them."""
    left_out = {thing.id() for name in NOT_SHOWN if knows(model, name) for thing in model.by_type(name)}
    found = {}
    for product in model.by_type("IfcProduct"):
        if product.id() not in left_out and any(_may_be_body(one) for one in _shapes(product)):
            found[product.id()] = product
    return found


def says_body(product: Any) -> bool:
    """Return whether a product names one of its representations as its body; if no shape comes of it, it is missed."""
    return any(
        (text(one, "RepresentationIdentifier") or "Body") in _BODY and _may_be_body(one) for one in _shapes(product)
    )


def knows(model: Any, name: str) -> bool:
    """Return whether the model's schema has a class."""
    try:
        model.by_type(name)
    except RuntimeError:
        return False
    return True


def _rgba(material: Any) -> RGBA:
    try:
        colour, clear = material.diffuse, material.transparency
        red, green, blue = float(colour.r()), float(colour.g()), float(colour.b())
    except (RuntimeError, AttributeError, TypeError):
        return _PLAIN
    if not all(0.0 <= value <= 1.0 for value in (red, green, blue)):
        return _PLAIN
    alpha = 1.0 - float(clear) if isinstance(clear, float) and 0.0 <= clear <= 1.0 else 1.0
    return red, green, blue, max(alpha, 0.05)


def _shapes(product: Any) -> list[Any]:
    """Return a product's representations; in a broken file anything may stand where they belong."""
    return entities(field(entity(field(product, "Representation")), "Representations"))


def _may_be_body(shape: Any) -> bool:
    return text(shape, "RepresentationIdentifier") not in _NO_BODY and text(shape, "RepresentationType") not in _CURVES
