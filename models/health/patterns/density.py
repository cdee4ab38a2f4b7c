"""Kernel density of problems on a grid, made good at the edge of the area under study.

A Gaussian kernel of a stated bandwidth (Silverman 1986). Beside the edge of the area a part of each kernel falls where
no problem could be found; what is there is divided by the share of the kernel inside (Diggle 1985).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from models.health.patterns.places import Floats, Ground, Ints
from models.health.patterns.rules import pattern_rules

#: A kernel is cut off beyond so many bandwidths.
REACH = 4.0
#: Where less of the kernel is inside than this, the division would only magnify chance.
LEAST_INSIDE = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Square cells over the area under study.

    Parameters
    ----------
    west, south : float
        Corner, project CRS, metres.
    cell_m : float
    shape : (int, int)
        Rows from south to north, columns from west to east.
    inside : ndarray of bool, shape (rows, columns)
        Whether the middle of a cell lies in the area.
    """

    west: float
    south: float
    cell_m: float
    shape: tuple[int, int]
    inside: NDArray[np.bool_]

    def cell_of(self, xy: Floats) -> Ints:
        """Return the cell of each point, row × columns + column; −1 outside the grid."""
        rows, columns = self.shape
        with np.errstate(invalid="ignore"):
            at = np.floor((xy - (self.west, self.south)) / self.cell_m)
            inside = (at >= 0).all(axis=1) & (at[:, 0] < columns) & (at[:, 1] < rows)
        found = np.full(len(xy), -1, dtype=np.int64)
        found[inside] = (at[inside, 1] * columns + at[inside, 0]).astype(np.int64)
        return found

    def middles(self, cells: Ints) -> Floats:
        """Return the middle of each cell, (n, 2), metres."""
        columns = self.shape[1]
        return np.column_stack([self.west + (cells % columns + 0.5) * self.cell_m,
                                self.south + (cells // columns + 0.5) * self.cell_m])  # fmt: skip

    def counts(self, xy: Floats) -> Floats:
        """Return how many points lie in each cell, (rows, columns)."""
        cells = self.cell_of(xy)
        counted = np.bincount(cells[cells >= 0], minlength=self.shape[0] * self.shape[1])
        return counted.astype(np.float64).reshape(self.shape)


@dataclass(frozen=True, slots=True, eq=False)
class Density:
    """How densely problems lie.

    Parameters
    ----------
    grid : Grid
    bandwidth_m : float
    per_km2 : ndarray, shape (rows, columns)
        Problems per km²; NaN outside the area.
    count : int
        Problems inside the area.
    refusal : str
        Why there is none: ``"few_problems"``; empty where there is one.
    """

    grid: Grid
    bandwidth_m: float
    per_km2: Floats
    count: int
    refusal: str = ""

    def at(self, xy: Floats) -> Floats:
        """Return the density at points; NaN outside."""
        cells = self.grid.cell_of(xy)
        return np.where(cells >= 0, self.per_km2.ravel()[np.maximum(cells, 0)], np.nan)


def grid_over(ground: Ground, cell_m: float, most_cells: int) -> Grid:
    """Return cells over the area under study; larger ones where a side would have more than ``most_cells``."""
    west, south, east, north = shapely.total_bounds(ground.study)
    cell_m = max(cell_m, (east - west) / most_cells, (north - south) / most_cells)
    columns, rows = (max(int(np.ceil(span / cell_m)), 1) for span in (east - west, north - south))
    shape = (rows, columns)
    grid = Grid(float(west), float(south), float(cell_m), shape, np.ones(shape, dtype=np.bool_))
    return replace(grid, inside=ground.holds(grid.middles(np.arange(rows * columns))).reshape(shape))


def density_of(xy: Floats, ground: Ground, bandwidth_m: float = 0.0) -> Density:
    """Return the kernel density of problems.

    Parameters
    ----------
    xy : ndarray (n, 2)
    ground : Ground
    bandwidth_m : float
        Standard deviation of the kernel; 0 for that of ``health/patterns.toml``.
    """
    from scipy.ndimage import gaussian_filter

    rules = pattern_rules()["density"]
    bandwidth_m = bandwidth_m or float(rules["bandwidth_m"])
    grid = grid_over(ground, min(float(rules["cell_m"]), bandwidth_m / 3.0), int(rules["most_cells"]))
    counts = np.where(grid.inside, grid.counts(xy), 0.0)
    count = int(counts.sum())
    if count < int(rules["least_points"]):
        return Density(grid, bandwidth_m, np.full(grid.shape, np.nan), count, "few_problems")
    sigma = bandwidth_m / grid.cell_m
    smooth, mass = (gaussian_filter(layer, sigma, mode="constant", truncate=REACH)
                    for layer in (counts, grid.inside.astype(np.float64)))  # fmt: skip
    per_km2 = smooth / np.maximum(mass, LEAST_INSIDE) / (grid.cell_m / 1000.0) ** 2
    return Density(grid, bandwidth_m, np.where(grid.inside, per_km2, np.nan), count)
