"""What the sentence of an indicator is made of: plain values, every number marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.health.overview import Standing
from models.health.results import UnitValue
from models.report.figure import CITY, figure_id
from models.report.text.marked import unmarked
from viewers.documents.report.basis import ReportBasis
from viewers.texts.health_texts import reason_text, sign

#: Units that a sentence names.
MOST_NAMED = 3


def indicator_facts(basis: ReportBasis, standing: Standing) -> dict[str, Any]:
    """Return the context of the sentence ``indicator``."""
    own, result = standing.definition, standing.result
    if result is None or result.city.value is None:
        return {"value": "", "name": basis.title(own)}
    code, city = own.code, result.city
    ids = {name: figure_id(code, CITY, name) for name in ("value", "coverage", "before", "change", "benchmark")}
    graded = [unit for unit in result.units if unit.grade in ("met", "not_met")]
    bad = worst_units(result.units, own.direction, only_failing=bool(graded))
    sampled = [unit for unit in (*result.units, *result.estates) if basis.has(basis.of_unit(code, unit, "expanded"))]
    felt = basis.answers.get(code)
    return {
        "name": basis.title(own),
        "value": basis.f(ids["value"]),
        "equation": _equation(basis, standing),
        "state": city.grade,
        "direction": own.direction,
        "op": sign(result.benchmarks[0].op) if result.benchmarks else "",
        "benchmark": basis.f(ids["benchmark"]) if result.benchmarks else "",
        "base_year": basis.f("city/all/base_year"),
        "before": basis.f(ids["before"]) if basis.has(ids["before"]) else "",
        "change": change_of(basis, standing),
        "is_share": own.unit == "%",
        "has_risen": basis.n(ids["change"]) > 0,
        "by": _by(basis, ids["change"]),
        "units_count": basis.f(figure_id(code, "units", "count")) if len(result.units) > 1 else "",
        "units_met": basis.f(figure_id(code, "units", "met")),
        "units_not_met": basis.f(figure_id(code, "units", "not_met")),
        "units_no_data": basis.f(figure_id(code, "units", "no_data")) if _lacking(result.units) else "",
        "is_graded": bool(graded),
        "worst": [
            {"name": basis.named(unit), "value": basis.f(basis.of_unit(code, unit)), "is_last": at == len(bad)}
            for at, unit in enumerate(bad, 1)
        ],
        "sampled": [basis.named(unit) for unit in sampled[:MOST_NAMED]],
        "problem_count": basis.f(figure_id(code, "problems", "count")) if result.problems else "",
        "satisfaction": _felt(basis, own.questions) if felt is not None else "",
        "coverage": basis.f(ids["coverage"]) if basis.has(ids["coverage"]) else "",
        "is_partial": city.status == "partial",
        "is_old": standing.is_old,
    }


def worst_units(units: Sequence[UnitValue], direction: str, *, only_failing: bool) -> list[UnitValue]:
    """Return the units that stand worst, the worst first; none where all stand alike."""
    known = [unit for unit in units if unit.value is not None and (not only_failing or unit.grade == "not_met")]
    if len(units) < 2 or (not only_failing and len({unit.value for unit in known}) < 2):
        return []
    is_low_bad = direction == "up"
    ordered = sorted(known, key=lambda unit: (unit.value or 0.0) if is_low_bad else -(unit.value or 0.0))
    return ordered[:MOST_NAMED]


def change_of(basis: ReportBasis, standing: Standing) -> str:
    """Return what became of a value since last year; empty where that cannot be said.

    A change that vanishes in the last decimal that is printed is none.
    """
    figure = basis.figures.get(figure_id(standing.definition.code, CITY, "change"))
    if figure.value is None:
        return ""
    if abs(figure.value) < 0.5 * 10**-figure.digits:
        return "unchanged"
    return {True: "improved", False: "worsened", None: "changed"}[standing.is_better]


def missing_text(basis: ReportBasis, standing: Standing) -> str:
    """Return why an indicator has no value."""
    answer = basis.answers.get(standing.definition.code)
    if standing.state == "not_applicable" or (answer is not None and answer.state == "not_applicable"):
        return basis.word("report.not_applicable")
    why = reason_text(answer.reason, basis.lang) if answer is not None else ""
    return basis.word("report.no_data", reason=why) if why else basis.word("report.no_data.unknown")


def _lacking(units: Sequence[UnitValue]) -> bool:
    return any(unit.value is None for unit in units)


def _equation(basis: ReportBasis, standing: Standing) -> str:
    own, result = standing.definition, standing.result
    below = figure_id(own.code, CITY, "denominator")
    if result is None or not result.city.denominator:
        return ""
    names = own.denominator_en if basis.lang == "en" else own.denominator
    told = [(names, below)]
    if own.form != "count":
        told.insert(
            0, (own.numerator_en if basis.lang == "en" else own.numerator, figure_id(own.code, CITY, "numerator"))
        )
    parts = [
        basis.word("report.part", name=unmarked(name), value=basis.f(one))
        for name, one in told
        if name and basis.has(one)
    ]
    return basis.word("lists.comma").join(parts)


def _by(basis: ReportBasis, name: str) -> str:
    """Return by how much a value changed: without sign, a share in percentage points."""
    text = basis.f(name).replace("|−", "|", 1)
    if basis.figures.get(name).unit == "%":
        return text.replace("%]]", "]]", 1).replace(" ]]", "]]", 1) + basis.word("report.points")
    return text


def _felt(basis: ReportBasis, questions: Sequence[str]) -> str:
    first = next((one for one in questions if basis.has(figure_id("survey", one, "value"))), "")
    return basis.f(figure_id("survey", first, "value")) if first else ""
