"""Attributes of features in tiles: batch tables (3D Tiles 1.0) and property tables (EXT_structural_metadata).

Source: OGC 18-053r2 (3D Tiles 1.0), OGC 22-025r4 (3D Tiles 1.1), EXT_mesh_features, EXT_structural_metadata
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from models.core.plain_values import plain
from models.io.mesh.gltf_file import Gltf, Primitive

MOST_ROWS = 20_000_000
_BATCH = {"BYTE": "i1", "UNSIGNED_BYTE": "u1", "SHORT": "<i2", "UNSIGNED_SHORT": "<u2", "INT": "<i4",
          "UNSIGNED_INT": "<u4", "FLOAT": "<f4", "DOUBLE": "<f8"}  # fmt: skip
_METADATA = {"INT8": "i1", "UINT8": "u1", "INT16": "<i2", "UINT16": "<u2", "INT32": "<i4", "UINT32": "<u4",
             "INT64": "<i8", "UINT64": "<u8", "FLOAT32": "<f4", "FLOAT64": "<f8"}  # fmt: skip
_WIDTH = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
_NAMES = ("name", "Name", "NAME", "gml:name", "addr:housename", "title", "gml:id", "gml_id", "id", "ID", "Id")


class Features:
    """Features of a primitive: which number each vertex has, and what is known of each number.

    Parameters
    ----------
    attribute : str
        Name of the numbers in :attr:`~models.io.mesh.gltf_file.Primitive.features`.
    columns : mapping of str to sequence
    kind : str
        Class of the features.
    """

    _batch: ClassVar[tuple[str, ...]] = ("_BATCHID", "_FEATURE_ID_0")

    def __init__(self, attribute: str, columns: Mapping[str, Sequence[Any]], kind: str = "Feature") -> None:
        self.attribute, self.columns, self.kind = attribute, columns, kind

    def row(self, number: int) -> dict[str, Any]:
        """Return the attributes of a feature; what has no value is left out."""
        return self.rows(np.array([number]))[0]

    def rows(self, numbers: NDArray[np.int64]) -> list[dict[str, Any]]:
        """Return the attributes of some features, column by column; what has no value is left out."""
        names = [str(name) for name in self.columns]
        if not names:
            return [{} for _ in range(len(numbers))]
        columns = [_taken(values, numbers) for values in self.columns.values()]
        found = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        if any(None in column or "" in column for column in columns):
            found = [{k: v for k, v in row.items() if v is not None and v != ""} for row in found]
        return found

    def name(self, number: int) -> str:
        """Return what a feature is called, empty for nothing."""
        return self.names(np.array([number]))[0]

    def names(self, numbers: NDArray[np.int64]) -> list[str]:
        """Return what features are called, empty for nothing."""
        found = [""] * len(numbers)
        for name in _NAMES:
            if name in self.columns:
                stated = _taken(self.columns[name], numbers)
                found = [old or ("" if new is None else str(new)) for old, new in zip(found, stated, strict=True)]
                if all(found):
                    break
        return found

    @classmethod
    def of(cls, one: Primitive, tables: list[Features]) -> Features | None:
        """Return the features of a primitive, None for none.

        ``EXT_mesh_features`` says which attribute counts and which table belongs to it; without it a batch id does.
        """
        stated = (one.extensions.get("EXT_mesh_features") or {}).get("featureIds") or []
        for row in stated:
            table = int(row.get("propertyTable", -1))
            found = tables[table] if 0 <= table < len(tables) else None
            if "attribute" in row:
                name = f"_FEATURE_ID_{int(row['attribute'])}"
            elif "texture" in row:
                continue  # a picture of numbers: below a face nothing is told apart
            else:
                name = "_VERTEX"
                one.features[name] = np.arange(len(one.positions))
            if name in one.features:
                return cls(name, found.columns if found else {}, found.kind if found else "Feature")
        for name in cls._batch:
            if name in one.features:
                return cls(name, {}, "Feature")
        return None


def batch_table(properties: Mapping[str, Any], binary: bytes, count: int) -> dict[str, Sequence[Any]]:
    """Return the columns of a batch table of ``count`` rows."""
    columns: dict[str, Sequence[Any]] = {}
    for name, values in properties.items():
        if name in ("extensions", "extras", "HIERARCHY"):
            continue
        if isinstance(values, list):
            columns[name] = values
        elif isinstance(values, Mapping) and "componentType" in values:
            dtype, width = np.dtype(_BATCH[str(values["componentType"])]), _WIDTH[str(values.get("type", "SCALAR"))]
            offset = int(values.get("byteOffset", 0))
            if offset < 0 or count < 0 or offset + dtype.itemsize * width * count > len(binary):
                raise ValueError("a batch table is shorter than it says")
            found = np.frombuffer(binary, dtype=dtype, count=count * width, offset=offset)
            columns[name] = found if width == 1 else found.reshape(count, width)  # type: ignore[assignment]
    return columns


def features_of(gltf: Gltf) -> list[Features]:
    """Return the property tables of a glTF."""
    stated = (gltf.document.get("extensions") or {}).get("EXT_structural_metadata") or {}
    classes = (stated.get("schema") or {}).get("classes") or {}
    enums = (stated.get("schema") or {}).get("enums") or {}
    return [_table(gltf, table, classes, enums) for table in stated.get("propertyTables") or []]


def _table(gltf: Gltf, table: Mapping[str, Any], classes: Mapping[str, Any], enums: Mapping[str, Any]) -> Features:
    kind = str(table.get("class", "Feature"))
    properties = (classes.get(kind) or {}).get("properties") or {}
    count = int(table.get("count", 0))
    if not 0 <= count <= MOST_ROWS:
        raise ValueError("a property table has no such length")
    columns: dict[str, Sequence[Any]] = {}
    for name, where in (table.get("properties") or {}).items():
        about = properties.get(name)
        if about is not None:
            title = str(about.get("name") or name)  # the id may hold letters and digits alone
            columns[str(name) if title in columns else title] = _column(gltf, where, about, count, enums)
    return Features("", columns, kind)


def _column(
    gltf: Gltf, where: Mapping[str, Any], about: Mapping[str, Any], count: int, enums: Mapping[str, Any]
) -> Sequence[Any]:
    kind = str(about.get("type", "SCALAR"))
    data = bytes(gltf.view(int(where["values"]))[0])
    length = int(about.get("count", 1)) if about.get("array") else 1
    ends: NDArray[np.int64] | None = None
    if about.get("array") and "arrayOffsets" in where:
        ends = _offsets(gltf, where, "arrayOffsets", "arrayOffsetType", count)
    total = int(ends[-1]) if ends is not None else count * length
    flat: Sequence[Any]
    if kind == "STRING":
        cuts = _offsets(gltf, where, "stringOffsets", "stringOffsetType", total)
        flat = [data[a:b].decode("utf-8", "replace") for a, b in pairwise(cuts)]
    elif kind == "BOOLEAN":
        flat = [bool(v) for v in np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")[:total]]
    elif kind == "ENUM":
        rows = enums.get(str(about.get("enumType"))) or {}
        names = {int(row["value"]): str(row["name"]) for row in rows.get("values") or []}
        found = np.frombuffer(data, dtype=_METADATA[str(rows.get("valueType", "UINT16"))], count=total)
        flat = [names.get(int(v), str(v)) for v in found]
    else:
        dtype, width = np.dtype(_METADATA[str(about["componentType"])]), _WIDTH[kind]
        if total * width * dtype.itemsize > len(data):
            raise ValueError("a property table is shorter than it says")
        found = np.frombuffer(data, dtype=dtype, count=total * width)
        if about.get("normalized") and dtype.kind in "iu":
            found = found / float(np.iinfo(dtype).max)
        if about.get("scale") is not None or about.get("offset") is not None:
            found = found * np.asarray(about.get("scale", 1.0)) + np.asarray(about.get("offset", 0.0))
        flat = found if width == 1 else found.reshape(total, width)  # type: ignore[assignment]
    if not about.get("array"):
        return flat
    if ends is None:
        return [[json_cell(v) for v in flat[i * length : (i + 1) * length]] for i in range(count)]
    return [[json_cell(v) for v in flat[a:b]] for a, b in pairwise(ends)]


def _offsets(gltf: Gltf, where: Mapping[str, Any], name: str, kind: str, count: int) -> NDArray[np.int64]:
    data, _ = gltf.view(int(where[name]))
    dtype = np.dtype(_METADATA[str(where.get(kind, "UINT32"))])
    if count < 0 or (count + 1) * dtype.itemsize > len(data):
        raise ValueError("a property table is shorter than it says")
    found = np.frombuffer(data, dtype=dtype, count=count + 1).astype(np.int64)
    if (np.diff(found) < 0).any():
        raise ValueError("offsets run backwards")
    return found


def json_cell(value: Any) -> Any:
    """Return a value as JSON can hold it; NaN is no data."""
    return [json_cell(one) for one in value.tolist()] if isinstance(value, np.ndarray) else plain(value)


def _taken(values: Sequence[Any], numbers: NDArray[np.int64]) -> list[Any]:
    """Return some values of a column as JSON can hold them, None for no data."""
    inside = (numbers >= 0) & (numbers < len(values))
    if not inside.all():
        found: list[Any] = [None] * len(numbers)
        for at, value in zip(np.flatnonzero(inside).tolist(), _taken(values, numbers[inside]), strict=True):
            found[at] = value
        return found
    column: Any = values
    if isinstance(column, np.ndarray):
        some = column[numbers]
        if some.ndim == 1 and some.dtype.kind in "iub":
            return list(some.tolist())
        return [json_cell(value) for value in some]
    taken = [values[number] for number in numbers.tolist()]
    return taken if set(map(type, taken)) <= _PLAIN else [json_cell(value) for value in taken]


#: Types of values that need no change.
_PLAIN = {str, int, bool}
