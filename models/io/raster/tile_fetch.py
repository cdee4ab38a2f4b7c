"""Fetch one tile from a server; size, type and redirects of the answer are checked before it is used.

Only http and https are asked, redirects to anything else are refused; an answer has a limit of size and time and must
be a picture by its first bytes: servers send error pages with status 200.
"""

from __future__ import annotations

import http.client
import io
import urllib.error
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from models.core.addresses import Secrets, masked
from models.core.errors import UserError
from models.io.common.http import NO_SECRETS, host_of, opener, request_for

TIMEOUT_S = 8.0
MOST_BYTES = 12 * 1024**2
MOST_PIXELS = 4096 * 4096
_MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")


def fetch(url: str, secrets: Secrets = NO_SECRETS, timeout_s: float = TIMEOUT_S) -> bytes:
    """Return what a server answers; ``secrets`` are those for its host.

    Raises
    ------
    UserError
        ``basemap.bad_url``, ``basemap.bad_redirect`` (no web address, or a circle), ``basemap.refused`` (401, 403:
        the key or the terms),
        ``basemap.no_tile`` (404, 204), ``basemap.server`` (another status), ``basemap.offline`` (no answer),
        ``basemap.too_large``.
    """
    host = host_of(url)
    if not host:
        raise UserError("basemap.bad_url", url=masked(url)[:80])
    request = request_for(url, secrets)
    request.add_header("Accept", "image/*,*/*")
    try:
        with opener(_bad_redirect).open(request, timeout=timeout_s) as answer:
            if answer.status == 204:
                raise UserError("basemap.no_tile", host=host)
            data: bytes = answer.read(MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (401, 403, 418):
            raise UserError("basemap.refused", host=host, status=error.code) from None
        if error.code in (404, 410):
            raise UserError("basemap.no_tile", host=host) from None
        if 300 <= error.code < 400:  # urllib stops at addresses that are none of the web, and at circles
            raise UserError("basemap.bad_redirect", host=host) from None
        raise UserError("basemap.server", host=host, status=error.code) from None
    except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException, OSError):
        raise UserError("basemap.offline", host=host) from None
    except ValueError:
        raise UserError("basemap.bad_url", url=masked(url)[:80]) from None
    if len(data) > MOST_BYTES:
        raise UserError("basemap.too_large", host=host)
    return data


def _bad_redirect(asked: str, _: str) -> UserError:
    return UserError("basemap.bad_redirect", host=host_of(asked))


def fetch_picture(url: str, secrets: Secrets = NO_SECRETS, timeout_s: float = TIMEOUT_S) -> bytes:
    """Return a picture as the server sent it.

    Raises
    ------
    UserError
        As :func:`fetch`; ``basemap.not_image`` for an error page or an XML exception.
    """
    data = fetch(url, secrets, timeout_s)
    if not data.startswith(_MAGIC):
        raise UserError("basemap.not_image", host=urlsplit(url).hostname or "", said=_message(data))
    return data


def _message(data: bytes) -> str:
    """Return the first words of a text that came in the place of a picture."""
    import re

    text = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", data[:4000].decode("utf-8", "replace"))
    return " ".join(text.split())[:120] or "…"


def decoded(data: bytes) -> NDArray[np.uint8] | None:
    """Return the colours (h, w, 4) of a picture, None where it is broken or monstrous."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "WEBP", "BMP")) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            return np.asarray(image.convert("RGBA"))
    except Exception:  # Pillow raises what it likes on broken files; a broken tile is no tile
        return None
