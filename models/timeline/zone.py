"""The zone in which times are shown and written; inside, all times are µs since 1970 UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models.core.errors import UserError

#: Of all of China since 1949; Urumqi time is kept by nobody's exchange formats.
DEFAULT_ZONE = "Asia/Shanghai"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: What a moment may be: what ``datetime`` can say, with room for any zone at both ends.
EARLIEST_US = -62_135_000_000_000_000
LATEST_US = 253_402_000_000_000_000


@dataclass(frozen=True, slots=True)
class ZoneSetting:
    """In which zone a project shows its times.

    Parameters
    ----------
    name : str
        As the IANA database has it, ``"Asia/Shanghai"``.
    """

    name: str = DEFAULT_ZONE


CHINA = ZoneSetting()


@cache
def zone(name: str = DEFAULT_ZONE) -> tzinfo:
    """Return a zone by its IANA name.

    Raises
    ------
    UserError
        ``timeline.no_zone`` for a name that is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UserError("timeline.no_zone", zone=name) from error


def checked(setting: ZoneSetting) -> ZoneSetting:
    """Return a setting whose zone is one; raises as :func:`zone` does."""
    zone(setting.name)
    return setting


def local(moment_us: int, name: str = DEFAULT_ZONE) -> datetime:
    """Return a moment in a zone; one that no calendar holds is taken to the nearest that it does."""
    bounded = min(max(int(moment_us), EARLIEST_US), LATEST_US)
    return (_EPOCH + timedelta(microseconds=bounded)).astimezone(zone(name))


def us_of(moment: datetime, name: str = DEFAULT_ZONE) -> int:
    """Return µs since 1970 UTC of a date and time; one without a zone is meant in ``name``."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone(name))
    return (aware - _EPOCH) // timedelta(microseconds=1)


def iso(moment_us: int, name: str = DEFAULT_ZONE) -> str:
    """Return a moment with its zone, to the second: ``"2025-07-18T18:40:00+08:00"``."""
    return local(moment_us, name).isoformat(timespec="seconds")


def us_of_iso(text: str, name: str = DEFAULT_ZONE) -> int:
    """Return µs since 1970 UTC of ISO 8601; a text without a zone is meant in ``name``.

    Raises
    ------
    UserError
        ``timeline.no_moment`` for a text that is none.
    """
    try:
        return us_of(datetime.fromisoformat(text.strip()), name)
    except (ValueError, OverflowError) as error:
        raise UserError("timeline.no_moment", text=text[:60]) from error


def moment_text(moment_us: int, name: str = DEFAULT_ZONE, *, seconds: bool = False) -> str:
    """Return a moment as people read it, without its zone: ``"2025-07-18 18:40"``."""
    return local(moment_us, name).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def offset_text(moment_us: int, name: str = DEFAULT_ZONE) -> str:
    """Return how far a zone is from UTC at a moment: ``"UTC+8"``, ``"UTC-3:30"``."""
    offset = local(moment_us, name).utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")
