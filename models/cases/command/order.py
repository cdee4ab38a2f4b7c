"""Orders (派单): who was sent where and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from models.views.camera import Vector

#: What happens to an order one after the other; the time of each is kept.
STEPS: Final = ("dispatched", "arrived", "done")


@dataclass(frozen=True, slots=True)
class Order:
    """One order.

    Parameters
    ----------
    id : str
        ``"PD-20250718-003"``.
    subject : str
        Id of the case (``taskNum``) or of the alarm that it is about.
    subject_kind : str
        ``"case"``, ``"alarm"`` or ``"place"``.
    resources : tuple of str
        Ids of who and what was sent.
    text : str
        What is to be done.
    at : (E, N, H) or None
        Where, project CRS.
    address : str
    road_m : float or None
        How far the first of the resources had to come by road when the order was made, metres; None where no road led.
    dispatched_us, arrived_us, done_us : int
        When that was, µs since 1970 UTC; 0 for not yet.
    arrive_by_us, done_by_us : int
        Until when it was to be; 0 where nobody set a time.
    sent : str
        How it went out: ``""`` (not yet), ``"paper"``, or the id of the outgoing command.
    """

    id: str
    subject: str
    subject_kind: str
    resources: tuple[str, ...]
    text: str = ""
    at: Vector | None = None
    address: str = ""
    road_m: float | None = None
    dispatched_us: int = 0
    arrived_us: int = 0
    done_us: int = 0
    arrive_by_us: int = 0
    done_by_us: int = 0
    sent: str = ""

    @property
    def step(self) -> str:
        """Return how far it got: one of :data:`STEPS`, empty before it was given out."""
        if self.done_us:
            return "done"
        if self.arrived_us:
            return "arrived"
        return "dispatched" if self.dispatched_us else ""


def next_id(orders: Iterable[Order], day: str) -> str:
    """Return the number of a new order; ``day`` is ``"20250718"``."""
    start = f"PD-{day}-"
    taken = [one.id[len(start) :] for one in orders if one.id.startswith(start)]
    return f"{start}{max((int(text) for text in taken if text.isdigit()), default=0) + 1:03d}"
