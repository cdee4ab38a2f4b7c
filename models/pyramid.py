"""A picture (or heights) of any size, asked for piece by piece: what the renderer knows of files, stores and servers.

Implementations are in :mod:`models.io.raster_windows` (any raster file) and :mod:`models.io.basemaps` (tiles of a store
or a server); the renderer (:mod:`viewers.render.streaming`) knows only this. NumPy only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from models.layers import Layer, RasterData

Array = NDArray[np.float64]
Bounds = tuple[float, float, float, float]


class Pyramid(Protocol):
    """Something that can be read anywhere in any size.

    Attributes
    ----------
    bounds : (xmin, ymin, xmax, ymax)
        Extent in its own coordinates.
    finest : float
        Size of its smallest pixel, in the unit of its coordinates.
    """

    bounds: Bounds
    finest: float

    def locate(self, crs: str, x: Array, y: Array) -> tuple[Array, Array]:
        """Return its own coordinates of points in another CRS (easting, northing order)."""

    def read(self, bounds: Bounds, size_px: tuple[int, int]) -> NDArray[Any] | None:
        """Return what lies in ``bounds`` (own coordinates), first row in the north.

        Parameters
        ----------
        bounds : (xmin, ymin, xmax, ymax)
            May reach beyond the extent: what is outside is no data.
        size_px : (width, height)

        Returns
        -------
        ndarray (height, width, 4) uint8, or (height, width) float32, or None
            Colours, transparent where there is no data; or heights in metres, NaN where there is no data. None when
            nothing is known here now (a tile that is not in the store while there is no network).
        """


def pyramid_of(layer: Layer, data: RasterData) -> Pyramid | None:
    """Return the pyramid of a layer, None where its overview is all there is."""
    if data.pyramid is not None:
        return data.pyramid
    if not layer.source.path or not data.info.get("shape"):
        return None
    from models.io.raster_windows import open_pyramid

    return open_pyramid(layer, data)
