"""The cross-section of a street (横断面) along a line, as values: pipes at offsets and depths, what lies above them.

Invariants
----------
1. Offsets are metres along the line from its first point.
2. Clear distances between neighbours are those across the pipes: where the line cuts them askew, offsets are taken
   times the sine of the angle.
3. What has no level is listed with its offset and has no depth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.core.errors import UserError
from models.network.clearance import segments
from models.network.clearance.rules import BUILDING, Rules, falls_short, shipped
from models.network.pipe_bodies import bodies_of, numbers, texts

if TYPE_CHECKING:
    import geopandas as gpd

    from models.network.profile.longitudinal import GroundOf

Floats = NDArray[np.float64]

#: The line is cut no longer than this, metres: a section of a street, not of a city.
LONGEST_M = 500.0
#: The ground is sampled so often, metres.
SAMPLE_M = 0.5
#: Width of a carriageway or footway of which nothing is on record, metres; said where it is used.
ASSUMED_M = {"roads": 9.0, "footways": 2.0}


@dataclass(frozen=True, slots=True)
class CutPipe:
    """A pipe in the section.

    Parameters
    ----------
    fid : int
    code, kind, material : str
    diameter_mm, width_mm, section_height_mm : float
    is_box : bool
    offset_m : float
    x, y : float
    axis_m : float
        Height of its centre line, NaN where unknown.
    inside_width_m, inside_height_m, wall_m : float
        NaN where unknown.
    ground_m : float
    sine : float
        Of the angle between line and pipe: 1 where it is cut square.
    """

    fid: int
    code: str
    kind: str
    material: str
    diameter_mm: float
    width_mm: float
    section_height_mm: float
    is_box: bool
    offset_m: float
    x: float
    y: float
    axis_m: float
    inside_width_m: float
    inside_height_m: float
    wall_m: float
    ground_m: float
    sine: float

    @property
    def half_width_m(self) -> float:
        """Return half the outer width, 0 where the size is unknown."""
        return float(np.nan_to_num(self.inside_width_m) / 2 + np.nan_to_num(self.wall_m))

    @property
    def half_height_m(self) -> float:
        """Return half the outer height, 0 where the size is unknown."""
        return float(np.nan_to_num(self.inside_height_m) / 2 + np.nan_to_num(self.wall_m))

    @property
    def bottom_m(self) -> float:
        """Return the inside bottom."""
        return self.axis_m - float(np.nan_to_num(self.inside_height_m)) / 2

    @property
    def cover_m(self) -> float:
        """Return the depth of cover over the outer top."""
        return self.ground_m - self.axis_m - self.half_height_m


@dataclass(frozen=True, slots=True)
class Gap:
    """The clear distance between two neighbours, a pipe and another or a building.

    Parameters
    ----------
    left, right : int
        Numbers of the pipes; -1 for a building.
    from_m, to_m : float
        Offsets between which it is measured.
    clear_m : float
    table : str
        ``"horizontal"``, or ``"vertical"`` where one lies over the other.
    required_m : float
        NaN where no limit is settled.
    rule : int
    """

    left: int
    right: int
    from_m: float
    to_m: float
    clear_m: float
    table: str
    required_m: float
    rule: int

    @property
    def is_short(self) -> bool:
        """Whether it is less than its limit, or none at all."""
        return bool(self.clear_m < 0 or falls_short(self.clear_m, self.required_m))


@dataclass(frozen=True, slots=True)
class Strip:
    """What lies on the ground between two offsets.

    Parameters
    ----------
    role : str
        ``"roads"``, ``"footways"``, ``"green"``, ``"water"``, ``"buildings"``.
    from_m, to_m : float
    name : str
    is_assumed : bool
        Its width is not on record.
    """

    role: str
    from_m: float
    to_m: float
    name: str = ""
    is_assumed: bool = False


@dataclass(frozen=True, slots=True)
class CrossSection:
    """A whole section.

    Parameters
    ----------
    line : ndarray (2, 2)
    pipes : tuple of CutPipe
        By offset.
    gaps : tuple of Gap
    strips : tuple of Strip
    ground_offset_m, ground_m : ndarray
    rules : Rules
    """

    line: Floats
    pipes: tuple[CutPipe, ...]
    gaps: tuple[Gap, ...]
    strips: tuple[Strip, ...]
    ground_offset_m: Floats
    ground_m: Floats
    rules: Rules

    @property
    def length_m(self) -> float:
        """Return the length of the line."""
        return float(np.hypot(*(self.line[1] - self.line[0])))

    def place_at(self, offset_m: float) -> tuple[float, float]:
        """Return easting and northing at an offset."""
        x, y = self.line[0] + (self.line[1] - self.line[0]) * offset_m / self.length_m
        return float(x), float(y)


def cross_section(
    pipes: gpd.GeoDataFrame,
    line: Any,
    ground: GroundOf | None = None,
    surfaces: Mapping[str, Sequence[gpd.GeoDataFrame]] | None = None,
    rules: Rules | None = None,
) -> CrossSection:
    """Cut a street.

    Parameters
    ----------
    pipes : GeoDataFrame
        Canonical fields, metres.
    line : array (2, 2)
        Two points on plan.
    ground : callable, optional
    surfaces : mapping of role to tables, optional
        ``roads`` and ``footways`` (lines with ``width_m``, or areas), ``green``, ``water``, ``buildings`` (areas).
    rules : Rules, optional

    Raises
    ------
    UserError
        ``network.section_line`` for a line without length, or longer than :data:`LONGEST_M`.
    """
    ends = np.asarray(line, dtype=np.float64).reshape(-1, 2)
    rules = rules or shipped()
    if len(ends) != 2 or not np.isfinite(ends).all() or not 0.1 <= np.hypot(*(ends[1] - ends[0])) <= LONGEST_M:
        raise UserError("network.section_line", longest_m=f"{LONGEST_M:.0f}")
    cut = _pipes(pipes, ends, ground)
    strips = _strips(surfaces or {}, ends)
    length = float(np.hypot(*(ends[1] - ends[0])))
    offsets = np.linspace(0.0, length, max(int(length / SAMPLE_M), 1) + 1)
    xy = ends[0] + (ends[1] - ends[0]) * (offsets / length)[:, None]
    height = np.full(len(offsets), np.nan) if ground is None else np.asarray(ground(xy[:, 0], xy[:, 1]))
    gaps = _gaps(pipes, cut, strips, rules)
    return CrossSection(ends, cut, gaps, strips, offsets, height, rules)


def _pipes(pipes: gpd.GeoDataFrame, ends: Floats, ground: GroundOf | None) -> tuple[CutPipe, ...]:
    shape = shapely.LineString(ends)
    met = shapely.intersects(shapely.force_2d(np.asarray(pipes.geometry.to_numpy(), dtype=object)), shape)
    own = pipes[np.asarray(met, dtype=bool)]
    if not len(own):
        return ()
    bodies = bodies_of(own)
    count = len(bodies)
    a, b = np.repeat(ends[:1], count, axis=0), np.repeat(ends[1:], count, axis=0)
    s, t = segments.nearest_points(a, b, bodies.start[:, :2], bodies.end[:, :2])
    on_line, on_pipe = segments.at(a, b, s), segments.at(bodies.start, bodies.end, t)
    hit = np.flatnonzero(np.hypot(*(on_line - on_pipe[:, :2]).T) < 1e-6)
    length = float(np.hypot(*(ends[1] - ends[0])))
    level = np.full(count, np.nan)
    if ground is not None and len(hit):
        level[hit] = ground(on_pipe[hit, 0], on_pipe[hit, 1])
    way, along = ends[1] - ends[0], (bodies.end - bodies.start)[:, :2]
    sine = np.abs(way[0] * along[:, 1] - way[1] * along[:, 0]) / np.maximum(length * np.hypot(*along.T), 1e-12)
    words = {name: texts(own, name) for name in ("code", "kind", "material")}
    diameter, width, height = (numbers(own, name) for name in ("diameter_mm", "width_mm", "section_height_mm"))
    sizes = bodies.sizes
    found: dict[tuple[int, float], CutPipe] = {}
    for n in hit[np.argsort(s[hit], kind="stable")]:
        row = int(bodies.row[n])
        cut = CutPipe(
            int(own.index[row]), str(words["code"][row]), str(words["kind"][row]).upper(), str(words["material"][row]),
            float(diameter[row]), float(width[row]), float(height[row]), bool(sizes.is_box[row]), float(s[n] * length),
            float(on_pipe[n, 0]), float(on_pipe[n, 1]), float(on_pipe[n, 2]), float(sizes.width_m[row]),
            float(sizes.height_m[row]), float(sizes.wall_m[row]), float(level[n]), float(sine[n]),
        )  # fmt: skip
        found.setdefault((cut.fid, round(cut.offset_m, 2)), cut)  # in the joint of two pieces it is met twice
    return tuple(found.values())


def _strips(surfaces: Mapping[str, Sequence[gpd.GeoDataFrame]], ends: Floats) -> tuple[Strip, ...]:
    line = shapely.LineString(ends)
    found = []
    for role, tables in surfaces.items():
        for table in tables:
            shapes = shapely.force_2d(np.asarray(table.geometry.to_numpy(), dtype=object))
            reach = 40.0 if role in ASSUMED_M else 0.0
            near = np.flatnonzero(shapely.dwithin(shapes, line, reach))
            width, names = numbers(table, "width_m")[near], texts(table, "name")[near]
            for shape, wide, name in zip(shapes[near], width, names, strict=True):
                is_line = shape.geom_type.endswith("LineString")
                if is_line and role not in ASSUMED_M:
                    continue
                assumed = is_line and not wide > 0
                half = (ASSUMED_M[role] if assumed else wide) / 2 if is_line else 0.0
                area = shape.buffer(half, cap_style="flat") if is_line else shape
                for part in shapely.get_parts(shapely.intersection(line, area)):
                    if part.geom_type == "LineString" and part.length > 0.05:
                        at = sorted(float(np.hypot(*(np.asarray(p) - ends[0]))) for p in part.coords)
                        found.append(Strip(role, at[0], at[-1], str(name), assumed))
    return _merged(sorted(found, key=lambda strip: (strip.role, strip.from_m)))


def _merged(strips: Sequence[Strip]) -> tuple[Strip, ...]:
    """Put strips of one role together where they overlap; houses stay apart."""
    kept: list[Strip] = []
    for strip in strips:
        last = kept[-1] if kept else None
        if last is not None and last.role == strip.role != "buildings" and strip.from_m <= last.to_m + 0.01:
            kept[-1] = Strip(last.role, last.from_m, max(last.to_m, strip.to_m), last.name or strip.name,
                             last.is_assumed or strip.is_assumed)  # fmt: skip
        else:
            kept.append(strip)
    return tuple(kept)


def _gaps(table: Any, cut: Sequence[CutPipe], strips: Sequence[Strip], rules: Rules) -> tuple[Gap, ...]:
    pressures = dict(zip(table.index.tolist(), texts(table, "pressure"), strict=True))

    def limit(name: str, one: CutPipe, other: CutPipe | None) -> tuple[float, int]:
        second = (BUILDING, float("nan"), "") if other is None else (
            other.kind, other.diameter_mm, str(pressures[other.fid])
        )  # fmt: skip
        found = rules.lookup(
            name, np.array([one.kind]), np.array([one.diameter_mm]), np.array([str(pressures[one.fid])]),
            np.array([second[0]]), np.array([second[1]]), np.array([second[2]]),
        )  # fmt: skip
        return float(rules.limit_m(found)[0]), int(found[0])

    gaps = []
    for number, (one, two) in enumerate(pairwise(cut)):
        sine = min(one.sine, two.sine)
        across = (two.offset_m - one.offset_m) * sine - one.half_width_m - two.half_width_m
        if across > 0:
            required, rule = limit("horizontal", one, two)
            gaps.append(Gap(number, number + 1, one.offset_m + one.half_width_m, two.offset_m - two.half_width_m,
                            across, "horizontal", required, rule))  # fmt: skip
        else:
            required, rule = limit("vertical", one, two)
            clear = abs(one.axis_m - two.axis_m) - one.half_height_m - two.half_height_m
            gaps.append(Gap(number, number + 1, one.offset_m, two.offset_m, clear, "vertical", required, rule))
    for strip in strips:
        if strip.role != "buildings":
            continue
        before = [n for n, pipe in enumerate(cut) if pipe.offset_m < strip.from_m]
        after = [n for n, pipe in enumerate(cut) if pipe.offset_m > strip.to_m]
        for number, is_before in [*((n, True) for n in before[-1:]), *((n, False) for n in after[:1])]:
            pipe = cut[number]
            face = pipe.offset_m + (pipe.half_width_m if is_before else -pipe.half_width_m)
            ends = (face, strip.from_m) if is_before else (strip.to_m, face)
            required, rule = limit("horizontal", pipe, None)
            sides = (number, -1) if is_before else (-1, number)
            gaps.append(Gap(*sides, *ends, ends[1] - ends[0], "horizontal", required, rule))
    return tuple(sorted(gaps, key=lambda gap: gap.from_m))
