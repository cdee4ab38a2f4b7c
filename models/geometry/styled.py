"""The city as it is seen, as plain arrays: what is drawn of each object, in its colours, with the object's id.

This is what goes into glTF and 3D Tiles. It stands between the drawing, which makes it
(:mod:`viewers.handover.drawn_city`), and the files, which know no drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Styled:
    """Triangles, lines or points of one layer that are drawn in the same way.

    Parameters
    ----------
    layer : str
    points : ndarray (n, 3) float32
        Metres east, north and up from the city's origin.
    cells : ndarray (c, k) int
        Corners of each triangle (k = 3), ends of each line (2), or points (1).
    oids : ndarray (c,)
        Object of each cell, -1 for none.
    rgba : ndarray (c, 4) uint8
        sRGB as it is seen; what has no opacity at all is not drawn.
    normals : ndarray (n, 3) float32 or None
        None: each face has its own.
    uv : ndarray (n, 2) float32 or None
        With ``image``; v upwards.
    image : ndarray (h, w, 3 | 4) uint8 or None
    lit : bool
        Whether light makes it brighter and darker.
    """

    layer: str
    points: Singles
    cells: NDArray[np.integer]
    oids: Ints
    rgba: Bytes
    normals: Singles | None = None
    uv: Singles | None = None
    image: Bytes | None = None
    lit: bool = True


@dataclass(frozen=True, slots=True)
class ObjectTable:
    """What is told of the objects of a layer.

    Parameters
    ----------
    title : str
        Of the layer.
    oids : ndarray (n,)
        Ascending.
    columns : mapping of str to ndarray (n,)
        Numbers (NaN where unknown) or texts (empty where unknown), by the name under which they are shown.
    """

    title: str
    oids: Ints
    columns: Mapping[str, NDArray[np.generic]]

    def rows(self, oids: Ints) -> Ints:
        """Return the rows of objects, -1 for what is none of the table's."""
        if not len(self.oids):
            return np.full(len(oids), -1, np.int64)
        at = np.minimum(np.searchsorted(self.oids, oids), len(self.oids) - 1)
        return np.where(self.oids[at] == oids, at, -1)


@dataclass(frozen=True, slots=True)
class Lot:
    """What of the city is written together or apart: an object, or a stretch of what has no objects.

    Parameters
    ----------
    x, y : ndarray (n,)
        Middle of each, metres from the city's origin.
    size_m : ndarray (n,)
        Its extent; infinite for the ground, which is always seen.
    weight : ndarray (n,)
        Triangles, about.
    make : callable
        Gives what is drawn of some of them, by their rows.
    """

    x: Floats
    y: Floats
    size_m: Floats
    weight: Floats
    make: Callable[[Ints], list[Styled]]


@dataclass(frozen=True, slots=True)
class StyledCity:
    """A whole city to be written.

    Parameters
    ----------
    name : str
    crs : str
        Projected CRS of the origin.
    vertical : str
        Height datum as text; empty where unknown.
    origin : tuple of int
        Easting, northing, height, metres.
    lots : sequence of Lot
    tables : mapping of str to ObjectTable
        By layer.
    synthetic : bool
    about : mapping of str to str
        Further facts for whoever reads the files: the theme, the licence.
    """

    name: str
    crs: str
    vertical: str
    origin: tuple[int, int, int]
    lots: Sequence[Lot]
    tables: Mapping[str, ObjectTable]
    synthetic: bool = False
    about: Mapping[str, str] = field(default_factory=dict)
