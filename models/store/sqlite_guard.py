"""SQLite databases that others made, opened so that they can neither run anything of theirs nor hold us up.

A database is a program as much as a table: views, triggers, generated columns and virtual tables are run by whoever
reads it. Here nothing of the schema is trusted, the time that one reading may take is limited, and so is the size of a
cell; :func:`own_tables` names what is a table and nothing else.

Source: SQLite, "Defense Against The Dark Arts" (untrusted databases).
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

MAGIC = b"SQLite format 3\0"
#: Seconds that reading the tables of a project may take; the largest known takes two.
MOST_S = 60.0
#: Largest cell, bytes: a topic with its pictures is a few megabytes.
MOST_CELL_BYTES = 256 * 1024 * 1024
#: Instructions of SQLite's machine between two looks at the clock.
_STEPS = 100_000
#: Seconds that a glance at what a file is may take.
GLANCE_S = 3.0
#: How long another program's short writing is waited for, seconds.
PATIENCE_S = 2.0
_PLAIN_TABLE = re.compile(r"\s*create\s+table\b", re.IGNORECASE)


def is_sqlite(path: Path) -> bool:
    """Whether a file begins as an SQLite database does (OSError if it cannot be read)."""
    with Path(path).open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def is_busy(error: sqlite3.Error) -> bool:
    """Whether an error says that another program holds the database."""
    return isinstance(error, sqlite3.OperationalError) and ("locked" in str(error) or "busy" in str(error))


@contextlib.contextmanager
def reading(path: Path, most_s: float = MOST_S, *, as_it_lies: bool = False) -> Iterator[sqlite3.Connection]:
    """Open a database for reading, trusting nothing in it.

    Parameters
    ----------
    path : Path
    most_s : float
        After so many seconds a query ends with ``sqlite3.OperationalError: interrupted``.
    as_it_lies : bool
        Ask for no lock and look at no write-ahead log: for a glance at what a file is.
    """
    uri = Path(path).resolve().as_uri()
    if as_it_lies:
        with contextlib.closing(_distrusting(sqlite3.connect(f"{uri}?immutable=1", uri=True), most_s)) as glance:
            yield glance
        return
    connection = _distrusting(sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=PATIENCE_S), most_s)
    try:
        try:
            connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError as error:
            if "unable to open" not in str(error) and "readonly" not in str(error):
                raise
            connection.close()  # a write-ahead log in a folder that cannot be written
            connection = _distrusting(sqlite3.connect(f"{uri}?immutable=1", uri=True), most_s)
        yield connection
    finally:
        connection.close()


def _distrusting(connection: sqlite3.Connection, most_s: float) -> sqlite3.Connection:
    ends_at = time.monotonic() + most_s
    connection.set_progress_handler(lambda: time.monotonic() > ends_at, _STEPS)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_CELL_BYTES)
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    if hasattr(connection, "setconfig"):  # Python 3.12
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)  # type: ignore[attr-defined,unused-ignore]
    for setting in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {setting}")
    return connection


def own_tables(connection: sqlite3.Connection) -> set[str]:
    """Return the names of tables that are rows on disk: no view, no virtual table."""
    return {
        str(name)
        for name, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if sql is None or _PLAIN_TABLE.match(str(sql))
    }


def tables_and_views(connection: sqlite3.Connection) -> set[str]:
    """Return the names of all tables and views."""
    return {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}


def quoted(name: str) -> str:
    """Return a name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


__all__ = ["MAGIC", "is_busy", "is_sqlite", "own_tables", "quoted", "reading", "tables_and_views"]
