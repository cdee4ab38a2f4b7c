"""Whether a file is a raster, told by its first bytes; imports no format library."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from models.store import sqlite_guard

_SQLITE = b"SQLite format 3\x00"
#: First bytes of rasters that say what they are.
MAGIC = (
    b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+",  # TIFF and BigTIFF
    b"EHFA_HEADER_TAG",  # Erdas Imagine
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM",
    b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51",  # JPEG 2000
    b"CDF\x01", b"CDF\x02", b"CDF\x05", b"\x89HDF\r\n\x1a\n",  # netCDF
    b"DSAA", b"DSBB", b"DSRB",  # Surfer grids
    b"UHL1",  # DTED
)  # fmt: skip
#: SRTM tiles have no header: their size tells them.
_HGT_BYTES = (2 * 1201**2, 2 * 3601**2, 2 * 1801 * 3601)
_HGT_NAME = re.compile(r"^[NS]\d{2}[EW]\d{3}", re.IGNORECASE)
_ASC = re.compile(rb"^\s*(ncols|nrows|north:|cellsize|xllc)", re.IGNORECASE)


def is_raster(head: bytes, path: Path) -> bool:
    """Whether content is a raster that :mod:`models.io.raster.reader` reads."""
    suffix = path.suffix.lower()
    if head.startswith(_SQLITE):
        return _holds_tiles(path)
    if head.startswith(b"BM"):
        return suffix == ".bmp"
    if head.startswith((b"\x89HDF\r\n\x1a\n", b"CDF")):
        return suffix in (".nc", ".nc4", ".cdf", ".h5", ".grd")
    if head.startswith(MAGIC):
        return True
    if suffix == ".hgt":
        return path.stat().st_size in _HGT_BYTES and _HGT_NAME.match(path.name) is not None
    if _ASC.match(head[:200]) and b"\x00" not in head[:2000]:
        return len(re.findall(rb"(?im)^\s*(ncols|nrows|cellsize|rows:|cols:)", head[:1000])) >= 2
    if head.lstrip()[:11] == b"<VRTDataset" or b"<VRTDataset" in head[:300]:
        return True
    # A USGS DEM begins with its name and, at byte 144, codes in Fortran's I6.
    return suffix == ".dem" and len(head) > 1024 and re.match(rb"^(\s+\d+){4}", head[144:168]) is not None


def _holds_tiles(path: Path) -> bool:
    """Whether an SQLite file is an MBTiles of pictures, or a GeoPackage with tiles and no features."""
    try:
        with sqlite_guard.reading(path, sqlite_guard.GLANCE_S, as_it_lies=True) as file:
            tables = {str(row[0]) for row in file.execute("SELECT name FROM sqlite_master LIMIT 2000")}
            if {"tiles", "metadata"} <= tables:
                declared = file.execute("SELECT value FROM metadata WHERE name = 'format'").fetchone()
                return str(declared[0] if declared else "png").lower() in ("png", "jpg", "jpeg", "webp")
            if "gpkg_contents" in tables:
                kinds = {str(row[0]) for row in file.execute("SELECT DISTINCT data_type FROM gpkg_contents LIMIT 20")}
                return bool(kinds & {"tiles", "2d-gridded-coverage"}) and "features" not in kinds
    except (sqlite3.Error, OSError, ValueError):
        return False
    return False
