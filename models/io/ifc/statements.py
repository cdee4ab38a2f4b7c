"""Finding single statements in the text of an IFC file, without parsing it."""

from __future__ import annotations

import re
from collections.abc import Iterator

_KEY = re.compile(rb"#(\d+) ?= ?$")
_REFERENCE = re.compile(rb"#(\d+)")
_KEY_ROOM = 24  # bytes before a class name in which its id stands
_NEAR = 1 << 16  # exporters write what belongs together side by side: bytes in which it is looked for first


def statements(raw: bytes, name: bytes) -> Iterator[tuple[bytes, list[bytes], int]]:
    """Yield id, references and place of the statements of the classes that begin with a name."""
    at = raw.find(name)
    while at >= 0:
        stop = raw.find(b";", at)
        key = key_before(raw, at)
        if key and stop >= 0:
            yield key, _REFERENCE.findall(raw, at, stop), at
        at = raw.find(name, at + len(name))


def key_before(raw: bytes, at: int) -> bytes:
    """Return the id of the statement whose class name begins at ``at``, empty where none stands there."""
    match = _KEY.search(raw[max(at - _KEY_ROOM, 0) : at])
    return match.group(1) if match else b""


def line_of(raw: bytes, key: bytes, near: int) -> bytes:
    """Return the line of a statement, empty for none; it is looked for about ``near`` first."""
    at = position(raw, key, near)
    stop = raw.find(b"\n", at + 1)
    return raw[at + 1 : stop] if 0 <= at < stop else b""


def position(raw: bytes, key: bytes, near: int) -> int:
    """Return where the line before a statement ends, -1 for none; all of the file is searched only where it must be."""
    for start, stop in ((max(near - _NEAR, 0), near + _NEAR), (0, len(raw))):
        for mark in (b"\n#" + key + b"=", b"\n#" + key + b" ="):
            at = raw.find(mark, start, stop)
            if at >= 0:
                return at
    return -1
