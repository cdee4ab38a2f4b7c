"""A layer of cases as columns: which column says what, and one case of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.cases.flow import state_of, states
from models.cases.step import CaseNow
from models.cases.times import iso_of, us_of
from models.core.value_text import text_or_empty
from models.timeline.zone import DEFAULT_ZONE
from resources.standards import standard

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Moments of a case by their column.
TIMES = {"reported_at": "reported_us", "filed_at": "filed_us", "dispatched_at": "dispatched_us",
         "handled_at": "handled_us", "closed_at": "closed_us", "due_at": "due_us"}  # fmt: skip
COUNTS = ("returns", "reworks", "postponements")
YES = frozenset({"1", "1.0", "true", "yes", "y", "是", "有"})


@lru_cache(maxsize=1)
def field_names() -> Mapping[str, tuple[str, ...]]:
    """Return the columns that may say something, the program's own name first, by that name."""
    return {name: tuple(others) for name, others in standard("cases/fields")["fields"].items()}


def columns_of(names: Iterable[str]) -> dict[str, str]:
    """Return by the program's name which of a table's columns says it; what no column says is left out."""
    there = {name.casefold(): name for name in reversed([str(name) for name in names])}
    found = {}
    for name, others in field_names().items():
        column = next((there[other.casefold()] for other in others if other.casefold() in there), None)
        if column is not None:
            found[name] = column
    return found


def now_of(row: pd.Series[Any], columns: Mapping[str, str], zone: str = DEFAULT_ZONE) -> CaseNow:
    """Return what one row says of its case."""

    def text(name: str) -> str:
        return text_or_empty(row[columns[name]]) if name in columns and not _is_none(row[columns[name]]) else ""

    def count(name: str) -> int:
        try:
            return int(float(text(name) or 0))
        except ValueError:
            return 0

    times = {mine: us_of(row[columns[name]], zone) if name in columns else None for name, mine in TIMES.items()}
    now = CaseNow(
        text("taskNum"), state_of(text("state")), text("department"), text("urgent").casefold() in YES,
        text("class_code"), self_handled=text("self_handled").casefold() in YES, rating=text("rating"),
    )  # fmt: skip
    return replace(now, **times, **{name: count(name) for name in COUNTS})  # type: ignore[arg-type]


def cells_of(now: CaseNow, zone: str = DEFAULT_ZONE) -> dict[str, str | int | None]:
    """Return what the row of a case says, by the program's names of columns."""
    state = states().get(now.state)
    return {
        "state": None if state is None else state.zh,
        "department": now.department or None,
        "owner": now.owner or None,
        "urgent": "是" if now.urgent else None,
        **{name: iso_of(getattr(now, mine), zone) for name, mine in TIMES.items()},
        **{name: getattr(now, name) or None for name in COUNTS},
        "self_handled": "是" if now.self_handled else None,
        "rating": now.rating or None,
    }


def _is_none(value: Any) -> bool:
    return value is None or bool(pd.isna(value))
