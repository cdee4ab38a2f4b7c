"""Very many features at once: Arrow columns from the file to the cache, no geometry object in between.

Invariants
----------
1. What comes out is row by row what the way for small tables gives: the same features left out, the same cautions, the
   same CRS, role and style. What only that way can mend (open rings, curves, heights that are no numbers) goes there:
   then the functions here return None.
2. Reading steps through batches, so that progress is seen and a cancel is noticed.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.geometry.feature_table import GEOMETRY, LARGE, Features
from models.geometry.wkb import Scan, joined, scan
from models.io.common import times
from models.io.common.coordinates import crs_text, named_rows, settle_crs
from models.io.common.limits import require_fields
from models.io.request import Opened, ReadRequest
from models.io.role_guess import guess_role, styled
from models.io.vector.gdal_table import TIMES, is_text
from models.layers.layer import Layer, Source, VectorData, new_layer_id

#: Formats whose tables are taken apart or tidied row by row after reading; their way is the general one.
_TAKEN_APART = (".osm", ".pbf", ".dxf", ".kml", ".kmz", ".gpx", ".xlsx", ".ods", ".csv")
_TYPES = {1: "Point", 2: "LineString", 3: "Polygon", 7: "GeometryCollection"}
_BATCH = 65_536
#: What the columns of the features' own numbers and of their shapes are called on the way: like no field.
_FID, _SHAPE = "\0fid", "\0shape"
MAX_FID = 2**31 - 1
#: GeoParquet 1.1: without a CRS the coordinates are longitude, latitude.
_CRS84 = "OGC:CRS84"


def read_gdal(
    path: Path, source: str | Path, table: str, name: str, request: ReadRequest, encoding: str, progress: Progress
) -> Opened | None:  # fmt: skip
    """Read a large table of a GDAL source; None where it is small, or needs the general way.

    Parameters
    ----------
    path : Path
        The file that the person chose.
    source : str or Path
        What GDAL opens.
    table, name : str
        Table in the source; what the layer is called.
    request : ReadRequest
    encoding : str
        Of text, empty where the format knows.
    progress : Progress

    Raises
    ------
    UserError
        ``io.no_crs``, ``io.metres_in_degrees``, ``io.no_features``.
    Cancelled
    """
    if path.suffix.lower() in _TAKEN_APART:
        return None
    read = _gdal_table(source, table, encoding, progress)
    if read is None:
        return None
    columns, fids, crs, found = read
    options = dict(request.options) | ({"encoding": encoding} if encoding else {})
    return layer_of(path, "vector", table, name, columns, fids, crs, found, request, options, progress)


def read_geoparquet(
    path: Path, name: str, request: ReadRequest, options: Mapping[str, str], progress: Progress,
    least: int = LARGE, reader: str = "geoparquet",
) -> Opened | None:  # fmt: skip
    """Read a GeoParquet file (1.0, 1.1) of at least ``least`` rows; None where it needs the general way.

    Raises
    ------
    UserError
        As :func:`read_gdal`.
    """
    file = pq.ParquetFile(path, memory_map=True)
    metadata = (file.schema_arrow.metadata or {}).get(b"geo")
    if metadata is None or file.metadata.num_rows < least:
        return None
    geo = json.loads(metadata)
    primary = str(geo.get("primary_column", GEOMETRY))
    about = geo.get("columns", {}).get(primary)
    if about is None or len(geo["columns"]) > 1:
        return None
    if about.get("encoding") != "WKB" or about.get("edges", "planar") != "planar":
        return None
    left_out = {str(box["bbox"]["xmin"][0]) for box in [about.get("covering", {})] if "bbox" in box}
    left_out |= {column for column in file.schema_arrow.names if column.startswith("__index_level_")}
    wanted = [column for column in file.schema_arrow.names if column not in left_out]
    batches, scans = [], []
    for number, batch in enumerate(file.iter_batches(_BATCH, columns=wanted, use_threads=True)):
        progress.step(0.5 * number * _BATCH / file.metadata.num_rows, "progress.io.reading")
        batches.append(batch)
        scans.append(scan(batch.column(primary)))
    table = pa.Table.from_batches(batches).replace_schema_metadata(None)
    table = _geometry_last(table, primary)
    crs = about.get("crs", _CRS84)
    text = "" if crs is None else crs if isinstance(crs, str) else json.dumps(crs)
    fids = np.arange(table.num_rows, dtype=np.int64)
    return layer_of(
        path, reader, "", name, table, fids, _crs84_is_4326(text), joined(scans), request, options, progress
    )


def layer_of(
    path: Path, reader: str, sublayer: str, name: str, table: pa.Table, fids: NDArray[np.int64], crs: str,
    found: Scan, request: ReadRequest, options: Mapping[str, str], progress: Progress,
) -> Opened | None:  # fmt: skip
    """Make a layer of columns: what has no place left out, CRS settled, role and style guessed.

    Parameters
    ----------
    table : pyarrow.Table
        The last column is ``"geometry"``, WKB.
    fids : ndarray (n,)
    crs : str
        What the file says, empty for nothing.
    found : Scan
        Of the geometries.

    Returns
    -------
    Opened or None
        None for what only the general way can mend.
    """
    progress.step(0.55, "progress.io.geometry")
    if found.unread.any() or found.bad_z.any() or int(found.kind.max(initial=0)) > 7:
        return None
    cautions: list[Caution] = []
    for code, bad in (("io.empty_geometry", found.empty), ("io.nan_geometry", found.broken)):
        if bad.any():
            cautions.append(Caution(code, file=name, count=int(bad.sum()), rows=named_rows(fids[bad])))
    keep = ~(found.empty | found.broken)
    if not keep.any():
        raise UserError("io.no_features", file=name)
    if not keep.all():
        table, fids, found = table.filter(pa.array(keep)), fids[keep], found.taken(keep)
    geometry, more = _geometry_type(found, name)
    cautions += more
    bounds = (*found.box[:, :2].min(axis=0), *found.box[:, 2:].max(axis=0))
    crs, more = settle_crs(crs_text(crs), request.crs, bounds, path.name)
    cautions += more
    progress.step(0.8, "progress.io.geometry")
    features = Features(table, _keys(fids), crs, found)
    progress.step(0.85, "progress.io.geometry")
    role = guess_role(name, features.attributes, geometry)
    frame, style, more = styled(role, features.attributes, name)
    features = _with_changed(features, frame, found)
    layer = Layer(
        id=new_layer_id(name), name=name, kind="vector", role=role,
        source=Source(path=str(path), sublayer=sublayer, reader=reader, crs=crs, options=dict(options)), style=style,
    )  # fmt: skip
    progress.step(0.9, "progress.io.geometry")
    return Opened(layer, VectorData(None, cautions + more, features))


def _gdal_table(
    source: str | Path, table: str, encoding: str, progress: Progress
) -> tuple[pa.Table, NDArray[np.int64], str, Scan] | None:
    """Return attributes and WKB of a table, the features' own numbers, the CRS as WKT, and a scan of the WKB.

    The scan of one batch is made while GDAL reads the next.
    """
    import pyogrio

    encoded = {"encoding": encoding} if encoding else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            about = pyogrio.read_info(source, layer=table, **encoded)
            require_fields(len(about["fields"]), Path(source).name)
            if about["geometry_type"] is None or not about["features"] > LARGE:
                return None
            timed = [str(field) for field, kind in zip(about["fields"], about["dtypes"], strict=True) if kind in TIMES]
            exact = {"DATE_AS_STRING": "YES"} if timed and about["driver"] == "GeoJSON" else {}
            batches, scans = [], []
            with pyogrio.open_arrow(
                source,
                layer=table,
                return_fids=True,
                use_pyarrow=True,
                batch_size=_BATCH,
                datetime_as_string=True,
                **encoded,
                **exact,
            ) as (meta, stream):
                name, key = meta["geometry_name"] or "wkb_geometry", meta["fid_column"] or "OGC_FID"
                for number, batch in enumerate(stream):
                    batches.append(batch.rename_columns(_unlike(batch.schema.names, key, name)))
                    scans.append(scan(batches[-1].column(_SHAPE)))
                    progress.step(0.5 * min((number + 1) * _BATCH / about["features"], 1.0), "progress.io.reading")
        except (
            NotImplementedError,
            UnicodeDecodeError,
            ValueError,
            KeyError,
            pa.ArrowException,
            OSError,
            RuntimeError,
        ):
            return None  # the general way knows more ways
    if not batches:
        return None
    read = pa.Table.from_batches(batches)
    if any(_is_nested(kind) for kind in read.schema.types):
        return None
    if not all(is_text(column) for column in read.columns if _is_string(column.type)):
        return None
    read = _with_times(read, timed)
    if read is None:
        return None
    has_fids = read.column_names[0] == _FID
    fids = read.column(_FID).to_numpy() if has_fids else np.arange(read.num_rows)
    read = read.drop_columns([_FID]) if has_fids else read
    return _geometry_last(read, _SHAPE), fids.astype(np.int64), str(meta["crs"] or ""), joined(scans)


def _unlike(names: list[str], key: str, geometry: str) -> list[str]:
    """Name the features' numbers, which come first, and their shapes like no field; of two fields number the second."""
    fresh = list(names)
    fresh[len(names) - 1 - names[::-1].index(geometry)] = _SHAPE
    if names[0] == key:
        fresh[0] = _FID
    return [
        name if name not in fresh[:at] else f"{name}_{fresh[: at + 1].count(name)}" for at, name in enumerate(fresh)
    ]


def _with_times(table: pa.Table, timed: list[str]) -> pa.Table | None:
    """Return the table with times as moments and times of day as text; None where a column states several offsets."""
    for at, name in enumerate(table.column_names):
        column = table.column(at)
        if pa.types.is_time(column.type):
            table = table.set_column(at, name, times.of_day(column))
        elif name in timed and _is_string(column.type):
            if len(times.offsets_of(column)) > 1:
                return None
            table = table.set_column(at, name, times.moments(column))
    return table


def _is_nested(kind: pa.DataType) -> bool:
    return bool(pa.types.is_nested(kind))


def _is_string(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _geometry_last(table: pa.Table, name: str) -> pa.Table:
    geometry = table.column(name)
    rest = table.drop_columns([name])
    taken = [GEOMETRY + "_" if column == GEOMETRY else column for column in rest.column_names]
    return rest.rename_columns(taken).append_column(GEOMETRY, geometry)


def _geometry_type(found: Scan, name: str) -> tuple[str, list[Caution]]:
    """Return the most frequent type of geometry, and a caution where there are several."""
    counts = np.bincount(np.where(found.kind > 6, 7, (found.kind - 1) % 3 + 1), minlength=8)
    types = {_TYPES[k]: int(counts[k]) for k in _TYPES if counts[k]}
    cautions = [] if len(types) < 2 else [Caution("io.mixed_geometry", file=name, types=", ".join(sorted(types)))]
    return max(sorted(types), key=lambda one: types[one]), cautions


def _keys(fids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return numbers that can be object ids: the features' own where unique and within 31 bits, else the rows'."""
    fits = int(fids.min()) >= 0 and int(fids.max()) <= MAX_FID
    steps = np.diff(fids)
    unique = bool((steps > 0).all()) or len(np.unique(fids)) == len(fids)
    return fids if fits and unique else np.arange(len(fids), dtype=np.int64)


def _with_changed(features: Features, frame: Any, found: Scan) -> Features:
    """Take over columns that became numbers, and those that were added."""
    table = features.table
    for name in features.columns:
        column = frame[name]
        if column is not features.attributes[name] and not column.equals(features.attributes[name]):
            at = table.column_names.index(name)
            table = table.set_column(at, name, pa.array(column, from_pandas=True))
    for name in (str(name) for name in frame.columns if name not in features.columns):  # the geometry stays last
        table = table.add_column(table.num_columns - 1, name, pa.array(frame[name], from_pandas=True))
    return features if table is features.table else Features(table, features.fids, features.crs, found)


def _crs84_is_4326(crs: str) -> str:
    """Name CRS84 as what it is for everybody else here: WGS 84 with longitude first, as GeoJSON has it."""
    if crs == _CRS84:
        return "EPSG:4326"
    try:
        document = json.loads(crs)
    except ValueError:
        return crs
    known = document.get("id", {}) if isinstance(document, dict) else {}
    return "EPSG:4326" if known.get("authority") == "OGC" and known.get("code") == "CRS84" else crs
