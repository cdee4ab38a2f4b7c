"""What last year's check of the sample city came to, made up so that a comparison has something to say.

Values are this year's with a change that is drawn; problems are this year's less some, and some that are mended by now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from models.health.editions import IndicatorDef, edition
from models.health.lists.rows import ProblemRow, problem_id
from models.health.years import prints
from models.health.years.making import meaning_of
from models.health.years.record import LookedAt, YearIndicator, YearProblem, YearRecord, YearValue
from models.sample.city import City
from models.sample.tables import names

YEAR = 2025
FILE = "last_year.json"
MADE_AT = f"{YEAR}-08-31T12:00:00+08:00"
#: Share of this year's problems that were there, and of what is good now that failed then.
STAYED, MENDED = 0.75, 0.06
#: Indicators of objects whose records say what fails, with the role of the objects.
KINDS = {"building": "buildings", "community": "communities", "road": "roads", "quarter": "sites"}
#: The typical change since, as a share of the value: of an indicator (most became better), and of a place beside it.
_BETTER, _SPREAD, _PLACE = 0.04, 0.07, 0.04


def record(city: City, frames: Mapping[str, Any], known: Mapping[str, Any]) -> YearRecord:
    """Return last year's record.

    Parameters
    ----------
    city : City
    frames : mapping of str to GeoDataFrame
        The tables of this year.
    known : mapping of str to object
        What every indicator comes to this year, by code and reading, as the truth file has it.
    """
    rng = city.rng("health/last_year")
    book = edition()
    places = {
        level: {str(row["code"]): (str(row["name"]), str(row["name_en"])) for row in frame.to_dict("records")}
        for level, frame in (("district", city.districts), ("estate", frames["communities"]))
    }
    home = dict(zip(frames["communities"]["code"], frames["communities"]["district_code"], strict=True))
    problems, good, listed = _objects(frames, rng)
    indicators = []
    for code, definition in book.indicators.items():
        own = definition.read_as(definition.readings[0].id) if definition.readings else definition
        readings = known.get(code, {})
        told = readings.get(own.reading) or next(iter(readings.values()), None)
        if told is None:
            continue
        values = tuple(_values(own, told, places, home, rng))
        looked_at = (good[code],) if code in good else ()
        indicators.append(YearIndicator(code, own.name, own.name_en, meaning_of(own), values, good=looked_at))
    words = names()["city"]
    return YearRecord(
        YEAR, words["zh"], words["en"], book.id, MADE_AT, "", True, "", tuple(indicators), tuple(problems),
        tuple(listed),
    )  # fmt: skip


def _values(
    own: IndicatorDef, told: Mapping[str, Any], places: Mapping[str, Mapping[str, tuple[str, str]]],
    home: Mapping[str, str], rng: np.random.Generator,
) -> Iterable[YearValue]:  # fmt: skip
    """Return the values of last year, the city's first: each sub-district with a change of its own."""
    sign = {"up": -1.0, "down": 1.0}.get(own.direction, 0.0)
    all_over = 1.0 + sign * _BETTER + rng.normal(0.0, _SPREAD)
    grown = {code: all_over + rng.normal(0.0, _PLACE) for code in told["districts"]}
    rows = [
        _value("district", code, places["district"].get(code, (code, "")), row, grown[code], own)
        for code, row in told["districts"].items()
    ]
    rows += [
        _value("estate", code, places["estate"].get(code, (code, "")), row, grown.get(home.get(code, ""), 1.0), own)
        for code, row in told["communities"].items()
    ]
    city = told["city"]
    yield _value("city", "", edition().city, city, all_over, own)
    yield from rows


def _value(
    level: str, code: str, names_: tuple[str, str], row: Mapping[str, Any], grown: float, own: IndicatorDef
) -> YearValue:
    numerator, denominator, value = (row.get(name) for name in ("numerator", "denominator", "value"))
    if value is not None and numerator is not None:
        if own.form == "count":
            numerator = value = float(max(round(numerator * grown), 0))
        else:
            most = denominator if own.unit == "%" and denominator else np.inf
            factor = value / numerator if numerator else 0.0
            numerator = float(min(numerator * grown, most))
            value = round(numerator * factor, 6)
    held = own.benchmarks
    grade = "no_data" if value is None else "no_benchmark"
    if value is not None and len(held) == 1 and not held[0].applies:
        grade = "met" if held[0].met(value) else "not_met"
    return YearValue(level, code, *names_, value, numerator, denominator, row.get("coverage"), grade)


def _objects(
    frames: Mapping[str, Any], rng: np.random.Generator
) -> tuple[list[YearProblem], dict[str, LookedAt], list[ProblemRow]]:
    """Return the objects that failed last year, those that were good, and the problem list of that year."""
    records = frames["check_records"]
    districts = {
        role: dict(zip(frames[table]["code"].astype(str), frames[table]["district_code"].astype(str), strict=True))
        for role, table in (("buildings", "buildings"), ("communities", "communities"))
    }
    failing = records["found"] == "yes"
    items = records[failing].groupby(["indicator", "object_code"])["item"].first().to_dict()
    problems, good, counted = [], {}, dict[tuple[str, str, str], int]()
    for code, looked in records.groupby("indicator"):
        role = KINDS[str(looked["object_kind"].iloc[0])]
        objects = list(dict.fromkeys(looked["object_code"].astype(str)))
        draws = rng.random(len(objects))
        bad = [
            name for name, draw in zip(objects, draws, strict=True)
            if draw < (STAYED if (code, name) in items else MENDED)
        ]  # fmt: skip
        was_good = sorted(set(objects) - set(bad))
        if was_good:
            good[str(code)] = LookedAt(role, prints.packed(np.sort(prints.names(was_good))))
        for name in bad:
            district = districts.get(role, {}).get(name, "")
            item = items.get((code, name)) or f"{str(code)[-2:]}-1"
            problems.append(YearProblem(str(code), "check_failed", role, name, district=district, loss=1.0))
            counted[str(code), item, district] = counted.get((str(code), item, district), 0) + 1
    book = edition().indicators
    listed = [
        ProblemRow(
            problem_id(code, item, district), code, item, "", book[code].dimension, district, count,
            kind="limited" if at % 3 == 0 else "best_effort", year=YEAR, first_year=YEAR,
            due_on=f"{YEAR + 1}-12-31" if at % 3 == 0 else "",
        )
        for at, ((code, item, district), count) in enumerate(sorted(counted.items()))
    ]  # fmt: skip
    return problems, good, listed
