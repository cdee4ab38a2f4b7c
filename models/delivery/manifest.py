"""What a review package says of itself: the file that names every other one, with its size and hash.

A manifest is read as a stranger's file: bounded, each value looked at, nothing believed. What is in it is said by who
made the package; that the other files are the ones it names is proved by :mod:`models.delivery.archive`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.core.errors import UserError
from models.delivery.member_names import is_safe

#: Suffix of a review package, a ZIP archive inside.
SUFFIX = ".cjreview"
FORMAT, VERSION = "chengjing-review", 1
MANIFEST, PROJECT, INDEX = "manifest.json", "project.gpkg", "index.html"
#: Folders in which sources and evidence lie.
SOURCES = "sources"
#: Bytes and files of the largest manifest that is read.
MOST_BYTES, MOST_MEMBERS = 8 * 1024**2, 20_000
_MOST_TEXT, _MOST_ROWS = 2_000, 5_000
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a package.

    Parameters
    ----------
    name : str
        With ``/``, relative to the package.
    size_bytes : int
    sha256 : str
        Of its content, 64 hexadecimal digits.
    """

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that the project names and the package does not hold.

    Parameters
    ----------
    what : str
        Title of a layer, name of a file.
    why : str
        ``"chosen"``, ``"missing"``, ``"server"``, ``"untrusted"``, ``"redacted"``, ``"unsafe_name"``, ``"unread"``.
    """

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """One kind of thing that was taken out or made coarser.

    Parameters
    ----------
    kind : str
        ``"readings"``, ``"places"``, ``"fields"``, ``"people"``, ``"photos"``, ``"notes"``, ``"texts"``, ``"models"``.
    what : str
        Where: title of a layer and names of fields; empty for the whole project.
    count : int
        How many values, rows or objects it concerned.
    """

    kind: str
    what: str
    count: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a package says of itself.

    Parameters
    ----------
    name, name_en : str
        Of the project.
    program : str
        Version of the program that made it.
    horizontal, vertical : str
        CRS of the project, empty where nobody said.
    synthetic : bool
        Whether any of its data was made by a generator.
    saved_at : str
        When the project was saved last (ISO 8601), empty where it never was. The moment of making is not in it: the
        same project gives the same bytes.
    origin : str
        Who made the project, as its title block or its properties say.
    definitions : str
        Fingerprint of the frozen definitions, empty where they are not frozen.
    content : str
        SHA-256 of the project and its sources as pictures and sheets state it, so that a sheet drawn from the package
        is the one drawn from the project; empty where the package is redacted or the project was not saved.
    counts : mapping of str to int
        Layers, results, sheets, stops, findings …
    fonts : mapping of str to str
        SHA-256 of each font with which the maker draws its sheets.
    members : tuple of Member
        All files but the manifest, sorted by name.
    left_out : tuple of LeftOut
    redacted : tuple of Redacted
    """

    name: str = ""
    name_en: str = ""
    program: str = ""
    horizontal: str = ""
    vertical: str = ""
    synthetic: bool = False
    saved_at: str = ""
    origin: str = ""
    definitions: str = ""
    content: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    fonts: Mapping[str, str] = field(default_factory=dict)
    members: tuple[Member, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    redacted: tuple[Redacted, ...] = ()

    @property
    def size_bytes(self) -> int:
        """What all files take, unpacked."""
        return sum(member.size_bytes for member in self.members)


_TEXTS = ("name", "name_en", "program", "horizontal", "vertical", "saved_at", "origin", "definitions", "content")


def written(manifest: Manifest) -> bytes:
    """Return a manifest as JSON, always the same bytes."""
    told: dict[str, Any] = {"format": FORMAT, "version": VERSION}
    told |= {name: getattr(manifest, name) for name in _TEXTS}
    told |= {
        "synthetic": manifest.synthetic,
        "counts": dict(sorted(manifest.counts.items())),
        "fonts": dict(sorted(manifest.fonts.items())),
        "figures": "computed_before_redaction" if manifest.redacted else "as_computed",
        "left_out": [{"what": one.what, "why": one.why} for one in manifest.left_out],
        "redacted": [{"kind": one.kind, "what": one.what, "count": one.count} for one in manifest.redacted],
        "members": [
            {"name": one.name, "size": one.size_bytes, "sha256": one.sha256}
            for one in sorted(manifest.members, key=lambda one: one.name)
        ],
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def manifest_of(raw: bytes, file: str) -> Manifest:
    """Read what :func:`written` wrote.

    Parameters
    ----------
    raw : bytes
    file : str
        Name of the package, for messages.

    Raises
    ------
    UserError
        ``package.newer`` for a package of a later version, ``package.bad_manifest`` for anything else that is wrong.
    """
    if len(raw) > MOST_BYTES:
        raise _bad(file, "size")
    try:
        told = json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise _bad(file, str(error)[:120]) from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise _bad(file, "format")
    version = told.get("version")
    if not isinstance(version, int) or not _is_count(version) or version < 1:
        raise _bad(file, "version")
    if version > VERSION:
        raise UserError("package.newer", file=file, version=min(version, 10**6))
    members = tuple(
        Member(_text(one.get("name"), "name", file), _count(one.get("size"), file), _hash(one.get("sha256"), file))
        for one in _rows(told, "members", MOST_MEMBERS, file)
    )
    if len({one.name.casefold() for one in members}) != len(members) or not all(is_safe(one.name) for one in members):
        raise _bad(file, "members")
    if PROJECT not in {one.name for one in members} or MANIFEST in {one.name for one in members}:
        raise _bad(file, "members")
    return Manifest(
        **{name: _text(told.get(name, ""), name, file) for name in _TEXTS},
        synthetic=told.get("synthetic") is not False,  # who does not say it is not believed to be real
        counts={key: _count(value, file) for key, value in _mapping(told, "counts", file).items()},
        fonts={key: _hash(value, file) for key, value in _mapping(told, "fonts", file).items()},
        members=members,
        left_out=tuple(
            LeftOut(_text(one.get("what"), "what", file), _text(one.get("why"), "why", file))
            for one in _rows(told, "left_out", _MOST_ROWS, file)
        ),
        redacted=tuple(
            Redacted(
                _text(one.get("kind"), "kind", file),
                _text(one.get("what"), "what", file),
                _count(one.get("count"), file),
            )
            for one in _rows(told, "redacted", _MOST_ROWS, file)
        ),
    )


def _bad(file: str, reason: str) -> UserError:
    return UserError("package.bad_manifest", file=file, reason=reason)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _count(value: Any, file: str) -> int:
    if not _is_count(value):
        raise _bad(file, "number")
    return int(value)


def _hash(value: Any, file: str) -> str:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise _bad(file, "sha256")
    return value


def _text(value: Any, name: str, file: str) -> str:
    if not isinstance(value, str) or len(value) > _MOST_TEXT:
        raise _bad(file, name)
    return value


def _rows(told: Mapping[str, Any], name: str, most: int, file: str) -> list[dict[str, Any]]:
    rows = told.get(name, [])
    if not isinstance(rows, list) or len(rows) > most or not all(isinstance(one, dict) for one in rows):
        raise _bad(file, name)
    return rows


def _mapping(told: Mapping[str, Any], name: str, file: str) -> dict[str, Any]:
    found = told.get(name, {})
    if not isinstance(found, dict) or len(found) > _MOST_ROWS or any(len(key) > _MOST_TEXT for key in found):
        raise _bad(file, name)
    return found
