"""The course of alarms: from edges of levels to activations with start, severities, end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.alarms.judging.holds import OPEN


@dataclass(slots=True)
class Lasting:
    """An activation that is being made.

    Parameters
    ----------
    subject, start_us : int
    course : list of (int, int)
        Moment and place of the severity among the rule's, 1 the lowest.
    end_us : int or None
    peak : float or None
    peak_us : int or None
    leaf : int
        Which of the rule's comparisons the peak is of, -1 while none is chosen.
    """

    subject: int
    start_us: int
    course: list[tuple[int, int]]
    end_us: int | None = None
    peak: float | None = None
    peak_us: int | None = None
    leaf: int = -1


@dataclass(slots=True)
class Course:
    """What is known of the alarms of one rule.

    Parameters
    ----------
    mask : (n,) int64
        A bit for each level that holds, the lowest first; the bit after them for the condition that clears.
    quiet_at : (n,) int64
        When the alarm clears by non-recurrence, ``OPEN`` for not.
    lasting : dict of int to Lasting
        By subject, what is active.
    """

    mask: NDArray[np.int64]
    quiet_at: NDArray[np.int64]
    lasting: dict[int, Lasting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that happened to an alarm: ``"raised"``, ``"severity"`` or ``"cleared"``."""

    kind: str
    time_us: int
    alarm: Lasting


@dataclass(frozen=True, slots=True)
class Manner:
    """How a rule's alarms go on and end; see :class:`models.alarms.rule.Clear`."""

    levels: int
    steps_down: bool
    clears_by_condition: bool
    quiet_us: int


def followed(
    course: Course,
    manner: Manner,
    subject: NDArray[np.int32],
    time_us: NDArray[np.int64],
    bit: NDArray[np.int64],
    on: NDArray[np.bool_],
    to_us: int,
) -> list[Turn]:
    """Follow edges, and the clock until ``to_us``; ``course`` is brought up to date.

    Parameters
    ----------
    course : Course
    manner : Manner
    subject, time_us, bit, on : (n,) arrays
        Edges in any order.
    to_us : int
    """
    order = np.lexsort((time_us, subject))
    edges = zip(subject[order].tolist(), time_us[order].tolist(), bit[order].tolist(), on[order].tolist(), strict=True)
    turns: list[Turn] = []
    levels = (1 << manner.levels) - 1
    pending: list[tuple[int, int, int, bool]] = []

    def clear(who: int, when: int) -> None:
        alarm = course.lasting.pop(who)
        alarm.end_us = when
        course.quiet_at[who] = OPEN
        turns.append(Turn("cleared", when, alarm))

    def settle(who: int, when: int, mask: int) -> None:
        if course.quiet_at[who] <= when:
            clear(who, int(course.quiet_at[who]))
        course.mask[who] = mask
        top = (mask & levels).bit_length()
        alarm = course.lasting.get(who)
        if alarm is None:
            if top:
                alarm = course.lasting[who] = Lasting(who, when, [(when, top)])
                turns.append(Turn("raised", when, alarm))
            return
        if top:
            course.quiet_at[who] = OPEN
            held = alarm.course[-1][1]
            if top > held or (top < held and manner.steps_down):
                alarm.course.append((when, top))
                turns.append(Turn("severity", when, alarm))
        elif mask & ~levels or not (manner.clears_by_condition or manner.quiet_us):
            clear(who, when)
        elif manner.quiet_us and course.quiet_at[who] == OPEN:
            course.quiet_at[who] = when + manner.quiet_us

    for edge in edges:
        if pending and pending[0][:2] != edge[:2]:
            settle(*_together(pending, course))
            pending.clear()
        pending.append(edge)
    if pending:
        settle(*_together(pending, course))
    for who in np.flatnonzero(course.quiet_at <= to_us).tolist():
        clear(who, int(course.quiet_at[who]))
    return turns


def _together(edges: list[tuple[int, int, int, bool]], course: Course) -> tuple[int, int, int]:
    """Return subject, moment and mask after the edges of one moment: what ends first, then what begins."""
    who, when = edges[0][:2]
    mask = int(course.mask[who])
    for _, _, bit, on in edges:
        if not on:
            mask &= ~(1 << bit)
    for _, _, bit, on in edges:
        if on:
            mask |= 1 << bit
    return who, when, mask
