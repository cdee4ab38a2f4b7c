"""Addresses of the web and what of them is a secret: never in a project, a log, a message or a picture.

Secrets stand in addresses in two places: ``https://user:password@host/`` and parameters such as ``?tk=…``. They are
taken out where an address comes in (:func:`without_secrets`) and hidden where one may still go out (:func:`masked`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

#: What stands in the place of a secret.
HIDDEN = "***"
#: Parameters that hold a secret, in lower case without ``-`` and ``_``.
SECRET_NAMES = frozenset({
    "accesskey", "accesstoken", "ak", "apikey", "apitoken", "appkey", "appsecret", "auth", "authkey", "authorization",
    "bearer", "clientsecret", "jwt", "key", "licensekey", "mapkey", "pass", "passwd", "password", "privatekey", "pwd",
    "secret", "secretkey", "sessionid", "sig", "sign", "signature", "sk", "subscriptionkey", "tk", "token", "usertoken",
    "xamzcredential", "xamzsecuritytoken", "xamzsignature", "xapikey",
})  # fmt: skip
_USER = re.compile(r"(?<=://)[^\s/?#@\"'<>]+@")
_PARAMETER = re.compile(r"(?i)(?<=[?&;])([a-z][a-z0-9_.\-]{0,40})=([^&#\s\"'<>;]+)")
#: A field of an address that is filled in later: ``{key}``, ``{x}``.
_FIELD = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a person gave for a host.

    Parameters
    ----------
    key : str
        For ``{key}`` of an address.
    user, password : str
    parameters : mapping of str to str
        Parameters of the query that are secret, by name.
    """

    key: str = ""
    user: str = ""
    password: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.key or self.user or self.password or self.parameters)

    def __repr__(self) -> str:
        return f"Secrets({HIDDEN})" if self else "Secrets()"


def is_secret_name(name: str) -> bool:
    """Whether a parameter of this name holds a secret."""
    return re.sub(r"[-_.]", "", name.lower()) in SECRET_NAMES


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address of the web or a broker (``"https://t{s}.example.org"``), else nothing.

    That is what a key is bound to. The user's name before ``@`` is no part of it; fields such as ``{s}`` are left.
    """
    try:
        parts = urlsplit(url.strip())
        _ = parts.port  # ValueError for one that is no number
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2].lower()
    if parts.scheme not in ("http", "https", "mqtt", "mqtts") or not host:
        return ""
    return f"{parts.scheme}://{host.removesuffix(':443' if parts.scheme == 'https' else ':80')}"


def without_secrets(url: str) -> tuple[str, Secrets]:
    """Return an address without its secrets, and these.

    Fields such as ``{key}`` are no secrets and stay.

    Examples
    --------
    >>> without_secrets("https://me:pw@example.org/wfs?token=abc&x=1")[0]
    'https://example.org/wfs?x=1'
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url, Secrets()
    login, at, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":") if at else ("", "", "")
    kept, taken = [], {}
    for piece in parts.query.split("&") if parts.query else ():
        name, sign, value = piece.partition("=")
        if sign and value and is_secret_name(unquote(name)) and not _FIELD.search(value):
            taken[unquote(name)] = unquote(value)
        else:
            kept.append(piece)
    if not at and not taken:
        return url, Secrets()
    plain = urlunsplit(parts._replace(netloc=host, query="&".join(kept)))
    return plain, Secrets(user=unquote(user), password=unquote(password), parameters=taken)


def with_secrets(url: str, secrets: Secrets) -> str:
    """Return an address with the secret parameters and the key put in; a user and password go into a header instead."""
    url = url.replace("{key}", quote(secrets.key, safe=""))
    if not secrets.parameters:
        return url
    parts = urlsplit(url)
    present = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    added = [
        f"{quote(name)}={quote(value, safe='')}"
        for name, value in secrets.parameters.items()
        if name.lower() not in present
    ]
    return urlunsplit(parts._replace(query="&".join([*([parts.query] if parts.query else []), *added])))


def masked(text: str) -> str:
    """Return any text with the secrets of the addresses in it hidden, for logs, messages, pictures and exports."""
    if "://" in text:
        text = _USER.sub(f"{HIDDEN}@", text)
    if "=" in text:
        text = _PARAMETER.sub(_masked_parameter, text)
    return text


def _masked_parameter(found: re.Match[str]) -> str:
    name, value = found.group(1), found.group(2)
    hide = is_secret_name(name) and not _FIELD.fullmatch(value)
    return f"{name}={HIDDEN}" if hide else found.group(0)
