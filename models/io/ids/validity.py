"""Whether an IDS that follows its XML schema makes sense: classes, attributes and types that its IFC versions have.

A slip here (a class in mixed case, an attribute that no wall has, 42.0 for a count) is not met by any model; a check
would report thousands of failures that are the specification's fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import ifcopenshell.ifcopenshell_wrapper as wrapper

from models.core.errors import UserError
from models.io.ids.values import Wanted

_SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3_ADD2")
#: Of values as XML Schema writes them; what is not here takes any text.
_WRITTEN = {
    "boolean": re.compile(r"true|false|0|1"),
    "logical": re.compile(r"true|false|0|1|unknown"),
    "integer": re.compile(r"[-+]?\d+"),
    "real": re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"),
    "number": re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"),
    "binary": re.compile(r".*", re.DOTALL),
    "string": re.compile(r".*", re.DOTALL),
}
_TEXT_ONLY = ("pattern", "length", "minLength", "maxLength")


def check(ids: Any, file: str) -> None:
    """Refuse an IDS of which no model could be judged fairly.

    Parameters
    ----------
    ids : ifctester.ids.Ids
    file : str
        Name for messages.

    Raises
    ------
    UserError
        ``ids.prohibited_requires``, ``ids.no_such_class``, ``ids.no_such_predefined``, ``ids.excluded_class``,
        ``ids.no_such_attribute``, ``ids.no_such_type``, ``ids.value_not_of_type``.
    """
    for number, specification in enumerate(ids.specifications):
        said: dict[str, object] = {"file": file, "number": number + 1, "name": specification.name or "–"}
        versions = _versions(specification)
        if specification.get_usage() == "prohibited" and specification.requirements:
            raise UserError("ids.prohibited_requires", **said)
        scope: list[str] = []
        for facet in (*specification.applicability, *specification.requirements):
            kind = type(facet).__name__
            if kind in ("Entity", "PartOf") and facet.name:
                named = _classes(facet, versions, said)
                if kind == "Entity" and scope and named and not set(scope) & set(named):
                    raise UserError("ids.excluded_class", **said, wanted=_shown(facet.name), scope=", ".join(scope[:6]))
                if facet in specification.applicability and kind == "Entity":
                    scope = named
            elif kind == "Attribute":
                _attribute(facet, scope, versions, said)
            elif kind == "Property" and facet.dataType:
                bases = {base for version in versions if (base := _base_of_type(version, facet.dataType.upper()))}
                if versions and not bases:
                    raise UserError("ids.no_such_type", **said, type=facet.dataType)
                _value(facet, bases, facet.dataType, said)


def _versions(specification: Any) -> list[str]:
    said = specification.ifcVersion
    return [one for one in ([said] if isinstance(said, str) else said or ()) if one in _SCHEMAS]


def _classes(facet: Any, versions: list[str], said: dict[str, object]) -> list[str]:
    """Return the classes that a facet names; each must be in one of the versions, its predefined types in all."""
    known = set().union(*(_entities(version) for version in versions)) if versions else set()
    if not known:
        return []
    named = [name for name in known if Wanted(facet.name) == name]
    for text in _texts(facet.name):
        if text not in known:
            raise UserError("ids.no_such_class", **said, wanted=text, versions=", ".join(versions))
    if not named:
        raise UserError("ids.no_such_class", **said, wanted=_shown(facet.name), versions=", ".join(versions))
    predefined = _texts(facet.predefinedType) if facet.predefinedType else []
    for version in versions:
        allowed = set().union(*(_predefined(version, name) for name in named))
        for text in predefined:
            if text not in allowed and "USERDEFINED" not in allowed:
                raise UserError(
                    "ids.no_such_predefined", **said, wanted=text, type=", ".join(named[:6]), schema=version
                )
    return sorted(named)


def _attribute(facet: Any, scope: Iterable[str], versions: list[str], said: dict[str, object]) -> None:
    """Refuse a name that nothing in scope has as an attribute of its own, and a value that it cannot hold."""
    scope = list(scope)
    bases: set[str] = set()
    for version in versions:
        for name in scope or _entities(version):
            bases |= {base for attribute, base in _attributes(version, name).items() if Wanted(facet.name) == attribute}
    if versions and not bases:
        raise UserError("ids.no_such_attribute", **said, wanted=_shown(facet.name), scope=", ".join(scope[:6]) or "IFC")
    _value(facet, bases, _shown(facet.name), said)


def _value(facet: Any, bases: set[str], of: str, said: dict[str, object]) -> None:
    if not facet.value or not bases:
        return
    written = [pattern for base in bases if (pattern := _WRITTEN.get(base))]
    options = getattr(facet.value, "options", None) or {}
    texts = _texts(facet.value)
    for name in ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive"):
        texts += _texts(options.get(name, []))
    is_text = bool(bases & {"string", "binary"})
    if not written or (not is_text and any(name in options for name in _TEXT_ONLY)):
        raise UserError("ids.value_not_of_type", **said, value=_shown(facet.value), type=of)
    for text in texts:
        if not any(pattern.fullmatch(text) for pattern in written):
            raise UserError("ids.value_not_of_type", **said, value=text, type=of)


def _texts(value: Any) -> list[str]:
    """Return the texts that are written out: a simple value, or an enumeration."""
    options = getattr(value, "options", None)
    if options is not None:
        value = options.get("enumeration", [])
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _shown(value: Any) -> str:
    options = getattr(value, "options", None)
    return str(value) if options is None else " | ".join(_texts(value)) or ", ".join(map(str, options.values()))


@lru_cache(maxsize=4)
def _entities(version: str) -> frozenset[str]:
    return frozenset(entity.name().upper() for entity in wrapper.schema_by_name(version).entities())


def _entity(version: str, name: str) -> Any:
    """Return the declaration of a class, None where a version has no such class."""
    if name not in _entities(version):
        return None
    return wrapper.schema_by_name(version).declaration_by_name(name).as_entity()


@lru_cache(maxsize=4096)
def _attributes(version: str, name: str) -> dict[str, str]:
    """Return the attributes that are written in a file, not derived, with what their values are written as."""
    entity = _entity(version, name)
    if entity is None:
        return {}
    return {
        attribute.name(): _base(attribute.type_of_attribute())
        for attribute, is_derived in zip(entity.all_attributes(), entity.derived(), strict=True)
        if not is_derived
    }


@lru_cache(maxsize=4096)
def _predefined(version: str, name: str) -> frozenset[str]:
    entity = _entity(version, name)
    for attribute in entity.all_attributes() if entity is not None else ():
        named = attribute.type_of_attribute().as_named_type()
        enumeration = named.declared_type().as_enumeration_type() if named else None
        if attribute.name() == "PredefinedType" and enumeration:
            return frozenset(enumeration.enumeration_items())
    return frozenset()


@lru_cache(maxsize=512)
def _base_of_type(version: str, name: str) -> str:
    try:
        declaration = wrapper.schema_by_name(version).declaration_by_name(name)
    except RuntimeError:
        return ""
    return next(_bases(declaration), "")


def _base(type_of: Any) -> str:
    """Return what an attribute's values are written as: ``real``, ``string`` …, ``none`` for things and lists."""
    simple = type_of.as_simple_type()
    if simple:
        return str(simple.declared_type())
    named = type_of.as_named_type()
    return next(_bases(named.declared_type()), "none") if named else "none"


def _bases(declaration: Any) -> Iterator[str]:
    if declaration.as_enumeration_type():
        yield "string"
    kind = declaration.as_type_declaration()
    if kind:
        yield _base(kind.declared_type())
