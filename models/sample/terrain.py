"""The ground: a river valley, a slope, a hill, and lakes; smooth where roads run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter
from shapely import Polygon

from models.sample.city import CENTRE, HALF_M, MARGIN_M, Terrain, stream
from models.sample.plan import RIVER_LEVEL_M

CELL_M = 2.0
PEAK_M = 114.0
Array = NDArray[np.float64]


def make_terrain(seed: int, river: Polygon, lakes: list[Polygon], hill: Polygon) -> tuple[Terrain, list[float]]:
    """Return the ground, and the water level of each lake.

    Parameters
    ----------
    river, lakes, hill : Polygon
        Local metres; the hill is the land on which the ground may rise.
    """
    reach = HALF_M + MARGIN_M
    cells = int(2 * reach / CELL_M)
    axis = -reach + CELL_M * (np.arange(cells) + 0.5)
    x, y = np.meshgrid(axis, axis[::-1])
    rng = stream(seed, "terrain")

    wet = _mask(river, cells, reach)
    from_river = distance_transform_edt(~wet) * CELL_M
    into_river = distance_transform_edt(wet) * CELL_M
    ground = 27.6 + 6.0 * (1.0 - np.exp(-from_river / 330.0)) + 0.0022 * (y + 200.0) + 0.0012 * x
    ground += 1.4 * gaussian_noise(rng, x.shape, 70) * np.clip(from_river / 200.0, 0.0, 1.0)
    far = np.clip((np.maximum(np.abs(x), np.abs(y)) - HALF_M - 60.0) / 300.0, 0.0, 1.0)
    ground += far * (3.0 + 9.0 * gaussian_noise(rng, x.shape, 90)) * np.clip(from_river / 260.0, 0.0, 1.0)

    up = np.clip((distance_transform_edt(_mask(hill, cells, reach)) * CELL_M - 34.0) / 390.0, 0.0, 1.0)
    rise = 0.5 - 0.5 * np.cos(np.pi * up)
    crest = np.exp(-(((x + 830) / 430) ** 2) - ((y - 830) / 360) ** 2) + 0.62 * np.exp(
        -(((x + 1240) / 300) ** 2) - ((y - 1080) / 330) ** 2
    )
    ridges = 1.0 + 0.26 * gaussian_noise(rng, x.shape, 42) + 0.10 * gaussian_noise(rng, x.shape, 16)
    hill_m = rise * crest * ridges
    top = np.unravel_index(int(np.argmax(hill_m)), hill_m.shape)
    ground += hill_m * (PEAK_M - ground[top]) / hill_m[top]

    bank = np.clip(from_river / 7.0, 0.0, 1.0)
    water_side = RIVER_LEVEL_M + 0.4
    shaped = np.where(
        wet, RIVER_LEVEL_M - 0.6 - 2.6 * np.clip(into_river / 16.0, 0, 1), water_side + (ground - water_side) * bank
    )
    levels = []
    for lake in lakes:
        inside = _mask(lake, cells, reach)
        if not inside.any():
            levels.append(float("nan"))
            continue
        rim = _mask(lake.buffer(4.0), cells, reach) & ~inside
        level = float(shaped[rim].min()) - 0.5
        depth = np.clip(distance_transform_edt(inside) * CELL_M / 8.0, 0.0, 1.0)
        shaped = np.where(inside, level - 0.4 - 1.4 * depth, shaped)
        levels.append(round(level, 2))
    transform = (CELL_M, 0.0, CENTRE[0] - reach, 0.0, -CELL_M, CENTRE[1] + reach)
    return Terrain(np.round(shaped, 3).astype(np.float32), transform), levels


def gaussian_noise(rng: np.random.Generator, shape: tuple[int, ...], scale_cells: float) -> Array:
    """Return smooth noise, about -1…1, made small and stretched because that is cheap."""
    from scipy.ndimage import zoom

    step = max(int(scale_cells / 4), 1)
    small = rng.standard_normal((shape[0] // step + 3, shape[1] // step + 3))
    smooth = gaussian_filter(small, scale_cells / step, mode="wrap")
    smooth /= max(float(np.abs(smooth).max()), 1e-9)
    return np.asarray(zoom(smooth, step, order=1)[: shape[0], : shape[1]], dtype=np.float64)


def _mask(shape: Polygon, cells: int, reach: float) -> NDArray[np.bool_]:
    from rasterio.features import rasterize
    from rasterio.transform import Affine

    transform = Affine(CELL_M, 0, -reach, 0, -CELL_M, reach)
    return np.asarray(rasterize([(shape, 1)], out_shape=(cells, cells), transform=transform, dtype="uint8"), dtype=bool)
