"""Alarms live: judged as readings come, kept in the log, taken up again."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from app.background import feeds
from app.session import Session
from app.usecases.alarms import alarms, live
from app.usecases.project.opening import save_project
from app.usecases.readings.readings import store_for_writing
from models.alarms.rule import AlarmRule, Compare, Hold, Level, Silent
from models.readings.batch import SECOND_US, nothing, readings


def test_live_readings_raise_an_alarm_by_the_clock_that_a_restart_takes_up(session: Session, tmp_path: Path) -> None:
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


def test_what_sources_deliver_raises_steps_down_clears_and_goes_on_after_a_restart(
    session: Session, tmp_path: Path
) -> None:
    save_project(session, tmp_path / "city.gpkg")
    store = store_for_writing(session)
    channel = store.channel_for("A", "tilt", "°", 60.0)
    levels = tuple(Level(name, Compare("tilt", ">", limit)) for name, limit in (("minor", 10.0), ("critical", 60.0)))
    alarms.set_rule(session, AlarmRule("mine", "mine", levels))
    alarms.set_rule(session, AlarmRule("mute", "mute", (Level("warning", Silent("tilt", 3.0)),)))
    told: list[None] = []
    session.alarms.changed.connect(lambda: told.append(None))
    live.watch(session)
    now = time.time_ns() // 1_000

    def deliver(second: int, value: float) -> None:
        batch = readings([channel], [now + second * SECOND_US], [value])
        store.append(batch)
        session.feeds.came.emit(batch)
        live.tick(session, now + second * SECOND_US + live.LATENESS_US)

    deliver(1, 70.0)
    (alarm,) = alarms.alarms_at(session, None)
    assert (alarm.severity, alarm.last.peak, told) == ("critical", 70.0, [None])
    alarms.acknowledge(session, [alarm.id], "on my way")
    deliver(2, 20.0)
    (alarm,) = alarms.alarms_at(session, None)
    assert (alarm.severity, alarm.last.gravest, alarm.last.peak) == ("minor", "critical", 70.0)
    assert alarm.acknowledged

    session.feeds.changed.emit()  # the end of receiving
    session.alarms.close()
    session.feeds.came.emit(nothing())
    (again,) = alarms.alarms_at(session, None)
    assert again == alarm
    deliver(3, 0.0)
    assert alarms.alarms_at(session, None) == ()
    # Nobody sends any more: the clock alone tells.
    live.tick(session, now + 200 * SECOND_US + live.LATENESS_US)
    (silent,) = [one for one in alarms.alarms_at(session, None) if one.rule == "mute"]
    assert silent.last.start_us == now + 183 * SECOND_US


def test_the_clock_ticks_without_a_message_while_sources_are_received(monkeypatch: pytest.MonkeyPatch) -> None:
    class Still:
        """Receives nothing, and keeps nothing."""

        def start(self) -> None: ...

        def stop(self) -> None: ...

        def close(self) -> None: ...

    monkeypatch.setattr(feeds, "TICK_S", 0.01)
    held = feeds.Feeds(lambda call: call())
    ticked = threading.Event()
    held.ticked.connect(ticked.set)
    still: Any = Still()
    held.run(still, still)
    assert ticked.wait(10)
    held.stop()
