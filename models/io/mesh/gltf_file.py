"""glTF 2.0 as it lies in a file: chunks, buffers, accessors, primitives, nodes. Nothing of cities.

Every number that a file says of itself (lengths, offsets, counts) is looked at before it is believed. Other files are
read from the model's own folder or below only, and never from a network.

Source: Khronos glTF 2.0 (ISO/IEC 12113:2022), KHR_draco_mesh_compression, KHR_mesh_quantization,
EXT_mesh_gpu_instancing
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.io.common.textures import inside

Floats = NDArray[np.float64]

MOST_BYTES = 2_000_000_000
MOST_NODES = 2_000_000
_TYPES: dict[int, tuple[str, float]] = {
    5120: ("i1", 127.0), 5121: ("u1", 255.0), 5122: ("<i2", 32767.0), 5123: ("<u2", 65535.0),
    5125: ("<u4", 4294967295.0), 5126: ("<f4", 1.0),
}  # fmt: skip
_SHAPES = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
#: glTF's y is up; here z is.
Z_UP = np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]], dtype=np.float64)


@dataclass(slots=True)
class Primitive:
    """Triangles of one material.

    Parameters
    ----------
    positions : ndarray (n, 3) float64
    faces : ndarray (f, 3) int64
    material : int
        -1 for none.
    uv : ndarray (n, 2) or None
        As in the file, v downwards.
    colours : ndarray (n, 4) or None
        0…1.
    features : mapping of str to ndarray (n,)
        Numbers of features by the name of their attribute, ``"_BATCHID"``, ``"_FEATURE_ID_0"``.
    extensions : mapping
    """

    positions: Floats
    faces: NDArray[np.int64]
    material: int = -1
    uv: Floats | None = None
    colours: Floats | None = None
    features: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the scene.

    Parameters
    ----------
    number, parent : int
        ``parent`` is -1 for a root.
    name : str
    matrix : ndarray (4, 4)
        To the scene, y up.
    mesh : int
        -1 for none.
    copies : ndarray (k, 4, 4) or None
        Where ``EXT_mesh_gpu_instancing`` puts copies, in the node.
    """

    number: int
    parent: int
    name: str
    matrix: Floats
    mesh: int
    copies: Floats | None = None


class Gltf:
    """A parsed file.

    Parameters
    ----------
    document : mapping
        Its JSON.
    chunk : bytes
        The binary chunk of a GLB, empty for none.
    folder : Path or None
        Where other files may lie; None allows none.
    """

    def __init__(self, document: Mapping[str, Any], chunk: bytes, folder: Path | None) -> None:
        self.document, self._chunk, self.folder = document, chunk, folder
        self._buffers: dict[int, bytes] = {}
        #: What was left out, by kind: ``"lines"``, ``"points"``, ``"meshopt"``, ``"files"``.
        self.skipped: dict[str, int] = {}
        required = set(document.get("extensionsRequired") or ())
        self.is_meshopt = bool({"EXT_meshopt_compression", "KHR_meshopt_compression"} & required)

    def list_of(self, name: str) -> list[Any]:
        """Return a top-level list, empty where there is none."""
        found = self.document.get(name) or []
        if not isinstance(found, list):
            raise ValueError(f"{name} is no list")
        return found

    def buffer(self, number: int) -> bytes:
        """Return the bytes of a buffer."""
        if number not in self._buffers:
            row = _row(self.list_of("buffers"), number)
            uri = row.get("uri")
            data = self._chunk if uri is None else self.bytes_of(str(uri))
            if data is None:
                self.skipped["files"] = self.skipped.get("files", 0) + 1
                raise UserError("city3d.file_missing", file=str(uri)[:80])
            if len(data) < int(row.get("byteLength", 0)):
                raise ValueError("a buffer is shorter than it says")
            self._buffers[number] = data
        return self._buffers[number]

    def bytes_of(self, uri: str) -> bytes | None:
        """Return what a URI holds, a ``data:`` URI or a file in the folder, None where there is none."""
        if uri.startswith("data:"):
            head, _, body = uri.partition(",")
            try:
                return base64.b64decode(body, validate=False) if head.endswith(";base64") else body.encode("latin-1")
            except (binascii.Error, UnicodeEncodeError) as error:
                raise ValueError("a data URI is damaged") from error
        path = inside(self.folder, uri) if self.folder is not None else None
        if path is None or path.stat().st_size > MOST_BYTES:
            return None
        return path.read_bytes()

    def view(self, number: int) -> tuple[memoryview, int]:
        """Return the bytes of a buffer view and its stride, 0 for none."""
        row = _row(self.list_of("bufferViews"), number)
        data = self.buffer(_count(row.get("buffer", 0)))
        offset, length = _count(row.get("byteOffset", 0)), _count(row["byteLength"])
        if offset + length > len(data):
            raise ValueError("a buffer view reaches beyond its buffer")
        return memoryview(data)[offset : offset + length], _count(row.get("byteStride", 0))

    def accessor(self, number: int) -> NDArray[Any]:
        """Return the values of an accessor, (n,) or (n, k); what is normalised comes as float64."""
        row = _row(self.list_of("accessors"), number)
        kind, most = _TYPES[int(row["componentType"])]
        width, count = _SHAPES[str(row["type"])], _count(row["count"])
        dtype = np.dtype(kind)
        if row.get("bufferView") is None:
            if count * width > 200_000_000:
                raise ValueError("an accessor of nothing is too large")
            values = np.zeros((count, width), dtype=dtype)
        else:
            data, stride = self.view(_count(row["bufferView"]))
            values = _strided(data, _count(row.get("byteOffset", 0)), stride, count, width, dtype)
        if "sparse" in row:
            values = self._sparse(row["sparse"], values, width, dtype)
        if row.get("normalized") and dtype.kind != "f":
            values = np.maximum(values.astype(np.float64) / most, -1.0)
        return values[:, 0] if width == 1 else values

    def _sparse(self, sparse: Mapping[str, Any], values: NDArray[Any], width: int, dtype: Any) -> NDArray[Any]:
        count = _count(sparse["count"])
        at, what = sparse["indices"], sparse["values"]
        data, _ = self.view(_count(at["bufferView"]))
        kind = np.dtype(_TYPES[int(at["componentType"])][0])
        rows = _strided(data, _count(at.get("byteOffset", 0)), 0, count, 1, kind)[:, 0].astype(np.int64)
        data, _ = self.view(_count(what["bufferView"]))
        fresh = _strided(data, _count(what.get("byteOffset", 0)), 0, count, width, dtype)
        if len(rows) and rows.max() >= len(values):
            raise ValueError("a sparse accessor reaches beyond its values")
        result = np.array(values)
        result[rows] = fresh
        return result

    def primitives(self, mesh: int) -> list[Primitive]:
        """Return the triangles of a mesh."""
        found = []
        for row in _row(self.list_of("meshes"), mesh).get("primitives") or []:
            mode = int(row.get("mode", 4))
            if mode not in (4, 5, 6):
                kind = "points" if mode == 0 else "lines"
                self.skipped[kind] = self.skipped.get(kind, 0) + 1
                continue
            one = (
                self._draco(row) if "KHR_draco_mesh_compression" in (row.get("extensions") or {}) else self._plain(row)
            )
            if one is not None:
                found.append(one)
        return found

    def _plain(self, row: Mapping[str, Any]) -> Primitive | None:
        attributes: Mapping[str, Any] = row.get("attributes") or {}
        if "POSITION" not in attributes:
            return None
        positions = np.asarray(self.accessor(_count(attributes["POSITION"])), dtype=np.float64)
        if positions.ndim != 2 or positions.shape[1] != 3:
            raise ValueError("positions are no points")
        count = len(positions)
        if row.get("indices") is None:
            index = np.arange(count)
        else:
            index = np.asarray(self.accessor(_count(row["indices"]))).astype(np.int64).ravel()
        faces = _triangles(index, int(row.get("mode", 4)))
        if len(faces) and (faces.min() < 0 or faces.max() >= count):
            raise ValueError("a triangle has a corner that is not there")
        one = Primitive(positions, faces, int(row.get("material", -1)), extensions=row.get("extensions") or {})
        for name, number in attributes.items():
            if name in ("TEXCOORD_0", "COLOR_0") or name == "_BATCHID" or name.startswith("_FEATURE_ID"):
                _attribute(one, name, np.asarray(self.accessor(_count(number))), count)
        return one

    def _draco(self, row: Mapping[str, Any]) -> Primitive | None:
        import DracoPy

        document = row["extensions"]["KHR_draco_mesh_compression"]
        data, _ = self.view(_count(document["bufferView"]))
        try:
            mesh = DracoPy.decode(bytes(data))
        except Exception as error:  # whatever the library throws at broken data
            raise ValueError(f"Draco: {error}"[:120]) from error
        positions = np.asarray(mesh.points, dtype=np.float64)
        faces = np.asarray(getattr(mesh, "faces", np.empty((0, 3))), dtype=np.int64).reshape(-1, 3)
        if len(faces) and (faces.min() < 0 or faces.max() >= len(positions)):
            raise ValueError("a triangle has a corner that is not there")
        one = Primitive(positions, faces, int(row.get("material", -1)), extensions=row.get("extensions") or {})
        by_id = {int(a["unique_id"]): a["data"] for a in getattr(mesh, "attributes", [])}
        for name, unique in (document.get("attributes") or {}).items():
            values = by_id.get(int(unique))
            if values is None or not (name in ("TEXCOORD_0", "COLOR_0", "_BATCHID") or name.startswith("_FEATURE_ID")):
                continue
            values = np.asarray(values)
            if name == "COLOR_0" and values.dtype.kind in "iu":
                values = values / float(np.iinfo(values.dtype).max)
            _attribute(one, name, values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values, len(positions))
        return one

    def nodes(self) -> Iterator[Node]:
        """Yield the nodes of the scene, parents first."""
        rows = self.list_of("nodes")
        scenes = self.list_of("scenes")
        if scenes:
            roots = _row(scenes, _count(self.document.get("scene", 0))).get("nodes") or []
        else:
            below = {child for row in rows for child in row.get("children") or ()}
            roots = [number for number in range(len(rows)) if number not in below]
        stack = [(number, -1, np.eye(4)) for number in reversed(roots)]
        seen: set[int] = set()
        while stack:
            number, parent, above = stack.pop()
            if number in seen or len(seen) > MOST_NODES:
                raise ValueError("a node stands below itself")
            seen.add(number)
            row = _row(rows, number)
            matrix = above @ _local(row)
            copies = self._copies(row)
            yield Node(number, parent, str(row.get("name") or ""), matrix, int(row.get("mesh", -1)), copies)
            stack += [(child, number, matrix) for child in reversed(row.get("children") or [])]

    def _copies(self, row: Mapping[str, Any]) -> Floats | None:
        document = ((row.get("extensions") or {}).get("EXT_mesh_gpu_instancing") or {}).get("attributes")
        if not document:
            return None
        found = {name: np.asarray(self.accessor(_count(document[name])), dtype=np.float64)
                 for name in ("TRANSLATION", "ROTATION", "SCALE") if name in document}  # fmt: skip
        count = len(next(iter(found.values()), ()))
        if any(len(values) != count for values in found.values()):
            raise ValueError("instances differ in number")
        shift, scale = found.get("TRANSLATION", np.zeros((count, 3))), found.get("SCALE", np.ones((count, 3)))
        return placements(shift, found.get("ROTATION"), scale)

    def image(self, texture: int) -> bytes | None:
        """Return the picture of a texture as it was written, None where it cannot be had."""
        row = _row(self.list_of("textures"), texture)
        more = row.get("extensions") or {}
        source = row.get("source", (more.get("EXT_texture_webp") or {}).get("source"))
        if source is None:
            return None
        document = _row(self.list_of("images"), _count(source))
        if "bufferView" in document:
            return bytes(self.view(_count(document["bufferView"]))[0])
        return self.bytes_of(str(document.get("uri", "")))


def parse(data: bytes, folder: Path | None, file: str = "glTF") -> Gltf:
    """Return the glTF in some bytes, binary or text; ``file`` is what errors call it.

    Raises
    ------
    ValueError
        It is damaged.
    UserError
        ``city3d.gltf1`` for version 1.
    """
    if data[:4] == b"glTF":
        version, length = struct.unpack_from("<II", data, 4)
        if version == 1:
            raise UserError("city3d.gltf1", file=file)
        if version != 2 or length > len(data) or length < 20:
            raise ValueError("the file ends too early")
        at, document, chunk = 12, None, b""
        while at + 8 <= length:
            size, kind = struct.unpack_from("<I4s", data, at)
            if at + 8 + size > length:
                raise ValueError("a chunk reaches beyond the file")
            body = data[at + 8 : at + 8 + size]
            if kind == b"JSON" and document is None:
                document = json.loads(body.decode("utf-8-sig").rstrip("\x00 \t\r\n"))
            elif kind == b"BIN\0" and not chunk:
                chunk = body
            at += 8 + size + (-size % 4)
    else:
        document, chunk = json.loads(data.decode("utf-8-sig")), b""
    if not isinstance(document, dict):
        raise ValueError("no glTF")
    version_text = str((document.get("asset") or {}).get("version", "2.0"))
    if version_text.startswith("1"):
        raise UserError("city3d.gltf1", file=file)
    return Gltf(document, chunk, folder)


def placements(shift: Floats, turn: Floats | None, scale: Floats) -> Floats:
    """Return matrices (n, 4, 4) from shifts (n, 3), quaternions x y z w (n, 4) or None, and scales (n, 3)."""
    result = np.tile(np.eye(4), (len(shift), 1, 1))
    if turn is not None:
        length = np.linalg.norm(turn, axis=1, keepdims=True)
        x, y, z, w = (turn / np.where(length > 0, length, 1.0)).T
        result[:, 0, :3] = np.stack([1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)], axis=1)
        result[:, 1, :3] = np.stack([2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)], axis=1)
        result[:, 2, :3] = np.stack([2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)], axis=1)
    result[:, :3, :3] *= scale[:, None, :]
    result[:, :3, 3] = shift
    return result


def _local(row: Mapping[str, Any]) -> Floats:
    if row.get("matrix") is not None:
        return np.asarray(row["matrix"], dtype=np.float64).reshape(4, 4).T
    turn = np.asarray([row.get("rotation", (0, 0, 0, 1))], dtype=np.float64).reshape(1, 4)
    shift = np.asarray([row.get("translation", (0, 0, 0))], dtype=np.float64).reshape(1, 3)
    scale = np.asarray([row.get("scale", (1, 1, 1))], dtype=np.float64).reshape(1, 3)
    matrix: Floats = placements(shift, turn, scale)[0]
    return matrix


def _triangles(index: NDArray[np.int64], mode: int) -> NDArray[np.int64]:
    if mode == 4:
        return index[: len(index) // 3 * 3].reshape(-1, 3)
    count = max(len(index) - 2, 0)
    step = np.arange(count)
    if mode == 6:
        return np.stack([index[:1].repeat(count), index[step + 1], index[step + 2]], axis=1)
    odd = step % 2
    return np.stack([index[step], index[step + 1 + odd], index[step + 2 - odd]], axis=1)


def _attribute(one: Primitive, name: str, values: NDArray[Any], count: int) -> None:
    if len(values) != count:
        raise ValueError("attributes differ in number")
    if name == "TEXCOORD_0":
        one.uv = values.astype(np.float64).reshape(count, -1)[:, :2]
    elif name == "COLOR_0":
        colours = values.astype(np.float64).reshape(count, -1)
        if colours.shape[1] == 3:
            colours = np.column_stack([colours, np.ones(count)])
        one.colours = np.clip(np.nan_to_num(colours), 0.0, 1.0)
    else:
        one.features[name] = np.round(np.nan_to_num(values.astype(np.float64))).astype(np.int64)


def _strided(data: memoryview, offset: int, stride: int, count: int, width: int, dtype: Any) -> NDArray[Any]:
    item = dtype.itemsize * width
    step = stride or item
    if step < item or (count and offset + step * (count - 1) + item > len(data)):
        raise ValueError("an accessor reaches beyond its buffer view")
    if not count:
        return np.empty((0, width), dtype=dtype)
    if step == item:
        return np.frombuffer(data, dtype=dtype, count=count * width, offset=offset).reshape(count, width)
    raw = np.frombuffer(data, dtype=np.uint8)[offset : offset + step * (count - 1) + item]
    rows = np.lib.stride_tricks.as_strided(raw, shape=(count, item), strides=(step, 1), writeable=False)
    values: NDArray[Any] = np.ascontiguousarray(rows).view(dtype).reshape(count, width)
    return values


def _row(rows: list[Any], number: int) -> dict[str, Any]:
    if not 0 <= number < len(rows) or not isinstance(rows[number], dict):
        raise ValueError(f"entry {number} is not there")
    row: dict[str, Any] = rows[number]
    return row


def _count(value: Any) -> int:
    number = int(value)
    if number < 0 or isinstance(value, bool):
        raise ValueError("a negative count or offset")
    return number
