"""The members of a CityGML model, one by one: objects, their attributes, and which object owns which surface.

GML writes objects with a capital (``Building``) and what they have without one (``boundedBy``), turn and turn about.
What is an object of the city, what a surface of it (``RoofSurface``), what a value (``uro:buildingIDAttribute``) is
told here by name and by what stands below.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import Caution
from models.io.city.citygml_appearance import Appearances
from models.io.city.citygml_codes import Codes
from models.io.city.objects import Appearance, Objects, Surfaces, chosen_lod, octahedra, ribbons
from models.io.common.polygons import Polygons
from models.io.vector.gml import HREF, POLYGONS, children, id_of, local, namespace, numbers, positions, rings, value_of
from resources.standards import standard

Floats = NDArray[np.float64]
Rings = list[tuple[str, Floats]]

_LOD = re.compile(r"lod([0-4])(?!TerrainIntersection)")
_GML = ("http://www.opengis.net/gml", "http://www.opengis.net/gml/3.2")
#: A surface of an object of which these are the parts; they are no objects of their own.
_SURFACE = re.compile(r".*(Surface|TrafficArea|Marking|Hole)$|^(Window|Door)$")
#: Capital names of what only holds values.
_VALUES = frozenset({"Address", "ExternalReference", "ExternalObjectReference", "Envelope", "TimePosition", "Occupancy",
                     "Height", "Elevation", "RoomHeight", "Code", "MultiPoint"})  # fmt: skip
_NO_ATTRIBUTES = frozenset({"boundedBy", "appearance", "boundary", "opening", "externalReference", "location"})
#: Properties that hold values only, whatever is in them.
_RECORDS = frozenset({"genericAttribute", "adeOfAbstractCityObject", "adeOfAbstractBuilding"})
MOST_DEPTH = 60


@dataclass(slots=True)
class _Piece:
    """One polygon of an object, or where it is to be found."""

    owner: int
    lod: str
    surface: int
    rings: Rings
    names: tuple[str, ...] = ()
    target: str = ""
    flipped: bool = False


@dataclass(slots=True)
class _Pile:
    """Polygons of many objects, as growing lists of arrays."""

    points: list[Floats] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    rings: list[int] = field(default_factory=list)
    owner: list[int] = field(default_factory=list)
    surface: list[int] = field(default_factory=list)
    names: list[tuple[str, ...]] = field(default_factory=list)
    ring_names: list[str] = field(default_factory=list)

    def add(self, piece: _Piece, rings: Rings) -> None:
        """Add a polygon."""
        for name, rows in rings:
            self.points.append(rows[::-1] if piece.flipped else rows)
            self.sizes.append(len(rows))
            self.ring_names.append(f"-{name}" if piece.flipped and name else name)
        self.rings.append(len(rings))
        self.owner.append(piece.owner)
        self.surface.append(piece.surface)
        self.names.append(piece.names)

    def surfaces(self, looks: Appearances | None) -> Surfaces:
        """Return everything as flat arrays."""
        points = np.concatenate(self.points) if self.points else np.empty((0, 3))
        ring_start = np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.int64)
        polygon_ring = np.concatenate([[0], np.cumsum(self.rings)]).astype(np.int64)
        count = len(self.rings)
        material, texture, uv = np.full(count, -1, np.int64), np.full(count, -1, np.int64), None
        if looks is not None and not looks.is_empty:
            for row, names in enumerate(self.names):
                material[row] = next((m for name in names if (m := looks.material_of.get(name, -1)) >= 0), -1)
                texture[row] = looks.texture_of.get(names[0], -1) if names else -1
            uv = self._coordinates(looks, ring_start)
        return Surfaces(
            points, Polygons(np.arange(len(points)), ring_start, polygon_ring),
            np.asarray(self.owner, dtype=np.int64), np.asarray(self.surface, dtype=np.int64), material, texture, uv,
        )  # fmt: skip

    def _coordinates(self, looks: Appearances, ring_start: NDArray[np.int64]) -> Floats:
        uv = np.full((int(ring_start[-1]), 2), np.nan)
        for ring, name in enumerate(self.ring_names):
            found = looks.coordinates.get(name.removeprefix("-"))
            size = int(ring_start[ring + 1] - ring_start[ring])
            if found is not None and len(found) >= size:
                rows = found[:size]
                uv[ring_start[ring] : ring_start[ring + 1]] = rows[::-1] if name.startswith("-") else rows
        return uv


class Members:
    """Collects the objects and surfaces of a file.

    Parameters
    ----------
    path : Path
    looks : Appearances
    wanted : str
        Level of detail, empty for the highest.
    dimension : int
        Of positions that do not say theirs.
    """

    def __init__(self, path: Path, looks: Appearances, *, wanted: str = "", dimension: int = 3) -> None:
        self.objects, self.wanted, self.looks = Objects(), wanted, looks
        self.appearance = Appearance(materials=looks.materials, textures=looks.textures)
        self.lods: dict[str, int] = {}
        self.shapes = _Pile()
        self.placed: list[tuple[int, int, Floats]] = []
        #: Ids of polygons that stand in another member, and who wants them.
        self.unresolved: dict[str, list[_Piece]] = {}
        self._pile = _Pile()
        self._anchors: list[Floats] = []
        self._shape_of: dict[str, int] = {}
        self._found: dict[str, Rings] = {}
        self._codes = Codes(path.parent)
        self._dimension = dimension
        self._libraries = 0
        self._pieces: list[_Piece] = []
        self._known: dict[str, Rings] = {}
        self._seen: set[str] = set()
        self._instances: list[tuple[int, str, Any]] = []

    def take(self, element: Any) -> None:
        """Take one member with all that stands in it."""
        self._pieces, self._known, self._instances = [], {}, []
        first = len(self.objects.guid)
        self._object(element, -1, 0)
        self._choose(first)

    def surfaces(self) -> Surfaces:
        """Return all polygons."""
        return self._pile.surfaces(self.looks)

    def anchors(self) -> Floats:
        """Return where placed shapes stand, (k, 3)."""
        return np.asarray(self._anchors, dtype=np.float64).reshape(-1, 3)

    def fetch(self, element: Any, wanted: set[str]) -> None:
        """Keep the polygons of other members that somebody points to."""
        for one in element.iter():
            if isinstance(one.tag, str) and (name := id_of(one)) in wanted:
                inside = (p for p in one.iter() if isinstance(p.tag, str) and local(p.tag) in POLYGONS)
                self._found[name] = next((rings(p, self._dimension) for p in inside), [])

    def resolve(self) -> None:
        """Draw what was fetched."""
        for name in [name for name in self.unresolved if self._found.get(name)]:
            for piece in self.unresolved.pop(name):
                self._pile.add(piece, self._found[name])

    def cautions(self) -> Iterator[Caution]:
        """Yield what was left out."""
        if self.unresolved:
            count = sum(len(pieces) for pieces in self.unresolved.values())
            yield Caution("city3d.links_broken", count=count, first=next(iter(self.unresolved)))
        if self._libraries:
            yield Caution("city3d.library_objects", count=self._libraries)

    def _object(self, element: Any, parent: int, depth: int) -> None:
        if depth > MOST_DEPTH:
            raise ValueError("objects in objects without an end")
        guid, kind = id_of(element), local(element.tag)
        if not guid or guid in self._seen:
            guid = f"{guid or kind}#{len(self.objects.guid)}"
        self._seen.add(guid)
        attributes: dict[str, Any] = {}
        oid = self.objects.add(guid, kind, parent, attributes)
        self._properties(element, oid, -1, attributes, depth)

    def _properties(self, element: Any, oid: int, surface: int, attributes: dict[str, Any], depth: int) -> None:
        """Go through what an object, or a surface of it, has."""
        if depth > MOST_DEPTH:
            raise ValueError("surfaces in surfaces without an end")
        kind = local(element.tag)
        for one in children(element):
            name = local(one.tag)
            lod = _LOD.match(name)
            if lod or name in ("tin", "extent"):
                if name != "extent":
                    self._geometry(one, oid, surface, lod.group(1) if lod else _relief_lod(element))
                continue
            inner = list(children(one))
            if not inner:
                self._simple(one, name, attributes)
            elif (name.endswith("Attribute") and "name" in one.attrib) or name == "genericAttributeSet":
                self._generic(one, attributes, "")
            else:
                for child in inner:
                    self._child(child, one, name, oid, surface, attributes, depth, kind)

    def _child(
        self,
        child: Any,
        above: Any,
        name: str,
        oid: int,
        surface: int,
        attributes: dict[str, Any],
        depth: int,
        kind: str,
    ) -> None:
        what = local(child.tag)
        if what == "Appearance":
            self.looks.take(child)
        elif namespace(child.tag).startswith(_GML) or what == "Envelope":
            return
        elif _SURFACE.match(what) and ("citygml" in namespace(child.tag) or _has_geometry(child)):
            properties: dict[str, Any] = {}
            row, begin = self.appearance.surface(what), len(self._pieces)
            self._properties(child, oid, row, properties, depth + 1)
            if properties and (full := self.appearance.surface(what, properties)) != row:
                for piece in self._pieces[begin:]:
                    piece.surface = full if piece.surface == row else piece.surface
        elif name not in _RECORDS and what not in _VALUES and _is_feature(child):
            self._object(child, oid, depth + 1)
        elif name == "genericAttribute":
            self._generic(child, attributes, "")
        elif name.startswith("adeOf"):
            self._properties(child, oid, surface, attributes, depth + 1)
        elif name not in _NO_ATTRIBUTES:
            self._flat(above, name, attributes, 0)

    def _simple(self, one: Any, name: str, attributes: dict[str, Any]) -> None:
        """Take a property that is a text."""
        text = (one.text or "").strip()
        if not text or name == "lod":
            return
        value: Any = value_of(text)
        code_space = one.get("codeSpace")
        if code_space:
            value = self._codes.meaning(code_space, text)
        key = name
        while key in attributes and attributes[key] != value:  # of several functions all count
            key = f"{key}+"
        attributes[key] = value

    def _generic(self, one: Any, attributes: dict[str, Any], above: str) -> None:
        """Take ``gen:stringAttribute`` (2.0) or ``gen:StringAttribute`` (3.0), and sets of them."""
        name = one.get("name") or next(
            ((c.text or "").strip() for c in children(one) if local(c.tag) == "name" and not len(c)), local(one.tag)
        )  # fmt: skip
        for child in children(one):
            what = local(child.tag)
            if what == "value":
                attributes[f"{above}{name}"] = value_of(child.text or "")
            elif what.endswith(("Attribute", "AttributeSet")) or what == "genericAttribute":
                inner = next(children(child), None) if what == "genericAttribute" else child
                if inner is not None:
                    self._generic(inner, attributes, f"{above}{name}.")

    def _flat(self, one: Any, name: str, attributes: dict[str, Any], depth: int) -> None:
        """Take values that stand in values, as PLATEAU's i-UR writes them, under names with dots."""
        if depth > 6:
            return
        for child in children(one):
            what = local(child.tag)
            inner = f"{name}.{what}" if not what[:1].isupper() else name
            if len(child):
                self._flat(child, inner, attributes, depth + 1)
            elif (child.text or "").strip():
                text = (child.text or "").strip()
                space = child.get("codeSpace")
                value: Any = self._codes.meaning(space, text) if space else value_of(text)
                key = inner
                while key in attributes and attributes[key] != value:
                    key = f"{key}+"
                attributes[key] = value

    def _geometry(self, prop: Any, oid: int, surface: int, lod: str) -> None:
        """Take all polygons, points and lines below ``lod2Solid``, ``lod1MultiSurface``, ``tin`` …"""
        href = prop.get(HREF)
        if href:
            self._pieces.append(_Piece(oid, lod, surface, [], target=href.removeprefix("#")))
        groups = tuple(id_of(one) for one in children(prop))
        thin: list[Any] = []
        has_polygon = False
        stack: list[tuple[Any, bool]] = [(one, False) for one in children(prop)]
        stack.reverse()
        while stack:
            one, flipped = stack.pop()
            name = local(one.tag)
            if name in POLYGONS:
                has_polygon = True
                self._polygon(one, oid, surface, lod, groups, flipped)
                continue
            if name == "ImplicitGeometry":
                self._instances.append((oid, lod, one))
                continue
            if name in ("Point", "LineString", "Curve"):
                thin.append(one)
                continue
            if (link := one.get(HREF)) and name in _LINKS:
                self._pieces.append(_Piece(oid, lod, surface, [], target=link.removeprefix("#"), flipped=flipped))
                has_polygon = True
            turned = flipped != (name == "OrientableSurface" and one.get("orientation") == "-")
            stack += [(child, turned) for child in reversed(list(children(one)))]
        if not has_polygon:
            self._thin(thin, oid, lod)

    def _polygon(self, one: Any, oid: int, surface: int, lod: str, groups: tuple[str, ...], flipped: bool) -> None:
        found = rings(one, self._dimension)
        if not found:
            return
        names = (id_of(one), *groups)
        for above in one.iterancestors():
            if local(above.tag).endswith("Surface") and (name := id_of(above)):
                names = (*names, name)
            if local(above.tag).startswith("lod"):
                break
        if names[0]:
            self._known.setdefault(names[0], found)
        self._pieces.append(_Piece(oid, lod, surface, found, names, flipped=flipped))

    def _thin(self, found: list[Any], oid: int, lod: str) -> None:
        """Give points and lines a body that can be seen."""
        for one in found:
            rows = positions(one, self._dimension)
            if not len(rows) or abs(rows[:, :2]).max() <= 180:  # degrees: metres cannot be added
                continue
            corners, faces = octahedra(rows[:1]) if local(one.tag) == "Point" else ribbons(rows)
            self._pieces += [_Piece(oid, lod, -1, [("", corners[face])]) for face in faces]

    def _choose(self, first: int) -> None:
        """Keep of each object the level of detail that is drawn, every polygon once."""
        lods: dict[int, set[str]] = {}
        for piece in self._pieces:
            lods.setdefault(piece.owner, set()).add(piece.lod)
        for oid, lod, _ in self._instances:
            lods.setdefault(oid, set()).add(lod)
        drawn: dict[int, str] = {}
        for oid in range(first, len(self.objects.guid)):
            mine = lods.get(oid, set())
            for lod in mine:
                self.lods[lod] = self.lods.get(lod, 0) + 1
            drawn[oid] = self.objects.lod[oid] = chosen_lod(sorted(mine), self.wanted)
        shown = [piece for piece in self._pieces if piece.lod == drawn[piece.owner]]
        dressed = {piece.owner for piece in shown if piece.surface >= 0 and piece.rings}
        direct = {piece.names[0] for piece in shown if piece.names and piece.names[0]}
        for piece in shown:
            if piece.rings and (piece.surface >= 0 or piece.owner not in dressed or self._is_part_of_none(piece)):
                self._pile.add(piece, piece.rings)
        for piece in shown:
            if not piece.target or piece.target in direct:
                continue
            if piece.target in self._known:
                direct.add(piece.target)
                self._pile.add(piece, self._known[piece.target])
            elif piece.owner not in dressed:
                self.unresolved.setdefault(piece.target, []).append(piece)
        for oid, lod, one in self._instances:
            if lod == drawn[oid]:
                self._instance(one, oid)

    def _is_part_of_none(self, piece: _Piece) -> bool:
        """Whether a plain polygon of an object with roofs and walls is drawn too: a solid of its own is not."""
        return standard("city3d")["object"].get(self.objects.kind[piece.owner], "") == "" and piece.lod == "0"

    def _instance(self, element: Any, oid: int) -> None:
        """Take an ``ImplicitGeometry``: a shape, a matrix and where it stands."""
        matrix, anchor, shape = np.eye(4), np.zeros(3), -1
        for one in children(element):
            name = local(one.tag)
            if name == "transformationMatrix":
                found = numbers(one.text)
                matrix = found.reshape(4, 4) if len(found) == 16 else matrix
            elif name == "referencePoint":
                rows = positions(one, self._dimension)
                anchor = rows[0] if len(rows) else anchor
            elif name in ("relativeGMLGeometry", "relativeGeometry"):
                shape = self._shape(one)
            elif name == "libraryObject":
                self._libraries += 1
        if shape >= 0:
            self.placed.append((oid, shape, matrix))
            self._anchors.append(anchor)

    def _shape(self, prop: Any) -> int:
        href = prop.get(HREF, "").removeprefix("#")
        if href:
            return self._shape_of.get(href, -1)
        number = len(self._shape_of)
        geometry = next(children(prop), None)
        if geometry is None:
            return -1
        self._shape_of[id_of(geometry) or f"\0{number}"] = number
        for one in geometry.iter():
            if isinstance(one.tag, str) and local(one.tag) in POLYGONS and (found := rings(one, self._dimension)):
                self.shapes.add(_Piece(number, "", -1, found), found)
        return number


#: Properties that may point to a polygon elsewhere.
_LINKS = frozenset({"surfaceMember", "baseSurface", "exterior", "interior", "solidMember", "patches"})


def _relief_lod(element: Any) -> str:
    return next(((one.text or "0").strip() for one in children(element) if local(one.tag) == "lod"), "0")


def _has_geometry(element: Any) -> bool:
    return any(isinstance(one.tag, str) and _LOD.match(local(one.tag)) for one in element.iter())


def _is_feature(element: Any) -> bool:
    """Return whether a capital name is an object of the city rather than a record of values."""
    if not local(element.tag)[:1].isupper():
        return False
    return ("citygml" in namespace(element.tag) and bool(id_of(element))) or _has_geometry(element)
