"""Rasters draped in tiles: the tile quadtree over the ground and the description of what is draped."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.terrain.pyramid import Pyramid
from viewers.render.geometry.lattice import BLOCK, Lattice

Floats = NDArray[np.float64]

#: Where the plain around a terrain has become level (as viewers.render.layers.terrain has it); a base map lies so far
#: above.
LEVEL_M, ABOVE_PLAIN_M = 2_500.0, 6.0


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A square of the ground: ``level`` doublings of a block of the lattice (negative: halvings), and its place."""

    level: int
    i: int
    j: int

    @property
    def parent(self) -> Tile:
        """Return the square of which it is a quarter."""
        return Tile(self.level + 1, self.i >> 1, self.j >> 1)

    @property
    def children(self) -> tuple[Tile, ...]:
        """Return its four quarters."""
        return tuple(Tile(self.level - 1, 2 * self.i + a, 2 * self.j + b) for a in (0, 1) for b in (0, 1))


@dataclass(frozen=True, slots=True)
class Drape:
    """A raster that is draped over the ground in tiles.

    Parameters
    ----------
    pyramid : Pyramid
    lattice : Lattice
        The ground as it is drawn.
    box : ndarray (2, 2)
        Local, what the pieces cover.
    opacity, offset : float
        As in :class:`~viewers.render.geometry.parts.MeshPart`.
    has_overview : bool
        Whether something is drawn already where no piece is.
    holes : shape or None
        Local plan of the pits, where nothing is laid (:mod:`viewers.render.underground.excavation`).
    """

    pyramid: Pyramid
    lattice: Lattice
    box: Floats
    opacity: float = 1.0
    offset: float = 0.6
    has_overview: bool = True
    holes: Any = None

    @property
    def side_m(self) -> float:
        """Return the side of a square of level 0."""
        return self.lattice.step_m * BLOCK

    def extent(self, tile: Tile) -> Floats:
        """Return the local corners (2, 2) of a square."""
        side = self.side_m * 2.0**tile.level
        return np.array([[tile.i * side, tile.j * side], [(tile.i + 1) * side, (tile.j + 1) * side]])

    def roots(self) -> list[Tile]:
        """Return the up to four squares that hold everything."""
        span = float(max((self.box[1] - self.box[0]).max(), self.side_m))
        level = max(0, math.ceil(math.log2(span / self.side_m)))
        side = self.side_m * 2.0**level
        low = np.floor(self.box[0] / side).astype(int)
        high = np.ceil(self.box[1] / side).astype(int)
        return [Tile(level, i, j) for i in range(low[0], high[0]) for j in range(low[1], high[1])]

    def own(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return the pyramid's coordinates of local points."""
        frame = self.lattice.context.frame
        px, py = self.pyramid.locate(frame.horizontal, x + frame.origin[0], y + frame.origin[1])
        return np.asarray(px, dtype=np.float64), np.asarray(py, dtype=np.float64)

    def height(self, x: Floats, y: Floats) -> Floats:
        """Return local heights to lay it at: those of the ground, and a little above the plain around the terrain."""
        heights = self.lattice.height(x, y)
        if self.has_overview or not self.lattice.has_terrain:
            return heights
        low, high = self.lattice.box
        away = np.hypot(np.maximum(np.maximum(low[0] - x, x - high[0]), 0.0),
                        np.maximum(np.maximum(low[1] - y, y - high[1]), 0.0))  # fmt: skip
        share = np.clip(away / LEVEL_M, 0.0, 1.0)
        share = share * share * (3 - 2 * share)
        sunk = heights * (1 - share) + self.lattice.border_level_m * share
        # The plain has few triangles and the terrain's border is cut roughly: what is above it by so much hides it.
        lifted: Floats = sunk + ABOVE_PLAIN_M * np.clip(away / 60.0, 0.0, 1.0)
        return lifted

    def finest_m(self) -> float:
        """Return the pyramid's smallest pixel in metres on the ground, in the middle of the box."""
        middle = self.box.mean(axis=0)
        x, y = self.own(middle[0] + np.array([0.0, 50.0, 0.0]), middle[1] + np.array([0.0, 0.0, 50.0]))
        units = max(math.hypot(x[1] - x[0], y[1] - y[0]), math.hypot(x[2] - x[0], y[2] - y[0])) / 50.0
        return self.pyramid.finest / units if units > 0 and math.isfinite(units) else math.inf
