"""Taking what breaks the grammar out of an IFC file, so that one bad statement costs one statement.

IfcOpenShell stops at the first token it cannot read and gives back what came before, which looks like a small model. A
bracket too few, a NaN, a comment that never closes or two files glued together therefore cost everything behind them.
Here each statement stands for itself: ``#12=IFCWALL(…);`` with balanced brackets and known tokens stays, the rest goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

MAX_DEPTH = 100
_START = re.compile(rb"#\s*(\d{1,9})\s*=\s*(?=IFC\w+\s*\()", re.IGNORECASE)
_DATA = re.compile(rb"\bDATA\s*;", re.IGNORECASE)
_BODY = re.compile(
    rb"IFC\w+\s*\((?:[^'\"#.*+\-/!-~]|'(?:[^']|'')*+'|#\d{1,9}(?!\d)|\.\w+\.|[-+]?\d{1,30}(?:\.\d*)?(?:E[-+]?\d{1,3})?"
    rb"|[$*,()]|IFC\w+(?=\s*\()|\"[0-9A-F]*\"|/\*.*?\*/)*+;",
    re.IGNORECASE | re.DOTALL,
)
_STRING = re.compile(rb"'(?:[^']|'')*+'|/\*.*?\*/", re.DOTALL)
# From the sign of equation on, of which a file has a quarter as many as of the other.
_PLACEMENT = re.compile(rb"=\s*IFC(?:LOCAL|LINEAR|GRID)PLACEMENT\s*\(\s*#(\d+)\b", re.IGNORECASE)
# Aggregates and nests: the whole, then its parts.
_PART_OF = re.compile(
    rb"=\s*IFCREL(?:AGGREGATES|NESTS)\s*\((?:[^';#(]|'(?:[^']|'')*+'|#\d+\s*,(?!\s*\())*+"
    rb"#(\d+)\s*,\s*\(((?:\s*#\d+\s*,?)*)\)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(rb"#(\d+)")
_OWN_ID = re.compile(rb"#(\d+)\s*\Z")
_LONGEST_ID = 40
_TOO_LARGE = re.compile(rb"E[-+]?(?:[4-9]\d\d|30[89]|3[1-9]\d)", re.IGNORECASE)


def repaired(raw: bytes) -> bytes:
    """Return a file that holds the header and every sound statement of another, in its order."""
    found = _DATA.search(raw)
    head = raw[: found.end()] if found else b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;"
    statements = b"\n".join(_sound(raw, found.end() if found else 0))
    return head + b"\n" + statements + b"\nENDSEC;\nEND-ISO-10303-21;\n"


def without_circles(raw: bytes) -> tuple[bytes, int]:
    """Return a file in which no placement and no part leads back to itself, and how many were cut off.

    Geometry kernels follow placements and wholes upwards without looking back; they die or never return.
    """
    found: dict[bytes, re.Match[bytes]] = {}
    for match in _PLACEMENT.finditer(raw):
        if own := _OWN_ID.search(raw, max(match.start() - _LONGEST_ID, 0), match.start()):
            found[own.group(1)] = match
    cuts = [found[key] for key in _lowest_of_circles({key: match.group(1) for key, match in found.items()})]
    edits = [(match.start(1) - 1, match.end(1), b"$") for match in cuts]
    relation_of: dict[bytes, re.Match[bytes]] = {}
    whole_of: dict[bytes, bytes] = {}
    for match in _PART_OF.finditer(raw):
        for part in _REFERENCE.findall(match.group(2)):
            whole_of[part], relation_of[part] = match.group(1), match
    parts_cut = set(_lowest_of_circles(whole_of))
    for match in {relation_of[part].start(): relation_of[part] for part in parts_cut}.values():
        left = [one for one in _REFERENCE.findall(match.group(2)) if one not in parts_cut]
        edits.append((match.start(2), match.end(2), b",".join(b"#" + one for one in left)))
    if not edits:
        return raw, 0
    pieces: list[bytes] = []
    at = 0
    for start, end, text in sorted(edits):
        pieces += [raw[at:start], text]
        at = end
    return b"".join([*pieces, raw[at:]]), len(cuts) + len(parts_cut)


def _lowest_of_circles(above: Mapping[bytes, bytes]) -> list[bytes]:
    """Return the lowest id of every circle of what leads from one to the next above it."""
    done: set[bytes] = set()
    lowest: list[bytes] = []
    for start in above:
        path: list[bytes] = []
        on_path: set[bytes] = set()
        at = start
        while at in above and at not in done and at not in on_path:
            path.append(at)
            on_path.add(at)
            at = above[at]
        if at in on_path:
            lowest.append(min(path[path.index(at) :], key=int))
        done |= on_path
    return lowest


def is_too_deep(raw: bytes) -> bool:
    """Whether brackets are nested as no exporter does: parsers that descend one call a bracket die of it."""
    return b"(" * MAX_DEPTH in raw.replace(b" ", b"") if b"(" * 8 in raw else False


def _sound(raw: bytes, at: int) -> Iterator[bytes]:
    seen: set[bytes] = set()
    while start := _START.search(raw, at):
        at = start.end()
        body = _BODY.match(raw, start.end())
        if body is None or not _is_sound(body.group(0)):
            continue
        at = body.end()
        if start.group(1) not in seen:  # the first of two with one number is what others meant
            seen.add(start.group(1))
            yield b"#" + start.group(1) + b"=" + body.group(0)


def _is_sound(body: bytes) -> bool:
    """Whether brackets close, the statement ends with the outermost, and every number is one."""
    plain = _STRING.sub(b"", body)
    if _TOO_LARGE.search(plain):
        return False
    depth = 0
    last = len(plain) - 1
    for match in re.finditer(rb"[()]", plain):
        depth += 1 if match.group(0) == b"(" else -1
        if depth > MAX_DEPTH or depth < 0 or (depth == 0 and plain[match.end() : last].strip()):
            return False
    return depth == 0
