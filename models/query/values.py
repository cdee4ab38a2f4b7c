"""Typed columns in expressions: numbers, texts, dates and booleans, each with a mask of known values.

Invariants
----------
1. Missing is missing: None, NaN and NaT are unknown; the data under an unknown value means nothing.
2. A value is as long as the table, or of length one where it is the same for all rows.
3. Whole numbers stay whole until something is worked out with them: codes of 18 digits compare exactly.
4. Times are compared as they are written: an offset from UTC moves none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError

Mask = NDArray[np.bool_]
#: What a value can be; "null" is the kind of a bare null, which goes with everything.
KINDS = ("number", "text", "date", "bool", "geometry", "null", "other")

#: No text grows beyond so many signs, no column of texts beyond so many bytes.
MOST_TEXT, MOST_BYTES = 10_000, 600_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """One value a row.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    data : ndarray or pyarrow Array
        Number: int64 or float64; bool; date: datetime64[ms]; text: a pyarrow string array;
        geometry: objects of shapely in the projected CRS. Length n or 1.
    known : ndarray of bool
        Length n or 1.
    """

    kind: str
    data: Any
    known: Mask

    @property
    def is_constant(self) -> bool:
        """Whether it is the same for all rows."""
        return len(self.data) == 1 and len(self.known) == 1

    @property
    def one(self) -> Any:
        """Return a constant as a plain value, None where it is unknown."""
        if not self.known[0]:
            return None
        first = self.data[0]
        return first.as_py() if hasattr(first, "as_py") else first.item() if hasattr(first, "item") else first


def number(data: NDArray[Any], known: Mask) -> Value:
    """Return numbers; what is not finite is unknown."""
    if data.dtype.kind == "f":
        known = known & np.isfinite(data)
    return Value("number", data, known)


def truth(data: Mask, known: Mask) -> Value:
    """Return truths; what is unknown is not true."""
    return Value("bool", data & known, np.broadcast_to(known, np.broadcast_shapes(data.shape, known.shape)))


def text(data: Any) -> Value:
    """Return texts of a pyarrow array.

    Raises
    ------
    UserError
        ``ask.too_much`` for texts that fill the memory.
    """
    import pyarrow as pa

    if isinstance(data, pa.ChunkedArray):
        data = data.combine_chunks()
    if isinstance(data, pa.ChunkedArray):  # of no chunk at all
        data = pa.array([], pa.string())
    if data.nbytes > MOST_BYTES:
        raise UserError("ask.too_much")
    return Value("text", data, np.asarray(data.is_valid().to_numpy(zero_copy_only=False), dtype=bool))


def date(data: NDArray[Any], known: Mask) -> Value:
    """Return moments."""
    found = np.asarray(data).astype("datetime64[ms]")
    return Value("date", found, known & ~np.isnat(found))


def geometry(shapes: NDArray[Any]) -> Value:
    """Return geometries; None is unknown."""
    import shapely

    found = np.asarray(shapes, dtype=object)
    return Value("geometry", found, ~shapely.is_missing(found))


def constant(value: int | float | str | bool | None) -> Value:
    """Return a plain value for all rows."""
    import pyarrow as pa

    yes = np.ones(1, bool)
    if value is None:
        return Value("null", np.zeros(1), ~yes)
    if isinstance(value, bool):
        return truth(np.array([value]), yes)
    if isinstance(value, (int, float)):
        return number(np.array([value]), yes)
    return text(pa.array([value], pa.string()))


def of_column(series: Any) -> Value:
    """Return a column of a pandas table.

    Texts of an object column are taken as they are; other things in it (lists, mappings) as their text.
    """
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return of_column(series.astype(dtype.categories.dtype))
    if pd.api.types.is_bool_dtype(dtype):
        known = series.notna().to_numpy()
        return truth(series.fillna(False).to_numpy(dtype=bool), known)
    if pd.api.types.is_integer_dtype(dtype):
        known = series.notna().to_numpy()
        whole = series if known.all() else series.fillna(0)
        return number(whole.to_numpy(dtype=np.int64), known)
    if pd.api.types.is_float_dtype(dtype):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        return number(values, ~np.isnan(values))
    if pd.api.types.is_datetime64_any_dtype(dtype):
        naive = series.dt.tz_localize(None) if getattr(dtype, "tz", None) is not None else series  # as written
        moments = naive.to_numpy(dtype="datetime64[ms]")
        return date(moments, ~np.isnat(moments))
    return _of_objects(series)


def of_arrow(column: Any) -> Value:
    """Return an Arrow column without a way round pandas where that is possible."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = pa.array([], column.type)
    kind = column.type
    if pa.types.is_dictionary(kind):
        return of_arrow(column.dictionary_decode())
    known = np.asarray(column.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return text(column.cast(pa.string()) if column.nbytes < 2_000_000_000 else column)
    if pa.types.is_boolean(kind):
        return truth(pc.fill_null(column, False).to_numpy(zero_copy_only=False).astype(bool), known)
    if pa.types.is_integer(kind):
        return number(pc.fill_null(column, 0).to_numpy(zero_copy_only=False).astype(np.int64), known)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        plain = pc.fill_null(column.cast(pa.float64()), float("nan")).to_numpy(zero_copy_only=False)
        return number(plain, known)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        if getattr(kind, "tz", None):
            column = pc.local_timestamp(column)  # as written
        moments = column.cast(pa.timestamp("ms"), safe=False).to_numpy(zero_copy_only=False)
        return date(moments.astype("datetime64[ms]"), known)
    if pa.types.is_null(kind):
        return text(pa.nulls(len(column), pa.string()))
    return of_column(column.to_pandas())


def _of_objects(series: Any) -> Value:
    import pandas as pd
    import pyarrow as pa

    try:
        return text(pa.array(series, pa.string(), from_pandas=True))
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, TypeError):
        pass
    kind = pd.api.types.infer_dtype(series, skipna=True)
    known = series.notna().to_numpy()
    if kind == "boolean":
        return truth(np.array([value is True or value == 1 for value in series], bool) & known, known)
    if kind in ("integer", "floating", "mixed-integer-float", "decimal"):
        values = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        whole = kind == "integer" and known.all()
        return number(np.array(series, dtype=np.int64) if whole else values, known)
    if kind in ("date", "datetime", "datetime64"):
        written = [one.replace(tzinfo=None) if getattr(one, "tzinfo", None) else one for one in series]
        moments = pd.to_datetime(pd.Series(written, dtype=object), errors="coerce").to_numpy("datetime64[ms]")
        return date(moments, ~np.isnat(moments))
    plain = [str(value) if there else None for value, there in zip(series, known, strict=True)]
    return text(pa.array(plain, pa.string()))


def as_float(value: Value) -> NDArray[np.float64]:
    """Return numbers as float64, NaN where unknown."""
    found = value.data.astype(np.float64)
    return found if value.known.all() else np.where(value.known, found, np.nan)


def as_objects(value: Value, count: int) -> NDArray[Any]:
    """Return a value as plain arrays of a table's length.

    Numbers become float64 with NaN (int64 where all are known and whole), moments datetime64[ms] with NaT, texts and
    truths objects with None. To keep whole numbers with gaps exact, ask :func:`as_cells`.
    """
    known = np.broadcast_to(value.known, count)
    if value.kind == "null":
        return np.full(count, None, object)
    if value.kind == "number":
        plain = value.data if value.data.dtype.kind == "i" and bool(known.all()) else as_float(value)
        return np.broadcast_to(plain, count).copy()
    if value.kind == "date":
        return np.broadcast_to(np.where(value.known, value.data, np.datetime64("NaT")), count).copy()
    if value.kind == "text":
        plain = value.data.to_numpy(zero_copy_only=False)
        return np.array(np.broadcast_to(plain, count), object)
    found: NDArray[Any] = np.broadcast_to(value.data, count).astype(object)
    found[~known] = None
    return found


def as_cells(value: Value, count: int) -> NDArray[Any]:
    """Return what :func:`as_objects` does, but whole numbers with gaps as exact objects with None between."""
    if value.kind != "number" or value.data.dtype.kind != "i" or bool(value.known.all()):
        return as_objects(value, count)
    exact: NDArray[Any] = np.broadcast_to(value.data, count).astype(object)
    exact[~np.broadcast_to(value.known, count)] = None
    return exact


def as_text(value: Value) -> Value:
    """Return any value as text: numbers without needless digits, days as 2024-05-01."""
    import pyarrow as pa

    if value.kind == "text":
        return value
    if value.kind == "null":
        return text(pa.nulls(1, pa.string()))
    if value.kind == "date":
        whole = value.data.astype("datetime64[D]")
        seconds = np.datetime_as_string(value.data, unit="s")
        plain = np.where(value.data == whole, np.datetime_as_string(whole), np.char.replace(seconds, "T", " "))
        texts: Any = plain.astype(object)
    elif value.kind == "bool":
        texts = np.where(value.data, "true", "false").astype(object)
    else:
        texts = np.array([f"{one:d}" if isinstance(one, int) else f"{one:.15g}" for one in value.data.tolist()], object)
    return text(pa.array(np.where(value.known, texts, None), pa.string()))
