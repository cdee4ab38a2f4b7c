"""The columns of the lists, in the handbook's order, and what may be written into each.

``lists.column.<name>`` is the word of a column. The same columns make the tables of the window, the workbooks and what
is read back from them.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from models.core.errors import UserError
from models.health.lists.rows import (
    DIFFICULTIES,
    EVIDENCE_GRADES,
    KINDS,
    LEVELS,
    NO,
    PROJECT_KINDS,
    STATUSES,
    YES,
    LedgerRow,
    ProblemRow,
    ProjectRow,
)

#: What a field of text holds at the most.
MOST_SIGNS = 4_000
Anything = LedgerRow | ProblemRow | ProjectRow


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list.

    Parameters
    ----------
    name : str
        The field of the row, or what is worked out of it.
    kind : str
        ``"text"``, ``"choice"``, ``"number"``, ``"whole"``, ``"date"`` or ``"codes"``.
    choices : tuple of str
        Ids; ``lists.<name>.<id>`` are their words. An empty answer is allowed too.
    is_editable : bool
    low, high : float
        Of a number.
    """

    name: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    is_editable: bool = False
    low: float = 0.0
    high: float = 0.0


def _own(name: str, kind: str = "text", choices: tuple[str, ...] = (), low: float = 0.0, high: float = 0.0) -> Column:
    return Column(name, kind, choices, is_editable=True, low=low, high=high)


def _weight(name: str) -> Column:
    return _own(name, "whole", low=1.0, high=5.0)


_SEVERITY = _weight("severity")
_KIND, _STATUS = _own("kind", "choice", KINDS), _own("status", "choice", STATUSES)
_EVIDENCE = tuple(_own(name, "choice", (YES, NO)) for name in ("by_indicator", "by_place", "by_residents", "by_site"))

#: By list; the id comes first, because it leads a row back home.
COLUMNS: dict[str, tuple[Column, ...]] = {
    "survey": (
        Column("id"), Column("indicator"), Column("place"), Column("item"), Column("found", "whole"),
        Column("looked_at", "whole"), Column("value"), Column("coverage"),
    ),
    "ledger": (
        Column("id"), Column("indicator"), Column("what"), Column("object"), Column("object_code"), Column("place"),
        _SEVERITY, Column("checked_on"), Column("checked_by"), _own("note"), _own("photo"), _own("photo_after"),
        Column("state"), _STATUS, _own("closed_on", "date"), _own("closed_by"), _own("remark"),
    ),
    "problems": (
        Column("id"), Column("indicator"), Column("result"), Column("place"), _own("sentence"),
        Column("count", "whole"),         Column("looked_at", "whole"), _SEVERITY, _weight("prevalence"),
        _weight("urgency"), _own("difficulty", "choice", DIFFICULTIES), _KIND,
        _weight("priority"), Column("finding"), *_EVIDENCE,
        _own("evidence", "choice", EVIDENCE_GRADES), Column("state"), _own("before"), _own("after"), _own("remark"),
    ),
    "suggestions": (
        Column("id"), Column("indicator"), Column("result"), Column("sentence_shown"), _own("advice"), _own("area"),
        _KIND,         _own("level", "choice", LEVELS), _own("responsible"), _weight("priority"),
        _own("next_year", "choice", (YES, NO)), _own("due_on", "date"), Column("overdue"), _STATUS,
        _own("closed_on", "date"), _own("closed_by"), _own("remark"),
    ),
    "projects": (
        Column("id"), _own("name"), _own("content"), _own("kind", "choice", PROJECT_KINDS),
        _own("cost_wan", "number", high=1e8), _own("owner"), _own("from_year", "whole", low=1990, high=2100),
        _own("to_year", "whole", low=1990, high=2100), _own("place"), _own("problems", "codes"), _own("remark"),
    ),
}  # fmt: skip
#: Which rows a list shows: the problem and the suggestion list are two views of the same.
ROWS_OF = {"ledger": "ledger", "problems": "problems", "suggestions": "problems", "projects": "projects"}


def column_of(kind: str, name: str) -> Column:
    """Return a column of a list.

    Raises
    ------
    UserError
        ``health.lists.no_column``.
    """
    for one in COLUMNS[kind]:
        if one.name == name:
            return one
    raise UserError("health.lists.no_column", name=name)


def checked(column: Column, value: Any) -> Any:
    """Return a value as a row keeps it.

    Parameters
    ----------
    column : Column
    value : Any
        Text, number, or a choice by its id; None or an empty text for nothing.

    Raises
    ------
    UserError
        ``health.lists.not_editable``, ``health.lists.bad_value``.
    """
    if not column.is_editable:
        raise UserError("health.lists.not_editable", name=column.name)
    text = "" if value is None else str(value).strip()
    try:
        return _KINDS[column.kind](column, text)
    except ValueError:
        raise UserError("health.lists.bad_value", name=column.name, value=text[:60]) from None


def _text(_: Column, text: str) -> str:
    if len(text) > MOST_SIGNS:
        raise ValueError
    return text


def _choice(column: Column, text: str) -> str:
    if text and text not in column.choices:
        raise ValueError
    if not text and column.name == "status":
        raise ValueError
    return text


def _number(column: Column, text: str) -> float | None:
    if not text:
        return None
    value = float(text)
    if not math.isfinite(value) or not column.low <= value <= column.high:
        raise ValueError
    return value


def _whole(column: Column, text: str) -> int:
    value = _number(column, text)
    if value is None:
        return 0
    if value != int(value):
        raise ValueError
    return int(value)


def _date(_: Column, text: str) -> str:
    return dt.date.fromisoformat(text.replace("/", "-").replace(".", "-")).isoformat() if text else ""


def _codes(_: Column, text: str) -> tuple[str, ...]:
    parts = text.replace("；", ";").replace("\n", ";").split(";")
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


_KINDS: dict[str, Callable[[Column, str], Any]] = {
    "text": _text, "choice": _choice, "number": _number, "whole": _whole, "date": _date, "codes": _codes,
}  # fmt: skip


def edited(row: Anything, column: Column, value: Any) -> Anything:
    """Return a row with a value that a person set, which making the lists again will leave alone.

    Raises
    ------
    UserError
        ``health.lists.not_editable``, ``health.lists.bad_value``.
    """
    fresh = checked(column, value)
    if fresh == getattr(row, column.name):
        return row
    changes: dict[str, Any] = {column.name: fresh}
    if isinstance(row, ProjectRow):
        return replace(row, **changes)
    return replace(row, **changes, edited=tuple(dict.fromkeys((*row.edited, column.name))))
