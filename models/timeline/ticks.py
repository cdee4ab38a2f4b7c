"""Where a time line has its ticks: round times of a zone, as many as there is room for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from models.readings.batch import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from models.timeline.zone import DEFAULT_ZONE, local, us_of

_STEPS_US = (
    MINUTE_US, 5 * MINUTE_US, 15 * MINUTE_US, 30 * MINUTE_US, HOUR_US, 3 * HOUR_US, 6 * HOUR_US, 12 * HOUR_US,
    DAY_US, 2 * DAY_US, 7 * DAY_US,
)  # fmt: skip
_MONTHS = (1, 3, 6, 12, 60, 240)
_MONTH_US = 30 * DAY_US


@dataclass(frozen=True, slots=True)
class TimeTick:
    """A tick with its words.

    Parameters
    ----------
    moment_us : int
    text : str
    strong : bool
        The first of a new day (or year).
    """

    moment_us: int
    text: str
    strong: bool


def time_ticks(span_us: tuple[int, int], most: int, zone: str = DEFAULT_ZONE) -> list[TimeTick]:
    """Return the ticks of a span, at most ``most``."""
    first, last = span_us
    if last <= first or most < 1:
        return []
    wanted = (last - first) / most
    step = next((one for one in _STEPS_US if one >= wanted), 0)
    return _even(first, last, step, zone) if step else _monthly(first, last, wanted, zone)


def _even(first: int, last: int, step_us: int, zone: str) -> list[TimeTick]:
    """Return ticks on the raster of local midnights."""
    at = local(first, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if step_us > DAY_US:  # the same days however the line is moved
        at -= timedelta(days=at.toordinal() % (step_us // DAY_US))
    made: list[TimeTick] = []
    while (moment_us := us_of(at)) <= last:
        if moment_us >= first:
            new_day = at.hour == 0 and at.minute == 0
            made.append(TimeTick(moment_us, f"{at:%m-%d}" if new_day else f"{at:%H:%M}", new_day and step_us < DAY_US))
        at += timedelta(seconds=step_us // SECOND_US)
    return made


def _monthly(first: int, last: int, wanted_us: float, zone: str) -> list[TimeTick]:
    months = next((one for one in _MONTHS if one * _MONTH_US >= wanted_us), _MONTHS[-1])
    began = local(first, zone)
    number = (began.year * 12 + began.month - 1) // months * months
    made: list[TimeTick] = []
    while True:
        year, month = divmod(number, 12)
        if year > 9999:
            return made
        at = began.replace(year=max(year, 1), month=month + 1, day=1, hour=0, minute=0, second=0, microsecond=0)
        moment_us = us_of(at)
        if moment_us > last:
            return made
        if moment_us >= first:
            made.append(TimeTick(moment_us, f"{at:%Y}" if months >= 12 else f"{at:%Y-%m}", month == 0))
        number += months
