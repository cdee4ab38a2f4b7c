"""A heat map: how densely the objects of a layer lie, and its picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.layers.layer import Layer, VectorData
from models.style.classify import numbers_of
from models.style.density import HeatGrid, good_size_m, heat
from models.style.kinds import Density, Symbology
from models.style.ramps import ramp
from viewers.render.palette.context import PrepareContext
from viewers.render.symbology.style_colours import places_of


def heat_grid(layer: Layer, data: VectorData, context: PrepareContext) -> HeatGrid:
    """Return how densely a layer's objects lie, per square kilometre, in local coordinates."""
    symbology = layer.style.symbology or Symbology(kind="heat")
    density = symbology.density or Density()
    xy, index = places_of(data, context.frame)
    weights = None
    if density.field:
        table = data.attributes
        weights = numbers_of(table, density.field)[table.index.get_indexer(index)]
    return heat(xy, density.size_m or good_size_m(xy, 14.0), weights)


def heat_image(grid: HeatGrid, symbology: Symbology, opacity: float = 1.0) -> tuple[NDArray[np.uint8], float, float]:
    """Return a heat map as a picture (h, w, 4), top row first, and the ends of its ramp; nothing is seen through."""
    high = symbology.high if symbology.high is not None else float(grid.values.max())
    low = symbology.low or 0.0
    share = np.clip((grid.values - low) / max(high - low, 1e-12), 0.0, 1.0)
    table = ramp(symbology.ramp).at(np.linspace(0, 1, 256), reverse=symbology.reverse)
    picture = np.empty((*share.shape, 4), dtype=np.uint8)
    picture[..., :3] = table[np.round(share * 255).astype(np.int64)]
    # Thin at the rim, soon full: what is felt at all is seen, and fades without an edge.
    picture[..., 3] = np.round(255 * opacity * 0.92 * np.clip(share / 0.3, 0.0, 1.0)).astype(np.uint8)
    return picture[::-1], low, high
