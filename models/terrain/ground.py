"""The height of the ground under a point, from the terrain layers where there are any.

With several terrains the finest that has data at a place is asked there; where it ends or has a void, the next coarser
one goes on. Voids are never filled for figures, only for drawing (:func:`without_gaps`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.crs.frame import parse_crs, transformer
from models.layers.layer import RasterData
from models.network.levels import street_level_m

if TYPE_CHECKING:
    from models.crs.frame import Frame
    from models.layers.layer import Layer, LayerData

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ground:
    """Bilinear heights of terrain rasters, in a project's CRS.

    Parameters
    ----------
    terrain : RasterData or None
        The coarsest terrain, the only one where there is one. Without one the ground is flat at ``base_m``.
    crs : str
        CRS of the points that will be asked for.
    base_m : float
        Height where no raster has data or reaches.
    finer : tuple of RasterData
        Further terrains, the finest first, each asked before the next and before ``terrain``.
    """

    terrain: RasterData | None
    crs: str
    base_m: float = 0.0
    finer: tuple[RasterData, ...] = ()

    @property
    def terrains(self) -> tuple[RasterData, ...]:
        """Return all rasters in the order in which they are asked, the finest first."""
        return (*self.finer, self.terrain) if self.terrain is not None else self.finer

    def same(self, other: Ground) -> bool:
        """Whether another ground rests on the very same rasters."""
        mine, theirs = self.terrains, other.terrains
        return (
            self.crs == other.crs and len(mine) == len(theirs)
            and all(one is two for one, two in zip(mine, theirs, strict=True))
        )  # fmt: skip

    def height_m(self, x: Array, y: Array) -> Array:
        """Return ground heights in metres at world coordinates, shape of ``x``."""
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        heights = np.full(x.shape, np.nan)
        for number, raster in enumerate(self.terrains):
            if number == 0:
                heights = self._heights(raster, x, y)
                continue
            lacking = ~np.isfinite(heights)
            if not lacking.any():
                break
            heights[lacking] = self._heights(raster, x[lacking], y[lacking])
        return np.where(np.isfinite(heights), heights, self.base_m)

    def _heights(self, raster: RasterData, x: Array, y: Array) -> Array:
        """Return heights of one raster, NaN where it does not reach or has no data."""
        values = raster.values
        column, row = self._cells(raster, x, y)
        rows, columns = values.shape
        inside = (column >= -0.5) & (row >= -0.5) & (column <= columns - 0.5) & (row <= rows - 0.5)
        column, row = (np.clip(np.nan_to_num(a), 0, most - 1) for a, most in ((column, columns), (row, rows)))
        c0 = np.minimum(column.astype(np.int64), max(columns - 2, 0))
        r0 = np.minimum(row.astype(np.int64), max(rows - 2, 0))
        c1, r1 = np.minimum(c0 + 1, columns - 1), np.minimum(r0 + 1, rows - 1)
        u, v = column - c0, row - r0
        heights = (
            values[r0, c0] * (1 - u) * (1 - v) + values[r0, c1] * u * (1 - v)
            + values[r1, c0] * (1 - u) * v + values[r1, c1] * u * v
        )  # fmt: skip
        return np.asarray(np.where(inside, heights, np.nan), dtype=np.float64)

    def is_known(self, x: Array, y: Array) -> NDArray[np.bool_]:
        """Whether a raster has a height in the cell of each world point, shape of ``x``."""
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        within = np.zeros(x.shape, dtype=bool)
        for raster in self.terrains:
            rows, columns = raster.values.shape
            place = (np.nan_to_num(cell, posinf=-9.0, neginf=-9.0) for cell in self._cells(raster, x, y))
            column, row = (np.floor(cell + 0.5).astype(np.int64) for cell in place)
            inside = (column >= 0) & (row >= 0) & (column < columns) & (row < rows)
            found = raster.values[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)]
            within |= inside & np.isfinite(found)
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


def pixel_m(raster: RasterData) -> float:
    """Return the side of a cell in metres, degrees taken as 111.32 km."""
    a, b, _, d, e, _ = raster.transform
    size = math.sqrt(abs(a * e - b * d))
    return size * 111_320.0 if raster.crs and parse_crs(raster.crs).is_geographic else size


def ground_under(
    layers: Iterable[Layer], data: Mapping[str, LayerData], frame: Frame, percentile: float = 50.0
) -> Ground:
    """Return the ground of a project; without a terrain it is level, as high as the streets over its pipes.

    Parameters
    ----------
    layers : iterable of Layer
        Those of kind ``terrain`` that have data count; of several only those that are visible, if any is. Of two with
        the same resolution the upper one (later in the list) is asked first.
    data : mapping of str to LayerData
    frame : Frame
    percentile : float
        Of the coarsest terrain's heights: the level where nothing is known.
    """
    layers = list(layers)
    found = [
        (layer, raster) for layer in layers
        if layer.kind == "terrain" and isinstance(raster := data.get(layer.id), RasterData) and raster.values.ndim == 2
    ]  # fmt: skip
    seen = [(layer, raster) for layer, raster in found if layer.visible]
    rasters = [raster for _, raster in (seen if len(found) > 1 and seen else found)][::-1]
    if not rasters:
        street_m = street_level_m(layers, data)
        return Ground(None, frame.horizontal, float(frame.origin[2]) if street_m is None else street_m)
    *finer, coarsest = sorted(rasters, key=pixel_m)
    known = coarsest.values[np.isfinite(coarsest.values)]
    base = float(np.percentile(known, percentile)) if known.size else float(frame.origin[2])
    return Ground(coarsest, frame.horizontal, base, tuple(finer))


def without_gaps(terrain: RasterData) -> RasterData:
    """Return a terrain for drawing, whose cells without data go on at the height of the nearest one that has."""
    unknown = ~np.isfinite(terrain.values)
    if not unknown.any() or unknown.all():
        return terrain
    from scipy.ndimage import distance_transform_edt

    nearest = distance_transform_edt(unknown, return_distances=False, return_indices=True)
    return replace(terrain, values=terrain.values[tuple(nearest)])
