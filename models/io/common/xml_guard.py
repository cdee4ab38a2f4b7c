"""XML that defines entities is refused before a parser sees it: no map needs them, and a few lines can fill a disk."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from models.core.errors import UserError

_HEAD_BYTES = 1 << 20
_DOCTYPE_BYTES = 65536
_ENTITY = re.compile(r"<!ENTITY\b")


def require_plain(path: Path, file: str = "") -> None:
    """Refuse an XML file that declares entities.

    Raises
    ------
    UserError
        ``vector.xml_entities``.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    encoding = "utf-16" if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "latin-1"
    if _ENTITY.search(head.decode(encoding, "ignore")):
        raise UserError("vector.xml_entities", file=file or path.name)


def refuse_doctype(path: Path) -> None:
    """Refuse a file that defines entities: no city needs them, and a few lines of them fill any memory.

    Raises
    ------
    UserError
        ``city3d.doctype``.
    """
    with path.open("rb") as file:
        head = file.read(_DOCTYPE_BYTES)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    if re.search(rb"<!(DOCTYPE|ENTITY)", head, re.IGNORECASE):
        raise UserError("city3d.doctype", file=path.name)
