"""Which class every object of a table falls into, and classes made from what a table holds.

Everything works on whole columns: a million rows take a fraction of a second, and nothing but the columns that are
asked for is touched (no geometry).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.style.breaks import class_of, limits, rounded
from models.style.kinds import Class, Symbology
from models.style.ramps import DEFAULT, DEFAULT_CATEGORIES, DEFAULT_DIVERGING, ramp

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: What has no value.
NO_DATA = -1
#: More categories than this are not a legend any more; the rest is "other".
MOST_CATEGORIES = 30

#: ``matches(expression, table)`` says which rows satisfy an expression, (n,) bool.
Matcher = Callable[[str, pd.DataFrame], NDArray[np.bool_]]


def numbers_of(table: pd.DataFrame, field: str) -> Floats:
    """Return a column as numbers, NaN where it holds none; text such as ``"15 m"`` or ``"约12"`` is read."""
    if field not in table.columns:
        return np.full(len(table), np.nan)
    column = table[field]
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        values: Floats = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        return np.where(np.isfinite(values), values, np.nan)
    from models.buildings.heights import read_numbers

    return read_numbers(column)


def texts_of(table: pd.DataFrame, field: str) -> tuple[Ints, list[str]]:
    """Return for each row the number of its value, -1 for none, and the values as text."""
    if field not in table.columns:
        return np.full(len(table), -1, dtype=np.int64), []
    rows, found = pd.factorize(table[field], use_na_sentinel=True)
    texts = [text_of(value) for value in found]
    # 3 and 3.0, "a" and "a " are one category
    again, merged = pd.factorize(np.array(texts, dtype=object))
    rows = np.where(rows < 0, -1, again[rows] if len(again) else -1).astype(np.int64)
    names = [str(text) for text in merged]
    if "" in names:
        rows[rows == names.index("")] = -1
    return rows, names


def text_of(value: Any) -> str:
    """Return a value as a category names it: 3.0 is ``"3"``."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()


def is_number(table: pd.DataFrame, field: str) -> bool:
    """Whether a column holds numbers (not codes written as text)."""
    column = table.get(field)
    return column is not None and pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def codes_of(symbology: Symbology, table: pd.DataFrame, matches: Matcher | None = None) -> Ints:
    """Return the class of every row.

    Parameters
    ----------
    symbology : Symbology
        ``single``, ``categorised``, ``graduated`` or ``rules``.
    table : DataFrame
    matches : callable, optional
        For rules; None takes :func:`models.style.matching.matches`.

    Returns
    -------
    ndarray (n,) int64
        Number of the class; ``len(classes)`` for *other*; :data:`NO_DATA`.
    """
    count, classes = len(table), symbology.classes
    if symbology.kind == "single":
        return np.zeros(count, dtype=np.int64)
    if symbology.kind == "rules":
        return _by_rules(classes, table, matches)
    if symbology.kind == "categorised":
        rows, names = texts_of(table, symbology.field)
        known = {one.value: number for number, one in enumerate(classes)}
        # one more at the end: what -1 points to
        target = np.array([known.get(name, len(classes)) for name in names] + [NO_DATA], dtype=np.int64)
        return target[rows]
    values = numbers_of(table, symbology.field)
    return class_of(values, inner_limits(classes)) if classes else np.where(np.isfinite(values), 0, NO_DATA)


def inner_limits(classes: Sequence[Class]) -> tuple[float, ...]:
    """Return the limits between graduated classes."""
    return tuple(one.low for one in classes[1:] if one.low is not None)


def _by_rules(classes: Sequence[Class], table: pd.DataFrame, matches: Matcher | None) -> Ints:
    if matches is None:
        from models.style.matching import matches as own

        matches = own
    found = np.full(len(table), len(classes), dtype=np.int64)
    otherwise = next((number for number, one in enumerate(classes) if not one.expression.strip()), None)
    for number, one in enumerate(classes):
        if one.expression.strip():
            found[(found == len(classes)) & matches(one.expression, table)] = number
    if otherwise is not None:
        found[found == len(classes)] = otherwise
    return found


def counts_of(symbology: Symbology, codes: Ints) -> tuple[tuple[int, ...], int, int]:
    """Return how many objects are in each class, in *other*, and without a value."""
    size = len(symbology.classes)
    found = np.bincount(codes[codes >= 0], minlength=size + 1)
    return tuple(int(n) for n in found[:size]), int(found[size:].sum()), int((codes < 0).sum())


def shares_of(symbology: Symbology, values: Floats) -> Floats:
    """Return how far along a continuous ramp each value lies, 0…1, NaN where there is none."""
    low, high = ends_of(symbology, values)
    if symbology.midpoint is None:
        spread = high - low
        share = (values - low) / spread if spread > 0 else np.where(np.isfinite(values), 0.5, np.nan)
    else:
        reach = max(abs(high - symbology.midpoint), abs(symbology.midpoint - low), 1e-12)
        share = 0.5 + (values - symbology.midpoint) / (2 * reach)
    return np.clip(share, 0.0, 1.0)


def ends_of(symbology: Symbology, values: Floats) -> tuple[float, float]:
    """Return the ends of a continuous ramp: as set, else the 2nd and 98th hundredth of the values."""
    known = values[np.isfinite(values)]
    own = np.quantile(known, [0.02, 0.98]) if len(known) else np.array([0.0, 1.0])
    if own[0] == own[1] and len(known):
        own = np.array([known.min(), known.max()])
    low = float(own[0]) if symbology.low is None else symbology.low
    high = float(own[1]) if symbology.high is None else symbology.high
    return (low, high) if low <= high else (high, low)


def classified(symbology: Symbology, table: pd.DataFrame) -> Symbology:
    """Return the symbology with classes made anew from a table, by its field, method, count and ramp.

    Names and what is hidden are kept where a class stays the same.
    """
    if symbology.kind == "categorised":
        return _categories(symbology, table)
    if symbology.kind == "graduated":
        values = numbers_of(table, symbology.field)
        if symbology.method == "manual":
            inner = inner_limits(symbology.classes)
        else:
            inner = limits(values, symbology.method, symbology.count)
            if symbology.method in ("quantiles", "jenks", "deviation"):
                inner = rounded(inner, values)
        return with_limits(symbology, inner)
    return symbology


def missing_classes(symbology: Symbology) -> int:
    """Return how many classes fewer there are than were asked for, because too many values are equal.

    Round limits and standard deviations only come near a number of classes, and set by hand there are as many as are
    wanted: nothing is missing there.
    """
    if symbology.kind != "graduated" or symbology.method not in ("quantiles", "equal", "jenks"):
        return 0
    return max(symbology.count - len(symbology.classes), 0) if symbology.classes else 0


def with_limits(symbology: Symbology, inner: Sequence[float]) -> Symbology:
    """Return a graduated symbology with these limits between its classes."""
    colours = ramp(symbology.ramp).classes(len(inner) + 1, reverse=symbology.reverse)
    kept = {(one.low, one.high): one for one in symbology.classes}
    edges: list[float | None] = [None, *inner, None]
    classes = []
    for number, colour in enumerate(colours):
        low, high = edges[number], edges[number + 1]
        classes.append(replace(kept.get((low, high), Class()), low=low, high=high, colour=colour))
    return replace(symbology, classes=tuple(classes))


def recoloured(symbology: Symbology) -> Symbology:
    """Return the symbology with its classes in the colours of its ramp."""
    colours = ramp(symbology.ramp).classes(len(symbology.classes), reverse=symbology.reverse)
    classes = tuple(replace(one, colour=colour) for one, colour in zip(symbology.classes, colours, strict=True))
    return replace(symbology, classes=classes)


def _categories(symbology: Symbology, table: pd.DataFrame) -> Symbology:
    rows, names = texts_of(table, symbology.field)
    counts = np.bincount(rows[rows >= 0], minlength=len(names))
    known = [k for k in range(len(names)) if counts[k]]
    order = sorted(known, key=lambda k: (-int(counts[k]), names[k]))[:MOST_CATEGORIES]
    kept = {one.value: one for one in symbology.classes}
    # The commonest category has the first colour, which is the calmest; numbers keep their order instead.
    if all(_sort_key(names[k])[0] == 0 for k in order):
        order.sort(key=lambda k: _sort_key(names[k]))
    colours = ramp(symbology.ramp).classes(max(len(order), 1), reverse=symbology.reverse)
    classes = tuple(
        replace(kept.get(names[k], Class()), value=names[k], colour=colours[number]) for number, k in enumerate(order)
    )
    return replace(symbology, classes=classes)


def _sort_key(name: str) -> tuple[int, float, str]:
    """Sort numbers as numbers, before words."""
    try:
        return 0, float(name), name
    except ValueError:
        return 1, 0.0, name


def proposed(kind: str, field: str, table: pd.DataFrame, basis: Symbology | None = None) -> Symbology:
    """Return a style of a kind with good beginnings: a ramp that suits, five classes, the ends of the values."""
    start = basis or Symbology()
    if kind == "categorised":
        return classified(replace(start, kind=kind, field=field, ramp=DEFAULT_CATEGORIES, classes=()), table)
    if kind in ("graduated", "ramp"):
        values = numbers_of(table, field)
        known = values[np.isfinite(values)]
        two_ways = bool(len(known)) and float(known.min()) < 0 < float(known.max())
        chosen = DEFAULT_DIVERGING if two_ways else DEFAULT if ramp(start.ramp).kind != "sequential" else start.ramp
        midpoint = 0.0 if two_ways and kind == "ramp" else None
        made = replace(start, kind=kind, field=field, ramp=chosen, classes=(), midpoint=midpoint)
        return classified(made, table)
    return replace(start, kind=kind, field=field)
