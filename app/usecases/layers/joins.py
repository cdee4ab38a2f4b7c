"""Join the columns of a table to the features of a layer, and remove a join. Both can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models.core.errors import UserError
from models.layers.joins import DUPLICATES, Join, KeyPair, Match, guess_keys, joined, match, new_join_id, targets
from models.layers.layer import Layer, VectorData

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session
    from models.core.progress import Progress


@dataclass(frozen=True, slots=True)
class Wish:
    """A join as a person asks for it.

    Parameters
    ----------
    layer, table : str
        Layer ids.
    layer_key, table_key : str
    columns : tuple of str
        Columns of the table; empty for all but the key.
    duplicates : str
    zeros : bool
    prefix : str
    """

    layer: str
    table: str
    layer_key: str
    table_key: str
    columns: tuple[str, ...] = ()
    duplicates: str = "first"
    zeros: bool = False
    prefix: str = ""


def joinable(session: Session, layer_id: str = "") -> list[Layer]:
    """Return the layers whose columns can be brought to another: every table of features or rows but the layer."""
    data = session.project.data
    return [
        layer for layer in session.project.state.layers
        if layer.id != layer_id and isinstance(data.get(layer.id), VectorData)
    ]  # fmt: skip


def propose_keys(session: Session, layer_id: str, table_id: str) -> list[KeyPair]:
    """Return columns that may be the key, the likeliest first; worth a job for large layers."""
    return guess_keys(_table(session, layer_id).attributes, _table(session, table_id).attributes)


def look_at_keys(session: Session, wish: Wish) -> Match:
    """Say how well the keys of a wish fit; worth a job for large layers.

    Raises
    ------
    UserError
        ``joins.no_column``.
    """
    layer, table = _table(session, wish.layer), _table(session, wish.table)
    _require(session, wish.layer, layer, wish.layer_key)
    _require(session, wish.table, table, wish.table_key)
    return match(layer.attributes[wish.layer_key], table.attributes[wish.table_key], zeros=wish.zeros)


def join_table(session: Session, wish: Wish) -> Job:
    """Join a table to a layer; the columns are there when the job ends.

    Raises
    ------
    UserError
        ``joins.itself``, ``joins.no_column``, ``joins.duplicates``; in the job ``joins.no_match``.
    """
    join = _join(session, wish)
    layer, table = _table(session, wish.layer), _table(session, wish.table)
    title = session.project.state.layer(wish.layer).title(session.lang)

    def work(progress: Progress) -> tuple[object, Match]:
        progress.step(0.1, "progress.joins")
        found = look_at_keys(session, wish)
        if not found.matched:
            raise UserError("joins.no_match", layer=title, table=join.table_name)
        progress.step(0.5, "progress.joins")
        return joined(layer.attributes[join.layer_key], table.attributes, join), found

    def done(made: tuple[object, Match]) -> None:
        columns, found = made
        if not any(one.id == wish.layer for one in session.project.state.layers):
            session.notices.info("notice.result_dropped", name=title)
            return
        session.project.prepare_join(join, columns)  # type: ignore[arg-type]
        session.history.do("history.join", lambda state: replace(state, joins=(*state.joins, join)))
        session.notices.info(
            "notice.joined", layer=title, table=join.table_name, matched=found.matched, features=found.features,
            count=len(join.columns),
        )  # fmt: skip

    return session.run("job.join", work, done, layer=title)


def remove_join(session: Session, join_id: str) -> None:
    """Take the columns that a join brought away.

    Raises
    ------
    UserError
        ``joins.none`` if there is no such join.
    """
    if not any(join.id == join_id for join in session.project.state.joins):
        raise UserError("joins.none")
    session.history.do(
        "history.unjoin",
        lambda state: replace(state, joins=tuple(join for join in state.joins if join.id != join_id)),
    )


def joins_of(session: Session, layer_id: str) -> tuple[Join, ...]:
    """Return the joins of a layer, oldest first."""
    return tuple(join for join in session.project.state.joins if join.layer == layer_id)


def _join(session: Session, wish: Wish) -> Join:
    if wish.layer == wish.table:
        raise UserError("joins.itself")
    if wish.duplicates not in DUPLICATES:
        raise UserError("joins.duplicates", value=wish.duplicates)
    layer, table = _table(session, wish.layer), _table(session, wish.table)
    _require(session, wish.layer, layer, wish.layer_key)
    name = session.project.state.layer(wish.table).title(session.lang)
    for column in (wish.table_key, *wish.columns):
        _require(session, wish.table, table, column)
    wanted: Sequence[str] = wish.columns or [field for field in table.fields if field != wish.table_key]
    if wish.duplicates == "count":
        wanted = [session.word("joins.count_column")]
    columns = targets(wanted, wish.prefix, layer.fields)
    if not columns:
        raise UserError("joins.no_columns", table=name)
    return Join(
        new_join_id(),
        wish.layer,
        wish.table,
        wish.layer_key,
        wish.table_key,
        columns,
        wish.duplicates,
        wish.zeros,
        name,
    )


def _table(session: Session, layer_id: str) -> VectorData:
    data = session.project.data_of(layer_id)
    if not isinstance(data, VectorData):
        raise UserError("joins.no_table", layer=session.project.state.layer(layer_id).title(session.lang))
    return data


def _require(session: Session, layer_id: str, data: VectorData, column: str) -> None:
    if column not in data.fields:
        raise UserError(
            "joins.no_column", column=column, table=session.project.state.layer(layer_id).title(session.lang)
        )
