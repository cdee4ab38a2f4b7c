"""How many tables a file of features holds, told in milliseconds by what stands in it, without a format library.

A file with one table opens at once; of one with several a person is asked which.
"""

from __future__ import annotations

import contextlib
import re
import zipfile
from pathlib import Path

_HEAD_BYTES = 4_000_000
#: More than one, where only reading would tell how many.
SEVERAL = 2
_OWN_TABLES = ("layer_styles", "qgis_projects", "chengjing_", "gpkg_", "sqlite_", "rtree_", "idx_", "spatial_ref_sys")


def in_features(path: Path) -> int:
    """Count the tables of a file that GDAL reads."""
    suffix = path.suffix.lower()
    if suffix in (".gdb", ".dxf", ".kmz"):
        return SEVERAL
    if suffix in (".gpkg", ".sqlite", ".db"):
        return _in_database(path)
    if suffix in (".kml", ".gml", ".xml"):
        return _in_xml(path)
    return 1


def in_workbook(path: Path) -> int:
    """Count the sheets of a workbook."""
    with contextlib.suppress(zipfile.BadZipFile, OSError, KeyError, ValueError), zipfile.ZipFile(path) as archive:
        name = "content.xml" if path.suffix.lower() == ".ods" else "xl/workbook.xml"
        with archive.open(name) as stream:
            head = stream.read(_HEAD_BYTES)
        return len(re.findall(rb"<(?:\w+:)?(?:sheet|table:table)\s", head))
    return 1


def in_archive(path: Path) -> int:
    """Take for granted that an archive holds several."""
    return SEVERAL


def _in_database(path: Path) -> int:
    import sqlite3

    from models.store import sqlite_guard

    with (
        contextlib.suppress(sqlite3.Error),
        sqlite_guard.reading(path, sqlite_guard.GLANCE_S) as database,
    ):
        names = [str(row[0]) for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        if "gpkg_contents" in names:
            names = [str(row[0]) for row in database.execute("SELECT table_name FROM gpkg_contents")]
        elif "geometry_columns" in names:
            names = [str(row[0]) for row in database.execute("SELECT f_table_name FROM geometry_columns")]
        return sum(not name.lower().startswith(_OWN_TABLES) for name in names)
    return 1


def _in_xml(path: Path) -> int:
    with contextlib.suppress(OSError), path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        if path.suffix.lower() == ".kml":
            return len(re.findall(rb"<(?:\w+:)?Folder\b", head))
        return len(set(re.findall(rb"<(?:\w+:)?(?:featureMember|member)\b[^>]*>\s*<([\w:.-]+)", head)))
    return 1
