"""The middle level of detail: extruded footprints with flat roofs, plain lines, dots.

One mesh of shared corners a chunk, without textures and outlines; faces take their shade from the screen, so that a
house costs nine corners and ten triangles. Its colours are those of the full form with its windows averaged in.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from viewers.render.chunks.source import ChunkSource
from viewers.render.geometry.draping import RANK, local_polygons, triangulated
from viewers.render.geometry.parts import LinePart, MeshPart
from viewers.render.geometry.rings import Rings, rings_of
from viewers.render.layers.buildings import SKIRT_M

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Lines float this far above the ground.
_LINE_LIFT_M = 0.4


def mesh_of(source: ChunkSource, places: Ints) -> tuple[MeshPart | None, Ints]:
    """Return walls and flat roofs of some areas, and the place in the columns of each triangle.

    Walls come first: their triangles are :attr:`ChunkSource.walls`, the roofs' :attr:`ChunkSource.colours`.
    """
    shapes = _project(source, source.features.shapes(source.rows(places)))
    polygons, feature = shapely.get_parts(shapely.force_2d(shapes), return_index=True)
    areas = shapely.get_type_id(polygons) == 3
    polygons, feature = polygons[areas], feature[areas]
    if not len(polygons):
        return None, np.zeros(0, dtype=np.int64)
    polygons = local_polygons(polygons, source.context)
    rings = rings_of(polygons)
    ground = source.context.ground_local_m(rings.xy[:, 0], rings.xy[:, 1])
    place = places[feature]
    corner = rings.polygon
    height = (source.top - source.foot)[place].astype(np.float64)
    low = np.full(len(polygons), np.inf)
    np.minimum.at(low, corner, ground)
    low[~np.isfinite(low)] = 0.0
    if source.is_flat:
        points2, roof, roof_of = _roofs(polygons, rings)
        z = source.context.ground_local_m(points2[:, 0], points2[:, 1]) + 0.06
        points = np.column_stack([points2, z])
        owner = place[roof_of]
        return _part(source, points, roof, owner, 0, offset=RANK["land"]), owner
    n = len(rings.xy)
    foot, top = low - SKIRT_M, low + height
    points = np.empty((2 * n, 3))
    points[:n, :2] = points[n:, :2] = rings.xy
    points[:n, 2], points[n:, 2] = foot[corner], top[corner]
    a, b = np.arange(n), rings.following
    walls = np.stack([np.stack([a, b, n + b], axis=1), np.stack([a, n + b, n + a], axis=1)], axis=1).reshape(-1, 3)
    wall_of = np.repeat(corner, 2)
    points2, roof, roof_of = _roofs(polygons, rings)
    if len(points2) == n:  # every roof on the corners that are there
        roof = roof + n
    else:
        extra = np.column_stack([points2[n:], top[_owner_of(roof, roof_of, len(points2))[n:]]])
        roof = roof + n
        points = np.concatenate([points, extra])
    owner = place[np.concatenate([wall_of, roof_of])]
    return _part(source, points, np.concatenate([walls, roof]), owner, len(walls)), owner


def _project(source: ChunkSource, shapes: NDArray[Any]) -> NDArray[Any]:
    crs = source.features.crs
    if not crs or source.context._same_crs(crs):
        return shapes
    from models.crs.frame import transformer

    move = transformer(crs, source.context.frame.horizontal)

    def moved(xy: Floats) -> Floats:
        return np.column_stack(move.transform(xy[:, 0], xy[:, 1]))

    result: NDArray[Any] = shapely.transform(shapely.force_2d(shapes), moved)
    return result


def _part(source: ChunkSource, points: Floats, faces: Ints, owner: Ints, walls: int, offset: float = 0.0) -> MeshPart:
    colours = source.colours[owner]
    if walls:
        colours[:walls] = source.walls[owner[:walls]]
    return MeshPart(
        points.astype(np.float32), faces.astype(np.int32), source.oids[owner], colours, shadow=False, offset=offset
    )


def _owner_of(roof: Ints, roof_of: Ints, count: int) -> Ints:
    owner = np.zeros(count, dtype=np.int64)
    owner[roof.ravel()] = np.repeat(roof_of, 3)
    return owner


def _roofs(polygons: NDArray[Any], rings: Rings) -> tuple[Floats, Ints, Ints]:
    """Return corners (those of the rings first), triangles and polygon of each triangle of flat areas.

    A ring with one hollow corner (an L) is a fan around that corner; what no fan covers is triangulated.
    """
    a, nxt = rings.xy, rings.following
    b = a[nxt]
    c = b[nxt]
    turn = (b[:, 0] - a[:, 0]) * (c[:, 1] - b[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - b[:, 0])
    hollow = nxt[turn < -1e-6]
    counts = np.diff(rings.starts)
    pivot = rings.starts[:-1].copy()
    pivot[rings.ring[hollow]] = hollow
    single = np.bincount(rings.owner, minlength=len(polygons)) == 1
    fits = (np.bincount(rings.ring[hollow], minlength=len(counts)) <= 1) & single[rings.owner] & (counts >= 3)
    faces: list[Ints] = []
    owners: list[Ints] = []
    done = np.zeros(len(polygons), dtype=bool)
    for size in np.unique(counts[fits]):
        which = np.flatnonzero(fits & (counts == size))
        first = rings.starts[:-1][which]
        corner = first[:, None] + (pivot[which] - first)[:, None] % size
        corner = first[:, None] + (corner - first[:, None] + np.arange(size)) % size
        fan = np.stack(
            [np.repeat(corner[:, :1], size - 2, axis=1), corner[:, 1:-1], corner[:, 2:]], axis=2
        )  # (m, size - 2, 3)
        p, q, r = (a[fan[:, :, k]] for k in range(3))
        twice = (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1]) - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])
        good = (twice > -1e-6).all(axis=1)
        faces.append(fan[good].reshape(-1, 3))
        owners.append(np.repeat(rings.owner[which[good]], size - 2))
        done[rings.owner[which[good]]] = True
    points = rings.xy
    rest = np.flatnonzero(~done)
    if len(rest):
        points2, cut, owner = triangulated(polygons[rest])
        faces.append(cut + len(points))
        owners.append(rest[owner[cut[:, 0]]] if len(cut) else np.zeros(0, dtype=np.int64))
        points = np.concatenate([points, points2])
    empty = np.zeros(0, dtype=np.int64)
    return points, np.concatenate([*faces, empty.reshape(0, 3)]), np.concatenate([*owners, empty])


def lines_of(source: ChunkSource, places: Ints, width_px: float = 1.2) -> tuple[LinePart | None, Ints]:
    """Return some lines on the ground, and the place in the columns of each."""
    shapes = _project(source, source.features.shapes(source.rows(places)))
    lines, feature = shapely.get_parts(shapely.force_2d(shapes), return_index=True)
    known = shapely.get_type_id(lines) == 1
    lines, feature = lines[known], feature[known]
    xy, line = shapely.get_coordinates(lines, return_index=True)
    if not len(xy):
        return None, np.zeros(0, dtype=np.int64)
    xy = xy - np.asarray(source.context.frame.origin[:2])
    z = source.context.ground_local_m(xy[:, 0], xy[:, 1]) + _LINE_LIFT_M
    starts = np.concatenate([[0], np.cumsum(np.bincount(line, minlength=len(lines)))])
    owner = places[feature]
    part = LinePart(
        np.column_stack([xy, z]).astype(np.float32), starts, source.oids[owner], source.colours[owner], width_px
    )
    return part, owner


def dots_of(source: ChunkSource, places: Ints) -> NDArray[np.float32]:
    """Return the places of some points, (m, 3), a little above the ground."""
    return np.column_stack([source.x[places], source.y[places], source.top[places] + np.float32(0.5)])
