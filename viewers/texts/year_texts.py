"""Two years held against each other, in words and figures. Every function takes ``lang``."""

from __future__ import annotations

from models.core.value_text import number, quantity
from models.health.years.comparing import Comparison, IndicatorChange, ProblemChange, ValueChange
from models.health.years.layers import LayerChange
from models.health.years.record import YearRecord, YearValue
from resources.words import has, word
from viewers.texts.values import field_label, indicator_value

#: Theme colours of verdicts and fates.
TINTS = {
    "improved": "good", "worsened": "warn", "new": "warn", "solved": "good",
    "not_comparable": "text_faint", "only_before": "text_faint", "only_now": "text_faint", "no_data": "text_faint",
    "untold": "text_faint",
}  # fmt: skip


def record_text(record: YearRecord, lang: str) -> str:
    """Return what a record is called: year and city."""
    return word("year.record", lang, year=record.year, city=record.title(lang))


def verdict_text(one: ValueChange, lang: str) -> str:
    """Return what became of a value."""
    return word(f"year.verdict.{one.verdict}", lang)


def level_text(level: str, lang: str) -> str:
    """Return the name of a level of units."""
    return word(f"year.level.{level}", lang)


def unit_of(one: IndicatorChange, lang: str) -> str:
    """Return the unit of an indicator as the later record has it; what is counted has none in English."""
    told = one.now or one.before
    unit = told.meaning.unit if told is not None else ""
    return "" if lang == "en" and any(ord(sign) > 0x2E80 for sign in unit) else unit


def value_text(value: YearValue | None, unit: str, lang: str) -> str:
    """Return a value, or that there is none."""
    return indicator_value(None if value is None else value.value, unit, word("value.none", lang))


def change_text(change: float | None, unit: str) -> str:
    """Return a change with its sign and an arrow; empty where nothing can be subtracted."""
    if change is None:
        return ""
    if not change:
        return "="
    decimals = 1 if abs(change) >= 100 or unit == "%" else 2
    amount = quantity(abs(change), "", decimals, trimmed=True)
    return f"{'▲ +' if change > 0 else '▼ −'}{amount}"


def differs_text(one: IndicatorChange, lang: str) -> str:
    """Return in what the two figures differ in meaning; empty where they do not."""
    return word("sheet.comma", lang).join(word(f"year.differs.{name}", lang) for name in one.differs)


def note_text(one: IndicatorChange, lang: str) -> str:
    """Return what has to be known beside a change: other meaning, other coverage, figures out of date, units."""
    told = []
    if one.differs:
        told.append(word("year.note.differs", lang, parts=differs_text(one, lang)))
    if one.city.has_other_coverage and one.city.before is not None and one.city.now is not None:
        shares = [f"{100 * (value.coverage or 0.0):.0f}" for value in (one.city.before, one.city.now)]
        told.append(word("year.note.coverage", lang, before=shares[0], now=shares[1]))
    if one.before is not None and one.before.was_old:
        told.append(word("year.note.was_old", lang))
    if one.now is not None and one.now.was_old:
        told.append(word("year.note.is_old", lang))
    lone = sum(unit.before is None or unit.now is None for unit in one.units)
    if lone and one.before is not None and one.now is not None:
        told.append(word("year.note.lone_units", lang, count=lone))
    return word("year.semicolon", lang).join(told)


def grade_text(one: ValueChange, lang: str) -> str:
    """Return how the grade changed: ``"met → not met"``, or the one that both have."""
    texts = [word(f"health.grade.{value.grade}", lang) if value is not None else "" for value in (one.before, one.now)]
    told = [text for text in texts if text]
    return told[0] if len(set(told)) == 1 else " → ".join(told)


def fate_text(one: ProblemChange, lang: str) -> str:
    """Return what became of a problem, and why that cannot be told."""
    if one.fate == "untold":
        return word("year.fate.untold_why", lang, why=word(f"year.why.{one.reason}", lang))
    if one.fate == "new" and one.reason:
        return word("year.fate.new_unseen", lang)
    return word(f"year.fate.{one.fate}", lang)


def reason_text(one: ProblemChange, lang: str) -> str:
    """Return what is wrong with an object."""
    key = f"problem.{one.problem.reason}"
    return word(key, lang) if has(key) else one.problem.reason


def layer_text(one: LayerChange, lang: str) -> str:
    """Return what became of a layer, in one line."""
    if one.state in ("only_before", "only_now"):
        return word(f"year.layer.{one.state}", lang)
    if one.state == "same":
        return word("year.layer.same", lang)
    told = []
    if one.added is None:
        before, now = one.before, one.now
        counts = [layer.count if layer is not None else 0 for layer in (before, now)]
        told.append(word("year.layer.counts", lang, before=number(counts[0]), now=number(counts[1])))
    else:
        told += [
            word(f"year.layer.{name}", lang, count=number(count))
            for name, count in (("added", one.added), ("removed", one.removed), ("changed", one.changed)) if count
        ]  # fmt: skip
    if one.has_other_crs:
        told.append(word("year.layer.crs", lang))
    return word("sheet.comma", lang).join(told) or word("year.layer.fields", lang)


def fields_text(one: LayerChange, lang: str) -> str:
    """Return which fields differ, and in how many rows."""
    told = []
    for field in one.fields:
        name = word("year.field.shapes", lang) if field.name == "(shapes)" else field_label(field.name, lang)
        if field.state != "changed":
            told.append(word(f"year.field.{field.state}", lang, field=name))
        else:
            told.append(name if field.changed is None else f"{name} {number(field.changed)}")
    return word("sheet.comma", lang).join(told)


def role_text(role: str, lang: str) -> str:
    """Return the name of a role."""
    return word(f"role.{role}", lang) if has(f"role.{role}") else role


def summary_text(comparison: Comparison, lang: str) -> str:
    """Return how many indicators and problems became what, in one line."""
    parts = [
        word("year.count", lang, what=word(f"year.verdict.{name}", lang), count=count)
        for name, count in comparison.verdicts().items() if count and name != "no_data"
    ]  # fmt: skip
    return " · ".join(parts)


def fates_text(comparison: Comparison, lang: str) -> str:
    """Return how many problems are new, still there, solved, or cannot be told."""
    return word("year.fates", lang, **comparison.fates())


def rectified_text(comparison: Comparison, lang: str) -> str:
    """Return the rate of rectification with its parts; empty where there is no list of last year."""
    found = comparison.rectified
    if found is None or found.all.percent is None:
        return ""
    return word("year.rectified", lang, percent=f"{found.all.percent:.1f}", done=found.all.done, due=found.all.due)
