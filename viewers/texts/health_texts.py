"""Results of the health check in words: why there is no data, how complete it is, what it is held against.

Every function takes ``lang``, ``"zh"`` or ``"en"``.
"""

from __future__ import annotations

from models.core.value_text import percent, quantity
from models.health.editions import Benchmark, IndicatorDef, Threshold
from models.health.profile import CityProfile
from models.health.results import UnitValue
from models.roles import role_row
from resources.words import has, word
from viewers.texts.values import indicator_value

#: Land of so many square metres and more is written in square kilometres.
LARGE_M2 = 1e5
_METRIC = ("m²", "km²", "m³", "km")
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


def equation_text(definition: IndicatorDef, unit: UnitValue, factor: float, lang: str) -> str:
    """Return a formula with its numbers in it: ``1.234 km² ÷ 1.567 km² × 100 % = 78.8 %``; empty without a value.

    Parameters
    ----------
    definition : IndicatorDef
    unit : UnitValue
    factor : float
        By which numerator ÷ denominator is multiplied, see :func:`models.health.mending.factor_of`.
    lang : {"zh", "en"}
    """
    if unit.value is None or unit.numerator is None:
        return ""
    value = indicator_value(unit.value, definition.unit_text(lang), "")
    if unit.denominator is None:
        return value
    above = definition.quantity_text(lang)
    below = above if definition.denominator_unit in ("", definition.quantity_unit) else definition.denominator_unit
    if lang == "en" and not below.isascii() and below not in _METRIC:
        below = ""
    if definition.form == "count":
        return word("health.equation.count", lang, value=value, count=amount_text(unit.denominator, below))
    is_large = above == below == "m²" and unit.denominator >= LARGE_M2
    parts = f"{amount_text(unit.numerator, above, is_large)} ÷ {amount_text(unit.denominator, below, is_large)}"
    if definition.unit == "%":
        parts += " × 100 %"
    elif abs(factor - 1.0) > 1e-9:
        parts += f" × {factor:g}"
    return f"{parts} = {value}"


def amount_text(value: float, unit: str, is_large: bool = False) -> str:
    """Return an amount with its unit; land in km² where ``is_large``, but for what would be next to nothing."""
    if is_large and value >= LARGE_M2 / 200:
        return quantity(value / 1e6, "km²", 3)
    if unit == "m²":
        return quantity(value, unit, 0)
    if float(value).is_integer():
        return f"{int(value):,} {unit}".strip()
    return quantity(value, unit, 3 if abs(value) < 100 else 1, trimmed=True)


def threshold_text(threshold: Threshold, lang: str) -> str:
    """Return a rule in words, lists of kinds and states in the language's own terms."""
    facts = dict(threshold.facts)
    for name in ("kinds", "classes", "states"):
        if name in facts:
            own = (
                word(f"health.kind.{item}", lang) if has(f"health.kind.{item}") else str(item) for item in facts[name]
            )
            facts[name] = word("sheet.comma", lang).join(own)
    if threshold.code == "benchmark":
        facts["op"] = sign(str(facts["op"]))
    return word(f"health.threshold.{threshold.code}", lang, **facts)
