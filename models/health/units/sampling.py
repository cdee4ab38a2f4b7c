"""Sampled units: what a random sample of a unit says of all of it, with an interval (抽样体检).

* The interval of a share counts that the unit is finite: a sample of nine tenths leaves little to guess. Wilson's is
  taken on the sample size that the finite population correction is worth; the exact one inverts the hypergeometric
  distribution, which is what Clopper and Pearson's becomes where nobody is drawn twice.
* A count is expanded: share × all objects, and its interval with it; never less than what was found in the sample.
* What was looked at by chance or by choice is no sample: only a person can say that it was drawn (``SampledUnit``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.core.errors import UserError
from models.health.results import UnitValue
from models.health.state import HealthState
from models.health.units.unit_sets import SampledUnit


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a sample says of a unit.

    Parameters
    ----------
    share, share_low, share_high : float
        Of the objects that have what was looked for, 0…1.
    count, count_low, count_high : float
        Expanded to all objects of the unit.
    found, drawn, total : int
    method : str
        ``"wilson"``, ``"exact"``, or ``"census"`` where all were drawn.
    confidence : float
    """

    share: float
    share_low: float
    share_high: float
    count: float
    count_low: float
    count_high: float
    found: int
    drawn: int
    total: int
    method: str
    confidence: float


def estimate(found: int, drawn: int, total: int, method: str = "wilson", confidence: float = 0.95) -> Estimate:
    """Return what a simple random sample without replacement says.

    Parameters
    ----------
    found : int
        Objects of the sample that have what was looked for.
    drawn : int
    total : int
        Objects of the unit.
    method : {"wilson", "exact"}
    confidence : float
        0…1.

    Raises
    ------
    UserError
        ``units.bad_sample`` where the numbers cannot be: none drawn, more drawn than there are, more found than drawn.
    """
    if not (0 < drawn <= total and 0 <= found <= drawn):
        raise UserError("units.bad_sample", found=found, drawn=drawn, total=total)
    share = found / drawn
    if drawn == total:
        low, high, method = share, share, "census"
    elif method == "exact":
        low, high = (one / total for one in _exact(found, drawn, total, confidence))
    else:
        worth = drawn * (total - 1) / (total - drawn)  # the sample size of an endless population as sure as this one
        low, high = _wilson(share, worth, confidence)
    least, most = found / total, (total - (drawn - found)) / total  # what was seen is certain
    low, high = max(low, least), min(high, most)
    return Estimate(share, low, high, share * total, low * total, high * total, found, drawn, total, method, confidence)


def estimate_of(value: UnitValue, sampled: SampledUnit, *, looked_for: str = "numerator") -> Estimate | None:
    """Return what the value of a sampled unit says of all of it, for indicators that count objects.

    Parameters
    ----------
    value : UnitValue
        Numerator: objects that have what was looked for; denominator: how many were looked at.
    sampled : SampledUnit
    looked_for : str
        The side of the value that is counted.

    Returns
    -------
    Estimate or None
        None where there is no value, or it does not count whole objects of the sample.
    """
    found = getattr(value, looked_for)
    if found is None or sampled.drawn > sampled.total or not 0 <= found <= sampled.drawn or found != int(found):
        return None
    return estimate(int(found), sampled.drawn, sampled.total)


def sample_of(health: HealthState, level: str, unit_code: str, indicator: str = "") -> SampledUnit | None:
    """Return how a unit was sampled for an indicator, or for all of them; None where it was checked whole."""
    said = {one.indicator: one for one in health.sampled if (one.level, one.unit_code) == (level, unit_code)}
    return said.get(indicator) or said.get("")


def _wilson(share: float, size: float, confidence: float) -> tuple[float, float]:
    from scipy import stats

    z = float(stats.norm.ppf(0.5 + confidence / 2))
    middle = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    reach = z / (1 + z**2 / size) * np.sqrt(share * (1 - share) / size + z**2 / (4 * size**2))
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


def _exact(found: int, drawn: int, total: int, confidence: float) -> tuple[int, int]:
    """Return the least and the greatest number in the unit with which such a sample is not unlikely."""
    from scipy import stats

    side = (1 - confidence) / 2
    least, most = found, total - (drawn - found)
    low, high = least, most
    while low < high:  # P(at least so many found) grows with the number in the unit
        middle = (low + high) // 2
        low, high = (low, middle) if stats.hypergeom.sf(found - 1, total, middle, drawn) > side else (middle + 1, high)
    lowest = low
    low, high = least, most
    while low < high:  # P(at most so many found) falls with it
        middle = (low + high + 1) // 2
        low, high = (middle, high) if stats.hypergeom.cdf(found, total, middle, drawn) > side else (low, middle - 1)
    return lowest, low
