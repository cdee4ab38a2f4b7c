"""A PostgreSQL (PostGIS) database as a meeting place: a row for each package.

Invariants
----------
1. A package is written in one transaction.
2. Names are asked for as a set. Where only what is new is asked for, the reader goes on from ``pg_snapshot_xmin`` of
   its last look: a transaction that began before and commits after it lies above that, while its row number would lie
   below the largest one seen, and would be missed for ever.
3. No password is kept: libpq takes it from its own file (``~/.pgpass``) or the environment.
"""

from __future__ import annotations

from typing import Any

from models.core.errors import UserError, first_line
from models.exchange.records import Package
from models.io.exchange.files import as_json, of_json

_MAKE = """
CREATE TABLE IF NOT EXISTS chengjing_exchange (
    name text PRIMARY KEY CHECK (name ~ '^[0-9a-f]{32}$'),
    sender text NOT NULL,
    made timestamptz NOT NULL,
    content bytea NOT NULL,
    written_by xid8 NOT NULL DEFAULT pg_current_xact_id()
)"""
#: So that two who make the table at once do not fall over each other.
_LOCK = 0x63_6A_65_78
_TIMEOUT_S = 10


class PostgisPlace:
    """A database that several parties can read and write.

    Parameters
    ----------
    address : str
        ``postgresql://user@host:port/database`` or a connection string of libpq.

    Raises
    ------
    UserError
        ``exchange.no_database``.
    """

    def __init__(self, address: str) -> None:
        import psycopg

        self._error = psycopg.Error
        self._seen_to = 0
        try:
            self._connection = psycopg.connect(address, connect_timeout=_TIMEOUT_S, autocommit=True)
            with self._connection.transaction():
                self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
                self._connection.execute(_MAKE)
        except psycopg.Error as error:
            raise _unreached(error) from error

    def put(self, package: Package) -> bool:
        """Leave a package; False where it lies there already."""
        made = package.made_us / 1e6
        rows = self._run(
            "INSERT INTO chengjing_exchange (name, sender, made, content) VALUES (%s, %s, to_timestamp(%s), %s)"
            " ON CONFLICT (name) DO NOTHING RETURNING name",
            (package.hash, package.sender.code, made, as_json(package)),
        )
        return bool(rows)

    def names(self) -> frozenset[str]:
        """Return the hashes of all packages."""
        return frozenset(str(row[0]) for row in self._run("SELECT name FROM chengjing_exchange", ()))

    def news(self) -> frozenset[str]:
        """Return the hashes of what may be new since the last time that this was asked; some may be known already."""
        rows = self._run(
            "SELECT name, pg_snapshot_xmin(pg_current_snapshot())::text FROM chengjing_exchange"
            " WHERE written_by >= %s::text::xid8 UNION ALL SELECT '', pg_snapshot_xmin(pg_current_snapshot())::text",
            (str(self._seen_to),),
        )
        self._seen_to = int(rows[-1][1])
        return frozenset(str(row[0]) for row in rows if row[0])

    def get(self, name: str) -> Package:
        """Return a package.

        Raises
        ------
        UserError
            ``exchange.changed_on_the_way``, ``exchange.no_database`` and what reading raises.
        """
        rows = self._run("SELECT content FROM chengjing_exchange WHERE name = %s", (name,))
        package = of_json(bytes(rows[0][0]), name) if rows else None
        if package is None or package.hash != name:
            raise UserError("exchange.changed_on_the_way", file=name, number=0, key="")
        return package

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _run(self, statement: str, values: tuple[object, ...]) -> list[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except self._error as error:
            raise _unreached(error) from error


def _unreached(error: Exception) -> UserError:
    return UserError("exchange.no_database", reason=first_line(error))
