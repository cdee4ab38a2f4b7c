"""Overviews of a large raster that has none, made once and kept in the cache: the file itself is never touched.

What is kept is the raster at a quarter of its resolution with its own overviews, one tiled GeoTIFF. Finer pieces still
come from the file, where a window of a few blocks is cheap.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import uuid
from pathlib import Path

import numpy as np
import rasterio
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import RasterioError
from rasterio.windows import Window

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.raster.windows import damaged, opened, placement

#: One pixel of the kept raster stands for so many a side.
FACTOR = 4
#: Pixels a side of the pieces in which it is made.
PIECE = 1024


def kept_at(root: Path, path: Path, sublayer: str = "") -> Path:
    """Return where the overviews of a file lie or would lie; another content of the file has another place."""
    status = path.stat()
    identity = f"{path.resolve()}\0{sublayer}\0{status.st_size}\0{status.st_mtime_ns}\0{FACTOR}"
    return root / "overviews" / f"{hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()}.tif"


def build(path: Path, out: Path, progress: Progress, sublayer: str = "") -> Path:
    """Make the overviews of a raster, whole or not at all.

    Parameters
    ----------
    path : Path
    out : Path
        As :func:`kept_at` says.
    progress : Progress
        Stepped and asked for a cancel with every piece.
    sublayer : str

    Raises
    ------
    UserError
        ``io.damaged``; ``raster.no_room`` where the cache's disk is full or cannot be written.
    Cancelled
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = out.with_name(f"{out.stem}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with opened(path, sublayer) as source:
            transform, crs, _ = placement(source)
            width, height = math.ceil(source.width / FACTOR), math.ceil(source.height / FACTOR)
            _require_room(out.parent, width * height * source.count * np.dtype(source.dtypes[0]).itemsize // 2)
            profile = {
                "driver": "GTiff", "width": width, "height": height, "count": source.count, "dtype": source.dtypes[0],
                "crs": crs, "transform": transform @ transform.scale(source.width / width, source.height / height),
                "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate", "zlevel": 1,
                "nodata": source.nodata, "BIGTIFF": "IF_SAFER", "SPARSE_OK": "TRUE",
            }  # fmt: skip
            is_class = source.colorinterp[0] == ColorInterp.palette
            masked = source.nodata is None and any(
                "per_dataset" in str(flag).lower() for flag in source.mask_flag_enums[0]
            )
            method = Resampling.nearest if is_class else Resampling.average
            with rasterio.Env(GDAL_TIFF_INTERNAL_MASK="YES"), rasterio.open(temporary, "w", **profile) as target:
                target.colorinterp = source.colorinterp
                target.scales, target.offsets, target.units = source.scales, source.offsets, source.units
                if is_class:
                    target.write_colormap(1, source.colormap(1))
                pieces = [(r, c) for r in range(0, height, PIECE) for c in range(0, width, PIECE)]
                for number, (row, column) in enumerate(pieces):
                    progress.step(0.9 * number / len(pieces), "progress.raster.overviews")
                    w, h = min(PIECE, width - column), min(PIECE, height - row)
                    x, y = column * source.width / width, row * source.height / height
                    window = Window(x, y, w * source.width / width, h * source.height / height)
                    place = Window(column, row, w, h)
                    part = source.read(window=window, out_shape=(source.count, h, w), resampling=method)
                    if part.any() or source.nodata not in (None, 0):
                        target.write(part, window=place)
                    if masked:
                        target.write_mask(source.dataset_mask(window=window, out_shape=(h, w)), window=place)
            progress.step(0.9, "progress.raster.overviews")
            with rasterio.open(temporary, "r+") as target:
                levels = [2**k for k in range(1, 12) if max(width, height) / 2**k > 256]
                if levels:
                    target.build_overviews(levels, method)
        progress.step(0.99)
        temporary.replace(out)
    except (RasterioError, ValueError, MemoryError) as error:
        raise damaged(path, error) from error
    except OSError as error:
        raise UserError("raster.no_room", folder=str(out.parent)) from error
    finally:
        for left in (temporary, temporary.with_name(temporary.name + ".msk")):
            with contextlib.suppress(OSError):
                left.unlink()
    return out


def _require_room(folder: Path, needed: int) -> None:
    import shutil

    if shutil.disk_usage(folder).free < needed + 256 * 1024**2:
        raise UserError("raster.no_room", folder=str(folder))
