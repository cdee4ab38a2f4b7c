"""The longitudinal profile (纵断面) along a path of pipes, as values: nothing here draws.

Invariants
----------
1. Stations are plan distances along the pipes' own lines from the beginning of the path.
2. A level that nobody recorded is NaN and stays a gap: nothing is interpolated between pipes. Between the two inverts
   of one pipe its bottom is straight, or follows the line's own heights (:mod:`models.network.pipe_bodies`).
3. Slopes and drops are told in the direction of the pipe as recorded (the way its water flows), whichever way the
   path is walked: a positive slope falls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.core.errors import UserError
from models.network.clearance import segments
from models.network.clearance.rules import Rules, falls_short, shipped
from models.network.kinds import gravity_codes
from models.network.pipe_bodies import PipeBodies, bodies_of, numbers, texts, wall_rows
from models.network.profile.path import MEET_M, Step, pieces_of, tips

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: Ground heights at world x, y, NaN where unknown.
GroundOf = Callable[[Floats, Floats], Floats]

#: The ground is sampled so often, metres, but at no more than :data:`MOST_SAMPLES` places.
SAMPLE_M, MOST_SAMPLES = 1.0, 4000
#: A bottom that rises by no more than this is within the accuracy of the survey, metres.
TOLERANCE_M = 0.005


@dataclass(frozen=True, slots=True)
class Span:
    """One pipe of the profile.

    Parameters
    ----------
    fid : int
    code, kind, material : str
    diameter_mm, width_mm, section_height_mm : float
        NaN where unknown.
    is_box : bool
    forward : bool
        Whether the path walks it from its start to its end.
    station_m, bottom_m : ndarray
        Inside bottom along the path; NaN where no level is known.
    points : ndarray (n, 2)
        Where that is on plan.
    left_m, right_m : float
        Inside bottom at the beginning and the end on the path, each by itself.
    inside_m : float
        Inside height, NaN where unknown.
    wall_m : float
        NaN where unknown: then the outside is not drawn.
    wall_certainty : str
    slope : float
        Fall per metre of plan length in the direction of the pipe, NaN where unknown.
    is_adverse : bool
        A gravity pipe whose bottom rises.
    cover_m : float
        Least depth of cover over the outer top, NaN where ground or level is unknown.
    """

    fid: int
    code: str
    kind: str
    material: str
    diameter_mm: float
    width_mm: float
    section_height_mm: float
    is_box: bool
    forward: bool
    station_m: Floats
    bottom_m: Floats
    points: Floats
    left_m: float
    right_m: float
    inside_m: float
    wall_m: float
    wall_certainty: str
    slope: float
    is_adverse: bool
    cover_m: float

    @property
    def start_m(self) -> float:
        """Return where it begins on the path."""
        return float(self.station_m[0])

    @property
    def end_m(self) -> float:
        """Return where it ends on the path."""
        return float(self.station_m[-1])

    @property
    def length_m(self) -> float:
        """Return its plan length."""
        return self.end_m - self.start_m

    @property
    def has_gap(self) -> bool:
        """Whether its bottom is not known all the way."""
        return not bool(np.isfinite(self.bottom_m).all())


@dataclass(frozen=True, slots=True)
class Well:
    """A node of the path: a manhole, a valve, an outfall.

    Parameters
    ----------
    fid : int
        -1 where no node is on record.
    code, node_type : str
    station_m : float
    x, y : float
    rim_m : float
        Level of its cover, NaN where unknown.
    rim_source : str
        ``"node"`` (on record), ``"terrain"``, empty for unknown.
    invert_m : float
        Its own bottom as recorded, NaN where none.
    left_m, right_m : float
        Inside bottoms of the pipes before and after it.
    drop_m : float
        How far the water falls in it: bottom of what flows in less that of what flows out; NaN where unknown or not
        one in and one out. Negative: a step up.
    """

    fid: int
    code: str
    node_type: str
    station_m: float
    x: float
    y: float
    rim_m: float
    rim_source: str
    invert_m: float
    left_m: float
    right_m: float
    drop_m: float

    @property
    def bottom_m(self) -> float:
        """Return the lowest of its levels, NaN where none is known."""
        known = [level for level in (self.invert_m, self.left_m, self.right_m) if np.isfinite(level)]
        return min(known, default=float("nan"))

    @property
    def depth_m(self) -> float:
        """Return the depth of its bottom under its cover."""
        return self.rim_m - self.bottom_m


@dataclass(frozen=True, slots=True)
class Crossing:
    """Another pipe that crosses the path.

    Parameters
    ----------
    fid : int
    code, kind : str
    diameter_mm : float
    station_m : float
    x, y : float
    axis_m : float
        Height of its centre line there, NaN where unknown.
    half_height_m, half_width_m : float
        Outer halves.
    span : int
        Number of the pipe of the path that it crosses.
    clear_m : float
        Vertical clear distance between outer faces, negative where they share matter, NaN where unknown.
    is_above : bool
    required_m : float
        NaN where no limit is settled.
    rule : int
        Row of the rules, -1 for none.
    """

    fid: int
    code: str
    kind: str
    diameter_mm: float
    station_m: float
    x: float
    y: float
    axis_m: float
    half_height_m: float
    half_width_m: float
    span: int
    clear_m: float
    is_above: bool
    required_m: float
    rule: int

    @property
    def is_short(self) -> bool:
        """Whether it is nearer than its limit, or in the way."""
        return bool(self.clear_m < 0 or falls_short(self.clear_m, self.required_m))


@dataclass(frozen=True, slots=True)
class LongProfile:
    """A whole profile.

    Parameters
    ----------
    spans : tuple of Span
    wells : tuple of Well
        One more than spans.
    crossings : tuple of Crossing
        By station.
    ground_station_m, ground_m : ndarray
        The ground above the pipes, NaN where unknown.
    ground_source : str
        ``"terrain"``, ``"nodes"`` (straight between covers), empty for unknown.
    rules : Rules
        Which limits the crossings were held against.
    """

    spans: tuple[Span, ...]
    wells: tuple[Well, ...]
    crossings: tuple[Crossing, ...]
    ground_station_m: Floats
    ground_m: Floats
    ground_source: str
    rules: Rules

    @property
    def length_m(self) -> float:
        """Return the plan length."""
        return self.spans[-1].end_m

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of the pipes of the path."""
        return tuple(dict.fromkeys(span.kind for span in self.spans))

    def place_at(self, station_m: float) -> tuple[float, float, float]:
        """Return easting, northing and height of the pipe's middle at a station; the height is NaN where unknown."""
        span = self.span_at(station_m)
        x, y = (float(np.interp(station_m, span.station_m, span.points[:, k])) for k in (0, 1))
        bottom = float(np.interp(station_m, span.station_m, span.bottom_m))
        return x, y, bottom + (0.0 if np.isnan(span.inside_m) else span.inside_m / 2)

    def span_at(self, station_m: float) -> Span:
        """Return the pipe at a station."""
        return next((span for span in self.spans if station_m <= span.end_m), self.spans[-1])


def long_profile(
    pipes: gpd.GeoDataFrame,
    nodes: gpd.GeoDataFrame | None,
    steps: Sequence[Step],
    ground: GroundOf | None = None,
    rules: Rules | None = None,
) -> LongProfile:
    """Return the profile along a path.

    Parameters
    ----------
    pipes : GeoDataFrame
        All pipes, canonical fields, in metres, index = feature ids: those of the path, and those that may cross it.
    nodes : GeoDataFrame or None
    steps : sequence of Step
    ground : callable, optional
        Heights of the terrain; without it, or where it knows nothing, the covers say where the ground is.
    rules : Rules, optional
        Limits of vertical clear distance; the shipped ones by default.

    Raises
    ------
    UserError
        ``network.path_empty``; ``network.path_no_line`` where a pipe has no line with a length.
    """
    if not steps:
        raise UserError("network.path_empty")
    rules = rules or shipped()
    own = pieces_of(pipes, steps)
    bodies = bodies_of(own)
    spans = _spans(own, bodies, steps)
    wells = _wells(own, spans, steps, nodes, ground)
    station, height, source = _ground(spans, wells, ground)
    spans = tuple(_with_cover(span, station, height) for span in spans)
    crossings = _crossings(pipes, own, bodies, spans, rules)
    return LongProfile(spans, wells, crossings, station, height, source, rules)


def _spans(own: gpd.GeoDataFrame, bodies: PipeBodies, steps: Sequence[Step]) -> tuple[Span, ...]:
    columns = {name: texts(own, name) for name in ("code", "kind", "material")}
    sizes = {name: numbers(own, name) for name in ("diameter_mm", "width_mm", "section_height_mm")}
    inverts = np.column_stack([numbers(own, "start_invert_m"), numbers(own, "end_invert_m")])
    gravity = gravity_codes()
    found: list[Span] = []
    at_m = 0.0
    for row, step in enumerate(steps):
        mine = np.flatnonzero(bodies.row == row)
        if not len(mine):
            raise UserError("network.path_no_line", pipe=str(columns["code"][row] or step.fid))
        points = np.vstack([bodies.start[mine], bodies.end[mine[-1:]]])
        along = np.append(bodies.first_m[mine], bodies.length_m[row])
        inside = float(bodies.sizes.height_m[row])
        bottom = points[:, 2] - (0.0 if np.isnan(inside) else inside / 2)
        ends = np.where(np.isfinite(inverts[row]), inverts[row], bottom[[0, -1]])
        length = float(along[-1])
        rise = float(ends[1] - ends[0])
        wall_row = int(bodies.sizes.wall_row[row])
        if not step.forward:
            points, along, bottom, ends = points[::-1], length - along[::-1], bottom[::-1], ends[::-1]
        kind = str(columns["kind"][row]).upper()
        found.append(Span(
            step.fid, str(columns["code"][row]), kind, str(columns["material"][row]),
            float(sizes["diameter_mm"][row]), float(sizes["width_mm"][row]), float(sizes["section_height_mm"][row]),
            bool(bodies.sizes.is_box[row]), step.forward,
            along + at_m, bottom, points[:, :2], float(ends[0]), float(ends[1]), inside,
            float(bodies.sizes.wall_m[row]), "" if wall_row < 0 else str(wall_rows()[wall_row]["certainty"]),
            -rise / length, kind in gravity and rise > TOLERANCE_M, float("nan"),
        ))  # fmt: skip
        at_m += length
    return tuple(found)


def _wells(
    own: gpd.GeoDataFrame, spans: Sequence[Span], steps: Sequence[Step], nodes: Any, ground: GroundOf | None
) -> tuple[Well, ...]:
    codes = np.column_stack([texts(own, "start_node"), texts(own, "end_node")])
    ends = tips(own.geometry.to_numpy())
    found = []
    for number in range(len(spans) + 1):
        before = spans[number - 1] if number else None
        after = spans[number] if number < len(spans) else None
        row = number if after is not None else number - 1
        side = (0 if steps[row].forward else 1) if after is not None else (1 if steps[row].forward else 0)
        code, (x, y) = str(codes[row, side]), ends[row, side]
        record = _node(nodes, code, float(x), float(y))
        rim, source = float("nan"), ""
        if record is not None and np.isfinite(rim := _number(record.get("ground_m"))):
            source = "node"
        elif ground is not None and np.isfinite(rim := float(ground(np.array([x]), np.array([y]))[0])):
            source = "terrain"
        left = float("nan") if before is None else before.right_m
        right = float("nan") if after is None else after.left_m
        drop = float("nan")
        if before is not None and after is not None and before.forward == after.forward:
            drop = (left - right) if before.forward else (right - left)
        found.append(Well(
            -1 if record is None else int(record["fid"]), code or ("" if record is None else str(record["code"])),
            "" if record is None else str(record.get("node_type") or ""),
            spans[0].start_m if before is None else before.end_m, float(x), float(y), rim, source,
            float("nan") if record is None else _number(record.get("invert_m")), left, right, drop,
        ))  # fmt: skip
    return tuple(found)


def _node(nodes: Any, code: str, x: float, y: float) -> dict[str, Any] | None:
    """Return the record of a node: by its code, else the nearest within reach."""
    if nodes is None or not len(nodes):
        return None
    rows = np.flatnonzero(texts(nodes, "code") == code) if code else np.empty(0, np.int64)
    if not len(rows):
        near = shapely.distance(np.asarray(nodes.geometry.to_numpy(), dtype=object), shapely.Point(x, y))
        best = int(np.nanargmin(near)) if np.isfinite(near).any() else -1
        if code or best < 0 or near[best] > MEET_M:
            return None
        rows = np.array([best])
    record: pd.Series[Any] = nodes.iloc[int(rows[0])]
    values = {str(name): value for name, value in record.items()}
    return {**values, "fid": int(nodes.index[int(rows[0])]), "code": texts(nodes, "code")[rows[0]]}


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return float("nan")
    return number if np.isfinite(number) else float("nan")


def _ground(
    spans: Sequence[Span], wells: Sequence[Well], ground: GroundOf | None
) -> tuple[Floats, Floats, str]:  # fmt: skip
    station = np.concatenate([span.station_m for span in spans])
    points = np.concatenate([span.points for span in spans])
    length = float(station[-1])
    count = int(min(max(length / SAMPLE_M, 1), MOST_SAMPLES)) + 1
    # levels along a path hold at its wells too: their stations are among the samples
    samples = np.unique(np.concatenate([np.linspace(0.0, length, count), [well.station_m for well in wells]]))
    if ground is not None:
        x, y = (np.interp(samples, station, points[:, k]) for k in (0, 1))
        height = np.asarray(ground(x, y), dtype=np.float64)
        if np.isfinite(height).any():
            return samples, height, "terrain"
    rims = np.array([well.rim_m for well in wells])
    known = np.isfinite(rims)
    if not known.any():
        return samples, np.full(len(samples), np.nan), ""
    at = np.array([well.station_m for well in wells])
    return at, rims, "nodes"  # a cover that is unknown leaves a gap on both sides


def _with_cover(span: Span, station: Floats, height: Floats) -> Span:
    inside = (station >= span.start_m - 1e-6) & (station <= span.end_m + 1e-6) & np.isfinite(height)
    if not inside.any() or np.isnan(span.inside_m):
        return span
    top = np.interp(station[inside], span.station_m, span.bottom_m) + span.inside_m + np.nan_to_num(span.wall_m)
    cover = height[inside] - top
    known = cover[np.isfinite(cover)]
    return replace(span, cover_m=float(known.min()) if len(known) else float("nan"))


def _meets_there(bodies: PipeBodies, pieces: Ints, places: Floats) -> NDArray[np.bool_]:
    """Return whether the pipe of each piece begins or ends at a place: then it joins there and crosses nothing."""
    rows, first = np.unique(bodies.row, return_index=True)
    last = np.append(first[1:], len(bodies)) - 1
    ends = np.full((len(bodies.length_m), 2, 2), np.nan)
    ends[rows, 0], ends[rows, 1] = bodies.start[first, :2], bodies.end[last, :2]
    away = np.linalg.norm(ends[bodies.row[pieces]] - places[:, None, :2], axis=2)
    return np.asarray((away <= MEET_M).any(axis=1))


def _crossings(
    pipes: gpd.GeoDataFrame, own: gpd.GeoDataFrame, mine: PipeBodies, spans: Sequence[Span], rules: Rules
) -> tuple[Crossing, ...]:
    """Return what crosses the path; what hangs on one of its nodes belongs to it and crosses nothing."""
    lines = shapely.linestrings(np.stack([mine.start[:, :2], mine.end[:, :2]], axis=1))
    low, high = mine.start[:, :2].min(axis=0), mine.start[:, :2].max(axis=0)
    low, high = np.minimum(low, mine.end[:, :2].min(axis=0)), np.maximum(high, mine.end[:, :2].max(axis=0))
    boxes = shapely.bounds(np.asarray(pipes.geometry.to_numpy(), dtype=object))
    with np.errstate(invalid="ignore"):
        near = (boxes[:, :2] <= high).all(axis=1) & (boxes[:, 2:] >= low).all(axis=1)
    held = set(texts(own, "start_node")) | set(texts(own, "end_node")) - {""}
    for name in ("start_node", "end_node"):
        near &= ~np.isin(texts(pipes, name).astype(str), [code for code in held if code])
    near &= ~pipes.index.isin(own.index)
    others = pipes[near]
    if not len(others):
        return ()
    theirs = bodies_of(others)
    pieces = shapely.linestrings(np.stack([theirs.start[:, :2], theirs.end[:, :2]], axis=1))
    two, one = shapely.STRtree(lines).query(pieces, predicate="intersects")
    one, two = np.asarray(one, dtype=np.int64), np.asarray(two, dtype=np.int64)
    if not len(one):
        return ()
    s, t = segments.nearest_points(mine.start[one, :2], mine.end[one, :2], theirs.start[two, :2], theirs.end[two, :2])
    here, there = segments.at(mine.start[one], mine.end[one], s), segments.at(theirs.start[two], theirs.end[two], t)
    joins = _meets_there(theirs, two, there) & (
        np.char.upper(texts(others, "kind").astype(str))[theirs.row[two]]
        == np.char.upper(texts(own, "kind").astype(str))[mine.row[one]]
    )
    one, two, here, there, s = (values[~joins] for values in (one, two, here, there, s))
    if not len(one):
        return ()
    row = mine.row[one]
    along = mine.first_m[one] + np.linalg.norm((mine.end - mine.start)[one, :2], axis=1) * s
    starts = np.array([span.start_m for span in spans])
    forward = np.array([span.forward for span in spans])
    station = starts[row] + np.where(forward[row], along, mine.length_m[row] - along)
    apart = there[:, 2] - here[:, 2]
    clear = np.abs(apart) - mine.half_height_m[one] - theirs.half_height_m[two]
    other = theirs.row[two]
    kinds = np.char.upper(texts(others, "kind").astype(str))
    own_kinds = np.char.upper(texts(own, "kind").astype(str))
    size, own_size = numbers(others, "diameter_mm"), numbers(own, "diameter_mm")
    pressure, own_pressure = texts(others, "pressure").astype(str), texts(own, "pressure").astype(str)
    rule = rules.lookup(
        "vertical", own_kinds[row], own_size[row], own_pressure[row], kinds[other], size[other], pressure[other]
    )
    limit = rules.limit_m(rule)
    names = texts(others, "code")
    found = [
        Crossing(
            int(others.index[other[n]]), str(names[other[n]]), str(kinds[other[n]]), float(size[other[n]]),
            float(station[n]), float(there[n, 0]), float(there[n, 1]), float(there[n, 2]),
            float(theirs.half_height_m[two[n]]), float(theirs.half_width_m[two[n]]), int(row[n]), float(clear[n]),
            bool(apart[n] > 0), float(limit[n]), int(rule[n]),
        )
        for n in np.lexsort((two, station))
    ]  # fmt: skip
    # a crossing in the very joint of two pieces is met twice
    kept: list[Crossing] = []
    for one_crossing in found:
        if not any(one_crossing.fid == old.fid and abs(one_crossing.station_m - old.station_m) < 0.01
                   for old in kept[-4:]):  # fmt: skip
            kept.append(one_crossing)
    return tuple(kept)
