"""An IFC file without the people and organisations that made it or own what is in it.

The file is text, an instance a statement; only statements that name people are written anew, all others stay to the
byte, so that elements, geometry and their GlobalIds are those of the original.

Source: ISO 10303-21 (clear text encoding); IFC 4.3, IfcPerson, IfcOrganization, IfcTelecomAddress, IfcPostalAddress.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

MASK = "redacted"
#: Statements whose texts are all masked, and the two of the head that name who wrote the file.
_PEOPLE = re.compile(
    rb"=\s*(IFCPERSON|IFCORGANIZATION|IFCTELECOMADDRESS|IFCPOSTALADDRESS|IFCACTOR|IFCOCCUPANT)\s*\(", re.IGNORECASE
)
_HEAD = re.compile(rb"^\s*(FILE_NAME|FILE_DESCRIPTION)\s*\(", re.IGNORECASE)
_PROPERTY = re.compile(rb"=\s*IFCPROPERTYSINGLEVALUE\s*\(\s*'((?:[^']|'')*)'", re.IGNORECASE)
_TEXT = re.compile(rb"'(?:[^']|'')*'")
_GUID = re.compile(rb"'[0-9A-Za-z_$]{22}'")
_CODED = re.compile(rb"\\X2\\((?:[0-9A-Fa-f]{4})+)\\X0\\")


def redact(source: Path, target: Path, is_personal: Callable[[str], bool]) -> int:
    """Write a copy of an IFC file whose people, organisations, addresses and personal properties are masked.

    Parameters
    ----------
    source, target : Path
    is_personal : callable
        Whether a property of a name tells who somebody is.

    Returns
    -------
    int
        Statements that were changed.
    """
    changed = 0
    with source.open("rb") as stream, target.open("wb") as out:
        for statement in _statements(stream):
            new = _redacted(statement, is_personal)
            changed += new != statement
            out.write(new)
    return changed


def _redacted(statement: bytes, is_personal: Callable[[str], bool]) -> bytes:
    if _HEAD.match(statement):
        if b"FILE_NAME" not in statement.upper():
            return statement
        first = True

        def head(found: re.Match[bytes]) -> bytes:
            nonlocal first
            if first:  # the name of the file; its moment has no letters
                first = False
                return f"'{MASK}'".encode()
            return found[0] if re.fullmatch(rb"'[\d:T.+Z-]*'", found[0]) else b"''"

        return _TEXT.sub(head, statement)
    if _PEOPLE.search(statement):
        return _TEXT.sub(lambda found: found[0] if _GUID.fullmatch(found[0]) else f"'{MASK}'".encode(), statement)
    named = _PROPERTY.search(statement)
    if named is not None and is_personal(_plain(named[1])):
        return statement[: named.end()] + _TEXT.sub(f"'{MASK}'".encode(), statement[named.end() :])
    return statement


def _plain(raw: bytes) -> str:
    """Return a text of the file as people read it."""
    text = _CODED.sub(lambda found: bytes.fromhex(found[1].decode()).decode("utf-16-be", "replace").encode(), raw)
    return text.decode("utf-8", "replace")


def _statements(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield statements to their semicolon, which may stand in a text; what comes after the last one too."""
    rest, inside = b"", False
    while block := stream.read(1 << 22):
        start, at = 0, len(rest)
        rest += block
        for found in re.finditer(rb"[';]", rest[at:]):
            place = at + found.start()
            if found[0] == b"'":
                inside = not inside
            elif not inside:
                yield rest[start : place + 1]
                start = place + 1
        rest = rest[start:]
    if rest:
        yield rest
