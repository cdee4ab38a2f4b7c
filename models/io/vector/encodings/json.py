"""The encoding of JSON, which is UTF-8 by its own rule (RFC 8259), and GBK or UTF-16 where programs keep none."""

from __future__ import annotations

import codecs
from pathlib import Path

from models.io.common.text_encoding import lines_beyond_ascii, settled


def encoding_of_json(path: Path) -> tuple[str, bool]:
    """Return the encoding of a JSON file, and whether it is another one than the rule's and had to be guessed."""
    with path.open("rb") as stream:
        head = stream.read(4)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", False
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16", False
    return settled(lines_beyond_ascii(path))
