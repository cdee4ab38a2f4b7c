"""The city as it is seen, as a binary glTF with the ids and attributes of its objects.

A primitive has a colour and a feature id a corner (EXT_mesh_features); a property table a layer says what each object
is (EXT_structural_metadata). What a table does not know is given as ``noData`` and never as a zero.

Invariants
----------
1. Colours of glTF's corners are linear (§3.9.2), those of the scene sRGB: they are converted, in 16 bits, since in 8 a
   dark colour would be another one.
2. Equal pieces give equal bytes.

Sources: glTF 2.0; EXT_mesh_features, EXT_structural_metadata (Cesium); KHR_materials_unlit (Khronos)
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.geometry.styled import Bytes, Floats, Ints, ObjectTable, Styled
from models.io.mesh.glb import FLOAT, UINT, USHORT, Binary

#: What stands for "unknown" in a column of numbers: JSON has no NaN.
NO_NUMBER = -1e300
#: A texture is at most so wide.
TEXTURE_PX = 4096
_MODES = {3: 4, 2: 1, 1: 0}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

#: Where points stand: local points to east, north, up of the file, and the turn of directions.
Place = Callable[[Floats], Floats]
#: Gives a texture's entry in ``images``: inside the file, or beside it.
Texture = Callable[[Binary, bytes, str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Box:
    """Lowest and highest corner, east, north, up."""

    low: Floats
    high: Floats

    def joined(self, other: Box) -> Box:
        """Return the box around both."""
        return Box(np.minimum(self.low, other.low), np.maximum(self.high, other.high))


class StyledGlb:
    """A glTF that takes pieces of a city.

    Parameters
    ----------
    tables : mapping of str to ObjectTable
    place : callable
        Takes local points (n, 3) to metres east, north, up.
    texture : callable
        Where textures are put.
    """

    def __init__(self, tables: Mapping[str, ObjectTable], place: Place, texture: Texture) -> None:
        self._tables, self._place, self._texture = tables, place, texture
        self._binary = Binary()
        self._nodes: list[dict[str, Any]] = []
        self._meshes: list[dict[str, Any]] = []
        self._materials: dict[tuple[bool, bool, int], dict[str, Any]] = {}
        self._images: dict[str, dict[str, Any]] = {}
        self._known: dict[int, tuple[Any, int]] = {}
        self._rows: dict[str, Ints] = {}
        self._told: list[tuple[str, dict[str, Any]]] = []

    def add(self, pieces: Iterable[Styled], name: str = "") -> Box | None:
        """Add what is drawn together, a mesh a layer, about a middle of its own; return its box."""
        pieces = [part for piece in pieces if (seen := _seen(piece)) is not None for part in _by_opacity(seen)]
        if not pieces:
            return None
        placed = [self._place(piece.points.astype(np.float64)) for piece in pieces]
        box = Box(np.min([p.min(axis=0) for p in placed], axis=0), np.max([p.max(axis=0) for p in placed], axis=0))
        middle: Floats = np.round((box.low + box.high) / 2)
        layers = list(dict.fromkeys(piece.layer for piece in pieces))
        for layer in layers:
            self._number(layer, np.concatenate([piece.oids for piece in pieces if piece.layer == layer]))
        for layer in layers:
            primitives = [
                self._primitive(piece, at - middle)
                for piece, at in zip(pieces, placed, strict=True) if piece.layer == layer
            ]  # fmt: skip
            title = self._tables[layer].title if layer in self._tables else layer
            east, north, up = middle.tolist()
            self._nodes.append({
                "mesh": len(self._meshes), "name": f"{title} {name}".strip(), "translation": [east, up, -north],
            })  # fmt: skip
            self._meshes.append({"name": layer, "primitives": primitives})
        return box

    def document(self, extras: Mapping[str, Any]) -> tuple[dict[str, Any], Binary]:
        """Return the finished file: its JSON and its numbers."""
        tables = self._property_tables()
        layers = [layer for layer, rows in self._rows.items() if len(rows)]
        for layer, row in self._told:  # numbers that are known when the last piece is in
            row |= {"featureCount": len(self._rows[layer]) + 1, "propertyTable": layers.index(layer)}
        used = ["EXT_mesh_features", "EXT_structural_metadata"] if tables else []
        if any(unlit for _, unlit, _ in self._materials):
            used.append("KHR_materials_unlit")
        made: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": "Chengjing", "extras": dict(extras)},
            "scene": 0, "scenes": [{"nodes": list(range(len(self._nodes)))}], "nodes": self._nodes,
            "meshes": self._meshes, "materials": list(self._materials.values()),
        }  # fmt: skip
        if self._images:
            made |= {
                "images": [one["image"] for one in self._images.values()],
                "samplers": [{"wrapS": 10497, "wrapT": 10497}],
                "textures": [{"source": k, "sampler": 0} for k in range(len(self._images))],
            }  # fmt: skip
        made |= {
            "accessors": self._binary.accessors, "bufferViews": self._binary.views,
            "buffers": [{"byteLength": self._binary.size}],
        }  # fmt: skip
        if tables:
            made["extensions"] = {"EXT_structural_metadata": tables}
        if used:
            made["extensionsUsed"] = used
        return made, self._binary

    # -- objects ---------------------------------------------------------------------------------------------------

    def _number(self, layer: str, oids: Ints) -> None:
        """Let objects of a layer have a row in its table."""
        if layer not in self._tables:
            return
        rows = self._tables[layer].rows(np.unique(oids))
        known = self._rows.get(layer, np.zeros(0, np.int64))
        fresh = np.setdiff1d(rows[rows >= 0], known)
        self._rows[layer] = np.concatenate([known, fresh])

    def _features(self, layer: str, oids: Ints) -> NDArray[np.float32]:
        """Return the feature id of each cell; what is no object has the first number that is none (see null id)."""
        rows, held = self._tables[layer].rows(oids), self._rows[layer]
        order = np.argsort(held, kind="stable")
        at = np.minimum(np.searchsorted(held[order], rows), len(held) - 1)
        return np.where(rows >= 0, order[at] + 1, 0).astype(np.float32)

    def _property_tables(self) -> dict[str, Any]:
        """Return the tables of the objects that were drawn; row 0 is the row of what is no object."""
        classes: dict[str, Any] = {}
        found: list[dict[str, Any]] = []
        for layer, rows in self._rows.items():
            if not len(rows):
                continue
            table = self._tables[layer]
            schema: dict[str, Any] = {}
            properties: dict[str, Any] = {}
            for key, (name, values) in zip(property_names(table.columns), table.columns.items(), strict=True):
                schema[key], properties[key] = self._column(name, values[rows])
            kind = class_name(layer)
            classes[kind] = {"name": table.title, "properties": schema}
            found.append({"name": table.title, "class": kind, "count": len(rows) + 1, "properties": properties})
        return {"schema": {"id": "chengjing", "classes": classes}, "propertyTables": found} if found else {}

    def _column(self, name: str, values: NDArray[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return a column's entry in the schema and in its table, a first row of nothing before the others."""
        if values.dtype.kind in "iub":
            numbers = np.concatenate([[-1], values]).astype("<i4")
            return (
                {"name": name, "type": "SCALAR", "componentType": "INT32", "noData": -1},
                {"values": self._binary.view(numbers.tobytes())},
            )
        if values.dtype.kind == "f":
            numbers = np.concatenate([[NO_NUMBER], np.where(np.isfinite(values), values, NO_NUMBER)]).astype("<f8")
            return (
                {"name": name, "type": "SCALAR", "componentType": "FLOAT64", "noData": NO_NUMBER},
                {"values": self._binary.view(numbers.tobytes())},
            )
        texts = [b"", *(str(value).encode("utf-8") for value in values.tolist())]
        offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype("<u4")
        return {"name": name, "type": "STRING", "noData": ""}, {
            "values": self._binary.view(b"".join(texts) or b"\0"),
            "stringOffsets": self._binary.view(offsets.tobytes()), "stringOffsetType": "UINT32",
        }  # fmt: skip

    # -- geometry --------------------------------------------------------------------------------------------------

    def _primitive(self, piece: Styled, points: Floats) -> dict[str, Any]:
        has_objects = len(self._rows.get(piece.layer, ())) > 0
        features = (
            self._features(piece.layer, piece.oids) if has_objects else np.zeros(len(piece.oids), np.float32)
        )  # fmt: skip
        corner, normals, paint, owner, indices = _welded(piece, points, features)
        y_up = [0, 2, 1]
        sign = np.array([1.0, 1.0, -1.0])
        attributes = {
            "POSITION": self._binary.accessor((points[corner][:, y_up] * sign).astype("<f4"), "VEC3", FLOAT)
        }  # fmt: skip
        if normals is not None:
            turned = normals[:, y_up] * sign
            attributes["NORMAL"] = self._binary.accessor(turned.astype("<f4"), "VEC3", FLOAT)
        image = self._image(piece.image) if piece.image is not None and piece.uv is not None else -1
        if image >= 0 and piece.uv is not None:
            uv = piece.uv[corner] * [1.0, -1.0] + [0.0, 1.0]
            attributes["TEXCOORD_0"] = self._binary.accessor(uv.astype("<f4"), "VEC2", FLOAT)
        attributes["COLOR_0"] = self._binary.accessor(linear(paint), "VEC4", USHORT, normalised=True)
        made: dict[str, Any] = {"attributes": attributes, "mode": _MODES[piece.cells.shape[1]]}
        if has_objects:
            attributes["_FEATURE_ID_0"] = self._binary.accessor(owner.astype("<f4"), "SCALAR", FLOAT)
            row: dict[str, Any] = {"featureCount": 0, "attribute": 0, "nullFeatureId": 0}
            self._told.append((piece.layer, row))
            made["extensions"] = {"EXT_mesh_features": {"featureIds": [row]}}
        small = len(corner) < 65_535
        made["indices"] = self._binary.accessor(
            indices.astype("<u2" if small else "<u4"), "SCALAR", USHORT if small else UINT, is_index=True
        )
        is_flat = not piece.lit or piece.cells.shape[1] < 3
        made["material"] = self._material(bool((paint[:, 3] < 255).any()), is_flat, image)
        return made

    def _material(self, blend: bool, unlit: bool, image: int) -> int:
        key = blend, unlit, image
        if key not in self._materials:
            surface: dict[str, Any] = {"metallicFactor": 0.0, "roughnessFactor": 1.0}
            if image >= 0:
                surface["baseColorTexture"] = {"index": image}
            made: dict[str, Any] = {"pbrMetallicRoughness": surface, "doubleSided": True}
            if blend:
                made["alphaMode"] = "BLEND"
            if unlit:
                made["extensions"] = {"KHR_materials_unlit": {}}
            self._materials[key] = made
        return list(self._materials).index(key)

    def _image(self, image: Bytes) -> int:
        """Return the number of a texture, made once."""
        if id(image) in self._known:
            return self._known[id(image)][1]
        content, suffix = _picture(image)
        name = hashlib.sha256(content).hexdigest()[:16]
        if name not in self._images:
            entry = self._texture(self._binary, content, f"{name}{suffix}")
            self._images[name] = {"image": entry}
        number = list(self._images).index(name)
        self._known[id(image)] = image, number
        return number


def embedded(binary: Binary, content: bytes, name: str) -> dict[str, Any]:
    """Put a texture into the file itself."""
    return {"bufferView": binary.view(content), "mimeType": "image/png" if name.endswith(".png") else "image/jpeg"}


def class_name(layer: str) -> str:
    """Return a layer's id as the name of a class."""
    safe = re.sub(r"[^A-Za-z0-9_]", "_", layer)
    return safe if _NAME.fullmatch(safe) else f"_{safe}"


def property_names(columns: Iterable[str]) -> list[str]:
    """Return names that the extension allows: the column's own where it is one, else ``p0``, ``p1`` …"""
    names: list[str] = []
    for number, name in enumerate(columns):
        own = name if _NAME.fullmatch(name) else f"p{number}"
        names.append(own if own not in names else f"p{number}_")
    return names


def linear(rgba: Bytes) -> NDArray[np.uint16]:
    """Return sRGB colours as linear ones in 16 bits; opacity is linear already."""
    share = rgba.astype(np.float64) / 255.0
    light = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    light[:, 3] = share[:, 3]
    return np.round(light * 65535.0).astype("<u2")


def _picture(image: Bytes) -> tuple[bytes, str]:
    """Return a texture as a JPEG, or a PNG where it can be seen through."""
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(image))
    if max(picture.size) > TEXTURE_PX:
        picture.thumbnail((TEXTURE_PX, TEXTURE_PX))
    stream, clear = io.BytesIO(), picture.mode == "RGBA"
    if clear:
        picture.save(stream, "PNG")
    else:
        picture.convert("RGB").save(stream, "JPEG", quality=88)
    return stream.getvalue(), ".png" if clear else ".jpg"


def _seen(piece: Styled) -> Styled | None:
    """Return what of a piece is drawn at all: neither colourless nor without extent."""
    keep = piece.rgba[:, 3] > 0
    if piece.cells.shape[1] == 3:
        a, b, c = (piece.cells[:, k] for k in range(3))
        keep &= (a != b) & (b != c) & (a != c)
    if not len(keep) or not keep.any():
        return None
    return piece if keep.all() else part_of(piece, keep)


def part_of(piece: Styled, cells: NDArray[Any]) -> Styled:
    """Return some cells of a piece, with the points that they use."""
    used, corners = np.unique(piece.cells[cells], return_inverse=True)
    return Styled(
        piece.layer, piece.points[used], corners.reshape(-1, piece.cells.shape[1]), piece.oids[cells],
        piece.rgba[cells], None if piece.normals is None else piece.normals[used],
        None if piece.uv is None else piece.uv[used], piece.image, piece.lit,
    )  # fmt: skip


def _by_opacity(piece: Styled) -> list[Styled]:
    """Return what hides what is behind it apart from what is seen through: they are drawn in two ways."""
    clear = piece.rgba[:, 3] < 255
    if clear.all() or not clear.any():
        return [piece]
    return [part_of(piece, ~clear), part_of(piece, clear)]


def _welded(
    piece: Styled, points: Floats, features: NDArray[np.float32]
) -> tuple[Ints, Floats | None, Bytes, NDArray[np.float32], Ints]:
    """Return corners without doubles: point, normal, colour, feature; and the corners of each cell.

    Corners are one where point, normal (to half a degree), colour and object are the same.
    """
    k = piece.cells.shape[1]
    corner = piece.cells.ravel().astype(np.int64)
    colour = np.repeat(np.ascontiguousarray(piece.rgba).view("<u4").ravel(), k).astype(np.uint64)
    normals: Floats | None = None
    turned = np.zeros(len(corner), np.uint64)
    if k == 3:
        if piece.normals is not None:
            normals = piece.normals[corner].astype(np.float64)
        else:
            sides = points[piece.cells]
            normals = np.repeat(np.cross(sides[:, 1] - sides[:, 0], sides[:, 2] - sides[:, 0]), 3, axis=0)
        length = np.linalg.norm(normals, axis=1, keepdims=True)
        normals = np.where(length > 1e-12, normals / np.where(length > 1e-12, length, 1.0), [0.0, 0.0, 1.0])
        step = np.round(normals * 127).astype(np.int64) + 128
        turned = (step[:, 0] << 16 | step[:, 1] << 8 | step[:, 2]).astype(np.uint64)
    owner = np.repeat(features, k)
    first = corner.astype(np.uint64) << np.uint64(32) | colour
    second = owner.astype(np.uint64) << np.uint64(32) | turned
    order = np.lexsort((second, first))
    fresh = np.concatenate([[True], (np.diff(first[order]) != 0) | (np.diff(second[order]) != 0)])
    place = np.empty(len(order), np.int64)
    place[order] = np.cumsum(fresh) - 1
    pick = order[fresh]
    paint = np.repeat(piece.rgba, k, axis=0)[pick] if len(pick) else piece.rgba
    return corner[pick], None if normals is None else normals[pick], paint, owner[pick], place
