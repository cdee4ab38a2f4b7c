"""Formats of features and tables: what GDAL reads, GeoParquet, workbooks, delimited text, plain JSON, archives."""

from __future__ import annotations

import re
from pathlib import Path

from models.io.common.companion_files import beside
from models.io.common.file_head import UTF16, require_all_pages
from models.io.format import Format, Unsupported, Writer
from models.io.vector import probe, table_count
from models.io.vector.esri_json import is_esri

_COMPANIONS: dict[str, tuple[str, ...]] = {
    ".shp": (".shx", ".dbf", ".prj", ".cpg"), ".tab": (".dat", ".map", ".id", ".ind"), ".mif": (".mid",),
    ".gml": (".xsd",),
}  # fmt: skip


def companions(path: Path) -> list[Path]:
    """Return the files beside one of features that belong to it; of a File Geodatabase the files in its folder."""
    suffix = path.suffix.lower()
    if suffix == ".gdb" and path.is_dir():
        return sorted(entry for entry in path.iterdir() if entry.is_file() and not entry.name.endswith(".lock"))
    return beside(path, _COMPANIONS.get(suffix, ()))


def is_delimited_text(head: bytes, path: Path) -> bool:
    """Whether it is a text with separators; nothing else tells it, so the ending counts."""
    if path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        return False
    if head[:2] in UTF16:  # as Excel writes "Unicode text"
        return True
    return b"\x00" not in head and any(mark in head for mark in (b",", b";", b"\t", b"|"))


def is_json_rows(head: bytes, path: Path) -> bool:
    """Whether it is plain JSON with a list of objects in it."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if is_esri(text):
        return False
    return path.suffix.lower() == ".json" and text[:1] in (b"[", b"{") and re.search(rb'\[\s*\{\s*"', text) is not None


def _is_dwg(head: bytes, path: Path) -> bool:
    return path.name.lower().endswith(".dwg") or head[:4] in (b"AC10", b"AC1.")


def _is_old_excel(head: bytes, path: Path) -> bool:
    return head.startswith(probe.OLE)


FORMATS = (
    Format(
        "vector",
        (
            ".gpkg", ".geojson", ".json", ".geojsonl", ".geojsons", ".ndjson", ".shp", ".fgb", ".gdb", ".kml", ".kmz",
            ".osm", ".pbf", ".sqlite", ".gml", ".gpx", ".dxf", ".tab", ".mif",
        ),
        ("vector", "table"),
        "models.io.vector.gdal_reader:read",
        probe.is_vector,
        version=4,
        inspect="models.io.vector.gdal_inspect:inspect",
        first_rows="models.io.vector.gdal_inspect:first_rows",
        is_folder=probe.is_geodatabase,
        check=require_all_pages,
        companions=companions,
        table_count=table_count.in_features,
        encodings_open=(".shp", ".tab", ".mif", ".dxf", ".geojson"),
    ),
    Format(
        "geoparquet",
        (".parquet", ".geoparquet", ".pq"),
        ("vector", "table"),
        "models.io.vector.geoparquet:read",
        probe.is_geoparquet,
        version=2,
        inspect="models.io.vector.geoparquet:inspect",
        first_rows="models.io.vector.geoparquet:first_rows",
    ),
    Format(
        "spreadsheet",
        (".xlsx", ".xlsm", ".ods"),
        ("vector", "table"),
        "models.io.vector.spreadsheet:read",
        probe.is_spreadsheet,
        version=2,
        inspect="models.io.vector.spreadsheet:inspect",
        first_rows="models.io.vector.spreadsheet:first_rows",
        table_count=table_count.in_workbook,
        is_untyped=True,
    ),
    Format(
        "zip",
        (".zip",),
        ("vector", "table"),
        "models.io.vector.zip_archive:read",
        probe.is_zip,
        version=2,
        inspect="models.io.vector.zip_archive:inspect",
        first_rows="models.io.vector.zip_archive:first_rows",
        table_count=table_count.in_archive,
        encodings_open=(".zip",),
    ),
    Format(
        "points_csv",
        (".csv", ".tsv", ".txt"),
        ("vector", "table"),
        "models.io.vector.delimited_text:read",
        is_delimited_text,
        version=3,
        inspect="models.io.vector.delimited_text:inspect",
        first_rows="models.io.vector.delimited_text:first_rows",
        is_untyped=True,
        encodings_open=(".csv", ".tsv", ".txt"),
    ),
    Format(
        "json_rows",
        (".json",),
        ("vector", "table"),
        "models.io.vector.json_rows:read",
        is_json_rows,
        version=2,
        inspect="models.io.vector.json_rows:inspect",
        first_rows="models.io.vector.json_rows:first_rows",
        is_untyped=True,
    ),
)  # fmt: skip
UNSUPPORTED = (
    Unsupported("vector.old_excel", _is_old_excel),
    Unsupported("vector.dwg", _is_dwg),
    Unsupported("vector.names_others", probe.names_others),
    Unsupported("vector.esri_description", probe.is_description),
)
_WRITE = "models.io.vector.write_features:write_features"
WRITERS = (
    Writer(".gpkg", "features", {"vector": 1, "footprints": 1, "table": 3}, _WRITE),
    Writer(".geojson", "features", {"vector": 2, "footprints": 2}, _WRITE, has_fixed_crs=True),
    Writer(".shp", "features", {"vector": 3, "footprints": 3}, _WRITE),
    Writer(".fgb", "features", {"vector": 4, "footprints": 4}, _WRITE),
    Writer(".csv", "features", {"vector": 5, "footprints": 5, "table": 1, "model": 4}, _WRITE),
    Writer(".xlsx", "features", {"vector": 6, "footprints": 6, "table": 2, "model": 5}, _WRITE),
)
