"""Point clouds: points in their own colours, or coloured by class, height or intensity, with a little relief.

Bare points of one colour are a fog. Two cheap things give them form, both worked out once from a grid over the cloud:
slopes that look away from the sun are darker, and so is what lies deep below the highest point above it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from models.core.value_text import class_limit
from models.crs.frame import crs_label, transformer
from models.layers.layer import CloudData, Layer, LayerData
from models.style.ramps import ramp
from resources.standards import standard
from resources.words import word
from viewers.legend import LegendEntry
from viewers.render.geometry.parts import CloudPart, Prepared, bounds_of_parts
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.status_colours import rgba

Colours = NDArray[np.uint8]

#: Ways to colour a cloud, as :attr:`models.layers.layer.Style.by` names them.
WAYS = ("colour", "class", "height", "intensity")
HEIGHT_RAMP, INTENSITY_RAMP = "sunset", "ink"
#: Side of a chunk of the picture, and of a cell of the grid that gives relief, metres.
CHUNK_M, CELL_M = 150.0, 1.0
MOST_CELLS = 4_000_000
#: Of one point in so many the picture is made while the eye moves.
COARSE = 8
#: Widest a point is drawn at its spacing.
SIZES_PX = (2.0, 4.0)
#: Class of what no class is known of, and its colour where the table has none.
UNKNOWN_COLOUR = "#c8ccd0"


def make(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared | None:
    """Make the parts of a point cloud."""
    if not isinstance(data, CloudData) or not len(data.points):
        return None
    points = _local(data, context)
    colours = np.empty((len(points), 4), np.uint8)
    colours[:, :3] = np.minimum(colours_of(layer, data) * relief(points)[:, None], 255.0)
    colours[:, 3] = 255
    size_px = SIZES_PX[1 if data.info.get("spacing_m", 0.0) > 0.5 else 0] * layer.style.size
    parts = [
        CloudPart(points[rows], colours[rows], size_px, COARSE, layer.style.opacity) for rows in _squares(points)
    ]  # fmt: skip
    return bounds_of_parts(Prepared(list(parts)))


def ways_of(data: CloudData) -> tuple[str, ...]:
    """Return the ways in which a cloud can be coloured."""
    has = {
        "colour": data.colours is not None, "class": data.classes is not None and bool(np.any(data.classes > 1)),
        "height": True, "intensity": data.intensity is not None,
    }  # fmt: skip
    return tuple(way for way in WAYS if has[way])


def way_of(layer: Layer, data: CloudData) -> str:
    """Return how a cloud is coloured: as a person chose, else by the first thing that it holds."""
    ways = ways_of(data)
    return layer.style.by if layer.style.by in ways else ways[0]


def colours_of(layer: Layer, data: CloudData) -> Colours:
    """Return the colour of each point, (n, 3) uint8, before relief."""
    way = way_of(layer, data)
    if way == "colour" and data.colours is not None:
        return np.asarray(data.colours)
    if way == "class" and data.classes is not None:
        table = np.tile(np.array(rgba(UNKNOWN_COLOUR)[:3], np.uint8), (256, 1))
        for row in standard("las_classes")["class"]:
            table[row["code"]] = rgba(row["colour"])[:3]
        return np.asarray(table[np.asarray(data.classes)])
    values, low, high, name = _scale(way, data)
    return np.asarray(ramp(name).at((values - low) / max(high - low, 1e-9)))


def entries(layer: Layer, data: CloudData, lang: str) -> list[LegendEntry]:
    """Return the lines of the legend."""
    way = way_of(layer, data)
    if way == "class" and data.classes is not None:
        codes, counts = np.unique(np.asarray(data.classes), return_counts=True)
        known = {row["code"]: row for row in standard("las_classes")["class"]}
        found = []
        for code, count in zip(codes.tolist(), counts.tolist(), strict=True):
            row = known.get(code)
            name = row["en" if lang == "en" else "zh"] if row else word("value.none", lang)
            text = word("legend.cloud.class", lang, name=name, code=code)
            found.append(LegendEntry(text, row["colour"] if row else UNKNOWN_COLOUR, symbol="dot", count=count))
        return found
    if way == "colour":
        return []
    _, low, high, name = _scale(way, data)
    text = word(f"legend.cloud.{way}", lang, low=low, high=high)
    stops = ramp(name).classes(9)
    ends = (class_limit(low, (high - low) / 50), class_limit(high, (high - low) / 50))
    return [LegendEntry(text, stops[4], symbol="ramp", colours=stops, ends=ends)]


def relief(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a factor for the colour of each point, 0.55…1.05: slopes off the sun and depths are darker."""
    low = points[:, :2].min(axis=0)
    extent = np.ptp(points[:, :2], axis=0).astype(np.float64) + 1e-6
    cell_m = max(CELL_M, math.sqrt(float(extent.prod()) / MOST_CELLS))
    at = np.floor((points[:, :2] - low) / cell_m).astype(np.int64)
    columns, rows = (int(v) for v in at.max(axis=0) + 1)
    flat = at[:, 1] * columns + at[:, 0]
    top = np.full(rows * columns, -np.inf, np.float32)
    np.maximum.at(top, flat, points[:, 2])
    surface = top.reshape(rows, columns)
    known = np.isfinite(surface)
    surface = np.where(known, surface, np.float32(points[:, 2].min()))
    light = np.ones_like(surface)
    if rows > 1 and columns > 1:
        north, east = np.gradient(surface, cell_m)
        slope = np.clip((north - east) * 0.35, -1.0, 1.0)  # the sun of the scene stands in the south-west
        light = (1.0 - 0.22 * np.maximum(slope, 0.0) + 0.05 * np.maximum(-slope, 0.0)).astype(np.float32)
    deep = np.clip((surface.ravel()[flat] - points[:, 2]) / 12.0, 0.0, 1.0)
    return np.asarray(np.clip(light.ravel()[flat] * (1.0 - 0.3 * deep), 0.55, 1.05), dtype=np.float32)


def _scale(way: str, data: CloudData) -> tuple[NDArray[np.float64], float, float, str]:
    """Return values, the ends of their ramp (outliers left out) and its name."""
    if way == "intensity" and data.intensity is not None:
        values, name = np.asarray(data.intensity, dtype=np.float64), INTENSITY_RAMP
    else:
        values, name = np.asarray(data.points[:, 2], dtype=np.float64) + float(data.offset[2]), HEIGHT_RAMP
    low, high = (float(v) for v in np.percentile(values[:: max(len(values) // 200_000, 1)], [1, 99]))
    return values, low, high, name


def _local(data: CloudData, context: PrepareContext) -> NDArray[np.float32]:
    world = np.asarray(data.points, dtype=np.float64) + data.offset
    if data.crs and crs_label(data.crs) != crs_label(context.frame.horizontal):
        to = transformer(data.crs, context.frame.horizontal)
        world[:, 0], world[:, 1] = to.transform(world[:, 0], world[:, 1])
    return context.to_local(world)


def _squares(points: NDArray[np.float32]) -> list[NDArray[np.int64]]:
    """Return the rows of each square of the plan, mixed, so that the first few of them stand for all."""
    cell = np.floor(points[:, :2] / CHUNK_M).astype(np.int64)
    cell -= cell.min(axis=0)
    key = cell[:, 0] * (cell[:, 1].max() + 1) + cell[:, 1]
    mixed = np.random.default_rng(1).permutation(len(points))
    order = mixed[np.argsort(key[mixed], kind="stable")]
    return list(np.split(order, np.flatnonzero(np.diff(key[order])) + 1))
