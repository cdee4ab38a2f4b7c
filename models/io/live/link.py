"""What every connection to a source has in common: where messages go, and how the connection stands."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from models.readings.messages.faults import Faults
from models.readings.messages.message import MOST_BYTES, Message

#: Messages that nobody asks to be acknowledged wait here at most; more are lost, and counted.
MOST_WAITING = 50_000


class Receipt(NamedTuple):
    """What is acknowledged.

    Parameters
    ----------
    connection : int
        Which connection it came by: numbers of messages begin anew with each, so that an old one is never acknowledged.
    number : int
    qos : int
    """

    connection: int
    number: int
    qos: int


class Arrived(NamedTuple):
    """A message with what is acknowledged once it is kept.

    Parameters
    ----------
    message : Message
    receipt : Receipt or None
    mark : (str, str) or None
        How far the source was read with it.
    """

    message: Message
    receipt: Receipt | None = None
    mark: tuple[str, str] | None = None


class Link(Protocol):
    """A connection to one source."""

    state: LinkState

    def start(self) -> None:
        """Connect, and go on until stopped; returns at once."""
        ...

    def acknowledge(self, receipts: Sequence[Receipt]) -> None:
        """Tell the source that messages are kept."""
        ...

    def stop(self) -> None:
        """Disconnect; what was not acknowledged comes again."""
        ...


@dataclass(slots=True)
class LinkState:
    """How a connection stands; written by its thread, read by others.

    Parameters
    ----------
    connected : bool
    error : str
        What went wrong last, as the library or the source says it; empty while it is connected.
    connections : int
        How often it was made.
    received : int
    lost : int
        Messages without acknowledgement for which there was no room.
    last_us : int
    faults : Faults
        Of messages that were thrown away before they were kept.
    """

    connected: bool = False
    error: str = ""
    connections: int = 0
    received: int = 0
    lost: int = 0
    last_us: int = 0
    faults: Faults = field(default_factory=Faults)


class Inbox:
    """Messages that are not kept yet, from all connections."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Link, Arrived]] = deque()

    def put(self, link: Link, arrived: Arrived) -> None:
        """Add a message; what is too large is counted and acknowledged at once, for it will not get smaller."""
        message, state = arrived.message, link.state
        state.received += 1
        state.last_us = message.received_us
        if len(message.payload) > MOST_BYTES:
            state.faults.add("too_large", f"{len(message.payload) / 1024**2:.1f} MB", message.received_us)
            if arrived.receipt:
                link.acknowledge([arrived.receipt])
            return
        with self._changed:
            if arrived.receipt is None and arrived.mark is None and len(self._waiting) >= MOST_WAITING:
                state.lost += 1
                return
            self._waiting.append((link, arrived))
            self._changed.notify()

    def take(self, wait_s: float, linger_s: float, most: int = 5_000) -> list[tuple[Link, Arrived]]:
        """Return what came: waits for the first, then a little for more."""
        with self._changed:
            if not self._waiting and not self._changed.wait(wait_s):
                return []
        time.sleep(linger_s)
        with self._changed:
            return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]


def now_us() -> int:
    """Return the time, µs since 1970 UTC."""
    return time.time_ns() // 1_000


#: From the name of a mark to how far a source was read.
MarkOf = Callable[[str], str]
