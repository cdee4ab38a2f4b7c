"""What people say of the health check as rows of the project file: a row for each item, its content as JSON.

A field of :class:`~models.health.state.HealthState` that holds a tuple of dataclasses needs nothing here: ``cattrs``
writes and reads it by its types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, get_args, get_origin, get_type_hints

import cattrs
from cattrs.errors import BaseValidationError

from models.core.errors import UserError
from models.health.editions import edition_tables
from models.health.judging.rules import rules_of
from models.health.state import HealthState
from models.project.selection import ObjectKey
from models.store.json_cells import FAULTS, loaded

Row = dict[str, Any]

HEALTH = "chengjing_health"
COLUMNS: Mapping[str, type] = {"part": str, "content": str}

#: What makes sense only beside what the program knows: who refuses what makes none.
_ASKED: Mapping[str, Callable[[Any], object]] = {
    "edition": edition_tables,
    "judging_rules": lambda change: rules_of((change,)),
}

_converter = cattrs.Converter(forbid_extra_keys=False)
_converter.register_structure_hook(ObjectKey, lambda value, _: ObjectKey(str(value[0]), int(value[1])))


def rows_of(health: HealthState) -> list[Row]:
    """Return what people said as rows."""
    rows = []
    for one in fields(HealthState):
        value = getattr(health, one.name)
        items = value if isinstance(value, tuple) else (value,)
        if value != one.default:
            rows += [{"part": one.name, "content": _text(item)} for item in items]
    return rows


def health_of(rows: Iterable[Row], left_out: Callable[[Row], None]) -> HealthState:
    """Return what :func:`rows_of` wrote.

    Parameters
    ----------
    rows : iterable of Row
    left_out : callable
        Is told of each row that says nothing that can be understood, or names what the program does not know; a part
        of a later version is passed over.
    """
    kinds = get_type_hints(HealthState)
    found: dict[str, Any] = {}
    for row in rows:
        kind = kinds.get(str(row.get("part")))
        if kind is None:
            continue
        try:
            value = loaded(row["content"])
            is_list = get_origin(kind) is tuple
            item = _converter.structure(value, get_args(kind)[0] if is_list else kind)
            if row["part"] in _ASKED:
                _ASKED[row["part"]](item)
            if is_list:
                found.setdefault(row["part"], []).append(item)
            else:
                found[row["part"]] = item
        except (*FAULTS, BaseValidationError, UserError):
            left_out(row)
    parts: dict[str, Any] = {name: tuple(item) if isinstance(item, list) else item for name, item in found.items()}
    return HealthState(**parts)


def _text(item: Any) -> str:
    return json.dumps(_converter.unstructure(item), ensure_ascii=False)
