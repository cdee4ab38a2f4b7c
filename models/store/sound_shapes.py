"""Which geometries of a stored table can be trusted to be read: those that cannot become none.

Runs in the child that reads a project. What it lets through, the program reads without a fault; what it does not, is
taken out, and the row named.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from models.geometry import wkb

#: Collections inside one another, at the most. GeoPackage knows no reason for three.
MOST_DEEP = 16
_POINT, _LINE, _POLYGON = 1, 2, 3
#: Kinds that hold whole geometries: several points, lines, polygons; collections, and what curves are made of.
_HOLDERS = frozenset({4, 5, 6, 7, 9, 10, 11, 12, 15, 16})
_LEAST = {_LINE: 2, 8: 3}


def sound(column: pa.ChunkedArray, *, careful: bool = False) -> tuple[pa.ChunkedArray, NDArray[np.bool_]]:
    """Return a column of WKB without what cannot be read, and which rows those were.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
    careful : bool
        Look at every record by hand first: for a table that has brought down a child.
    """
    bad = np.zeros(len(column), dtype=bool)
    if careful:
        column = _flat(column)
        bad = np.array([value is not None and not is_readable(value) for value in column.to_pylist()], dtype=bool)
        column = _without(column, bad)
    found = wkb.scan_all(column)
    there = ~np.asarray(column.is_null())
    worse = there & (found.unread | found.broken)
    worse |= _too_deep(column, there & ~worse & (found.kind == 7))
    return (_without(column, worse) if worse.any() else column), bad | worse


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


def _too_deep(column: pa.ChunkedArray, are_collections: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which collections hold collections deeper than is sensible."""
    deep = np.zeros(len(column), dtype=bool)
    rows = np.flatnonzero(are_collections)
    if not len(rows):
        return deep
    shapes: Any = shapely.from_wkb(column.take(pa.array(rows)).to_numpy(), on_invalid="ignore")
    for _ in range(MOST_DEEP):
        parts, owners = shapely.get_parts(shapes, return_index=True)
        inner = shapely.get_type_id(parts) == 7
        shapes, rows = parts[inner], rows[owners[inner]]
        if not len(rows):
            return deep
    deep[rows] = True
    return deep


def _flat(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return (
        column if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type) else column.cast(pa.binary())
    )


def _without(column: pa.ChunkedArray, bad: NDArray[np.bool_]) -> pa.ChunkedArray:
    import pyarrow.compute as pc

    nothing = pa.scalar(None, column.type)
    made: pa.ChunkedArray = pc.if_else(pa.array(~bad), column, nothing)
    return made
