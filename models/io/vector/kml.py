"""KML and KMZ: folders as layers, Chinese field names kept, and none of the columns that only a globe's viewer needs.

GDAL's reader replaces every letter of a field name that is not ASCII by an underscore, so that 口径 and 材质 become one
field. The names are therefore replaced before reading, in a copy, and put back afterwards.
"""

from __future__ import annotations

import collections
import re
from pathlib import Path, PurePosixPath
from xml.sax.saxutils import unescape

import pandas as pd

from models.core.errors import UserError
from models.io.common.archives import members, unpack
from models.io.common.xml_guard import require_plain
from models.io.vector.encodings.xml import encoding_of_xml, is_native, without_declaration

#: Fields that LIBKML always adds; dropped where they say nothing or the same of everything.
_HOUSEKEEPING = (
    "id", "description", "timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility",
    "drawOrder", "icon", "snippet",
)  # fmt: skip
_NAMED = re.compile(r"(<(?:\w+:)?(?:Data|SimpleField|SimpleData)\b[^>]*?\bname\s*=\s*)(\"[^\"]*\"|'[^']*')")
_OTHERS = re.compile(rb"<(?:\w+:)?(NetworkLink|ScreenOverlay|PhotoOverlay|Model)\b")
_QUOTES = {"&quot;": '"', "&apos;": "'"}


def readable_copy(path: Path, folder: Path, asked: str = "") -> tuple[Path, dict[str, str], str]:
    """Return a copy in ``folder`` in UTF-8 whose field names GDAL can keep.

    Parameters
    ----------
    path, folder : Path
    asked : str
        Encoding that a person named, empty to believe the file.

    Returns
    -------
    copy : Path
        ``path`` itself where GDAL can keep everything.
    names : dict of str to str
        What the fields were called: ``{"cj_0001": "口径"}``.
    guessed : str
        Encoding that was found against what the document says, empty where it was believed.

    Raises
    ------
    UserError
        ``vector.no_kml`` for a KMZ without a document, ``vector.xml_entities``, and those of the archive.
    """
    source = path
    if path.suffix.lower() == ".kmz" or _is_zip(path):
        source = _document(path, folder)
        require_plain(source, path.name)
    found, is_guess = encoding_of_xml(source)
    encoding = asked or found
    text = source.read_bytes().decode(encoding, "replace")
    tokens: dict[str, str] = {}

    def token(found: re.Match[str]) -> str:
        name = unescape(found[2][1:-1], _QUOTES)
        if name.isascii() and name.replace("_", "").isalnum():
            return found[0]
        known = next((key for key, value in tokens.items() if value == name), None)
        key = known or (tokens.setdefault(f"cj_{len(tokens):04d}", name) and f"cj_{len(tokens) - 1:04d}")
        return f'{found[1]}"{key}"'

    text = _NAMED.sub(token, text)
    guessed = found if is_guess and not asked else ""
    if not tokens and is_native(found, is_guess=is_guess) and not asked:
        return source, {}, ""
    copy = folder / "document.kml"
    copy.write_text(without_declaration(text), encoding="utf-8")
    return copy, tokens, guessed


def not_drawn(path: Path) -> collections.Counter[str]:
    """Count what a document holds besides features: links to other documents, pictures, bodies."""
    return collections.Counter(found.decode() for found in _OTHERS.findall(path.read_bytes()))


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
