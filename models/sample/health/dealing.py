"""Values dealt out to rows by shares, some of them unknown on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

YES, NO = "yes", "no"


def dealt(rng: np.random.Generator, count: int, shares: Mapping[Any, float]) -> list[Any]:
    """Return one of some values for each of ``count`` rows, by their shares; None stands for "unknown"."""
    values = list(shares)
    return [values[at] for at in rng.choice(len(values), count, p=list(shares.values()))]


def whole(values: Any) -> Any:
    """Return numbers as an array of nullable integers."""
    return pd.to_numeric(pd.Series(list(values), dtype=object)).astype("Int64").array


def with_columns(frame: gpd.GeoDataFrame, **columns: Any) -> gpd.GeoDataFrame:
    """Return a table with further columns after its own, before its shapes."""
    own = [name for name in frame.columns if name != frame.geometry.name and name not in columns]
    return frame.assign(**columns)[[*own, *columns, frame.geometry.name]]


def either(condition: Any, value: Any, other: Any = None) -> NDArray[Any]:
    """Return ``value`` where a condition holds and ``other`` elsewhere: texts, some of them unknown."""
    return np.where(np.asarray(condition, dtype=bool), np.asarray(value, object), np.asarray(other, object))
