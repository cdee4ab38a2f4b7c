"""From truth to holding: since when, and until when, a condition held as its rule wants it.

Rows are those of several subjects, each subject's together in the order of time; the first row of each (``first``) is
what was known of it before, so that a run goes on over the border of two batches.

Invariants
----------
1. A moment that comes out depends on readings and rule only, not on how the readings were cut into batches.
2. A condition that holds goes on to hold over what is unknown, until it is known to be false.
3. What would begin after ``to_us`` is not said yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.alarms.judging.truth import FALSE, TRUE, Truth

Times = NDArray[np.int64]
NEVER = np.int64(-(2**62))
OPEN = np.int64(2**62)


@dataclass(slots=True)
class Memory:
    """What a level remembers of each subject between batches.

    Parameters
    ----------
    truth : (n,) int8
    run_start : (n,) int64
        Since when it is true, ``NEVER`` where it is not.
    run_count : (n,) int64
        Readings of that run.
    holding : (n,) bool
    recent_subject, recent_us : (m,)
        Times that a repeating condition still counts.
    """

    truth: Truth
    run_start: Times
    run_count: NDArray[np.int64]
    holding: NDArray[np.bool_]
    recent_subject: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    recent_us: Times = field(default_factory=lambda: np.empty(0, np.int64))

    @classmethod
    def of(cls, count: int) -> Memory:
        """Return the memory of nothing."""
        return cls(
            np.ones(count, np.int8), np.full(count, NEVER), np.zeros(count, np.int64), np.zeros(count, bool)
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a piece of time.

    Parameters
    ----------
    subject : (n,) int32
    time_us : (n,) int64
    first : (n,) bool
    age_us : (number of all subjects,) int64
        How long a reading stands for what follows.
    from_us, to_us : int
        The piece is from_us < time ≤ to_us.
    """

    subject: NDArray[np.int32]
    time_us: Times
    first: NDArray[np.bool_]
    age_us: Times
    from_us: int
    to_us: int


@dataclass(frozen=True, slots=True)
class Edges:
    """When a condition began to hold, or no longer did.

    Parameters
    ----------
    subject : (n,) int32
    time_us : (n,) int64
    on : (n,) bool
    """

    subject: NDArray[np.int32]
    time_us: Times
    on: NDArray[np.bool_]


def none() -> Edges:
    """Return no edges."""
    return Edges(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, bool))


def lasting(rows: Rows, truth: Truth, counts: NDArray[np.bool_], memory: Memory, seconds_us: int, times: int) -> Edges:
    """Return the edges of a condition that must be true for a while (0 for at once), seen by so many readings.

    Parameters
    ----------
    rows : Rows
    truth : (n,) int8
    counts : (n,) bool
        Rows at which a reading came that the condition compares.
    memory : Memory
        Is brought up to date.
    seconds_us, times : int
    """
    subject, time_us, first = rows.subject, rows.time_us, rows.first
    n = len(subject)
    if n == 0:
        return none()
    true = truth == TRUE
    same = ~first[1:]
    short = time_us[1:] - time_us[:-1] <= rows.age_us[subject[1:]]
    linked = np.append(same & true[1:] & true[:-1] & short, False)
    begin = np.flatnonzero(true & ~np.append(False, linked[:-1]))
    end = np.flatnonzero(true & ~linked)
    last = np.append(first[1:], True)
    of = subject[begin]
    # A run that a schedule lets in begins with the schedule.
    known = first[begin] & (memory.run_start[of] != NEVER)
    start = np.where(known, memory.run_start[of], np.where(first[begin], rows.from_us + 1, time_us[begin]))
    total = np.cumsum(counts)
    # What a run counts before its first row that came: what was there already counts as one.
    before = np.where(known, memory.run_count[of], np.where(first[begin], 1, 0))
    base: NDArray[np.int64] = total[begin] - counts[begin]
    nth_row = np.searchsorted(total, base + np.maximum(times - before, 1), side="left")
    nth = np.where(before >= times, start, np.where(nth_row <= end, time_us[np.minimum(nth_row, n - 1)], OPEN))
    count = before + total[end] - base
    stands = time_us[end] + rows.age_us[subject[end]]
    after = np.minimum(end + 1, n - 1)
    until = np.where(last[end], stands, np.minimum(stands, time_us[after]))
    # The next row that is known to be false, in the same subject.
    ahead = np.where(truth == FALSE, np.arange(n), n)
    next_false = _next(ahead, last)
    off_row = np.where(last[end], n, next_false[after])
    off = np.where(off_row < n, time_us[np.minimum(off_row, n - 1)], OPEN)
    on = np.maximum(start + seconds_us, nth)
    fits = (on < until) & (on <= rows.to_us)
    heads = np.flatnonzero(first)
    held = memory.holding[subject[heads]]
    ends_row = np.where(last[heads], n, next_false[np.minimum(heads + 1, n - 1)])
    old_off = np.where(ends_row < n, time_us[np.minimum(ends_row, n - 1)], OPEN)
    _remember(rows, truth, memory, (end, start, count), last)
    return _merged(
        np.concatenate([subject[heads][held], of[fits]]),
        np.concatenate([np.full(int(held.sum()), NEVER), on[fits]]),
        np.concatenate([old_off[held], off[fits]]),
        memory, subject[heads],
    )  # fmt: skip


def _next(ahead: NDArray[np.int64], last: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return for each row the first row at or after it that ``ahead`` names, within its subject; n for none."""
    n = len(ahead)
    found = np.minimum.accumulate(ahead[::-1])[::-1]
    ends = np.flatnonzero(last)
    own_end = np.repeat(ends, np.diff(np.append(-1, ends)))
    return np.where(found <= own_end, found, n)


def _remember(
    rows: Rows, truth: Truth, memory: Memory,
    runs: tuple[NDArray[np.int64], Times, NDArray[np.int64]], last: NDArray[np.bool_],
) -> None:  # fmt: skip
    end, start, count = runs
    subject = rows.subject
    whose = subject[last]
    memory.truth[whose] = truth[last]
    memory.run_start[whose] = NEVER
    memory.run_count[whose] = 0
    runs_on = last[end]
    memory.run_start[subject[end[runs_on]]] = start[runs_on]
    memory.run_count[subject[end[runs_on]]] = count[runs_on]


def _merged(
    subject: NDArray[np.int32], on: Times, off: Times, memory: Memory, judged: NDArray[np.int32]
) -> Edges:  # fmt: skip
    """Return the edges of intervals of which those of one subject with one end are one; remember which are open."""
    order = np.lexsort((on, off, subject))
    subject, on, off = subject[order], on[order], off[order]
    fresh = np.append(True, (subject[1:] != subject[:-1]) | (off[1:] != off[:-1]))[: len(subject)]
    subject, on, off = subject[fresh], on[fresh], off[fresh]
    memory.holding[judged] = False
    memory.holding[subject[off == OPEN]] = True
    begun, ended = on != NEVER, off != OPEN
    return Edges(
        np.concatenate([subject[begun], subject[ended]]),
        np.concatenate([on[begun], off[ended]]),
        np.concatenate([np.ones(int(begun.sum()), bool), np.zeros(int(ended.sum()), bool)]),
    )


def repeating(
    rows: Rows, truth: Truth, counts: NDArray[np.bool_], memory: Memory, seconds_us: int, times: int, onsets: bool
) -> Edges:
    """Return the edges of a condition that must be true so often within ``seconds_us``, else as :func:`lasting`."""
    n = len(truth)
    true = truth == TRUE
    counted = true & ~rows.first
    if not onsets:
        counted &= counts
    elif n:
        counted &= ~np.append(False, true[:-1])
    if n:
        last = np.append(rows.first[1:], True)
        memory.truth[rows.subject[last]] = truth[last]
    judged = np.unique(rows.subject)
    mine = np.isin(memory.recent_subject, judged)
    subject = np.concatenate([memory.recent_subject[mine], rows.subject[counted]])
    when = np.concatenate([memory.recent_us[mine], rows.time_us[counted]])
    order = np.lexsort((when, subject))
    subject, when = subject[order], when[order]
    edges = none()
    m = len(subject)
    if m >= times:
        reaches = np.flatnonzero(
            (subject[times - 1 :] == subject[: m - times + 1])
            & (when[times - 1 :] - when[: m - times + 1] <= seconds_us)
        ) + (times - 1)
        ends = when[reaches - times + 1] + seconds_us + 1
        whose = subject[reaches]
        joins = np.append(False, (whose[1:] == whose[:-1]) & (when[reaches[1:]] <= ends[:-1]))[: len(reaches)]
        heads = np.flatnonzero(~joins)
        tails = np.append(heads[1:] - 1, len(reaches) - 1)[: len(heads)]
        on, off, whose = when[reaches[heads]], ends[tails], whose[heads]
        begun = on > rows.from_us
        ended = (off <= rows.to_us) & (off > rows.from_us)
        edges = Edges(
            np.concatenate([whose[begun], whose[ended]]),
            np.concatenate([on[begun], off[ended]]),
            np.concatenate([np.ones(int(begun.sum()), bool), np.zeros(int(ended.sum()), bool)]),
        )
        memory.holding[judged] = False
        memory.holding[whose[off > rows.to_us]] = True
    else:
        memory.holding[judged] = False
    kept = when >= rows.to_us - seconds_us - 1
    memory.recent_subject = np.concatenate([memory.recent_subject[~mine], subject[kept]])
    memory.recent_us = np.concatenate([memory.recent_us[~mine], when[kept]])
    return edges


def silent(rows: Rows, seen: NDArray[np.bool_], memory: Memory, limit_us: Times) -> Edges:
    """Return the edges of silence: nothing came for longer than ``limit_us`` (by subject; ``OPEN`` for no limit).

    Parameters
    ----------
    rows : Rows
    seen : (n,) bool
        Rows at which a message came, or came last.
    memory : Memory
    limit_us : (number of all subjects,) int64
    """
    subject, time_us = rows.subject[seen], rows.time_us[seen]
    judged = np.unique(rows.subject)
    if not len(subject):
        return none()
    last = np.append(subject[1:] != subject[:-1], True)
    ends = np.where(last, OPEN, np.append(time_us[1:], OPEN))
    limit = limit_us[subject]
    on = np.where(limit >= OPEN, OPEN, time_us + np.minimum(limit, OPEN // 2))
    fits = (on < ends) & (on <= rows.to_us)
    on, off, whose = on[fits], ends[fits], subject[fits]
    on = np.maximum(on, rows.from_us + 1)
    # What was silent before and still is has no new beginning.
    going = memory.holding[whose] & (on <= rows.from_us + 1)
    on[going] = NEVER
    return _merged(whose, on, off, memory, judged)
