"""Large tables of features into a project and out of it as columns: no geometry object on either way.

What is written is what :mod:`models.store.frames` would write of the same features, and what a small table comes back
as. Geometries go as the WKB that they are held as.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from models.core.progress import Progress
from models.geometry import wkb
from models.geometry.feature_table import GEOMETRY, LARGE, Features
from models.store import frames
from models.store.frames import Layout

_TYPES = {
    1: "Point", 2: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "MultiLineString", 6: "MultiPolygon",
    7: "GeometryCollection",
}  # fmt: skip
_BATCH = 65_536


def encode(features: Features) -> tuple[pa.Table, Layout]:
    """Return features as an Arrow table with ``fid`` first and the geometry last, and the layout for :func:`decode`.

    Raises
    ------
    ValueError
        As :func:`models.store.frames.encode`.
    """
    attributes = features.attributes
    table, layout = frames.encode(attributes)
    taken = {form for name in table.column_names for form in (name.casefold(), name.lower())}
    field = frames._safe_name(GEOMETRY, taken)
    crs = features.crs or None
    column = {"name": GEOMETRY, "field": field, "dtype": "geometry", "codec": "wkb", "crs": crs}
    layout |= {"columns": [*layout["columns"], column], "geometry": field, "crs": crs}
    return table.append_column(field, features.wkb), layout


def decode(
    table: pa.Table, fids: np.ndarray[Any, Any], layout: Layout, geometry: str, crs: str | None
) -> Features | None:
    """Return a large table as features; None for what only a frame can hold.

    Parameters are those of :func:`models.store.frames.decode`.
    """
    known = {column["field"]: column for column in layout.get("columns", ())}
    if table.num_rows <= LARGE or geometry not in table.column_names or fids.min() < 0:
        return None
    if known.get(geometry, {}).get("name", GEOMETRY) != GEOMETRY:
        return None
    if any(column["codec"] == "wkb" for field, column in known.items() if field != geometry):
        return None
    rest = [column for column in table.column_names if column != geometry]
    if (geometry in known and list(known)[-1] != geometry) or GEOMETRY in rest:
        return None
    found = wkb.scan_all(table.column(geometry))
    if (found.empty | found.broken | found.unread | found.bad_z).any() or int(found.kind.max()) > 7:
        return None
    plain = {**layout, "columns": [column for column in layout.get("columns", ()) if column["field"] != geometry]}
    attributes = frames.decode(table.select(rest), fids, plain if layout else {}, "", None)
    if any(not isinstance(name, str) for name in attributes.columns):
        return None
    return Features.of_columns(attributes, table.column(geometry), crs or "", found)


def digest(table: pa.Table, layout: Layout) -> str:
    """Return a fingerprint of a table whose batches may be cut anywhere; text and bytes are never joined into one."""
    total = hashlib.blake2b(json.dumps(layout, sort_keys=True, default=str).encode(), digest_size=16)
    for column in table.columns:
        kind = column.type
        parts = [hashlib.blake2b(digest_size=16) for _ in range(3)]
        for chunk in column.chunks:
            parts[0].update(np.asarray(chunk.is_null()).tobytes())
            for number, view in enumerate(_buffers(chunk, kind), start=1):
                parts[number].update(view.data)
        total.update(str(kind).replace("large_", "").encode())
        for part in parts:
            total.update(part.digest())
    return total.hexdigest()


def _buffers(chunk: pa.Array, kind: pa.DataType) -> list[np.ndarray[Any, Any]]:
    """Return what values a chunk has, and how long they are where that differs; nothing of what is missing."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        chunk = chunk.cast(pa.large_binary())
    if pa.types.is_binary(chunk.type) or pa.types.is_large_binary(chunk.type):
        chunk = chunk.fill_null(b"") if chunk.null_count else chunk
        starts, sizes, data = wkb.layout(chunk)
        return [data[int(starts[0]) : int(starts[-1] + sizes[-1])] if len(starts) else data[:0], sizes]
    if pa.types.is_boolean(kind):
        chunk = chunk.cast(pa.int8())
    elif pa.types.is_temporal(kind):
        chunk = chunk.cast(pa.int32() if pa.types.is_date32(kind) else pa.int64())
    chunk = chunk.fill_null(0) if chunk.null_count else chunk
    return [np.ascontiguousarray(chunk.to_numpy(zero_copy_only=False))]


def geometry_type(features: Features) -> str:
    """Return the GeoPackage type of features: the one that all geometries share, ``"Unknown"`` (any) if they differ."""
    found = np.unique(np.concatenate([_codes(chunk) for chunk in features.wkb.chunks]))
    if len(found) != 1:
        return "Unknown"
    code = int(found[0])
    has_z = code >= 0x80000000 or 1000 < code < 2000
    name = _TYPES.get(code - 0x80000000 if code >= 0x80000000 else code % 1000)
    return "Unknown" if name is None or (code >= 2000 and code < 0x80000000) else f"{name} Z" if has_z else name


def _codes(chunk: pa.Array) -> np.ndarray[Any, Any]:
    """Return the geometry types that WKB records say, each once."""
    starts, _, data = wkb.layout(chunk)
    if not len(starts):
        return np.zeros(0, dtype=np.int64)
    raw_codes = np.ascontiguousarray(wkb.taken(data, starts + 1, 4))
    little = data[starts] == 1
    codes = np.where(little, raw_codes.view("<u4").astype(np.int64), raw_codes.view(">u4").astype(np.int64))
    return np.unique(codes)


def stream(table: pa.Table, progress: Progress) -> pa.RecordBatchReader:
    """Return a table for who reads batch by batch, saying how far that is.

    A cancel ends the stream as an error of the reader; :meth:`Progress.step` then tells whoever asked for it.
    """

    def batches() -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in table.to_batches(max_chunksize=_BATCH):
            progress.step(done / table.num_rows, "progress.store.saving")
            done += batch.num_rows
            yield batch

    return pa.RecordBatchReader.from_batches(table.schema, batches())


__all__ = ["decode", "digest", "encode", "geometry_type", "stream"]
