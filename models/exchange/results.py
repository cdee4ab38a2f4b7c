"""Results of the health check as records, one for each indicator and unit."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from models.health.editions import indicator
from models.health.grading import COUNT
from models.health.results import CITY_OID, IndicatorResult, UnitValue

#: Field of the business key: who, indicator, unit and edition.
KEY = "result_id"
_COLUMNS = (
    KEY, "indicator", "edition", "reading", "division", "unit_code", "unit_name", "scope", "value", "numerator",
    "denominator", "form", "factor", "coverage", "status", "grade", "origin",
)  # fmt: skip


def results_table(results: Iterable[IndicatorResult], division: str) -> pd.DataFrame:
    """Return a row for each indicator and unit.

    ``factor`` is what the ratio (or the count) was multiplied by to give the value: whoever adds numerators and
    denominators up needs it.

    Parameters
    ----------
    results : iterable of IndicatorResult
    division : str
        Code of the party; of its own row, ``scope`` is ``"whole"``, of its sub-districts' ``"part"``.
    """
    rows = []
    for one in results:
        form = (one.defined or indicator(one.code, one.edition)).form
        for unit in (*one.units, one.city):
            is_whole = unit.unit_oid == CITY_OID
            code = division if is_whole else unit.unit_code
            rows.append(
                (
                    f"{division}/{one.code}/{code}/{one.edition}", one.code, one.edition, one.reading, division, code,
                    unit.unit_name, "whole" if is_whole else "part", unit.value, unit.numerator, unit.denominator, form,
                    _factor(unit, form), unit.coverage, unit.status, unit.grade, one.origin,
                )
            )  # fmt: skip
    return pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1), columns=list(_COLUMNS))


def _factor(unit: UnitValue, form: str) -> float | None:
    if unit.value is None or not unit.numerator:
        return None
    if form == COUNT:
        return round(unit.value / unit.numerator, 9)
    return round(unit.value * unit.denominator / unit.numerator, 9) if unit.denominator else None
