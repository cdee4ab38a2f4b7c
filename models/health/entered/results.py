"""From entered values to results that stand beside computed ones, held against the same benchmarks.

Invariants
----------
1. A value that somebody stated for a unit stands; nothing is put in its place.
2. What nobody stated is summed from the units below: counts, or numerators and denominators. A mean of percentages is
   never made: where only percentages are there, the sum has no data and says why.
3. Evidence of a grade that makes no finding (E): the value is shown, and no problem follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from models.health.book import book_of
from models.health.editions import Edition, IndicatorDef
from models.health.entered.units import Unit, units_of
from models.health.entered.values import ENTERED, IMPORTED, LEVELS, EnteredValue
from models.health.grading import verdict
from models.health.results import CITY_OID, IndicatorResult, Problem, UnitValue
from models.layers.layer import LayerData
from models.project.project import ProjectState


def entered_results(state: ProjectState, data: Mapping[str, LayerData]) -> dict[str, IndicatorResult]:
    """Return a result for each indicator of the project's edition that has entered values, by code."""
    if not state.health.entered:
        return {}
    book = book_of(state.health)
    by_code: dict[str, list[EnteredValue]] = {}
    for one in state.health.entered:
        if one.indicator in book.indicators and one.level in LEVELS:
            by_code.setdefault(one.indicator, []).append(one)
    districts, communities = units_of(state, data, "district"), units_of(state, data, "community")
    found = {}
    for code, values in by_code.items():
        definition = book.indicators[code]
        found[code] = _result(definition, book, values, districts, communities, state)
    return found


def factor_of(definition: IndicatorDef) -> float:
    """Return what turns numerator ÷ denominator into the indicator's unit."""
    return 100.0 if definition.unit == "%" else 1.0


def value_of(definition: IndicatorDef, one: EnteredValue) -> float | None:
    """Return what an entered value comes to: as stated, else numerator ÷ denominator; None where neither is there."""
    if one.value is not None:
        return one.value
    if one.numerator is None:
        return None
    if definition.form == "count":
        return one.numerator
    return factor_of(definition) * one.numerator / one.denominator if one.denominator else None


def _result(
    definition: IndicatorDef,
    book: Edition,
    values: Sequence[EnteredValue],
    districts: Sequence[Unit],
    communities: Sequence[Unit],
    state: ProjectState,
) -> IndicatorResult:
    held = {(one.level, one.unit): one for one in values}

    def graded(unit: UnitValue) -> UnitValue:
        return replace(unit, grade=verdict(definition, unit.value, state.profile))

    estates = [graded(_stated(definition, unit, held.get(("community", unit.code)))) for unit in communities]
    inside: dict[str, list[UnitValue]] = {}
    for unit, value in zip(communities, estates, strict=True):
        inside.setdefault(unit.district, []).append(value)
    units = []
    for unit in districts:
        own = held.get(("district", unit.code))
        blank = _stated(definition, unit, own)
        units.append(graded(blank if own is not None else _summed(definition, blank, inside.get(unit.code, ()))))
    layer = districts[0].layer if districts else communities[0].layer if communities else ""
    blank = UnitValue(layer, CITY_OID, "", *book.city, None, None, None, 0.0, "no_data", "not_entered")
    own = held.get(("city", ""))
    city = _with(definition, blank, own) if own is not None else _summed(definition, blank, units or estates)
    below = [value for value in estates if value.value is not None]
    listed = (
        [(value, held.get(("community", value.unit_code))) for value in estates]
        if below
        else [(value, held.get(("district", value.unit_code))) for value in units]
    )
    latest = max(values, key=lambda one: one.at)
    return IndicatorResult(
        code=definition.code,
        edition=book.id,
        units=tuple(units),
        city=graded(city),
        problems=_problems(definition, listed, state, {one.id for one in book.evidence_grades if not one.finding}),
        thresholds=tuple(row.threshold for row in definition.benchmarks_for(state.profile)),
        estates=tuple(estates) if below else (),
        origin=IMPORTED if all(one.origin == IMPORTED for one in values) else ENTERED,
        reading=definition.reading,
        made_at=latest.at,
        defined=definition,
    )


def _stated(definition: IndicatorDef, unit: Unit, own: EnteredValue | None) -> UnitValue:
    blank = UnitValue(
        unit.layer, unit.oid, unit.code, unit.name or unit.code, unit.name_en, None, None, None, 0.0, "no_data",
        "not_entered",
    )  # fmt: skip
    return blank if own is None else _with(definition, blank, own)


def _with(definition: IndicatorDef, blank: UnitValue, own: EnteredValue) -> UnitValue:
    value = value_of(definition, own)
    if value is None:
        return replace(blank, reason="nothing_to_measure")
    numerator = value if definition.form == "count" else own.numerator
    return replace(
        blank, value=value, numerator=numerator, denominator=own.denominator, coverage=None, status="unstated",
        reason="",
    )  # fmt: skip


def _summed(definition: IndicatorDef, blank: UnitValue, parts: Sequence[UnitValue]) -> UnitValue:
    """Return the sum of parts; what has no data is left out and lowers the coverage."""
    with_data = [one for one in parts if one.value is not None]
    if not with_data:
        return blank
    whole = [one for one in with_data if one.numerator is not None]
    if definition.form != "count":
        whole = [one for one in whole if one.denominator]
    if len(whole) < len(with_data):  # ratios alone do not add up
        return replace(blank, reason="only_ratios")
    numerator = sum(one.numerator or 0.0 for one in whole)
    known = [one.denominator for one in whole if one.denominator is not None]
    denominator = sum(known) if len(known) == len(whole) else None
    value = numerator if definition.form == "count" else factor_of(definition) * numerator / (denominator or 1.0)
    share = sum(1.0 if one.coverage is None else one.coverage for one in with_data) / len(parts)
    return replace(
        blank, value=value, numerator=numerator, denominator=denominator, coverage=share,
        status="ok" if share >= 1.0 else "partial", reason="",
    )  # fmt: skip


def _problems(
    definition: IndicatorDef,
    listed: Sequence[tuple[UnitValue, EnteredValue | None]],
    state: ProjectState,
    no_finding: set[str],
) -> tuple[Problem, ...]:
    """Return the units below the benchmark, those that lack most first; some grades of evidence make no finding."""
    benchmarks = definition.benchmarks_for(state.profile)
    below = [unit for unit, own in listed if unit.grade == "not_met" and (own is None or own.grade not in no_finding)]
    if not benchmarks or not below:
        return ()
    aim, factor = benchmarks[0].value, factor_of(definition)
    weight = {unit.key: (unit.denominator or 0.0) / factor if definition.form != "count" else 1.0 for unit in below}
    losses = {unit.key: abs(aim - (unit.value or 0.0)) * weight[unit.key] for unit in below}
    total = sum(losses.values())
    below.sort(key=lambda unit: (-losses[unit.key], -abs(aim - (unit.value or 0.0)), unit.unit_code))
    return tuple(
        Problem(
            unit.key, "below_benchmark", unit.value, unit.unit_code, unit.unit_name, unit.unit_name_en,
            unit_oid=unit.unit_oid, loss=losses[unit.key], loss_share=losses[unit.key] / total if total else 0.0,
        )
        for unit in below
    )  # fmt: skip
