"""Replay (回放): the engine over recorded readings."""

from __future__ import annotations

from collections.abc import Sequence

from models.alarms.alarm import Alarms
from models.alarms.counts import counted
from models.alarms.engine import Engine
from models.alarms.facts import Facts
from models.alarms.rule import AlarmRule
from models.core.progress import Progress
from models.readings.access import ReadingAccess
from models.readings.batch import DAY_US, nothing

ROWS = 1_000_000


def replayed(
    access: ReadingAccess,
    rules: Sequence[AlarmRule],
    facts: Facts,
    start_us: int,
    end_us: int,
    progress: Progress | None = None,
) -> Alarms:
    """Return what rules raise with ``start_us`` ≤ time < ``end_us``; a reading just before counts as known.

    Parameters
    ----------
    access : ReadingAccess
    rules : sequence of AlarmRule
    facts : Facts
    start_us, end_us : int
    progress : Progress, optional
    """
    channels = access.channels()
    engine = Engine(rules, channels, facts)
    used = sorted({
        channel for judge in engine.judges for subject, _ in judge.subjects.layers
        for channel in (subject >= 0).nonzero()[0].tolist()
    })  # fmt: skip
    engine.prime(access.state_at(start_us - 1, used, 3 * DAY_US) if used else nothing(), start_us - 1)
    for batch in access.scan(start_us, end_us, used, ROWS) if used else ():
        # What is of the last moment of a batch may go on in the next.
        engine.feed(batch)
        engine.until(int(batch.time_us[-1]) - 1)
        if progress is not None:
            progress.step((int(batch.time_us[-1]) - start_us) / max(end_us - start_us, 1), "progress.alarms")
    engine.until(end_us - 1)
    alarms = engine.alarms()
    overrun = set(engine.overrun())
    counts = []
    for judge in engine.judges:
        name, judged = judge.rule.id, int(judge.judged.sum())
        own = [alarm for alarm in alarms if alarm.rule == name]
        counts.append(
            counted(name, own, judged, len(judge.subjects) - judged, start_us, end_us, overrun=name in overrun)
        )
    return Alarms(alarms, start_us, end_us, tuple(counts), engine.skipped_bad)
