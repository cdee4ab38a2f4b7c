"""Playing along time: from moment to moment, within a range, once or again and again.

The clock holds what is shown; a :class:`Player` only says which moment comes next. No timer, no thread.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.readings.batch import DAY_US, HOUR_US, MINUTE_US

#: Steps that a person chooses from, µs.
STEPS_US = (MINUTE_US, 5 * MINUTE_US, 10 * MINUTE_US, 30 * MINUTE_US, HOUR_US, 6 * HOUR_US, DAY_US)
#: Steps a second.
SPEEDS = (1.0, 2.0, 5.0, 10.0, 20.0)


@dataclass(frozen=True, slots=True)
class Player:
    """How time is played.

    Parameters
    ----------
    step_us : int
        From one picture to the next.
    speed : float
        Pictures a second.
    loops : bool
        Whether it begins anew at the end.
    range_us : (int, int) or None
        First and last moment that is played; None for all.
    """

    step_us: int = 10 * MINUTE_US
    speed: float = 5.0
    loops: bool = False
    range_us: tuple[int, int] | None = None

    def within(self, whole_us: tuple[int, int]) -> tuple[int, int]:
        """Return what is played of all that could be: the chosen range as far as it lies in it."""
        if self.range_us is None:
            return whole_us
        first, last = max(self.range_us[0], whole_us[0]), min(self.range_us[1], whole_us[1])
        return (first, last) if first < last else whole_us

    def begin(self, moment_us: int | None, whole_us: tuple[int, int]) -> int:
        """Return where playing begins: here, or at the start where one is at the end, outside or live."""
        first, last = self.within(whole_us)
        return first if moment_us is None or not first <= moment_us < last else moment_us

    def after(self, moment_us: int, whole_us: tuple[int, int]) -> int | None:
        """Return the next moment; None where playing ends. The last moment is shown even where no step falls on it."""
        first, last = self.within(whole_us)
        if moment_us >= last:
            return first if self.loops else None
        return min(moment_us + self.step_us, last)

    def ahead(self, moment_us: int, whole_us: tuple[int, int], count: int) -> list[int]:
        """Return the next moments, at most ``count``."""
        found: list[int] = []
        at: int | None = moment_us
        while len(found) < count and at is not None:
            at = self.after(at, whole_us)
            if at is not None:
                found.append(at)
        return found

    def stepped(self, moment_us: int, steps: int, whole_us: tuple[int, int]) -> int:
        """Return the moment some steps on (or back, for a negative number), on the raster of steps."""
        first, last = self.within(whole_us)
        return min(max(moment_us + steps * self.step_us, first), last)

    def with_range(self, range_us: tuple[int, int] | None) -> Player:
        """Return a player of another range; one that is upside down is turned."""
        if range_us is not None:
            range_us = (min(range_us), max(range_us))
        return replace(self, range_us=range_us)


def step_for(span_us: int) -> int:
    """Return the step with which a span is played in some hundreds of pictures."""
    return next((one for one in STEPS_US if span_us / one <= 400), STEPS_US[-1])
