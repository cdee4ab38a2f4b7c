"""The height of the ground under a point, from the terrain layer where there is one."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
        values = self.terrain.values
        column, row = self._cells(self.terrain, x, y)
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

    def is_known(self, x: Array, y: Array) -> NDArray[np.bool_]:
        """Whether the raster has a height in the cell of each world point, shape of ``x``."""
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        if self.terrain is None:
            return np.zeros(x.shape, dtype=bool)
        rows, columns = self.terrain.values.shape
        column, row = (np.floor(cell + 0.5).astype(np.int64) for cell in self._cells(self.terrain, x, y))
        inside = (column >= 0) & (row >= 0) & (column < columns) & (row < rows)
        known = np.isfinite(self.terrain.values)
        within: NDArray[np.bool_] = inside & known[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)]
        return within

    def _cells(self, terrain: RasterData, x: Array, y: Array) -> tuple[Array, Array]:
        """Return column and row of world points, whole numbers at the middles of cells."""
        if terrain.crs and terrain.crs != self.crs:
            x, y = transformer(self.crs, terrain.crs).transform(x, y)
        a, b, c, d, e, f = terrain.transform
        determinant = a * e - b * d
        column = (e * (x - c) - b * (y - f)) / determinant - 0.5
        row = (-d * (x - c) + a * (y - f)) / determinant - 0.5
        return column, row


def without_gaps(terrain: RasterData) -> RasterData:
    """Return a terrain for drawing, whose cells without data go on at the height of the nearest one that has."""
    unknown = ~np.isfinite(terrain.values)
    if not unknown.any() or unknown.all():
        return terrain
    from scipy.ndimage import distance_transform_edt

    nearest = distance_transform_edt(unknown, return_distances=False, return_indices=True)
    return replace(terrain, values=terrain.values[tuple(nearest)])
