"""Tessellating an IFC model into unique meshes and placements.

Invariants
----------
1. Meshes stay in their own coordinates and come with a placement: 6,000 equal columns are one mesh.
2. An iterator that yields nothing, or stops early, is not believed: the missing products are tried one by one.
3. A kernel can take the process with it. This runs in a child process; see ``app.ingest``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import Any

import ifcopenshell.geom
import numpy as np

from models.errors import Caution
from models.geometry import MeshStore
from models.io.meshes import RGBA, MeshBuilder
from models.progress import Progress

#: Fast, and right where the fastest (manifold) is not; falls back to OpenCascade element by element.
DEFAULT_KERNEL = "hybrid-cgal-simple-opencascade"
SAFE_KERNEL = "opencascade"
_NOT_SHOWN = ("IfcFeatureElementSubtraction", "IfcSpace", "IfcSpatialZone", "IfcVirtualElement", "IfcGrid")
_PLAIN: RGBA = (0.78, 0.78, 0.76, 1.0)
_MAX_NAMED = 5
_SECOND_TRY_S = 20.0  # for what the fast kernel left out of an otherwise good run


def tessellate(
    model: Any, kernel: str, file: str, progress: Progress
) -> tuple[MeshStore, dict[int, int], list[Caution]]:
    """Tessellate all products but openings and spaces.

    Parameters
    ----------
    model : ifcopenshell.file
    kernel : str
        Geometry library of IfcOpenShell.
    file : str
        Name for messages.
    progress : Progress

    Returns
    -------
    meshes : MeshStore
        ``placement_element`` holds indices into ``order``, below.
    order : dict of int to int
        STEP id of each product with geometry to its index in ``placement_element``.
    cautions : list of Caution
    """
    settings = _settings()
    hidden = [name for name in _NOT_SHOWN if _knows(model, name)]
    wanted = _products(model, hidden)
    collector = _Collector()
    broke = _iterate(model, settings, kernel, hidden, collector, progress)
    left = [product for key, product in wanted.items() if key not in collector.order]
    cautions: list[Caution] = []
    is_distrusted = broke or not collector.order
    if left and is_distrusted:
        cautions.append(Caution("io.one_by_one", file=file, count=len(left)))
    libraries = (kernel, SAFE_KERNEL) if is_distrusted else (SAFE_KERNEL,)
    until = time.monotonic() + (math.inf if is_distrusted else _SECOND_TRY_S)
    for number, product in enumerate(left):
        progress.step(number / len(left), "progress.io.geometry")
        if time.monotonic() > until:
            break
        collector.try_one(settings, product, libraries)
    without = [product for key, product in wanted.items() if key not in collector.order]
    if without:
        names = ", ".join(f"{p.is_a()} #{p.id()}" for p in without[:_MAX_NAMED])
        cautions.append(Caution("io.no_shape", file=file, count=len(without), names=names))
    return collector.builder.store(), collector.order, cautions


class _Collector:
    """Takes shapes as they come."""

    def __init__(self) -> None:
        self.builder = MeshBuilder()
        self.order: dict[int, int] = {}
        self._mesh_of: dict[str, int | None] = {}

    def take(self, shape: Any) -> None:
        geometry = shape.geometry
        name = str(geometry.id)
        if name not in self._mesh_of:
            self._mesh_of[name] = self._mesh(geometry)
        mesh = self._mesh_of[name]
        if mesh is None:
            return
        matrix = np.frombuffer(shape.transformation_buffer, dtype=np.float64).reshape(4, 4).T
        if not np.isfinite(matrix).all():
            return
        element = self.order.setdefault(shape.id, len(self.order))
        self.builder.place(mesh, element, matrix)

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

    def try_one(self, settings: Any, product: Any, libraries: Iterable[str]) -> None:
        """Tessellate one product with the first kernel that can."""
        for library in dict.fromkeys(libraries):
            try:
                self.take(ifcopenshell.geom.create_shape(settings, product, geometry_library=library))
                if product.id() in self.order:
                    return
            except (RuntimeError, ValueError, AttributeError, TypeError):
                continue


def _iterate(
    model: Any, settings: Any, kernel: str, hidden: list[str], collector: _Collector, progress: Progress
) -> bool:
    """Run the iterator to its end; return whether it broke off."""
    try:
        iterator = ifcopenshell.geom.iterator(settings, model, 1, exclude=hidden or None, geometry_library=kernel)
        if not iterator.initialize():
            return True
        while True:
            collector.take(iterator.get())
            progress.step(iterator.progress() / 100.0, "progress.io.geometry")
            if not iterator.next():
                return False
    except (RuntimeError, ValueError, TypeError):
        return True


def _settings() -> Any:
    settings = ifcopenshell.geom.settings()
    settings.set("weld-vertices", True)
    settings.set("no-normals", True)
    settings.set("mesher-linear-deflection", 0.005)
    settings.set("mesher-angular-deflection", 0.5)
    return settings


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


def _products(model: Any, hidden: list[str]) -> dict[int, Any]:
    """Return products that say they have a body, by STEP id."""
    left_out = {thing.id() for name in (*hidden, "IfcAnnotation") for thing in model.by_type(name)}
    found = {}
    for product in model.by_type("IfcProduct"):
        if product.id() in left_out or getattr(product, "Representation", None) is None:
            continue
        if any(_is_body(shape) for shape in product.Representation.Representations or ()):
            found[product.id()] = product
    return found


def _is_body(shape: Any) -> bool:
    return (shape.RepresentationIdentifier or "Body") in ("Body", "Facetation", "Surface") and (
        shape.RepresentationType or ""
    ) not in ("Curve2D", "Curve3D", "Curve", "BoundingBox", "GeometricCurveSet")


def _knows(model: Any, name: str) -> bool:
    try:
        model.by_type(name)
    except RuntimeError:
        return False
    return True
