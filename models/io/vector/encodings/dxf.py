"""Text in a drawing: its encoding, and the escapes that AutoCAD writes where a code page lacks a letter.

From R2007 (AC1021) on a DXF is UTF-8, whatever ``$DWGCODEPAGE`` says; before, the code page holds (AutoCAD DXF
Reference, "Text encoding"). GDAL follows the code page in both. Programs of China write GBK under any label.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from models.io.common.text_encoding import lines_beyond_ascii, python_name, settled

_HEADER_BYTES = 1 << 18
_UTF8_SINCE = 1021
_VERSION = re.compile(rb"\$ACADVER\s+1\s+AC(\d+)")
_PAGE = re.compile(rb"\$DWGCODEPAGE\s+3\s+(\S+)")
_ESCAPE = re.compile(r"\\U\+([0-9A-Fa-f]{4})|\\M\+([1-5])([0-9A-Fa-f]{4})")
#: What ``\M+n`` counts (AutoCAD: multibyte interchange format).
_MIF = {"1": "cp932", "2": "cp950", "3": "cp949", "4": "johab", "5": "gb18030"}


def encoding_of_drawing(path: Path) -> tuple[str, bool]:
    """Return the encoding of a drawing's text, and whether it is not the one that the drawing implies."""
    with path.open("rb") as stream:
        head = stream.read(_HEADER_BYTES)
    version, page = _VERSION.search(head), _PAGE.search(head)
    if version and int(version.group(1)) >= _UTF8_SINCE:
        declared = "utf-8"
    else:
        declared = python_name(page.group(1).decode("ascii", "replace")) if page else ""
    return settled(lines_beyond_ascii(path), declared)


def unescaped(text: str) -> str:
    r"""Return text with its escapes as the letters they stand for.

    Examples
    --------
    >>> unescaped(r"\U+5EFA\U+7B51"), unescaped(r"\M+5BDA8")
    ('建筑', '建')
    """
    return _ESCAPE.sub(_letter, text)


def with_letters(column: pd.Series[str]) -> pd.Series[str]:
    """Return a column of texts with their escapes as letters."""
    texts = [unescaped(text) if isinstance(text, str) and "\\" in text else text for text in column]
    return pd.Series(texts, index=column.index, dtype="str")


def _letter(found: re.Match[str]) -> str:
    plain, page, raw = found.groups()
    return chr(int(plain, 16)) if plain else bytes.fromhex(raw).decode(_MIF[page], "replace")
