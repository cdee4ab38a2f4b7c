"""The ground as it is drawn: a lattice of square cells, coarse where it is flat, on which everything flat is laid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.layers.layer import RasterData
from models.terrain.ground import without_gaps
from viewers.render.palette.context import PrepareContext

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


#: Fine cells a side of a block.
BLOCK = 16

#: How far beyond the terrain things are laid on its lattice, blocks; farther off the plain is level.
NEAR_BLOCKS = 48

#: Widths of the cells that a block may be drawn with, and how far its ground may leave their triangles, metres.
WIDTHS = ((BLOCK, 0.10), (4, 0.16), (2, 0.22))


class Lattice:
    """The ground as it is drawn: nodes at whole multiples of ``step_m``, cells cut from south-west to north-east.

    A block of 16 × 16 fine cells is drawn (and draped on) as one cell where it is flat enough, as 8 × 8 where it rolls,
    and finely only along banks and cuts: a city is mostly flat, and ten times fewer triangles are a frame that a
    machine without a GPU can turn.

    Parameters
    ----------
    context : PrepareContext
    step_m : float
    """

    def __init__(self, context: PrepareContext, step_m: float) -> None:
        ground = context.ground
        if ground.terrain is not None:
            context = replace(context, ground=replace(ground, terrain=without_gaps(ground.terrain)))
        self.context = context
        self.step_m = step_m
        self.has_terrain = context.ground.terrain is not None
        box = terrain_box(context)
        side = step_m * BLOCK
        if box is None:
            box = np.zeros((2, 2))
        #: First and last (exclusive) block of the terrain, as block numbers.
        self.first = np.floor(box[0] / side).astype(np.int64)
        self.last = np.maximum(np.ceil(box[1] / side).astype(np.int64), self.first)
        self._box = box
        blocks = self.last - self.first
        if not self.has_terrain:
            self._widths = np.full(tuple(blocks), BLOCK)
            return
        i, j = np.meshgrid(*(np.arange(f * BLOCK, la * BLOCK + 1) for f, la in zip(self.first, self.last, strict=True)),
                           indexing="ij")  # fmt: skip
        self._nodes = self._sample(i * step_m, j * step_m)
        self._widths = self._block_widths(self._nodes, tuple(blocks))

    def _sample(self, x: Floats, y: Floats) -> Floats:
        """Return ground heights, those outside the terrain taken from its border."""
        inset = 1e-3 * self.step_m
        x = np.clip(x, self._box[0, 0] + inset, self._box[1, 0] - inset)
        y = np.clip(y, self._box[0, 1] + inset, self._box[1, 1] - inset)
        return self.context.ground_local_m(x, y)

    @staticmethod
    def _block_widths(nodes: Floats, blocks: tuple[int, ...]) -> Ints:
        widths = np.ones(blocks, dtype=np.int64)
        for width, allowed_m in WIDTHS:
            u, v = np.meshgrid(np.arange(width + 1) / width, np.arange(width + 1) / width, indexing="ij")
            windows = np.lib.stride_tricks.sliding_window_view(nodes, (width + 1, width + 1))[::width, ::width]
            z00, z10, z01, z11 = (windows[..., a, b, None, None] for a, b in ((0, 0), (-1, 0), (0, -1), (-1, -1)))
            plane = np.where(u >= v, z00 + u * (z10 - z00) + v * (z11 - z10), z00 + v * (z01 - z00) + u * (z11 - z01))
            error = np.abs(windows - plane).max(axis=(2, 3))
            each = BLOCK // width
            worst = error.reshape(blocks[0], each, blocks[1], each).max(axis=(1, 3))
            widths = np.where((worst < allowed_m) & (widths == 1), width, widths)
        return widths

    @property
    def box(self) -> Floats:
        """Return the local box (2, 2) of the terrain."""
        return self._box

    @property
    def side_m(self) -> float:
        """Return the side of a block."""
        return self.step_m * BLOCK

    @property
    def near(self) -> Floats:
        """Return the local box (2, 2) in which things follow the lattice; beyond it they lie on the level plain."""
        side = self.step_m * BLOCK
        return np.stack([(self.first - NEAR_BLOCKS) * side, (self.last + NEAR_BLOCKS) * side]).astype(np.float64)

    @property
    def border_level_m(self) -> float:
        """Return the local height to which the plain around the terrain sinks, or rises."""
        z = self._nodes
        return float(np.nanpercentile(np.concatenate([z[1], z[-2], z[:, 1], z[:, -2]]), 30))

    @property
    def range_m(self) -> tuple[float, float]:
        """Return the lowest and the highest local height of the ground."""
        if not self.has_terrain:
            level = float(self.context.ground.base_m - self.context.frame.origin[2])
            return level - 1.0, level + 1.0
        return float(np.nanmin(self._nodes)) - 1.0, float(np.nanmax(self._nodes)) + 1.0

    def width(self, bi: NDArray[Any], bj: NDArray[Any]) -> Ints:
        """Return the width of the cells that blocks are drawn with; those beyond the terrain are one cell."""
        i, j = bi - self.first[0], bj - self.first[1]
        inside = (i >= 0) & (j >= 0) & (i < self._widths.shape[0]) & (j < self._widths.shape[1])
        result = np.full(i.shape, BLOCK, dtype=np.int64)
        result[inside] = self._widths[i[inside], j[inside]]
        return result

    def z(self, i: NDArray[Any], j: NDArray[Any]) -> Floats:
        """Return local heights of nodes."""
        i = np.clip(np.asarray(i, dtype=np.int64) - self.first[0] * BLOCK, 0, self._nodes.shape[0] - 1)
        j = np.clip(np.asarray(j, dtype=np.int64) - self.first[1] * BLOCK, 0, self._nodes.shape[1] - 1)
        heights: Floats = self._nodes[i, j]
        return heights

    def height(self, x: Floats, y: Floats) -> Floats:
        """Return the local height of the drawn triangles at local points."""
        if not self.has_terrain:
            return self.context.ground_local_m(x, y)
        side = self.step_m * BLOCK
        bi, bj = np.floor(x / side).astype(np.int64), np.floor(y / side).astype(np.int64)
        width = self.width(bi, bj)
        i = np.floor(x / (width * self.step_m)).astype(np.int64) * width
        j = np.floor(y / (width * self.step_m)).astype(np.int64) * width
        u, v = (x / self.step_m - i) / width, (y / self.step_m - j) / width
        z00, z10, z01, z11 = self.z(i, j), self.z(i + width, j), self.z(i, j + width), self.z(i + width, j + width)
        east = z00 + u * (z10 - z00) + v * (z11 - z10)
        north = z00 + v * (z01 - z00) + u * (z11 - z01)
        return np.where(u >= v, east, north)

    def normals(self, x: Floats, y: Floats) -> NDArray[np.float32]:
        """Return smooth unit normals of the ground at local points."""
        normals = np.zeros((len(x), 3), dtype=np.float32)
        normals[:, 2] = 1.0
        if self.has_terrain:
            reach = self.step_m
            normals[:, 0] = -(self._sample(x + reach, y) - self._sample(x - reach, y)) / (2 * reach)
            normals[:, 1] = -(self._sample(x, y + reach) - self._sample(x, y - reach)) / (2 * reach)
            normals /= np.linalg.norm(normals, axis=1, keepdims=True)
        return normals

    def plane(self, cells: Ints) -> tuple[Floats, Ints]:
        """Return local x, y of the nodes and the triangles of square cells (k, 3): first node i, j, and width."""
        nodes, faces = self._nodes_of(cells)
        return nodes.astype(np.float64) * self.step_m, faces

    def quads(self, cells: Ints) -> tuple[Floats, Ints]:
        """Return points and triangles of square cells (k, 3): first node i, j, and width in fine cells."""
        nodes, faces = self._nodes_of(cells)
        return np.column_stack([nodes * self.step_m, self.z(nodes[:, 0], nodes[:, 1])]), faces

    @staticmethod
    def _nodes_of(cells: Ints) -> tuple[Ints, Ints]:
        corner = cells[:, :2, None] + np.array([[0, 1, 1, 0], [0, 0, 1, 1]]) * cells[:, 2, None, None]
        i, j = corner[:, 0].ravel(), corner[:, 1].ravel()
        key = (i - i.min()) * (j.max() - j.min() + 1) + (j - j.min())
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        return np.column_stack([i[first], j[first]]), inverse.reshape(-1, 4)[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3)

    def cells_of(self, blocks: Ints, width: int) -> Ints:
        """Return the cells (i, j, width) of blocks (k, 2), in order."""
        steps = np.arange(0, BLOCK, width)
        di, dj = (a.ravel() for a in np.meshgrid(steps, steps, indexing="ij"))
        nodes = (blocks[:, None] * BLOCK + np.stack([di, dj], axis=1)).reshape(-1, 2)
        return np.column_stack([nodes, np.full(len(nodes), width)])


_KEPT: list[tuple[Any, Any, Lattice]] = []


def lattice_of(context: PrepareContext) -> Lattice:
    """Return the lattice on which a project's ground is drawn: up to 700 fine cells a side, at least 2 m each.

    The last one is kept: every layer of a project asks for the same.
    """
    ground, frame = context.ground, context.frame
    for known, of_frame, lattice in _KEPT:
        if ground.terrain is not None and known.same(ground) and of_frame == frame:
            return lattice
    box = terrain_box(context)
    step = 8.0 if box is None else float(np.clip(np.ceil(max(box[1] - box[0]) / 720.0), 2.0, 500.0))
    lattice = Lattice(context, step)
    _KEPT[:] = [(ground, frame, lattice)]
    return lattice


def terrain_box(context: PrepareContext) -> Floats | None:
    """Return the local box (2, 2) of the terrain rasters, None without one."""
    boxes = [_box_of(raster, context) for raster in context.ground.terrains]
    return np.stack([np.min(boxes, axis=0)[0], np.max(boxes, axis=0)[1]]) if boxes else None


def _box_of(terrain: RasterData, context: PrepareContext) -> Floats:
    rows, columns = terrain.values.shape[:2]
    a, b, c, d, e, f = terrain.transform
    col, row = np.meshgrid(np.linspace(0, columns, 9), np.linspace(0, rows, 9))
    x, y = a * col + b * row + c, d * col + e * row + f
    if terrain.crs and terrain.crs != context.frame.horizontal:
        from models.crs.frame import transformer

        x, y = transformer(terrain.crs, context.frame.horizontal).transform(x, y)
    origin = context.frame.origin
    return np.array([[x.min() - origin[0], y.min() - origin[1]], [x.max() - origin[0], y.max() - origin[1]]])


def cells_between(lattice: Lattice, low: NDArray[Any], high: NDArray[Any]) -> NDArray[np.int64]:
    """Return the cells (i, j, width) that cover the nodes from ``low`` to ``high``, one a block where it is flat."""
    first, last = np.floor_divide(low, BLOCK), -np.floor_divide(-high, BLOCK)
    bi, bj = np.meshgrid(np.arange(first[0], last[0]), np.arange(first[1], last[1]), indexing="ij")
    blocks = np.column_stack([bi.ravel(), bj.ravel()]).astype(np.int64)
    inside = ((blocks * BLOCK >= low) & ((blocks + 1) * BLOCK <= high)).all(axis=1)
    width = np.where(inside, lattice.width(blocks[:, 0], blocks[:, 1]), 1)
    cells = np.concatenate([lattice.cells_of(blocks[width == wide], int(wide)) for wide in np.unique(width)])
    within = ((cells[:, :2] >= low) & (cells[:, :2] + cells[:, 2:] <= high)).all(axis=1)
    kept: NDArray[np.int64] = cells[within]
    return kept
