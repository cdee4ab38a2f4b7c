"""Which record a check is held against, and what the records of a project say of last year and of rectification."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from models.health.book import book_of
from models.health.editions import IndicatorDef
from models.health.grading import verdict
from models.health.lists.rectification import Rectification, Share, rectification
from models.health.lists.rows import ProblemRow
from models.health.results import CITY_OID, IndicatorResult, UnitValue
from models.health.state import HealthState
from models.health.years.comparing import differing
from models.health.years.making import meaning_of
from models.health.years.record import YearRecord
from models.project.project import ProjectState

#: The indicator that speaks of last year's problems.
RECTIFIED = "HC25-60"
#: Where its figure comes from.
FROM_LISTS = "lists"


def this_year() -> int:
    """Return the year of the present check."""
    return dt.date.today().year


def base_of(health: HealthState, city: str, year: int) -> YearRecord | None:
    """Return the record that a check is held against: the chosen one, else the latest of the city before the year."""
    chosen = [one for one in health.years if one.id == health.base_year]
    return chosen[0] if chosen else last_year(health.years, city, year)


def last_year(years: Iterable[YearRecord], city: str, year: int) -> YearRecord | None:
    """Return the latest record of a city before a year."""
    own = [one for one in years if one.city == city and one.year < year]
    return max(own, key=lambda one: one.year, default=None)


def with_record(years: Sequence[YearRecord], record: YearRecord) -> tuple[YearRecord, ...]:
    """Return records with one in the place of that of the same city and year, the latest year first."""
    others = [one for one in years if one.id != record.id]
    return tuple(sorted((*others, record), key=lambda one: (-one.year, one.city)))


def values_before(record: YearRecord, definitions: Iterable[IndicatorDef]) -> dict[str, float]:
    """Return the city's values of a record by code, those that mean what a definition means."""
    known = record.by_code()
    found = {}
    for one in definitions:
        then = known.get(one.code)
        value = then.city.value if then is not None and then.city is not None else None
        if then is not None and value is not None and not differing(then.meaning, meaning_of(one)):
            found[one.code] = value
    return found


def carried_over(problems: Sequence[ProblemRow], base: YearRecord | None) -> tuple[ProblemRow, ...]:
    """Return the problems of a project and those of last year's list that it lacks: they are looked for too."""
    known = {row.id for row in problems}
    then = base.listed if base is not None else ()
    return (*problems, *(row for row in then if row.id not in known))


def rectified(state: ProjectState, base: YearRecord | None, year: int) -> Rectification | None:
    """Return what became of last year's problems; None where nobody kept a list of them.

    The list is that of the record of last year; without one, the rows of the project's own list that it had before the
    year. Where no list of the present check was made yet, nobody knows what was mended.
    """
    now = state.health.problems
    if not now:
        return None
    if base is not None and base.listed:
        return rectification(base.listed, now)
    own = [row for row in now if 0 < row.first_year < year]
    return rectification(own, now) if own else None


def rectified_result(state: ProjectState, base: YearRecord | None, year: int) -> IndicatorResult | None:
    """Return the result of the indicator of rectification, by the reading that the project chose; None without a list.

    Its figures follow from the lists whenever it is asked for; it has no layers and is never out of date.
    """
    definition = book_of(state.health).indicators.get(RECTIFIED)
    found = rectified(state, base, year) if definition is not None else None
    if definition is None or found is None:
        return None
    share: Share = {"limited": found.limited, "best_effort": found.best_effort}.get(definition.reading, found.all)
    city = UnitValue(
        "", CITY_OID, "", *book_of(state.health).city, share.percent, float(share.done), float(share.due), 1.0,
        "ok" if share.due else "no_data", "" if share.due else "nothing_to_measure",
        verdict(definition, share.percent, state.profile),
    )  # fmt: skip
    rules = tuple(row.threshold for row in definition.benchmarks_for(state.profile))
    return IndicatorResult(
        RECTIFIED, definition.edition, (), city, thresholds=rules, origin=FROM_LISTS, reading=definition.reading
    )
