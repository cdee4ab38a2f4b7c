"""Bodies as a binary glTF 2.0, and as 3D Tiles 1.1 of such files.

One writer serves both: a primitive with a colour a vertex, a feature id a vertex (EXT_mesh_features) and the attributes
of the features in a property table (EXT_structural_metadata). A plain .glb has a node a body instead, named after it.

Invariants
----------
1. glTF is y-up and float32: bodies are told from their own origin, (east, up, south).
2. A tileset stands on the ellipsoid: every vertex is carried there by itself (a kilometre off, a plane is 8 cm above
   the earth) and told in the east-north-up frame of the origin, each tile from a middle of its own. Heights are taken
   as ellipsoidal, since no geoid model is at hand; :func:`write_tileset` returns a caution that says so.

Sources: glTF 2.0 §3.6, §4.4; OGC 3D Tiles 1.1 §7; EXT_mesh_features, EXT_structural_metadata (Cesium).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import Caution, UserError
from models.core.plain_values import json_scalar
from models.core.progress import Progress
from models.crs.frame import transformer
from models.geometry.solids import Bodies
from models.io.format import WriteRequest
from models.io.mesh.glb import FLOAT, UBYTE, UINT, Binary, packed
from models.io.tiles3d.content import east_north_up
from models.store.atomic import replacing_together, write_bytes
from models.store.whole_files import of_bytes

Floats = NDArray[np.float64]

#: Bodies in one tile, at the most.
TILE_BODIES = 500


def write_glb(path: Path, bodies: Bodies, request: WriteRequest, progress: Progress) -> list[Caution]:
    """Write a .glb with one node a body, named by ``name`` or its id, attributes as ``extras``.

    The place of the origin stands in ``asset.extras``: glTF itself knows no map.

    Raises
    ------
    UserError
        ``export.nothing``, and those of writing files.
    """
    if not len(bodies.faces):
        raise UserError("export.nothing", file=path.name)
    binary, origin = Binary(), bodies.origin
    nodes: list[dict[str, Any]] = []
    meshes: list[dict[str, Any]] = []
    for number, (oid, part) in enumerate(zip(bodies.table.index, bodies.slices(), strict=True)):
        if number % 500 == 0:
            progress.step(0.8 * number / max(len(bodies.table), 1), "progress.writing")
        if part.start == part.stop:
            continue
        row = bodies.table.iloc[number]
        extras = _attributes(row) | ({"synthetic": True} if request.synthetic else {})
        nodes.append({"mesh": len(meshes), "name": str(json_scalar(row.get("name")) or oid), "extras": extras})
        meshes.append({"primitives": [_primitive(binary, bodies, part, origin, None)]})
    place = {
        "crs": bodies.crs, "origin_easting_northing_height_m": origin.tolist(), "axes": "x east, y up, z south"
    }  # fmt: skip
    document = _document(binary, nodes, meshes, {"place": place, "synthetic": request.synthetic})
    write_bytes(path, packed(document, binary))
    progress.step(1.0, "progress.writing")
    return []


def write_tileset(path: Path, bodies: Bodies, request: WriteRequest, progress: Progress) -> list[Caution]:
    """Write ``tileset.json`` with its tiles beside it in ``<name>_tiles``.

    Parameters
    ----------
    path : Path
        The ``.json``; the folder of tiles takes its stem.

    Returns
    -------
    list of Caution
        ``export.ellipsoidal``: heights were taken as they are.
    """
    if not len(bodies.faces):
        raise UserError("export.nothing", file=path.name)
    groups = _groups(bodies)
    matrix, points = on_earth(bodies.crs, bodies.origin, bodies.points)
    standing = replace(bodies, points=points)
    folder = path.parent / f"{path.stem}_tiles"
    children: list[dict[str, Any]] = []
    boxes: list[tuple[Floats, Floats]] = []
    with replacing_together(path) as made:
        (made / folder.name).mkdir()
        for number, rows in enumerate(groups):
            progress.step(0.9 * number / len(groups), "progress.writing")
            tile = _tile(standing, rows, request.synthetic)
            if tile is None:
                continue
            content, box, middle = tile
            boxes.append((box[0] + middle, box[1] + middle))
            _put(made / folder.name / f"{number}.glb", content)
            children.append({
                "transform": _shift(middle), "boundingVolume": {"box": box_of(*box)}, "geometricError": 0.0,
                "content": {"uri": f"{folder.name}/{number}.glb"},
            })  # fmt: skip
        lowest, highest = np.min([b[0] for b in boxes], axis=0), np.max([b[1] for b in boxes], axis=0)
        tileset = {
            "asset": {"version": "1.1", "extras": {"crs": bodies.crs, "synthetic": request.synthetic}},
            "geometricError": float(np.linalg.norm(highest - lowest)),
            "root": {
                "transform": matrix.T.ravel().tolist(),
                "boundingVolume": {"box": box_of(lowest, highest)},
                "geometricError": float(np.linalg.norm(highest - lowest)) / 4, "refine": "ADD",
                "children": children,
            },
        }  # fmt: skip
        _put(made / path.name, json.dumps(tileset, indent=1).encode())
    progress.step(1.0, "progress.writing")
    return [Caution("export.ellipsoidal", file=path.name)]


def _put(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    of_bytes(len(content))(file)


def _tile(bodies: Bodies, rows: NDArray[np.int64], synthetic: bool) -> tuple[bytes, Any, Floats] | None:
    """Return the .glb of some bodies, their box about their middle, and that; None where they have no faces."""
    chosen = np.isin(bodies.rows, rows)
    if not chosen.any():
        return None
    mine = bodies.points[np.unique(bodies.faces[chosen])]
    origin: Floats = np.round((mine.min(axis=0) + mine.max(axis=0)) / 2)
    binary = Binary()
    numbers = np.searchsorted(rows, bodies.rows[chosen])
    primitive = _primitive(binary, bodies, chosen, origin, numbers)
    primitive["extensions"] = {
        "EXT_mesh_features": {"featureIds": [{"featureCount": len(rows), "attribute": 0, "propertyTable": 0}]}
    }
    table = bodies.table.iloc[rows]
    columns: dict[str, list[Any]] = {"id": [str(oid) for oid in table.index]}
    for name in table.columns:
        values = [json_scalar(value) for value in table[name]]
        if any(value is not None for value in values):
            columns[str(name)] = values
    metadata = _metadata(binary, columns, len(rows))
    extensions = {"EXT_structural_metadata": metadata}
    document = _document(
        binary, [{"mesh": 0}], [{"primitives": [primitive]}], {"synthetic": synthetic}, extensions,
        ("EXT_mesh_features", "EXT_structural_metadata"),
    )  # fmt: skip
    local = mine - origin
    return packed(document, binary), (local.min(axis=0), local.max(axis=0)), origin


def _primitive(
    binary: Binary, bodies: Bodies, part: Any, origin: Floats, features: NDArray[np.int64] | None
) -> dict[str, Any]:
    """Return faces with corners of their own: flat normals, a colour and, if wanted, a feature id each."""
    faces = bodies.faces[part]
    local = (bodies.points[faces.ravel()] - origin)[:, [0, 2, 1]] * [1.0, 1.0, -1.0]  # z-up to y-up
    corners = local.astype(np.float32)
    sides = corners.reshape(-1, 3, 3)
    normals = np.cross(sides[:, 1] - sides[:, 0], sides[:, 2] - sides[:, 0])
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.where(length > 0, normals / np.where(length > 0, length, 1.0), [0.0, 1.0, 0.0])
    colours = np.column_stack([bodies.colours[part], np.full(len(faces), 255, np.uint8)])
    attributes = {
        "POSITION": binary.accessor(corners, "VEC3", FLOAT),
        "NORMAL": binary.accessor(np.repeat(normals, 3, axis=0).astype(np.float32), "VEC3", FLOAT),
        "COLOR_0": binary.accessor(np.repeat(colours, 3, axis=0).astype(np.uint8), "VEC4", UBYTE, normalised=True),
    }
    if features is not None:
        attributes["_FEATURE_ID_0"] = binary.accessor(np.repeat(features, 3).astype(np.float32), "SCALAR", FLOAT)
    indices = binary.accessor(np.arange(len(corners), dtype=np.uint32), "SCALAR", UINT)
    return {"attributes": attributes, "indices": indices, "material": 0, "mode": 4}


def _metadata(binary: Binary, columns: Mapping[str, list[Any]], count: int) -> dict[str, Any]:
    """Return a property table: numbers as numbers, NaN where there is none, everything else as text."""
    properties: dict[str, dict[str, Any]] = {}
    schema: dict[str, dict[str, Any]] = {}
    for number, (name, values) in enumerate(columns.items()):
        key = f"p{number}"
        numeric = _numbers(values)
        if numeric is not None:
            component = "INT32" if numeric.dtype == np.int32 else "FLOAT64"
            schema[key] = {"name": name, "type": "SCALAR", "componentType": component}
            properties[key] = {"values": binary.view(numeric.tobytes())}
            continue
        texts = [("" if value is None else str(value)).encode("utf-8") for value in values]
        offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype(np.uint32)
        schema[key] = {"name": name, "type": "STRING"}
        properties[key] = {
            "values": binary.view(b"".join(texts) or b"\0"), "stringOffsets": binary.view(offsets.tobytes()),
            "stringOffsetType": "UINT32",
        }  # fmt: skip
    return {
        "schema": {"id": "chengjing", "classes": {"object": {"properties": schema}}},
        "propertyTables": [{"class": "object", "count": count, "properties": properties}],
    }


def _numbers(values: list[Any]) -> NDArray[Any] | None:
    """Return a column of numbers as an array, None where it is none."""
    types = set(map(type, values))
    if types == {int} and all(-(2**31) <= value < 2**31 for value in values):
        return np.array(values, dtype=np.int32)
    if types <= {int, float, type(None)} and types & {int, float}:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return None


def _document(
    binary: Binary, nodes: list[Any], meshes: list[Any], extras: dict[str, Any],
    extensions: dict[str, Any] | None = None, used: tuple[str, ...] = (),
) -> dict[str, Any]:  # fmt: skip
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "Chengjing", "extras": extras},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(nodes)))}],
        "nodes": nodes,
        "meshes": meshes,
        "materials": [{"pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.9}, "doubleSided": True}],
        "accessors": binary.accessors,
        "bufferViews": binary.views,
        "buffers": [{"byteLength": binary.size}],
    }
    if extensions:
        document |= {"extensions": extensions, "extensionsUsed": list(used)}
    return document


def _groups(bodies: Bodies) -> list[NDArray[np.int64]]:
    """Return the rows of each tile: halves of halves along the longer side, until few enough are left."""
    middles = np.zeros((len(bodies.table), 2))
    counts = np.bincount(bodies.rows, minlength=len(middles))
    for axis in (0, 1):
        corners = bodies.points[bodies.faces, axis].mean(axis=1)
        middles[:, axis] = np.bincount(bodies.rows, corners, minlength=len(middles)) / np.maximum(counts, 1)
    waiting, done = [np.flatnonzero(counts)], []
    while waiting:
        rows = waiting.pop()
        if len(rows) <= TILE_BODIES:
            done.append(np.sort(rows))
            continue
        axis = int(np.argmax(np.ptp(middles[rows], axis=0)))
        order = rows[np.argsort(middles[rows, axis], kind="stable")]
        waiting += [order[: len(order) // 2], order[len(order) // 2 :]]
    return done


def on_earth(crs: str, origin: Floats, points: Floats) -> tuple[Floats, Floats]:
    """Return the matrix (4, 4) from east, north, up at the origin to ECEF (EPSG:4978), and points in that frame.

    The points are east, north, up of the earth, not of the map: grid north is not true north, and no map is as long
    as the earth.
    """
    to, centred = transformer(crs, "EPSG:4979"), transformer("EPSG:4979", "EPSG:4978")
    places = np.concatenate([origin[None], points])
    lon, lat = to.transform(places[:, 0], places[:, 1])
    ecef = np.stack(centred.transform(lon, lat, places[:, 2]), axis=1)
    matrix = np.eye(4)
    matrix[:3, :3] = east_north_up(ecef[:1])[0]
    matrix[:3, 3] = ecef[0]
    local: Floats = (ecef[1:] - ecef[0]) @ matrix[:3, :3]
    return matrix, local


def _shift(place: Floats) -> list[float]:
    return [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, *place.tolist(), 1.0]


def box_of(low: Floats, high: Floats) -> list[float]:
    """Return a box as 3D Tiles writes it: middle and three half axes, none of no length."""
    middle, half = (low + high) / 2, np.maximum((high - low) / 2, 0.01)
    return [*middle.tolist(), half[0], 0.0, 0.0, 0.0, half[1], 0.0, 0.0, 0.0, half[2]]


def _attributes(row: Any) -> dict[str, Any]:
    return {str(name): value for name, one in row.items() if (value := json_scalar(one)) is not None}
