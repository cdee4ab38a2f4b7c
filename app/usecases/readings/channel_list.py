"""The channels of a project one by one: first and last reading, last value, and how much of what was due came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.usecases.readings.readings import store_of
from models.core.progress import Progress
from models.readings.batch import SECOND_US

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session
    from models.readings.channel import Channel


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """What is held of a channel.

    Parameters
    ----------
    channel : Channel
    count : int
        Readings; 0 where there is none, and then all that follows says nothing.
    first_us, last_us : int
    last_value : float
    coverage : float
        Readings there are of those that were due between the first and the last, 0…1; NaN where nobody says how often
        the channel should report.
    """

    channel: Channel
    count: int = 0
    first_us: int = 0
    last_us: int = 0
    last_value: float = float("nan")
    coverage: float = float("nan")


def find(session: Session, done: Callable[[tuple[ChannelRow, ...]], object]) -> Job:
    """Look at all channels, as a job; by quantity, then by device."""
    store = store_of(session)

    def work(_: Progress) -> tuple[ChannelRow, ...]:
        if store is None:
            return ()
        channels = sorted(store.channels(), key=lambda one: (one.quantity, one.sensor))
        facts = store.facts()
        at = {channel: row for row, channel in enumerate(facts.channel.tolist())}
        rows = []
        for one in channels:
            row = at.get(one.id)
            if row is None:
                rows.append(ChannelRow(one))
                continue
            count, first, last = int(facts.count[row]), int(facts.first_us[row]), int(facts.last_us[row])
            share = float("nan")
            if one.period_s > 0:
                share = min(count / (np.floor((last - first) / (one.period_s * SECOND_US)) + 1), 1.0)
            rows.append(ChannelRow(one, count, first, last, float(facts.last_value[row]), share))
        return tuple(rows)

    return session.run("job.list_channels", work, done, reading=True)
