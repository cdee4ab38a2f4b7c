"""Mappings of tables of readings as files: a profile of one source's tables."""

from __future__ import annotations

from pathlib import Path

import tomli_w

from models.readings.mapping import ReadingMap, document_of, read_profile
from models.store import atomic


def read(path: Path) -> ReadingMap:
    """Read a profile; raises as :func:`models.readings.mapping.read_profile`."""
    return read_profile(path)


def write(mapping: ReadingMap, path: Path) -> None:
    """Write a profile."""
    atomic.write_text(Path(path), tomli_w.dumps(document_of(mapping)))
