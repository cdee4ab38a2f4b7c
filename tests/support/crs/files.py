"""Small layers and a ground of hills, written to files for the CRS doctor."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio

CRS = "EPSG:4548"
E0, N0 = 502000.0, 4059000.0


def relief(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Hills of some twenty metres, metres."""
    return 60.0 + 12.0 * np.sin((x - E0) / 300.0) + 8.0 * np.cos((y - N0) / 240.0)


def write(path: Path, shapes: np.ndarray, crs: str | None) -> Path:
    gpd.GeoDataFrame({"n": range(len(shapes))}, geometry=list(shapes), crs=crs).to_file(path)
    return path


def dem(path: Path, add_m: float = 0.0) -> Path:
    x, y = np.meshgrid(E0 - 1000 + 10 * (np.arange(200) + 0.5), N0 + 1000 - 10 * (np.arange(200) + 0.5))
    transform = rasterio.transform.from_origin(E0 - 1000, N0 + 1000, 10, 10)
    with rasterio.open(path, "w", driver="GTiff", height=200, width=200, count=1, dtype="float32", crs=CRS,
                       transform=transform, nodata=-9999) as file:  # fmt: skip
        file.write((relief(x, y) + add_m).astype(np.float32), 1)
    return path


def points(path: Path, add_m: float, count: int = 300, **columns: object) -> Path:
    rng = np.random.default_rng(4)
    x, y = rng.uniform(E0 - 800, E0 + 800, count), rng.uniform(N0 - 800, N0 + 800, count)
    z = relief(x, y) + add_m + rng.normal(0, 0.2, count)
    gpd.GeoDataFrame(columns, index=range(count), geometry=gpd.points_from_xy(x, y, z), crs=CRS).to_file(path)
    return path
