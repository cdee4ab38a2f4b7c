"""Bring layers from servers: PostGIS, OGC API – Features, WFS.

What comes is kept in the project and can be fetched anew. A project holds where a layer came from and what was asked,
never a password: those live as long as the session.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.usecases.project import adding_layers
from app.usecases.project.trust import require
from app.usecases.query import query
from models.core.errors import UserError
from models.core.progress import Progress
from models.layers.asked import ASKED, Asked, asked_of

if TYPE_CHECKING:
    from app.session import Session
    from models.io.servers.ogc import Collection
    from models.io.servers.postgis import Server, Table

#: Connections that are remembered, newest first.
MOST_KEPT = 8


def remembered(session: Session) -> list[dict[str, Any]]:
    """Return the connections used before, newest first, without passwords."""
    return [dict(row) for row in session.settings.get("servers")]


def remember(session: Session, connection: Mapping[str, Any]) -> None:
    """Keep a connection for the next time, without its password."""
    if not session.settings.get("keep_servers"):
        return
    plain = {name: value for name, value in connection.items() if name != "password"}
    rest = [row for row in remembered(session) if row != plain]
    session.settings.set("servers", [plain, *rest][:MOST_KEPT])


def list_tables(server: Server, progress: Progress) -> list[Table]:
    """Return what a database holds; talks to the server, so off the UI thread."""
    from models.io.servers.postgis import tables

    progress.step(0.0, "progress.server.asking")
    return tables(server)


def list_collections(session: Session, url: str, progress: Progress) -> list[Collection]:
    """Return what a web service holds; talks to the server, so off the UI thread."""
    from models.io.servers.ogc import collections

    progress.step(0.0, "progress.server.asking")
    return collections(url, session.keys.of)


def bring(session: Session, asked: Asked, password: str = "") -> Job:
    """Bring a layer from a server into the project.

    Parameters
    ----------
    session : Session
    asked : Asked
    password : str
        For a database; used and forgotten.

    Raises
    ------
    UserError
        ``server.*``, and what is wrong with the filter.
    """
    name = _title(asked)

    def work(progress: Progress) -> list[Any]:
        return _fetched(session, asked, password, progress)

    def done(opened: list[Any]) -> None:
        adding_layers.take_in(session, Path(name), opened, {})

    return session.run("job.server", work, done, reading=True, name=name)


def refresh(session: Session, layer_id: str, password: str = "") -> Job:
    """Fetch a layer anew, as it was asked for; its name, style and place in the list stay.

    Raises
    ------
    UserError
        ``server.not_from_server``, ``project.untrusted``, ``server.*``.
    """
    layer = session.project.state.layer(layer_id)
    asked = asked_of(layer)
    if asked is None:
        raise UserError("server.not_from_server", layer=layer.title(session.lang))
    require(session, layer)

    def work(progress: Progress) -> list[Any]:
        return _fetched(session, asked, password, progress)

    def done(opened: list[Any]) -> None:
        if any(old.id == layer_id for old in session.project.state.layers):
            session.project.put_data(layer_id, opened[0].data)
            session.notices.info("notice.server.refreshed", layer=layer.title(session.lang))

    return session.run("job.server", work, done, reading=True, name=layer.title(session.lang))


def _fetched(session: Session, asked: Asked, password: str, progress: Progress) -> list[Any]:
    from models.io.common.feature_layers import Found, by_family, opened
    from models.io.request import ReadRequest
    from models.io.servers import ogc, postgis

    progress.step(0.0, "progress.server.asking")
    if asked.kind == "postgis":
        table = postgis.Table(**asked.what)
        server = postgis.Server(**{**asked.where, "password": password})
        where = asked.filter
        if where.strip():
            where = query.expression_for_database(dict(postgis.fields(server, table)), where)
        wanted = postgis.Wanted(table, where, asked.box, asked.limit, asked.crs)
        frame, cautions = postgis.read(server, wanted, progress)
        title, crs = table.title, ""
    else:
        what = dict(asked.what)
        box = what.pop("box", None)
        collection = ogc.Collection(**what, box=None if box is None else (box[0], box[1], box[2], box[3]))
        frame, cautions = ogc.read(
            str(asked.where["url"]), collection, asked.box, asked.limit, progress, session.keys.of
        )
        title, crs = collection.title, collection.crs  # of GML that names none
    found = Found(frame, title, sublayer=title, cautions=cautions)
    kept = {ASKED: asked.as_text()}
    layers = [opened(Path(title), asked.kind, ReadRequest(crs=crs), part, kept) for part in by_family(found)]
    for one in layers:
        one.layer = replace(one.layer, data_source=_address(asked))
    return layers


def _title(asked: Asked) -> str:
    return str(asked.what.get("title") or asked.what.get("name") or asked.what.get("id"))


def _address(asked: Asked) -> str:
    where = asked.where
    return str(where["url"]) if "url" in where else f"{where['host']}:{where['port']}/{where['database']}"
