"""Pipes that are too near each other: all pairs of a network at once.

Two pipes that run side by side are judged on plan, between outer faces, by the horizontal table; two that lie above
each other somewhere are judged by their vertical distance there, by the vertical table. Whatever shares matter is a
clash, limit or none.

Invariants
----------
1. Pipes that hang together (a common node, or ends of one kind that meet) are never held against each other.
2. A pair is told once, with its worst place.
3. A pair that cannot be judged, for want of a settled limit or of heights, is counted and never called kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.core.progress import Progress
from models.network.clearance import segments
from models.network.clearance.rules import Rules, falls_short
from models.network.pipe_bodies import PipeBodies, bodies_of, numbers, texts

if TYPE_CHECKING:
    import geopandas as gpd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Ends of pipes of one kind that lie nearer than this beside their bodies meet, metres.
JOINED_M = 0.05
#: Pieces are compared in blocks of so many pairs, so that memory stays bounded.
_BLOCK = 1_000_000


@dataclass(frozen=True, slots=True)
class Clearances:
    """What was found.

    Parameters
    ----------
    found : DataFrame
        One row a pair that clashes or is too near: ``a``, ``b`` (feature ids), ``code`` (``"hard"``, ``"horizontal"``,
        ``"vertical"``), ``table`` (by which the pair is counted), ``clear_m`` (outer face to outer face, negative how
        deep), ``required_m`` (NaN for a clash without a limit), ``rule`` (its number, -1), ``x``, ``y``, ``z``; worst
        first.
    judged : DataFrame
        One row a pair of kinds and table: ``kind_a``, ``kind_b``, ``table``, ``pairs``, ``kept``, ``short``,
        ``unknown`` (no settled limit), ``unsettled`` (of these, those for which a row exists that gives no limit).
    no_height, no_size, no_wall : int
        Pipes that took part without heights, taken as their centre line, taken at their inside size.
    """

    found: pd.DataFrame
    judged: pd.DataFrame
    no_height: int
    no_size: int
    no_wall: int


def clearances(
    pipes: gpd.GeoDataFrame, rules: Rules, progress: Progress, *, tolerance_m: float = 0.01,
    kinds: frozenset[str] = frozenset(),
) -> Clearances:  # fmt: skip
    """Hold all pipes of a table against each other.

    Parameters
    ----------
    pipes : GeoDataFrame
        Canonical fields, in metres, index = feature ids.
    rules : Rules
    progress : Progress
    tolerance_m : float
        Pipes that share no more depth than this merely touch.
    kinds : frozenset of str
        Only pairs of which one side is of these; empty for all.
    """
    progress.step(0.0, "progress.network.neighbours")
    codes = np.char.upper(texts(pipes, "kind").astype(str))
    bodies = bodies_of(pipes)
    one, two = _near(bodies, rules.reach_m, _wanted(codes, kinds))
    parts = []
    for begin in range(0, len(one), _BLOCK):
        progress.step(0.2 + 0.6 * begin / len(one), "progress.network.distances")
        block = slice(begin, begin + _BLOCK)
        parts.append(_measured(bodies, one[block], two[block], rules))
    progress.step(0.85, "progress.network.judging")
    pairs = _worst(pd.concat(parts, ignore_index=True) if parts else _nothing())
    pairs = pairs[~_joined(pipes, bodies, codes, pairs)]
    return _judged(pipes, bodies, codes, pairs, rules, tolerance_m)


def _wanted(codes: NDArray[Any], kinds: frozenset[str]) -> Bools:
    return np.isin(codes, list(kinds)) if kinds else np.ones(len(codes), dtype=bool)


def _near(bodies: PipeBodies, reach_m: float, wanted: Bools) -> tuple[Ints, Ints]:
    """Return pairs of pieces of different pipes that are near each other on plan, each once."""
    if not len(bodies):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    lines = shapely.linestrings(np.stack([bodies.start[:, :2], bodies.end[:, :2]], axis=1))
    tree = shapely.STRtree(lines)
    reach = bodies.half_width_m + float(bodies.half_width_m.max()) + reach_m
    one, two = tree.query(lines, predicate="dwithin", distance=reach)
    pipe_a, pipe_b = bodies.row[one], bodies.row[two]
    keep = (pipe_a < pipe_b) & (wanted[pipe_a] | wanted[pipe_b])
    return one[keep].astype(np.int64), two[keep].astype(np.int64)


def _nothing() -> pd.DataFrame:
    columns = ("a", "b", "plan_m", "alongside", "over", "vertical_m", "gap_m", "x", "y", "z", "gx", "gy", "gz")
    return pd.DataFrame({name: np.empty(0) for name in columns}).astype({"alongside": bool, "over": bool})


def _measured(bodies: PipeBodies, one: Ints, two: Ints, rules: Rules) -> pd.DataFrame:
    """Measure pairs of pieces: clear distance on plan, in height where one lies over the other, and in space."""
    a0, a1, b0, b1 = bodies.start[one], bodies.end[one], bodies.start[two], bodies.end[two]
    wide = bodies.half_width_m[one] + bodies.half_width_m[two]
    tall = bodies.half_height_m[one] + bodies.half_height_m[two]
    s, t = segments.nearest_points(a0[:, :2], a1[:, :2], b0[:, :2], b1[:, :2])
    on_a, on_b = segments.at(a0, a1, s), segments.at(b0, b1, t)
    plan = np.hypot(*(on_a - on_b)[:, :2].T) - wide
    ways = [(end - start)[:, :2] for start, end in ((a0, a1), (b0, b1))]
    lengths = [np.maximum(np.hypot(*way.T), 1e-9) for way in ways]
    cosine = np.abs((ways[0] * ways[1]).sum(1)) / (lengths[0] * lengths[1])
    vertical, over = _above(a0, a1, b0, b1, s, t, wide, tall)
    u, v = segments.nearest_points(a0, a1, b0, b1)  # NaN heights give NaN here, which never is a clash
    deep_a, deep_b = segments.at(a0, a1, u), segments.at(b0, b1, v)
    is_box = bodies.sizes.is_box
    gap = _outer_gap(deep_a - deep_b, wide, tall, is_box[bodies.row[one]] | is_box[bodies.row[two]])
    place, deep = (on_a + on_b) / 2, (deep_a + deep_b) / 2
    return pd.DataFrame({
        "a": bodies.row[one], "b": bodies.row[two], "plan_m": plan,
        "alongside": cosine >= np.cos(np.radians(rules.alongside_deg)) - 1e-12, "over": over, "vertical_m": vertical,
        "gap_m": gap, "x": place[:, 0], "y": place[:, 1], "z": place[:, 2],
        "gx": deep[:, 0], "gy": deep[:, 1], "gz": deep[:, 2],
    })  # fmt: skip


def _outer_gap(between: Floats, wide: Floats, tall: Floats, boxed: Bools) -> Floats:
    """Return the distance of outer faces, from the shortest way between two centre lines.

    Round pipes: its length less both radii. With a box: across and up apart, as between upright boxes, which is never
    more than the true distance of a round pipe from a box.
    """
    length = np.linalg.norm(between, axis=1)
    across, up = np.hypot(*between[:, :2].T) - wide, np.abs(between[:, 2]) - tall
    apart = np.hypot(np.maximum(across, 0.0), np.maximum(up, 0.0))
    box = np.where((across > 0) | (up > 0), apart, np.maximum(across, up))
    return np.asarray(np.where(boxed, box, length - wide))


def _above(
    a0: Floats, a1: Floats, b0: Floats, b1: Floats, s: Floats, t: Floats, wide: Floats, tall: Floats
) -> tuple[Floats, Bools]:
    """Return the least vertical clear distance where two pieces lie over each other, and whether they do.

    It is taken where the centre lines cross or come nearest, and at each end that lies over the other piece.
    """
    least, over = np.full(len(a0), np.inf), np.zeros(len(a0), dtype=bool)
    zeros, ones = np.zeros(len(a0)), np.ones(len(a0))
    tries = [(s, t)]
    for share in (zeros, ones):
        end_a, end_b = segments.at(a0, a1, share)[:, :2], segments.at(b0, b1, share)[:, :2]
        tries += [
            (share, segments.nearest_points(end_a, end_a, b0[:, :2], b1[:, :2])[1]),
            (segments.nearest_points(a0[:, :2], a1[:, :2], end_b, end_b)[0], share),
        ]
    for u, v in tries:
        between = segments.at(a0, a1, u) - segments.at(b0, b1, v)
        here = np.hypot(*between[:, :2].T) < wide
        clear = np.abs(between[:, 2]) - tall
        over |= here
        least = np.where(here & (clear < least), clear, least)
        least = np.where(here & np.isnan(clear) & np.isinf(least), np.nan, least)
    return np.where(over, least, np.nan), over


def _worst(pieces: pd.DataFrame) -> pd.DataFrame:
    """Return one row a pair of pipes, of the figures of its pieces the worst, each with its place."""
    if not len(pieces):
        return pieces.assign(beside_m=np.empty(0))
    pieces = pieces.assign(beside_m=pieces["plan_m"].where(pieces["alongside"], np.inf))
    by = ["a", "b"]
    pair = pieces.groupby(by, sort=True)
    worst = pd.DataFrame({"over": pair["over"].any()})

    def take(figure: str, places: dict[str, str]) -> None:
        first = pieces.sort_values(figure, kind="stable", na_position="last").drop_duplicates(by).set_index(by)
        worst[figure] = first[figure]
        for name, source in places.items():
            worst[name] = first[source]

    take("beside_m", {"hx": "x", "hy": "y", "hz": "z"})
    take("vertical_m", {"vx": "x", "vy": "y", "vz": "z"})
    take("gap_m", {"gx": "gx", "gy": "gy", "gz": "gz"})
    return worst.reset_index()


def _joined(pipes: Any, bodies: PipeBodies, codes: NDArray[Any], pairs: pd.DataFrame) -> Bools:
    """Return which pairs hang together and are no neighbours."""
    a, b = pairs["a"].to_numpy(dtype=np.int64), pairs["b"].to_numpy(dtype=np.int64)
    joined = np.zeros(len(pairs), dtype=bool)
    nodes = [texts(pipes, name) for name in ("start_node", "end_node")]
    for mine in nodes:
        for theirs in nodes:
            joined |= (mine[a] == theirs[b]) & (mine[a] != "")
    if not len(bodies):
        return joined
    rows, first = np.unique(bodies.row, return_index=True)
    last = np.append(first[1:], len(bodies)) - 1
    tips = np.full((2, len(pipes), 2), np.nan)
    tips[0, rows], tips[1, rows] = bodies.start[first, :2], bodies.end[last, :2]
    shapes = shapely.force_2d(np.asarray(pipes.geometry.to_numpy(), dtype=object))
    same = np.flatnonzero(codes[a] == codes[b])
    half = bodies.sizes.half_width_m
    for tip in tips:
        for mine, theirs in ((a[same], b[same]), (b[same], a[same])):
            away = shapely.distance(shapely.points(tip[mine]), shapes[theirs])
            joined[same] |= away <= half[theirs] + JOINED_M
    return joined


def _judged(
    pipes: Any, bodies: PipeBodies, codes: NDArray[Any], pairs: pd.DataFrame, rules: Rules, tolerance_m: float
) -> Clearances:
    a, b = pairs["a"].to_numpy(dtype=np.int64), pairs["b"].to_numpy(dtype=np.int64)
    size, pressure = numbers(pipes, "diameter_mm"), texts(pipes, "pressure").astype(str)
    over = pairs["over"].to_numpy(dtype=bool)
    beside, vertical, gap = (pairs[name].to_numpy(dtype=np.float64) for name in ("beside_m", "vertical_m", "gap_m"))
    table = np.where(over, "vertical", "horizontal")
    rule = np.full(len(pairs), -1, dtype=np.int64)
    for name in ("horizontal", "vertical"):
        mine = table == name
        x, y = a[mine], b[mine]
        rule[mine] = rules.lookup(name, codes[x], size[x], pressure[x], codes[y], size[y], pressure[y])
    limit = rules.limit_m(rule)
    clear = np.where(over, vertical, beside)
    # neither over each other nor side by side, or farther apart than any limit: no pair of the table
    counts = over | (beside < rules.reach_m)
    known = np.isfinite(limit) & np.isfinite(clear)
    hard = gap < -tolerance_m
    short = known & falls_short(clear, limit) & ~hard
    judged = _counted(codes, a, b, table, counts, hard | short, known, rule)
    code = np.where(hard, "hard", table)
    place = np.where(
        hard[:, None], pairs[["gx", "gy", "gz"]],
        np.where(over[:, None], pairs[["vx", "vy", "vz"]], pairs[["hx", "hy", "hz"]]),
    ) if len(pairs) else np.empty((0, 3))  # fmt: skip
    told = hard | (short & counts)
    fids = np.asarray(pipes.index, dtype=np.int64)
    found = pd.DataFrame({
        "a": fids[a], "b": fids[b], "code": code, "table": table,
        "clear_m": np.where(hard, gap, np.maximum(clear, 0.0)),
        "required_m": limit, "rule": rule, "x": place[:, 0], "y": place[:, 1], "z": place[:, 2],
    })[told]  # fmt: skip
    order = np.lexsort((found["b"], found["a"], found["clear_m"], (found["code"] != "hard")))
    took = np.unique(np.concatenate([a, b])) if len(pairs) else np.empty(0, np.int64)
    has_height = bodies.rows_with_height()
    return Clearances(
        found.iloc[order].reset_index(drop=True), judged, int((~has_height[took]).sum()),
        int((~bodies.sizes.size_known[took]).sum()),
        int((~bodies.sizes.wall_known[took] & bodies.sizes.size_known[took]).sum()),
    )  # fmt: skip


def _counted(
    codes: NDArray[Any], a: Ints, b: Ints, table: NDArray[Any], counts: Bools, told: Bools, known: Bools, rule: Ints
) -> pd.DataFrame:
    """Count pairs by their kinds and table."""
    swap = codes[a] > codes[b]
    low, high = np.where(swap, codes[b], codes[a]), np.where(swap, codes[a], codes[b])
    rows = pd.DataFrame({
        "kind_a": low, "kind_b": high, "table": table, "pairs": True, "kept": known & ~told, "short": told,
        "unknown": ~known & ~told, "unsettled": ~known & ~told & (rule >= 0),
    })[counts | told]  # fmt: skip
    return rows.groupby(["kind_a", "kind_b", "table"], as_index=False, sort=True).sum()
