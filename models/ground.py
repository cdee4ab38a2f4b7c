"""The height of the ground under a point, from the terrain layer where there is one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.crs import transformer
from models.layers import RasterData

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ground:
    """Bilinear heights of a terrain raster, in a project's CRS.

    Parameters
    ----------
    terrain : RasterData or None
        Without one the ground is flat at ``base_m``.
    crs : str
        CRS of the points that will be asked for.
    base_m : float
        Height where the raster has no data or does not reach.
    """

    terrain: RasterData | None
    crs: str
    base_m: float = 0.0

    def height_m(self, x: Array, y: Array) -> Array:
        """Return ground heights in metres at world coordinates, shape of ``x``."""
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        if self.terrain is None:
            return np.full(x.shape, self.base_m)
        if self.terrain.crs and self.terrain.crs != self.crs:
            x, y = transformer(self.crs, self.terrain.crs).transform(x, y)
        a, b, c, d, e, f = self.terrain.transform
        values = self.terrain.values
        determinant = a * e - b * d
        column = (e * (x - c) - b * (y - f)) / determinant - 0.5
        row = (-d * (x - c) + a * (y - f)) / determinant - 0.5
        rows, columns = values.shape
        outside = (column < -0.5) | (row < -0.5) | (column > columns - 0.5) | (row > rows - 0.5)
        column, row = np.clip(column, 0, columns - 1), np.clip(row, 0, rows - 1)
        c0 = np.minimum(column.astype(np.int64), max(columns - 2, 0))
        r0 = np.minimum(row.astype(np.int64), max(rows - 2, 0))
        c1, r1 = np.minimum(c0 + 1, columns - 1), np.minimum(r0 + 1, rows - 1)
        u, v = column - c0, row - r0
        heights = (
            values[r0, c0] * (1 - u) * (1 - v) + values[r0, c1] * u * (1 - v)
            + values[r1, c0] * (1 - u) * v + values[r1, c1] * u * v
        )  # fmt: skip
        return np.where(outside | ~np.isfinite(heights), self.base_m, heights)
