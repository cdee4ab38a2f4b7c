"""Results of the health check in words: why there is no data, how complete it is, what it is held against.

Every function takes ``lang``, ``"zh"`` or ``"en"``.
"""

from __future__ import annotations

from models.core.value_text import percent
from models.health.editions import Benchmark, IndicatorDef
from models.health.profile import CityProfile
from models.health.results import UnitValue
from models.roles import role_row
from resources.words import word

_SIGNS = {">=": "≥", "<=": "≤"}


def sign(op: str) -> str:
    """Return a comparison as it is written: ``>=`` is ≥."""
    return _SIGNS.get(op, op)


def reason_text(reason: str, lang: str) -> str:
    """Return why there is no data, with the layers or fields that are missing; empty for no reason."""
    if not reason:
        return ""
    code, _, lacking = reason.partition(":")
    parts = [part.partition(".") for part in lacking.split(",") if part]
    named = [f"{word(role_row(role).word, lang)} {field}".strip() for role, _, field in parts]
    return word(f"health.reason.{code}", lang, lacking=word("sheet.comma", lang).join(named))


def coverage_text(unit: UnitValue, lang: str) -> str:
    """Return how much of the inputs is there, or that nobody recorded it."""
    if unit.coverage is None:
        return word("health.coverage.unstated", lang)
    return word("health.coverage", lang, share=percent(unit.coverage))


def benchmark_sentence(benchmark: Benchmark, definition: IndicatorDef, lang: str) -> str:
    """Return a benchmark with its unit and whose aim it is."""
    return f"{sign(benchmark.op)} {benchmark.value:g} {definition.unit_text(lang)} ({benchmark.title(lang)})"


def undecided_text(definition: IndicatorDef, profile: CityProfile, lang: str) -> str:
    """Return which fields of the city profile decide over the benchmark and are not filled in; empty for none."""
    names = [word(f"health.profile.{name}", lang) for name in definition.undecided(profile)]
    return word("health.no_profile", lang, fields=word("sheet.comma", lang).join(names)) if names else ""
