"""The city as its sensors speak now: what comes from live sources becomes what 3D paints, without touching a table.

Invariants
----------
1. The same code says what a facility looks like now and at a moment of the past (:func:`city_state`).
2. However many batches come, the city is worked out at most every :data:`LEAST_S`, and once a minute without any, for
   readings grow old.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from app.usecases.readings.readings import facilities_of, places_of, store_of
from app.usecases.timeline.at_hand import alarms_now
from models.core.watch import watch
from models.timeline.city_state import Places, city_state

if TYPE_CHECKING:
    from app.session import Session

LEAST_S = 0.1


class LiveCity:
    """Keeps ``session.live`` true to what comes.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._places: Places | None = None
        self._basis: object = None
        self._last_s = 0.0
        self._is_due = False
        self._stops = (watch(session.feeds.came, self._on_came), watch(session.feeds.changed, self._on_feeds_changed))

    def close(self) -> None:
        """Stop watching."""
        for stop in self._stops:
            stop()

    def catch_up(self) -> None:
        """Work out what came since the city was worked out last; call it now and then."""
        if self._is_due:
            self._work_out()

    def _on_came(self, _: object) -> None:
        self._is_due = True
        if time.monotonic() - self._last_s >= LEAST_S:
            self._work_out()

    def _on_feeds_changed(self) -> None:
        if not self._session.feeds.is_on:
            self._session.live.show({})

    def _work_out(self) -> None:
        session, table = self._session, self._session.feeds.table
        store = store_of(session)
        if table is None or store is None:
            return
        self._is_due, self._last_s = False, time.monotonic()
        devices, facilities = places_of(session), facilities_of(session)
        basis = (id(devices), id(facilities))
        if self._places is None or basis != self._basis:
            self._places, self._basis = Places(store.channels(), devices, facilities), basis
        now_us = time.time_ns() // 1_000
        session.live.show(city_state(table, self._places, now_us, alarms_now(session)).layers)
