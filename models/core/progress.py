"""Progress that a person can read and a cancel that is noticed: handed into every long function."""

from __future__ import annotations

import threading
from collections.abc import Callable

from models.core.errors import Cancelled


class Progress:
    """A thread-safe mouthpiece of one long run.

    Parameters
    ----------
    report : callable, optional
        Called with ``(fraction, code)``: fraction in 0…1, or -1 when unknown; code is a word key such as
        ``"progress.reading"``.

    Notes
    -----
    A worker calls :meth:`step` often; it raises :class:`~models.core.errors.Cancelled` once somebody called
    :meth:`cancel`.
    """

    def __init__(self, report: Callable[[float, str], None] | None = None) -> None:
        self._report = report
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked to stop."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask the run to stop at its next step."""
        self._cancelled.set()

    def step(self, fraction: float = -1.0, code: str = "") -> None:
        """Say how far the run is, and stop here if that was asked."""
        if self.cancelled:
            raise Cancelled
        if self._report is not None:
            self._report(fraction, code)

    def part(self, start: float, stop: float) -> Progress:
        """Return a progress whose 0…1 is ``start``…``stop`` of this one; cancel is shared."""

        def report(fraction: float, code: str) -> None:
            if self._report is not None:
                self._report(start + (stop - start) * fraction if fraction >= 0 else -1.0, code)

        part = Progress(report)
        part._cancelled = self._cancelled
        return part
