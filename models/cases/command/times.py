"""How long orders took against the plan: how long did crews take?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.cases.command.order import Order
from models.readings.batch import MINUTE_US


def times(orders: Sequence[Order], now_us: int) -> pd.DataFrame:
    """Return how long orders took against the plan, a row each.

    Returns
    -------
    DataFrame
        ``id``, ``subject``, ``resources``, ``step``, ``to_arrive_min`` and ``to_do_min`` (from dispatched to arrived,
        from arrived to done), ``total_min``, NaN where a step is not there; ``arrive_late_min``, ``done_late_min``
        (positive: too late; of what is not there yet how late it is by now; NaN while there is time, and where nobody
        set one).
    """
    rows = []
    for one in orders:
        rows.append({
            "id": one.id, "subject": one.subject, "resources": ", ".join(one.resources), "step": one.step,
            "to_arrive_min": _between(one.dispatched_us, one.arrived_us),
            "to_do_min": _between(one.arrived_us, one.done_us),
            "total_min": _between(one.dispatched_us, one.done_us),
            "arrive_late_min": _late(one.arrive_by_us, one.arrived_us, now_us),
            "done_late_min": _late(one.done_by_us, one.done_us, now_us),
        })  # fmt: skip
    columns = ["id", "subject", "resources", "step", "to_arrive_min", "to_do_min", "total_min", "arrive_late_min",
               "done_late_min"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How punctual orders were: numbers with what they are shares of.

    Parameters
    ----------
    orders : int
    arrived, done : int
        Orders of which that is known.
    median_arrive_min, median_do_min : float
        NaN where there is none.
    with_deadline, in_time : int
        Orders that are done or late and had a time set; of these, done in time.
    """

    orders: int
    arrived: int
    done: int
    median_arrive_min: float
    median_do_min: float
    with_deadline: int
    in_time: int


def punctuality(orders: Sequence[Order], now_us: int) -> Punctuality:
    """Return how punctual orders were. An order whose time is not over yet counts on neither side of the share."""
    found = times(orders, now_us)
    judged = found["done_late_min"].notna()
    return Punctuality(
        len(found), int(found["to_arrive_min"].notna().sum()), int(found["to_do_min"].notna().sum()),
        _median(found["to_arrive_min"]), _median(found["to_do_min"]), int(judged.sum()),
        int((judged & (found["done_late_min"] <= 0)).sum()),
    )  # fmt: skip


def _between(start_us: int, end_us: int) -> float:
    return (end_us - start_us) / MINUTE_US if start_us and end_us else float("nan")


def _late(by_us: int, at_us: int, now_us: int) -> float:
    if not by_us or (not at_us and now_us <= by_us):
        return float("nan")
    return ((at_us or now_us) - by_us) / MINUTE_US


def _median(values: pd.Series) -> float:
    known = values.dropna().to_numpy(np.float64)
    return float(np.median(known)) if len(known) else float("nan")
