"""Which problems come together: at the same object, or in the same unit, and whether that is more than chance.

A pair is counted only over what was looked at under both indicators. Under independence as many would have both as
n₁ · n₂ / N; the lift is how many times that have both, the Jaccard index the share of those with any that have both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.health.patterns.places import Floats
from models.health.patterns.problems import Looked
from models.health.patterns.rules import pattern_rules

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """Pairs of indicators.

    Parameters
    ----------
    codes : tuple of str
        With problems at all, in the order of the matrices.
    both : ndarray, shape (codes, codes)
        How many fail both; on the diagonal how many fail the one.
    lift : ndarray, shape (codes, codes)
        NaN where nothing was looked at under both or nothing is expected.
    pairs : DataFrame
        ``first``, ``second`` (codes), ``looked`` (at under both), ``n_first``, ``n_second``, ``both``, ``expected``,
        ``lift``, ``jaccard``, ``few`` (whether the expected number is too small to say anything); most in excess of
        what is expected first. Only pairs with something looked at under both.
    """

    codes: tuple[str, ...]
    both: Floats
    lift: Floats
    pairs: pd.DataFrame


def together_of(looked: Looked) -> Together:
    """Return which indicators fail together."""
    rules = pattern_rules()["together"]
    amount = np.asarray(looked.fails.sum(axis=0)).ravel()
    kept = np.sort(np.argsort(-amount, kind="stable")[: int(rules["most_indicators"])])
    kept = kept[amount[kept] > 0]
    codes = tuple(looked.codes[at] for at in kept)
    fails, seen = (matrix[:, kept].astype(np.float64) for matrix in (looked.fails, looked.looked))
    both, number, total = ((one.T @ other).toarray() for one, other in ((fails, fails), (fails, seen), (seen, seen)))
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = number * number.T / total
        lift = np.where(expected > 0, both / expected, np.nan)
    first, second = np.triu_indices(len(codes), 1)
    keep = total[first, second] > 0
    first, second = first[keep], second[keep]
    either = number[first, second] + number[second, first] - both[first, second]
    pairs = pd.DataFrame(
        {
            "first": [codes[at] for at in first], "second": [codes[at] for at in second],
            "looked": total[first, second], "n_first": number[first, second], "n_second": number[second, first],
            "both": both[first, second], "expected": expected[first, second], "lift": lift[first, second],
            "jaccard": np.divide(both[first, second], either, out=np.full(len(first), np.nan), where=either > 0),
            "few": expected[first, second] < float(rules["least_expected"]),
        }
    )  # fmt: skip
    excess = pairs["both"] - pairs["expected"]
    pairs = pairs.assign(_excess=excess).sort_values(["few", "_excess"], ascending=[True, False], kind="stable")
    return Together(codes, both, lift, pairs.drop(columns="_excess").reset_index(drop=True))


def by_unit(looked: Looked, count: int) -> Looked:
    """Return the same of units: looked at where something in it was, failing where something in it fails.

    Parameters
    ----------
    looked : Looked
    count : int
        Of the units.
    """
    import scipy.sparse as sp

    inside = looked.unit >= 0
    rows = np.flatnonzero(inside)
    gather = sp.csr_matrix((np.ones(len(rows)), (looked.unit[rows], rows)), shape=(count, len(looked.unit)))

    def any_of(matrix: sp.csr_matrix) -> sp.csr_matrix:
        found = (gather @ matrix).tocsr()
        found.data = np.ones_like(found.data)
        return found

    blank = np.full((count, 2), np.nan)
    return replace(looked, layers=np.full(count, "", object), oids=np.arange(count), xy=blank, unit=np.arange(count),
                   looked=any_of(looked.looked), fails=any_of(looked.fails))  # fmt: skip
