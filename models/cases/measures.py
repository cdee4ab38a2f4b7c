"""Cases of a table as columns of answers, a million at once: 1 yes, 0 no, NaN where the table does not tell.

What a table has no column for is unknown, never no: a rate over it says of how many cases it could not tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.cases.deadline import NONE_US, WorkCalendar, clock_table
from models.cases.flow import ids_of, states
from models.cases.table import TIMES, YES, columns_of
from models.cases.times import moments
from models.timeline.zone import DEFAULT_ZONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEPS = ("collect", "file", "dispatch", "handle", "feedback", "close", "evaluate")
_LATER = {name: place for place, name in enumerate(_STEPS)}


@dataclass(frozen=True, slots=True)
class Measures:
    """What can be asked of some cases.

    Parameters
    ----------
    oids : ndarray of int64
    state : ndarray of object
        Ids, empty where nobody knows.
    times : mapping of str to ndarray of int64
        By ``reported_at``, ``filed_at`` … as µs; ``NONE_US`` for none.
    answers : mapping of str to ndarray of float64
        By count or flag: 1, 0, NaN.
    texts : mapping of str to ndarray of object
        ``district_code``, ``department``, ``class_code``, ``eventSrc`` … empty for none.
    month : ndarray of object
        ``"2025-07"`` of the report in the zone, empty for none.
    light : ndarray of object
        ``"red"``, ``"yellow"``, ``"green"``; ``"unknown"`` where the clock runs and its end is not known; else empty.
    without_zone : int
        Moments that had no zone and were taken to stand in the project's.
    """

    oids: NDArray[np.int64]
    state: NDArray[np.object_]
    times: dict[str, NDArray[np.int64]]
    answers: dict[str, NDArray[np.float64]]
    texts: dict[str, NDArray[np.object_]]
    month: NDArray[np.object_]
    light: NDArray[np.object_]
    without_zone: int = 0


def measured(frame: pd.DataFrame, calendar: WorkCalendar, as_of_us: int, zone: str = DEFAULT_ZONE) -> Measures:
    """Return what a table of cases tells at a moment."""
    columns, count = columns_of(frame.columns), len(frame)
    without_zone, times = 0, {}
    for name in TIMES:
        found, bare = moments(frame[columns[name]], zone) if name in columns else (np.full(count, NONE_US), 0)
        times[name], without_zone = found, without_zone + bare
    state = ids_of(frame[columns["state"]]) if "state" in columns else np.full(count, "", object)
    answers = _answers(frame, columns, state, times, calendar, as_of_us)
    light = _lights(state, times, answers["urgent"] == 1, calendar, as_of_us)
    answers["red"], answers["yellow"] = _as_floats(light == "red"), _as_floats(light == "yellow")
    texts = {name: _texts(frame, columns, name) for name in
             ("taskNum", "eventDesc", "address", "district_code", "department", "class_code", "eventSrc")}  # fmt: skip
    stamps = pd.Series(
        pd.to_datetime(np.where(times["reported_at"] == NONE_US, 0, times["reported_at"]), unit="us", utc=True)
    )
    month = np.where(
        times["reported_at"] == NONE_US, "", stamps.dt.tz_convert(zone).dt.strftime("%Y-%m").to_numpy(object)
    )
    return Measures(
        frame.index.to_numpy(np.int64), state, times, answers, texts, month.astype(object), light, without_zone
    )


def _answers(
    frame: pd.DataFrame, columns: dict[str, str], state: NDArray[np.object_], times: dict[str, NDArray[np.int64]],
    calendar: WorkCalendar, as_of_us: int,
) -> dict[str, NDArray[np.float64]]:  # fmt: skip
    table = states()
    place = pd.Series(state).map({one.id: _LATER[one.step] for one in table.values()}).to_numpy(np.float64)
    invalid = np.isin(state, [one.id for one in table.values() if not one.valid])
    known = state != ""

    def reached(step: str, moment: str) -> NDArray[np.float64]:
        """Whether a case came so far: by its moment, else by its state."""
        there = times[moment] != NONE_US
        by_state = np.where(known, (place >= _LATER[step]) & ~invalid, np.nan)
        return np.where(there, 1.0, by_state)

    def counted(name: str) -> NDArray[np.float64]:
        if name not in columns:
            return np.full(len(frame), np.nan)
        told = pd.to_numeric(frame[columns[name]], errors="coerce").to_numpy(np.float64, na_value=np.nan)
        return np.where(np.nan_to_num(told) > 0, 1.0, 0.0)

    def yes(name: str) -> NDArray[np.float64]:
        return _as_floats(np.isin([text.casefold() for text in _texts(frame, columns, name)], list(YES)))

    due, now = times["due_at"], as_of_us
    closed = reached("close", "closed_at")
    handled = np.fmax(reached("feedback", "handled_at"), closed)
    self_handled = yes("self_handled")
    filed = reached("file", "filed_at")
    filed = np.where((self_handled == 1) & (times["filed_at"] == NONE_US), 0.0, filed)
    dispatched = reached("dispatch", "dispatched_at")
    dispatched = np.where((self_handled == 1) & (times["dispatched_at"] == NONE_US), 0.0, dispatched)
    when = np.where(times["handled_at"] != NONE_US, times["handled_at"], times["closed_at"])
    valid = np.where(known, ~invalid, np.nan)
    passed = np.where(due == NONE_US, np.where(filed == 1, np.nan, 0.0), due <= now)
    running = _as_floats(~np.isin(state, [one.id for one in table.values() if not one.clock and not one.ended]))
    stages = clock_table()["stages"]
    to_file = calendar.worked_h(times["reported_at"], times["filed_at"])
    to_check = calendar.worked_h(times["handled_at"], times["closed_at"])
    reworked, returned = counted("reworks"), counted("returns")
    in_time = _no_later(when, due)
    late = np.where(handled == 1, 1 - in_time, passed * running)
    rating = _texts(frame, columns, "rating")
    good = np.isin(rating, ["good", "满意", "非常满意", "基本满意"])
    rated = np.where("rating" in columns, rating != "", np.nan)
    return {
        "reported": np.ones(len(frame)), "valid": valid, "filed": filed,
        "filed_in_time": np.where(filed == 1, _no_more(to_file, stages["verify_h"] + stages["file_h"]), 0.0),
        "dispatched": dispatched, "dispatched_right": np.where(dispatched == 1, 1 - returned, 0.0),
        "due_to_handle": _either(handled, passed * running) * _open(valid), "handled": handled,
        "handled_in_time": np.where(handled == 1, in_time, 0.0),
        "due_to_close": _either(closed, passed * running) * _open(valid), "closed": closed,
        "closed_in_time": np.where(closed == 1, _no_later(times["closed_at"], due), 0.0),
        "due_to_check": np.where(self_handled == 1, 0.0, handled),
        "checked": np.where(self_handled == 1, 0.0, closed),
        "checked_in_time": np.where(closed == 1, _no_more(to_check, stages["check_h"]), 0.0),
        "overdue": late * _open(valid), "reworked": reworked, "returned": returned,
        "postponed": counted("postponements"),
        "rated": rated, "satisfied": np.where(rated == 1, good, rated), "self_handled": self_handled,
        "urgent": yes("urgent"),
    }  # fmt: skip


def _lights(
    state: NDArray[np.object_], times: dict[str, NDArray[np.int64]], urgent: NDArray[np.bool_], calendar: WorkCalendar,
    as_of_us: int,
) -> NDArray[np.object_]:  # fmt: skip
    """Return the light of each case: red past its deadline, yellow near it, green else."""
    runs = np.isin(state, [one.id for one in states().values() if one.clock]) & (times["closed_at"] == NONE_US)
    due = times["due_at"]
    begin = np.where(times["filed_at"] != NONE_US, times["filed_at"], times["reported_at"])
    with np.errstate(invalid="ignore", divide="ignore"):
        left, whole = calendar.worked_h(np.where(runs, as_of_us, NONE_US), due), calendar.worked_h(begin, due)
        by_clock = np.where(
            due == NONE_US, np.nan, (due - float(as_of_us)) / np.where(begin == NONE_US, np.nan, due - begin)
        )
        share = np.where(urgent | (whole <= 0), by_clock, left / whole)
    near = np.nan_to_num(share, nan=1.0) <= clock_table()["lights"]["yellow_share"]
    lit = np.where(due == NONE_US, "unknown", np.where(due < as_of_us, "red", np.where(near, "yellow", "green")))
    return np.where(runs, lit, "").astype(object)


def _texts(frame: pd.DataFrame, columns: dict[str, str], name: str) -> NDArray[np.object_]:
    if name not in columns:
        return np.full(len(frame), "", object)
    held = frame[columns[name]]
    found: Any = held.astype(object).where(held.notna(), "").astype(str).str.strip()
    return np.asarray(found.to_numpy(dtype=object))


def _as_floats(flags: NDArray[np.bool_]) -> NDArray[np.float64]:
    return flags.astype(np.float64)


def _open(valid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 0 for what is no case; one of unknown state counts, for nobody voided it."""
    return np.where(valid == 0, 0.0, 1.0)


def _either(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return whether one of two holds; unknown where neither surely does and one may."""
    both: NDArray[np.float64] = np.where((first == 1) | (second == 1), 1.0, first + second)
    return both


def _no_later(moment: NDArray[np.int64], limit: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where((moment == NONE_US) | (limit == NONE_US), np.nan, moment <= limit)


def _no_more(hours: NDArray[np.float64], limit_h: float) -> NDArray[np.float64]:
    return np.where(np.isnan(hours), np.nan, hours <= limit_h)
