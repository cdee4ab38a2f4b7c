"""Packages as rows of plain values, and back: what the three kinds of files have in common.

A file is a stranger's. What does not fit is refused with a word on what and where; a record whose hash is not that of
its content was changed on the way, and then nothing of the file counts.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from typing import Any

from models.core.errors import UserError
from models.exchange.divisions import Party
from models.exchange.kinds import CLASSES
from models.exchange.records import Package, Version

FORMAT = "chengjing-exchange"
VERSION = 1
#: More records in one file are no hand-out of a city; more fields no register.
MOST_RECORDS, MOST_FIELDS, MOST_SIGNS, MOST_BASES = 1_000_000, 1_990, 32_767, 1_000
#: µs of 2100-01-01 UTC.
_MOST_US = 4_102_444_800_000_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
#: What a record says of itself, beside its values.
MARKS = ("class", "key", "time", "sender", "bases", "deleted", "crs", "geometry", "hash")


def time_text(time_us: int) -> str:
    """Return a moment as ISO text in UTC, to the microsecond."""
    return (_EPOCH + dt.timedelta(microseconds=time_us)).isoformat()


def head_of(package: Package) -> dict[str, Any]:
    """Return what a file says of itself."""
    sender = package.sender
    return {
        "format": FORMAT, "version": VERSION, "package": package.hash, "sender": sender.code,
        "sender_name": sender.name, "level": sender.level, "made": time_text(package.made_us), "crs": package.crs,
        "synthetic": package.synthetic, "editions": dict(package.editions), "keys": dict(package.keys),
        "records": len(package.versions),
    }  # fmt: skip


def marks_of(version: Version) -> dict[str, Any]:
    """Return what a record says of itself."""
    return {
        "class": version.kind, "key": version.key, "time": time_text(version.time_us), "sender": version.sender,
        "bases": " ".join(version.bases), "deleted": version.deleted, "crs": version.crs,
        "geometry": version.geometry, "hash": version.hash,
    }  # fmt: skip


def package_of(
    head: Mapping[str, Any], rows: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]], file: str
) -> Package:
    """Return the package that a file holds.

    Parameters
    ----------
    head : mapping
        As :func:`head_of` gives it.
    rows : iterable of (mapping, mapping)
        Marks and values of each record.
    file : str
        Its name, for the words of an error.

    Raises
    ------
    UserError
        ``exchange.not_ours``, ``exchange.too_new``, ``exchange.bad_record``, ``exchange.changed_on_the_way``,
        ``exchange.too_many``, ``exchange.cut_short``, ``exchange.bad_division``.
    """
    if head.get("format") != FORMAT:
        raise UserError("exchange.not_ours", file=file)
    if head.get("version") != VERSION:
        raise UserError("exchange.too_new", file=file, version=str(head.get("version"))[:20])
    versions: list[Version] = []
    for number, (marks, values) in enumerate(rows, 1):
        if number > MOST_RECORDS:
            raise UserError("exchange.too_many", file=file, limit=MOST_RECORDS)
        versions.append(_version(marks, values, file, number))
    _require_shapes(versions, file)
    if len(versions) != head.get("records"):
        raise UserError("exchange.cut_short", file=file, count=len(versions), stated=str(head.get("records"))[:20])
    try:
        made = Package(
            Party(str(head["sender"]), str(head.get("sender_name") or "")[:200]), _time_us(head["made"]),
            str(head.get("crs") or ""), _texts(head.get("editions")), _texts(head.get("keys")), tuple(versions),
            bool(head.get("synthetic")),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise UserError("exchange.bad_record", file=file, number=0, reason=str(error)[:200]) from error
    if made.hash != head.get("package"):
        raise UserError("exchange.changed_on_the_way", file=file, number=0, key="")
    return made


def _version(marks: Mapping[str, Any], values: Mapping[str, Any], file: str, number: int) -> Version:
    try:
        if marks["class"] not in CLASSES or not isinstance(marks["key"], str) or not marks["key"]:
            raise ValueError("class, key")
        if len(values) > MOST_FIELDS:
            raise ValueError("fields")
        said = {str(name): _value(value) for name, value in values.items() if value is not None}
        made = Version(
            marks["class"], marks["key"], said, _text(marks.get("geometry")), _text(marks.get("crs")),
            _time_us(marks["time"]), _text(marks["sender"]),
            tuple(sorted(_text(marks.get("bases")).split()[:MOST_BASES])), marks.get("deleted") is True,
        )  # fmt: skip
        Party(made.sender)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise UserError("exchange.bad_record", file=file, number=number, reason=str(error)[:200]) from error
    if made.hash != marks.get("hash"):
        raise UserError("exchange.changed_on_the_way", file=file, number=number, key=made.key)
    return made


def _value(value: Any) -> Any:
    if isinstance(value, str):
        if len(value) > MOST_SIGNS:
            raise ValueError(f"{len(value)} characters")
        return value
    if isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 10**15 else value
    raise ValueError(f"{type(value).__name__} {value!r}"[:100])


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{type(value).__name__} instead of text")
    return value


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError("editions, keys")
    return {str(name): str(text) for name, text in value.items()}


def _time_us(text: Any) -> int:
    moment = dt.datetime.fromisoformat(_text(text))
    if moment.tzinfo is None:
        raise ValueError(f"{text}: no time zone")
    passed = moment - _EPOCH
    time_us = (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
    if not 0 <= time_us < _MOST_US:
        raise ValueError(f"{text}: not between 1970 and 2100")
    return time_us


def _require_shapes(versions: list[Version], file: str) -> None:
    import numpy as np
    import shapely

    texts = [one.geometry for one in versions]
    shapes = shapely.from_wkt(np.array([text or "POINT (0 0)" for text in texts], dtype=object), on_invalid="ignore")
    bounds = shapely.bounds(shapes) if len(shapes) else np.zeros((0, 4))
    bad = np.flatnonzero(shapely.is_missing(shapes) | ~np.isfinite(bounds).all(axis=1))
    if len(bad):
        raise UserError("exchange.bad_record", file=file, number=int(bad[0]) + 1, reason="geometry")
