"""Areas on the ground: land cover, greens, water, and any polygons, lines and points a user brings.

Draping
-------
The ground is drawn on a regular lattice (see :class:`Lattice`). An area is cut along that lattice, so that inside it
the very triangles of the ground are used and nothing pokes through; only the cells on its outline are cut for real.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.layers.layer import Layer, LayerData, RasterData, VectorData
from models.terrain.ground import without_gaps
from viewers.render.geometry.parts import LinePart, MeshPart, Prepared
from viewers.render.layers.makers import Colour, PrepareContext, bounds_of_parts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Draw order of draped things, as depth offset; what lies higher is drawn nearer.
RANK = {
    "land": 1.0,
    "green": 2.0,
    "verge": 3.0,
    "footway": 3.5,
    "asphalt": 4.0,
    "mark": 5.5,
    "other": 6.0,
    "shadow": 7.0,
}

#: Metres that draped things float above the ground, beside their rank.
LIFT_M = 0.04


#: Fine cells a side of a block.
BLOCK = 16
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


def local_polygons(geometry: NDArray[Any], context: PrepareContext) -> NDArray[Any]:
    """Return geometries moved to the local frame, without heights."""
    origin = np.asarray(context.frame.origin[:2], dtype=np.float64)
    moved: NDArray[Any] = shapely.transform(shapely.force_2d(geometry), lambda xy: xy - origin)
    return moved


def triangulated(polygons: NDArray[Any]) -> tuple[Floats, Ints, Ints]:
    """Triangulate polygons with holes.

    Returns
    -------
    points : ndarray (3 t, 2)
        Corners of triangles one after another, in the polygons' coordinates.
    faces : ndarray (t, 3)
        Counter-clockwise from above.
    owner : ndarray (3 t,)
        Polygon of each point.
    """
    empty = np.zeros((0, 2)), np.zeros((0, 3), dtype=np.int64), np.zeros(0, dtype=np.int64)
    if not len(polygons):
        return empty
    broken = ~shapely.is_valid(polygons)
    if broken.any():
        polygons = polygons.copy()
        polygons[broken] = shapely.buffer(polygons[broken], 0)
    triangles, owner = shapely.get_parts(shapely.constrained_delaunay_triangles(polygons), return_index=True)
    if not len(triangles):
        return empty
    corners = shapely.get_coordinates(triangles).reshape(-1, 4, 2)[:, :3]
    u, v = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    clockwise = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0] < 0
    corners[clockwise] = corners[clockwise][:, ::-1]
    return corners.reshape(-1, 2), np.arange(3 * len(corners)).reshape(-1, 3), np.repeat(owner, 3).astype(np.int64)


def drape(polygons: NDArray[Any], lattice: Lattice, lift_m: float = LIFT_M) -> tuple[Floats, Ints, Ints]:
    """Lay local polygons on the ground.

    Parameters
    ----------
    polygons : ndarray of Polygon
        Local.
    lattice : Lattice
    lift_m : float

    Returns
    -------
    points : ndarray (n, 3)
    faces : ndarray (f, 3)
    owner : ndarray (f,)
        Polygon of each face.
    """
    if lattice.context.ground.terrain is None:
        points2, faces, owner = triangulated(polygons)
        z = lattice.height(points2[:, 0], points2[:, 1]) + lift_m
        return np.column_stack([points2, z]), faces, owner[faces[:, 0]] if len(faces) else owner
    cells, cell_owner, cut, cut_owner = _cells(polygons, lattice)
    blocks: list[tuple[Floats, Ints, Ints]] = []
    if len(cells):
        points, faces = lattice.quads(cells)
        blocks.append((points, faces, np.repeat(cell_owner, 2)))
    if len(cut):
        points2, faces, owner = _fans(cut, cut_owner)
        blocks.append((np.column_stack([points2, lattice.height(points2[:, 0], points2[:, 1])]), faces, owner))
    if not blocks:
        return np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int64), np.zeros(0, dtype=np.int64)
    shift = np.cumsum([0] + [len(b[0]) for b in blocks])
    points = np.concatenate([b[0] for b in blocks])
    points[:, 2] += lift_m
    faces = np.concatenate([b[1] + s for b, s in zip(blocks, shift[:-1], strict=True)])
    return points, faces, np.concatenate([b[2] for b in blocks])


def _cells(polygons: NDArray[Any], lattice: Lattice) -> tuple[Ints, Ints, NDArray[Any], Ints]:
    """Cut polygons along the lattice.

    Returns
    -------
    cells : ndarray (k, 3)
        First node and width of the cells that lie wholly inside.
    cell_owner : ndarray (k,)
    pieces : ndarray of Polygon
        What is left along the outlines, each inside one triangle of the ground.
    piece_owner : ndarray
    """
    step, side = lattice.step_m, lattice.step_m * BLOCK
    row, ij, whole = _meet(polygons, side)
    width = lattice.width(ij[:, 0], ij[:, 1])
    cells, cell_owner = [], []
    pieces: list[NDArray[Any]] = []
    piece_owner: list[Ints] = []
    for wide in np.unique(width):
        mine = whole & (width == wide)
        cells.append(lattice.cells_of(ij[mine], int(wide)))
        cell_owner.append(np.repeat(row[mine], (BLOCK // wide) ** 2))
        edge = ~whole & (width == wide)
        if not edge.any():
            continue
        if wide == BLOCK:
            shape, who = _split(polygons[row[edge]], ij[edge] * BLOCK, BLOCK, lattice)
            pieces.append(shape)
            piece_owner.append(row[edge][who])
            continue
        parts, who = _polygons_in(shapely.intersection(polygons[row[edge]], _boxes(ij[edge], side)))
        who = row[edge][who]
        inner, small, covered = _meet(parts, step * wide)
        nodes = small * wide
        cells.append(np.column_stack([nodes, np.full(len(nodes), wide)])[covered])
        cell_owner.append(who[inner[covered]])
        shape, number = _split(parts[inner[~covered]], nodes[~covered], int(wide), lattice)
        pieces.append(shape)
        piece_owner.append(who[inner[~covered]][number])
    if not cells:
        empty = np.zeros(0, dtype=np.int64)
        return np.zeros((0, 3), dtype=np.int64), empty, np.zeros(0, dtype=object), empty
    return (
        np.concatenate(cells), np.concatenate(cell_owner),
        np.concatenate(pieces) if pieces else np.zeros(0, dtype=object),
        np.concatenate(piece_owner) if piece_owner else np.zeros(0, dtype=np.int64),
    )  # fmt: skip


def _boxes(ij: Ints, size: float) -> NDArray[Any]:
    boxes: NDArray[Any] = shapely.box(*(ij.T * size), *((ij.T + 1) * size))
    return boxes


def _meet(polygons: NDArray[Any], size: float) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Return (polygon, (i, j), wholly inside) of every square of a grid that a polygon meets."""
    shapely.prepare(polygons)
    bounds = shapely.bounds(polygons)
    low, high = np.floor(bounds[:, :2] / size).astype(np.int64), np.ceil(bounds[:, 2:] / size).astype(np.int64)
    extent = np.maximum(high - low, 1)
    counts = extent[:, 0] * extent[:, 1]
    row = np.repeat(np.arange(len(polygons)), counts)
    number = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    ij = np.column_stack([low[row, 0] + number % extent[row, 0], low[row, 1] + number // extent[row, 0]])
    boxes = _boxes(ij, size)
    met = shapely.intersects(polygons[row], boxes)
    row, ij, boxes = row[met], ij[met], boxes[met]
    return row, ij, shapely.covers(polygons[row], boxes)


def _split(polygons: NDArray[Any], ij: Ints, width: int, lattice: Lattice) -> tuple[NDArray[Any], Ints]:
    """Cut each polygon to one cell, and to its two triangles where those are not in one plane."""
    i, j = ij[:, 0], ij[:, 1]
    bend = np.abs(lattice.z(i, j) + lattice.z(i + width, j + width) - lattice.z(i + width, j) - lattice.z(i, j + width))
    bent = bend > 0.03
    size = lattice.step_m
    a, b = ij * size, (ij + width) * size
    southeast = np.stack([a, np.column_stack([b[:, 0], a[:, 1]]), b, a], axis=1)[bent]
    northwest = np.stack([a, b, np.column_stack([a[:, 0], b[:, 1]]), a], axis=1)[bent]
    rows = np.concatenate([np.flatnonzero(~bent), np.flatnonzero(bent), np.flatnonzero(bent)])
    knives = np.concatenate(
        [shapely.box(*a[~bent].T, *b[~bent].T), shapely.polygons(southeast), shapely.polygons(northwest)]
    )
    parts, index = _polygons_in(shapely.intersection(polygons[rows], knives))
    return parts, rows[index]


def _polygons_in(geometry: NDArray[Any]) -> tuple[NDArray[Any], Ints]:
    """Return the polygons among the parts of geometries, and the row of each."""
    parts, index = shapely.get_parts(geometry, return_index=True)
    nested = shapely.get_type_id(parts) > 3
    if nested.any():
        again, deeper = shapely.get_parts(parts, return_index=True)
        parts, index = again, index[deeper]
    keep = (shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 1e-4)
    return parts[keep], index[keep].astype(np.int64)


def _fans(polygons: NDArray[Any], owner: Ints) -> tuple[Floats, Ints, Ints]:
    """Triangulate small pieces: fans for convex ones, a triangulation for the rest."""
    polygons = shapely.orient_polygons(polygons)
    count = shapely.get_num_coordinates(polygons) - 1
    hull_area, area = shapely.area(shapely.convex_hull(polygons)), shapely.area(polygons)
    convex = (shapely.get_num_interior_rings(polygons) == 0) & (hull_area - area < 1e-6)
    points: list[Floats] = []
    faces: list[Ints] = []
    who: list[Ints] = []
    total = 0
    for size in np.unique(count[convex]):
        mine = np.flatnonzero(convex & (count == size))
        corners = shapely.get_coordinates(polygons[mine]).reshape(len(mine), size + 1, 2)[:, :size]
        spokes = np.stack([np.zeros(size - 2), np.arange(1, size - 1), np.arange(2, size)], axis=1).astype(np.int64)
        points.append(corners.reshape(-1, 2))
        faces.append((size * np.arange(len(mine))[:, None, None] + spokes).reshape(-1, 3) + total)
        who.append(np.repeat(owner[mine], size - 2))
        total += len(points[-1])
    if not convex.all():
        corners2, rest, number = triangulated(polygons[~convex])
        points.append(corners2)
        faces.append(rest + total)
        who.append(owner[~convex][number[rest[:, 0]]] if len(rest) else number)
    return np.concatenate(points), np.concatenate(faces), np.concatenate(who)


def draped_part(
    polygons: NDArray[Any], oids: NDArray[Any], colours: NDArray[np.uint8], lattice: Lattice, rank: str, *,
    lift_m: float = LIFT_M, opacity: float = 1.0, pickable: bool = True,
) -> MeshPart | None:  # fmt: skip
    """Return local polygons laid on the ground, with per-polygon oid and colour (n, 4)."""
    points, faces, owner = drape(polygons, lattice, lift_m)
    if not len(faces):
        return None
    return MeshPart(
        points.astype(np.float32), faces.astype(np.int32), np.asarray(oids)[owner].astype(np.int32), colours[owner],
        normals=lattice.normals(points[:, 0], points[:, 1]), opacity=opacity, offset=RANK[rank], pickable=pickable,
    )  # fmt: skip


def polygons_of(layer_data: LayerData, context: PrepareContext) -> tuple[NDArray[Any], Any, Ints]:
    """Return the local polygons of a layer, its features, and the row of each polygon's feature."""
    if not isinstance(layer_data, VectorData):
        return np.zeros(0, dtype=object), None, np.zeros(0, dtype=np.int64)
    frame = context.local_frame(layer_data)
    parts, row = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    area = shapely.get_type_id(parts) == 3
    parts, row = parts[area], row[area].astype(np.int64)
    return local_polygons(parts, context), frame, row


def solid_colours(count: int, colour: Colour, alpha: float = 1.0) -> NDArray[np.uint8]:
    """Return one colour ``count`` times, (count, 4) uint8."""
    return np.tile(np.array([*colour, round(255 * alpha)], dtype=np.uint8), (count, 1))


def make_land(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw land cover in a soft colour for each use."""
    return _areas(layer, data, context, "land", "use")


def make_green(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw greens by kind, and name the parks."""
    from viewers.render.layers.areas import name_labels

    prepared = _areas(layer, data, context, "green", "kind")
    polygons, frame, row = polygons_of(data, context)
    if prepared.parts and "kind" in frame.columns:
        park = (frame["kind"] == "park").to_numpy()[row]
        prepared.parts += name_labels(frame, polygons[park], row[park], "park", lattice_of(context))
    return prepared


def _areas(layer: Layer, data: LayerData, context: PrepareContext, rank: str, field_name: str) -> Prepared:
    polygons, frame, row = polygons_of(data, context)
    if not len(polygons):
        return Prepared()
    fallback = context.rgb(
        layer.style.colour or f"{rank}.other" if f"{rank}.other" in context.palette else "green.park"
    )
    colours = solid_colours(len(frame), fallback)
    if field_name in frame.columns and not layer.style.colour:
        for word, place in frame.groupby(frame[field_name].astype(str)).indices.items():
            if f"{rank}.{word}" in context.palette:
                colours[place, :3] = context.rgb(f"{rank}.{word}")
    part = draped_part(
        polygons, frame.index.to_numpy()[row], colours[row], lattice_of(context), rank, opacity=layer.style.opacity
    )
    return bounds_of_parts(Prepared([part] if part is not None else []))


def level_water(data: LayerData, context: PrepareContext) -> tuple[NDArray[Any], Ints, Floats]:
    """Return local areas of water, their oids, and levels: ``level_m``, else the lowest ground of the outline."""
    polygons, frame, row = polygons_of(data, context)
    level = np.full(len(polygons), np.nan)
    if frame is None:
        return polygons, row, level
    if "level_m" in frame.columns:
        import pandas as pd

        known = pd.to_numeric(frame["level_m"], errors="coerce").to_numpy(dtype=np.float64)
        level = known[row] - context.frame.origin[2]
    for k in np.flatnonzero(~np.isfinite(level)):
        xy = shapely.get_coordinates(polygons[k])
        level[k] = float(np.percentile(context.ground_local_m(xy[:, 0], xy[:, 1]), 10)) + 0.05
    return polygons, frame.index.to_numpy()[row], level


def make_water(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw level water, see :func:`level_water`."""
    polygons, oids, level = level_water(data, context)
    if not len(polygons):
        return Prepared()
    colour = context.rgb(layer.style.colour or "water")
    points2, faces, owner = triangulated(polygons)
    points = np.column_stack([points2, level[owner]])
    face_owner = owner[faces[:, 0]]
    normals = np.zeros((len(points), 3), dtype=np.float32)
    normals[:, 2] = 1.0
    water = MeshPart(
        points.astype(np.float32), faces.astype(np.int32), oids[face_owner].astype(np.int32),
        solid_colours(len(faces), colour), normals=normals, opacity=layer.style.opacity, texture="water",
        uv=(points[:, :2] / 64.0).astype(np.float32), offset=3.0 if context.ground.terrain is not None else 2.0,
    )  # fmt: skip
    return bounds_of_parts(Prepared([water]))


def make_other(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw any features by their geometry: areas draped, lines draped or in space, points as small posts."""
    if not isinstance(data, VectorData):
        return Prepared()
    frame = context.local_frame(data)
    if not len(frame):
        return Prepared()
    geometry, oids = frame.geometry.to_numpy(), frame.index.to_numpy()
    parts, row = shapely.get_parts(geometry, return_index=True)
    # A collection's own parts may be collections; one more round opens them.
    parts, again = shapely.get_parts(parts, return_index=True)
    row = row[again]
    kind = shapely.get_type_id(parts)
    style = layer.style
    result = Prepared()
    lattice = lattice_of(context)

    area = kind == 3
    with_z = area & shapely.has_z(parts)
    if with_z.any():
        surface = surface_part(parts[with_z], oids[row[with_z]], context, context.rgb(style.colour or "other.polygon"))
        if surface is not None:
            result.parts.append(surface)
    flat = area & ~with_z
    if flat.any():
        polygons = local_polygons(parts[flat], context)
        colours = _category_colours(frame, style.by, context.rgb(style.colour or "other.polygon"))[row[flat]]
        part = draped_part(polygons, oids[row[flat]], colours, lattice, "other", opacity=min(style.opacity, 0.92))
        if part is not None:
            result.parts.append(part)
            rings, owner = shapely.get_rings(polygons, return_index=True)
            result.parts.append(
                draped_lines(rings, oids[row[flat]][owner], context.rgb("edge"), lattice, 1.2 * style.size)
            )
    line = np.isin(kind, (1, 2))
    if line.any():
        colour = context.rgb(style.colour or "other.line")
        result.parts.append(line_part(parts[line], oids[row[line]], colour, lattice, 2.2 * style.size))
    point = kind == 0
    if point.any():
        xyz = shapely.get_coordinates(parts[point], include_z=True)
        local = context.frame.to_local(xyz)
        ground = lattice.height(local[:, 0], local[:, 1])
        local[:, 2] = np.where(np.isfinite(xyz[:, 2]), local[:, 2], ground)
        result.parts.append(post_part(local, oids[row[point]], context.rgb(style.colour or "other.point"), style.size))
    return bounds_of_parts(result)


def post_part(feet: Floats, oids: NDArray[Any], colour: Colour, size: float) -> MeshPart:
    """Return a diamond on each point, local."""
    r, h = 1.6 * size, 4.2 * size
    corners = np.array([[r, 0, h], [0, r, h], [-r, 0, h], [0, -r, h], [0, 0, 0.1], [0, 0, h + 1.6 * r]])
    shape = np.array([[0, 4, 1], [1, 4, 2], [2, 4, 3], [3, 4, 0], [0, 1, 5], [1, 2, 5], [2, 3, 5], [3, 0, 5]])
    shape = np.concatenate([shape[:4, [0, 1, 2]], shape[4:]])
    points = (feet[:, None] + corners).reshape(-1, 3)
    faces = (6 * np.arange(len(feet))[:, None, None] + shape).reshape(-1, 3)
    return MeshPart(
        points.astype(np.float32), faces.astype(np.int32), np.repeat(oids, 8).astype(np.int32),
        solid_colours(len(faces), colour), offset=2.0,
    )  # fmt: skip


def _category_colours(frame: Any, field_name: str, colour: Colour) -> NDArray[np.uint8]:
    """Return feature colours: shades of a calm wheel by category, one colour without a field."""
    colours = solid_colours(len(frame), colour)
    if field_name and field_name in frame.columns:
        wheel = ["#9db7d1", "#c9b79c", "#a8c3a0", "#d1a9a3", "#b6abc9", "#cfc58f", "#94bdbd", "#c3a4b5", "#b3b9bd"]
        for number, place in enumerate(frame.groupby(frame[field_name].astype(str)).indices.values()):
            text = wheel[number % len(wheel)]
            colours[place, :3] = [int(text[k : k + 2], 16) for k in (1, 3, 5)]
    return colours


def draped_lines(
    lines: NDArray[Any], oids: NDArray[Any], colour: Colour, lattice: Lattice, width_px: float, lift_m: float = 0.1
) -> LinePart:
    """Return local lines laid on the ground, with enough points to follow it."""
    if lattice.has_terrain:
        lines = shapely.segmentize(lines, lattice.step_m)
    xy, index = shapely.get_coordinates(lines, return_index=True)
    z = lattice.height(xy[:, 0], xy[:, 1]) + lift_m
    return LinePart(
        np.column_stack([xy, z]).astype(np.float32),
        np.concatenate([[0], np.cumsum(np.bincount(index, minlength=len(lines)))]).astype(np.int64),
        np.asarray(oids).astype(np.int32), solid_colours(len(lines), colour), width_px=width_px,
        offset=RANK["other"] + 1,
    )  # fmt: skip


def line_part(lines: NDArray[Any], oids: NDArray[Any], colour: Colour, lattice: Lattice, width_px: float) -> LinePart:
    """Return world lines: at their own heights where they have them, on the ground where not."""
    context = lattice.context
    if lattice.context.ground.terrain is not None:
        lines = np.where(shapely.has_z(lines), lines, shapely.segmentize(lines, lattice.step_m))
    xyz, index = shapely.get_coordinates(lines, include_z=True, return_index=True)
    local = context.frame.to_local(xyz)
    ground = lattice.height(local[:, 0], local[:, 1]) + 0.3
    local[:, 2] = np.where(np.isfinite(xyz[:, 2]), local[:, 2], ground)
    return LinePart(
        local.astype(np.float32),
        np.concatenate([[0], np.cumsum(np.bincount(index, minlength=len(lines)))]).astype(np.int64),
        np.asarray(oids).astype(np.int32), solid_colours(len(lines), colour), width_px=width_px,
        offset=RANK["other"] + 2,
    )  # fmt: skip


def surface_part(
    geometry: NDArray[Any], oids: NDArray[Any], context: PrepareContext, colour: Colour
) -> MeshPart | None:
    """Return polygons in space (walls, roofs, TINs) drawn as they are.

    Each polygon is triangulated in the plane that shows it largest (a wall has no area seen from above).
    """
    polygons, owner = shapely.get_parts(geometry, return_index=True)
    rings, polygon_of = shapely.get_rings(polygons, return_index=True)
    xyz, ring = shapely.get_coordinates(rings, include_z=True, return_index=True)
    xyz = context.frame.to_local(np.nan_to_num(xyz))
    counts = np.bincount(ring, minlength=len(rings))
    starts = np.concatenate([[0], np.cumsum(counts)])
    single = np.bincount(polygon_of, minlength=len(polygons)) == 1
    points: list[Floats] = []
    faces: list[Ints] = []
    who: list[NDArray[Any]] = []
    edges: list[Ints] = []
    total = 0
    simple = single[polygon_of]
    for size in np.unique(counts[simple]):
        if size not in (4, 5):
            continue
        mine = np.flatnonzero(simple & (counts == size))
        corners = xyz[starts[mine][:, None] + np.arange(size - 1)]
        n = size - 1
        spokes = np.stack([np.zeros(n - 2), np.arange(1, n - 1), np.arange(2, n)], axis=1).astype(np.int64)
        points.append(corners.reshape(-1, 3))
        base = n * np.arange(len(mine))[:, None, None]
        faces.append((base + spokes).reshape(-1, 3) + total)
        pairs = np.stack([np.arange(n), (np.arange(n) + 1) % n], axis=1)
        if size == 5:
            edges.append((base + pairs).reshape(-1, 2) + total)
        who.append(np.repeat(oids[owner[polygon_of[mine]]], n - 2))
        total += len(points[-1])
    for k in np.flatnonzero(
        ~(single & np.isin(np.bincount(polygon_of, weights=counts, minlength=len(polygons)), (4, 5)))
    ):
        mine = np.flatnonzero(polygon_of == k)
        loops = [xyz[starts[r] : starts[r + 1]] for r in mine]
        normal = np.abs(
            np.cross(loops[0][:-1] - loops[0].mean(axis=0), loops[0][1:] - loops[0].mean(axis=0)).sum(axis=0)
        )
        drop = int(np.argmax(normal))
        keep = [axis for axis in range(3) if axis != drop]
        flat = shapely.Polygon(loops[0][:, keep], [loop[:, keep] for loop in loops[1:] if len(loop) > 3])
        if flat.area < 1e-4:
            continue
        corners2, rest, _ = triangulated(np.array([flat]))
        every = np.concatenate(loops)
        nearest = np.argmin(((corners2[:, None] - every[None, :, keep]) ** 2).sum(axis=2), axis=1)
        points.append(every[nearest])
        faces.append(rest + total)
        who.append(np.full(len(rest), oids[owner[k]]))
        total += len(every[nearest])
    if not faces:
        return None
    joined = np.concatenate(faces)
    return MeshPart(
        np.concatenate(points).astype(np.float32), joined.astype(np.int32), np.concatenate(who).astype(np.int32),
        solid_colours(len(joined), colour), edges=np.concatenate(edges).astype(np.int32) if edges else None,
    )  # fmt: skip
