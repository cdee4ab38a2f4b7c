"""Picking in a large layer by its bounding boxes, whatever level of detail is drawn.

The ray passes a few leaves; of their thousands of objects it passes a few dozen boxes; only these are built and met.
A pick among a million buildings thus costs some milliseconds and is exact also where only the city texture is drawn.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from viewers.render.chunks.massing import lines_of, mesh_of
from viewers.render.chunks.source import ChunkSource
from viewers.render.geometry.ray import Ray, first_line, first_triangle

#: So far beside a dot or a box a pick still counts, pixels.
_REACH_PX = 4.0
#: Lines bend within their box: so many of them are met in full.
_MOST_MET = 4000


class ChunkHit(NamedTuple):
    """The object that a ray hits.

    Parameters
    ----------
    oid : int
    depth_m : float
        Along the ray.
    """

    oid: int
    depth_m: float


def pick(source: ChunkSource, ray: Ray, span: tuple[float, float] = (0.0, np.inf)) -> ChunkHit | None:
    """Return the object that a ray meets first within a span of distances, None where there is none."""
    tree = source.tree
    leaves = tree.leaves
    middle = (source.low[leaves] + source.high[leaves]) / 2
    away = np.maximum((middle - ray.eye) @ ray.along, 1.0)
    reach = 0.0 if source.shape == "polygon" else _REACH_PX * ray.pixel_m(away)
    near, enter = ray.meets_boxes(source.low[leaves], source.high[leaves], reach)
    best: ChunkHit | None = None
    for number in np.flatnonzero(near)[np.argsort(enter[near], kind="stable")].tolist():
        if enter[number] > min(span[1], np.inf if best is None else best.depth_m):
            break
        hit = _in_leaf(source, int(leaves[number]), ray, span)
        if hit is not None and (best is None or hit.depth_m < best.depth_m):
            best = hit
    return best


def _in_leaf(source: ChunkSource, leaf: int, ray: Ray, span: tuple[float, float]) -> ChunkHit | None:
    places = source.places(leaf)
    if not len(places):
        return None
    low, high = source.boxes(places)
    low[:, 2] -= 1.0
    if source.shape == "point":
        return _dot(source, places, ray, span)
    reach: Any = 0.0
    if source.shape == "line":
        away = np.maximum(((low + high) / 2 - ray.eye) @ ray.along, 1.0)
        reach = _REACH_PX * ray.pixel_m(away) + 1.0
    met, _ = ray.meets_boxes(low, high, reach)
    places = places[met][:_MOST_MET]
    if not len(places):
        return None
    if source.shape == "line":
        lines, owner = lines_of(source, places, 3.0)
        hit = None if lines is None else first_line(ray, lines, span)
    else:
        mesh, owner = mesh_of(source, places)
        hit = None if mesh is None else first_triangle(ray.lay(mesh.points), mesh.faces, span)
    return None if hit is None else ChunkHit(int(source.oids[owner[hit[0]]]), hit[1])


def _dot(source: ChunkSource, places: NDArray[np.int64], ray: Ray, span: tuple[float, float]) -> ChunkHit | None:
    points = np.column_stack([source.x[places], source.y[places], source.top[places]]).astype(np.float64)
    laid = ray.lay(points)
    close = np.hypot(laid[:, 0], laid[:, 1]) <= _REACH_PX * np.abs(ray.pixel_m(laid[:, 2]))
    hit = np.flatnonzero(close & (laid[:, 2] > max(span[0], 0.0)) & (laid[:, 2] <= span[1]))
    if not len(hit):
        return None
    first = int(hit[np.argmin(laid[hit, 2])])
    return ChunkHit(int(source.oids[places[first]]), float(laid[first, 2]))
