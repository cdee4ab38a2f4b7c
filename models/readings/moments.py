"""Times as tables have them: texts with or without a zone, parts in columns, numbers of Excel and of Unix."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.timeline.zone import zone as zone_named

#: What stands where there is no time.
NEVER = int(np.iinfo(np.int64).min)
_OFFSET = re.compile(r"(?:[zZ]|[+-]\d{2}:?\d{2})\s*$")
_STAMPS = {8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_CHINESE = str.maketrans({"年": "-", "月": "-", "日": " ", "时": ":", "分": ":", "秒": " ", "/": "-"})


def moments(columns: list[pd.Series[Any]], zone: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return times (µs since 1970 UTC; :data:`NEVER` for none), and which were without a zone.

    Parameters
    ----------
    columns : list of Series
        One column of times, or year, month, day, hour …
    zone : str
        IANA name for times without a zone; empty: such a time is none.
    """
    if len(columns) > 1:
        names = ("year", "month", "day", "hour", "minute", "second")
        parts = {name: pd.to_numeric(column, errors="coerce") for name, column in zip(names, columns, strict=False)}
        naive = pd.to_datetime(pd.DataFrame(parts), errors="coerce")
        return _in_zone(naive, zone), np.ones(len(naive), bool)
    codes, distinct = pd.factorize(columns[0])
    times, without = _of_distinct(pd.Series(distinct), zone)
    return np.append(times, NEVER)[codes], np.append(without, False)[codes]


def _of_distinct(values: pd.Series[Any], zone: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return _us(values.dt.tz_convert("UTC").dt.tz_localize(None)), np.zeros(len(values), bool)
    if pd.api.types.is_datetime64_any_dtype(values):
        return _in_zone(values, zone), np.ones(len(values), bool)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64, copy=True)
    texts = values.astype(str).str.strip()
    is_stamp = texts.str.fullmatch(r"(?:19|20)\d{6}(?:\d{2}){0,3}").to_numpy(bool)
    numbers[is_stamp] = np.nan
    times = np.full(len(values), NEVER)
    unix = _unix_us(numbers)
    is_unix = unix != NEVER
    times[is_unix] = unix[is_unix]
    is_day = (numbers >= 1) & (numbers < 200_000)
    zoned = (
        np.array([bool(_OFFSET.search(text)) and ":" in text for text in texts], bool) & np.isnan(numbers) & ~is_stamp
    )
    parsed = pd.to_datetime(texts[zoned], format="ISO8601", utc=True, errors="coerce")
    missed = parsed.isna()
    if missed.any():
        parsed[missed] = pd.to_datetime(texts[zoned][missed], format="mixed", utc=True, errors="coerce")
    times[zoned] = _us(parsed.dt.tz_localize(None))
    naive = pd.Series(np.full(len(values), np.datetime64("NaT"), "datetime64[us]"))
    for length, form in _STAMPS.items():
        rows = is_stamp & (texts.str.len() == length).to_numpy(bool)
        naive[rows] = pd.to_datetime(texts[rows], format=form, errors="coerce")
    if is_day.any():  # Excel counts days from 1899-12-30; its seconds are rounded
        naive[is_day] = np.datetime64("1899-12-30", "us") + (np.round(numbers[is_day] * 86_400) * 1e6).astype(
            "timedelta64[us]"
        )
    plain = ~zoned & ~is_stamp & np.isnan(numbers)
    if plain.any():
        told = texts[plain].str.translate(_CHINESE).str.strip().str.rstrip(":")
        found = pd.to_datetime(told, format="ISO8601", errors="coerce")
        missed = found.isna()
        if missed.any():
            found[missed] = pd.to_datetime(told[missed], format="mixed", errors="coerce")
        naive[plain] = found
    without = ~zoned & ~is_unix
    local = _in_zone(naive, zone)
    times[without] = local[without]
    return times, without


def _unix_us(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return times given as seconds, milliseconds, microseconds or nanoseconds since 1970."""
    found = np.full(len(numbers), NEVER)
    for least, factor in ((1e8, 1e6), (1e11, 1e3), (1e14, 1.0), (1e17, 1e-3)):
        rows = (numbers >= least) & (numbers < least * 1e3)
        found[rows] = np.round(numbers[rows] * factor).astype(np.int64)
    return found


def _in_zone(naive: pd.Series[Any], zone: str) -> NDArray[np.int64]:
    if not zone:
        return np.full(len(naive), NEVER)
    local = naive.dt.tz_localize(zone_named(zone), ambiguous="NaT", nonexistent="NaT")
    return _us(local.dt.tz_convert("UTC").dt.tz_localize(None))


def _us(times: pd.Series[Any]) -> NDArray[np.int64]:
    found = times.to_numpy("datetime64[us]").astype(np.int64)
    return np.asarray(np.where(times.isna().to_numpy(), NEVER, found))
