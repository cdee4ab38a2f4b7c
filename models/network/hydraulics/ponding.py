"""Water on the streets over the time of a run: what left the drains, laid onto the ground step by step.

Invariants
----------
1. What a node lost by flooding up to a moment is what stands on the ground at that moment. Water that runs back into
   the drains or soaks away is not taken off: the figures are an upper estimate, and whoever shows them says so.
2. A depth below the first class is no ponding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from models.layers.layer import RasterData
from models.network.hydraulics.results import Results
from models.terrain.ground import pixel_m
from models.terrain.ponding import Pool
from resources.standards import standard

Array = NDArray[np.float64]

#: No more moments than this are laid out; between them the later one counts.
MOST_STEPS = 48


@dataclass(frozen=True, slots=True)
class DepthClass:
    """Depths of water that mean the same: ``from_m`` and more, up to the next class."""

    id: str
    from_m: float
    zh: str
    en: str
    colour: str


def depth_classes() -> tuple[DepthClass, ...]:
    """Return the classes of ``ponding.toml``, the shallowest first."""
    rows = standard("ponding")["class"]
    found = (DepthClass(row["id"], float(row["from_m"]), row["zh"], row["en"], row["colour"]) for row in rows)
    return tuple(sorted(found, key=lambda one: one.from_m))


@dataclass(frozen=True, slots=True)
class StreetPonding:
    """Ponding over a run.

    Parameters
    ----------
    areas : GeoDataFrame
        A row a moment and class: ``step``, ``from_s``, ``to_s`` (seconds since the start of the run), ``class``,
        ``area_m2``, ``volume_m3``, ``depth_max_m``; in the CRS of the terrain.
    flooded_m3, left_m3 : float
        What left the drains in all, and what of it ran off the terrain.
    outside : tuple of str
        Nodes that flood and stand where the terrain has no height, or without a place; their water is not shown.
    deepest_m : (rows, cols) array
        Greatest depth of each cell over the run.
    """

    areas: gpd.GeoDataFrame
    flooded_m3: float
    left_m3: float
    outside: tuple[str, ...]
    deepest_m: Array


def flooded_m3(results: Results) -> Array:
    """Return what each node lost up to each step, (steps, nodes), cubic metres."""
    rate = results.variable("nodes", "flooding")
    litres = np.asarray(results.raw(rate), dtype=np.float64) * rate.factor
    seconds = np.diff(results.times_s, prepend=results.times_s[:1])
    return np.asarray(np.cumsum(np.maximum(litres, 0.0) / 1000.0 * seconds[:, None], axis=0), dtype=np.float64)


def street_ponding(
    results: Results, places: Callable[[list[str]], Array], terrain: RasterData,
    step: Callable[[float], object] = lambda _: None,
) -> StreetPonding:  # fmt: skip
    """Lay what a run of SWMM lost onto the ground.

    Parameters
    ----------
    results : Results
    places : callable
        From names of nodes to their (n, 2) coordinates in the terrain's CRS, NaN where there is none.
    terrain : RasterData
        Heights in metres.
    step : callable
        Is told how far the work is, 0–1; raises to end it.
    """
    lost = flooded_m3(results)
    names = results.names["nodes"]
    wet = np.flatnonzero(lost[-1] > 1e-3)
    ground = np.asarray(terrain.values, dtype=np.float64)
    xy = places([names[at] for at in wet]) if len(wet) else np.empty((0, 2))
    rows, cols = _cells(terrain, xy)
    inside = (rows >= 0) & (rows < ground.shape[0]) & (cols >= 0) & (cols < ground.shape[1])
    inside[inside] = np.isfinite(ground[rows[inside], cols[inside]])
    outside = tuple(names[at] for at in wet[~inside])
    nodes, rows, cols = wet[inside], rows[inside], cols[inside]
    cell_m2 = pixel_m(terrain) ** 2
    pool, deepest = Pool(ground, cell_m2), np.zeros_like(ground)
    tables: list[gpd.GeoDataFrame] = []
    done = np.zeros(len(nodes))
    steps = _steps(lost[:, nodes].sum(axis=1))
    for number, at in enumerate(steps):
        step(number / max(1, len(steps)))
        for node, row, col in zip(range(len(nodes)), rows.tolist(), cols.tolist(), strict=True):
            more = float(lost[at, nodes[node]] - done[node])
            if more > 1e-6:
                pool.pour(row, col, more)
        done = lost[at, nodes]
        depth = pool.depth_m
        deepest = np.maximum(deepest, depth)
        until = results.times_s[steps[number + 1]] if number + 1 < len(steps) else results.times_s[-1]
        table = _areas(depth, cell_m2, terrain)
        table.insert(0, "step", int(at))
        table.insert(1, "from_s", float(results.times_s[at]))
        table.insert(2, "to_s", float(until))
        tables.append(table)
    areas = _joined(tables, terrain.crs)
    return StreetPonding(areas, float(lost[-1].sum()), pool.left_m3, outside, deepest)


def closed_roads(roads: gpd.GeoDataFrame, ponding: StreetPonding) -> gpd.GeoDataFrame:
    """Return the roads that stand in water deeper than the first class but one, with length and greatest class.

    Parameters
    ----------
    roads : GeoDataFrame
        Lines (axes) or areas in the CRS of ``ponding.areas``.

    Returns
    -------
    GeoDataFrame
        Rows of ``roads`` with ``class``, ``length_m`` (of areas m²) in water, ``from_s`` and ``to_s`` of the
        whole time.
    """
    found = []
    order = {one.id: at for at, one in enumerate(depth_classes())}
    areas = ponding.areas
    deep = areas[areas["class"].map(order).fillna(-1) >= 1]
    if len(deep) and len(roads):
        pairs = shapely.STRtree(roads.geometry.to_numpy()).query(deep.geometry.to_numpy(), predicate="intersects")
        cut = shapely.intersection(deep.geometry.to_numpy()[pairs[0]], roads.geometry.to_numpy()[pairs[1]])
        size = np.where(shapely.get_dimensions(cut) == 2, shapely.area(cut), shapely.length(cut))
        for road in np.unique(pairs[1]):
            mine = pairs[1] == road
            part = deep.iloc[pairs[0][mine]]
            worst = max(part["class"], key=lambda name: order[name])
            found.append({
                **roads.iloc[road].to_dict(), "class": worst, "length_m": float(size[mine].max()),
                "from_s": float(part["from_s"].min()), "to_s": float(part["to_s"].max()),
            })  # fmt: skip
    if not found:
        return roads.iloc[:0].assign(**{"class": "", "length_m": 0.0, "from_s": 0.0, "to_s": 0.0})
    return gpd.GeoDataFrame(found, geometry="geometry", crs=roads.crs)


def _steps(total: Array) -> NDArray[np.int64]:
    """Return the steps that are laid out: equal shares of the water that comes, and the last one of it."""
    if not len(total) or total[-1] <= 0:
        return np.empty(0, np.int64)
    wanted = np.linspace(0, total[-1], MOST_STEPS + 1)[1:]
    return np.unique(np.searchsorted(total, wanted * (1 - 1e-9)).clip(0, len(total) - 1)).astype(np.int64)


def _cells(terrain: RasterData, xy: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    a, b, c, d, e, f = terrain.transform
    x, y = np.nan_to_num(xy[:, 0], nan=1e12), np.nan_to_num(xy[:, 1], nan=1e12)
    determinant = a * e - b * d
    cols = np.floor((e * (x - c) - b * (y - f)) / determinant)
    rows = np.floor((-d * (x - c) + a * (y - f)) / determinant)
    return rows.clip(-1, 2**31).astype(np.int64), cols.clip(-1, 2**31).astype(np.int64)


def _areas(depth: Array, cell_m2: float, terrain: RasterData) -> gpd.GeoDataFrame:
    """Return an area a class of depth, of the cells that stand so deep."""
    a, b, c, d, e, f = terrain.transform
    classes = depth_classes()
    which = np.digitize(depth, [one.from_m for one in classes]) - 1
    found = []
    for at, one in enumerate(classes):
        row, col = np.nonzero(which == at)
        if not len(row):
            continue
        corners = np.stack(
            [np.stack([col + dx, row + dy], axis=-1) for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))], 1
        )
        x, y = a * corners[..., 0] + b * corners[..., 1] + c, d * corners[..., 0] + e * corners[..., 1] + f
        found.append({
            "class": one.id, "area_m2": len(row) * cell_m2, "volume_m3": float(depth[row, col].sum() * cell_m2),
            "depth_max_m": float(depth[row, col].max()),
            "geometry": shapely.union_all(shapely.polygons(np.stack([x, y], axis=-1))),
        })  # fmt: skip
    return _frame(found, terrain.crs)


def _frame(rows: list[dict[str, object]], crs: str) -> gpd.GeoDataFrame:
    columns = ["class", "area_m2", "volume_m3", "depth_max_m", "geometry"]
    return gpd.GeoDataFrame(
        {name: [row[name] for row in rows] for name in columns}, geometry="geometry", crs=crs or None
    )


def _joined(tables: list[gpd.GeoDataFrame], crs: str) -> gpd.GeoDataFrame:
    import pandas as pd

    kept = [table for table in tables if len(table)]
    if not kept:
        empty = _frame([], crs)
        return empty.assign(step=0, from_s=0.0, to_s=0.0)
    return gpd.GeoDataFrame(pd.concat(kept, ignore_index=True), geometry="geometry", crs=crs or None)
