"""Format of receivers' own sentences: NMEA 0183."""

from __future__ import annotations

import re
from pathlib import Path

from models.io.format import Format

#: Position sentences: fix data, recommended minimum, geographic position.
_SENTENCE = re.compile(rb"^\$[A-Z]{2}(GGA|RMC|GLL|GST|ZDA|GSA|GSV|VTG),", re.MULTILINE)


def is_nmea(head: bytes, path: Path) -> bool:
    """Whether it is a log of NMEA sentences with positions in it."""
    return bool(head.lstrip(b"\xef\xbb\xbf\r\n ")[:1] == b"$") and b"GGA," in head and bool(_SENTENCE.search(head))


FORMATS = (
    Format(
        "nmea", (".nmea", ".nma"), ("vector",), "models.io.gnss.nmea:read", is_nmea,
        inspect="models.io.gnss.nmea:inspect",
    ),
)  # fmt: skip
