"""Prints of objects and of their values: enough to say which rows came, went or changed without keeping the table.

A print is a number made of a text; equal texts have equal prints on every machine. Names of objects have 64 bits,
values of fields 32: of a million changed values, fewer than one is taken for unchanged.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

Prints = NDArray[np.uint64]

#: Above so many rows only counts and fingerprints of whole columns are kept.
MOST_ROWS = 50_000
#: Packed prints of a foreign file that open to more than this are none of ours.
_MOST_BYTES = 64 * 1024 * 1024
_VALUES = np.dtype("<u4")
_NAMES = np.dtype("<u8")


def names(values: Any) -> Prints:
    """Return the prints of names."""
    return _hashed(np.asarray(values, dtype=object))


def values(column: Any) -> NDArray[np.uint32]:
    """Return the prints of the values of a field: numbers as numbers, whatever the column holds them as."""
    series = pd.Series(column)
    if pd.api.types.is_bool_dtype(series.dtype) or pd.api.types.is_numeric_dtype(series.dtype):
        numbers = pd.to_numeric(series, errors="coerce").astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        numbers = np.where(np.isnan(numbers), np.nan, numbers + 0.0)  # one nan, one zero
        found = pd.util.hash_array(numbers)
    else:
        texts = series.astype(object)
        found = _hashed(texts.where(texts.notna(), "").astype(str).to_numpy(dtype=object))
    return (found >> np.uint64(32)).astype(np.uint32)


def shapes(geometries: Any) -> NDArray[np.uint32]:
    """Return the prints of shapes, corner by corner."""
    found = _hashed(np.array([one or b"" for one in shapely.to_wkb(np.asarray(geometries))], dtype=object))
    return (found >> np.uint64(32)).astype(np.uint32)


def packed(prints: NDArray[Any]) -> str:
    """Return prints as a text."""
    kind = _NAMES if prints.dtype.itemsize == _NAMES.itemsize else _VALUES
    return base64.b64encode(zlib.compress(np.ascontiguousarray(prints, dtype=kind).tobytes(), 1)).decode()


def unpacked_names(text: str) -> Prints:
    """Return prints of names that :func:`packed` wrote; none where it did not."""
    return np.frombuffer(_opened(text, _NAMES.itemsize), _NAMES) if text else np.zeros(0, _NAMES)


def unpacked_values(text: str) -> NDArray[np.uint32]:
    """Return prints of values that :func:`packed` wrote; none where it did not."""
    return np.frombuffer(_opened(text, _VALUES.itemsize), _VALUES) if text else np.zeros(0, _VALUES)


def _opened(text: str, size: int) -> bytes:
    opener = zlib.decompressobj()
    try:
        raw = opener.decompress(base64.b64decode(text, validate=True), _MOST_BYTES)
    except (ValueError, zlib.error, binascii.Error):
        return b""
    return raw[: len(raw) // size * size] if not opener.unconsumed_tail else b""


def _hashed(texts: NDArray[np.object_]) -> Prints:
    return np.asarray(pd.util.hash_array(texts, categorize=len(texts) > 0), dtype=np.uint64)
