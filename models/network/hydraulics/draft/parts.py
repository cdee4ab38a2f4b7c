"""Nodes and conduits of a drafted model: what the register records, and what is filled in and counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from models.core.errors import UserError
from models.core.table_columns import numbers
from models.network.ends import text_of
from models.network.hydraulics.draft.rules import Assumption, DraftRules
from models.network.network import OUTLETS, Network
from models.terrain.ground import Ground

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(slots=True)
class Parts:
    """What a model is made of; arrays by node and by conduit, metres."""

    node_name: list[str]
    xy: Floats
    invert: Floats
    ground: Floats
    is_outfall: NDArray[np.bool_]
    link_name: list[str]
    start: Ints
    end: Ints
    length: Floats
    start_offset: Floats
    end_offset: Floats
    roughness: Floats
    shape: list[str]
    height: Floats
    width: Floats
    inner: list[Floats]
    notes: list[Assumption] = field(default_factory=list)

    def note(self, code: str, count: int, total: int, value: str = "") -> None:
        """Count an assumption; one that was never used is none."""
        if count:
            self.notes.append(Assumption(code, int(count), int(total), value))


def parts_of(network: Network, pipes: Any, nodes: Any, ground: Ground | None, rules: DraftRules) -> Parts:
    """Make nodes and conduits of a network; pipes that begin and end at one node are left out.

    Raises
    ------
    UserError
        ``network.no_drains`` where nothing is left.
    """
    used = np.unique(np.concatenate([network.start, network.end]))
    good = np.isfinite(network.node_xy[used]).all(axis=1)
    used = used[good]
    number = np.full(network.node_count, -1, dtype=np.int64)
    number[used] = np.arange(len(used))
    edge = np.flatnonzero((number[network.start] >= 0) & (number[network.end] >= 0) & (network.start != network.end))
    if not len(edge):
        raise UserError("network.no_drains")
    flip = network.flow[edge] < 0
    first, last = number[network.start[edge]], number[network.end[edge]]
    start, end = np.where(flip, last, first), np.where(flip, first, last)
    row = pipes.index.get_indexer(network.edge_pipe[edge])
    start_level, end_level = (_along(network, pipes, edge, row, at) for at in (network.from_m, network.to_m))
    start_level, end_level = np.where(flip, end_level, start_level), np.where(flip, start_level, end_level)
    parts = Parts(
        _unique([str(key) if key else f"N{at}" for at, key in zip(used.tolist(), network.node_key[used], strict=True)]),
        network.node_xy[used], np.empty(0), np.empty(0), np.zeros(len(used), dtype=bool),
        _unique([_pipe_name(pipes, at) for at in row]), start, end, np.maximum(network.length_m[edge], 1.0),
        np.empty(0), np.empty(0), np.empty(0), [], np.empty(0), np.empty(0), [],
    )  # fmt: skip
    parts.note("short", int((network.length_m[edge] < 1.0).sum()), len(edge), "1 m")
    parts.inner = _inner(network, pipes, edge, row, flip)
    _sections(parts, pipes, row, rules)
    _levels(parts, network, nodes, used, start_level, end_level, ground, rules)
    _outfalls(parts, np.isin(network.node_type[used], OUTLETS))
    return parts


def _along(network: Network, pipes: Any, edge: Ints, row: Ints, at: Floats) -> Floats:
    """Return the invert of each edge's end, between those of its pipe."""
    low, high = (numbers(pipes, f"{end}_invert_m")[row] for end in ("start", "end"))
    total = np.maximum(np.asarray(pipes.geometry.length, dtype=np.float64)[row], 1e-9)
    share = np.clip(at[edge] / total, 0.0, 1.0)
    found = low + (high - low) * share
    return np.where(share <= 0, low, np.where(share >= 1 - 1e-9, high, found))


def _pipe_name(pipes: Any, row: int) -> str:
    code = str(pipes["code"].iloc[row]) if "code" in pipes and pd.notna(pipes["code"].iloc[row]) else ""
    return code or f"C{pipes.index[row]}"


def _unique(names: list[str]) -> list[str]:
    """Return names that the engine can read, each once, whatever its case."""
    seen: dict[str, int] = {}
    made = []
    for name in names:
        plain = "".join("_" if sign in ' \t;"[],' or not sign.isprintable() else sign for sign in name)[:60] or "x"
        count = seen.get(plain.upper(), 0)
        seen[plain.upper()] = count + 1
        made.append(f"{plain}.{count}" if count else plain)
    return made


def _inner(network: Network, pipes: Any, edge: Ints, row: Ints, flip: NDArray[np.bool_]) -> list[Floats]:
    """Return the corners of whole pipes between their ends; pieces of a pipe that nodes split are drawn straight."""
    geometry = np.asarray(pipes.geometry.array, dtype=object)[row]
    length = np.asarray(pipes.geometry.length, dtype=np.float64)[row]
    whole = (network.from_m[edge] <= 1e-6) & (network.to_m[edge] >= length - 1e-6)
    made = []
    for line, is_whole, is_flipped in zip(geometry, whole.tolist(), flip.tolist(), strict=True):
        corners = np.empty((0, 2))
        if is_whole and shapely.get_type_id(line) == 1 and shapely.get_num_coordinates(line) > 2:
            corners = shapely.get_coordinates(line)[1:-1]
        made.append(corners[::-1] if is_flipped else corners)
    return made


def _sections(parts: Parts, pipes: Any, row: Ints, rules: DraftRules) -> None:
    diameter, width, height = (numbers(pipes, name)[row] / 1000
                               for name in ("diameter_mm", "width_mm", "section_height_mm"))  # fmt: skip
    boxed = (width > 0) & (height > 0)
    sized = boxed | (diameter > 0)
    parts.note("diameter", int((~sized).sum()), len(row), f"DN{rules.diameter_mm:g}")
    parts.height = np.where(boxed, height, np.where(diameter > 0, diameter, rules.diameter_mm / 1000))
    parts.width = np.where(boxed, width, 0.0)
    parts.shape = ["RECT_CLOSED" if one else "CIRCULAR" for one in boxed.tolist()]
    material = pd.Series(text_of(pipes, "material")[row]).str.upper()
    plastic = material.str.contains("PVC|PE|塑|HDPE|FRP|玻璃钢", regex=True).to_numpy()
    told = (material != "").to_numpy()
    parts.roughness = np.where(plastic, rules.plastic_roughness, rules.roughness)
    parts.note("roughness", int((~told).sum()), len(row), f"{rules.roughness:g}")
    parts.note("roughness_by_material", int(told.sum()), len(row), f"{rules.plastic_roughness:g} / {rules.roughness:g}")


def _levels(
    parts: Parts, network: Network, nodes: Any, used: Ints, start_level: Floats, end_level: Floats,
    ground: Ground | None, rules: DraftRules,
) -> None:  # fmt: skip
    count = len(used)
    oid = network.node_oid[used]
    at = nodes.index.get_indexer(oid) if nodes is not None else np.full(count, -1)
    recorded, surface = (
        np.where(at >= 0, numbers(nodes, name)[at], np.nan)
        if nodes is not None and len(nodes)
        else np.full(count, np.nan)
        for name in ("invert_m", "ground_m")
    )
    lowest = np.full(count, np.inf)
    for node, level in ((parts.start, start_level), (parts.end, end_level)):
        known = np.isfinite(level)
        np.minimum.at(lowest, node[known], level[known])
    ends = np.where(np.isfinite(lowest), lowest, np.nan)
    invert = np.fmin(recorded, ends)
    parts.note("invert_of_pipes", int((np.isnan(recorded) & np.isfinite(ends)).sum()), count)
    parts.note("invert_lowered", int((ends < recorded - 0.005).sum()), count)
    surface, from_terrain = _with_terrain(parts.xy, surface, ground)
    parts.note("ground_of_terrain", from_terrain, count)
    before = np.isnan(invert)
    invert = _from_neighbours(parts, invert)
    parts.note("invert_of_neighbours", int((before & np.isfinite(invert)).sum()), count)
    lacking = np.isnan(invert)
    invert = np.where(lacking, surface - rules.cover_m, invert)
    parts.note("invert_of_ground", int((lacking & np.isfinite(invert)).sum()), count, f"{rules.cover_m:g} m")
    nothing = np.isnan(invert)
    invert = np.where(nothing, -rules.cover_m, invert)
    parts.note("invert_of_nothing", int(nothing.sum()), count, f"{-rules.cover_m:g} m")
    blank = np.isnan(surface)
    surface = np.where(blank, invert + rules.cover_m, surface)
    parts.note("ground_of_depth", int(blank.sum()), count, f"{rules.cover_m:g} m")
    parts.start_offset, parts.end_offset = (
        np.maximum(np.nan_to_num(level - invert[node]), 0.0)
        for node, level in ((parts.start, start_level), (parts.end, end_level))
    )
    parts.note("no_end_levels", int((np.isnan(start_level) | np.isnan(end_level)).sum()), len(parts.start))
    crown = np.zeros(count)
    for node, offset in ((parts.start, parts.start_offset), (parts.end, parts.end_offset)):
        np.maximum.at(crown, node, offset + parts.height)
    low = surface < invert + crown
    surface = np.where(low, invert + crown, surface)
    parts.note("ground_raised", int(low.sum()), count)
    drop = np.abs((invert[parts.start] + parts.start_offset) - (invert[parts.end] + parts.end_offset))
    steep = drop >= parts.length
    parts.length = np.where(steep, drop * 1.05, parts.length)
    parts.note("steep", int(steep.sum()), len(drop))
    parts.invert, parts.ground = invert, surface


def _with_terrain(xy: Floats, surface: Floats, ground: Ground | None) -> tuple[Floats, int]:
    """Return ground heights, those that are missing or no heights at all taken from the terrain."""
    lacking = ~np.isfinite(surface)
    if ground is None or not ground.terrains or not lacking.any():
        return surface, 0
    known = lacking & ground.is_known(xy[:, 0], xy[:, 1])
    filled = surface.copy()
    filled[known] = ground.height_m(xy[known, 0], xy[known, 1])
    return filled, int(known.sum())


def _from_neighbours(parts: Parts, invert: Floats) -> Floats:
    """Fill inverts from those of neighbours, ring by ring: the mean of what is known one pipe away."""
    invert = invert.copy()
    for _ in range(len(invert)):
        lacking = np.isnan(invert)
        if not lacking.any():
            break
        total, number = np.zeros(len(invert)), np.zeros(len(invert))
        for one, other in ((parts.start, parts.end), (parts.end, parts.start)):
            known = np.isfinite(invert[other])
            np.add.at(total, one[known], invert[other[known]])
            np.add.at(number, one[known], 1)
        fresh = lacking & (number > 0)
        if not fresh.any():
            break
        invert[fresh] = total[fresh] / number[fresh]
    return invert


def _outfalls(parts: Parts, recorded: NDArray[np.bool_]) -> None:
    """Give each part of the network an outfall; one with several pipes, or that flows on, gets a stub of its own."""
    count = len(parts.invert)
    graph = coo_array((np.ones(len(parts.start)), (parts.start, parts.end)), shape=(count, count))
    number, part = connected_components(graph, directed=False)
    has = np.zeros(number, dtype=bool)
    has[part[recorded]] = True
    order = np.lexsort((parts.invert, part))
    first = np.searchsorted(part[order], np.arange(number))
    lowest = order[first][~has]
    goals = np.concatenate([np.flatnonzero(recorded), lowest])
    parts.note("outfall_lowest", len(lowest), number)
    degree = np.bincount(np.concatenate([parts.start, parts.end]), minlength=count)
    simple = goals[degree[goals] == 1]
    parts.is_outfall[simple] = True
    turned = parts.is_outfall[parts.start] & ~parts.is_outfall[parts.end]
    parts.start, parts.end = np.where(turned, parts.end, parts.start), np.where(turned, parts.start, parts.end)
    parts.start_offset, parts.end_offset = (np.where(turned, parts.end_offset, parts.start_offset),
                                            np.where(turned, parts.start_offset, parts.end_offset))  # fmt: skip
    both = parts.is_outfall[parts.start] & parts.is_outfall[parts.end]  # a single pipe with an outfall at either end
    parts.is_outfall[parts.start[both]] = False
    parts.inner = [one[::-1] if is_turned else one for one, is_turned in zip(parts.inner, turned.tolist(), strict=True)]
    several = goals[degree[goals] > 1]
    parts.note("outfall_stub", len(several), len(goals))
    if not len(several):
        return
    names = _unique([*parts.node_name, *(f"{parts.node_name[at]}-O" for at in several)])
    parts.node_name = names
    high = np.zeros(count)
    np.maximum.at(high, np.concatenate([parts.start, parts.end]), np.concatenate([parts.height, parts.height]))
    more = len(several)
    parts.xy = np.concatenate([parts.xy, parts.xy[several] + [[5.0, 0.0]]])
    parts.invert = np.concatenate([parts.invert, parts.invert[several] - 0.02])
    parts.ground = np.concatenate([parts.ground, parts.ground[several]])
    parts.is_outfall = np.concatenate([parts.is_outfall, np.ones(more, dtype=bool)])
    parts.link_name = _unique([*parts.link_name, *(f"{parts.node_name[at]}-OC" for at in several)])
    parts.start = np.concatenate([parts.start, several])
    parts.end = np.concatenate([parts.end, count + np.arange(more)])
    parts.length = np.concatenate([parts.length, np.full(more, 5.0)])
    parts.start_offset = np.concatenate([parts.start_offset, np.zeros(more)])
    parts.end_offset = np.concatenate([parts.end_offset, np.zeros(more)])
    parts.roughness = np.concatenate([parts.roughness, np.full(more, 0.013)])
    parts.shape += ["CIRCULAR"] * more
    parts.height = np.concatenate([parts.height, high[several]])
    parts.width = np.concatenate([parts.width, np.zeros(more)])
    parts.inner += [np.empty((0, 2))] * more
