"""Pipes that are too near the footprints of buildings, on plan, outer face to outer wall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from models.network.clearance.rules import Rules, falls_short, to_buildings
from models.network.pipe_bodies import bodies_of, texts

if TYPE_CHECKING:
    import geopandas as gpd

#: Pipes of a kind without a settled limit are counted as neighbours of a building within this distance, metres.
NEAR_M = 3.0


@dataclass(frozen=True, slots=True)
class NearBuildings:
    """What was found.

    Parameters
    ----------
    found : DataFrame
        ``pipe``, ``house`` (feature ids), ``clear_m`` (0 where the pipe runs below the building), ``rule``, ``x``,
        ``y``, ``z``; the nearest first.
    judged : DataFrame
        ``kind``, ``pairs``, ``kept``, ``short``, ``unknown``.
    """

    found: pd.DataFrame
    judged: pd.DataFrame


def near_buildings(
    pipes: gpd.GeoDataFrame, houses: gpd.GeoDataFrame, rules: Rules, kinds: frozenset[str] = frozenset()
) -> NearBuildings:
    """Hold pipes against footprints.

    Parameters
    ----------
    pipes, houses : GeoDataFrame
        In one CRS of metres, index = feature ids.
    rules : Rules
    kinds : frozenset of str
        Of pipes; empty for all.
    """
    limit, rule = to_buildings(pipes, rules)
    codes = np.char.upper(texts(pipes, "kind").astype(str))
    bodies = bodies_of(pipes)
    lines = shapely.linestrings(np.stack([bodies.start[:, :2], bodies.end[:, :2]], axis=1)) if len(bodies) else []
    lines = np.asarray(lines, dtype=object)
    shapes = shapely.force_2d(np.asarray(houses.geometry.to_numpy(), dtype=object))
    reach = bodies.half_width_m + np.where(np.isfinite(limit), limit, NEAR_M)[bodies.row]
    if len(lines) and len(shapes):
        piece, house = shapely.STRtree(shapes).query(lines, predicate="dwithin", distance=reach)
    else:
        piece = house = np.empty(0, dtype=np.int64)
    if kinds:
        keep = np.isin(codes[bodies.row[piece]], list(kinds))
        piece, house = piece[keep], house[keep]
    clear = shapely.distance(lines[piece], shapes[house]) - bodies.half_width_m[piece]
    pairs = pd.DataFrame({"row": bodies.row[piece], "house": house, "piece": piece, "clear_m": np.maximum(clear, 0.0)})
    pairs = pairs.sort_values("clear_m", kind="stable").drop_duplicates(["row", "house"])
    row = pairs["row"].to_numpy(dtype=np.int64)
    known = np.isfinite(limit[row])
    short = known & falls_short(pairs["clear_m"].to_numpy(), limit[row])
    judged = pd.DataFrame({
        "kind": codes[row], "pairs": True, "kept": known & ~short, "short": short, "unknown": ~known,
    }).groupby("kind", as_index=False).sum()  # fmt: skip
    told = pairs[short]
    at, own = told["piece"].to_numpy(dtype=np.int64), told["row"].to_numpy(dtype=np.int64)
    place = shapely.get_point(shapely.shortest_line(lines[at], shapes[told["house"].to_numpy(dtype=np.int64)]), 0)
    middle = (bodies.start[at, 2] + bodies.end[at, 2]) / 2 if len(bodies) else np.empty(0)
    found = pd.DataFrame({
        "pipe": np.asarray(pipes.index)[own], "house": np.asarray(houses.index)[told["house"].to_numpy(dtype=np.int64)],
        "clear_m": told["clear_m"].to_numpy(), "rule": rule[own], "x": shapely.get_x(place), "y": shapely.get_y(place),
        "z": np.nan_to_num(middle),
    })  # fmt: skip
    return NearBuildings(found, judged)
