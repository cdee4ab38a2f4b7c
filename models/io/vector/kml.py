"""KML and KMZ: folders as layers, Chinese field names kept, and none of the columns that only a globe's viewer needs.

GDAL's reader replaces every letter of a field name that is not ASCII by an underscore, so that 口径 and 材质 become one
field. The names are therefore replaced before reading, in a copy, and put back afterwards.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path, PurePosixPath
from xml.sax.saxutils import unescape

import pandas as pd

from models.core.errors import UserError
from models.io.common.archives import members, unpack
from models.io.common.xml_guard import require_plain

#: Fields that LIBKML always adds; dropped where they say nothing or the same of everything.
_HOUSEKEEPING = (
    "id", "description", "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility",
    "drawOrder", "icon", "snippet",
)  # fmt: skip
_NAMED = re.compile(r"(<(?:\w+:)?(?:Data|SimpleField|SimpleData)\b[^>]*?\bname\s*=\s*)(\"[^\"]*\"|'[^']*')")
_QUOTES = {"&quot;": '"', "&apos;": "'"}


def readable_copy(path: Path, folder: Path) -> tuple[Path, dict[str, str]]:
    """Return a copy in ``folder`` whose field names GDAL can keep, and what they were: ``{"cj_0001": "口径"}``.

    Raises
    ------
    UserError
        ``vector.no_kml`` for a KMZ without a document, ``vector.xml_entities``, and those of the archive.
    """
    source = path
    if path.suffix.lower() == ".kmz" or _is_zip(path):
        source = _document(path, folder)
        require_plain(source, path.name)
    raw = source.read_bytes()
    encoding = _encoding(raw)
    text = raw.decode(encoding, "replace")
    tokens: dict[str, str] = {}

    def token(found: re.Match[str]) -> str:
        name = unescape(found[2][1:-1], _QUOTES)
        if name.isascii() and name.replace("_", "").isalnum():
            return found[0]
        known = next((key for key, value in tokens.items() if value == name), None)
        key = known or (tokens.setdefault(f"cj_{len(tokens):04d}", name) and f"cj_{len(tokens) - 1:04d}")
        return f'{found[1]}"{key}"'

    text = _NAMED.sub(token, text)
    if not tokens and source == path:
        return path, {}
    text = re.sub(r"^(\s*<\?xml[^>]*?)\s+encoding\s*=\s*(\"[^\"]*\"|'[^']*')", r"\1", text.removeprefix("\ufeff"))
    copy = folder / "document.kml"
    copy.write_text(text, encoding="utf-8")
    return copy, tokens


def tidy(frame: pd.DataFrame, renamed: dict[str, str]) -> pd.DataFrame:
    """Give fields their names back and drop housekeeping that says nothing."""
    idle = [
        name for name in _HOUSEKEEPING
        if name in frame.columns and name != "description" and frame[name].nunique(dropna=False) <= 1
    ]  # fmt: skip
    if "description" in frame.columns and frame["description"].isna().all():
        idle.append("description")
    return frame.drop(columns=idle).rename(columns=renamed)


def _document(path: Path, folder: Path) -> Path:
    found = [name for name in members(path) if name.lower().endswith(".kml")]
    if not found:
        raise UserError("vector.no_kml", file=path.name)
    main = min(found, key=lambda name: (len(PurePosixPath(name).parts), PurePosixPath(name).name.lower() != "doc.kml"))
    target = folder / "packed.kml"
    unpack(path, members(path)[main], target)
    return target


def _is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) == b"PK\x03\x04"


def _encoding(raw: bytes) -> str:
    if raw[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    declared = re.match(rb"\s*(?:\xef\xbb\xbf)?<\?xml[^>]*encoding\s*=\s*[\"']([\w.-]+)[\"']", raw[:400])
    name = declared.group(1).decode("ascii") if declared else "utf-8"
    try:
        name = "gb18030" if name.lower() in ("gbk", "gb2312") else codecs.lookup(name).name
    except LookupError:
        return "utf-8"
    return name
