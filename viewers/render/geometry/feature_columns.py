"""Columns of features as arrays."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def text(frame: pd.DataFrame, names: tuple[str, ...]) -> NDArray[np.object_]:
    """Return the first of some columns that is there as text, ``""`` where it says nothing."""
    for name in names:
        if name in frame.columns:
            column = frame[name]
            return column.astype("str").where(column.notna(), "").to_numpy(dtype=object)
    return np.full(len(frame), "", dtype=object)
