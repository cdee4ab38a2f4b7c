"""From sums to a result: values by unit and for the city, held against surveys and benchmarks.

Invariants
----------
1. No data is no data. A missing layer, a theme nobody surveyed or an empty denominator gives ``value=None`` with a
   reason; a zero only stands where the inputs are there and the count is zero.
2. The city's value is the ratio of sums over the units that have data, and ``coverage`` says how much of the city that
   is. A mean of percentages would weigh a hamlet like a quarter.
3. A result leads back to the objects behind it: ``problems`` and ``good`` carry object keys.
4. Whether a value meets its benchmark is decided by :func:`verdict` and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd
import shapely

from models.health.coverage import Floats
from models.health.editions import Benchmark, Edition, IndicatorDef, Threshold
from models.health.inputs import text_at
from models.health.partition import NO_UNIT, Measured, Method, Partition, Shape
from models.health.results import CITY_OID, IndicatorResult, InputUsed, Mark, ObjectGroup, Problem, UnitValue
from models.project.selection import ObjectKey


def verdict(definition: IndicatorDef, value: float | None) -> str:
    """Return ``"met"`` or ``"not_met"`` against the first benchmark, ``"no_benchmark"`` or ``"no_data"``."""
    if value is None:
        return "no_data"
    if not definition.benchmarks:
        return "no_benchmark"
    return "met" if definition.benchmarks[0].met(value) else "not_met"


def graded(
    definition: IndicatorDef,
    book: Edition,
    method: Method,
    partition: Partition,
    surveyed: Floats,
    measured: Measured | None,
) -> IndicatorResult:
    """Return the result of an indicator.

    Parameters
    ----------
    definition : IndicatorDef
    book : Edition
    method : Method
    partition : Partition
        The units, all of them counted.
    surveyed : ndarray, shape (units,)
    measured : Measured or None
        None where a layer that the indicator needs is missing.
    """
    units = [_unit(definition, book, partition, row, float(share), measured) for row, share in enumerate(surveyed)]
    city = _city(definition, book, partition, units, measured)
    rules = (*method.thresholds(definition), *(_benchmark_threshold(row) for row in definition.benchmarks))
    if measured is None:
        benchmarks = tuple(rule for rule in rules if rule.code == "benchmark")
        return IndicatorResult(definition.code, book.id, tuple(units), city, thresholds=benchmarks)
    with_data = {row for row, unit in enumerate(units) if unit.status != "no_data"}
    problems, good = (
        _judged_units(units) if method.lists_units else (_problems(measured, units), _groups(measured, units))
    )
    return IndicatorResult(
        code=definition.code,
        edition=book.id,
        units=tuple(units),
        city=city,
        problems=problems,
        good=good,
        inputs=_inputs(measured.used),
        marks=tuple(_mark(shape) for shape in measured.shapes if shape.unit in with_data or shape.unit == NO_UNIT),
        thresholds=rules,
    )


def _benchmark_threshold(row: Benchmark) -> Threshold:
    facts = {"value": row.value, "op": row.op, "zh": row.name, "en": row.name_en}
    return Threshold("benchmark", facts, row.source, row.uncertain)


def _inputs(used: Mapping[str, pd.DataFrame]) -> tuple[InputUsed, ...]:
    return tuple(
        InputUsed(str(layer), role, int(count))
        for role, frame in used.items()
        for layer, count in frame["_layer"].value_counts(sort=False).items()
    )


def _mark(shape: Shape) -> Mark:
    return Mark(shape.kind, shape.geometry, ObjectKey(shape.layer, shape.oid) if shape.layer else None)


def _judged_units(units: list[UnitValue]) -> tuple[tuple[Problem, ...], tuple[ObjectGroup, ...]]:
    """Return the units that miss the benchmark, lowest value first, and those that meet it."""
    missed = sorted((unit for unit in units if unit.grade == "not_met"), key=lambda unit: unit.value or 0.0)
    problems = tuple(
        Problem(
            unit.key, "below_benchmark", unit.value, unit.unit_code, unit.unit_name, unit.unit_name_en, unit.unit_oid
        )
        for unit in missed
    )
    good = tuple(
        ObjectGroup("meets_benchmark", unit.unit_layer, unit.unit_oid, (unit.unit_oid,), (unit.unit_code,))
        for unit in units
        if unit.grade == "met"
    )
    return problems, good


def _problems(measured: Measured, units: list[UnitValue]) -> tuple[Problem, ...]:
    listed = cast("list[dict[str, Any]]", measured.bad.to_dict("records"))
    rows = [row for row in listed if units[row["unit"]].status != "no_data"]
    rows.sort(key=lambda row: (-row["severity"], row["code"]))
    return tuple(_problem(row, units[row["unit"]]) for row in rows)


def _problem(row: Mapping[str, Any], unit: UnitValue) -> Problem:
    value = None if row["value"] is None else float(row["value"])
    key = ObjectKey(str(row["layer"]), int(row["oid"]))
    return Problem(key, row["reason"], value, row["code"], row["name"], row["name_en"], unit.unit_oid)


def _groups(measured: Measured, units: list[UnitValue]) -> tuple[ObjectGroup, ...]:
    groups = []
    for key, rows in measured.good.groupby(["reason", "layer", "unit"], sort=False):
        reason, layer, unit = cast("tuple[str, str, int]", key)
        if unit == NO_UNIT or units[unit].status != "no_data":
            home = CITY_OID if unit == NO_UNIT else units[unit].unit_oid
            groups.append(ObjectGroup(reason, layer, home, tuple(rows["oid"].tolist()), tuple(rows["code"].tolist())))
    return tuple(groups)


def _unit(
    definition: IndicatorDef, book: Edition, partition: Partition, row: int, share: float, measured: Measured | None
) -> UnitValue:
    units = partition.units
    blank = UnitValue(
        unit_layer=str(units["_layer"].iloc[row]),
        unit_oid=int(units["_oid"].iloc[row]),
        unit_code=text_at(units, "code", row),
        unit_name=text_at(units, "name", row) or text_at(units, "code", row),
        unit_name_en=text_at(units, "name_en", row),
        value=None, numerator=None, denominator=None, coverage=0.0, status="no_data", reason=_why(measured),
    )  # fmt: skip
    if measured is None:
        return blank
    if share <= 0:
        return replace(blank, reason="not_surveyed")
    numerator, denominator = float(measured.numerator[row]), float(measured.denominator[row])
    if denominator <= 0:
        return blank
    known = share if measured.seen is None else share * (denominator / float(measured.seen[row]))
    return _valued(definition, blank, numerator, denominator, measured.factor, known, known >= book.complete_share)


def _city(
    definition: IndicatorDef, book: Edition, partition: Partition, units: list[UnitValue], measured: Measured | None
) -> UnitValue:
    """Sum over the units with data; coverage is weighed by the area of the units."""
    blank = UnitValue(
        unit_layer=units[0].unit_layer, unit_oid=CITY_OID, unit_code="", unit_name=book.city[0],
        unit_name_en=book.city[1], value=None, numerator=None, denominator=None, coverage=0.0, status="no_data",
        reason=_why(measured),
    )  # fmt: skip
    with_data = [unit for unit in units if unit.status != "no_data"]
    if measured is None or not with_data:
        reasons = {unit.reason for unit in units}
        return replace(blank, reason=reasons.pop() if len(reasons) == 1 else blank.reason)
    numerator = sum(unit.numerator or 0.0 for unit in with_data)
    denominator = sum(unit.denominator or 0.0 for unit in with_data)
    areas_m2 = shapely.area(partition.shapes)
    known = float(np.dot(areas_m2, [unit.coverage for unit in units]) / areas_m2.sum())
    complete = known >= book.complete_share and len(with_data) == len(units)
    return _valued(definition, blank, numerator, denominator, measured.factor, known, complete)


def _why(measured: Measured | None) -> str:
    """Return why there is no data where nothing else tells."""
    return "no_layer" if measured is None else "nothing_to_measure"


def _valued(
    definition: IndicatorDef,
    blank: UnitValue,
    numerator: float,
    denominator: float,
    factor: float,
    known: float,
    complete: bool,
) -> UnitValue:
    value = factor * numerator / denominator
    return replace(
        blank,
        value=value,
        numerator=numerator,
        denominator=denominator,
        coverage=known,
        status="ok" if complete else "partial",
        reason="",
        grade=verdict(definition, value),
    )
