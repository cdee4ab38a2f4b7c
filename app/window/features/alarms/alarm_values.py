"""What the panel of alarms shows, made of alarms and rules: words, columns, sentences. No Qt but pictures of marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.session import Session
from app.usecases.alarms.listing import STATES, Listed
from models.alarms.alarm import Activation, Alarm, Alarms
from models.alarms.rule import AlarmRule
from models.alarms.severities import rank, severities
from models.query.ranking import Ranking, ranking_of
from models.readings.quantities import quantity, quantity_name
from models.timeline.zone import local
from viewers.texts.alarm_rules import SIGNS, rule_name, severity_name, span_text, value_text
from viewers.widgets.alarms.alarms_panel import ActivationView
from viewers.widgets.alarms.rule_form import Tried
from viewers.widgets.alarms.rules_page import RuleView
from viewers.widgets.alarms.severity_marks import severity_mark
from viewers.widgets.common.ranked_list import RankedColumn

#: Bars of the histogram of a dry run.
BARS = 48


def zone_of(session: Session) -> str:
    """Return the zone in which the project shows times."""
    return session.project.state.operations.zone.name


def time_text(session: Session, moment_us: int, *, seconds: bool = False) -> str:
    """Return a moment in the project's zone."""
    return f"{local(moment_us, zone_of(session)):{'%Y-%m-%d %H:%M:%S' if seconds else '%Y-%m-%d %H:%M'}}"


def ranking_of_alarms(session: Session, rows: Sequence[Listed], moment_us: int) -> Ranking:
    """Return listed alarms as rows of a list, in their order."""
    lang = session.lang
    columns: dict[str, Any] = {
        "severity": np.array([rank(row.severity) for row in rows], np.float64),
        "facility": [row.facility for row in rows],
        "type": [row.alarm.rule if row.rule is None else rule_name(row.rule, lang) for row in rows],
        "since": [time_text(session, row.activation.start_us) for row in rows],
        "age_min": np.array([(moment_us - row.activation.start_us) / 60e6 for row in rows], np.float64),
        "peak": [_peak(row) for row in rows],
        "state": [session.word(f"alarms.state.{row.state}") for row in rows],
        "district": [row.district for row in rows],
    }
    layers = ["" if row.alarm.key is None else row.alarm.key.layer for row in rows]
    oids = [-1 if row.alarm.key is None else row.alarm.key.oid for row in rows]
    return ranking_of(layers, oids, columns)


def columns_of(session: Session) -> list[RankedColumn]:
    """Return how listed alarms are written."""
    lang, word = session.lang, session.word
    by_rank = {float(one.rank): one for one in severities().values()}

    def name(value: Any) -> str:
        return by_rank[float(value)].name(lang) if float(value) in by_rank else "–"

    def mark(value: Any) -> Any:
        return severity_mark(by_rank[float(value)].id if float(value) in by_rank else "", 17)

    wide = lang == "en"
    return [
        RankedColumn("severity", word("alarms.column.severity"), name, 84 if wide else 72, is_number=False,
                     written=name, icon_of=mark),
        RankedColumn("facility", word("alarms.column.facility"), width_px=124),
        RankedColumn("type", word("alarms.column.type"), width_px=128),
        RankedColumn("age_min", word("alarms.column.age"), lambda minutes: span_text(float(minutes) * 60, lang), 74,
                     is_number=True, written=lambda minutes: round(float(minutes), 1), number_format="0.0"),
        RankedColumn("peak", word("alarms.column.peak"), width_px=118),
        RankedColumn("state", word("alarms.column.state"), width_px=92 if wide else 62),
        RankedColumn("since", word("alarms.column.since"), width_px=118),
        RankedColumn("district", word("alarms.column.district"), width_px=96),
    ]  # fmt: skip


def _measured(alarm: Alarm, activation: Activation) -> tuple[str, str]:
    """Return quantity and unit of a peak."""
    return (activation.quantity, activation.unit) if activation.quantity else (alarm.quantity, alarm.unit)


def _peak(row: Listed) -> str:
    peak, quantity, unit = row.activation.peak, *_measured(row.alarm, row.activation)
    if peak is None:
        return ""
    text = _value(peak, quantity, unit)
    limit = row.limit
    if limit is None or limit.quantity != quantity:
        return text
    return f"{text} ({SIGNS.get(limit.op, limit.op)} {value_text(limit.value, unit)})"


def _value(value: float, name: str, unit: str) -> str:
    known = quantity(name)
    return value_text(round(value, 3 if known is None else known.digits), unit)


def counts_of(rows: Sequence[Listed]) -> dict[str, int]:
    """Return how many alarms there are by severity."""
    return dict(Counter(row.severity for row in rows))


def types_of(session: Session, rows: Sequence[Listed]) -> list[tuple[str, str]]:
    """Return the types among alarms with their counts, for a choice."""
    found = Counter(row.alarm.rule for row in rows)
    names = {row.alarm.rule: row.alarm.rule if row.rule is None else rule_name(row.rule, session.lang) for row in rows}
    return [("", session.word("alarms.all_types")), *((one, f"{names[one]} ({found[one]:,})") for one in sorted(found))]


def states_of(session: Session) -> list[tuple[str, str]]:
    """Return the states for a choice."""
    return [("", session.word("alarms.all_states")), *((one, session.word(f"alarms.state.{one}")) for one in STATES)]


def activations_of(session: Session, alarm: Alarm) -> list[ActivationView]:
    """Return when an alarm was active, the last time first."""
    lang, views = session.lang, []
    for one in reversed(alarm.activations):
        course = " → ".join(severity_name(severity, lang) for _, severity in one.course)
        end = session.word("alarms.lasts") if one.end_us is None else time_text(session, one.end_us)
        peak = "–" if one.peak is None else _value(one.peak, *_measured(alarm, one))
        views.append(ActivationView(one.gravest, time_text(session, one.start_us), end, peak, course))
    return views


def title_of(session: Session, row: Listed) -> str:
    """Return facility, type and who has seen it."""
    kind = row.alarm.rule if row.rule is None else rule_name(row.rule, session.lang)
    said = f"{row.facility} · {kind}"
    seen = row.alarm.acknowledged
    if seen is not None and row.state != "open":
        who = " ".join(filter(None, (seen.who, time_text(session, seen.at_us), seen.remark)))
        said += f" · {session.word('alarms.seen', who=who)}"
    return said


def case_text(session: Session, row: Listed) -> str:
    """Return what an alarm says as the description of a case."""
    kind = row.alarm.rule if row.rule is None else rule_name(row.rule, session.lang)
    peak = _peak(row) or "–"
    measured, _ = _measured(row.alarm, row.activation)
    return session.word(
        "alarms.case", facility=row.facility, type=kind, severity=severity_name(row.severity, session.lang),
        since=time_text(session, row.activation.start_us), quantity=quantity_name(measured, session.lang),
        peak=peak,
    )  # fmt: skip


def rule_views(session: Session, rules: Sequence[AlarmRule]) -> list[RuleView]:
    """Return rules with where they come from."""
    own = {rule.id for rule in session.project.state.operations.alarm_rules}
    views = []
    for rule in rules:
        said = [] if rule.enabled else [session.word("alarm_rules.off")]
        if rule.id in own:
            said.append(session.word("alarm_rules.own"))
        stated = "" if rule.source == "our rule" else rule.source
        said.append(" ".join(filter(None, (stated, rule.edition))) or session.word("alarm_rules.our_rule"))
        if rule.certainty:
            said.append(rule.certainty)
        gravest = max((level.severity for level in rule.levels), key=rank, default="")
        views.append(RuleView(rule, rule_name(rule, session.lang), " · ".join(said), gravest, rule.id in own))
    return views


def tried(session: Session, found: Alarms, rule: AlarmRule) -> Tried:
    """Return what a dry run found, in sentences and bars."""
    lang, word = session.lang, session.word
    if not found.counts:
        return Tried((word("alarm_rules.found.nothing"),), (), "", "")
    one = found.counts[0]
    lines = [word("alarm_rules.found.judged", judged=f"{one.judged:,}")]
    if one.unjudged:
        lines.append(word("alarm_rules.found.unjudged", count=f"{one.unjudged:,}"))
    if not one.judged:
        return Tried(lines, (), "", "")
    by = " · ".join(f"{severity_name(name, lang)} {count:,}" for name, count in one.by_severity if count)
    lines.append(word("alarm_rules.found.alarms", count=f"{one.activations:,}", by=by or "0",
                      facilities=f"{one.facilities:,}"))  # fmt: skip
    if one.activations:
        longest = "–" if one.longest_s is None else span_text(one.longest_s, lang)
        median = "–" if one.median_s is None else span_text(one.median_s, lang)
        lines.append(word("alarm_rules.found.times", longest=longest, median=median, most=f"{one.most_at_once:,}"))
    if one.matches_everything:
        lines.append(word("alarm_rules.found.everything"))
    starts = np.array([a.start_us for alarm in found.alarms for a in alarm.activations], np.int64)
    inside = starts[(starts >= one.start_us) & (starts < one.end_us)] - one.start_us
    counts = np.bincount(inside * BARS // max(one.end_us - one.start_us, 1), minlength=BARS)
    return Tried(lines, tuple(counts.tolist()) if len(inside) else (), time_text(session, one.start_us),
                 time_text(session, one.end_us))  # fmt: skip
