"""What happened along time: ticks and bands for a line of so many pixels, however many thousands there were.

Invariants
----------
1. What is drawn is bounded by the width of the line, never by how much happened: events of one kind that fall on one
   place are one mark, which says how many they are and is as grave as the gravest.
2. Nothing is lost in counting: the counts of the marks add up to the events in view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

#: An event that has not ended.
OPEN_US = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one kind as columns.

    Parameters
    ----------
    kind : str
        ``"alarm"``, ``"case"``.
    start_us : (n,) int64
    end_us : (n,) int64
        :data:`OPEN_US` for what has not ended.
    severity : (n,) uint8
        1 for the gravest; 0 where there is none.
    names : tuple of str
        What each is called, where they are told singly.
    """

    kind: str
    start_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    severity: NDArray[np.uint8]
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.start_us)


def events(
    kind: str, start_us: Sequence[int] | NDArray[np.int64], end_us: Sequence[int] | NDArray[np.int64],
    severity: Sequence[int] | NDArray[np.uint8], names: Sequence[str] = (),
) -> Events:  # fmt: skip
    """Return events in the order of their beginning; ends are :data:`OPEN_US` for what has not ended."""
    starts, ends = np.asarray(start_us, np.int64), np.asarray(end_us, np.int64)
    order = np.argsort(starts, kind="stable")
    told = tuple(names[at] for at in order.tolist()) if len(names) else ()
    return Events(kind, starts[order], ends[order], np.asarray(severity, np.uint8)[order], told)


@dataclass(frozen=True, slots=True)
class Mark:
    """What is drawn at one place of the line.

    Parameters
    ----------
    kind : str
    at : int
        Column of the line.
    moment_us : int
        When the first of them began.
    count : int
    severity : int
        The gravest, 1 … ; 0 where there is none.
    names : tuple of str
        Of the first few, the gravest first.
    """

    kind: str
    at: int
    moment_us: int
    count: int
    severity: int
    names: tuple[str, ...] = ()


#: So many are named in one mark.
MOST_NAMES = 3


def marks(found: Events, span_us: tuple[int, int], columns: int) -> list[Mark]:
    """Return what is drawn of events that begin in a span, at most one mark a column.

    Parameters
    ----------
    found : Events
    span_us : (int, int)
        First and last moment of the line.
    columns : int
    """
    first, last = span_us
    inside = np.flatnonzero((found.start_us >= first) & (found.start_us <= last))
    if not len(inside) or columns < 1 or last <= first:
        return []
    share = (found.start_us[inside] - first) / (last - first)
    column = np.minimum((share * columns).astype(np.int64), columns - 1)
    rank = np.where(found.severity[inside] == 0, 255, found.severity[inside])
    order = np.lexsort((found.start_us[inside], rank, column))
    column, rows, rank = column[order], inside[order], rank[order]
    begins = np.flatnonzero(np.append(True, column[1:] != column[:-1]))
    ends = np.append(begins[1:], len(column))
    made = []
    for low, high in zip(begins.tolist(), ends.tolist(), strict=True):
        grade = int(rank[low])
        told = tuple(found.names[at] for at in rows[low : low + MOST_NAMES].tolist()) if found.names else ()
        moment_us = int(found.start_us[rows[low:high]].min())
        made.append(Mark(found.kind, int(column[low]), moment_us, high - low, 0 if grade == 255 else grade, told))
    return made


def open_at(found: Events, moment_us: int) -> NDArray[np.intp]:
    """Return the rows of the events that were going on at a moment."""
    return np.flatnonzero((found.start_us <= moment_us) & (found.end_us > moment_us))


@dataclass(frozen=True, slots=True)
class Band:
    """Something that lasts: a run of a model.

    Parameters
    ----------
    kind : str
    start_us, end_us : int
    name : str
    """

    kind: str
    start_us: int
    end_us: int
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """All that stands on the time line.

    Parameters
    ----------
    whole_us : (int, int) or None
        From the first to the last thing that has a time; None where nothing has.
    events : tuple of Events
    bands : tuple of Band
    rain_us : (n,) int64
        Beginnings of equal steps.
    rain_mm : (n,) float64
        Rain in each, the mean of the gauges that reported; NaN where none did.
    """

    whole_us: tuple[int, int] | None = None
    events: tuple[Events, ...] = ()
    bands: tuple[Band, ...] = ()
    rain_us: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    rain_mm: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
