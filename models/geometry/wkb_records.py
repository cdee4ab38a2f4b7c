"""WKB records looked through by hand before anything is built of them: what nests without an end kills a reader.

A collection in a collection in a collection, two hundred thousand times, takes two megabytes, and the stack of whoever
builds it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

#: Collections inside one another, at the most. GeoPackage knows no reason for three.
MOST_DEEP = 16
_POINT, _LINE, _POLYGON = 1, 2, 3
#: Kinds that hold whole geometries: several points, lines, polygons; collections, and what curves are made of.
_HOLDERS = frozenset({4, 5, 6, 7, 9, 10, 11, 12, 15, 16})


def unreadable(records: Iterable[bytes | None]) -> NDArray[np.bool_]:
    """Return which records nest, and not as they say or too deeply; what cannot nest is not looked at."""
    return np.array([one is not None and _may_nest(one) and not is_readable(one) for one in records], dtype=bool)


def _may_nest(record: bytes) -> bool:
    if len(record) < 5:
        return False
    code = int.from_bytes(record[1:5], "little" if record[0] else "big")
    return _form(code)[0] > 6


def is_readable(record: bytes) -> bool:
    """Whether a WKB record holds as many numbers as it says, no deeper than is sensible; nothing is built of it."""
    at, waiting = 0, [1]  # geometries that are still to come, by depth
    while waiting:
        if not waiting[-1]:
            waiting.pop()
            continue
        waiting[-1] -= 1
        if len(waiting) > MOST_DEEP or at + 5 > len(record) or record[at] > 1:
            return False
        order = "<" if record[at] else ">"
        (code,) = struct.unpack_from(f"{order}I", record, at + 1)
        at += 5
        if code & 0x20000000:  # a number of its reference system, as PostGIS writes it
            at += 4
        kind, width = _form(code)
        if kind == _POINT:
            at += 8 * width
        elif at + 4 > len(record):
            return False
        else:
            (count,) = struct.unpack_from(f"{order}I", record, at)
            at += 4
            if kind in _HOLDERS:
                if count * 5 > len(record) - at:
                    return False
                waiting.append(count)
            elif kind in (_POLYGON, 17):
                for _ in range(min(count, len(record))):
                    if at + 4 > len(record):
                        return False
                    (corners,) = struct.unpack_from(f"{order}I", record, at)
                    at += 4 + corners * 8 * width
            elif kind in (_LINE, 8):
                at += count * 8 * width
            else:
                return False
        if at > len(record):
            return False
    return at <= len(record)


def _form(code: int) -> tuple[int, int]:
    """Return the kind of a geometry and how many numbers a corner has (ISO and the older way of writing Z and M)."""
    plain = code & 0x0FFFFFFF
    dims = plain // 1000
    has_z = dims in (1, 3) or bool(code & 0x80000000)
    has_m = dims in (2, 3) or bool(code & 0x40000000)
    return plain % 1000, 2 + has_z + has_m
