"""Buildings: footprints extruded to walls with windows, and roofs.

Everything is done for all buildings at once on flat arrays of ring corners; only footprints that are not convex go
through a triangulation of their own. A footprint's corners run counter-clockwise seen from above, holes clockwise, so
that the outside is always on the right of an edge.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.buildings.heights import heights, once
from models.layers.layer import Layer, LayerData, Style, VectorData
from viewers.render.geometry.draping import local_polygons, surface_part, triangulated
from viewers.render.geometry.parts import MeshPart, Part, Prepared, bounds_of_parts
from viewers.render.geometry.rings import Rings, rings_of
from viewers.render.layers.building_attributes import USES, first_numbers, hashed_share, uses_of, wall_and_roof_colours
from viewers.render.layers.shadows import shadow_part
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.facade_textures import BAY_M, BY_USE, TILE
from viewers.render.palette.lighting import look

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Walls reach this far below the ground at their foot, so that a slope shows no gap.
SKIRT_M = 0.8
#: Parapets, roof rims and roof kit are left out above this many buildings.
DETAIL_LIMIT = 25_000
#: Outlines are left out above this many buildings.
EDGE_LIMIT = 60_000


def make(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Make walls, roofs and ground shadows of a building layer.

    Fields that are used where they exist: ``use``, ``storeys``, ``height_m``, ``roof``, ``base_m``, ``bottom_m``, or
    those that the layer's style names. Surfaces with heights of their own (CityGML-like) are drawn as they are.
    """
    if not isinstance(data, VectorData):
        return Prepared()
    frame = context.local_frame(data)
    geometry = frame.geometry.to_numpy()
    area = np.isin(shapely.get_type_id(geometry), (3, 6))
    frame, geometry = frame[area], geometry[area]
    if not len(geometry):
        return Prepared()
    solid = _are_surfaces(geometry)
    if solid.any():
        colour = context.rgb(layer.style.colour or "wall.other")
        part = surface_part(geometry[solid], frame.index.to_numpy()[solid], context, colour)
        prepared = Prepared([part] if part is not None else [])
        if not solid.all():
            prepared.parts += _extruded(frame[~solid], geometry[~solid], layer.style, context)
        return bounds_of_parts(prepared)
    return bounds_of_parts(Prepared(_extruded(frame, geometry, layer.style, context)))


def make_shadow(
    layer: Layer, data: VectorData, context: PrepareContext, to_sun: tuple[float, float, float]
) -> Prepared:
    """Make the shadow alone that the footprints of a layer throw under another sun than the usual."""
    frame = context.local_frame(data)
    geometry = frame.geometry.to_numpy()
    kept = np.isin(shapely.get_type_id(geometry), (3, 6))
    if kept.any():
        kept[kept] = ~_are_surfaces(geometry[kept])
    if not kept.any():
        return Prepared()
    return bounds_of_parts(
        Prepared(_extruded(frame[kept], geometry[kept], layer.style, context, to_sun=to_sun, shadow_only=True))
    )


def _are_surfaces(geometry: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether each feature has heights that differ within it: a modelled surface, not a footprint."""
    solid = np.zeros(len(geometry), dtype=bool)
    with_z = shapely.has_z(geometry)
    if with_z.any():
        coordinates, index = shapely.get_coordinates(geometry[with_z], include_z=True, return_index=True)
        z = coordinates[:, 2]
        low, high = np.full(int(with_z.sum()), np.inf), np.full(int(with_z.sum()), -np.inf)
        np.minimum.at(low, index, z)
        np.maximum.at(high, index, z)
        solid[with_z] = (high - low) > 0.5
    return solid


def _extruded(
    frame: Any, geometry: NDArray[Any], style: Style, context: PrepareContext, *,
    to_sun: tuple[float, float, float] | None = None, shadow_only: bool = False,
) -> list[Part]:  # fmt: skip
    """Return the parts of footprints: walls by facade, plain surfaces, shadow."""
    known = heights(frame, style.height_field, style.storeys_field, style.storey_height_m)
    kept = once(geometry, known.height_m)  # the same footprint twice would flicker
    if not kept.all():
        frame, geometry = frame[kept], geometry[kept]
        known = heights(frame, style.height_field, style.storeys_field, style.storey_height_m)
    height, storeys, bottom = known.height_m, known.storeys, known.bottom_m
    base_field = first_numbers(frame, ["base_m"])
    use = uses_of(frame)
    oids_all = frame.index.to_numpy().astype(np.int32)

    polygons, feature = shapely.get_parts(shapely.force_2d(geometry), return_index=True)
    valid = shapely.area(polygons) > 0.5
    polygons, feature = polygons[valid], feature[valid].astype(np.int64)
    origin = context.frame.origin
    polygons = local_polygons(polygons, context)
    rings = rings_of(polygons)
    corner_polygon = rings.polygon
    n = len(polygons)

    ground = context.ground_local_m(rings.xy[:, 0], rings.xy[:, 1])
    low = np.full(n, np.inf)
    np.minimum.at(low, corner_polygon, ground)
    floor = np.where(np.isfinite(base_field[feature]), base_field[feature] - origin[2], low)
    floor = np.maximum(floor, low) if context.ground.terrain is not None else floor
    lifted = bottom[feature] > 0.01
    foot = np.where(lifted, floor + bottom[feature], np.minimum(floor, low) - SKIRT_M)
    zero = np.where(lifted, foot, floor)
    top = floor + bottom[feature] + height[feature]
    storey_m = np.maximum(height[feature] / np.maximum(storeys[feature], 1.0), 2.2)

    shadow = shadow_part(
        polygons, np.where(lifted, top - floor, top - low), look(False).to_sun if to_sun is None else to_sun, context,
        context.rgb("shadow"),
    )  # fmt: skip
    if shadow_only:
        return [] if shadow is None else [shadow]

    variety = hashed_share(oids_all[feature], 1)
    wall_colour, roof_colour = wall_and_roof_colours(
        use[feature], variety, hashed_share(oids_all[feature], 2), style, context
    )
    oid = oids_all[feature]
    detailed = n <= DETAIL_LIMIT
    roof_kind, quad = _roof_kinds(frame, feature, rings, n)
    flat = roof_kind == 0
    parapet = np.where(flat & detailed & (height[feature] > 5.0), np.where(height[feature] > 12, 1.0, 0.6), 0.0)

    parts: list[Part] = []
    parts += _walls(rings, foot, zero, top + parapet, storey_m, use[feature], oid, wall_colour, n <= EDGE_LIMIT)
    plain = _FaceCollector()
    rim_colour = np.clip(wall_colour.astype(np.int64) + 4, 0, 255).astype(np.uint8)
    if detailed:
        _parapets(plain, rings, parapet, top, oid, rim_colour)
        _roof_kit(plain, rings, quad, flat, top, height[feature], use[feature], oid, context)
        _pitched(plain, rings, quad, roof_kind, top, oid, roof_colour, wall_colour)
    else:
        flat = np.ones(n, dtype=bool)
    _flat_roofs(plain, polygons, rings, flat, np.where(parapet > 0, 0.3, 0.0), top, oid, roof_colour)
    part = plain.part(edges=n <= EDGE_LIMIT)
    if part is not None:
        parts.append(part)
    if shadow is not None:
        parts.append(shadow)
    return parts


def _walls(
    rings: Rings, foot: Floats, zero: Floats, top: Floats, storey_m: Floats, use: Ints, oid: NDArray[np.int32],
    colour: NDArray[np.uint8], edges: bool,
) -> list[Part]:  # fmt: skip
    """Return one mesh a facade texture."""
    a, b = rings.xy, rings.xy[rings.following]
    length = np.hypot(*(b - a).T)
    polygon = rings.polygon
    longest = np.zeros(len(foot))
    np.maximum.at(longest, polygon, length)
    parts: list[Part] = []
    for texture in dict.fromkeys(BY_USE.values()):
        rows = [row for row, name in enumerate(USES) if BY_USE[name] == texture]
        mine = np.flatnonzero(np.isin(use[polygon], rows))
        if not len(mine):
            continue
        p = polygon[mine]
        bays = np.maximum(np.round(length[mine] / BAY_M[texture]), 1.0)
        # A short wall of a long house is a gable end: a wall without windows, as the slabs of a 小区 have.
        blank = length[mine] < 2.2
        if texture in ("facade_residential", "facade_old", "facade_industrial"):
            blank |= (length[mine] < 14.5) & (length[mine] < 0.45 * longest[p])
        shift = np.floor(hashed_share(oid[p], 3) * 64)
        u0 = np.where(blank, 0.02, shift) / 1.0
        u1 = np.where(blank, 0.02, shift + bays / TILE)
        # The skirt is a little of the first storey: below the ground no window begins.
        v0 = np.where(foot[p] < zero[p], 0.004, 0.0)
        v1 = (top[p] - zero[p]) / (storey_m[p] * TILE)
        k = len(mine)
        points = np.empty((k, 4, 3))
        points[:, 0, :2] = points[:, 3, :2] = a[mine]
        points[:, 1, :2] = points[:, 2, :2] = b[mine]
        points[:, :2, 2] = foot[p][:, None]
        points[:, 2:, 2] = top[p][:, None]
        uv = np.empty((k, 4, 2))
        uv[:, 0, 0] = uv[:, 3, 0] = u0
        uv[:, 1, 0] = uv[:, 2, 0] = u1
        uv[:, :2, 1] = v0[:, None]
        uv[:, 2:, 1] = v1[:, None]
        first = 4 * np.arange(k)[:, None]
        faces = (first[:, None] + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)
        outline = (first[:, None] + np.array([[0, 3], [1, 2], [2, 3]])).reshape(-1, 2) if edges else None
        parts.append(
            MeshPart(
                points.reshape(-1, 3).astype(np.float32), faces.astype(np.int32), np.repeat(oid[p], 2),
                np.repeat(colour[p], 2, axis=0), uv=uv.reshape(-1, 2).astype(np.float32), texture=texture,
                edges=None if outline is None else outline.astype(np.int32), shadow=True,
            )
        )  # fmt: skip
    return parts


class _FaceCollector:
    """Collects triangles and quads and joins them into one part."""

    def __init__(self) -> None:
        self._points: list[Floats] = []
        self._faces: list[Ints] = []
        self._oids: list[NDArray[np.int32]] = []
        self._colours: list[NDArray[np.uint8]] = []
        self._edges: list[Ints] = []
        self._count = 0

    def add(
        self,
        points: Floats,
        faces: Ints,
        oids: NDArray[np.int32],
        colours: NDArray[np.uint8],
        edges: Ints | None = None,
    ) -> None:
        """Add points (n, 3), triangles (f, 3), and per triangle oid and colour."""
        if not len(faces):
            return
        self._points.append(points)
        self._faces.append(faces + self._count)
        self._oids.append(oids)
        self._colours.append(colours)
        if edges is not None and len(edges):
            self._edges.append(edges + self._count)
        self._count += len(points)

    def quads(
        self,
        corners: Floats,
        oids: NDArray[np.int32],
        colours: NDArray[np.uint8],
        sides: tuple[int, ...] = (0, 1, 2, 3),
    ) -> None:
        """Add quads (k, 4, 3) counter-clockwise from outside; ``sides`` that are outlined begin at that corner."""
        k = len(corners)
        first = 4 * np.arange(k)[:, None, None]
        faces = (first + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)
        pairs = np.array([[s, (s + 1) % 4] for s in sides]).reshape(-1, 2)
        edges = (first + pairs).reshape(-1, 2)
        self.add(corners.reshape(-1, 3), faces, np.repeat(oids, 2), np.repeat(colours, 2, axis=0), edges)

    def triangles(
        self, corners: Floats, oids: NDArray[np.int32], colours: NDArray[np.uint8], sides: tuple[int, ...] = (0, 1, 2)
    ) -> None:
        """Add triangles (k, 3, 3)."""
        k = len(corners)
        faces = np.arange(3 * k).reshape(-1, 3)
        pairs = np.array([[s, (s + 1) % 3] for s in sides]).reshape(-1, 2)
        edges = (3 * np.arange(k)[:, None, None] + pairs).reshape(-1, 2)
        self.add(corners.reshape(-1, 3), faces, oids, colours, edges)

    def part(self, edges: bool) -> MeshPart | None:
        """Return everything as one part."""
        if not self._faces:
            return None
        return MeshPart(
            np.concatenate(self._points).astype(np.float32), np.concatenate(self._faces).astype(np.int32),
            np.concatenate(self._oids).astype(np.int32), np.concatenate(self._colours),
            edges=np.concatenate(self._edges).astype(np.int32) if edges and self._edges else None, shadow=True,
        )  # fmt: skip


def _roof_kinds(frame: Any, feature: Ints, rings: Rings, n: int) -> tuple[NDArray[np.int8], Ints]:
    """Return 0 flat, 1 gable, 2 hip for each polygon, and the first corner of its ring (-1: no plain quad)."""
    quad = np.full(n, -1, dtype=np.int64)
    per_ring = np.diff(rings.starts)
    rings_each = np.bincount(rings.owner, minlength=n)
    four = (per_ring == 4) & (rings_each[rings.owner] == 1)
    quad[rings.owner[four]] = rings.starts[:-1][four]
    kind = np.zeros(n, dtype=np.int8)
    if "roof" in frame.columns:
        words = frame["roof"].astype(str).to_numpy()[feature]
        kind[np.isin(words, ("gable", "gabled"))] = 1
        kind[np.isin(words, ("hip", "hipped"))] = 2
    kind[(quad < 0)] = 0
    return kind, quad


def _parapets(
    mesh: _FaceCollector,
    rings: Rings,
    parapet: Floats,
    top: Floats,
    oid: NDArray[np.int32],
    colour: NDArray[np.uint8],
) -> None:
    """Add the rim and the inner face of parapets; the outer face is the wall itself."""
    polygon = rings.polygon
    thick = np.where(parapet > 0, 0.3, 0.0)[polygon]
    mine = np.flatnonzero(thick > 0)
    if not len(mine):
        return
    inner = rings.inset(thick)
    nxt = rings.following
    p = polygon[mine]
    high = (top + parapet)[p]
    a, b = rings.xy[mine], rings.xy[nxt[mine]]
    c, d = inner[nxt[mine]], inner[mine]
    rim = np.empty((len(mine), 4, 3))
    for k, side in enumerate((a, b, c, d)):
        rim[:, k, :2] = side
    rim[:, :, 2] = high[:, None]
    mesh.quads(rim, oid[p], colour[p], sides=(2,))
    face = np.empty_like(rim)
    for k, side in enumerate((c, d, d, c)):
        face[:, k, :2] = side
    face[:, :2, 2] = top[p][:, None]
    face[:, 2:, 2] = high[:, None]
    mesh.quads(face, oid[p], colour[p], sides=())


def _flat_roofs(
    mesh: _FaceCollector, polygons: NDArray[Any], rings: Rings, wanted: NDArray[np.bool_], thick: Floats, top: Floats,
    oid: NDArray[np.int32], colour: NDArray[np.uint8],
) -> None:  # fmt: skip
    """Add flat roofs: fans for convex rings, a triangulation for the others."""
    n = len(polygons)
    xy = rings.inset(thick[rings.polygon])
    a = rings.xy
    b = a[rings.following]
    c = b[rings.following]
    turn = (b[:, 0] - a[:, 0]) * (c[:, 1] - b[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - b[:, 0])
    convex = np.ones(n, dtype=bool)
    convex[rings.polygon[turn < -1e-6]] = False
    convex &= np.bincount(rings.owner, minlength=n) == 1
    fan = (wanted & convex)[rings.owner]
    counts = np.diff(rings.starts)
    for size in np.unique(counts[fan]):
        if size < 3:
            continue
        which = np.flatnonzero(fan & (counts == size))
        corner = rings.starts[:-1][which][:, None] + np.arange(size)
        owner = rings.owner[which]
        points = np.empty((len(which), size, 3))
        points[:, :, :2] = xy[corner]
        points[:, :, 2] = top[owner][:, None]
        spokes = np.stack([np.zeros(size - 2), np.arange(1, size - 1), np.arange(2, size)], axis=1).astype(np.int64)
        faces = (size * np.arange(len(which))[:, None, None] + spokes).reshape(-1, 3)
        mesh.add(
            points.reshape(-1, 3), faces, np.repeat(oid[owner], size - 2), np.repeat(colour[owner], size - 2, axis=0)
        )
    rest = np.flatnonzero(wanted & ~convex)
    if len(rest):
        points2, faces, owner = triangulated(polygons[rest])
        who = rest[owner]
        mesh.add(np.column_stack([points2, top[who]]), faces, oid[who[faces[:, 0]]], colour[who[faces[:, 0]]])


def _pitched(
    mesh: _FaceCollector, rings: Rings, quad: Ints, kind: NDArray[np.int8], top: Floats, oid: NDArray[np.int32],
    roof: NDArray[np.uint8], wall: NDArray[np.uint8],
) -> None:  # fmt: skip
    """Add gable and hip roofs of quads, with eaves; the ridge runs along the longer sides."""
    which = np.flatnonzero((kind > 0) & (quad >= 0))
    if not len(which):
        return
    corner = rings.xy[quad[which][:, None] + np.arange(4)]
    first = np.hypot(*(corner[:, 1] - corner[:, 0]).T) + np.hypot(*(corner[:, 3] - corner[:, 2]).T)
    second = np.hypot(*(corner[:, 2] - corner[:, 1]).T) + np.hypot(*(corner[:, 0] - corner[:, 3]).T)
    turn = first < second
    corner[turn] = np.roll(corner[turn], -1, axis=1)
    a, b, c, d = (corner[:, k] for k in range(4))
    span = np.minimum(np.hypot(*(d - a).T), np.hypot(*(c - b).T))
    along = (b - a) / np.maximum(np.hypot(*(b - a).T), 1e-9)[:, None]
    rise = np.clip(span * 0.30, 1.0, 4.5)
    z = top[which]
    left, right = (a + d) / 2, (b + c) / 2
    hip = kind[which] == 2
    pull = np.where(hip, np.minimum(span * 0.5, 0.45 * np.hypot(*(right - left).T)), 0.0)[:, None]
    eave = 0.5
    across = (d - a) / np.maximum(np.hypot(*(d - a).T), 1e-9)[:, None]
    out_l = -along * np.where(hip, eave, 0.35)[:, None]
    out_r = along * np.where(hip, eave, 0.35)[:, None]
    drop = (rise / np.maximum(span / 2, 1e-6)) * eave
    low = z - drop
    ea, ed = a - across * eave + out_l, d + across * eave + out_l
    eb, ec = b - across * eave + out_r, c + across * eave + out_r
    ridge_l = left + along * pull + np.where(hip[:, None], 0.0, out_l)
    ridge_r = right - along * pull + np.where(hip[:, None], 0.0, out_r)
    peak = z + rise

    def lift(xy: Floats, height: Floats) -> Floats:
        return np.column_stack([xy, height])

    o, colour = oid[which], roof[which]
    south = np.stack([lift(ea, low), lift(eb, low), lift(ridge_r, peak), lift(ridge_l, peak)], axis=1)
    north = np.stack([lift(ec, low), lift(ed, low), lift(ridge_l, peak), lift(ridge_r, peak)], axis=1)
    mesh.quads(south, o, colour)
    mesh.quads(north, o, colour)
    if hip.any():
        east = np.stack([lift(eb, low), lift(ec, low), lift(ridge_r, peak)], axis=1)[hip]
        west = np.stack([lift(ed, low), lift(ea, low), lift(ridge_l, peak)], axis=1)[hip]
        mesh.triangles(east, o[hip], colour[hip])
        mesh.triangles(west, o[hip], colour[hip])
    gable = ~hip
    if gable.any():
        east = np.stack([lift(b, z), lift(c, z), lift(right, peak)], axis=1)[gable]
        west = np.stack([lift(d, z), lift(a, z), lift(left, peak)], axis=1)[gable]
        mesh.triangles(east, o[gable], wall[which][gable], sides=())
        mesh.triangles(west, o[gable], wall[which][gable], sides=())


def _roof_kit(
    mesh: _FaceCollector, rings: Rings, quad: Ints, flat: NDArray[np.bool_], top: Floats, height: Floats, use: Ints,
    oid: NDArray[np.int32], context: PrepareContext,
) -> None:  # fmt: skip
    """Add stair heads, lift rooms and plant on flat roofs of plain quads."""
    which = np.flatnonzero(flat & (quad >= 0) & (height > 8.0))
    if not len(which):
        return
    corner = rings.xy[quad[which][:, None] + np.arange(4)]
    one = np.hypot(*(corner[:, 1] - corner[:, 0]).T)
    two = np.hypot(*(corner[:, 2] - corner[:, 1]).T)
    turn = one < two
    corner[turn] = np.roll(corner[turn], -1, axis=1)
    length, width = np.maximum(one, two), np.minimum(one, two)
    fits = (width > 7.0) & (length > 9.0)
    which, corner, length, width = which[fits], corner[fits], length[fits], width[fits]
    along = (corner[:, 1] - corner[:, 0]) / length[:, None]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    middle = corner.mean(axis=1)
    residential = use[which] == USES.index("residential")
    tower = height[which] > 40.0
    heads = np.clip(np.where(residential & ~tower, np.round(length / 17.0), 1), 1, 6).astype(int)
    size_l = np.where(residential & ~tower, 3.0, np.clip(length * 0.34, 4.0, 14.0))
    size_w = np.where(residential & ~tower, 4.2, np.clip(width * 0.38, 4.0, 12.0))
    rise = np.where(residential & ~tower, 2.5, np.where(tower, 4.6, 3.2))
    row = np.repeat(np.arange(len(which)), heads)
    number = np.arange(len(row)) - np.repeat(np.cumsum(heads) - heads, heads)
    step = length[row] / heads[row]
    place = middle[row] + along[row] * ((number + 0.5) * step - length[row] / 2)[:, None]
    place = place + across[row] * np.where(residential & ~tower, 0.16 * width, 0.0)[row][:, None]
    _boxes(mesh, place, along[row], size_l[row], size_w[row], top[which][row], rise[row], oid[which][row],
           context.rgb("roof.kit"))  # fmt: skip
    office = np.flatnonzero(~residential & (length > 16) & (width > 12))
    if len(office):
        dice = hashed_share(oid[which][office], 5)
        for side in (-1.0, 1.0):
            place = middle[office] + along[office] * (side * length[office] * (0.28 + 0.05 * dice))[:, None]
            place = place + across[office] * (width[office] * (0.22 - 0.4 * dice))[:, None]
            _boxes(mesh, place, along[office], np.full(len(office), 3.4), np.full(len(office), 2.4),
                   top[which][office], np.full(len(office), 1.7), oid[which][office],
                   context.rgb("roof.kit"))  # fmt: skip


def _boxes(
    mesh: _FaceCollector, middle: Floats, along: Floats, length: Floats, width: Floats, foot: Floats, rise: Floats,
    oid: NDArray[np.int32], colour: tuple[int, int, int],
) -> None:  # fmt: skip
    """Add boxes that stand on ``foot``."""
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    half_l, half_w = along * (length / 2)[:, None], across * (width / 2)[:, None]
    ring = np.stack([middle - half_l - half_w, middle + half_l - half_w, middle + half_l + half_w,
                     middle - half_l + half_w], axis=1)  # fmt: skip
    rgba = np.tile(np.array([*colour, 255], dtype=np.uint8), (len(middle), 1))
    high = foot + rise
    for k in range(4):
        a, b = ring[:, k], ring[:, (k + 1) % 4]
        side = np.stack(
            [
                np.column_stack([a, foot]),
                np.column_stack([b, foot]),
                np.column_stack([b, high]),
                np.column_stack([a, high]),
            ],
            axis=1,
        )
        mesh.quads(side, oid, rgba, sides=(1, 2, 3))
    mesh.quads(np.concatenate([ring, np.broadcast_to(high[:, None, None], (len(high), 4, 1))], axis=2), oid, rgba)
