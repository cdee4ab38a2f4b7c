"""Serial numbers of components: which are free inside a division and class.

A serial is given once: what was taken off the register leaves its number behind. New numbers therefore follow the
highest one; gaps are filled only where a person wants that.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def next_serials(
    wanted: pd.Series[str], taken_stems: pd.Series[str], taken: Ints, most: int, *, fill_gaps: bool = False
) -> Ints:
    """Return a serial for each component that needs one.

    Parameters
    ----------
    wanted : Series of str
        Stem of each (division and class); empty gets none.
    taken_stems, taken : Series of str, ndarray
        Stem and serial of the codes that stand.
    most : int
        Highest serial that fits.
    fill_gaps : bool
        Take the lowest free numbers first, not those after the highest.

    Returns
    -------
    ndarray of int64
        -1 where the numbers of a stem are used up, or none is wanted.
    """
    found = np.full(len(wanted), -1, dtype=np.int64)
    used = {str(stem): rows for stem, rows in pd.Series(taken).groupby(taken_stems.to_numpy(), sort=False)}
    stems = pd.Series(wanted.to_numpy())
    for stem, rows in stems[stems != ""].groupby(stems, sort=False):
        places = rows.index.to_numpy()
        held = np.unique(used[str(stem)].to_numpy()) if str(stem) in used else np.zeros(0, dtype=np.int64)
        free = _free(held[(held >= 1) & (held <= most)], len(places), most, fill_gaps=fill_gaps)
        found[places[: len(free)]] = free
    return found


def gaps(serials: Ints) -> Ints:
    """Return the numbers from 1 to the highest that nothing has."""
    held = np.unique(serials[serials >= 1])
    if not len(held):
        return np.zeros(0, dtype=np.int64)
    whole = np.ones(int(held[-1]), dtype=bool)
    whole[held - 1] = False
    return np.flatnonzero(whole) + 1


def _free(held: Ints, count: int, most: int, *, fill_gaps: bool) -> Ints:
    last = int(held[-1]) if len(held) else 0
    after = np.arange(last + 1, min(last + count, most) + 1, dtype=np.int64)
    if not fill_gaps and len(after) >= count:
        return after
    # The numbers after the highest are used up, or gaps are to be filled: the rest comes from the gaps.
    open_ = gaps(held)
    return np.concatenate([open_, after] if fill_gaps else [after, open_])[:count]
