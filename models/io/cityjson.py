"""CityJSON 1.0 to 2.0 and CityJSON text sequences: city objects as a model of meshes.

A CityJSON file is to a district what an IFC file is to a building: objects with an id, a type, attributes, parents
and surfaces. It is read into the same :class:`~models.layers.ModelData`; ``guid`` is the object's id, ``ifc_class``
its CityJSON type, and its attributes are one property set named ``CityJSON``. Of several levels of detail the highest
is drawn, or the one asked for with ``options["lod"]``.

Source: CityJSON 2.0.1 (OGC 20-072r5), https://www.cityjson.org/specs/2.0.1/
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.crs import parse_crs
from models.errors import Caution, UserError
from models.io.city_crs import crs_named, to_map
from models.io.city_objects import (
    Dress,
    Instances,
    Objects,
    Surfaces,
    build,
    chosen_lod,
    lod_number,
    octahedra,
    ribbons,
)
from models.io.coordinates import stem_of
from models.io.polygons import Polygons
from models.io.request import Opened, ReadRequest
from models.io.textures import Textures
from models.layers import Layer, ModelData, Source, new_layer_id
from models.progress import Progress

MAX_BYTES = 1_500_000_000
#: How many lists deep the surfaces of a geometry lie.
_DEPTH = {"MultiSurface": 0, "CompositeSurface": 0, "Solid": 1, "MultiSolid": 2, "CompositeSolid": 2}
_LINES = ("MultiPoint", "MultiLineString")


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a CityJSON file as one model layer.

    Raises
    ------
    UserError
        ``io.damaged`` when it is no JSON or no CityJSON, ``io.too_large``, ``io.no_features``.
    """
    path = Path(path)
    if path.stat().st_size > MAX_BYTES:
        raise UserError("io.too_large", file=path.name, limit_mb=MAX_BYTES // 1_000_000)
    progress.step(0.0, "progress.io.reading")
    try:
        with _no_collector():
            parts = list(documents(path, progress.part(0.0, 0.5)))
            data = _read(path, parts, request, progress)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise UserError("io.damaged", file=path.name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    name = stem_of(path)
    source = Source(path=str(path), reader="cityjson", crs=data.crs, options=dict(request.options))
    return [Opened(Layer(id=new_layer_id(name), name=name, kind="model", role="model", source=source), data)]


@contextmanager
def _no_collector() -> Iterator[None]:
    """Keep the garbage collector from looking through millions of small lists again and again: half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()  # what is alive now is no rubbish: it goes when its last user goes
            gc.enable()


def documents(path: Path, progress: Progress | None = None) -> Iterator[dict[str, Any]]:
    """Yield the CityJSON object of a file, or the header and the features of a text sequence."""
    text = path.read_text(encoding="utf-8-sig")
    first = text.lstrip()[:1]
    end = text.find("\n")
    # A sequence is known by its first line being whole: no second look at a file of a gigabyte.
    if end > 0 and text[end:].strip() and first == "{":
        try:
            yield json.loads(text[:end])
        except json.JSONDecodeError:
            pass
        else:
            lines = text[end:].splitlines()
            for number, line in enumerate(lines):
                if line.strip():
                    if progress is not None and number % 1000 == 0:
                        progress.step(number / len(lines), "progress.io.reading")
                    yield json.loads(line)
            return
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("no JSON object")
    yield document


def crs_of(document: Mapping[str, Any]) -> str:
    """Return ``"EPSG:7415"`` from any of the ways in which CityJSON names a CRS, empty if it names none."""
    return crs_named(_said_crs(document))


def _said_crs(document: Mapping[str, Any]) -> str:
    metadata = document.get("metadata") or {}
    said = metadata.get("referenceSystem") or (metadata.get("crs") or {}).get("epsg", "")  # 1.0 and before
    return f"EPSG:{said}" if isinstance(said, int) else str(said)


def _read(path: Path, parts: list[dict[str, Any]], request: ReadRequest, progress: Progress) -> ModelData:
    header = parts[0]
    if header.get("type") not in ("CityJSON", "CityJSONFeature"):
        raise UserError("io.not_what_it_says", file=path.name, suffix="CityJSON")
    reader = _Reader(header, path.parent, str(request.options.get("lod", "")))
    for document in parts:
        for key in document.get("CityObjects", {}):
            reader.oid_of.setdefault(str(key), len(reader.oid_of))
    for number, document in enumerate(parts):
        if number % 500 == 0:
            progress.step(0.5 + 0.2 * number / len(parts), "progress.io.geometry")
        reader.take(document)
    objects = reader.objects
    if not objects.guid:
        raise UserError("io.no_features", file=path.name)
    progress.step(0.7, "progress.io.geometry")
    said = crs_of(header)
    crs = said or request.crs
    cautions = list(reader.cautions(path.name))
    if crs:
        parse_crs(crs)
    else:
        cautions.append(Caution("io.no_georeference", file=path.name))
    surfaces = reader.body.surfaces()
    points = np.concatenate([surfaces.points, reader.anchors()])
    points, crs, more = to_map(points, _said_crs(header) if said else "", crs)
    surfaces.points = points[: len(surfaces.points)]
    instances = reader.placed(points[len(surfaces.points) :])
    return build(
        objects, surfaces, reader.dress, group="CityJSON", schema=f"CityJSON {header.get('version', '')}".strip(),
        crs=crs, georef="crs" if said else "none", instances=instances, cautions=[*cautions, *more],
        info={"lods": reader.lods, "lod": reader.wanted},
    )  # fmt: skip


class _Collector:
    """Surfaces of many geometries, kept as Python lists until all are there and flattened at once."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.values: list[Any] = []
        self.materials: list[Any] = []
        self.coordinates: list[Any] = []
        #: Rows of the table of surfaces, geometry after geometry; ``values`` count from the first of their own.
        self._rows: list[int] = []
        self._runs: list[tuple[int, int, int, int, int]] = []
        self._points: list[NDArray[np.float64]] = []
        self._uv: list[NDArray[np.float64]] = []
        self.count = 0
        self.textured = False

    def points(self, points: NDArray[np.float64]) -> int:
        """Add points and return the row of the first."""
        first = self.count
        self._points.append(points)
        self.count += len(points)
        return first

    def add(
        self, owner: int, first: int, surfaces: list[Any], semantics: tuple[list[int], list[int]] | None = None,
        materials: list[Any] | None = None,
    ) -> None:  # fmt: skip
        """Add surfaces (lists of rings) of one owner.

        Parameters
        ----------
        owner, first : int
            ``first`` is the row of its vertex 0.
        surfaces : list
        semantics : tuple of (rows, values), optional
            Rows of the table of surfaces, and which of them each surface is, -1 for none.
        materials : list, optional
        """
        count = len(surfaces)
        rows, values = semantics or ([], [-1] * count)
        self.items += surfaces
        self.values += values
        self.materials += materials or [-1] * count
        self._runs.append((owner, first, count, len(self._rows), len(rows)))
        self._rows += rows

    def surfaces(self, textures: list[Any] | None = None, uv: NDArray[np.float64] | None = None) -> Surfaces:
        """Return everything as flat arrays."""
        rings_of = np.fromiter(map(len, self.items), dtype=np.int64, count=len(self.items))
        rings = list(chain.from_iterable(self.items))
        sizes = np.fromiter(map(len, rings), dtype=np.int64, count=len(rings))
        corners = np.fromiter(chain.from_iterable(rings), dtype=np.int64, count=int(sizes.sum()))
        polygon_ring = np.concatenate([[0], np.cumsum(rings_of)]).astype(np.int64)
        ring_start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        runs = np.asarray(self._runs, dtype=np.int64).reshape(-1, 5)
        owner, first, begin, known = (np.repeat(runs[:, k], runs[:, 2]) for k in (0, 1, 3, 4))
        value = np.asarray(self.values, dtype=np.int64)
        is_known = (value >= 0) & (value < known)
        table = np.asarray([*self._rows, -1], dtype=np.int64)
        surface = np.where(is_known, table[np.where(is_known, begin + value, -1)], -1)
        corner_count = np.diff(ring_start[polygon_ring])
        if len(corners) and corners.min() < 0:
            raise IndexError("a vertex before the first")
        corners += np.repeat(first, corner_count)
        points = np.concatenate(self._points) if self._points else np.empty((0, 3))
        if len(corners) and corners.max() >= len(points):
            raise IndexError("a vertex that is not there")
        texture, placed = np.full(len(self.items), -1, dtype=np.int64), None
        if self.textured and uv is not None:
            texture, placed = self._textured(polygon_ring, ring_start, len(corners), uv)
        return Surfaces(
            points, Polygons(corners, ring_start, polygon_ring), owner,
            surface, np.asarray(self.materials, dtype=np.int64), texture, placed,
        )  # fmt: skip

    def _textured(
        self, polygon_ring: NDArray[np.int64], ring_start: NDArray[np.int64], count: int, uv: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the picture of each surface, and the texture coordinates of all corners, NaN for none."""
        texture = np.full(len(self.items), -1, dtype=np.int64)
        placed = np.full((count, 2), np.nan)
        for number, said in self.coordinates_of():
            rings = range(polygon_ring[number], polygon_ring[number + 1])
            if not isinstance(said, list) or len(said) != len(rings):
                continue
            for ring, values in zip(rings, said, strict=True):
                start, end = ring_start[ring], ring_start[ring + 1]
                if not isinstance(values, list) or len(values) != end - start + 1 or None in values:
                    texture[number] = -1
                    break
                rows = np.asarray(values[1:], dtype=np.int64)
                if rows.min() < 0 or rows.max() >= len(uv):
                    texture[number] = -1
                    break
                placed[start:end], texture[number] = uv[rows], int(values[0])
        return texture, placed

    def coordinates_of(self) -> Iterator[tuple[int, Any]]:
        """Yield (surface, what is said of its texture) for surfaces that have one."""
        return ((number, said) for number, said in self.coordinates if said)


class _Reader:
    """Goes through the documents of a file."""

    def __init__(self, header: dict[str, Any], folder: Path, wanted: str) -> None:
        self.header, self.wanted = header, wanted
        self.objects, self.dress = Objects(), Dress()
        self.oid_of: dict[str, int] = {}
        self.lods: dict[str, int] = {}
        self.skipped: dict[str, int] = {}
        self._scale, self._translate = _transform(header)
        appearance = header.get("appearance") or {}
        self.dress.materials = [_rgba(one) for one in appearance.get("materials") or []]
        self.dress.textures = Textures(folder)
        self._pictures = [
            self.dress.textures.named(str(one.get("image", ""))) for one in appearance.get("textures") or []
        ]
        self._uv: list[NDArray[np.float64]] = []
        self._uv_count = 0
        self._themes = {
            name: appearance.get(f"default-theme-{name}") for name in ("material", "texture")
        }  # fmt: skip
        self.body = _Body(self)
        self._shapes = _Body(self)
        self._shape_done: dict[int, str] = {}
        self._placed: list[tuple[int, int, NDArray[np.float64]]] = []
        self._anchors: list[NDArray[np.float64]] = []

    def take(self, document: dict[str, Any]) -> None:
        """Take the objects of one document."""
        raw = document.get("vertices") or []
        vertices = np.fromiter(chain.from_iterable(raw), dtype=np.float64, count=3 * len(raw)).reshape(-1, 3)
        vertices = vertices * self._scale + self._translate
        first = self.body.collector.points(vertices)
        self._take_uv(document)
        for key, thing in (document.get("CityObjects") or {}).items():
            oid = self.oid_of[str(key)]
            if oid != len(self.objects.guid):
                continue  # an id that is there twice: the first one stays
            kind = str(thing.get("type", ""))
            geometries = thing.get("geometry") or []
            lod = self._choose(geometries)
            parents = [self.oid_of[p] for p in thing.get("parents") or () if p in self.oid_of]
            parent = parents[0] if parents and parents[0] != oid else -1
            values = thing.get("attributes") or {}
            if thing.get("address") and "address" not in values:
                values = {**values, "address": thing["address"]}
            self.objects.add(str(key), kind, parent, values, lod)
            for geometry in geometries:
                if len(geometries) > 1 and self._lod_of(geometry) != lod:
                    continue
                if geometry["type"] == "GeometryInstance":
                    self._instance(geometry, vertices, oid)
                else:
                    self.body.take(geometry, oid, first)

    def _take_uv(self, document: dict[str, Any]) -> None:
        appearance = document.get("appearance") or {}
        rows = appearance.get("vertices-texture") or []
        self.uv_first = self._uv_count
        if rows:
            self._uv.append(np.asarray(rows, dtype=np.float64).reshape(-1, 2))
            self._uv_count += len(rows)
        if document is not self.header and self.dress.textures is not None:  # a feature brings pictures of its own
            self.material_first = len(self.dress.materials)
            self.dress.materials += [_rgba(one) for one in appearance.get("materials") or []]
            self.pictures = [
                self.dress.textures.named(str(t.get("image", ""))) for t in appearance.get("textures") or []
            ]
        else:
            self.material_first, self.pictures = 0, self._pictures

    def uv(self) -> NDArray[np.float64] | None:
        """Return all texture coordinates."""
        return np.concatenate(self._uv) if self._uv else None

    def _lod_of(self, geometry: Mapping[str, Any]) -> str:
        said = geometry.get("lod")
        if said is None and geometry.get("type") == "GeometryInstance":
            said = (self.header.get("geometry-templates") or {})["templates"][int(geometry["template"])].get("lod")
        return str(said if said is not None else "0").removesuffix(".0")

    def _choose(self, geometries: list[dict[str, Any]]) -> str:
        if len(geometries) == 1:
            lod = self._lod_of(geometries[0])
            self.lods[lod] = self.lods.get(lod, 0) + 1
            return lod
        lods = sorted({self._lod_of(geometry) for geometry in geometries}, key=lod_number)
        for lod in lods:
            self.lods[lod] = self.lods.get(lod, 0) + 1
        return chosen_lod(lods, self.wanted)

    def theme_of(self, geometry: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
        """Return the material or texture of a geometry in the default theme, else in its first."""
        said = geometry.get(name)
        if not isinstance(said, Mapping) or not said:
            return None
        theme = said.get(self._themes[name]) if self._themes[name] in said else next(iter(said.values()))
        return theme if isinstance(theme, Mapping) else None

    def _instance(self, geometry: dict[str, Any], vertices: NDArray[np.float64], oid: int) -> None:
        """Place a geometry template: one mesh, many trees."""
        shared = self.header["geometry-templates"]
        number = int(geometry["template"])
        if number < 0:
            raise IndexError("a template before the first")
        if not self._shape_done:
            points = np.asarray(shared["vertices-templates"], dtype=np.float64).reshape(-1, 3)
            self._shapes.collector.points(points)
        if number not in self._shape_done:
            self._shape_done[number] = "done"
            self._shapes.take(shared["templates"][number], number, 0)
        matrix = np.asarray(geometry["transformationMatrix"], dtype=np.float64).reshape(4, 4)
        at = int(geometry["boundaries"][0])
        if at < 0:
            raise IndexError("a vertex before the first")
        self._placed.append((oid, number, matrix))
        self._anchors.append(vertices[at])

    def anchors(self) -> NDArray[np.float64]:
        """Return where the templates stand, (k, 3)."""
        return np.asarray(self._anchors, dtype=np.float64).reshape(-1, 3)

    def placed(self, anchors: NDArray[np.float64]) -> Instances | None:
        """Return the placed templates, their anchors being in the map's CRS."""
        if not self._placed:
            return None
        moved = []
        for (oid, shape, matrix), anchor in zip(self._placed, anchors, strict=True):
            at = matrix.copy()
            at[:3, 3] += anchor
            moved.append((oid, shape, at))
        return Instances(self._shapes.surfaces(), moved)

    def cautions(self, file: str) -> Iterator[Caution]:
        """Yield what was left out."""
        if self.skipped:
            types, count = ", ".join(sorted(self.skipped)), sum(self.skipped.values())
            yield Caution("io.geometry_skipped", file=file, types=types, count=count)


class _Body:
    """The geometries of objects, or of templates."""

    def __init__(self, reader: _Reader) -> None:
        self.reader, self.collector = reader, _Collector()

    def take(self, geometry: dict[str, Any], owner: int, first: int) -> None:
        """Take one geometry of an owner; ``first`` is the row of its vertex 0."""
        kind = geometry["type"]
        boundaries = geometry.get("boundaries") or []
        if kind == "Solid" and "material" not in geometry and "texture" not in geometry:  # nine of ten
            surfaces = list(chain.from_iterable(boundaries)) if len(boundaries) != 1 else boundaries[0]
            self.collector.add(owner, first, surfaces, self._semantics(geometry, boundaries, 1, len(surfaces)))
            return
        if kind in _LINES:
            self._thin(kind, boundaries, owner, first)
            return
        if kind not in _DEPTH:
            self.reader.skipped[str(kind)] = self.reader.skipped.get(str(kind), 0) + 1
            return
        depth = _DEPTH[kind]
        surfaces = boundaries
        for _ in range(depth):
            surfaces = list(chain.from_iterable(surfaces))
        values = self._semantics(geometry, boundaries, depth, len(surfaces))
        self._texture(geometry, boundaries, depth, len(surfaces))
        self.collector.add(owner, first, surfaces, values, self._materials(geometry, boundaries, depth, len(surfaces)))

    def _semantics(
        self, geometry: Mapping[str, Any], boundaries: Any, depth: int, count: int
    ) -> tuple[list[int], list[int]] | None:
        said = geometry.get("semantics")
        if not said:
            return None
        dress = self.reader.dress
        rows = [
            dress.surface(str(one.get("type", "")), one if len(one) > 1 else None) for one in said.get("surfaces") or ()
        ]
        values = _flat(said.get("values"), depth, count)
        if values is None:
            values = _spread(said.get("values"), boundaries, depth)
        return rows, [-1 if v is None else v for v in values] if None in values else values

    def _materials(self, geometry: Mapping[str, Any], boundaries: Any, depth: int, count: int) -> list[int]:
        theme = self.reader.theme_of(geometry, "material")
        if theme is None:
            return [-1] * count
        first = self.reader.material_first
        if isinstance(theme.get("value"), int):
            return [first + int(theme["value"])] * count
        return [first + v if v is not None and v >= 0 else -1 for v in _spread(theme.get("values"), boundaries, depth)]

    def _texture(self, geometry: Mapping[str, Any], boundaries: Any, depth: int, count: int) -> None:
        pictures, shift = self.reader.pictures, self.reader.uv_first
        theme = self.reader.theme_of(geometry, "texture") if pictures else None
        if theme is None:
            return
        start = len(self.collector.items)
        for number, said in enumerate(_spread(theme.get("values"), boundaries, depth, leaves=list)):
            rings = [] if said is None else said
            whole = [
                [pictures[ring[0]], *(row + shift for row in ring[1:])]
                for ring in rings
                if ring and None not in ring and 0 <= ring[0] < len(pictures) and min(ring[1:], default=0) >= 0
            ]
            if whole and len(whole) == len(rings):
                self.collector.coordinates.append((start + number, whole))
                self.collector.textured = True

    def _thin(self, kind: str, boundaries: Any, owner: int, first: int) -> None:
        """Give points and lines a body that can be seen and clicked."""
        points = np.concatenate(self.collector._points) if self.collector._points else np.empty((0, 3))
        lists = [boundaries] if kind == "MultiPoint" else boundaries
        for rows in lists:
            index = np.asarray(rows, dtype=np.int64) + first
            if not len(index):
                continue
            if index.min() < first or index.max() >= len(points):
                raise IndexError("a vertex that is not there")
            corners, faces = (octahedra if kind == "MultiPoint" else ribbons)(points[index])
            begin = self.collector.points(corners)
            self.collector.add(owner, begin, [[face] for face in faces])

    def surfaces(self) -> Surfaces:
        """Return everything as flat arrays."""
        return self.collector.surfaces(uv=self.reader.uv())


def _flat(values: Any, depth: int, count: int) -> list[Any] | None:
    """Return values nested as they should be, one a surface, quickly; None where they are not."""
    try:
        for _ in range(depth):
            values = list(chain.from_iterable(values))
        return values if len(values) == count and set(map(type, values)) <= _VALUES else None
    except TypeError:
        return None


_VALUES = {int, type(None)}


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


def _transform(header: Mapping[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    said = header.get("transform") or {}
    return np.asarray(said.get("scale", (1, 1, 1)), float), np.asarray(said.get("translate", (0, 0, 0)), float)


def _rgba(material: Mapping[str, Any]) -> tuple[float, float, float, float]:
    r, g, b = (min(max(float(v), 0.0), 1.0) for v in [*material.get("diffuseColor", (0.8, 0.8, 0.8)), 0, 0, 0][:3])
    return r, g, b, 1.0 - min(max(float(material.get("transparency") or 0.0), 0.0), 1.0)
