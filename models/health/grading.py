"""From sums to a result: values by unit and for the city, how complete they are, and whether they meet the benchmark.

Invariants
----------
1. No data is no data. A missing layer, a missing field, a theme nobody surveyed or an empty denominator gives
   ``value=None`` with a reason; a zero is only stated where the inputs are there and the count is zero: where something
   was looked at, or the survey records say that somebody looked and there was nothing.
2. The city's value is the ratio of sums (of a count: the sum) over the units that have data, and ``coverage`` says how
   much of the city that is. A mean of percentages would weigh a hamlet like a quarter.
3. What nobody recorded is not complete: without a survey record of a theme, coverage is None and the status
   ``"unstated"``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from models.health.editions import Edition, IndicatorDef
from models.health.inputs import Inputs, Level
from models.health.partition import Measured, Method, Partition, object_texts
from models.health.profile import CityProfile
from models.health.results import CITY_OID, GoodObjects, IndicatorResult, InputUsed, Mark, Problem, Stamp, UnitValue
from models.project.selection import Keys, ObjectKey

#: Form of an indicator whose value is the numerator.
COUNT = "count"


def verdict(definition: IndicatorDef, value: float | None, profile: CityProfile) -> str:
    """Return how a value stands against the first benchmark of its indicator that holds for the city.

    Returns
    -------
    str
        ``"met"``, ``"not_met"``, ``"no_benchmark"``, ``"no_profile"`` where the class of the city decides and nobody
        said which it is, ``"not_applicable"`` where the indicator is not meant for such a city, or ``"no_data"`` for a
        value that is None.
    """
    if not definition.applicable(profile):
        return "not_applicable"
    if value is None:
        return "no_data"
    if definition.undecided(profile):
        return "no_profile"
    benchmarks = definition.benchmarks_for(profile)
    if not benchmarks:
        return "no_benchmark"
    return "met" if benchmarks[0].met(value) else "not_met"


def graded(
    definition: IndicatorDef,
    book: Edition,
    method: Method,
    inputs: Inputs,
    measured: Measured | None,
    stamp: Stamp,
    profile: CityProfile,
    of_estates: Measured | None = None,
) -> IndicatorResult:
    """Return the result of sums over a whole city.

    What an object explains (:attr:`~models.health.results.Problem.loss_share`) is its loss against the shortfall of the
    city, over the units with data: where objects are listed, denominator less numerator, or the numerator of what is
    better the less there is; where units are, the sum of what each unit that misses the benchmark lacks to it. Parcels
    that are listed explain less than all, for those that are out of reach by a small part are not listed.

    Parameters
    ----------
    definition : IndicatorDef
    book : Edition
    method : Method
    inputs : Inputs
        Every unit counted.
    measured : Measured or None
        None where a layer or a field that the indicator needs is missing.
    stamp : Stamp
    profile : CityProfile
        Which benchmarks hold.
    of_estates : Measured or None
        The sums over the estates, where there are any.
    """
    partition = inputs.partition

    def judged(unit: UnitValue) -> UnitValue:
        return replace(unit, grade=verdict(definition, unit.value, profile))

    units = [judged(unit) for unit in _units(definition, book, inputs.districts, inputs.lacks, measured)]
    estates: tuple[UnitValue, ...] = ()
    if inputs.estates is not None:
        estates = tuple(map(judged, _units(definition, book, inputs.estates, inputs.lacks, of_estates)))
    city = judged(_city(definition, book, inputs, units, measured))
    rules = tuple(row.threshold for row in definition.benchmarks_for(profile))
    result = IndicatorResult(
        definition.code, book.id, tuple(units), city, thresholds=rules, estates=estates, reading=definition.reading,
        parameters=definition.parameters, stamp=stamp, defined=definition,
    )  # fmt: skip
    if measured is None:
        return result
    has_data = {row for row, unit in enumerate(units) if unit.status != "no_data"}
    if method.lists_units:
        aims = [row.value for row in definition.benchmarks_for(profile)]
        problems, good = _by_unit(partition, units, aims, measured.factor)
        good = (*good, *_grouped(measured.good, has_data))
    else:
        problems, good = _listed(definition, measured, units, has_data), _grouped(measured.good, has_data)
    return replace(
        result,
        problems=problems,
        inputs=tuple(
            InputUsed(str(layer), role, int(count))
            for role, rows in measured.used.items()
            for layer, count in rows["_layer"].value_counts(sort=False).items()
        ),
        thresholds=(*method.thresholds(definition), *measured.remarks, *rules),
        good=good,
        marks=tuple(
            Mark(shape.kind, shape.geometry, ObjectKey(shape.layer, shape.oid) if shape.layer else None)
            for shape in measured.shapes
            if shape.unit < 0 or shape.unit in has_data
        ),
    )


def _units(
    definition: IndicatorDef, book: Edition, level: Level, lacks: str, measured: Measured | None
) -> list[UnitValue]:
    """Return the value of every unit of a level."""
    table = level.partition.units
    texts = object_texts(table)
    blanks = [
        UnitValue(
            unit_layer=str(layer), unit_oid=int(oid), unit_code=str(code), unit_name=str(name or code),
            unit_name_en=str(name_en), value=None, numerator=None, denominator=None, coverage=0.0, status="no_data",
            reason=lacks,
        )
        for layer, oid, code, name, name_en in zip(
            table["_layer"], table["_oid"], texts["code"], texts["name"], texts["name_en"], strict=True
        )
    ]  # fmt: skip
    if measured is None:
        return blanks
    seen = measured.denominator if measured.seen is None else measured.seen
    return [
        _unit(definition, book, blank, measured.factor, *(float(value) for value in values))
        for blank, *values in zip(blanks, level.shares, measured.numerator, measured.denominator, seen, strict=True)
    ]


def _unit(
    definition: IndicatorDef,
    book: Edition,
    blank: UnitValue,
    factor: float,
    share: float,
    numerator: float,
    denominator: float,
    seen: float,
) -> UnitValue:
    if share <= 0:
        return replace(blank, reason="not_surveyed")
    if denominator > 0 and not np.isinf(seen):
        return _with_value(definition, book, blank, numerator, denominator, share, denominator / seen, factor)
    if seen > 0:
        return replace(blank, reason="unknown_values")
    if definition.form == COUNT and share > 0:  # somebody looked, and there is none
        return _with_value(definition, book, blank, 0.0, 0.0, share, 1.0, factor)
    return replace(blank, reason="nothing_to_measure")


def _city(
    definition: IndicatorDef, book: Edition, inputs: Inputs, units: list[UnitValue], measured: Measured | None
) -> UnitValue:
    """Sum over the units with data; coverage is weighed by the area of the units."""
    partition = inputs.partition
    blank = UnitValue(
        unit_layer=str(partition.units["_layer"].iloc[0]), unit_oid=CITY_OID, unit_code="", unit_name=book.city[0],
        unit_name_en=book.city[1], value=None, numerator=None, denominator=None, coverage=0.0, status="no_data",
        reason=inputs.lacks or "nothing_to_measure",
    )  # fmt: skip
    with_data = [unit for unit in units if unit.status != "no_data"]
    if measured is None or not with_data:
        reasons = {unit.reason for unit in units}
        return replace(blank, reason=reasons.pop() if len(reasons) == 1 else blank.reason)
    numerator = sum(unit.numerator or 0.0 for unit in with_data)
    denominator = sum(unit.denominator or 0.0 for unit in with_data)
    if measured.whole is not None:
        numerator, denominator = measured.whole
        if not np.isfinite((numerator, denominator)).all() or denominator <= 0:
            return blank
    areas = shapely.area(partition.shapes)
    known = [1.0 if unit.coverage is None else unit.coverage for unit in units]
    share = np.nan if any(unit.coverage is None for unit in units) else 1.0
    is_known = float(np.dot(areas, known) / areas.sum())
    city = _with_value(definition, book, blank, numerator, denominator, share, is_known, measured.factor)
    return city if len(with_data) == len(units) or city.coverage is None else replace(city, status="partial")


def _with_value(
    definition: IndicatorDef,
    book: Edition,
    blank: UnitValue,
    numerator: float,
    denominator: float,
    share: float,
    known: float,
    factor: float,
) -> UnitValue:
    """Return a unit with its value.

    Parameters
    ----------
    share : float
        Share of the unit that was surveyed; NaN where nobody recorded it.
    known : float
        Share of what the layers hold of which all that counts is known.
    """
    recorded = not np.isnan(share)
    known *= share if recorded else 1.0
    is_complete = known >= book.complete_share
    return replace(
        blank,
        value=factor * (numerator if definition.form == COUNT else numerator / denominator),
        numerator=numerator,
        denominator=denominator,
        coverage=known if recorded or not is_complete else None,
        status="partial" if not is_complete else "ok" if recorded else "unstated",
        reason="",
    )


def _by_unit(
    partition: Partition, units: list[UnitValue], aims: list[float], factor: float
) -> tuple[tuple[Problem, ...], tuple[GoodObjects, ...]]:
    """Return the units below and above the benchmark: the lists of an indicator whose objects are the units."""
    below = [row for row, unit in enumerate(units) if unit.grade == "not_met"]
    losses = {row: abs(aims[0] - (units[row].value or 0.0)) / factor * (units[row].denominator or 0.0) for row in below}
    total = sum(losses.values())
    below.sort(key=lambda row: (-losses[row], units[row].unit_code))
    problems = tuple(
        Problem(
            units[row].key, "below_benchmark", units[row].value, **_names(partition.units, row),
            unit_oid=units[row].unit_oid, loss=losses[row], loss_share=losses[row] / total if total else 0.0,
        )
        for row in below
    )  # fmt: skip
    met = Keys.of(unit.key for unit in units if unit.grade == "met")
    return problems, (GoodObjects("meets_benchmark", met),) if len(met) else ()


def _listed(
    definition: IndicatorDef, measured: Measured, units: list[UnitValue], has_data: set[int]
) -> tuple[Problem, ...]:
    """Return the problem list, worst first."""
    bad = measured.bad[measured.bad["unit"].isin(has_data)]
    loss = bad["loss"].to_numpy(np.float64)
    order = np.lexsort((bad["code"].to_numpy(str), -loss, -bad["severity"].to_numpy(np.float64)))
    with_data = sorted(has_data)
    is_bad = definition.form == COUNT or definition.direction == "down"  # the numerator itself is what is bad
    lacking = measured.numerator if is_bad else measured.denominator - measured.numerator
    total = float(lacking[with_data].sum())
    rows = bad.iloc[order].to_dict("records")
    return tuple(
        Problem(
            ObjectKey(row["layer"], int(row["oid"])), row["reason"], _known(row["value"]), row["code"], row["name"],
            row["name_en"], units[int(row["unit"])].unit_oid, _known(row["loss"]),
            min(float(row["loss"]) / total, 1.0) if total > 0 else 0.0, _known(row["beyond_m"]),
        )
        for row in rows
    )  # fmt: skip


def _known(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _grouped(good: pd.DataFrame, has_data: set[int]) -> tuple[GoodObjects, ...]:
    chosen = good[good["unit"].isin(has_data) | (good["unit"] < 0)]
    lost = chosen[pd.to_numeric(chosen["loss"]) > 0]
    return tuple(
        GoodObjects(
            str(reason),
            Keys((str(layer), np.unique(oids.to_numpy(np.int64))) for layer, oids in rows.groupby("layer")["oid"]),
            {
                ObjectKey(str(layer), int(oid)): float(loss)
                for layer, oid, loss in lost.loc[lost["reason"] == reason, ["layer", "oid", "loss"]].to_numpy()
            },
        )
        for reason, rows in chosen.groupby("reason", sort=True)
    )


def _names(table: pd.DataFrame, row: int) -> Mapping[str, Any]:
    return {name: str(values[row]) for name, values in object_texts(table).items()}
