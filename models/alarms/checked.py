"""Whether a rule makes sense: asked before it is kept or judges, so that a broken one is refused in words."""

from __future__ import annotations

import math

from models.alarms.judging.subjects import conditions, leaves
from models.alarms.rule import (
    HOLDS,
    MEASURES,
    NEIGHBOURS,
    OPERATORS,
    AlarmRule,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Hold,
    NoneOf,
    Schedule,
    Silent,
)
from models.alarms.schedule import minutes_of
from models.alarms.severities import severities
from models.core.errors import UserError

MOST_LEAVES = 64
MOST_TIMES = 1_000
#: Ten years: more is a mistake of units.
LONGEST_S = 10 * 366 * 86_400.0
DEEPEST = 16


def checked(rule: AlarmRule) -> AlarmRule:
    """Return a rule that makes sense.

    Raises
    ------
    UserError
        ``alarms.rule.*`` with the ``rule`` and what is wrong.
    """
    if not rule.id.strip() or "@" in rule.id or len(rule.id) > 100:
        raise UserError("alarms.rule.id", rule=rule.id[:100])
    if not rule.levels:
        raise UserError("alarms.rule.no_level", rule=rule.id)
    named = [level.severity for level in rule.levels]
    for severity in named:
        _one_of(rule, "severity", severity, tuple(severities()))
    if len(set(named)) < len(named):
        raise UserError("alarms.rule.severity_twice", rule=rule.id)
    for level in rule.levels:
        _check_hold(rule, level.hold)
    _check_hold(rule, rule.clear.hold)
    _number(rule, "quiet_s", rule.clear.quiet_s, 0.0, LONGEST_S)
    _number(rule, "max_age_s", rule.max_age_s, 0.0, LONGEST_S)
    for condition in conditions(rule):
        _check_condition(rule, condition)
    if rule.clear.condition is not None and isinstance(rule.clear.condition, Silent):
        raise UserError("alarms.rule.silent_clears", rule=rule.id)
    if rule.schedule is not None:
        _check_schedule(rule, rule.schedule)
    return rule


def _check_condition(rule: AlarmRule, condition: Condition) -> None:
    if _depth(condition) > DEEPEST:
        raise UserError("alarms.rule.too_deep", rule=rule.id)
    found = list(leaves(condition))
    if not found or len(found) > MOST_LEAVES:
        raise UserError("alarms.rule.parts", rule=rule.id, most=MOST_LEAVES)
    for leaf in found:
        if isinstance(leaf, Silent):
            if leaf is not condition:
                raise UserError("alarms.rule.silent_alone", rule=rule.id)
            _number(rule, "periods", leaf.periods, 0.1, 10_000.0)
            _number(rule, "seconds", leaf.seconds, 0.0, LONGEST_S)
            _named(rule, leaf.silent)
        else:
            _check_compare(rule, leaf)


def _check_compare(rule: AlarmRule, leaf: Compare) -> None:
    _named(rule, leaf.quantity)
    _one_of(rule, "op", leaf.op, OPERATORS)
    _one_of(rule, "measure", leaf.measure, MEASURES)
    if leaf.neighbour:
        _one_of(rule, "neighbour", leaf.neighbour, NEIGHBOURS)
        if leaf.fact:
            raise UserError("alarms.rule.fact_or_neighbour", rule=rule.id)
    for name in ("value", "factor"):
        _number(rule, name, getattr(leaf, name), -math.inf, math.inf)
    _number(rule, "hysteresis", leaf.hysteresis, 0.0, math.inf)
    _number(rule, "over_s", leaf.over_s, 1.0 if leaf.measure in ("change", "sum", "mean") else 0.0, LONGEST_S)


def _check_hold(rule: AlarmRule, hold: Hold) -> None:
    _one_of(rule, "hold", hold.kind, HOLDS)
    _number(rule, "seconds", hold.seconds, 1e-3 if hold.kind == "repeating" else 0.0, LONGEST_S)
    _number(rule, "times", hold.times, 1, MOST_TIMES)


def _check_schedule(rule: AlarmRule, schedule: Schedule) -> None:
    for text in schedule.hours:
        try:
            minutes_of(text)
        except ValueError as error:
            raise UserError("alarms.rule.hours", rule=rule.id, text=text[:40]) from error
    if any(not 1 <= day <= 7 for day in schedule.days):
        raise UserError("alarms.rule.days", rule=rule.id)
    _one_of(rule, "holidays", schedule.holidays, ("", "only", "without"))
    _one_of(rule, "sun", schedule.sun, ("", "night", "day"))
    _number(rule, "sun_margin_min", schedule.sun_margin_min, -240.0, 240.0)


def _depth(condition: Condition, at: int = 1) -> int:
    if at > DEEPEST:
        return at
    match condition:
        case AllOf(all=parts) | AnyOf(any=parts) | NoneOf(none=parts):
            return max((_depth(part, at + 1) for part in parts), default=at)
        case _:
            return at


def _named(rule: AlarmRule, quantity: str) -> None:
    if not quantity.strip():
        raise UserError("alarms.rule.no_quantity", rule=rule.id)


def _one_of(rule: AlarmRule, field: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise UserError(
            "alarms.rule.choice", rule=rule.id, field=field, value=str(value)[:40],
            known=", ".join(one for one in known if one),
        )  # fmt: skip


def _number(rule: AlarmRule, field: str, value: float, least: float, most: float) -> None:
    if not math.isfinite(value) or not least <= value <= most:
        raise UserError("alarms.rule.number", rule=rule.id, field=field, value=f"{value:g}")
