"""Readings by MQTT 5 and 3.1.1.

Invariants
----------
1. A message is acknowledged by hand, after whoever keeps it says so; one of an earlier connection never, for its number
   may be another message's by now.
2. The broker keeps the session (``clean_session=False``, expiry of a week): what comes while the program is away waits
   there, as far as the broker's own queue goes.
3. No more than :data:`IN_FLIGHT` messages are unacknowledged: a program that cannot keep them holds the broker back.

Sources: OASIS MQTT 5.0 (3.1.2.11 session expiry and receive maximum), 3.1.1.
"""

from __future__ import annotations

import logging
import random
import ssl
from collections.abc import Sequence
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from models.core.addresses import Secrets
from models.core.errors import UserError, first_line
from models.io.live.link import Arrived, Inbox, LinkState, Receipt, now_us
from models.readings.messages.message import Message
from models.readings.messages.topic_template import topic_filter
from models.readings.source import LiveSource, host_and_port

log = logging.getLogger(__name__)

IN_FLIGHT = 2_000
SESSION_S = 7 * 86_400
#: A larger packet the broker does not even send (MQTT 5).
MOST_PACKET = 16 * 1024**2
LONGEST_WAIT_S = 60


class MqttLink:
    """A connection to a broker.

    Parameters
    ----------
    source : LiveSource
    secrets : Secrets
        User and password.
    inbox : Inbox
    client_id : str
        By which the broker knows the session; the same one again takes it up.
    """

    def __init__(
        self, source: LiveSource, secrets: Secrets, inbox: Inbox, client_id: str, keep_session: bool = True
    ) -> None:
        self.state = LinkState()
        self._source, self._inbox, self._keep = source, inbox, keep_session
        self._client = new_client(source, secrets, client_id, clean=not keep_session)
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    def start(self) -> None:
        """Connect, and again with growing pauses whenever that fails or ends."""
        connect(self._client, self._source, SESSION_S if self._keep else 0)
        self._client.loop_start()

    def acknowledge(self, receipts: Sequence[Receipt]) -> None:
        """Acknowledge messages of the present connection."""
        here = self.state.connections
        for receipt in receipts:
            if receipt.connection == here and receipt.qos:
                self._client.ack(receipt.number, receipt.qos)

    def stop(self) -> None:
        """Disconnect; the broker keeps the session."""
        self._client.disconnect()
        self._client.loop_stop()
        self.state.connected = False

    def _on_connect(self, client: paho.Client, _: Any, __: Any, reason: Any, ___: Any) -> None:
        if reason.is_failure:
            self.state.error = str(reason)
            return
        self.state.connections += 1
        self.state.connected, self.state.error = True, ""
        client.subscribe([(topic_filter(template), 1) for template in self._source.topics])

    def _on_connect_fail(self, client: paho.Client, _: Any) -> None:
        self.state.connected = False
        self.state.error = self.state.error or "unreachable"
        _vary(client)

    def _on_disconnect(self, client: paho.Client, _: Any, __: Any, reason: Any, ___: Any) -> None:
        self.state.connected = False
        if reason.is_failure:
            self.state.error = str(reason)
            _vary(client)

    def _on_message(self, _: paho.Client, __: Any, packet: paho.MQTTMessage) -> None:
        try:
            topic = packet.topic
        except UnicodeDecodeError:  # a broker should have refused it
            topic = "\x00"
        receipt = Receipt(self.state.connections, packet.mid, packet.qos) if packet.qos else None
        self._inbox.put(self, Arrived(Message(self._source.id, topic, bytes(packet.payload), now_us()), receipt))


def new_client(source: LiveSource, secrets: Secrets, client_id: str, *, clean: bool) -> paho.Client:
    """Return a client that is not connected.

    Raises
    ------
    UserError
        ``live.ca`` where the certificate of the authority cannot be read.
    """
    is_five = source.protocol == 5
    client = paho.Client(
        CallbackAPIVersion.VERSION2, client_id, clean_session=None if is_five else clean,
        protocol=paho.MQTTv5 if is_five else paho.MQTTv311, manual_ack=True,
    )  # fmt: skip
    client.suppress_exceptions = True
    if secrets.user:
        client.username_pw_set(secrets.user, secrets.password or None)
    if source.is_encrypted:
        try:
            client.tls_set(ca_certs=source.ca_file or None)
        except (OSError, ssl.SSLError, ValueError) as error:
            raise UserError("live.ca", file=source.ca_file, reason=first_line(error)) from None
    _vary(client)
    return client


def connect(client: paho.Client, source: LiveSource, session_s: int) -> None:
    """Begin to connect; the client's own thread goes on."""
    host, port = host_and_port(source)
    if source.protocol == 5:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = session_s
        properties.ReceiveMaximum = IN_FLIGHT
        properties.MaximumPacketSize = MOST_PACKET
        client.connect_async(host, port, keepalive=30, clean_start=session_s == 0, properties=properties)
    else:
        client.connect_async(host, port, keepalive=30)


def _vary(client: paho.Client) -> None:
    """Let pauses begin at another length each time, so that many programs do not come back at one moment."""
    shortest = 1 if random.random() < 0.5 else 2
    client.reconnect_delay_set(shortest, LONGEST_WAIT_S)
