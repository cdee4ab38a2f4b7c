"""Which elements of an IFC text are cut, and the same text with none of them cut.

Boolean results and openings can cost a kernel more than all other shapes of a model together. So the first picture
shows such elements whole: a Boolean result becomes a copy of its first operand, and no opening is taken out of
anything. All other elements come out of that text exactly as they come out of the file.

Invariants
----------
1. A cut that is not found here is left in the text: it costs time and shows what it always showed.
2. No id changes, none comes or goes: the table of elements is that of the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.io.ifc.statements import key_before, line_of, statements

_BOOLEAN = re.compile(rb"IFCBOOLEAN(?:CLIPPING)?RESULT ?\( ?(?:\.\w+\.|\$) ?, ?#(\d+) ?, ?#\d+ ?\) ?;")
_SOLID = re.compile(rb"IFCCSGSOLID ?\( ?#(\d+) ?\) ?;")
#: What a solid of constructive geometry may be without any Boolean result.
_PRIMITIVES = (b"IFCBLOCK", b"IFCRECTANGULARPYRAMID", b"IFCRIGHTCIRCULAR", b"IFCSPHERE")
_VOIDS = re.compile(rb"IFCRELVOIDSELEMENT ?\([^;]*?, ?#(\d+) ?, ?#\d+ ?\) ?;")
#: What a Boolean result may be part of, on the way to a product.
_HOLDERS = (b"IFCCSGSOLID", b"IFCSHAPEREPRESENTATION", b"IFCREPRESENTATIONMAP", b"IFCMAPPEDITEM")
_SHAPE = b"IFCPRODUCTDEFINITIONSHAPE"
_PRODUCT = re.compile(rb"#(\d+) ?= ?IFC(?!SHAPEASPECT)")
_NEAR = 1 << 16  # a product follows its shape: bytes in which it is looked for first
_NOTHING = b"IFCDIRECTION((0.,0.,1.));"
_MOST_NESTED = 1000
_MOST_LEVELS = 12


@dataclass(frozen=True, slots=True)
class Cuts:
    """What is cut in a model.

    Parameters
    ----------
    elements : frozenset of int
        STEP ids of products.
    uncut : bytes
        The text in which they are whole.
    """

    elements: frozenset[int]
    uncut: bytes


def find_cuts(raw: bytes) -> Cuts | None:
    """Return what is cut in a model, None where nothing is.

    Parameters
    ----------
    raw : bytes
        As :func:`models.io.ifc.open_file.prepared_bytes` gives it.
    """
    edits: list[tuple[int, int, bytes]] = []
    booleans = {key: match for match in _BOOLEAN.finditer(raw) if (key := key_before(raw, match.start()))}
    bases = {key: _base(raw, key, booleans) for key in booleans}
    edits += [(*booleans[key].span(), base) for key, base in bases.items() if base]
    for match in _SOLID.finditer(raw) if booleans else ():
        base = bases.get(match.group(1), b"")
        if base and not base.startswith(_PRIMITIVES):
            edits.append((*match.span(), base))
    hosts = set()
    for match in _VOIDS.finditer(raw):
        hosts.add(int(match.group(1)))
        edits.append((*match.span(), _NOTHING))
    elements = _products(raw, set(booleans)) | hosts
    if not elements:
        return None
    parts, at = [], 0
    for start, stop, text in sorted(edits):
        parts += [raw[at:start], text]
        at = stop
    return Cuts(frozenset(elements), b"".join([*parts, raw[at:]]))


def _base(raw: bytes, key: bytes, booleans: dict[bytes, re.Match[bytes]]) -> bytes:
    """Return the statement of what a Boolean result is cut out of, without its id; empty where it is not found."""
    match = booleans[key]
    for _ in range(_MOST_NESTED):  # a chain of cuts, or a circle
        first = match.group(1)
        if first not in booleans:
            return line_of(raw, first, match.start()).partition(b"=")[2].lstrip()
        match = booleans[first]
    return b""


def _products(raw: bytes, things: set[bytes]) -> set[int]:
    """Return the products whose shapes hold some of these."""
    if not things:
        return set()
    holders = [one for name in _HOLDERS for one in statements(raw, name)]
    held = set(things)
    for _ in range(_MOST_LEVELS):  # maps of maps
        more = {key for key, references, _ in holders if key not in held and not held.isdisjoint(references)}
        if not more:
            break
        held |= more
    found = set()
    for key, references, at in statements(raw, _SHAPE):
        if not held.isdisjoint(references):
            product = _user_of(raw, key, at)
            if product is not None:
                found.add(product)
    return found


def _user_of(raw: bytes, key: bytes, near: int) -> int | None:
    """Return the id of the product that has a shape, which mostly stands near it; None for none."""
    for start, stop in ((near, near + _NEAR), (max(near - _NEAR, 0), near), (0, len(raw))):
        for mark in (b"#" + key + b",", b"#" + key + b")"):
            at = raw.find(mark, start, stop)
            while at >= 0:
                match = _PRODUCT.match(raw, raw.rfind(b"\n", 0, at) + 1)
                if match:
                    return int(match.group(1))
                at = raw.find(mark, at + len(mark), stop)
    return None
