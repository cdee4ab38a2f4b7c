"""Alarm rules in plain sentences: what is judged, for how long, what it raises and what clears it. No Qt."""

from __future__ import annotations

from models.alarms.editing import group_of, parts_of
from models.alarms.rule import AlarmRule, Clear, Compare, Condition, Hold, Schedule, Silent
from models.alarms.severities import severities
from models.readings.quantities import quantity, quantity_name
from resources.words import word

#: Signs of comparisons, as they are read in a sentence.
SIGNS = {">": ">", ">=": "≥", "<": "<", "<=": "≤", "==": "=", "!=": "≠"}


def severity_name(severity: str, lang: str) -> str:
    """Return the short name of a severity, its id where nobody knows it."""
    found = severities().get(severity)
    return severity if found is None else found.name(lang)


def span_text(seconds: float, lang: str) -> str:
    """Return a span of time in its greatest unit that says it shortly: ``2 分钟``, ``1.5 h``."""
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            return word(f"alarm_rules.span.{unit}", lang, number=value_text(round(seconds / size, 1), ""))
    return word("alarm_rules.span.s", lang, number=value_text(round(seconds), ""))


def condition_text(condition: Condition, lang: str, *, inner: bool = False) -> str:
    """Return a condition as a sentence; groups inside others stand in brackets."""
    if isinstance(condition, Compare):
        return _compare_text(condition, lang)
    if isinstance(condition, Silent):
        name = (
            word("alarm_rules.any_quantity", lang) if condition.silent == "*" else quantity_name(condition.silent, lang)
        )
        return word(
            "alarm_rules.silent",
            lang,
            quantity=name,
            periods=value_text(condition.periods, ""),
        )
    kind = group_of(condition)
    parts = [condition_text(part, lang, inner=True) for part in parts_of(condition)]
    if kind == "none":
        return word("alarm_rules.not", lang, condition=word("alarm_rules.or", lang).join(parts))
    joined = word("alarm_rules.and" if kind == "all" else "alarm_rules.or", lang).join(parts)
    return f"({joined})" if inner and len(parts) > 1 else joined


def hold_text(hold: Hold, lang: str) -> str:
    """Return how a condition must hold, empty for at once."""
    if hold.kind == "duration":
        return word("alarm_rules.for", lang, span=span_text(hold.seconds, lang))
    if hold.kind == "repeating":
        within = f"{word('alarm_rules.within', lang, span=span_text(hold.seconds, lang))}" if hold.seconds else ""
        return within + word("alarm_rules.times", lang, count=hold.times)
    return ""


def schedule_text(schedule: Schedule | None, lang: str) -> str:
    """Return when a rule judges, empty for always."""
    if schedule is None:
        return ""
    said = [*schedule.hours]
    if schedule.days:
        said.append(
            word("alarm_rules.between", lang).join(word(f"alarm_rules.day.{day}", lang) for day in schedule.days)
        )
    if schedule.holidays:
        said.append(word(f"alarm_rules.holidays.{schedule.holidays}", lang))
    if schedule.sun:
        said.append(word(f"alarm_rules.sun.{schedule.sun}", lang))
    return " · ".join(said)


def clear_text(clear: Clear, lang: str) -> str:
    """Return what clears an alarm."""
    said = []
    if clear.condition is not None:
        said.append(condition_text(clear.condition, lang) + hold_text(clear.hold, lang))
    if clear.quiet_s:
        said.append(word("alarm_rules.quiet", lang, span=span_text(clear.quiet_s, lang)))
    return word("alarm_rules.or", lang).join(said) if said else word("alarm_rules.clears_itself", lang)


def rule_text(rule: AlarmRule, lang: str) -> str:
    """Return a rule in plain sentences: one line a level, then when it judges and what clears it."""
    lines = [
        word("alarm_rules.raises", lang, condition=condition_text(level.condition, lang) + hold_text(level.hold, lang),
             severity=severity_name(level.severity, lang))
        for level in rule.levels
    ]  # fmt: skip
    when = schedule_text(rule.schedule, lang)
    if when:
        lines.append(word("alarm_rules.only", lang, when=when))
    lines.append(word("alarm_rules.clears", lang, condition=clear_text(rule.clear, lang)))
    return "\n".join(lines)


def rule_name(rule: AlarmRule, lang: str) -> str:
    """Return the name of a rule in a language."""
    return rule.name_en if lang == "en" and rule.name_en else rule.name


def _compare_text(one: Compare, lang: str) -> str:
    known = quantity(one.quantity)
    unit = "" if known is None else known.unit
    name = quantity_name(one.quantity, lang)
    if one.measure == "rate":
        unit = f"{unit}/{span_text(one.over_s or 1.0, lang)}"
    if one.measure != "value":
        name = word(f"alarm_rules.measure.{one.measure}", lang, quantity=name, span=span_text(one.over_s, lang))
    limit = value_text(one.value, unit)
    if one.fact or one.neighbour:
        base = (
            word("alarm_rules.fact", lang, fact=one.fact)
            if one.fact
            else word(f"alarm_rules.neighbour.{one.neighbour}", lang)
        )
        limit = base if one.factor == 1.0 else f"{base} × {value_text(one.factor, '')}"
        if one.value:
            limit += f" {'+' if one.value > 0 else '−'} {value_text(abs(one.value), unit)}"
    return f"{name} {SIGNS.get(one.op, one.op)} {limit}"


def value_text(value: float, unit: str) -> str:
    """Return a value with as many digits as it has (at most 3), and its unit."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    tight = unit in ("°", "%")
    return f"{text}{'' if tight or not unit else ' '}{unit}".replace("-", "−")
