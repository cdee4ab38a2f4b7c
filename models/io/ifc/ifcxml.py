"""ifcXML: an IFC model as XML, turned into the usual text form that every library reads.

IfcOpenShell writes ifcXML and does not read it. The text form is rebuilt here from the schema itself: it knows each
class's attributes, their order and their types, so one converter serves ifcXML 4 (values in XML attributes, relations
nested in the objects that they relate) and the older ifcXML 2x3 (everything in elements, everything by reference).

Invariants
----------
1. No DTD, no entity, no external file is ever followed.
2. An instance that the schema does not know costs itself; the converter says how many there were.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import ifcopenshell.ifcopenshell_wrapper as wrapper
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from models.core.errors import UserError
from models.io.ifc.encoding import escaped

_MAX_DEPTH = 200
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_ROOT = re.compile(rb"<(?:\w+:)?(?:ifcXML|iso_10303_28|uos)\b", re.IGNORECASE)


def is_ifc_xml(head: bytes) -> bool:
    """Whether the first bytes of a file begin an ifcXML document."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode("utf-8")
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" and _ROOT.search(head) is not None


def to_text(raw: bytes, file: str) -> tuple[bytes, int]:
    """Return an ifcXML document as ISO 10303-21 text, and how many elements no class was found for.

    Parameters
    ----------
    raw : bytes
    file : str
        Name for messages.

    Raises
    ------
    UserError
        ``io.damaged`` for XML that does not parse, that brings entities along, or that nests hundreds deep.
    """
    try:
        return _Document().read(raw)
    except ParseError as error:
        raise UserError("io.damaged", file=file, reason=f"XML: {error}"[:200]) from error
    except DefusedXmlException as error:
        raise UserError("io.damaged", file=file, reason=f"XML: {type(error).__name__}") from error
    except (RecursionError, LookupError, ValueError) as error:
        raise UserError("io.damaged", file=file, reason=f"XML: {str(error)[:150]}") from error


@dataclass(slots=True)
class _Class:
    """What the schema says of a class."""

    name: str
    attributes: list[tuple[str, Any]]
    optional: list[bool]
    derived: list[bool]
    inverses: dict[str, tuple[str, str]] = field(default_factory=dict)


@lru_cache(maxsize=8)
def _classes(schema: str) -> dict[str, _Class]:
    found = {}
    for declared in wrapper.schema_by_name(schema).entities():
        inverse_attributes: Any = declared.all_inverse_attributes()
        inverses = {
            one.name(): (one.entity_reference().name(), one.attribute_reference().name()) for one in inverse_attributes
        }
        found[declared.name().lower()] = _Class(
            declared.name(),
            [(attribute.name(), attribute.type_of_attribute()) for attribute in declared.all_attributes()],
            [attribute.optional() for attribute in declared.all_attributes()],
            list(declared.derived()),
            inverses,
        )
    return found


class _Document:
    """One document on its way to text."""

    def __init__(self) -> None:
        self._schema = "IFC4"
        self._numbers: dict[str, int] = {}
        self._count = 0
        self._instances: dict[int, tuple[str, list[str]]] = {}
        # Objects that a relation elsewhere in the document forgets to list, by relation and attribute.
        self._related: list[tuple[int, str, str]] = []
        self._unknown = 0
        self._header: dict[str, str] = {}

    def read(self, raw: bytes) -> tuple[bytes, int]:
        depth, container = 0, 1
        for event, element in iterparse(io.BytesIO(raw), events=("start", "end"), forbid_dtd=True):
            if event == "start":
                depth += 1
                if depth > _MAX_DEPTH:
                    raise ValueError(f"{depth} levels")
                if depth <= 2 and _name(element).lower() in ("ifcxml", "uos", "iso_10303_28"):
                    container = depth
                    self._schema = _schema_of(element) or self._schema
                continue
            if depth == container + 1:
                self._top(element)
                element.clear()
            depth -= 1
        return self._text(), self._unknown

    def _top(self, element: Element) -> None:
        name = _name(element).lower()
        if name in ("header", "iso_10303_28_header"):
            self._header = {_name(child).lower(): (child.text or "").strip() for child in element}
        elif name in _classes(self._schema):
            self._instance(element, name)
        elif name.startswith("ifc"):
            self._unknown += 1

    def _text(self) -> bytes:
        for key, attribute, token in self._related:
            name, values = self._instances.get(key, ("", []))
            for at, (one, kind) in enumerate(_classes(self._schema)[name.lower()].attributes if name else ()):
                if one == attribute:
                    if kind.as_aggregation_type() is None:
                        values[at] = token
                    elif values[at] in ("$", "()"):
                        values[at] = f"({token})"
                    elif token not in values[at][1:-1].split(","):
                        values[at] = f"{values[at][:-1]},{token})"
        header = {name: escaped(text).decode() for name, text in self._header.items()}
        lines = [
            "ISO-10303-21;", "HEADER;", "FILE_DESCRIPTION((''),'2;1');",
            f"FILE_NAME('{header.get('name', '')}','{header.get('time_stamp', '')}',('{header.get('author', '')}'),"
            f"('{header.get('organization', '')}'),'{header.get('preprocessor_version', '')}',"
            f"'{header.get('originating_system', '')}','');",
            f"FILE_SCHEMA(('{self._schema}'));", "ENDSEC;", "DATA;",
            *(f"#{key}={name.upper()}({','.join(values)});" for key, (name, values) in self._instances.items()),
            "ENDSEC;", "END-ISO-10303-21;", "",
        ]  # fmt: skip
        return "\n".join(lines).encode("ascii", "replace")

    def _number(self, name: str) -> int:
        if not name or name not in self._numbers:
            self._count += 1
            if not name:
                return self._count
            self._numbers[name] = self._count
        return self._numbers[name]

    def _instance(self, element: Element, name: str) -> str:
        """Take an instance in, or look up the one referred to; return its number as a token."""
        reference = element.get("ref") or element.get("href") or ""
        if reference:
            return f"#{self._number(reference.removeprefix('#'))}"
        kind = _classes(self._schema).get((_type(element) or name).lower())
        if kind is None:
            self._unknown += 1
            return "$"
        key = self._number(element.get("id", ""))
        values = ["*" if is_derived else "$" for is_derived in kind.derived]
        self._instances[key] = (kind.name, values)
        children = {_name(child): child for child in element}
        for at, (attribute, declared) in enumerate(kind.attributes):
            if kind.derived[at]:
                continue
            if attribute in element.attrib:
                values[at] = self._of_text(declared, element.attrib[attribute])
            elif attribute in children:
                values[at] = self._of_element(declared, children[attribute])
            if values[at] == "()" and kind.optional[at]:
                values[at] = "$"
        for child in element:
            relation = kind.inverses.get(_name(child))
            for one in self._relations(child, relation[0]) if relation else ():
                self._related.append((one, relation[1] if relation else "", f"#{key}"))
        return f"#{key}"

    def _relations(self, element: Element, declared: str) -> Iterator[int]:
        """Take in the relations that an inverse attribute holds."""
        inner = [child for child in element if _name(child).lower() in _classes(self._schema)]
        if not inner and (element.get("ref") or _type(element) or len(element) or len(element.attrib)):
            inner = [element]
        for child in inner:
            name = declared if child is element else _name(child)
            token = self._instance(child, name.lower())
            if token.startswith("#"):
                yield int(token[1:])

    def _of_element(self, declared: Any, element: Element) -> str:
        aggregation = declared.as_aggregation_type()
        if aggregation is None and _underlying(declared) is not None:
            aggregation = _underlying(declared).as_aggregation_type()
        if aggregation is not None:
            return self._list(aggregation.type_of_element(), element)
        named = declared.as_named_type()
        kind: Any = named.declared_type() if named is not None else None
        is_object = kind is not None and (kind.as_entity() is not None or kind.as_select_type() is not None)
        if not is_object:
            inner = element[0] if len(element) else element
            return self._of_text(declared, inner.text or "")
        for child in element:
            token = self._one(declared, child)
            if token is not None:
                return token
        if kind.as_entity() is not None or element.get("ref") or _type(element):
            return self._instance(element, kind.name().lower())
        return self._of_text(declared, element.text or "")

    def _one(self, declared: Any, element: Element) -> str | None:
        """Return an instance, a typed value or a wrapped number as a token; None for an attribute of the outer one."""
        name = _name(element)
        if name.lower() in _classes(self._schema):
            return self._instance(element, name.lower())
        bare = name.removesuffix("-wrapper")
        if bare.startswith("Seq-"):
            return "(" + ",".join(self._of_text(declared, part) for part in (element.text or "").split()) + ")"
        kind = _declared(self._schema, bare)
        if kind is not None and kind.as_entity() is None:
            return (
                f"{kind.name().upper()}({self._of_kind(kind, element.text or '')})"
                if _is_select(declared)
                else (self._of_text(declared, element.text or ""))
            )
        if name.endswith("-wrapper"):  # double-wrapper, long-wrapper
            return self._of_text(declared, element.text or "")
        return None

    def _list(self, declared: Any, element: Element) -> str:
        inner = declared.as_aggregation_type()
        if element.get("ref") or _type(element).lower() in _classes(self._schema):  # a set of one, written as that one
            return f"({self._instance(element, _type(element).lower())})"
        tokens: list[str] = []
        for child in element:
            if inner is not None and not _name(child).startswith("Seq-"):
                tokens.append(self._list(inner.type_of_element(), child))
            else:
                token = self._one(inner.type_of_element() if inner is not None else declared, child)
                tokens += [token] if token is not None else []
        if not len(element) and (element.text or "").strip():
            return self._of_list(declared, element.text or "")
        return _listed(one for one in tokens if one != "$")

    def _of_list(self, declared: Any, text: str) -> str:
        return _listed(self._of_text(declared, part) for part in text.split())

    def _of_text(self, declared: Any, text: str) -> str:
        """Return a token for a value of a declared type written as text."""
        aggregation = declared.as_aggregation_type()
        if aggregation is not None:
            return self._of_list(aggregation.type_of_element(), text)
        simple = declared.as_simple_type()
        if simple is not None:
            return _simple(simple.declared_type(), text)
        return self._of_kind(declared.as_named_type().declared_type(), text)

    def _of_kind(self, kind: Any, text: str) -> str:
        if kind.as_enumeration_type() is not None:
            name = text.strip().upper()
            return f".{name}." if name in kind.as_enumeration_type().enumeration_items() else "$"
        plain = kind.as_type_declaration()
        if plain is not None:
            return self._of_text(plain.declared_type(), text)
        if kind.as_entity() is not None:  # a reference written as an attribute
            return f"#{self._numbers[text]}" if text in self._numbers else "$"
        return "'" + escaped(text).decode() + "'"


def _simple(name: str, text: str) -> str:
    stripped = text.strip()
    if name in ("real", "number", "integer"):
        try:
            value = float(stripped)
        except ValueError:
            return "$"
        if not math.isfinite(value):
            return "$"
        if name == "integer":
            return str(int(value))
        written = repr(value).upper()
        mantissa, exponent, power = written.partition("E")
        return (mantissa if "." in mantissa else mantissa + ".") + exponent + power
    if name in ("boolean", "logical"):
        return {"true": ".T.", "false": ".F.", "1": ".T.", "0": ".F."}.get(
            stripped.lower(), ".U." if name == "logical" else "$"
        )
    if name == "binary":
        return '"0' + re.sub(r"[^0-9A-F]", "", stripped.upper()) + '"'
    return "'" + escaped(text).decode() + "'"


def _listed(tokens: Iterable[str]) -> str:
    return f"({','.join(tokens)})"


def _underlying(declared: Any) -> Any:
    """Return the type behind a defined type, for IfcCompoundPlaneAngleMeasure its list."""
    named = declared.as_named_type()
    plain = named.declared_type().as_type_declaration() if named is not None else None
    return plain.declared_type() if plain is not None else None


def _is_select(declared: Any) -> bool:
    named = declared.as_named_type()
    return named is not None and named.declared_type().as_select_type() is not None


@lru_cache(maxsize=4096)
def _declared(schema: str, name: str) -> Any:
    try:
        return wrapper.schema_by_name(schema).declaration_by_name(name)
    except RuntimeError:
        return None


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _type(element: Element) -> str:
    return element.get(f"{_XSI}type", "").rpartition(":")[2]


def _schema_of(element: Element) -> str:
    """Return the schema that a root element's name and namespace speak of, empty where they do not."""
    names = " ".join((str(element.tag), *element.attrib.values())).upper()
    if "IFC4X3" in names or "IFC4_3" in names:
        return "IFC4X3_ADD2"
    if "IFC4" in names:
        return "IFC4"
    return "IFC2X3" if "IFC2X" in names or "10303_28" in names or "UOS" in names else ""
