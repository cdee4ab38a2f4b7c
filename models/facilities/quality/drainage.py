"""Checks of drains that run by their slope: the rules of GB 50014 on diameter, slope, velocity, cover and manholes.

Inverts and ground in metres above the project's datum, sizes in millimetres. Every limit is in the rule file.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from models.facilities.quality.network import end_rows, tips
from models.facilities.quality.outcome import Gap, Outcome, no_value, unjudged
from models.facilities.quality.places import on_carriageway
from models.facilities.quality.rules import Rule
from models.facilities.quality.tables import Floats, Mask, Objects, Table, Tables, among
from resources.standards import standard


def diameter(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Pipes below the least diameter; what leads from an inlet is a connection and may be smaller."""
    size, known = table.number("diameter_mm")
    limit = np.full(len(table), float(rule.of("least_mm")))
    types = rule.of("connection_types")
    if types:
        nodes = tables.of("pipe_nodes")
        row, _ = end_rows(table, tables, "start")
        if len(nodes):
            limit[(row >= 0) & among(nodes.text("node_type")[0][row], types)] = rule.of("connection_mm")
    return Outcome(size < limit, (no_value(table, "diameter_mm", known),), size, limit)


def slope_of(table: Table) -> tuple[Floats, tuple[Gap, ...]]:
    """Return the fall per metre of plan length, and where it is not known; negative where a pipe rises."""
    (start, has_start), (end, has_end) = table.number("start_invert_m"), table.number("end_invert_m")
    long = table.length_m > 0.05
    fall = np.divide(start - end, table.length_m, out=np.full(len(table), np.nan), where=long)
    gaps = (no_value(table, "start_invert_m", has_start), no_value(table, "end_invert_m", has_end),
            Gap(~long, "no_length"))  # fmt: skip
    return fall, gaps


def adverse(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Pipes whose end lies higher than their start; the value is how much they climb (m)."""
    (start, has_start), (end, has_end) = table.number("start_invert_m"), table.number("end_invert_m")
    climb = end - start
    gaps = (no_value(table, "start_invert_m", has_start), no_value(table, "end_invert_m", has_end))
    return Outcome(climb > rule.of("tolerance_m"), gaps, climb, rule.of("tolerance_m"))


def slope(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Pipes flatter than the table allows for their diameter and material (‰); sizes it leaves out are not asked."""
    fall, gaps = slope_of(table)
    size, has_size = table.number("diameter_mm")
    limit = np.full(len(table), np.nan)
    groups = material_groups(table)
    for row in rule.of("rows"):
        mine = (size >= row.get("from_mm", 0)) & (size <= row["to_mm"])
        if row.get("material"):
            mine &= groups == row["material"]
        limit[mine] = row["least"]
    listed = np.zeros(len(table), bool)
    for row in rule.of("rows"):
        listed |= (size >= row.get("from_mm", 0)) & (size <= row["to_mm"])
    gaps = (no_value(table, "diameter_mm", has_size), *gaps, Gap(listed & np.isnan(limit), "no_material"))
    rises = fall < 0  # told by another rule
    return Outcome(fall < limit, gaps, fall * 1000.0, limit * 1000.0, applies=(listed | ~has_size) & ~rises)


def velocity(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Pipes in which water is too slow when they run full (m/s), by Manning: v = R^(2/3) i^(1/2) / n."""
    fall, gaps = slope_of(table)
    radius, has_size = hydraulic_radius_m(table)
    rough = roughness(table)
    with np.errstate(invalid="ignore"):
        speed = radius ** (2.0 / 3.0) * np.sqrt(np.maximum(fall, 0.0)) / rough
    limit = np.full(len(table), np.nan)
    for row in rule.of("rows"):
        limit[table.kind == row["kind"]] = row["least"]
    gaps = (*gaps, no_value(table, "diameter_mm", has_size), Gap(np.isnan(rough), "no_material"))
    return Outcome(speed < limit - 0.005, gaps, speed, limit, applies=~np.isnan(limit) & ~(fall < 0))


def hydraulic_radius_m(table: Table) -> tuple[Floats, Mask]:
    """Return area by wetted perimeter of the full section (m), round or box, and where the size is known."""
    size, is_round = table.number("diameter_mm")
    (wide, has_wide), (high, has_high) = table.number("width_mm"), table.number("section_height_mm")
    box = ~is_round & has_wide & has_high & (wide + high > 0)
    radius = np.where(is_round & (size > 0), size / 4000.0, np.nan)
    radius[box] = (wide[box] * high[box]) / (2.0 * (wide[box] + high[box])) / 1000.0
    return radius, np.isfinite(radius)


@lru_cache(maxsize=1)
def _materials() -> tuple[dict[str, str], dict[str, float]]:
    """Return the group of each word for a material, and the n of each group."""
    rows = standard("pipe_materials")["material"]
    return (
        {word.casefold(): row["group"] for row in rows for word in row["words"]},
        {row["group"]: float(row["manning_n"]) for row in rows},
    )


def material_groups(table: Table) -> Objects:
    """Return ``"concrete"``, ``"plastic"`` … of each pipe, ``""`` where the material is not known."""

    def make() -> Objects:
        words, _ = _materials()
        texts = pd.Series(table.text("material")[0], dtype="str").str.casefold()
        found: dict[str, str] = {}
        for text in texts.unique():
            hits = [word for word in words if _names(word, text)]
            found[text] = words[max(hits, key=len)] if hits else ""
        return texts.map(found).to_numpy(dtype=object)

    return table.once("material_groups", make)  # type: ignore[no-any-return]


def _names(word: str, text: str) -> bool:
    """Whether a text names a material: in Latin letters as a word of its own, for copper is no PE."""
    if not word.isascii():
        return word in text
    return re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text) is not None


def roughness(table: Table) -> Floats:
    """Return Manning's n of each pipe, NaN where its material is not known."""
    _, n = _materials()
    return np.asarray(pd.Series(material_groups(table)).map(n), dtype=np.float64)


def cover(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Pipes with too little earth above the inner crown (m), at either end; outfalls stand in the open.

    Notes
    -----
    Wall thickness is not recorded, so the true cover is a little less. Where it is not known whether a pipe lies under
    a carriageway, only what would fail beside it too is judged.
    """
    nodes = tables.of("pipe_nodes")
    if not len(nodes) or not nodes.has("ground_m"):
        return unjudged(table, "no_layer", role="pipe_nodes", field="ground_m")
    size, has_size = table.number("diameter_mm")
    high, has_high = table.number("section_height_mm")
    tall = np.where(has_size, size, high) / 1000.0
    ground, has_ground = nodes.number("ground_m")
    free = nodes.text("node_type")[0] == "outfall"
    least, places = np.full(len(table), np.inf), table.xy.copy()
    for end in ("start", "end"):
        invert, has_invert = table.number(f"{end}_invert_m")
        row, _ = end_rows(table, tables, end)
        told = (row >= 0) & has_invert & np.where(row >= 0, has_ground[row] & ~free[row], False)
        depth = np.where(told, ground[row] - invert - tall, np.inf)
        lower = depth < least
        xy, there = tips(table, end)
        places[lower & there] = xy[lower & there]
        least = np.minimum(least, depth)
    on_road = on_carriageway(table.points, tables)
    asked, lesser = rule.of("carriageway_m"), rule.of("elsewhere_m")
    known = np.isfinite(least)
    if on_road is None:
        limit = np.full(len(table), float(min(asked, lesser)))
        unsure = known & (least >= limit) & (least < max(asked, lesser))
    else:
        limit, unsure = np.where(on_road, asked, lesser), np.zeros(len(table), bool)
    gaps = (no_value(table, "diameter_mm", has_size | has_high), Gap(~known, "no_level"), Gap(unsure, "no_road"))
    return Outcome(least < limit - 0.005, gaps, least, limit, places=places)


def spacing(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Pipes between two manholes farther apart than their diameter allows (m)."""
    nodes, types = tables.of("pipe_nodes"), list(rule.of("types"))
    if not len(nodes) or not nodes.has("node_type"):
        return unjudged(table, "no_layer", role="pipe_nodes", field="node_type")
    of_node = nodes.text("node_type")[0]
    between, told = np.ones(len(table), bool), np.ones(len(table), bool)
    for end in ("start", "end"):
        row, _ = end_rows(table, tables, end)
        told &= np.where(row >= 0, of_node[row] != "", False)
        between &= np.where(row >= 0, among(of_node[row], types), True)
    size, has_size = table.number("diameter_mm")
    limit = np.full(len(table), np.nan)
    for row in sorted(rule.of("rows"), key=lambda one: -one["to_mm"]):
        limit[(size >= row.get("from_mm", 0)) & (size <= row["to_mm"])] = row["most"]
    gaps = (
        no_value(table, "diameter_mm", has_size),
        Gap(~told, "no_value", {"field": "node_type"}),
        Gap(~table.has_shape, "no_shape"),
        Gap(np.isnan(limit), "not_listed", {"field": "diameter_mm"}),
    )
    return Outcome(table.length_m > limit, gaps, table.length_m, limit, applies=between)


def narrowing(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Drains narrower than one of their kind that flows into them, unless they are steeper and few steps smaller."""
    if not table.has("start_node") or not table.has("end_node"):
        return unjudged(table, "no_field", field="start_node")
    size, has_size = table.number("diameter_mm")
    fall, _ = slope_of(table)
    (start, has_start), (end, has_end) = table.text("start_node"), table.text("end_node")
    above = pd.DataFrame({"kind": table.kind, "node": end, "size": size, "fall": fall, "row": np.arange(len(table))})
    above = above[has_end & has_size].sort_values(["size", "row"], kind="stable")
    widest = above.drop_duplicates(["kind", "node"], keep="last")
    mine = pd.DataFrame({"kind": table.kind, "node": start}).merge(widest, "left", on=["kind", "node"])
    inflow, steeper_than = mine["size"].to_numpy(np.float64), mine["fall"].to_numpy(np.float64)
    other = mine["row"].fillna(-1).to_numpy(np.int64)
    series = np.array(sorted(float(one) for one in rule.of("series_mm")))
    steps = np.searchsorted(series, inflow) - np.searchsorted(series, size)
    smaller = size < inflow
    steep_known = np.isfinite(fall) & np.isfinite(steeper_than)
    with np.errstate(invalid="ignore"):
        allowed = (fall > steeper_than) & (steps <= rule.of("steps"))
    hopeless = steps > rule.of("steps")  # too many steps, however steep
    gaps = (no_value(table, "diameter_mm", has_size), no_value(table, "start_node", has_start),
            Gap(smaller & ~steep_known & ~hopeless, "no_level"))  # fmt: skip
    applies = np.isfinite(inflow) | ~has_start | ~has_size
    return Outcome(smaller & ~allowed, gaps, size, inflow, other=(table, other), applies=applies)


def above_ground(rule: Rule, table: Table, tables: Tables) -> Outcome:
    """Nodes whose bottom lies above the ground (m by which it does); outfalls stand in the open."""
    (ground, has_ground), (invert, has_invert) = table.number("ground_m"), table.number("invert_m")
    free = among(table.text("node_type")[0], list(rule.of("except_types")))
    gaps = (no_value(table, "ground_m", has_ground), no_value(table, "invert_m", has_invert))
    over: Any = invert - ground
    return Outcome(over > rule.of("tolerance_m"), gaps, over, rule.of("tolerance_m"), applies=~free)
