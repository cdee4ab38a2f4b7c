"""Definitions of indicators in words: what they are, which benchmark holds for the city and why, what was changed.

Every function takes ``lang``, ``"zh"`` or ``"en"``.
"""

from __future__ import annotations

from typing import Any

from models.core.value_text import significant
from models.health.definitions.changes import Change, from_text
from models.health.editions import READING, Benchmark, Edition, IndicatorDef
from models.health.profile import CityProfile, class_title
from models.health.state import HealthState
from resources.words import has, word
from viewers.texts.health_texts import sign


def plain_rows(definition: IndicatorDef, book: Edition, lang: str) -> list[tuple[str, str]]:
    """Return what an indicator is as pairs of a label and a text, without empty ones."""
    dimension = book.dimensions.get(definition.dimension, (definition.dimension, definition.dimension))
    levels = [dimension[lang == "en"], _own(definition, "aspect", lang), _own(definition, "section", lang)]
    grade = next((one.title(lang) for one in book.evidence_grades if one.id == definition.evidence_grade), "")
    evidence = definition.evidence_en if lang == "en" else definition.evidence
    comma = word("sheet.comma", lang)
    rows = [
        ("dimension", " › ".join(one for one in levels if one)),
        ("origin", choice("origin", definition.origin, lang)),
        ("extent", choice("extent", definition.extent, lang)),
        ("kind", choice("kind", definition.kind, lang)),
        ("direction", choice("direction", definition.direction, lang)),
        ("numerator", _with_unit(_own(definition, "numerator", lang), definition.quantity_text(lang), lang)),
        ("denominator", _with_unit(_own(definition, "denominator", lang), definition.denominator_text(lang), lang)),
        ("source", definition.source),
        ("department", _own(definition, "department", lang)),
        ("evidence", comma.join(evidence)),
        ("evidence_grade", f"{definition.evidence_grade} · {grade}" if grade else ""),
        ("questions", comma.join(definition.questions)),
        ("applies", applies_text(definition, lang)),
    ]
    return [(word(f"health.definition.field.{key}", lang), text) for key, text in rows if text]


def choice(field: str, value: str, lang: str) -> str:
    """Return what one of a few values of a field is called; empty for none."""
    return word(f"health.definition.{field}.{value}", lang) if value else ""


def benchmark_text(row: Benchmark, definition: IndicatorDef, lang: str) -> str:
    """Return a benchmark as ``≥ 85 %``."""
    unit = definition.unit_text(lang)
    return f"{sign(row.op)} {significant(row.value)} {unit}".strip()


def chosen_by_text(row: Benchmark, definition: IndicatorDef, lang: str) -> str:
    """Return for which cities, or by which reading, a benchmark holds; empty for all."""
    parts = []
    for field, classes in row.applies.items():
        if field == READING:
            names = [one.title(lang) for one in definition.readings if one.id in classes]
        else:
            names = [class_title(field, one, lang) for one in classes]
        parts.append(word("sheet.comma", lang).join(names))
    return " · ".join(parts)


def applies_text(definition: IndicatorDef, lang: str) -> str:
    """Return for which cities an indicator is meant; empty for all."""
    parts = [
        word("sheet.comma", lang).join(class_title(field, one, lang) for one in classes)
        for field, classes in definition.applies.items()
    ]
    return " · ".join(parts)


def verdict_text(definition: IndicatorDef, profile: CityProfile, lang: str) -> str:
    """Return which class of the city chose which benchmark, that none holds, or why nobody can say."""
    if not definition.applicable(profile):
        own = [f"{word(f'health.profile.{name}', lang)}: {class_title(name, profile.of(name), lang)}"
               for name in definition.applies]  # fmt: skip
        return word("health.definition.not_applicable", lang, profile=" · ".join(own), source=definition.applies_source)
    if names := definition.undecided(profile):
        fields = word("sheet.comma", lang).join(word(f"health.profile.{name}", lang) for name in names)
        return word("health.no_profile", lang, fields=fields)
    held = definition.benchmarks_for(profile)
    if not held:
        return word("health.grade.no_benchmark", lang)
    text = benchmark_text(held[0], definition, lang)
    own = [
        f"{word(f'health.profile.{name}', lang)}: {class_title(name, profile.of(name), lang)}"
        for name in held[0].applies
        if name != READING
    ]
    return word("health.definition.chosen", lang, text=text, why=" · ".join(own)) if own else text


def change_rows(health: HealthState, lang: str, code: str = "") -> list[tuple[str, ...]]:
    """Return the log, newest first: when, who, what, from, to, by which document."""
    found: list[tuple[str, ...]] = []
    for change in reversed(health.changes):
        if not code or change.code == code:
            what = f"{change.code} {path_text(change, lang)}".strip()
            found.append(
                (_moment(change.when), change.who, what, _brief(change.before), _brief(change.after), change.document)
            )
    for freeze in health.freezes if not code else ():
        frozen = word("health.definition.log.frozen", lang, print=freeze.fingerprint)
        found.append((_moment(freeze.when), freeze.who, frozen, "", "", freeze.document))
        if freeze.lifted_when:
            lifted = word("health.definition.log.lifted", lang)
            found.append((_moment(freeze.lifted_when), freeze.lifted_by, lifted, "", "", freeze.reason))
    return sorted(found, key=lambda row: row[0], reverse=True)


def path_text(change: Change, lang: str) -> str:
    """Return what of an indicator a change speaks of."""
    if not change.path:
        return word("health.definition.log.removed" if not change.after else "health.definition.log.added", lang)
    parts = [part for part in change.path.split("/") if not part.isdigit()]
    numbers = [int(part) + 1 for part in change.path.split("/") if part.isdigit()]
    if not change.code and parts[0] == "dimension":
        return f"{word('health.definition.field.dimension', lang)} {parts[1]}"
    keys = [f"health.definition.field.{'benchmarks' if one == 'benchmark' else one}" for one in parts]
    if parts[0] == "benchmark":
        last = f"health.definition.field.benchmarks.{parts[-1]}"
        name = word("health.definition.sheet.benchmarks", lang)
        place = f" {numbers[0]}" if numbers else ""
        return f"{name}{place} · {word(last, lang)}" if has(last) else f"{name}{place}"
    return " · ".join(word(key, lang) if has(key) else part for key, part in zip(keys, parts, strict=True))


def explained(definition: IndicatorDef, book: Edition, profile: CityProfile, lang: str) -> dict[str, Any]:
    """Return what an indicator is, for JSON."""
    held = definition.benchmarks_for(profile)
    return {
        "indicator": definition.code,
        "edition": definition.edition,
        "name": definition.title(lang),
        "unit": definition.unit_text(lang),
        "form": definition.form,
        "direction": definition.direction,
        "extent": definition.extent,
        "kind": definition.kind,
        "origin": definition.origin,
        "dimension": definition.dimension,
        "aspect": _own(definition, "aspect", lang),
        "formula": definition.formula_text(lang),
        "expression": definition.parameters.get("expression", ""),
        "source": definition.source,
        "uncertain": definition.uncertain,
        "reading": definition.reading,
        "readings": [
            {"id": one.id, "name": one.title(lang), "formula": one.formula_en if lang == "en" else one.formula,
             "source": one.source, "chosen": one.id == definition.reading}
            for one in definition.readings
        ],
        "applicable": definition.applicable(profile),
        "benchmark": verdict_text(definition, profile, lang),
        "benchmarks": [
            {"value": row.value, "op": row.op, "name": row.title(lang), "source": row.source,
             "uncertain": row.uncertain, "applies": {name: list(classes) for name, classes in row.applies.items()},
             "holds": row in held, "grades": bool(held) and row is held[0]}
            for row in definition.benchmarks
        ],
        "inputs": [{"role": one.role, "name": one.title(lang)} for one in definition.inputs],
        "check_items": [
            {"id": one.id, "name": one.title(lang), "severity": one.severity, "prevalence": one.prevalence,
             "urgency": one.urgency}
            for one in definition.check_items
        ],
        "questions": list(definition.questions),
        "evidence": list(definition.evidence_en if lang == "en" else definition.evidence),
        "evidence_grade": definition.evidence_grade,
        "department": _own(definition, "department", lang),
        "computed": definition.computed,
    }  # fmt: skip


def _own(definition: IndicatorDef, field: str, lang: str) -> str:
    english = str(getattr(definition, f"{field}_en", ""))
    return english if lang == "en" and english else str(getattr(definition, field))


def _with_unit(text: str, unit: str, lang: str) -> str:
    return word("health.definition.with_unit", lang, text=text, unit=unit) if text and unit else text


def _moment(when: str) -> str:
    return when[:16].replace("T", " ")


def _brief(text: str) -> str:
    try:
        value = from_text(text)
    except ValueError:
        return text[:60]
    if value is None:
        return ""
    if isinstance(value, dict) and "name" in value:
        return str(value["name"])[:60]
    if isinstance(value, float):
        return significant(value)
    return (value if isinstance(value, str) else text)[:60]
