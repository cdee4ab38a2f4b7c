"""Layers that a PostGIS database holds: what is there, and the rows that are asked for.

Invariants
----------
1. Every session is read-only, with a limit on how long a statement may take: looking at a database never changes it.
2. Names go through identifiers and values through placeholders; no text of a person becomes part of a statement.
3. Rows come through a cursor on the server, a batch at a time: progress is real, and a cancel ends the statement there.
4. A password is used and forgotten; it is never part of what describes a layer.
"""

from __future__ import annotations

import collections
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.core.errors import Cancelled, Caution, UserError
from models.core.progress import Progress
from models.crs.frame import crs_label, parse_crs
from models.geometry.wkb_surfaces import as_polygons
from models.io.common.coordinates import named_rows
from models.io.servers.postgres_values import column_of, is_mixed, selected
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
    crs : str
        As a person says, for shapes of which the database knows none.
    """

    table: Table
    where: str = ""
    box: tuple[float, float, float, float] | None = None
    limit: int = MOST_ROWS
    crs: str = ""


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
            "SELECT g.f_table_schema, g.f_table_name, g.f_geometry_column, g.type, c.reltuples::bigint,"
            " s.auth_name, s.auth_srid, s.srtext, s.proj4text FROM ("
            "SELECT f_table_schema, f_table_name, f_geometry_column, type, srid FROM geometry_columns UNION ALL"
            " SELECT f_table_schema, f_table_name, f_geography_column, type, srid FROM geography_columns) g"
            " LEFT JOIN spatial_ref_sys s ON s.srid = g.srid"
            " LEFT JOIN pg_namespace n ON n.nspname = g.f_table_schema"
            " LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = g.f_table_name"
            " WHERE has_table_privilege(quote_ident(g.f_table_schema) || '.' || quote_ident(g.f_table_name), 'SELECT')"
            " ORDER BY 1, 2, 3"
        )
        found = [
            Table(schema, name, geometry, str(kind).upper(), _crs(*stated), -1 if count is None else int(count))
            for schema, name, geometry, kind, count, *stated in cursor
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
        more rows than wanted; ``server.mixed_crs``, ``server.rows_without_crs``, ``server.outlines``,
        ``vector.shapes_unread``, ``vector.mixed_offsets`` with counts.

    Raises
    ------
    UserError
        As :func:`connected`; ``server.no_rows``; ``server.no_crs`` where nobody knows where the shapes stand; what is
        wrong with the expression.
    Cancelled
    """
    table = wanted.table
    cautions: list[Caution] = []
    expression = compile_expression(wanted.where) if wanted.where.strip() else None
    if expression is not None and expression.is_of_all:  # of rows that were not fetched nobody knows
        raise UserError("server.no_aggregate", table=table.title)
    with connected(server) as connection:
        with connection.cursor() as cursor:
            columns = _fields(cursor, table)
        statement, values, rest = _statement(connection, wanted, columns, expression)
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
        frame = _frame(rows, columns, table, cautions)
        if table.geometry:
            frame = _placed(connection, frame, rows, wanted, cautions)
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


def _statement(
    connection: Any, wanted: Wanted, columns: Sequence[tuple[str, str]], expression: Any
) -> tuple[Any, list[Any], Any]:
    """Return the query, its values, and what of the expression is left to ask here."""
    from psycopg import sql

    table = wanted.table
    chosen: list[Any] = [selected(sql.Identifier(name), kind) for name, kind in columns]
    if table.geometry:
        # Curves become lines on the server: no format of ours holds them.
        shape = sql.Identifier(table.geometry)
        chosen.append(sql.SQL("ST_AsBinary(ST_CurveToLine({}::geometry))").format(shape))
        chosen.append(sql.SQL("ST_SRID({}::geometry)").format(shape))
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


def _frame(
    rows: list[tuple[Any, ...]], columns: Sequence[tuple[str, str]], table: Table, cautions: list[Caution]
) -> pd.DataFrame:
    """Return the attributes."""
    found = {}
    for at, (name, kind) in enumerate(columns):
        found[name] = column_of([row[at] for row in rows], kind)
        if is_mixed(found[name], kind):
            cautions.append(Caution("vector.mixed_offsets", file=table.title, field=name))
    frame = pd.DataFrame(found, index=pd.RangeIndex(len(rows)))
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="fid")
    return frame.rename(columns={"geometry": "geometry_"}) if table.geometry else frame


def _placed(
    connection: Any, frame: pd.DataFrame, rows: list[tuple[Any, ...]], wanted: Wanted, cautions: list[Caution]
) -> pd.DataFrame:
    """Add the shapes, in the one CRS of the table, of its rows, or that a person says.

    Raises
    ------
    UserError
        ``server.no_crs``.
    """
    table = wanted.table
    raw = [None if row[-2] is None else bytes(row[-2]) for row in rows]
    made = [(None, set()) if shape is None else as_polygons(shape) for shape in raw]
    shapes = np.asarray(shapely.from_wkb(np.array([shape for shape, _ in made], dtype=object), on_invalid="fix"))
    lost = np.array([shape is not None for shape in raw]) & shapely.is_missing(shapes)
    if lost.any():
        told = named_rows(frame.index[lost])
        cautions.append(Caution("vector.shapes_unread", file=table.title, count=int(lost.sum()), rows=told))
    is_surface = np.array([bool(kinds) for _, kinds in made]) & ~lost
    if is_surface.any():
        frame = _outlined(frame, shapes, is_surface)
        cautions.append(Caution("server.outlines", table=table.title, count=int(is_surface.sum())))
    srids = np.array([row[-1] or 0 for row in rows], dtype=np.int64)
    known = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    counts = collections.Counter(srids[known & (srids != 0)].tolist())
    if not counts:
        crs = table.crs or wanted.crs
        if not crs and known.any():
            raise UserError("server.no_crs", table=table.title)
        placed: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=shapes, crs=crs or None)
        return placed
    main = counts.most_common(1)[0][0]
    systems = {srid: _crs_of_srid(connection, srid) for srid in counts}
    systems[0] = wanted.crs
    crs = systems[main] or table.crs or wanted.crs
    if not crs:
        raise UserError("server.no_crs", table=table.title)
    homeless = known & np.isin(srids, [srid for srid, system in systems.items() if not system and srid != main])
    if homeless.any():
        told = named_rows(frame.index[homeless])
        cautions.append(Caution("server.rows_without_crs", table=table.title, count=int(homeless.sum()), rows=told))
        shapes[homeless] = None
    for srid, system in systems.items():
        mine = known & (srids == srid) & ~homeless
        if srid == main or not mine.any() or system == crs:
            continue
        shapes[mine] = gpd.GeoSeries(shapes[mine], crs=system).to_crs(crs).to_numpy()
        cautions.append(
            Caution("server.mixed_crs", table=table.title, count=int(mine.sum()), crs=crs_label(system),
                    used=crs_label(crs))
        )  # fmt: skip
    moved: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=shapes, crs=crs)
    return moved


def _outlined(frame: pd.DataFrame, shapes: Any, which: Any) -> pd.DataFrame:
    """Put surfaces in space down as their outlines, with where they begin and how high they are as fields.

    A wall that stands upright has no area on a map, and floor and roof would count twice.
    """
    bottom, height = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    for at in np.flatnonzero(which).tolist():
        z = shapely.get_coordinates(shapes[at], include_z=True)[:, 2]
        if np.isfinite(z).any():
            bottom[at], height[at] = np.nanmin(z), np.nanmax(z) - np.nanmin(z)
        faces = shapely.get_parts(shapely.force_2d(shapely.get_parts(shapes[at])))
        faces = faces[shapely.area(faces) > 0]
        if len(faces):
            shapes[at] = shapely.union_all(shapely.make_valid(faces))
    added = {"bottom_m": bottom, "height_m": height}
    return frame.assign(**{name: values for name, values in added.items() if name not in frame.columns})


def _crs_of_srid(connection: Any, srid: int) -> str:
    row = connection.execute(
        "SELECT auth_name, auth_srid, srtext, proj4text FROM spatial_ref_sys WHERE srid = %s", (srid,)
    ).fetchone()
    return _crs(*row) if row else ""


def _crs(authority: str | None, code: int | None, text: str | None, proj: str | None = None) -> str:
    """Return a CRS as ``spatial_ref_sys`` has it, empty for none that can be read.

    A city enters its own one with an authority and a number that only it knows: the text is what counts then.
    """
    names = [f"{authority}:{code}"] if str(authority).upper() in ("EPSG", "ESRI", "OGC", "IAU_2015") and code else []
    for candidate in (*names, text, proj):
        if candidate and candidate.strip():
            try:
                parse_crs(candidate.strip())
            except UserError:
                continue
            return candidate.strip()
    return ""


def _message(error: BaseException) -> str:
    """Return the server's own words, without what precedes them."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    text = lines[0].split("FATAL:")[-1].split("ERROR:")[-1].strip()
    return text if len(text) <= 200 else text[:197] + "…"
