"""The geometries of CityJSON as flat surfaces: nested lists in, arrays out.

Lists are flattened a batch at a time and then let go, so that a city costs the lists of a part of it. Nothing is looked
at ring by ring except what wears a picture.

Source: CityJSON 2.0.1 (OGC 20-072r5), https://www.cityjson.org/specs/2.0.1/
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.io.city.objects import Appearance, Surfaces, octahedra, ribbons
from models.io.common.polygons import Polygons

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: How many lists deep the surfaces of a geometry lie.
DEPTH = {"MultiSurface": 0, "CompositeSurface": 0, "Solid": 1, "MultiSolid": 2, "CompositeSolid": 2}
LINES = ("MultiPoint", "MultiLineString")
#: Lists of this many surfaces are flattened together.
BATCH = 50_000
_VALUES = {int, type(None)}
_TYPE = itemgetter("type")


class Looks:
    """The materials, pictures and texture coordinates of one document, as rows of its tables.

    Parameters
    ----------
    themes : mapping of str to str or None
        The default theme of ``"material"`` and of ``"texture"``.
    """

    def __init__(self, themes: Mapping[str, Any]) -> None:
        self._themes = themes
        #: Row of the document's first material, its first texture coordinate, and its pictures.
        self.material_first, self.uv_first = 0, 0
        self.pictures: list[int] = []

    def theme_of(self, geometry: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
        """Return the material or texture of a geometry in the default theme, else in its first."""
        entry = geometry.get(name)
        if not isinstance(entry, Mapping) or not entry:
            return None
        theme = entry.get(self._themes[name]) if self._themes[name] in entry else next(iter(entry.values()))
        return theme if isinstance(theme, Mapping) else None


class Body:
    """The surfaces of objects, or of templates, growing.

    Parameters
    ----------
    appearance : Appearance
    looks : Looks
    """

    def __init__(self, appearance: Appearance, looks: Looks) -> None:
        self._appearance, self._looks = appearance, looks
        self._points: list[Floats] = []
        self._block_at: dict[int, Floats] = {}
        self._point_count = 0
        self._items: list[Any] = []
        self._values: list[Any] = []
        self._materials: list[tuple[int, list[int]]] = []
        #: Owner, row of its vertex 0, surfaces, first of its semantic rows, how many of these.
        self._runs: list[tuple[int, int, int, int, int]] = []
        self._rows: list[int] = []
        self._pictured: list[tuple[int, list[Any]]] = []
        self._known_rows: dict[tuple[Any, ...], list[int]] = {}
        self._done = 0
        self._batches: list[tuple[Ints, Ints, Ints, Ints, Ints, Ints]] = []
        #: Geometries that were left out, by type.
        self.skipped: dict[str, int] = {}

    def points(self, points: Floats) -> int:
        """Add points and return the row of the first."""
        first = self._point_count
        self._points.append(points)
        self._block_at[first] = points
        self._point_count += len(points)
        return first

    def take(self, geometry: Mapping[str, Any], owner: int, first: int) -> None:
        """Take one geometry of an owner; ``first`` is the row of its vertex 0."""
        kind = geometry["type"]
        boundaries = geometry.get("boundaries") or []
        if kind in LINES:
            self._thin(kind, boundaries, owner, first)
            return
        if kind not in DEPTH:
            self.skipped[str(kind)] = self.skipped.get(str(kind), 0) + 1
            return
        depth = DEPTH[kind]
        surfaces = boundaries
        for _ in range(depth):
            surfaces = surfaces[0] if len(surfaces) == 1 else list(chain.from_iterable(surfaces))
        materials = None
        if "texture" in geometry or "material" in geometry:
            self._texture(geometry, boundaries, depth)
            materials = self._material(geometry, boundaries, depth, len(surfaces))
        entry = geometry.get("semantics")
        rows, values = self._semantics(entry, boundaries, depth, len(surfaces)) if entry else ([], None)
        self._add(owner, first, surfaces, rows, values, materials)

    def surfaces(self, uv: Floats | None) -> Surfaces:
        """Return everything as flat arrays; ``uv`` are the texture coordinates of all documents."""
        self._flatten()
        none = np.empty(0, dtype=np.int64)
        corners, sizes, rings_of, owner, surface, material = (
            np.concatenate([none, *(batch[k] for batch in self._batches)]) for k in range(6)
        )
        self._batches.clear()
        self._block_at.clear()
        points = np.concatenate(self._points) if self._points else np.empty((0, 3))
        if len(corners) and corners.max() >= len(points):
            raise IndexError("a vertex that is not there")
        polygons = Polygons(corners, _starts(sizes), _starts(rings_of))
        texture, placed = np.full(len(owner), -1, dtype=np.int64), None
        if self._pictured and uv is not None:
            placed = np.full((len(corners), 2), np.nan)
            self._lay(polygons, uv, texture, placed)
        return Surfaces(points, polygons, owner, surface, material, texture, placed)

    def _add(
        self, owner: int, first: int, surfaces: list[Any], rows: list[int], values: list[Any] | None,
        materials: list[int] | None = None,
    ) -> None:  # fmt: skip
        count = len(surfaces)
        self._items += surfaces
        self._values += [-1] * count if values is None else values
        if materials is not None:
            self._materials.append((len(self._items) - count, materials))
        self._runs.append((owner, first, count, len(self._rows), len(rows)))
        self._rows += rows
        if len(self._items) >= BATCH:
            self._flatten()

    def _flatten(self) -> None:
        """Turn the lists that have gathered into arrays."""
        items, self._items = self._items, []
        rings_of = np.fromiter(map(len, items), dtype=np.int64, count=len(items))
        rings = list(chain.from_iterable(items))
        del items
        sizes = np.fromiter(map(len, rings), dtype=np.int64, count=len(rings))
        corners = np.fromiter(chain.from_iterable(rings), dtype=np.int64, count=int(sizes.sum()))
        if len(corners) and corners.min() < 0:
            raise IndexError("a vertex before the first")
        runs = np.asarray(self._runs, dtype=np.int64).reshape(-1, 5)
        owner, first, begin, known = (np.repeat(runs[:, k], runs[:, 2]) for k in (0, 1, 3, 4))
        corners += np.repeat(first, np.diff(_starts(sizes)[_starts(rings_of)]))
        value = np.asarray(self._values, dtype=np.int64)
        is_known = (value >= 0) & (value < known)
        table = np.asarray([*self._rows, -1], dtype=np.int64)
        surface = table[np.where(is_known, begin + value, -1)]
        material = np.full(len(rings_of), -1, dtype=np.int64)
        for start, mine in self._materials:
            material[start : start + len(mine)] = mine
        self._batches.append((corners, sizes, rings_of, owner, surface, material))
        self._done += len(rings_of)
        self._values, self._materials, self._runs, self._rows = [], [], [], []

    def _semantics(
        self, semantics: Mapping[str, Any], boundaries: Any, depth: int, count: int
    ) -> tuple[list[int], list[Any]]:
        values = _flat(semantics.get("values"), depth, count)
        if values is None:
            values = _spread(semantics.get("values"), boundaries, depth)
        if None in values:
            values = [-1 if value is None else value for value in values]
        return self._rows_of(semantics.get("surfaces") or ()), values

    def _rows_of(self, surfaces: Any) -> list[int]:
        """Return the rows of a table of semantic surfaces; tables that hold types alone are few, and known again."""
        if sum(map(len, surfaces)) != len(surfaces):
            surface = self._appearance.surface
            return [surface(str(one.get("type", "")), one) for one in surfaces]
        key = tuple(map(_TYPE, surfaces))
        rows = self._known_rows.get(key)
        if rows is None:
            rows = self._known_rows[key] = [self._appearance.surface(str(type_)) for type_ in key]
        return rows

    def _material(self, geometry: Mapping[str, Any], boundaries: Any, depth: int, count: int) -> list[int]:
        theme = self._looks.theme_of(geometry, "material")
        if theme is None:
            return [-1] * count
        first = self._looks.material_first
        if isinstance(theme.get("value"), int):
            return [first + int(theme["value"])] * count
        return [first + v if v is not None and v >= 0 else -1 for v in _spread(theme.get("values"), boundaries, depth)]

    def _texture(self, geometry: Mapping[str, Any], boundaries: Any, depth: int) -> None:
        pictures, shift = self._looks.pictures, self._looks.uv_first
        theme = self._looks.theme_of(geometry, "texture") if pictures else None
        if theme is None:
            return
        start = self._done + len(self._items)
        for number, entry in enumerate(_spread(theme.get("values"), boundaries, depth, leaves=list)):
            rings = [] if entry is None else entry
            whole = [
                [pictures[ring[0]], *(row + shift for row in ring[1:])]
                for ring in rings
                if ring and None not in ring and 0 <= ring[0] < len(pictures) and min(ring[1:], default=0) >= 0
            ]
            if whole and len(whole) == len(rings):
                self._pictured.append((start + number, whole))

    def _lay(self, polygons: Polygons, uv: Floats, texture: Ints, placed: Floats) -> None:
        """Fill in the picture of each surface, and the texture coordinates of its corners."""
        for number, entry in self._pictured:
            rings = range(polygons.polygon_ring[number], polygons.polygon_ring[number + 1])
            if len(entry) != len(rings):
                continue
            for ring, values in zip(rings, entry, strict=True):
                start, end = polygons.ring_start[ring], polygons.ring_start[ring + 1]
                rows = np.asarray(values[1:], dtype=np.int64)
                if len(rows) != end - start or rows.min(initial=0) < 0 or rows.max(initial=0) >= len(uv):
                    texture[number] = -1
                    break
                placed[start:end], texture[number] = uv[rows], int(values[0])

    def _thin(self, kind: str, boundaries: Any, owner: int, first: int) -> None:
        """Give points and lines a body that can be seen and clicked."""
        points = self._block_at[first]
        lists = [boundaries] if kind == "MultiPoint" else boundaries
        for rows in lists:
            index = np.asarray(rows, dtype=np.int64)
            if not len(index):
                continue
            if index.min() < 0 or index.max() >= len(points):
                raise IndexError("a vertex that is not there")
            corners, faces = (octahedra if kind == "MultiPoint" else ribbons)(points[index])
            self._add(owner, self.points(corners), [[face] for face in faces], [], None)


def _starts(sizes: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _flat(values: Any, depth: int, count: int) -> list[Any] | None:
    """Return values nested as they should be, one a surface, quickly; None where they are not."""
    try:
        for _ in range(depth):
            values = values[0] if len(values) == 1 else list(chain.from_iterable(values))
        return values if len(values) == count and set(map(type, values)) <= _VALUES else None
    except (TypeError, KeyError):
        return None


def _spread(values: Any, boundaries: Any, depth: int, leaves: type = int) -> list[Any]:
    """Return one value a surface from values nested like boundaries, None where they are silent or too few."""
    if depth == 0:
        if not isinstance(values, list):
            return [None] * len(boundaries)
        right = [v if isinstance(v, leaves) else None for v in values[: len(boundaries)]]
        return right + [None] * (len(boundaries) - len(right))
    result: list[Any] = []
    for number, item in enumerate(boundaries):
        mine = values[number] if isinstance(values, list) and number < len(values) else None
        result += _spread(mine, item, depth - 1, leaves)
    return result
