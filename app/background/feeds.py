"""The live sources of a session: started and stopped by a person, heard by whoever shows, judges or counts."""

from __future__ import annotations

import threading
from collections.abc import Callable

from psygnal import Signal

from app.background.receiving import Receiver, SourceState
from models.readings.batch import Readings, joined
from models.readings.live_table import LiveTable
from models.store.readings.journal import Journal

#: How often listeners hear the clock, seconds.
TICK_S = 1.0


class Feeds:
    """What is received now.

    Signals
    -------
    came : (Readings) a batch, on the thread that owns the models; several that came while it was busy are one
    ticked : () while anything is received, every second, message or none; on the thread that owns the models
    changed : () something was started or stopped

    Parameters
    ----------
    post : callable
        Takes a function and calls it on the thread that owns the models.
    """

    came = Signal(object)
    ticked = Signal()
    changed = Signal()

    def __init__(self, post: Callable[[Callable[[], None]], None]) -> None:
        self._post = post
        self._receiver: Receiver | None = None
        self._journal: Journal | None = None
        self._lock = threading.Lock()
        self._waiting: list[Readings] = []
        self._ended = threading.Event()
        self._tick_waits = False

    @property
    def is_on(self) -> bool:
        """Whether anything is received."""
        return self._receiver is not None

    @property
    def table(self) -> LiveTable | None:
        """Return the last reading of every channel, None while nothing is received."""
        return self._receiver.table if self._receiver else None

    @property
    def receiver(self) -> Receiver | None:
        """Return what receives, None while nothing does."""
        return self._receiver

    def run(self, journal: Journal, receiver: Receiver) -> None:
        """Begin to receive; connections are added to the receiver."""
        self.stop()
        self._journal, self._receiver = journal, receiver
        receiver.start()
        self._ended = threading.Event()
        threading.Thread(target=self._tick, args=(self._ended,), name="live clock", daemon=True).start()
        self.changed.emit()

    def deliver(self, batch: Readings) -> None:
        """Hand a batch to the listeners; called on any thread."""
        with self._lock:
            self._waiting.append(batch)
            is_first = len(self._waiting) == 1
        if is_first:
            self._post(self._hand_over)

    def state(self, source_id: str) -> SourceState:
        """Return how a source stands."""
        return self._receiver.state(source_id) if self._receiver else SourceState(source_id)

    def stop(self, *_: object) -> None:
        """Stop all sources; what came is kept, what is not in the store yet stays in the journal."""
        receiver, journal = self._receiver, self._journal
        self._receiver = self._journal = None
        self._ended.set()
        if receiver is not None and journal is not None:
            receiver.stop()
            journal.close()
            self.changed.emit()

    def _tick(self, ended: threading.Event) -> None:
        while not ended.wait(TICK_S):
            if not self._tick_waits:
                self._tick_waits = True
                self._post(self._tell_time)

    def _tell_time(self) -> None:
        self._tick_waits = False
        if self.is_on:
            self.ticked.emit()

    def _hand_over(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        if waiting:
            self.came.emit(joined(waiting))
