"""Readings of an OGC SensorThings API (18-088): datastreams, and what was observed since they were asked last.

Invariants
----------
1. Pages follow ``@iot.nextLink`` on the same host only, and :data:`MOST_PAGES` of them at most a round.
2. A datastream is read on from the last ``phenomenonTime`` that was kept; one that nobody asked before gives its last
   :data:`FIRST` observations.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode, urljoin

import orjson

from models.core.addresses import Secrets, masked, origin_of
from models.core.errors import UserError
from models.io.live.http_poll import PollingLink, Web
from models.io.live.link import Arrived, Inbox, MarkOf, now_us
from models.readings.messages.message import Message
from models.readings.source import LiveSource, MessageMapping

PAGE = 500
FIRST = 100
MOST_PAGES = 200
MOST_PAGE_BYTES = 16 * 1024**2
#: How :func:`poll` writes what it read; the same for every service.
MAPPING = MessageMapping(records="rows", sensor="sensor", quantity="quantity", unit="unit", quality="quality")


def poll(source: LiveSource, secrets: Secrets, inbox: Inbox, mark_of: MarkOf) -> PollingLink:
    """Return what asks a service; ``mark_of`` says how far each datastream was kept."""
    web = Web(secrets)
    held: dict[str, str] = {}

    def ask() -> Iterator[Arrived]:
        for stream in datastreams(web, source):
            since = held.get(stream["id"]) or mark_of(stream["id"])
            rows = _observations(web, stream["observations"], since)
            if not rows:
                continue
            held[stream["id"]] = rows[-1]["time"]
            for first in range(0, len(rows), PAGE):
                part = rows[first : first + PAGE]
                body = {name: stream[name] for name in ("sensor", "quantity", "unit")} | {"rows": part}
                message = Message(source.id, "", orjson.dumps(body), now_us())
                yield Arrived(message, mark=(stream["id"], part[-1]["time"]))

    return PollingLink(source, inbox, ask)


def datastreams(web: Web, source: LiveSource) -> list[dict[str, str]]:
    """Return the datastreams of a service: id, sensor (name of the thing), quantity, unit, address of observations."""
    base = source.address.rstrip("/") + "/"
    asked = {
        "$top": str(PAGE), "$expand": "Thing($select=name),ObservedProperty($select=name)", "$orderby": "id asc",
        **({"$filter": source.filter} if source.filter else {}),
    }  # fmt: skip
    found = []
    for row in _pages(web, base + "Datastreams?" + urlencode(asked, quote_via=quote, safe="$(),;=")):
        thing, observed, unit = (row.get(name) or {} for name in ("Thing", "ObservedProperty", "unitOfMeasurement"))
        link = row.get("Observations@iot.navigationLink") or ""
        number = str(row.get("@iot.id", ""))
        if not number or not all(isinstance(one, dict) for one in (thing, observed, unit)):
            continue
        key = number if number.isdecimal() else "'" + number.replace("'", "''") + "'"
        found.append({
            "id": number, "sensor": str(thing.get("name") or number),
            "quantity": str(observed.get("name") or row.get("name")), "unit": str(unit.get("symbol") or ""),
            "observations": urljoin(base, str(link)) if link else f"{base}Datastreams({quote(key)})/Observations",
        })  # fmt: skip
    return found


def _observations(web: Web, url: str, since: str) -> list[dict[str, Any]]:
    asked = {"$select": "phenomenonTime,result,resultQuality", "$top": str(PAGE), "$orderby": "phenomenonTime asc"}
    if since:
        asked["$filter"] = f"phenomenonTime gt {since}"
    else:
        asked |= {"$top": str(FIRST), "$orderby": "phenomenonTime desc"}
    full = url + ("&" if "?" in url else "?") + urlencode(asked, quote_via=quote, safe="$,")
    rows = []
    for row in _pages(web, full, MOST_PAGES if since else 1):
        # an interval is dated by its end
        when = str(row.get("phenomenonTime") or "").rpartition("/")[2]
        if when:
            rows.append({"time": when, "value": row.get("result"), "quality": _word(row.get("resultQuality"))})
    return rows if since else rows[::-1]


def _word(quality: Any) -> Any:
    return quality if isinstance(quality, (str, int)) else None


def _pages(web: Web, url: str, most: int = MOST_PAGES) -> Iterator[dict[str, Any]]:
    here = origin_of(url)
    for _ in range(most):
        body = web.get(url, most_bytes=MOST_PAGE_BYTES) or b""
        try:
            document = orjson.loads(body)
            rows, following = document["value"], document.get("@iot.nextLink")
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            raise UserError("server.not_a_service", url=masked(url)[:80]) from None
        yield from (row for row in rows if isinstance(row, dict))
        if not isinstance(following, str) or not rows:
            return
        url = urljoin(url, following)
        if origin_of(url) != here:
            raise UserError("server.bad_url", url=masked(url)[:80])
