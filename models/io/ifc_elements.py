"""The table of elements of an IFC model, with its spatial structure, and all property sets.

Relations are walked once in bulk: asking each of 100,000 elements for its container, type and sets takes minutes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import ifcopenshell.util.element as util
import numpy as np
import pandas as pd

from models.io.psets import PsetStore

# First in the table: the tree's trunk.
_TRUNK = ("IfcProject", "IfcSite", "IfcFacility", "IfcBuilding", "IfcFacilityPart", "IfcBuildingStorey", "IfcSpace")
# Parts of other things or of calculations, never objects that anybody asks for.
_LEFT_OUT = ("IfcFeatureElementSubtraction", "IfcPort", "IfcVirtualElement", "IfcStructuralActivity")
_ONLY_WITH_GEOMETRY = ("IfcAnnotation", "IfcGrid")

COLUMNS = (
    "guid", "ifc_class", "name", "storey", "type_name", "parent", "has_geometry", "long_name", "description", "tag",
    "object_type", "predefined_type", "material", "classification", "system", "elevation_m",
)  # fmt: skip


@dataclass(slots=True)
class Elements:
    """Elements of a model.

    Parameters
    ----------
    frame : DataFrame
        See :class:`models.layers.ModelData`; more columns are in :data:`COLUMNS`. ``elevation_m`` is NaN but for
        storeys, buildings and sites.
    psets : PsetStore
    oid_of : dict of int to int
        STEP id to oid.
    """

    frame: pd.DataFrame
    psets: PsetStore
    oid_of: dict[int, int]


def collect(model: Any, shown: set[int], length_m: float) -> Elements:
    """Make the table.

    Parameters
    ----------
    model : ifcopenshell.file
    shown : set of int
        STEP ids of products that have geometry.
    length_m : float
        Metres in one unit of length of the file.
    """
    objects = _objects(model, shown)
    oid_of = {thing.id(): oid for oid, thing in enumerate(objects)}
    parent_of = _parents(model)
    type_of = _related(model, "IfcRelDefinesByType", "RelatingType")
    materials = _associated(model, "IfcRelAssociatesMaterial", "RelatingMaterial", _material_names)
    classes = _associated(model, "IfcRelAssociatesClassification", "RelatingClassification", _classification_names)
    systems = _groups(model)
    storeys = {s.id(): s for s in model.by_type("IfcBuildingStorey")}
    rows = []
    for thing in objects:
        key = thing.id()
        kind = type_of.get(key)
        above = _first_known(key, parent_of, oid_of)
        rows.append(
            (
                _text(thing, "GlobalId"),
                thing.is_a(),
                _text(thing, "Name"),
                _storey_name(key, parent_of, storeys),
                _text(kind, "Name") if kind is not None else "",
                -1 if above is None else oid_of[above],
                key in shown,
                _text(thing, "LongName"),
                _text(thing, "Description"),
                _text(thing, "Tag"),
                _text(thing, "ObjectType"),
                _text(thing, "PredefinedType"),
                ", ".join(materials.get(key) or (materials.get(kind.id(), []) if kind is not None else [])),
                ", ".join(classes.get(key) or (classes.get(kind.id(), []) if kind is not None else [])),
                ", ".join(systems.get(key, [])),
                _elevation(thing, length_m),
            )
        )
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"parent": np.int32, "has_geometry": bool})
    return Elements(frame, _psets(model, objects, type_of), oid_of)


def _objects(model: Any, shown: set[int]) -> list[Any]:
    """Return project, spatial structure and products, trunk first, then in file order."""
    left_out = {thing.id() for name in _LEFT_OUT for thing in _by_type(model, name)}
    left_out |= {thing.id() for name in _ONLY_WITH_GEOMETRY for thing in _by_type(model, name)} - shown
    rank: dict[int, int] = {}
    for number, name in enumerate(_TRUNK):
        for thing in _by_type(model, name):
            rank.setdefault(thing.id(), number)
    things = {thing.id(): thing for thing in (*_by_type(model, "IfcProject"), *_by_type(model, "IfcProduct"))}
    kept = [thing for key, thing in things.items() if key not in left_out]
    return sorted(kept, key=lambda thing: (rank.get(thing.id(), len(_TRUNK)), thing.id()))


def _parents(model: Any) -> dict[int, int]:
    """Child to parent by aggregation, nesting, containment; a window that nothing contains goes to its wall."""
    parent: dict[int, int] = {}
    for relation in _by_type(model, "IfcRelFillsElement"):
        opening, filling = relation.RelatingOpeningElement, relation.RelatedBuildingElement
        voids = getattr(opening, "VoidsElements", None) if opening is not None else None
        if filling is not None and voids:
            parent[filling.id()] = voids[0].RelatingBuildingElement.id()
    for name, up, down in (
        ("IfcRelContainedInSpatialStructure", "RelatingStructure", "RelatedElements"),
        ("IfcRelNests", "RelatingObject", "RelatedObjects"),
        ("IfcRelAggregates", "RelatingObject", "RelatedObjects"),
    ):
        for relation in _by_type(model, name):
            above = getattr(relation, up)
            if above is None:
                continue
            for thing in getattr(relation, down) or ():
                if thing.id() != above.id():
                    parent[thing.id()] = above.id()
    return parent


def _first_known(key: int, parent_of: dict[int, int], oid_of: dict[int, int]) -> int | None:
    """Climb to the nearest ancestor that is in the table; broken files hold circles."""
    seen = {key}
    while (above := parent_of.get(key)) is not None and above not in seen:
        if above in oid_of:
            return above
        seen.add(above)
        key = above
    return None


def _storey_name(key: int, parent_of: dict[int, int], storeys: dict[int, Any]) -> str:
    seen: set[int] = set()
    at: int | None = key
    while at is not None and at not in seen:
        if at in storeys:
            return _text(storeys[at], "Name") or _text(storeys[at], "LongName")
        seen.add(at)
        at = parent_of.get(at)
    return ""


def _related(model: Any, relation_name: str, attribute: str) -> dict[int, Any]:
    return {
        thing.id(): getattr(relation, attribute)
        for relation in _by_type(model, relation_name)
        for thing in relation.RelatedObjects or ()
        if getattr(relation, attribute) is not None
    }


def _associated(model: Any, relation_name: str, attribute: str, names_of: Any) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for relation in _by_type(model, relation_name):
        names = names_of(getattr(relation, attribute))
        for thing in relation.RelatedObjects or ():
            found[thing.id()] += [name for name in names if name not in found[thing.id()]]
    return found


def _material_names(material: Any) -> list[str]:
    """Return the names in a material, list, layer set, constituent set or usage, outermost layer first."""
    if material is None:
        return []
    inner = (
        getattr(material, "ForLayerSet", None) or getattr(material, "ForProfileSet", None)
        or getattr(material, "Material", None)
    )  # fmt: skip
    if inner is not None:
        return _material_names(inner)
    for attribute in ("MaterialLayers", "MaterialConstituents", "MaterialProfiles", "Materials"):
        parts = getattr(material, attribute, None)
        if parts:
            return list(dict.fromkeys(name for part in parts for name in _material_names(part)))
    name = _text(material, "Name")
    return [name] if name else []


def _classification_names(reference: Any) -> list[str]:
    if reference is None:
        return []
    code = _text(reference, "Identification") or _text(reference, "ItemReference")
    name = _text(reference, "Name")
    text = " ".join(part for part in (code, name) if part)
    source = getattr(reference, "ReferencedSource", None)
    system = _text(source, "Name") if source is not None else ""
    return [f"{system}: {text}" if system and text else text or system] if text or system else []


def _groups(model: Any) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for relation in _by_type(model, "IfcRelAssignsToGroup"):
        group = relation.RelatingGroup
        if group is None or not group.is_a("IfcSystem"):
            continue
        name = _text(group, "Name") or _text(group, "LongName")
        for thing in relation.RelatedObjects or ():
            if name and name not in found[thing.id()]:
                found[thing.id()].append(name)
    return found


def _psets(model: Any, objects: list[Any], type_of: dict[int, Any]) -> PsetStore:
    """Pack property and quantity sets: a type's first, so that an element's own values win."""
    numbers: dict[int, int | None] = {}
    sets: list[tuple[str, dict[str, Any]]] = []

    def number_of(definition: Any) -> int | None:
        key = definition.id()
        if key not in numbers:
            values = _values(definition)
            numbers[key] = len(sets) if values else None
            if values:
                sets.append((_text(definition, "Name") or definition.is_a(), values))
        return numbers[key]

    own: dict[int, list[int]] = defaultdict(list)
    for relation in _by_type(model, "IfcRelDefinesByProperties"):
        definition = relation.RelatingPropertyDefinition
        # IFC4 allows a bare set of definitions instead of one
        for one in definition if isinstance(definition, tuple) else (definition,):
            number = None if one is None else number_of(one)
            if number is not None:
                for thing in relation.RelatedObjects or ():
                    own[thing.id()].append(number)
    of_type: dict[int, list[int]] = {}
    for kind in {kind.id(): kind for kind in type_of.values()}.values():
        found = [number_of(definition) for definition in getattr(kind, "HasPropertySets", None) or ()]
        of_type[kind.id()] = [number for number in found if number is not None]
    of_elements = [
        [*(of_type[type_of[thing.id()].id()] if thing.id() in type_of else ()), *own.get(thing.id(), ())]
        for thing in objects
    ]
    return PsetStore.build(sets, of_elements)


def _values(definition: Any) -> dict[str, Any]:
    """Return one set's values; a property that cannot be read is left out rather than all of them."""
    try:
        found = util.get_property_definition(definition)
    except (RuntimeError, AttributeError, TypeError, KeyError):
        return {}
    return _plain(found) if isinstance(found, dict) else {}


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        str(name): _plain(value) if isinstance(value, dict) else value
        for name, value in values.items()
        if name not in ("id", "type") and value is not None
    }


def _elevation(thing: Any, length_m: float) -> float:
    for attribute in ("Elevation", "ElevationOfRefHeight", "RefElevation"):
        value = getattr(thing, attribute, None)
        if isinstance(value, (int, float)):
            return float(value) * length_m
    return float("nan")


def _text(thing: Any, attribute: str) -> str:
    value = getattr(thing, attribute, None)
    return "" if value is None else str(value)


def _by_type(model: Any, name: str) -> list[Any]:
    """Return instances of a class, none where the schema does not know it."""
    try:
        return list(model.by_type(name))
    except RuntimeError:
        return []
