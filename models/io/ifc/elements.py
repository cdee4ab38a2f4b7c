"""The table of elements of an IFC model, with its spatial structure, and all property sets.

Invariants
----------
1. Relations are walked once in bulk: asking each of 100,000 elements for its container, type and sets takes minutes.
2. An element's oid depends on the file alone, never on which elements a kernel could draw: preview and exact stage,
   and any two kernels, number the same element alike. Annotations and grids, of which some have a body, come last.
3. A relation with a missing end, a list where one thing belongs, a circle: costs that relation, never the table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from models.geometry.meshes import MeshStore
from models.io.ifc.attributes import by_type, entities, entity, field, number, text
from models.io.ifc.properties import Properties
from models.io.ifc.property_sets import PsetStore
from models.io.ifc.storey_levels import storey_levels
from models.io.ifc.unit_evidence import Choice, choices
from models.io.ifc.units import Units

# First in the table: the tree's trunk. In IFC4X3 a building is a facility, in older schemas it stands alone.
_TRUNK = (
    "IfcProject", "IfcSite", "IfcFacility", "IfcBuilding", "IfcFacilityPart", "IfcBuildingStorey", "IfcSpace",
    "IfcSpatialElement", "IfcSpatialStructureElement",
)  # fmt: skip
# Parts of other things or of calculations, never objects that anybody asks for.
_LEFT_OUT = ("IfcFeatureElementSubtraction", "IfcPort", "IfcVirtualElement", "IfcStructuralActivity")
_LAST = ("IfcAnnotation", "IfcGrid")
# Representations that hold lines, texts and points only: nothing that a picture of surfaces shows.
_LINES = frozenset(
    ("annotation2d", "curve", "curve2d", "curve3d", "geometriccurveset", "point", "pointcloud", "boundingbox",
     "segment", "text", "fillarea", "")
)  # fmt: skip
_MAX_DEPTH = 12
_NAN = float("nan")

#: Between the names of several materials, classes, systems: a comma stands in many of the names themselves.
_SEVERAL = "; "
_TEXTS = ("LongName", "Description", "Tag", "ObjectType", "PredefinedType")
COLUMNS = (
    "guid", "ifc_class", "name", "storey", "type_name", "parent", "has_geometry", "long_name", "description", "tag",
    "object_type", "predefined_type", "material", "classification", "system", "elevation_m", "group",
    "material_layers", "floor_level_m",
)  # fmt: skip


@dataclass(slots=True)
class Elements:
    """Elements of a model.

    Parameters
    ----------
    frame : DataFrame
        See :class:`models.layers.layer.ModelData`; more columns are in :data:`COLUMNS`. ``elevation_m`` is NaN but for
        storeys (above their building's zero), buildings and sites; ``floor_level_m`` is a storey's height in model
        coordinates, NaN for all else; ``system`` names distribution and building systems, ``group`` zones and all
        other groups.
    psets : PsetStore
        Values in m, m², m³, °, kg, s, °C or coherent SI; ``psets.unit_of(set, property)`` says which.
    oid_of : dict of int to int
        STEP id to oid. What is left out (openings, ports, annotations without a body) is not in it.
    units : tuple of Choice
        What was decided of measures whose unit the model does not assign.
    told : tuple of (str, dict)
        Cautions about the table, as code and facts without the file.
    """

    frame: pd.DataFrame
    psets: PsetStore
    oid_of: dict[int, int]
    units: tuple[Choice, ...] = ()
    told: tuple[tuple[str, dict[str, Any]], ...] = ()


def collect(
    model: Any,
    shown: set[int],
    length_m: float,
    *,
    announced: Collection[int] = (),
    brief: bool = False,
    meshes: MeshStore | None = None,
) -> Elements:
    """Make the table.

    Parameters
    ----------
    model : ifcopenshell.file
    shown : set of int
        STEP ids of products that have geometry. They fill the column ``has_geometry``, and of annotations and grids
        that announce none they bring those in, after all others.
    length_m : float
        Metres in one unit of length of the file.
    announced : collection of int
        STEP ids of annotations and grids that say they have lines to show: they are listed whether they do or not.
    brief : bool
        Same rows, without types, materials, classifications, systems and property sets: for the first picture.
    meshes : MeshStore, optional
        Geometry by STEP id, against which values are held whose unit is not assigned.
    """
    objects = _objects(model, shown, announced)
    oid_of = {thing.id(): oid for oid, thing in enumerate(objects)}
    parent_of = _parents(model)
    type_of = {} if brief else _types(model)
    materials: dict[int, list[str]] = {}
    layers: dict[int, list[str]] = {}
    classes: dict[int, list[str]] = {}
    systems: dict[int, list[str]] = {}
    groups: dict[int, list[str]] = {}
    if not brief:
        materials = _associated(model, "IfcRelAssociatesMaterial", "RelatingMaterial", _material_names)
        layers = _associated(
            model, "IfcRelAssociatesMaterial", "RelatingMaterial", lambda material: _layer_texts(material, length_m)
        )
        classes = _associated(model, "IfcRelAssociatesClassification", "RelatingClassification", _classification_names)
        systems, groups = _groups(model)
    storeys = {
        thing.id(): text(thing, "Name") or text(thing, "LongName") for thing in by_type(model, "IfcBuildingStorey")
    }
    ancestry = _Ancestors(parent_of, oid_of, storeys)
    levels = storey_levels(model, length_m, parent_of)
    type_names = {kind.id(): text(kind, "Name") for kind in type_of.values()}
    rows = []
    for thing in objects:
        key = thing.id()
        kind = type_of[key].id() if key in type_of else 0
        rows.append(
            (
                text(thing, "GlobalId"),
                thing.is_a(),
                text(thing, "Name"),
                ancestry.storey(key),
                type_names.get(kind, ""),
                ancestry.parent(key),
                key in shown,
                *("" if brief else text(thing, name) for name in _TEXTS),
                _SEVERAL.join(materials.get(key) or materials.get(kind) or ()),
                _SEVERAL.join(classes.get(key) or classes.get(kind) or ()),
                _SEVERAL.join(systems.get(key, ())),
                levels.elevation_m.get(key, _NAN) if key in storeys or brief else _elevation(thing, length_m),
                _SEVERAL.join(groups.get(key, ())),
                _SEVERAL.join(layers.get(key) or layers.get(kind) or ()),
                levels.level_m.get(key, _NAN),
            )
        )
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"parent": np.int32, "has_geometry": bool})
    if brief:
        return Elements(frame, PsetStore.build([], [()] * len(objects)), oid_of)
    units = Units(model, partial(choices, meshes=meshes))
    return Elements(
        frame, _psets(model, units, objects, type_of), oid_of, tuple(units.chosen.values()), tuple(levels.told)
    )


def _objects(model: Any, shown: set[int], announced: Collection[int]) -> list[Any]:
    """Return project, spatial structure and products: trunk first, then in file order, annotations and grids last."""
    left_out = {thing.id() for name in _LEFT_OUT for thing in by_type(model, name)}
    rank: dict[int, int] = {}
    for place, name in enumerate(_TRUNK):
        for thing in by_type(model, name):
            rank.setdefault(thing.id(), place)
    for name in _LAST:
        for thing in by_type(model, name):
            key = thing.id()
            if _has_body(thing):
                rank[key] = len(_TRUNK) + 1
            elif key in announced:
                rank[key] = len(_TRUNK) + 2
            elif key in shown:  # a kernel found faces where none are announced
                rank[key] = len(_TRUNK) + 3
            else:
                left_out.add(key)
    things = {thing.id(): thing for thing in (*by_type(model, "IfcProject"), *by_type(model, "IfcProduct"))}
    kept = [key for key in things if key not in left_out]
    return [things[key] for key in sorted(kept, key=lambda key: (rank.get(key, len(_TRUNK)), key))]


def _has_body(thing: Any) -> bool:
    """Whether a representation other than lines and texts is announced."""
    shape = entity(field(thing, "Representation"))
    return shape is not None and any(
        text(representation, "RepresentationType").lower() not in _LINES
        for representation in entities(field(shape, "Representations"))
    )


class _Ancestors:
    """Answers who stands above an element; broken files hold circles, deep ones hundreds of steps."""

    def __init__(self, parent_of: dict[int, int], oid_of: dict[int, int], storeys: dict[int, str]) -> None:
        self._parent_of, self._oid_of, self._storeys = parent_of, oid_of, storeys
        self._in_circle = _circles(parent_of)
        self._storey_of: dict[int, str] = {}

    def parent(self, key: int) -> int:
        """Return the oid of the nearest ancestor in the table, -1 for none; circles are cut at their lowest id."""
        if key in self._in_circle:
            return -1
        seen = {key}
        while (above := self._parent_of.get(key)) is not None and above not in seen:
            if above in self._oid_of:
                return self._oid_of[above]
            seen.add(above)
            key = above
        return -1

    def storey(self, key: int) -> str:
        """Return the name of the storey in which an element stands."""
        path: list[int] = []
        at: int | None = key
        seen: set[int] = set()
        found = ""
        while at is not None and at not in seen:
            if at in self._storey_of:
                found = self._storey_of[at]
                break
            if at in self._storeys:
                found = self._storeys[at]
                break
            seen.add(at)
            path.append(at)
            at = self._parent_of.get(at)
        self._storey_of.update((step, found) for step in path)
        return found


def _circles(parent_of: dict[int, int]) -> set[int]:
    """Return one key of every circle, its lowest: cut there, the rest is a tree."""
    done: set[int] = set()
    cuts: set[int] = set()
    for start in parent_of:
        path: dict[int, int] = {}
        at: int | None = start
        while at is not None and at not in done and at not in path:
            path[at] = len(path)
            at = parent_of.get(at)
        if at is not None and at in path:
            cuts.add(min(list(path)[path[at] :]))
        done.update(path)
    return cuts


def _parents(model: Any) -> dict[int, int]:
    """Child to parent by aggregation, nesting, containment; a window that nothing contains goes to its wall."""
    wall_of = {
        opening.id(): wall.id()
        for relation in by_type(model, "IfcRelVoidsElement")
        if (opening := entity(field(relation, "RelatedOpeningElement"))) is not None
        and (wall := entity(field(relation, "RelatingBuildingElement"))) is not None
    }
    parent: dict[int, int] = {}
    for relation in by_type(model, "IfcRelFillsElement"):
        opening = entity(field(relation, "RelatingOpeningElement"))
        filling = entity(field(relation, "RelatedBuildingElement"))
        if opening is not None and filling is not None and opening.id() in wall_of:
            parent[filling.id()] = wall_of[opening.id()]
    for name, up, down in (
        ("IfcRelReferencedInSpatialStructure", "RelatingStructure", "RelatedElements"),
        ("IfcRelContainedInSpatialStructure", "RelatingStructure", "RelatedElements"),
        ("IfcRelNests", "RelatingObject", "RelatedObjects"),
        ("IfcRelAggregates", "RelatingObject", "RelatedObjects"),
    ):
        for relation in by_type(model, name):
            above = entity(field(relation, up))
            if above is None:
                continue
            key = above.id()
            for thing in entities(field(relation, down)):
                if name.startswith("IfcRelReferenced"):  # counts only for what nothing contains
                    parent.setdefault(thing.id(), key)
                elif thing.id() != key:
                    parent[thing.id()] = key
    return parent


def _types(model: Any) -> dict[int, Any]:
    return {
        thing.id(): kind
        for relation in by_type(model, "IfcRelDefinesByType")
        if (kind := entity(field(relation, "RelatingType"))) is not None
        for thing in entities(field(relation, "RelatedObjects"))
    }


def _associated(
    model: Any, relation_name: str, attribute: str, names_of: Callable[[Any], list[str]]
) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for relation in by_type(model, relation_name):
        names = names_of(entity(field(relation, attribute)))
        if names:
            for thing in entities(field(relation, "RelatedObjects")):
                mine = found[thing.id()]
                mine += [name for name in names if name not in mine]
    return found


def _material_names(material: Any, depth: int = 0) -> list[str]:
    """Return the names in a material, list, layer set, constituent set or usage, outermost layer first."""
    if material is None or depth > _MAX_DEPTH:
        return []
    for attribute in ("ForLayerSet", "ForProfileSet", "Material"):
        inner = entity(field(material, attribute))
        if inner is not None:
            return _material_names(inner, depth + 1)
    for attribute in ("MaterialLayers", "MaterialConstituents", "MaterialProfiles", "Materials"):
        parts = entities(field(material, attribute))
        if parts:
            return list(dict.fromkeys(name for part in parts for name in _material_names(part, depth + 1)))
    name = text(material, "Name")
    return [name] if name else []


def _layer_texts(material: Any, length_m: float) -> list[str]:
    """Return layers with their thickness, profiles with their section, constituents with their share, outermost first.

    One text, ``["混凝土 200 mm; 岩棉 50 mm"]``; none for what is of one material throughout.
    """
    if material is None:
        return []
    for attribute in ("ForLayerSet", "ForProfileSet"):
        material = entity(field(material, attribute)) or material
    found = []
    for part in entities(field(material, "MaterialLayers")):
        thickness = number(field(part, "LayerThickness"))
        size = "" if thickness is None else f"{round(thickness * length_m * 1000, 3):g} mm"
        found.append((part, size))
    for part in entities(field(material, "MaterialProfiles")):
        found.append((part, text(entity(field(part, "Profile")), "ProfileName")))
    for part in entities(field(material, "MaterialConstituents")):
        share = number(field(part, "Fraction"))
        found.append((part, "" if share is None else f"{round(share * 100, 3):g} %"))
    names = [(text(entity(field(part, "Material")), "Name") or text(part, "Name") or "–", size) for part, size in found]
    return [_SEVERAL.join(f"{name} {size}".strip() for name, size in names)] if names else []


def _classification_names(reference: Any) -> list[str]:
    if reference is None:
        return []
    code = text(reference, "Identification") or text(reference, "ItemReference")
    label = " ".join(part for part in (code, text(reference, "Name")) if part)
    source = entity(field(reference, "ReferencedSource"))
    system = text(source, "Name") if source is not None else ""
    return [f"{system}: {label}" if system and label else label or system] if label or system else []


def _groups(model: Any) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """Return the systems and the other groups (zones, inventories) of each element, by name."""
    systems: dict[int, list[str]] = defaultdict(list)
    others: dict[int, list[str]] = defaultdict(list)
    for relation in by_type(model, "IfcRelAssignsToGroup"):
        group = entity(field(relation, "RelatingGroup"))
        if group is None:
            continue
        # From IFC4 on a zone is a kind of system; nobody looks for rooms among the pipes.
        found = systems if group.is_a("IfcSystem") and not group.is_a("IfcZone") else others
        name = text(group, "Name") or text(group, "LongName")
        for thing in entities(field(relation, "RelatedObjects")) if name else ():
            if name not in found[thing.id()]:
                found[thing.id()].append(name)
    return systems, others


def _psets(model: Any, units: Units, objects: list[Any], type_of: dict[int, Any]) -> PsetStore:
    """Pack property and quantity sets: a type's first, so that an element's own values win."""
    properties = Properties(units)
    numbers: dict[int, int | None] = {}
    sets: list[tuple[str, dict[str, Any]]] = []

    def number_of(definition: Any) -> int | None:
        key = definition.id()
        if key not in numbers:
            name, values = properties.read(definition)
            numbers[key] = len(sets) if values else None
            if values:
                sets.append((name, values))
        return numbers[key]

    own: dict[int, list[int]] = defaultdict(list)
    for relation in by_type(model, "IfcRelDefinesByProperties"):
        # IFC4 allows a bare set of definitions instead of one
        for one in entities(field(relation, "RelatingPropertyDefinition")):
            found = number_of(one)
            if found is not None:
                for thing in entities(field(relation, "RelatedObjects")):
                    own[thing.id()].append(found)
    of_type: dict[int, list[int]] = {}
    for kind in {kind.id(): kind for kind in type_of.values()}.values():
        mine = [number_of(definition) for definition in entities(field(kind, "HasPropertySets"))]
        of_type[kind.id()] = [one for one in mine if one is not None]
    of_elements = [
        [*(of_type[type_of[thing.id()].id()] if thing.id() in type_of else ()), *own.get(thing.id(), ())]
        for thing in objects
    ]
    return PsetStore.build(sets, of_elements, properties.symbols)


def _elevation(thing: Any, length_m: float) -> float:
    """Return the height above the sea that a building or a site states, metres."""
    for attribute in ("ElevationOfRefHeight", "RefElevation"):
        value = number(field(thing, attribute))
        if value is not None:
            return value * length_m
    return _NAN
