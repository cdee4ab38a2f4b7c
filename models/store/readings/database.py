"""The file of the readings of a project: opened, brought to the present schema, and refused with a reason.

Why DuckDB: of 50,000,000 readings a day of one sensor and the state of all at a moment are asked while somebody drags
the time line, and a file of columns, compressed, answers both without an index to keep (``benchmarks/readings.py``).

Invariants
----------
1. One process writes. A second one that opens the file is told who has it.
2. The file brings nothing with it: no extension is loaded, no other file is reached from its SQL.
3. A schema newer than this program is refused and left as it is; an older one is brought up in one transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from models.core.errors import UserError, first_line

#: Name of the file in the folder of the readings.
FILE = "readings.duckdb"

#: What each version of the schema adds to the one before; the number of steps taken is the version.
STEPS: tuple[str, ...] = (
    """
    create table channels (
        id integer not null, sensor varchar not null, quantity varchar not null, unit varchar not null,
        period_s double not null
    );
    create table readings (
        channel integer not null, second bigint not null, micro integer not null,
        value double not null, quality utinyint not null
    );
    create table fresh as from readings;
    create table former (
        channel integer not null, second bigint not null, micro integer not null,
        value double not null, quality utinyint not null, replaced_us bigint not null
    );
    create table days (
        channel integer not null, day integer not null, count bigint not null, flagged bigint not null,
        least double, greatest double, total double not null, good bigint not null,
        first_us bigint not null, last_us bigint not null, last_value double not null, last_quality utinyint not null
    );
    create table steps (
        channel integer not null, step_s integer not null, start_s bigint not null, count bigint not null,
        good bigint not null, least double, greatest double, total double not null
    );
    create table kept (raw_days integer not null, step_s integer not null, raw_from_s bigint);
    """,
)

_HEAD = "create table about (product varchar not null, version integer not null)"
_PRODUCT = "chengjing readings"
_HOLDER = re.compile(r"\(PID (\d+)\)")


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a file of readings, or make one.

    Raises
    ------
    UserError
        ``readings.in_use``, ``readings.damaged``, ``readings.foreign``, ``readings.newer``, ``readings.unwritable``.
    """
    with told(path):
        connection = duckdb.connect(str(path), config=_CONFIG)
        try:
            _bring_up(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


#: Memory for sorting; what is more goes through a folder beside the file.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "2GB", "threads": 4, "enable_external_access": "false", "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false", "preserve_insertion_order": "true",
}  # fmt: skip


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what DuckDB says of a file into an error that names it."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise _error(path, error) from error


def _error(path: Path, error: Exception) -> UserError:
    if isinstance(error, duckdb.ConnectionException):
        return UserError("readings.closed", file=path)
    said = str(error)
    reason = first_line(error)
    if "Could not set lock" in said or "being used by another process" in said:
        holder = _HOLDER.search(said)
        return UserError("readings.in_use", file=path, process=holder.group(1) if holder else "?")
    if "newer version" in said or "storage version" in said:
        return UserError("readings.newer", file=path)
    if "No space left" in said:
        return UserError("readings.disk_full", file=path)
    if isinstance(error, OSError) or "Permission denied" in said or "read-only" in said or "Read-only" in said:
        return UserError("readings.unwritable", file=path, reason=reason)
    return UserError("readings.damaged", file=path, reason=reason)


def _bring_up(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    tables = {str(name) for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
    if "about" not in tables and tables:
        raise UserError("readings.foreign", file=path)
    version = _version(connection, path) if tables else 0
    if version > len(STEPS):
        raise UserError("readings.newer", file=path)
    if tables and version == len(STEPS):
        return
    connection.execute("begin")
    if not tables:
        connection.execute(_HEAD)
        connection.execute("insert into about values (?, 0)", [_PRODUCT])
    for step in STEPS[version:]:
        connection.execute(step)
    connection.execute("update about set version = ?", [len(STEPS)])
    connection.execute("commit")


def _version(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    try:
        found = connection.execute("select product, version from about").fetchall()
    except (duckdb.BinderException, duckdb.CatalogException):
        found = []
    if len(found) != 1 or found[0][0] != _PRODUCT:
        raise UserError("readings.foreign", file=path)
    return int(found[0][1])
