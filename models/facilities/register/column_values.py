"""Columns of foreign tables read as numbers, texts, years and days, with what they say of their unit. Vectorised.

Texts are taken apart once a distinct value, so that a million rows cost little more than their distinct texts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.facilities.register.fields import unit_of
from models.timeline.zone import DEFAULT_ZONE

_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[-+]?\d+)?"
_BEFORE = r"(?:dn|de|dia\.?|d|φ|ф|ø|⌀)?\s*"
_ONE = re.compile(rf"^\s*{_BEFORE}({_NUMBER})\s*([^\d\s.,+-][^\d]*)?\s*$", re.IGNORECASE)
_TWO = re.compile(
    rf"^\s*{_BEFORE}({_NUMBER})\s*([^\d\s]{{0,4}}?)\s*[×x*✕]\s*({_NUMBER})\s*([^\d\s]{{0,6}})\s*$", re.IGNORECASE
)
#: A year in milliseconds: services write days as such since 1970; smaller numbers are years, or days as 20030721.
_EPOCH_MS = 3e10
_YEARS = (1800, 2100)
#: A time of day that states its zone.
_ZONED = r":\d{2}\S*?(?:Z|[+-]\d{2}:?\d{2})$"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column read as numbers.

    Parameters
    ----------
    values : ndarray of float
        NaN where no single number stands.
    width, height : ndarray of float
        Of sizes such as ``300×200``, NaN elsewhere.
    unit : str
        The unit that values state themselves, empty where they state none or several.
    unread : ndarray of bool
        Rows in which something stands that is no number.
    """

    values: NDArray[np.float64]
    width: NDArray[np.float64]
    height: NDArray[np.float64]
    unit: str
    unread: NDArray[np.bool_]

    @property
    def any_size(self) -> NDArray[np.bool_]:
        """Return which rows hold a size of two numbers."""
        return np.isfinite(self.width)


def texts_in(column: pd.Series[Any]) -> NDArray[np.object_]:
    """Return a column as texts, whole numbers without a point, blanks cut; None where nothing stands."""
    if pd.api.types.is_bool_dtype(column):
        text = column.astype("object").map({True: "1", False: "0"})
    elif pd.api.types.is_float_dtype(column):
        plain = column.to_numpy(np.float64, na_value=np.nan)
        whole = np.isfinite(plain) & (np.abs(plain) < 2**53) & (plain == np.round(plain))
        text = column.astype("object").where(np.isfinite(plain), None)
        if whole.any():
            numbers = np.where(whole, plain, 0).astype(np.int64).astype(str).astype(object)
            text = text.mask(whole, pd.Series(numbers, index=column.index))
        text = text.where(text.isna(), text.astype("str"))
    elif pd.api.types.is_datetime64_any_dtype(column):
        text = column.dt.strftime("%Y-%m-%d").astype("object")
    else:
        loose = column.astype("object").where(column.notna(), None)
        try:
            codes, distinct = pd.factorize(loose, use_na_sentinel=True)
        except TypeError:  # lists and mappings, as JSON has them, cannot be told apart as they are
            codes, distinct = pd.factorize(loose.map(str, na_action="ignore"), use_na_sentinel=True)
        plain_texts = np.array([*(str(value).strip() or None for value in distinct), None], dtype=object)
        return np.asarray(plain_texts[codes], dtype=object)
    return np.asarray(text.where(text.notna(), None).to_numpy(dtype=object), dtype=object)


def numbers_in(column: pd.Series[Any]) -> Numbers:
    """Read a column as numbers: ``300``, ``300 mm``, ``DN300``, ``12.5 ft``, ``300×200`` and the like."""
    count = len(column)
    nothing = np.full(count, np.nan)
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(np.float64, na_value=np.nan)
        return Numbers(np.where(np.isfinite(values), values, np.nan), nothing, nothing, "", np.zeros(count, bool))
    codes, distinct = pd.factorize(texts_in(column), use_na_sentinel=True)
    read = [_taken_apart(str(text)) for text in distinct]
    table = np.array([one[:3] for one in read] + [(np.nan, np.nan, np.nan)], dtype=np.float64).reshape(-1, 3)
    stated = {one[3] for one in read if one[3]}
    found = table[codes]
    something = (codes >= 0) & ~np.isfinite(found).any(axis=1)
    return Numbers(found[:, 0], found[:, 1], found[:, 2], stated.pop() if len(stated) == 1 else "", something)


def _taken_apart(text: str) -> tuple[float, float, float, str]:
    """Return number, width, height and unit of one text; NaN for what does not stand there."""
    none = float("nan")
    one = _ONE.match(text)
    if one is not None and (number := _float(one[1])) is not None:
        unit = unit_of(one[2] or "")
        return (number, none, none, unit) if unit or not (one[2] or "").strip() else (none, none, none, "")
    two = _TWO.match(text)
    if two is not None:
        width, height = _float(two[1]), _float(two[3])
        if width is not None and height is not None:
            return none, width, height, unit_of(two[4] or two[2] or "")
    return none, none, none, ""


def _float(text: str) -> float | None:
    try:
        number = float(text.replace(",", ""))
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def moments_in(column: pd.Series[Any]) -> pd.Series[Any]:
    """Read a column as moments (without zone): days, milliseconds since 1970, ``20030721``, ``1950`` (1 January).

    What states a zone is brought to the clock of China, as which what states none is read: a case that was closed at
    00:30 on New Year's Day is one of the new year.

    Returns
    -------
    Series of datetime64, NaT where no moment stands.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        has_zone = getattr(column.dtype, "tz", None) is not None
        plain = column.dt.tz_convert(DEFAULT_ZONE).dt.tz_localize(None) if has_zone else column
        return plain.astype("datetime64[s]")
    index = column.index
    moments = pd.Series(np.full(len(column), np.datetime64("NaT"), "datetime64[s]"), index=index)
    numbers = numbers_in(column).values
    known = np.isfinite(numbers)
    size = np.where(known, np.abs(numbers), 0)
    day = _days_written(np.where(known & (numbers > 1e7) & (numbers < 1e8), numbers, np.nan))
    moments[:] = day
    year = known & (numbers >= _YEARS[0]) & (numbers <= _YEARS[1])
    moments[year] = (np.floor(numbers[year]).astype(np.int64) - 1970).astype("datetime64[Y]").astype("datetime64[s]")
    if are_stamps(numbers):
        stamp = known & (size < _EPOCH_MS * 1000)
        moments[stamp] = np.floor(numbers[stamp] / 1000.0).astype(np.int64).astype("datetime64[s]")
    if not pd.api.types.is_numeric_dtype(column):
        left = moments.isna().to_numpy() & ~known
        if left.any():
            texts = pd.Series(texts_in(column)[left], dtype=object)
            texts = texts.str.replace(r"[年月./]", "-", regex=True).str.replace("日", "", regex=False).str.rstrip("-")
            read = pd.to_datetime(texts, errors="coerce", format="mixed", utc=True)
            zoned = texts.str.contains(_ZONED, na=False).to_numpy(bool)
            local = read.dt.tz_convert(DEFAULT_ZONE).dt.tz_localize(None)
            plain = read.dt.tz_localize(None).where(~zoned, local)
            moments[left] = plain.to_numpy("datetime64[s]")
    years = moments.dt.year
    return moments.where((years >= _YEARS[0]) & (years <= _YEARS[1]))


def are_stamps(numbers: NDArray[np.float64]) -> bool:
    """Whether a column holds milliseconds since 1970: most are further than a year from it. Then 0 is a day too."""
    known = numbers[np.isfinite(numbers)]
    return bool(len(known)) and float(np.median(np.abs(known))) >= _EPOCH_MS


def _days_written(numbers: NDArray[np.float64]) -> NDArray[np.datetime64]:
    """Return the days that numbers such as 20030721 write; 20030000 is 1 January."""
    whole = np.where(np.isfinite(numbers), numbers, 0).astype(np.int64)
    year, month, day = whole // 10000, whole // 100 % 100, whole % 100
    sound = (year >= _YEARS[0]) & (year <= _YEARS[1]) & (month <= 12) & (day <= 31)
    month, day = np.maximum(month, 1), np.maximum(day, 1)
    start = ((year - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]")
    return np.where(sound, start + (day - 1), np.datetime64("NaT")).astype("datetime64[s]")
