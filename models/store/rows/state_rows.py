"""What people say, as rows of the project file: a row for each item, its content as JSON.

A part of the state is a frozen dataclass. A field of it that holds a tuple of dataclasses needs nothing here:
``cattrs`` writes and reads it by its types. Specifications of pictures are written as a PNG has them
(:mod:`models.store.rows.snapshot_json`), bytes as base64.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, get_args, get_origin, get_type_hints

import cattrs
from cattrs.errors import BaseValidationError

from models.core.errors import UserError
from models.project.selection import ObjectKey
from models.store.rows.json_cells import FAULTS, loaded
from models.store.rows.snapshot_json import as_json, of_json
from models.views.snapshot_spec import SnapshotSpec

Row = dict[str, Any]
COLUMNS: Mapping[str, type] = {"part": str, "content": str}

converter = cattrs.Converter(forbid_extra_keys=False)
converter.register_structure_hook(ObjectKey, lambda value, _: ObjectKey(str(value[0]), int(value[1])))
converter.register_unstructure_hook(SnapshotSpec, as_json)
converter.register_structure_hook(SnapshotSpec, lambda value, _: of_json(value))
converter.register_unstructure_hook(bytes, lambda value: base64.b64encode(value).decode())
converter.register_structure_hook(bytes, lambda value, _: base64.b64decode(value, validate=True))


def rows_of(state: Any) -> list[Row]:
    """Return the fields of a frozen dataclass that say something."""
    rows = []
    for one in fields(state):
        value = getattr(state, one.name)
        items = value if isinstance(value, tuple) else (value,)
        if value != one.default:
            rows += [{"part": one.name, "content": _text(item)} for item in items]
    return rows


def parts_of(
    kind: type, rows: Iterable[Row], left_out: Callable[[Row], None], asked: Mapping[str, Callable[[Any], object]]
) -> dict[str, Any]:
    """Return the fields of a frozen dataclass that :func:`rows_of` wrote.

    Parameters
    ----------
    kind : type
        The dataclass.
    rows : iterable of Row
    left_out : callable
        Is told of each row that says nothing that can be understood, or names what the program does not know; a part
        of a later version is passed over.
    asked : mapping of str to callable
        By field: who refuses an item that makes no sense beside what the program knows.
    """
    kinds = get_type_hints(kind)
    found: dict[str, Any] = {}
    for row in rows:
        wanted = kinds.get(str(row.get("part")))
        if wanted is None:
            continue
        try:
            value = loaded(row["content"])
            is_list = get_origin(wanted) is tuple
            item = converter.structure(value, get_args(wanted)[0] if is_list else wanted)
            if row["part"] in asked:
                asked[row["part"]](item)
            if is_list:
                found.setdefault(row["part"], []).append(item)
            else:
                found[row["part"]] = item
        except (*FAULTS, BaseValidationError, UserError):
            left_out(row)
    return {name: tuple(item) if isinstance(item, list) else item for name, item in found.items()}


def _text(item: Any) -> str:
    return json.dumps(converter.unstructure(item), ensure_ascii=False)
