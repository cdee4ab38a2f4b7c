"""Where GDAL is to read a file from, and in which encoding: formats that need a copy aside, or say too little.

Invariants
----------
1. Nothing is written beside the user's file: GDAL leaves ``.gfs`` beside a GML and ``.shx`` beside a shapefile, so
   these are read through links in a folder of ours.
2. No XML with entities reaches a parser.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyogrio

from models.core.errors import Caution
from models.io.common.xml_guard import require_plain
from models.io.registry import companions
from models.io.vector.dbf import encoding_of_dbf, guess_encoding, with_whole_names
from models.io.vector.kml import readable_copy

_XML = (".gml", ".xml", ".kml", ".gpx", ".osm")
_HEAD_BYTES = 1_000_000
#: A table has 255 fields at the most, each told in 32 bytes.
_DBF_HEAD_BYTES = 32 * 258
#: Code pages that a MapInfo table may name, and those that say nothing.
_CHARSET = re.compile(rb'charset\s+"([^"]+)"', re.IGNORECASE)


@dataclass(slots=True)
class Prepared:
    """What GDAL is given.

    Parameters
    ----------
    path : Path
    encoding : str
        Of text, empty where the format says it or GDAL knows.
    cautions : list of Caution
    renamed : dict of str to str
        Field names that GDAL could not have kept → what they are called.
    """

    path: Path
    encoding: str = ""
    cautions: list[Caution] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)


@contextmanager
def prepared(path: Path, asked: str) -> Iterator[Prepared]:
    """Give what GDAL is to read for a file; ``asked`` is the encoding that a person named, or empty."""
    suffix = path.suffix.lower()
    if suffix in _XML:
        require_plain(path)
    if suffix == ".shp":
        with _shapefile(path, asked) as ready:
            yield ready
    elif suffix in (".kml", ".kmz"):
        with tempfile.TemporaryDirectory(prefix="chengjing_") as folder:
            copy, renamed = readable_copy(path, Path(folder))
            yield Prepared(copy, renamed=renamed)
    elif suffix in (".gml", ".xml"):
        with tempfile.TemporaryDirectory(prefix="chengjing_") as folder:
            yield Prepared(_linked(path, Path(folder), path.name), asked)
    elif suffix in (".tab", ".mif"):
        yield _mapinfo(path, asked)
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
            cautions.append(Caution("io.encoding_guessed", file=path.name, encoding=encoding))
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
                _linked(other, Path(folder), path.stem + ending)
        copy = _linked(path, Path(folder), f"{path.stem}.shp")
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
        try:
            yield Prepared(copy, encoding, cautions)
        finally:
            pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})


def _mapinfo(path: Path, asked: str) -> Prepared:
    """Find the encoding of a MapInfo table: what it names, else what its bytes look like."""
    if asked:
        return Prepared(path, asked)
    texts = [other for other in (path, *companions(path)) if other.suffix.lower() in (".tab", ".dat", ".mif", ".mid")]
    raw = b"\n".join(_head(other) for other in texts)
    declared = _CHARSET.search(raw)
    if raw.isascii() or (declared and declared.group(1).lower() not in (b"neutral", b"none")):
        return Prepared(path)
    words = b"\n".join(re.findall(rb"[\x80-\xff][\x40-\xff]*[\x80-\xff]", b"".join(_head(t) for t in texts))[:5000])
    encoding = guess_encoding(words)
    return Prepared(path, encoding, [Caution("io.encoding_guessed", file=path.name, encoding=encoding)])


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_HEAD_BYTES)


def _with_head(path: Path, target: Path, head: bytes) -> None:
    shutil.copyfile(path, target)
    with target.open("r+b") as stream:
        stream.write(head)


def _linked(path: Path, folder: Path, name: str) -> Path:
    target = folder / name
    try:
        target.symlink_to(path.resolve())
    except OSError:  # no links on this system: a copy serves
        shutil.copyfile(path, target)
    return target
