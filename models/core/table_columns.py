"""Columns of tables as arrays."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def numbers(table: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Return a column as float64, NaN where it lacks or says no number."""
    if name not in table.columns:
        return np.full(len(table), np.nan)
    values = pd.to_numeric(table[name], errors="coerce")
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
