"""Where a file's points lie, read a second time without the readers of the product.

Every format goes its own short way from the bytes to longitude and latitude: ``json`` for GeoJSON, CityJSON and lists,
``csv``, ``lxml`` for CityGML, ``struct`` for glTF and 3D Tiles, lines of text for OBJ, and pyogrio, rasterio and laspy
with nothing of ours around them for the rest; pyproj goes straight to EPSG:4326.

Invariants
----------
1. Nothing here imports ``models``, ``viewers`` or ``app``.
2. Heights stay the file's own: no height datum is changed here, and none is by the readers.
"""

from __future__ import annotations

import csv
import itertools
import json
import re
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: Points of a picture's edge: the corners and what lies between them.
CORNERS = tuple(itertools.product((0.0, 0.5, 1.0), repeat=2))


@dataclass(frozen=True, slots=True)
class Second:
    """Points of a file as a second reading finds them.

    Parameters
    ----------
    points : ndarray (n, 3)
        In ``crs``; NaN as height where the file gives none.
    crs : str
        Empty where neither the file nor a person says it.
    how : str
        What read them.
    xy_first : bool
        Whether x stands before y whatever the authority says of its axes.
    """

    points: Array
    crs: str
    how: str
    xy_first: bool = True

    def lonlat(self) -> Array:
        """Return longitude, latitude (EPSG:4326) and the file's own height, (n, 3)."""
        return straight(self.points, self.crs, xy_first=self.xy_first)


def straight(points: Array, crs: str, *, xy_first: bool = True) -> Array:
    """Return longitude, latitude and the untouched height of points in a CRS, by pyproj alone."""
    from pyproj import CRS, Transformer

    known = CRS.from_user_input(crs)
    if known.is_geocentric:
        x, y, z = Transformer.from_crs(known, "EPSG:4979", always_xy=True).transform(*points.T)
        return np.column_stack([x, y, z])
    plane = known.sub_crs_list[0] if known.is_compound else known
    plane = plane.to_2d()
    if not xy_first:  # what the authority says is first comes first
        north, east = Transformer.from_crs(plane, "EPSG:4326", always_xy=False).transform(*points[:, :2].T)
        return np.column_stack([east, north, points[:, 2]])
    lon, lat = Transformer.from_crs(plane, "EPSG:4326", always_xy=True).transform(*points[:, :2].T)
    return np.column_stack([lon, lat, points[:, 2]])


def second(path: Path, crs: str = "") -> Second | None:
    """Read a file the second way; None for what has no coordinates.

    Parameters
    ----------
    path : Path
    crs : str
        What a person says where the file does not.
    """
    name = path.name.lower()
    if name.endswith((".geojson", ".json", ".jsonl")):
        return _json(path, crs)
    if name.endswith(".csv"):
        return _csv(path)
    if name.endswith(".gml"):
        return _citygml(path)
    if name.endswith(".obj"):
        return _obj(path, crs)
    if name.endswith((".glb", ".b3dm")):
        return Second(_glb(path), crs, "struct")
    if name.endswith((".las", ".laz")):
        return _cloud(path, crs)
    if name.endswith((".tif", ".tiff")):
        return _raster(path, crs)
    if name.endswith((".xlsx", ".txt", ".inp", ".data", ".png")):
        return None
    return _gdal(path, crs)


def _three(rows: Any) -> Array:
    """Return points of two or three numbers as (n, 3)."""
    given = [tuple(map(float, row[:3])) for row in rows]
    return np.array([(*row, np.nan)[:3] for row in given], dtype=np.float64).reshape(-1, 3)


# --- text -------------------------------------------------------------------------------------------------------------


def _json(path: Path, crs: str) -> Second | None:
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".jsonl":
        return _cityjson([json.loads(line) for line in text.splitlines() if line.strip()], crs)
    document = json.loads(text)
    if isinstance(document, dict) and "CityObjects" in document:
        return _cityjson([document], crs)
    if isinstance(document, dict) and "geometricError" in document:
        return _tileset(path, document)
    if isinstance(document, dict) and "coordinates" in document:  # a shape without a feature around it
        document = {"geometry": document}
    if isinstance(document, dict) and "geometry" in document:
        document = {"features": [document]}
    if isinstance(document, dict) and "features" in document:
        said = document.get("crs", {}).get("properties", {}).get("name", "EPSG:4326")
        shapes = [feature["geometry"] for feature in document["features"] if feature["geometry"]]
        points = _three(_positions([shape.get("coordinates", []) for shape in shapes]))
        projected = np.nanmax(np.abs(points[:, :2]), initial=0.0) > 360.0
        return Second(points, crs if projected and "crs" not in document else said, "json")
    rows = [row for row in _objects(document) if _pair_of(row) is not None]
    return Second(_three([_pair_of(row) for row in rows]), "EPSG:4326", "json") if rows else None


def _positions(given: Any) -> Iterator[Any]:
    if given and isinstance(given[0], int | float):
        yield given
    else:
        for one in given:
            yield from _positions(one)


def _objects(given: Any) -> Iterator[dict[str, Any]]:
    if isinstance(given, dict):
        yield given
    for one in given.values() if isinstance(given, dict) else given if isinstance(given, list) else ():
        yield from _objects(one)


def _pair_of(row: dict[str, Any]) -> tuple[float, float] | None:
    for x, y in (("lon", "lat"), ("lng", "lat"), ("x", "y")):
        if x in row and y in row:
            return float(row[x]), float(row[y])
    value = row.get("value")
    return (value[0], value[1]) if isinstance(value, list) and len(value) in (2, 3) else None


def _csv(path: Path) -> Second | None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or "lon" not in rows[0]:
        return None
    return Second(_three([(row["lon"], row["lat"]) for row in rows if row["lon"] and row["lat"]]), "EPSG:4326", "csv")


def _obj(path: Path, crs: str) -> Second:
    rows = [line.split()[1:4] for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("v ")]
    return Second(np.array(rows, dtype=np.float64), crs, "text")


# --- city models ------------------------------------------------------------------------------------------------------


def _cityjson(parts: list[Any], crs: str) -> Second | None:
    """Return all vertices that surfaces of the finest level use, and templates where they are placed."""
    change = parts[0].get("transform", {"scale": [1, 1, 1], "translate": [0, 0, 0]})
    said = str(parts[0].get("metadata", {}).get("referenceSystem", ""))
    code = re.search(r"(\d{4,5})$", said)
    templates = parts[0].get("geometry-templates", {})
    found = []
    for part in parts:
        vertices = np.asarray(part.get("vertices", []), dtype=np.float64).reshape(-1, 3)
        rows: set[int] = set()
        for thing in part.get("CityObjects", {}).values():
            shapes = [shape for shape in thing.get("geometry", []) if shape["type"] != "GeometryInstance"]
            for placed in (shape for shape in thing.get("geometry", []) if shape["type"] == "GeometryInstance"):
                matrix = np.array(placed["transformationMatrix"], dtype=np.float64).reshape(4, 4)
                used = sorted(set(_flat(templates["templates"][placed["template"]]["boundaries"])))
                shape = np.asarray(templates["vertices-templates"], dtype=np.float64)[used]
                at = vertices[placed["boundaries"][0]] * change["scale"] + change["translate"]
                found.append(shape @ matrix[:3, :3].T + matrix[:3, 3] + at)
            finest = max((str(shape.get("lod", "")) for shape in shapes), default="")
            for shape in shapes:
                if str(shape.get("lod", "")) == finest:
                    rows |= set(_flat(shape["boundaries"]))
        found.append(vertices[sorted(rows)] * change["scale"] + change["translate"])
    points = np.concatenate(found)
    return Second(points, f"EPSG:{code[1]}" if code else crs, "json") if len(points) else None


def _flat(given: Any) -> Iterator[int]:
    for one in given:
        if isinstance(one, list):
            yield from _flat(one)
        else:
            yield one


def _citygml(path: Path) -> Second:
    from lxml import etree

    document = etree.parse(str(path), etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
    gml = "{http://www.opengis.net/gml}"
    said = next(found for node in document.iter() if (found := node.get("srsName")))
    number = re.search(r"(\d{4,5})$", said)
    rows = []
    for surface in document.iter(f"{gml}posList"):
        owners = "".join(str(node.tag) for node in surface.iterancestors())
        if "lod0" not in owners and "Envelope" not in owners:
            rows.append(np.array(surface.text.split(), dtype=np.float64).reshape(-1, 3))
    return Second(np.concatenate(rows), f"EPSG:{number[1] if number else 4979}", "lxml", xy_first=False)


# --- glTF and 3D Tiles ------------------------------------------------------------------------------------------------

_Z_UP = np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]], dtype=np.float64)


def _glb(path: Path) -> Array:
    """Return the vertices of a binary glTF, or of the one in a b3dm, z upwards."""
    raw = path.read_bytes()
    if raw[:4] == b"b3dm":
        raw = raw[28 + sum(struct.unpack_from("<4I", raw, 12)) :]
    size = struct.unpack_from("<I", raw, 12)[0]
    document, body = json.loads(raw[20 : 20 + size]), raw[28 + size :]
    nodes, found = document["nodes"], []

    def walk(number: int, above: Array) -> None:
        node = nodes[number]
        here = above @ _node_matrix(node)
        for primitive in document["meshes"][node["mesh"]]["primitives"] if "mesh" in node else ():
            accessor = document["accessors"][primitive["attributes"]["POSITION"]]
            view = document["bufferViews"][accessor["bufferView"]]
            start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
            step = view.get("byteStride", 12)
            rows = [struct.unpack_from("<3f", body, start + step * i) for i in range(accessor["count"])]
            found.append(np.array(rows, dtype=np.float64) @ here[:3, :3].T + here[:3, 3])
        for child in node.get("children", []):
            walk(child, here)

    for root in document["scenes"][document.get("scene", 0)]["nodes"]:
        walk(root, _Z_UP)
    return np.concatenate(found)


def _node_matrix(node: dict[str, Any]) -> Array:
    if "matrix" in node:
        return np.array(node["matrix"], dtype=np.float64).reshape(4, 4).T
    matrix = np.eye(4)
    x, y, z, w = node.get("rotation", (0.0, 0.0, 0.0, 1.0))
    turn = [[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]]  # fmt: skip
    matrix[:3, :3] = np.array(turn) * np.array(node.get("scale", (1.0, 1.0, 1.0)))
    matrix[:3, 3] = node.get("translation", (0.0, 0.0, 0.0))
    return matrix


def _tileset(path: Path, document: dict[str, Any]) -> Second:
    """Return the vertices of every content that is there; of an implicit tiling, of every file in its folder."""
    found: list[Array] = []

    def walk(tile: dict[str, Any], above: Array) -> None:
        here = above @ np.array(tile.get("transform", np.eye(4).ravel()), dtype=np.float64).reshape(4, 4).T
        contents = tile.get("contents", [tile["content"]] if "content" in tile else [])
        for content in contents:
            pattern = re.sub(r"\{\w+\}", "*", content["uri"])
            for file in sorted(path.parent.glob(pattern)):
                found.append(_glb(file) @ here[:3, :3].T + here[:3, 3])
        for child in tile.get("children", []):
            walk(child, here)

    walk(document["root"], np.eye(4))
    points = np.concatenate(found)
    on_earth = 6.2e6 < np.linalg.norm(points.mean(axis=0)) < 6.6e6
    return Second(points, "EPSG:4978" if on_earth else "", "struct")


# --- with a library, and nothing around it ----------------------------------------------------------------------------


def _cloud(path: Path, crs: str) -> Second:
    import laspy

    las = laspy.read(path)
    said = las.header.parse_crs()
    points = np.column_stack([las.x, las.y, las.z]).astype(np.float64)
    return Second(points, said.to_wkt() if said else crs, "laspy")


def _raster(path: Path, crs: str) -> Second:
    import rasterio

    with rasterio.open(path) as source:
        cells = [(source.width * i, source.height * j) for i, j in CORNERS]
        rows = [source.transform @ cell for cell in cells]
        return Second(_three(rows), source.crs.to_wkt() if source.crs else crs, "rasterio")


def _gdal(path: Path, crs: str) -> Second | None:
    import pyogrio
    import shapely

    found, said = [], ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, kind in pyogrio.list_layers(path):
            if kind is None:
                continue
            meta, _, wkb, _ = pyogrio.raw.read(path, layer=name, columns=[])
            shapes = shapely.from_wkb(wkb)
            said = said or str(meta["crs"] or "")
            rows = shapely.get_coordinates(shapes[~shapely.is_missing(shapes)], include_z=True)
            found.append(rows)
    points = np.concatenate(found) if found else np.empty((0, 3))
    return Second(points, said or crs, "pyogrio") if len(points) else None
