"""Whether conditions are true, over arrays: false, unknown or true (Kleene's logic).

Each input of a condition is a column of values, a row for every moment at which one of them changed; NaN is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.alarms.rule import AllOf, AnyOf, Compare, Condition, NoneOf, Silent

Array: TypeAlias = NDArray[np.float64]
Truth: TypeAlias = NDArray[np.int8]

FALSE, UNKNOWN, TRUE = 0, 1, 2
#: What a comparison reads: quantity, neighbour, measure, span in seconds.
Input: TypeAlias = tuple[str, str, str, float]

_COMPARE = {
    ">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal, "==": np.equal, "!=": np.not_equal,
}  # fmt: skip
#: Which way a threshold moves with hysteresis.
_RELAX = {">": -1.0, ">=": -1.0, "<": 1.0, "<=": 1.0, "==": 0.0, "!=": 0.0}


def inputs_of(leaf: Compare) -> tuple[Input, ...]:
    """Return what a comparison reads."""
    own = (leaf.quantity, "", leaf.measure, leaf.over_s if leaf.measure != "value" else 0.0)
    return (own, (leaf.quantity, leaf.neighbour, *own[2:])) if leaf.neighbour else (own,)


def has_hysteresis(condition: Condition) -> bool:
    """Tell whether a condition stays true for a while behind its thresholds."""
    match condition:
        case AllOf(all=parts) | AnyOf(any=parts) | NoneOf(none=parts):
            return any(has_hysteresis(part) for part in parts)
        case Compare(hysteresis=margin):
            return margin > 0
        case _:
            return False


def truth_of(
    condition: Condition,
    columns: Mapping[Input, Array],
    facts: Mapping[str, Array],
    subject: NDArray[np.int32],
    relaxed: bool = False,
) -> Truth:
    """Return the truth of a condition, row by row.

    Parameters
    ----------
    condition : Condition
    columns : mapping of Input to (n,) float64
    facts : mapping of str to float64 by subject
    subject : (n,) int32
    relaxed : bool
        With thresholds moved back by their hysteresis.
    """
    match condition:
        case AllOf(all=parts):
            return _folded(np.minimum, TRUE, parts, columns, facts, subject, relaxed)
        case AnyOf(any=parts):
            return _folded(np.maximum, FALSE, parts, columns, facts, subject, relaxed)
        case NoneOf(none=parts):
            # The inside of a NOT is relaxed the other way round: not at all.
            inside = _folded(np.maximum, FALSE, parts, columns, facts, subject, False)
            return np.asarray(TRUE - inside, np.int8)
        case Silent():
            raise ValueError("silence is no matter of values")
        case Compare():
            value = columns[inputs_of(condition)[0]]
            threshold: Array | float = condition.value + (_RELAX[condition.op] * condition.hysteresis if relaxed else 0)
            unknown = np.isnan(value)
            if condition.fact:
                threshold = threshold + condition.factor * facts[condition.fact][subject]
                unknown |= np.isnan(threshold)
            elif condition.neighbour:
                threshold = threshold + condition.factor * columns[inputs_of(condition)[1]]
                unknown |= np.isnan(threshold)
            told = _COMPARE[condition.op](value, threshold).view(np.int8) * np.int8(TRUE)
            told[unknown] = UNKNOWN
            return np.asarray(told, np.int8)


def _folded(
    fold: np.ufunc,
    start: int,
    parts: tuple[Condition, ...],
    columns: Mapping[Input, Array],
    facts: Mapping[str, Array],
    subject: NDArray[np.int32],
    relaxed: bool,
) -> Truth:
    told = np.full(len(subject), start, np.int8)
    for part in parts:
        fold(told, truth_of(part, columns, facts, subject, relaxed), out=told)
    return told


def latched(strict: Truth, relaxed: Truth, first: NDArray[np.bool_], before: Truth) -> Truth:
    """Return the truth with hysteresis: true once ``strict`` is, until ``relaxed`` is false.

    Parameters
    ----------
    strict, relaxed : (n,) int8
    first : (n,) bool
        Rows at which another subject begins.
    before : (number of subjects in the rows,) int8
        What each held at its first row.
    """
    told = strict.copy()
    between = (strict == FALSE) & (relaxed == TRUE)
    told[first] = before
    decides = ~between | first
    told = told[np.maximum.accumulate(np.where(decides, np.arange(len(told)), 0))]
    told[between & ~first & (told != TRUE)] = FALSE
    return np.asarray(told, np.int8)
