"""Rasters as terrain, as an image to drape, or as a measured surface, read at a size that a screen can use.

A 30 000 × 30 000 raster is read through its overviews: terrain and surfaces to 4 million cells, an image to 4096 pixels
a side. Where it has none and is too large to be read whole, some of its blocks stand for the others, and a caution says
so. Finer pieces come later from :mod:`models.io.raster.windows`. No data is NaN in heights and values, and transparent
in an image; it is never a height of zero.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import ColorInterp

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.io.common.coordinates import crs_text, settle_crs, stem_of
from models.io.raster.windows import (
    TERRAIN_DRIVERS,
    WHOLE_BYTES,
    colour_table,
    opened,
    picture,
    placement,
    read_window,
    scaled,
    sublayer_of,
)
from models.io.request import Opened, ReadRequest
from models.layers.layer import Layer, RasterData, Source, new_layer_id
from models.roles import raster_kind_named
from models.terrain.raster_display import HEIGHT_UNITS, Display, height_unit, statistics

MAX_TERRAIN_CELLS = 4_000_000
MAX_IMAGE_SIDE = 4096
#: Cells of which the statistics of a band are made.
MAX_STATISTICS_CELLS = 250_000
#: Rasters in one file (variables of a netCDF, tables of a GeoPackage) that become layers unasked.
MAX_SUBLAYERS = 8
#: Written by exporters that forget to declare them.
UNDECLARED_NODATA = (-9999.0, -32768.0, -32767.0, -99999.0)
LOWEST_M, HIGHEST_M = -12_000.0, 9_500.0

_HEIGHT_NAME = re.compile(r"(?<![a-z])(dem|dsm|dtm|dhm|elev\w*|height\w*|altitude|topo\w*|relief)(?![a-z])|高程|地形")
_SURFACE_NAME = re.compile(
    r"(?<![a-z])(ndvi|ndwi|ndbi|evi|savi|lst|temp\w*|t2m|heat\w*|uhi|noise|lden|lnight|pm2?\.?5|pm10|no2|o3|aqi|dens\w*|"
    r"depth|slope|aspect|rain\w*|precip\w*|prob\w*|index)(?![a-z])|植被|热岛|温度|噪声|密度|积水|浓度|坡度|指数"
)


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a raster file; one with several rasters in it gives a layer for each.

    Raises
    ------
    UserError
        ``io.no_crs``, ``io.no_placement`` (no transform at all), ``io.no_values`` (every cell is no data),
        ``io.damaged``, ``io.bad_option``; ``raster.remote``, ``raster.elsewhere`` (a VRT that points to a server, or
        out of its folder).
    """
    path = Path(path)
    progress.step(0.0, "progress.io.reading")
    with opened(path) as source:
        names = [sublayer_of(name) for name in source.subdatasets]
        if source.count:
            return [_read(path, source, request, progress, "")]
    wanted = [name for name in names if not request.sublayers or name in request.sublayers]
    if not wanted:
        raise UserError("io.no_values", file=path.name)
    layers: list[Opened] = []
    refused: UserError | None = None
    for number, name in enumerate(wanted[:MAX_SUBLAYERS]):
        with opened(path, name) as source:
            try:
                layers.append(
                    _read(path, source, request, progress.part(number / len(wanted), (number + 1) / len(wanted)), name)
                )
            except UserError as error:  # latitude bounds among the variables of a grid have no place
                refused = refused or error
    if not layers and refused is not None:
        raise refused
    return layers


def guess_role(source: Any, name: str, values: NDArray[Any]) -> str:
    """Say whether a raster holds heights, a picture, or something measured.

    Parameters
    ----------
    source : rasterio dataset
    name : str
        Of the file, and of the raster in it.
    values : ndarray
        Some of the first band's known values, physical.

    Notes
    -----
    A colour table, bytes, and three bands or more are a picture. One band is terrain where its format, unit or name
    says so, or where nothing speaks against metres; it is a surface where its name, unit or values (-1…1, or beyond any
    height on Earth) say that something else was measured.
    """
    if source.colorinterp[0] == ColorInterp.palette or source.count >= 3:
        return "image"
    if str(source.dtypes[0]) in ("uint8", "int8"):
        return "image"
    if source.count == 2 and source.colorinterp[1] != ColorInterp.alpha:
        return "surface"
    if source.driver in TERRAIN_DRIVERS:
        return "terrain"
    text = f"{name} {source.descriptions[0] or ''}".lower()
    unit = (source.units[0] or "").strip()
    if _SURFACE_NAME.search(text) or (unit and not height_unit(unit)):
        return "surface"
    if _HEIGHT_NAME.search(text) or height_unit(unit):
        return "terrain"
    if not values.size:
        return "terrain"
    low, high = float(values.min()), float(values.max())
    if (low >= -1.0 and high <= 1.0) or low < LOWEST_M or high > HIGHEST_M:
        return "surface"
    return "terrain"


def _read(path: Path, source: Any, request: ReadRequest, progress: Progress, sublayer: str) -> Opened:
    display = Display.of(request.options)
    cautions: list[Caution] = []
    transform, found_crs, points = placement(source)
    if transform.is_identity:
        source.read(1, window=((source.height - 1, source.height), (0, 1)))  # damaged is the truer reason
        raise UserError("io.no_placement", file=path.name)
    if points:
        cautions.append(Caution("io.placed_by_gcps", file=path.name, count=points))
    corners = [transform @ (c, r) for c in (0, source.width) for r in (0, source.height)]
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    crs, found = settle_crs(crs_text(found_crs), request.crs, (min(xs), min(ys), max(xs), max(ys)), path.name)
    cautions += found
    stats, known, sampled = _statistics(source, display)
    name = stem_of(path) + (f" {sublayer}" if sublayer and len(source.name) > len(str(path)) + 2 else "")
    wanted = request.options.get("role") or guess_role(source, name, known)
    role = raster_kind_named(wanted)
    if role is None:
        raise UserError("io.bad_option", option="role", value=wanted)
    progress.step(0.3, "progress.io.reading")
    unit = source.units[0] or ""
    if role == "image":
        values: NDArray[Any] = _image(source, display, stats)
    else:
        values, guessed, whole = _cells(path, source, display, role)
        cautions += guessed
        sampled = sampled or not whole
    if role == "terrain":
        unit = display.height_unit or height_unit(unit) or ""
        if unit in ("ft", "us-ft"):
            cautions.append(Caution("raster.feet", file=path.name, unit=unit))
    rows, columns = values.shape[:2]
    if sampled:
        cautions.append(Caution("raster.sampled", file=path.name, of=f"{source.height} × {source.width}"))
    elif (rows, columns) != (source.height, source.width):
        cautions.append(
            Caution("io.decimated", file=path.name, rows=rows, columns=columns, of=f"{source.height} × {source.width}")
        )
    progress.step(0.9, "progress.io.reading")
    layer = Layer(
        id=new_layer_id(name),
        name=name,
        kind=role,
        role=role,
        source=Source(path=str(path), sublayer=sublayer, reader="raster", crs=crs, options=dict(request.options)),
    )
    at = transform @ transform.scale(source.width / columns, source.height / rows)
    a, b, c, d, e, f = (float(value) for value in tuple(at)[:6])
    info = {
        "shape": [source.height, source.width], "bands": source.count, "dtype": str(source.dtypes[0]), "stats": stats,
        "unit": unit, "overviews": list(source.overviews(1)), "sampled": sampled, "driver": source.driver,
        "display": display.as_text() if role == "image" else "",
        "names": [text or "" for text in source.descriptions], "role": role,
        "palette": colour_table(source) is not None, "read_as": list(display.as_read),
        "band": (display.bands or (1,))[0],
    }  # fmt: skip
    return Opened(layer, RasterData(values, (a, b, c, d, e, f), crs, cautions, info))


def _window(source: Any) -> tuple[float, float, float, float]:
    return 0.0, 0.0, float(source.width), float(source.height)


def _shape(source: Any, shrink: float) -> tuple[int, int]:
    shrink = max(1.0, shrink)
    return max(1, int(source.height / shrink)), max(1, int(source.width / shrink))


def _statistics(source: Any, display: Display) -> tuple[list[dict[str, float]], NDArray[np.float64], bool]:
    """Return the statistics of every band, known values of the first, and whether only some blocks were looked at."""
    shape = _shape(source, math.sqrt(source.width * source.height / MAX_STATISTICS_CELLS))
    numbers = tuple(range(1, source.count + 1))
    together = len(set(source.dtypes)) == 1 and source.count <= 16
    stats, first, whole = [], np.zeros(0), True
    for bands in (numbers,) if together else tuple((band,) for band in numbers):
        # Exact values, so not averaged.
        raw, is_whole = read_window(source, bands, _window(source), shape, classes=True, budget=WHOLE_BYTES)
        whole = whole and is_whole
        values = scaled(raw, source, bands)
        for row, band in enumerate(bands):
            plain = np.ma.getdata(values)[row]
            valid = ~np.ma.getmaskarray(values)[row]
            if display.no_data is not None:
                valid &= plain != display.no_data
            if values.dtype.kind != "u":
                valid &= ~np.isin(np.ma.getdata(raw)[row], UNDECLARED_NODATA)
            stats.append(statistics(plain, valid))
            if band == 1:
                first = plain[valid & np.isfinite(plain)].astype(np.float64)
    return stats, first, not whole


def _cells(path: Path, source: Any, display: Display, role: str) -> tuple[NDArray[np.float32], list[Caution], bool]:
    """Return heights in metres, or a surface's values, NaN where there are none."""
    band = display.bands[0] if display.bands and 1 <= display.bands[0] <= source.count else 1
    shape = _shape(source, math.sqrt(source.width * source.height / MAX_TERRAIN_CELLS))
    masked, whole = read_window(source, (band,), _window(source), shape)
    raw = np.ma.filled(masked[0].astype(np.float64), np.nan)
    physical = scaled(masked, source, (band,))[0]
    values = np.ma.filled(physical.astype(np.float64), np.nan)
    if display.no_data is not None:
        values[values == display.no_data] = np.nan
    undeclared = np.isin(raw, UNDECLARED_NODATA) | (~np.isfinite(raw) & ~np.ma.getmaskarray(masked)[0])
    if role == "terrain":
        unit = display.height_unit or height_unit(source.units[0] or "")
        values *= HEIGHT_UNITS.get(unit, 1.0)
        undeclared |= (values < LOWEST_M) | (values > HIGHEST_M)
    else:
        undeclared &= source.nodata is None
    cautions: list[Caution] = []
    if undeclared.any():
        values[undeclared] = np.nan
        cautions.append(Caution("io.nodata_guessed", file=path.name, count=int(undeclared.sum())))
    if not np.isfinite(values).any():
        raise UserError("io.no_values", file=path.name)
    return values.astype(np.float32), cautions, whole


def _image(source: Any, display: Display, stats: list[dict[str, float]]) -> NDArray[np.uint8]:
    shape = _shape(source, max(source.width, source.height) / MAX_IMAGE_SIDE)
    rgba = picture(source, _window(source), shape, display, "image", stats)
    return rgba if (rgba[..., 3] < 255).any() else np.ascontiguousarray(rgba[..., :3])


def recoloured(layer: Layer, data: RasterData) -> RasterData:
    """Return an image coloured as its layer says now, where its data was coloured otherwise when it was read."""
    display = Display.of(layer.source.options)
    if layer.kind != "image" or not layer.source.path or display.as_text() == data.info.get("display", ""):
        return data
    with opened(Path(layer.source.path), layer.source.sublayer) as source:
        values = _image(source, display, [dict(one) for one in data.info["stats"]])
    return replace(data, values=values, info={**data.info, "display": display.as_text()})
