"""From sums to a result: values by unit and for the city, how complete they are, and whether they meet the benchmark.

Invariants
----------
1. No data is no data. A missing layer, a theme nobody surveyed or an empty denominator gives ``value=None`` with a
   reason; a zero is only stated where the inputs are there and the count is zero.
2. The city's value is the ratio of sums over the units that have data, and ``coverage`` says how much of the city that
   is. A mean of percentages would weigh a hamlet like a quarter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from models.health.coverage import Floats
from models.health.editions import Benchmark, Edition, IndicatorDef, Threshold
from models.health.partition import Measured, Method, Partition, object_texts
from models.health.results import CITY_OID, GoodObjects, IndicatorResult, InputUsed, Mark, Problem, Stamp, UnitValue
from models.project.selection import Keys, ObjectKey


def verdict(definition: IndicatorDef, value: float | None) -> str:
    """Return how a value stands against the first benchmark of its indicator.

    Returns
    -------
    str
        ``"met"``, ``"not_met"``, ``"no_benchmark"``, or ``"no_data"`` for a value that is None.
    """
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
    shares: Floats,
    measured: Measured | None,
    stamp: Stamp,
) -> IndicatorResult:
    """Return the result of sums over a whole city.

    Parameters
    ----------
    definition : IndicatorDef
    book : Edition
    method : Method
    partition : Partition
        Every unit counted.
    shares : ndarray, shape (units,)
        Surveyed share of each unit, 0…1.
    measured : Measured or None
        None where a layer that the indicator needs is missing.
    stamp : Stamp
    """
    units = [_unit(definition, book, partition, row, float(shares[row]), measured) for row in range(len(shares))]
    city = _city(definition, book, partition, units, measured)
    rules = tuple(_benchmark_threshold(row) for row in definition.benchmarks)
    if measured is None:
        return IndicatorResult(definition.code, book.id, tuple(units), city, thresholds=rules, stamp=stamp)
    has_data = {row for row, unit in enumerate(units) if unit.status != "no_data"}
    if method.lists_units:
        problems, good = _by_unit(definition, partition, units)
    else:
        problems, good = _listed(measured.bad, units, has_data), _grouped(measured.good, has_data)
    return IndicatorResult(
        code=definition.code,
        edition=book.id,
        units=tuple(units),
        city=city,
        problems=problems,
        inputs=tuple(
            InputUsed(str(layer), role, int(count))
            for role, rows in measured.used.items()
            for layer, count in rows["_layer"].value_counts(sort=False).items()
        ),
        thresholds=(*method.thresholds(definition), *rules),
        good=good,
        stamp=stamp,
        marks=tuple(
            Mark(shape.kind, shape.geometry, ObjectKey(shape.layer, shape.oid) if shape.layer else None)
            for shape in measured.shapes
            if shape.unit < 0 or shape.unit in has_data
        ),
    )


def _unit(
    definition: IndicatorDef, book: Edition, partition: Partition, row: int, share: float, measured: Measured | None
) -> UnitValue:
    table = partition.units
    code = text_at(table, "code", row)
    blank = UnitValue(
        unit_layer=str(table["_layer"].iloc[row]),
        unit_oid=int(table["_oid"].iloc[row]),
        unit_code=code,
        unit_name=text_at(table, "name", row) or code,
        unit_name_en=text_at(table, "name_en", row),
        value=None, numerator=None, denominator=None, coverage=0.0, status="no_data", reason="no_layer",
    )  # fmt: skip
    if measured is None:
        return blank
    if share <= 0:
        return replace(blank, reason="not_surveyed")
    numerator, denominator = float(measured.numerator[row]), float(measured.denominator[row])
    if denominator <= 0:
        return replace(blank, reason="nothing_to_measure")
    known = share if measured.seen is None else share * denominator / float(measured.seen[row])
    return _with_value(definition, book, blank, numerator, denominator, known, measured.factor, is_whole=True)


def _city(
    definition: IndicatorDef, book: Edition, partition: Partition, units: list[UnitValue], measured: Measured | None
) -> UnitValue:
    """Sum over the units with data; coverage is weighed by the area of the units."""
    blank = UnitValue(
        unit_layer=str(partition.units["_layer"].iloc[0]), unit_oid=CITY_OID, unit_code="", unit_name=book.city[0],
        unit_name_en=book.city[1], value=None, numerator=None, denominator=None, coverage=0.0, status="no_data",
        reason="no_layer" if measured is None else "nothing_to_measure",
    )  # fmt: skip
    with_data = [unit for unit in units if unit.status != "no_data"]
    if measured is None or not with_data:
        reasons = {unit.reason for unit in units}
        return replace(blank, reason=reasons.pop() if len(reasons) == 1 else blank.reason)
    numerator = sum(unit.numerator or 0.0 for unit in with_data)
    denominator = sum(unit.denominator or 0.0 for unit in with_data)
    areas = shapely.area(partition.shapes)
    known = float(np.dot(areas, [unit.coverage for unit in units]) / areas.sum())
    is_whole = len(with_data) == len(units)
    return _with_value(definition, book, blank, numerator, denominator, known, measured.factor, is_whole=is_whole)


def _with_value(
    definition: IndicatorDef, book: Edition, blank: UnitValue, numerator: float, denominator: float, known: float,
    factor: float, *, is_whole: bool,
) -> UnitValue:  # fmt: skip
    value = factor * numerator / denominator
    return replace(
        blank,
        value=value,
        numerator=numerator,
        denominator=denominator,
        coverage=known,
        status="ok" if is_whole and known >= book.complete_share else "partial",
        reason="",
        grade=verdict(definition, value),
    )


def _by_unit(
    definition: IndicatorDef, partition: Partition, units: list[UnitValue]
) -> tuple[tuple[Problem, ...], tuple[GoodObjects, ...]]:
    """Return the units below and above the benchmark: the lists of an indicator whose objects are the units."""
    below = [(row, unit) for row, unit in enumerate(units) if unit.grade == "not_met"]
    below.sort(key=lambda item: item[1].value or 0.0)
    problems = tuple(
        Problem(unit.key, "below_benchmark", unit.value, **_names(partition.units, row), unit_oid=unit.unit_oid)
        for row, unit in below
    )
    met = Keys.of(unit.key for unit in units if unit.grade == "met")
    return problems, (GoodObjects("meets_benchmark", met),) if len(met) else ()


def _listed(bad: pd.DataFrame, units: list[UnitValue], has_data: set[int]) -> tuple[Problem, ...]:
    """Return the problem list, worst first."""
    chosen = bad[bad["unit"].isin(has_data)]
    order = sorted(range(len(chosen)), key=lambda k: (-float(chosen["severity"].iloc[k]), str(chosen["code"].iloc[k])))
    rows = chosen.iloc[order].to_dict("records")
    return tuple(
        Problem(
            ObjectKey(row["layer"], int(row["oid"])), row["reason"], None if pd.isna(row["value"]) else row["value"],
            row["code"], row["name"], row["name_en"], units[int(row["unit"])].unit_oid,
        )
        for row in rows
    )  # fmt: skip


def _grouped(good: pd.DataFrame, has_data: set[int]) -> tuple[GoodObjects, ...]:
    chosen = good[good["unit"].isin(has_data) | (good["unit"] < 0)]
    return tuple(
        GoodObjects(
            str(reason),
            Keys((str(layer), np.unique(oids.to_numpy(np.int64))) for layer, oids in rows.groupby("layer")["oid"]),
        )
        for reason, rows in chosen.groupby("reason", sort=True)
    )


def _benchmark_threshold(row: Benchmark) -> Threshold:
    facts = {"value": row.value, "op": row.op, "zh": row.name, "en": row.name_en}
    return Threshold("benchmark", facts, row.source, row.uncertain)


def _names(table: pd.DataFrame, row: int) -> Mapping[str, Any]:
    return {name: str(values[row]) for name, values in object_texts(table).items()}


def text_at(table: pd.DataFrame, column: str, row: int) -> str:
    """Return a cell as text, empty where the column or the value is missing."""
    if column not in table.columns:
        return ""
    value = table[column].iloc[row]
    return "" if pd.isna(value) else str(value)
