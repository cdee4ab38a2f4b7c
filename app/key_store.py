"""Keys and passwords by the host they were entered for, kept in the key store of the system.

Invariants
----------
1. Secrets are kept by origin (scheme, host, port) and given out for that origin alone, or for the same host over https.
2. Nothing is written in plain text: where the system has no key store, a secret lives as long as the session.
3. The key store is read when a secret is first needed, on the thread that needs it: it may ask the person to unlock.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol

from models.core.addresses import Secrets, origin_of

log = logging.getLogger(__name__)

SERVICE = "chengjing"


class Backend(Protocol):
    """What a key store of a system offers, as :mod:`keyring` calls it."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return a secret."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget a secret."""


def of_system() -> Backend | None:
    """Return the key store of the system, None where there is none that hides what it keeps."""
    try:
        import keyring

        found: Any = keyring.get_keyring()
        hides = float(found.priority) >= 1  # those without a store, and those that write plain text, have less
    except Exception as error:  # a backend raises what it likes while it is looked for
        log.warning("no key store: %s", type(error).__name__)
        return None
    return found if hides else None


class KeyStore:
    """Secrets by host.

    Parameters
    ----------
    find : callable, optional
        Returns the key store of the system when it is first needed; without it everything is for this session.
    """

    def __init__(self, find: Callable[[], Backend | None] = lambda: None) -> None:
        self._find = find
        self._lock = threading.RLock()
        self._backend: Backend | None = None
        self._looked = False
        self._known: dict[str, Secrets] = {}

    @property
    def backend(self) -> Backend | None:
        """Return the key store of the system; the first time this looks for it."""
        with self._lock:
            if not self._looked:
                self._backend, self._looked = self._find(), True
            return self._backend

    def of(self, url: str) -> Secrets:
        """Return the secrets for an address: those of its origin, or those given for the same host without TLS."""
        origin = origin_of(url)
        if not origin:
            return Secrets()
        found = self._of_origin(origin)
        if not found and origin.startswith("https://"):
            found = self._of_origin("http://" + origin.removeprefix("https://"))
        return found

    def held(self, url: str) -> Secrets:
        """Return what is in memory for the origin of an address, without asking the key store."""
        with self._lock:
            return self._known.get(origin_of(url), Secrets())

    def hold(self, url: str, secrets: Secrets) -> None:
        """Use secrets for the origin of an address in this session."""
        with self._lock:
            self._known[origin_of(url)] = secrets

    def write(self, url: str) -> bool:
        """Keep what is held for an address beyond this session; whether that was possible."""
        origin = origin_of(url)
        with self._lock:
            secrets, backend = self._known.get(origin, Secrets()), self.backend
            if backend is None or not origin:
                return False
            try:
                if secrets:
                    backend.set_password(SERVICE, origin, _text(secrets))
                else:
                    backend.delete_password(SERVICE, origin)
            except Exception as error:  # locked, refused, gone: each backend has its own errors
                log.warning("the key store refused: %s", type(error).__name__)
                return not secrets
            return True

    def _of_origin(self, origin: str) -> Secrets:
        with self._lock:
            if origin not in self._known:
                self._known[origin] = self._read(origin)
            return self._known[origin]

    def _read(self, origin: str) -> Secrets:
        try:
            backend = self.backend
            text = None if backend is None else backend.get_password(SERVICE, origin)
            return _secrets(text) if text else Secrets()
        except Exception as error:  # as above
            log.warning("the key store refused: %s", type(error).__name__)
            return Secrets()


def _text(secrets: Secrets) -> str:
    return json.dumps({
        "key": secrets.key, "user": secrets.user, "password": secrets.password, "parameters": dict(secrets.parameters),
    })  # fmt: skip


def _secrets(text: str) -> Secrets:
    document = json.loads(text)
    parameters = {str(name): str(value) for name, value in dict(document.get("parameters") or {}).items()}
    key, user, password = (str(document.get(name) or "") for name in ("key", "user", "password"))
    return Secrets(key, user, password, parameters)
