"""Plain JSON that is a list of objects, as web services hand it out: points where they have coordinates, else a table.

The list may be the document, lie in it under some name (``{"count": 2, "records": [{…}, {…}]}``), or be a list of
lists. An object that only wraps another (``{"kv": {…}}``) is unwrapped; one level of objects inside becomes columns
``location:lng``; short lists of numbers become columns ``value_1``, ``value_2``, or coordinates. What has a ``"type"``
of its own, as GeoJSON has, belongs to its own reader.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from models.core.errors import Caution, UserError
from models.core.plain_values import json_text
from models.core.progress import Progress
from models.io.common.column_types import CHINA, coordinate_columns
from models.io.common.coordinates import stem_of
from models.io.common.limits import require_fields
from models.io.file_info import FileInfo
from models.io.request import Opened, ReadRequest
from models.io.vector.encodings.json import encoding_of_json
from models.io.vector.plain_tables import inspect_table, layer_of, with_types

#: All of a document stands in memory at once, some ten times its size.
MOST_BYTES = 1_000_000_000
#: Lists are looked for so deep.
_DEPTH = 4
#: Lists of numbers longer than this are no columns.
_SHORT = 4
_OF_OTHERS = frozenset({"FeatureCollection", "Feature", "Topology", "CityJSON", "CityJSONFeature"})


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a list of objects.

    Returns
    -------
    list of Opened
        One layer: ``vector`` where coordinates were found, else ``table`` with a caution.

    Raises
    ------
    UserError
        ``io.unknown_kind`` where no list of objects is in it, ``io.damaged`` for what is no JSON, ``io.too_large``.
    """
    path = Path(path)
    progress.step(0.0, "progress.io.reading")
    rows = rows_of(path)
    progress.step(0.4, "progress.io.reading")
    table = table_of(rows, path.name)
    encoding, is_guess = encoding_of_json(path)
    cautions = [Caution("io.encoding_guessed", file=path.name, encoding=encoding)] if is_guess else []
    cautions += [Caution("vector.rows_skipped", file=path.name, count=lost)] if (lost := len(rows) - len(table)) else []
    progress.step(0.5, "progress.io.reading")
    return [layer_of(table, path, "json_rows", request, stem_of(path), cautions=cautions)]


def inspect(path: Path, info: FileInfo) -> None:
    """Complete what is known of a list of objects.

    Raises
    ------
    UserError
        ``io.no_rows``, and those of :func:`read`.
    """
    info.schema = "JSON"
    inspect_table(path, info, table_of(rows_of(path), path.name), stem_of(path), "")


def first_rows(path: Path, sublayer: str, encoding: str, count: int) -> tuple[pd.DataFrame, str]:
    """Return the first rows, with types, and the encoding in which they were read."""
    return with_types(table_of(rows_of(path), path.name, count)), ""


def rows_of(path: Path) -> list[Any]:
    """Return the longest list of objects in a document.

    Raises
    ------
    UserError
        As :func:`read`.
    """
    if path.stat().st_size > MOST_BYTES:
        raise UserError("io.too_large", file=path.name, limit_mb=MOST_BYTES // 1_000_000)
    try:
        document = json.loads(path.read_bytes().decode(encoding_of_json(path)[0], "replace").removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UserError("io.damaged", file=path.name, reason=str(error)[:200]) from error
    if isinstance(document, dict) and document.get("type") in _OF_OTHERS:
        raise UserError("io.unknown_kind", file=path.name)
    found = max(_lists(document, _DEPTH), key=len, default=[])
    if not found:
        raise UserError("io.unknown_kind", file=path.name)
    return found


def table_of(rows: list[Any], file: str, limit: int | None = None) -> pd.DataFrame:
    """Return objects as a table of texts, None for what is missing; what is no object is left out.

    Where no columns are called like coordinates, the first list of numbers that begins with a longitude and a latitude
    of China in every row gives ``lon`` and ``lat``, as in ``"value": [121.46, 30.91, 25000]``.
    """
    flat = [_flat(_unwrapped(row)) for row in rows[:limit] if isinstance(row, dict)]
    names = list(dict.fromkeys(name for row in flat for name in row))
    require_fields(len(names), file)
    table = pd.DataFrame({name: [row.get(name) for row in flat] for name in names}, dtype=object)
    pair = _pair_in_a_list(table) if coordinate_columns(names) is None else None
    return table.rename(columns={pair[0]: "lon", pair[1]: "lat"}) if pair else table


def _lists(given: Any, depth: int) -> Iterator[list[Any]]:
    """Yield lists of objects; lists of such lists as one."""
    if depth < 0:
        return
    if isinstance(given, dict):
        for one in given.values():
            yield from _lists(one, depth - 1)
    elif isinstance(given, list) and 2 * sum(isinstance(one, dict) for one in given) > len(given):
        yield given
    elif isinstance(given, list):  # pages of rows, perhaps with a count beside them
        together = [row for one in given if isinstance(one, list) for row in one]
        if any(isinstance(row, dict) for row in together):
            yield together


def _unwrapped(row: dict[str, Any]) -> dict[str, Any]:
    inner = next(iter(row.values())) if len(row) == 1 else None
    return inner if isinstance(inner, dict) else row


def _flat(row: dict[str, Any]) -> dict[str, str | None]:
    flat: dict[str, str | None] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat |= {f"{name}:{inner}": _text(one) for inner, one in value.items()}
        elif isinstance(value, list) and 0 < len(value) <= _SHORT and all(_is_number(one) for one in value):
            flat |= {f"{name}_{number}": _text(one) for number, one in enumerate(value, start=1)}
        else:
            flat[str(name)] = _text(value)
    return flat


def _text(value: Any) -> str | None:
    return None if value == "" else json_text(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _pair_in_a_list(table: pd.DataFrame) -> tuple[str, str] | None:
    """Return the first two columns of a list of numbers that all fall into China: ``"value": [lon, lat, 5]``."""
    west, south, east, north = CHINA
    for name in table.columns:
        if not name.endswith("_1") or f"{name[:-1]}2" not in table.columns:
            continue
        x, y = (pd.to_numeric(table[column], errors="coerce").dropna() for column in (name, f"{name[:-1]}2"))
        if len(x) and len(y) and x.between(west, east).all() and y.between(south, north).all():
            return name, f"{name[:-1]}2"
    return None
