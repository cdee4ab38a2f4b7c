"""The clock of cases against one that walks minute by minute."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import chinese_calendar
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cases.deadline import NONE_US, WorkCalendar, YearDays, due_of

CHINA = ZoneInfo("Asia/Shanghai")
MINUTE_US = 60_000_000
starts = st.datetimes(dt.datetime(2024, 1, 2), dt.datetime(2026, 11, 1)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=CHINA)
)


def us(moment: dt.datetime) -> int:
    return round(moment.timestamp()) * 1_000_000


def is_working_minute(moment: dt.datetime) -> bool:
    return chinese_calendar.is_workday(moment.date()) and moment.hour in (8, 9, 10, 11, 14, 15, 16, 17)


def walked(start: dt.datetime, minutes: int) -> dt.datetime:
    """Return the deadline by walking every minute."""
    moment = start
    while minutes > 0:
        minutes -= is_working_minute(moment)
        moment += dt.timedelta(minutes=1)
    return moment


@settings(max_examples=25, deadline=None)
@given(starts, st.integers(1, 30 * 60))
def test_a_deadline_is_the_one_found_minute_by_minute(start: dt.datetime, minutes: int) -> None:
    due, why = due_of(WorkCalendar(), us(start), minutes / 60)
    assert (due, why) == (us(walked(start, minutes)), "")


@settings(max_examples=25, deadline=None)
@given(starts, st.integers(0, 9 * 24 * 60))
def test_worked_hours_are_those_counted_minute_by_minute(start: dt.datetime, minutes: int) -> None:
    end = start + dt.timedelta(minutes=minutes)
    counted = sum(is_working_minute(start + dt.timedelta(minutes=minute)) for minute in range(minutes))
    assert WorkCalendar().worked_h([us(start)], [us(end)])[0] == counted / 60


def test_an_urgent_case_runs_through_night_and_holiday() -> None:
    start = dt.datetime(2025, 10, 1, 23, 30, tzinfo=CHINA)
    assert due_of(WorkCalendar(), us(start), 2, urgent=True) == (us(start + dt.timedelta(hours=2)), "")


def test_made_up_days_are_worked_and_public_holidays_are_not() -> None:
    calendar = WorkCalendar()
    assert calendar.is_workday(dt.date(2025, 9, 28))  # a Sunday worked for the National Day
    assert calendar.is_workday(dt.date(2025, 10, 1)) is False
    start = dt.datetime(2025, 9, 30, 17, 0, tzinfo=CHINA)
    assert due_of(calendar, us(start), 2) == (us(dt.datetime(2025, 10, 9, 9, 0, tzinfo=CHINA)), "")


def test_a_year_that_nobody_knows_is_said_and_not_guessed() -> None:
    calendar = WorkCalendar()
    late = dt.datetime(2026, 12, 31, 17, 30, tzinfo=CHINA)
    assert due_of(calendar, us(late), 0.5) == (us(late + dt.timedelta(minutes=30)), "")
    assert due_of(calendar, us(late), 1) == (None, "2027")
    assert due_of(calendar, us(dt.datetime(2027, 3, 1, 9, tzinfo=CHINA)), 1) == (None, "2027")
    assert np.isnan(calendar.worked_h([us(late)], [us(dt.datetime(2027, 1, 5, tzinfo=CHINA))])[0])


def test_what_a_city_states_of_a_year_holds() -> None:
    calendar = WorkCalendar([YearDays(2027, ("2027-01-01",), ("2027-01-02",), "notice")])
    start = dt.datetime(2026, 12, 31, 17, 30, tzinfo=CHINA)
    assert due_of(calendar, us(start), 1) == (us(dt.datetime(2027, 1, 2, 8, 30, tzinfo=CHINA)), "")


def test_many_cases_have_the_deadlines_that_they_have_alone() -> None:
    calendar, rng = WorkCalendar(), np.random.default_rng(5)
    begins = us(dt.datetime(2024, 6, 1, tzinfo=CHINA)) + rng.integers(0, 800 * 24 * 60, 60) * MINUTE_US
    hours, urgent = rng.integers(1, 60, 60).astype(float), rng.random(60) < 0.3
    due, _ = calendar.due(begins, hours, urgent)
    alone = [due_of(calendar, int(one), float(h), bool(u))[0] for one, h, u in zip(begins, hours, urgent, strict=True)]
    assert due.tolist() == alone
    assert calendar.due([NONE_US], [3.0])[0][0] == NONE_US


def test_another_zone_with_summer_time_loses_no_working_hour() -> None:
    calendar = WorkCalendar(zone="Europe/Berlin")
    before = dt.datetime(2025, 3, 28, 17, 0, tzinfo=ZoneInfo("Europe/Berlin"))  # the clock goes forward on the 30th
    due, _ = due_of(calendar, us(before), 2)
    assert due == us(dt.datetime(2025, 3, 31, 9, 0, tzinfo=ZoneInfo("Europe/Berlin")))
