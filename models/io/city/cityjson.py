"""CityJSON 1.0 to 2.0 and CityJSON text sequences: city objects as a model of meshes.

A CityJSON file is to a district what an IFC file is to a building: objects with an id, a type, attributes, parents
and surfaces. It is read into the same :class:`~models.layers.layer.ModelData`; ``guid`` is the object's id,
``ifc_class`` its CityJSON type, and its attributes are one property set named ``CityJSON``. Of several levels of
detail the highest is drawn, or the one asked for with ``options["lod"]``.

Source: CityJSON 2.0.1 (OGC 20-072r5), https://www.cityjson.org/specs/2.0.1/
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.crs.frame import parse_crs
from models.io.city.cityjson_surfaces import Body, Looks
from models.io.city.crs import crs_named, to_map
from models.io.city.model import build
from models.io.city.objects import Appearance, Instances, Objects, Surfaces, chosen_lod, lod_number
from models.io.common.coordinates import stem_of
from models.io.common.silence import no_collector
from models.io.common.textures import Textures
from models.io.request import Opened, ReadRequest
from models.layers.layer import Layer, ModelData, Source, new_layer_id

MAX_BYTES = 1_500_000_000
_HEAD, _CHUNK = 65536, 1 << 20
_NUMBERS = b"0123456789+-.eE,[] \t\r\n"


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
        with no_collector():
            data = _read(path, documents(path, progress.part(0.0, 0.7)), request, progress)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise UserError("io.damaged", file=path.name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    name = stem_of(path)
    source = Source(path=str(path), reader="cityjson", crs=data.crs, options=dict(request.options))
    return [Opened(Layer(id=new_layer_id(name), name=name, kind="model", role="model", source=source), data)]


def documents(path: Path, progress: Progress | None = None) -> Iterator[dict[str, Any]]:
    """Yield the CityJSON object of a file, or the header and the features of a text sequence."""
    raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    end = raw.find(b"\n")
    # A sequence is known by its first line being whole: no second look at a file of a gigabyte.
    if end > 0 and raw[:end].lstrip()[:1] == b"{" and raw[end : end + _HEAD].strip():
        try:
            header = _parsed(raw[:end])
        except ValueError:
            pass
        else:
            yield header
            size = len(raw)
            for number, line in enumerate(io.BytesIO(raw[end:])):
                if line.strip():
                    if progress is not None and number % 1000 == 0:
                        progress.step(min(end / size, 1.0), "progress.io.reading")
                    yield _parsed(line)
                end += len(line)
            return
    document = _without_vertices(raw)
    del raw
    yield document


def _without_vertices(raw: bytes) -> dict[str, Any]:
    """Parse a document, its vertices straight into an array (n, 3): as lists they take ten times the memory.

    Where they cannot be told apart in the text for certain, all of it is parsed as it is.
    """
    found = list(re.finditer(rb'"vertices"\s*:\s*\[(?=\s*\[)', raw)) if raw.count(b'"vertices"') == 1 else []
    if found:
        start = found[0].end()
        end = re.compile(rb"\]\s*\]").search(raw, start)
        text = raw[start : end.start() + 1] if end else b""
        count = text.count(b"[")
        if count and not text.translate(None, _NUMBERS):
            document = _parsed(raw[: start - 1] + b"null" + raw[end.end() :])  # type: ignore[union-attr]
            values = _numbers(text.translate(None, b"[] \t\r\n"))
            if document.get("vertices", 0) is None and len(values) == 3 * count:
                document["vertices"] = values.reshape(-1, 3)
                return document
    return _parsed(raw)


def _numbers(text: bytes) -> NDArray[np.float64]:
    """Return numbers with commas between them, some at a time."""
    parts, start = [], 0
    while start < len(text):
        end = text.find(b",", start + _CHUNK)
        end = len(text) if end < 0 else end
        parts.append(np.array(orjson.loads(b"[" + text[start:end] + b"]"), dtype=np.float64))
        start = end + 1
    return np.concatenate(parts)


def _parsed(raw: bytes) -> dict[str, Any]:
    """Return the object in some bytes (ValueError for none)."""
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:  # it is stricter than Python's own: NaN, half a surrogate pair
        document = json.loads(raw.decode("utf-8"))
    if not isinstance(document, dict):
        raise ValueError("no JSON object")
    return document


def crs_of(document: Mapping[str, Any]) -> str:
    """Return ``"EPSG:7415"`` from any of the ways in which CityJSON names a CRS, empty if it names none."""
    return crs_named(_declared_crs(document))


def _declared_crs(document: Mapping[str, Any]) -> str:
    metadata = document.get("metadata") or {}
    declared = metadata.get("referenceSystem") or (metadata.get("crs") or {}).get("epsg", "")  # 1.0 and before
    return f"EPSG:{declared}" if isinstance(declared, int) else str(declared)


def _read(path: Path, parts: Iterator[dict[str, Any]], request: ReadRequest, progress: Progress) -> ModelData:
    header = next(parts)
    if header.get("type") == "CityJSONFeature":  # its whole numbers stand for nothing without the header's transform
        raise UserError("city3d.no_header", file=path.name)
    if header.get("type") != "CityJSON":
        raise UserError("io.not_what_it_says", file=path.name, suffix="CityJSON")
    reader = _Reader(header, path.parent, str(request.options.get("lod", "")))
    reader.take(header)
    for document in parts:
        reader.take(document)
    objects, surfaces = reader.objects, reader.finish()
    if not objects.guid:
        raise UserError("io.no_features", file=path.name)
    progress.step(0.7, "progress.io.geometry")
    declared = crs_of(header)
    crs = declared or request.crs
    cautions = list(reader.cautions(path.name))
    if crs:
        parse_crs(crs)
    else:
        cautions.append(Caution("io.no_georeference", file=path.name))
    points = np.concatenate([surfaces.points, reader.anchors()])
    points, crs, more = to_map(points, _declared_crs(header) if declared else "", crs)
    surfaces.points = points[: len(surfaces.points)]
    instances = reader.placed(points[len(surfaces.points) :])
    return build(
        objects, surfaces, reader.appearance, group="CityJSON", schema=f"CityJSON {header.get('version', '')}".strip(),
        crs=crs, georef="crs" if declared else "none", instances=instances, cautions=[*cautions, *more],
        info={"lods": reader.lods, "lod": reader.wanted},
    )  # fmt: skip


class _Reader:
    """Goes through the documents of a file; what it has taken of them is taken out of them, so that it can go."""

    def __init__(self, header: dict[str, Any], folder: Path, wanted: str) -> None:
        self.header, self.wanted = header, wanted
        self.objects, self.appearance = Objects(), Appearance()
        self.lods: dict[str, int] = {}
        self._oid_of: dict[str, int] = {}
        self._parents: list[tuple[int, list[Any]]] = []
        self._lod_texts: dict[Any, str] = {}
        self._scale, self._translate = _transform(header)
        appearance = header.get("appearance") or {}
        self.appearance.textures = Textures(folder)
        self._looks = Looks({name: appearance.get(f"default-theme-{name}") for name in ("material", "texture")})
        self._own = self._looks_of(appearance)
        self._uv: list[NDArray[np.float64]] = []
        self._uv_count = 0
        self.body, self._shapes = Body(self.appearance, self._looks), Body(self.appearance, self._looks)
        self._shapes_done: set[int] = set()
        self._placed: list[tuple[int, int, NDArray[np.float64]]] = []
        self._anchors: list[NDArray[np.float64]] = []

    def take(self, document: dict[str, Any]) -> None:
        """Take the objects of one document."""
        raw = document.pop("vertices", None)
        if not isinstance(raw, np.ndarray):
            raw = raw or []
            raw = np.fromiter(chain.from_iterable(raw), dtype=np.float64, count=3 * len(raw)).reshape(-1, 3)
        vertices = raw * self._scale + self._translate
        first = self.body.points(vertices)
        self._take_looks(document)
        things = document.pop("CityObjects", None) or {}
        objects, oid_of, take = self.objects, self._oid_of, self.body.take
        for key, thing in things.items():
            if key in oid_of:
                continue  # an id that is there twice: the first one stays
            oid = oid_of[key] = len(oid_of)
            geometries = thing.pop("geometry", None) or ()
            lod = self._choose(geometries)
            if thing.get("parents"):
                self._parents.append((oid, thing["parents"]))
            values = thing.get("attributes") or {}
            if thing.get("address") and "address" not in values:
                values = {**values, "address": thing["address"]}
            objects.add(key, str(thing.get("type", "")), -1, values, lod)
            for geometry in geometries:
                if len(geometries) > 1 and self._lod_of(geometry) != lod:
                    continue
                if geometry["type"] == "GeometryInstance":
                    self._instance(geometry, vertices, oid)
                else:
                    take(geometry, oid, first)

    def finish(self) -> Surfaces:
        """Return all surfaces, once all documents were taken."""
        for oid, names in self._parents:
            known = [self._oid_of[name] for name in names if name in self._oid_of]
            if known and known[0] != oid:
                self.objects.parent[oid] = known[0]
        return self.body.surfaces(self._all_uv())

    def _looks_of(self, appearance: Mapping[str, Any]) -> tuple[int, list[int]]:
        """Add the materials and pictures of a document; return the row of its first material, and the pictures."""
        first = len(self.appearance.materials)
        self.appearance.materials += [_rgba(one) for one in appearance.get("materials") or []]
        named = self.appearance.textures.named if self.appearance.textures is not None else None
        rows = appearance.get("textures") or []
        return first, [named(str(one.get("image", ""))) for one in rows] if named else []

    def _take_looks(self, document: dict[str, Any]) -> None:
        appearance = document.get("appearance") or {}
        rows = appearance.get("vertices-texture") or []
        looks = self._looks
        looks.uv_first = self._uv_count
        if rows:
            self._uv.append(np.asarray(rows, dtype=np.float64).reshape(-1, 2))
            self._uv_count += len(rows)
        # A feature of a sequence brings materials and pictures of its own.
        is_own = document is not self.header
        looks.material_first, looks.pictures = self._looks_of(appearance) if is_own else self._own

    def _all_uv(self) -> NDArray[np.float64] | None:
        return np.concatenate(self._uv) if self._uv else None

    def _lod_of(self, geometry: Mapping[str, Any]) -> str:
        lod = geometry.get("lod")
        if lod is None and geometry.get("type") == "GeometryInstance":
            lod = (self.header.get("geometry-templates") or {})["templates"][int(geometry["template"])].get("lod")
        text = self._lod_texts.get(lod)
        if text is None:
            text = self._lod_texts[lod] = str(lod if lod is not None else "0").removesuffix(".0")
        return text

    def _choose(self, geometries: Sequence[dict[str, Any]]) -> str:
        if len(geometries) == 1:
            lod = self._lod_of(geometries[0])
            self.lods[lod] = self.lods.get(lod, 0) + 1
            return lod
        lods = sorted({self._lod_of(geometry) for geometry in geometries}, key=lod_number)
        for lod in lods:
            self.lods[lod] = self.lods.get(lod, 0) + 1
        return chosen_lod(lods, self.wanted)

    def _instance(self, geometry: dict[str, Any], vertices: NDArray[np.float64], oid: int) -> None:
        """Place a geometry template: one mesh, many trees."""
        shared = self.header["geometry-templates"]
        number = int(geometry["template"])
        if number < 0:
            raise IndexError("a template before the first")
        if not self._shapes_done:
            self._shapes.points(np.asarray(shared["vertices-templates"], dtype=np.float64).reshape(-1, 3))
            self._looks.material_first, self._looks.pictures = self._own
        if number not in self._shapes_done:
            self._shapes_done.add(number)
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
        return Instances(self._shapes.surfaces(self._all_uv()), moved)

    def cautions(self, file: str) -> Iterator[Caution]:
        """Yield what was left out."""
        skipped = self.body.skipped
        if skipped:
            types, count = ", ".join(sorted(skipped)), sum(skipped.values())
            yield Caution("io.geometry_skipped", file=file, types=types, count=count)


def _transform(header: Mapping[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    transform = header.get("transform") or {}
    return np.asarray(transform.get("scale", (1, 1, 1)), float), np.asarray(
        transform.get("translate", (0, 0, 0)), float
    )


def _rgba(material: Mapping[str, Any]) -> tuple[float, float, float, float]:
    r, g, b = (min(max(float(v), 0.0), 1.0) for v in [*material.get("diffuseColor", (0.8, 0.8, 0.8)), 0, 0, 0][:3])
    return r, g, b, 1.0 - min(max(float(material.get("transparency") or 0.0), 0.0), 1.0)
