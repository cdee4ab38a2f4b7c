"""Columns of a large layer, one row an object: place, height, size and colour, in the order of the quadtree.

Everything here is a column in the order of the tree of chunks, so that the objects of a chunk lie side by side.

What a node shows
-----------------
A leaf shows all its objects. An inner node shows the :data:`KEPT` of its objects that are seen from farthest (the tall
and the wide ones) as they are, and the others only as the texture of the city
(:mod:`viewers.render.chunks.city_texture`). Its *error* is the size of the largest object that it leaves out: where
that is more than some pixels, its children are drawn in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.crs.frame import transformer
from models.geometry.feature_table import Features
from models.geometry.quadtree import ChunkTree, build
from models.layers.layer import Layer, VectorData
from models.roles import role_row
from viewers.render.layers.building_attributes import hashed_share, heights_of, uses_of, wall_and_roof_colours
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.facade_textures import BY_USE, texture_image

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]

#: Objects that an inner node shows.
KEPT = 1200

#: Width that a line, and size that a point is reckoned with, metres.
LINE_M, POINT_M = 8.0, 3.0
#: Where nothing says how high it is, a thing on the ground.
_FLAT_M = 0.3
#: How far detail may stand over what a box of an object says: roofs, parapets, skirts.
_REACH_M = 6.0


@dataclass(slots=True)
class ChunkSource:
    """A large layer as columns in the order of its tree.

    Parameters
    ----------
    layer : Layer
    features : Features
    context : PrepareContext
    tree : ChunkTree
        ``cell`` in local metres.
    oids : ndarray (n,) int32
    x, y : ndarray (n,) float32
        Local middles of the boxes.
    half_x, half_y : ndarray (n,) float32
    foot, top : ndarray (n,) float32
        Local heights.
    area : ndarray (n,) float32
        Square metres of ground covered.
    size : ndarray (n,) float32
        What an object is seen as from afar: the side of a square of as much picture, metres.
    storeys : ndarray (n,) float32
    shape : str
        ``"polygon"``, ``"line"`` or ``"point"``.
    colours : ndarray (n, 4) uint8
        Of each object from afar, before any theme.
    walls : ndarray (n, 4) uint8
        Of the walls of buildings; the same array for what has none.
    low, high : ndarray (k, 3) float64
        Boxes of the nodes.
    error : ndarray (k,) float64
        Size of the largest object that a node leaves out, metres; 0 for leaves.
    kept : list of ndarray
        Places in the columns of what an inner node shows.
    visible : ndarray (n,) bool or None
        What a filter leaves, None for all.
    place : ndarray (n,) int32 or None
        Place in the columns of each row of the table; filled when first asked for.
    """

    layer: Layer
    features: Features
    context: PrepareContext
    tree: ChunkTree
    oids: NDArray[np.int32]
    x: Singles
    y: Singles
    half_x: Singles
    half_y: Singles
    foot: Singles
    top: Singles
    area: Singles
    size: Singles
    storeys: Singles
    shape: str
    colours: NDArray[np.uint8]
    walls: NDArray[np.uint8]
    low: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    high: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    error: Floats = field(default_factory=lambda: np.zeros(0))
    kept: list[Ints] = field(default_factory=list)
    visible: NDArray[np.bool_] | None = None
    place: NDArray[np.int32] | None = None

    @property
    def count(self) -> int:
        """Return the number of objects."""
        return len(self.oids)

    @property
    def is_flat(self) -> bool:
        """Whether its areas lie on the ground, without walls."""
        return self.layer.role != "buildings"

    @property
    def bounds(self) -> Floats:
        """Return the local box (2, 3)."""
        return np.stack([self.low[0], self.high[0]])

    def places(self, node: int) -> Ints:
        """Return the places in the columns of what a node shows."""
        if self.tree.child[node] >= 0:
            places = self.kept[node]
        else:
            places = np.arange(int(self.tree.first[node]), int(self.tree.last[node]))
        return places if self.visible is None else places[self.visible[places]]

    def rows(self, places: Ints) -> NDArray[np.int32]:
        """Return the rows of the table at some places."""
        rows: NDArray[np.int32] = self.tree.order[places]
        return rows

    def places_of(self, oids: NDArray[Any]) -> Ints:
        """Return the places of objects by oid, those that there are."""
        rows = self.features.row_of(np.asarray(oids, dtype=np.int64))
        rows = rows[rows >= 0]
        if self.place is None:
            self.place = np.empty(self.count, dtype=np.int32)
            self.place[self.tree.order] = np.arange(self.count, dtype=np.int32)
        return self.place[rows].astype(np.int64)

    def boxes(self, places: Ints) -> tuple[Floats, Floats]:
        """Return the lowest and highest corners (m, 3) of objects."""
        low = np.column_stack([
            self.x[places] - self.half_x[places], self.y[places] - self.half_y[places], self.foot[places]
        ])  # fmt: skip
        high = np.column_stack([
            self.x[places] + self.half_x[places], self.y[places] + self.half_y[places], self.top[places]
        ])  # fmt: skip
        return low.astype(np.float64), high.astype(np.float64)

    def subset(self, places: Ints) -> VectorData:
        """Return the objects at some places as data that any maker takes."""
        return VectorData(self.features.subset(self.rows(places)))


TREE_COLUMNS = ("order", "first", "last", "child", "children", "level", "cell")


def source_of(
    layer: Layer, features: Features, context: PrepareContext, leaf_most: int = 0,
    known: Mapping[str, NDArray[Any]] | None = None,
) -> ChunkSource:  # fmt: skip
    """Return the columns of a large layer in the project's frame.

    Parameters
    ----------
    layer : Layer
    features : Features
    context : PrepareContext
    leaf_most : int
        Objects in a leaf, 0 for the usual number.
    known : mapping of str to ndarray, optional
        What was kept when the layer was last opened.
    """
    known = known or {}
    if "box" in known:
        found, tree = known["box"], ChunkTree(**{name: known[f"tree_{name}"] for name in TREE_COLUMNS})
    else:
        found, tree = _local_boxes(features, context, leaf_most)
    order = tree.order
    box: Singles = found.astype(np.float32, copy=False)
    half = np.float32(0.5)
    x: Singles = (box[:, 0] + box[:, 2]) * half
    y: Singles = (box[:, 1] + box[:, 3]) * half
    half_x: Singles = (box[:, 2] - box[:, 0]) * half
    half_y: Singles = (box[:, 3] - box[:, 1]) * half
    shape = _shape(features)
    oids = features.fids[order].astype(np.int32)
    if context.ground.terrain is None:
        ground = np.full(len(x), context.ground.base_m - context.frame.origin[2], np.float32)
    else:
        ground = context.ground_local_m(x.astype(np.float64), y.astype(np.float64)).astype(np.float32)
    height, storeys = np.full(len(order), _FLAT_M, np.float32), np.ones(len(order), np.float32)
    if known:
        height, storeys = known["height"], known["storeys"]
    elif shape == "polygon" and layer.role == "buildings":
        tall, floors = heights_of(Columns(features), layer.style)
        height, storeys = tall[order].astype(np.float32), floors[order].astype(np.float32)
    area = known["area"] if "area" in known else _area(features, order, half_x, half_y, shape, context)
    if shape == "polygon":
        side = np.sqrt(area)
        size = np.sqrt(area + 1.5 * side * height)
    elif shape == "line":
        size = np.sqrt(2 * np.hypot(half_x, half_y) * LINE_M)
    else:
        size = np.full(len(order), POINT_M, np.float32)
    if known:
        colours, walls = known["colours"], known.get("walls", known["colours"])
    else:
        colours, walls = _colours(layer, features, order, oids, shape, context)
    source = ChunkSource(
        layer, features, context, tree, oids, x, y, half_x, half_y, ground, ground + height, area, size, storeys, shape,
        colours, walls,
    )  # fmt: skip
    _measure_nodes(source, known)
    return source


def _local_boxes(features: Features, context: PrepareContext, leaf_most: int) -> tuple[NDArray[Any], ChunkTree]:
    """Return boxes in local metres in the order of the tree, and the tree in local metres."""
    origin = np.asarray(context.frame.origin[:2], dtype=np.float64)
    if not features.crs or context._same_crs(features.crs):
        if leaf_most:
            tree = _rebuilt(features.box, leaf_most)
            return features.box[tree.order] - np.tile(origin, 2), replace(tree, cell=tree.cell - np.tile(origin, 2))
        tree = features.tree
        shift = (tree.cell[0, :2] - origin).astype(np.float32)
        return features.ordered + np.tile(shift, 2), replace(tree, cell=tree.cell - np.tile(origin, 2))
    move = transformer(features.crs, context.frame.horizontal)
    corners = [move.transform(features.box[:, i], features.box[:, j]) for i, j in ((0, 1), (0, 3), (2, 1), (2, 3))]
    east, north = np.stack([c[0] for c in corners]), np.stack([c[1] for c in corners])
    box = np.column_stack([east.min(axis=0), north.min(axis=0), east.max(axis=0), north.max(axis=0)])
    lost = ~np.isfinite(box).all(axis=1)
    box[lost] = box[~lost].mean(axis=0)  # outside the projection: nobody can say where
    box -= np.tile(origin, 2)
    tree = _rebuilt(box, leaf_most)
    return box[tree.order], tree


def _rebuilt(box: NDArray[Any], leaf_most: int) -> ChunkTree:
    x, y = (box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2
    return build(x, y, leaf_most) if leaf_most else build(x, y)


def _shape(features: Features) -> str:
    counts = np.bincount((features.kind.astype(np.int64) - 1) % 3, minlength=3)
    return ("point", "line", "polygon")[int(np.argmax(counts))]


def _area(
    features: Features, order: NDArray[Any], half_x: Singles, half_y: Singles, shape: str, context: PrepareContext
) -> Singles:
    if shape == "point":
        return np.full(len(order), POINT_M**2, np.float32)
    if shape == "line":
        return (2 * np.hypot(half_x, half_y) * LINE_M).astype(np.float32)
    area: Singles = features.area[order].astype(np.float32)
    if features.crs and not context._same_crs(features.crs):  # in squared degrees, say: as a share of the box
        raw = features.box[order]
        boxed = np.maximum((raw[:, 2] - raw[:, 0]) * (raw[:, 3] - raw[:, 1]), 1e-300)
        area = ((area / boxed) * 4 * half_x * half_y).astype(np.float32)
    return area


def _colours(
    layer: Layer, features: Features, order: NDArray[Any], oids: NDArray[np.int32], shape: str, context: PrepareContext
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    if layer.role == "buildings" and shape == "polygon":
        use = uses_of(Columns(features))
        use = use[order] if "use" in features.columns else use
        walls, roofs = wall_and_roof_colours(use, hashed_share(oids, 1), hashed_share(oids, 2), layer.style, context)
        glazed = np.array([texture_image(BY_USE[name])[..., :3].mean(axis=(0, 1)) / 255 for name in BY_USE])
        for channel in range(3):
            walls[:, channel] = walls[:, channel] * glazed[use, channel].astype(np.float32)
        return roofs, walls
    name = layer.style.colour or role_row(layer.role).far_colour or f"other.{shape}"
    flat = np.tile(np.array([*context.rgb(name), round(255 * layer.style.opacity)], np.uint8), (len(order), 1))
    return flat, flat


class Columns:
    """Features as makers ask for them: one column at a time, so that the others are not made.

    Parameters
    ----------
    features : Features
    """

    def __init__(self, features: Features) -> None:
        self._features = features
        self.columns = features.columns

    def __len__(self) -> int:
        return self._features.count

    def __getitem__(self, name: str) -> Any:
        return self._features.column(name)


def _measure_nodes(source: ChunkSource, known: Mapping[str, NDArray[Any]]) -> None:
    """Find the boxes of the nodes, what each inner one shows, and how much that leaves out."""
    tree = source.tree
    k = tree.count
    leaves = tree.leaves
    starts = tree.first[leaves]
    columns = (
        source.x - source.half_x, source.y - source.half_y, source.foot - np.float32(_REACH_M),
        source.x + source.half_x, source.y + source.half_y, source.top + np.float32(_REACH_M),
    )  # fmt: skip
    low, high = np.full((k, 3), np.inf), np.full((k, 3), -np.inf)
    for axis in range(3):
        low[leaves, axis] = np.minimum.reduceat(columns[axis], starts)
        high[leaves, axis] = np.maximum.reduceat(columns[3 + axis], starts)
    source.kept = [np.zeros(0, dtype=np.int64)] * k
    source.error = np.zeros(k)
    if known:
        source.kept = np.split(np.array(known["kept"], dtype=np.int64), np.cumsum(known["kept_counts"])[:-1])
        source.error = np.array(known["error"])
    for node in range(k - 1, -1, -1):
        children = tree.children_of(node)
        if not children:
            continue
        low[node], high[node] = low[children.start : children.stop].min(0), high[children.start : children.stop].max(0)
        if known:
            continue
        candidates = np.concatenate([
            source.kept[c] if tree.child[c] >= 0 else np.arange(tree.first[c], tree.last[c]) for c in children
        ])  # fmt: skip
        size = source.size[candidates]
        if source.shape == "point":  # all alike: an even sample, and as coarse as its spacing
            step = max(len(candidates) // KEPT, 1)
            source.kept[node] = candidates[::step]
            width = float(tree.cell[node, 2] - tree.cell[node, 0])
            source.error[node] = width / np.sqrt(max(len(source.kept[node]), 1))
            continue
        if len(candidates) > KEPT:
            chosen = np.argpartition(size, len(size) - KEPT)
            source.error[node] = float(size[chosen[: len(size) - KEPT]].max())
            candidates = np.sort(candidates[chosen[len(size) - KEPT :]])
        source.kept[node] = candidates
        source.error[node] = max(source.error[node], float(source.error[children.start : children.stop].max()))
    source.low, source.high = low, high
