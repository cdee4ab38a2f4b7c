"""Footprints of the elements of building and city models, for spatial queries.

An element's plan is the hull of the boxes of all its placed meshes, seen from above: exact for what is built along the
axes of its mesh, a little larger for what is not.
"""

from __future__ import annotations

import threading
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bim.placement import standing
from models.bim.placement_value import Placement
from models.crs.frame import require_projected, transformer
from models.layers.layer import Layer, ModelData
from models.query.spatial_relations import Rows, Shapes

Floats = NDArray[np.float64]

#: So many placements are worked out at a time: eight corners each.
_BATCH = 100_000
_MOST_KEPT = 6

_kept: list[tuple[ModelData, Placement | None, str, Shapes]] = []
_lock = threading.Lock()


def plans_of(layer: Layer, data: ModelData, crs: str) -> Shapes | None:
    """Return the plans of a model's elements in a projected CRS, None for a model that stands nowhere.

    Parameters
    ----------
    layer : Layer
        Says where a person put the model.
    data : ModelData
    crs : str

    Raises
    ------
    UserError
        ``crs.degrees``, ``crs.missing``.
    """
    require_projected(crs, "near")
    with _lock:
        for one, place, own, shapes in _kept:
            if one is data and place == layer.place and own == crs:
                return shapes
    placed = standing(layer, data)
    if not isinstance(placed, ModelData) or not placed.crs:
        return None
    made = _made(placed, crs)
    with _lock:
        _kept.append((data, layer.place, crs, made))
        del _kept[:-_MOST_KEPT]
    return made


def _made(data: ModelData, crs: str) -> Shapes:
    import shapely

    corners, owner = _corners(data, crs)
    order = np.argsort(owner, kind="stable")
    corners, owner = corners[order], owner[order]
    count = len(data.elements)
    starts = np.searchsorted(owner, np.arange(count + 1))
    boxes = np.full((count, 4), np.nan)
    full = np.flatnonzero(np.diff(starts) > 0)
    if len(full):
        low = np.minimum.reduceat(corners.min(axis=1), starts[full], axis=0)
        high = np.maximum.reduceat(corners.max(axis=1), starts[full], axis=0)
        boxes[full] = np.hstack([low, high])

    def pick(rows: Rows) -> NDArray[Any]:
        pieces = [np.arange(starts[row], starts[row + 1]) for row in rows.tolist()]
        if not pieces:
            return np.zeros(0, dtype=object)
        of = np.repeat(np.arange(len(rows)), [8 * len(piece) for piece in pieces])
        hulls = np.full(len(rows), None, dtype=object)
        points = corners[np.concatenate(pieces)].reshape(-1, 2)
        if len(points):
            there = np.unique(of)
            hulls[there] = shapely.convex_hull(
                shapely.multipoints(shapely.points(points), indices=np.searchsorted(there, of))
            )
        return hulls

    return Shapes(np.arange(count, dtype=np.int64), boxes, pick, crs)


def _corners(data: ModelData, crs: str) -> tuple[Floats, NDArray[np.int64]]:
    """Return the corners (p, 8, 2) of the placed meshes' boxes on the map, the element of each; empty ones left out."""
    meshes = data.meshes
    sides = np.stack(meshes.mesh_boxes())[:, np.asarray(meshes.placement_mesh)]
    known = np.flatnonzero(np.isfinite(sides).all(axis=(0, 2)))
    way = transformer(data.crs, crs) if data.crs != crs else None
    found = np.empty((len(known), 8, 2))
    for begin in range(0, len(known), _BATCH):
        own = known[begin : begin + _BATCH]
        corners = np.stack([sides[list(pick), own[:, None], range(3)] for pick in product((0, 1), repeat=3)], axis=1)
        matrix = data.placement @ np.asarray(meshes.placement_matrix[own])
        world = np.einsum("pij,pcj->pci", matrix[:, :2, :3], corners) + matrix[:, None, :2, 3]
        if way is not None:
            world = np.stack(way.transform(world[..., 0], world[..., 1]), axis=-1)
        found[begin : begin + _BATCH] = world
    return found, np.asarray(meshes.placement_element)[known].astype(np.int64)
