"""What a raster file tells of itself without being read: size, bands, cells, CRS, extent."""

from __future__ import annotations

import warnings
from pathlib import Path

from rasterio.errors import NotGeoreferencedWarning, RasterioError

from models.core.errors import Caution, UserError, first_line
from models.io.common.coordinates import crs_text
from models.io.file_info import FileInfo, SubLayer
from models.io.raster.reader import guess_role
from models.io.raster.windows import opened


def inspect(path: Path, info: FileInfo) -> None:
    """Complete what is known of a raster.

    Raises
    ------
    UserError
        ``io.damaged``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with opened(path) as source:
                rows, columns = min(source.height, 64), min(source.width, 64)
                some = source.read(1, out_shape=(rows, columns), masked=True) if source.count else None
                known = None if some is None else some.compressed()
                info.kind = "surface" if known is None else guess_role(source, path.stem, known)
                kinds = source.dtypes or ("",)
                info.schema = f"{'GeoTIFF' if source.driver == 'GTiff' else source.driver} {kinds[0]}".strip()
                crs = crs_text(source.crs)
                bounds = source.bounds
                extent = (float(bounds.left), float(bounds.bottom), float(bounds.right), float(bounds.top))
                info.sublayers.append(
                    SubLayer(path.stem, "", source.width * source.height, [], crs, extent)
                )  # fmt: skip
                info.facts |= {
                    "columns": source.width, "rows": source.height, "bands": source.count,
                    "nodata": source.nodata, "cell": [abs(source.transform.a), abs(source.transform.e)],
                    "overviews": source.overviews(1) if source.count else [],
                }  # fmt: skip
                info.counts = {"bands": source.count}
                if not crs:
                    info.cautions.append(Caution("io.without_crs", file=path.name, layer=path.stem))
    except (RasterioError, OSError) as error:
        raise UserError("io.damaged", file=path.name, reason=first_line(error)) from error
