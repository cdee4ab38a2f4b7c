"""Runs of hydraulic models on the time line: when each plays, no values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from models.readings.batch import SECOND_US


@dataclass(frozen=True, slots=True)
class ShownRun:
    """One run on the time line.

    Parameters
    ----------
    name : str
        Of the model's file.
    start_us : int
        When its clock begins.
    times_s : (n,) float64
        Seconds since then of its steps, ascending.
    """

    name: str
    start_us: int
    times_s: NDArray[np.float64]

    @property
    def span_us(self) -> tuple[int, int]:
        """Return first and last moment."""
        return self.moment_of(0), self.moment_of(len(self.times_s) - 1)

    def moment_of(self, step: int) -> int:
        """Return the moment of a step."""
        return self.start_us + round(float(self.times_s[step]) * SECOND_US)

    def step_at(self, moment_us: int) -> int | None:
        """Return the last step at or before a moment, None for one outside of the run."""
        first, last = self.span_us
        if not first <= moment_us <= last:
            return None
        seconds = (moment_us - self.start_us) / SECOND_US
        return int(np.searchsorted(self.times_s, seconds + 1e-6, side="right")) - 1


class Runs:
    """The runs that stand on the time line, by the path of their model.

    Signals
    -------
    changed : ()
    """

    changed = Signal()

    def __init__(self) -> None:
        self._runs: dict[str, ShownRun] = {}

    def all(self) -> Mapping[str, ShownRun]:
        """Return the runs."""
        return dict(self._runs)

    def put(self, path: str, run: ShownRun) -> None:
        """Put a run on the time line, in the place of an earlier one of the same model."""
        self._runs[path] = run
        self.changed.emit()

    def drop(self, path: str) -> None:
        """Take a run off the time line."""
        if self._runs.pop(path, None) is not None:
            self.changed.emit()
