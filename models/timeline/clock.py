"""The moment that the whole program shows: now, or one in the past or in a simulation.

Invariants
----------
1. There is one clock a session. Whoever shows values in time (3D, panels, charts, legend, sheets) asks it and listens
   to ``changed``; nobody keeps a moment of their own.
2. ``moment_us`` is None while the program shows what is live. Leaving the live view is an explicit act (``go``), coming
   back too (``go_live``).
3. The clock knows no data: who plays it gives it a range and steps.
"""

from __future__ import annotations

from psygnal import Signal


class Clock:
    """The moment that a session shows.

    Signals
    -------
    changed : () the moment is another, or the program shows what is live again
    range_changed : ()
    """

    changed = Signal()
    range_changed = Signal()

    def __init__(self) -> None:
        self._moment_us: int | None = None
        self._range_us: tuple[int, int] | None = None

    @property
    def moment_us(self) -> int | None:
        """Return the moment that is shown (µs since 1970 UTC), None for what is live."""
        return self._moment_us

    @property
    def is_live(self) -> bool:
        """Whether the program shows what is live."""
        return self._moment_us is None

    @property
    def range_us(self) -> tuple[int, int] | None:
        """Return first and last moment that can be gone to, None where nothing has a time."""
        return self._range_us

    def go(self, moment_us: int) -> None:
        """Show a moment; one outside the range is taken to its nearer end."""
        if self._range_us is not None:
            first, last = self._range_us
            moment_us = min(max(moment_us, first), last)
        if moment_us != self._moment_us:
            self._moment_us = moment_us
            self.changed.emit()

    def go_live(self) -> None:
        """Show what is live."""
        if self._moment_us is not None:
            self._moment_us = None
            self.changed.emit()

    def set_range(self, range_us: tuple[int, int] | None) -> None:
        """Say what can be gone to; a moment outside is taken to the nearer end."""
        if range_us == self._range_us:
            return
        self._range_us = range_us
        self.range_changed.emit()
        if self._moment_us is not None and range_us is not None:
            self.go(self._moment_us)
