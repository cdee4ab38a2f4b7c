"""What stands on the time line: the span of the readings, rain, alarms, cases, runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.usecases.timeline.at_hand import alarm_events, case_events, readings_at_hand
from models.core.progress import Progress
from models.readings.access import ReadingAccess
from models.readings.batch import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Quality
from models.timeline.events import OPEN_US, Band, Events, Line

if TYPE_CHECKING:
    from app.session import Session

#: Quantities that say how much it rained since the last reading.
RAIN = ("rainfall", "rain")
#: So many readings of rain are added up; a longer span is shown without rain, never with a part of it.
MOST_RAIN = 3_000_000
_RAIN_STEPS_US = (10 * MINUTE_US, 30 * MINUTE_US, HOUR_US, 6 * HOUR_US, DAY_US)


def line_of(session: Session) -> Callable[[Progress], Line]:
    """Return work that gathers what stands on the time line now."""
    at_hand = readings_at_hand(session)
    gather = (alarm_events(session), case_events(session))
    runs = session.runs.all()

    def work(progress: Progress) -> Line:
        progress.step()
        access = None if at_hand is None else at_hand.access
        span = None if access is None else access.span()
        happened = tuple(found for one in gather if len(found := one()))
        bands = tuple(Band("run", *run.span_us, run.name) for run in runs.values())
        whole = _whole(span, happened, bands)
        progress.step()
        rain = (np.empty(0, np.int64), np.empty(0)) if access is None or span is None else rain_steps(access, span)
        return Line(whole, happened, bands, *rain)

    return work


def _whole(span: tuple[int, int] | None, happened: Iterable[Events], bands: Iterable[Band]) -> tuple[int, int] | None:
    """Return what can be gone to: where something was measured, judged or simulated; cases alone make no line."""
    ends = list(span or ())
    for found in (one for one in happened if one.kind != "case"):
        closed = found.end_us[found.end_us != OPEN_US]
        ends += [int(found.start_us.min()), int(found.start_us.max()), *([int(closed.max())] if len(closed) else [])]
    for band in bands:
        ends += [band.start_us, band.end_us]
    if not ends:
        return None
    first, last = min(ends), max(ends)
    return (first, last) if last > first else (first - 30 * MINUTE_US, last + 30 * MINUTE_US)


def rain_steps(access: ReadingAccess, span_us: tuple[int, int]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return beginnings of equal steps and the rain of each, the mean of the gauges that reported in it (mm).

    Parameters
    ----------
    access : ReadingAccess
    span_us : (int, int)

    Returns
    -------
    ndarray, ndarray
        Empty where nothing measures rain, or too much does; NaN in a step in which no gauge reported.
    """
    gauges = [one for one in access.channels() if one.quantity in RAIN and one.unit in ("mm", "")]
    seconds = (span_us[1] - span_us[0]) / SECOND_US
    expected = sum(seconds / (one.period_s or 300.0) for one in gauges)
    if not gauges or expected > MOST_RAIN:
        return np.empty(0, np.int64), np.empty(0)
    step = next((one for one in _RAIN_STEPS_US if (span_us[1] - span_us[0]) / one <= 1000), DAY_US)
    found = access.series([one.id for one in gauges], span_us[0], span_us[1] + 1)
    found = found.taken((found.quality & int(Quality.BAD)) == 0)
    first = span_us[0] // step
    count = int(span_us[1] // step - first) + 1
    if not len(found) or count > MOST_RAIN:
        return np.empty(0, np.int64), np.empty(0)
    at = found.time_us // step - first
    total = np.bincount(at, weights=found.value, minlength=count)
    pairs = np.unique(at * (int(found.channel.max()) + 1) + found.channel)
    reported = np.bincount(pairs // (int(found.channel.max()) + 1), minlength=count)
    depth = np.divide(total, reported, out=np.full(count, np.nan), where=reported > 0)
    return (np.arange(count, dtype=np.int64) + first) * step, depth
