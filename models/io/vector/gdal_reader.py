"""Tables of features through GDAL: GeoPackage, GeoJSON, Shapefile, FlatGeobuf, File Geodatabase, DXF, KML, GPX, GML,
MapInfo, OpenStreetMap, SQLite.

Invariants
----------
1. The index of a frame is the feature's own fid, so that a selection survives closing and opening; where fids repeat
   or do not fit 31 bits (OpenStreetMap) the row number stands in, and ``osm_id`` keeps the name.
2. Nothing is written beside the user's file: what GDAL must repair (a missing ``.shx``) is repaired on a copy.
3. A layer without CRS is refused; guessing a place puts a city into another country.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.io.common.coordinates import stem_of
from models.io.common.feature_layers import Found, by_family, opened
from models.io.request import Opened, ReadRequest
from models.io.vector import dxf, kml, large_tables
from models.io.vector.broken_off import broken_off, broken_records
from models.io.vector.gdal_source import Prepared, prepared, unreadable
from models.io.vector.gdal_table import BROKEN, read_table
from models.io.vector.osm import split_osm
from models.io.vector.surface_model import are_surfaces, model_of, with_rest
from models.roles import Role

# Housekeeping tables of QGIS, of GDAL and of our own project files.
_HOUSEKEEPING = ("layer_styles", "qgis_projects", "chengjing_", "gpkg_", "sqlite_", "rtree_")
#: GPX: what its layers are called; the points of routes and tracks repeat those.
GPX_NAMES = {"waypoints": ("航点", "Waypoints"), "routes": ("路线", "Routes"), "tracks": ("航迹", "Tracks")}
_GPX_REPEATED = ("route_points", "track_points")
#: Field names of a shapefile end after so many bytes.
_DBF_NAME_BYTES = 10


def is_housekeeping(table: str) -> bool:
    """Whether a table holds no data of the city."""
    return table.lower().startswith(_HOUSEKEEPING)


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read the layers of a file.

    Raises
    ------
    UserError
        ``io.no_crs``, ``io.metres_in_degrees``, ``io.damaged``, ``io.no_sublayer``, ``io.no_features``,
        ``vector.xml_entities``.
    """
    path = Path(path)
    progress.step(0.0, "progress.io.reading")
    with prepared(path, request.encoding) as source:
        try:
            found = _found(path, source, request, progress)
        except BROKEN as error:
            raise unreadable(path, error) from error
    options = dict(request.options) | ({"encoding": source.found} if source.found else {})
    result: list[Opened] = []
    unread: UserError | None = None
    without: list[str] = []
    refused: UserError | None = None
    for one in found:
        try:
            if isinstance(one, UserError):
                raise one
            make = model_of if isinstance(one, Found) and one.are_bodies else opened
            result.append(one if isinstance(one, Opened) else make(path, "vector", request, one, options))
        except UserError as error:  # one bad table does not cost the others
            if error.code == "io.no_crs":
                without.append(one.name if isinstance(one, Found) else "?")
                refused = error
            else:
                unread = unread or error
    if not result:
        raise unread or refused or UserError("io.no_features", file=path.name)
    if without:
        names = ", ".join(without[:8])
        result[0].data.cautions.append(Caution("vector.left_out", file=path.name, count=len(without), names=names))
    if unread is not None:
        result[0].data.cautions.append(Caution("io.table_skipped", file=path.name, reason=unread.code))
    result[0].data.cautions[:0] = [*source.cautions, *broken_records(path)]
    return result


def tables_of(source: Prepared) -> dict[str, str]:
    """Return the tables of a source that hold data of the city, with their geometry type (empty for none)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        listed = pyogrio.list_layers(source.path)
    return {str(name): str(geometry or "") for name, geometry in listed if not is_housekeeping(str(name))}


def _found(path: Path, source: Prepared, request: ReadRequest, progress: Progress) -> list[Found | Opened | UserError]:
    suffix = path.suffix.lower()
    tables = tables_of(source)
    asked = tuple(dict.fromkeys(name if name in tables else name.partition(":")[0] for name in request.sublayers))
    if suffix == ".dxf":
        asked = tuple(tables)  # its layers are told apart by a field
    wanted = asked or tuple(name for name in tables if not (suffix == ".gpx" and name in _GPX_REPEATED))
    found: list[Found | Opened | UserError] = []
    for number, name in enumerate(wanted):
        progress.step(number / max(len(wanted), 1), "progress.io.reading")
        if name not in tables:
            raise UserError("io.no_sublayer", file=path.name, name=name)
        title = name if len(tables) > 1 else stem_of(path)
        try:
            large = large_tables.read_gdal(path, source.path, name, title, request, source.encoding, progress)
        except UserError as error:
            found.append(error)
            continue
        reason = broken_off(path, source.path, name)
        if large is not None:
            large.data.cautions += _cut_short(path, large.data.count, reason)  # type: ignore[union-attr]
            found.append(large)
            continue
        frame, cautions = read_table(source.path, name, path.name, source.encoding)
        if reason and not _has_shapes(frame):
            found.append(UserError("io.damaged", file=path.name, reason=reason))
            continue
        cautions += _cut_short(path, len(frame), reason)
        if not len(frame) and suffix != ".dxf":  # a drawing says what it holds that nobody can read
            continue
        whole = Found(frame, title, name, cautions=cautions)
        whole.are_bodies = suffix != ".dxf" and are_surfaces(path, whole)
        parts = with_rest(whole) if whole.are_bodies else _parts(path, source, whole, request)
        if request.sublayers:
            parts = [part for part in parts if {part.sublayer, name} & set(request.sublayers)]
        found += parts
    if suffix == ".dxf" and not found and request.sublayers:
        raise UserError("io.no_sublayer", file=path.name, name=request.sublayers[0])
    return found


def _has_shapes(frame: Any) -> bool:
    return bool(len(frame)) and (not isinstance(frame, gpd.GeoDataFrame) or not frame.geometry.isna().all())


def _cut_short(path: Path, count: int, reason: str) -> list[Caution]:
    return [Caution("vector.broken_off", file=path.name, count=count, reason=reason)] if reason else []


def _parts(path: Path, source: Prepared, found: Found, request: ReadRequest) -> list[Found]:
    """Take a table apart where its format throws unlike things together."""
    suffix = path.suffix.lower()
    if suffix in (".osm", ".pbf"):
        return [
            Found(part, name.partition(":")[2] or found.name, name, role=role, cautions=found.cautions if first else [])
            for first, (name, role, part) in _numbered(split_osm(found.sublayer, found.frame))
        ]
    if suffix == ".dxf" and isinstance(found.frame, gpd.GeoDataFrame):
        parts = dxf.take_apart(path, found.name, found.frame, request.options.get("unit", ""))
        if parts:
            parts[0].cautions[:0] = found.cautions
        return parts
    if suffix in (".kml", ".kmz"):
        found.frame = kml.tidy(found.frame, source.renamed)
        found.label_field = "Name" if "Name" in found.frame.columns and found.frame["Name"].notna().any() else ""
        return by_family(found)
    if suffix == ".gpx":
        empty = [name for name in found.frame.columns if name != "geometry" and found.frame[name].isna().all()]
        found.frame = found.frame.drop(columns=empty)
        found.name, found.name_en = GPX_NAMES.get(found.sublayer, (found.name, ""))
        found.label_field = "name" if "name" in found.frame.columns else ""
        return [found]
    if suffix == ".shp":
        cut = [str(c) for c in found.frame.columns if c != "geometry" and _is_cut(str(c), source.encoding)]
        if cut:
            names = ", ".join(cut[:8]) + ("…" if len(cut) > 8 else "")
            found.cautions.append(Caution("vector.short_names", file=path.name, count=len(cut), names=names))
    return [found]


def _numbered(
    parts: list[tuple[str, Role, gpd.GeoDataFrame]],
) -> list[tuple[bool, tuple[str, Role, gpd.GeoDataFrame]]]:
    return [(number == 0, part) for number, part in enumerate(parts)]


def _is_cut(name: str, encoding: str) -> bool:
    """Whether a field name may have been longer: it fills its ten bytes, or its next letter would not fit."""
    if "\ufffd" in name:
        return True
    if name.isascii():
        return False  # of ten English letters nobody can tell
    last = len(name[-1].encode(encoding or "utf-8", "replace"))
    return len(name.encode(encoding or "utf-8", "replace")) + max(last, 2) > _DBF_NAME_BYTES
