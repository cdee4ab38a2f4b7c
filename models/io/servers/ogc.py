"""Layers that web services hold: OGC API – Features and WFS.

Invariants
----------
1. Only http and https are asked, with a limit of time and size; a redirect to anything else is refused.
2. XML with a document type is refused before anything reads it.
3. Filter by extent is the server's work; features come page by page until the limit, and a cancel is noticed between
   pages.
4. GeoJSON of a service is longitude, latitude unless it says otherwise; WFS is asked for GeoJSON, else for GML, whose
   axis order GDAL knows.

Sources: OGC 17-069r4 (API – Features, core), 18-058 (CRS), 09-025r2 (WFS 2.0).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

import geopandas as gpd
import pandas as pd

from models.core.addresses import Secrets, masked
from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.io.common.http import NO_SECRETS, SecretsFor, get, require_web

LONLAT = "OGC:CRS84"
#: Signs that have a meaning in an address, and what is encoded already.
_IN_PATH = "/%:@!$&'()*+,;=~"
_IN_QUERY = _IN_PATH + "?"
PAGE = 1_000
MOST_FEATURES = 500_000


@dataclass(frozen=True, slots=True)
class Collection:
    """A layer of a service.

    Parameters
    ----------
    id, title : str
    crs : str
        In which its features come.
    box : tuple of 4 float or None
        West, south, east, north in degrees.
    """

    id: str
    title: str
    crs: str = LONLAT
    box: tuple[float, float, float, float] | None = None


def no_secrets(_: str) -> Secrets:
    """Return nothing for any host."""
    return NO_SECRETS


def kind_of(url: str) -> str:
    """Return ``"wfs"`` where the address says so, else ``"features"``."""
    query = dict(parse_qsl(urlsplit(url).query.lower()))
    return (
        "wfs" if query.get("service") == "wfs" or urlsplit(url).path.lower().rstrip("/").endswith("wfs") else "features"
    )


def collections(url: str, secrets_for: SecretsFor = no_secrets) -> list[Collection]:
    """Return what a service offers.

    Raises
    ------
    UserError
        ``server.no_answer``, ``server.status``, ``server.not_a_service``, ``server.bad_url``, ``server.too_large``.
    """
    require_web(url)
    found = _wfs_collections if kind_of(url) == "wfs" else _api_collections
    return found(url, secrets_for)


def read(
    url: str, collection: Collection, box: tuple[float, float, float, float] | None, limit: int, progress: Progress,
    secrets_for: SecretsFor = no_secrets,
) -> tuple[gpd.GeoDataFrame, list[Caution]]:  # fmt: skip
    """Bring the features of a collection.

    Parameters
    ----------
    url : str
    collection : Collection
    box : tuple of 4 float or None
        West, south, east, north in degrees; None for everywhere.
    limit : int
    progress : Progress
    secrets_for : callable
        Returns what the user entered for the host of an address.

    Raises
    ------
    UserError
        As :func:`collections`; ``server.no_rows``.
    Cancelled
    """
    make = _wfs_features if kind_of(url) == "wfs" else _api_features
    frame, more = make(url, collection, box, min(limit, MOST_FEATURES), progress, secrets_for)
    if not len(frame):
        raise UserError("server.no_rows", table=collection.title)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="fid")
    return frame, [Caution("server.limit", table=collection.title, limit=len(frame))] if more else []


# --- OGC API – Features -----------------------------------------------------------------------------------------------


def _api_collections(url: str, secrets_for: SecretsFor) -> list[Collection]:
    document = _json(_with(_below(url), f="json"), secrets_for)
    rows = document.get("collections")
    if not isinstance(rows, list):
        raise UserError("server.not_a_service", url=masked(url))
    return [_collection(row) for row in rows if isinstance(row, dict) and row.get("id")]


def _collection(row: Mapping[str, Any]) -> Collection:
    spatial = (row.get("extent") or {}).get("spatial") or {}
    boxes = spatial.get("bbox") or [None]
    box = boxes[0] if isinstance(boxes, list) and boxes else None
    flat = (
        (box[0], box[1], box[len(box) // 2], box[len(box) // 2 + 1])
        if isinstance(box, list) and len(box) in (4, 6)
        else None
    )
    return Collection(str(row["id"]), str(row.get("title") or row["id"]), LONLAT, flat)


def _api_features(
    url: str, collection: Collection, box: Any, limit: int, progress: Progress, secrets_for: SecretsFor
) -> tuple[gpd.GeoDataFrame, bool]:
    page = _with(_below(url, collection.id, "items"), f="json", limit=str(min(PAGE, limit)), **_box(box))
    features: list[Any] = []
    seen: set[str] = set()
    total = limit
    while page and page not in seen and len(features) < limit:
        seen.add(page)
        document = _json(page, secrets_for)
        found = document.get("features")
        if not isinstance(found, list):
            raise UserError("server.not_a_service", url=masked(page))
        features += found
        matched = document.get("numberMatched")
        total = matched if isinstance(matched, int) and matched > 0 else total
        progress.step(min(0.95, len(features) / max(min(total, limit), 1)), "progress.server.rows")
        links = document.get("links") or []
        follow = next(
            (link.get("href") for link in links if isinstance(link, dict) and link.get("rel") == "next"), None
        )
        page = _as_uri(urljoin(page, str(follow))) if follow and found else ""
    return _from_features(features[:limit], LONLAT), bool(page) or len(features) > limit


# --- WFS --------------------------------------------------------------------------------------------------------------


def _wfs_collections(url: str, secrets_for: SecretsFor) -> list[Collection]:
    service = _wfs(url, secrets_for)
    return [
        Collection(name, str(layer.title or name), _code(layer), _degrees(layer.boundingBoxWGS84))
        for name, layer in service.contents.items()
    ]


def _wfs(url: str, secrets_for: SecretsFor) -> Any:
    """Return OWSLib's view of the capabilities, which are fetched by us: it follows any redirect."""
    from owslib.wfs import WebFeatureService

    last: Exception | None = None
    for version in ("2.0.0", "1.1.0"):
        answer = get(_with(url, service="WFS", request="GetCapabilities", version=version), secrets_for)
        _refuse_doctype(answer, url)
        try:
            service = WebFeatureService(url, version=version, xml=answer)
        except Exception as error:  # OWSLib raises whatever XML gives it
            last = error
            continue
        if service.contents:
            return service
    raise UserError("server.not_a_service", url=masked(url)) from last


def _wfs_features(
    url: str, collection: Collection, box: Any, limit: int, progress: Progress, secrets_for: SecretsFor
) -> tuple[gpd.GeoDataFrame, bool]:
    service = _wfs(url, secrets_for)
    version = str(service.version)
    asked = {"service": "WFS", "version": version, "request": "GetFeature"}
    asked["typeNames" if version.startswith("2") else "typeName"] = collection.id
    asked["count" if version.startswith("2") else "maxFeatures"] = str(limit + 1)
    if box is not None:  # the urn says that degrees stand latitude first
        west, south, east, north = box
        asked["bbox"] = f"{south},{west},{north},{east},urn:ogc:def:crs:EPSG::4326"
    offered = " ".join(_formats(service)).lower()
    progress.step(0.1, "progress.server.rows")
    if "json" in offered:
        answer = get(_with(url, **asked, outputFormat="application/json", srsName="EPSG:4326"), secrets_for)
        if answer.lstrip()[:1] == b"{":
            document = _parsed(answer, url)
            frame = _from_features(list(document.get("features") or []), _declared_crs(document))
            return frame.iloc[:limit], len(frame) > limit
    answer = get(_with(url, **asked), secrets_for)
    _refuse_doctype(answer, url)
    progress.step(0.6, "progress.server.rows")
    frame = _from_gml(answer, url)
    return frame.iloc[:limit], len(frame) > limit


def _from_gml(answer: bytes, url: str) -> gpd.GeoDataFrame:
    import pyogrio

    with tempfile.TemporaryDirectory(prefix="chengjing_") as folder:
        path = Path(folder) / "features.gml"
        path.write_bytes(answer)
        try:
            frame = pyogrio.read_dataframe(path, layer=0)
        except Exception as error:  # GDAL's errors have no family of their own
            raise UserError("server.not_a_service", url=masked(url)) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise UserError("server.not_a_service", url=masked(url))
    return frame


def _formats(service: Any) -> list[str]:
    operation = next((one for one in service.operations if one.name == "GetFeature"), None)
    parameters = getattr(operation, "parameters", {}) or {}
    return [str(value) for value in (parameters.get("outputFormat") or {}).get("values", [])]


def _code(layer: Any) -> str:
    options = getattr(layer, "crsOptions", None) or []
    return f"EPSG:{options[0].code}" if options else LONLAT


def _degrees(box: Any) -> tuple[float, float, float, float] | None:
    return None if box is None or len(box) != 4 else (float(box[0]), float(box[1]), float(box[2]), float(box[3]))


# --- shared -----------------------------------------------------------------------------------------------------------


def _from_features(features: list[Any], crs: str) -> gpd.GeoDataFrame:
    good = [one for one in features if isinstance(one, dict) and one.get("type") == "Feature"]
    if not good:
        return gpd.GeoDataFrame({"geometry": []}, geometry="geometry", crs=crs)
    try:
        return gpd.GeoDataFrame.from_features(good, crs=crs)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError("server.not_a_service", url="GeoJSON") from error


def _declared_crs(document: Mapping[str, Any]) -> str:
    """Return the CRS that old GeoJSON names; without one it is longitude, latitude."""
    name = str(((document.get("crs") or {}).get("properties") or {}).get("name") or "")
    code = name.rsplit(":", 1)[-1]
    return f"EPSG:{code}" if "EPSG" in name.upper() and code.isdigit() and code != "4326" else LONLAT


def _json(url: str, secrets_for: SecretsFor) -> Mapping[str, Any]:
    return _parsed(get(url, secrets_for), url)


def _parsed(answer: bytes, url: str) -> Mapping[str, Any]:
    try:
        document = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise UserError("server.not_a_service", url=masked(url)) from error
    if not isinstance(document, dict):
        raise UserError("server.not_a_service", url=masked(url))
    return document


def _refuse_doctype(answer: bytes, url: str) -> None:
    if b"<!DOCTYPE" in answer[:4096].upper() or b"<!ENTITY" in answer.upper():
        raise UserError("server.not_a_service", url=masked(url))


def _box(box: Any) -> dict[str, str]:
    return {} if box is None else {"bbox": ",".join(f"{value:.8f}" for value in box)}


def _below(url: str, *names: str) -> str:
    """Return the address of the collections of a service, or of what is below them.

    Parameters
    ----------
    url : str
        Of the service or of its collections, with or without a query of its own.
    *names : str
        As the service calls them: a name with a slash, a question mark or Chinese in it is still one name (RFC 3986).
    """
    parts = urlsplit(_as_uri(url))
    home = parts.path.rstrip("/").removesuffix("/collections")
    path = "/".join([home, "collections", *(quote(name, safe="") for name in names)])
    return urlunsplit(parts._replace(path=path, fragment=""))


def _as_uri(url: str) -> str:
    """Return an address in which all is ASCII, as servers and people write them with Chinese in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=quote(parts.path, safe=_IN_PATH), query=quote(parts.query, safe=_IN_QUERY)))


def _with(url: str, **parameters: str) -> str:
    """Return the address with these parameters, in the place of those of the same name."""
    parts = urlsplit(url)
    names = {name.lower() for name in parameters}
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in names]
    return urlunsplit(parts._replace(query=urlencode([*kept, *parameters.items()])))
