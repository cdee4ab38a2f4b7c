"""What the program's own cases hold is what indicator 59 counts, and what stands on the time line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from app.usecases.cases import cases
from app.usecases.timeline.at_hand import case_events
from models.cases.draft import CaseDraft
from models.facilities.register.column_values import moments_in
from models.health.registers.conditions import NO, YES, answers
from models.timeline.events import OPEN_US
from models.timeline.zone import us_of
from resources.standards import standard

NEW_YEAR = us_of(dt.datetime(2026, 1, 1, 0, 30))
STEPS = ("accept", "file", "dispatch", "handle", "feedback", "close")
SAID = {"dispatch": {"department": "市政处"}, "feedback": {"note": "已更换"}}


def _close(session, monkeypatch: pytest.MonkeyPatch, first_us: int, last_us: int, said: str) -> str:
    """File a case, and have it closed at a moment."""
    monkeypatch.setattr(cases, "now_us", lambda: first_us)
    number = cases.file(session, CaseDraft(said, "alarm", said, urgent=True, reported_us=first_us))
    for name in STEPS:
        if name == "feedback":
            monkeypatch.setattr(cases, "now_us", lambda: last_us)
        cases.move(session, number, name, **SAID.get(name, {}))
    return number


def test_indicator_59_counts_the_programs_own_cases_as_they_were_closed(session, monkeypatch: pytest.MonkeyPatch):
    hour = 3_600_000_000
    _close(session, monkeypatch, NEW_YEAR - 2 * hour, NEW_YEAR, "过年夜的井盖")
    _close(session, monkeypatch, NEW_YEAR, NEW_YEAR + 2000 * hour, "拖了很久")
    cases.file(session, CaseDraft("还开着", "alarm", "c", reported_us=NEW_YEAR))
    layer = session.project.state.with_role("cases")[0]
    frame = session.project.data[layer.id].frame
    method = standard("health/2025/methods_registers")["method"]["HC25-59"]["parameters"]

    class Around:
        year, frames = 2026, {}

    assert answers(method["among"], frame, Around()).tolist() == [YES, YES, NO]
    in_time = answers(method["by_reading"]["on_time"]["counted"], frame, Around())
    assert in_time[:2].tolist() == [YES, NO]
    told = case_events(session)()
    assert told.names == ("过年夜的井盖", "拖了很久", "还开着")
    assert told.end_us.tolist() == [NEW_YEAR, NEW_YEAR + 2000 * hour, OPEN_US]


def test_moments_with_a_zone_and_without_stand_on_one_clock(tmp_path: Path):
    column = pd.Series(["2026-01-01T00:30:00+08:00", "2025-12-31T16:30:00Z", "2026-01-01 00:30", "2026-01-01"])
    assert moments_in(column).dt.strftime("%Y-%m-%d %H:%M").tolist() == [
        "2026-01-01 00:30", "2026-01-01 00:30", "2026-01-01 00:30", "2026-01-01 00:00",
    ]  # fmt: skip
    aware = pd.Series(pd.to_datetime(["2025-12-31T16:30:00Z"]))
    assert moments_in(aware)[0] == pd.Timestamp("2026-01-01 00:30")
