"""What a rule raised, counted: by severity and facility, how many at once, how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from models.alarms.alarm import Alarm, RuleCounts
from models.alarms.engine import is_storm
from models.alarms.severities import rank

MOST_LISTED = 50


def counted(
    rule: str, alarms: Sequence[Alarm], judged: int, unjudged: int, start_us: int, end_us: int, overrun: bool = False
) -> RuleCounts:
    """Return the counts of one rule.

    Parameters
    ----------
    rule : str
    alarms : sequence of Alarm
        Those of the rule.
    judged, unjudged : int
        Facilities with and without all that the rule reads.
    start_us, end_us : int
    overrun : bool
        Whether the rule was judged no further, since it raised too much.
    """
    times = [(one.start_us, one.end_us, alarm, one) for alarm in alarms for one in alarm.activations]
    starts = np.sort(np.asarray([start for start, *_ in times], np.int64))
    ends = np.sort(np.asarray([end_us if end is None else end for _, end, *_ in times], np.int64))
    # At each start: how many had begun, less how many had ended.
    at_once = int((np.arange(1, len(starts) + 1) - np.searchsorted(ends, starts, side="right")).max(initial=0))
    gravest = Counter(one.gravest for *_, one in times)
    by_facility = Counter({alarm.sensor: len(alarm.activations) for alarm in alarms})
    lasted = [((end_us if end is None else end) - start) / 1e6 for start, end, *_ in times]
    return RuleCounts(
        rule, start_us, end_us, judged, unjudged,
        tuple(sorted(gravest.items(), key=lambda item: -rank(item[0]))),
        tuple(sorted(by_facility.items(), key=lambda item: (-item[1], item[0]))[:MOST_LISTED]),
        len(times), len(alarms), at_once,
        float(np.median(lasted)) if lasted else None, max(lasted) if lasted else None,
        overrun or is_storm(at_once, judged),
    )  # fmt: skip
