"""A table of features as Arrow columns that a GeoPackage can hold, and back without loss.

A GeoPackage knows a dozen column types, pandas many more. What cannot be told from the stored column (its pandas type,
its order, its exact label, its time zone) is kept beside it in a small *layout*, so that opening a project gives back
the frame that was saved. Columns that another program added are read as they are.

Rows come back in the order of their ``fid``, which is the frame's index.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pandas.api import types as kinds

from models.core.plain_values import plain
from models.store.rows.json_cells import loaded

Layout = dict[str, Any]

#: Longest column name written; SQLite has no limit, other programs do.
NAME_LIMIT = 60
_INT64 = np.iinfo(np.int64)
#: Kinds and zones that a stored layout may name: no sizes that fill the memory, no zones that are files.
_DTYPE = re.compile(r"(?!.*\d{4})(?!.*dateutil)[\w\[\], /+:.<>=()-]{0,80}")
_ZONE = re.compile(r"(?!dateutil|/|.*\.\.)[\w/+:-]{0,60}")
#: What stands for a missing value while a column is fingerprinted, 0 for all other types.
_NOTHING: dict[str, Any] = {"string": "", "binary": b"", "date32[day]": dt.date(1970, 1, 1)}


def encode(frame: pd.DataFrame) -> tuple[pa.Table, Layout]:
    """Return a frame as an Arrow table with ``fid`` first, and the layout that :func:`decode` needs.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        Index = fid: unique whole numbers ≥ 0. The active geometry becomes the table's geometry as WKB; further
        geometry columns become binary columns.

    Raises
    ------
    ValueError
        If the index cannot be a fid.
    """
    fids = _fids(frame.index)
    geometry = _geometry_name(frame)
    taken: set[str] = set()
    fields = {position: _safe_name(str(label), taken) for position, label in enumerate(frame.columns)}
    fid_field = _safe_name("fid", taken)
    arrays: list[pa.Array] = [pa.array(fids, pa.int64())]
    names, columns = [fid_field], []
    for position, label in enumerate(frame.columns):
        series = frame.iloc[:, position]
        array, column = _encode(series)
        arrays.append(array)
        names.append(fields[position])
        columns.append({"name": _label(label), "field": fields[position], **column})
    layout: Layout = {
        "fid": fid_field,
        "index": frame.index.name,
        "columns": columns,
        "geometry": None if geometry is None else fields[list(frame.columns).index(geometry)],
        "crs": frame.crs.to_string() if geometry is not None and frame.crs is not None else None,
    }
    return pa.table(arrays, names=names), layout


def decode(table: pa.Table, fids: np.ndarray[Any, Any], layout: Layout, geometry: str, crs: str | None) -> pd.DataFrame:
    """Return the frame of a table as read from the file.

    Parameters
    ----------
    table : pyarrow.Table
        Columns as stored, without the fid; geometry as WKB.
    fids : ndarray of int64
    layout : dict
        What :func:`encode` gave; empty for a table that somebody else made.
    geometry : str
        Name of the stored geometry column, empty for a plain table.
    crs : str or None
        CRS as stored in the file.
    """
    known = {column["field"]: column for column in layout.get("columns", ())}
    order = [field for field in known if field in table.column_names]
    order += [field for field in table.column_names if field not in known]
    index = pd.Index(fids, dtype="int64", name=layout.get("index", "fid"))
    columns: dict[Any, Any] = {}
    active: Any = None
    for field in order:
        column = known.get(field, {"name": field, "codec": "plain", "dtype": ""})
        stored = table.column(field)
        if field == geometry:
            active = column["name"]
            values: Any = gpd.GeoSeries.from_wkb(stored.to_numpy(zero_copy_only=False), index=index)
        else:
            values = _decoded(stored, column, index)
        columns[column["name"]] = values
    frame: pd.DataFrame = pd.DataFrame(columns, index=index)
    if active is None:
        return frame
    placed: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=active, crs=crs)
    return placed


def known_layout(text: str | None) -> Layout:
    """Return the layout of a stored table, as far as it says what we would say.

    A column whose note names a kind that no frame of ours has is left as the file gives it: ``dtype`` and ``tz`` are
    handed to libraries that take more than they should (sizes, paths).

    Parameters
    ----------
    text : str or None
        JSON; None for a table that somebody else made.
    """
    layout: Layout = loaded(text, dict)
    columns = layout.get("columns", [])
    if not isinstance(columns, list):
        return {}
    layout["columns"] = [column for column in columns if isinstance(column, dict) and _is_known(column)]
    return layout


def _is_known(column: dict[str, Any]) -> bool:
    notes = [column, *(column[name] for name in ("values", "category") if isinstance(column.get(name), dict))]
    return isinstance(column.get("field"), str) and isinstance(column.get("name"), (str, int)) and all(
        _DTYPE.fullmatch(str(note.get("dtype", ""))) and _ZONE.fullmatch(str(note.get("tz", ""))) for note in notes
    )  # fmt: skip


def digest(table: pa.Table, layout: Layout) -> str:
    """Return a fingerprint of what would be written, to see whether a table has to be written again."""
    fingerprint = hashlib.blake2b(json.dumps(layout, sort_keys=True, default=str).encode(), digest_size=16)

    class Sink:
        closed = False

        def write(self, data: Any) -> int:
            fingerprint.update(data)
            return len(data)

        def flush(self) -> None: ...

        def close(self) -> None: ...

    # What lies in the memory of a missing value, or behind the last bit, differs from run to run.
    for column in table.columns:
        fingerprint.update(column.is_null().to_numpy().tobytes())
        known = column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column
        known = known.cast(pa.int64()) if pa.types.is_timestamp(column.type) else known
        filled = known.fill_null(_NOTHING.get(str(column.type), 0)).combine_chunks()
        plain = pa.table([filled], names=["values"])
        with pa.ipc.new_stream(pa.PythonFile(Sink(), mode="w"), plain.schema) as writer:
            writer.write_table(plain)
    return fingerprint.hexdigest()


def geometry_type(frame: gpd.GeoDataFrame) -> str:
    """Return the GeoPackage type of a layer: the one its geometries share, ``"Unknown"`` (any) if they differ."""
    found = {(str(kind), bool(z)) for kind, z in _kinds_of(frame.geometry.values)}
    if len(found) != 1:
        return "Unknown"
    kind, has_z = next(iter(found))
    return "Unknown" if kind == "LinearRing" else f"{kind} Z" if has_z else kind


def _kinds_of(geometries: Any) -> set[tuple[str, bool]]:
    values = np.asarray(geometries, dtype=object)
    values = values[~shapely.is_missing(values)]
    if not len(values):
        return set()
    names = np.array(
        ["Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
         "GeometryCollection"]
    )  # fmt: skip
    pairs = np.unique(np.column_stack([shapely.get_type_id(values), shapely.has_z(values)]).astype(int), axis=0)
    return {(str(names[kind]), bool(has_z)) for kind, has_z in pairs}


def _fids(index: pd.Index) -> np.ndarray[Any, Any]:
    if not kinds.is_integer_dtype(index.dtype) and len(index):
        raise ValueError(f"a layer's index is its fid, a whole number; this one is {index.dtype}")
    fids = index.to_numpy(dtype=np.int64) if len(index) else np.empty(0, np.int64)
    if len(fids) and (fids.min() < 0 or not index.is_unique):
        raise ValueError("a layer's index is its fid: unique and not negative")
    return fids


def _geometry_name(frame: pd.DataFrame) -> Any:
    if not isinstance(frame, gpd.GeoDataFrame):
        return None
    return frame._geometry_column_name if frame._geometry_column_name in frame.columns else None


def _label(label: Any) -> int | str:
    return label if isinstance(label, int) else str(label)


def _safe_name(label: str, taken: set[str]) -> str:
    """Return a column name that SQLite takes: not empty, unique whatever its case, without control characters."""
    stem = "".join(c for c in label if c.isprintable() and c not in "\"'`[]\\").strip()[:NAME_LIMIT] or "column"
    stem = stem.encode("utf-8", "ignore").decode()
    name, number = stem, 1
    while name.casefold() in taken or name.lower() in taken:
        number += 1
        name = f"{stem}_{number}"
    taken.update((name.casefold(), name.lower()))
    return name


def _encode(series: pd.Series[Any]) -> tuple[pa.Array, dict[str, Any]]:
    dtype = series.dtype
    note: dict[str, Any] = {"dtype": str(dtype), "codec": "plain"}
    if isinstance(dtype, gpd.array.GeometryDtype):
        crs = gpd.GeoSeries(series).crs
        note |= {"codec": "wkb", "crs": crs.to_string() if crs is not None else None}
        return pa.array(shapely.to_wkb(np.asarray(series, dtype=object), flavor="iso"), pa.binary()), note
    if isinstance(dtype, pd.CategoricalDtype):
        return _encode_category(series, note)
    if isinstance(dtype, np.dtype) and dtype.kind in "bif":
        wide = {"b": pa.bool_(), "i": pa.int64(), "f": pa.float64()}[dtype.kind]
        return pa.array(series.to_numpy(), from_pandas=True).cast(wide), note
    if isinstance(dtype, np.dtype) and dtype.kind == "u" and dtype.itemsize < 8:
        return pa.array(series.to_numpy()).cast(pa.int64()), note
    if isinstance(dtype, pd.DatetimeTZDtype) or (isinstance(dtype, np.dtype) and dtype.kind == "M"):
        return _encode_time(series, note)
    if isinstance(dtype, np.dtype) and dtype.kind == "m":
        values = series.to_numpy().view(np.int64)
        return pa.array(values, mask=series.isna().to_numpy()), note | {"codec": "timedelta"}
    if isinstance(dtype, pd.StringDtype):
        return _encode_text(series, note)
    if isinstance(dtype, (pd.BooleanDtype, pd.Float32Dtype, pd.Float64Dtype)) or (
        kinds.is_extension_array_dtype(dtype) and kinds.is_signed_integer_dtype(dtype)
    ):
        wide = (
            pa.bool_() if kinds.is_bool_dtype(dtype) else pa.int64() if kinds.is_integer_dtype(dtype) else pa.float64()
        )
        return pa.array(series.astype(object), wide, from_pandas=True), note
    return _encode_objects(series, note)


def _encode_category(series: pd.Series[Any], note: dict[str, Any]) -> tuple[pa.Array, dict[str, Any]]:
    categories = pd.Series(series.cat.categories)
    values = categories.astype(object).reindex(series.cat.codes.to_numpy())  # code -1 finds nothing
    array, inner = _encode(values.where(values.notna(), None).astype(object))
    listed, listed_note = _encode(categories)
    note |= {
        "codec": "category",
        "ordered": bool(series.cat.ordered),
        "values": inner,
        "categories": [str(v) if isinstance(v, (dt.date, bytes)) else v for v in listed.to_pylist()],
        "category": listed_note,
    }
    return array, note


def _encode_time(series: pd.Series[Any], note: dict[str, Any]) -> tuple[pa.Array, dict[str, Any]]:
    """Keep times as the file's own DATETIME (milliseconds) where that is exact, else as ISO text."""
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        note["tz"] = str(series.dt.tz)
        series = series.dt.tz_convert("UTC").dt.tz_localize(None)
    values = series.to_numpy()
    note["unit"] = np.datetime_data(values.dtype)[0]
    missing = np.isnat(values)
    thousandths = values.astype("datetime64[ms]")
    present = thousandths[~missing]
    in_range = not len(present) or (
        present.min() >= np.datetime64("1000-01-01") and present.max() < np.datetime64("9999-01-01")
    )
    if in_range and bool((thousandths.astype(values.dtype)[~missing] == values[~missing]).all()):
        kind = pa.timestamp("ms", tz="UTC" if "tz" in note else None)
        return pa.array(thousandths.view(np.int64), pa.int64(), mask=missing).cast(kind), note | {"codec": "time"}
    text = np.datetime_as_string(values).astype(object)
    return pa.array(text, pa.string(), mask=missing), note | {"codec": "time_text"}


def _encode_text(series: pd.Series[Any], note: dict[str, Any]) -> tuple[pa.Array, dict[str, Any]]:
    try:
        array = pa.array(series, pa.string(), from_pandas=True)
    except (UnicodeEncodeError, pa.ArrowException):  # half a surrogate pair
        return _encode_json(series, note)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pc.any(pc.match_substring(array, "\0")).as_py():  # SQLite's text ends there for most readers
        return _encode_json(series, note)
    return array, note


def _encode_objects(series: pd.Series[Any], note: dict[str, Any]) -> tuple[pa.Array, dict[str, Any]]:
    """Keep loose Python values in the narrowest column that holds them all, else as JSON text."""
    values = series.astype(object)
    missing = values.isna().to_numpy()
    found = {type(value) for value in values[~missing]}
    if found == {str}:
        return _encode_text(values.where(~missing, None), note)
    if found == {dt.time}:  # of no zone and no day: text says all of it
        text = [None if gone else value.isoformat() for value, gone in zip(values, missing, strict=True)]
        return pa.array(text, pa.string()), note | {"codec": "time_of_day"}
    narrow: dict[type, pa.DataType] = {
        bool: pa.bool_(), int: pa.int64(), float: pa.float64(), bytes: pa.binary(), dt.date: pa.date32(),
    }  # fmt: skip
    if len(found) == 1:
        kind = next(iter(found))
        if kind is dt.date and any(value.year < 1000 for value in values[~missing]):
            return _encode_json(values, note)
        if kind in narrow and (kind is not int or all(_INT64.min <= value <= _INT64.max for value in values[~missing])):
            return pa.array(values, narrow[kind], mask=missing), note | {"codec": "objects"}
    return _encode_json(values, note)


def _encode_json(series: pd.Series[Any], note: dict[str, Any]) -> tuple[pa.Array, dict[str, Any]]:
    missing = series.isna().to_numpy()
    text = [
        None if gone else json.dumps(plain(value), default=str) for value, gone in zip(series, missing, strict=True)
    ]
    return pa.array(text, pa.string()), note | {"codec": "json"}


def _decoded(stored: pa.ChunkedArray, column: dict[str, Any], index: pd.Index) -> Any:
    """Return a column as it was; as the file gives it where somebody changed its type."""
    try:
        values: pd.Series[Any] = _DECODERS[column["codec"]](stored, column)
        if column["dtype"] and column["codec"] not in ("category", "wkb"):
            values = values.astype(column["dtype"])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, pa.ArrowException):
        values = stored.to_pandas()
    values.index = index
    return values


def _from_plain(stored: pa.ChunkedArray, column: dict[str, Any]) -> pd.Series[Any]:
    dtype = column["dtype"]
    loose = dtype in ("boolean", "object") or (stored.null_count and dtype[:1].isupper())
    values: Any = stored.to_pandas()
    if loose:  # Int64 and its kin: never through float
        values = pd.Series(stored.to_pylist(), dtype=dtype)
    elif dtype == "str":
        values = pd.Series(pd.array(stored, dtype="str"))
    return pd.Series(values)


def _from_objects(stored: pa.ChunkedArray, _: dict[str, Any]) -> pd.Series[Any]:
    return pd.Series(stored.to_pylist(), dtype=object)


def _from_json(stored: pa.ChunkedArray, _: dict[str, Any]) -> pd.Series[Any]:
    return pd.Series([None if text is None else loaded(text) for text in stored.to_pylist()], dtype=object)


def _from_time(stored: pa.ChunkedArray, column: dict[str, Any]) -> pd.Series[Any]:
    missing = stored.is_null().to_numpy(zero_copy_only=False) if stored.num_chunks else np.zeros(0, bool)
    if column["codec"] == "time":
        ticks = stored.cast(pa.timestamp("ms", tz=getattr(stored.type, "tz", None))).cast(pa.int64())
        numbers = ticks.fill_null(0).to_numpy(zero_copy_only=False)
        values = numbers.astype(np.int64).view("datetime64[ms]").astype(f"datetime64[{column['unit']}]")
    else:
        values = np.array(
            ["NaT" if text is None else text for text in stored.to_pylist()], f"datetime64[{column['unit']}]"
        )
    values = values.copy()
    values[missing] = np.datetime64("NaT")
    series = pd.Series(values)
    return series.dt.tz_localize("UTC").dt.tz_convert(column["tz"]) if "tz" in column else series


def _from_time_of_day(stored: pa.ChunkedArray, _: dict[str, Any]) -> pd.Series[Any]:
    return pd.Series(
        [None if text is None else dt.time.fromisoformat(text) for text in stored.to_pylist()], dtype=object
    )


def _from_timedelta(stored: pa.ChunkedArray, column: dict[str, Any]) -> pd.Series[Any]:
    nothing = np.iinfo(np.int64).min  # how NumPy writes NaT
    return pd.Series(stored.fill_null(nothing).to_numpy(zero_copy_only=False).astype(np.int64).view(column["dtype"]))


def _from_category(stored: pa.ChunkedArray, column: dict[str, Any]) -> pd.Series[Any]:
    values = _DECODERS[column["values"]["codec"]](stored, column["values"])
    listed = pd.Series(column["categories"], dtype=column["category"]["dtype"])
    return pd.Series(pd.Categorical(values, categories=pd.Index(listed), ordered=column["ordered"]))


def _from_wkb(stored: pa.ChunkedArray, column: dict[str, Any]) -> pd.Series[Any]:
    return pd.Series(gpd.GeoSeries.from_wkb(stored.to_numpy(zero_copy_only=False), crs=column["crs"]))


_DECODERS: dict[str, Callable[[pa.ChunkedArray, dict[str, Any]], pd.Series[Any]]] = {
    "plain": _from_plain,
    "objects": _from_objects,
    "json": _from_json,
    "time": _from_time,
    "time_text": _from_time,
    "time_of_day": _from_time_of_day,
    "timedelta": _from_timedelta,
    "category": _from_category,
    "wkb": _from_wkb,
}
