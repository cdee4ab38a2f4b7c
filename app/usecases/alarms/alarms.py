"""Alarms (报警): rules of a project, what they raise live and in history, and what people say of alarms."""

from __future__ import annotations

import getpass
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from app.usecases.alarms.facts import facts_of
from app.usecases.readings.readings import store_of
from models.alarms.alarm import Alarm, Alarms, RuleCounts
from models.alarms.checked import checked
from models.alarms.library import program_rules
from models.alarms.replaying import replayed
from models.alarms.rule import AlarmRule
from models.alarms.severities import rank
from models.core.errors import UserError
from models.core.progress import Progress
from models.readings.access import ReadingAccess
from models.timeline.zone import moment_text

if TYPE_CHECKING:
    from app.session import Session
    from models.store.readings.alarm_log import AlarmLog

#: So many readings are judged without being asked for when a project opens: under a minute.
MOST_UNASKED = 10_000_000


def rules_of(session: Session) -> tuple[AlarmRule, ...]:
    """Return the program's rules as the project changed them, then the project's own."""
    own = {rule.id: rule for rule in session.project.state.operations.alarm_rules}
    given = program_rules()
    known = {rule.id for rule in given}
    return (*(own.get(rule.id, rule) for rule in given), *(rule for name, rule in own.items() if name not in known))


def rule_named(session: Session, rule_id: str) -> AlarmRule:
    """Return a rule by its id.

    Raises
    ------
    UserError
        ``alarms.no_rule``.
    """
    for rule in rules_of(session):
        if rule.id == rule_id:
            return rule
    raise UserError("alarms.no_rule", rule=rule_id)


def set_rule(session: Session, rule: AlarmRule) -> None:
    """Take a rule into the project, in the place of that with the same id; can be undone.

    Raises
    ------
    UserError
        ``alarms.rule.*``: the rule makes no sense.
    """
    checked(rule)
    operations = session.project.state.operations
    before = operations.alarm_rules
    after = tuple(rule if one.id == rule.id else one for one in before)
    if all(one.id != rule.id for one in before):
        after += (rule,)
    kept = replace(operations, alarm_rules=after)
    session.history.do("history.set_alarm_rule", lambda state: replace(state, operations=kept))


def drop_rule(session: Session, rule_id: str) -> None:
    """Take the project's rule back: one of the program's is as the program has it again; can be undone."""
    operations = session.project.state.operations
    after = tuple(one for one in operations.alarm_rules if one.id != rule_id)
    if after != operations.alarm_rules:
        kept = replace(operations, alarm_rules=after)
        session.history.do("history.drop_alarm_rule", lambda state: replace(state, operations=kept))


def replay(
    session: Session,
    start_us: int,
    end_us: int,
    rules: Iterable[AlarmRule] | None = None,
    progress: Progress | None = None,
) -> Alarms:
    """Judge recorded readings with ``start_us`` ≤ time < ``end_us``.

    Nothing is written. What the rules that are switched on raise is remembered for :func:`alarms_at` and
    :func:`alarms_in` until another project opens.

    Parameters
    ----------
    session : Session
    start_us, end_us : int
    rules : iterable of AlarmRule, optional
        Those that are switched on where nothing is said.
    progress : Progress, optional

    Raises
    ------
    UserError
        ``alarms.no_readings``: the project has no store of readings; ``alarms.span``.
    Cancelled
    """
    if start_us >= end_us:
        zone = session.project.state.operations.zone.name
        raise UserError("alarms.span", start=moment_text(start_us, zone), end=moment_text(end_us, zone))
    access, path = _readings_of(session), session.project.path
    judged = rules_of(session) if rules is None else tuple(rules)
    found = replayed(access, judged, facts_of(session, judged), start_us, end_us, progress)
    if rules is None:
        held = session.alarms
        with held.lock:
            if session.project.path == path:  # another one may have opened meanwhile
                held.replayed = (judged, found)
        held.changed.emit()
    return found


def replay_unasked(session: Session, progress: Progress | None = None) -> Alarms | None:
    """Judge what is recorded where no alarm was ever logged or replayed, so that the past has its alarms at hand.

    Returns
    -------
    Alarms or None
        None where there is nothing to judge, alarms are known, or readings are more than :data:`MOST_UNASKED`.
    """
    store = store_of(session)
    if store is None or session.alarms.replayed is not None or _logged(session):
        return None
    span = store.span()
    if span is None or store.count() > MOST_UNASKED:
        return None
    return replay(session, span[0], span[1] + 1, None, progress)


def whole_span(session: Session) -> tuple[int, int]:
    """Return begin and end (not included) of all readings.

    Raises
    ------
    UserError
        ``alarms.no_readings``.
    """
    span = _readings_of(session).span()
    assert span is not None  # noqa: S101 - a store without readings was refused
    return span[0], span[1] + 1


def dry_run(
    session: Session, rule: AlarmRule, span_us: tuple[int, int], progress: Progress | None = None
) -> RuleCounts:
    """Return what a rule, switched on or not, would have raised in a span."""
    return replay(session, *span_us, (replace(rule, enabled=True),), progress).counts[0]


def alarms_at(session: Session, moment_us: int | None) -> tuple[Alarm, ...]:
    """Return the alarms that are active at a moment (None: now), gravest first, then oldest first.

    They are those of the log; where a replay covers the moment, those of the replay.
    """
    if moment_us is None:
        found = [alarm for alarm in _logged(session) if alarm.is_active]
        return tuple(sorted(found, key=lambda alarm: (-rank(alarm.severity), alarm.last.start_us, alarm.id)))
    active = [(alarm, one) for alarm in alarms_in(session, moment_us, moment_us + 1) if (one := alarm.at(moment_us))]
    active.sort(key=lambda pair: (-rank(pair[1].severity_at(moment_us)), pair[1].start_us, pair[0].id))
    return tuple(alarm for alarm, _ in active)


def alarms_in(session: Session, start_us: int, end_us: int) -> tuple[Alarm, ...]:
    """Return the alarms that were active in a span, by start; where they come from see :func:`alarms_at`."""
    held = session.alarms.replayed
    if held is None or held[0] != rules_of(session) or not (held[1].start_us <= start_us and end_us <= held[1].end_us):
        return _logged(session, start_us, end_us)
    log = _log(session)
    seen, quiet = log.remarks() if log is not None else ({}, {})
    return tuple(
        replace(alarm, acknowledgements=seen.get(alarm.id, ()), silences=quiet.get(alarm.id, ()))
        for alarm in held[1].alarms
        if any(one.start_us < end_us and (one.end_us is None or one.end_us > start_us) for one in alarm.activations)
    )


def acknowledge(session: Session, alarm_ids: Iterable[str], remark: str = "") -> None:
    """Note that somebody has seen alarms as they stand at the session's moment; who did first stays."""
    wanted, moment = set(alarm_ids), session.clock.moment_us
    found = [alarm for alarm in alarms_at(session, moment) if alarm.id in wanted]
    starts = [
        (alarm.id, one.start_us) for alarm in found if (one := alarm.last if moment is None else alarm.at(moment))
    ]
    _log_for_writing(session).acknowledge(starts, _now_us(), _who(), remark)
    session.alarms.changed.emit()


def silence(session: Session, alarm_ids: Iterable[str], until_us: int | None, remark: str = "") -> None:
    """Let alarms draw no attention until a moment, or (None) until each clears; kept over restarts."""
    _log_for_writing(session).silence(alarm_ids, until_us, _now_us(), _who(), remark)
    session.alarms.changed.emit()


def unsilence(session: Session, alarm_ids: Iterable[str]) -> None:
    """Let alarms draw attention again."""
    _log_for_writing(session).unsilence(alarm_ids, _now_us())
    session.alarms.changed.emit()


def _readings_of(session: Session) -> ReadingAccess:
    store = store_of(session)
    if store is None or store.span() is None:
        path = session.project.path
        raise UserError("alarms.no_readings", file="" if path is None else path.name)
    return store


def _log(session: Session) -> AlarmLog | None:
    return session.alarms.log(session.project.path, make=False)


def _log_for_writing(session: Session) -> AlarmLog:
    log = session.alarms.log(session.project.path, make=True)
    if log is None:
        raise UserError("readings.no_project")
    return log


def _logged(session: Session, start_us: int | None = None, end_us: int | None = None) -> tuple[Alarm, ...]:
    log = _log(session)
    return () if log is None else log.alarms(start_us, end_us)


def _now_us() -> int:
    return time.time_ns() // 1_000


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
