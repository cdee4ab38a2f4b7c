"""How a table is looked at, and the rows that this leaves: filtered, sorted and added up, on any thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.core.progress import Progress
from models.query.column_filter import ColumnFilter, passing
from models.query.columns import Columns, Totals
from viewers.widgets.query.table_model import Order, Rows

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Way:
    """How the columns of one layer are shown: those hidden, the widths (pixels) and the order that a person gave."""

    hidden: frozenset[str] = frozenset()
    widths: Mapping[str, int] = field(default_factory=dict)
    order: tuple[str, ...] = ()


@dataclass(slots=True)
class Look:
    """How the rows of one layer were looked at: filter, sort order and place, to come back to."""

    text: str = ""
    filters: dict[str, ColumnFilter] = field(default_factory=dict)
    sort: tuple[str, bool] = ("", False)
    only_selected: bool = False
    only_view: bool = False
    top: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Arranged:
    """The answer to a way of looking at a table: rows in their order, totals by field, which fields hold numbers."""

    order: Order
    totals: dict[str, Totals] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    error: Exception | None = None
    hit: Mask | None = None
    columns: Columns | None = None
    #: The selection as it was asked about, and the places in sight where it stands.
    selected: Rows | None = None
    places: Rows | None = None
    #: Why there is no row, in words.
    why: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What is asked of a table.

    Parameters
    ----------
    text : str
    condition : callable or None
        What the text means as a condition; None looks for it as text.
    filters : mapping of str to ColumnFilter
    chosen : ndarray of int64 or None
        Only these objects.
    seen : callable or None
        Only rows in view.
    sort : tuple of (str, bool)
        Field and whether downwards; no field for the table's own order.
    codes : callable
        (field, text) → codes shown by a word that holds the text.
    """

    text: str = ""
    condition: Callable[[Columns], Mask] | None = None
    filters: Mapping[str, ColumnFilter] = field(default_factory=dict)
    chosen: Rows | None = None
    seen: Callable[[Columns], Mask] | None = None
    sort: tuple[str, bool] = ("", False)
    codes: Callable[[str, str], Sequence[str]] = lambda _field, _text: ()


def arranged(columns: Columns, asked: Asked, progress: Progress, last: Arranged | None = None) -> Arranged:
    """Return rows in their order with totals; a filter text that fails leaves every row and says why."""
    hit, error = np.ones(len(columns), bool), None
    if asked.chosen is not None:
        hit[:] = False
        hit[columns.rows_of(asked.chosen)] = True
    if asked.seen is not None:
        hit &= asked.seen(columns)
    if asked.filters:
        hit &= passing(columns, asked.filters, asked.codes)
    if asked.text:
        condition: Any = asked.condition
        try:
            hit &= condition(columns) if condition else columns.holding(asked.text, None, progress, asked.codes)
        except UserError as failure:  # what is typed halfway is often wrong; the table must not vanish for it
            error = failure
    order = np.flatnonzero(hit)
    progress.step(0.5)
    if asked.sort[0]:
        order = columns.ordered(asked.sort[0], order, descending=asked.sort[1])
    progress.step(0.8)
    shown = order.astype(np.int32)
    if last is not None and last.columns is columns and last.hit is not None and np.array_equal(last.hit, hit):
        return Arranged(shown, last.totals, last.numbers, error, hit, columns)  # only the order is new
    totals = {name: columns.totals(name, order) for name in columns.fields}
    numbers = frozenset(name for name in columns.fields if columns.value(name).kind == "number")
    return Arranged(shown, totals, numbers, error, hit, columns)
