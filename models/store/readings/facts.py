"""What a store tells of itself and of what it was given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a batch.

    Parameters
    ----------
    added, same, corrected, late, implausible, clock : int
        New readings; those that were there already; those that took another's place; of all that came in, how many were
        late, can be no measurement, or have the time of a wrong clock.
    """

    added: int = 0
    same: int = 0
    corrected: int = 0
    late: int = 0
    implausible: int = 0
    clock: int = 0

    def __add__(self, other: Appended) -> Appended:
        """Return both together."""
        return Appended(
            self.added + other.added, self.same + other.same, self.corrected + other.corrected, self.late + other.late,
            self.implausible + other.implausible, self.clock + other.clock,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """What a store holds of channels, as arrays of one length.

    Parameters
    ----------
    channel, count, flagged : arrays
        Readings, and how many of them carry a flag.
    first_us, last_us : arrays
    last_value : array
    last_quality : array
    days : array
        Days (UTC) with readings.
    """

    channel: NDArray[np.int32]
    count: NDArray[np.int64]
    flagged: NDArray[np.int64]
    first_us: NDArray[np.int64]
    last_us: NDArray[np.int64]
    last_value: NDArray[np.float64]
    last_quality: NDArray[np.uint8]
    days: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Steps:
    """Readings thinned to equal steps: no readings, and shown as what they are.

    Parameters
    ----------
    channel, start_us, step_us : arrays
    count, good : arrays
        Readings of the step, and how many of them were not bad: only those are in the figures.
    least, greatest, mean : arrays
        NaN where none was good.
    """

    channel: NDArray[np.int32]
    start_us: NDArray[np.int64]
    step_us: NDArray[np.int64]
    count: NDArray[np.int64]
    good: NDArray[np.int64]
    least: NDArray[np.float64]
    greatest: NDArray[np.float64]
    mean: NDArray[np.float64]
