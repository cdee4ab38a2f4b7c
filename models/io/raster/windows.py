"""Pieces of a raster file at the size that is wanted, without ever reading more of it than that takes.

Invariants
----------
1. A read costs at most :data:`WHOLE_BYTES` of decoded blocks. Where overviews (the file's own, or those that
   :mod:`models.io.raster.overviews` made in the cache) bring a piece below that, it is read in full; else some blocks
   of it are, evenly spread, and each stands for its surroundings. A 20 GB image therefore opens in the time of a small
   one.
2. No data comes back as no data (mask, alpha band, declared value, NaN), whatever the resampling.
3. Values come back with the file's scale and offset applied; heights in metres.
"""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio._path import _UnparsedPath
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader
from rasterio.transform import from_gcps
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window

from models.core.errors import UserError
from models.crs.frame import transformer
from models.io.raster import references
from models.layers.layer import Layer, RasterData
from models.terrain.pyramid import Array, Bounds
from models.terrain.raster_display import Display, colourise, limits, ramp_colours, ramp_of

#: What GDAL may open a file as: rasters only, and nothing that goes to a network by itself.
DRIVERS = (
    "GTiff", "COG", "HFA", "AAIGrid", "GRASSASCIIGrid", "JP2OpenJPEG", "PNG", "JPEG", "BMP", "WEBP", "VRT", "SRTMHGT",
    "USGSDEM", "DTED", "netCDF", "MBTiles", "GPKG", "EHdr", "ENVI", "GSAG", "GSBG", "GS7BG", "XYZ",
)  # fmt: skip

#: Decoded bytes that one read may cost, and how many are looked at where that does not suffice.
WHOLE_BYTES = 192 * 1024**2
TILE_BYTES = 64 * 1024**2
SAMPLE_BYTES = 12 * 1024**2
SAMPLE_LEAST = 16
#: More bands, or larger blocks (in which GDAL unpacks a file, all of one at once), are refused.
MOST_BANDS = 4096
MOST_BLOCK_BYTES = 256 * 1024**2
#: Drivers of texts: a number takes two bytes at the least.
TEXT_DRIVERS = ("AAIGrid", "GRASSASCIIGrid", "GSAG", "XYZ")
#: Drivers whose heights are metres and whose single band is terrain by definition.
TERRAIN_DRIVERS = ("SRTMHGT", "USGSDEM", "DTED")


@dataclass(slots=True)
class Meter:
    """What reading has cost so far: blocks asked for, and their decoded bytes."""

    blocks: int = 0
    bytes: int = 0


METER = Meter()


@contextmanager
def opened(path: Path, sublayer: str = "") -> Iterator[Any]:
    """Open a raster file, or one of several rasters in it, and close it.

    Raises
    ------
    UserError
        ``io.damaged`` for whatever GDAL cannot read, also half way; ``io.truncated`` for a text with too few numbers;
        ``raster.too_many_bands``, ``raster.huge_blocks``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with _open(_name(path, sublayer)) as source:
                _require_bounded(source, path)
                yield source
    except (RasterioError, OSError, MemoryError, ValueError) as error:
        raise damaged(path, error) from error


def _require_bounded(source: Any, path: Path) -> None:
    """Refuse what a few bytes can claim and nobody can read: it would be counted and unpacked for minutes."""
    if source.count > MOST_BANDS:
        raise UserError("raster.too_many_bands", file=path.name, count=source.count, limit=MOST_BANDS)
    if not source.count:
        return
    block = max(
        rows * columns * np.dtype(kind).itemsize
        for (rows, columns), kind in zip(source.block_shapes, source.dtypes, strict=True)
    )
    if block > MOST_BLOCK_BYTES:
        mb, limit_mb = block // 1024**2, MOST_BLOCK_BYTES // 1024**2
        raise UserError("raster.huge_blocks", file=path.name, mb=mb, limit_mb=limit_mb)
    if source.driver in TEXT_DRIVERS and source.width * source.height * 2 - 1 > path.stat().st_size:
        raise UserError("io.truncated", file=path.name)


def damaged(path: Path, error: BaseException) -> UserError:
    """Return ``io.damaged`` with the first line of GDAL's message, without the folder."""
    message = str(error.__cause__ or error)
    text = message.splitlines()[0] if message else type(error).__name__
    return UserError("io.damaged", file=path.name, reason=text.replace(str(path), path.name)[:200])


def _open(name: str) -> Any:
    """Open by GDAL's name, as one of :data:`DRIVERS` only; ``rasterio.open`` takes a single driver, its reader many.

    Overviews that metadata name by their file are ignored: it may be any file, or a server.
    """
    with rasterio.Env():  # registers the drivers, also on a thread of its own
        source = DatasetReader(_UnparsedPath(name), driver=list(DRIVERS))
        if not references.names_overviews(source):
            return source
        source.close()
        return DatasetReader(_UnparsedPath(name), driver=list(DRIVERS), OVERVIEW_LEVEL="NONE")


def _name(path: Path, sublayer: str) -> str:
    """Return GDAL's name of a raster that reads nothing but its own."""
    references.require_own(path)
    if not sublayer:
        return str(path)
    with _open(str(path)) as whole:
        for name in whole.subdatasets:
            if sublayer_of(name) == sublayer:
                return str(name)
    raise UserError("io.no_sublayer", file=path.name, name=sublayer)


def sublayer_of(name: str) -> str:
    """Return the last part of GDAL's name of one raster among several (``NETCDF:"a.nc":t2m`` → ``t2m``)."""
    return name.rsplit(":", 1)[-1].strip('"')


def placement(source: Any) -> tuple[Any, Any, int]:
    """Return affine transform, CRS and the number of control points it comes from (0: the file's own transform)."""
    if not source.transform.is_identity:
        return source.transform, source.crs, 0
    points, crs = source.gcps
    if len(points) < 3:
        return source.transform, source.crs, 0
    return from_gcps(points), crs, len(points)


def colour_bands(source: Any, display: Display) -> tuple[int, ...]:
    """Return the bands that are shown, from 1: one or three."""
    wanted = tuple(band for band in display.bands if 1 <= band <= source.count)
    if len(wanted) in (1, 3):
        return wanted
    interp = source.colorinterp
    colours = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
    if all(colour in interp for colour in colours):
        return tuple(interp.index(colour) + 1 for colour in colours)
    return (1, 2, 3) if source.count >= 3 else (1,)


def alpha_band(source: Any) -> int:
    """Return the alpha band from 1, 0 without one."""
    return source.colorinterp.index(ColorInterp.alpha) + 1 if ColorInterp.alpha in source.colorinterp else 0


def read_window(
    source: Any,
    bands: Sequence[int],
    window: tuple[float, float, float, float],
    shape: tuple[int, int],
    *,
    classes: bool = False,
    budget: int = WHOLE_BYTES,
) -> tuple[np.ma.MaskedArray[Any, Any], bool]:
    """Read a piece in a given size.

    Parameters
    ----------
    source : rasterio dataset
    bands : sequence of int
    window : (column, row, width, height)
        Pixels of the full raster, inside it; may be fractions.
    shape : (rows, columns)
    classes : bool
        Values are classes, which must not be averaged: half way between road and water is no park.
    budget : int
        Decoded bytes that may be spent.

    Returns
    -------
    values : masked array (bands, rows, columns)
    whole : bool
        False where only some blocks of the piece were looked at.
    """
    column, row, width, height = window
    factor = max(min(width / shape[1], height / shape[0]), 1.0)
    overview = max((o for o in source.overviews(bands[0]) if o <= factor * 1.0001), default=1)
    cell = sum(np.dtype(source.dtypes[band - 1]).itemsize for band in bands)
    cost = width * height * cell / overview**2
    method = Resampling.nearest if classes or factor <= 1.0 else Resampling.average
    if cost <= budget:
        METER.blocks += math.ceil(cost / max(_block_bytes(source, bands), 1))
        METER.bytes += int(cost)
        part = source.read(
            list(bands), window=Window(column, row, width, height), out_shape=(len(bands), *shape), masked=True,
            resampling=method,
        )  # fmt: skip
        return part, True
    return _sampled(source, bands, window, shape, classes), False


def _block_bytes(source: Any, bands: Sequence[int]) -> int:
    rows, columns = source.block_shapes[bands[0] - 1]
    return int(rows * columns * sum(np.dtype(source.dtypes[band - 1]).itemsize for band in bands))


def _sampled(
    source: Any, bands: Sequence[int], window: tuple[float, float, float, float], shape: tuple[int, int], classes: bool
) -> np.ma.MaskedArray[Any, Any]:
    """Look at some blocks only; each stands for the square of blocks in whose middle it lies."""
    column, row, width, height = window
    tall, wide = source.block_shapes[bands[0] - 1]
    first = (int(row // tall), int(column // wide))
    last = (math.ceil((row + height) / tall), math.ceil((column + width) / wide))
    rows, columns = last[0] - first[0], last[1] - first[1]
    most = max(SAMPLE_BYTES // max(_block_bytes(source, bands), 1), SAMPLE_LEAST)
    step = 1
    while math.ceil(rows / step) * math.ceil(columns / step) > most:
        step += 1
    # A strip is as wide as the raster: what stands for more blocks than itself is one value, the other way all is kept.
    cells = (math.ceil(rows / step), math.ceil(columns / step))
    each = (
        1 if step > 1 and rows > 1 else max(1, math.ceil(shape[0] / max(cells[0], 1))),
        1 if step > 1 and columns > 1 else max(1, math.ceil(shape[1] / max(cells[1], 1))),
    )
    size = (len(bands), cells[0] * each[0], cells[1] * each[1])
    result: Any = np.ma.array(np.zeros(size, dtype=source.dtypes[bands[0] - 1]), mask=np.ones(size, dtype=bool))
    method = Resampling.nearest if classes else Resampling.average
    for i in range(cells[0]):
        for j in range(cells[1]):
            top = min(first[0] + i * step + step // 2, last[0] - 1) * tall
            left = min(first[1] + j * step + step // 2, last[1] - 1) * wide
            piece = Window(left, top, min(wide, source.width - left), min(tall, source.height - top))
            part = source.read(list(bands), window=piece, out_shape=(len(bands), *each), masked=True, resampling=method)
            result[:, i * each[0] : (i + 1) * each[0], j * each[1] : (j + 1) * each[1]] = part
            METER.blocks += 1
            METER.bytes += _block_bytes(source, bands)
    at_row = np.minimum(np.arange(shape[0]) * result.shape[1] // shape[0], result.shape[1] - 1)
    at_column = np.minimum(np.arange(shape[1]) * result.shape[2] // shape[1], result.shape[2] - 1)
    spread: np.ma.MaskedArray[Any, Any] = result[:, at_row[:, None], at_column[None, :]]
    return spread


def scaled(values: np.ma.MaskedArray[Any, Any], source: Any, bands: Sequence[int]) -> np.ma.MaskedArray[Any, Any]:
    """Return physical values, where the file declares a scale or an offset."""
    scale = np.array([source.scales[band - 1] for band in bands])
    offset = np.array([source.offsets[band - 1] for band in bands])
    if (scale == 1.0).all() and (offset == 0.0).all():
        return values
    physical: np.ma.MaskedArray[Any, Any] = values.astype(np.float64) * scale[:, None, None] + offset[:, None, None]
    return physical


def colour_table(source: Any) -> NDArray[np.uint8] | None:
    """Return the colours (n, 4) of the first band's values, None for a raster without a colour table."""
    if source.colorinterp[0] != ColorInterp.palette or source.count > 2:
        return None
    known = source.colormap(1)
    table = np.zeros((max(known) + 1, 4), dtype=np.uint8)
    for value, colour in known.items():
        table[value] = colour
    return table


def picture(
    source: Any,
    window: tuple[float, float, float, float],
    shape: tuple[int, int],
    display: Display,
    kind: str,
    stats: Sequence[dict[str, float]],
    budget: int = WHOLE_BYTES,
) -> NDArray[np.uint8]:
    """Return a piece as colours, (rows, columns, 4) uint8, no data transparent.

    Parameters
    ----------
    stats : sequence of mapping
        Of every band of the file, see :func:`models.terrain.raster_display.statistics`.
    """
    table = colour_table(source)
    if table is not None and kind == "image" and not display.ramp:
        values, _ = read_window(source, (1,), window, shape, classes=True, budget=budget)
        number = np.ma.getdata(values)[0].astype(np.int64)
        rgba: NDArray[np.uint8] = table[np.clip(number, 0, len(table) - 1)]
        rgba[np.ma.getmaskarray(values)[0] | (number >= len(table)) | (number < 0), 3] = 0
        return rgba
    bands = colour_bands(source, display) if kind == "image" else colour_bands(source, display)[:1]
    alpha_at = alpha_band(source)
    asked = (*bands, alpha_at) if alpha_at and alpha_at not in bands else bands
    values, _ = read_window(source, asked, window, shape, budget=budget)
    valid = ~np.ma.getmaskarray(values)[: len(bands)].all(axis=0)
    alpha = np.where(valid, 255, 0).astype(np.uint8)
    if len(asked) > len(bands) and source.dtypes[alpha_at - 1] == "uint8":
        alpha = np.minimum(alpha, np.ma.getdata(values)[-1].astype(np.uint8))
    physical = scaled(values[: len(bands)], source, bands)
    pixels = np.ma.getdata(physical)
    if display.no_data is not None:
        alpha[(pixels == display.no_data).all(axis=0)] = 0
    is_byte = all(source.dtypes[band - 1] == "uint8" for band in bands) and kind == "image"
    ranges = [limits(display, stats[band - 1], is_byte) for band in bands]
    ramp = ramp_colours(ramp_of(display, kind), display.reverse) if len(bands) == 1 else None
    if kind == "image" and not display.ramp:
        ramp = None
    return colourise(np.asarray(pixels), alpha, ranges, ramp)


class RasterPyramid:
    """A raster file, with the overviews made for it, as a :class:`models.terrain.pyramid.Pyramid`.

    A raster that is turned, or placed by control points, is straightened on the way by GDAL's warper.

    Parameters
    ----------
    path : Path
    crs : str
        In which it stands, as the layer says.
    kind : {"image", "surface", "terrain"}
    display : Display
    info : mapping
        Of its :class:`~models.layers.layer.RasterData`.
    sublayer : str
    """

    def __init__(
        self, path: Path, crs: str, kind: str, display: Display, info: Any, sublayer: str = "",
    ) -> None:  # fmt: skip
        self._path, self._sublayer, self._crs = Path(path), sublayer, crs
        self._kind, self._display, self._info = kind, display, info
        self._lock = threading.Lock()
        self._open: Any = None
        self._reduced: tuple[Any, float] | None = None
        self._closers: list[Any] = []
        with self._lock:
            source = self._source()
            xmin, ymax = source.transform.c, source.transform.f
            self.bounds: Bounds = (
                xmin, ymax + source.height * source.transform.e, xmin + source.width * source.transform.a, ymax,
            )  # fmt: skip
            self.finest = float(source.transform.a)

    def locate(self, crs: str, x: Array, y: Array) -> tuple[Array, Array]:
        """Return coordinates of the raster's CRS."""
        if crs == self._crs:
            return x, y
        east, north = transformer(crs, self._crs).transform(x, y)
        return east, north

    def read(self, bounds: Bounds, size_px: tuple[int, int]) -> NDArray[Any] | None:
        """Return a piece, see :meth:`models.terrain.pyramid.Pyramid.read`."""
        width_px, height_px = size_px
        heights = self._kind == "terrain"
        result: NDArray[Any] = (
            np.full((height_px, width_px), np.nan, np.float32) if heights
            else np.zeros((height_px, width_px, 4), np.uint8)
        )  # fmt: skip
        low_x, high_x = max(bounds[0], self.bounds[0]), min(bounds[2], self.bounds[2])
        low_y, high_y = max(bounds[1], self.bounds[1]), min(bounds[3], self.bounds[3])
        if low_x >= high_x or low_y >= high_y:
            return result
        step_x, step_y = (bounds[2] - bounds[0]) / width_px, (bounds[3] - bounds[1]) / height_px
        left, right = round((low_x - bounds[0]) / step_x), round((high_x - bounds[0]) / step_x)
        top, bottom = round((bounds[3] - high_y) / step_y), round((bounds[3] - low_y) / step_y)
        right, bottom = max(right, left + 1), max(bottom, top + 1)
        shape = (min(bottom, height_px) - top, min(right, width_px) - left)
        if min(shape) < 1:
            return result
        try:
            with self._lock:
                source = self._source_for(step_x)
                a, e, c, f = source.transform.a, source.transform.e, source.transform.c, source.transform.f
                window = (
                    max((low_x - c) / a, 0.0), max((high_y - f) / e, 0.0), (high_x - low_x) / a, (low_y - high_y) / e,
                )  # fmt: skip
                window = (
                    window[0], window[1], min(window[2], source.width - window[0]),
                    min(window[3], source.height - window[1]),
                )  # fmt: skip
                if heights:
                    part: NDArray[Any] = terrain_heights(source, window, shape, self._display, TILE_BYTES)
                else:
                    part = picture(
                        source, window, shape, self._display, self._kind, self._info["stats"], TILE_BYTES
                    )  # fmt: skip
        except (RasterioError, OSError, ValueError, MemoryError) as error:
            raise damaged(self._path, error) from error
        result[top : top + shape[0], left : left + shape[1]] = part
        return result

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            for one in reversed(self._closers):
                one.close()
            self._closers, self._open, self._reduced = [], None, None

    def _source(self) -> Any:
        if self._open is None:
            self._open = self._straight(_name(self._path, self._sublayer))
        return self._open

    def _source_for(self, step: float) -> Any:
        """Return the file, or its overviews in the cache where pixels of ``step`` are coarser than those."""
        source = self._source()
        reduced = self._info.get("reduced")
        if not reduced or not Path(reduced).exists():
            return source
        if self._reduced is None:
            small = self._straight(str(reduced))
            self._reduced = (small, abs(small.transform.a))
        return self._reduced[0] if step >= self._reduced[1] * 0.999 else source

    def _straight(self, name: str) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            source = _open(name)
        self._closers.append(source)
        transform, _, _ = placement(source)
        crs = rasterio.crs.CRS.from_user_input(self._crs)
        a, b, _, d, e, _ = tuple(transform)[:6]
        if transform == source.transform and b == 0 and d == 0 and a > 0 and e < 0:
            return source
        straight = WarpedVRT(
            source, src_crs=crs, crs=crs, src_transform=transform, resampling=Resampling.bilinear,
            add_alpha=source.nodata is None and not alpha_band(source) and self._kind == "image",
            **({"nodata": math.nan} if self._kind != "image" and source.nodata is None else {}),
        )  # fmt: skip
        self._closers.append(straight)
        return straight


def terrain_heights(
    source: Any, window: tuple[float, float, float, float], shape: tuple[int, int], display: Display, budget: int
) -> NDArray[np.float32]:
    """Return heights in metres, NaN where there are none."""
    from models.terrain.raster_display import HEIGHT_UNITS, height_unit

    values, _ = read_window(source, (1,), window, shape, budget=budget)
    physical = scaled(values, source, (1,))[0]
    heights = np.ma.filled(physical.astype(np.float64), np.nan)
    if display.no_data is not None:
        heights[heights == display.no_data] = np.nan
    unit = display.height_unit or height_unit(source.units[0] or "")
    return (heights * HEIGHT_UNITS.get(unit, 1.0)).astype(np.float32)


def open_pyramid(layer: Layer, data: RasterData) -> RasterPyramid:
    """Return the pyramid of a layer that was read from a file."""
    return RasterPyramid(
        Path(layer.source.path), data.crs, layer.kind, Display.of(layer.source.options), data.info,
        layer.source.sublayer,
    )  # fmt: skip
