"""Excavation pits: the ground is cut out, walls and floor are added.

Pure arithmetic on prepared parts (:mod:`viewers.render.geometry.parts`), safe on a worker thread. What is cut out of
the ground is neither drawn nor picked; what lies in the ground (pipes, shafts, cellars) stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.crs.frame import Frame
from models.layers.layer import Layer
from models.roles import drawn_row
from models.terrain.excavation import Pit, floor_m, rim_of
from models.terrain.ground import Ground
from models.terrain.relief import polygon_of
from viewers.render.geometry.parts import CloudPart, LabelPart, LinePart, MeshPart, Part, Prepared

Floats = NDArray[np.float64]

#: The layer under which a scene shows walls and floors.
PITS = Layer("~pits", "", "vector", "other")
#: One tile of the earth's texture, metres; the wall's top is raised a little over draped roads.
TILE_M, LIP_M = 6.0, 0.06
#: Depth lines on the walls: at most so many.
MOST_LINES = 12


def is_cut(layer: Layer) -> bool:
    """Whether pits are cut out of a layer."""
    return drawn_row(layer.kind, layer.role).is_cut


def areas_of(pits: Iterable[Pit], frame: Frame) -> Any:
    """Return all pits as one *local* shape, None without any."""
    shapes = [polygon_of(np.asarray(pit.ring, dtype=np.float64) - frame.origin[:2]) for pit in pits]
    return shapely.union_all(shapes) if shapes else None


def carved(prepared: Prepared, pits: Sequence[Pit], frame: Frame) -> Prepared:
    """Return the parts of a layer without what lies inside the pits; the same parts where none does."""
    area = areas_of(pits, frame)
    if area is None:
        return prepared
    shapely.prepare(area)
    parts = [one for part in prepared.parts if (one := _carved(part, area)) is not None]
    stream = prepared.stream if prepared.stream is None else replace(prepared.stream, holes=area)
    return replace(prepared, parts=parts, stream=stream)


def _carved(part: Part, area: Any) -> Part | None:
    if isinstance(part, MeshPart):
        return part if part.elements is not None else cut_mesh(part, area)
    if isinstance(part, (LabelPart, CloudPart)):  # what a scan saw stays
        return part
    if isinstance(part, LinePart):
        return _cut_lines(part, area)
    inside = shapely.contains_xy(area, part.points[:, 0], part.points[:, 1])
    if not inside.any():
        return part
    if inside.all():
        return None
    keep = ~inside
    return replace(
        part, points=part.points[keep], oids=part.oids[keep], colours=part.colours[keep], scale=part.scale[keep],
        bearing_deg=part.bearing_deg[keep], theme_ids=None if part.theme_ids is None else part.theme_ids[keep],
    )  # fmt: skip


def cut_mesh(part: MeshPart, area: Any) -> MeshPart | None:
    """Cut triangles at the rim of the pits; positions, normals and texture stay where they were."""
    low_x, low_y, high_x, high_y = area.bounds
    corners = part.points[part.faces].astype(np.float64)
    near = np.flatnonzero(
        (corners[:, :, 0].max(axis=1) >= low_x) & (corners[:, :, 0].min(axis=1) <= high_x)
        & (corners[:, :, 1].max(axis=1) >= low_y) & (corners[:, :, 1].min(axis=1) <= high_y)
    )  # fmt: skip
    if not len(near):
        return part
    flat = corners[near][:, :, :2]
    shapes = shapely.polygons(np.concatenate([flat, flat[:, :1]], axis=1))
    size = np.abs(_cross(flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0])) / 2
    upright = size < 1e-6  # a kerb or a skirt: it goes with its middle
    middles = flat.mean(axis=1)
    gone = np.where(
        upright, shapely.contains_xy(area, middles[:, 0], middles[:, 1]), shapely.contains(area, shapes)
    )  # fmt: skip
    rim = ~gone & ~upright & shapely.intersects(area, shapes)
    if not gone.any() and not rim.any():
        return part
    pieces: list[Floats] = []
    owners: list[NDArray[np.int64]] = []
    left = shapely.difference(shapes[rim], area)
    for face, shape in zip(near[rim].tolist(), left, strict=True):
        for one in shapely.get_parts(shape):
            if one.geom_type == "Polygon" and one.area > 1e-8:
                found = shapely.get_coordinates(shapely.get_parts(shapely.constrained_delaunay_triangles(one)))
                pieces.append(found.reshape(-1, 4, 2)[:, :3])
                owners.append(np.full(len(found) // 4, face))
    keep = np.ones(len(part.faces), dtype=bool)
    keep[near[gone | rim]] = False
    if not pieces:
        return None if not keep.any() else _rows(part, keep)
    fresh, owner = np.concatenate(pieces), np.concatenate(owners)
    turned = _cross(fresh[:, 1] - fresh[:, 0], fresh[:, 2] - fresh[:, 0]) < 0
    was = part.points[part.faces[owner]].astype(np.float64)
    down = _cross(was[:, 1, :2] - was[:, 0, :2], was[:, 2, :2] - was[:, 0, :2]) < 0
    swap = turned != down
    fresh[swap] = fresh[swap][:, ::-1]
    share = _shares(was[:, :, :2], fresh)
    count = len(part.points)

    def spread(values: NDArray[Any] | None) -> NDArray[Any] | None:
        if values is None:
            return None
        more = np.einsum("fck,fkv->fcv", share, values[part.faces[owner]].astype(np.float64))
        return np.concatenate([values, more.reshape(-1, values.shape[1]).astype(values.dtype)])

    points = spread(part.points)
    assert points is not None  # noqa: S101 - only None gives None
    points[count:, :2] = fresh.reshape(-1, 2)
    flags = part.edge_flags
    if flags is not None:
        flags = np.concatenate([flags, np.zeros(3 * len(fresh), dtype=flags.dtype)])
    return replace(
        part,
        points=points,
        faces=np.concatenate([part.faces[keep], np.arange(3 * len(fresh), dtype=np.int32).reshape(-1, 3) + count]),
        oids=np.concatenate([part.oids[keep], part.oids[owner]]),
        colours=np.concatenate([part.colours[keep], part.colours[owner]]),
        uv=spread(part.uv),
        normals=spread(part.normals),
        edge_flags=flags,
    )


def _rows(part: MeshPart, keep: NDArray[np.bool_]) -> MeshPart:
    return replace(part, faces=part.faces[keep], oids=part.oids[keep], colours=part.colours[keep])


def _shares(triangles: Floats, points: Floats) -> Floats:
    """Return barycentric shares (f, 3 points, 3 corners) of points (f, 3, 2) in triangles (f, 3, 2)."""
    a, b, c = (triangles[:, None, k] for k in range(3))
    whole = _cross(b - a, c - a)
    one, two = _cross(b - points, c - points) / whole, _cross(c - points, a - points) / whole
    return np.stack([one, two, 1.0 - one - two], axis=2)


def _cut_lines(part: LinePart, area: Any) -> LinePart | None:
    starts = part.starts
    lines = [part.points[a:b].astype(np.float64) for a, b in pairwise(starts.tolist())]
    kept: list[Floats] = []
    rows: list[int] = []
    touched = False
    for row, line in enumerate(lines):
        shape = shapely.LineString(line) if len(line) > 1 else None
        if shape is None or not shapely.intersects(area, shape):
            kept.append(line)
            rows.append(row)
            continue
        touched = True
        for piece in shapely.get_parts(shapely.difference(shape, area)):
            if piece.geom_type == "LineString" and not piece.is_empty:
                kept.append(shapely.get_coordinates(piece, include_z=True))
                rows.append(row)
    if not touched:
        return part
    if not kept:
        return None
    return replace(
        part,
        points=np.concatenate(kept).astype(np.float32),
        starts=np.concatenate([[0], np.cumsum([len(line) for line in kept])]).astype(np.int64),
        oids=part.oids[rows],
        colours=part.colours[rows],
    )


def pit_parts(pits: Iterable[Pit], frame: Frame, ground: Ground) -> Prepared:
    """Return walls, floors, depth lines and depth figures of pits."""
    parts: list[Part] = []
    for pit in pits:
        parts += _pit(pit, frame, ground)
    clouds = [part.points for part in parts if len(part.points)]
    if not clouds:
        return Prepared()
    low = np.min([cloud.min(axis=0) for cloud in clouds], axis=0)
    high = np.max([cloud.max(axis=0) for cloud in clouds], axis=0)
    return Prepared(parts, np.stack([low, high]).astype(np.float64))


def _pit(pit: Pit, frame: Frame, ground: Ground) -> list[Part]:
    rim = frame.to_local(rim_of(pit, ground))
    floor = floor_m(pit, ground) - frame.origin[2]
    if _is_clockwise(rim):
        rim = rim[::-1]
    n = len(rim)
    top = np.column_stack([rim[:, :2], np.maximum(rim[:, 2], floor) + LIP_M])
    closed = np.concatenate([top, top[:1]])
    around = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed[:, :2], axis=0), axis=1))])
    foot = closed * [1.0, 1.0, 0.0] + [0.0, 0.0, floor]
    # The texture runs down from the surface: topsoil stays at the top, whatever the ground does.
    v = (closed[:, 2] - floor) / TILE_M
    uv = np.concatenate([np.column_stack([around / TILE_M, np.zeros(n + 1)]), np.column_stack([around / TILE_M, -v])])
    k = np.arange(n)
    faces = np.concatenate([
        np.column_stack([k, n + 1 + k, k + 1]), np.column_stack([k + 1, n + 1 + k, n + 2 + k])
    ])  # fmt: skip
    walls = MeshPart(
        np.concatenate([closed, foot]).astype(np.float32), faces.astype(np.int32),
        np.full(len(faces), -1, dtype=np.int32), _tone(len(faces), 255), uv=uv.astype(np.float32),
        texture="earth_wall",
    )  # fmt: skip
    area = polygon_of(rim)
    triangles = shapely.get_coordinates(shapely.get_parts(shapely.constrained_delaunay_triangles(area)))
    flat = triangles.reshape(-1, 4, 2)[:, :3].reshape(-1, 2)
    order = np.arange(len(flat)).reshape(-1, 3)
    a, b, c = (flat[order[:, i]] for i in range(3))
    order[_cross(b - a, c - a) < 0] = order[_cross(b - a, c - a) < 0][:, ::-1]
    ground_part = MeshPart(
        np.column_stack([flat, np.full(len(flat), floor)]).astype(np.float32), order.astype(np.int32),
        np.full(len(order), -1, dtype=np.int32), _tone(len(order), 255), uv=(flat / TILE_M).astype(np.float32),
        texture="earth_floor",
    )  # fmt: skip
    return [walls, ground_part, *_depth_lines(top, floor)]


def _depth_lines(top: Floats, floor: float) -> list[Part]:
    """Return level lines round the walls with their depths below the highest rim, and the rim itself."""
    brim = float(top[:, 2].max())
    depth = brim - floor
    step = next((s for s in (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0) if depth / s <= MOST_LINES), 200.0)
    levels = np.arange(step, depth + 0.5 * step, step)
    levels = levels[levels < depth - 0.25 * step]
    ring = np.concatenate([top, top[:1]])
    chains: list[Floats] = [ring]
    spots, texts = [], []
    corner = int(np.argmax(top[:, 1]))
    for level in [*levels.tolist(), depth]:
        z = brim - level
        under = ring[:, 2] >= z
        for run in np.split(np.arange(len(ring)), np.flatnonzero(np.diff(under.astype(np.int8))) + 1):
            if under[run[0]] and len(run) > 1:
                chains.append(np.column_stack([ring[run, :2], np.full(len(run), z)]))
        spots.append([*top[corner, :2], z])
        texts.append(f"−{level:.1f} m" if level % 1 else f"−{level:.0f} m")
    colours = np.tile(np.array([[250, 246, 238, 150]], dtype=np.uint8), (len(chains), 1))
    colours[0] = [74, 58, 44, 255]
    lines = LinePart(
        np.concatenate(chains).astype(np.float32),
        np.concatenate([[0], np.cumsum([len(chain) for chain in chains])]).astype(np.int64),
        np.full(len(chains), -1, dtype=np.int32), colours, 1.2, pickable=False,
    )  # fmt: skip
    names = LabelPart(
        np.asarray(spots, dtype=np.float32), texts, [""] * len(texts), np.full(len(texts), 40.0, dtype=np.float32),
        size_px=12, colour="#4a3a2c", reach_m=900.0,
    )  # fmt: skip
    return [lines, names]


def _cross(a: Floats, b: Floats) -> Floats:
    """Return twice the area between plane vectors (…, 2)."""
    turn: Floats = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return turn


def _is_clockwise(ring: Floats) -> bool:
    after = np.roll(ring, -1, axis=0)
    return float(((after[:, 0] - ring[:, 0]) * (after[:, 1] + ring[:, 1])).sum()) > 0


def _tone(count: int, level: int) -> NDArray[np.uint8]:
    return np.tile(np.array([[level, level, level, 255]], dtype=np.uint8), (count, 1))
