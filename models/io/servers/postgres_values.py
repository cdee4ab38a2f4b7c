"""Values of PostgreSQL's types as columns of a table: whole numbers exact, times as written, the rest as text.

A database knows hundreds of types and values that Python lacks (``infinity`` as a date, years before Christ): what is
no number, truth, text or time is asked for as text, which every type has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from models.io.common import times

_WHOLE = frozenset({"int2", "int4", "int8"})
_REAL = frozenset({"float4", "float8"})
_TIMES = frozenset({"date", "timestamp", "timestamptz"})
_TEXT = frozenset({"text", "varchar", "bpchar", "name", "char"})
_AS_THEY_ARE = _WHOLE | _REAL | _TEXT | {"bool", "numeric"}
_INT64 = np.iinfo(np.int64)


def selected(identifier: Any, kind: str) -> Any:
    """Return how a column is asked for.

    Parameters
    ----------
    identifier : psycopg.sql.Identifier
    kind : str
        PostgreSQL's name of its type (``udt_name``).
    """
    from psycopg import sql

    if kind in _AS_THEY_ARE:
        return identifier
    if kind.startswith("_"):  # an array
        return sql.SQL("to_json({})::text").format(identifier)
    return sql.SQL("{}::text").format(identifier)


def column_of(values: Sequence[Any], kind: str) -> pd.Series[Any]:
    """Return values as they came as one column.

    Parameters
    ----------
    values : sequence
        None for no data.
    kind : str
        As in :func:`selected`.
    """
    if kind in _WHOLE:
        return _whole(values)
    if kind in _REAL:
        return pd.Series([np.nan if value is None else value for value in values], dtype=np.float64)
    if kind == "numeric":
        return _numeric(values)
    if kind == "bool":
        return pd.Series(values, dtype="boolean" if None in values else bool)
    texts = pd.Series(values, dtype="str")
    return times.as_moments(texts) if kind in _TIMES and texts.notna().any() else texts


def is_mixed(column: pd.Series[Any], kind: str) -> bool:
    """Whether a column of times stayed text, as what it holds has no place on one calendar."""
    return kind in _TIMES and column.dtype == "str" and bool(column.notna().any())


def _whole(values: Sequence[Any]) -> pd.Series[Any]:
    array = pa.array(values, pa.int64())
    return pd.Series(array.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get if array.null_count else None))


def _numeric(values: Sequence[Any]) -> pd.Series[Any]:
    """Return exact numbers as whole ones where they all are and fit, as text where a code would lose digits."""
    known = [value for value in values if value is not None]
    if known and all(value.is_finite() and value == value.to_integral_value() for value in known):
        if all(_INT64.min <= value <= _INT64.max for value in known):
            return _whole([None if value is None else int(value) for value in values])
        return pd.Series([None if value is None else str(value) for value in values], dtype="str")
    return pd.Series([np.nan if value is None else float(value) for value in values], dtype=np.float64)
