"""Receives readings of live sources: connections → journal → readings → listeners and store.

Invariants
----------
1. A message is acknowledged after the journal has committed it, and taken out of the journal after its readings are in
   the store. Whatever ends in between, it comes again, and the store holds one reading a channel and moment.
2. What is read is read from the journal, also what was left from an earlier run: nothing piles up in memory, and the
   journal's size is bounded.
3. Where nothing can be written the sources pause: nothing more is acknowledged, so that brokers hold back; it is said,
   and tried again until there is space.
4. ``deliver`` is called on a thread of this module; whoever owns models posts.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

import numpy as np

from models.core.errors import UserError
from models.io.live.link import Inbox, Link, Receipt
from models.readings.batch import Readings, joined
from models.readings.channel import Channel
from models.readings.live_table import LiveTable
from models.readings.messages.channels import Channels, Convert, as_sent
from models.readings.messages.decoding import Decoder
from models.readings.messages.drift import Drift
from models.readings.messages.faults import Fault
from models.readings.messages.message import Message
from models.readings.source import LiveSource
from models.store.readings.journal import Journal

log = logging.getLogger(__name__)

#: How long a commit waits for more messages.
LINGER_S = 0.04
#: How often readings go to the store, and from how many on earlier.
KEEP_S, KEEP_ROWS = 1.0, 50_000
#: Readings that wait for the store in memory at most; then reading the journal waits.
MOST_PENDING = 200_000
_RATE_S = 10


class Keeping(Protocol):
    """The store, as far as receiving needs it."""

    def channels(self) -> tuple[Channel, ...]:
        """Return all channels."""
        ...

    def channels_for(self, wanted: Sequence[tuple[str, str, str, float]]) -> list[int]:
        """Return channels of (sensor, quantity, unit, period_s), made where there are none."""
        ...

    def append(self, batch: Readings) -> object:
        """Add readings; on disk when it returns."""
        ...


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source stands.

    Parameters
    ----------
    id : str
    is_on : bool
        Whether it was started.
    connected : bool
    error : str
        Why it is not connected, as the library says it.
    paused : str
        Code of why nothing can be kept now; empty where it can.
    received, readings : int
        Messages, and readings in them, since it was started.
    last_us : int
        When the last message came, 0 for never.
    rate : float
        Messages a second of the last ten seconds.
    backlog : int
        Messages in the journal, of all sources.
    faults : mapping of str to Fault
    drifts : tuple of Drift
    clock_offset_s : float or None
        By how much the source's clock is ahead of ours: the median of its last readings; None without times of its own.
    duplicates, out_of_order, lost, connections : int
    """

    id: str
    is_on: bool = False
    connected: bool = False
    error: str = ""
    paused: str = ""
    received: int = 0
    readings: int = 0
    last_us: int = 0
    rate: float = 0.0
    backlog: int = 0
    faults: Mapping[str, Fault] = field(default_factory=dict)
    drifts: tuple[Drift, ...] = ()
    clock_offset_s: float | None = None
    duplicates: int = 0
    out_of_order: int = 0
    lost: int = 0
    connections: int = 0

    @property
    def word(self) -> str:
        """Return the word key of how it stands."""
        state = "off" if not self.is_on else "paused" if self.paused else "on" if self.connected else "waiting"
        return f"live.state.{state}"


@dataclass(slots=True)
class _Tally:
    decoder: Decoder
    readings: int = 0
    duplicates: int = 0
    late: int = 0
    offset_s: float | None = None
    counts: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=64))


class Receiver:
    """Receives what links bring, as long as it runs.

    Parameters
    ----------
    journal : Journal
    store : Keeping
    sources : sequence of LiveSource
        All of the project, also those that are not started: the journal may hold messages of them.
    deliver : callable
        Gets each batch of readings, late ones marked, with the channels that have another last reading now.
    convert : callable
        Brings values to the unit of their channel.
    """

    def __init__(
        self, journal: Journal, store: Keeping, sources: Sequence[LiveSource],
        deliver: Callable[[Readings], object] = lambda _: None, convert: Convert = as_sent,
    ) -> None:  # fmt: skip
        self.inbox, self.table = Inbox(), LiveTable()
        self._journal, self._store, self._deliver = journal, store, deliver
        self._channels = Channels(store.channels(), store.channels_for, convert)
        self._tallies = {source.id: _Tally(Decoder(source)) for source in sources}
        self._links: dict[str, Link] = {}
        #: Why nothing can be written, by thread.
        self._pauses: dict[str, str] = {}
        self._unknown = 0
        self._stopping, self._ended = threading.Event(), threading.Event()
        self._fresh, self._due = threading.Event(), threading.Event()
        self._pending: deque[tuple[int, Readings]] = deque()
        self._pending_rows = 0
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=work, name=f"live {name}", daemon=True)
            for name, work in (("journal", self._record), ("reading", self._read), ("store", self._keep))
        ]

    def start(self) -> None:
        """Begin with what the journal still holds."""
        for thread in self._threads:
            thread.start()

    def add(self, source: LiveSource, link: Link) -> None:
        """Start the connection of a source, which may be new or read otherwise than before."""
        known = self._tallies.get(source.id)
        if known is None or known.decoder.source != source:
            self._tallies[source.id] = _Tally(Decoder(source))
        self._links[source.id] = link
        link.start()

    def remove(self, source_id: str) -> None:
        """Stop a connection; what it brought is kept."""
        if link := self._links.pop(source_id, None):
            link.stop()

    def stop(self, wait_s: float = 20.0) -> None:
        """Stop all connections, keep what came, and end."""
        for source_id in list(self._links):
            self.remove(source_id)
        self._stopping.set()
        self._fresh.set()
        end = time.monotonic() + wait_s
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.1, end - time.monotonic()))
        self._ended.set()

    def mark(self, source_id: str, name: str) -> str:
        """Return how far a source was read."""
        return self._journal.mark(source_id, name)

    def state(self, source_id: str) -> SourceState:
        """Return how a source stands."""
        tally, link = self._tallies.get(source_id), self._links.get(source_id)
        if tally is None:
            return SourceState(source_id)
        paused = next(iter(list(self._pauses.values())), "")
        shown = SourceState(
            source_id, readings=tally.readings, backlog=self._journal.waiting, paused=paused,
            faults=tally.decoder.faults.by_kind(), drifts=tally.decoder.shapes.drifts(), clock_offset_s=tally.offset_s,
            duplicates=tally.duplicates, out_of_order=tally.late,
        )  # fmt: skip
        if link is None:
            return shown
        state = link.state
        tally.counts.append((time.monotonic(), state.received))
        recent = [row for row in tally.counts if row[0] >= tally.counts[-1][0] - _RATE_S]
        elapsed = recent[-1][0] - recent[0][0]
        return replace(
            shown, is_on=True, connected=state.connected, error=state.error, received=state.received,
            last_us=state.last_us, rate=(recent[-1][1] - recent[0][1]) / elapsed if elapsed > 0 else 0.0,
            faults={**shown.faults, **state.faults.by_kind()}, lost=state.lost, connections=state.connections,
        )  # fmt: skip

    # -- the three threads ---------------------------------------------------------------------------------------

    def _record(self) -> None:
        while True:
            arrived = self.inbox.take(0.2, LINGER_S)
            if not arrived:
                if self._stopping.is_set():
                    return
                continue
            marks = {(one.message.source, one.mark[0]): one.mark[1] for _, one in arrived if one.mark}
            if not self._insist(partial(self._journal.write, [one.message for _, one in arrived], marks)):
                return  # nothing was acknowledged: it comes again
            receipts: dict[int, tuple[Link, list[Receipt]]] = {}
            for link, one in arrived:
                if one.receipt:
                    receipts.setdefault(id(link), (link, []))[1].append(one.receipt)
            for link, told in receipts.values():
                link.acknowledge(told)
            self._fresh.set()

    def _read(self) -> None:
        number = 0
        while True:
            if self._pending_rows > MOST_PENDING:
                if self._ended.wait(0.05):
                    return
                continue
            try:
                rows = self._journal.after(number)
            except UserError as error:  # damaged under our hands; what is acknowledged stands in the file
                log.warning("the journal cannot be read: %s", error)
                if self._ended.wait(1.0):
                    return
                continue
            if not rows:
                if self._stopping.is_set() and not self._threads[0].is_alive():
                    self._due.set()
                    return
                self._fresh.wait(0.1)
                self._fresh.clear()
                continue
            number = rows[-1][0]
            batch = self._understood([message for _, message in rows])
            with self._lock:
                self._pending.append((number, batch))
                self._pending_rows += len(batch)
            if self._pending_rows > KEEP_ROWS:
                self._due.set()
            if len(batch):
                try:
                    self._deliver(batch)
                except Exception:  # a listener's failure is no reason to receive nothing
                    log.exception("a batch of readings could not be delivered")

    def _understood(self, messages: list[Message]) -> Readings:
        by_source: dict[str, list[Message]] = defaultdict(list)
        for message in messages:
            by_source[message.source].append(message)
        batches = []
        for source_id, those in by_source.items():
            tally = self._tallies.get(source_id)
            if tally is None:  # a source that was taken out of the project since
                self._unknown += len(those)
                continue
            decoded = tally.decoder.decode(those)
            batch = None
            while batch is None:
                try:
                    batch = self._channels.batch(decoded, tally.decoder.faults)
                except UserError as error:
                    self._pauses["channels"] = error.code
                    if self._ended.wait(1.0):
                        return joined([])
            self._pauses.pop("channels", None)
            taken = self.table.put(batch)
            tally.readings += len(batch)
            tally.duplicates += taken.duplicates
            tally.late += taken.late
            if len(batch) and tally.decoder.has_times:
                arrived = np.array(decoded.received_us, np.int64)
                tally.offset_s = float(np.median(np.array(decoded.time_us, np.int64) - arrived)) / 1e6
            batches.append(taken.batch)
        return joined(batches)

    def _keep(self) -> None:
        while True:
            self._due.wait(KEEP_S)
            self._due.clear()
            last_round = not self._threads[1].is_alive()
            with self._lock:
                taken = list(self._pending)
                self._pending.clear()
                self._pending_rows = 0
            if taken:
                whole = joined(batch for _, batch in taken)
                if len(whole) and not self._insist(partial(self._store.append, whole)):
                    return
                if not self._insist(partial(self._journal.done, taken[-1][0])):
                    return
            elif last_round:
                return

    def _insist(self, write: Callable[[], object]) -> bool:
        """Write, again and again where there is no space; False where we end before it could be done."""
        pause, here = 0.25, threading.current_thread().name
        while True:
            try:
                write()
            except UserError as error:
                if here not in self._pauses:
                    log.warning("live sources pause: %s", error)
                self._pauses[here] = error.code
                if self._ended.wait(pause) or (self._stopping.is_set() and pause > 2):
                    return False
                pause = min(pause * 2, 5.0)
                continue
            self._pauses.pop(here, None)
            return True
