"""Moments of cases as tables write them: ISO 8601 with a zone out, most of what is met in.

A moment without a zone is taken to be in the zone that is given, and how many were so is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.cases.deadline import NONE_US
from models.timeline.zone import DEFAULT_ZONE, iso

if TYPE_CHECKING:
    from numpy.typing import NDArray


def iso_of(time_us: int | None, zone: str = DEFAULT_ZONE) -> str | None:
    """Return a moment as text with its zone, whole seconds; None for none."""
    return None if time_us is None else iso(time_us, zone)


def us_of(value: object, zone: str = DEFAULT_ZONE) -> int | None:
    """Return the moment that one cell says, None for none."""
    found, _ = moments(pd.Series([value], dtype=object), zone)
    return None if found[0] == NONE_US else int(found[0])


def moments(column: pd.Series[Any], zone: str = DEFAULT_ZONE) -> tuple[NDArray[np.int64], int]:
    """Return the moments (µs since 1970 UTC) of a column, and how many had no zone of their own.

    Parameters
    ----------
    column : Series
        Moments, or texts; what says none is ``NONE_US``.
    zone : str
        In which those without a zone stand.
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        bare = getattr(column.dtype, "tz", None) is None
        aware = column.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT") if bare else column
        found = aware.dt.tz_convert("UTC").dt.tz_localize(None)
        return _us(found), int(found.notna().sum()) if bare else 0
    texts = column.astype(object).where(column.notna(), "").astype(str).str.strip()
    texts = texts.str.replace("年", "-").str.replace("月", "-").str.replace("日", "").str.replace("/", "-")
    zoned = texts.str.contains(r"(?:Z|[+-]\d{2}:?\d{2})$", regex=True) & texts.str.contains(":")
    found = pd.Series(np.full(len(texts), np.datetime64("NaT"), "datetime64[us]"), index=texts.index)
    if zoned.any():
        read = pd.to_datetime(texts[zoned], errors="coerce", utc=True, format="ISO8601")
        found[zoned] = read.dt.tz_localize(None).astype("datetime64[us]")
    bare_rows = ~zoned & (texts != "")
    if bare_rows.any():
        read = pd.to_datetime(texts[bare_rows], errors="coerce", format="mixed")
        local = read.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").dt.tz_convert("UTC")
        found[bare_rows] = local.dt.tz_localize(None).astype("datetime64[us]")
    return _us(found), int((bare_rows & found.notna()).sum())


def _us(found: pd.Series[Any]) -> NDArray[np.int64]:
    whole = found.astype("datetime64[us]").to_numpy().astype(np.int64)
    return np.where(found.isna().to_numpy(), NONE_US, whole)
