"""Take out of the settings what older versions kept there in plain text: keys by name, secrets in addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.usecases.layers import basemaps
from app.usecases.layers.keys import taken_out
from models.core.addresses import Secrets, origin_of
from models.core.progress import Progress

if TYPE_CHECKING:
    from app.session import Session


def migrate(session: Session) -> None:
    """Bring old keys into the key store, each for the host of its map.

    They stay in the settings where the system has no key store, so that nothing is lost; their host alone gets them.
    """
    old = dict(session.settings.get("basemap_keys"))
    for one in [*basemaps.offered(), *basemaps.own(session)]:
        if one.key_name in old and not session.keys.held(one.url):
            session.keys.hold(one.url, Secrets(key=str(old[one.key_name])))
    if session.settings.path is None:  # the command line leaves the settings alone
        return
    for name, options in (("basemaps", session.settings.get("basemaps")), ("servers", session.settings.get("servers"))):
        plain = [{**row, "url": taken_out(session, str(row["url"]))} if row.get("url") else row for row in options]
        session.settings.set(name, plain)
    if not old:
        return
    urls = {origin_of(one.url): one.url for one in [*basemaps.offered(), *basemaps.own(session)] if one.key_name in old}

    def work(_: Progress) -> list[str]:
        return [origin for origin, url in urls.items() if session.keys.write(url)]

    def done(written: list[str]) -> None:
        session.settings.set("key_hosts", sorted({*session.settings.get("key_hosts"), *written}))
        if set(written) == set(urls):
            session.settings.set("basemap_keys", {})

    session.run("job.keep_key", work, done)
