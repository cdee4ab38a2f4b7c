"""A quick look into files that GDAL reads: their tables with shapes, counts, fields and CRS, and some rows.

Nothing is read whole but drawings, whose layers are told apart by a field.
"""

from __future__ import annotations

import sqlite3
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from models.core.errors import Caution, UserError
from models.crs.frame import parse_crs
from models.io.common.coordinates import are_degrees, crs_text, stem_of
from models.io.file_info import FileInfo, SubLayer
from models.io.vector import dxf
from models.io.vector.gdal_reader import tables_of
from models.io.vector.gdal_source import prepared, unreadable
from models.io.vector.gdal_table import BROKEN, read_table
from models.io.vector.surface_model import is_multipatch
from models.store import sqlite_guard


def inspect(path: Path, info: FileInfo) -> None:
    """Complete what is known of tables that GDAL reads.

    Raises
    ------
    UserError
        ``io.damaged``.
    """
    is_streamed = path.suffix.lower() in (".osm", ".pbf")  # counting means reading all of it
    try:
        with prepared(path, "") as source, warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            if source.found:
                info.facts["encoding"] = source.found
            info.cautions += source.cautions
            if path.suffix.lower() == ".dxf":
                _drawing(path, source.path, info)
                return
            encoding = {"encoding": source.encoding} if source.encoding else {}
            for name in tables_of(source):
                found = pyogrio.read_info(
                    source.path, layer=name, force_feature_count=False, force_total_bounds=not is_streamed, **encoding
                )
                bounds = found["total_bounds"]
                geometry = str(found["geometry_type"] or "")
                if is_multipatch(path):
                    info.kind, geometry = "model", "MultiPatch"
                extent = None if bounds is None else tuple(float(value) for value in bounds)
                crs, count = crs_text(found["crs"]), int(found["features"])
                info.schema = str(found["driver"])
                info.sublayers.append(
                    SubLayer(
                        name, geometry, count if count >= 0 else None,
                        [source.renamed.get(str(f), str(f)) for f in found["fields"]], crs, extent,  # type: ignore[arg-type]
                        [_ogr_kind(str(kind)) for kind in found["dtypes"]],
                    )
                )  # fmt: skip
                if count >= 0:
                    info.counts[name] = count
                _doubt(path, info, found, crs, extent)
    except BROKEN as error:
        raise unreadable(path, error) from error
    if info.schema == "GPKG":
        _project(path, info)


def first_rows(path: Path, sublayer: str, encoding: str, count: int) -> tuple[pd.DataFrame, str]:
    """Return the first rows of a table and the encoding in which they were read.

    Raises
    ------
    UserError
        ``io.damaged``.
    """
    is_drawing = path.suffix.lower() == ".dxf"
    try:
        with prepared(path, encoding) as source:
            layer = "entities" if is_drawing else sublayer or next(iter(tables_of(source)), "")
            if not layer:
                raise UserError("io.no_rows", file=path.name)
            limit = {} if is_drawing else {"max_features": count}
            frame, _ = read_table(source.path, layer, path.name, source.encoding, **limit)
            if is_drawing:
                parts = dxf.take_apart(path, stem_of(path), frame)
                frame = next((part.frame for part in parts if part.sublayer == sublayer), frame).head(count)
            return frame.rename(columns=source.renamed), source.found
    except BROKEN as error:
        raise unreadable(path, error) from error


def _doubt(path: Path, info: FileInfo, found: dict[str, Any], crs: str, extent: Any) -> None:
    if found["geometry_type"] and not crs:
        info.cautions.append(Caution("io.without_crs", file=path.name, layer=str(found["layer_name"])))
    elif extent and crs and are_degrees(extent) and parse_crs(crs).is_projected:
        info.cautions.append(Caution("io.small_in_projected", file=path.name, crs=crs))


def _drawing(path: Path, source: Path, info: FileInfo) -> None:
    """List the layers of a drawing, which only reading it tells."""
    info.schema = "DXF"
    frame, _ = read_table(source, "entities", path.name)
    parts = dxf.take_apart(path, stem_of(path), frame) if isinstance(frame, gpd.GeoDataFrame) else []
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


def _project(path: Path, info: FileInfo) -> None:
    """Tell of a GeoPackage that is a project of ours how many layers it has, and how many were made by a generator."""
    try:
        with sqlite_guard.reading(path, sqlite_guard.GLANCE_S) as database:
            flags = [bool(row[0]) for row in database.execute("SELECT synthetic FROM chengjing_layers")]
    except sqlite3.Error:
        return  # somebody else's GeoPackage
    info.kind = "project"
    info.facts["layers"] = len(flags)
    info.facts["synthetic_layers"] = sum(flags)
    if any(flags):
        info.cautions.append(Caution("io.synthetic", file=path.name, count=sum(flags)))


def _ogr_kind(dtype: str) -> str:
    if dtype.startswith("datetime") or dtype in ("date", "datetime64[D]"):
        return "date"
    return "boolean" if dtype == "bool" else "integer" if "int" in dtype else "number" if "float" in dtype else "text"
