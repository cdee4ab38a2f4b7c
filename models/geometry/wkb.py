"""Boxes, areas and soundness of a million geometries straight from their WKB, without making a million objects.

Most features of a city are one ring, one line or one point: their WKB has a fixed head and then nothing but
coordinates. Such records are read by the thousand with NumPy; whatever is built otherwise goes through shapely.
WKB as in OGC 06-103r4 clause 8 (ISO types: +1000 with heights; 0x80000000 as older programs mark them).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.geometry.wkb_records import unreadable

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Corners above which a geometry goes through shapely: by the thousand pays only for what is alike.
_MOST_CORNERS = 64
#: So few records of one form go through shapely too.
_FEW = 24
_BLOCK = 1 << 15


@dataclass(slots=True)
class Scan:
    """What is known of geometries without making them.

    Parameters
    ----------
    box : ndarray (n, 4) float64
        West, south, east, north; NaN for an empty or unsound one.
    area : ndarray (n,) float32
        Of polygons, in squared units of the coordinates; 0 for the rest.
    kind : ndarray (n,) uint8
        1 point, 2 line, 3 polygon, 4…6 several of them, 7 a collection; 0 for none.
    empty : ndarray (n,) bool
        Missing, empty or not to be understood.
    broken : ndarray (n,) bool
        With coordinates that are no finite numbers.
    has_z, bad_z : ndarray (n,) bool
        With heights; with heights that are no finite numbers.
    unread : ndarray (n,) bool
        Not WKB as it should be: an open ring, a curve, a damaged record.
    """

    box: Floats
    area: NDArray[np.float32]
    kind: NDArray[np.uint8]
    empty: NDArray[np.bool_]
    broken: NDArray[np.bool_]
    has_z: NDArray[np.bool_]
    bad_z: NDArray[np.bool_]
    unread: NDArray[np.bool_]

    def taken(self, keep: NDArray[np.bool_]) -> Scan:
        """Return what is known of some of the geometries."""
        return Scan(*(getattr(self, name)[keep] for name in self.__slots__))


def scan(wkb: pa.Array) -> Scan:
    """Look through an Arrow array of WKB (binary or large_binary, one chunk)."""
    n = len(wkb)
    found = Scan(
        np.full((n, 4), np.nan), np.zeros(n, np.float32), np.zeros(n, np.uint8), np.zeros(n, bool), np.zeros(n, bool),
        np.zeros(n, bool), np.zeros(n, bool), np.zeros(n, bool),
    )  # fmt: skip
    if not n:
        return found
    starts, sizes, buffer = layout(wkb)
    rest = np.ones(n, dtype=bool)
    if len(buffer) >= 4:
        for begin in range(0, n, _BLOCK):  # as much at a time as stays in the processor's own memory
            block = slice(begin, min(begin + _BLOCK, n))
            rest[block] = _scan_plain(found, begin, starts[block], sizes[block], buffer)
    if wkb.null_count:
        import pyarrow.compute as pc

        nothing = np.asarray(pc.is_null(wkb))
        found.empty[nothing] = True
        found.kind[nothing] = 0
        found.box[nothing] = np.nan
        rest &= ~nothing
    if rest.any():
        _scan_rest(found, np.flatnonzero(rest), wkb)
    return found


def scan_all(column: pa.ChunkedArray) -> Scan:
    """Look through a whole column of WKB."""
    return joined([scan(chunk) for chunk in column.chunks])


def joined(parts: list[Scan]) -> Scan:
    """Return one scan of several, one after another."""
    import pyarrow as pa

    if not parts:
        return scan(pa.array([], pa.binary()))
    return parts[0] if len(parts) == 1 else Scan(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Scan.__slots__)
    )  # fmt: skip


def layout(wkb: pa.Array) -> tuple[Ints, Ints, NDArray[np.uint8]]:
    """Return where each record begins, its length, and all bytes of an Arrow binary array."""
    import pyarrow as pa

    wide = pa.types.is_large_binary(wkb.type)
    _, offsets, data = wkb.buffers()
    known: Any = np.frombuffer(offsets, np.int64 if wide else np.int32)[wkb.offset : wkb.offset + len(wkb) + 1]
    places: Ints = known.astype(np.int64)
    empty = np.zeros(0, np.uint8)
    begin: Ints = places[:-1]
    sizes: Ints = np.diff(places)
    return begin, sizes, empty if data is None else np.frombuffer(data, np.uint8)


def taken(data: NDArray[np.uint8], places: Ints, size: int) -> NDArray[Any]:
    """Return the ``size`` bytes at each of many places, whatever their alignment."""
    records: NDArray[Any] = np.ndarray((len(data) - size + 1,), dtype=f"V{size}", buffer=data, strides=(1,))
    rows: NDArray[Any] = records[places]
    return rows


def _scan_plain(found: Scan, base: int, starts: Ints, sizes: Ints, data: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Read all records of one ring, line or point; return which are left."""

    def number(at: Ints) -> Ints:
        return taken(data, np.minimum(at, len(data) - 4), 4).view("<u4").astype(np.int64)

    code = number(starts + 1)
    has_z = (code >= 0x80000000) | ((code > 1000) & (code < 2000))
    kind = np.where(code >= 0x80000000, code - 0x80000000, np.where(code > 1000, code - 1000, code))
    dims = np.where(has_z, 3, 2)
    single = np.where((kind >= 4) & (kind <= 6), kind - 3, kind)
    inner = np.where(kind >= 4, 9, 0)
    plain = (sizes > 4) & (data[np.minimum(starts, len(data) - 1)] == 1) & (single >= 1) & (single <= 3)
    plain &= (kind < 4) | (number(starts + 5) == 1)
    plain &= (single != 3) | (number(starts + inner + 5) == 1)
    head = inner + np.array([0, 5, 9, 13])[np.clip(single, 0, 3)]
    corners = (sizes - head) // (8 * dims)
    plain &= (corners >= 1) & (corners <= _MOST_CORNERS) & (head + corners * 8 * dims == sizes)
    plain &= (single == 1) | (number(starts + head - 4) == corners)
    begin = starts + head
    rows = np.flatnonzero(plain)
    form = (corners[rows] * 4 + single[rows]) * 2 + (dims[rows] - 2)
    by_form = np.argsort(form.astype(np.uint16), kind="stable")
    cuts = np.flatnonzero(np.diff(form[by_form])) + 1
    found.kind[base + rows] = kind[rows]
    found.has_z[base + rows] = has_z[rows]
    for group in np.split(by_form, cuts) if len(rows) else ():
        mine = rows[group]
        if len(mine) < _FEW:
            plain[mine] = False
            continue
        k, width = int(corners[mine[0]]), int(dims[mine[0]])
        runs = taken(data, begin[mine], 8 * k * width).view("<f8")
        _measure(found, base + mine, runs.reshape(len(mine), k, width), int(single[mine[0]]))
    left: NDArray[np.bool_] = ~plain
    return left


def _measure(found: Scan, rows: Ints, runs: Floats, single: int) -> None:
    """Note box and area of geometries of equally many corners, (m, k, 2 or 3)."""
    x, y = np.ascontiguousarray(runs[:, :, 0].T), np.ascontiguousarray(runs[:, :, 1].T)
    low_x, high_x, low_y, high_y = x[0].copy(), x[0].copy(), y[0].copy(), y[0].copy()
    area = np.zeros(len(rows))
    east, north = x[0], y[0]
    for k in range(1, len(x)):
        np.minimum(low_x, x[k], out=low_x)
        np.maximum(high_x, x[k], out=high_x)
        np.minimum(low_y, y[k], out=low_y)
        np.maximum(high_y, y[k], out=high_y)
        if single == 3:
            area += (x[k - 1] - east) * (y[k] - north) - (x[k] - east) * (y[k - 1] - north)
    if single == 3:
        found.unread[rows] = (x[0] != x[-1]) | (y[0] != y[-1]) | (len(x) < 4)
    found.box[rows] = np.column_stack([low_x, low_y, high_x, high_y])
    found.area[rows] = np.abs(area) / 2
    # Minimum and maximum hand a NaN on, and infinity is one of them: no corner is looked at twice.
    sound = np.isfinite(low_x) & np.isfinite(high_x) & np.isfinite(low_y) & np.isfinite(high_y)
    if not sound.all():
        if single == 1:  # an empty point is written as NaN
            found.empty[rows] = np.isnan(x[0]) & np.isnan(y[0])
        found.broken[rows] = ~sound & ~found.empty[rows]
        found.box[rows[~sound]] = np.nan
    if runs.shape[2] == 3:
        found.bad_z[rows] = ~np.isfinite(runs[:, :, 2]).all(axis=1) & ~found.empty[rows]


def _scan_rest(found: Scan, rows: Ints, wkb: Any) -> None:
    import pyarrow as pa
    import shapely

    taken = wkb.take(pa.array(rows)).to_numpy(zero_copy_only=False)
    taken = np.where(unreadable(taken), None, taken)  # shapely would die of them
    made = shapely.from_wkb(taken, on_invalid="ignore")
    types = shapely.get_type_id(made)
    found.unread[rows] = types < 0
    found.kind[rows] = np.select([types == 0, types == 2], [1, 2], np.where(types < 0, 0, types)).astype(np.uint8)
    found.kind[rows[types == 1]] = 2
    found.empty[rows] = shapely.is_missing(made) | shapely.is_empty(made)
    found.has_z[rows] = shapely.has_z(made)
    found.box[rows] = shapely.bounds(made)
    found.area[rows] = shapely.area(made)
    coordinates, owner = shapely.get_coordinates(made, include_z=True, return_index=True)
    bad = ~np.isfinite(coordinates[:, :2]).all(axis=1)
    found.broken[rows[np.unique(owner[bad])]] = True
    bad_z = rows[np.unique(owner[~np.isfinite(coordinates[:, 2])])]
    found.bad_z[bad_z[found.has_z[bad_z]]] = True
    found.box[rows[np.unique(owner[bad])]] = np.nan
