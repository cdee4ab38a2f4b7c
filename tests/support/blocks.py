"""A row of square blocks and a layer of them, for tests of styles."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from models.layers.layer import Layer, Style, VectorData
from models.style.kinds import Symbology

EAST, NORTH = 500_000.0, 3_400_000.0


def blocks(count: int = 12, **columns: object) -> VectorData:
    """Return squares of 40 m in a row, 60 m apart."""
    x = EAST + 60.0 * np.arange(count)
    geometry = shapely.box(x, NORTH, x + 40.0, NORTH + 40.0)
    frame = gpd.GeoDataFrame(columns or {"value": np.arange(count, dtype=float)}, geometry=geometry, crs="EPSG:4548")
    return VectorData(frame)


def layer_with(symbology: Symbology | None, role: str = "other", **style: object) -> Layer:
    return Layer("blocks", "街块", "vector", role, style=Style(symbology=symbology, **style), name_en="Blocks")  # type: ignore[arg-type]
