"""Numbers as text, without words: how many digits, thousands apart or not, which sign, which unit.

The one place that decides how a number is written, on a panel, a legend, a sheet or a terminal. What needs words (yes
and no, "no data", the name of a code) is in ``viewers/texts/values.py``, which builds on this.

Invariants
----------
1. What is not zero is never written as zero.
2. Whole numbers are written to the last digit and never become a float on the way.
3. A number that somebody wrote down is written as it was; only what a machine worked out is rounded.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from models.core.field_kinds import FieldKind, kind_of

#: From here on digits before the point are no longer meant: the number is written with an exponent.
HUGE = 1e15
#: People write down at most so many significant digits; what has more was worked out by a machine.
WRITTEN_DIGITS = 12
#: Decimals of degrees (a centimetre), and of other places in metres, where a machine worked them out.
DEGREE_DECIMALS, PLACE_DECIMALS = 7, 3


@dataclass(frozen=True, slots=True)
class NumberForm:
    """How the numbers of one field are written.

    Parameters
    ----------
    grouped : bool
        Thousands apart by commas.
    decimals : int or None
        At most so many; None for all that a number has.
    """

    grouped: bool = False
    decimals: int | None = None


def form_of(field: str, values: Iterable[object]) -> NumberForm:
    """Return how the numbers of a field are written, by its name and by some of its values.

    Numbers that people wrote down keep all their digits. Where more than a tenth of them were worked out by a machine
    (more than :data:`WRITTEN_DIGITS` significant digits) they have as many decimals as leave six significant digits
    of the middling one, but three at least; places have the decimals of a centimetre or a millimetre.
    """
    kind = kind_of(field)
    fractions: list[Any] = [value for value in values if is_fraction(value)]
    known = [float(value) for value in fractions if math.isfinite(value)]
    worked_out = sum(_written_digits(value) > WRITTEN_DIGITS for value in known)
    if worked_out * 10 <= len(known):
        return NumberForm(kind.grouped)
    sizes = sorted(abs(value) for value in known if value)
    return NumberForm(kind.grouped, _decimals(kind, sizes[len(sizes) // 2], sizes[-1]))


def is_fraction(value: Any) -> bool:
    """Whether a value is a floating number, Python's or NumPy's."""
    return isinstance(value, float) or (hasattr(value, "dtype") and value.dtype.kind == "f" and not value.shape)


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number by its type, Python's or NumPy's."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        hasattr(value, "dtype") and value.dtype.kind in "iu" and not value.shape
    )


def _written_digits(value: float) -> int:
    """Return how many significant digits the shortest text of a number has."""
    mantissa = repr(value).partition("e")[0].lstrip("-")
    return len(mantissa.replace(".", "").strip("0"))


def _decimals(kind: FieldKind, middling: float, largest: float) -> int:
    if kind.id == "coordinate":
        return DEGREE_DECIMALS if largest <= 360 else PLACE_DECIMALS
    return max(3, 5 - math.floor(math.log10(middling)))


def figure(value: Any, form: NumberForm | None = None) -> str:
    """Return a number as its field writes it; never zero for what is not.

    Parameters
    ----------
    value : int, float or NumPy number
    form : NumberForm, optional
        None for a number of no field: all digits that it was written with, thousands not apart.

    Examples
    --------
    >>> figure(0.003), figure(1.23e-5), figure(120.3012345), figure(9007199254740993), figure(0.1 + 0.2)
    ('0.003', '1.23e-5', '120.3012345', '9007199254740993', '0.3')
    """
    form = form or NumberForm()
    if is_whole(value):
        return f"{int(value):,}" if form.grouped else str(int(value))
    if getattr(value, "dtype", None) is not None and value.dtype.itemsize < 8:
        value = float(str(value))  # the shortest text that says the same in fewer bits: 0.1, not 0.10000000149
    else:
        value = float(value)
    if not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) < HUGE:
        return f"{int(value):,}" if form.grouped else str(int(value))
    decimals = form.decimals
    if decimals is None and _written_digits(value) > WRITTEN_DIGITS:
        decimals = _decimals(FieldKind(), abs(value), abs(value))
    if abs(value) >= HUGE or abs(value) < 1e-4:
        return _short_exponent(repr(value).removesuffix(".0")) if decimals is None else significant(value)
    if decimals is None:
        decimals = len(repr(value).partition(".")[2])
    if abs(value) <= 0.5 * 10**-decimals:
        return significant(value)
    return number(value, decimals, grouped=form.grouped, trimmed=True)


def _short_exponent(text: str) -> str:
    """Return ``1.23e-5`` for ``1.23e-05``."""
    mantissa, sign, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if sign else text


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
    return _short_exponent(f"{value:.{digits}g}")


def quantity(value: float, unit: str, digits: int = 2, *, trimmed: bool = False, gap: str = " ") -> str:
    """Return a number with its unit, without a gap where the unit is none."""
    text = rounded(value, digits) if trimmed else number(value, digits)
    return f"{text}{gap}{unit}" if unit else text


def indicator_digits(value: float, unit: str) -> int:
    """Return how many decimals the value of an indicator has: one for per cent and from a hundred on, else two."""
    return 1 if abs(value) >= 100 or unit == "%" else 2


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


#: Square metres of the units of areas. 1 mu (亩) is a fifteenth of a hectare (State Council, 1984).
AREA_UNITS_M2 = {"m2": 1.0, "ha": 10_000.0, "km2": 1_000_000.0, "mu": 10_000.0 / 15.0}


def area_in(m2: float, unit: str) -> tuple[float, str]:
    """Return an area in a unit, and the unit: under ``"auto"`` m² below a hectare, ha below a square kilometre.

    Examples
    --------
    >>> area_in(2000.0, "mu"), area_in(2000.0, "auto"), area_in(25_000.0, "auto")
    ((3.0, 'mu'), (2000.0, 'm2'), (2.5, 'ha'))
    """
    if unit not in AREA_UNITS_M2:
        unit = next((name for name in ("km2", "ha") if abs(m2) >= AREA_UNITS_M2[name]), "m2")
    return m2 / AREA_UNITS_M2[unit], unit


def byte_size(count: int) -> str:
    """Return how much a number of bytes is, in units of a thousand: ``"1.5 GB"``."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if value >= 100 or unit == "B" else f"{value:.1f} {unit}"


def statistic(value: float, digits: int = 2, *, grouped: bool = True) -> str:
    """Return a sum or mean: trimmed decimals, small ones with four significant digits, an exponent from 1e15 on."""
    if isinstance(value, int):
        return f"{value:,}" if grouped else str(value)
    if abs(value) >= HUGE or 0.0 < abs(value) < 1e-4:
        return significant(value, 4)
    small = value and abs(value) < 1
    return number(value, max(digits, 3 - math.floor(math.log10(abs(value)))) if small else digits,
                  grouped=grouped, trimmed=True)  # fmt: skip


def three_digits(value: float) -> str:
    """Return a number with three significant digits, a whole one from a thousand on."""
    return significant(value, 3) if abs(value) < 1000 else number(value, 0)


def class_limit(value: float, step: float = 0.0, *, grouped: bool = True) -> str:
    """Return a limit as a legend writes it: no digits that its neighbours do not need.

    Parameters
    ----------
    value : float
    step : float
        Least distance to a neighbouring limit; it decides how many digits are needed. 0: as many as the number has.
    grouped : bool
        Thousands apart; not those of a year.
    """
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    digits = 0
    wanted = abs(step) if step else abs(value) * 1e-6
    while digits < 6 and abs(round(value, digits) - value) > 0.02 * wanted:
        digits += 1
    if abs(round(value, digits) - value) > 0.02 * wanted:  # six decimals do not tell it from its neighbours
        return minus(significant(value, 4))
    text = number(value, digits, grouped=grouped)
    return "0" if text in ("-0", "−0") else minus(text)


def distinct(value: float, among: Iterable[float]) -> str:
    """Return a number with as many digits as it takes to tell it from its neighbours."""
    ordered = sorted({float(one) for one in among})
    gap = min((high - low for low, high in itertools.pairwise(ordered)), default=abs(value))
    if gap <= 0 or (float(value).is_integer() and gap >= 1):
        return number(value, 0)
    return rounded(value, min(max(1 - math.floor(math.log10(gap)), 0), 12))


def minus(text: str) -> str:
    """Return a number's text with a minus sign (U+2212) in place of the hyphen."""
    return text.replace("-", "−")


def plain(value: object, digits: int, *, grouped: bool = True) -> str:
    """Return a value without words: a fraction with trimmed decimals, anything else as Python writes it."""
    return rounded(value, digits, grouped=grouped) if isinstance(value, float) else str(value)


def rounded(value: float, digits: int, *, grouped: bool = True) -> str:
    """Return a number with at most so many decimals, or with six significant digits where those would say zero."""
    if value and abs(value) <= 0.5 * 10**-digits:
        return significant(value)
    return number(value, digits, grouped=grouped, trimmed=True)


def plain_tree(value: object, digits: int = 3) -> str:
    """Return a value of nested tables and lists on one line: ``"crs=EPSG:4548, size=3, 4"``."""
    if isinstance(value, dict):
        return ", ".join(f"{name}={plain_tree(item, digits)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(plain_tree(item, digits) for item in value)
    return plain(value, digits)
