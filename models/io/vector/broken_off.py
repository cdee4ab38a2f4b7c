"""Whether a file breaks off in the middle: GDAL's quick way ends there without a word, and what follows would be lost.

XML is therefore parsed once more by itself, other texts that are read feature by feature are gone through the slower
way that does tell, and of GeoJSON text sequences, whose broken records GDAL leaves out, each record is looked at.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate

import orjson
import pyogrio

from models.core.errors import Caution, first_line
from models.io.vector.gdal_table import BROKEN

_XML = (".gml", ".xml", ".osm")
_PARSED = (".pbf", ".mif", ".dxf")
_SEQUENCES = (".geojsonl", ".geojsons", ".ndjson", ".jsonl")
_SEPARATOR = b"\x1e"
_BLOCK = 1 << 22


def broken_off(path: Path, source: str | Path, layer: str) -> str:
    """Return why reading a table ends before the file does, empty where it does not.

    Parameters
    ----------
    path : Path
        The file that the person chose; its ending tells how it is parsed.
    source : str or Path
        What GDAL opens.
    layer : str
    """
    if path.suffix.lower() in _XML:
        return _xml_error(Path(source))
    if path.suffix.lower() not in _PARSED:
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pyogrio.raw.read(source, layer=layer, columns=[], read_geometry=False, return_fids=True)
    except BROKEN as error:
        return first_line(error)
    return ""


def _xml_error(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            ParserCreate().ParseFile(stream)
    except ExpatError as error:
        return first_line(error)
    return ""


def broken_records(path: Path) -> list[Caution]:
    """Return a caution with the number of records of a GeoJSON text sequence that are no JSON, and the first of them.

    Source: RFC 8142, and newline-delimited GeoJSON; a record may take several lines only behind a record separator.
    """
    if path.suffix.lower() not in _SEQUENCES:
        return []
    with path.open("rb") as stream:
        is_separated = stream.read(4).lstrip(b"\xef\xbb\xbf").startswith(_SEPARATOR)
    count, first, number = 0, 0, 0
    with path.open("rb") as stream:
        records = stream.read().split(_SEPARATOR) if is_separated else stream
        for record in records:
            text = record.strip(b"\xef\xbb\xbf\x1e \t\r\n")
            if not text:
                continue
            number += 1
            try:
                orjson.loads(text)
            except orjson.JSONDecodeError:
                count, first = count + 1, first or number
    return [Caution("vector.records_broken", file=path.name, count=count, first=first)] if count else []
