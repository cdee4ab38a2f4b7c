"""Alarms live: judged as readings come, kept in the log, taken up again."""

from __future__ import annotations

import time
from pathlib import Path

from app.session import Session
from app.usecases.alarms import alarms, live
from app.usecases.readings.readings import store_for_writing
from models.alarms.rule import AlarmRule, Compare, Hold, Level
from models.readings.batch import SECOND_US, readings


def test_live_readings_raise_an_alarm_by_the_clock_that_a_restart_takes_up(session: Session, tmp_path: Path) -> None:
    from app.usecases.project.opening import save_project

    save_project(session, tmp_path / "city.gpkg")
    store = store_for_writing(session)
    channel = store.channel_for("A", "tilt", "°", 3600.0)
    rule = AlarmRule("mine", "mine", (Level("major", Compare("tilt", ">", 10.0), Hold("duration", 60.0)),))
    alarms.set_rule(session, rule)

    now = time.time_ns() // 1_000
    live.take(session, readings([channel], [now], [50.0]))
    live.tick(session, now + live.LATENESS_US + 59 * SECOND_US)
    assert alarms.alarms_at(session, None) == ()
    live.tick(session, now + live.LATENESS_US + 61 * SECOND_US)
    (alarm,) = alarms.alarms_at(session, None)
    assert (alarm.sensor, alarm.severity, alarm.unit) == ("A", "major", "°")
    assert alarm.last.start_us == now + 60 * SECOND_US
