"""City objects and their surfaces, from whatever format: what the readers of CityJSON and CityGML have in common.

Objects with an id, a type, attributes and a parent; flat surfaces with holes that are roof, wall or ground; levels of
detail; materials and pictures; shapes placed many times. :mod:`~models.io.city.model` makes a model of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.io.common.mesh_builder import RGBA
from models.io.common.polygons import Polygons
from models.io.common.textures import Textures

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Words for half widths of what has none: a point is drawn as a small octahedron, a line as a crossed ribbon, metres.
POINT_M, LINE_M = 0.4, 0.15
#: So many different surfaces are told apart; of the others only the type is kept.
MOST_SURFACES = 20_000
_NO_ATTRIBUTE = frozenset({"type", "id", "gml:id", "gmlid", "gml_id", "parent", "children", "fid", "uuid"})


@dataclass(slots=True)
class Objects:
    """City objects, row by row; the row number is the oid."""

    guid: list[str] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    attributes: list[Mapping[str, Any]] = field(default_factory=list)
    lod: list[str] = field(default_factory=list)

    def add(self, guid: str, kind: str, parent: int, attributes: Mapping[str, Any], lod: str = "") -> int:
        """Add an object and return its oid."""
        self.guid.append(guid)
        self.kind.append(kind)
        self.parent.append(parent)
        self.attributes.append(attributes)
        self.lod.append(lod)
        return len(self.guid) - 1


@dataclass(slots=True)
class Surfaces:
    """All surfaces of all objects.

    Parameters
    ----------
    points : ndarray (n, 3) float64
    polygons : Polygons
    owner : ndarray (p,)
        Object (or template) of each polygon.
    surface, material, texture : ndarray (p,)
        Rows of the tables of a :class:`Appearance`, -1 for none.
    uv : ndarray (c, 2) or None
        Texture coordinates of the corners.
    """

    points: Floats
    polygons: Polygons
    owner: Ints
    surface: Ints
    material: Ints
    texture: Ints
    uv: Floats | None = None


@dataclass(slots=True)
class Appearance:
    """What surfaces are, and their materials and textures.

    Parameters
    ----------
    surfaces : list of dict
        ``{"type": "RoofSurface", …attributes}``, each distinct one once.
    materials : list of RGBA
    textures : Textures or None
    """

    surfaces: list[dict[str, Any]] = field(default_factory=list)
    materials: list[RGBA] = field(default_factory=list)
    textures: Textures | None = None
    _known: dict[str, int] = field(default_factory=dict)

    def surface(self, type_: str, attributes: Mapping[str, Any] | None = None) -> int:
        """Return the row of a semantic surface, added when new; ids are no attribute, and many are too many."""
        if not attributes or (len(attributes) == 1 and "type" in attributes):
            row = self._known.get(type_)
            if row is not None:
                return row
        kept = {k: v for k, v in (attributes or {}).items() if k not in _NO_ATTRIBUTE and _is_plain(v)}
        if len(self.surfaces) >= MOST_SURFACES:
            kept = {}
        key = f"{type_}\0{sorted(kept.items(), key=lambda item: item[0])}" if kept else type_
        row = self._known.get(key)
        if row is None:
            row = self._known[key] = len(self.surfaces)
            self.surfaces.append({"type": type_, **kept})
        return row


def _is_plain(value: object) -> bool:
    return isinstance(value, (str, int, float, bool))


@dataclass(slots=True)
class Instances:
    """Shapes that are placed many times.

    Parameters
    ----------
    shapes : Surfaces or None
        ``owner`` = number of the shape.
    placed : list of (oid, shape, matrix)
        ``matrix`` (4, 4) float64 takes the shape to the CRS.
    """

    shapes: Surfaces | None = None
    placed: list[tuple[int, int, Floats]] = field(default_factory=list)


def octahedra(points: Floats) -> tuple[Floats, list[list[int]]]:
    """Return corners and triangles of a small body about each point: a point has no faces of its own."""
    six = np.array([[1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float64) * POINT_M
    eight = [(0, 1, 4), (1, 2, 4), (2, 3, 4), (3, 0, 4), (1, 0, 5), (2, 1, 5), (3, 2, 5), (0, 3, 5)]
    corners = (points[:, None, :] + six).reshape(-1, 3)
    return corners, [[6 * i + k for k in face] for i in range(len(points)) for face in eight]


def ribbons(line: Floats) -> tuple[Floats, list[list[int]]]:
    """Return corners and quadrilaterals of a lying and a standing ribbon along a line."""
    start, end = line[:-1], line[1:]
    along = end - start
    length = np.linalg.norm(along, axis=1)
    start, end, along = start[length > 0], end[length > 0], along[length > 0] / length[length > 0][:, None]
    up = np.tile([0.0, 0.0, 1.0], (len(along), 1))
    up[np.abs(along[:, 2]) > 0.99] = [1.0, 0.0, 0.0]
    side = np.cross(along, up)
    side *= LINE_M / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-12)
    stand = np.cross(side, along)
    corners = np.stack(
        [start - side, end - side, end + side, start + side, start - stand, end - stand, end + stand, start + stand], 1
    )
    return corners.reshape(-1, 3), [[8 * i + k for k in quad] for i in range(len(start))
                                    for quad in ((0, 1, 2, 3), (4, 5, 6, 7))]  # fmt: skip


def chosen_lod(lods: Sequence[str], wanted: str = "") -> str:
    """Return which of an object's levels of detail is drawn.

    Parameters
    ----------
    lods : sequence of str
        Those it has: ``"1"``, ``"2.2"``.
    wanted : str
        Empty for the highest. An object that lacks the wanted one shows its next lower one, else its next higher.

    Examples
    --------
    >>> chosen_lod(["0", "1.2", "2.2"]), chosen_lod(["0", "2.2"], "1.3"), chosen_lod(["2"], "1")
    ('2.2', '0', '2')
    """
    if not lods:
        return ""
    ordered = sorted(set(lods), key=lod_number)
    if not wanted:
        return ordered[-1]
    # "2" asked for holds 2.0 to 2.3: whole levels are families.
    top = lod_number(wanted) + (0.999 if "." not in wanted else 0.0)
    below = [lod for lod in ordered if lod_number(lod) <= top]
    return below[-1] if below else ordered[0]


@lru_cache(maxsize=1024)
def lod_number(lod: str) -> float:
    """Return a level of detail as a number, 0 for what is none."""
    found = re.match(r"\D*(\d+(?:\.\d+)?)", lod)
    return float(found.group(1)) if found else 0.0
