"""What an indicator would come to if the first of its problem objects were mended: exact sums, nothing estimated.

A problem says what is missing there (:attr:`~models.health.results.Problem.loss`, in the unit of the numerator).
Mending it gives the numerator that much where more is better, and takes it away where less is; the denominator stays.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.health.editions import Benchmark
from models.health.results import IndicatorResult, UnitValue

Floats = NDArray[np.float64]

#: By what numerator ÷ denominator is multiplied for a unit, where no value of the result tells it.
_FACTORS = {"%": 100.0, "‰": 1000.0}


def factor_of(result: IndicatorResult) -> float:
    """Return by what numerator ÷ denominator is multiplied to give the value: 100 for per cent; 1 for what is counted.

    It is read off the values themselves, so that it is the one by which they were worked out.
    """
    definition = result.definition
    if definition.form == "count":
        return 1.0
    for row in (result.city, *result.units, *result.estates):
        if row.value and row.numerator and row.denominator:
            return row.value * row.denominator / row.numerator
    return _FACTORS.get(definition.unit, 1.0)


def mended(result: IndicatorResult, unit: UnitValue, losses: Floats) -> Floats | None:
    """Return the value of a unit after none, one, two … of its problems are mended in their order.

    Parameters
    ----------
    result : IndicatorResult
    unit : UnitValue
        The city's or a sub-district's; the problems are its own.
    losses : ndarray, shape (n,)
        What each explains; NaN (nobody worked it out) mends nothing.

    Returns
    -------
    ndarray, shape (n + 1,), or None
        The first is the value as it is. None where there is no value, or no problem says what it explains.
    """
    definition = result.definition
    known = np.isfinite(losses)
    if unit.value is None or unit.numerator is None or (len(losses) and not known.any()):
        return None
    sign = -1.0 if definition.direction == "down" else 1.0
    numerators = unit.numerator + sign * np.concatenate([[0.0], np.cumsum(np.where(known, losses, 0.0))])
    if definition.form == "count":
        return np.asarray(numerators, dtype=np.float64)
    if not unit.denominator:
        return None
    values = np.asarray(factor_of(result) * numerators / unit.denominator, dtype=np.float64)
    values[0] = unit.value
    return values


def first_to_meet(values: Floats, benchmark: Benchmark | None) -> int | None:
    """Return how many have to be mended, in their order, until a benchmark is met; None where that does not do it."""
    if benchmark is None:
        return None
    slack = 1e-9 * max(abs(benchmark.value), 1.0)
    met = values >= benchmark.value - slack if benchmark.op == ">=" else values <= benchmark.value + slack
    return int(np.argmax(met)) if met.any() else None
