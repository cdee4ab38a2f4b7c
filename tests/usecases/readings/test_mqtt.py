"""Messages from real brokers: with kills every one is kept once, and a project from elsewhere calls nobody unasked."""

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.project import opening, trust
from app.usecases.readings import commands, feeds
from app.usecases.readings.readings import store_of
from models.core.addresses import Secrets
from models.core.errors import UserError
from models.io.live.commands import Command
from models.readings.source import LiveSource, MessageMapping
from tests.support.paths import ROOT


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")), reason="needs mosquitto")
def test_with_program_killed_twice_broker_once_and_disk_full_once_every_message_is_in_the_store_once():
    command = [sys.executable, str(ROOT / "benchmarks" / "mqtt.py"), "--rate", "500", "--minutes", "0.4", "--json"]
    for _ in range(2):  # on a machine too busy to start the program between two kills the run ends without a report
        done = subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)
        if done.stdout:
            break
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    assert report["events"] == ["broker", "empty", "fill", "kill", "kill again"]
    assert (report["missing"], report["sum_fits"], report["left_in_journal"]) == (0, True, 0), report


@pytest.fixture
def broker():
    """Return the port of a broker that is no mosquitto (amqtt), on a thread of its own."""
    from amqtt.broker import Broker

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    loop = asyncio.new_event_loop()
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }
    made = Broker(config, loop=loop)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(made.start(), loop).result(10)
    yield port
    with contextlib.suppress(Exception):
        asyncio.run_coroutine_threadsafe(made.shutdown(), loop).result(0.3)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(0.2)


def test_a_second_broker_serves_too_and_odd_messages_are_counted(session, broker, tmp_path):
    import paho.mqtt.client as paho

    address = f"mqtt://127.0.0.1:{broker}"
    source = LiveSource("s", "amqtt", "mqtt", address, ("city/{sensor}/{quantity}",), protocol=4)
    feeds.put_source(session, replace(source, mapping=MessageMapping(unit="unit")))
    opening.save_project(session, tmp_path / "city.gpkg")
    heard = []
    session.feeds.came.connect(lambda batch: heard.append(len(batch)))
    feeds.start(session)
    wait_until(lambda: session.feeds.state("s").connected)
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, "publisher")
    client.connect("127.0.0.1", broker)
    client.loop_start()
    now = int(time.time())
    for n in range(200):
        text = json.dumps({"value": n, "time": now + n / 1000, "unit": "cm" if n % 2 else "m"})
        client.publish(f"city/D{n}/level", text, qos=1)
    odd = [b"{", b'{"value": NaN}', b'{"value": 1, "time": 0}', b'{"value": 1, "time": "2100-01-01"}', b"[" * 100_000]
    odd.append(json.dumps({"value": 1, "time": now, "unit": "furlong"}).encode())
    for payload in odd:
        client.publish("city/D1/level", payload, qos=1)
    wait_until(lambda: session.feeds.state("s").received == 206 and session.feeds.state("s").backlog == 0)
    state = session.feeds.state("s")
    other = replace(source, id="t", name="other", topics=("town/{sensor}/{quantity}",), mapping=MessageMapping(time=""))
    feeds.put_source(session, other)
    feeds.start(session, ["t"])
    wait_until(lambda: session.feeds.state("t").connected)
    feeds.put_source(session, replace(other, mapping=MessageMapping(value="v", time="")))
    wait_until(lambda: session.feeds.state("t").connected)
    client.publish("town/D1/flow", b'{"v": 7}', qos=1)
    wait_until(lambda: session.feeds.state("t").readings == 1)
    feeds.stop(session)
    client.loop_stop()
    assert {kind: fault.count for kind, fault in state.faults.items()} == {
        "not_json": 2, "not_finite": 1, "too_old": 1, "too_new": 1, "unit": 1,
    }  # fmt: skip
    assert (state.readings, sum(heard), store_of(session).count()) == (200, 201, 201)
    metres = {channel.sensor: channel for channel in store_of(session).channels()}["D3"]
    value = store_of(session).series([metres.id], 0, 2**62).value
    assert metres.unit == "m"
    assert np.allclose(value, 0.03)


def test_a_command_goes_out_only_where_all_allow_it_and_its_answer_confirms_it(session, broker, tmp_path):
    import paho.mqtt.client as paho

    source = LiveSource("s", "lamps", "mqtt", f"mqtt://127.0.0.1:{broker}", ("a/{sensor}/{quantity}",), protocol=4)
    feeds.put_source(session, source)
    opening.save_project(session, tmp_path / "city.gpkg")
    lamp = paho.Client(paho.CallbackAPIVersion.VERSION2, "lamp")
    got = []

    def switched(_, __, packet):
        got.append(packet.payload)
        lamp.publish("lamp/1/state", b'{"scene": "%s"}' % packet.payload)

    lamp.on_message = switched
    lamp.on_connect = lambda *_: lamp.subscribe("lamp/1/set", 1)
    lamp.connect("127.0.0.1", broker)
    lamp.loop_start()
    festive = Command("lamp/1/set", "festive", "lamp/1/state", "festive")

    def refused(who="Wang"):
        with pytest.raises(UserError) as told:
            commands.send(session, "s", festive, who)
        return told.value.code

    assert refused() == "live.command.off"
    session.settings.set("live_commands", True)
    assert refused() == "live.command.off"
    feeds.put_source(session, replace(source, commands=True))
    assert refused(" ") == "live.command.who"
    session.clock.go(1)
    assert refused() == "live.command.past"
    session.clock.go_live()
    assert (commands.log_of(session), got) == ([], [])
    assert commands.send(session, "s", festive, "Wang").state == "confirmed"
    silent = replace(festive, expected="plain")
    assert commands.send(session, "s", silent, "Wang", wait_s=1.0).state == "not_confirmed"
    lamp.loop_stop()
    assert got == [b"festive", b"festive"]
    assert [(row["who"], row["payload"], row["state"]) for row in commands.log_of(session)] == [
        ("Wang", "festive", "not_confirmed"), ("Wang", "festive", "confirmed"),
    ]  # fmt: skip


def test_a_project_from_elsewhere_calls_no_source_unasked(session, tmp_path):
    feeds.put_source(session, LiveSource("s", "S", "mqtt", "mqtt://127.0.0.1:9", ("a/{sensor}/{quantity}",)))
    opening.save_project(session, tmp_path / "city.gpkg")
    other = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache")
    opening.open_project(other, tmp_path / "city.gpkg")
    assert [reach.where for reach in trust.asked_for(other)] == ["mqtt://127.0.0.1:9"]
    with pytest.raises(UserError) as refused:
        feeds.start(other)
    assert refused.value.code == "project.untrusted"
    with pytest.raises(UserError):
        feeds.preview(other, feeds.sources_of(other)[0])
    trust.grant_all(other)
    feeds.start(other)
    assert other.feeds.state("s").is_on
    other.close()
    assert not other.feeds.is_on


def test_no_secret_gets_into_a_project_and_wrong_sources_are_refused(session):
    for address, reason in (("mqtt://me:pw@host", "secret"), ("ftp://host", "address"), ("mqtt://", "address")):
        with pytest.raises(UserError) as refused:
            feeds.put_source(session, LiveSource("s", "S", "mqtt", address, ("a/{sensor}",)))
        assert refused.value.code == f"live.source.{reason}"
    session.keys.hold("mqtts://host:8883", Secrets(user="me"))
    assert session.keys.of("mqtts://host:8883").user == "me"
    assert not session.keys.of("mqtt://host:1883")


def wait_until(is_so, seconds=8.0):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)
