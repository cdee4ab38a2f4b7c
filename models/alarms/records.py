"""Alarms and counts as plain records: the same alarms give the same bytes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from models.alarms.alarm import Alarm, Alarms, RuleCounts
from models.alarms.severities import severities
from models.timeline.zone import DEFAULT_ZONE, iso


def alarm_record(alarm: Alarm, zone: str = DEFAULT_ZONE) -> dict[str, Any]:
    """Return an alarm as a record; times are ISO 8601 with their zone."""
    return {
        "id": alarm.id,
        "rule": alarm.rule,
        "sensor": alarm.sensor,
        "object": None if alarm.key is None else {"layer": alarm.key.layer, "id": alarm.key.oid},
        "quantity": alarm.quantity,
        "unit": alarm.unit,
        "activations": [
            {
                "start": iso(one.start_us, zone),
                "end": None if one.end_us is None else iso(one.end_us, zone),
                "severity": [
                    {"from": iso(when, zone), "severity": severity, "grade": severities()[severity].grade}
                    for when, severity in one.course
                ],
                "gravest": one.gravest,
                "peak": one.peak,
                "quantity": one.quantity,
                "unit": one.unit,
                "peak_at": None if one.peak_us is None else iso(one.peak_us, zone),
            }
            for one in alarm.activations
        ],
        "acknowledged": [
            {"start": iso(one.start_us, zone), "at": iso(one.at_us, zone), "who": one.who, "remark": one.remark}
            for one in alarm.acknowledgements
        ],
        "silent": [
            {
                "from": iso(one.from_us, zone), "until": None if one.until_us is None else iso(one.until_us, zone),
                "who": one.who, "remark": one.remark,
            }
            for one in alarm.silences
        ],
    }  # fmt: skip


def counts_record(counts: RuleCounts, zone: str = DEFAULT_ZONE) -> dict[str, Any]:
    """Return the counts of a rule as a record."""
    told = asdict(counts)
    told["start"], told["end"] = iso(told.pop("start_us"), zone), iso(told.pop("end_us"), zone)
    told["by_severity"] = [{"severity": name, "activations": number} for name, number in counts.by_severity]
    told["by_facility"] = [{"sensor": name, "activations": number} for name, number in counts.by_facility]
    return told


def replay_record(found: Alarms, zone: str = DEFAULT_ZONE) -> dict[str, Any]:
    """Return what a replay found as a record."""
    return {
        "start": iso(found.start_us, zone),
        "end": iso(found.end_us, zone),
        "alarms": [alarm_record(alarm, zone) for alarm in found.alarms],
        "rules": [counts_record(one, zone) for one in found.counts],
        "skipped_bad": found.skipped_bad,
    }
