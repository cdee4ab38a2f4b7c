"""What a property, quantity or predefined set holds, as plain values in the units of :mod:`models.io.ifc.units`.

The shapes of the values:

========================  ======================================================================
IfcPropertySingleValue    the value
IfcPropertyEnumerated     the value, a list where several are ticked
IfcPropertyListValue      a list
IfcPropertyBoundedValue   ``{"lower": …, "upper": …, "set": …}`` with those that are given
IfcPropertyTableValue     ``{"from": [...], "to": [...]}``: defining and defined values
IfcPropertyReference      the name of what it refers to
IfcComplexProperty        ``{name: value}``; so do complex quantities
========================  ======================================================================
"""

from __future__ import annotations

import math
from typing import Any

import ifcopenshell.ifcopenshell_wrapper as wrapper

from models.io.ifc.attributes import entities, entity, field, positions, text
from models.io.ifc.units import Units

_MAX_DEPTH = 6
_QUANTITIES = {
    "IfcQuantityLength": ("LengthValue", "IfcLengthMeasure"),
    "IfcQuantityArea": ("AreaValue", "IfcAreaMeasure"),
    "IfcQuantityVolume": ("VolumeValue", "IfcVolumeMeasure"),
    "IfcQuantityWeight": ("WeightValue", "IfcMassMeasure"),
    "IfcQuantityTime": ("TimeValue", "IfcTimeMeasure"),
    "IfcQuantityCount": ("CountValue", ""),
    "IfcQuantityNumber": ("NumberValue", ""),
}
_BOUNDS = (("lower", "LowerBoundValue"), ("upper", "UpperBoundValue"), ("set", "SetPointValue"))


class Properties:
    """Reads the sets of one model.

    Parameters
    ----------
    units : Units

    Attributes
    ----------
    symbols : dict
        ``{set: {property: symbol}}`` for every value with a unit seen so far; a value inside a complex property stands
        under ``"outer.inner"``.
    """

    def __init__(self, units: Units) -> None:
        self._units = units
        self._measures: dict[tuple[str, str], dict[str, str]] = {}
        self.symbols: dict[str, dict[str, str]] = {}

    def read(self, definition: Any) -> tuple[str, dict[str, Any]]:
        """Return the name and the values of one set; what cannot be read is left out rather than all of it."""
        kind = definition.is_a()
        name = text(definition, "Name") or kind
        seen: dict[str, str] = {}
        if kind == "IfcElementQuantity":
            values = self._quantities(entities(field(definition, "Quantities")), seen)
        elif kind == "IfcPropertySet":
            values = self._properties(entities(field(definition, "HasProperties")), seen)
        else:
            values = self._predefined(definition, seen)
        if seen:
            symbols = self.symbols.setdefault(name, {})
            for prop, symbol in seen.items():
                symbols.setdefault(prop, symbol)
        return name, values

    def _properties(
        self, properties: list[Any], seen: dict[str, str], outer: str = "", depth: int = 0
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in properties:
            name = text(one, "Name")
            value = self._property(one, seen, outer + name, depth)
            if name and value not in (None, [], {}):
                found[name] = value
        return found

    def _property(self, one: Any, seen: dict[str, str], path: str, depth: int) -> Any:
        kind, unit = one.is_a(), entity(field(one, "Unit"))
        if kind == "IfcPropertySingleValue":
            return self._value(field(one, "NominalValue"), unit, seen, path)
        if kind == "IfcPropertyEnumeratedValue":
            reference = entity(field(one, "EnumerationReference"))
            unit = entity(field(reference, "Unit")) if reference is not None else None
            values = self._values(field(one, "EnumerationValues"), unit, seen, path)
            return values[0] if len(values) == 1 else values
        if kind == "IfcPropertyListValue":
            return self._values(field(one, "ListValues"), unit, seen, path)
        if kind == "IfcPropertyBoundedValue":
            bounds = {key: self._value(field(one, name), unit, seen, path) for key, name in _BOUNDS}
            return {key: value for key, value in bounds.items() if value is not None}
        if kind == "IfcPropertyTableValue":
            start = self._values(field(one, "DefiningValues"), entity(field(one, "DefiningUnit")), seen, f"{path}.from")
            end = self._values(field(one, "DefinedValues"), entity(field(one, "DefinedUnit")), seen, f"{path}.to")
            return {"from": start, "to": end} if start or end else None
        if kind == "IfcPropertyReferenceValue":
            return _named(entity(field(one, "PropertyReference"))) or text(one, "UsageName")
        if kind == "IfcComplexProperty" and depth < _MAX_DEPTH:
            return self._properties(entities(field(one, "HasProperties")), seen, f"{path}.", depth + 1)
        return None

    def _values(self, raw: Any, unit: Any, seen: dict[str, str], path: str) -> list[Any]:
        found = [self._value(one, unit, seen, path) for one in raw or ()] if isinstance(raw, (tuple, list)) else []
        return [value for value in found if value is not None]

    def _value(self, raw: Any, unit: Any, seen: dict[str, str], path: str) -> Any:
        """Return one measure; a bare value, which only a broken file holds, passes as it is."""
        if entity(raw) is None:
            return _plain(raw)
        try:
            value, symbol = self._units.value(_plain(raw.wrappedValue), raw.is_a(), unit)
        except (RuntimeError, AttributeError, IndexError, UnicodeDecodeError):
            return _named(raw) or None
        if symbol:
            seen.setdefault(path, symbol)
        return value

    def _quantities(
        self, quantities: list[Any], seen: dict[str, str], outer: str = "", depth: int = 0
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in quantities:
            name, kind = text(one, "Name"), one.is_a()
            if kind in _QUANTITIES:
                attribute, measure = _QUANTITIES[kind]
                value, symbol = self._units.value(_plain(field(one, attribute)), measure, entity(field(one, "Unit")))
                if symbol and value is not None:
                    seen.setdefault(outer + name, symbol)
            elif kind == "IfcPhysicalComplexQuantity" and depth < _MAX_DEPTH:
                inner = entities(field(one, "HasQuantities"))
                value = self._quantities(inner, seen, f"{outer}{name}.", depth + 1) or None
            else:
                value = None
            if name and value is not None:
                found[name] = value
        return found

    def _predefined(self, definition: Any, seen: dict[str, str]) -> dict[str, Any]:
        """Return the attributes of a set that the schema itself defines (door linings, window panels)."""
        found: dict[str, Any] = {}
        for name, at in positions(definition).items():
            if at < 4:
                continue
            raw = field(definition, name)
            measure = self._measure(definition, name, at)
            value, symbol = self._units.value(_named(raw) if entity(raw) is not None else _plain(raw), measure)
            if value not in (None, "", [], {}):
                found[name] = value
                if symbol:
                    seen[name] = symbol
        return found

    def _measure(self, definition: Any, name: str, at: int) -> str:
        """Return the declared type of an attribute, ``"IfcLengthMeasure"``."""
        schema = definition.file.schema_identifier
        known = self._measures.setdefault((schema, definition.is_a()), {})
        if name not in known:
            declared = wrapper.schema_by_name(schema).declaration_by_name(definition.is_a()).as_entity()
            named = declared.attribute_by_index(at).type_of_attribute().as_named_type() if declared else None
            known[name] = named.declared_type().name() if named is not None else ""
        return known[name]


def _named(thing: Any) -> str:
    """Return what a person would call the thing that a property refers to."""
    if thing is None:
        return ""
    for attribute in ("Name", "Identification", "Label", "Description", "FamilyName", "Location"):
        found = text(thing, attribute)
        if found:
            return found
    return ""


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold; what a broken number leaves behind is no value."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value if entity(one) is None]
    return None if entity(value) is not None else value
