"""Mappings kept as files: a profile of one city's tables, in the home folder or given away. TOML, read as a stranger's.

Nothing in a profile is run: it names columns, units, numbers and texts, all of them bounded.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping as AnyMapping
from pathlib import Path
from typing import Any

from models.core.errors import UserError
from models.facilities.register.field_map import WAYS, FieldMap, Mapping
from models.facilities.register.fields import schema, units

#: Version of the form, and what a profile may hold at the most.
VERSION = 1
MOST_BYTES, MOST_TEXT, MOST_LISTED, MOST_VALUES = 1_000_000, 200, 200, 5_000
#: What profiles are called.
SUFFIX = ".toml"


def document_of(mapping: Mapping) -> dict[str, Any]:
    """Return a mapping as plain values for TOML; what was guessed keeps its reason."""
    fields = []
    for one in mapping.fields:
        row: dict[str, Any] = {"field": one.target, "columns": list(one.sources)}
        plain = {"way": one.way if one.way != "value" else "", "part": one.part, "unit": one.unit}
        row |= {name: value for name, value in plain.items() if value}
        row |= {"constant": one.constant} if one.way == "constant" else {}
        row |= {"no_data_numbers": list(one.sentinels)} if one.sentinels else {}
        row |= {"no_data_texts": list(one.blanks)} if one.blanks else {}
        row |= {"values": [[text, value] for text, value in one.values]} if one.values else {}
        fields.append(row)
    return {
        "profile": {"version": VERSION, "name": mapping.name, "kind": mapping.kind, "keep_others": mapping.keep_others},
        "field": fields,
    }


def read_profile(path: Path) -> Mapping:
    """Read a profile.

    Raises
    ------
    UserError
        ``register.profile_missing``, ``register.profile_bad`` with the reason, ``register.profile_newer``.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError("register.profile_bad", file=path.name, reason=f"> {MOST_BYTES // 1_000_000} MB")
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise UserError("register.profile_missing", file=path.name) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UserError("register.profile_bad", file=path.name, reason=str(error)[:120]) from error
    return mapping_of(document, path.name)


def mapping_of(document: AnyMapping[str, Any], file: str) -> Mapping:
    """Return the mapping that a document holds.

    Raises
    ------
    UserError
        ``register.profile_bad``, ``register.profile_newer``, ``register.no_schema``.
    """
    try:
        head = _of(document["profile"], dict)
        if _of(head["version"], int) > VERSION:
            raise UserError("register.profile_newer", file=file)
        kind = _text(head["kind"])
        known = {field.name for field in schema(kind).fields}
        rows = _of(document.get("field", []), list)
        fields = tuple(_field(_of(row, dict), known) for row in rows[:MOST_LISTED])
        if len({one.target for one in fields}) != len(fields):
            raise ValueError("a field stands twice")
        return Mapping(kind, fields, bool(head.get("keep_others", True)), _text(head.get("name", "")))
    except KeyError as error:
        raise UserError("register.profile_bad", file=file, reason=f"{error.args[0]}") from error
    except (TypeError, ValueError) as error:
        raise UserError("register.profile_bad", file=file, reason=str(error)[:120]) from error


def _field(row: AnyMapping[str, Any], known: set[str]) -> FieldMap:
    target, unit, way = _text(row["field"]), _text(row.get("unit", "")), _text(row.get("way", "")) or "value"
    part = _text(row.get("part", ""))
    if target not in known:
        raise ValueError(f"field = {target}")
    if way not in WAYS or part not in ("", "width", "height") or (unit and unit not in units()):
        raise ValueError(f"{target}: {way} {part} {unit}")
    numbers = [float(_of(one, (int, float))) for one in _listed(row.get("no_data_numbers", []), MOST_LISTED)]
    if not all(map(math.isfinite, numbers)):
        raise ValueError(f"{target}: no_data_numbers")
    pairs = [_of(pair, list) for pair in _listed(row.get("values", []), MOST_VALUES)]
    return FieldMap(
        target, tuple(_text(one) for one in _listed(row.get("columns", []), MOST_LISTED)), way, part, unit,
        tuple(numbers), tuple(_text(one) for one in _listed(row.get("no_data_texts", []), MOST_LISTED)),
        tuple((_text(text), _text(value)) for text, value in pairs), _text(row.get("constant", "")),
    )  # fmt: skip


def _listed(value: Any, most: int) -> list[Any]:
    listed: list[Any] = _of(value, list)
    if len(listed) > most:
        raise ValueError(f"> {most}")
    return listed


def _text(value: Any) -> str:
    text: str = _of(value, str)
    if len(text) > MOST_TEXT:
        raise ValueError(f"{text[:20]}… > {MOST_TEXT}")
    return text


def _of(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{value!r}"[:60])
    return value
