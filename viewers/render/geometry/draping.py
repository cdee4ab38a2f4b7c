"""Laying areas and lines on the ground.

An area is cut along the lattice of the ground (:mod:`viewers.render.geometry.lattice`), so that inside it the very
triangles of the ground are used and nothing pokes through; only the cells on its outline are cut for real.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.layers.layer import LayerData, VectorData
from viewers.render.geometry.lattice import BLOCK, Lattice
from viewers.render.geometry.parts import LinePart, MeshPart
from viewers.render.palette.context import Colour, PrepareContext

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

#: Squares of the lattice on which the areas of one layer are laid.
MOST_SQUARES = 2_000_000

#: Metres that draped things float above the ground, beside their rank.
LIFT_M = 0.04


def is_shadow(part: object) -> bool:
    """Whether a part is the shadow that the houses of a layer throw."""
    return isinstance(part, MeshPart) and not part.pickable and part.offset == RANK["shadow"]


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
    polygons, row, beyond, beyond_row = _near_and_beyond(polygons, lattice)
    cells, cell_owner, cut, cut_owner = _cells(polygons, lattice)
    cell_owner, cut_owner = row[cell_owner], row[cut_owner]
    blocks: list[tuple[Floats, Ints, Ints]] = []
    if len(beyond):
        points2, faces, number = triangulated(beyond)
        if len(faces):
            z = lattice.height(points2[:, 0], points2[:, 1])
            blocks.append((np.column_stack([points2, z]), faces, beyond_row[number[faces[:, 0]]]))
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


def _near_and_beyond(polygons: NDArray[Any], lattice: Lattice) -> tuple[NDArray[Any], Ints, NDArray[Any], Ints]:
    """Part polygons into what is laid on the lattice and what lies flat, each with the row of its polygon.

    Flat lies what is beyond the surroundings of the terrain, and the largest of so many polygons that laying all of
    them would take more than :data:`MOST_SQUARES` squares: a country is drawn in the time of a district.
    """
    rows = np.arange(len(polygons))
    near, bounds = lattice.near, shapely.bounds(polygons)
    far = (bounds[:, :2] < near[0]).any(axis=1) | (bounds[:, 2:] > near[1]).any(axis=1)
    inside, inside_row = polygons[~far], rows[~far]
    flat, flat_row = polygons[:0], rows[:0]
    if far.any():
        reach, wide = shapely.box(*near[0], *near[1]), _sound(polygons[far])
        parts, index = _polygons_in(shapely.intersection(wide, reach))
        flat, number = _polygons_in(shapely.difference(wide, reach))
        inside, inside_row = np.concatenate([inside, parts]), np.concatenate([inside_row, rows[far][index]])
        flat_row = rows[far][number]
    extents = np.diff(shapely.bounds(inside).reshape(-1, 2, 2), axis=1)[:, 0]
    squares = np.prod(np.ceil(extents / lattice.side_m) + 1, axis=1)
    order = np.argsort(squares, kind="stable")
    too_many = np.zeros(len(inside), dtype=bool)
    too_many[order[np.cumsum(squares[order]) > MOST_SQUARES]] = True
    return (
        inside[~too_many], inside_row[~too_many], np.concatenate([flat, inside[too_many]]),
        np.concatenate([flat_row, inside_row[too_many]]),
    )  # fmt: skip


def _sound(polygons: NDArray[Any]) -> NDArray[Any]:
    """Return polygons that can be cut; most can already."""
    broken = ~shapely.is_valid(polygons)
    return np.where(broken, shapely.buffer(polygons, 0), polygons) if broken.any() else polygons


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


def dense(lines: NDArray[Any], lattice: Lattice, origin: tuple[float, ...] = (0.0, 0.0)) -> NDArray[Any]:
    """Return lines with enough points to follow the ground of the lattice; beyond its surroundings as they are.

    Parameters
    ----------
    lines : ndarray of LineString or LinearRing
        Local, or in the CRS of the project with its ``origin`` given.
    lattice : Lattice
    origin : tuple of float
    """
    near = lattice.near + np.asarray(origin, dtype=np.float64)
    bounds = shapely.bounds(lines)
    far = (bounds[:, :2] < near[0]).any(axis=1) | (bounds[:, 2:] > near[1]).any(axis=1)
    result = np.array(lines, dtype=object)
    result[~far] = shapely.segmentize(result[~far], lattice.step_m)
    for at in np.flatnonzero(far):
        result[at] = shapely.linestrings(_dense_inside(shapely.get_coordinates(lines[at]), near, lattice.step_m))
    return result


def _dense_inside(points: Floats, box: Floats, step_m: float) -> Floats:
    """Return the points of a line with further ones between them where it runs through a box."""
    start, way = points[:-1], np.diff(points, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        sides = np.stack([(box[0] - start) / way, (box[1] - start) / way])
    outside = (way == 0) & ((start < box[0]) | (start > box[1]))
    enters = np.where(way == 0, 0.0, sides.min(axis=0)).max(axis=1).clip(0.0, 1.0)
    leaves = np.where(way == 0, 1.0, sides.max(axis=0)).min(axis=1).clip(0.0, 1.0)
    share = np.where(outside.any(axis=1), 0.0, np.maximum(leaves - enters, 0.0))
    counts = np.where(share > 0, np.ceil(share * np.hypot(*way.T) / step_m) + 1, 0).astype(np.int64)
    of = np.repeat(np.arange(len(way)), counts)
    number = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    at = enters[of] + share[of] * number / np.maximum(counts[of] - 1, 1)
    between = start[of] + way[of] * at[:, None]
    order = np.lexsort((np.concatenate([np.full(len(points), -1.0), at]), np.concatenate([np.arange(len(points)), of])))
    merged: Floats = np.concatenate([points, between])[order]
    return merged


def draped_lines(
    lines: NDArray[Any], oids: NDArray[Any], colour: Colour, lattice: Lattice, width_px: float, lift_m: float = 0.1
) -> LinePart:
    """Return local lines laid on the ground, with enough points to follow it."""
    if lattice.has_terrain:
        lines = dense(lines, lattice)
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
        # What has heights of its own keeps them; the frame's origin is taken off below.
        lines = np.where(shapely.has_z(lines), lines, dense(lines, lattice, context.frame.origin[:2]))
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
