"""Live sources of the open project: kept, started, stopped, looked at. None starts unasked."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.background.receiving import Receiver, SourceState
from app.usecases.alarms import live as alarms_live
from app.usecases.project.trust import require_host
from app.usecases.readings.readings import store_for_writing
from models.core.addresses import Secrets
from models.core.errors import UserError
from models.io.live import http_poll, sensorthings
from models.io.live.link import Arrived, Inbox, Link, MarkOf
from models.io.live.mqtt import MqttLink
from models.readings.messages.decoding import Decoded, Decoder
from models.readings.quantities import quantity
from models.readings.source import LiveSource, checked
from models.store.readings.journal import Journal

if TYPE_CHECKING:
    from app.session import Session

JOURNAL = "journal.sqlite"


def sources_of(session: Session) -> tuple[LiveSource, ...]:
    """Return the sources of the open project."""
    return session.project.state.operations.sources


def put_source(session: Session, source: LiveSource) -> None:
    """Keep a source, new or changed (same id); one that runs goes on as it is now.

    Raises
    ------
    UserError
        ``live.source.…``.
    """
    checked(source)
    state = session.project.state
    before = state.operations.sources
    after = tuple(source if one.id == source.id else one for one in before)
    if all(one.id != source.id for one in before):
        after += (source,)
    operations = replace(state.operations, sources=after)
    session.history.do("history.live_source", lambda now: replace(now, operations=operations))
    receiver = session.feeds.receiver
    if receiver is not None and receiver.state(source.id).is_on:
        receiver.remove(source.id)
        start(session, [source.id])


def remove_source(session: Session, source_id: str) -> None:
    """Take a source out of the project; its readings stay."""
    operations = session.project.state.operations
    gone = source_named(session, source_id)
    kept = replace(operations, sources=tuple(one for one in operations.sources if one.id != gone.id))
    session.history.do("history.live_source_gone", lambda now: replace(now, operations=kept))


def source_named(session: Session, name: str) -> LiveSource:
    """Return a source by its id or name.

    Raises
    ------
    UserError
        ``live.no_source``.
    """
    for one in sources_of(session):
        if name in (one.id, one.name):
            return one
    raise UserError("live.no_source", source=name)


def start(session: Session, ids: Sequence[str] | None = None) -> None:
    """Start sources, all that are enabled where nothing is said; those that run already go on.

    Raises
    ------
    UserError
        ``live.none`` without a source, ``project.untrusted`` for a host that was not allowed, ``readings.no_project``,
        ``journal.…``, what the store says.
    """
    known = sources_of(session)
    wanted = [one for one in known if (one.enabled if ids is None else one.id in ids)]
    if not wanted:
        raise UserError("live.none")
    for source in wanted:
        checked(source)
        require_host(session, source.name, source.address)
    receiver = session.feeds.receiver
    if receiver is None:
        store = store_for_writing(session)
        journal = Journal(store.path.parent / JOURNAL)
        receiver = Receiver(
            journal, store, [_as_read(one) for one in known], session.feeds.deliver, in_unit_of_quantity
        )
        session.feeds.run(journal, receiver)
        alarms_live.watch(session)
    for source in wanted:
        if not receiver.state(source.id).is_on:
            receiver.add(_as_read(source), _link(session, source, receiver))
    session.feeds.changed.emit()


def stop(session: Session, source_id: str = "") -> None:
    """Stop a source, or all of them."""
    receiver = session.feeds.receiver
    if receiver is None:
        return
    if source_id:
        receiver.remove(source_id)
        if any(receiver.state(one.id).is_on for one in sources_of(session)):
            session.feeds.changed.emit()
            return
    session.feeds.stop()


def states(session: Session) -> list[tuple[LiveSource, SourceState]]:
    """Return all sources, each with how it stands."""
    return [(source, session.feeds.state(source.id)) for source in sources_of(session)]


def preview(
    session: Session, source: LiveSource, seconds: float = 5.0, most: int = 50, secrets: Secrets | None = None
) -> tuple[list[Arrived], Decoded, Decoder, str]:
    """Listen to a source for a moment, keep nothing: its messages, what they mean, what is wrong, why it is silent.

    The broker keeps no session of this. May run on any thread.
    """
    checked(source)
    require_host(session, source.name, source.address)
    inbox = Inbox()
    held = session.keys.of(source.address) if secrets is None else secrets
    link = _connection(source, held, inbox, f"chengjing-look-{time.time_ns():x}", lambda _: "", keep_session=False)
    link.start()
    came: list[Arrived] = []
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end and len(came) < most:
            for other, arrived in inbox.take(0.2, 0.0):
                came.append(arrived)
                if arrived.receipt:
                    other.acknowledge([arrived.receipt])
    finally:
        link.stop()
    decoder = Decoder(_as_read(source))
    return came[:most], decoder.decode(one.message for one in came[:most]), decoder, link.state.error


def in_unit_of_quantity(name: str, unit: str) -> tuple[str, float, float] | None:
    """Return unit, factor and offset that bring a value to its quantity's unit; None for a unit that nobody knows."""
    known = quantity(name)
    if known is None:
        return unit, 1.0, 0.0
    way = known.from_unit(unit)
    return None if way is None else (known.unit, *way)


def _as_read(source: LiveSource) -> LiveSource:
    return replace(source, mapping=sensorthings.MAPPING) if source.kind == "sensorthings" else source


def _link(session: Session, source: LiveSource, receiver: Receiver) -> Link:
    return _connection(
        source, session.keys.of(source.address), receiver.inbox, _client_id(session, source),
        lambda name: receiver.mark(source.id, name),
    )  # fmt: skip


def _connection(
    source: LiveSource, secrets: Secrets, inbox: Inbox, client_id: str, mark_of: MarkOf,
    keep_session: bool = True,
) -> Link:  # fmt: skip
    if source.kind == "mqtt":
        return MqttLink(source, secrets, inbox, client_id, keep_session)
    if source.kind == "sensorthings":
        return sensorthings.poll(source, secrets, inbox, mark_of)
    return http_poll.poll(source, secrets, inbox)


def _client_id(session: Session, source: LiveSource) -> str:
    """Return a name that this project has on this machine alone: two that share one throw each other out."""
    text = f"{platform.node()}\n{session.project.path}\n{source.id}"
    return "chengjing-" + hashlib.sha256(text.encode()).hexdigest()[:12]
