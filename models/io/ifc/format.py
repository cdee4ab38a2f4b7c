"""IFC in its encodings: STEP text, ifcXML, and either of them zipped."""

from __future__ import annotations

import re
from pathlib import Path

from models.core.errors import UserError
from models.io.common.file_head import ZIP, text_of, zip_holds
from models.io.format import Format

_TAIL_BYTES = 4096


def is_ifc(head: bytes, path: Path) -> bool:
    """Whether it is a building model in any of the encodings, also one without its header."""
    if head[:4] == ZIP:
        return zip_holds(head, path, (".ifc", ".ifcxml"))
    text = text_of(head)
    if text[:1] == b"<":
        return re.search(rb"<(\w+:)?(ifcXML|iso_10303_28|uos)\b", text, re.IGNORECASE) is not None
    if re.match(rb"DATA\s*;\s*#\d+\s*=\s*IFC", text, re.IGNORECASE):
        return True  # its header was lost on the way
    return b"ISO-10303-21" in head[:4096] or b"ISO-10303-21" in text[:4096]


def require_end(head: bytes, path: Path) -> None:
    """Refuse a STEP or XML file without its last line.

    Raises
    ------
    UserError
        ``io.truncated``.
    """
    if head[:4] == ZIP:
        return
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        tail = file.read()
    tail = tail.replace(b"\x00", b"")  # of UTF-16
    # A header ends in ENDSEC too; only at the very end does it close the data.
    if b"END-ISO-10303-21" not in tail and not tail.rstrip().endswith((b"ENDSEC;", b">")):
        raise UserError("io.truncated", file=path.name)


FORMATS = (
    Format(
        "ifc",
        (".ifc", ".ifczip", ".ifcxml"),
        ("model",),
        "models.io.ifc.reader:read",
        is_ifc,
        version=10,
        inspect="models.io.ifc.inspect:inspect",
        check=require_end,
        is_staged=True,
        hash_whole_bytes=256 * 1024**2,
    ),
)
