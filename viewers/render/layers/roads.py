"""Roads: carriageways with footways, kerb radii and markings on the ground; decks with parapets and piers above it.

Carriageways of all roads share one tone and one height, so that where they overlap they are one surface, while every
road stays its own object. Markings are short flat quads; none lies in a junction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.layers.layer import Layer, LayerData, VectorData
from viewers.render.geometry.draping import RANK, draped_part, local_polygons, solid_colours
from viewers.render.geometry.lattice import Lattice, lattice_of
from viewers.render.geometry.parts import MeshPart, Part, Prepared, bounds_of_parts
from viewers.render.layers.surfaces import make_other
from viewers.render.palette.context import Colour, PrepareContext

Floats = NDArray[np.float64]

#: Carriageway width and lanes of a road of which only the class is known.
BY_CLASS = {
    "expressway": (24.0, 6), "arterial": (28.0, 6), "sub_arterial": (20.0, 4), "branch": (12.0, 2), "lane": (5.0, 1),
}  # fmt: skip
DEFAULT_WIDTH_M = 9.0
#: Footway beside the carriageway, metres.
FOOTWAY_M = {"arterial": 4.0, "sub_arterial": 3.5, "branch": 2.5}
#: Kerb radius at junctions, metres.
KERB_RADIUS_M = 7.0
#: Above this many roads markings and kerb radii are left out.
DETAIL_LIMIT = 4_000
PARAPET_M, DECK_M = 1.0, 1.6


@dataclass(slots=True)
class _Roads:
    """Columns of the road layer, one row a line, local."""

    lines: NDArray[Any]
    oids: NDArray[np.int64]
    kind: NDArray[Any]
    width_m: Floats
    lanes: NDArray[np.int64]
    bridge: NDArray[np.bool_]
    elevated_m: Floats
    name: NDArray[Any]

    def take(self, rows: NDArray[Any]) -> _Roads:
        return _Roads(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.lines)


def make(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Make a road layer from centre lines, or from areas where the layer holds areas."""
    roads = _read(data, context, layer.style.size)
    if roads is None or not len(roads):
        return make_other(layer, data, context)
    lattice = lattice_of(context)
    raised = roads.bridge | (roads.elevated_m > 0.3)
    colour = context.rgb(layer.style.colour or "road.asphalt")
    parts = _at_grade(roads.take(~raised), lattice, colour)
    parts += _decks(roads, raised, lattice, colour)
    if layer.style.opacity < 1:
        parts = [replace(part, opacity=layer.style.opacity) if isinstance(part, MeshPart) else part for part in parts]
    return bounds_of_parts(Prepared(parts))


def make_footways(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Make footways: narrow paved ribbons on the ground."""
    roads = _read(data, context, layer.style.size)
    if roads is None or not len(roads):
        return Prepared()
    width = np.where(roads.width_m == DEFAULT_WIDTH_M, 2.0, roads.width_m)
    polygons = shapely.buffer(
        roads.lines, width / 2, quad_segs=2, cap_style="flat", join_style="mitre", mitre_limit=2.0
    )
    shape, row = shapely.get_parts(polygons, return_index=True)
    colour = context.rgb(layer.style.colour or "footway")
    part = draped_part(
        shape, roads.oids[row], solid_colours(len(shape), colour), lattice_of(context), "footway", lift_m=0.1,
        opacity=layer.style.opacity,
    )  # fmt: skip
    return bounds_of_parts(Prepared([part] if part is not None else []))


def _read(data: LayerData, context: PrepareContext, size: float) -> _Roads | None:
    import pandas as pd

    if not isinstance(data, VectorData):
        return None
    frame = context.local_frame(data)
    parts, row = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    line = np.isin(shapely.get_type_id(parts), (1, 2)) & (shapely.length(parts) > 0.05)
    if not line.any():
        return None
    lines, row = local_polygons(parts[line], context), row[line]

    def numbers(name: str) -> Floats:
        if name not in frame.columns:
            return np.full(len(row), np.nan)
        values: Floats = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64)[row]
        return values

    def flags(name: str) -> NDArray[np.bool_]:
        if name not in frame.columns:
            return np.zeros(len(row), dtype=bool)
        values: NDArray[np.bool_] = frame[name].isin([True, 1, "1", "T", "true", "yes", "是"]).to_numpy(dtype=bool)[row]
        return values

    def words(name: str) -> NDArray[Any]:
        if name not in frame.columns:
            return np.full(len(row), "", dtype=object)
        values: NDArray[Any] = frame[name].astype(str).to_numpy(dtype=object)[row]
        return values

    kind = words("class")
    width = numbers("width_m")
    unknown = np.array([BY_CLASS.get(k, (DEFAULT_WIDTH_M, 2))[0] for k in kind])
    lanes = numbers("lanes")
    lanes = np.where(np.isfinite(lanes) & (lanes > 0), lanes, [BY_CLASS.get(k, (0.0, 2))[1] for k in kind])
    return _Roads(
        lines, frame.index.to_numpy()[row], kind, np.where(np.isfinite(width) & (width > 0.3), width, unknown) * size,
        lanes.astype(np.int64), flags("bridge"), np.nan_to_num(numbers("elevated_m")), words("name"),
    )  # fmt: skip


# -- on the ground -----------------------------------------------------------------------------------------------


def _at_grade(roads: _Roads, lattice: Lattice, colour: Colour) -> list[Part]:
    if not len(roads):
        return []
    context = lattice.context
    parts: list[Part | None] = []
    footway = np.array([FOOTWAY_M.get(k, 0.45) for k in roads.kind])
    outer = shapely.buffer(roads.lines, roads.width_m / 2 + footway, quad_segs=4)
    lane = roads.kind == "lane"
    inner = shapely.buffer(roads.lines, roads.width_m / 2, quad_segs=4)
    parts.append(
        draped_part(outer[~lane], np.full((~lane).sum(), -1),
                    solid_colours(int((~lane).sum()), context.rgb("road.verge")),
                    lattice, "verge", lift_m=0.10, pickable=False)
    )  # fmt: skip
    tone = solid_colours(len(roads), colour)
    tone[lane, :3] = context.rgb("road.lane")
    for mine, lift in ((lane, 0.11), (~lane, 0.13)):
        if mine.any():
            pieces, row = _once(inner[mine])
            parts.append(
                draped_part(pieces, roads.oids[mine][row], tone[mine][row], lattice, "asphalt", lift_m=lift)
            )  # fmt: skip
    if len(roads) <= DETAIL_LIMIT:
        main = roads.take(~lane)
        parts.append(_kerb_radii(inner[~lane], lattice, colour))
        parts += _markings(main, inner[~lane], lattice)
    return [part for part in parts if part is not None]


def _once(polygons: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return pieces that cover every place once, and the polygon that each is of; the first of those that overlap.

    Where the ground is looked through, what lies twice at one height would be blended twice, in stripes.
    """
    if len(polygons) > DETAIL_LIMIT:
        return polygons, np.arange(len(polygons))
    later, earlier = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    later, earlier = later[later > earlier], earlier[later > earlier]
    if not len(later):
        return polygons, np.arange(len(polygons))
    order = np.argsort(later, kind="stable")
    later, earlier = later[order], earlier[order]
    own = polygons.copy()
    starts = np.flatnonzero(np.diff(later, prepend=-1))
    for number, before in zip(later[starts].tolist(), np.split(earlier, starts[1:]), strict=True):
        own[number] = shapely.difference(polygons[number], shapely.union_all(polygons[before]))
    pieces, row = shapely.get_parts(own, return_index=True)
    areas = (shapely.get_type_id(pieces) == 3) & (shapely.area(pieces) > 0.01)
    return pieces[areas], row[areas]


def _kerb_radii(carriageways: NDArray[Any], lattice: Lattice, colour: Colour) -> MeshPart | None:
    """Return the rounded corners between roads that meet."""
    union = shapely.union_all(carriageways)
    r = KERB_RADIUS_M
    rounded = shapely.buffer(shapely.buffer(union, r, quad_segs=4), -r, quad_segs=4)
    corners = shapely.get_parts(shapely.difference(rounded, union))
    size = shapely.area(corners)
    corners = corners[(shapely.get_type_id(corners) == 3) & (size > 0.6) & (size < 400.0)]
    corners = corners[~shapely.is_empty(shapely.buffer(corners, -0.12))]
    if not len(corners):
        return None
    return draped_part(
        corners, np.full(len(corners), -1), solid_colours(len(corners), colour), lattice, "asphalt", lift_m=0.13,
        pickable=False,
    )  # fmt: skip


def _markings(roads: _Roads, carriageways: NDArray[Any], lattice: Lattice) -> list[Part | None]:
    """Return lane lines, centre lines and zebra crossings as one part each."""
    if not len(roads):
        return []
    groups = _merged(roads)
    tree = shapely.STRtree(carriageways)
    white: list[tuple[Floats, Floats, Floats]] = []
    yellow: list[tuple[Floats, Floats, Floats]] = []
    for line, members, width, lanes, oneway in groups:
        near = np.setdiff1d(tree.query(line, predicate="intersects"), members)
        crossing = shapely.union_all(carriageways[near]) if len(near) else None
        mask = shapely.buffer(crossing, 5.0, quad_segs=2) if crossing is not None else None
        lane_m = width / max(lanes, 1)
        for number in range(1, lanes):
            offset = width / 2 - number * lane_m
            middle = not oneway and abs(offset) < lane_m / 4
            pieces = _cut(shapely.offset_curve(line, offset) if abs(offset) > 0.01 else line, mask)
            if middle and lanes >= 4:
                for side in (-0.28, 0.28):
                    yellow.append(_dashes(_cut(shapely.offset_curve(line, side), mask), 9.0, 0.0, 0.22))
            elif middle:
                yellow.append(_dashes(pieces, 4.0, 5.0, 0.24))
            else:
                white.append(_dashes(pieces, 5.0, 8.0, 0.22))
        if lanes >= 4:
            for side in (-1, 1):
                edge = shapely.offset_curve(line, side * (width / 2 - 0.55))
                white.append(_dashes(_cut(edge, mask), 9.0, 0.0, 0.18))
        if crossing is not None and width >= 11.0:
            white += _zebras(line, crossing, width)
    parts: list[Part | None] = []
    for quads, name in ((white, "road.mark"), (yellow, "road.centre")):
        if quads:
            start, stop, half = (np.concatenate([q[k] for q in quads]) for k in range(3))
            parts.append(_strips(start, stop, half, lattice, lattice.context.rgb(name)))
    return parts


def _merged(roads: _Roads) -> list[tuple[Any, NDArray[np.int64], float, int, bool]]:
    """Join the pieces of a road that run through junctions: (line, rows, width, lanes, one-way)."""
    groups: dict[tuple[str, str, float, int], list[int]] = {}
    for row in range(len(roads)):
        key = (
            str(roads.name[row]) or f"#{row}",
            str(roads.kind[row]),
            float(roads.width_m[row]),
            int(roads.lanes[row]),
        )
        groups.setdefault(key, []).append(row)
    result = []
    for (_, _, width, lanes), rows in groups.items():
        members = np.asarray(rows)
        joined = shapely.line_merge(shapely.multilinestrings(shapely.get_parts(roads.lines[members])))
        for line in shapely.get_parts(joined):
            result.append((line, members, width, lanes, False))
    return result


def _cut(lines: Any, mask: Any) -> NDArray[Any]:
    """Return the line parts outside a mask."""
    rest = lines if mask is None else shapely.difference(lines, mask)
    parts: NDArray[Any] = shapely.get_parts(rest)
    kept: NDArray[Any] = parts[(shapely.get_type_id(parts) == 1) & (shapely.length(parts) > 3.0)]
    return kept


def _dashes(lines: NDArray[Any], dash_m: float, gap_m: float, wide_m: float) -> tuple[Floats, Floats, Floats]:
    """Return start and end points (n, 2) and half widths (n,) of dashes along lines; without a gap they join."""
    length = shapely.length(lines)
    period = dash_m + gap_m
    counts = np.maximum(np.floor(length / period) if gap_m else np.ceil(length / period), 0).astype(int)
    row = np.repeat(np.arange(len(lines)), counts)
    number = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    begin = number * period
    end = np.minimum(begin + dash_m, length[row])
    a = shapely.get_coordinates(shapely.line_interpolate_point(lines[row], begin))
    b = shapely.get_coordinates(shapely.line_interpolate_point(lines[row], end))
    return a.reshape(-1, 2), b.reshape(-1, 2), np.full(len(row), wide_m / 2)


def _zebras(line: Any, crossing: Any, width: float) -> list[tuple[Floats, Floats, Floats]]:
    """Return the stripes of zebra crossings where a road enters a junction."""
    found: list[tuple[Floats, Floats, Floats]] = []
    near = shapely.intersection(
        line, shapely.get_exterior_ring(shapely.get_parts(shapely.buffer(crossing, 1.0, quad_segs=2)))
    )
    points = [p for geometry in np.atleast_1d(near) for p in shapely.get_parts(geometry) if shapely.get_type_id(p) == 0]
    for point in points:
        at = shapely.line_locate_point(line, point)
        here, ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, [max(at - 1, 0), at + 1]))
        direction = (ahead - here) / max(float(np.hypot(*(ahead - here))), 1e-6)
        probe = shapely.points(*(shapely.get_coordinates(point)[0] + direction * 2.5))
        if shapely.contains(crossing, probe) or shapely.distance(crossing, probe) < 1.0:
            direction = -direction
        if at < 2.0 or at > shapely.length(line) - 2.0:
            continue
        across = np.array([-direction[1], direction[0]])
        offsets = np.arange(-width / 2 + 1.0, width / 2 - 0.6, 1.1)
        start = shapely.get_coordinates(point)[0] + across * offsets[:, None] + direction * 0.4
        found.append((start, start + direction * 3.6, np.full(len(offsets), 0.25)))
    return found


def _strips(start: Floats, stop: Floats, half: Floats, lattice: Lattice, colour: Colour) -> MeshPart | None:
    """Return flat quads from start to stop, laid on the ground by their corners."""
    along = stop - start
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    side = np.stack([-along[:, 1], along[:, 0]], axis=1) / length * half[:, None]
    corners = np.stack([start - side, stop - side, stop + side, start + side], axis=1).reshape(-1, 2)
    if not len(corners):
        return None
    z = lattice.height(corners[:, 0], corners[:, 1]) + 0.16
    faces = (4 * np.arange(len(start))[:, None, None] + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)
    return MeshPart(
        np.column_stack([corners, z]).astype(np.float32), faces.astype(np.int32),
        np.full(len(faces), -1, dtype=np.int32), solid_colours(len(faces), colour),
        normals=lattice.normals(corners[:, 0], corners[:, 1]), offset=RANK["mark"], pickable=False,
        detail_m=0.3,
    )  # fmt: skip


# -- above the ground --------------------------------------------------------------------------------------------


def _decks(roads: _Roads, raised: NDArray[np.bool_], lattice: Lattice, colour: Colour) -> list[Part]:
    """Return bridges and elevated roads: deck, footways, parapets, girders, piers and markings."""
    rows = np.flatnonzero(raised)
    if not len(rows):
        return []
    level = _node_levels(roads, raised, lattice)
    surface, concrete, marks, centre = _Quads(), _Quads(), _Quads(), _Quads()
    for row in rows:
        _deck(roads, int(row), level, lattice, surface, concrete, marks, centre)
    context = lattice.context
    parts = [
        surface.part(colour, offset=0.0), concrete.part(context.rgb("road.deck"), edges=False),
        marks.part(context.rgb("road.mark"), offset=1.0, pickable=False),
        centre.part(context.rgb("road.centre"), offset=1.0, pickable=False),
    ]  # fmt: skip
    return [part for part in parts if part is not None]


def _key(point: NDArray[Any]) -> tuple[int, int]:
    return round(float(point[0]) * 2), round(float(point[1]) * 2)


def _node_levels(roads: _Roads, raised: NDArray[np.bool_], lattice: Lattice) -> dict[tuple[int, int], float]:
    """Return the deck height at the ends of raised roads, so that pieces meet without a step.

    A node that an at-grade road shares lies on the ground; a node between raised pieces has the mean of their heights
    above the ground; over water the ground is that of the banks.
    """
    lift: dict[tuple[int, int], list[float]] = {}
    wet: dict[tuple[int, int], bool] = {}
    where: dict[tuple[int, int], NDArray[Any]] = {}
    for row in range(len(roads)):
        coordinates = shapely.get_coordinates(roads.lines[row])
        for end in (coordinates[0], coordinates[-1]):
            key = _key(end)
            high = roads.elevated_m[row] > 0.3
            lift.setdefault(key, []).append(float(roads.elevated_m[row]) if raised[row] and high else 0.0)
            wet[key] = wet.get(key, True) and bool(raised[row])
            where[key] = end
    result: dict[tuple[int, int], float] = {}
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    for key, lifts in lift.items():
        end = where[key]
        ground = float(lattice.height(end[:1], end[1:2])[0])
        if wet[key]:
            ring = end + 70.0 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
            around = float(np.percentile(lattice.height(ring[:, 0], ring[:, 1]), 75))
            ground = max(ground, around) if around - ground > 1.5 else ground
        level = 0.0 if min(lifts) == 0.0 else float(np.mean(lifts))
        result[key] = ground + level
    return result


def _deck(
    roads: _Roads, row: int, level: dict[tuple[int, int], float], lattice: Lattice, surface: _Quads, concrete: _Quads,
    marks: _Quads, centre: _Quads,
) -> None:  # fmt: skip
    line = roads.lines[row]
    length = float(shapely.length(line))
    ends = shapely.get_coordinates(line)[[0, -1]]
    stations = np.linspace(0.0, length, max(int(np.ceil(length / 6.0)), 2) + 1)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(line, stations))
    tangent = np.gradient(xy, axis=0)
    tangent /= np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-9)[:, None]
    left = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    z0, z1 = level[_key(ends[0])], level[_key(ends[1])]
    share = stations / max(length, 1e-9)
    elevated = roads.elevated_m[row] > 0.3
    arch = 0.0 if elevated else min(0.012 * length, 0.9)
    z = z0 + (z1 - z0) * share + arch * np.sin(np.pi * share) + 0.16
    half = float(roads.width_m[row]) / 2
    walk = 0.0 if elevated or roads.kind[row] == "expressway" else FOOTWAY_M.get(str(roads.kind[row]), 1.5)
    oid = int(roads.oids[row])

    def rail(offset: float, lift: float) -> Floats:
        return np.column_stack([xy + left * offset, z + lift])

    surface.ribbon(rail(-half, 0), rail(half, 0), oid)
    edge = half + walk
    deep = DECK_M if length > 20 or elevated else 0.8
    for side in (-1.0, 1.0):
        if walk:
            concrete.ribbon(rail(side * half, 0.0), rail(side * half, 0.2), oid, flip=side < 0)
            concrete.ribbon(rail(side * half, 0.2), rail(side * edge, 0.2), oid, flip=side < 0)
        inner, outer = side * edge, side * (edge + 0.35)
        base = 0.2 if walk else 0.0
        concrete.ribbon(rail(inner, base), rail(inner, PARAPET_M), oid, flip=side < 0)
        concrete.ribbon(rail(inner, PARAPET_M), rail(outer, PARAPET_M), oid, flip=side < 0)
        concrete.ribbon(rail(outer, PARAPET_M), rail(outer, -0.7), oid, flip=side < 0)
        concrete.ribbon(rail(outer, -0.7), rail(side * edge * 0.62, -deep), oid, flip=side < 0)
    concrete.ribbon(rail(edge * 0.62, -deep), rail(-edge * 0.62, -deep), oid)
    _deck_marks(rail, half, int(roads.lanes[row]), length, stations, marks, centre, oid)
    spacing = 30.0 if elevated else 24.0
    ground = lattice.height(xy[:, 0], xy[:, 1])
    count = int(length // spacing)
    places = (
        [length / 2]
        if length < 60 and length > 25 and count <= 1
        else list((np.arange(count) + 0.5) * length / max(count, 1))
    )
    for at in places:
        k = int(np.argmin(np.abs(stations - at)))
        if z[k] - deep - ground[k] < 2.0:
            continue
        offsets = (0.0,) if half < 7 else (-0.42 * half, 0.42 * half)
        for offset in offsets:
            concrete.pillar(xy[k] + left[k] * offset, tangent[k], 1.5, 1.9, ground[k] - 2.5, z[k] - deep, oid)
        cap = 0.62 * edge
        concrete.block(xy[k], left[k], 2 * cap, 2.2, z[k] - deep - 1.1, z[k] - deep + 0.02, oid)


def _deck_marks(
    rail: Any, half: float, lanes: int, length: float, stations: Floats, marks: _Quads, centre: _Quads, oid: int
) -> None:
    lane = 2 * half / max(lanes, 1)
    for number in range(1, lanes):
        offset = half - number * lane
        if abs(offset) < lane / 4:
            for side in (-0.3, 0.3):
                centre.ribbon(rail(offset + side - 0.1, 0.03), rail(offset + side + 0.1, 0.03), oid)
        else:
            a, b = rail(offset - 0.11, 0.03), rail(offset + 0.11, 0.03)
            for k in range(0, len(a) - 1, 2):
                marks.ribbon(a[k : k + 2], b[k : k + 2], oid)
    if lanes >= 4:
        for side in (-1.0, 1.0):
            at = side * (half - 0.6)
            marks.ribbon(rail(at - 0.1, 0.03), rail(at + 0.1, 0.03), oid)


class _Quads:
    """Quads gathered into one part."""

    def __init__(self) -> None:
        self._quads: list[Floats] = []
        self._oids: list[NDArray[np.int32]] = []

    def add(self, quads: Floats, oid: int) -> None:
        """Add quads (k, 4, 3)."""
        self._quads.append(quads)
        self._oids.append(np.full(len(quads), oid, dtype=np.int32))

    def ribbon(self, a: Floats, b: Floats, oid: int, flip: bool = False) -> None:
        """Add the ribbon between two rails of as many points."""
        quads = np.stack([a[:-1], a[1:], b[1:], b[:-1]], axis=1)
        self.add(quads[:, ::-1] if flip else quads, oid)

    def block(
        self, middle: Floats, along: Floats, length: float, width: float, foot: float, top: float, oid: int
    ) -> None:
        """Add an upright box."""
        across = np.array([-along[1], along[0]])
        ring = np.array([middle + sx * along * length / 2 + sy * across * width / 2
                         for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))])  # fmt: skip
        low = np.column_stack([ring, np.full(4, foot)])
        high = np.column_stack([ring, np.full(4, top)])
        sides = [np.stack([low[k], low[(k + 1) % 4], high[(k + 1) % 4], high[k]]) for k in range(4)]
        self.add(np.stack([*sides, high, low[::-1]]), oid)

    def pillar(
        self, middle: Floats, along: Floats, length: float, width: float, foot: float, top: float, oid: int
    ) -> None:
        """Add a pier."""
        self.block(middle, along, length, width, float(foot), float(top), oid)

    def part(self, colour: Colour, offset: float = 0.0, edges: bool = False, pickable: bool = True) -> MeshPart | None:
        """Return everything as one part."""
        if not self._quads:
            return None
        quads = np.concatenate(self._quads)
        faces = (4 * np.arange(len(quads))[:, None, None] + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)
        outline = (4 * np.arange(len(quads))[:, None, None] + np.array([[0, 1], [2, 3]])).reshape(-1, 2)
        return MeshPart(
            quads.reshape(-1, 3).astype(np.float32), faces.astype(np.int32), np.repeat(np.concatenate(self._oids), 2),
            solid_colours(len(faces), colour), edges=outline.astype(np.int32) if edges else None, offset=offset,
            pickable=pickable, detail_m=0.0 if pickable else 0.3,
        )  # fmt: skip
