"""What one tile holds: b3dm, i3dm, pnts and cmpt of 3D Tiles 1.0, glTF of 1.1.

Source: OGC 18-053r2 (3D Tiles 1.0), OGC 22-025r4 (1.1)
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.io.common.textures import inside
from models.io.mesh.gltf_file import MOST_BYTES, Gltf, parse
from models.io.tiles3d.feature_tables import batch_table

Floats = NDArray[np.float64]

MOST_NESTED = 8
_HEADERS = {b"b3dm": 28, b"i3dm": 32, b"pnts": 28}


@dataclass(slots=True)
class Content:
    """One drawable thing of a tile.

    Parameters
    ----------
    gltf : Gltf or None
        None for points.
    copies : ndarray (k, 4, 4) or None
        Where an i3dm puts its shape, in the tile, z up.
    columns : mapping of str to sequence
        The batch table.
    batch : ndarray (k,) or None
        Row of the batch table of each copy.
    centre : ndarray (3,)
        What the numbers are relative to.
    points, colours : ndarray or None
        Of a pnts.
    """

    gltf: Gltf | None
    copies: Floats | None = None
    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    batch: NDArray[np.int64] | None = None
    centre: Floats = field(default_factory=lambda: np.zeros(3))
    points: Floats | None = None
    colours: NDArray[np.uint8] | None = None


def contents(data: bytes, folder: Path, depth: int = 0) -> Iterator[Content]:
    """Yield what a tile's file holds.

    Raises
    ------
    ValueError
        It is damaged, or of a kind that is none.
    """
    magic = data[:4]
    if magic == b"cmpt":
        yield from _composite(data, folder, depth)
    elif magic in _HEADERS:
        yield _tile(data, folder, magic)
    elif magic == b"glTF" or data.lstrip()[:1] == b"{":
        gltf = parse(data, folder)
        yield Content(gltf, centre=_rtc(gltf))
    else:
        raise ValueError(f"a tile of an unknown kind: {magic!r}")


def _composite(data: bytes, folder: Path, depth: int) -> Iterator[Content]:
    if depth >= MOST_NESTED:
        raise ValueError("tiles in tiles without an end")
    _, length, count = struct.unpack_from("<III", data, 4)
    at = 16
    for _ in range(count):
        if at + 12 > min(length, len(data)):
            raise ValueError("a tile ends too early")
        size = struct.unpack_from("<I", data, at + 8)[0]
        if size < 12 or at + size > len(data):
            raise ValueError("a tile ends too early")
        yield from contents(data[at : at + size], folder, depth + 1)
        at += size


def _tile(data: bytes, folder: Path, magic: bytes) -> Content:
    start = _HEADERS[magic]
    if len(data) < start:
        raise ValueError("a tile ends too early")
    _, length, *sizes = struct.unpack_from("<IIIIII", data, 4)
    if length > len(data):
        raise ValueError("a tile ends too early")
    parts, at = [], start
    for size in sizes[:4]:
        if at + size > length:
            raise ValueError("a table reaches beyond its tile")
        parts.append(data[at : at + size])
        at += size
    feature = json.loads(parts[0].decode("utf-8").strip("\0 \n") or "{}")
    batch = json.loads(parts[2].decode("utf-8").strip("\0 \n") or "{}")
    table = _FeatureTable(feature, parts[1])
    centre = table.one("RTC_CENTER", 3, np.zeros(3))
    if magic == b"pnts":
        points, colours = _points(table)
        return Content(None, centre=centre, points=points, colours=colours)
    if magic == b"b3dm":
        count = int(feature.get("BATCH_LENGTH", 0))
        gltf = parse(data[at:length], folder)
        return Content(gltf, columns=batch_table(batch, parts[3], count), centre=centre + _rtc(gltf))
    count = _length(feature.get("INSTANCES_LENGTH", 0))
    is_embedded = struct.unpack_from("<I", data, 28)[0] == 1
    body: bytes | None = data[at:length]
    if not is_embedded:
        path = inside(folder, (body or b"").decode("utf-8", "replace").strip("\0 "))
        body = path.read_bytes() if path is not None and path.stat().st_size <= MOST_BYTES else None
        folder = path.parent if path is not None else folder
    if body is None:
        raise ValueError("the shape of the instances is not there")
    gltf = parse(body, folder)
    ids = table.array("BATCH_ID", 1, "u2", count)
    return Content(
        gltf, copies=_copies(table, count, centre), columns=batch_table(batch, parts[3], count),
        batch=np.arange(count) if ids is None else ids.ravel().astype(np.int64), centre=centre,
    )  # fmt: skip


class _FeatureTable:
    """The feature table of a tile: JSON, and the binary that it points into."""

    def __init__(self, header: Mapping[str, Any], binary: bytes) -> None:
        self.header, self._binary = header, binary

    def array(self, name: str, width: int, dtype: str, count: int) -> NDArray[Any] | None:
        """Return an array (count, width), None where there is none."""
        row = self.header.get(name)
        if not isinstance(row, Mapping):
            return None
        kinds = {"UNSIGNED_BYTE": "u1", "UNSIGNED_SHORT": "<u2", "UNSIGNED_INT": "<u4"}
        kind = np.dtype(kinds.get(str(row.get("componentType")), f"<{dtype}"))
        offset = _length(row.get("byteOffset", 0))
        if offset + count * width * kind.itemsize > len(self._binary):
            raise ValueError("a feature table is shorter than it says")
        return np.frombuffer(self._binary, dtype=kind, count=count * width, offset=offset).reshape(count, width)

    def one(self, name: str, width: int, default: Floats) -> Floats:
        """Return a single value of ``width`` numbers."""
        row = self.header.get(name)
        if isinstance(row, list) and len(row) >= width:
            return np.asarray(row[:width], dtype=np.float64)
        if isinstance(row, Mapping):
            found = self.array(name, width, "f4", 1)
            return default if found is None else found[0].astype(np.float64)
        return default


def _length(value: Any) -> int:
    number = int(value)
    if not 0 <= number < 1 << 31:
        raise ValueError("a length that cannot be")
    return number


def _rtc(gltf: Gltf) -> Floats:
    header = ((gltf.document.get("extensions") or {}).get("CESIUM_RTC") or {}).get("center")
    return np.asarray(header, dtype=np.float64).reshape(3) if header else np.zeros(3)


def _positions(table: _FeatureTable, count: int) -> Floats:
    found = table.array("POSITION", 3, "f4", count)
    if found is not None:
        return found.astype(np.float64)
    packed = table.array("POSITION_QUANTIZED", 3, "u2", count)
    if packed is None:
        raise ValueError("a tile without positions")
    offset = table.one("QUANTIZED_VOLUME_OFFSET", 3, np.zeros(3))
    scale = table.one("QUANTIZED_VOLUME_SCALE", 3, np.ones(3))
    result: Floats = packed / 65535.0 * scale + offset
    return result


def _points(table: _FeatureTable) -> tuple[Floats, NDArray[np.uint8] | None]:
    count = _length(table.header.get("POINTS_LENGTH", 0))
    draco = (table.header.get("extensions") or {}).get("3DTILES_draco_point_compression")
    if draco:
        raise ValueError("points compressed with Draco")
    points = _positions(table, count)
    for name, width in (("RGB", 3), ("RGBA", 4)):
        found = table.array(name, width, "u1", count)
        if found is not None:
            return points, np.ascontiguousarray(found[:, :3])
    short = table.array("RGB565", 1, "u2", count)
    if short is not None:
        bits = short[:, 0].astype(np.uint32)
        channels = [(bits >> 11) * 255 // 31, (bits >> 5 & 63) * 255 // 63, (bits & 31) * 255 // 31]
        return points, np.stack(channels, axis=1).astype(np.uint8)
    constant = table.header.get("CONSTANT_RGBA")
    if isinstance(constant, list) and len(constant) >= 3:
        return points, np.tile(np.asarray(constant[:3], dtype=np.uint8), (count, 1))
    return points, None


def _copies(table: _FeatureTable, count: int, centre: Floats) -> Floats:
    """Return where the instances stand and how they are turned, (k, 4, 4)."""
    positions = _positions(table, count)
    result = np.tile(np.eye(4), (count, 1, 1))
    up, right = _directions(table, count, "NORMAL_UP"), _directions(table, count, "NORMAL_RIGHT")
    if up is not None and right is not None:
        result[:, :3, 0], result[:, :3, 1], result[:, :3, 2] = right, np.cross(up, right), up
    elif table.header.get("EAST_NORTH_UP"):
        result[:, :3, :3] = east_north_up(positions + centre)
    scale = np.ones((count, 3))
    found = table.array("SCALE", 1, "f4", count)
    scale *= 1.0 if found is None else found
    found = table.array("SCALE_NON_UNIFORM", 3, "f4", count)
    scale *= 1.0 if found is None else found
    result[:, :3, :3] *= scale[:, None, :]
    result[:, :3, 3] = positions
    return result


def _directions(table: _FeatureTable, count: int, name: str) -> Floats | None:
    found = table.array(name, 3, "f4", count)
    if found is not None:
        return found.astype(np.float64)
    packed = table.array(f"{name}_OCT32P", 2, "u2", count)
    if packed is None:
        return None
    xy = packed / 65535.0 * 2.0 - 1.0
    z = 1.0 - np.abs(xy).sum(axis=1)
    folded = (1.0 - np.abs(xy[:, ::-1])) * np.where(xy >= 0, 1.0, -1.0)
    xy = np.where((z < 0)[:, None], folded, xy)
    vectors = np.column_stack([xy, z])
    result: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return result


def east_north_up(ecef: Floats) -> Floats:
    """Return the directions east, north and up as columns (k, 3, 3) at places on the earth."""
    from models.crs.frame import transformer

    lon, lat, _ = (np.radians(v) if i < 2 else v for i, v in enumerate(
        transformer("EPSG:4978", "EPSG:4979").transform(ecef[:, 0], ecef[:, 1], ecef[:, 2])))  # fmt: skip
    zero = np.zeros_like(lon)
    east = np.stack([-np.sin(lon), np.cos(lon), zero], axis=1)
    north = np.stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)], axis=1)
    up = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    return np.stack([east, north, up], axis=2)
