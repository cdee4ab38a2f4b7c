"""CityJSON 1.0 to 2.0 and CityJSON text sequences: city objects as a model of meshes.

A CityJSON file is to a district what an IFC file is to a building: objects with an id, a type, attributes, parents
and surfaces. It is read into the same :class:`~models.layers.ModelData`; ``guid`` is the object's id, ``ifc_class``
its CityJSON type, and its attributes are one property set named ``CityJSON``. Of several levels of detail the highest
is drawn. Textures and appearance are left out; colours come from the type or the semantic surface.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.crs import parse_crs
from models.errors import Caution, UserError
from models.io.coordinates import stem_of
from models.io.meshes import RGBA, MeshBuilder
from models.io.psets import PsetStore
from models.io.request import Opened, ReadRequest
from models.layers import Layer, ModelData, Source, new_layer_id
from models.progress import Progress

MAX_BYTES = 1_500_000_000
_SURFACES: dict[str, RGBA] = {
    "RoofSurface": (0.64, 0.36, 0.30, 1.0),
    "WallSurface": (0.86, 0.84, 0.80, 1.0),
    "GroundSurface": (0.55, 0.53, 0.50, 1.0),
    "Window": (0.55, 0.70, 0.80, 0.6),
    "Door": (0.50, 0.38, 0.28, 1.0),
}
_TYPES: dict[str, RGBA] = {
    "Building": (0.86, 0.84, 0.80, 1.0),
    "Bridge": (0.70, 0.70, 0.72, 1.0),
    "Road": (0.45, 0.46, 0.48, 1.0),
    "Railway": (0.40, 0.36, 0.34, 1.0),
    "TransportSquare": (0.55, 0.55, 0.56, 1.0),
    "WaterBody": (0.42, 0.62, 0.76, 1.0),
    "PlantCover": (0.50, 0.66, 0.42, 1.0),
    "SolitaryVegetationObject": (0.38, 0.56, 0.34, 1.0),
    "LandUse": (0.76, 0.74, 0.62, 1.0),
    "TINRelief": (0.70, 0.68, 0.58, 1.0),
}
_OTHER: RGBA = (0.75, 0.75, 0.75, 1.0)
Polygons = list[tuple[list[list[int]], int]]


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
        parts = list(documents(path))
        data = _read(path, parts, request, progress)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
        raise UserError("io.damaged", file=path.name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    name = stem_of(path)
    source = Source(path=str(path), reader="cityjson", crs=data.crs, options=dict(request.options))
    return [Opened(Layer(id=new_layer_id(name), name=name, kind="model", role="model", source=source), data)]


def documents(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the CityJSON object of a file, or the header and the features of a text sequence."""
    text = path.read_text(encoding="utf-8-sig")
    try:
        yield json.loads(text)
    except json.JSONDecodeError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        for line in lines:
            yield json.loads(line)


def crs_of(document: dict[str, Any]) -> str:
    """Return ``"EPSG:7415"`` from any of the ways in which CityJSON names a CRS, empty if it names none."""
    said = str(document.get("metadata", {}).get("referenceSystem", ""))
    code = re.search(r"(?:EPSG[:/]+(?:\d+(?:\.\d+)?)?[:/]+|EPSG:)(\d{4,6})$", said)
    return f"EPSG:{code.group(1)}" if code else ""


def _read(path: Path, parts: list[dict[str, Any]], request: ReadRequest, progress: Progress) -> ModelData:
    header = parts[0]
    if header.get("type") not in ("CityJSON", "CityJSONFeature"):
        raise UserError("io.not_what_it_says", file=path.name, suffix="CityJSON")
    cautions: list[Caution] = []
    crs = crs_of(header) or request.crs
    if crs:
        parse_crs(crs)
    else:
        cautions.append(Caution("io.no_georeference", file=path.name))
    scale, translate = _transform(header)
    origin = np.floor(translate) if header.get("transform") else np.zeros(3)
    builder, attributes = MeshBuilder(), []
    rows: list[tuple[str, str, str, str, str, int, bool]] = []
    oid_of: dict[str, int] = {}
    skipped: dict[str, int] = {}
    templates: dict[int, list[int]] = {}
    for document in parts:
        for key in document.get("CityObjects", {}):
            oid_of.setdefault(str(key), len(oid_of))
    for number, document in enumerate(parts):
        progress.step(number / len(parts), "progress.io.geometry")
        objects = document.get("CityObjects", {})
        raw = np.asarray(document.get("vertices", []), dtype=np.float64).reshape(-1, 3)
        vertices = raw * scale + translate - origin
        if number == 0 and not header.get("transform") and len(vertices):
            origin = np.floor(vertices.min(axis=0))
            vertices = vertices - origin
        for key, thing in objects.items():
            oid = oid_of[str(key)]
            if oid != len(rows):
                continue  # an id that is there twice: the first one stays
            kind = str(thing.get("type", ""))
            before = builder.placement_count
            for geometry in _best_lod(thing.get("geometry") or []):
                if geometry["type"] == "GeometryInstance":
                    _instance(builder, header, geometry, vertices, oid, kind, templates)
                    continue
                polygons = list(_polygons(geometry))
                if not polygons:
                    skipped[geometry["type"]] = skipped.get(geometry["type"], 0) + 1
                    continue
                mesh = _mesh(builder, polygons, vertices, geometry, kind)
                if mesh is not None:
                    builder.place(mesh, oid, np.eye(4))
            values = dict(thing.get("attributes") or {})
            parents = [oid_of[p] for p in thing.get("parents", []) if p in oid_of]
            name = next((str(values[k]) for k in ("name", "naam", "gml:name", "identificatie") if values.get(k)), "")
            rows.append(
                (str(key), kind, name or str(key), "", "", parents[0] if parents else -1,
                 builder.placement_count > before)
            )  # fmt: skip
            attributes.append(values)
    if not rows:
        raise UserError("io.no_features", file=path.name)
    if skipped:
        cautions.append(
            Caution(
                "io.geometry_skipped", file=path.name, types=", ".join(sorted(skipped)), count=sum(skipped.values())
            )
        )
    elements = pd.DataFrame(
        rows, columns=["guid", "ifc_class", "name", "storey", "type_name", "parent", "has_geometry"]
    ).astype({"parent": np.int32, "has_geometry": bool})
    sets = [("CityJSON", values) for values in attributes]
    placement = np.eye(4)
    placement[:3, 3] = origin
    info = {
        "schema": f"CityJSON {header.get('version', '')}".strip(),
        "georef": "crs" if crs_of(header) else "none",
        "counts": {str(k): int(v) for k, v in elements["ifc_class"].value_counts().items()},
    }
    psets = PsetStore.build(sets, [[i] if values else [] for i, values in enumerate(attributes)])
    return ModelData(builder.store(), elements, psets, placement, crs, info, cautions)


def _transform(header: dict[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    said = header.get("transform") or {}
    return np.asarray(said.get("scale", (1, 1, 1)), float), np.asarray(said.get("translate", (0, 0, 0)), float)


def _best_lod(geometries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the geometries of the highest level of detail."""
    lods = [float(re.sub(r"[^\d.]", "", str(g.get("lod", "0"))) or 0) for g in geometries]
    return [g for g, lod in zip(geometries, lods, strict=True) if lod == max(lods)]


def _polygons(geometry: dict[str, Any]) -> Iterator[tuple[list[list[int]], int]]:
    """Yield (rings, semantic row or -1) of all surfaces of a geometry."""
    boundaries = geometry.get("boundaries") or []
    values = (geometry.get("semantics") or {}).get("values")
    depth = {"MultiSurface": 0, "CompositeSurface": 0, "Solid": 1, "MultiSolid": 2, "CompositeSolid": 2}
    if geometry["type"] not in depth:
        return

    def walk(items: Any, semantics: Any, level: int) -> Iterator[tuple[list[list[int]], int]]:
        for i, item in enumerate(items):
            mine = semantics[i] if isinstance(semantics, list) and i < len(semantics) else None
            if level:
                yield from walk(item, mine, level - 1)
            else:
                yield item, mine if isinstance(mine, int) else -1

    yield from walk(boundaries, values, depth[geometry["type"]])


def _mesh(
    builder: MeshBuilder, polygons: Polygons, vertices: NDArray[np.float64], geometry: dict[str, Any], kind: str
) -> int | None:
    surfaces = (geometry.get("semantics") or {}).get("surfaces") or []
    plain = _TYPES.get(kind) or _TYPES.get(re.sub(r"(Part|Installation|ConstructiveElement|Room)$", "", kind), _OTHER)
    faces: list[tuple[int, int, int]] = []
    materials: list[int] = []
    for rings, semantic in polygons:
        said = str(surfaces[semantic].get("type", "")) if 0 <= semantic < len(surfaces) else ""
        triangles = [tuple(rings[0])] if len(rings) == 1 and len(rings[0]) == 3 else triangulate(rings, vertices)
        faces += triangles  # type: ignore[arg-type]
        materials += [builder.material(_SURFACES.get(said, plain))] * len(triangles)
    if not faces:
        return None
    index = np.asarray(faces, dtype=np.int64)
    used, local = np.unique(index, return_inverse=True)
    return builder.mesh(vertices[used], local.reshape(-1, 3).astype(np.int32), np.asarray(materials, dtype=np.int32))


def triangulate(rings: list[list[int]], vertices: NDArray[np.float64]) -> list[tuple[int, int, int]]:
    """Cut a flat polygon with holes, standing anywhere in space, into triangles of its own vertices.

    The polygon is turned into its plane (Newell's normal) and cut there; triangles keep its direction.
    """
    points = vertices[rings[0]]
    following = np.roll(points, -1, axis=0)
    normal = np.array([
        ((points[:, 1] - following[:, 1]) * (points[:, 2] + following[:, 2])).sum(),
        ((points[:, 2] - following[:, 2]) * (points[:, 0] + following[:, 0])).sum(),
        ((points[:, 0] - following[:, 0]) * (points[:, 1] + following[:, 1])).sum(),
    ])  # fmt: skip
    axis = int(np.abs(normal).argmax())
    if normal[axis] == 0.0:
        return []
    u, v = [(1, 2), (2, 0), (0, 1)][axis]
    flat = vertices[:, (u, v)] if normal[axis] > 0 else vertices[:, (v, u)]
    index: dict[tuple[float, float], int] = {}
    loops = []
    for ring in rings:
        loop = [(float(flat[i][0]), float(flat[i][1])) for i in ring]
        index.update(zip(loop, ring, strict=True))
        if len(set(loop)) >= 3:
            loops.append(loop)
    if not loops:
        return []
    try:
        cut = shapely.constrained_delaunay_triangles(shapely.Polygon(loops[0], loops[1:]))
    except shapely.errors.GEOSException:
        return [(rings[0][0], rings[0][i], rings[0][i + 1]) for i in range(1, len(rings[0]) - 1)]
    triangles = []
    for corner in shapely.get_parts(cut):
        a, b, c = (index.get((float(x), float(y)), -1) for x, y in shapely.get_coordinates(corner)[:3])
        if min(a, b, c) >= 0:
            pa, pb, pc = flat[a], flat[b], flat[c]
            turn = (pb[0] - pa[0]) * (pc[1] - pa[1]) - (pb[1] - pa[1]) * (pc[0] - pa[0])
            triangles.append((a, b, c) if turn > 0 else (a, c, b))
    return triangles


def _instance(
    builder: MeshBuilder,
    header: dict[str, Any],
    geometry: dict[str, Any],
    vertices: NDArray[np.float64],
    oid: int,
    kind: str,
    meshes: dict[int, list[int]],
) -> None:
    """Place a geometry template: one mesh, many trees."""
    shared = header["geometry-templates"]
    number = int(geometry["template"])
    if number not in meshes:
        points = np.asarray(shared["vertices-templates"], dtype=np.float64)
        template = shared["templates"][number]
        mesh = _mesh(builder, list(_polygons(template)), points, template, kind)
        meshes[number] = [] if mesh is None else [mesh]
    matrix = np.asarray(geometry["transformationMatrix"], dtype=np.float64).reshape(4, 4).copy()
    matrix[:3, 3] += vertices[geometry["boundaries"][0]]
    for mesh in meshes[number]:
        builder.place(mesh, oid, matrix)
