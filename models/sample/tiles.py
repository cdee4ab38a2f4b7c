"""The big city: the small one's fabric repeated on a grid, every second tile mirrored so that roads and river go on.

A handful of variants share one master plan and one ground and differ in what stands on the blocks; each tile takes one
of them. Straight avenues run along the seams. Enough for measuring how the program carries 100,000 buildings; nothing
below the ground, no components.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import LineString, box

from models.core.progress import Progress
from models.sample import tables
from models.sample.city import CENTRE, CRS, HALF_M, City, Terrain, stream
from models.sample.plan import ROAD_CLASSES

WANTED = 100_000
VARIANTS = 4
COLUMNS = 8
SIDE_M = 2 * HALF_M
CELL_M = 8.0
#: Roads of the small city that run along its edge; the avenues on the seams take their place.
EDGE_ROADS = ("keyuan", "wuliu", "xiyuan", "dongyuan")
#: Columns that hold codes of sub-districts and communities.
UNIT_COLUMNS = ("district_code", "community_code")


def make_tiled(cities: list[City], seed: int, progress: Progress) -> tuple[dict[str, Any], Terrain]:
    """Return the tables and the ground of the big city, made of variants of the small one."""
    cores = [_core(city) for city in cities]
    mean = float(np.mean([len(core["buildings"]) for core in cores]))
    rows = max(1, int(np.ceil(WANTED / (COLUMNS * mean))))
    choice = stream(seed, "tiles").integers(0, len(cores), (rows, COLUMNS))
    frames: dict[str, list[gpd.GeoDataFrame]] = {name: [] for name in cores[0]}
    for row in range(rows):
        for column in range(COLUMNS):
            number = row * COLUMNS + column
            progress.step(number / (rows * COLUMNS), "progress.sample.tiles")
            offset = ((column - (COLUMNS - 1) / 2) * SIDE_M, (row - (rows - 1) / 2) * SIDE_M)
            for name, core in cores[int(choice[row, column])].items():
                frames[name].append(_moved(core, offset, (column % 2 == 1, row % 2 == 1), number))
    joined: dict[str, Any] = {name: pd.concat(parts, ignore_index=True) for name, parts in frames.items()}
    joined["roads"] = pd.concat([joined["roads"], _avenues(rows)], ignore_index=True)
    for frame in joined.values():
        frame.index = pd.RangeIndex(1, len(frame) + 1, name="fid")
    return joined, _ground(cities[0].terrain, rows)


def _core(city: City) -> dict[str, gpd.GeoDataFrame]:
    """Return the tables of one tile, cut at its edge."""
    x, y = CENTRE
    square = box(x - HALF_M, y - HALF_M, x + HALF_M, y + HALF_M)
    inner = square.buffer(-13.0, join_style="mitre")
    streets = tables.names()["streets"]
    edge = [streets[word][0] for word in EDGE_ROADS]
    roads = city.roads[~city.roads["name"].isin(edge)]
    return {
        "districts": city.districts,
        "parcels": city.parcels,
        "green": _cut(city.green, square),
        "water": _cut(city.water, square),
        "roads": _cut(roads, square),
        "amenities": city.amenities,
        "buildings": city.buildings[shapely.within(city.buildings.geometry.to_numpy(), inner)],
    }


def _cut(frame: gpd.GeoDataFrame, square: Any) -> gpd.GeoDataFrame:
    """Return what lies in the square, one part a row."""
    shape = shapely.intersection(frame.geometry.to_numpy(), square)
    out = frame.set_geometry(gpd.GeoSeries(shape, index=frame.index, crs=CRS)).explode(ignore_index=True)
    kind = out.geometry.geom_type
    return out[(kind.isin(["Polygon", "LineString"])) & ~out.geometry.is_empty].reset_index(drop=True)


def _moved(
    frame: gpd.GeoDataFrame, offset: tuple[float, float], mirror: tuple[bool, bool], number: int
) -> gpd.GeoDataFrame:
    """Return a tile's table in its place, with codes of its own."""
    shapes: NDArray[Any] = frame.geometry.to_numpy().copy()
    sign = np.where(mirror, -1.0, 1.0)
    local = (shapely.get_coordinates(shapes) - CENTRE) * sign + offset
    shapes = shapely.set_coordinates(shapes, np.round(local + CENTRE, 3))
    if mirror[0] != mirror[1]:
        shapes = np.where(shapely.get_dimensions(shapes) == 2, shapely.reverse(shapes), shapes)
    out = frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=CRS))
    county = tables.COUNTY
    for column in UNIT_COLUMNS:
        if column in out.columns:
            out[column] = [_unit(code, number, county) for code in out[column]]
    if "code" in out.columns:
        unit = out["code"].str.startswith(county)
        out["code"] = [
            _unit(c, number, county) if u else f"{c[:2]}{number:02d}{c[2:]}"
            for c, u in zip(out["code"], unit, strict=True)
        ]
    return out


def _unit(code: Any, number: int, county: str) -> Any:
    """Return a sub-district's (9 digits) or community's (12 digits) code in another tile."""
    if not isinstance(code, str):
        return None
    return f"{county}{number * 4 + int(code[6:9]):03d}{code[9:]}"


def _avenues(rows: int) -> gpd.GeoDataFrame:
    """Return the avenues along the seams, cut at their crossings."""
    width_m, lanes, _, _ = ROAD_CLASSES["sub_arterial"]
    x = (np.arange(COLUMNS + 1) - COLUMNS / 2) * SIDE_M + CENTRE[0]
    y = (np.arange(rows + 1) - rows / 2) * SIDE_M + CENTRE[1]
    lines, words = [], []
    for i, e in enumerate(x):
        lines += [LineString([(e, a), (e, b)]) for a, b in pairwise(y)]
        words += [(f"经{i + 1}路", f"Jing {i + 1} Road")] * rows
    for i, n in enumerate(y):
        lines += [LineString([(a, n), (b, n)]) for a, b in pairwise(x)]
        words += [(f"纬{i + 1}路", f"Wei {i + 1} Road")] * COLUMNS
    return gpd.GeoDataFrame(
        {
            "name": [w[0] for w in words],
            "name_en": [w[1] for w in words],
            "class": "sub_arterial",
            "width_m": width_m,
            "lanes": lanes,
            "bridge": False,
            "oneway": False,
            "elevated_m": 0.0,
        },
        geometry=lines,
        crs=CRS,
    )


def _ground(terrain: Terrain, rows: int) -> Terrain:
    """Return the small city's ground, mirrored tile by tile, in coarser cells."""
    axis = -HALF_M + CELL_M * (np.arange(int(SIDE_M / CELL_M)) + 0.5)
    x, y = np.meshgrid(axis + CENTRE[0], axis[::-1] + CENTRE[1])
    tile = terrain.height_m(x, y).astype(np.float32)
    strips = []
    for row in range(rows):
        strip = tile[::-1] if row % 2 else tile
        strips.append(np.hstack([strip[:, ::-1] if column % 2 else strip for column in range(COLUMNS)]))
    values = np.ascontiguousarray(np.vstack(strips[::-1]))
    west, north = CENTRE[0] - COLUMNS * HALF_M, CENTRE[1] + rows * HALF_M
    return Terrain(values, (CELL_M, 0.0, west, 0.0, -CELL_M, north))
