"""Statements that a few lines of text multiply without end, taken out before any library follows them.

A shape may be made of shapes of its own kind: a boolean of booleans, a mapped item of mapped items, a curve of curves.
Kernels follow these down without looking back and without counting, so that forty lines that each name the next one
twice ask for 2⁴⁰ blocks, and a circle never ends. Here such statements are counted as text, each once, and those that
would be expanded too often or too deep lose what they are made of: the element stays, named, without a shape.

The same holds for units, properties and quantities. Only these classes can hold themselves (the strongly connected
parts of the schema's graph of attributes); everything else is as large as its text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

#: Times that shapes of one statement may be expanded; the largest honest arrays in one element hold some thousands.
MOST_EXPANDED = 50_000
#: Shapes within shapes within shapes; kernels go down one call each.
MOST_DEEP = 400

_NESTING = (
    "BOOLEANRESULT", "BOOLEANCLIPPINGRESULT", "CSGSOLID", "MAPPEDITEM", "REPRESENTATIONMAP", "SHAPEREPRESENTATION",
    "TOPOLOGYREPRESENTATION", "REPRESENTATION", "GEOMETRICSET", "GEOMETRICCURVESET",
    "COMPOSITECURVE", "COMPOSITECURVEONSURFACE", "BOUNDARYCURVE", "OUTERBOUNDARYCURVE", "COMPOSITECURVESEGMENT",
    "REPARAMETRISEDCOMPOSITECURVESEGMENT", "CURVESEGMENT", "GRADIENTCURVE", "SEGMENTEDREFERENCECURVE", "TRIMMEDCURVE",
    "OFFSETCURVE2D", "OFFSETCURVE3D", "OFFSETCURVEBYDISTANCES", "PCURVE", "SURFACECURVE", "INTERSECTIONCURVE",
    "SEAMCURVE", "POINTONCURVE", "POINTBYDISTANCEEXPRESSION",
    "COMPOSITEPROFILEDEF", "DERIVEDPROFILEDEF", "MIRROREDPROFILEDEF", "ARBITRARYCLOSEDPROFILEDEF",
    "ARBITRARYOPENPROFILEDEF", "ARBITRARYPROFILEDEFWITHVOIDS", "CENTERLINEPROFILEDEF",
    "RECTANGULARTRIMMEDSURFACE", "CURVEBOUNDEDPLANE", "CURVEBOUNDEDSURFACE", "SURFACEOFLINEAREXTRUSION",
    "SURFACEOFREVOLUTION", "SUBEDGE",
    "STYLEDITEM", "STYLEDREPRESENTATION", "FILLAREASTYLE", "FILLAREASTYLETILES",
    "CONVERSIONBASEDUNIT", "CONVERSIONBASEDUNITWITHOFFSET", "MEASUREWITHUNIT", "DERIVEDUNIT", "DERIVEDUNITELEMENT",
    "COMPLEXPROPERTY", "PHYSICALCOMPLEXQUANTITY",
)  # fmt: skip
_ARGUMENTS = rb"([^';]*+(?:'[^']*+'[^';]*+)*+);"
# From the sign of equation on, as for placements, and on capitals: half the time, and every file is looked through.
_STATEMENT = re.compile(
    rb"=\s*IFC(?=[" + bytes(sorted({ord(name[0]) for name in _NESTING})) + rb"])(?:"
    + "|".join(_NESTING).encode() + rb")\s*\(" + _ARGUMENTS
)  # fmt: skip
_ANY = re.compile(rb"#(\d+)\s*=\s*IFC(\w+)\s*\(" + _ARGUMENTS)
_OWN_ID = re.compile(rb"#(\d+)\s*\Z")
_LONGEST_ID = 40
_STRING_OR_REFERENCE = re.compile(rb"'(?:[^']|'')*+'|#(\d+)")
_REFERENCE = re.compile(rb"#(\d+)")
_LIST = re.compile(rb"\(\s*#\d+(?:\s*,\s*#\d+)*\s*\)")
#: Climbing from a shape to what has it ends at relations, which name both sides.
_NO_WAY_UP = (b"REL", b"STYLED", b"PRESENTATION", b"MATERIAL")
_MAX_NAMED = 5


def without_bombs(raw: bytes) -> tuple[bytes, int, str]:
    """Return a file without shapes that multiply or lead back to themselves.

    Parameters
    ----------
    raw : bytes
        Text of an IFC file.

    Returns
    -------
    raw : bytes
        The same object where nothing was wrong.
    count : int
        Statements that lost what they are made of.
    names : str
        Elements that have their shape from them, ``"IfcWall #20, …"``.
    """
    text = raw.upper()
    found: dict[bytes, re.Match[bytes]] = {}
    for match in _STATEMENT.finditer(text):
        if own := _OWN_ID.search(text, max(match.start() - _LONGEST_ID, 0), match.start()):
            found[own.group(1)] = match
    parts = {key: [one for one in _references(match.group(1)) if one in found] for key, match in found.items()}
    over = _endless(parts)
    if not over:
        return raw, 0, ""
    names = _names(text, over)
    pieces: list[bytes] = []
    at = 0
    for key, match in sorted(found.items(), key=lambda one: one[1].start()):
        if key in over:
            pieces += [raw[at : match.start(1)], _emptied(raw[match.start(1) : match.end(1)], found, over)]
            at = match.end(1)
    return b"".join([*pieces, raw[at:]]), len(over), names


def _endless(parts: Mapping[bytes, list[bytes]]) -> set[bytes]:
    """Return the statements that stand for too many, reach too deep, or hold themselves."""
    size: dict[bytes, int] = {}
    depth: dict[bytes, int] = {}
    over: set[bytes] = set()

    def finish(key: bytes, below: list[bytes]) -> None:
        size[key] = min(1 + sum([size.get(one, 0) for one in below]), 2 * MOST_EXPANDED)
        depth[key] = 1 + max([depth.get(one, 0) for one in below], default=0)
        if size[key] > MOST_EXPANDED or depth[key] > MOST_DEEP or not over.isdisjoint(below):
            over.add(key)

    for start, below in parts.items():
        if start in size:
            continue
        if all(one in size for one in below):
            finish(start, below)
            continue
        path: list[bytes] = [start]
        on_path, rest = {start}, [iter(below)]
        while path:
            step = next((one for one in rest[-1] if one not in size), None)
            if step is None:
                key = path.pop()
                on_path.discard(key)
                rest.pop()
                finish(key, parts[key])
            elif step in on_path:
                over.update(path[path.index(step) :])  # one circle
            else:
                path.append(step)
                on_path.add(step)
                rest.append(iter(parts[step]))
    return over


def _emptied(arguments: bytes, nesting: Collection[bytes], over: Collection[bytes]) -> bytes:
    """Return a statement's arguments without references to what is taken apart, or, where there is none, to any shape.

    ``(#2,'Body','CSG',(#7,#8))`` becomes ``(#2,'Body','CSG',(#8))`` where ``#7`` is without end.
    """
    gone = over if any(one in over for one in _references(arguments)) else nesting

    def kept(match: re.Match[bytes]) -> bytes:
        return b"(" + b",".join(b"#" + one for one in _references(match.group(0)) if one not in gone) + b")"

    def replaced(match: re.Match[bytes]) -> bytes:
        key = match.group(1)
        return match.group(0) if key is None or key not in gone else b"$"

    return _STRING_OR_REFERENCE.sub(replaced, _LIST.sub(kept, arguments))


def _names(text: bytes, keys: Collection[bytes]) -> str:
    """Return class and id of the products above some shapes, as a person would look them up."""
    users: dict[bytes, list[bytes]] = {}
    classes: dict[bytes, bytes] = {}
    shapes: set[bytes] = set()
    for match in _ANY.finditer(text):
        key, name, arguments = match.groups()
        if name.startswith(_NO_WAY_UP):
            continue
        classes[key] = name
        if name == b"PRODUCTDEFINITIONSHAPE":
            shapes.add(key)
        for one in _references(arguments):
            users.setdefault(one, []).append(key)
    waiting, seen, named = list(keys), set(keys), []
    while waiting:
        key = waiting.pop()
        for user in users.get(key, ()):
            if user not in seen:
                seen.add(user)
                if key in shapes:
                    named.append(int(user))
                else:
                    waiting.append(user)
    listed = [f"{_class_name(classes[b'%d' % key])} #{key}" for key in sorted(named)]
    return ", ".join(listed[:_MAX_NAMED]) + (" …" if len(listed) > _MAX_NAMED else "")


def _class_name(upper: bytes) -> str:
    """Return a class as it is written for people where the schema says how, ``IfcWall``."""
    import ifcopenshell.ifcopenshell_wrapper as wrapper

    name = "IFC" + upper.decode("ascii", "replace")
    for schema in ("IFC4X3_ADD2", "IFC2X3"):
        try:
            return str(wrapper.schema_by_name(schema).declaration_by_name(name).name())
        except RuntimeError:
            continue
    return name


def _references(arguments: bytes) -> list[bytes]:
    if b"'" not in arguments:
        return _REFERENCE.findall(arguments)
    return [match.group(1) for match in _STRING_OR_REFERENCE.finditer(arguments) if match.group(1)]
