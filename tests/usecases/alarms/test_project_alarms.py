"""Alarms of a project: the planted ones of the sample, what people say of them, what is kept over a restart."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.session import Session
from app.usecases.alarms import alarms
from app.usecases.project.opening import open_project
from models.alarms.alarm import Activation, Change
from models.alarms.records import replay_record
from models.alarms.rule import AlarmRule, Compare, Level
from models.core.errors import UserError
from models.project.selection import ObjectKey
from models.readings.batch import HOUR_US
from models.store.readings.alarm_log import AlarmLog

#: What is planted → the rule that finds it.
RULES = {
    "covers_tilted": "cover_tilt", "cover_gone": "cover_tilt", "manholes_overflow": "manhole_level",
    "batteries_low": "battery_low", "lamp_silent": "no_heartbeat", "lamps_dark": "lamp_dark",
    "ponding_danger": "ponding", "ponding_closed": "ponding", "ponding_deep": "ponding", "pump_failed": "pump_failed",
    "circuit_unlit": "circuit_dark", "circuit_by_day": "circuit_by_day", "bins_full": "bin_full",
    "soil_dry": "soil_dry", "water_black": "black_water", "methane_leak": "methane", "bridge_bent": "bridge_deflection",
    "main_burst": "water_pressure", "dma_leak": "dma_loss", "heat_lost": "heat_supply", "tunnel_wet": "tunnel_water",
    "tunnel_hot": "tunnel_heat",
}  # fmt: skip


@pytest.fixture
def city(session: Session, sample_city: Path, tmp_path: Path) -> Session:
    """Return a session with a copy of the sample and its readings."""
    shutil.copy(sample_city, tmp_path / "sample.gpkg")
    shutil.copytree(sample_city.with_suffix(".readings"), tmp_path / "sample.readings")
    open_project(session, tmp_path / "sample.gpkg")
    return session


def test_every_planted_alarm_is_found_none_is_invented_and_twice_gives_equal_bytes(
    city: Session, sample_city: Path
) -> None:
    span = alarms.whole_span(city)
    told = [json.dumps(replay_record(alarms.replay(city, *span))) for _ in range(2)]
    assert told[0] == told[1]
    found = json.loads(told[0])["alarms"]
    truth = json.loads((sample_city.parent / "sample_files" / "truth.json").read_text(encoding="utf-8"))["planted"]
    planted = {one["id"]: set(one["codes"]) for one in truth if one.get("layer") == "sensors"}
    wanted: dict[str, set[str]] = {}
    for name, rule in RULES.items():
        wanted.setdefault(rule, set()).update(planted[name])
    # A battery that dies is low before, and silent after.
    wanted["battery_low"] |= planted["batteries_dead"]
    wanted["no_heartbeat"] |= planted["batteries_dead"]
    raised: dict[str, set[str]] = {}
    for alarm in found:
        raised.setdefault(alarm["rule"], set()).add(alarm["sensor"])
    _peaks_are_those_planted(found, [one for one in truth if one.get("quantity") and one["id"] in RULES])
    # The storm of 18 July falls on all gauges.
    assert all(code.startswith("CG-RAIN-") for code in raised.pop("rain_storm"))
    assert raised == wanted
    critical = {
        alarm["sensor"]
        for alarm in found
        if alarm["rule"] == "cover_tilt" and alarm["activations"][0]["severity"][-1]["severity"] == "critical"
    }
    assert critical == planted["cover_gone"]
    # What was replayed is what the program shows at a moment, and can be acknowledged there.
    noon = span[0] + 25 * 24 * HOUR_US
    city.clock.go(noon)
    (gone,) = [one for one in alarms.alarms_at(city, noon) if one.sensor in critical]
    alarms.acknowledge(city, [gone.id], "crew sent")
    alarms.silence(city, [gone.id], None)
    (again,) = [one for one in alarms.alarms_at(city, noon) if one.id == gone.id]
    assert again.acknowledged
    assert again.acknowledged.remark == "crew sent"
    assert again.silences


def _peaks_are_those_planted(found: list[dict[str, Any]], planted: list[dict[str, Any]]) -> None:
    """Hold quantity, peak and start of alarms to what the truth says of each planting."""
    for one in planted:
        own = [
            activation
            for alarm in found
            if alarm["rule"] == RULES[one["id"]] and alarm["sensor"] in one["codes"]
            for activation in alarm["activations"]
        ]
        assert min(activation["start"] for activation in own)[:10] == one["first"][:10], one["id"]
        # Water turns black by its transparency first, and that is what its peak is of; pumps fail by what they do.
        expected = {"water_black": "transparency"}.get(one["id"], one["quantity"])
        assert {activation["quantity"] for activation in own} == {expected}, one["id"]
        if expected == one["quantity"]:
            peaks = [activation["peak"] for activation in own]
            assert one["peak"] in [round(peak, 4) for peak in peaks], (one["id"], peaks, one["peak"])


def test_a_rule_is_changed_in_the_project_dry_run_and_taken_back_and_all_can_be_undone(city: Session) -> None:
    rule = alarms.rule_named(city, "cover_tilt")
    loose = replace(rule, enabled=False, levels=(Level("minor", Compare("tilt", ">", 0.5)),))
    alarms.set_rule(city, loose)
    assert alarms.rule_named(city, "cover_tilt") == loose
    span = alarms.whole_span(city)
    counts = alarms.dry_run(city, loose, (span[0], span[0] + 48 * HOUR_US))
    assert counts.judged == 56
    assert counts.matches_everything
    city.history.undo()
    assert alarms.rule_named(city, "cover_tilt") == rule
    alarms.set_rule(city, loose)
    alarms.drop_rule(city, "cover_tilt")
    assert alarms.rule_named(city, "cover_tilt") == rule
    with pytest.raises(UserError, match="no_level"):
        alarms.set_rule(city, AlarmRule("mine", "mine", ()))


def test_a_project_without_readings_says_so(session: Session) -> None:
    with pytest.raises(UserError) as refused:
        alarms.replay(session, 0, 1)
    assert refused.value.code == "alarms.no_readings"
    assert alarms.alarms_at(session, None) == ()


def test_the_log_keeps_activations_acknowledgements_and_silences_over_a_restart(tmp_path: Path) -> None:
    first = Activation(1_000, None, ((1_000, "minor"),), 12.0, 1_000, "tilt", "°")
    change = Change("raised", 1_000, "r@A", "r", "A", ObjectKey("covers", 3), "minor", 12.0, first)
    log = AlarmLog(tmp_path / "alarms.sqlite")
    log.write([change], b"state")
    log.acknowledge([("r@A", 1_000)], 5_000, "Li", "seen")
    log.acknowledge([("r@A", 1_000)], 9_000, "Wang", "too late")
    log.silence(["r@A"], None, 6_000, "Li", "")
    log.close()
    log = AlarmLog(tmp_path / "alarms.sqlite")
    (alarm,) = log.alarms()
    assert (alarm.is_active, alarm.unit, log.engine_state()) == (True, "°", b"state")
    assert alarm.acknowledged
    assert (alarm.acknowledged.who, alarm.acknowledged.remark) == ("Li", "seen")
    assert alarm.is_silent(7_000)
    ended = replace(first, end_us=20_000)
    log.write([replace(change, kind="cleared", time_us=20_000, activation=ended)] * 2)
    (alarm,) = log.alarms()
    assert alarm.activations == (ended,)
    assert not alarm.is_silent(21_000)
    assert log.alarms(20_000, 30_000) == ()
    log.close()
    (tmp_path / "bad.sqlite").write_bytes(b"no database at all, but long enough to be read as one" * 20)
    with pytest.raises(UserError, match=r"alarms\.log"):
        AlarmLog(tmp_path / "bad.sqlite")
