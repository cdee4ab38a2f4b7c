"""Which geometries of a stored table can be trusted to be read: those that cannot become none.

Runs in the child that reads a project. What it lets through, the program reads without a fault; what it does not, is
taken out, and the row named.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from models.geometry import wkb
from models.geometry.wkb_records import MOST_DEEP, is_readable


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
