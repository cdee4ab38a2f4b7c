"""When a schedule lets a rule judge: spans of time from hours, days, holidays and the sun.

The sun is taken by its declination and the equation of time of the day (Spencer 1971, about two minutes near), with
rising and setting at −0.833° as almanacs have it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TypeAlias

from models.alarms.facts import Facts
from models.alarms.rule import Schedule
from models.readings.batch import DAY_US, MINUTE_US
from models.timeline.zone import zone

Span: TypeAlias = tuple[int, int]
_AHEAD_US = 3 * DAY_US


class Windows:
    """The spans in which a schedule lets a rule judge.

    Parameters
    ----------
    schedule : Schedule
        One that :func:`models.alarms.checked.checked` lets pass.
    facts : Facts
    """

    def __init__(self, schedule: Schedule, facts: Facts) -> None:
        self._schedule = schedule
        self._facts = facts
        self._known: Span | None = None
        self._spans: list[Span] = []

    def pieces(self, from_us: int, to_us: int) -> Iterator[tuple[int, int, bool]]:
        """Yield the pieces (begin < time ≤ end) of a span, each with whether it is let in."""
        at = from_us
        for begin, end in self._between(from_us, to_us):
            if begin - 1 > at:
                yield at, min(begin - 1, to_us), False
            at = max(at, begin - 1)
            if at >= to_us:
                return
            last = min(end - 1, to_us)
            if last > at:
                yield at, last, True
                at = last
        if at < to_us:
            yield at, to_us, False

    def _between(self, from_us: int, to_us: int) -> list[Span]:
        if self._known is None or from_us < self._known[0] or to_us > self._known[1]:
            self._known = (from_us - DAY_US, to_us + _AHEAD_US)
            self._spans = spans(self._schedule, self._facts, *self._known)
        return [span for span in self._spans if span[1] > from_us and span[0] <= to_us]


def spans(schedule: Schedule, facts: Facts, start_us: int, end_us: int) -> list[Span]:
    """Return the spans (begin ≤ time < end) that a schedule lets in, by time, joined where they touch."""
    where = zone(facts.zone)
    day = datetime.fromtimestamp((start_us - DAY_US) / 1e6, where).date()
    last = datetime.fromtimestamp((end_us + DAY_US) / 1e6, where).date()
    found: list[Span] = []
    while day <= last:
        if _is_day(schedule, day):
            found += _of_day(schedule, facts, day)
        day += timedelta(days=1)
    joined: list[Span] = []
    for begin, end in sorted(found):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return [(begin, end) for begin, end in joined if end > start_us and begin < end_us]


def _is_day(schedule: Schedule, day: date) -> bool:
    if schedule.days and day.isoweekday() not in schedule.days:
        return False
    if not schedule.holidays:
        return True
    return is_day_off(day) == (schedule.holidays == "only")


def is_day_off(day: date) -> bool:
    """Tell whether nobody works on a day in China; a year whose days nobody has announced is judged by weekends."""
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_holiday(day))
    except NotImplementedError:
        return day.isoweekday() >= 6


def _of_day(schedule: Schedule, facts: Facts, day: date) -> list[Span]:
    midnight = _us(facts, day)
    whole = [(midnight, _us(facts, day + timedelta(days=1)))]
    clock = [_hours(facts, day, text) for text in schedule.hours] or whole
    if not schedule.sun:
        return clock
    sun = _night(schedule, facts, day) if schedule.sun == "night" else _day(schedule, facts, day)
    if not schedule.hours:
        return sun
    cut = [(max(a, c), min(b, d)) for a, b in clock for c, d in sun]
    return [span for span in cut if span[0] < span[1]]


def minutes_of(text: str) -> tuple[int, int]:
    """Return begin and end of ``"19:30-05:00"``, minutes after midnight; an end that is not later is of the next day.

    Raises
    ------
    ValueError
    """
    begin, end = (_minute(part) for part in text.split("-"))
    return begin, end if end > begin else end + 24 * 60


def _minute(text: str) -> int:
    hour, minute = (int(part) for part in text.strip().split(":"))
    if not (0 <= hour <= 24 and 0 <= minute < 60 and hour * 60 + minute <= 24 * 60):
        raise ValueError(text)
    return hour * 60 + minute


def _us(facts: Facts, day: date, minutes: int = 0) -> int:
    """Return a time of the clock on a day; hours past midnight are of the day after, as its clock says."""
    later, rest = divmod(minutes, 24 * 60)
    moment = datetime.combine(day + timedelta(days=later), datetime.min.time(), zone(facts.zone))
    return round(moment.replace(hour=rest // 60, minute=rest % 60).timestamp()) * 1_000_000


def _hours(facts: Facts, day: date, text: str) -> Span:
    begin, end = minutes_of(text)
    return _us(facts, day, begin), _us(facts, day, end)


def sun_times(facts: Facts, day: date) -> Span | None:
    """Return sunrise and sunset of a day, µs UTC; None where the sun does not rise or set."""
    angle = 2 * math.pi * (day.timetuple().tm_yday - 1) / 365
    declination = (
        0.006918 - 0.399912 * math.cos(angle) + 0.070257 * math.sin(angle) - 0.006758 * math.cos(2 * angle)
        + 0.000907 * math.sin(2 * angle) - 0.002697 * math.cos(3 * angle) + 0.00148 * math.sin(3 * angle)
    )  # fmt: skip
    equation_min = 229.18 * (
        0.000075 + 0.001868 * math.cos(angle) - 0.032077 * math.sin(angle)
        - 0.014615 * math.cos(2 * angle) - 0.040849 * math.sin(2 * angle)
    )  # fmt: skip
    lat = math.radians(facts.lat_deg)
    cosine = math.sin(math.radians(-0.833)) / (math.cos(lat) * math.cos(declination)) - math.tan(lat) * math.tan(
        declination
    )
    if abs(cosine) > 1:
        return None
    half_min = math.degrees(math.acos(cosine)) * 4
    noon_min = 720 - 4 * facts.lon_deg - equation_min
    midnight_utc = round(datetime.combine(day, datetime.min.time()).replace(tzinfo=zone("UTC")).timestamp()) * 1_000_000
    return (
        midnight_utc + round((noon_min - half_min) * MINUTE_US), midnight_utc + round((noon_min + half_min) * MINUTE_US)
    )  # fmt: skip


def _day(schedule: Schedule, facts: Facts, day: date) -> list[Span]:
    times = sun_times(facts, day)
    margin = round(schedule.sun_margin_min * MINUTE_US)
    return [] if times is None else _ordered(times[0] + margin, times[1] - margin)


def _night(schedule: Schedule, facts: Facts, day: date) -> list[Span]:
    evening, morning = sun_times(facts, day), sun_times(facts, day + timedelta(days=1))
    margin = round(schedule.sun_margin_min * MINUTE_US)
    return [] if evening is None or morning is None else _ordered(evening[1] + margin, morning[0] - margin)


def _ordered(begin: int, end: int) -> list[Span]:
    return [(begin, end)] if begin < end else []
