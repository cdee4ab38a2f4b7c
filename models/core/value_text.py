"""Numbers as text, without words: how many digits, thousands apart or not, which sign, which unit.

The one place that decides how a number is written, on a panel, a legend, a sheet or a terminal. What needs words (yes
and no, "no data", the name of a code) is in ``viewers/texts/values.py``, which builds on this.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

#: From here on digits before the point are no longer meant: the number is written with an exponent.
HUGE = 1e15


def is_missing(value: object) -> bool:
    """Whether a cell holds no data: None, NaN, pandas' NaT and NA, empty text."""
    if isinstance(value, float):
        return value != value
    if isinstance(value, str):
        return value in ("", "NaT", "<NA>")
    return value is None or str(value) in ("", "nan", "NaT", "<NA>")


def text_or_empty(value: object) -> str:
    """Return a cell as text, empty for no data."""
    return "" if is_missing(value) else str(value)


def number(value: float, digits: int = 2, *, grouped: bool = True, trimmed: bool = False, signed: bool = False) -> str:
    """Return a number with so many decimals.

    Parameters
    ----------
    value : float
    digits : int
        Decimals.
    grouped : bool
        Thousands apart by commas.
    trimmed : bool
        Without zeros at the end of the decimals.
    signed : bool
        A plus before positive numbers.
    """
    text = f"{value:{'+' if signed else ''}{',' if grouped else ''}.{digits}f}"
    return text.rstrip("0").rstrip(".") if trimmed and "." in text else text


def significant(value: float, digits: int = 6) -> str:
    """Return a number with at most so many significant digits, very large and very small ones with an exponent."""
    return f"{value:.{digits}g}"


def quantity(value: float, unit: str, digits: int = 2, *, trimmed: bool = False, gap: str = " ") -> str:
    """Return a number with its unit, without a gap where the unit is none."""
    text = number(value, digits, trimmed=trimmed)
    return f"{text}{gap}{unit}" if unit else text


def percent(share: float, digits: int = 0, *, signed: bool = False) -> str:
    """Return a share (1 for the whole) in per cent, without the sign ``%``."""
    return number(100 * share, digits, grouped=False, signed=signed)


def share_of(count: int, total: int) -> str:
    """Return a count as per cent of a total: a dash for none, ``"< 0.1 %"`` for what would be rounded to none."""
    if not total or not count:
        return "–"
    part = 100 * count / total
    return f"{part:.1f} %" if part >= 0.1 else "< 0.1 %"


def coordinate(value: float, digits: int = 3, *, signed: bool = False) -> str:
    """Return a coordinate, or with ``signed`` the difference of two: metres to the millimetre, thousands not apart."""
    return number(value, digits, grouped=False, signed=signed)


def measured(value: float) -> str:
    """Return a measured area or volume: three decimals, five below a tenth."""
    return number(value, 3) if abs(value) >= 0.1 else number(value, 5, grouped=False)


def statistic(value: float, digits: int = 3, least: float = 0.0) -> str:
    """Return a sum or mean: trimmed decimals, an exponent from :data:`HUGE` on and below ``least``."""
    if abs(value) >= HUGE or 0.0 < abs(value) < least:
        return significant(value, 4)
    return number(value, digits, trimmed=True)


def three_digits(value: float) -> str:
    """Return a number with three significant digits, a whole one from a thousand on."""
    return significant(value, 3) if abs(value) < 1000 else number(value, 0)


def class_limit(value: float, step: float = 0.0) -> str:
    """Return a limit as a legend writes it: thousands apart, no digits that its neighbours do not need.

    Parameters
    ----------
    value : float
    step : float
        Least distance to a neighbouring limit; it decides how many digits are needed. 0: as many as the number has.
    """
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    digits = 0
    wanted = abs(step) if step else max(abs(value) * 1e-6, 1e-9)
    while digits < 6 and abs(round(value, digits) - value) > 0.02 * wanted:
        digits += 1
    text = number(value, digits)
    return "0" if text in ("-0", "−0") else minus(text)


def distinct(value: float, among: Iterable[float]) -> str:
    """Return a number with as many digits as it takes to tell it from its neighbours."""
    ordered = sorted({float(one) for one in among})
    gap = min((high - low for low, high in itertools.pairwise(ordered)), default=abs(value))
    if gap <= 0 or (float(value).is_integer() and gap >= 1):
        return number(value, 0)
    return number(value, min(max(1 - math.floor(math.log10(gap)), 0), 4), trimmed=True)


def minus(text: str) -> str:
    """Return a number's text with a minus sign (U+2212) in place of the hyphen."""
    return text.replace("-", "−")


def plain(value: object, digits: int, *, grouped: bool = True) -> str:
    """Return a value without words: a fraction with trimmed decimals, anything else as Python writes it."""
    return number(value, digits, grouped=grouped, trimmed=True) if isinstance(value, float) else str(value)


def plain_tree(value: object, digits: int = 3) -> str:
    """Return a value of nested tables and lists on one line: ``"crs=EPSG:4548, size=3, 4"``."""
    if isinstance(value, dict):
        return ", ".join(f"{name}={plain_tree(item, digits)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(plain_tree(item, digits) for item in value)
    return plain(value, digits)
