"""The encoding of MapInfo tables (``.tab`` with ``.dat``, ``.mif`` with ``.mid``): the charset they state, and theirs.

Source: MapInfo Professional User Guide, "MapInfo Interchange Format", and the header of ``.tab`` files.
"""

from __future__ import annotations

import re
from pathlib import Path

from models.io.common.text_encoding import lines_beyond_ascii, settled
from models.io.vector.encodings.dbf import SAMPLE_BYTES, texts_of_dbf

#: Charsets as GDAL knows them, and what Python calls them; empty for those that say nothing.
CHARSETS = {
    "Neutral": "", "None": "", "WindowsLatin1": "cp1252", "WindowsLatin2": "cp1250", "WindowsArabic": "cp1256",
    "WindowsCyrillic": "cp1251", "WindowsGreek": "cp1253", "WindowsHebrew": "cp1255", "WindowsTurkish": "cp1254",
    "WindowsTradChinese": "cp950", "WindowsSimpChinese": "gb18030", "WindowsJapanese": "cp932",
    "WindowsKorean": "cp949", "UTF-8": "utf-8",
}  # fmt: skip
_CHARSET = re.compile(rb'(charset\s+"?)([\w-]+)("?)', re.IGNORECASE)
_VERSION = re.compile(rb"^\s*(!?)version[^\r\n]*(\r?\n)", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(
    rb"^\s+\S+\s+(Char|Integer|SmallInt|LargeInt|Decimal|Float|Date|Time|DateTime|Logical)\b",
    re.IGNORECASE | re.MULTILINE,
)


def encoding_of_mapinfo(path: Path, beside: list[Path]) -> tuple[str, bool]:
    """Return the encoding of a table, and whether it is not the one that it states; empty where GDAL has to know.

    Parameters
    ----------
    path : Path
        The ``.tab`` or ``.mif``.
    beside : list of Path
        The files that belong to it.
    """
    head = path.read_bytes()
    charset = _CHARSET.search(head)
    stated = charset.group(2).decode("ascii").lower() if charset else ""
    known = {name.lower(): python for name, python in CHARSETS.items()}
    if stated and stated not in known:
        return "", False
    texts = lines_beyond_ascii(path)
    for other in beside:
        suffix = other.suffix.lower()
        if suffix == ".mid":
            texts += lines_beyond_ascii(other)
        elif suffix == ".dat":
            texts += _texts_of_dat(other, head)
    if not any(texts) or all(text.isascii() for text in texts):
        return "", False
    return settled(texts, known.get(stated, ""))


def copy_with_charset(path: Path, target: Path, encoding: str) -> bool:
    """Write a copy of the ``.tab`` or ``.mif`` that states an encoding; False, and no copy, for one without a charset.

    Nothing but the statement is changed: its bytes are those of the original.
    """
    charset = next((name for name, python in CHARSETS.items() if python == encoding), "").encode()
    if not charset:
        return False
    raw = path.read_bytes()
    if _CHARSET.search(raw):
        raw = _CHARSET.sub(rb"\g<1>" + charset + rb"\g<3>", raw)
    else:
        raw = _VERSION.sub(lambda line: line[0] + line[1] + b'charset "' + charset + b'"' + line[2], raw, count=1)
    target.write_bytes(raw)
    return True


def _texts_of_dat(path: Path, head: bytes) -> list[bytes]:
    """Return the texts of a ``.dat``, whose own header calls every field a text; the ``.tab`` knows better."""
    with path.open("rb") as stream:
        raw = stream.read(SAMPLE_BYTES)
    kinds = [kind.group(1).lower() == b"char" for kind in _FIELD.finditer(head)]
    return texts_of_dbf(raw, kinds)
