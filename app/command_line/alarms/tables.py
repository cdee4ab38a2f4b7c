"""Alarms, counts and rules as rows of a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from models.alarms.severities import severities
from models.readings.quantities import quantity_name
from models.timeline.zone import moment_text

if TYPE_CHECKING:
    from app.session import Session
    from models.alarms.alarm import Activation, Alarm, RuleCounts
    from models.alarms.rule import AlarmRule


def alarm_rows(session: Session, alarms: Sequence[Alarm], rules: Sequence[AlarmRule]) -> list[list[Any]]:
    """Return heads and a row for each activation, by start."""
    zone = session.project.state.operations.zone.name
    names = _names(session, rules)
    heads = ("start", "end", "severity", "rule", "sensor", "peak")
    rows = [
        (
            one.start_us, moment_text(one.start_us, zone),
            session.word("alarms.printed.lasts") if one.end_us is None else moment_text(one.end_us, zone),
            severities()[one.gravest].name(session.lang), names.get(alarm.rule, alarm.rule), alarm.sensor,
            _peak(one, alarm, session.lang),
        )
        for alarm in alarms
        for one in alarm.activations
    ]  # fmt: skip
    rows.sort(key=lambda row: (row[0], row[5], row[4]))
    return [[session.word(f"alarms.printed.column.{head}") for head in heads], *([*row[1:]] for row in rows)]


def _peak(one: Activation, alarm: Alarm, lang: str) -> str:
    if one.peak is None:
        return ""
    quantity, unit = (one.quantity, one.unit) if one.quantity else (alarm.quantity, alarm.unit)
    return f"{quantity_name(quantity, lang)} {one.peak:g} {unit}".strip()


def count_rows(session: Session, counts: Sequence[RuleCounts], rules: Sequence[AlarmRule]) -> list[list[Any]]:
    """Return heads and a row for each rule that could judge anything."""
    names = _names(session, rules)
    heads = ("rule", "judged", "unjudged", "activations", "facilities", "at_once", "median", "remark")
    rows = [
        [
            names.get(one.rule, one.rule), one.judged, one.unjudged, one.activations, one.facilities, one.most_at_once,
            "" if one.median_s is None else f"{one.median_s / 3600:.1f} h",
            session.word("alarms.printed.storm") if one.matches_everything else "",
        ]
        for one in counts
        if one.judged or one.unjudged
    ]  # fmt: skip
    return [[session.word(f"alarms.printed.column.{head}") for head in heads], *rows]


def rule_rows(session: Session, rules: Sequence[AlarmRule], changed: frozenset[str]) -> list[list[Any]]:
    """Return heads and a row for each rule."""
    heads = ("id", "rule", "scene", "levels", "state", "certainty", "source")
    rows = [
        [
            rule.id, rule.name if session.lang == "zh" else rule.name_en or rule.name, rule.scene,
            " ".join(severities()[level.severity].name(session.lang) for level in rule.levels),
            session.word("alarms.printed.on" if rule.enabled else "alarms.printed.off")
            + (" *" if rule.id in changed else ""),
            rule.certainty, f"{rule.source} ({rule.edition})" if rule.edition else rule.source,
        ]
        for rule in rules
    ]  # fmt: skip
    return [[session.word(f"alarms.printed.column.{head}") for head in heads], *rows]


def _names(session: Session, rules: Sequence[AlarmRule]) -> dict[str, str]:
    return {rule.id: rule.name if session.lang == "zh" else rule.name_en or rule.name for rule in rules}
