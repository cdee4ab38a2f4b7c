"""Sources of the web on loopback: what did not change, pages, marks, redirects, too much."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from models.core.addresses import Secrets
from models.core.errors import UserError
from models.io.live import sensorthings
from models.io.live.http_poll import Web, poll
from models.io.live.link import Inbox
from models.readings.messages.decoding import Decoder
from models.readings.messages.message import MOST_BYTES
from models.readings.source import LiveSource


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        parts, host = urlsplit(self.path), f"http://127.0.0.1:{self.server.server_port}"
        query = parse_qs(parts.query)
        if parts.path == "/value":
            if self.headers.get("If-None-Match") == "v1":
                return self.say(304, b"")
            return self.say(200, b'{"value": 1}', ETag="v1")
        if parts.path == "/large":
            return self.say(200, b"x" * (MOST_BYTES + 1))
        if parts.path == "/away":
            return self.say(302, b"", Location="http://127.0.0.2:1/")
        if parts.path == "/v1.1/Datastreams":
            page = int(query.get("page", ["0"])[0])
            rows = [{
                "@iot.id": page, "name": "d", "unitOfMeasurement": {"symbol": "m"}, "Thing": {"name": f"D{page}"},
                "ObservedProperty": {"name": "level"},
            }]  # fmt: skip
            following = {"@iot.nextLink": f"{host}/v1.1/Datastreams?page={page + 1}"} if page < 2 else {}
            return self.say(200, json.dumps({"value": rows, **following}).encode())
        if parts.path.endswith("/Observations"):
            times = ["2026-07-01T04:00:00Z", "2026-07-01T04:05:00Z/2026-07-01T04:10:00Z"]
            if "$filter" in query:
                times = [time for time in times if time.rpartition("/")[2] > query["$filter"][0].rpartition(" ")[2]]
            else:
                times = times[::-1]
            rows = [{"phenomenonTime": time, "result": 1.5} for time in times]
            return self.say(200, json.dumps({"value": rows}).encode())
        return self.say(404, b"")

    def say(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    made = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    made.server_close()


def test_what_did_not_change_is_no_message_and_too_much_or_a_redirect_elsewhere_is_refused(server):
    web = Web(Secrets())
    assert web.changed(f"{server}/value") == b'{"value": 1}'
    assert web.changed(f"{server}/value") is None
    for path, code in (("large", "server.too_large"), ("away", "server.bad_url"), ("none", "server.status")):
        with pytest.raises(UserError) as refused:
            web.get(f"{server}/{path}")
        assert refused.value.code == code


def test_a_polled_address_says_how_it_stands(server):
    inbox = Inbox()
    links = [poll(LiveSource("s", "s", "http", f"{server}/{path}"), Secrets(), inbox) for path in ("value", "none")]
    for link in links:
        link.start()
    came = inbox.take(5.0, 0.3)
    for link in links:
        link.stop()
    assert [arrived.message.payload for _, arrived in came] == [b'{"value": 1}']
    assert [link.state.connected for link in links] == [True, False]
    assert "404" in links[1].state.error


def test_datastreams_are_read_page_by_page_and_each_on_from_what_was_kept(server):
    source = LiveSource("s", "s", "sensorthings", f"{server}/v1.1", mapping=sensorthings.MAPPING)
    kept = {}
    for expected in (6, 0):
        link = sensorthings.poll(source, Secrets(), Inbox(), lambda name, held=dict(kept): held.get(name, ""))
        came = list(link._ask())
        kept |= {arrived.mark[0]: arrived.mark[1] for arrived in came}
        decoder = Decoder(source)
        read = decoder.decode(arrived.message for arrived in came)
        assert len(read) == expected
        assert not decoder.faults.total
        if expected:
            assert set(read.sensor) == {"D0", "D1", "D2"}
            assert set(zip(read.quantity, read.unit, read.value, strict=True)) == {("level", "m", 1.5)}
    assert kept["0"] == "2026-07-01T04:10:00Z"
