"""The clock of cases: urgent ones run through nights and holidays, others in working hours only.

Invariants
----------
1. A year whose holidays nobody knows is said (:attr:`WorkCalendar.unknown_years`), never taken for a year without any:
   a deadline in it is unknown.
2. Moments are µs since 1970 UTC; working hours stand in a zone, so that a zone with summer time would be right too.
3. Working time is a function of time that never falls: worked hours and deadlines are read off the same curve, for one
   case as for a million.

Public holidays and made-up working days come from ``chinesecalendar``, or from what a city states of a year
(:class:`YearDays`); hours and limits from ``resources/standards/cases/clock.toml`` and what a city puts in their place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from resources.standards import standard

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOUR_US = 3_600_000_000
#: Moment that is not there, in arrays.
NONE_US = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class CaseLimit:
    """How long a case may take from its filing on.

    Parameters
    ----------
    hours : float
        Working hours; hours by the clock where urgent.
    urgent : bool
    class_prefix : str
        Beginning of the class codes that it holds for; empty for all.
    zh, en, source : str
        What it is and where it stands (document and clause).
    """

    hours: float
    urgent: bool = False
    class_prefix: str = ""
    zh: str = ""
    en: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class YearDays:
    """What a city states of a year that the program does not know.

    Parameters
    ----------
    year : int
    holidays, workdays : tuple of str
        ISO days off that fall on Monday to Friday; weekend days that are worked.
    source : str
        The notice that says so.
    """

    year: int
    holidays: tuple[str, ...] = ()
    workdays: tuple[str, ...] = ()
    source: str = ""


@lru_cache(maxsize=1)
def clock_table() -> dict[str, Any]:
    """Return the table of hours, limits, stages and lights."""
    return standard("cases/clock")


def limits(own: Sequence[CaseLimit] = ()) -> tuple[CaseLimit, ...]:
    """Return the limits that hold, the more special first: a city's own before those of the program."""
    given = [
        CaseLimit(float(row["hours"]), bool(row.get("urgent", False)), str(row.get("class", "")), row["zh"], row["en"],
                  row["source"])
        for row in clock_table()["limit"]
    ]  # fmt: skip
    return (*sorted(own, key=lambda one: -len(one.class_prefix)), *given)


def limit_of(class_code: str, urgent: bool, own: Sequence[CaseLimit] = ()) -> CaseLimit:
    """Return the limit of a case."""
    return next(one for one in limits(own) if one.urgent == urgent and class_code.startswith(one.class_prefix))


@lru_cache(maxsize=64)
def _known_days(year: int) -> tuple[bool, ...] | None:
    """Return which days of a year are worked, None where nobody knows."""
    import chinese_calendar

    first = dt.date(year, 1, 1)
    try:
        return tuple(bool(chinese_calendar.is_workday(first + dt.timedelta(days=day))) for day in range(_length(year)))
    except NotImplementedError:
        return None


def _length(year: int) -> int:
    return (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days


class WorkCalendar:
    """Working time of a city.

    Parameters
    ----------
    stated : sequence of YearDays
        Years of which the city says what they are; they go before those that are known.
    sessions : sequence of (str, str)
        Working hours of a day, ``"08:00"`` to ``"12:00"`` …
    zone : str
    """

    def __init__(
        self, stated: Iterable[YearDays] = (), sessions: Sequence[tuple[str, str]] = (), zone: str = ""
    ) -> None:
        hours = clock_table()["hours"]
        self.zone = ZoneInfo(zone or hours["zone"])
        self.day_h = float(hours["day_h"])
        self._sessions = [tuple(map(dt.time.fromisoformat, one)) for one in (sessions or hours["sessions"])]
        self._stated = {one.year: one for one in stated}
        self._curves: dict[tuple[int, int], tuple[NDArray[np.int64], NDArray[np.int64]]] = {}

    def knows(self, year: int) -> bool:
        """Whether the working days of a year are known."""
        return self._days(year) is not None

    def is_workday(self, day: dt.date) -> bool | None:
        """Whether a day is worked, None where nobody knows."""
        days = self._days(day.year)
        return None if days is None else days[day.timetuple().tm_yday - 1]

    def due(self, starts_us: Any, hours: Any, urgent: Any = False) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return deadlines, and the year for want of whose calendar one is unknown.

        Parameters
        ----------
        starts_us : array_like of int
            Filing; :data:`NONE_US` where there is none.
        hours : array_like of float
        urgent : array_like of bool
            Time by the clock instead of working time.

        Returns
        -------
        due_us : ndarray of int64
            :data:`NONE_US` where there is none or nobody can know it.
        unknown : ndarray of int64
            Year, 0 where the deadline is known.
        """
        starts, hours, urgent = np.broadcast_arrays(
            np.asarray(starts_us, np.int64), np.asarray(hours, np.float64), np.asarray(urgent, bool)
        )
        spans = np.round(hours * HOUR_US).astype(np.int64)
        due, unknown = np.full(starts.shape, NONE_US), np.zeros(starts.shape, np.int64)
        there = starts != NONE_US
        due[there & urgent] = starts[there & urgent] + spans[there & urgent]
        asked = there & ~urgent
        for first, last, mine in self._runs(starts, asked, unknown):
            edges, worked = self._curve(first, last)
            target = self._worked(edges, worked, starts[mine]) + spans[mine]
            # The first moment at which so much is worked: the end of an afternoon, not the next morning.
            at = np.minimum(np.searchsorted(worked, target, side="left"), len(edges) - 1)
            ends = edges[at] - (worked[at] - target)
            beyond = target > worked[-1]
            places = np.flatnonzero(mine)
            due[places] = np.where(beyond, NONE_US, np.maximum(ends, starts[mine]))
            unknown[places] = np.where(beyond, last + 1, 0)
        return due, unknown

    def worked_h(self, starts_us: Any, ends_us: Any) -> NDArray[np.float64]:
        """Return the working hours between moments, negative where the end is first; NaN where nobody can know."""
        starts, ends = np.broadcast_arrays(np.asarray(starts_us, np.int64), np.asarray(ends_us, np.int64))
        found = np.full(starts.shape, np.nan)
        there = (starts != NONE_US) & (ends != NONE_US)
        for first, last, mine in self._runs(starts, there, np.zeros(starts.shape, np.int64)):
            edges, worked = self._curve(first, last)
            inside = (ends[mine] >= edges[0]) & (ends[mine] <= edges[-1])
            hours = (self._worked(edges, worked, ends[mine]) - self._worked(edges, worked, starts[mine])) / HOUR_US
            found[mine] = np.where(inside, hours, np.nan)
        return found

    def _runs(
        self, starts: NDArray[np.int64], asked: NDArray[np.bool_], unknown: NDArray[np.int64]
    ) -> list[tuple[int, int, NDArray[np.bool_]]]:
        """Return runs of known years with the cases that begin in each; years that are not known are noted."""
        if not asked.any():
            return []
        years = np.zeros(starts.shape, np.int64)
        years[asked] = self._years(starts[asked])
        runs: list[tuple[int, int, NDArray[np.bool_]]] = []
        for year in np.unique(years[asked]).tolist():
            here = asked & (years == year)
            if not self.knows(year):
                unknown[here] = year
                continue
            first, last = year, year
            while self.knows(first - 1) and year - first < 1:
                first -= 1
            while self.knows(last + 1) and last - year < 3:
                last += 1
            runs.append((first, last, here))
        return runs

    def _years(self, moments_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the years in the calendar's zone."""
        low, high = int(moments_us.min()), int(moments_us.max())
        first, last = (dt.datetime.fromtimestamp(at / 1e6, self.zone).year for at in (low, high))
        news = np.array([self._moment(dt.date(year, 1, 1), dt.time()) for year in range(first + 1, last + 1)], np.int64)
        return first + np.searchsorted(news, moments_us, side="right")

    def _curve(self, first: int, last: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the edges of working time over some years, and how much (µs) is worked up to each."""
        if (first, last) not in self._curves:
            edges, steps = [self._moment(dt.date(first, 1, 1), dt.time())], [0]
            for year in range(first, last + 1):
                for day, is_worked in enumerate(self._days(year) or ()):
                    if is_worked:
                        date = dt.date(year, 1, 1) + dt.timedelta(days=day)
                        for begin, end in self._sessions:
                            edges += [self._moment(date, begin), self._moment(date, end)]
                            steps += [0, edges[-1] - edges[-2]]
            edges.append(self._moment(dt.date(last + 1, 1, 1), dt.time()))
            steps.append(0)
            self._curves[first, last] = np.array(edges, np.int64), np.cumsum(np.array(steps, np.int64))
        return self._curves[first, last]

    @staticmethod
    def _worked(
        edges: NDArray[np.int64], worked: NDArray[np.int64], moments_us: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Return how much is worked up to moments, in whole µs: floats would lose them."""
        at = np.clip(np.searchsorted(edges, moments_us, side="right") - 1, 0, len(edges) - 2)
        return worked[at] + np.where(worked[at + 1] > worked[at], np.clip(moments_us - edges[at], 0, None), 0)

    def _moment(self, day: dt.date, time: dt.time) -> int:
        return round(dt.datetime.combine(day, time, self.zone).timestamp()) * 1_000_000

    def _days(self, year: int) -> tuple[bool, ...] | None:
        stated = self._stated.get(year)
        if stated is None:
            return _known_days(year) if 1 <= year < dt.MAXYEAR else None
        first = dt.date(year, 1, 1)
        days = [first + dt.timedelta(days=day) for day in range(_length(year))]
        return tuple(
            day.isoformat() in stated.workdays or (day.weekday() < 5 and day.isoformat() not in stated.holidays)
            for day in days
        )


def due_of(calendar: WorkCalendar, start_us: int, hours: float, urgent: bool = False) -> tuple[int | None, str]:
    """Return the deadline of one case, or None and the year whose calendar nobody knows."""
    due, unknown = calendar.due([start_us], [hours], [urgent])
    return (None, str(int(unknown[0]))) if unknown[0] else (int(due[0]), "")
