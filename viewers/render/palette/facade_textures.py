"""Facade textures made in NumPy: one tile is four bays wide and four storeys high and repeats seamlessly.

The value multiplies the wall's own colour, so that a theme that repaints a building still shows its windows. Glass is
the only thing that is bluer than red: the dark look finds the windows by that and lights some of them.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewers.render.palette import soil_textures

Image = NDArray[np.uint8]

#: Bays and storeys in one tile; texture coordinates count tiles.
TILE = 4
_BAY_PX = 64

#: Texture by use of a building.
BY_USE = {
    "residential": "facade_residential",
    "office": "facade_office",
    "commercial": "facade_commercial",
    "education": "facade_education",
    "medical": "facade_medical",
    "industrial": "facade_industrial",
    "public": "facade_medical",
    "old_house": "facade_old",
    "other": "facade_plain",
}

#: Metres of one bay by texture.
BAY_M = {
    "facade_residential": 3.3,
    "facade_office": 3.0,
    "facade_commercial": 4.2,
    "facade_education": 3.6,
    "facade_medical": 3.3,
    "facade_industrial": 6.0,
    "facade_old": 3.6,
    "facade_plain": 3.6,
}


class _Tile:
    """A tile being painted; boxes in bay and storey units, measured from the lower left."""

    def __init__(self, seed: int) -> None:
        size = TILE * _BAY_PX
        self.pixels = np.ones((size, size, 3))
        self.random = np.random.default_rng(seed)

    def box(self, x0: float, x1: float, y0: float, y1: float, colour: tuple[float, float, float] | float) -> None:
        """Fill a box; it may not leave the tile."""
        px = slice(round(x0 * _BAY_PX), max(round(x1 * _BAY_PX), round(x0 * _BAY_PX) + 1))
        py = slice(round(y0 * _BAY_PX), max(round(y1 * _BAY_PX), round(y0 * _BAY_PX) + 1))
        self.pixels[py, px] = colour

    def glass(self, x0: float, x1: float, y0: float, y1: float, tone: float, panes: int = 2) -> None:
        """A window: frame, panes whose upper part mirrors a brighter sky, and the shadow of the lintel."""
        frame = 0.035
        self.box(x0 - frame, x1 + frame, y0 - frame, y1 + frame, 0.93)
        low, high = round(y0 * _BAY_PX), round(y1 * _BAY_PX)
        ramp = np.linspace(-0.05, 0.07, max(high - low, 1))[:, None, None]
        shade = tone * np.array([0.80, 0.93, 1.04]) + ramp
        left, right = round(x0 * _BAY_PX), round(x1 * _BAY_PX)
        self.pixels[low:high, left:right] = shade
        self.box(x0, x1, y1 - 0.045, y1, tuple(0.72 * tone * np.array([0.84, 0.94, 1.0])))
        for k in range(1, panes):
            middle = x0 + (x1 - x0) * k / panes
            self.box(middle - 0.012, middle + 0.012, y0, y1, 0.86)

    def image(self) -> Image:
        """Return the tile as uint8, first row at the bottom as OpenGL wants it."""
        return np.clip(self.pixels * 255.0, 0, 255).astype(np.uint8)


def _residential(tile: _Tile) -> None:
    for storey in range(TILE):
        tile.box(0, TILE, storey, storey + 0.035, 0.93)
        for bay in range(TILE):
            tone = float(tile.random.uniform(0.60, 0.72))
            if bay % 2 == 0:  # a living room behind its balcony
                tile.box(bay + 0.08, bay + 0.92, storey + 0.04, storey + 0.92, 0.90)
                tile.glass(bay + 0.13, bay + 0.87, storey + 0.34, storey + 0.86, tone, panes=3)
                tile.box(bay + 0.08, bay + 0.92, storey + 0.05, storey + 0.31, 0.985)
                tile.box(bay + 0.08, bay + 0.92, storey + 0.30, storey + 0.325, 0.80)
            else:
                tile.glass(bay + 0.24, bay + 0.76, storey + 0.33, storey + 0.82, tone)
                tile.box(bay + 0.20, bay + 0.80, storey + 0.285, storey + 0.31, 0.88)


def _office(tile: _Tile) -> None:
    for storey in range(TILE):
        for bay in range(TILE):
            for half in (0.0, 0.5):
                tone = float(tile.random.uniform(0.70, 0.80))
                low = round((storey + 0.20) * _BAY_PX), round((storey + 1.0) * _BAY_PX)
                side = round((bay + half) * _BAY_PX), round((bay + half + 0.5) * _BAY_PX)
                ramp = np.linspace(-0.03, 0.05, low[1] - low[0])[:, None, None]
                tile.pixels[low[0] : low[1], side[0] : side[1]] = tone * np.array([0.88, 0.97, 1.04]) + ramp
        tile.box(0, TILE, storey, storey + 0.20, (0.86, 0.885, 0.90))
        tile.box(0, TILE, storey + 0.20, storey + 0.225, 0.66)
        for bay in range(TILE):
            tile.box(bay, bay + 0.045, storey, storey + 1, 0.94)
            tile.box(bay + 0.5, bay + 0.52, storey + 0.2, storey + 1, 0.86)


def _commercial(tile: _Tile) -> None:
    for storey in range(TILE):
        tile.box(0, TILE, storey, storey + 0.05, 0.88)
        for bay in range(TILE):
            tile.glass(bay + 0.10, bay + 0.90, storey + 0.22, storey + 0.82, float(tile.random.uniform(0.62, 0.74)), 4)


def _education(tile: _Tile) -> None:
    for storey in range(TILE):
        tile.box(0, TILE, storey + 0.24, storey + 0.275, 0.90)
        tile.box(0, TILE, storey + 0.84, storey + 0.87, 0.92)
        for bay in range(TILE):
            tile.glass(bay + 0.09, bay + 0.91, storey + 0.30, storey + 0.80, float(tile.random.uniform(0.62, 0.72)), 4)


def _medical(tile: _Tile) -> None:
    for storey in range(TILE):
        tile.box(0, TILE, storey + 0.26, storey + 0.29, 0.90)
        for bay in range(TILE):
            tile.glass(bay + 0.02, bay + 0.98, storey + 0.33, storey + 0.78, float(tile.random.uniform(0.64, 0.74)), 3)


def _industrial(tile: _Tile) -> None:
    size = TILE * _BAY_PX
    tile.pixels *= (1.0 - 0.03 * (np.arange(size) // 4 % 2))[None, :, None]
    for storey in range(TILE):
        for bay in range(TILE):
            tile.glass(bay + 0.12, bay + 0.88, storey + 0.58, storey + 0.82, float(tile.random.uniform(0.66, 0.76)), 5)


def _old(tile: _Tile) -> None:
    for storey in range(TILE):
        for bay in range(TILE):
            tone = float(tile.random.uniform(0.55, 0.66))
            tile.glass(bay + 0.30, bay + 0.70, storey + 0.36, storey + 0.76, tone)
            tile.box(bay + 0.27, bay + 0.73, storey + 0.31, storey + 0.34, 0.84)


def _plain(tile: _Tile) -> None:
    for storey in range(TILE):
        tile.box(0, TILE, storey, storey + 0.03, 0.93)
        for bay in range(TILE):
            tile.glass(bay + 0.22, bay + 0.78, storey + 0.34, storey + 0.80, float(tile.random.uniform(0.66, 0.74)))


_PAINTERS = {
    "facade_residential": _residential,
    "facade_office": _office,
    "facade_commercial": _commercial,
    "facade_education": _education,
    "facade_medical": _medical,
    "facade_industrial": _industrial,
    "facade_old": _old,
    "facade_plain": _plain,
}


def _fields() -> NDArray[np.float64]:
    """Fields, woods and tracks around the city: a soft patchwork that repeats."""
    size, patches = 512, 90
    random = np.random.default_rng(20)
    seeds = random.uniform(0, size, (patches, 2))
    place = np.arange(size)
    first, second = np.full((size, size), np.inf), np.full((size, size), np.inf)
    owner = np.zeros((size, size), dtype=np.int8)
    distance, nearer = np.empty((size, size)), np.empty((size, size), dtype=bool)
    for number, (sx, sy) in enumerate(seeds):  # in place: the picture is painted at each start
        dx, dy = np.abs(place - sx), np.abs(place - sy)
        np.add.outer(np.minimum(dy, size - dy) * 1.35, np.minimum(dx, size - dx), out=distance)
        np.less(distance, first, out=nearer)
        owner[nearer] = number
        # The second is the nearest but one: the larger of the old first and this, where it is below the old second.
        np.minimum(second, np.maximum(first, distance), out=second)
        np.minimum(first, distance, out=first)
    tones = np.array(
        [[0.97, 0.99, 0.90], [0.90, 0.96, 0.82], [1.0, 0.985, 0.91], [0.86, 0.94, 0.79], [0.95, 0.98, 0.93]]
    )
    pixels = tones[random.integers(0, len(tones), patches)][owner]
    track = np.clip(1.0 - (second - first) / 3.0, 0.0, 1.0)[..., None]
    result: NDArray[np.float64] = pixels * (1 - 0.6 * track) + 0.6 * track
    return result


def _water() -> NDArray[np.float64]:
    """Ripples: a few crossing waves of low contrast, with whole periods in the tile."""
    size = 256
    y, x = np.mgrid[0:size, 0:size] * (2 * np.pi / size)
    random = np.random.default_rng(3)
    waves = np.zeros((size, size))
    for _ in range(26):
        kx, ky = random.integers(-9, 10, 2)
        waves += np.sin(kx * x + ky * y + random.uniform(0, 6.28)) / max(np.hypot(kx, ky), 1.0)
    waves /= np.abs(waves).max()
    result: NDArray[np.float64] = np.repeat((0.985 + 0.035 * waves)[..., None], 3, axis=2)
    return result


_GROUNDS = {
    "ground_fields": _fields,
    "water": _water,
    "earth_wall": soil_textures.wall,
    "earth_floor": soil_textures.floor,
}


@lru_cache(maxsize=16)
def texture_image(name: str) -> Image:
    """Return a facade tile, (256, 256, 3) uint8, bottom row first; the same name gives the same bytes.

    Raises
    ------
    KeyError
        For a name that is not in the table.
    """
    if name in _GROUNDS:
        return np.clip(_GROUNDS[name]() * 255.0, 0, 255).astype(np.uint8)
    tile = _Tile(sum(name.encode()))
    _PAINTERS[name](tile)
    return tile.image()


def texture_names() -> tuple[str, ...]:
    """Return every name that :func:`texture_image` knows."""
    return (*_GROUNDS, *_PAINTERS)
