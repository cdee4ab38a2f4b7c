"""OGC API – Features and WFS, asked of a server that the test runs."""

from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pytest
import shapely

from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.io.servers import ogc
from tests.support.servers import as_json, web

COUNT = 2_345
LON0, LAT0 = 117.0, 36.6


def lamps():
    chance = np.random.default_rng(7)
    points = shapely.points(LON0 + 0.1 * chance.random(COUNT), LAT0 + 0.1 * chance.random(COUNT))
    return gpd.GeoDataFrame(
        {"code": [f"灯{n}" for n in range(COUNT)], "watt": np.arange(COUNT)}, geometry=points, crs=4326
    )


def features(frame):
    return [
        {"type": "Feature", "id": int(n), "properties": {"code": row.code, "watt": int(row.watt)},
         "geometry": {"type": "Point", "coordinates": [row.geometry.x, row.geometry.y]}}
        for n, row in zip(frame.index, frame.itertuples(), strict=True)
    ]  # fmt: skip


def api(path, query):
    """Answer as an OGC API – Features service does, a page at a time."""
    frame = lamps()
    if path.endswith("/collections"):
        extent = {"spatial": {"bbox": [[LON0, LAT0, LON0 + 0.1, LAT0 + 0.1]]}}
        return as_json({"collections": [{"id": "lamps", "title": "路灯", "extent": extent}, {"id": "none"}]})
    if path.endswith("/collections/none/items"):
        return as_json({"type": "FeatureCollection", "features": []})
    if not path.endswith("/collections/lamps/items"):
        return as_json({"code": "NotFound"}, 404)
    if "bbox" in query:
        west, south, east, north = (float(value) for value in query["bbox"].split(","))
        frame = frame.cx[west:east, south:north]
    start, limit = int(query.get("offset", 0)), int(query["limit"])
    links = []
    if start + limit < len(frame):
        links = [{"rel": "next", "href": f"{path}?limit={limit}&offset={start + limit}"
                  + (f"&bbox={query['bbox']}" if "bbox" in query else "")}]  # fmt: skip
    page = features(frame.iloc[start : start + limit])
    return as_json({"type": "FeatureCollection", "features": page, "numberMatched": len(frame), "links": links})


CAPABILITIES = """<?xml version="1.0"?>
<wfs:WFS_Capabilities xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:ows="http://www.opengis.net/ows/1.1"
 version="2.0.0">
<ows:ServiceIdentification><ows:Title>t</ows:Title><ows:ServiceType>WFS</ows:ServiceType></ows:ServiceIdentification>
<ows:OperationsMetadata><ows:Operation name="GetFeature"><ows:DCP><ows:HTTP/></ows:DCP>
<ows:Parameter name="outputFormat"><ows:AllowedValues>FORMATS</ows:AllowedValues></ows:Parameter>
</ows:Operation></ows:OperationsMetadata>
<wfs:FeatureTypeList><wfs:FeatureType><wfs:Name>city:lamps</wfs:Name><wfs:Title>路灯</wfs:Title>
<wfs:DefaultCRS>urn:ogc:def:crs:EPSG::4326</wfs:DefaultCRS>
<ows:WGS84BoundingBox><ows:LowerCorner>117 36.6</ows:LowerCorner>
<ows:UpperCorner>117.1 36.7</ows:UpperCorner></ows:WGS84BoundingBox>
</wfs:FeatureType></wfs:FeatureTypeList></wfs:WFS_Capabilities>"""


def wfs(formats):
    """Return what answers as a WFS 2.0 does, in GeoJSON or in GML with latitude first."""

    def answer(path, query):
        if query.get("request") == "GetCapabilities":
            text = CAPABILITIES.replace("FORMATS", "".join(f"<ows:Value>{one}</ows:Value>" for one in formats))
            return 200, {"Content-Type": "text/xml"}, text.encode()
        frame = lamps()
        if "bbox" in query:
            south, west, north, east = (float(value) for value in query["bbox"].split(",")[:4])
            frame = frame.cx[west:east, south:north]
        frame = frame.iloc[: int(query["count"])]
        if "json" in query.get("outputformat", ""):
            return as_json({"type": "FeatureCollection", "features": features(frame)})
        members = "".join(
            f'<wfs:member><city:lamps gml:id="l.{n}"><city:code>{row.code}</city:code><city:watt>{row.watt}</city:watt>'
            f'<city:geom><gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>{row.geometry.y} {row.geometry.x}'
            "</gml:pos></gml:Point></city:geom></city:lamps></wfs:member>"
            for n, row in zip(frame.index, frame.itertuples(), strict=True)
        )
        text = (
            '<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:city="http://city" '
            f'xmlns:gml="http://www.opengis.net/gml/3.2">{members}</wfs:FeatureCollection>'
        )
        return 200, {"Content-Type": "application/gml+xml"}, text.encode()

    return answer


SERVICES = [("", api), ("/wfs", wfs(["application/json"])), ("/wfs", wfs(["application/gml+xml; version=3.2"]))]


def same(frame, expected):
    frame, expected = frame.sort_values("watt"), expected.sort_values("watt")
    assert frame["code"].tolist() == expected["code"].tolist()
    assert shapely.distance(frame.geometry.to_numpy(), expected.geometry.to_numpy()).max() < 1e-9


@pytest.mark.parametrize(("path", "answer"), SERVICES)
def test_every_feature_comes_where_it_is_over_all_pages(path, answer):
    with web(answer) as address:
        offered = ogc.collections(address + path)
        assert (offered[0].title, offered[0].box) == ("路灯", pytest.approx((117.0, 36.6, 117.1, 36.7)))
        frame, cautions = ogc.read(address + path, offered[0], None, 100_000, Progress())
    same(frame, lamps())
    assert cautions == []
    assert frame.crs.is_geographic


@pytest.mark.parametrize(("path", "answer"), SERVICES)
def test_the_extent_is_asked_of_the_server(path, answer):
    box = (117.02, 36.61, 117.05, 36.64)
    with web(answer) as address:
        frame, _ = ogc.read(address + path, ogc.collections(address + path)[0], box, 100_000, Progress())
    same(frame, lamps().cx[box[0] : box[2], box[1] : box[3]])


@pytest.mark.parametrize(("path", "answer"), SERVICES)
def test_a_limit_is_kept_and_said(path, answer):
    with web(answer) as address:
        frame, cautions = ogc.read(address + path, ogc.collections(address + path)[0], None, 500, Progress())
    assert (len(frame), [caution.code for caution in cautions]) == (500, ["server.limit"])


def test_a_cancel_between_pages_ends_the_reading():
    def stop(fraction, code):
        progress.cancel()

    progress = Progress(stop)
    with web(api) as address, pytest.raises(Cancelled):
        ogc.read(address, ogc.collections(address)[0], None, 100_000, progress)


def test_a_page_that_leads_to_itself_ends():
    def answer(path, query):
        if path.endswith("/collections"):
            return as_json({"collections": [{"id": "a"}]})
        links = [{"rel": "next", "href": "/collections/a/items?limit=1000&f=json"}]
        return as_json({"type": "FeatureCollection", "features": features(lamps().iloc[:5]), "links": links})

    with web(answer) as address:
        frame, _ = ogc.read(address, ogc.collections(address)[0], None, 100_000, Progress())
    assert len(frame) <= 10


HOSTILE = {
    "server.not_a_service": lambda *_: (200, {}, b"<html><body>welcome</body></html>"),
    "server.status": lambda *_: (500, {}, b"no"),
    "server.bad_url": lambda *_: (302, {"Location": "file:///etc/passwd"}, b""),
}


@pytest.mark.parametrize("code", HOSTILE)
@pytest.mark.parametrize("path", ["", "/wfs"])
def test_what_is_no_service_is_refused_by_name(code, path):
    with web(HOSTILE[code]) as address, pytest.raises(UserError, match=code.replace(".", r"\.")):
        ogc.collections(address + path)


def test_an_entity_bomb_is_refused_before_anything_reads_it():
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbb">]><a>&b;</a>'
    with web(lambda *_: (200, {}, bomb)) as address, pytest.raises(UserError, match=r"server\.not_a_service"):
        ogc.collections(address + "/wfs")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a/b", "nothing", "http://", "http://[::1"])
def test_only_web_addresses_are_asked(url):
    with pytest.raises(UserError, match=r"server\.bad_url"):
        ogc.collections(url)


def test_an_empty_collection_and_a_dead_server_are_said():
    with web(api) as address, pytest.raises(UserError, match=r"server\.no_rows"):
        ogc.read(address, ogc.collections(address)[1], None, 10, Progress())
    with pytest.raises(UserError, match=r"server\.no_answer"):
        ogc.collections(address)


@pytest.mark.parametrize("name", ["路灯", "城管/路灯", "lamps?f=1", "a b", "100%", "a#b", "x&y=z", "%E7%81%AF"])
@pytest.mark.parametrize("base", ["/ogc", "/ogc/", "/ogc/collections", "/ogc?token=1", "/数据/ogc"])
def test_the_name_of_a_collection_is_one_name_in_the_address(name, base):
    asked = []

    def answer(path, query):
        asked.append((path, query))
        if path.endswith("/collections"):
            return as_json({"collections": [{"id": name}]})
        point = {"type": "Feature", "properties": {"a": 1}, "geometry": {"type": "Point", "coordinates": [117, 36]}}
        first = "offset" not in query
        links = [{"rel": "next", "href": f"{path}?offset=1&词=灯&limit=1"}] if first else []
        document = {"type": "FeatureCollection", "features": [point], "links": links, "numberMatched": "unknown"}
        return as_json(document)

    with web(answer) as url:
        (found,) = ogc.collections(url + base)
        frame, _ = ogc.read(url + base, found, None, 10, Progress())
    assert len(frame) == 2
    home = quote(base.partition("?")[0].rstrip("/").removesuffix("/collections"))
    assert {path for path, _ in asked} == {f"{home}/collections", f"{home}/collections/{quote(name, safe='')}/items"}
    assert all(query.get("token") == "1" for _, query in asked[:2]) or "?" not in base
