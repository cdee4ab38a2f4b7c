"""The encoding of XML, which its first line states, and which GDAL reads only if it is UTF-8 or Latin-1."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from models.io.common.text_encoding import lines_beyond_ascii, python_name, settled

_DECLARED = re.compile(rb"\s*(?:\xef\xbb\xbf)?<\?xml[^>]*encoding\s*=\s*[\"']([\w.:-]+)[\"']")
_DECLARATION = re.compile(r"^(\s*<\?xml[^>]*?)\s+encoding\s*=\s*(\"[^\"]*\"|'[^']*')")
#: Encodings that the parser reads by itself.
_NATIVE = frozenset({"utf-8", "ascii", "iso8859-1"})
_PIECE = 1 << 20


def encoding_of_xml(path: Path) -> tuple[str, bool]:
    """Return the encoding of an XML file, and whether it had to be guessed: none stated, or one that is not true."""
    with path.open("rb") as stream:
        head = stream.read(400)
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16", False
    declared = _DECLARED.match(head)
    stated = python_name(declared.group(1).decode("ascii")) if declared else ""
    return settled(lines_beyond_ascii(path), stated)


def is_native(encoding: str, *, is_guess: bool) -> bool:
    """Whether GDAL's parser reads a file by itself; what had to be guessed is not what the file says."""
    return encoding in _NATIVE and not is_guess


def copy_as_utf8(path: Path, target: Path, encoding: str) -> None:
    """Write a copy in UTF-8, piece by piece; bytes that are no text of the encoding become U+FFFD.

    Raises
    ------
    LookupError
        For an encoding that Python does not know.
    """
    is_first = True
    with (
        path.open(encoding=encoding, errors="replace", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as copy,
    ):
        while piece := source.read(_PIECE):
            copy.write(without_declaration(piece) if is_first else piece)
            is_first = False


def without_declaration(text: str) -> str:
    """Return the beginning of a document that no longer states an encoding."""
    return _DECLARATION.sub(r"\1", text.removeprefix("\ufeff"), count=1)
