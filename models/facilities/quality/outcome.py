"""What a kind of check says of every row of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.facilities.quality.tables import Floats, Mask, Objects, Rows, Table


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """Why some rows could not be judged: the first gap that holds a row says it.

    Parameters
    ----------
    rows : ndarray of bool
    code : str
        ``gate.gap.<code>`` is its sentence.
    facts : mapping
    """

    rows: Mask
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a check found, a value a row of the table; the rule's own choice of rows is applied afterwards.

    Parameters
    ----------
    failed : ndarray of bool
        Asked only of rows that no gap holds.
    gaps : tuple of Gap
    value : ndarray, optional
        What was found: numbers (NaN is nothing to say) or texts.
    limit : ndarray, float or str, optional
        What it should be.
    why : ndarray of str, optional
        Code of the reason where a kind of check knows several: ``gate.why.<code>``.
    places : ndarray (n, 2), optional
        Where it fails, if not at the object's own point.
    other : tuple of Table and ndarray of int, optional
        The object that each row clashes with; -1 for none.
    applies : ndarray of bool, optional
        Rows to which the question applies at all: the rest is neither judged nor missing.
    """

    failed: Mask
    gaps: tuple[Gap, ...] = ()
    value: Floats | Objects | None = None
    limit: Floats | Objects | float | str | None = None
    why: Objects | None = None
    places: Floats | None = None
    other: tuple[Table, Rows] | None = None
    applies: Mask | None = None

    @property
    def known(self) -> Mask:
        """Return the rows that could be judged."""
        known = np.ones(len(self.failed), bool)
        for gap in self.gaps:
            known &= ~gap.rows
        return known


def unjudged(table: Table, code: str, **facts: Any) -> Outcome:
    """Return that no row can be judged."""
    everything = np.ones(len(table), bool)
    return Outcome(~everything, (Gap(everything, code, facts),))


def no_value(table: Table, field_name: str, known: Mask) -> Gap:
    """Return the gap of rows whose field says nothing, or of a table without that field."""
    code = "no_value" if table.has(field_name) else "no_field"
    return Gap(~known, code, {"field": field_name})
