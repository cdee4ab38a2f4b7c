"""GML as CityGML writes it: names, numbers, rings, polygons; nothing of what they mean.

Source: OGC 03-105r1 (GML 3.1.1, CityGML 1.0 and 2.0), OGC 07-036r1 (GML 3.2.1, CityGML 3.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HREF = "{http://www.w3.org/1999/xlink}href"
#: What holds rings.
POLYGONS = frozenset({"Polygon", "PolygonPatch", "Triangle", "Rectangle"})


@lru_cache(maxsize=8192)
def local(tag: str) -> str:
    """Return an element's name without its namespace."""
    return tag.rpartition("}")[2]


@lru_cache(maxsize=8192)
def namespace(tag: str) -> str:
    """Return an element's namespace, empty for none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def children(element: Any) -> Iterator[Any]:
    """Yield child elements, without comments and instructions."""
    return (child for child in element if isinstance(child.tag, str))


def id_of(element: Any) -> str:
    """Return ``gml:id``, empty for none."""
    for key, value in element.attrib.items():
        if key.endswith("}id") or key == "id":
            return str(value)
    return ""


def numbers(text: str | None) -> Floats:
    """Return the numbers of a text.

    Raises
    ------
    ValueError
        There is something else among them.
    """
    words = (text or "").split()
    return np.array(words, dtype=np.float64)


def positions(element: Any, dimension: int = 3) -> Floats:
    """Return the positions (n, 3) of a ring, a line or a point; heights that are not given are 0.

    Parameters
    ----------
    element : lxml element
        With ``posList``, ``pos``, ``coordinates`` or ``pointProperty`` somewhere below.
    dimension : int
        Of positions that do not say theirs.
    """
    found: list[Floats] = []
    for one in element.iter():
        if not isinstance(one.tag, str):
            continue
        name = local(one.tag)
        if name in ("posList", "pos"):
            found.append(_rows(numbers(one.text), int(one.get("srsDimension") or 0) or dimension, name == "pos"))
        elif name == "coordinates":  # GML 2
            separator = one.get("cs", ",")
            rows = [[float(value) for value in row.split(separator)] for row in (one.text or "").split()]
            found.append(_rows(np.array(rows, dtype=np.float64).ravel(), len(rows[0]) if rows else 3, False))
    return np.concatenate(found) if found else np.empty((0, 3))


def _rows(values: Floats, dimension: int, single: bool) -> Floats:
    if single:
        dimension = len(values)
    elif len(values) % dimension:
        dimension = 2 if len(values) % 2 == 0 else 3
    if dimension not in (2, 3) or len(values) % dimension:
        raise ValueError(f"{len(values)} numbers are no positions")
    rows = values.reshape(-1, dimension)
    return rows if dimension == 3 else np.column_stack([rows, np.zeros(len(rows))])


def rings(polygon: Any, dimension: int = 3) -> list[tuple[str, Floats]]:
    """Return id and positions of a polygon's rings, the outline first, without the repeated last position."""
    outline: list[tuple[str, Floats]] = []
    holes: list[tuple[str, Floats]] = []
    for side in children(polygon):
        name = local(side.tag)
        if name not in ("exterior", "interior", "outerBoundaryIs", "innerBoundaryIs"):
            continue
        for ring in children(side):
            rows = positions(ring, dimension)
            if len(rows) > 1 and (rows[0] == rows[-1]).all():
                rows = rows[:-1]
            (outline if name in ("exterior", "outerBoundaryIs") else holes).append((id_of(ring), rows))
    return [*outline[:1], *holes] if outline else []


def value_of(text: str) -> str | int | float:
    """Return a number where a text is one that reads back the same, else the text: ``"007"`` is a code.

    Examples
    --------
    >>> value_of("12"), value_of("3.50"), value_of("007"), value_of("1e400")
    (12, 3.5, '007', '1e400')
    """
    text = text.strip()
    if len(text) > 20:
        return text
    try:
        number = int(text)
    except ValueError:
        pass
    else:
        return number if str(number) == text else text
    try:
        real = float(text)
    except ValueError:
        return text
    is_code = re.match(r"[+-]?0\d", text) is not None
    return real if np.isfinite(real) and not is_code and re.search(r"\d", text) else text
