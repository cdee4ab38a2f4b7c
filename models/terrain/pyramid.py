"""A picture (or heights) of any size, asked for piece by piece: what the renderer knows of files, stores and servers.

Implementations are in :mod:`models.io.raster.windows` (any raster file) and :mod:`models.io.raster.basemap_tiles`
(tiles of a store or a server); the renderer (:mod:`viewers.render.scene.raster_streaming`) knows only this.
A layer that stands elsewhere than its file says asks through :class:`Restated`. Which pyramid a layer has says
:func:`models.io.raster.layer_pyramid.pyramid_of`. NumPy only.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.crs.doctor.steps import Step, undo
from models.crs.frame import transformer

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


class Restated:
    """A pyramid whose numbers stand elsewhere after steps (:mod:`models.crs.doctor.steps`): asked in its own.

    Exact at every point that is located, where the overview is only moved as a whole.

    Parameters
    ----------
    inner : Pyramid
        In the numbers of the file.
    crs : str
        In which they stand after the steps.
    steps : tuple of Step
    """

    def __init__(self, inner: Pyramid, crs: str, steps: tuple[Step, ...]) -> None:
        self.inner, self.crs, self.steps = inner, crs, steps
        self.bounds, self.finest = inner.bounds, inner.finest

    def locate(self, crs: str, x: Array, y: Array) -> tuple[Array, Array]:
        """Return the file's own coordinates of points in another CRS."""
        if crs != self.crs:
            x, y = transformer(crs, self.crs).transform(x, y, errcheck=False)
        flat = np.column_stack([np.ravel(x), np.ravel(y)]).astype(np.float64)
        own = np.full_like(flat, np.nan)
        good = np.isfinite(flat).all(axis=1)
        own[good] = undo(self.steps, flat[good])
        shape = np.shape(x)
        return own[:, 0].reshape(shape), own[:, 1].reshape(shape)

    def read(self, bounds: Bounds, size_px: tuple[int, int]) -> NDArray[Any] | None:
        """Return a piece, see :meth:`Pyramid.read`."""
        return self.inner.read(bounds, size_px)

    def close(self) -> None:
        """Close what the inner one holds open."""
        if callable(close := getattr(self.inner, "close", None)):
            close()
