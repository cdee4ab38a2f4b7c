"""Is a folder of files still what was written into it?

A seal notes of each file its size, when it was changed, and a checksum. Where size and times are the ones noted nobody
has touched it, and nothing is read; else (a copy, a restored backup, a tampered file) the checksum decides.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_BLOCK = 1 << 22

Seal = dict[str, list[int]]


def seal_of(folder: Path, *, without: Iterable[str] = ()) -> Seal:
    """Return the seal of all files in a folder but those named ``without``."""
    left_out = set(without)
    return {
        file.relative_to(folder).as_posix(): [*_signs(file), checksum(file)]
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name not in left_out
    }


def holds(folder: Path, seal: Mapping[str, Any]) -> bool:
    """Whether every sealed file is there and unchanged.

    Raises
    ------
    OSError, TypeError, ValueError
        It cannot be looked at, or the seal is none.
    """
    for name, (*signs, known) in seal.items():
        file = folder / name
        now = _signs(file)
        if now != signs and (now[0] != signs[0] or checksum(file) != known):
            return False
    return True


def checksum(file: Path) -> int:
    """Return the CRC-32 of a file: for slips and meddling, not against forgers."""
    total = 0
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            total = zlib.crc32(block, total)
    return total


def _signs(file: Path) -> list[int]:
    """Return size and times; that of the last change of whatever kind (ctime) nobody can set back."""
    status = file.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns]
