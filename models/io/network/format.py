"""Formats of network models: the text files of SWMM and EPANET, which share an ending."""

from __future__ import annotations

import re
from pathlib import Path

from models.io.format import Format

#: Sections that belong to one of the engines, as they begin a line.
_SECTION = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*\[(JUNC|CONDUIT|PIPE|RESE|TANK|OUTFALL|SUBCATCH|RAINGAGE|XSECT|OPTION|TITL)",
    re.MULTILINE | re.IGNORECASE,
)


def is_model(head: bytes, path: Path) -> bool:
    """Whether a text is a model: a section of it begins a line; its ending counts, for any INI file has sections."""
    return path.suffix.lower() == ".inp" and _SECTION.search(head) is not None


FORMATS = (
    Format(
        "inp",
        (".inp",),
        ("vector", "table"),
        "models.io.network.inp:read",
        is_model,
        inspect="models.io.network.inp:inspect",
        encodings_open=(),
    ),
)
