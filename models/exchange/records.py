"""What is handed from one level to another: versions of records, and packages of them.

Invariants
----------
1. A version never changes. Its name is the hash of all that it says, so that two who speak of one version mean the
   same, and a file that somebody changed on the way is found out.
2. A version names those that it takes the place of (``bases``): what its sender knew when the record was changed. That
   is how two changes that did not know of each other are told from one that follows another.
3. A record that was deleted is a version too.
4. Values are plain: text, number, truth, nothing. Nothing and an empty text are the same, 300 and 300.0 as well; a
   whole number that Excel would round is a code and so a text, and control characters are no text.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.exchange.divisions import Party

Plain = str | int | float | bool | None
#: Field under which a version keeps its shape: WKT, millimetres.
GEOMETRY = "geometry"
#: Field under which merging speaks of a record being deleted.
DELETED = "deleted"
_HASH_DIGITS = 32
#: Decimals of coordinates: millimetres.
_DECIMALS = 3
#: Whole numbers from here on are codes; a workbook keeps 15 digits.
_MOST_WHOLE = 10**15
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Version:
    """A record as one party knew it at one time.

    Parameters
    ----------
    kind : str
        One of :data:`models.exchange.kinds.CLASSES`.
    key : str
        Business key: ObjID, task number, indicator and unit.
    values : mapping of str to Plain
        By field; what is not said is not in it.
    geometry : str
        WKT in ``crs``; empty where it has no place.
    crs : str
        ``"EPSG:4547"``; empty where it has no place.
    time_us : int
        When it was changed as far as the record says, else when it was handed out; µs since 1970 UTC.
    sender : str
        Code of the party that made this version.
    bases : tuple of str
        Hashes of the versions in whose place it comes, ascending.
    deleted : bool
    hash : str
        Of all of it; worked out.
    """

    kind: str
    key: str
    values: Mapping[str, Plain]
    geometry: str = ""
    crs: str = ""
    time_us: int = 0
    sender: str = ""
    bases: tuple[str, ...] = ()
    deleted: bool = False
    hash: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hash", _digest(self))

    def said(self) -> dict[str, Plain]:
        """Return all that it says by field, shape and deletion too."""
        more: dict[str, Plain] = {DELETED: self.deleted}
        if self.geometry:
            more[GEOMETRY] = f"{self.crs};{self.geometry}"
        return {**self.values, **more}


@dataclass(frozen=True, slots=True)
class Package:
    """Versions that are handed out together.

    Parameters
    ----------
    sender : Party
    made_us : int
        µs since 1970 UTC.
    crs : str
        Of what has a place.
    editions : mapping of str to str
        Class of records → edition of its codes or definitions.
    keys : mapping of str to str
        Class of records → field of the business key.
    versions : tuple of Version
    synthetic : bool
        Whether a generator made the records.
    """

    sender: Party
    made_us: int
    crs: str
    editions: Mapping[str, str]
    keys: Mapping[str, str]
    versions: tuple[Version, ...]
    synthetic: bool = False

    @property
    def hash(self) -> str:
        """Return the name of the package: the hash of its head and of the hashes of its versions."""
        head = [
            self.sender.code, self.sender.name, self.made_us, self.crs, sorted(self.editions.items()),
            sorted(self.keys.items()), self.synthetic, sorted(one.hash for one in self.versions),
        ]  # fmt: skip
        return _hash_of(head)


def plain(value: Any) -> Plain:
    """Return a value of a table as a version keeps it."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < _MOST_WHOLE else str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) < _MOST_WHOLE else value
    if value is None or value != value or type(value).__name__ == "NaTType":
        return None
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return _CONTROL.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n")) or None


def plain_values(row: Mapping[str, Any]) -> dict[str, Plain]:
    """Return what a row says, without what it leaves out."""
    said = ((str(name), plain(value)) for name, value in row.items())
    return {name: value for name, value in said if value is not None}


def geometry_texts(shapes: Iterable[Any]) -> list[str]:
    """Return shapes as WKT in millimetres; empty for what has none."""
    import shapely

    held = np.asarray(list(shapes), dtype=object)
    none = shapely.is_missing(held) | shapely.is_empty(held)
    texts = shapely.to_wkt(held, rounding_precision=_DECIMALS, trim=True)
    return ["" if is_none else str(text) for text, is_none in zip(texts, none, strict=True)]


def _digest(version: Version) -> str:
    return _hash_of(
        [
            version.kind,
            version.key,
            sorted(version.values.items()),
            version.geometry,
            version.crs,
            version.time_us,
            version.sender,
            sorted(version.bases),
            version.deleted,
        ]
    )


def _hash_of(parts: Any) -> str:
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
