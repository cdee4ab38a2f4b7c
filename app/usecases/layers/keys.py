"""Keys of map services and logins of servers: taken out of addresses, kept by host, never in a project or a log."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from models.core.addresses import Secrets, masked, origin_of, without_secrets
from models.core.progress import Progress
from models.layers.asked import ASKED, asked_of
from models.layers.basemaps import READER
from models.layers.layer import Layer
from models.project.reaches import host_reach

if TYPE_CHECKING:
    from app.session import Session
    from models.project.project import ProjectState


def known(session: Session, url: str) -> bool:
    """Whether there is a secret for the host of an address, without asking the key store for it."""
    origin = origin_of(url)
    same = {origin, "http://" + origin.removeprefix("https://")}
    return bool(origin) and (bool(session.keys.held(url)) or not same.isdisjoint(session.settings.get("key_hosts")))


def keep(session: Session, url: str, secrets: Secrets) -> None:
    """Keep secrets for the host of an address; where the system has no key store, for this session, which is said."""
    origin = origin_of(url)
    if not origin:
        return
    session.keys.hold(url, secrets)

    def work(_: Progress) -> bool:
        return session.keys.write(url)

    def done(lasts: bool) -> None:
        hosts = [host for host in session.settings.get("key_hosts") if host != origin]
        session.settings.set("key_hosts", [*hosts, origin] if lasts and secrets else hosts)
        if not lasts and secrets:
            session.notices.info("notice.keys.session_only", host=origin)

    session.run("job.keep_key", work, done)


def taken_out(session: Session, url: str) -> str:
    """Return an address without its secrets, which are kept for its host beside what is kept there already."""
    plain, secrets = without_secrets(url)
    if secrets:
        keep(session, plain, _with(session.keys.of(plain), secrets))
    return plain


def without_secrets_of_project(session: Session, state: ProjectState) -> ProjectState:
    """Return a project without the secrets in the addresses of its layers.

    They are kept where the person has none of their own for the host: no stranger's key takes the place of it. Those
    for a host that the project may not reach yet are held until it may.
    """
    return replace(state, layers=tuple(_without(session, layer) for layer in state.layers))


def keep_held(session: Session) -> None:
    """Keep what came in the addresses of a project that is trusted now."""
    for layer in session.project.state.layers:
        asked = asked_of(layer)
        url = str(layer.source.options.get("url", "") if asked is None else asked.where.get("url", ""))
        held = session.keys.held(url)
        if held and origin_of(url) not in session.settings.get("key_hosts"):
            keep(session, url, held)


def _without(session: Session, layer: Layer) -> Layer:
    options = dict(layer.source.options)
    if layer.source.reader == READER and "url" in options:
        options["url"] = _lent(session, str(options["url"]))
    asked = asked_of(layer)
    if asked is not None and "url" in asked.where:
        url = _lent(session, str(asked.where["url"]))
        options[ASKED] = replace(asked, where={**asked.where, "url": url}).as_text()
    if options == dict(layer.source.options) and masked(layer.data_source) == layer.data_source:
        return layer
    return replace(layer, source=replace(layer.source, options=options), data_source=masked(layer.data_source))


def _lent(session: Session, url: str) -> str:
    plain, secrets = without_secrets(url)
    if secrets and not known(session, plain):
        if host_reach(plain) in session.withheld:
            session.keys.hold(plain, secrets)
        else:
            keep(session, plain, secrets)
    return plain


def _with(old: Secrets, new: Secrets) -> Secrets:
    return Secrets(
        new.key or old.key, new.user or old.user, new.password if new.user else old.password,
        {**old.parameters, **new.parameters},
    )  # fmt: skip
