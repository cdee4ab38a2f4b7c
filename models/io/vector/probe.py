"""Whether a file's first bytes are those of a format that GDAL, a workbook's or a Parquet reader reads.

Standard library only, so that asking is cheap; see :mod:`models.io.registry`.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from models.io.common.file_head import SQLITE, text_of, zip_holds
from models.io.vector.esri_json import has_features, is_esri

_GEOJSON = re.compile(
    rb'"type"\s*:\s*"(FeatureCollection|Feature|Topology|GeometryCollection|(Multi)?(Point|LineString|Polygon))"'
)
_XML_ROOT = re.compile(rb"<(?:\w+:)?(osm|kml|FeatureCollection|gpx)\b")
#: Roots of texts that hold no data but name other files, servers and steps; GDAL would follow them.
_NAMES_OTHERS = re.compile(
    rb"<(OGRVRTDataSource|OGRWFSDataSource|OGROAPIFDataSource|OGRCSWDataSource|GDALTileIndexDataset|GDAL_W\w+|WCS_GDAL|"
    rb"MRF_META|VRTDataset|(\w+:)?WMT_MS_Capabilities|(\w+:)?WM[ST]_Capabilities|(\w+:)?WFS_Capabilities)\b"
)
_COMMENT, _ROOT = re.compile(rb"<!--.*?-->", re.DOTALL), re.compile(rb"<[A-Za-z_]")
_GML = re.compile(rb"opengis\.net/gml\b")
#: Head of an OLE file: the ``.xls`` of Excel 97–2003, and ``.et`` of WPS.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_GDB_TABLE = "a00000001.gdbtable"


def is_geodatabase(path: Path) -> bool:
    """Whether a folder is a File Geodatabase: its catalogue is its first table."""
    try:
        return path.is_dir() and any(entry.name.lower() == _GDB_TABLE for entry in path.iterdir())
    except OSError:
        return False


def is_vector(head: bytes, path: Path) -> bool:
    """Whether GDAL reads it as tables of features."""
    if head.startswith((SQLITE, b"fgb\x03")) or head[:4] == b"\x00\x00\x27\x0a":
        return True
    suffix = path.suffix.lower()
    if suffix == ".pbf":
        return b"OSMHeader" in head[:64]
    if suffix == ".kmz":
        return zip_holds(head, path, (".kml",))
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\x1e \t\r\n")  # GeoJSON text sequences begin with RS (RFC 8142)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = head.decode("utf-16", "ignore").encode("utf-8").lstrip()
    if text.startswith(b"{"):
        if is_esri(text):
            return has_features(text, path)
        return b'"CityObjects"' not in head and _GEOJSON.search(text) is not None
    if text.startswith(b"<"):
        if names_others(head, path):
            return False
        return _XML_ROOT.search(text) is not None or (
            suffix in (".gml", ".xml") and _GML.search(text) is not None and b"CityModel" not in text
        )
    if suffix == ".dxf":
        return _is_dxf(text)
    if suffix == ".tab":
        return text[:6].lower() == b"!table"
    return suffix == ".mif" and re.match(rb"version\s+\d+", text, re.IGNORECASE) is not None


def names_others(head: bytes, path: Path) -> bool:
    """Whether it is a text that holds no data but names other files, servers or steps, whatever it is called."""
    text = _COMMENT.sub(b"", text_of(head))
    if text.startswith(b"{"):
        return b'"gdal_streamed_alg"' in text[:4096]
    root = _ROOT.search(text) if text.startswith(b"<") else None
    return root is not None and _NAMES_OTHERS.match(text, root.start()) is not None


def is_description(head: bytes, path: Path) -> bool:
    """Whether it is the description of an ArcGIS server's layer, which looks like its features and holds none."""
    return is_esri(text := text_of(head)) and not has_features(text, path)


def is_geoparquet(head: bytes, path: Path) -> bool:
    """Whether it is Parquet, with or without a word on geometry."""
    return head[:4] == b"PAR1"


def is_spreadsheet(head: bytes, path: Path) -> bool:
    """Whether it is a workbook of Excel, WPS or LibreOffice."""
    if path.suffix.lower() == ".ods":
        return zip_holds(head, path, ("content.xml",))
    return zip_holds(head, path, ("xl/workbook.xml",))


def is_zip(head: bytes, path: Path) -> bool:
    """Whether it is an archive that is no format of its own."""
    return path.suffix.lower() == ".zip" and head[:4] == b"PK\x03\x04" and zipfile.is_zipfile(path)


def _is_dxf(text: bytes) -> bool:
    """Whether it begins with a group code, or is DXF's binary form."""
    return text.startswith(b"AutoCAD Binary DXF") or (
        re.match(rb"(?:999\s*\r?\n[^\n]*\n\s*)*0\s*\r?\n\s*SECTION\b", text, re.IGNORECASE) is not None
    )
