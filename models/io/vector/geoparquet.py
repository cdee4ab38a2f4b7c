"""GeoParquet: columns with shapes as WKB or as native (GeoArrow) lists, and their CRS as PROJJSON.

GeoParquet 1.1 (OGC, 2024): a geometry column without ``crs`` is in OGC:CRS84 (longitude, latitude); ``crs: null`` says
that nobody knows. The ``covering`` column is an index, not an attribute. Plain Parquet with a column of WKB, or with
coordinate columns, opens too, and is asked for its CRS.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as of
import shapely

from models.core.errors import Caution, UserError, first_line
from models.core.progress import Progress
from models.geometry.wkb_records import unreadable
from models.geometry.wkb_surfaces import as_polygons
from models.io.common.column_types import coordinate_columns, numbers
from models.io.common.coordinates import are_degrees, crs_text, named_rows, stem_of
from models.io.common.feature_layers import Found, opened
from models.io.common.limits import require_fields
from models.io.file_info import FileInfo, SubLayer
from models.io.request import Opened, ReadRequest
from models.io.vector import large_tables
from models.io.vector.gdal_table import NULLABLE, plain

_CRS84 = "OGC:CRS84"
_WKB_NAMES = ("geometry", "geom", "wkb_geometry", "wkb", "shape", "the_geom")


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a Parquet file of features.

    Raises
    ------
    UserError
        ``io.damaged``, ``io.no_rows``, ``io.no_crs``.
    """
    path = Path(path)
    progress.step(0.0, "progress.io.reading")
    name = stem_of(path)
    try:
        require_fields(len(pq.read_schema(path).names), path.name)
        large = large_tables.read_geoparquet(path, name, request, request.options, progress)
        if large is not None:
            return [large]
        table, more = _without_deep(pq.read_table(path), path.name)
        frame, cautions = _frame(table, request, path.name)
        cautions += more
    except (
        pa.ArrowException,
        OSError,
        ValueError,
        KeyError,
        TypeError,
        RuntimeError,
        shapely.errors.ShapelyError,
    ) as error:
        raise UserError("io.damaged", file=path.name, reason=first_line(error)) from error
    if not len(frame):
        raise UserError("io.no_rows", file=path.name)
    frame.index = pd.RangeIndex(len(frame))
    if isinstance(frame, gpd.GeoDataFrame) and frame.crs == _CRS84:
        frame = frame.set_crs("EPSG:4326", allow_override=True)  # longitude first all the same
    found = Found(plain(frame), name, cautions=cautions)
    return [opened(path, "geoparquet", request, found, request.options)]


def inspect(path: Path, info: FileInfo) -> None:
    """Complete what is known of a Parquet file.

    Raises
    ------
    UserError
        ``io.damaged``.
    """
    try:
        file = pq.ParquetFile(path)
        schema, geo = file.schema_arrow, geo_of(file.schema_arrow)
        crs = crs_text(crs_of(schema))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UserError("io.damaged", file=path.name, reason=first_line(error)) from error
    column = geo.get("columns", {}).get(geo.get("primary_column", ""), {})
    info.schema = f"GeoParquet {geo['version']}" if geo.get("version") else "Parquet"
    fields = [name for name in schema.names if name not in geo.get("columns", {}) and name != "bbox"]
    box = column.get("bbox")
    extent = tuple(float(v) for v in (box if len(box) == 4 else (*box[:2], *box[3:5]))) if box else None
    kinds = [_arrow_kind(schema.field(name).type) for name in fields]
    geometry = "/".join(column.get("geometry_types", ())) or ("Unknown" if column else "")
    layer = SubLayer(stem_of(path), geometry, file.metadata.num_rows, fields, crs, extent, kinds)  # type: ignore[arg-type]
    info.sublayers.append(layer)
    info.counts[layer.name] = file.metadata.num_rows
    if column and not crs:
        info.cautions.append(Caution("io.without_crs", file=path.name, layer=layer.name))


def first_rows(path: Path, sublayer: str, encoding: str, count: int) -> tuple[pd.DataFrame, str]:
    """Return the first rows without shapes, and no encoding."""
    batch = next(pq.ParquetFile(path).iter_batches(count), None)
    frame = pd.DataFrame() if batch is None else batch.to_pandas()
    shapes = [name for name in frame.columns if frame[name].map(lambda v: isinstance(v, (bytes, dict))).any()]
    return frame.drop(columns=shapes), ""


def geo_of(schema: pa.Schema) -> dict[str, Any]:
    """Return what the file says of its geometry, empty where it says nothing.

    Raises
    ------
    ValueError
        For metadata that is no JSON.
    """
    metadata = (schema.metadata or {}).get(b"geo")
    known = json.loads(metadata) if metadata else {}
    return known if isinstance(known, dict) else {}


def crs_of(schema: pa.Schema) -> str:
    """Return the CRS of the primary geometry as text, empty where nobody knows."""
    geo = geo_of(schema)
    column = geo.get("columns", {}).get(geo.get("primary_column", ""), None)
    if column is None:
        return ""
    if "crs" not in column:
        return _CRS84
    return json.dumps(column["crs"]) if column["crs"] else ""


def _frame(table: pa.Table, request: ReadRequest, file: str) -> tuple[pd.DataFrame, list[Caution]]:
    geo = geo_of(table.schema)
    if not geo.get("columns"):
        return _without_metadata(table, request, file)
    boxes = {
        path[0]
        for column in geo["columns"].values()
        for corner in column.get("covering", {}).get("bbox", {}).values()
        if (path := corner)
    }
    table = table.drop_columns([name for name in boxes if name in table.column_names])
    from geopandas.io.arrow import _arrow_to_geopandas

    try:
        frame: pd.DataFrame = _arrow_to_geopandas(table, geo, to_pandas_kwargs={"types_mapper": _types})
    except shapely.errors.ShapelyError:
        return _by_wkb(table, str(geo["primary_column"]), file, crs_of(table.schema))
    main = str(geo.get("primary_column", ""))
    others = [n for n, kind in frame.dtypes.items() if str(kind) == "geometry" and n != main]
    cautions = [Caution("vector.more_shapes", file=file, names=", ".join(map(str, others)))] if others else []
    return frame.drop(columns=others), cautions


def _without_deep(table: pa.Table, file: str) -> tuple[pa.Table, list[Caution]]:
    """Take out shapes that nest without an end, which would kill whoever builds them."""
    lost = np.zeros(table.num_rows, dtype=bool)
    for at, name in enumerate(table.column_names):
        if not pa.types.is_binary(_plain_type(table.schema.field(name).type)):
            continue
        raw = table.column(name).to_pylist()
        bad = unreadable(raw)
        if bad.any():
            kept = [None if gone else one for one, gone in zip(raw, bad.tolist(), strict=True)]
            field = table.schema.field(name)
            table = table.set_column(at, field.with_nullable(True), pa.chunked_array([pa.array(kept, field.type)]))
            lost |= bad
    rows = np.flatnonzero(lost)
    facts = {"file": file, "count": len(rows), "rows": named_rows(rows)}
    return table, [Caution("vector.shapes_unread", **facts)] if len(rows) else []


def _types(kind: Any) -> Any:
    return NULLABLE.get(kind)


def _without_metadata(table: pa.Table, request: ReadRequest, file: str) -> tuple[pd.DataFrame, list[Caution]]:
    shapes = [
        name for name in table.column_names
        if name.lower() in _WKB_NAMES and pa.types.is_binary(_plain_type(table.schema.field(name).type))
    ]  # fmt: skip
    if shapes:
        frame, cautions = _by_wkb(table, shapes[0], file, "")
        return frame, [Caution("vector.plain_parquet", file=file, column=shapes[0]), *cautions]
    frame = table.to_pandas(types_mapper=_types, date_as_object=False)
    x, y = request.options.get("x", ""), request.options.get("y", "")
    pair = ((x, y), False) if x and y else coordinate_columns([str(name) for name in frame.columns])
    if pair is None:
        return frame, [Caution("io.table_only", file=file)]
    (x_name, y_name), is_degrees = pair
    xs, ys = (numbers(frame[name].astype("object")) for name in (x_name, y_name))
    known = np.isfinite(xs) & np.isfinite(ys)
    shape = np.full(len(frame), None, dtype=object)
    shape[known] = shapely.points(xs[known], ys[known])
    is_degrees = is_degrees and bool(known.any()) and are_degrees(shapely.total_bounds(shape[known]))
    crs = "EPSG:4326" if is_degrees else None
    cautions = [Caution("io.assumed_wgs84", file=file)] if is_degrees else []
    return gpd.GeoDataFrame(frame, geometry=shape, crs=crs), cautions


def _by_wkb(table: pa.Table, column: str, file: str, crs: str) -> tuple[pd.DataFrame, list[Caution]]:
    raw = np.array(table.column(column).to_pylist(), dtype=object)
    shapes = shapely.from_wkb(
        np.array([None if value is None else as_polygons(value)[0] for value in raw], dtype=object), on_invalid="fix"
    )
    lost = np.flatnonzero(shapely.is_missing(shapes) & np.array([value is not None for value in raw]))
    frame = table.drop_columns([column]).to_pandas(types_mapper=_types, date_as_object=False)
    cautions = [Caution("vector.shapes_unread", file=file, count=len(lost), rows=named_rows(lost))] if len(lost) else []
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=crs or None), cautions


def _plain_type(kind: pa.DataType) -> pa.DataType:
    kind = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    return pa.binary() if pa.types.is_large_binary(kind) else kind


def _arrow_kind(kind: Any) -> str:
    if of.is_boolean(kind):
        return "boolean"
    if of.is_integer(kind):
        return "integer"
    if of.is_floating(kind) or of.is_decimal(kind):
        return "number"
    return "date" if of.is_temporal(kind) else "text"
