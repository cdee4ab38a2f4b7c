"""HTTP requests to web services: size, type and redirects of an answer are checked before it is used."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from models.core.errors import UserError

TIMEOUT_S = 20.0
MOST_BYTES = 512 * 1024**2


#: From the address that was asked and the one it leads to: the error of a redirect that is not followed.
Refusal = Callable[[str, str], UserError]


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = 4

    def __init__(self, refusal: Refusal) -> None:
        self._refusal = refusal

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if not host_of(newurl):
            raise self._refusal(req.full_url, newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def opener(refusal: Refusal) -> urllib.request.OpenerDirector:
    """Return what speaks http and https and nothing else, and follows redirects to these alone."""
    made = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(), urllib.request.HTTPHandler(), urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(), _Redirects(refusal), urllib.request.HTTPErrorProcessor(),
    ):  # fmt: skip
        made.add_handler(handler)
    return made


def host_of(url: str) -> str:
    """Return the host of an address of the web, empty for every other kind."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def get(url: str, timeout_s: float = TIMEOUT_S, most_bytes: int = MOST_BYTES) -> bytes:
    """Return what a server answers.

    Raises
    ------
    UserError
        ``server.bad_url`` for anything but http and https, also as a redirect; ``server.status``;
        ``server.no_answer``; ``server.too_large``.
    """
    host = require_web(url)
    request = urllib.request.Request(url, headers={"User-Agent": "Chengjing/0.1 (desktop)"})  # noqa: S310 - looked at
    try:
        with opener(lambda _, new: _not_web(new)).open(request, timeout=timeout_s) as answer:
            data: bytes = answer.read(most_bytes + 1)
    except urllib.error.HTTPError as error:
        error.close()
        if 300 <= error.code < 400:  # a redirect that was not followed
            raise _not_web(str(error.headers.get("Location", ""))) from None
        raise UserError("server.status", host=host, status=error.code) from None
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        reason = str(getattr(error, "reason", "") or error)
        raise UserError("server.no_answer", server=host, reason=reason[:120]) from None
    except ValueError:
        raise _not_web(url) from None
    if len(data) > most_bytes:
        raise UserError("server.too_large", host=host, most_mb=most_bytes // 1024**2)
    return data


def require_web(url: str) -> str:
    """Return the host of an address of the web, and refuse every other kind (``server.bad_url``)."""
    host = host_of(url)
    if not host:
        raise _not_web(url)
    return host


def _not_web(url: str) -> UserError:
    return UserError("server.bad_url", url=url[:80])
