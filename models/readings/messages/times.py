"""When a reading was observed, out of what a message says.

Invariants
----------
1. A number is seconds, milliseconds or microseconds since 1970 UTC: stated, or told by its size. No two of these
   overlap between 1990 and 2100.
2. Text is ISO 8601, also with blanks or slashes. Without a zone it is in that of the source; a source that has none
   refuses it.
3. Before 1990 a clock was never set, and a day after its arrival it runs wrong: both are refused, named.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from models.readings.batch import DAY_US, SECOND_US

#: 1990-01-01 UTC.
EARLIEST_US = 631_152_000 * SECOND_US
_PER_UNIT = {"s": SECOND_US, "ms": 1_000, "us": 1}
_FRACTION = re.compile(r"(\.\d{6})\d+")
#: Seconds, milliseconds or microseconds as text; fourteen digits are a date as some devices write it.
_NUMBER = re.compile(r"-?\d{1,7}(\.\d+)?|\d{9,13}(\.\d+)?|\d{16}")
_DIGITS = re.compile(r"(\d{8})(\d{6})")


class BadTimeError(ValueError):
    """A time that cannot be one; its text is the kind of fault."""


def time_us_of(value: object, form: str, zone: str, received_us: int) -> int:
    """Return a time in µs since 1970 UTC.

    Parameters
    ----------
    value : object
        Number or text.
    form : {"auto", "iso", "s", "ms", "us"}
    zone : str
        Of text without one; empty to refuse it.
    received_us : int
        When the message came.

    Raises
    ------
    BadTimeError
        ``"bad_time"``, ``"no_zone"``, ``"too_old"``, ``"too_new"``.
    """
    if isinstance(value, str):
        text = value.strip()
        is_number = form != "iso" and _NUMBER.fullmatch(text)
        found = _of_number(float(text), form) if is_number else _of_text(text, zone)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and form != "iso":
        found = _of_number(value, form)
    else:
        raise BadTimeError("bad_time")
    if found < EARLIEST_US:
        raise BadTimeError("too_old")
    if found > received_us + DAY_US:
        raise BadTimeError("too_new")
    return found


def _of_number(value: float, form: str) -> int:
    if not math.isfinite(value):
        raise BadTimeError("bad_time")
    if form == "auto":
        form = "s" if abs(value) < 1e10 else "ms" if abs(value) < 1e13 else "us"
    found = value * _PER_UNIT[form]
    if abs(found) > 2**62:
        raise BadTimeError("bad_time")
    return round(found)


def _of_text(text: str, zone: str) -> int:
    if len(text) > 64:
        raise BadTimeError("bad_time")
    try:
        found = datetime.fromisoformat(_FRACTION.sub(r"\1", _DIGITS.sub(r"\1T\2", text.replace("/", "-"))))
        if found.tzinfo is None:
            if not zone:
                raise BadTimeError("no_zone")
            found = found.replace(tzinfo=_zone(zone))
        return round(found.timestamp() * SECOND_US)
    except BadTimeError:
        raise
    except (ValueError, OverflowError, OSError):
        raise BadTimeError("bad_time") from None


@lru_cache(maxsize=32)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
