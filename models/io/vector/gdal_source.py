"""Where GDAL is to read a file from, and in which encoding: formats that need a copy aside, or say too little.

Invariants
----------
1. Nothing is written beside the user's file: GDAL leaves ``.gfs`` beside a GML and ``.shx`` beside a shapefile, so
   these are read through links in a folder of ours.
2. No XML with entities reaches a parser.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyogrio

from models.core.errors import Caution, UserError, first_line
from models.io.common.file_head import read_head, text_of
from models.io.common.text_encoding import python_name
from models.io.common.xml_guard import require_plain
from models.io.registry import companions
from models.io.vector.encodings.dbf import encoding_of_dbf, odd_texts, with_whole_names
from models.io.vector.encodings.dxf import encoding_of_drawing
from models.io.vector.encodings.json import encoding_of_json
from models.io.vector.encodings.mapinfo import copy_with_charset, encoding_of_mapinfo
from models.io.vector.encodings.xml import copy_as_utf8, encoding_of_xml, is_native
from models.io.vector.esri_json import cautions_of, is_esri
from models.io.vector.kml import not_drawn, readable_copy
from models.io.vector.plain_path import linked, plainly_named

_XML = (".gml", ".xml", ".kml", ".gpx", ".osm")
_JSON = (".geojson", ".json")
_HEAD_BYTES = 1_000_000
#: A table has 255 fields at the most, each told in 32 bytes.
_DBF_HEAD_BYTES = 32 * 258


@dataclass(slots=True)
class Prepared:
    """What GDAL is given.

    Parameters
    ----------
    path : Path
    encoding : str
        Of text as GDAL gives it, empty where the format says it or GDAL knows.
    cautions : list of Caution
    renamed : dict of str to str
        Field names that GDAL could not have kept → what they are called.
    found : str
        Of text in the file, where it was asked for, guessed or left open: to be told, and kept with the layer.
    """

    path: Path
    encoding: str = ""
    cautions: list[Caution] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    found: str = ""

    def __post_init__(self) -> None:
        self.found = self.found or self.encoding


@contextmanager
def prepared(path: Path, asked: str) -> Iterator[Prepared]:
    """Give what GDAL is to read for a file; ``asked`` is the encoding that a person named, or empty.

    Raises
    ------
    UserError
        ``vector.bad_encoding``, ``vector.xml_entities``.
    """
    with plainly_named(path) as plain, _prepared(plain, asked) as source:
        source.cautions = [Caution(one.code, **{**one.facts, "file": path.name}) for one in source.cautions]
        yield source


@contextmanager
def _prepared(path: Path, asked: str) -> Iterator[Prepared]:
    suffix = path.suffix.lower()
    if asked and not python_name(asked):
        raise UserError("vector.bad_encoding", encoding=asked)
    if suffix in _XML:
        require_plain(path)
    if suffix == ".shp":
        with _shapefile(path, asked) as ready:
            yield ready
    elif suffix in (".kml", ".kmz") and text_of(read_head(path))[:1] in (b"<", b"P"):  # the name is a hint
        with tempfile.TemporaryDirectory(prefix="chengjing_") as folder:
            copy, renamed, guessed = readable_copy(path, Path(folder), asked)
            cautions = _guessed(path, guessed)
            if others := not_drawn(copy):
                kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(others.items()))
                cautions.append(Caution("vector.kml_not_drawn", file=path.name, count=others.total(), kinds=kinds))
            yield Prepared(copy, cautions=cautions, renamed=renamed, found=asked or guessed)
    elif suffix in _XML and text_of(read_head(path))[:1] == b"<":
        with tempfile.TemporaryDirectory(prefix="chengjing_") as folder:
            yield _xml(path, Path(folder), asked)
    elif suffix in (".tab", ".mif") and text_of(read_head(path))[:1].lower() in (b"!", b"v"):
        with _mapinfo(path, asked) as ready:
            yield ready
    elif suffix == ".dxf":
        found, is_guess = (python_name(asked), False) if asked else encoding_of_drawing(path)
        with _configured("DXF_ENCODING", found):
            yield Prepared(path, cautions=_guessed(path, found if is_guess else ""), found=asked or found)
    elif suffix in _JSON and text_of(read_head(path))[:1] in (b"{", b"["):
        with tempfile.TemporaryDirectory(prefix="chengjing_") as folder:
            yield _json(path, Path(folder), asked)
    else:
        yield Prepared(path, asked)


@contextmanager
def _shapefile(path: Path, asked: str) -> Iterator[Prepared]:
    beside = {other.suffix.lower(): other for other in companions(path)}
    cautions: list[Caution] = []
    encoding = asked
    if ".dbf" not in beside:
        cautions.append(Caution("io.no_attributes", file=path.name))
    elif not encoding:
        cpg = beside[".cpg"].read_text("ascii", "ignore").strip() if ".cpg" in beside else ""
        encoding, is_guess = encoding_of_dbf(beside[".dbf"], cpg)
        if is_guess:
            cautions += _guessed(path, encoding)
        if odd := odd_texts(beside[".dbf"], encoding):
            cautions.append(Caution("vector.odd_texts", file=path.name, count=odd, encoding=encoding))
    head = _head(beside[".dbf"])[:_DBF_HEAD_BYTES] if ".dbf" in beside else b""
    whole = with_whole_names(head, encoding or "utf-8")
    if ".shx" in beside and whole == head:
        yield Prepared(path, encoding, cautions)
        return
    if ".shx" not in beside:
        cautions.append(Caution("io.no_index", file=path.name))
    with tempfile.TemporaryDirectory(prefix="chengjing_") as folder:
        for ending, other in beside.items():
            if ending == ".dbf" and whole != head:
                _with_head(other, Path(folder) / f"{path.stem}.dbf", whole)
            else:
                linked(other, Path(folder), path.stem + ending)
        copy = linked(path, Path(folder), f"{path.stem}.shp")
        with _configured("SHAPE_RESTORE_SHX", "YES"):
            yield Prepared(copy, encoding, cautions)


@contextmanager
def _mapinfo(path: Path, asked: str) -> Iterator[Prepared]:
    """Give a MapInfo table that states the encoding that it is in."""
    beside = companions(path)
    encoding, is_guess = (python_name(asked), False) if asked else encoding_of_mapinfo(path, beside)
    cautions = _guessed(path, encoding if is_guess else "")
    with tempfile.TemporaryDirectory(prefix="chengjing_") as folder:
        copy = Path(folder) / path.name
        if not encoding or (not is_guess and not asked and encoding != "utf-8"):
            yield Prepared(path)
        elif copy_with_charset(path, copy, encoding):
            for other in beside:
                linked(other, Path(folder), other.name)
            yield Prepared(copy, cautions=cautions, found=asked or encoding)
        else:
            yield Prepared(path, encoding, cautions)


@contextmanager
def _configured(option: str, value: str) -> Iterator[None]:
    """Set one of GDAL's options for a while."""
    pyogrio.set_gdal_config_options({option: value})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({option: None})


def _xml(path: Path, folder: Path, asked: str) -> Prepared:
    """Give a document in an encoding that GDAL's parser knows, with the schema beside it."""
    found, is_guess = encoding_of_xml(path)
    if not asked and is_native(found, is_guess=is_guess):
        return Prepared(linked(path, folder, path.name))
    for other in companions(path):
        linked(other, folder, other.name)
    copy_as_utf8(path, folder / path.name, asked or found)
    cautions = _guessed(path, found if is_guess and not asked else "")
    return Prepared(folder / path.name, cautions=cautions, found=asked or found)


def _json(path: Path, folder: Path, asked: str) -> Prepared:
    """Give a document in UTF-8, the only encoding of JSON that GDAL knows."""
    found, is_guess = encoding_of_json(path)
    cautions = _guessed(path, found if is_guess and not asked else "")
    if is_esri(text_of(read_head(path))):
        cautions += cautions_of(path)
    if not asked and found in ("utf-8", "ascii"):
        return Prepared(path, cautions=cautions)
    copy_as_utf8(path, folder / path.name, asked or found)
    return Prepared(folder / path.name, cautions=cautions, found=asked or found)


def _guessed(path: Path, encoding: str) -> list[Caution]:
    return [Caution("io.encoding_guessed", file=path.name, encoding=encoding)] if encoding else []


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_HEAD_BYTES)


def _with_head(path: Path, target: Path, head: bytes) -> None:
    shutil.copyfile(path, target)
    with target.open("r+b") as stream:
        stream.write(head)


def unreadable(path: Path, error: BaseException) -> UserError:
    """Return what a failure of GDAL says of a file: in use by another program, or damaged."""
    if "database is locked" in str(error):
        return UserError("store.locked", file=path.name, folder=str(path.parent))
    return UserError("io.damaged", file=path.name, reason=first_line(error))
