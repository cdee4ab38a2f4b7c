"""Statistics of a column: summary figures, groups, histogram and box plot.

Invariants
----------
1. What is missing is counted apart and never taken for zero; every figure says of how many it speaks.
2. The bars of a histogram together hold every number that is known, the largest included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.value_text import figure
from models.query import values
from models.query.values import Value

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
#: A histogram has no more bars, and so many categories are drawn one by one.
MOST_BARS, MOST_CATEGORIES = 60, 16


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one column, or of one group of it.

    Parameters
    ----------
    count : int
        Rows.
    missing : int
        Rows without a value.
    sum, mean, median, least, most, spread : float or None
        None where there is no number; ``spread`` is the standard deviation of the sample (n − 1).
    distinct : int
        Different values.
    """

    count: int
    missing: int
    sum: float | None = None
    mean: float | None = None
    median: float | None = None
    least: float | None = None
    most: float | None = None
    spread: float | None = None
    distinct: int = 0

    @property
    def coverage(self) -> float | None:
        """Return the share of rows that have a value, 0…1; None of no rows."""
        return None if not self.count else (self.count - self.missing) / self.count


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """One group: its value (None for rows without one), its rows, its figures.

    ``others`` says of how many rarer values a group that gathers them speaks; its name is empty.
    """

    name: str | None
    rows: Rows
    figures: Figures
    others: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Bar:
    """One bar of a chart: from and to (equal for a category), how many or how much, and the rows behind it.

    ``others`` as of :class:`Group`.
    """

    low: float
    high: float
    height: float
    rows: Rows
    name: str = ""
    others: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """A box plot: quartiles, whiskers at the last value within 1.5 interquartile ranges (Tukey), what lies beyond."""

    name: str
    low: float
    first: float
    median: float
    third: float
    high: float
    beyond: Floats
    rows: Rows


def figures(value: Value, count: int) -> Figures:
    """Return the figures of a column of a table with ``count`` rows."""
    known = np.broadcast_to(value.known, count)
    missing = int(count - np.count_nonzero(known))
    plain = values.as_objects(value, count)
    if value.kind != "number":
        return Figures(count, missing, distinct=_distinct(plain[known]))
    return _of_numbers(plain[known].astype(np.float64), count, missing)


def _of_numbers(numbers: Floats, count: int, missing: int) -> Figures:
    if not len(numbers):
        return Figures(count, missing)
    return Figures(
        count, missing, float(numbers.sum()), float(numbers.mean()), float(np.median(numbers)), float(numbers.min()),
        float(numbers.max()), float(numbers.std(ddof=1)) if len(numbers) > 1 else None, len(np.unique(numbers)),
    )  # fmt: skip


def _distinct(plain: NDArray[Any]) -> int:
    import pandas as pd

    return int(pd.Series(plain).nunique())


def groups(value: Value, by: Value, count: int, most: int = 200) -> list[Group]:
    """Return figures by group: the largest first, the rarer ones beyond ``most`` as one, rows without a group last.

    Parameters
    ----------
    value : Value
        Of what the figures are.
    by : Value
        What makes the groups.
    """
    import pandas as pd

    names = values.as_cells(by, count)
    codes, distinct = pd.factorize(pd.Series(names, dtype=object))
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(-1, len(distinct) + 1))
    parts = [(code, order[starts[code + 1] : starts[code + 2]]) for code in range(len(distinct))]
    plain = None if value.kind == "number" else values.as_objects(value, count)
    named = sorted(((_name(distinct[code]), rows) for code, rows in parts), key=lambda one: (-len(one[1]), one[0]))
    made = [_group(value, plain, count, name, rows) for name, rows in named[:most]]
    if rest := [rows for _, rows in named[most:]]:
        made.append(_group(value, plain, count, "", np.concatenate(rest), len(rest)))
    if len(without := order[: starts[1]]):
        made.append(_group(value, plain, count, None, without))
    return made


def _group(
    value: Value, plain: NDArray[Any] | None, count: int, name: str | None, rows: Rows, others: int = 0
) -> Group:
    known = np.broadcast_to(value.known, count)
    mine = rows[known[rows]]
    missing = len(rows) - len(mine)
    if plain is None:
        own = _of_numbers(np.broadcast_to(value.data, count)[mine].astype(np.float64), len(rows), missing)
    else:
        own = Figures(len(rows), missing, distinct=_distinct(plain[mine]))
    return Group(name, rows.astype(np.int64), own, others)


def _name(value: Any) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        return figure(value)
    return str(value)


def histogram(value: Value, count: int, bins: int = 0) -> list[Bar]:
    """Return the bars of a histogram of equal widths, edges at round numbers; ``bins`` 0 lets the data choose.

    The number of bars is that of Freedman and Diaconis (1981), between 5 and 60. Bars of whole numbers hold whole
    numbers each: their edges lie at halves, so that each of a few storeys has a bar in its place.
    """
    known = np.flatnonzero(np.broadcast_to(value.known, count))
    numbers = values.as_objects(value, count)[known].astype(np.float64)
    if not len(numbers):
        return []
    whole = bool((numbers == np.trunc(numbers)).all())
    edges = _whole_edges(numbers, bins) if whole else _edges(numbers, bins)
    place = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(edges) - 2)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(len(edges)))
    return [
        Bar(float(low), float(high), float(stop - start), known[order[start:stop]])
        for low, high, start, stop in zip(edges[:-1], edges[1:], starts[:-1], starts[1:], strict=True)
    ]


def _whole_edges(numbers: Floats, bins: int) -> Floats:
    """Return edges at halves: one bar a whole number where there are few of them, else several in each."""
    low, high = float(numbers.min()), float(numbers.max())
    if high - low < (bins or MOST_BARS):
        return np.arange(low - 0.5, high + 1.5)
    rough = _edges(numbers, bins)
    step = max(float(np.ceil(rough[1] - rough[0])), 1.0)
    start = np.floor(low / step) * step - 0.5
    made: Floats = start + step * np.arange(int(np.ceil((high - start) / step)) + 1)
    return made


def _edges(numbers: Floats, bins: int) -> Floats:
    low, high = float(numbers.min()), float(numbers.max())
    if low == high:
        half = 0.5 if low == 0 else abs(low) * 0.05
        return np.array([low - half, low + half])
    if bins <= 0:
        first, third = np.quantile(numbers, [0.25, 0.75])
        width = 2 * (third - first) / len(numbers) ** (1 / 3)
        bins = int(np.clip((high - low) / width if width > 0 else 20, 5, MOST_BARS))
    step = _round_step((high - low) / bins)
    start = np.floor(low / step) * step
    made = start + step * np.arange(int(np.ceil((high - start) / step)) + 1)
    return made if made[-1] >= high else np.append(made, made[-1] + step)


def _round_step(step: float) -> float:
    """Return the next width of the form 1, 2 or 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(step))
    return float(next(one * power for one in (1.0, 2.0, 2.5, 5.0, 10.0) if one * power >= step * 0.999))


def bars(made: list[Group], value: Value, count: int, shown: str = "count", *, ordered: bool = False) -> list[Bar]:
    """Return one bar a group, the rarer ones beyond 16 as one; groups whose figure is unknown have none.

    Parameters
    ----------
    made : list of Group
        As :func:`groups` gives them.
    value : Value
        Of what the figures are; a number.
    count : int
        Rows of the table.
    shown : str
        The figure that is a bar's height.
    ordered : bool
        Groups are numbers: they stand in their order where each has a bar.
    """
    named = [group for group in made if group.name is not None]
    drawn, rest = named[:MOST_CATEGORIES], named[MOST_CATEGORIES:]
    if ordered and not rest:
        drawn.sort(key=lambda group: float(group.name or 0))
    if rest:
        others = sum(group.others or 1 for group in rest)
        drawn.append(_group(value, None, count, "", np.concatenate([group.rows for group in rest]), others))
    found = []
    for group in (*drawn, *(group for group in made if group.name is None)):
        height = getattr(group.figures, shown)
        if height is not None:
            found.append(Bar(0.0, 0.0, float(height), group.rows, group.name or "", group.others))
    return found


def boxes(value: Value, made: list[Group], count: int, most: int = 16) -> list[Box]:
    """Return a box for each group that has numbers."""
    plain, known = values.as_objects(value, count), np.broadcast_to(value.known, count)
    found = []
    for group in made[:most]:
        numbers = plain[group.rows[known[group.rows]]].astype(np.float64)
        if not len(numbers):
            continue
        first, median, third = np.quantile(numbers, [0.25, 0.5, 0.75])
        reach = 1.5 * (third - first)
        held = numbers[(numbers >= first - reach) & (numbers <= third + reach)]
        beyond = numbers[(numbers < first - reach) | (numbers > third + reach)]
        found.append(Box(
            group.name or "", float(held.min()), float(first), float(median), float(third), float(held.max()),
            beyond[:: max(1, len(beyond) // 400)], group.rows,
        ))  # fmt: skip
    return found
