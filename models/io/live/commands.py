"""A command that goes out by MQTT (a scene of lamps, a pump), and the answer that confirms it.

Sent once, QoS 1; nothing is repeated here. What is published is never retained: a command that waits at a broker would
switch something long after the person has gone.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho

from models.core.addresses import Secrets
from models.core.errors import UserError
from models.io.live.mqtt import connect, new_client
from models.readings.messages.faults import shown
from models.readings.messages.topic_template import is_plain_name
from models.readings.source import LiveSource


@dataclass(frozen=True, slots=True)
class Command:
    """A command.

    Parameters
    ----------
    topic, payload : str
        Topic without wildcards.
    answer_topic : str
        Where the equipment says what it is now; empty where it does not, and nothing can be confirmed.
    expected : str
        What the answer holds if it was carried out.
    """

    topic: str
    payload: str
    answer_topic: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command.

    Parameters
    ----------
    state : str
        ``"confirmed"``, ``"not_confirmed"`` (the broker took it, the equipment did not say so in time), ``"not_sent"``.
    answer : str
        What was said last on the answer topic, or why it was not sent.
    """

    state: str
    answer: str = ""


def checked(command: Command) -> Command:
    """Return a command that can be sent.

    Raises
    ------
    UserError
        ``live.command.topic``.
    """
    for topic in (command.topic, *([command.answer_topic] if command.answer_topic else [])):
        if not topic or not all(is_plain_name(level) for level in topic.split("/")):
            raise UserError("live.command.topic", topic=shown(topic))
    return command


def send(source: LiveSource, secrets: Secrets, command: Command, client_id: str, wait_s: float = 10.0) -> Outcome:
    """Send a command and wait for its answer, both within a time limit."""
    checked(command)
    ready, taken, answered = threading.Event(), threading.Event(), threading.Event()
    answers: list[str] = []
    client = new_client(source, secrets, client_id, clean=True)

    def on_connect(_: paho.Client, __: Any, ___: Any, reason: Any, ____: Any) -> None:
        if reason.is_failure:
            answers[:] = [str(reason)]
        elif command.answer_topic:
            client.subscribe(command.answer_topic, 0)
        else:
            ready.set()

    def on_message(_: paho.Client, __: Any, packet: paho.MQTTMessage) -> None:
        text = bytes(packet.payload)[:2_000].decode("utf-8", "replace")
        # what the broker kept from before the command says nothing of it
        if taken.is_set() or not packet.retain:
            answers[:] = [shown(text, 200)]
            if not packet.retain and command.expected in text:
                answered.set()

    client.on_connect = on_connect
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = on_message
    client.on_publish = lambda *_: taken.set()
    end = time.monotonic() + wait_s
    connect(client, source, 0)
    client.loop_start()
    try:
        if not ready.wait(wait_s):
            return Outcome("not_sent", answers[0] if answers else "")
        client.publish(command.topic, command.payload.encode(), qos=1, retain=False)
        if not taken.wait(max(0.1, end - time.monotonic())):
            return Outcome("not_confirmed", answers[0] if answers else "")
        is_confirmed = bool(command.answer_topic) and answered.wait(max(0.1, end - time.monotonic()))
        return Outcome("confirmed" if is_confirmed else "not_confirmed", answers[0] if answers else "")
    finally:
        client.disconnect()
        client.loop_stop()
