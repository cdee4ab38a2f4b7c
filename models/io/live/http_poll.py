"""Readings by asking an address of the web again and again.

Invariants
----------
1. An answer is at most :data:`models.readings.messages.message.MOST_BYTES` long and comes within :data:`TIMEOUT_S`.
2. No redirect leads to another host, nor out of TLS.
3. What did not change (ETag, Last-Modified, or the same bytes) is no message.
"""

from __future__ import annotations

import http.client
import random
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from models.core.addresses import Secrets, masked, origin_of
from models.core.errors import UserError
from models.io.common.http import host_of, request_for, require_web
from models.io.live.link import Arrived, Inbox, LinkState, Receipt, now_us
from models.readings.messages.message import MOST_BYTES, Message
from models.readings.source import LiveSource

TIMEOUT_S = 15.0
LONGEST_WAIT_S = 600.0


class PollingLink:
    """Asks a source periodically, on a thread of its own.

    Parameters
    ----------
    source : LiveSource
    inbox : Inbox
    ask : callable
        Yields what one round brings.
    """

    def __init__(self, source: LiveSource, inbox: Inbox, ask: Callable[[], Iterator[Arrived]]) -> None:
        self.state = LinkState()
        self._source, self._inbox, self._ask = source, inbox, ask
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"poll {source.id}", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def acknowledge(self, receipts: Sequence[Receipt]) -> None:
        """Do nothing: a server of the web is told nothing."""

    def stop(self) -> None:
        """Ask no more."""
        self._stopped.set()
        self._thread.join(2.0)

    def _run(self) -> None:
        failed = 0
        while not self._stopped.is_set():
            try:
                for arrived in self._ask():
                    self._inbox.put(self, arrived)
                    if self._stopped.is_set():
                        return
                self.state.connections += not self.state.connected
                self.state.connected, self.state.error, failed = True, "", 0
            except UserError as error:
                self.state.connected, self.state.error = False, str(error)
                failed += 1
            pause = min(self._source.period_s * 2 ** min(failed, 6), max(LONGEST_WAIT_S, self._source.period_s))
            self._stopped.wait(pause * (1 + 0.1 * random.random()))


def poll(source: LiveSource, secrets: Secrets, inbox: Inbox) -> PollingLink:
    """Return what asks one address for one document."""
    web = Web(secrets)

    def ask() -> Iterator[Arrived]:
        body = web.changed(source.address)
        if body is not None:
            yield Arrived(Message(source.id, "", body, now_us()))

    return PollingLink(source, inbox, ask)


class Web:
    """Asks one host of the web."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._tags: dict[str, str] = {}
        self._last: bytes | None = None

    def changed(self, url: str) -> bytes | None:
        """Return what an address answers, None where that is what it answered before."""
        body = self.get(url, self._tags)
        if body is None or body == self._last:
            return None
        self._last = body
        return body

    def get(self, url: str, tags: dict[str, str] | None = None, most_bytes: int = MOST_BYTES) -> bytes | None:
        """Return what an address answers, None for "not modified".

        Raises
        ------
        UserError
            ``server.bad_url`` (also for a redirect to another host), ``server.status``, ``server.no_answer``,
            ``server.too_large``.
        """
        host = require_web(url)
        request = request_for(url, self._secrets)
        for name, value in (tags or {}).items():
            request.add_header("If-None-Match" if name == "ETag" else "If-Modified-Since", value)
        try:
            with _opener().open(request, timeout=TIMEOUT_S) as answer:
                body: bytes = answer.read(most_bytes + 1)
                if tags is not None:
                    tags.clear()
                    for name in ("ETag", "Last-Modified"):
                        if value := answer.headers.get(name):
                            tags[name] = str(value)[:200]
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 304:
                return None
            raise UserError("server.status", host=host, status=error.code) from None
        except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
            reason = masked(str(getattr(error, "reason", "") or error))
            raise UserError("server.no_answer", server=host, reason=reason[:120]) from None
        except ValueError:
            raise UserError("server.bad_url", url=masked(url)[:80]) from None
        if len(body) > most_bytes:
            raise UserError("server.too_large", host=host, most_mb=most_bytes // 1024**2)
        return body


class _SameHost(urllib.request.HTTPRedirectHandler):
    max_redirections = 3

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        same = host_of(newurl) == host_of(req.full_url) and urlsplit(newurl).port == urlsplit(req.full_url).port
        if origin_of(newurl) != origin_of(req.full_url) and not (same and newurl.startswith("https:")):
            raise UserError("server.bad_url", url=masked(newurl)[:80])
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    made = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(), urllib.request.HTTPHandler(), urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(), _SameHost(), urllib.request.HTTPErrorProcessor(),
    ):  # fmt: skip
        made.add_handler(handler)
    return made
