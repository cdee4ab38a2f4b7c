"""Layers that a PostGIS database holds: what is there, and the rows that are asked for.

Invariants
----------
1. Every session is read-only, with a limit on how long a statement may take: looking at a database never changes it.
2. Names go through identifiers and values through placeholders; no text of a person becomes part of a statement.
3. Rows come through a cursor on the server, a batch at a time: progress is real, and a cancel ends the statement there.
4. A password is used and forgotten; it is never part of what describes a layer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from models.core.errors import Cancelled, Caution, UserError
from models.core.progress import Progress
from models.query.expression import compile_expression
from models.query.sql import Untranslatable, condition

BATCH = 5_000
CONNECT_S = 8
STATEMENT_MS = 600_000
#: Rows beyond this are not brought without being asked for.
MOST_ROWS = 2_000_000


@dataclass(frozen=True, slots=True)
class Server:
    """Where a database is and who asks.

    Parameters
    ----------
    host : str
        Name or address; a folder for a local socket.
    port : int
    database, user : str
    password : str
        Empty: libpq's own ways (``.pgpass``, peer) are tried.
    tls : str
        ``"prefer"``, ``"require"`` …, as libpq's ``sslmode``.
    """

    host: str = "localhost"
    port: int = 5432
    database: str = ""
    user: str = ""
    password: str = ""
    tls: str = "prefer"

    @property
    def address(self) -> str:
        """Return where this is, without the password: ``"user@host:5432/city"``."""
        return f"{self.user}@{self.host}:{self.port}/{self.database}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view with a geometry, or without one.

    Parameters
    ----------
    schema, name : str
    geometry : str
        Column of the geometry, empty for none.
    kind : str
        ``"POLYGON"`` …, as PostGIS says.
    crs : str
        ``"EPSG:4548"`` or WKT, empty where the database does not say.
    rows : int
        As the database estimates; -1 where it never counted.
    """

    schema: str
    name: str
    geometry: str = ""
    kind: str = ""
    crs: str = ""
    rows: int = -1

    @property
    def title(self) -> str:
        """Return ``schema.name``, the schema left out where it is the usual one."""
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a table.

    Parameters
    ----------
    table : Table
    where : str
        Expression (:mod:`models.query`), empty for all rows.
    box : tuple of 4 float or None
        West, south, east, north in the table's CRS; None for everywhere.
    limit : int
    """

    table: Table
    where: str = ""
    box: tuple[float, float, float, float] | None = None
    limit: int = MOST_ROWS


@contextlib.contextmanager
def connected(server: Server) -> Iterator[Any]:
    """Give a read-only connection, and turn its errors into ours.

    Raises
    ------
    UserError
        ``server.no_answer``, ``server.refused``, ``server.no_postgis``, ``server.query``.
    """
    import psycopg

    try:
        connection = psycopg.connect(
            host=server.host, port=server.port, dbname=server.database, user=server.user,
            password=server.password or None, sslmode=server.tls, connect_timeout=CONNECT_S,
            application_name="chengjing",
            options=f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_MS}",
        )  # fmt: skip
    except psycopg.OperationalError as error:
        text = _message(error)
        refused = any(part in text for part in ("authentication", "password", "does not exist", "no pg_hba"))
        code = "server.refused" if refused else "server.no_answer"
        raise UserError(code, server=server.address, reason=text) from error
    try:
        with connection:
            yield connection
    except psycopg.Error as error:
        if isinstance(error, psycopg.errors.UndefinedTable) and "geometry_columns" in str(error):
            raise UserError("server.no_postgis", server=server.address) from error
        raise UserError("server.query", server=server.address, reason=_message(error)) from error
    finally:
        connection.close()


def tables(server: Server) -> list[Table]:
    """Return the tables that this user may read, those with geometry first.

    Raises
    ------
    UserError
        As :func:`connected`.
    """
    with connected(server) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT g.f_table_schema, g.f_table_name, g.f_geometry_column, g.type, g.srid, c.reltuples::bigint,"
            " s.auth_name, s.auth_srid, s.srtext FROM geometry_columns g"
            " LEFT JOIN spatial_ref_sys s ON s.srid = g.srid"
            " LEFT JOIN pg_namespace n ON n.nspname = g.f_table_schema"
            " LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = g.f_table_name"
            " WHERE has_table_privilege(quote_ident(g.f_table_schema) || '.' || quote_ident(g.f_table_name), 'SELECT')"
            " ORDER BY 1, 2, 3"
        )
        found = [
            Table(schema, name, geometry, kind, _crs(authority, code, text), -1 if count is None else int(count))
            for schema, name, geometry, kind, _, count, authority, code, text in cursor
        ]
        known = {(table.schema, table.name) for table in found}
        cursor.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'topology', 'tiger', 'tiger_data')"
            " AND table_name NOT IN ('spatial_ref_sys', 'geometry_columns', 'geography_columns', 'raster_columns',"
            " 'raster_overviews') ORDER BY 1, 2"
        )
        found += [Table(schema, name) for schema, name in cursor if (schema, name) not in known]
    return found


def fields(server: Server, table: Table) -> list[tuple[str, str]]:
    """Return the columns of a table besides its geometry, each with its type as PostgreSQL calls it."""
    with connected(server) as connection, connection.cursor() as cursor:
        return _fields(cursor, table)


def read(server: Server, wanted: Wanted, progress: Progress) -> tuple[pd.DataFrame, list[Caution]]:
    """Bring the rows that are asked for; filter, extent and limit are the server's work.

    Returns
    -------
    frame : GeoDataFrame or DataFrame
    cautions : list of Caution
        ``server.filtered_here`` where the database could not be asked the whole question, ``server.limit`` where it had
        more rows than wanted.

    Raises
    ------
    UserError
        As :func:`connected`; ``server.no_rows``; what is wrong with the expression.
    Cancelled
    """
    table, cautions = wanted.table, []
    expression = compile_expression(wanted.where) if wanted.where.strip() else None
    with connected(server) as connection:
        with connection.cursor() as cursor:
            columns = _fields(cursor, table)
        statement, values, rest = _statement(connection, wanted, [name for name, _ in columns], expression)
        rows: list[tuple[Any, ...]] = []
        try:
            with connection.cursor(name="chengjing", binary=True) as cursor:
                cursor.itersize = BATCH
                cursor.execute(statement, values)
                while batch := cursor.fetchmany(BATCH):
                    rows += batch
                    expected = min(max(table.rows, len(rows) + BATCH), wanted.limit)
                    progress.step(min(0.95, len(rows) / expected), "progress.server.rows")
        except Cancelled:
            connection.cancel_safe(timeout=2.0)
            raise
    if len(rows) > wanted.limit:
        rows = rows[: wanted.limit]
        cautions.append(Caution("server.limit", table=table.title, limit=wanted.limit))
    if not rows:
        raise UserError("server.no_rows", table=table.title)
    frame = _frame(rows, [name for name, _ in columns], table)
    if rest is not None:
        kept: pd.DataFrame = frame[rest.rows(pd.DataFrame(frame.drop(columns="geometry", errors="ignore")))]
        frame = kept
        cautions.append(Caution("server.filtered_here", table=table.title))
        if not len(frame):
            raise UserError("server.no_rows", table=table.title)
    return frame, cautions


def _fields(cursor: Any, table: Table) -> list[tuple[str, str]]:
    cursor.execute(
        "SELECT column_name, udt_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
        " ORDER BY ordinal_position",
        (table.schema, table.name),
    )
    return [(name, kind) for name, kind in cursor if kind not in ("geometry", "geography", "raster", "topogeometry")]


def _statement(connection: Any, wanted: Wanted, columns: Sequence[str], expression: Any) -> tuple[Any, list[Any], Any]:
    """Return the query, its values, and what of the expression is left to ask here."""
    from psycopg import sql

    table = wanted.table
    chosen: list[Any] = [sql.Identifier(name) for name in columns]
    if table.geometry:
        # Curves become lines on the server: no format of ours holds them.
        shape = sql.Identifier(table.geometry)
        chosen.append(sql.SQL("ST_AsBinary(ST_CurveToLine({}::geometry))").format(shape))
    conditions: list[Any] = []
    values: list[Any] = []
    rest = None
    if expression is not None:
        try:
            text, values = condition(expression.tree, lambda name: sql.Identifier(name).as_string(connection))
            conditions.append(sql.SQL(text))  # made of identifiers and placeholders alone
        except Untranslatable:
            rest = expression
    if wanted.box is not None and table.geometry:
        shape = sql.Identifier(table.geometry)
        conditions.append(
            sql.SQL("{0}::geometry && ST_MakeEnvelope(%s, %s, %s, %s, ST_SRID({0}::geometry))").format(shape)
        )
        values += list(wanted.box)
    query = sql.SQL("SELECT {} FROM {}").format(
        sql.SQL(", ").join(chosen), sql.Identifier(table.schema, table.name)
    )  # fmt: skip
    if conditions:
        query += sql.SQL(" WHERE ") + sql.SQL(" AND ").join(conditions)
    return query + sql.SQL(" LIMIT %s"), [*values, wanted.limit + 1], rest


def _frame(rows: list[tuple[Any, ...]], columns: Sequence[str], table: Table) -> pd.DataFrame:
    names = [*columns, "geometry"] if table.geometry else list(columns)
    frame = pd.DataFrame(rows, columns=names).infer_objects()
    for name in columns:  # numeric(10, 2) comes as Decimal
        if frame[name].dtype == object and frame[name].map(lambda value: type(value).__name__ == "Decimal").any():
            frame[name] = frame[name].astype(float)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="fid")
    if not table.geometry:
        return frame
    shapes = shapely.from_wkb([None if shape is None else bytes(shape) for shape in frame.pop("geometry")])
    made: pd.DataFrame = gpd.GeoDataFrame(
        frame, geometry=gpd.GeoSeries(shapes, index=frame.index), crs=table.crs or None
    )
    return made


def _crs(authority: str | None, code: int | None, text: str | None) -> str:
    return f"{authority}:{code}" if authority and code else text or ""


def _message(error: BaseException) -> str:
    """Return the server's own words, without what precedes them."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    text = lines[0].split("FATAL:")[-1].split("ERROR:")[-1].strip()
    return text if len(text) <= 200 else text[:197] + "…"
