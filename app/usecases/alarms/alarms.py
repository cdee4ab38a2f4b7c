"""Alarms (报警): rules of a project, what they raise live and in history, and what people say of alarms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from models.alarms.alarm import Alarm, Alarms, RuleCounts
from models.alarms.rule import AlarmRule
from models.core.progress import Progress

if TYPE_CHECKING:
    from app.session import Session


def rules_of(session: Session) -> tuple[AlarmRule, ...]:
    """Return the program's rules as the project changed them, then the project's own."""
    raise NotImplementedError


def set_rule(session: Session, rule: AlarmRule) -> None:
    """Take a rule into the project, in the place of that with the same id; can be undone.

    Raises
    ------
    UserError
        ``alarms.rule``: the rule makes no sense; the field ``why`` says what is wrong.
    """
    raise NotImplementedError


def drop_rule(session: Session, rule_id: str) -> None:
    """Take the project's rule back: one of the program's is as the program has it again; can be undone."""
    raise NotImplementedError


def replay(
    session: Session,
    start_us: int,
    end_us: int,
    rules: Iterable[AlarmRule] | None = None,
    progress: Progress | None = None,
) -> Alarms:
    """Judge recorded readings with ``start_us`` ≤ time < ``end_us``; nothing is kept.

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
        ``alarms.no_readings``: the project has no store of readings.
    Cancelled
    """
    raise NotImplementedError


def dry_run(
    session: Session, rule: AlarmRule, span_us: tuple[int, int], progress: Progress | None = None
) -> RuleCounts:
    """Return what a rule, switched on or not, would have raised in a span."""
    raise NotImplementedError


def alarms_at(session: Session, moment_us: int | None) -> tuple[Alarm, ...]:
    """Return the alarms that are active at a moment (None: now), gravest first, then oldest first."""
    raise NotImplementedError


def alarms_in(session: Session, start_us: int, end_us: int) -> tuple[Alarm, ...]:
    """Return the alarms that were active in a span, by start."""
    raise NotImplementedError


def acknowledge(session: Session, alarm_ids: Iterable[str], remark: str = "") -> None:
    """Note that somebody has seen alarms; alarms that are acknowledged already stay as they are."""
    raise NotImplementedError


def silence(session: Session, alarm_ids: Iterable[str], until_us: int | None, remark: str = "") -> None:
    """Let alarms draw no attention until a moment, or (None) until each clears; kept over restarts."""
    raise NotImplementedError


def unsilence(session: Session, alarm_ids: Iterable[str]) -> None:
    """Let alarms draw attention again."""
    raise NotImplementedError
