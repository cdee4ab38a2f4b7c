"""Hot and cold spots of problems: Getis-Ord Gi* on square cells, held against the false discovery rate.

A cell and its eight neighbours are compared with the whole area (Getis & Ord 1995). As hundreds of cells are tested at
once, the limit of significance is that of Benjamini & Hochberg (1995).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.health.patterns.density import Grid, grid_over
from models.health.patterns.places import Floats, Ground, Ints
from models.health.patterns.rules import pattern_rules

#: What is compared.
COUNT, RATE = "count", "rate"
MEASURES = (COUNT, RATE)


@dataclass(frozen=True, slots=True, eq=False)
class HotSpots:
    """What Gi* says of each cell.

    Parameters
    ----------
    grid : Grid
    measure : str
        ``"count"``, or ``"rate"``: problems per object that was looked at.
    cells : ndarray of int
        The cells that were tested, as :meth:`~models.health.patterns.density.Grid.cell_of` numbers them.
    counts, values : ndarray
        Problems in each, and what was compared.
    z, p : ndarray
        Standard score, and its two-sided probability under chance.
    kind : ndarray of int
        1 hot, −1 cold, 0 not significant.
    p_limit : float
        Up to which p a cell counts.
    refusal : str
        ``"few_cells"`` or ``"no_variance"``; empty where there is a result.
    """

    grid: Grid
    measure: str
    cells: Ints
    counts: Floats
    values: Floats
    z: Floats
    p: Floats
    kind: Ints
    p_limit: float
    refusal: str = ""


def hot_spots_of(
    xy: Floats, looked_xy: Floats, ground: Ground, measure: str = COUNT, cell_m: float = 0.0
) -> HotSpots:  # fmt: skip
    """Return hot and cold spots.

    Parameters
    ----------
    xy : ndarray (n, 2)
        Problems.
    looked_xy : ndarray (m, 2)
        Objects that were looked at; only asked for a rate, whose cells are those that hold some.
    ground : Ground
    measure : {"count", "rate"}
    cell_m : float
        0 for that of ``health/patterns.toml``.
    """
    from scipy import stats

    rules = pattern_rules()["hot_spots"]
    grid = grid_over(ground, cell_m or float(rules["cell_m"]), int(rules["most_cells"]))
    counts, looked = grid.counts(xy), grid.counts(looked_xy)
    tested = grid.inside & (looked > 0) if measure == RATE else grid.inside
    cells = np.flatnonzero(tested)
    number = counts.ravel()[cells]
    values = number / looked.ravel()[cells] if measure == RATE else number
    refusal = ""
    if len(cells) < int(rules["least_cells"]):
        refusal = "few_cells"
    elif np.ptp(values) == 0:
        refusal = "no_variance"
    if refusal:
        blank, none = np.full(len(cells), np.nan), np.zeros(len(cells), np.int64)
        return HotSpots(grid, measure, cells, number, values, blank, blank, none, 0.0, refusal)
    z = getis_ord(values, tested)
    p = 2.0 * stats.norm.sf(np.abs(z))
    limit = _limit(p, float(rules["false_discovery_rate"]))
    kind = np.where(p <= limit, np.sign(z), 0).astype(np.int64)
    return HotSpots(grid, measure, cells, number, values, z, p, kind, limit)


def getis_ord(values: Floats, tested: NDArray[np.bool_]) -> Floats:
    """Return the standard score of Gi* of each tested cell, of itself and its tested neighbours (queen)."""
    from esda.getisord import G_Local
    from libpysal.weights import WSP
    from scipy.sparse import coo_array

    number = np.full((tested.shape[0] + 2, tested.shape[1] + 2), -1, dtype=np.int64)
    number[1:-1, 1:-1][tested] = np.arange(len(values))
    mine = number[1:-1, 1:-1][tested]
    ends: list[Ints] = []
    starts: list[Ints] = []
    for down in (0, 1, 2):
        for right in (0, 1, 2):
            other = number[down : down + tested.shape[0], right : right + tested.shape[1]][tested]
            starts.append(mine[other >= 0])
            ends.append(other[other >= 0])
    start, end = np.concatenate(starts), np.concatenate(ends)
    matrix = coo_array((np.ones(len(start)), (start, end)), shape=(len(values), len(values)))
    weights = WSP(matrix.tocsr()).to_W(silence_warnings=True)
    scores = G_Local(values, weights, transform="B", permutations=0, star=True).Zs
    return np.asarray(np.nan_to_num(scores), dtype=np.float64)


def _limit(p: Floats, rate: float) -> float:
    from esda import fdr

    return float(fdr(p, rate))
