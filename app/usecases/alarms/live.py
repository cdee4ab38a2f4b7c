"""Alarms live: what comes in is judged, and what the engine tells goes into the log.

The engine judges at a fixed distance behind the clock (``LATENESS_US``). What it remembers is written now and then;
after a restart or a crash it takes that up and judges from the store what came since. The log holds an activation
once, however often it is told.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.usecases.alarms.alarms import rules_of
from app.usecases.alarms.facts import facts_of
from app.usecases.readings.readings import store_of
from models.alarms.engine import Engine
from models.core.errors import UserError
from models.readings.batch import DAY_US, HOUR_US, SECOND_US, Readings, nothing

if TYPE_CHECKING:
    from app.session import Session

log = logging.getLogger(__name__)

#: How late a reading may come and still be judged in its place, µs.
LATENESS_US = 10 * SECOND_US
#: How often what the engine remembers is written, and at most how often it judges, seconds.
KEPT_S, JUDGED_S = 60.0, 0.5


@dataclass(slots=True)
class Judging:
    """What judges live in a session.

    Parameters
    ----------
    basis : object
        Rules and channels that the engine was made of.
    engine : Engine
    judged_s, kept_s : float
        When it judged and was kept last, by the steady clock.
    """

    basis: object
    engine: Engine
    judged_s: float = 0.0
    kept_s: float = 0.0


def watch(session: Session) -> None:
    """Judge what the sources of a session bring from now on; what goes wrong is logged, and receiving goes on."""
    held = session.alarms
    if held.watches:
        return
    held.watches = True

    def came(batch: Readings | None = None) -> None:
        try:
            take(session, nothing() if batch is None else batch)
        except UserError as error:
            log.warning("alarms are not judged: %s", error)

    def ticked() -> None:
        came()

    def changed() -> None:
        if not session.feeds.is_on:
            keep(session)

    session.feeds.came.connect(came)
    session.feeds.ticked.connect(ticked)
    session.feeds.changed.connect(changed)


def take(session: Session, batch: Readings) -> None:
    """Take a batch in and judge what is due; on the thread that owns the models.

    Raises
    ------
    UserError
        ``alarms.log``, what the store says.
    """
    # Without a window batches and ticks come on two threads.
    with session.alarms.lock:
        judging = _judging(session)
        if judging is not None:
            judging.engine.feed(batch)
            tick(session)


def keep(session: Session) -> None:
    """Write what the engine remembers, at the end of receiving: the log is still that of the project that ends."""
    with session.alarms.lock:
        judging, kept = session.alarms.judging, session.alarms.open_log
        if isinstance(judging, Judging) and kept is not None:
            kept.write([], judging.engine.state())
            judging.kept_s = time.monotonic()


def tick(session: Session, now_us: int | None = None) -> None:
    """Judge what is due by the clock; costs nothing while nothing is received."""
    judging = session.alarms.judging
    kept = session.alarms.log(session.project.path, make=True)
    if not isinstance(judging, Judging) or kept is None:
        return
    steady = time.monotonic()
    if now_us is None and steady - judging.judged_s < JUDGED_S:
        return
    judging.judged_s = steady
    engine = judging.engine
    changes = engine.until(time.time_ns() // 1_000 if now_us is None else now_us)
    keeps = steady - judging.kept_s >= KEPT_S
    if changes or keeps:
        kept.write(changes, engine.state() if keeps else None)
        judging.kept_s = steady if keeps else judging.kept_s
    if changes:
        session.alarms.changed.emit()


def _judging(session: Session) -> Judging | None:
    store = store_of(session)
    kept = session.alarms.log(session.project.path, make=True)
    if store is None or kept is None:
        return None
    rules, channels = rules_of(session), store.channels()
    basis = (rules, len(channels))
    held = session.alarms.judging
    if isinstance(held, Judging) and held.basis == basis:
        return held
    engine = Engine(rules, channels, facts_of(session, rules), lateness_us=LATENESS_US, keep=False)
    state = held.engine.state() if isinstance(held, Judging) else kept.engine_state()
    now_us = time.time_ns() // 1_000
    if state is not None:
        engine.take_up(state)
    else:
        engine.prime(store.state_at(now_us - LATENESS_US, None, 3 * DAY_US), now_us - LATENESS_US)
    since = engine.watermark_us
    if since is not None and not isinstance(held, Judging):
        # What came while nobody judged; at most a day, for the rest there is replay.
        for batch in store.scan(max(since + 1, now_us - 24 * HOUR_US), now_us):
            engine.feed(batch)
    judging = Judging(basis, engine)
    session.alarms.judging = judging
    return judging
