"""Surfaces of patches and triangles in WKB as the polygons that they are made of.

GEOS, and so every table here, knows points, lines, polygons and collections of them. Polyhedral surfaces, TINs and
triangles (OGC 06-103r4, types 15 to 17) have the same bytes under other numbers: only the numbers are changed.
"""

from __future__ import annotations

import struct

#: What kinds of surfaces are called.
SURFACES = {15: "PolyhedralSurface", 16: "TIN", 17: "Triangle"}
_AS_PLAIN = {15: 6, 16: 6, 17: 3}
_MEMBERS = frozenset({4, 5, 6, 7, 9, 10, 11, 12, 15, 16})
_LINES, _RINGS = frozenset({2, 8, 13}), frozenset({3, 17})
_WITH_SRID = 0x20000000


def kind_of(raw: bytes) -> int:
    """Return the type of a geometry without its dimensions, 0 for what is none."""
    if len(raw) < 5 or raw[0] > 1:
        return 0
    return _kind(struct.unpack_from("<I" if raw[0] else ">I", raw, 1)[0])


def as_polygons(raw: bytes) -> tuple[bytes, set[str]]:
    """Return WKB in which surfaces are polygons, and which kinds of surfaces there were; other WKB comes back as it is.

    Parameters
    ----------
    raw : bytes
        WKB, ISO or extended.

    Returns
    -------
    wkb : bytes
    kinds : set of str
        Values of :data:`SURFACES`.
    """
    made, found = bytearray(raw), set()
    at, left = 0, 1
    try:
        while left:
            left -= 1
            order = "<" if raw[at] else ">"
            (code,) = struct.unpack_from(f"{order}I", raw, at + 1)
            kind, size = _kind(code), 8 * _dimensions(code)
            if kind in SURFACES:
                struct.pack_into(f"{order}I", made, at + 1, code - kind + _AS_PLAIN[kind])
                found.add(SURFACES[kind])
            at += 9 if code & _WITH_SRID else 5
            if kind == 1:
                at += size
                continue
            (count,) = struct.unpack_from(f"{order}I", raw, at)
            at += 4
            if kind in _MEMBERS:
                left += count
            elif kind in _LINES:
                at += count * size
            elif kind in _RINGS:
                for _ in range(count):
                    (corners,) = struct.unpack_from(f"{order}I", raw, at)
                    at += 4 + corners * size
            else:
                return raw, set()
    except (struct.error, IndexError):  # damaged: whoever reads it says so
        return raw, set()
    return (bytes(made), found) if found and at == len(raw) else (raw, set())


def _kind(code: int) -> int:
    return (code & 0x0FFFFFFF) % 1000


def _dimensions(code: int) -> int:
    iso = (code & 0x0FFFFFFF) // 1000
    has_z = bool(code & 0x80000000) or iso in (1, 3)
    has_m = bool(code & 0x40000000) or iso in (2, 3)
    return 2 + has_z + has_m


def without_stubs(raw: bytes) -> bytes:
    """Return a line of several pieces without those of a single point, which are no lines; other WKB as it is.

    Recorders of tracks write such pieces where they were switched on and off again.
    """
    if kind_of(raw) != 5:
        return raw
    order = "<" if raw[0] else ">"
    (code, count) = struct.unpack_from(f"{order}II", raw, 1)
    if code & _WITH_SRID:
        return raw
    pieces, at = [], 9
    try:
        for _ in range(count):
            (member, corners) = struct.unpack_from(f"{order}II", raw, at + 1)
            end = at + 9 + corners * 8 * _dimensions(member)
            if corners != 1:
                pieces.append(raw[at:end])
            at = end
    except struct.error:
        return raw
    return raw[:5] + struct.pack(f"{order}I", len(pieces)) + b"".join(pieces) if len(pieces) < count else raw
