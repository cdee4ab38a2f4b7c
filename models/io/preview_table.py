"""A quick look into files of features: their tables with shapes, counts, fields and CRS, and some rows to look at.

Nothing is read whole but drawings, whose layers are told apart by a field, and text tables, whose types show in their
rows. Everything here may run in a child process: :func:`info_json` and :func:`rows_json` take and give plain values.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from models.core.errors import Caution, UserError, first_line
from models.core.progress import Progress
from models.io.common.coordinates import are_degrees, crs_text, stem_of
from models.io.file_info import FileInfo, SubLayer

ROWS = 50
#: Cells are cut after so many letters when they are shown.
_CELL = 80
_KINDS = {"i": "integer", "u": "integer", "f": "number", "b": "boolean", "M": "date", "m": "text"}


def info_json(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Return what :func:`models.io.inspect.inspect` says of ``arguments["path"]``, as plain values."""
    from models.io.inspect import inspect

    progress.step(0.1, "progress.io.reading")
    return inspect(Path(arguments["path"])).as_dict()


def rows_json(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Return the first rows of one table.

    Parameters
    ----------
    arguments : dict
        ``path``, ``sublayer``, ``encoding``; the last two may be empty.
    progress : Progress

    Returns
    -------
    dict
        ``fields``, ``types``, ``rows`` (texts, None for no data), ``encoding`` as used, ``x`` and ``y``: the columns
        that seem to be coordinates, empty for none.
    """
    progress.step(0.1, "progress.io.reading")
    path, sublayer = Path(arguments["path"]), str(arguments.get("sublayer", ""))
    frame, encoding = first_rows(path, sublayer, str(arguments.get("encoding", "")))
    frame = pd.DataFrame(frame.drop(columns=[c for c in ("geometry",) if c in frame.columns]))
    from models.io.common.column_types import coordinate_columns

    fields = [str(column) for column in frame.columns]
    pair = coordinate_columns(fields)
    return {
        "fields": fields,
        "types": [kind_of(frame[column]) for column in frame.columns],
        "rows": [[_shown(value) for value in row] for row in frame.itertuples(index=False, name=None)],
        "encoding": encoding,
        "x": pair[0][0] if pair else "",
        "y": pair[0][1] if pair else "",
    }


def first_rows(path: Path, sublayer: str, encoding: str) -> tuple[pd.DataFrame, str]:
    """Return the first rows of one table of a file, and the encoding in which they were read.

    Raises
    ------
    UserError
        As the file's reader.
    """
    from models.io.registry import find_reader

    reader = find_reader(path)
    if reader == "points_csv":
        from models.io.vector.delimited_text import delimiter_of, encoding_of, rows_of

        used, _ = encoding_of(path, encoding)
        return _types_given(rows_of(path, used, delimiter_of(path, used), ROWS)), used
    if reader == "spreadsheet":
        from models.io.vector.spreadsheet import table_of

        table, _ = table_of(path, sublayer, ROWS)
        return (pd.DataFrame() if table is None else _types_given(table)), ""
    if reader == "json_rows":
        from models.io.vector.json_rows import rows_of as objects_of
        from models.io.vector.json_rows import table_of as flat_of

        return _types_given(flat_of(objects_of(path), ROWS)), ""
    if reader == "geoparquet":
        import pyarrow.parquet as pq

        batch = next(pq.ParquetFile(path).iter_batches(ROWS), None)
        frame = pd.DataFrame() if batch is None else batch.to_pandas()
        shapes = [name for name in frame.columns if frame[name].map(lambda v: isinstance(v, (bytes, dict))).any()]
        return frame.drop(columns=shapes), ""
    if reader == "zip":
        from models.io.vector.zip_archive import unpacked

        name, _, inner = sublayer.partition("!")
        with unpacked(path, {name: None} if name else None) as inside:
            return first_rows(inside[0].path, inner, encoding)
    return _gdal_rows(path, sublayer, encoding)


def peek(path: Path, info: FileInfo) -> None:
    """Fill in what is known of a file of features.

    Raises
    ------
    UserError
        ``io.damaged`` and what the file's reader refuses.
    """
    {
        "points_csv": _text, "spreadsheet": _workbook, "geoparquet": _parquet, "zip": _archive, "vector": _gdal,
        "json_rows": _objects,
    }[info.reader](path, info)  # fmt: skip
    if info.sublayers and not any(layer.geometry for layer in info.sublayers):
        info.kind = "table"


def kind_of(column: pd.Series[Any]) -> str:
    """Return a column's type in the words of :data:`models.io.common.column_types.KINDS`."""
    if pd.api.types.is_bool_dtype(column):
        return "boolean"
    if pd.api.types.is_datetime64_any_dtype(column):
        return "date"
    if pd.api.types.is_integer_dtype(column):
        return "integer"
    return "number" if pd.api.types.is_numeric_dtype(column) else "text"


def _gdal(path: Path, info: FileInfo) -> None:
    import pyogrio

    from models.io.vector.gdal_reader import BROKEN, tables_of
    from models.io.vector.gdal_source import prepared

    is_streamed = path.suffix.lower() in (".osm", ".pbf")  # counting means reading all of it
    try:
        with prepared(path, "") as source, warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            if path.suffix.lower() == ".dxf":
                _drawing(path, info)
                return
            encoding = {"encoding": source.encoding} if source.encoding else {}
            if source.encoding:
                info.facts["encoding"] = source.encoding
            info.cautions += source.cautions
            for name in tables_of(source):
                said = pyogrio.read_info(
                    source.path, layer=name, force_feature_count=False, force_total_bounds=not is_streamed, **encoding
                )
                bounds = said["total_bounds"]
                extent = None if bounds is None else tuple(float(value) for value in bounds)
                crs, count = crs_text(said["crs"]), int(said["features"])
                info.schema = str(said["driver"])
                info.sublayers.append(
                    SubLayer(
                        name, str(said["geometry_type"] or ""), count if count >= 0 else None,
                        [source.renamed.get(str(f), str(f)) for f in said["fields"]], crs, extent,  # type: ignore[arg-type]
                        [_ogr_kind(str(kind)) for kind in said["dtypes"]],
                    )
                )  # fmt: skip
                if count >= 0:
                    info.counts[name] = count
                _doubt(path, info, said, crs, extent)
    except BROKEN as error:
        raise UserError("io.damaged", file=path.name, reason=first_line(error)) from error


def _doubt(path: Path, info: FileInfo, said: dict[str, Any], crs: str, extent: Any) -> None:
    from models.crs.frame import parse_crs

    if said["geometry_type"] and not crs:
        info.cautions.append(Caution("io.without_crs", file=path.name, layer=str(said["layer_name"])))
    elif extent and crs and are_degrees(extent) and parse_crs(crs).is_projected:
        info.cautions.append(Caution("io.degrees_in_projected", file=path.name, crs=crs, used="EPSG:4490"))


def _drawing(path: Path, info: FileInfo) -> None:
    """List the layers of a drawing, which only reading it tells."""
    from models.io.vector import dxf
    from models.io.vector.gdal_table import read_table

    info.schema = "DXF"
    frame, _ = read_table(path, "entities", path.name)
    parts = dxf.take_apart(path, stem_of(path), frame) if len(frame) else []
    for part in parts:
        shapes: Any = part.frame
        extent = tuple(float(v) for v in shapes.total_bounds)
        fields = [str(c) for c in shapes.columns if c != "geometry"]
        layer = SubLayer(
            part.name, str(shapes.geom_type.mode().iat[0]), len(shapes), fields, "", extent,  # type: ignore[arg-type]
            ["text"] * len(fields), part.sublayer,
        )  # fmt: skip
        info.sublayers.append(layer)
        info.counts[part.name] = len(shapes)
        info.cautions += part.cautions
    if info.sublayers:
        info.cautions.append(Caution("io.without_crs", file=path.name, layer=info.sublayers[0].name))


def _gdal_rows(path: Path, sublayer: str, encoding: str) -> tuple[pd.DataFrame, str]:
    from models.io.vector import dxf
    from models.io.vector.gdal_reader import BROKEN, tables_of
    from models.io.vector.gdal_source import prepared
    from models.io.vector.gdal_table import read_table

    is_drawing = path.suffix.lower() == ".dxf"
    try:
        with prepared(path, encoding) as source:
            layer = "entities" if is_drawing else sublayer or next(iter(tables_of(source)))
            limit = {} if is_drawing else {"max_features": ROWS}
            frame, _ = read_table(source.path, layer, path.name, source.encoding, **limit)
            if is_drawing:
                parts = dxf.take_apart(path, stem_of(path), frame)
                frame = next((part.frame for part in parts if part.sublayer == sublayer), frame).head(ROWS)
            return frame.rename(columns=source.renamed), source.encoding
    except (*BROKEN, StopIteration) as error:
        raise UserError("io.damaged", file=path.name, reason=first_line(error)) from error


def _text(path: Path, info: FileInfo) -> None:
    from models.io.vector.delimited_text import delimiter_of, encoding_of, rows_of

    encoding, found = encoding_of(path, "")
    delimiter = delimiter_of(path, encoding)
    info.schema = "CSV"
    info.facts |= {"encoding": encoding, "delimiter": delimiter}
    info.cautions += found
    _plain_table(path, info, rows_of(path, encoding, delimiter), stem_of(path), "")


def _objects(path: Path, info: FileInfo) -> None:
    from models.io.vector.json_rows import rows_of, table_of

    info.schema = "JSON"
    _plain_table(path, info, table_of(rows_of(path)), stem_of(path), "")


def _workbook(path: Path, info: FileInfo) -> None:
    from models.io.vector.spreadsheet import sheets, table_of

    info.schema = "ODS" if path.suffix.lower() == ".ods" else "XLSX"
    names = sheets(path)
    for name in names:
        table, _ = table_of(path, name)
        if table is not None and len(table):
            _plain_table(path, info, table, name, name)


def _plain_table(path: Path, info: FileInfo, table: pd.DataFrame, name: str, sublayer: str) -> None:
    """Say of a table of texts what reading it would make of it."""
    from models.io.request import ReadRequest
    from models.io.vector.plain_tables import layer_of

    if not len(table):
        raise UserError("io.no_rows", file=path.name)
    try:
        opened = layer_of(table.copy(), path, info.reader, ReadRequest(), name, sublayer=sublayer)
        crs = opened.layer.source.crs
    except UserError as error:
        if error.code != "io.no_crs":
            raise
        opened, crs = layer_of(table.copy(), path, info.reader, ReadRequest(crs="EPSG:4547"), name), ""
        info.cautions.append(Caution("io.without_crs", file=path.name, layer=name))
    frame: Any = opened.data.frame  # type: ignore[union-attr]
    is_placed = opened.layer.kind == "vector"
    fields = [str(column) for column in frame.columns if column != "geometry"]
    info.sublayers.append(
        SubLayer(
            name, str(frame.geom_type.mode().iat[0]) if is_placed else "", len(frame), fields, crs,
            tuple(float(v) for v in frame.total_bounds) if is_placed else None,  # type: ignore[arg-type]
            [kind_of(frame[column]) for column in fields], sublayer,
        )
    )  # fmt: skip
    info.counts[name] = len(frame)
    info.kind = opened.layer.kind
    info.cautions += opened.data.cautions


def _parquet(path: Path, info: FileInfo) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from models.io.vector.geoparquet import crs_of, geo_of

    try:
        file = pq.ParquetFile(path)
        schema, geo = file.schema_arrow, geo_of(file.schema_arrow)
        said = crs_text(crs_of(schema))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UserError("io.damaged", file=path.name, reason=first_line(error)) from error
    column = geo.get("columns", {}).get(geo.get("primary_column", ""), {})
    info.schema = f"GeoParquet {geo['version']}" if geo.get("version") else "Parquet"
    fields = [name for name in schema.names if name not in geo.get("columns", {}) and name != "bbox"]
    box = column.get("bbox")
    extent = tuple(float(v) for v in (box if len(box) == 4 else (*box[:2], *box[3:5]))) if box else None
    kinds = [_arrow_kind(schema.field(name).type) for name in fields]
    geometry = "/".join(column.get("geometry_types", ())) or ("Unknown" if column else "")
    layer = SubLayer(stem_of(path), geometry, file.metadata.num_rows, fields, said, extent, kinds)  # type: ignore[arg-type]
    info.sublayers.append(layer)
    info.counts[layer.name] = file.metadata.num_rows
    if column and not said:
        info.cautions.append(Caution("io.without_crs", file=path.name, layer=layer.name))


def _archive(path: Path, info: FileInfo) -> None:
    from models.io.inspect import inspect
    from models.io.vector.zip_archive import unpacked

    unread: UserError | None = None
    with unpacked(path) as inside:
        for one in inside:
            try:
                inner = inspect(one.path)
            except UserError as error:
                unread = unread or error
                continue
            info.schema = info.schema or f"ZIP / {inner.schema}"
            several = len(inner.sublayers) > 1
            for layer in inner.sublayers:
                asked = layer.sublayer or layer.name
                info.sublayers.append(replace(layer, sublayer=f"{one.name}!{asked}" if several else one.name))
                if layer.count is not None:
                    info.counts[layer.name] = layer.count
            info.cautions += inner.cautions
            if "encoding" in inner.facts:
                info.facts.setdefault("encoding", inner.facts["encoding"])
    if not info.sublayers:
        raise unread or UserError("vector.zip_nothing", file=path.name)


def _types_given(table: pd.DataFrame) -> pd.DataFrame:
    from models.io.common.column_types import guessed

    return pd.DataFrame({str(name): guessed(table[name]) for name in table.columns})


def _ogr_kind(dtype: str) -> str:
    if dtype.startswith("datetime") or dtype in ("date", "datetime64[D]"):
        return "date"
    return "boolean" if dtype == "bool" else "integer" if "int" in dtype else "number" if "float" in dtype else "text"


def _arrow_kind(kind: Any) -> str:
    import pyarrow.types as of

    if of.is_boolean(kind):
        return "boolean"
    if of.is_integer(kind):
        return "integer"
    if of.is_floating(kind) or of.is_decimal(kind):
        return "number"
    return "date" if of.is_temporal(kind) else "text"


def _shown(value: Any) -> str | None:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat(" ", "seconds")
    if isinstance(value, float):
        return repr(value) if not value.is_integer() else str(int(value))
    text = str(value)
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"
