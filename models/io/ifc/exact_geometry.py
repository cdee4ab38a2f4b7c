"""The exact stage: which kernel each element needs, in batches that may fail one at a time.

Flat-faced elements give the same corners and areas in every kernel, so they come from the fast one. Round shapes are
cut into facets, each kernel in its own way; those, and whatever the fast kernel leaves out, come from OpenCascade.
An opening counts as part of the element that it is cut from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import ifcopenshell.ifcopenshell_wrapper as wrapper

from models.geometry.meshes import MeshStore
from models.io.ifc.attributes import entities, entity, field
from models.io.ifc.geometry import FAST_KERNEL, SAFE_KERNEL, Beat, Collector, iterate, one_by_one
from models.io.ifc.shapes.lines import LINES, trace
from models.io.ifc.units import Units

#: Curves, surfaces, profiles and solids that have flat faces if their parts have; all others are round.
_FLAT = frozenset({
    "IfcPolyline", "IfcLine", "IfcTrimmedCurve", "IfcCompositeCurve", "IfcIndexedPolyCurve",
    "IfcCompositeCurveOnSurface",
    "IfcPlane", "IfcCurveBoundedPlane", "IfcRectangularTrimmedSurface",
    "IfcArbitraryClosedProfileDef", "IfcArbitraryProfileDefWithVoids", "IfcArbitraryOpenProfileDef",
    "IfcRectangleProfileDef", "IfcTrapeziumProfileDef", "IfcDerivedProfileDef", "IfcMirroredProfileDef",
    "IfcCompositeProfileDef", "IfcExtrudedAreaSolid", "IfcFacetedBrep", "IfcFacetedBrepWithVoids", "IfcCsgSolid",
    "IfcBlock", "IfcRectangularPyramid", "IfcSolidModel",
})  # fmt: skip
_SHAPES = ("IfcCurve", "IfcSurface", "IfcProfileDef", "IfcSolidModel", "IfcCsgPrimitive3D", "IfcSectionedSpine")
#: Climbing from a round curve to the elements made of it ends here: these refer to a shape but are not made of it.
_NOT_MADE_OF_IT = (
    "IfcStyledItem", "IfcPresentationLayerAssignment", "IfcRelationship", "IfcObjectPlacement", "IfcTypeObject",
    "IfcMaterialDefinition", "IfcMaterialProfile", "IfcShapeAspect",
)  # fmt: skip
_BATCH = 400
_SLOW_BATCH = 60


@dataclass(frozen=True, slots=True)
class Batch:
    """Elements that are tessellated together.

    Parameters
    ----------
    ids : tuple of int
        STEP ids of products.
    kernel : str
        Geometry library of IfcOpenShell.
    single : bool
        One by one, each announced before it is begun, so that the one that breaks the kernel is known.
    """

    ids: tuple[int, ...]
    kernel: str
    single: bool = False


def plan(model: Any, ids: Sequence[int], kernel: str = "", lines: Sequence[int] = ()) -> list[Batch]:
    """Return batches that hold every product once, the quick ones first.

    Parameters
    ----------
    model : ifcopenshell.file
    ids : sequence of int
        STEP ids of products that say they have a body.
    kernel : str
        Takes all of them, where the user asked for one.
    lines : sequence of int
        STEP ids of products that are drawn as lines.
    """
    traced = [Batch(part, LINES, single=True) for part in _parts(lines, _SLOW_BATCH)]
    if kernel:
        size = _SLOW_BATCH if kernel == SAFE_KERNEL else _BATCH
        return [*(Batch(part, kernel) for part in _parts(ids, size)), *traced]
    turned = round_products(model)
    flat = [key for key in ids if key not in turned]
    rest = [key for key in ids if key in turned]
    return [
        *(Batch(part, FAST_KERNEL) for part in _parts(flat, _BATCH)),
        *(Batch(part, SAFE_KERNEL) for part in _parts(rest, _SLOW_BATCH)),
        *traced,
    ]


def tessellate(model: Any, batch: Batch, beat: Beat) -> tuple[MeshStore, list[int]]:
    """Tessellate a batch.

    Returns
    -------
    meshes : MeshStore
        ``placement_element`` holds STEP ids.
    left : list of int
        Products that gave no shape.
    """
    if batch.kernel == LINES:
        traced = trace(model, batch.ids, Units(model).length_m, beat)
        got = set() if traced.line_element is None else set(traced.line_element.tolist())
        return traced, [key for key in batch.ids if key not in got]
    collector = Collector()
    if not batch.single:
        iterate(model, batch.ids, batch.kernel, collector, beat)
    left = [key for key in batch.ids if key not in collector.found]
    one_by_one(model, left, (batch.kernel, SAFE_KERNEL) if batch.single else (SAFE_KERNEL,), collector, beat)
    return collector.store(), [key for key in left if key not in collector.found]


def round_products(model: Any) -> set[int]:
    """Return the STEP ids of products that are made of, or cut by, anything that is not flat."""
    return products_of(model, _round_things(model))


def products_of(model: Any, things: Iterable[Any]) -> set[int]:
    """Return the STEP ids of products that are made of, or cut by, some shapes."""
    found: set[int] = set()
    stack = list(things)
    seen = {thing.id() for thing in stack}
    while stack:
        for above in model.get_inverse(stack.pop()):
            key = above.id()
            if key in seen:
                continue
            seen.add(key)
            if above.is_a("IfcProduct"):
                found.add(key)
                if above.is_a("IfcFeatureElementSubtraction"):
                    found |= _cut_by(above)
            elif not any(above.is_a(name) for name in _NOT_MADE_OF_IT):
                stack.append(above)
    return found


def _round_things(model: Any) -> Iterator[Any]:
    schema = wrapper.schema_by_name(model.schema_identifier)
    names: set[str] = set()
    for name in _SHAPES:
        try:
            names |= _leaves(schema.declaration_by_name(name).as_entity())
        except RuntimeError:  # not in this schema
            continue
    for name in names - _FLAT:
        yield from model.by_type(name, include_subtypes=False)
    if "IfcIndexedPolyCurve" in names:
        for curve in model.by_type("IfcIndexedPolyCurve"):
            if any(segment.is_a("IfcArcIndex") for segment in entities(field(curve, "Segments"))):
                yield curve


def _leaves(entity: Any) -> set[str]:
    return {entity.name()}.union(*(_leaves(below) for below in entity.subtypes()))


def _cut_by(opening: Any) -> set[int]:
    """Return what an opening is cut from: its host and, where that is an assembly, the host's parts."""
    found: set[int] = set()
    stack = [
        thing
        for relation in entities(getattr(opening, "VoidsElements", None))
        if (thing := entity(field(relation, "RelatingBuildingElement"))) is not None
    ]
    while stack:
        thing = stack.pop()
        if thing.id() in found:
            continue
        found.add(thing.id())
        for relation in entities(getattr(thing, "IsDecomposedBy", None)):
            stack += entities(field(relation, "RelatedObjects"))
    return found


def _parts(ids: Sequence[int], size: int) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(ids), size):
        yield tuple(ids[start : start + size])
