"""An IFC file without its shapes and properties: what the table and the place of the first picture are read from.

Nine statements of ten in a building model are points, faces, colours and property values. Without them a parser needs a
fraction of the time, and what it then says of elements, structure and place is the same: it is asked by the same code.

Invariants
----------
1. Every object, relation, unit, context and coordinate operation stays, and all by which a site or a context is placed.
2. A reference to what is left out becomes ``$``, a list of shapes becomes empty: parsers take long over loose ends.
3. A file that is not written one statement a line, or keeps its place in properties, is not skimmed.
"""

from __future__ import annotations

import re

from models.io.ifc.statements import position

#: Beginnings of the classes that are left out: shapes, looks, values. None is an object or says where one stands.
_LEFT_OUT = (
    "CARTESIANPOINT", "DIRECTION", "VECTOR", "AXIS2PLACEMENT", "AXIS1PLACEMENT", "LOCALPLACEMENT",
    "CARTESIANTRANSFORMATIONOPERATOR", "POLYLOOP", "POLYLINE", "FACE", "CLOSEDSHELL", "OPENSHELL", "CONNECTEDFACESET",
    "SHELLBASED", "MANIFOLD", "ADVANCED", "ORIENTEDEDGE", "EDGE", "VERTEX", "INDEXED", "TRIANGULATED",
    "POLYGONALFACESET", "EXTRUDED", "REVOLVED", "SURFACEOF", "SURFACECURVE", "SWEPTDISK", "FIXEDREFERENCE",
    "ARBITRARY", "RECTANGLE", "RECTANGULAR", "ROUNDEDRECTANGLE", "CIRCLE", "ELLIPSE", "TRIMMEDCURVE", "COMPOSITECURVE",
    "COMPOSITEPROFILE", "BSPLINE", "RATIONAL", "LINE(", "PLANE(", "PCURVE", "ISHAPE", "LSHAPE", "TSHAPE", "USHAPE",
    "TRAPEZIUM", "DERIVEDPROFILE", "HALFSPACE", "POLYGONALBOUNDED", "BOOLEAN", "BLOCK(", "BOUNDINGBOX", "MAPPEDITEM",
    "REPRESENTATIONMAP", "GEOMETRICSET", "GEOMETRICCURVESET", "PLANAREXTENT", "TEXT", "CURVESTYLE", "STYLED",
    "SURFACESTYLE", "PRESENTATION", "COLOUR", "FILLAREA", "DRAUGHTING",
    "PROPERTY", "QUANTITY", "PHYSICAL", "ELEMENTQUANTITY", "MATERIAL", "RELASSOCIATES", "RELDEFINES",
    "RELSPACEBOUNDARY", "RELCONNECTS", "CONNECTIONSURFACE", "CONNECTIONCURVE",
)  # fmt: skip
#: Types go too; they are no objects of the building. A statement that does not end in its line is not left out.
_SKIPPED = re.compile(
    rb"#\d+ ?= ?IFC(?:" + "|".join(map(re.escape, _LEFT_OUT)).encode() + rb"|[A-Z0-9]+(?:TYPE|STYLE) ?\().*\);\s*$|\s*$"
)
#: These are laid out in space by what is left out; it is fetched for them.
_PLACED = re.compile(rb"#\d+ ?= ?IFC(?:SITE|BUILDING|BUILDINGSTOREY|GEOMETRICREPRESENTATIONCONTEXT) ?\(")
_SHAPES = re.compile(rb"(= ?IFC\w+REPRESENTATION ?\([^()]*,)\(#[^()]*\)\)")
_STRING_OR_REFERENCE = re.compile(rb"'[^']*'|#(\d+)")
_ID = re.compile(rb"#(\d+) ?=", re.MULTILINE)
_MOST_FETCHED = 2000
_DATA = re.compile(rb"\nDATA *;\r?\n")


def skimmed(raw: bytes) -> bytes | None:
    """Return a file that holds what there is and where it stands, None for one that must be read whole.

    Parameters
    ----------
    raw : bytes
        As :func:`models.io.ifc.open_file.prepared_bytes` gives it.
    """
    data = _DATA.search(raw)
    if data is None or b"ePSet_" in raw or b"ePset_" in raw or b"EPset_" in raw or b"EPSET_" in raw:
        return None
    skipped = _SKIPPED.match
    kept = [line for line in raw[data.end() :].split(b"\n") if not skipped(line)]
    end = next((at for at, line in enumerate(kept) if line.startswith(b"ENDSEC")), -1)
    if end < 0 or not all(line.startswith(b"#") and line.rstrip().endswith(b";") for line in kept[:end]):
        return None
    del kept[end:]
    fetched = _fetched(raw, [line for line in kept if _PLACED.match(line)])
    if fetched is None:
        return None
    text = _SHAPES.sub(rb"\1())", b"\n".join([*kept, *fetched]))
    known = set(_ID.findall(text))

    def tied(match: re.Match[bytes]) -> bytes:
        key = match.group(1)
        return match.group(0) if key is None or key in known else b"$"

    return raw[: data.end()] + _STRING_OR_REFERENCE.sub(tied, text) + b"\nENDSEC;\nEND-ISO-10303-21;\n"


def _fetched(raw: bytes, placed: list[bytes]) -> list[bytes] | None:
    """Return the left-out statements to which others lead, None where they cannot be found or are too many."""
    found: dict[bytes, bytes] = {}
    waiting: list[tuple[bytes, int]] = []
    at = 0
    for line in placed:  # in the order of the file
        at = max(raw.find(line, at), at)
        waiting += [(key, at) for key in _references(line)]
    while waiting:
        key, near = waiting.pop()
        if key in found:
            continue
        at = position(raw, key, near)
        stop = raw.find(b"\n", at + 1)
        if at < 0 or stop < 0 or len(found) > _MOST_FETCHED:
            return None
        line = found[key] = raw[at + 1 : stop]
        if _SKIPPED.match(line):
            waiting += [(inner, at) for inner in _references(line)]
    return [line for line in found.values() if _SKIPPED.match(line)]


def _references(line: bytes) -> list[bytes]:
    return [key for key in _STRING_OR_REFERENCE.findall(line)[1:] if key]
