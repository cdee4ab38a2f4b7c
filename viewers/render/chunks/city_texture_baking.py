"""Baking of the city texture: how much of each texel of the ground is roof, shade and street.

Numbers only: safe on any thread, and shared by all pictures of a layer.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewers.render.chunks.source import ChunkSource
from viewers.render.palette.lighting import look

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Texels a side, and the least metres of one.
TEXELS, LEAST_M = 2048, 4.0
#: Level of the tree whose squares are summed up one at a time: they fit the processor's own memory.
_LEVEL = 2
#: Power of two of the points a side in which the largest objects count.
_MOST_GRID = 5
#: How dark the shade of houses is, its colour, and how long it counts, metres.
_SHADE, _SHADE_RGB, _SHADE_MOST_M = 0.50, (0x3C, 0x44, 0x4C), 70.0
#: Seen aslant a house hides more ground than it covers; roofs stand in the light, walls mostly not.
_SEEN, _DIMMED = 1.35, 0.86
#: Largest weight of one object, and what two channels are kept apart by in one sum: 2¹⁰ objects a texel fit.
_UNIT, _PACK = 255.0, float(1 << 26)


@dataclass(slots=True)
class _Square:
    """One square of the sheet: what stays when colours change.

    Parameters
    ----------
    places : slice
    width : int
    samples : list of (objects, texels, count)
        In which texels an object counts: ``count`` of them an object.
    weight : ndarray (m,) float64
        How much it counts, whole numbers up to :data:`_UNIT`.
    some : ndarray (t,)
        Texels in which there is anything.
    at : ndarray (t,)
        The same texels in the whole picture.
    lit, shaded : ndarray (t,) float32
        Shares of roof and of shade in the colour of a texel.
    alpha : ndarray (t,) uint8
    dark : ndarray (t,) uint8
        Opacity of the shade alone.
    """

    places: slice
    width: int
    samples: list[tuple[Ints, Ints, int]]
    weight: Floats
    some: Ints
    at: Ints
    lit: NDArray[np.float32]
    shaded: NDArray[np.float32]
    alpha: NDArray[np.uint8]
    dark: NDArray[np.uint8]

    def painted(self, colours: NDArray[np.uint8], opacity: float) -> NDArray[np.uint32]:
        """Return the texels ``some``, (t,) uint32: red, green, blue and opacity as they lie in memory.

        Whole numbers of two channels share one sum in double precision: half as many passes over the objects.
        """
        own = colours[self.places]
        weight = self.weight * (own[:, 3] > 0)
        one = weight * (own[:, 0] + own[:, 1] * _PACK)
        two = weight * (own[:, 2] + _PACK)
        size = self.width * self.width
        sums = [np.zeros(size), np.zeros(size)]
        for mine, at, count in self.samples:
            sums[0] += np.bincount(at, np.repeat(one[mine], count), minlength=size)
            sums[1] += np.bincount(at, np.repeat(two[mine], count), minlength=size)
        red_green, blue_all = sums[0][self.some], sums[1][self.some]
        green, total = np.floor(red_green / _PACK), np.floor(blue_all / _PACK)
        red, blue = red_green - green * _PACK, blue_all - total * _PACK
        result = np.empty((len(self.some), 4), np.uint8)
        scale = (self.lit * np.float32(_DIMMED) / np.maximum(total, 1.0)).astype(np.float32)
        for channel, (value, dark) in enumerate(zip((red, green, blue), _SHADE_RGB, strict=True)):
            result[:, channel] = np.minimum(value * scale + dark * self.shaded, 255.0)
        some = self.alpha if self.shaded.any() else self.alpha * (total > 0)
        result[:, 3] = some if opacity == 1.0 else some * opacity
        return result.view(np.uint32)[:, 0]


def _whole(share: Floats) -> Floats:
    """Return shares as whole numbers up to :data:`_UNIT`; what counts at all counts one."""
    scaled = share * (_UNIT / max(float(share.max(initial=0.0)), 1e-12))
    return np.where(share > 0, np.maximum(np.round(scaled), 1.0), 0.0)


class CityTextureBaker:
    """Bakes the picture of one layer's city texture.

    Parameters
    ----------
    source : ChunkSource
    """

    def __init__(self, source: ChunkSource) -> None:
        self._source = source
        root = source.tree.cell[0]
        self.corner: Floats = root[:2].copy()
        self.side_m = float(root[2] - root[0])
        parts = 1 << _LEVEL
        # A few objects fill no large picture: some texels an object are as many as tell them apart.
        most = min(TEXELS, max(512, int(4 * np.sqrt(source.count))))
        self.texels = max(int(np.clip(np.ceil(self.side_m / LEAST_M), 64, most)) // parts, 1) * parts
        self.texel_m = self.side_m / self.texels
        #: The shade alone, (h, w, 4), None before it was summed up or where nothing throws any.
        self.dark: NDArray[np.uint8] | None = None
        self._squares: list[_Square] | None = None
        self._counted: int | None = None
        self._lock = threading.Lock()

    def bake(self, colours: NDArray[np.uint8], weights: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
        """Return the picture, (h, w, 4) uint8, southern row first; safe on a worker thread.

        Parameters
        ----------
        colours : ndarray (n, 4) uint8
            Of every object, in the order of the tree.
        weights : ndarray (n,) bool or None
            Objects that count, None for all.
        """
        opacity = float(self._source.layer.style.opacity)
        mean = colours[:: max(len(colours) // 1000, 1), :3].mean(axis=0) if len(colours) else np.zeros(3)
        image = self._blank(mean)
        counted = None if weights is None else id(weights)
        with self._lock:
            if self._squares is None or self._counted != counted:
                self._squares, self._counted, self.dark = [], counted, None
                tree = self._source.tree
                for node in np.flatnonzero((tree.level == _LEVEL) | ((tree.level < _LEVEL) & (tree.child < 0))):
                    places = slice(int(tree.first[node]), int(tree.last[node]))
                    self._squares.append(self._square(tree.cell[node], places, weights))
            squares = self._squares
        if self.dark is None and any(square.shaded.any() for square in squares):
            alpha = np.zeros(self.texels * self.texels, np.uint8)
            for square in squares:
                alpha[square.at] = square.dark
            self.dark = self._dark_of(alpha)
        for square in squares:
            image[square.at] = square.painted(colours, opacity)
        return image.view(np.uint8).reshape(self.texels, self.texels, 4)

    def _blank(self, rgb: Any) -> NDArray[np.uint32]:
        """Return a picture of one colour, nowhere to be seen, (texels,) as :meth:`_Square.painted` gives them."""
        one = np.array([*np.asarray(rgb).astype(np.uint8), 0], dtype=np.uint8).view(np.uint32)
        return np.full(self.texels * self.texels, one[0])

    def _dark_of(self, alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
        dark = self._blank(_SHADE_RGB).view(np.uint8).reshape(self.texels, self.texels, 4)
        dark[:, :, 3] = alpha.reshape(self.texels, self.texels)
        return dark

    def recalled(self, known: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
        """Take over what was kept of an earlier opening; return the picture in the objects' own colours."""
        if "dark" in known:
            self.dark = self._dark_of(known["dark"])
        return known["image"]

    def _square(self, cell: Floats, places: slice, weights: NDArray[np.bool_] | None) -> _Square:
        """Sum up what does not depend on colours: how much of each texel is roof, and how much lies in the shade."""
        source, texel = self._source, self.texel_m
        column, row = np.round((cell[:2] - self.corner) / texel).astype(int).tolist()
        width = max(round(float(cell[2] - cell[0]) / texel), 1)
        from_x, from_y = self.corner[0] + column * texel, self.corner[1] + row * texel
        x, y = source.x[places], source.y[places]
        area = source.area[places]
        share = (area * np.float32(1 / (texel * texel))).astype(np.float64)
        if weights is not None:
            share *= weights[places]
        extent = 2 * np.maximum(source.half_x[places], source.half_y[places]) / np.float32(texel)
        grid = 2 ** np.clip(np.ceil(np.log2(np.maximum(0.6 * extent, 1e-6))), 1, _MOST_GRID).astype(np.int64)
        samples = []
        roof, shadow = np.zeros(width * width), np.zeros(width * width)
        for g in np.unique(grid).tolist():
            mine = np.flatnonzero(grid == g)
            u, v = (a.ravel().astype(np.float32) for a in np.meshgrid(*[(np.arange(g) + 0.5) * 2 / g - 1] * 2))
            at = self._texel_of(
                (x[mine, None] + source.half_x[places][mine, None] * u).ravel(),
                (y[mine, None] + source.half_y[places][mine, None] * v).ravel(), from_x, from_y, width,
            )  # fmt: skip
            roof += np.bincount(at, np.repeat(share[mine] / (g * g), g * g), minlength=width * width)
            samples.append((mine, at, g * g))
        if source.shape == "polygon" and not source.is_flat:
            to_sun = look(False).to_sun
            shift = -np.array(to_sun[:2]) / max(to_sun[2], 0.05)
            tall = np.minimum(source.top[places] - source.foot[places], _SHADE_MOST_M)
            length = tall * float(np.hypot(*shift))
            steps = int(np.clip(np.ceil(np.percentile(length, 95) / texel), 2, 8)) if len(length) else 2
            shaded = share * length / np.sqrt(np.maximum(area, 1.0)) / steps
            for reach in (np.arange(steps) + 0.5) / steps:
                at = self._texel_of(
                    x + tall * np.float32(shift[0] * reach), y + tall * np.float32(shift[1] * reach), from_x, from_y,
                    width,
                )  # fmt: skip
                shadow += np.bincount(at, shaded, minlength=width * width)
        some = np.flatnonzero((roof > 0.004) | (shadow > 0.004))
        in_picture = (row + some // width) * self.texels + column + some % width
        cover = np.minimum(roof[some] * _SEEN, 1.0)
        dark = np.minimum(shadow[some], 1.0 - 0.55 * cover) * _SHADE
        alpha = 1.0 - (1.0 - cover) * (1.0 - dark)
        return _Square(
            places, width, samples, _whole(share / grid**2), some, in_picture,
            (cover / np.maximum(alpha, 1e-9)).astype(np.float32),
            (dark * (1.0 - cover) / np.maximum(alpha, 1e-9)).astype(np.float32), (alpha * 255.0).astype(np.uint8),
            (np.minimum(shadow[some], 1.0) * (_SHADE * 255)).astype(np.uint8),
        )  # fmt: skip

    def _texel_of(
        self, x: NDArray[Any], y: NDArray[Any], from_x: float, from_y: float, width: int
    ) -> NDArray[np.int64]:  # fmt: skip
        column = ((x - np.float32(from_x)) * np.float32(1 / self.texel_m)).astype(np.int64)
        row = ((y - np.float32(from_y)) * np.float32(1 / self.texel_m)).astype(np.int64)
        np.clip(column, 0, width - 1, out=column)
        np.clip(row, 0, width - 1, out=row)
        row *= width
        row += column
        return row
