"""A column of a table as texts that can be compared: codes and names, whatever a file made of them."""

from __future__ import annotations

import pandas as pd


def column_texts(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as stripped texts: empty where it or a value is missing, a code that became 3.0 as ``3``."""
    if name not in table.columns:
        return pd.Series("", index=table.index, dtype=object)
    column = table[name]
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype("str").str.strip().where(column.notna(), "").astype(object)
