"""Figures of the indicators: by unit, against last year, and how all of them stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping

from models.health.book import book_of
from models.health.editions import Edition, IndicatorDef
from models.health.overview import STATES, Standing, overview
from models.health.results import IndicatorResult, UnitValue
from models.health.state import HealthState
from models.health.units.sampling import Estimate, estimate_of, sample_of
from models.health.years.choosing import values_before
from models.health.years.record import YearRecord
from models.project.project import ProjectState
from models.report.figure import CITY, Figure, FigureSource, amount, figure_id, place_of
from models.report.result_hash import result_hash

#: Units that are counted in the sentences of an indicator.
_GRADES = ("met", "not_met", "no_data")


def result_figures(
    state: ProjectState, results: Mapping[str, IndicatorResult], base: YearRecord | None, old: Container[str]
) -> Iterator[Figure]:
    """Yield the figures of the indicators of a project.

    Parameters
    ----------
    state : ProjectState
    results : mapping of str to IndicatorResult
        Those that count, by code.
    base : YearRecord or None
        What last year's check came to.
    old : container of str
        Codes of what is out of date.
    """
    book = book_of(state.health)
    before = values_before(base, book.indicators.values()) if base is not None else {}
    for code, result in results.items():
        source = FigureSource("result", result_hash(result), result.made_at, code in old)
        yield from _of_result(result, state, source)
        if code in before:
            yield from _of_before(code, result, before[code], source)
    yield from _standings(book, overview(book, results, state.profile, old, before))
    yield from _coverages(book, results)


def _of_result(result: IndicatorResult, state: ProjectState, source: FigureSource) -> Iterator[Figure]:
    own = result.definition
    for level, units in (("block", result.units), ("community", result.estates), ("", (result.city,))):
        for unit in units:
            yield from _of_unit(own, unit, source)
            if level and (found := _estimate(state.health, own, level, unit)) is not None:
                yield from _of_estimate(own, unit, found, source)
    for level, units in (("units", result.units), ("estates", result.estates)):
        grades = Counter(unit.grade for unit in units)
        yield _count(result.code, level, "count", len(units), source)
        for grade in _GRADES:
            yield _count(result.code, level, grade, grades[grade], source)
    yield _count(result.code, "problems", "count", len(result.problems), source)
    for benchmark in result.benchmarks[:1]:
        yield amount(figure_id(result.code, CITY, "benchmark"), benchmark.value, own.unit, own.unit_en, source)


def _of_unit(own: IndicatorDef, unit: UnitValue, source: FigureSource) -> Iterator[Figure]:
    place = place_of(unit)
    yield amount(figure_id(own.code, place, "value"), unit.value, own.unit, own.unit_en, source)
    parts = (("numerator", unit.numerator, own.quantity_text), ("denominator", unit.denominator, own.denominator_text))
    for which, value, unit_in in parts:
        is_whole = value is None or float(value).is_integer() or unit_in("zh") == "m²"
        digits = 0 if is_whole else None
        yield amount(figure_id(own.code, place, which), value, unit_in("zh"), unit_in("en"), source, digits)
    yield Figure(figure_id(own.code, place, "coverage"), unit.coverage, "%", "%", "share", 0, source)


def _estimate(health: HealthState, own: IndicatorDef, level: str, unit: UnitValue) -> Estimate | None:
    if not health.sampled or own.form != "count":
        return None
    sampled = sample_of(health, level, unit.unit_code, own.code)
    return estimate_of(unit, sampled) if sampled is not None else None


def _of_estimate(own: IndicatorDef, unit: UnitValue, found: Estimate, source: FigureSource) -> Iterator[Figure]:
    place = place_of(unit)
    for which, value in (("expanded", found.count), ("low", found.count_low), ("high", found.count_high)):
        yield amount(figure_id(own.code, place, which), value, own.unit, own.unit_en, source)
    for which, count in (("drawn", found.drawn), ("total", found.total)):
        yield _count(own.code, place, which, count, source)


def _of_before(code: str, result: IndicatorResult, before: float, source: FigureSource) -> Iterator[Figure]:
    own, then = result.definition, FigureSource("year")
    yield amount(figure_id(code, CITY, "before"), before, own.unit, own.unit_en, then)
    if result.city.value is not None:
        change = result.city.value - before
        yield amount(figure_id(code, CITY, "change"), change, own.unit, own.unit_en, source)


def _standings(book: Edition, standings: tuple[Standing, ...]) -> Iterator[Figure]:
    """Yield how many indicators stand in each way, of all of the edition and of each dimension."""
    source = FigureSource("result")
    for scope in ("all", *book.dimensions):
        own = [one for one in standings if scope in ("all", one.definition.dimension) and not one.definition.hidden]
        states = Counter(one.state for one in own)
        yield _count("standing", scope, "indicators", len(own), source)
        yield _count("standing", scope, "answered", sum(one.value is not None for one in own), source)
        yield _count("standing", scope, "compared", sum(one.change is not None for one in own), source)
        yield _count("standing", scope, "better", sum(one.is_better is True for one in own), source)
        yield _count("standing", scope, "worse", sum(one.is_better is False for one in own), source)
        yield _count("standing", scope, "old", sum(one.is_old for one in own), source)
        for state in STATES:
            yield _count("standing", scope, state, states[state], source)


def _coverages(book: Edition, results: Mapping[str, IndicatorResult]) -> Iterator[Figure]:
    """Yield how much of the inputs is known: the least and the most of the indicators of a dimension."""
    source = FigureSource("result")
    for scope in ("all", *book.dimensions):
        own = [one for code, one in results.items() if scope == "all" or _dimension(book, code) == scope]
        known = [one.city.coverage for one in own if one.city.coverage is not None and one.city.value is not None]
        for which, value in (("least", min(known, default=None)), ("most", max(known, default=None))):
            yield Figure(figure_id("coverage", scope, which), value, "%", "%", "share", 0, source)
        unstated = sum(one.city.coverage is None and one.city.value is not None for one in own)
        complete = sum(one.city.status == "ok" for one in own)
        for which, count in (("stated", len(known)), ("unstated", unstated), ("complete", complete)):
            yield _count("coverage", scope, which, count, source)


def _dimension(book: Edition, code: str) -> str:
    own = book.indicators.get(code)
    return own.dimension if own is not None else ""


def _count(of: str, place: str, which: str, value: int, source: FigureSource) -> Figure:
    return Figure(figure_id(of, place, which), value, form="count", source=source)
