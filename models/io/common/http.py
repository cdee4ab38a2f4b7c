"""HTTP requests to web services: size, type and redirects of an answer are checked before it is used."""

from __future__ import annotations

import base64
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

from models.core.addresses import Secrets, masked, origin_of, with_secrets, without_secrets
from models.core.errors import UserError

TIMEOUT_S = 20.0
MOST_BYTES = 512 * 1024**2


NO_SECRETS = Secrets()
#: From an address: what the user entered for its host.
SecretsFor = Callable[[str], Secrets]
#: From the address that was asked and the one it leads to: the error of a redirect that is not followed.
Refusal = Callable[[str, str], UserError]


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = 4

    def __init__(self, refusal: Refusal) -> None:
        self._refusal = refusal

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if not host_of(newurl):
            raise self._refusal(req.full_url, newurl)
        followed = super().redirect_request(req, fp, code, msg, headers, newurl)
        if followed is not None and not _same_place(req.full_url, newurl):
            followed.remove_header("Authorization")
            if any(secret in unquote(newurl) for secret in getattr(req, "secrets", ())):
                raise self._refusal(req.full_url, newurl)
        elif followed is not None:
            followed.secrets = getattr(req, "secrets", ())  # type: ignore[attr-defined]
        return followed


def _same_place(asked: str, leads_to: str) -> bool:
    """Whether a redirect stays at the host, and does not leave TLS."""
    before, after = origin_of(asked), origin_of(leads_to)
    return before == after or (before.startswith("http://") and after == "https://" + before.removeprefix("http://"))


def request_for(url: str, secrets: Secrets) -> urllib.request.Request:
    """Return a request with the secrets of its host; a redirect to another host does not carry them.

    A user's name in the address itself is taken out of it.
    """
    plain, stated = without_secrets(url) if "@" in urlsplit(url).netloc else (url, NO_SECRETS)
    full = with_secrets(plain, replace(secrets, parameters={**stated.parameters, **secrets.parameters}))
    request = urllib.request.Request(full, headers={"User-Agent": "Chengjing/0.1 (desktop)"})  # noqa: S310 - looked at
    user, password = (secrets.user, secrets.password) if secrets.user else (stated.user, stated.password)
    if user:
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        request.add_header("Authorization", f"Basic {pair}")
    known = (secrets.key, password, *secrets.parameters.values(), *stated.parameters.values())
    request.secrets = tuple(one for one in known if one)  # type: ignore[attr-defined]
    return request


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


def get(
    url: str, secrets_for: SecretsFor = lambda _: NO_SECRETS, timeout_s: float = TIMEOUT_S, most_bytes: int = MOST_BYTES
) -> bytes:
    """Return what a server answers; ``secrets_for`` gives what the user entered for the host of an address.

    Raises
    ------
    UserError
        ``server.bad_url`` for anything but http and https, also as a redirect; ``server.status``;
        ``server.no_answer``; ``server.too_large``.
    """
    host = require_web(url)
    request = request_for(url, secrets_for(url))
    try:
        with opener(lambda _, new: _not_web(new)).open(request, timeout=timeout_s) as answer:
            data: bytes = answer.read(most_bytes + 1)
    except urllib.error.HTTPError as error:
        error.close()
        if 300 <= error.code < 400:  # a redirect that was not followed
            raise _not_web(str(error.headers.get("Location", ""))) from None
        raise UserError("server.status", host=host, status=error.code) from None
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        reason = masked(str(getattr(error, "reason", "") or error))
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
    return UserError("server.bad_url", url=masked(url)[:80])
