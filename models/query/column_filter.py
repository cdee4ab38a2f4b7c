"""Filters of single columns of a table: by a text, by chosen values, between two ends.

They are for looking at a table and are put together with clicks; an expression
(:mod:`models.query.expression`) says more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.query.columns import Columns

Mask = NDArray[np.bool_]
#: So many different values of a column are offered, those that are commonest.
MOST_VALUES = 300


@dataclass(frozen=True, slots=True)
class ColumnFilter:
    """What rows must hold in one column; everything that is given must be met.

    Parameters
    ----------
    text : str
        A part of what stands in the cell, whatever its case.
    values : frozenset or None
        Values of which it must be one, None for a missing one; None leaves all.
    least, most : float or None
        Ends of a range of numbers, both within it.
    """

    text: str = ""
    values: frozenset[object] | None = None
    least: float | None = None
    most: float | None = None

    def __bool__(self) -> bool:
        return bool(self.text) or self.values is not None or self.least is not None or self.most is not None

    def rows(self, columns: Columns, field: str, codes: Callable[[str, str], Sequence[str]]) -> Mask:
        """Return which rows of a table pass.

        Parameters
        ----------
        columns : Columns
        field : str
        codes : callable
            (field, text) → codes that are shown by a word which holds the text; they are found too.
        """
        hit = np.ones(len(columns), bool)
        if self.text:
            hit &= columns.holding(self.text, [field], None, codes)
        value = columns.value(field)
        if self.values is not None:
            hit &= _is_one_of(value, self.values, len(columns))
        if value.kind == "number":
            if self.least is not None:
                hit &= value.known & (value.data >= self.least)
            if self.most is not None:
                hit &= value.known & (value.data <= self.most)
        return hit


@dataclass(frozen=True, slots=True)
class Distinct:
    """The different values of a column.

    Parameters
    ----------
    kind : str
        One of :data:`models.query.values.KINDS`.
    values : tuple of (value, int)
        Values with how many rows hold them, the commonest first; at most :data:`MOST_VALUES`.
    missing : int
        Rows without a value.
    others : int
        Different values that are not listed.
    least, most : float or None
        Of a column of numbers.
    """

    kind: str
    values: tuple[tuple[object, int], ...] = ()
    missing: int = 0
    others: int = 0
    least: float | None = None
    most: float | None = None


def distinct_of(columns: Columns, field: str) -> Distinct:
    """Return the different values of a column; one look at each row, for a job thread."""
    import pyarrow as pa
    import pyarrow.compute as pc

    value = columns.value(field)
    if value.kind not in ("text", "number", "bool"):
        return Distinct(value.kind, missing=int(np.count_nonzero(~value.known)))
    known = value.known
    data = value.data if value.kind == "text" else pa.array(value.data[known])
    counted = pc.value_counts(data.drop_null() if value.kind == "text" else data)
    names, counts = counted.field(0), counted.field(1).to_numpy()
    order = np.argsort(-counts, kind="stable")[:MOST_VALUES]
    pairs = tuple((names[at].as_py(), int(counts[at])) for at in order.tolist())
    ends: dict[str, Any] = {}
    if value.kind == "number" and known.any():
        ends = {"least": float(value.data[known].min()), "most": float(value.data[known].max())}
    return Distinct(
        value.kind, pairs, int(np.count_nonzero(~known)), max(len(names) - len(pairs), 0), **ends
    )  # fmt: skip


def passing(
    columns: Columns,
    filters: Mapping[str, ColumnFilter],
    codes: Callable[[str, str], Sequence[str]] = lambda _field, _text: (),
) -> Mask:
    """Return which rows pass all filters; one of a column that is no longer there asks nothing."""
    hit = np.ones(len(columns), bool)
    for field, one in filters.items():
        if one and field in columns.fields:
            hit &= one.rows(columns, field, codes)
    return hit


def _is_one_of(value: Any, wanted: frozenset[object], count: int) -> Mask:
    import pyarrow as pa
    import pyarrow.compute as pc

    there = [one for one in wanted if one is not None]
    known = np.broadcast_to(value.known, count)
    if value.kind == "text":
        chosen = pa.array([one for one in there if isinstance(one, str)], pa.string())
        hit = pc.is_in(value.data, chosen.cast(value.data.type)).to_numpy(zero_copy_only=False).astype(bool)
    else:
        hit = np.isin(value.data, np.array(there)) if there else np.zeros(len(value.data), bool)
    found: Mask = (np.broadcast_to(hit, count) & known) | (~known if None in wanted else False)
    return found
