"""What a raster may read besides itself: what lies in its own folder and is a raster too, and nothing else.

A virtual raster is a list of other files; statistics beside a raster may name its overviews; overviews and masks lie
beside it. A stranger's list may name a server, a disk of the office or a file of the user's: it is refused by name.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from models.core.errors import UserError, first_line
from models.io.common.file_head import read_head
from models.io.raster.probe import is_raster

#: A list of so many bytes names a hundred thousand rasters.
MOST_BYTES = 64 * 1024**2
_DEPTH = 4
_NETWORK = re.compile(r"/vsi(?!zip/|gzip/|tar/|sparse/)\w+|https?:|ftp:", re.IGNORECASE)
#: Elements of a virtual raster that name a file, and keys of metadata that do.
_NAMING = re.compile(r"(Filename|Dataset|TileIndex|FileName)$")
_NAMING_KEYS = ("X_DATASET", "Y_DATASET", "OVERVIEW_FILE")


def require_own(path: Path) -> None:
    """Refuse a raster that would read what is not its own.

    Raises
    ------
    UserError
        ``raster.remote`` for a server, ``raster.elsewhere`` for a file outside its folder or no raster,
        ``io.damaged``, ``io.too_large``.
    """
    for ending in (".ovr", ".msk"):
        beside = path.with_name(path.name + ending)
        if beside.is_file() and beside.stat().st_size and not _is_plain_raster(beside):
            raise UserError("raster.elsewhere", file=path.name, name=beside.name)
    _require_own(path, path.name, path.absolute().parent.resolve(), _DEPTH)


def names_overviews(source: Any) -> bool:
    """Whether an open raster's metadata name a file as its overviews, which GDAL would open whatever it is."""
    return bool(source.tags(ns="OVERVIEWS").get("OVERVIEW_FILE"))


def _require_own(path: Path, file: str, home: Path, depth: int) -> None:
    with path.open("rb") as stream:
        head = stream.read(4096)
    if b"<VRTDataset" not in head:
        return
    if path.stat().st_size > MOST_BYTES:
        raise UserError("io.too_large", file=file, limit_mb=MOST_BYTES // 1024**2)
    try:
        root = fromstring(path.read_bytes())
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise UserError("io.damaged", file=file, reason=first_line(error)) from error
    for name in dict.fromkeys(_named(root)):
        if _NETWORK.search(name):
            raise UserError("raster.remote", file=file)
        source = path.parent / name
        if depth == 0 or not _lies_in(source, home):
            raise UserError("raster.elsewhere", file=file, name=name[:120])
        if source.is_file():
            if not is_raster(read_head(source), source):
                raise UserError("raster.elsewhere", file=file, name=name[:120])
            _require_own(source, file, home, depth - 1)


def _named(root: Any) -> list[str]:
    found = []
    for one in root.iter():
        is_naming = _NAMING.search(str(one.tag)) or one.get("key") in _NAMING_KEYS
        text = (one.text or "").strip()
        if is_naming and text:
            found.append(text)
    return found


def _lies_in(source: Path, home: Path) -> bool:
    try:
        return source.resolve().is_relative_to(home)
    except (OSError, ValueError, RuntimeError):
        return False


def _is_plain_raster(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+", b"EHFA")
