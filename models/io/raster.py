"""Rasters as terrain or as an image to drape, read at a size that a screen can use.

A 30 000 × 30 000 raster is read through its overviews: terrain to 4 million cells, an image to 4096 pixels a side.
No data is NaN in terrain and transparent in an image; it is never a height of zero.
"""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.transform import from_gcps

from models.errors import Caution, UserError
from models.io.coordinates import crs_text, settle_crs, stem_of
from models.io.request import Opened, ReadRequest
from models.layers import Layer, RasterData, Source, new_layer_id
from models.progress import Progress

MAX_TERRAIN_CELLS = 4_000_000
MAX_IMAGE_SIDE = 4096
#: Written by exporters that forget to declare them.
UNDECLARED_NODATA = (-9999.0, -32768.0, -32767.0, -99999.0)
LOWEST_M, HIGHEST_M = -12_000.0, 9_500.0


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a GeoTIFF.

    Raises
    ------
    UserError
        ``io.no_crs``, ``io.no_placement`` (no transform at all), ``io.no_values`` (every cell is no data),
        ``io.damaged``, ``io.bad_option``.
    """
    path = Path(path)
    progress.step(0.0, "progress.io.reading")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path) as source:
                return [_read(path, source, request, progress)]
    except (RasterioError, OSError, MemoryError, ValueError) as error:
        said = str(error.__cause__ or error)
        text = said.splitlines()[0] if said else type(error).__name__
        raise UserError("io.damaged", file=path.name, reason=text.replace(str(path), path.name)[:200]) from error


def looks_like_terrain(source: Any) -> bool:
    """Whether a dataset holds heights: one band of signed or real numbers and no colour table."""
    if source.count != 1 or source.colorinterp[0] == ColorInterp.palette:
        return False
    return str(source.dtypes[0]) in ("float32", "float64", "int16", "int32", "uint16")


def _read(path: Path, source: Any, request: ReadRequest, progress: Progress) -> Opened:
    role = request.options.get("role") or ("terrain" if looks_like_terrain(source) else "image")
    if role not in ("terrain", "image"):
        raise UserError("io.bad_option", option="role", value=role)
    cautions: list[Caution] = []
    transform, said = source.transform, crs_text(source.crs)
    if transform.is_identity:
        points, points_crs = source.gcps
        if len(points) < 3:
            source.read(1, window=((source.height - 1, source.height), (0, 1)))  # damaged is the truer reason
            raise UserError("io.no_placement", file=path.name)
        transform, said = from_gcps(points), crs_text(points_crs)
        cautions.append(Caution("io.placed_by_gcps", file=path.name, count=len(points)))
    corners = [transform @ (c, r) for c in (0, source.width) for r in (0, source.height)]
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    crs, found = settle_crs(said, request.crs, (min(xs), min(ys), max(xs), max(ys)), path.name)
    cautions += found
    values: NDArray[Any] = _terrain(path, source, cautions) if role == "terrain" else _image(source)
    rows, columns = values.shape[:2]
    if (rows, columns) != (source.height, source.width):
        cautions.append(
            Caution("io.decimated", file=path.name, rows=rows, columns=columns, of=f"{source.height} × {source.width}")
        )
    progress.step(0.9, "progress.io.reading")
    scaled = transform @ transform.scale(source.width / columns, source.height / rows)
    name = stem_of(path)
    layer = Layer(
        id=new_layer_id(name),
        name=name,
        kind=role,
        role=role,
        source=Source(path=str(path), reader="raster", crs=crs, options=dict(request.options)),
    )
    a, b, c, d, e, f = (float(value) for value in tuple(scaled)[:6])
    return Opened(layer, RasterData(values, (a, b, c, d, e, f), crs, cautions))


def _terrain(path: Path, source: Any, cautions: list[Caution]) -> NDArray[np.float32]:
    shrink = max(1.0, math.sqrt(source.width * source.height / MAX_TERRAIN_CELLS))
    shape = (max(1, int(source.height / shrink)), max(1, int(source.width / shrink)))
    method = Resampling.average if shrink > 1 else Resampling.nearest
    masked = source.read(1, out_shape=shape, masked=True, resampling=method)
    values = np.asarray(masked.astype(np.float32).filled(np.nan), dtype=np.float32)
    values = values * np.float32(source.scales[0]) + np.float32(source.offsets[0])
    undeclared = np.isin(values, UNDECLARED_NODATA) | ~np.isfinite(values) & ~np.ma.getmaskarray(masked)
    undeclared |= (values < LOWEST_M) | (values > HIGHEST_M)
    if undeclared.any():
        values[undeclared] = np.nan
        cautions.append(Caution("io.nodata_guessed", file=path.name, count=int(undeclared.sum())))
    if not np.isfinite(values).any():
        raise UserError("io.no_values", file=path.name)
    return values


def _image(source: Any) -> NDArray[np.uint8]:
    shrink = max(1.0, max(source.width, source.height) / MAX_IMAGE_SIDE)
    shape = (max(1, int(source.height / shrink)), max(1, int(source.width / shrink)))
    interp = source.colorinterp
    mask = source.dataset_mask(out_shape=shape)
    if interp[0] == ColorInterp.palette and source.count <= 2:
        table = np.zeros((256, 4), dtype=np.uint8)
        for value, colour in source.colormap(1).items():
            if 0 <= value < 256:
                table[value] = colour
        # Classes must not be averaged: half way between road and water is not a park.
        rgba = table[np.clip(source.read(1, out_shape=shape, resampling=Resampling.nearest), 0, 255)]
        rgba[mask == 0, 3] = 0
        return np.ascontiguousarray(rgba if (rgba[..., 3] < 255).any() else rgba[..., :3])
    wanted = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
    if all(colour in interp for colour in wanted):
        bands = [interp.index(colour) + 1 for colour in wanted]
    else:
        bands = [1, 2, 3] if source.count >= 3 else [1, 1, 1]
    method = Resampling.average if shrink > 1 else Resampling.nearest
    channels = {band: source.read(band, out_shape=shape, resampling=method) for band in dict.fromkeys(bands)}
    valid = mask > 0
    rgb = np.stack([_to_byte(channels[band], valid) for band in bands], axis=-1)
    return rgb if valid.all() else np.ascontiguousarray(np.dstack([rgb, mask]))


def _to_byte(values: NDArray[Any], valid: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Bytes stay; other numbers are stretched between their 2nd and 98th percentile."""
    if values.dtype == np.uint8:
        return values
    real = values.astype(np.float32)
    known = real[valid & np.isfinite(real)]
    if not len(known):
        return np.zeros(values.shape, dtype=np.uint8)
    low, high = np.percentile(known, (2, 98))
    stretched = (real - low) / (high - low if high > low else 1.0) * 255.0
    return np.asarray(np.clip(np.nan_to_num(stretched), 0, 255), dtype=np.uint8)
