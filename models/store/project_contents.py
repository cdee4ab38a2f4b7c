"""What a project file holds, read as one reads a stranger's file: in a child process, bounded, and named where unsound.

:func:`run_json` runs in the child (:mod:`app.background.project_reading` starts it) and leaves rows and tables in a
folder; :func:`kept` brings them into the program. What comes out of here is sound enough to be made into a project by
plain code: geometries that can be read, cells of the kinds they should have.

Invariants
----------
1. Our own tables and those of GeoPackage are tables. A view or a virtual table in their place is code of whoever made
   the file: it is left out and named, or the file refused where nothing is left without it.
2. A row whose geometry cannot be read keeps its place and its attributes; it is named.
3. What is read is bounded: in time, in the size of a cell, in rows.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.store import schema, sqlite_guard
from models.store.rows.json_cells import FAULTS, loaded

#: More rows of one of our own tables, or more characters in all of them, are no project.
MOST_ROWS, MOST_CHARACTERS = 20_000_000, 2_000_000_000
#: Bad rows that are named by their number; the rest are counted.
_NAMED = 12
_LIST, _TABLE = "contents.json", "{}.arrow"
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class StoredTable:
    """One layer's table as it is stored.

    Parameters
    ----------
    rows : pyarrow.Table
        Without the fid; geometry as WKB.
    fids : ndarray (n,) int64
    geometry : str
        Name of the geometry column, empty for none.
    crs : str or None
        As the file says it.
    """

    rows: pa.Table
    fids: Any
    geometry: str
    crs: str | None


@dataclass(slots=True)
class Contents:
    """Rows of our own tables in today's version, tables by layer id, and what was wrong with either."""

    documents: schema.Documents
    tables: dict[str, StoredTable] = field(default_factory=dict)
    cautions: list[Caution] = field(default_factory=list)
    #: Of the file as it was read, see :func:`stamp_in`.
    stamp: str = ""


def read(path: Path, progress: Progress | None = None, *, careful: bool = False) -> Contents:
    """Read a project file.

    Parameters
    ----------
    path : Path
    progress : Progress, optional
    careful : bool
        Look at every geometry by hand before a library sees it: for a file that has brought down a child.

    Raises
    ------
    UserError
        ``store.missing``, ``store.not_a_project``, ``store.newer_version``, ``store.corrupt``, ``store.locked``,
        ``store.unbounded``.
    """
    path, progress = Path(path).resolve(), progress or Progress()
    if not path.is_file():
        raise UserError("store.missing", file=path.name)
    if not sqlite_guard.is_sqlite(path):
        raise UserError("store.not_a_project", file=path.name)
    with _saying_why(path):
        with sqlite_guard.reading(path) as connection:
            present, sound = sqlite_guard.tables_and_views(connection), sqlite_guard.own_tables(connection)
            if schema.META not in present:
                raise UserError("store.not_a_project", file=path.name)
            _require_whole(connection, path)
            _require_tables(present - sound, path)
            contents = Contents({})
            for name in sorted(set(schema.TABLES) & (present - sound)):
                contents.cautions.append(Caution("project.view_left_out", file=path.name, table=name))
            contents.stamp = stamp_in(connection, sound)
            contents.documents = schema.migrated(documents_in(connection, sound, path), path.name)
        rows = [row for row in contents.documents[schema.LAYERS] if row["table_name"] in present]
        for number, row in enumerate(rows):
            progress.step(number / len(rows), "progress.store.opening")
            if row["table_name"] not in sound:
                contents.cautions.append(Caution("project.view_left_out", file=path.name, table=row["table_name"]))
                continue
            contents.tables[row["layer"]] = _read_table(path, row, contents.cautions, careful=careful)
    return contents


def run_json(arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Read ``arguments["path"]`` and leave what is in it in ``arguments["folder"]``, for :func:`kept`."""
    path, folder = Path(arguments["path"]), Path(arguments["folder"])
    contents = read(path, progress, careful=bool(arguments.get("careful")))
    try:
        keep(contents, folder)
    except OSError as error:
        raise UserError("io.no_space", file=path.name, reason=error.strerror or str(error)) from error
    return {"folder": str(folder)}


def keep(contents: Contents, folder: Path) -> None:
    """Write what was read into an empty folder."""
    listed: list[dict[str, Any]] = []
    for number, (layer, stored) in enumerate(contents.tables.items()):
        table = stored.rows.add_column(0, pa.field("", pa.int64()), pa.array(stored.fids, pa.int64()))
        with (
            pa.OSFile(str(folder / _TABLE.format(number)), "wb") as sink,
            pa.ipc.new_file(sink, table.schema) as writer,
        ):
            writer.write_table(table)
        listed.append({"layer": layer, "geometry": stored.geometry, "crs": stored.crs})
    told = {
        "documents": contents.documents, "tables": listed,
        "cautions": [caution.as_dict() for caution in contents.cautions], "stamp": contents.stamp,
    }  # fmt: skip
    (folder / _LIST).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def kept(folder: Path) -> Contents:
    """Return what :func:`keep` wrote, in memory: the folder may go."""
    told = json.loads((folder / _LIST).read_text(encoding="utf-8"))
    contents = Contents(told["documents"], {}, [Caution.from_dict(one) for one in told["cautions"]], told["stamp"])
    for number, listed in enumerate(told["tables"]):
        with pa.OSFile(str(folder / _TABLE.format(number))) as source:
            table = pa.ipc.open_file(source).read_all()
        contents.tables[listed["layer"]] = StoredTable(
            table.remove_column(0), table.column(0).to_numpy(), listed["geometry"], listed["crs"]
        )
    return contents


def _read_table(path: Path, row: schema.Row, cautions: list[Caution], *, careful: bool) -> StoredTable:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    from models.store.sound_shapes import sound

    name = row["table_name"]
    try:
        meta, table = pyogrio.read_arrow(path, layer=name, return_fids=True)
    except (DataLayerError, DataSourceError, RuntimeError) as error:
        raise UserError("store.corrupt", file=path.name, reason=f"{name}: {error}") from error
    fid_field = meta.get("fid_column") or "OGC_FID"
    geometry = meta.get("geometry_name") or ("wkb_geometry" if "wkb_geometry" in table.column_names else "")
    fids = table.column(fid_field).to_numpy()
    rows = table.drop_columns([fid_field])
    bad = np.zeros(len(fids), dtype=bool)
    for column in _shapes(rows, row["layout"], geometry):
        place = rows.column_names.index(column)
        read, unsound = sound(rows.column(column), careful=careful)
        if unsound.any():
            rows, bad = rows.set_column(place, rows.schema.field(column), read), bad | unsound
    if bad.any():
        numbers = ", ".join(str(fid) for fid in fids[bad][:_NAMED]) + (" …" if bad.sum() > _NAMED else "")
        cautions.append(Caution("project.shapes_unread", **schema.named(row), count=int(bad.sum()), rows=numbers))
    return StoredTable(rows, fids, geometry, meta.get("crs"))


def _shapes(rows: pa.Table, layout: Any, geometry: str) -> list[str]:
    """Return the columns that will be read as geometries: the table's own, and those that its layout names."""
    known = loaded(layout, dict)
    listed = known.get("columns", ())
    named = {one.get("field") for one in listed if isinstance(one, dict) and one.get("codec") == "wkb"}
    return [
        name
        for name in rows.column_names
        if (name == geometry or name in named) and pa.types.is_binary(rows.schema.field(name).type)
    ]


def documents_in(connection: sqlite3.Connection, sound: set[str], path: Path) -> schema.Documents:
    """Return the rows of our own tables, in the version in which they were written.

    Parameters
    ----------
    connection : sqlite3.Connection
    sound : set of str
        What is a table; others of ours count as empty.
    path : Path

    Raises
    ------
    UserError
        ``store.unbounded``.
    """
    connection.row_factory = sqlite3.Row
    size, documents = 0, {}
    for name, columns in schema.TABLES.items():
        rows: list[schema.Row] = []
        documents[name] = rows
        if name not in sound:
            continue
        for row in connection.execute(f"SELECT * FROM {sqlite_guard.quoted(name)} ORDER BY id"):  # noqa: S608
            cells = {key: _cell(row[key], columns.get(key)) for key in row.keys()}  # noqa: SIM118 - a Row
            size += sum(len(cell) for cell in cells.values() if isinstance(cell, str))
            rows.append(cells)
            if len(rows) > MOST_ROWS or size > MOST_CHARACTERS:
                raise UserError("store.unbounded", file=path.name, table=name)
    return documents


def stamp_in(connection: sqlite3.Connection, sound: set[str]) -> str:
    """Return what tells one state of a project file from another: which saving it is, and when its tables changed.

    Other programs (QGIS) note a change of a table; that they only opened the file, or that it was copied, changes
    nothing here.
    """
    told: list[Any] = []
    if schema.META in sound:
        asked = f"SELECT key, value FROM {schema.META} WHERE key IN ('save_id', 'saved_at') ORDER BY key"  # noqa: S608
        told += [[str(key), str(value)] for key, value in connection.execute(asked)]
    if "gpkg_contents" in sound:
        asked = "SELECT table_name, last_change FROM gpkg_contents ORDER BY table_name"
        told += [[str(name), str(moment)] for name, moment in connection.execute(asked)]
    return hashlib.blake2b(json.dumps(told).encode(), digest_size=16).hexdigest()


def _cell(value: Any, kind: type | None) -> Any:
    """Return a cell as a value of its column's kind: SQLite keeps whatever it is given. None for what is none."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")[:200] if kind is str else None
    if value is None or kind is None or isinstance(value, kind):
        return value
    try:
        return kind(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _require_tables(odd: set[str], path: Path) -> None:
    """Refuse a file in which what every reader asks first is code."""
    for name in sorted(odd):
        if name.lower().startswith("gpkg_") or name in (schema.META, schema.LAYERS):
            raise UserError("store.view", file=path.name, table=name)


def _require_whole(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that was cut short, which SQLite would only notice at the first lost page."""
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    logged = path.with_name(path.name + "-wal")
    if size * pages > path.stat().st_size and not logged.exists():
        raise UserError("store.corrupt", file=path.name, reason=f"{path.stat().st_size} < {size * pages}")


@contextmanager
def _saying_why(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if str(error) == "interrupted":
            raise UserError("store.unbounded", file=path.name, table="") from error
        code = "store.locked" if sqlite_guard.is_busy(error) else "store.corrupt"
        raise UserError(code, file=path.name, folder=str(path.parent), reason=str(error)) from error
    except FAULTS as error:
        raise UserError("store.corrupt", file=path.name, reason=str(error)) from error
