"""What people change in the definitions of a project: a log of who, when, by which document, from what to what.

The log *is* the change: the definitions of a project are the tables of its edition with the log replayed over them
(:func:`changed_tables`). So nothing changes without a line that says so, and undo takes both back.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from models.core.errors import UserError
from models.health.editions import EditionTables

#: The path by which a change says which reading was chosen; the choice itself stands in ``HealthState.readings``.
READING_PATH = "reading"
#: The path by which a change says which edition was put in force; it stands in ``HealthState.edition``.
EDITION_PATH = "edition"
#: The key of a row that leaves an indicator out.
HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a definition.

    Parameters
    ----------
    code : str
        The indicator; empty for the edition's own tables (its dimensions).
    path : str
        Where in the indicator's row, keys and positions with slashes: ``"benchmark/0/value"``, ``"formula"``,
        ``"parameters/radius/0/radius_m"``; empty for the whole row. Of the edition: ``"dimension/housing/zh"``.
    before, after : str
        As JSON; empty where there was or is nothing.
    who, when : str
        The author of the settings; ISO 8601.
    document : str
        By which document.
    """

    code: str
    path: str
    before: str
    after: str
    who: str = ""
    when: str = ""
    document: str = ""


def changed_tables(tables: EditionTables, changes: Iterable[Change]) -> EditionTables:
    """Return the tables of an edition with changes replayed over them.

    A change that no longer finds its place, because a later version of the program says the edition differently, is
    passed over.
    """
    about = copy.deepcopy(dict(tables.about))
    rows: dict[str, Any] = dict(tables.rows)
    touched: set[str] = set()
    for change in changes:
        if change.path in (READING_PATH, EDITION_PATH):
            continue
        if change.code and change.path and change.code not in rows:
            continue
        if change.code not in touched and change.code in rows:
            rows[change.code] = copy.deepcopy(dict(rows[change.code]))
            touched.add(change.code)
        try:
            value = from_text(change.after)
            if not change.code:
                _set_dimension(about, change.path, value)
            elif change.path:
                _put(rows[change.code], change.path.split("/"), value)
            elif value is None:
                rows.pop(change.code, None)
            else:
                rows[change.code] = value
                touched.add(change.code)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError):
            continue
    return EditionTables(about, rows)


def value_at(tables: EditionTables, code: str, path: str) -> Any:
    """Return what stands at a path, None for nothing."""
    keys = path.split("/") if path else []
    found: Any = tables.rows.get(code)
    if not code:
        found = next((one for one in tables.about["dimension"] if one["id"] == keys[1]), None)
        keys = keys[2:]
    for key in keys:
        try:
            found = found[int(key)] if isinstance(found, list | tuple) else found[key]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return found


def as_text(value: Any) -> str:
    """Return a value as a change keeps it; empty for nothing."""
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def from_text(text: str) -> Any:
    """Return the value that a change keeps; None for nothing."""
    return json.loads(text) if text else None


def row_from_changes(tables: EditionTables, row: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return what an imported row changes: paths and values, the whole row where its code is new.

    Keys that the file does not name stay as they are: a workbook says less than a table.
    """
    own = tables.rows.get(str(row["code"]))
    if own is None:
        return [("", dict(row))]
    return [(key, value) for key, value in row.items() if _said(own.get(key)) != _said(value)]


def _said(value: Any) -> str:
    """Return a value as text; what says nothing (an empty text, an empty list, no) is nothing."""
    return as_text(value) if value or (value == 0 and not isinstance(value, bool)) else ""


def refuse_unknown(tables: EditionTables, code: str) -> None:
    """Refuse a code that no indicator has.

    Raises
    ------
    UserError
        ``health.no_indicator``.
    """
    if code not in tables.rows:
        known = ", ".join(list(tables.rows)[:6]) + " …"
        raise UserError("health.no_indicator", indicator=code, edition=tables.about["edition"]["id"], known=known)


def _set_dimension(about: dict[str, Any], path: str, value: Any) -> None:
    _, name, *key = path.split("/")
    rows = about["dimension"]
    row = next((one for one in rows if one["id"] == name), None)
    texts = [value] if key else [] if value is None else [value["id"], value["zh"], value["en"]]
    if not all(isinstance(text, str) and text for text in texts):
        raise ValueError(path)
    if key:
        if row is not None:
            row[key[0]] = value
    elif value is None:
        about["dimension"] = [one for one in rows if one["id"] != name]
    elif row is None:
        rows.append(value)
    else:
        row.update(value)


def _put(place: Any, path: list[str], value: Any) -> None:
    for key in path[:-1]:
        place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
    last = path[-1]
    if isinstance(place, list):
        at = int(last)
        if value is None:
            del place[at]
        elif at == len(place):
            place.append(value)
        else:
            place[at] = value
    elif value is None:
        place.pop(last, None)
    else:
        place[last] = value
