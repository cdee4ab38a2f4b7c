"""Many objects as one surface: hexagonal bins, and how densely objects lie.

Coordinates are metres in a plane; degrees never come here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Added to the number of a hexagon, names it where colours are kept by object.
BIN = 1 << 29
#: A grid has at most so many cells a side.
MOST_CELLS = 512
MOST_HEXAGONS = 60_000


@dataclass(frozen=True, slots=True)
class Hexagons:
    """Hexagons that hold something.

    Parameters
    ----------
    centres : ndarray (n, 2)
    size_m : float
        Width across flats.
    values : ndarray (n,)
        What is told of each; NaN where its objects have no value.
    counts : ndarray (n,)
        How many objects are in each.
    """

    centres: Floats
    size_m: float
    values: Floats
    counts: NDArray[np.int64]

    def corners(self) -> Floats:
        """Return the corners (n, 6, 2), counter-clockwise, a point upwards."""
        angle = np.radians(90.0 + 60.0 * np.arange(6))
        radius = self.size_m / np.sqrt(3.0)
        around: Floats = radius * np.column_stack([np.cos(angle), np.sin(angle)])
        result: Floats = self.centres[:, None, :] + around
        return result


def hexagons(xy: Floats, size_m: float, statistic: str = "count", values: Floats | None = None) -> Hexagons:
    """Put points into hexagons.

    Parameters
    ----------
    xy : ndarray (n, 2)
        Metres.
    size_m : float
        Width across flats; made larger where there would be more than 60 000.
    statistic : {"count", "sum", "mean"}
    values : ndarray (n,), optional
        For sum and mean; NaN is left out, not taken for zero.
    """
    fine = np.isfinite(xy).all(axis=1)
    xy = xy[fine]
    if not len(xy):
        return Hexagons(np.zeros((0, 2)), size_m, np.zeros(0), np.zeros(0, dtype=np.int64))
    extent = float(np.prod(np.maximum(np.ptp(xy, axis=0), 1.0)))
    size_m = max(size_m, float(np.sqrt(extent / (0.866 * MOST_HEXAGONS))), 1e-3)
    column, line = _axial(xy, size_m)
    place = np.column_stack([column, line])
    cells, row, counts = np.unique(place, axis=0, return_inverse=True, return_counts=True)
    row = row.ravel()
    told = counts.astype(np.float64)
    if statistic != "count" and values is not None:
        mine = np.asarray(values, dtype=np.float64)[fine]
        known = np.isfinite(mine)
        total = np.bincount(row[known], weights=mine[known], minlength=len(cells))
        number = np.bincount(row[known], minlength=len(cells)).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            told = np.where(number > 0, total / number if statistic == "mean" else total, np.nan)
    centres = np.column_stack([size_m * (cells[:, 0] + cells[:, 1] / 2.0), size_m * np.sqrt(3.0) / 2.0 * cells[:, 1]])
    return Hexagons(centres, size_m, told, counts.astype(np.int64))


def _axial(xy: Floats, size_m: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return axial coordinates of the hexagon nearest to each point (cube rounding)."""
    r = xy[:, 1] / (size_m * np.sqrt(3.0) / 2.0)
    q = xy[:, 0] / size_m - r / 2.0
    s = -q - r
    rounded = np.round(np.column_stack([q, r, s]))
    off = np.abs(rounded - np.column_stack([q, r, s]))
    worst = np.argmax(off, axis=1)
    rounded[worst == 0, 0] = -rounded[worst == 0, 1] - rounded[worst == 0, 2]
    rounded[worst == 1, 1] = -rounded[worst == 1, 0] - rounded[worst == 1, 2]
    return rounded[:, 0].astype(np.int64), rounded[:, 1].astype(np.int64)


@dataclass(frozen=True, slots=True)
class HeatGrid:
    """How densely objects lie.

    Parameters
    ----------
    values : ndarray (rows, columns)
        Objects (or the sum of their weights) a square kilometre; first row is the southernmost.
    low, high : tuple of float
        South-west and north-east corner of the grid, metres.
    """

    values: Floats
    low: tuple[float, float]
    high: tuple[float, float]


def heat(xy: Floats, radius_m: float, weights: Floats | None = None) -> HeatGrid:
    """Return kernel density on a grid.

    The kernel is the quartic (biweight) one, as in common GIS: an object is felt within ``radius_m`` and its whole
    effect sums up to one.

    Parameters
    ----------
    xy : ndarray (n, 2)
        Metres.
    radius_m : float
    weights : ndarray (n,), optional
        Missing weights count nothing.
    """
    fine = np.isfinite(xy).all(axis=1)
    weight = np.ones(len(xy)) if weights is None else np.nan_to_num(np.asarray(weights, dtype=np.float64))
    xy, weight = xy[fine], weight[fine]
    if not len(xy):
        return HeatGrid(np.zeros((2, 2)), (0.0, 0.0), (1.0, 1.0))
    low, high = xy.min(axis=0) - radius_m, xy.max(axis=0) + radius_m
    cell = max(radius_m / 8.0, float((high - low).max()) / MOST_CELLS)
    shape = np.maximum(np.ceil((high - low) / cell).astype(int), 2)
    high = low + shape * cell
    hits, _, _ = np.histogram2d(
        xy[:, 1], xy[:, 0], bins=(shape[1], shape[0]), range=((low[1], high[1]), (low[0], high[0])), weights=weight
    )
    reach = int(np.ceil(radius_m / cell))
    around = np.arange(-reach, reach + 1) * cell
    square = around[:, None] ** 2 + around[None, :] ** 2
    kernel = np.maximum(1.0 - square / radius_m**2, 0.0) ** 2
    kernel /= kernel.sum()
    values = _convolved(hits, kernel) / (cell / 1000.0) ** 2
    return HeatGrid(np.maximum(values, 0.0), (float(low[0]), float(low[1])), (float(high[0]), float(high[1])))


def _convolved(grid: Floats, kernel: Floats) -> Floats:
    rows, columns = grid.shape[0] + kernel.shape[0] - 1, grid.shape[1] + kernel.shape[1] - 1
    mixed = np.fft.irfft2(np.fft.rfft2(grid, (rows, columns)) * np.fft.rfft2(kernel, (rows, columns)), (rows, columns))
    top, left = kernel.shape[0] // 2, kernel.shape[1] // 2
    result: Floats = mixed[top : top + grid.shape[0], left : left + grid.shape[1]]
    result[result < 1e-9 * max(float(result.max()), 1e-30)] = 0.0
    return result


def good_size_m(xy: Floats, share: float = 40.0) -> float:
    """Return a round size, 1-2-5 × a power of ten, of which about ``share`` go along the extent of some points."""
    fine = xy[np.isfinite(xy).all(axis=1)]
    if len(fine) < 2:
        return 100.0
    low, high = np.quantile(fine, [0.01, 0.99], axis=0)
    rough = max(float((high - low).max()) / share, 1.0)
    power = 10.0 ** np.floor(np.log10(rough))
    steps: list[Any] = [step * power for step in (1.0, 2.0, 5.0, 10.0)]
    return float(next(step for step in steps if step >= rough * 0.999))
