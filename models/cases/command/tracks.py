"""Where terminals were: positions along time, the last one of each at a moment, and how old it is.

Invariants
----------
1. A position that was not sent is none: between two fixes nothing is interpolated, a terminal stands where it was heard
   last and says how long ago that is.
2. Times are µs since 1970 UTC, places metres in the project's CRS.
3. A fix of the same terminal and moment replaces the one before; the order in which they come makes no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from models.readings.batch import MINUTE_US

#: A fix older than this is shown grey (our rule: terminals report every 10 to 60 s, and a van may stand in a tunnel).
OLD_US: Final = 10 * MINUTE_US
#: Two fixes nearer than this tell no direction: a standing receiver wanders by as much, metres.
STILL_M: Final = 5.0
#: So many fixes are held; the oldest go first (about 100 terminals at 30 s for a month).
MOST: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Fixes:
    """Positions, a row each; the arrays have one length.

    Parameters
    ----------
    terminal : (n,) str
    time_us : (n,) int64
    x, y : (n,) float64
        Project CRS, metres.
    heading_deg : (n,) float64
        Direction of travel, clockwise from north; NaN where the source does not say.
    """

    terminal: NDArray[np.str_]
    time_us: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    heading_deg: NDArray[np.float64]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.time_us)

    def taken(self, rows: NDArray[np.intp] | NDArray[np.bool_] | slice) -> Fixes:
        """Return some of the rows."""
        return Fixes(self.terminal[rows], self.time_us[rows], self.x[rows], self.y[rows], self.heading_deg[rows])


def fixes(
    terminal: Sequence[str] | NDArray[np.str_],
    time_us: Sequence[int] | NDArray[np.int64],
    x: Sequence[float] | NDArray[np.float64],
    y: Sequence[float] | NDArray[np.float64],
    heading_deg: Sequence[float] | NDArray[np.float64] | None = None,
) -> Fixes:
    """Return positions given by column; those without a place are left out."""
    east, north = np.asarray(x, np.float64), np.asarray(y, np.float64)
    heading = np.full(len(east), np.nan) if heading_deg is None else np.asarray(heading_deg, np.float64)
    made = Fixes(np.asarray(terminal, dtype=str), np.asarray(time_us, np.int64), east, north, heading)
    if not len(made.terminal) == len(made) == len(east) == len(north) == len(heading):
        raise ValueError("the columns of positions differ in length")
    return made.taken(np.isfinite(east) & np.isfinite(north))


@dataclass(frozen=True, slots=True)
class Position:
    """Where a terminal was heard last at a moment.

    Parameters
    ----------
    terminal : str
    time_us : int
    x, y : float
    heading_deg : float
        As the source says, else from the place before; NaN where it stands or nobody knows.
    age_us : int
        How long ago that is at the moment that was asked for.
    """

    terminal: str
    time_us: int
    x: float
    y: float
    heading_deg: float
    age_us: int

    @property
    def is_old(self) -> bool:
        """Whether it may be somewhere else by now (:data:`OLD_US`)."""
        return self.age_us > OLD_US


class Tracks:
    """The tracks of one session.

    Signals
    -------
    changed : ()
    """

    changed = Signal()

    def __init__(self) -> None:
        self._fixes = fixes((), (), (), ())

    def __len__(self) -> int:
        """Return how many positions are held."""
        return len(self._fixes)

    @property
    def terminals(self) -> tuple[str, ...]:
        """Return the terminals that were heard of."""
        return tuple(np.unique(self._fixes.terminal).tolist())

    @property
    def span_us(self) -> tuple[int, int] | None:
        """Return the first and the last time, None where nothing was heard."""
        times = self._fixes.time_us
        return (int(times.min()), int(times.max())) if len(times) else None

    def add(self, more: Fixes) -> None:
        """Take over positions."""
        if not len(more):
            return
        held = self._fixes
        both = Fixes(
            np.concatenate([held.terminal, more.terminal]), np.concatenate([held.time_us, more.time_us]),
            np.concatenate([held.x, more.x]), np.concatenate([held.y, more.y]),
            np.concatenate([held.heading_deg, more.heading_deg]),
        )  # fmt: skip
        order = np.lexsort((np.arange(len(both)), both.time_us, both.terminal))
        both = both.taken(order)
        last = np.append((both.terminal[1:] != both.terminal[:-1]) | (both.time_us[1:] != both.time_us[:-1]), True)
        both = both.taken(last)
        if len(both) > MOST:
            both = both.taken(both.time_us > np.partition(both.time_us, len(both) - MOST)[len(both) - MOST])
        self._fixes = both
        self.changed.emit()

    def clear(self) -> None:
        """Forget all, as another project opens."""
        if len(self._fixes):
            self._fixes = fixes((), (), (), ())
            self.changed.emit()

    def at(self, moment_us: int) -> dict[str, Position]:
        """Return where each terminal was heard last at or before a moment; one not heard yet is not among them."""
        known = self._fixes.taken(self._fixes.time_us <= moment_us)
        if not len(known):
            return {}
        last = np.flatnonzero(np.append(known.terminal[1:] != known.terminal[:-1], True))
        before = np.maximum(last - 1, 0)
        east, north = known.x[last] - known.x[before], known.y[last] - known.y[before]
        goes = (before < last) & (known.terminal[before] == known.terminal[last]) & (np.hypot(east, north) > STILL_M)
        heading = np.where(goes, np.degrees(np.arctan2(east, north)) % 360.0, np.nan)
        heading = np.where(np.isfinite(known.heading_deg[last]), known.heading_deg[last] % 360.0, heading)
        return {
            str(known.terminal[row]): Position(
                str(known.terminal[row]), int(known.time_us[row]), float(known.x[row]), float(known.y[row]),
                float(heading[at]), int(moment_us - known.time_us[row]),
            )
            for at, row in enumerate(last.tolist())
        }  # fmt: skip

    def way_of(self, terminal: str, start_us: int, end_us: int) -> NDArray[np.float64]:
        """Return the places of one terminal in a span, ``start_us`` ≤ time ≤ ``end_us``, shape (n, 2)."""
        held = self._fixes
        rows = (held.terminal == terminal) & (held.time_us >= start_us) & (held.time_us <= end_us)
        return np.column_stack([held.x[rows], held.y[rows]])
