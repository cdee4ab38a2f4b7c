"""Ask a web service, trusting nothing that comes back."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from models.errors import UserError

TIMEOUT_S = 20.0
MOST_BYTES = 512 * 1024**2


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = 4

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        require_web(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def get(url: str, timeout_s: float = TIMEOUT_S, most_bytes: int = MOST_BYTES) -> bytes:
    """Return what a server answers.

    Raises
    ------
    UserError
        ``server.bad_url`` for anything but http and https, also as a redirect; ``server.status``;
        ``server.no_answer``; ``server.too_large``.
    """
    host = require_web(url)
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(), urllib.request.HTTPHandler(), urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(), _Redirects(), urllib.request.HTTPErrorProcessor(),
    ):  # fmt: skip
        opener.add_handler(handler)
    request = urllib.request.Request(url, headers={"User-Agent": "Chengjing/0.1 (desktop)"})  # noqa: S310 - looked at
    try:
        with opener.open(request, timeout=timeout_s) as answer:
            data: bytes = answer.read(most_bytes + 1)
    except urllib.error.HTTPError as error:
        error.close()
        if 300 <= error.code < 400:  # a redirect that was not followed
            raise UserError("server.bad_url", url=str(error.headers.get("Location", ""))[:80]) from None
        raise UserError("server.status", host=host, status=error.code) from None
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        reason = str(getattr(error, "reason", "") or error)
        raise UserError("server.no_answer", server=host, reason=reason[:120]) from None
    except ValueError:
        raise UserError("server.bad_url", url=url[:80]) from None
    if len(data) > most_bytes:
        raise UserError("server.too_large", host=host, most_mb=most_bytes // 1024**2)
    return data


def require_web(url: str) -> str:
    """Return the host of an address of the web, and refuse every other kind (``server.bad_url``)."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = None, ""
    if parts is None or parts.scheme not in ("http", "https") or not host:
        raise UserError("server.bad_url", url=url[:80])
    return host
