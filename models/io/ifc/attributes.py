"""Reading attributes of IFC instances when neither the schema nor the file can be trusted.

A file may lack an attribute, hold text where an instance belongs, or point at an instance that is not there. Asking
by name through IfcOpenShell raises for each of these and is slow for a name that the class does not have; here the
position of an attribute is looked up once a class.
"""

from __future__ import annotations

import math
from typing import Any

import ifcopenshell
import ifcopenshell.ifcopenshell_wrapper as wrapper

_POSITIONS: dict[str, dict[str, int]] = {}


def positions(thing: Any) -> dict[str, int]:
    """Return the positions of the attributes of an instance's class, by name."""
    key = thing.is_a(True)  # "IFC4.IfcWall"; asking the file for its schema takes ten times as long
    found = _POSITIONS.get(key)
    if found is None:
        schema_name, _, name = key.rpartition(".")
        declared = wrapper.schema_by_name(schema_name).declaration_by_name(name).as_entity()
        names = [attribute.name() for attribute in declared.all_attributes()] if declared is not None else []
        found = _POSITIONS[key] = {name: at for at, name in enumerate(names)}
    return found


def field(thing: Any, name: str) -> Any:
    """Return an attribute, None where the class has none, it is not set, or it cannot be read."""
    if thing is None:
        return None
    try:
        at = positions(thing).get(name)
        return None if at is None else thing[at]
    except (RuntimeError, IndexError, AttributeError, TypeError, ValueError, UnicodeDecodeError):
        return None


def text(thing: Any, name: str) -> str:
    """Return an attribute as text, empty where there is none."""
    value = field(thing, name)
    return "" if value is None or isinstance(value, ifcopenshell.entity_instance) else str(value)


def entity(value: Any) -> Any:
    """Return the value if it is an instance, else None."""
    return value if isinstance(value, ifcopenshell.entity_instance) else None


def entities(value: Any) -> list[Any]:
    """Return the instances in a list, set or select of instances; a single one counts as a list of one."""
    if isinstance(value, ifcopenshell.entity_instance):
        return [value]
    if isinstance(value, (tuple, list)):
        return [one for one in value if isinstance(one, ifcopenshell.entity_instance)]
    return []


def number(value: Any) -> float | None:
    """Return a finite number, None for anything else."""
    if isinstance(value, ifcopenshell.entity_instance):
        value = getattr(value, "wrappedValue", None)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def by_type(model: Any, name: str) -> list[Any]:
    """Return the instances of a class and its subclasses, none where the schema does not know it."""
    try:
        return list(model.by_type(name))
    except RuntimeError:
        return []
