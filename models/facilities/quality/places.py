"""Checks of where things stand: in a house, on a carriageway, far from what they belong to, twice, in another district.

Distances are in metres of the project's projected CRS, in plan.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from models.facilities.quality.outcome import Gap, Outcome, no_value, unjudged
from models.facilities.quality.rules import Rule
from models.facilities.quality.tables import Floats, Mask, Objects, Rows, Table, Tables, among
from models.network.kinds import gravity_codes

#: Half the width of a carriageway up to which all roads are asked at once, metres.
_WIDE_M = 20.0


def _pairs(tree: shapely.STRtree, points: Objects, asked: Mask, predicate: str) -> tuple[Rows, Rows]:
    """Return the pairs of the points that are asked for and what they meet."""
    rows = np.flatnonzero(asked)
    at, other = tree.query(points[rows], predicate=predicate)
    return rows[at], other


def _nowhere(table: Table) -> Gap:
    return Gap(~table.has_shape, "no_shape")


def inside(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Objects that stand in an area of another layer by more than a margin."""
    areas = tables.of(rule.of("role"))
    if not areas.has_shape.any():
        return unjudged(table, "no_layer", role=rule.of("role"), field="")
    at, area = _pairs(areas.tree, table.points, tables.asked, "within")
    depth_m = shapely.distance(table.points[at], shapely.boundary(areas.plan[area]))
    deep, other, failed = _worst(len(table), at, area, depth_m, depth_m > rule.of("margin_m"))
    return Outcome(failed, (_nowhere(table),), deep, rule.of("margin_m"), other=(areas, other))


def carriageway(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Objects that stand on a carriageway at ground level, farther than a margin from its kerb."""
    roads, wide = _ground_roads(tables)
    if roads is None:
        return unjudged(table, "no_layer", role="roads", field="width_m")
    rows = np.flatnonzero(tables.asked)
    at, road, in_m = _on_roads(table.points[rows], roads, wide)
    at = rows[at]
    into, other, failed = _worst(len(table), at, road, in_m, in_m > rule.of("margin_m"))
    return Outcome(failed, (_nowhere(table),), into, rule.of("margin_m"), other=(tables.of("roads"), other))


def on_carriageway(points: Objects, tables: Tables) -> Mask | None:
    """Return which points lie on a carriageway at ground level; None where no road says its width."""
    roads, wide = _ground_roads(tables)
    if roads is None:
        return None
    at, _, in_m = _on_roads(points, roads, wide)
    found = np.zeros(len(points), bool)
    found[at[in_m > 0]] = True
    return found


def _ground_roads(tables: Tables) -> tuple[Table | None, Floats]:
    """Return the roads that say how wide they are, and half their width; those on bridges and decks count for 0."""
    roads = tables.of("roads")
    width_m, known = roads.number("width_m")
    high, has_height = roads.number("elevated_m")
    usable = known & roads.has_shape & ~(has_height & (high > 0.5))
    if roads.has("bridge"):
        usable &= ~np.isin(pd.Series(roads.text("bridge")[0]).str.casefold(), ("true", "1", "yes", "t"))
    return (roads if usable.any() else None), np.where(usable, width_m / 2.0, 0.0)


def _on_roads(points: Objects, roads: Table, half_m: Floats) -> tuple[Rows, Rows, Floats]:
    """Return point, road and how far inside its kerb, of every pair that is near; widths are taken class by class."""
    found: list[tuple[Rows, Rows, Floats]] = []
    if half_m.max() <= _WIDE_M:  # one question is quicker than several while it finds few roads a point
        at, road = roads.tree.query(points, predicate="dwithin", distance=float(half_m.max()))
        return at, road, half_m[road] - shapely.distance(points[at], roads.plan[road])
    steps = np.unique(np.ceil(half_m[half_m > 0] / 4.0) * 4.0)
    tree = roads.tree
    for step in steps:
        at, road = tree.query(points, predicate="dwithin", distance=float(step))
        mine = (half_m[road] > step - 4.0) & (half_m[road] <= step)
        at, road = at[mine], road[mine]
        found.append((at, road, half_m[road] - shapely.distance(points[at], roads.plan[road])))
    at, road, in_m = (np.concatenate([one[k] for one in found]) for k in range(3))
    return at, road, in_m


def _worst(count: int, at: Rows, other: Rows, value: Floats, bad: Mask) -> tuple[Floats, Rows, Mask]:
    """Return of several pairs a row the worst that fails: its value, its partner, and whether any does."""
    at, other, value = at[bad], other[bad], value[bad]
    order = np.lexsort((other, value, at))
    values, partner, failed = np.full(count, np.nan), np.full(count, -1, np.int64), np.zeros(count, bool)
    values[at[order]], partner[at[order]], failed[at[order]] = value[order], other[order], True
    return values, partner, failed


def nearest(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Objects farther from the nearest of a layer than they should be; where nothing is recorded, none is judged."""
    things = tables.of(rule.of("role"))
    kinds = rule.of("of_kinds")
    chosen = things.has_shape.copy()
    if kinds:
        chosen &= among(things.kind, list(gravity_codes()) if "gravity" in kinds else list(kinds))
    if not chosen.any():
        return unjudged(table, "no_layer", role=rule.of("role"), field=" ".join(kinds))
    rows = np.flatnonzero(chosen)
    tree = things.tree if len(rows) == len(things) else shapely.STRtree(things.plan[rows])
    distance_m, other = np.full(len(table), np.inf), np.full(len(table), -1, np.int64)
    there = np.flatnonzero(table.has_shape & tables.asked)
    if len(there):
        (at, near), gap = tree.query_nearest(table.points[there], return_distance=True, all_matches=False)
        distance_m[there[at]] = gap
        other[there[at]] = near if len(rows) == len(things) else rows[near]
    known_m = rule.of("known_m")
    gaps = (_nowhere(table), Gap(distance_m > known_m, "nothing_near", {"distance_m": known_m})) if known_m else (
        _nowhere(table),
    )  # fmt: skip
    return Outcome(distance_m > rule.of("most_m"), gaps, distance_m, rule.of("most_m"), other=(things, other))


def linked_distance(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Objects that stand away from the object of another layer that they name."""
    field, key, things = rule.of("field"), rule.of("key"), tables.of(rule.of("role"))
    if not len(things) or not things.has(key):
        return unjudged(table, "no_layer", role=rule.of("role"), field=key)
    texts, said = table.text(field)
    other = np.where(said, things.find(key, texts), -1)
    there = np.where(other >= 0, things.has_shape[other], False) & table.has_shape
    distance_m = np.full(len(table), np.nan)
    distance_m[there] = shapely.distance(table.points[there], things.plan[other[there]])
    gaps = (Gap(said & ~there, "no_partner", {"field": field}),)
    # whoever names nothing has nothing to stand by
    applies = said if table.has(field) else None
    if applies is None:
        return unjudged(table, "no_field", field=field)
    return Outcome(distance_m > rule.of("most_m"), gaps, distance_m, rule.of("most_m"), other=(things, other),
                   applies=applies)  # fmt: skip


def duplicate(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Objects of the same class (or kind) in one place: all but the first fail, each with the first."""
    from scipy.spatial import cKDTree

    within = rule.of("within_m")
    group = table.classes if table.role == "facilities" else table.kind
    failed, other = np.zeros(len(table), bool), np.full(len(table), -1, np.int64)
    distance_m = np.full(len(table), np.nan)
    there = np.flatnonzero(np.isfinite(table.xy).all(axis=1))
    pairs = cKDTree(table.xy[there]).query_pairs(within, output_type="ndarray") if len(there) else np.zeros((0, 2), int)
    two, one = there[pairs].T  # the first of a pair has the lower row
    same = group[one] == group[two]
    one, two = one[same], two[same]
    order = np.lexsort((-two, one))  # the first partner is written last
    one, two = one[order], two[order]
    failed[one], other[one] = True, two
    distance_m[one] = shapely.distance(table.points[one], table.points[two])
    return Outcome(failed, (_nowhere(table),), distance_m, within, other=(table, other))


def own_area(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Objects that stand outside the area that their code names; codes may be longer than the area's."""
    field, key, areas = rule.of("field"), rule.of("key"), tables.of(rule.of("role"))
    if not len(areas) or not areas.has(key):
        return unjudged(table, "no_layer", role=rule.of("role"), field=key)
    texts, said = table.text(field)
    index = areas.rows_by(key)
    numbers, words = pd.factorize(texts)
    home = np.full(len(words), -1, np.int64)
    for length in sorted({len(code) for code in index.index}, reverse=True):
        found = areas.find(key, np.array([str(word)[:length] for word in words], dtype=object))
        home = np.where(home < 0, found, home)
    other = np.where(said, home[numbers], -1)
    placed = (other >= 0) & table.has_shape
    rows = np.flatnonzero(placed)
    distance_m = np.full(len(table), np.nan)
    for area in np.unique(other[rows]):  # a sub-district is prepared once, however many stand in it
        mine = rows[other[rows] == area]
        shape = areas.plan[area]
        shapely.prepare(shape)
        out = mine[~shapely.intersects(shape, table.points[mine])]
        distance_m[mine] = 0.0
        distance_m[out] = shapely.distance(shape, table.points[out])
    gaps = (no_value(table, field, said), Gap(other < 0, "no_area", {"field": field}), _nowhere(table))
    return Outcome(distance_m > rule.of("most_m"), gaps, distance_m, rule.of("most_m"), other=(areas, other))
