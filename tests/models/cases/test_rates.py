"""Rates of cases against pandas on a table made here; what a table does not tell is told as unknown."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from models.cases.deadline import WorkCalendar
from models.cases.denominator import Denominator
from models.cases.flow import ids_of, moves, next_moves, states
from models.cases.measures import Measures, measured
from models.cases.rates import RateDef, checked, rate_defs, rates, tallied
from models.core.errors import UserError

CHINA = ZoneInfo("Asia/Shanghai")
AS_OF = dt.datetime(2025, 9, 1, 9, tzinfo=CHINA)
AS_OF_US = round(AS_OF.timestamp()) * 1_000_000


def table(count: int = 4000, seed: int = 3) -> pd.DataFrame:
    """Return cases of a month, some of each kind, with times as texts."""
    rng = np.random.default_rng(seed)
    reported = pd.Timestamp("2025-07-01T08:00+08:00") + pd.to_timedelta(rng.integers(0, 60 * 24 * 45, count), "min")
    due = reported + pd.Timedelta(days=3)
    handled = reported + pd.to_timedelta(rng.integers(1, 60 * 24 * 6, count), "min")
    names = np.array(
        ["reported", "accepted", "filed", "dispatched", "in_work", "handled", "closed", "void", "rejected"]
    )
    state = rng.choice(names, count, p=[0.05, 0.05, 0.1, 0.1, 0.1, 0.1, 0.4, 0.05, 0.05])
    is_done = np.isin(state, ["handled", "closed"])
    frame = pd.DataFrame({
        "taskNum": np.arange(count).astype(str), "state": [states()[one].zh for one in state],
        "reported_at": [one.isoformat() for one in reported],
        "handled_at": np.where(is_done, [one.isoformat() for one in handled], None),
        "closed_at": np.where(state == "closed", [one.isoformat() for one in handled + pd.Timedelta(hours=1)], None),
        "due_at": np.where(np.isin(state, ["reported", "accepted", "void", "rejected"]), None,
                           [one.isoformat() for one in due]),
        "reworks": rng.integers(0, 3, count), "district_code": rng.choice(["a", "b", "c"], count),
    }, index=pd.RangeIndex(1, count + 1))  # fmt: skip
    return frame.assign(s=state, h=handled, d=due, r=reported)


def of(frame: pd.DataFrame) -> Measures:
    return measured(frame.drop(columns=["s", "h", "d", "r"], errors="ignore"), WorkCalendar(), AS_OF_US)


def defined(name: str, *own: Denominator) -> RateDef:
    return next(one for one in rate_defs(own) if one.id == name)


def test_rates_by_district_are_those_of_pandas() -> None:
    frame = table()
    done = frame.s.isin(["handled", "closed"])
    running = frame.s.isin(["filed", "dispatched", "in_work"])
    due = done | (running & (frame.d <= AS_OF))
    in_time = done & (frame.h <= frame.d)
    for one in rates(of(frame), [defined("handling_in_time")], "district"):
        mine = frame.district_code == one.group
        assert (one.numerator, one.denominator, one.unknown) == ((in_time & mine).sum(), (due & mine).sum(), 0)
        assert one.value == pytest.approx((in_time & mine).sum() / (due & mine).sum())
    (whole,) = rates(of(frame), [defined("completion")])
    assert (whole.numerator, whole.denominator) == (
        (frame.s == "closed").sum(),
        (~frame.s.isin(["void", "rejected"])).sum(),
    )


def test_a_rate_without_a_denominator_has_no_value_and_says_why_until_the_city_sets_one() -> None:
    told = of(table(500))
    for name in ("filing", "dispatching", "checking", "satisfaction", "overdue", "rework"):
        (one,) = rates(told, [defined(name)])
        assert (one.value, one.why) == (None, "no_denominator")
    own = checked(Denominator("rework", "dispatched", "城管办〔2025〕3号", "第8条"))
    (one,) = rates(told, [defined("rework", own)])
    assert one.value is not None
    assert one.rate.source == "城管办〔2025〕3号 第8条"


def test_a_denominator_needs_a_document_and_one_with_a_source_stays() -> None:
    for wrong, code in (
        (Denominator("rework", "dispatched", " "), "cases.no_document"),
        (Denominator("handling", "valid", "x"), "cases.has_denominator"),
        (Denominator("rework", "moon", "x"), "cases.no_count"),
        (Denominator("moon", "valid", "x"), "cases.no_rate"),
    ):
        with pytest.raises(UserError) as told:
            checked(wrong)
        assert told.value.code == code


def test_what_a_table_has_no_column_for_is_unknown_and_never_no() -> None:
    frame = table(300)[["state", "reported_at"]]
    told = measured(frame, WorkCalendar(), AS_OF_US)
    (rework,) = rates(told, [defined("rework", Denominator("rework", "dispatched", "x"))])
    assert (rework.value, rework.why) == (None, "no_data")
    assert tallied(told)["reworked"] is None
    (late,) = rates(told, [defined("handling_in_time")])
    assert late.value is None
    assert late.unknown > 0


def test_an_empty_table_and_one_of_rubbish_have_no_rates() -> None:
    empty = measured(pd.DataFrame({"state": []}), WorkCalendar(), AS_OF_US)
    assert {one.why for one in rates(empty, rate_defs())} == {"no_case", "no_denominator"}
    rubbish = pd.DataFrame(
        {"state": ["?", None, 7.0], "due_at": ["soon", float("nan"), "9999-99-99"], "reworks": ["x", None, 1]}
    )
    told = measured(rubbish, WorkCalendar(), AS_OF_US)
    assert told.state.tolist() == ["", "", "void"]


def test_states_of_other_systems_are_known_by_name_and_by_code() -> None:
    given = pd.Series(["待受理", "立案派遣", 4, "5.0", "结案", "挂账", "督查", None])
    assert ids_of(given).tolist() == ["reported", "filed", "in_work", "handled", "closed", "shelved", "", ""]


def test_every_move_starts_and_ends_in_a_state_and_the_seven_steps_lead_on() -> None:
    for move in moves().values():
        assert {*move.starts, move.to} - {""} <= set(states())
        for state in move.starts:
            assert move in (*next_moves(state), *next_moves(state, asked=True))


def test_times_without_a_zone_are_counted() -> None:
    frame = pd.DataFrame(
        {"state": ["结案"] * 3, "reported_at": ["2025/7/1 08:00", "2025年7月1日", "2025-07-01T08:00+08:00"]}
    )
    told = measured(frame, WorkCalendar(), AS_OF_US)
    assert told.without_zone == 2
    assert told.month.tolist() == ["2025-07"] * 3
    assert told.times["reported_at"][0] == told.times["reported_at"][2]
