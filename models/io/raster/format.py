"""The raster formats, as GDAL reads them."""

from __future__ import annotations

from pathlib import Path

from models.io.common.companion_files import beside
from models.io.common.file_head import require_all_pages
from models.io.format import Format

#: World files and the like by ending of the raster; ``.wld``, ``.prj``, ``.aux.xml``, ``.ovr`` and ``.msk`` go with
#: each.
COMPANIONS: dict[str, tuple[str, ...]] = {
    ".tif": (".tfw", ".tifw"), ".tiff": (".tfw", ".tifw"), ".png": (".pgw", ".pngw"), ".jpg": (".jgw", ".jpgw"),
    ".jpeg": (".jgw", ".jpegw"), ".bmp": (".bpw", ".bmpw"), ".jp2": (".j2w",), ".img": (".ige", ".rrd"), ".asc": (),
    ".dem": (), ".hgt": (),
}  # fmt: skip


def companions(path: Path) -> list[Path]:
    """Return the world file, projection, statistics, overviews and mask beside a raster."""
    own = COMPANIONS.get(path.suffix.lower())
    return [] if own is None else beside(path, (*own, ".wld", ".prj"), (".aux.xml", ".ovr", ".msk"))


def is_raster(head: bytes, path: Path) -> bool:
    """Whether GDAL reads it as a raster."""
    from models.io.raster import probe  # needs sqlite3, which start-up does not

    return probe.is_raster(head, path)


FORMATS = (
    Format(
        "raster",
        (
            ".tif", ".tiff", ".img", ".asc", ".jp2", ".png", ".jpg", ".jpeg", ".bmp", ".vrt", ".hgt", ".nc", ".dem",
            ".mbtiles", ".grd", ".dt0", ".dt1", ".dt2",
        ),
        ("terrain", "image", "surface"),
        "models.io.raster.reader:read",
        is_raster,
        version=2,
        inspect="models.io.raster.inspect:inspect",
        check=require_all_pages,
        companions=companions,
    ),
)  # fmt: skip
