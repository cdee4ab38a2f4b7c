"""A project is one GeoPackage that QGIS opens, saved whole or not at all.

What is inside: one feature or attribute table a layer (``fid`` = object id, spatial index), the ``chengjing_*`` tables
of :mod:`models.store.schema`, and QGIS's own ``layer_styles``, so that the city is coloured there too. Rasters and
building models stay where they are and are linked by a path relative to the project file.

Invariants
----------
1. Nothing is written into the file that lies at the target: a copy is made beside it and takes its place when complete
   (:mod:`models.store.atomic`). Row counts are compared before that, because GDAL reports a full disk late or never.
2. A table whose content did not change is carried over from the previous file, byte for byte; so are tables that
   another program put there.
3. Before a file is replaced, its write-ahead log is folded in. QGIS leaves one beside every GeoPackage it has open; an
   old log beside a new file would destroy the new file. If another program holds the file, saving is refused.
4. Only the horizontal CRS goes into a table's spatial reference; the height datum stands in the metadata. Programs
   differ in what they make of compound systems in GeoPackages.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import os
import sqlite3
import threading
import uuid
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from typing import Any, TypeVar, cast

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.crs.frame import parse_crs
from models.layers.layer import Layer, LayerData, VectorData
from models.project.business_keys import BusinessKeys
from models.project.project import ProjectState
from models.store import atomic, project_contents, qgis_style, schema
from models.store.rows import object_keys
from models.store.rows.json_cells import FAULTS
from models.store.sqlite_guard import is_busy, is_sqlite, own_tables, quoted, reading, tables_and_views

log = logging.getLogger(__name__)

#: Names that GeoPackage, SQLite, QGIS and Chengjing keep for themselves.
_RESERVED = ("gpkg", "rtree_", "sqlite_", "chengjing_", "layer_styles", "trigger_")
_gdal_options = threading.Lock()
_Answer = TypeVar("_Answer")


def is_project(path: Path) -> bool:
    """Whether a file is a project of ours; a GeoPackage of another program is not.

    Raises
    ------
    UserError
        ``store.locked``: another program holds it, and nobody can look.
    """
    return bool(_looked_into(path, lambda connection: schema.META in tables_and_views(connection)))


def save_project(
    state: ProjectState,
    data: dict[str, LayerData],
    path: Path,
    progress: Progress | None = None,
    previous: Path | None = None,
    stamp: str | None = None,
    expected: str | None = None,
) -> str:
    """Save a project as one GeoPackage, whole or not at all.

    Parameters
    ----------
    state : ProjectState
        Absolute paths of linked sources are made relative to ``path`` where that is possible.
    data : mapping of str to LayerData
        By layer id. A layer kept in the project whose data is not here keeps the table it has in ``previous``.
    path : Path
        Where to save; replaced if it exists.
    progress : Progress, optional
    previous : Path, optional
        The file the project was opened from; tables that did not change are carried over from it.
    stamp : str, optional
        ISO date or moment written instead of now, so that the same content gives the same bytes. Taken from
        ``SOURCE_DATE_EPOCH`` if that is set.
    expected : str, optional
        What :func:`stamp_of` said of the file at ``path`` when it was read or written last; None replaces whatever
        lies there.

    Returns
    -------
    str
        What :func:`stamp_of` says of the new file.

    Raises
    ------
    UserError
        ``store.changed_on_disk`` if the file is not the one that was expected;
        ``store.read_only``, ``store.disk_full``, ``store.locked``, ``store.no_folder``, ``store.write_failed``.
    """
    path, progress = Path(path).resolve(), progress or Progress()
    state = replace(state, layers=tuple(with_relative_source(layer, path.parent) for layer in state.layers))
    moment = _moment(stamp)
    if previous is not None and not is_project(previous):
        previous = None
    if path.exists() and is_sqlite(path):
        _settle(path)
    _require_unchanged(path, expected)
    save_id = uuid.uuid4().hex if stamp is None and not os.environ.get("SOURCE_DATE_EPOCH") else moment

    def unchanged(_: Path) -> None:  # what was written is counted below; the old file is looked at to the last moment
        _require_unchanged(path, expected)

    with atomic.replacing(path, unchanged) as fresh, _saying_why(path):  # said while the disk is as full as it was
        if previous is not None:
            _copy(previous, fresh)
        with steady_gdal(moment):
            _write(state, data, fresh, progress, moment, save_id)
        progress.step(0.97, "progress.store.saving")
        return stamp_of(fresh) or ""


def stamp_of(path: Path) -> str | None:
    """Return what tells this state of a project file from another, None where there is no project.

    Raises
    ------
    UserError
        ``store.locked``.
    """
    return _looked_into(path, lambda connection: project_contents.stamp_in(connection, own_tables(connection)))


def saved_at_of(path: Path) -> str:
    """Return when a project was saved last (ISO 8601), empty where it does not say.

    Raises
    ------
    UserError
        ``store.locked``.
    """

    def ask(connection: sqlite3.Connection) -> str:
        if schema.META not in own_tables(connection):
            return ""
        found = connection.execute(f"SELECT value FROM {schema.META} WHERE key = 'saved_at'").fetchone()  # noqa: S608
        return str(found[0]) if found and found[0] else ""

    return _looked_into(path, ask) or ""


def _looked_into(path: Path, ask: Callable[[sqlite3.Connection], _Answer]) -> _Answer | None:
    """Return what a database answers, None where the file is none that can be read.

    Raises
    ------
    UserError
        ``store.locked``.
    """
    try:
        if not is_sqlite(path):
            return None
        with reading(path) as connection:
            return ask(connection)
    except sqlite3.Error as error:
        if is_busy(error):
            raise UserError("store.locked", file=path.name, folder=str(path.parent)) from error
        return None
    except OSError:
        return None


def _require_unchanged(path: Path, expected: str | None) -> None:
    """Refuse to replace what somebody else has saved since; a file that has gone is nobody's work."""
    if not expected or not path.exists() or stamp_of(path) == expected:
        return
    when = dt.datetime.fromtimestamp(path.stat().st_mtime).astimezone().isoformat(" ", "minutes")[:16]
    raise UserError("store.changed_on_disk", file=path.name, folder=str(path.parent), when=when)


def open_project(path: Path, progress: Progress | None = None) -> tuple[ProjectState, dict[str, LayerData]]:
    """Read a project and the layers kept inside it, in this process: for files of our own making.

    Whoever opens what somebody handed over asks :mod:`app.background.project_reading`.

    Returns
    -------
    state : ProjectState
        Paths of linked sources as stored, relative to the project file.
    data : dict of str to LayerData
        Layers kept in the file; linked ones are read by whoever opens the project.

    Raises
    ------
    UserError
        As :func:`models.store.project_contents.read`.
    """
    progress = progress or Progress()
    return project_of(project_contents.read(path, progress.part(0.0, 0.9)), path, progress.part(0.9, 1.0))[:2]


def project_of(
    contents: project_contents.Contents, path: Path, progress: Progress | None = None
) -> tuple[ProjectState, dict[str, LayerData], list[Caution], dict[str, BusinessKeys]]:
    """Make a project of what was read of its file.

    Returns
    -------
    state, data
        As :func:`open_project`.
    cautions : list of Caution
        What had to be left out or mended.
    linked : dict of str to BusinessKeys
        Of layers whose source is read later: what is named of them is found again then.

    Raises
    ------
    UserError
        ``store.corrupt``.
    """
    progress, cautions = progress or Progress(), list(contents.cautions)
    linked: dict[str, BusinessKeys] = {}
    layouts = {row["layer"]: row["layout"] for row in contents.documents[schema.LAYERS]}
    data: dict[str, LayerData] = {}
    try:
        state = schema.state_of(contents.documents, cautions)
        for number, (layer, stored) in enumerate(contents.tables.items()):
            progress.step(number / len(contents.tables), "progress.store.opening")
            data[layer] = _decoded(stored, layouts[layer])
        for layer, keys in object_keys.remembered(contents.documents.get(object_keys.TABLE, [])).items():
            if layer in data:
                state = object_keys.found_again(state, layer, keys, data[layer], cautions)
            elif any(one.id == layer for one in state.layers):
                linked[layer] = keys
    except FAULTS as error:
        raise UserError("store.corrupt", file=path.name, reason=str(error)) from error
    progress.step(1.0, "progress.store.opening")
    return state, data, cautions, linked


def with_relative_source(layer: Layer, folder: Path) -> Layer:
    """Return a layer whose linked source is named relative to ``folder``, with forward slashes.

    A path that is relative already is left alone; one on another drive stays absolute.
    """
    path = layer.source.path
    if not path or not (Path(path).is_absolute() or PureWindowsPath(path).is_absolute()):
        return layer
    if os.name != "nt" and path.startswith("//"):  # a share of Windows, which a path of another system cannot reach
        return layer
    try:
        relative = Path(os.path.relpath(path, folder)).as_posix() if Path(path).is_absolute() else path
    except ValueError:
        relative = Path(path).as_posix()
    return replace(layer, source=replace(layer.source, path=relative))


def _write(
    state: ProjectState, data: dict[str, LayerData], file: Path, progress: Progress, moment: str, save_id: str
) -> None:
    """Bring ``file`` (a copy of the previous one, or nothing yet) to what ``state`` and ``data`` say."""
    from models.store import columns, frames

    before = _layers_before(file)
    documents = schema.documents_of(state, moment, save_id)
    documents[object_keys.TABLE] = object_keys.rows_of(state, data)
    names = _table_names(state.layers, _foreign_tables(file, before))
    expected: dict[str, int] = {}
    if not file.exists():  # GDAL makes the GeoPackage with the first table
        _write_rows(file, schema.META, documents[schema.META])
    inside = [layer for layer in state.layers if layer.id in names]
    written = []
    for number, layer in enumerate(inside):
        part = progress.part(0.95 * number / len(inside), 0.95 * (number + 1) / len(inside))
        part.step(0.0, "progress.store.saving")
        row = next(row for row in documents[schema.LAYERS] if row["layer"] == layer.id)
        old, kept = before.get(layer.id), data.get(layer.id)
        if not isinstance(kept, VectorData):
            if old is not None and old["table_name"] == names[layer.id]:
                row.update({name: old[name] for name in ("table_name", "row_count", "layout", "digest", "last_change")})
            continue
        held = kept.columnar
        if held is not None:
            table, layout = columns.encode(held)
            fingerprint = columns.digest(table, layout)
        else:
            table, layout = frames.encode(kept.frame)
            fingerprint = frames.digest(table, layout)
        row |= {"table_name": names[layer.id], "row_count": table.num_rows, "digest": fingerprint}
        row["layout"] = json.dumps(layout, ensure_ascii=False)
        expected[names[layer.id]] = table.num_rows
        if old is None or old["table_name"] != names[layer.id] or old["digest"] != fingerprint or not old["untouched"]:
            _write_table(file, names[layer.id], table, layout, kept, part)
        written.append((layer, kept.frame if held is None else held, layout["geometry"]))
    with _writing(file) as connection:
        still = {row["table_name"] for row in documents[schema.LAYERS]}
        for old in before.values():
            if old["table_name"] and old["table_name"] not in still:
                _drop(connection, old["table_name"])
        changes = dict(connection.execute("SELECT table_name, last_change FROM gpkg_contents"))
        for row in documents[schema.LAYERS]:
            row["last_change"] = changes.get(row["table_name"])
        for layer in state.layers:
            if layer.id in names and names[layer.id] in still:
                _name(connection, names[layer.id], layer)
        qgis_style.write(connection, [(names[layer.id], *rest, layer) for layer, *rest in written], moment)
    for name in schema.TABLES:
        _write_rows(file, name, documents[name])
        expected[name] = len(documents[name])
    _require_complete(file, expected)


def _layers_before(file: Path) -> dict[str, dict[str, Any]]:
    """Return the layer rows of the copied file by layer id, each with whether its table is as we left it."""
    if not file.exists():
        return {}
    with reading(file) as connection:
        tables = own_tables(connection)
        if schema.LAYERS not in tables:
            return {}
        rows = project_contents.documents_in(connection, tables, file)[schema.LAYERS]
        changes = dict(connection.execute("SELECT table_name, last_change FROM gpkg_contents"))
    return {
        row["layer"]: row
        | {"untouched": row["last_change"] is not None and changes.get(row["table_name"]) == row["last_change"]}
        for row in rows
        if row["table_name"] in tables
    }


def _foreign_tables(file: Path, before: dict[str, dict[str, Any]]) -> set[str]:
    """Return the names of tables in the copied file that are not ours to replace."""
    if not file.exists():
        return set()
    with reading(file) as connection:
        ours = {row["table_name"] for row in before.values()} | set(schema.TABLES)
        return {name.casefold() for name in tables_and_views(connection) - ours}


def _table_names(layers: tuple[Layer, ...], foreign: set[str]) -> dict[str, str]:
    """Return the table of each layer kept inside: its id, made safe and unique whatever its case."""
    names: dict[str, str] = {}
    taken = set(foreign)
    for layer in layers:
        if layer.kind not in ("vector", "table") or layer.source.path:
            continue
        stem = "".join(c for c in layer.id if c.isprintable() and c not in "\"'`[]\\").strip() or "layer"
        if stem.casefold().startswith(_RESERVED):
            stem = f"layer_{stem}"
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}_{number}"
        taken.add(name.casefold())
        names[layer.id] = name
    return names


def _write_table(
    file: Path, name: str, table: Any, layout: dict[str, Any], kept: VectorData, progress: Progress
) -> None:
    import pyogrio

    from models.store import columns, frames

    options = {"FID": layout["fid"]}
    spatial: dict[str, Any] = {}
    if layout["geometry"] is not None:
        options |= {"GEOMETRY_NAME": layout["geometry"], "SPATIAL_INDEX": "YES"}
        features = kept.columnar
        frame = cast("Any", None if features is not None else kept.frame)
        spatial = {
            "geometry_name": layout["geometry"],
            "geometry_type": frames.geometry_type(frame) if features is None else columns.geometry_type(features),
            "crs": _stored_crs(frame.crs if features is None else parse_crs(features.crs) if features.crs else None),
        }
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")  # a layer may have none; whoever measures asks
        try:
            batches = columns.stream(table, progress) if table.num_rows else table
            pyogrio.write_arrow(batches, file, layer=name, driver="GPKG", layer_options=options, **spatial)
        except Exception:  # a cancel in the stream comes as whatever GDAL makes of it
            progress.step()
            raise
    log.debug("wrote %s: %d rows", name, table.num_rows)


def _decoded(stored: project_contents.StoredTable, written: str | None) -> VectorData:
    from models.store import columns, frames

    layout = frames.known_layout(written)
    crs = _crs_of(stored.crs, layout.get("crs"))
    features = columns.decode(stored.rows, stored.fids, layout, stored.geometry, crs)
    if features is not None:
        return VectorData(None, features=features)
    return VectorData(frames.decode(stored.rows, stored.fids, layout, stored.geometry, crs))


def _stored_crs(crs: Any) -> str | None:
    """Return what goes into the table's spatial reference: the horizontal part, by its EPSG code if it has one."""
    if crs is None:
        return None
    horizontal = _horizontal(crs)
    authority = horizontal.to_authority(min_confidence=100)
    return ":".join(authority) if authority else str(horizontal.to_wkt())


def _horizontal(crs: Any) -> Any:
    return crs.sub_crs_list[0] if crs.is_compound else crs


def _crs_of(stored: str | None, remembered: str | None) -> str | None:
    """Return the CRS as it was in the frame, unless another program gave the table a different one."""
    if not remembered or not stored:
        return stored or remembered if remembered else None if _is_undefined(stored) else stored
    same = _horizontal(parse_crs(remembered)).equals(parse_crs(stored), ignore_axis_order=True)
    return remembered if same else stored


def _is_undefined(stored: str | None) -> bool:
    """Whether a stored CRS is GeoPackage's way of saying that there is none."""
    return not stored or "Undefined" in stored


def _write_rows(file: Path, name: str, rows: list[schema.Row]) -> None:
    """Write one of our own tables as a GeoPackage attribute table."""
    import pyarrow as pa
    import pyogrio

    types = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    columns = {"id": pa.array(range(1, len(rows) + 1), pa.int64())}
    columns |= {key: pa.array([row[key] for row in rows], types[kind]) for key, kind in schema.TABLES[name].items()}
    pyogrio.write_arrow(pa.table(columns), file, layer=name, driver="GPKG", layer_options={"FID": "id"})


def _drop(connection: sqlite3.Connection, table: str) -> None:
    """Take a table and all that the GeoPackage says of it out of the file."""
    for (column,) in connection.execute(
        "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (table,)
    ).fetchall():
        connection.execute(f"DROP TABLE IF EXISTS {quoted(f'rtree_{table}_{column}')}")
    connection.execute(f"DROP TABLE IF EXISTS {quoted(table)}")
    present = tables_and_views(connection)
    for registry, column in (
        ("gpkg_extensions", "table_name"),
        ("gpkg_geometry_columns", "table_name"),
        ("gpkg_data_columns", "table_name"),
        ("gpkg_metadata_reference", "table_name"),
        ("gpkg_ogr_contents", "table_name"),
        ("layer_styles", "f_table_name"),
        ("gpkg_contents", "table_name"),
    ):
        if registry in present:
            connection.execute(f'DELETE FROM "{registry}" WHERE lower("{column}") = lower(?)', (table,))  # noqa: S608


def _name(connection: sqlite3.Connection, table: str, layer: Layer) -> None:
    """Say a layer's title and origin where QGIS shows them; the identifier must be unique, so the id follows."""
    description = " · ".join(part for part in (layer.name_en, layer.data_source) if part)
    connection.execute(
        "UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?",
        (f"{layer.name} ({table})" if layer.name else table, description, table),
    )


def _require_complete(file: Path, expected: dict[str, int]) -> None:
    """Compare what was written with what should have been; a library that lost an error must not cost the old file."""
    with reading(file) as connection:
        for table, count in expected.items():
            (found,) = connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()  # noqa: S608
            if found != count:
                raise sqlite3.OperationalError(f"{table}: {found} of {count} rows were written")
        free, pages = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count"))
    if free * 4 > pages:
        with contextlib.closing(sqlite3.connect(file)) as connection:
            connection.execute("VACUUM")


@contextlib.contextmanager
def _writing(file: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # the whole file is synced once, before it is put in place
        with connection:
            yield connection


def _copy(source: Path, target: Path) -> None:
    """Copy a database as it stands, its write-ahead log included."""
    with reading(source) as old, contextlib.closing(sqlite3.connect(target)) as new:
        new.execute("PRAGMA synchronous = OFF")
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE")
        for odd in set(schema.TABLES) & (tables_and_views(old) - own_tables(old)):  # named when it was opened
            with contextlib.suppress(sqlite3.Error):  # GDAL refuses to write where it stands
                new.execute(f"DROP VIEW IF EXISTS {quoted(odd)}")


def _settle(path: Path) -> None:
    """Fold in the write-ahead log of a file that will be replaced.

    Raises
    ------
    UserError
        ``store.locked`` if another program holds the file.
    """
    if not os.access(path, os.W_OK):  # atomic.replacing says so
        return
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=2.0, isolation_level=None)) as connection:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if is_busy(error):
            raise UserError("store.locked", file=path.name, folder=str(path.parent)) from error
        log.info("could not settle %s: %s", path.name, error)
    except sqlite3.DatabaseError as error:  # damaged; it is about to be replaced
        log.info("could not settle %s: %s", path.name, error)


@contextlib.contextmanager
def _saying_why(path: Path) -> Iterator[None]:
    """Turn a library's failure to write into one that a person can act on."""
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

    try:
        yield
    except (DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError, sqlite3.Error) as error:
        raise atomic.unwritten(path, str(error)) from error


@contextlib.contextmanager
def steady_gdal(moment: str) -> Iterator[None]:
    """Set what GDAL should do while we write: the moment it notes, and no waiting for the disk at every step."""
    import pyogrio

    options = {
        "OGR_CURRENT_DATE": moment,
        "OGR_SQLITE_SYNCHRONOUS": "OFF",
        "OGR_GPKG_ALLOW_THREADED_RTREE": "NO",
    }
    with _gdal_options:
        before = {name: pyogrio.get_gdal_config_option(name) for name in options}
        pyogrio.set_gdal_config_options(options)
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options(before)


def _moment(stamp: str | None) -> str:
    """Return an ISO moment in UTC with milliseconds, as GeoPackage notes changes."""
    if stamp is None and os.environ.get("SOURCE_DATE_EPOCH"):
        moment = dt.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), dt.UTC)
    elif stamp is None:
        moment = dt.datetime.now(dt.UTC)
    else:
        moment = dt.datetime.fromisoformat(stamp)
        moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
